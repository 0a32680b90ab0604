/** Secrets shorter than this are also parts of ordinary words, so they count only where they stand alone. */
export const shortestPart = 4

/** A longer text is searched for each form: looking up each of its places would cost more. */
const longestLookedUp = 1_000

/**
 * The texts in which a run's secrets may turn up, by their first and their last characters: a private key has some
 * hundred of them, and hardly a message holds the beginning or the end of any.
 */
export class FormIndex {
  readonly #forms: readonly string[]
  readonly #byStart: ReadonlyMap<string, readonly string[]>
  readonly #byEnd: ReadonlyMap<string, readonly string[]>
  readonly #joined: string
  /** Which two characters follow each other somewhere: ordinary texts soon hold a pair that no secret has. */
  #pairs: Uint8Array | undefined

  /** `forms`: each of at least `shortestPart` characters. */
  constructor(forms: readonly string[]) {
    this.#forms = forms
    this.#byStart = Map.groupBy(forms, startOf)
    this.#byEnd = Map.groupBy(forms, endOf)
    this.#joined = forms.join('\u0000')
  }

  /** The forms whose first characters are somewhere in `text`, and those whose last are. */
  partlyIn(text: string): { readonly begun: readonly string[]; readonly ended: readonly string[] } {
    if (text.length > longestLookedUp) {
      return {
        begun: this.#forms.filter(form => text.includes(startOf(form))),
        ended: this.#forms.filter(form => text.includes(endOf(form))),
      }
    }
    const begun = new Set<string>()
    const ended = new Set<string>()
    for (let at = 0; at + shortestPart <= text.length; at++) {
      const part = text.slice(at, at + shortestPart)
      for (const form of this.#byStart.get(part) ?? []) begun.add(form)
      for (const form of this.#byEnd.get(part) ?? []) ended.add(form)
    }
    return { begun: [...begun], ended: [...ended] }
  }

  /** Whether one of the forms holds `piece`, which is without the character NUL. */
  hold(piece: string): boolean {
    this.#pairs ??= pairsOf(this.#joined)
    for (let at = 1; at < piece.length; at++) {
      if (this.#pairs[pairAt(piece, at)] === 0) return false
    }
    return this.#joined.includes(piece)
  }
}

const startOf = (form: string): string => form.slice(0, shortestPart)
const endOf = (form: string): string => form.slice(-shortestPart)

/** A number for the characters at `at - 1` and `at`; some pairs share one. */
const pairAt = (text: string, at: number): number =>
  ((text.charCodeAt(at - 1) << 7) ^ text.charCodeAt(at)) & (pairCount - 1)
const pairCount = 1 << 14

function pairsOf(text: string): Uint8Array {
  const pairs = new Uint8Array(pairCount)
  for (let at = 1; at < text.length; at++) pairs[pairAt(text, at)] = 1
  return pairs
}
