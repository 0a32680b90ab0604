import type { StepReport } from '../connection-test.ts'
import type { Evidence } from '../evidence.ts'
import type { JsonValue } from '../json.ts'
import type { Problem, Remedy } from '../problem.ts'
import { edgesOfTexts, findSecrets, findWords } from './find-secrets.ts'
import { FormIndex, shortestPart } from './form-index.ts'
import { NoteMemory } from './note-memory.ts'
import { encodedForms } from './secret-forms.ts'
import { secretParts } from './secret-parts.ts'
import { findShapes } from './secret-shapes.ts'
import { replaceSpans, type Span } from './spans.ts'

/** What stands where a secret stood. */
export const mask = '•••'

/** Longer texts are cut first: nothing that a reader sees is as long, and a hostile server's time is not ours. */
const maxTextLength = 256 * 1024

/** Removes a run's secret values, and what is a secret by its shape, from everything that is stored or leaves. */
export interface Scrubber {
  text(text: string): string
  problem(problem: Problem): Problem
  report(report: StepReport): StepReport
  /** For the notes of one run, in order: a secret may come in several. */
  notes(): (note: string) => string
}

/**
 * Knows each secret as it is, URL-encoded, in hexadecimal, in Base64 (alone or within a longer encoded text) and
 * JSON-escaped; of one that is a JSON file with keys in it, the keys. Secrets of less than four characters are removed
 * only where they stand as a word of their own. Where a text was cut, at most three characters of a secret are left beside
 * the ellipsis, and at most eleven at an edge without one. Not promised: secrets that are written backwards, compressed,
 * encoded in two ways at once or with other characters in between.
 */
export function createScrubber(secrets: readonly string[]): Scrubber {
  const forms = [...new Set(secrets.flatMap(secretParts).flatMap(encodedForms))]
  const parts = forms.filter(form => form.length >= shortestPart)
  const index = new FormIndex(parts)
  const words = forms.filter(form => form.length < shortestPart)

  const scrub = (original: string, find: (text: string) => readonly Span[]): string => {
    const text = shortened(original)
    const spans = [...find(text), ...findWords(text, words), ...findShapes(text)]
    // Last, because a character may have been cut in two within a secret.
    return (spans.length === 0 ? text : replaceSpans(text, spans, mask)).toWellFormed()
  }
  const text = (original: string) => scrub(original, given => findSecrets(given, index, edgesOfTexts))
  const json = <T extends JsonValue>(value: T): T => mapTexts(value, text)

  const notes = () => {
    const memory = new NoteMemory(parts)
    return (note: string) => scrub(note, given => memory.find(given))
  }

  const problem = (found: Problem): Problem => ({
    ...found,
    message: text(found.message),
    params: json(found.params),
    detail: found.detail === null ? null : text(found.detail),
    remedies: found.remedies.flatMap(remedy => scrubRemedy(remedy, text, json)),
  })

  const report = (given: StepReport): StepReport => ({
    ...given,
    ...(given.note != null && { note: text(given.note) }),
    evidence: given.evidence.map(item => scrubEvidence(item, json)),
    problem: given.problem && problem(given.problem),
  })

  return { text, problem, report, notes }
}

/** Of bounded length, and without what not every database can keep. */
function shortened(original: string): string {
  const cut = original.length > maxTextLength ? `${original.slice(0, maxTextLength - 1)}…` : original
  return cut.replaceAll('\u0000', '')
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

/**
 * Everything but what the reader's program decides by. A value with a hole in it is no remedy: a click would put the
 * mask into the form.
 */
function scrubRemedy(
  remedy: Remedy,
  text: (text: string) => string,
  json: <T extends JsonValue>(value: T) => T,
): readonly Remedy[] {
  const { kind, title, ...rest } = remedy
  if (remedy.kind === 'SET_FIELD' && JSON.stringify(json(remedy.value)) !== JSON.stringify(remedy.value)) return []
  const kept = 'field' in rest ? { field: rest.field } : {}
  // The same keys with values of the same types.
  return [{ kind, title: text(title), ...json(rest as { readonly [key: string]: JsonValue }), ...kept } as Remedy]
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
