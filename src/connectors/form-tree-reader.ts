import { z } from 'zod'
import { type FieldMeta, type Form, type FormNode, formNode } from './form.ts'
import { conditionRefusal } from './form-condition-checks.ts'
import { constraintsOf, isIntegerSchema } from './form-constraints.ts'
import type { AlternativesNode, FormTreeNode, GroupNode, ListNode, NodeBase } from './form-tree.ts'
import { holdsSecrets } from './form-tree-walk.ts'
import type { JsonValue } from './json.ts'

/** A form uses something that the generators do not know. The message names the field. */
export class UnsupportedFormError extends Error {
  readonly path: string
  readonly reason: string

  constructor(path: string, reason: string, typeName?: string) {
    super(`${typeName ? `${typeName}: form` : 'Form'} field "${path || '(root)'}": ${reason}.`)
    this.name = 'UnsupportedFormError'
    this.path = path
    this.reason = reason
  }
}

/** Reads a form's zod schema and metadata into plain data. @throws UnsupportedFormError */
export function readForm(form: Form): GroupNode | AlternativesNode {
  const root = readNode(
    form.schema,
    { path: '', key: '', section: null, destination: false, advanced: false },
    { label: 'Form' },
  )
  if (root.kind !== 'group' && root.kind !== 'alternatives') throw new UnsupportedFormError('', 'must be an object')
  assertUnconditional(root)
  return root
}

interface Place {
  readonly path: string
  readonly key: string
  readonly section: string | null
  readonly destination: boolean
  readonly advanced: boolean
}

const below = (place: Place | NodeBase, key: string): Place => ({
  path: place.path === '' ? key : `${place.path}.${key}`,
  key,
  section: place.section,
  destination: place.destination,
  advanced: place.advanced,
})

interface Unwrapped {
  readonly core: z.core.$ZodTypes
  readonly required: boolean
  readonly defaultValue: JsonValue | undefined
}

function unwrap(schema: z.core.$ZodType): Unwrapped {
  const definition = (schema as z.core.$ZodTypes)._zod.def
  switch (definition.type) {
    case 'optional':
      return { ...unwrap(definition.innerType), required: false }
    case 'default':
    case 'prefault':
      // Whether it is a valid value is a matter for tests: parsing every default would slow down every start.
      return {
        core: unwrap(definition.innerType).core,
        required: false,
        defaultValue: definition.defaultValue as JsonValue,
      }
    default:
      return { core: schema as z.core.$ZodTypes, required: true, defaultValue: undefined }
  }
}

/** The schema that a value meets first, behind transforms: what clients must send. */
function inputOf(core: z.core.$ZodTypes): z.core.$ZodTypes {
  const definition = core._zod.def
  if (definition.type !== 'pipe') return core
  const input = definition.in as z.core.$ZodTypes
  return inputOf(input._zod.def.type === 'transform' ? (definition.out as z.core.$ZodTypes) : input)
}

function readNode(schema: z.core.$ZodType, place: Place, fallback?: FieldMeta): FormTreeNode {
  const { core, required, defaultValue } = unwrap(schema)
  const own = formNode(core)
  // `field(tlsBlock.prefault({}), { label })` gives a shared block another label.
  const outer = formNode(schema)
  const meta: FieldMeta | undefined = own || outer ? { label: '', ...own, ...outer } : fallback
  if (!meta) throw new UnsupportedFormError(place.path, 'has no label: wrap it in field() after everything else')
  const standIn = meta.liveOptions?.standIn
  if (standIn !== undefined && !z.safeParse(schema, standIn).success) {
    throw new UnsupportedFormError(place.path, 'its standIn is no value that it can have')
  }
  const base: NodeBase = {
    key: place.key,
    path: place.path,
    required,
    defaultValue,
    label: meta.label,
    help: meta.help ?? null,
    placeholder: meta.placeholder ?? null,
    section: meta.section ?? place.section,
    destination: place.destination || meta.destination === true,
    advanced: place.advanced || meta.advanced === true,
    liveOptions: meta.liveOptions ?? null,
    visibleWhen: meta.visibleWhen ?? null,
    requiredWhen: meta.requiredWhen ?? null,
  }
  switch (own?.kind) {
    case 'secret':
      return readSecret(own, base)
    case 'choice':
      return { ...base, kind: 'choice', choices: checkedChoices(own.choices, base), typeName: own.typeName }
    case 'alternatives':
      return readAlternatives(own, base)
    default:
      return readPlain(core, base, own, meta)
  }
}

function readPlain(core: z.core.$ZodTypes, base: NodeBase, own: FormNode | undefined, meta: FieldMeta): FormTreeNode {
  const input = inputOf(core)
  const definition = input._zod.def
  switch (definition.type) {
    case 'string':
      return { ...base, ...readConstraints(input, base), kind: 'text', multiline: meta.multiline === true }
    case 'number':
      return { ...base, ...readConstraints(input, base), kind: isIntegerSchema(input) ? 'integer' : 'number' }
    case 'boolean':
      return { ...base, kind: 'boolean' }
    case 'array':
      if (input !== core) break
      return readList(definition.element, { ...base, ...readConstraints(input, base) })
    case 'object':
      if (base.path !== '' && formNode(core)?.kind !== 'block') {
        throw new UnsupportedFormError(base.path, 'is a plain object: declare it with block()')
      }
      if (Object.keys(definition.shape).length === 0) throw new UnsupportedFormError(base.path, 'has no fields')
      return {
        ...base,
        kind: 'group',
        fields: readFields(definition.shape, base),
        typeName: own?.kind === 'block' ? own.typeName : null,
        typeWords: wordsOf(own ?? meta),
      }
  }
  throw new UnsupportedFormError(base.path, `the zod type "${core._zod.def.type}" is not supported`)
}

