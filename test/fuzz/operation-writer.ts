import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  isRequiredArgument,
} from 'graphql'
import type { Draw } from './draw.ts'
import { EnumName, ValueWriter } from './value-writer.ts'

export interface FuzzRequest {
  readonly query: unknown
  readonly variables?: unknown
  readonly operationName?: unknown
}

/** Writes operations of a schema: valid ones, but for values that are wrong now and then. */
export class OperationWriter {
  readonly #schema: GraphQLSchema
  readonly #draw: Draw
  readonly #values: ValueWriter
  readonly #fragments: string[] = []
  readonly #definitions: string[] = []
  readonly #variables: Record<string, unknown> = {}
  #fieldsLeft: number

  constructor(schema: GraphQLSchema, draw: Draw, texts: readonly string[]) {
    this.#schema = schema
    this.#draw = draw
    // Most operations are right to the last value: only those get far.
    this.#values = new ValueWriter(draw, texts, draw.oneOf([0, 0, 0, 2, 10]))
    this.#fieldsLeft = 10 + draw.upTo(50)
  }

  write(): FuzzRequest {
    const draw = this.#draw
    const kind = draw.oneOf(['query', 'query', 'query', 'mutation', 'mutation', 'subscription'] as const)
    const root =
      kind === 'query'
        ? this.#schema.getQueryType()
        : kind === 'mutation'
          ? this.#schema.getMutationType()
          : this.#schema.getSubscriptionType()
    if (!root) throw new Error(`The schema has no ${kind}.`)
    const count = kind === 'subscription' ? 1 : 1 + draw.upTo(2)
    const selection = `{ ${Array.from({ length: count }, () => this.#field(draw.oneOf(fieldsOf(root)), 0)).join(' ')} }`
    const name = draw.chance(50) || this.#definitions.length > 0 ? 'Fuzz' : ''
    const variables = this.#definitions.length > 0 ? `(${this.#definitions.join(', ')})` : ''
    const query = [`${kind} ${name}${variables} ${selection}`, ...this.#fragments].join('\n')
    return {
      query,
      ...(Object.keys(this.#variables).length > 0 && { variables: this.#variables }),
      ...(name !== '' && draw.chance(20) && { operationName: name }),
    }
  }

  #field(field: GraphQLField<unknown, unknown>, depth: number): string {
    const draw = this.#draw
    this.#fieldsLeft -= 1
    const alias = draw.chance(15) ? `a${draw.upTo(9)}: ` : ''
    const given = field.args.filter(arg => isRequiredArgument(arg) || draw.chance(35))
    const args = given.length > 0 ? `(${given.map(arg => this.#argument(arg)).join(', ')})` : ''
    const type = getNamedType(field.type)
    const selection = isCompositeType(type) ? ` ${this.#selection(type, depth + 1)}` : ''
    return `${alias}${field.name}${args}${this.#directive()}${selection}`
  }

  #argument({ name, type }: GraphQLArgument): string {
    const value = this.#values.write(type)
    // Null in the place of a value that must be there is for literals to try.
    if (!this.#draw.chance(50)) return `${name}: ${literal(value)}`
    const variable = `v${this.#definitions.length}`
    this.#definitions.push(`$${variable}: ${type}`)
    this.#variables[variable] = plain(value)
    return `${name}: $${variable}`
  }

  #directive(): string {
    if (!this.#draw.chance(4)) return ''
    return ` @${this.#draw.oneOf(['skip', 'include'])}(if: ${this.#draw.chance(50)})`
  }

  #selection(type: GraphQLNamedType, depth: number): string {
    const draw = this.#draw
    const parts = ['__typename']
    if (isObjectType(type) || isInterfaceType(type)) {
      const wanted = depth > 5 || this.#fieldsLeft <= 0 ? 0 : 1 + draw.upTo(4)
      for (let n = 0; n < wanted; n += 1) {
        const field = draw.oneOf(fieldsOf(type))
        const isLeaf = !isCompositeType(getNamedType(field.type))
        if (isLeaf || depth < 6) parts.push(this.#field(field, depth))
      }
    }
    if (isAbstractType(type) && depth < 7) {
      const possible = this.#schema.getPossibleTypes(type)
      for (let n = 1 + draw.upTo(1); n > 0; n -= 1) parts.push(this.#part(draw.oneOf(possible), depth))
    }
    return `{ ${parts.join(' ')} }`
  }

  #part(type: GraphQLObjectType, depth: number): string {
    const selection = this.#selection(type, depth + 1)
    if (!this.#draw.chance(20)) return `... on ${type.name} ${selection}`
    const name = `F${this.#fragments.length}`
    this.#fragments.push(`fragment ${name} on ${type.name} ${selection}`)
    return `...${name}`
  }
}

const fieldsOf = (type: { getFields(): Record<string, GraphQLField<unknown, unknown>> }) =>
  Object.values(type.getFields())

/** As it stands in a document. */
function literal(value: unknown): string {
  if (value instanceof EnumName) return value.name
  if (Array.isArray(value)) return `[${value.map(literal).join(', ')}]`
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([name, inner]) => `${name}: ${literal(inner)}`)
      .join(', ')}}`
  }
  return JSON.stringify(value) ?? 'null'
}

/** As it stands in JSON. */
function plain(value: unknown): unknown {
  if (value instanceof EnumName) return value.name
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]))
}
