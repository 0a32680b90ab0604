import type { Choices, FieldCondition, Form, FormSection, LiveOptions } from './form.ts'
import type { Constraints } from './form-constraints.ts'
import { liveOptionsRefusal } from './form-live-options-checks.ts'
import { readForm, UnsupportedFormError } from './form-tree-reader.ts'
import { walkNodes } from './form-tree-walk.ts'
import type { JsonValue } from './json.ts'

/**
 * A form as plain data: what every generator reads instead of zod. Building it is also the check that a form uses
 * only what all generators understand.
 */
export interface FormTree {
  readonly sections: readonly FormSection[]
  readonly root: GroupNode | AlternativesNode
}

/** What every node has. */
export interface NodeBase {
  /** The key in the group that holds it; `*` for the items of a list, empty for the root. */
  readonly key: string
  /** From the form's root: `headers.*.value`. */
  readonly path: string
  /** Whether it must be given when the group that holds it is given. */
  readonly required: boolean
  /** As a client would write it; undefined where there is none. */
  readonly defaultValue: JsonValue | undefined
  readonly label: string
  readonly help: string | null
  readonly placeholder: string | null
  readonly section: string | null
  /** Its own mark or that of a group around it. */
  readonly destination: boolean
  /** Its own mark or that of a group around it. */
  readonly advanced: boolean
  /** How its values can be listed from the source; null where they cannot. */
  readonly liveOptions: LiveOptions | null
  /** On a field of the same group; null for always. */
  readonly visibleWhen: FieldCondition | null
  /** Null for a field that is always or never required. */
  readonly requiredWhen: FieldCondition | null
}

export interface TextNode extends NodeBase, Constraints {
  readonly kind: 'text'
  readonly multiline: boolean
}
export interface SecretNode extends NodeBase, Constraints {
  readonly kind: 'secret'
  readonly multiline: boolean
  /** Key of the boolean sibling that makes the value secret; null where it always is. */
  readonly secretWhen: string | null
}
export interface NumberNode extends NodeBase, Constraints {
  readonly kind: 'integer' | 'number'
}
export interface BooleanNode extends NodeBase {
  readonly kind: 'boolean'
}
export interface ChoiceNode extends NodeBase {
  readonly kind: 'choice'
  readonly choices: Choices
  readonly typeName: string | null
}
export interface ListNode extends NodeBase, Constraints {
  readonly kind: 'list'
  readonly item: FormTreeNode
  /** Items hold secrets, so they are told apart by their `name`, which is unique. */
  readonly isKeyed: boolean
}
export interface GroupNode extends NodeBase {
  readonly kind: 'group'
  readonly fields: ReadonlyMap<string, FormTreeNode>
  readonly typeName: string | null
  /** What the group is whatever its place calls it: its types' words, where several fields share them. */
  readonly typeWords: { readonly label: string; readonly help: string | null }
}
export interface AlternativesNode extends NodeBase {
  readonly kind: 'alternatives'
  /** A group without fields is given as `true`. */
  readonly alternatives: ReadonlyMap<string, GroupNode>
  readonly typeName: string | null
}

export type FormTreeNode =
  | TextNode
  | SecretNode
  | NumberNode
  | BooleanNode
  | ChoiceNode
  | ListNode
  | GroupNode
  | AlternativesNode

const trees = new WeakMap<Form, FormTree>()

/** The tree of a form, built once. @throws UnsupportedFormError */
export function formTree(form: Form): FormTree {
  let tree = trees.get(form)
  if (!tree) {
    tree = { sections: form.sections, root: readForm(form) }
    trees.set(form, tree)
  }
  return tree
}

const sentence = /[.!?]$/

/**
 * Checks at start that every generator understands the form of a type, and that its words are written as they will
 * be shown: help ends with a full stop, a label does not.
 *
 * @throws UnsupportedFormError naming the type and the field
 */
export function assertFormSupported(form: Form, typeName: string): void {
  try {
    const nodes = [...walkNodes(formTree(form).root)]
    const paths = new Set(nodes.map(node => node.path))
    for (const node of nodes) {
      const words = node.kind === 'choice' ? [node, ...Object.values(node.choices)] : [node]
      for (const { label, help } of words) {
        if (label.endsWith('.')) throw new UnsupportedFormError(node.path, `the label "${label}" ends with a full stop`)
        if (help && !sentence.test(help)) throw new UnsupportedFormError(node.path, `the help "${help}" is no sentence`)
      }
      if (node.section !== null && !form.sections.some(section => section.id === node.section)) {
        throw new UnsupportedFormError(node.path, `there is no section "${node.section}"`)
      }
      const refusal = liveOptionsRefusal(node, paths)
      if (refusal !== null) throw new UnsupportedFormError(node.path, refusal)
    }
  } catch (error) {
    if (!(error instanceof UnsupportedFormError)) throw error
    throw new UnsupportedFormError(error.path, error.reason, typeName)
  }
}
