import type { Form, FormSection } from './form.ts'
import { mayBeLeftOut } from './form-json-schema.ts'
import { type FormTreeNode, formTree, type GroupNode } from './form-tree.ts'
import type { JsonObject } from './json.ts'

/**
 * How to draw what `formJsonSchema` describes, in the format of react-jsonschema-form: order, widgets, placeholders. What it has
 * no word for is said by class names: `section-<id>` of the fields that belong to a section, and `advanced`.
 */
export function formUiSchema(form: Form): JsonObject {
  const { root, sections } = formTree(form)
  return root.kind === 'group' ? groupUi(root, sections) : uiOf(root, null)
}

function uiOf(node: FormTreeNode, parent: FormTreeNode | null): JsonObject {
  return { ...commonUi(node, parent), ...contentUi(node) }
}

/** Marks are inherited, and drawn where they begin. */
function commonUi(node: FormTreeNode, parent: FormTreeNode | null): JsonObject {
  const classes = [
    node.section !== null && node.section !== parent?.section && `section-${node.section}`,
    node.advanced && !parent?.advanced && 'advanced',
  ].filter(name => name !== false)
  return {
    ...(classes.length > 0 && { 'ui:classNames': classes.join(' ') }),
    ...(node.placeholder !== null && { 'ui:placeholder': node.placeholder }),
  }
}

/** What is chosen by its title needs it no second time. */
const untitled = { 'ui:options': { label: false } }

function contentUi(node: FormTreeNode): JsonObject {
  switch (node.kind) {
    case 'text':
      return node.multiline ? { 'ui:widget': 'textarea' } : {}
    case 'secret':
      // A browser must not fill in the password that it keeps for this page.
      return { 'ui:widget': node.multiline ? 'textarea' : 'password', 'ui:autocomplete': 'new-password' }
    case 'list':
      return { items: uiOf(node.item, node) }
    case 'group':
      return mayBeLeftOut(node) ? { anyOf: [{}, { ...untitled, ...groupUi(node) }] } : groupUi(node)
    case 'alternatives': {
      const options = [...node.alternatives.values()].map(group => ({
        ...untitled,
        [group.key]: group.fields.size === 0 ? { 'ui:widget': 'hidden' } : { ...untitled, ...groupUi(group) },
      }))
      return { oneOf: mayBeLeftOut(node) ? [{}, ...options] : options }
    }
    default:
      return {}
  }
}

function groupUi(node: GroupNode, sections: readonly FormSection[] = []): JsonObject {
  const rank = ({ section }: FormTreeNode) => sections.findIndex(({ id }) => id === section)
  const fields = [...node.fields.values()].sort((a, b) => rank(a) - rank(b))
  return {
    'ui:order': fields.map(({ key }) => key),
    ...Object.fromEntries(fields.map(field => [field.key, uiOf(field, node)])),
  }
}
