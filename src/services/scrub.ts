import type { StepReport } from '../connectors/connection-test.ts'
import type { Evidence } from '../connectors/evidence.ts'
import type { JsonValue } from '../connectors/json.ts'
import type { Problem, Remedy } from '../connectors/problem.ts'
import { encodedForms } from './secret-forms.ts'

/** What stands where a secret stood. */
export const mask = '•••'

/** Secrets this short are also parts of ordinary words, so they count only where they stand alone. */
const shortestPart = 4

/** Removes a run's secret values from everything that is stored or leaves. */
export interface Scrubber {
  text(text: string): string
  problem(problem: Problem): Problem
  report(report: StepReport): StepReport
}

/**
 * Knows each secret as it is, URL-encoded, in Base64 (alone or within a longer encoded text) and JSON-escaped. Secrets
 * of less than four characters are removed only where they stand as a word of their own. A text that was cut in the
 * middle of a secret loses the part that is left of it.
 */
export function createScrubber(secrets: readonly string[]): Scrubber {
  const forms = [...new Set(secrets.flatMap(encodedForms))].sort((a, b) => b.length - a.length)
  const parts = forms.filter(form => form.length >= shortestPart)
  const words = forms.filter(form => form.length < shortestPart)

  const text = (original: string): string => {
    const storable = original.toWellFormed().replaceAll('\u0000', '')
    const spans = [
      ...parts.flatMap(part => occurrences(storable, part)),
      ...words.flatMap(word => occurrences(storable, word).filter(span => standsAlone(storable, span))),
      ...cutOff(storable, parts),
    ]
    return spans.length === 0 ? storable : maskSpans(storable, spans)
  }

  const json = <T extends JsonValue>(value: T): T => mapTexts(value, text)

  const problem = (found: Problem): Problem => ({
    ...found,
    message: text(found.message),
    params: json(found.params),
    detail: found.detail === null ? null : text(found.detail),
    remedies: found.remedies.map(remedy => scrubRemedy(remedy, text, json)),
  })

  const report = (given: StepReport): StepReport => ({
    ...given,
    ...(given.note != null && { note: text(given.note) }),
    evidence: given.evidence.map(item => scrubEvidence(item, json)),
    problem: given.problem && problem(given.problem),
  })

  return { text, problem, report }
}

interface Span {
  readonly start: number
  readonly end: number
}

/** Overlapping ones too: of two secrets that overlap in a text nothing may be left. */
function occurrences(text: string, part: string): Span[] {
  const found: Span[] = []
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + 1)) {
    found.push({ start: at, end: at + part.length })
  }
  return found
}

const isWordCharacter = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}_]/u.test(character)

function standsAlone(text: string, { start, end }: Span): boolean {
  return !isWordCharacter(text[start - 1]) && !isWordCharacter(text[end])
}

/** Long texts are cut before they come here and then end in an ellipsis, perhaps within a secret. */
function cutOff(text: string, parts: readonly string[]): Span[] {
  if (!text.endsWith('…')) return []
  const end = text.length - 1
  const lengths = parts.map(part => {
    let length = Math.min(part.length - 1, end)
    while (length >= shortestPart && !text.endsWith(part.slice(0, length), end)) length--
    return length
  })
  const longest = Math.max(0, ...lengths)
  return longest >= shortestPart ? [{ start: end - longest, end }] : []
}

function maskSpans(text: string, spans: readonly Span[]): string {
  let result = ''
  let until = -1
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    if (start > until) result += text.slice(Math.max(until, 0), start) + mask
    until = Math.max(until, end)
  }
  return result + text.slice(Math.max(until, 0))
}

/** Keys are the types' own words; only values come from outside. */
function mapTexts<T extends JsonValue>(value: T, map: (text: string) => string): T {
  const walk = (item: JsonValue): JsonValue => {
    if (typeof item === 'string') return map(item)
    if (Array.isArray(item)) return item.map(walk)
    if (item === null || typeof item !== 'object') return item
    return Object.fromEntries(Object.entries(item).map(([key, inner]) => [key, walk(inner)]))
  }
  return walk(value) as T
}

/** Everything but what the reader's program decides by. */
function scrubRemedy(
  remedy: Remedy,
  text: (text: string) => string,
  json: <T extends JsonValue>(value: T) => T,
): Remedy {
  const { kind, title, ...rest } = remedy
  const kept = 'field' in rest ? { field: rest.field } : {}
  // The same keys with values of the same types.
  return { kind, title: text(title), ...json(rest as { readonly [key: string]: JsonValue }), ...kept } as Remedy
}

function scrubEvidence(evidence: Evidence, json: <T extends JsonValue>(value: T) => T): Evidence {
  const { kind, measuredOn, ...rest } = evidence
  const kept = 'family' in rest ? { family: rest.family } : {}
  return {
    kind,
    ...(measuredOn && { measuredOn }),
    ...json(rest as { readonly [key: string]: JsonValue }),
    ...kept,
  } as Evidence
}
