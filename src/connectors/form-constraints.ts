import type { z } from 'zod'

/** The checks of a scalar or list that clients can apply before they ask the server. */
export interface Constraints {
  /** Characters of a text, items of a list. */
  readonly minLength: number | null
  readonly maxLength: number | null
  readonly minimum: number | null
  readonly maximum: number | null
  /** Source of a regular expression without flags; null too where there are several. */
  readonly pattern: string | null
}

type CheckDefinition = z.core.$ZodChecks['_zod']['def'] | z.core.$ZodCustomDef

const smallest = (a: number | null, b: number) => (a === null ? b : Math.min(a, b))
const largest = (a: number | null, b: number) => (a === null ? b : Math.max(a, b))

/**
 * Reads the checks of a string, number, boolean or array schema.
 *
 * @throws Error for a check that clients could not be told of, or whose message would not help anybody.
 */
export function constraintsOf(schema: z.core.$ZodTypes): Constraints {
  const found = { minLength: null, maxLength: null, minimum: null, maximum: null } as {
    -readonly [K in keyof Omit<Constraints, 'pattern'>]: Constraints[K]
  }
  const patterns: RegExp[] = []
  for (const check of checksOf(schema)) {
    switch (check.check) {
      case 'min_length':
        found.minLength = largest(found.minLength, check.minimum)
        break
      case 'max_length':
        found.maxLength = smallest(found.maxLength, check.maximum)
        break
      case 'length_equals':
        found.minLength = largest(found.minLength, check.length)
        found.maxLength = smallest(found.maxLength, check.length)
        break
      case 'greater_than':
        found.minimum = largest(found.minimum, inclusiveBound(check.value, check.inclusive))
        break
      case 'less_than':
        found.maximum = smallest(found.maximum, inclusiveBound(check.value, check.inclusive))
        break
      case 'number_format':
        if (check.format === 'safeint' || check.format === 'int32') break
        throw new Error(`the number format "${check.format}" is not supported`)
      case 'string_format':
        if (check.format === 'regex' && !('error' in check && check.error)) {
          throw new Error('its regex() has no message: say in words what the text must look like')
        }
        if (check.pattern) patterns.push(check.pattern)
        break
      case 'overwrite':
      case 'custom':
        break
      default:
        throw new Error(`the check "${check.check}" is not supported`)
    }
  }
  const [pattern] = patterns
  return { ...found, pattern: pattern && patterns.length === 1 && pattern.flags === '' ? pattern.source : null }
}

function inclusiveBound(value: unknown, inclusive: boolean): number {
  if (typeof value !== 'number' || !inclusive) throw new Error('bounds must be inclusive numbers: use min() and max()')
  return value
}

/** Whether a number schema takes whole numbers only. */
export const isIntegerSchema = (schema: z.core.$ZodTypes): boolean =>
  checksOf(schema).some(check => check.check === 'number_format')

function checksOf(schema: z.core.$ZodTypes): readonly CheckDefinition[] {
  const definition = schema._zod.def
  // `z.int()` and `z.url()` are schemas and their own first check.
  const own = 'check' in definition ? [definition as CheckDefinition] : []
  return [...own, ...(definition.checks ?? []).map(each => each._zod.def as CheckDefinition)]
}
