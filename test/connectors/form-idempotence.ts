import fc from 'fast-check'
import { expect } from 'vitest'
import type { z } from 'zod'

/**
 * Asserts that what a schema makes of a value is a value it leaves alone. Stored configurations are validated again
 * with every patch, so a transform that is not idempotent would change them behind their owner's back.
 */
export function assertIdempotent(schema: z.ZodType, inputs: fc.Arbitrary<unknown>): void {
  let accepted = 0
  fc.assert(
    fc.property(inputs, input => {
      const first = schema.safeParse(input)
      if (!first.success) return
      accepted += 1
      expect(schema.safeParse(first.data)).toEqual({ success: true, data: first.data })
    }),
  )
  expect(accepted, 'no input was valid: nothing was shown').toBeGreaterThan(0)
}
