import { badRequest } from './schema/graphql-errors.ts'

/** Of objects and lists within each other. The deepest input of the schema has half as many. */
const maxDepth = 20
/** Members and items in all. The longest list that a form takes, of columns, has 10,000. */
const maxValues = 12_000

/** Throws `GraphQLError` when variables are deeper or more than any input of the schema, before they are coerced. */
export function assertVariablesWithin(variables: unknown): void {
  let values = 0
  const walk = (value: unknown, depth: number): void => {
    if (typeof value !== 'object' || value === null) return
    if (depth > maxDepth) throw badRequest(`Variables may be at most ${maxDepth} levels deep.`)
    // Parsed from JSON: what it has is its own.
    const inner = Array.isArray(value) ? value : Object.values(value)
    values += inner.length
    if (values > maxValues) throw badRequest(`Variables may hold at most ${maxValues} values.`)
    // A key of JSON; copied by assignment it would change the copy's prototype.
    if (Object.hasOwn(value, '__proto__')) throw badRequest('Variables may not have a member named "__proto__".')
    for (const item of inner) walk(item, depth + 1)
  }
  walk(variables, 0)
}
