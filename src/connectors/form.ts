import { z } from 'zod'
import type { JsonValue } from './json.ts'

/**
 * The vocabulary in which a connector type declares its form: one zod object whose parts carry metadata. Everything
 * else about the form (GraphQL types, form fields, JSON Schema, patches, secret and destination lists) is generated
 * from this declaration by the modules beside this file.
 *
 *     export const form = defineForm({
 *       sections: [{ id: 'connection', label: 'Connection' }],
 *       fields: {
 *         host: field(z.string().min(1), { label: 'Host', destination: true, section: 'connection' }),
 *         port: field(z.int().min(1).max(65535).default(5432), { label: 'Port', destination: true }),
 *         auth: alternatives({
 *           password: { label: 'User name and password', fields: {
 *             username: field(z.string().min(1), { label: 'User name' }),
 *             password: secret(z.string().min(1), { label: 'Password' }),
 *           } },
 *           none: { label: 'No sign-in', fields: {} },
 *         }, { label: 'Authentication' }),
 *         tls: tlsBlock,
 *       },
 *     })
 */

/**
 * A condition on another field of the same group: that it has a value, one of several, or any at all. Of alternatives the
 * value is the key of the chosen one. An absent field has its default. Values can be those of choices, alternatives, booleans
 * and numbers; of text, secrets, groups and lists only whether they are set.
 */
export type FieldCondition = { readonly field: string } & (
  | { readonly equals: JsonValue }
  | { readonly oneOf: readonly JsonValue[] }
  | { readonly isSet: boolean }
)

/** Says of a field that its values can be listed from the source, by `listOptions` of the type's `browse.ts`. */
export interface LiveOptions {
  /** Paths of fields, beside the required ones without live options, that must be filled first: `database` for schemas. */
  readonly needs?: readonly string[]
  /**
   * A valid value that stands for the field's own while it is empty, so that the rest of the form can be used already. For
   * required fields without a default; it is never sent anywhere.
   */
  readonly standIn?: JsonValue
}

/** What a form field says about itself beyond its zod schema. Sentences end with a full stop; labels do not. */
export interface FieldMeta {
  readonly label: string
  readonly help?: string
  readonly placeholder?: string
  /** Id of one of the form's sections; nested fields inherit it. */
  readonly section?: string
  /** Changing this field asks for the stored secrets again: they only ever go where they were entered for. */
  readonly destination?: true
  /** Several lines of text, such as PEM. */
  readonly multiline?: true
  /** Shown only on demand. */
  readonly advanced?: true
  /**
   * When it has a meaning: only then is it shown and may be given anything but its default, which it has otherwise. The field
   * is optional or has a default; with the same `requiredWhen` it must be given whenever it is visible. A stored value whose
   * condition a patch ends is forgotten, as are the fields of an alternative that another one replaces.
   */
  readonly visibleWhen?: FieldCondition
  /** When an optional field must be given all the same, provided that it is visible. */
  readonly requiredWhen?: FieldCondition
  readonly liveOptions?: LiveOptions
}

export interface SecretMeta extends FieldMeta {
  /** Name of a boolean sibling that decides whether this value is secret; without it, it always is. */
  readonly secretWhen?: string
}

/** One value of a choice, in GraphQL's SCREAMING_CASE, with its label and a sentence for the reader. */
export type Choices = { readonly [value: string]: { readonly label: string; readonly help: string } }

/** One alternative: exactly one must be given. No fields: the GraphQL input is `name: true`. */
export interface Alternative {
  readonly label: string
  readonly help?: string
  readonly fields: z.ZodRawShape
}

/** Everything known of one part of a form, found by its schema. The generators read it; nothing else does. */
export type FormNode =
  | ({ readonly kind: 'field' } & FieldMeta)
  | ({ readonly kind: 'secret'; readonly inner: z.ZodType } & SecretMeta)
  | ({ readonly kind: 'choice'; readonly choices: Choices; readonly typeName: string | null } & FieldMeta)
  | ({ readonly kind: 'block'; readonly typeName: string | null } & FieldMeta)
  | ({
      readonly kind: 'alternatives'
      readonly alternatives: { readonly [name: string]: Alternative }
      readonly typeName: string | null
    } & FieldMeta)

const nodes = new WeakMap<z.core.$ZodType, FormNode>()

/** The metadata of a schema, looking through `optional`, `nullable`, `default` and `prefault` wrappers. */
export function formNode(schema: z.core.$ZodType): FormNode | undefined {
  const own = nodes.get(schema)
  if (own) return own
  const def = (schema as z.core.$ZodTypes)._zod.def
  return 'innerType' in def && def.innerType ? formNode(def.innerType as z.core.$ZodType) : undefined
}

// A schema shared by two fields would otherwise carry the metadata of the last one.
const copy = <S extends z.ZodType>(schema: S): S => schema.clone() as S

function declare<S extends z.ZodType>(schema: S, node: FormNode): S {
  nodes.set(schema, node)
  return schema
}

/** A plain field: string, integer, number, boolean, or a list of those. Wrap with `.optional()` or `.default()` before. */
export function field<S extends z.ZodType>(schema: S, meta: FieldMeta): S {
  return declare(copy(schema), { kind: 'field', ...meta })
}

