import type fc from 'fast-check'
import type { GraphQLSchema } from 'graphql'
import { type Draw, drawn } from './draw.ts'
import { type FuzzRequest, OperationWriter } from './operation-writer.ts'
import { ValueWriter } from './value-writer.ts'

/** So many requests of a schema: two in three as somebody could have meant them, the others broken in some way. */
export const requestsOf = (
  schema: GraphQLSchema,
  texts: () => readonly string[],
  count: number,
): fc.Arbitrary<readonly FuzzRequest[]> =>
  // All from one source: two of its kind would draw the same.
  drawn(draw => Array.from({ length: count }, () => requestOf(schema, draw, texts())))

function requestOf(schema: GraphQLSchema, draw: Draw, texts: readonly string[]): FuzzRequest {
  const request = new OperationWriter(schema, draw, texts).write()
  if (!draw.chance(34)) return request
  return draw.chance(70)
    ? { ...request, query: broken(String(request.query), draw) }
    : { ...request, ...misused(request, draw, texts) }
}

/** A document with a few accidents. */
function broken(document: string, draw: Draw): string {
  let text = document
  for (let count = 1 + draw.upTo(3); count > 0; count -= 1) {
    const from = draw.upTo(text.length)
    const to = Math.min(text.length, from + draw.upTo(12))
    const piece = text.slice(from, to)
    const head = text.slice(0, from)
    const tail = text.slice(to)
    switch (draw.upTo(6)) {
      case 0:
        text = head + tail
        break
      case 1:
        text = head + piece.repeat(2 + draw.upTo(30)) + tail
        break
      case 2:
        text = head
        break
      case 3:
        text = head + draw.oneOf(snippets) + tail
        break
      case 4:
        text = head + draw.text() + tail
        break
      case 5:
        text = tail + head
        break
      default:
        text = words(text, draw)
    }
  }
  return text.slice(0, 80_000)
}

/** Two of its words exchanged. */
function words(text: string, draw: Draw): string {
  const parts = text.split(/\b/)
  const a = draw.upTo(parts.length - 1)
  const b = draw.upTo(parts.length - 1)
  return parts.map((part, index) => (index === a ? parts[b] : index === b ? parts[a] : part)).join('')
}

const snippets = [
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  '"',
  '"""',
  '#',
  '$',
  '!',
  '...',
  '@',
  ':',
  '\\u{110000}',
  '\ufeff',
  '\u0000',
  '\r',
  'null',
  'true',
  '-',
  '1e999',
  '$v0',
  '@skip(if: $v0)',
  '@include',
  '@deprecated',
  '@oneOf',
  '@specifiedBy(url: "x")',
  '...F0',
  'fragment F0 on Query { __typename ...F0 }',
  'fragment on on on { on }',
  'query Fuzz { __typename }',
  '__schema { types { name } }',
  '__type(name: "Query") { fields { name } }',
  'subscription { connectionTestProgress(id: "x") { __typename } }',
  'type Query { a: Int }',
  '{'.repeat(40),
  '['.repeat(3_000),
  '__typename '.repeat(30),
  '@a '.repeat(30),
]

/** Parameters that do not belong together. */
function misused(request: FuzzRequest, draw: Draw, texts: readonly string[]): Partial<FuzzRequest> {
  const values = new ValueWriter(draw, texts, 100)
  switch (draw.upTo(4)) {
    case 0:
      return { variables: values.anything() }
    case 1:
      return { operationName: values.anything() }
    case 2:
      return { query: values.anything() }
    case 3: {
      const { variables } = request
      if (typeof variables !== 'object' || variables === null) return { variables: null }
      const members = Object.entries(variables).map(([name, value]) => [
        name,
        draw.chance(50) ? values.anything() : value,
      ])
      return { variables: Object.fromEntries(members) }
    }
    default:
      return { variables: {} }
  }
}
