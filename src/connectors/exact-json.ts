import type { JsonValue } from './json.ts'
import { isShallow } from './json-depth.ts'

/** Values nested more deeply stay text: whoever walks them by recursion is safe. */
const maxDepth = 100

/** JSON text as its value, in which numbers that a double cannot hold stay as they were written. What is no JSON stays text. */
export function exactJson(text: string): JsonValue {
  try {
    const value = JSON.parse(text, (_key, item: unknown, context?: { source?: string }) =>
      typeof item === 'number' && context?.source !== undefined && !isExact(item, context.source)
        ? context.source
        : item,
    ) as JsonValue
    return isShallow(value, maxDepth) ? value : text
  } catch {
    return text
  }
}

const isExact = (value: number, source: string): boolean =>
  Number.isSafeInteger(value) || (Number.isFinite(value) && !/^-?\d+$/.test(source))
