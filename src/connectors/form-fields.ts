import type { FieldCondition, Form } from './form.ts'
import type { Constraints } from './form-constraints.ts'
import { type FormTreeNode, formTree } from './form-tree.ts'
import type { JsonValue } from './json.ts'

export type FormFieldKind =
  | 'TEXT'
  | 'MULTILINE_TEXT'
  | 'INTEGER'
  | 'NUMBER'
  | 'BOOLEAN'
  | 'CHOICE'
  | 'LIST'
  | 'GROUP'
  | 'ALTERNATIVES'

export interface FormFieldOption {
  /** A choice's value, or the key of an alternative. */
  readonly value: string
  readonly label: string
  readonly help: string | null
}

/**
 * A condition on another field, in one of three ways. Its value is for alternatives the key of the chosen one; an absent
 * field has its default.
 */
export interface FormFieldCondition {
  readonly path: string
  readonly equals: JsonValue | null
  readonly oneOf: readonly JsonValue[] | null
  readonly isSet: boolean | null
}

/** One field as a client draws it. List items are described under the path `list.*`. */
export interface FormFieldDescription {
  readonly path: string
  readonly label: string
  readonly help: string | null
  readonly placeholder: string | null
  readonly section: string | null
  /** Position in drawing order, from 0. */
  readonly order: number
  readonly kind: FormFieldKind
  /** Whether it must be given when the group that holds it is given. */
  readonly required: boolean
  readonly defaultValue: JsonValue | null
  readonly isSecret: boolean
  /** The boolean field that decides whether this value is secret; null where it always (or never) is. */
  readonly secretWhen: FormFieldCondition | null
  readonly isDestination: boolean
  readonly isAdvanced: boolean
  /** Of choices and alternatives. An alternative without fields of its own is given as `true`. */
  readonly options: readonly FormFieldOption[]
  /** Characters of a text, items of a list. */
  readonly minLength: number | null
  readonly maxLength: number | null
  readonly minimum: number | null
  readonly maximum: number | null
  /** Regular expression of ECMAScript, without flags. */
  readonly pattern: string | null
  /** All must hold, those of the groups and alternatives that hold the field among them; empty for always. */
  readonly visibleWhen: readonly FormFieldCondition[]
  /** When it must be given although it is not `required`; null for never. */
  readonly requiredWhen: FormFieldCondition | null
  /** How its values can be listed from the source; null where they cannot. */
  readonly liveOptions: FormFieldLiveOptions | null
}

export interface FormFieldLiveOptions {
  /** Paths of what must be filled in first, beside required fields. */
  readonly needs: readonly string[]
}

/**
 * The fields of a form in drawing order: by section, within it as declared, each group before its fields. The fields
 * of a form whose root is a choice follow a field with the empty path.
 */
export function formFields(form: Form): readonly FormFieldDescription[] {
  const { root, sections } = formTree(form)
  // What belongs to no section comes first.
  const rank = (field: { section: string | null }) => sections.findIndex(section => section.id === field.section)
  const described =
    root.kind === 'group' ? [...root.fields.values()].flatMap(field => describe(field, [])) : describe(root, [])
  return described.sort((a, b) => rank(a) - rank(b)).map((field, order) => ({ ...field, order }))
}

type Unordered = Omit<FormFieldDescription, 'order'>

type Conditions = readonly FormFieldCondition[]

function describe(node: FormTreeNode, outer: Conditions, parentPath = ''): Unordered[] {
  const visibleWhen = node.visibleWhen ? [...outer, conditionOn(node.visibleWhen, parentPath)] : outer
  const field: Unordered = {
    path: node.path,
    label: node.label,
    help: node.help,
    placeholder: node.placeholder,
    section: node.section,
    kind: kindOf(node),
    required: node.required,
    defaultValue: node.defaultValue ?? null,
    isSecret: node.kind === 'secret',
    secretWhen:
      node.kind === 'secret' && node.secretWhen !== null
        ? conditionOn({ field: node.secretWhen, equals: true }, parentPath)
        : null,
    isDestination: node.destination,
    isAdvanced: node.advanced,
    options: optionsOf(node),
    ...constraintsIn(node),
    visibleWhen,
    requiredWhen: node.requiredWhen ? conditionOn(node.requiredWhen, parentPath) : null,
    // A stand-in is nobody's business.
    liveOptions: node.liveOptions && { needs: node.liveOptions.needs ?? [] },
  }
  return [field, ...describeChildren(node, visibleWhen)]
}

function describeChildren(node: FormTreeNode, visibleWhen: Conditions): Unordered[] {
  switch (node.kind) {
    case 'group':
      return [...node.fields.values()].flatMap(field => describe(field, visibleWhen, node.path))
    case 'alternatives':
      // The alternatives themselves are the options: only what they hold are fields.
      return [...node.alternatives.values()].flatMap(group =>
        describeChildren(group, [...visibleWhen, { ...noCondition, path: node.path, equals: group.key }]),
      )
    case 'list':
      return describe(node.item, visibleWhen, node.path)
    default:
      return []
  }
}

const noCondition = { equals: null, oneOf: null, isSet: null }

const conditionOn = ({ field, ...condition }: FieldCondition, parentPath: string): FormFieldCondition => ({
  ...noCondition,
  path: parentPath === '' ? field : `${parentPath}.${field}`,
  ...condition,
})

function kindOf(node: FormTreeNode): FormFieldKind {
  switch (node.kind) {
    case 'text':
    case 'secret':
      return node.multiline ? 'MULTILINE_TEXT' : 'TEXT'
    case 'integer':
      return 'INTEGER'
    case 'number':
      return 'NUMBER'
    case 'boolean':
      return 'BOOLEAN'
    case 'choice':
      return 'CHOICE'
    case 'list':
      return 'LIST'
    case 'group':
      return 'GROUP'
    case 'alternatives':
      return 'ALTERNATIVES'
  }
}

function optionsOf(node: FormTreeNode): readonly FormFieldOption[] {
  if (node.kind === 'choice') return Object.entries(node.choices).map(([value, option]) => ({ value, ...option }))
  if (node.kind !== 'alternatives') return []
  return [...node.alternatives.values()].map(({ key, label, help }) => ({ value: key, label, help }))
}

function constraintsIn(node: FormTreeNode): Constraints {
  if (!('minLength' in node)) return { minLength: null, maxLength: null, minimum: null, maximum: null, pattern: null }
  const { minLength, maxLength, minimum, maximum, pattern } = node
  return { minLength, maxLength, minimum, maximum, pattern }
}
