/** Where a text stops being JSON that says what it seems to, which the engine's own parser does not always tell. */
export type JsonSyntax =
  | { readonly kind: 'SOUND' }
  /** `index` is the length of the text where it ends too early. */
  | { readonly kind: 'FAULT'; readonly index: number }
  /** A name that would not be sent, or not in its place: JavaScript has one value for a name, and numbers first. */
  | { readonly kind: 'MISPLACED'; readonly index: number; readonly name: string; readonly isRepeated: boolean }
  | { readonly kind: 'TOO_DEEP' }

/** What may come next. */
type Place = 'VALUE' | 'VALUE_OR_END' | 'NAME' | 'NAME_OR_END' | 'COLON' | 'COMMA_OR_END' | 'NOTHING'

const blank = /[\t\n\r ]*/y
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON has none of them in its strings.
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const scalar = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y

function matchAt(pattern: RegExp, text: string, index: number): number | null {
  pattern.lastIndex = index
  return pattern.test(text) ? pattern.lastIndex : null
}

/** Walks a text by RFC 8259, without recursion: it may be nested as deeply as it is long. */
export function jsonSyntax(text: string, maxDepth: number): JsonSyntax {
  const open: Container[] = []
  let place: Place = 'VALUE'
  let at = 0
  for (;;) {
    at = matchAt(blank, text, at) ?? at
    const next = text[at]
    if (next === undefined) return place === 'NOTHING' ? { kind: 'SOUND' } : { kind: 'FAULT', index: at }
    if (next === open.at(-1)?.closer && place.endsWith('_OR_END')) {
      open.pop()
      at += 1
      place = behindValue(open)
      continue
    }
    const step = stepFrom(place, text, at, open)
    if (step === null) return { kind: 'FAULT', index: at }
    if (open.length > maxDepth) return { kind: 'TOO_DEEP' }
    const names = place.startsWith('NAME') ? open.at(-1)?.names : undefined
    const fault = names?.add(JSON.parse(text.slice(at, step.at)) as string)
    if (fault) return { kind: 'MISPLACED', index: at, ...fault }
    at = step.at
    place = step.place
  }
}

/** What has been opened and not yet closed. */
interface Container {
  readonly closer: '}' | ']'
  /** Of a document. */
  readonly names?: Names
}

/** The names of one document, in their order. */
class Names {
  readonly #known = new Set<string>()
  #hasWords = false
  #greatest = -1

  /** What is wrong with a further name; null when nothing is. */
  add(name: string): { readonly name: string; readonly isRepeated: boolean } | null {
    if (this.#known.has(name)) return { name, isRepeated: true }
    this.#known.add(name)
    if (!isIndex(name)) {
      this.#hasWords = true
      return null
    }
    if (this.#hasWords || Number(name) < this.#greatest) return { name, isRepeated: false }
    this.#greatest = Number(name)
    return null
  }
}

/** Whether JavaScript puts a property of this name before all others. */
const isIndex = (name: string): boolean => /^(?:0|[1-9]\d{0,9})$/.test(name) && Number(name) < 2 ** 32 - 1

const behindValue = (open: readonly Container[]): Place => (open.length === 0 ? 'NOTHING' : 'COMMA_OR_END')

/** One token from `at` on; null when it cannot stand there. Notes what has been opened in `open`. */
function stepFrom(
  place: Place,
  text: string,
  at: number,
  open: Container[],
): { readonly at: number; readonly place: Place } | null {
  const next = text[at]
  switch (place) {
    case 'NAME':
    case 'NAME_OR_END': {
      const end = matchAt(string, text, at)
      return end === null ? null : { at: end, place: 'COLON' }
    }
    case 'COLON':
      return next === ':' ? { at: at + 1, place: 'VALUE' } : null
    case 'COMMA_OR_END':
      return next === ',' ? { at: at + 1, place: open.at(-1)?.names ? 'NAME' : 'VALUE' } : null
    case 'NOTHING':
      return null
    case 'VALUE':
    case 'VALUE_OR_END': {
      const behind = behindValue(open)
      if (next === '{' || next === '[') {
        open.push(next === '{' ? { closer: '}', names: new Names() } : { closer: ']' })
        return { at: at + 1, place: next === '{' ? 'NAME_OR_END' : 'VALUE_OR_END' }
      }
      const end = matchAt(next === '"' ? string : scalar, text, at)
      return end === null ? null : { at: end, place: behind }
    }
  }
}