const wordsOf = ({ label, help }: Pick<FieldMeta, 'label' | 'help'>) => ({ label, help: help ?? null })

function readConstraints(schema: z.core.$ZodTypes, base: NodeBase) {
  try {
    return constraintsOf(schema)
  } catch (error) {
    throw new UnsupportedFormError(base.path, (error as Error).message)
  }
}

function readSecret(own: FormNode & { kind: 'secret' }, base: NodeBase): FormTreeNode {
  const inner = unwrap(own.inner)
  const input = inputOf(inner.core)
  if (input._zod.def.type !== 'string') throw new UnsupportedFormError(base.path, 'a secret must be text')
  if (base.defaultValue !== undefined || inner.defaultValue !== undefined) {
    throw new UnsupportedFormError(base.path, 'a secret cannot have a default')
  }
  return {
    ...base,
    ...readConstraints(input, base),
    kind: 'secret',
    required: base.required && inner.required,
    multiline: own.multiline === true,
    secretWhen: own.secretWhen ?? null,
  }
}

function readList(element: z.core.$ZodType, base: Omit<ListNode, 'kind' | 'item' | 'isKeyed'>): ListNode {
  // Items are no destinations of their own when the list is not: the mark is inherited like everywhere else.
  const item = readNode(element, below(base, '*'), { label: base.label })
  if (!item.required) throw new UnsupportedFormError(item.path, 'items of a list are always required')
  assertUnconditional(item)
  if (item.kind === 'list' || item.kind === 'alternatives' || item.kind === 'secret') {
    throw new UnsupportedFormError(item.path, `wrap it in block(): a list cannot hold ${item.kind} items`)
  }
  const isKeyed = item.kind === 'group' && holdsSecrets(item)
  const name = item.kind === 'group' ? item.fields.get('name') : undefined
  if (isKeyed && !(name?.kind === 'text' && name.required)) {
    throw new UnsupportedFormError(item.path, 'items that hold secrets need a required text field "name"')
  }
  return { ...base, kind: 'list', item, isKeyed }
}

function assertUnconditional({ path, visibleWhen, requiredWhen }: NodeBase): void {
  if (visibleWhen || requiredWhen) throw new UnsupportedFormError(path, 'has no fields beside it to depend on')
}

function readFields(shape: z.core.$ZodShape, base: NodeBase): ReadonlyMap<string, FormTreeNode> {
  const fields = new Map(
    Object.entries(shape).map(([key, schema]) => [key, readNode(schema, below(base, checkedKey(key, base)))]),
  )
  for (const field of fields.values()) {
    const refusal = conditionRefusal(field, fields)
    if (refusal !== null) throw new UnsupportedFormError(field.path, refusal)
    if (field.kind !== 'secret' || field.secretWhen === null) continue
    const flag = fields.get(field.secretWhen)
    // An absent flag would leave open whether the value may be shown.
    if (flag?.kind !== 'boolean' || (!flag.required && flag.defaultValue === undefined)) {
      throw new UnsupportedFormError(
        field.path,
        'secretWhen must name a boolean sibling that is required or has a default',
      )
    }
  }
  return fields
}

function readAlternatives(own: FormNode & { kind: 'alternatives' }, base: NodeBase): AlternativesNode {
  const groups = Object.entries(own.alternatives).map(([key, option]): [string, GroupNode] => {
    if (key === 'kind') throw new UnsupportedFormError(base.path, '"kind" is taken: no alternative can have that name')
    const group: NodeBase = {
      ...base,
      ...below(base, checkedKey(key, base)),
      required: false,
      defaultValue: undefined,
      label: option.label,
      help: option.help ?? null,
      placeholder: null,
      liveOptions: null,
      visibleWhen: null,
      requiredWhen: null,
    }
    const fields = readFields(option.fields, group)
    return [key, { ...group, kind: 'group', fields, typeName: null, typeWords: wordsOf(option) }]
  })
  return { ...base, kind: 'alternatives', alternatives: new Map(groups), typeName: own.typeName }
}

function checkedKey(key: string, base: NodeBase): string {
  if (/^[a-z][a-zA-Z0-9]*$/.test(key)) return key
  throw new UnsupportedFormError(below(base, key).path, 'names are camelCase letters and digits')
}

function checkedChoices<C extends object>(choices: C, base: NodeBase): C {
  const wrong = Object.keys(choices).find(value => !/^[A-Z][A-Z0-9_]*$/.test(value))
  if (wrong === undefined) return choices
  throw new UnsupportedFormError(base.path, `the choice "${wrong}" must be in SCREAMING_CASE`)
}
