import type { InputRef, ObjectRef } from '@pothos/core'
import type { JsonObject } from '../connectors/json.ts'
import type { Builder, Types } from './builder.ts'

export type ConfigInputRef = InputRef<object>
export type ConfigObjectRef = ObjectRef<Types, JsonObject>

export type EnumRef = ReturnType<Builder['enumType']>
type Scalar = 'String' | 'Int' | 'Float' | 'Boolean'
export type InputTypeParam = Scalar | EnumRef | ConfigInputRef | [InputTypeParam]
export type OutputTypeParam = Scalar | EnumRef | ConfigObjectRef | [OutputTypeParam]

export interface InputField {
  readonly type: InputTypeParam
  readonly required: boolean
  readonly defaultValue?: unknown
  readonly description: string
}

export interface OutputField {
  readonly type: OutputTypeParam
  readonly nullable: boolean
  readonly description: string
  resolve(parent: JsonObject): unknown
}

export interface EnumValue {
  readonly value: string
  readonly description: string
}

type Fields<F> = { readonly [key: string]: F }

/**
 * Defines GraphQL types whose fields are only known at run time. Blocks shared by several connector types are asked
 * for several times and defined once; two different things under one name are refused.
 */
export class FormTypeDefiner {
  readonly #builder: Builder
  readonly #enums: { readonly [name: string]: EnumRef }
  readonly #defined = new Map<string, { readonly shape: string; readonly ref: unknown }>()

  /** `enums`: those of the schema that a choice may name as its own. Its words are then the schema's. */
  constructor(builder: Builder, enums: { readonly [name: string]: EnumRef } = {}) {
    this.#builder = builder
    this.#enums = enums
  }

  input(
    name: string,
    shape: unknown,
    make: () => { description: string; isOneOf?: true; fields: Fields<InputField> },
  ): ConfigInputRef {
    return this.#once(name, { input: shape }, () => {
      const { fields, ...options } = make()
      // A computed field map has no static type: the same border for inputs, objects and enums below.
      return this.#builder.inputType(name, {
        ...options,
        fields: (t: LooseFieldBuilder) => mapValues(fields, field => t.field(field)),
      } as never) as ConfigInputRef
    })
  }

  object(
    name: string,
    shape: unknown,
    make: () => { description: string; fields: Fields<OutputField> },
  ): ConfigObjectRef {
    return this.#once(name, { object: shape }, () => {
      const { fields, description } = make()
      return this.#builder.objectRef<JsonObject>(name).implement({
        description,
        fields: ((t: LooseFieldBuilder) => mapValues(fields, field => t.field(field))) as never,
      })
    })
  }

  enumeration(name: string, description: string, values: Fields<EnumValue>): EnumRef {
    const known = this.#enums[name]
    if (known) return known
    return this.#once(name, { values }, () => this.#builder.enumType(name, { description, values } as never) as EnumRef)
  }

  #once<Ref>(name: string, shape: unknown, define: () => Ref): Ref {
    const text = JSON.stringify(shape)
    const known = this.#defined.get(name)
    if (known && known.shape !== text) {
      throw new Error(
        `Two different parts of forms make the GraphQL type "${name}": give one of them another typeName.`,
      )
    }
    if (known) return known.ref as Ref
    const ref = define()
    this.#defined.set(name, { shape: text, ref })
    return ref
  }
}

interface LooseFieldBuilder {
  field(options: InputField | OutputField): unknown
}

const mapValues = <F>(fields: Fields<F>, map: (field: F) => unknown) =>
  Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, map(field)]))
