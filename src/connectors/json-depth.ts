/** Levels of JSON in a row or a report, so that whoever walks a value by recursion is safe. */
export const maxJsonDepth = 200

/** Whether a JSON value is nested in no more than `depth` levels, so that everything may walk it by recursion. */
export function isShallow(value: unknown, depth: number): boolean {
  if (value === undefined) return false
  if (typeof value !== 'object' || value === null) return true
  if (depth === 0) return false
  return Array.isArray(value)
    ? value.every(item => isShallow(item, depth - 1))
    : Object.values(value).every(item => isShallow(item, depth - 1))
}
