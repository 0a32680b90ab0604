import { type InputIssue, ValidationError } from './errors.ts'

/** Collects what is wrong with an input, so that the client learns of everything at once. */
export class InputCheck {
  readonly #issues: InputIssue[] = []

  /** Notes a fault of the top-level field `path`; null is none. */
  field(path: string, fault: string | null): void {
    this.path([path], fault)
  }

  /** The same for a field further down. */
  path(inputPath: readonly string[], fault: string | null): void {
    if (fault !== null) this.#issues.push({ path: inputPath.join('.'), inputPath, message: fault })
  }

  /** The result of `validate`, or undefined once it has thrown `ValidationError`, whose issues are noted. */
  collect<T>(validate: () => T): T | undefined {
    try {
      return validate()
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error
      this.#issues.push(...error.issues)
      return undefined
    }
  }

  /** `collected`, when nothing was noted. Throws `ValidationError` otherwise. */
  valid<T>(collected: T | undefined): T {
    if (collected === undefined || this.#issues.length > 0) throw new ValidationError(this.#issues)
    return collected
  }
}