/**
 * Stands for the value of a stored secret that the caller neither gave nor cleared. Only while a patch is being merged
 * and validated: drivers get real values, clients get none.
 */
export class KeptSecret {
  static readonly instance = new KeptSecret()

  toJSON(): never {
    throw new Error('A kept secret stands for a stored value: it cannot be written anywhere.')
  }
}

/** Whether a secret's value is the stored one, which form-wide rules therefore cannot look at. */
export const isKeptSecret = (value: unknown): boolean => value instanceof KeptSecret

/** A write-only text field. `inner` says what a newly given value must be; `.optional()` where it may be missing. */
export function secret<S extends z.ZodType<string | undefined>>(
  inner: S,
  meta: SecretMeta,
): z.ZodType<z.output<S>, z.input<S>> {
  const schema = z.union([z.instanceof(KeptSecret), inner])
  // The union is a detail of merging: by the time anybody reads the value it is the inner type.
  return declare(schema as never, { kind: 'secret', inner, ...meta })
}

/** One of a closed set of words. `typeName` names the GraphQL enum where several types share it. */
export function choice<const C extends Choices>(
  choices: C,
  meta: FieldMeta & { readonly typeName?: string },
): z.ZodEnum<{ [K in keyof C & string]: K }> {
  const { typeName = null, ...rest } = meta
  const values = Object.keys(choices) as [keyof C & string, ...(keyof C & string)[]]
  return declare(z.enum(values), { kind: 'choice', choices, typeName, ...rest }) as never
}

/** A nested group. `typeName` (`Tls`) names the GraphQL types where several connector types share it. */
export function block<S extends z.ZodRawShape>(
  shape: S,
  meta: FieldMeta & { readonly typeName?: string },
): z.ZodObject<S, z.core.$strict> {
  const { typeName = null, ...rest } = meta
  return declare(z.strictObject(shape), { kind: 'block', typeName, ...rest })
}

type Fields<A extends Alternative> =
  A['fields'] extends Record<string, never> ? true : z.output<z.ZodObject<A['fields']>>
/** `{ password: {...} } | { none: true }`: exactly one key. */
export type AlternativesValue<A extends { readonly [name: string]: Alternative }> = {
  [K in keyof A]: { [P in K]: Fields<A[P]> } & { [P in Exclude<keyof A, K>]?: undefined }
}[keyof A]

/** Exactly one of several groups of fields. */
export function alternatives<const A extends { readonly [name: string]: Alternative }>(
  options: A,
  meta: FieldMeta & { readonly typeName?: string },
): z.ZodType<AlternativesValue<A>> {
  const { typeName = null, ...rest } = meta
  const names = Object.keys(options)
  const shape = Object.fromEntries(
    Object.entries(options).map(([name, option]) => [
      name,
      (Object.keys(option.fields).length === 0 ? z.literal(true) : z.strictObject(option.fields)).optional(),
    ]),
  )
  const given = (value: unknown) => names.filter(name => (value as Record<string, unknown>)[name] !== undefined)
  const schema = z.strictObject(shape).refine(value => given(value).length === 1, {
    error: issue => {
      const keys = given(issue.input)
      return keys.length === 0 ? `Give one of ${names.join(', ')}.` : `Give only one of ${keys.join(', ')}.`
    },
    // Also beside issues inside an alternative, so that one answer tells all.
    when: payload => typeof payload.value === 'object' && payload.value !== null,
  })
  return declare(schema as never, { kind: 'alternatives', alternatives: options, typeName, ...rest })
}

export interface FormSection {
  readonly id: string
  readonly label: string
  readonly help?: string
}

/** Reports an issue of a form-wide rule at a path from the form's root. */
export type ReportIssue = (path: readonly (string | number)[], message: string) => void

export interface Form<S extends z.ZodType = z.ZodType> {
  readonly sections: readonly FormSection[]
  /** The whole form with its rules. Its output is what drivers get; without secrets, it is what is stored. */
  readonly schema: S
}

export type FormValue<F extends Form> = z.output<F['schema']>

export function defineForm<S extends z.ZodRawShape>(options: {
  readonly sections?: readonly FormSection[]
  readonly fields: S
  /** Rules over several fields. A secret may be a `KeptSecret` (see `isKeptSecret`). Runs only when every field is valid. */
  readonly check?: (value: z.output<z.ZodObject<S, z.core.$strict>>, report: ReportIssue) => void
}): Form<z.ZodObject<S, z.core.$strict>> {
  const { check } = options
  const schema = z.strictObject(options.fields)
  return {
    sections: options.sections ?? [],
    schema: check
      ? schema.check(context =>
          check(context.value, (path, message) =>
            context.issues.push({ code: 'custom', message, input: null, path: [...path] }),
          ),
        )
      : schema,
  }
}

/** A form whose root is a choice: `{ sql: {...} } | { table: {...} }`. Its paths start with the alternative's name. */
export function defineAlternativesForm<const A extends { readonly [name: string]: Alternative }>(options: {
  readonly sections?: readonly FormSection[]
  readonly alternatives: A
  readonly label: string
  readonly help?: string
}): Form<z.ZodType<AlternativesValue<A>>> {
  const { label, help } = options
  return {
    sections: options.sections ?? [],
    schema: alternatives(options.alternatives, help === undefined ? { label } : { label, help }),
  }
}
