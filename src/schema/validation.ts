import type { ZodError } from 'zod'
import { ValidationError } from '../services/errors.ts'

/** Input fields whose value is one form, under the input key of its connector type: `config: { postgres: {...} }`. */
const formHolders = new Set(['config', 'query', 'draft'])

/** Maps the issues of a root input's zod schema to the one validation error of the API, all of them at once. */
export function toValidationError(error: ZodError, inputKeys: ReadonlySet<string>): ValidationError {
  return new ValidationError(
    error.issues.map(issue => {
      const [, ...inputPath] = issue.path.map(String)
      return { path: formPath(inputPath, inputKeys), inputPath, message: issue.message }
    }),
  )
}

/** `["target", "draft", "postgres", "host"]` -> `host`; paths outside a form stay as they are, joined by dots. */
export function formPath(inputPath: readonly string[], inputKeys: ReadonlySet<string>): string {
  const holder = inputPath.findIndex((key, index) => formHolders.has(key) && inputKeys.has(inputPath[index + 1] ?? ''))
  return (holder === -1 ? inputPath : inputPath.slice(holder + 2)).join('.')
}
