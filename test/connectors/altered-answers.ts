import { isRecord } from '../../src/connectors/form-tree-walk.ts'

/** What stands in the place of something in a hostile answer: of every type but its own. */
export const strangeValues: readonly unknown[] = [null, 7, 'x'.repeat(300), [['y']], { z: {} }]

/** Every place in a value, down to what lies `depth` - 1 levels below it. */
export function placesIn(value: unknown, depth: number): readonly (readonly string[])[] {
  if (depth === 0 || !(isRecord(value) || Array.isArray(value))) return []
  return Object.entries(value).flatMap(([key, inner]) => [
    [key],
    ...placesIn(inner, depth - 1).map(path => [key, ...path]),
  ])
}

/** The value with something else at one of its places. */
export function altered(value: unknown, [key, ...rest]: readonly string[], other: unknown): unknown {
  if (key === undefined) return other
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === key ? altered(item, rest, other) : item))
  return { ...(value as object), [key]: altered((value as Record<string, unknown>)[key], rest, other) }
}

/** Words of JavaScript about itself, which no reader may ever see. */
export const isOurFault = (text: string): boolean =>
  /Cannot (?:read|convert|mix)|is not a function|is not iterable|undefined|\[object|not valid JSON|Invalid time/.test(
    text,
  )
