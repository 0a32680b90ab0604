import fc from 'fast-check'
import { z } from 'zod'
import {
  alternatives,
  block,
  choice,
  defineForm,
  type FieldCondition,
  type FieldMeta,
  type Form,
  field,
  secret,
} from '../../src/connectors/form.ts'

/** A form with each kind of condition, for examples. */
export const conditionalForm = defineForm({
  fields: {
    method: choice(
      {
        GET: { label: 'Read', help: 'Reads.' },
        POST: { label: 'Ask', help: 'Asks.' },
        HEAD: { label: 'Look', help: 'Looks.' },
      },
      { label: 'Method' },
    ).default('GET'),
    body: field(z.string().min(1).optional(), {
      label: 'Body',
      visibleWhen: { field: 'method', equals: 'POST' },
      requiredWhen: { field: 'method', equals: 'POST' },
    }),
    expect: choice(
      { JSON: { label: 'JSON', help: 'Must be JSON.' }, ANY: { label: 'Anything', help: 'May be anything.' } },
      { label: 'Answer', visibleWhen: { field: 'method', oneOf: ['GET', 'POST'] } },
    ).default('JSON'),
    auth: alternatives(
      {
        none: { label: 'None', fields: {} },
        key: {
          label: 'Key',
          fields: {
            key: secret(z.string().min(1), { label: 'Key' }),
            rotates: field(z.boolean().default(false), { label: 'Rotates' }),
            days: field(z.int().min(1).max(99).optional(), {
              label: 'Days',
              visibleWhen: { field: 'rotates', equals: true },
            }),
          },
        },
      },
      { label: 'Sign-in' },
    ).prefault({ none: true }),
    host: field(z.string().min(1).default('here'), {
      label: 'Host',
      destination: true,
      visibleWhen: { field: 'auth', equals: 'key' },
    }),
    certificate: field(z.string().min(1).optional(), { label: 'Certificate' }),
    privateKey: secret(z.string().min(1).optional(), {
      label: 'Private key',
      visibleWhen: { field: 'certificate', isSet: true },
      requiredWhen: { field: 'certificate', isSet: true },
    }),
    passphrase: secret(z.string().min(1).optional(), {
      label: 'Passphrase',
      visibleWhen: { field: 'privateKey', isSet: true },
    }),
    token: secret(z.string().min(1).optional(), { label: 'Token' }),
    trust: field(z.boolean().optional(), {
      label: 'Trust',
      visibleWhen: { field: 'token', isSet: false },
      requiredWhen: { field: 'auth', equals: 'none' },
    }),
    pages: block(
      {
        size: field(z.int().min(1).max(9).default(5), { label: 'Size' }),
        name: field(z.string().min(1).optional(), { label: 'Name' }),
      },
      { label: 'Pages', visibleWhen: { field: 'method', equals: 'GET' } },
    ).prefault({}),
    rules: field(
      z
        .array(
          block(
            {
              name: field(z.string().min(1).max(9), { label: 'Name' }),
              kind: choice(
                { OPEN: { label: 'Open', help: 'Is open.' }, SHUT: { label: 'Shut', help: 'Is shut.' } },
                { label: 'Kind' },
              ).default('OPEN'),
              password: secret(z.string().min(1).optional(), {
                label: 'Password',
                visibleWhen: { field: 'kind', equals: 'SHUT' },
                requiredWhen: { field: 'kind', equals: 'SHUT' },
              }),
            },
            { label: 'Rule' },
          ),
        )
        .max(3)
        .default([]),
      { label: 'Rules' },
    ),
  },
})

const words = { A: { label: 'A', help: 'A.' }, B: { label: 'B', help: 'B.' }, C: { label: 'C', help: 'C.' } }

interface Spec {
  readonly kind: 'choice' | 'boolean' | 'integer' | 'text' | 'secret' | 'group' | 'alternatives'
  readonly presence: 'required' | 'optional' | 'default'
  /** Which of the fields before it, and what of it, the field depends on. */
  readonly visible: number | null
  readonly required: number | null
  readonly value: number
  readonly inner: readonly Spec[]
}

