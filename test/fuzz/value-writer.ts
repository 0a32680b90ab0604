import {
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  isRequiredInputField,
} from 'graphql'
import type { Draw } from './draw.ts'

/** Of an enum, which is written without quotes in a document and as a text in JSON. */
export class EnumName {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

/** Values of inputs, most of them of the right type. */
export class ValueWriter {
  readonly #draw: Draw
  /** Texts that mean something to the server, such as ids that exist. */
  readonly #texts: readonly string[]
  /** How often in a hundred values one is wrong. */
  readonly #wrong: number

  constructor(draw: Draw, texts: readonly string[], wrong: number) {
    this.#draw = draw
    this.#texts = texts
    this.#wrong = wrong
  }

  write(type: GraphQLInputType, depth = 0): unknown {
    if (this.#draw.chance(this.#wrong)) return this.anything()
    if (isNonNullType(type)) return this.#nonNull(type.ofType, depth)
    return this.#draw.chance(8) ? null : this.#nonNull(type, depth)
  }

  /** Of no type in particular. */
  anything(depth = 0): unknown {
    const draw = this.#draw
    const scalar = () => draw.oneOf(oddities)
    if (depth > 3) return scalar()
    switch (draw.upTo(5)) {
      case 0:
        return Array.from({ length: draw.upTo(4) }, () => this.anything(depth + 1))
      case 1:
        return Object.fromEntries(
          Array.from({ length: draw.upTo(3) }, () => [draw.oneOf(memberNames), this.anything(depth + 1)]),
        )
      case 2:
        return draw.text()
      default:
        return scalar()
    }
  }

  #nonNull(type: Exclude<GraphQLInputType, { ofType: never }> | GraphQLInputType, depth: number): unknown {
    const draw = this.#draw
    if (isNonNullType(type)) return this.#nonNull(type.ofType, depth)
    if (isListType(type)) {
      // A single value stands for a list of one.
      if (draw.chance(10)) return this.write(type.ofType, depth)
      return Array.from({ length: draw.upTo(depth > 4 ? 0 : 3) }, () => this.write(type.ofType, depth + 1))
    }
    if (isEnumType(type)) return new EnumName(draw.oneOf(type.getValues()).name)
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields())
      return type.isOneOf ? this.#oneMember(fields, depth) : this.#members(fields, depth)
    }
    return this.#scalar(type)
  }

  #oneMember(fields: readonly GraphQLInputField[], depth: number): unknown {
    const count = this.#draw.chance(this.#wrong) ? this.#draw.upTo(2) : 1
    const chosen = Array.from({ length: count }, () => this.#draw.oneOf(fields))
    return Object.fromEntries(chosen.map(({ name, type }) => [name, this.#nonNull(type, depth + 1)]))
  }

  #members(fields: readonly GraphQLInputField[], depth: number): unknown {
    const members: [string, unknown][] = []
    for (const field of fields) {
      const isWanted = isRequiredInputField(field) ? !this.#draw.chance(this.#wrong) : this.#draw.chance(25)
      if (isWanted && (depth < 9 || isRequiredInputField(field)))
        members.push([field.name, this.write(field.type, depth + 1)])
    }
    if (this.#draw.chance(this.#wrong)) members.push([this.#draw.oneOf(memberNames), this.anything()])
    return Object.fromEntries(members)
  }

  #scalar({ name }: GraphQLNamedType): unknown {
    const draw = this.#draw
    switch (name) {
      case 'Int':
        return draw.chance(80) ? draw.upTo(120) : draw.oneOf([-1, 2 ** 31 - 1, -(2 ** 31), 65_536])
      case 'Float':
        return draw.oneOf([0, 0.5, -1, 1e308, 5e-324, 1_073_741_824])
      case 'Boolean':
        return draw.chance(50)
      case 'JSON':
        return this.anything()
      case 'DateTime':
        return draw.oneOf(instants)
      default:
        return draw.chance(60) ? draw.oneOf(this.#texts) : draw.text()
    }
  }
}

const instants = [
  '2026-11-22T09:30:00.000Z',
  '2026-11-22T09:30:00Z',
  '1970-01-01T00:00:00+14:00',
  '9999-12-31T23:59:59.999Z',
  '2026-02-30T00:00:00Z',
  '+275760-09-13T00:00:00.001Z',
  'yesterday',
  '',
]

const memberNames = [
  'id',
  'name',
  '__proto__',
  'constructor',
  'toString',
  '__typename',
  'ünïcode',
  '',
  'a b',
  '$a',
  '0',
]

const oddities: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  2 ** 31,
  -(2 ** 53),
  1e21,
  1e308,
  '',
  ' ',
  '0',
  'null',
  '\u0000',
  '\ud800',
  '\u202e',
  '🧨',
  '"',
  "'; drop table connectors; --",
  '%s%n{{7*7}}',
  '../../etc/passwd',
  'http://169.254.169.254/',
  'x'.repeat(5_000),
  [],
  {},
  [[]],
  [null],
]
