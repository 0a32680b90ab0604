import { isStorableText } from '../db/storable-text.ts'
import { type InputIssue, ValidationError } from './errors.ts'

/**
 * Refuses a form's input that holds text which a database cannot hold, or which would not arrive at a data source as it
 * was given. `inputPath` leads to it from the `input` argument. Throws `ValidationError` with every place.
 */
export function assertStorable(value: unknown, inputPath: readonly string[]): void {
  const issues = [...unstorable(value, [])].map(
    (segments): InputIssue => ({
      path: segments.join('.'),
      inputPath: [...inputPath, ...segments],
      message: 'Remove the characters that are no text: NUL, or half of a surrogate pair.',
    }),
  )
  if (issues.length > 0) throw new ValidationError(issues)
}

function* unstorable(value: unknown, path: readonly string[]): Generator<readonly string[]> {
  if (typeof value === 'string' && !isStorableText(value)) yield path
  if (typeof value !== 'object' || value === null) return
  for (const [key, inner] of Object.entries(value)) yield* unstorable(inner, [...path, key])
}
