import { type FormIndex, shortestPart } from './form-index.ts'
import { addSpan, type Span, walkMatches } from './spans.ts'

/** How much of a secret must be left at an edge of a text for it to be taken for one, in characters. */
export interface EdgeLengths {
  /** Beside an ellipsis: something was cut off there. */
  readonly atCut: number
  /** At the start and the end of a text that does not say that it was cut. */
  readonly atEnd: number
}

/** A text may end in a word that a long secret begins with, so an edge that looks whole is believed for longer. */
export const edgesOfTexts: EdgeLengths = { atCut: shortestPart, atEnd: 12 }

/**
 * Every place of `text` that holds one of `forms`, or what is left of one where the text was cut: a beginning before a
 * cut, an end after it, or a text that is nothing but a piece of the middle. Linear in the text for each form.
 */
export function findSecrets(text: string, forms: FormIndex, edges: EdgeLengths): Span[] {
  const spans: Span[] = []
  const { begun, ended } = forms.partlyIn(text)
  if (begun.length + ended.length > 0) {
    const cuts = cutsOf(text)
    for (const form of begun) {
      walkMatches(text, form, (end, matched) => {
        if (matched === form.length || matched >= requiredAt(end, cuts.before, text.length, edges)) {
          addSpan(spans, { start: end - matched, end })
        }
      })
    }
    const reversed = ended.length === 0 ? '' : reverse(text)
    for (const form of ended) {
      walkMatches(reversed, reverse(form), (end, matched) => {
        const start = text.length - end
        if (matched >= requiredAt(start, cuts.after, 0, edges)) addSpan(spans, { start, end: start + matched })
      })
    }
  }
  const middle = middlePiece(text, forms, edges)
  return middle ? [...spans, middle] : spans
}

/** Every place where a short secret stands as a word of its own. */
export function findWords(text: string, words: readonly string[]): Span[] {
  const spans: Span[] = []
  for (const word of words) {
    for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
      const end = at + word.length
      if (!isWordCharacter(text[at - 1]) && !isWordCharacter(text[end])) addSpan(spans, { start: at, end })
    }
  }
  return spans
}

const isWordCharacter = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}_]/u.test(character)

/** What stands where something was left out; the replacement character, where a character was cut in two. */
const cutMark = /…|\ufffd|\.{3}/g

interface Cuts {
  /** Places where a mark begins, and whatever stands before it was cut. */
  readonly before: ReadonlySet<number>
  /** Places where a mark ends. */
  readonly after: ReadonlySet<number>
}

function cutsOf(text: string): Cuts {
  const marks = [...text.matchAll(cutMark)]
  return {
    before: new Set(marks.map(mark => mark.index)),
    after: new Set(marks.map(mark => mark.index + mark[0].length)),
  }
}

const requiredAt = (at: number, cuts: ReadonlySet<number>, edge: number, { atCut, atEnd }: EdgeLengths): number => {
  if (cuts.has(at)) return atCut
  return at === edge ? atEnd : Number.POSITIVE_INFINITY
}

/** Where the text within the marks around it begins and ends. */
export function withoutMarks(text: string): Span {
  let start = 0
  let end = text.length
  for (let mark = markAt(text, start); mark > 0; mark = markAt(text, start)) start += mark
  while (end > start && isMark(text.charAt(end - 1))) end--
  if (end > start && text.slice(start, end).endsWith('...')) end -= 3
  return { start, end }
}

const isMark = (character: string) => character === '…' || character === '\ufffd'

/** The length of the mark that begins here, 0 when none does. */
function markAt(text: string, at: number): number {
  if (isMark(text.charAt(at))) return 1
  return text.startsWith('...', at) ? 3 : 0
}

/** A text, without the marks around it, that lies in the middle of a secret. */
function middlePiece(text: string, forms: FormIndex, { atCut, atEnd }: EdgeLengths): Span | null {
  const { start, end } = withoutMarks(text)
  const required = start > 0 && end < text.length ? atCut : atEnd
  if (end - start < required) return null
  return forms.hold(text.slice(start, end)) ? { start, end } : null
}

/** By UTF-16 unit, so that places can be counted from the other end. */
function reverse(text: string): string {
  let reversed = ''
  for (let at = text.length - 1; at >= 0; at--) reversed += text[at]
  return reversed
}
