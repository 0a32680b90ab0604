import type { ZodError } from 'zod'
import { ValidationError } from '../services/errors.ts'

/** Maps the issues of a root input's zod schema to the one validation error of the API, all of them at once. */
export function toValidationError(error: ZodError): ValidationError {
  return new ValidationError(
    error.issues.map(issue => {
      const [, ...inputPath] = issue.path.map(String)
      return { path: inputPath.join('.'), inputPath, message: issue.message }
    }),
  )
}
