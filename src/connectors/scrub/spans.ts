/** A part of a text, in UTF-16 units. */
export interface Span {
  readonly start: number
  readonly end: number
}

/**
 * Walks `text` and tells after each character how much of the beginning of `pattern` the text ends with there: the
 * whole pattern where it has just been found. Linear in both lengths whatever they hold (Knuth, Morris and Pratt).
 */
export function walkMatches(text: string, pattern: string, visit: (end: number, matched: number) => void): void {
  if (pattern === '') return
  const borders = bordersOf(pattern)
  let matched = 0
  for (let at = 0; at < text.length; at++) {
    if (matched === pattern.length) matched = borders[matched - 1] ?? 0
    while (matched > 0 && text.charCodeAt(at) !== pattern.charCodeAt(matched)) matched = borders[matched - 1] ?? 0
    if (text.charCodeAt(at) === pattern.charCodeAt(matched)) matched++
    visit(at + 1, matched)
  }
}

/** For each beginning of `pattern`: the length of the longest shorter beginning that it ends with. */
function bordersOf(pattern: string): Int32Array {
  const borders = new Int32Array(pattern.length)
  let border = 0
  for (let at = 1; at < pattern.length; at++) {
    while (border > 0 && pattern.charCodeAt(at) !== pattern.charCodeAt(border)) border = borders[border - 1] ?? 0
    if (pattern.charCodeAt(at) === pattern.charCodeAt(border)) border++
    borders[at] = border
  }
  return borders
}

/** Adds a span; one that overlaps the last is united with it, so that a text full of matches yields few spans. */
export function addSpan(spans: Span[], span: Span): void {
  const last = spans.at(-1)
  if (last && span.start <= last.end && span.start >= last.start) {
    spans[spans.length - 1] = { start: last.start, end: Math.max(last.end, span.end) }
  } else {
    spans.push(span)
  }
}

/** `text` with every span replaced by `mask`; spans that overlap or touch become one. */
export function replaceSpans(text: string, spans: readonly Span[], mask: string): string {
  let result = ''
  let until = -1
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    if (start > until) result += text.slice(Math.max(until, 0), start) + mask
    until = Math.max(until, end)
  }
  return result + text.slice(Math.max(until, 0))
}
