import { z } from 'zod'

/** One variable of the environment. Texts of defaults are written as the operator would write them. */
export interface Setting<T> {
  readonly name: string
  readonly description: string
  /** Null when the setting may be left open; `production` differs where a default is made for trying things out. */
  readonly default: { readonly development: string | null; readonly production: string | null }
  readonly example: string
  /** From the text, or null when it is not set and has no default. Messages complete "<name> ...". */
  readonly schema: z.ZodType<T, string | null>
  /** Whether messages must not quote it. */
  readonly hidden: boolean
}

interface Declaration<T> {
  readonly name: string
  readonly description: string
  readonly default: string | null | Setting<T>['default']
  readonly example: string
  readonly schema: z.ZodType<T, string | null>
  readonly hidden?: boolean
}

export function setting<T>(declared: Declaration<T>): Setting<T> {
  const value = declared.default
  const both = typeof value === 'string' || value === null ? { development: value, production: value } : value
  return { ...declared, default: both, hidden: declared.hidden ?? false }
}

export const text = (message: string) => z.string({ error: message })
export const oneOf = <const T extends readonly string[]>(values: T) =>
  z.enum(values, { error: `must be one of ${values.join(', ')}` })
export const flag = z
  .enum(['true', 'false', '1', '0', 'yes', 'no', 'on', 'off'], { error: 'must be true or false' })
  .transform(value => ['true', '1', 'yes', 'on'].includes(value))
export const wholeNumber = (min: number, max: number) => {
  const message = `must be a whole number from ${min} to ${max}`
  return z
    .string({ error: message })
    .regex(/^\d{1,9}$/, message)
    .transform(Number)
    .refine(number => number >= min && number <= max, message)
}
/** Comma-separated; blanks around the entries do not matter. */
export const list = <T>(parse: (entry: string) => T, message: (entry: string) => string) =>
  z.string({ error: 'must be a list' }).transform((value, context) => {
    const entries = value
      .split(',')
      .map(entry => entry.trim())
      .filter(entry => entry !== '')
    return entries.flatMap(entry => {
      try {
        return [parse(entry)]
      } catch {
        context.addIssue({ code: 'custom', message: message(entry) })
        return []
      }
    })
  })