const spec: fc.Memo<Spec> = fc.memo(depth =>
  fc.record({
    kind: fc.constantFrom(
      ...(['choice', 'boolean', 'integer', 'text', 'secret'] as const),
      ...(depth > 1 ? (['group', 'alternatives'] as const) : []),
    ),
    presence: fc.constantFrom('required', 'optional', 'default'),
    visible: fc.option(fc.nat(9)),
    required: fc.option(fc.nat(9)),
    value: fc.nat(5),
    inner: depth > 1 ? fc.array(spec(depth - 1), { minLength: 1, maxLength: 4 }) : fc.constant([]),
  }),
)

/** Random forms whose fields depend on each other in every way that forms can express. */
export const conditionalForms: fc.Arbitrary<Form> = fc
  .array(spec(2), { minLength: 2, maxLength: 7 })
  .map(specs => defineForm({ fields: fieldsOf(specs) }))

interface Made {
  readonly key: string
  readonly spec: Spec
  readonly isAlwaysSet: boolean
}

function fieldsOf(specs: readonly Spec[]): z.ZodRawShape {
  const made: Made[] = []
  const shape: Record<string, z.ZodType> = {}
  for (const [index, each] of specs.entries()) {
    const key = `f${index}`
    const visibleWhen = each.visible === null ? null : conditionOn(made[each.visible % (made.length || 1)], each)
    const presence = visibleWhen && each.presence === 'required' ? 'optional' : defaultable(each)
    const requiredWhen =
      each.required === null || presence !== 'optional'
        ? null
        : conditionOn(made[each.required % (made.length || 1)], each)
    const meta = { label: key, ...(visibleWhen && { visibleWhen }), ...(requiredWhen && { requiredWhen }) }
    shape[key] = schemaOf(each, presence, meta)
    made.push({ key, spec: each, isAlwaysSet: presence !== 'optional' })
  }
  return shape
}

/** A secret has no default. */
const defaultable = ({ kind, presence }: Spec): Spec['presence'] =>
  kind === 'secret' && presence === 'default' ? 'optional' : presence

function conditionOn(other: Made | undefined, { value }: Spec): FieldCondition | null {
  if (!other) return null
  const { key, isAlwaysSet } = other
  const values = valuesOf(other.spec)
  const [wanted, second] = [values[value % values.length], values[(value + 1) % values.length]]
  if (wanted === undefined || (value > 3 && !isAlwaysSet)) {
    return isAlwaysSet ? null : { field: key, isSet: value % 2 === 0 }
  }
  return value % 2 === 0 || second === undefined
    ? { field: key, equals: wanted }
    : { field: key, oneOf: [wanted, second] }
}

function valuesOf({ kind }: Spec): readonly (string | number | boolean)[] {
  switch (kind) {
    case 'choice':
      return ['A', 'B', 'C']
    case 'boolean':
      return [true, false]
    case 'integer':
      return [1, 2]
    case 'alternatives':
      return ['none', 'some']
    default:
      return []
  }
}

function schemaOf(each: Spec, presence: Spec['presence'], meta: FieldMeta): z.ZodType {
  const { kind, value } = each
  switch (kind) {
    case 'choice':
      return withPresence(choice(words, meta), presence, ['A', 'B', 'C'][value % 3])
    case 'boolean':
      return field(withPresence(z.boolean(), presence, value % 2 === 0), meta)
    case 'integer':
      return field(withPresence(z.int().min(1).max(3), presence, 1 + (value % 3)), meta)
    case 'text':
      return field(withPresence(z.string().min(1), presence, 'text'), meta)
    case 'secret':
      return secret(presence === 'optional' ? z.string().min(1).optional() : z.string().min(1), meta)
    case 'group': {
      const inner = block(fieldsOf(each.inner), meta)
      // Only a group that needs nothing can have a default.
      return presence === 'default' && inner.safeParse({}).success && !needsSomething(each.inner)
        ? inner.prefault({})
        : withPresence(inner, presence === 'required' ? 'required' : 'optional', undefined)
    }
    case 'alternatives': {
      const options = { none: { label: 'none', fields: {} }, some: { label: 'some', fields: fieldsOf(each.inner) } }
      return withPresence(alternatives(options, meta), presence, { none: true })
    }
  }
}

const needsSomething = (specs: readonly Spec[]): boolean => specs.some(({ required }) => required !== null)

function withPresence(schema: z.ZodType, presence: Spec['presence'], standard: unknown): z.ZodType {
  if (presence === 'required') return schema
  return presence === 'optional' ? schema.optional() : schema.prefault(standard as never)
}
