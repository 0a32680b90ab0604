import type { StepReport } from '../connection-test.ts'
import type { QueryEnd } from '../define.ts'
import type { Evidence } from '../evidence.ts'
import type { JsonValue } from '../json.ts'
import { cleanText, type Problem, type Remedy } from '../problem.ts'
import {
  listLimits,
  maxParamNameLength,
  maxReportBytes,
  maxSqlLength,
  maxWordsLength,
  textLimits,
} from './message-limits.ts'
import type { ChildWords } from './protocol.ts'

/**
 * What a hostile source says is cut here, in the child, to what the parent takes: a source that says too much must not
 * look like a broken connector host. What is small enough passes unchanged.
 */

/** Together below `maxReportBytes`, with room for the rest of the message. */
const evidenceBytes = maxReportBytes / 2
const remediesBytes = maxReportBytes / 8
const paramsBytes = maxReportBytes / 16

const paramTextLength = 2_000
const paramItems = 100
const paramDepth = 10

export function clampMessage(message: ChildWords): ChildWords {
  if (message.kind === 'QUERY_DONE') return { ...message, end: clampEnd(message.end) }
  if (message.kind !== 'STEP') return message
  const { step } = message
  switch (step.kind) {
    case 'STEP_STARTED':
      return message
    case 'STEP_PROGRESSED':
      return { ...message, step: { ...step, note: clampText(step.note, textLimits.note) } }
    case 'STEP_FINISHED':
      return { ...message, step: { ...step, report: clampReport(step.report) } }
  }
}

export function clampReport(report: StepReport): StepReport {
  const { status, blockedBy, note } = report
  return {
    status,
    ...(blockedBy !== undefined && { blockedBy }),
    ...(note !== undefined && { note: note === null ? null : clampText(note, textLimits.note) }),
    evidence: fitting(report.evidence.slice(0, listLimits.evidence).map(clampEvidence), evidenceBytes),
    problem: report.problem && clampProblem(report.problem),
  }
}

const clampEnd = (end: QueryEnd): QueryEnd =>
  end.kind === 'PROBLEM' ? { kind: 'PROBLEM', problem: clampProblem(end.problem) } : end

export function clampProblem({ code, origin, retryable, ...problem }: Problem): Problem {
  return {
    code,
    origin,
    message: clampText(problem.message, textLimits.problemMessage),
    params: clampParams(problem.params),
    detail: problem.detail === null ? null : clampText(problem.detail, textLimits.problemDetail),
    retryable,
    fields: fitting(problem.fields.filter(isWords).slice(0, listLimits.fields), paramsBytes),
    // A remedy is whole or not there: a statement cut short would be another statement.
    remedies: fitting(
      problem.remedies.slice(0, listLimits.remedies).flatMap(remedy => clampRemedy(remedy) ?? []),
      remediesBytes,
    ),
    docsPath: problem.docsPath.slice(0, maxWordsLength),
  }
}

function clampEvidence(evidence: Evidence): Evidence {
  const common = {
    label: clampText(evidence.label, textLimits.evidenceLabel),
    ...(evidence.measuredOn !== undefined && { measuredOn: evidence.measuredOn }),
  }
  switch (evidence.kind) {
    case 'TEXT':
      return { kind: 'TEXT', ...common, value: clampText(evidence.value, textLimits.evidenceValue) }
    case 'ADDRESS':
      return {
        kind: 'ADDRESS',
        ...common,
        address: clampText(evidence.address, textLimits.address),
        family: evidence.family,
        ...(evidence.outcome !== undefined && { outcome: clampText(evidence.outcome, textLimits.outcome) }),
      }
    case 'CERTIFICATE':
      return {
        kind: 'CERTIFICATE',
        ...common,
        subject: clampText(evidence.subject, textLimits.subject),
        issuer: clampText(evidence.issuer, textLimits.subject),
        validFrom: clampText(evidence.validFrom, textLimits.time),
        validTo: clampText(evidence.validTo, textLimits.time),
        sha256Fingerprint: clampText(evidence.sha256Fingerprint, textLimits.fingerprint),
        subjectAltNames: fitting(
          evidence.subjectAltNames
            .slice(0, listLimits.subjectAltNames)
            .map(name => clampText(name, textLimits.subjectAltName)),
          evidenceBytes / 8,
        ),
      }
  }
}

function clampRemedy(remedy: Remedy): Remedy | null {
  const title = clampText(remedy.title, textLimits.remedyTitle)
  switch (remedy.kind) {
    case 'SET_FIELD': {
      const { field, value } = remedy
      return isWords(field) && isSmallJson(value) ? { kind: 'SET_FIELD', title, field, value } : null
    }
    case 'RUN_SQL':
      return remedy.sql.length <= maxSqlLength ? { kind: 'RUN_SQL', title, sql: remedy.sql } : null
    case 'ALLOW_ADDRESS': {
      const addresses = remedy.addresses.slice(0, listLimits.addresses)
      return {
        kind: 'ALLOW_ADDRESS',
        title,
        addresses: addresses.map(address => clampText(address, textLimits.address)),
      }
    }
    case 'REENTER_SECRET':
      return isWords(remedy.field) ? { kind: 'REENTER_SECRET', title, field: remedy.field } : null
    case 'READ_DOCS':
      return isWords(remedy.url) ? { kind: 'READ_DOCS', title, url: remedy.url } : null
  }
}

function clampParams(params: Problem['params']): Problem['params'] {
  const entries = Object.entries(params)
    .filter(([name]) => name.length <= maxParamNameLength)
    .slice(0, paramItems)
    .map(([name, value]) => [name, clampJson(value, paramDepth)] as const)
  return Object.fromEntries(fitting(entries, paramsBytes))
}

function clampJson(value: JsonValue, depth: number): JsonValue {
  if (typeof value === 'string') return clampText(value, paramTextLength)
  if (typeof value !== 'object' || value === null) return value
  if (depth === 0) return null
  if (isList(value)) return value.slice(0, paramItems).map(item => clampJson(item, depth - 1))
  const entries = Object.entries(value).slice(0, paramItems)
  return Object.fromEntries(entries.map(([name, item]) => [name.slice(0, paramTextLength), clampJson(item, depth - 1)]))
}

/** As many of the first items as their JSON leaves room for. */
function fitting<T>(items: readonly T[], maxBytes: number): readonly T[] {
  let bytes = 0
  const over = items.findIndex(item => {
    bytes += Buffer.byteLength(JSON.stringify(item)) + 1
    return bytes > maxBytes
  })
  return over === -1 ? items : items.slice(0, over)
}

/** `value`, cut if it is longer. */
export const clampText = (value: string, maxLength: number): string =>
  value.length > maxLength ? cleanText(value, maxLength) : value
const isWords = (words: string): boolean => words.length <= maxWordsLength
/** Whether nothing of it would be cut. */
const isSmallJson = (value: JsonValue): boolean =>
  JSON.stringify(clampJson(value, paramDepth)) === JSON.stringify(value)
/** `Array.isArray` does not know read-only lists. */
const isList = (value: JsonValue): value is readonly JsonValue[] => Array.isArray(value)
