import { type EdgeLengths, findSecrets, withoutMarks } from './find-secrets.ts'
import { FormIndex, shortestPart } from './form-index.ts'
import type { Span } from './spans.ts'

/** What is remembered of earlier notes at most; a longer piece of a secret shows by itself. */
const maxRemembered = 4_096

/** A note is often only a piece of what was said: its edges are never believed to be whole. */
export const edgesOfNotes: EdgeLengths = { atCut: shortestPart, atEnd: shortestPart }

/**
 * Finds secrets that come in several notes, one after the other. Nothing is held back: the end of a note that may be
 * the beginning of a secret counts as one from its fourth character on, so that of a secret in pieces of any size at
 * most its first three characters pass. Notes lose the spaces around them, so across notes spaces do not count.
 */
export class NoteMemory {
  readonly #forms: FormIndex
  readonly #squeezedForms: FormIndex
  readonly #limit: number
  #told = ''

  /** `forms`: texts in which secrets may turn up, of four characters and more. */
  constructor(forms: readonly string[]) {
    this.#forms = new FormIndex(forms)
    const squeezed = forms
      .map(form => squeeze(form, { start: 0, end: form.length }).text)
      .filter(form => form.length >= shortestPart)
    this.#squeezedForms = new FormIndex(squeezed)
    this.#limit = Math.min(maxRemembered, Math.max(0, ...squeezed.map(form => form.length - 1)))
  }

  /** The places in `note` that belong to a secret, given the notes before it. */
  find(note: string): Span[] {
    const { text, places } = squeeze(note, withoutMarks(note))
    const offset = this.#told.length
    const joined = this.#told + text
    const across = findSecrets(joined, this.#squeezedForms, edgesOfNotes)
      .filter(span => span.end > offset)
      .map(({ start, end }) => ({
        start: places[Math.max(0, start - offset)] ?? 0,
        end: (places[end - offset - 1] ?? 0) + 1,
      }))
    this.#told = this.#limit === 0 ? '' : joined.slice(-this.#limit)
    return [...findSecrets(note, this.#forms, edgesOfNotes), ...across]
  }
}

/** A part of a text without its spaces, and where each of its characters stood. */
function squeeze(text: string, { start, end }: Span): { readonly text: string; readonly places: readonly number[] } {
  const places: number[] = []
  let squeezed = ''
  for (let at = start; at < end; at++) {
    const character = text.charAt(at)
    if (/\s/.test(character)) continue
    squeezed += character
    places.push(at)
  }
  return { text: squeezed, places }
}
