const firstDelayMs = 100
const maxDelayMs = 10_000

/** Spaces out the starts of children that end before they did anything. */
export class StartBackoff {
  readonly #retry: () => void
  #failures = 0
  #timer: NodeJS.Timeout | undefined

  /** `retry` is called when a child may be started again. */
  constructor(retry: () => void) {
    this.#retry = retry
  }

  get waiting(): boolean {
    return this.#timer !== undefined
  }

  /** Whether the last child that should have served did not. */
  get failing(): boolean {
    return this.#failures > 0
  }

  failed(): void {
    this.#failures += 1
    clearTimeout(this.#timer)
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined
        this.#retry()
      },
      Math.min(firstDelayMs * 2 ** (this.#failures - 1), maxDelayMs),
    )
  }

  succeeded(): void {
    this.#failures = 0
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
