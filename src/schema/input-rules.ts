import { z } from 'zod'
import { idempotencyKeyFault } from '../services/names.ts'

/**
 * Rules for root inputs that neither the type system states nor the services check. None of them changes a value.
 * Names, keys and configurations are checked by the services, whichever way they are called.
 */
export const waitSecondsRule = z.int().min(0, 'Wait from 0 to 300 seconds.').max(300, 'Wait from 0 to 300 seconds.')

export const attemptKeyRule = z
  .string()
  .nullish()
  .superRefine((key, context) => {
    const message = key == null ? null : idempotencyKeyFault(key)
    if (message !== null) context.addIssue({ code: 'custom', message })
  })

export const previewFirstRule = z.int().min(1, 'Ask for 1 to 1000 rows.').max(1000, 'Ask for 1 to 1000 rows.')

export const idsRule = z.array(z.string()).max(1000, 'Give at most 1000 ids at once.').nullish()

/** For a field of an update that may be left out but not cleared. */
export const notNull = (message: string) =>
  z
    .unknown()
    .refine(value => value !== null, message)
    .optional()

/** Reports the issues of `schema` but hands on the value as it was given: the services read it again. */
export function checkedBy(schema: z.ZodType) {
  return z
    .unknown()
    .check(context => {
      if (context.value == null) return
      const parsed = schema.safeParse(context.value)
      for (const { path, message } of parsed.error?.issues ?? []) {
        context.issues.push({ code: 'custom', path: [...path], message, input: null })
      }
    })
    .optional()
}
