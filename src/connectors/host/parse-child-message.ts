import { z } from 'zod'
import type { QueryOutcome, QueryResult } from '../define.ts'
import type { Evidence } from '../evidence.ts'
import type { JsonValue } from '../json.ts'
import { cleanText, type Problem, type Remedy } from '../problem.ts'
import { type ProblemCode, problemTable } from '../problem-table.ts'
import type { ChildMessage } from './protocol.ts'

/**
 * What a child says is checked as if an attacker wrote it: it digests what hostile servers send. Shapes are closed,
 * texts are capped and cleaned, codes must exist.
 */

const maxDepth = 200

/** Short text that reaches a reader's screen. */
const text = (maxLength: number) =>
  z
    .string()
    .max(10 * maxLength)
    .transform(value => cleanText(value, maxLength))
const words = z.string().max(1_000)
const measuredOn = z.exactOptional(z.enum(['SAME_SOCKET', 'PROBE']))
const json = z.custom<JsonValue>(value => isJson(value, maxDepth))

const evidence: z.ZodType<Evidence> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('TEXT'), label: text(200), measuredOn, value: text(2_000) }),
  z.strictObject({
    kind: z.literal('ADDRESS'),
    label: text(200),
    measuredOn,
    address: text(100),
    family: z.enum(['IPV4', 'IPV6']),
    outcome: z.exactOptional(text(200)),
  }),
  z.strictObject({
    kind: z.literal('CERTIFICATE'),
    label: text(200),
    measuredOn,
    subject: text(1_000),
    issuer: text(1_000),
    validFrom: text(50),
    validTo: text(50),
    sha256Fingerprint: text(100),
    subjectAltNames: z.array(text(300)).max(1_000),
  }),
])

const remedy: z.ZodType<Remedy> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('SET_FIELD'), title: text(300), field: words, value: json }),
  z.strictObject({ kind: z.literal('RUN_SQL'), title: text(300), sql: z.string().max(50_000) }),
  z.strictObject({ kind: z.literal('ALLOW_ADDRESS'), title: text(300), addresses: z.array(text(100)).max(100) }),
  z.strictObject({ kind: z.literal('REENTER_SECRET'), title: text(300), field: words }),
  z.strictObject({ kind: z.literal('READ_DOCS'), title: text(300), url: words }),
])

const problem: z.ZodType<Problem> = z.strictObject({
  code: z.enum(Object.keys(problemTable) as ProblemCode[]),
  origin: z.enum(['FORM', 'NETWORK', 'SOURCE', 'SECRET_STORE', 'POLICY', 'PATCHBAY']),
  message: text(2_000),
  params: z.record(z.string().max(100), json),
  detail: text(300).nullable(),
  retryable: z.boolean(),
  fields: z.array(words).max(50),
  remedies: z.array(remedy).max(20),
  docsPath: words,
})

const stepId = z.string().max(500)
const report = z.strictObject({
  status: z.enum(['PASSED', 'WARNING', 'FAILED', 'SKIPPED', 'CANCELLED']),
  blockedBy: z.exactOptional(stepId.nullable()),
  note: z.exactOptional(text(200).nullable()),
  evidence: z.array(evidence).max(200),
  problem: problem.nullable(),
})

const step = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('STEP_STARTED'), stepId }),
  z.strictObject({ kind: z.literal('STEP_PROGRESSED'), stepId, note: text(200) }),
  z.strictObject({
    kind: z.literal('STEP_FINISHED'),
    stepId,
    durationMs: z.int().nonnegative().nullable(),
    report,
  }),
])

const column = z.strictObject({
  name: z.string().max(10_000),
  nativeType: z.string().max(1_000),
  type: z.enum([
    'TEXT',
    'INTEGER',
    'DECIMAL',
    'FLOAT',
    'BOOLEAN',
    'DATE',
    'TIME',
    'TIMESTAMP',
    'JSON',
    'BINARY',
    'LIST',
    'OTHER',
  ]),
})

/** Rows are the one large thing that a child sends: they are checked by hand, in place. */
const result = z
  .strictObject({
    columns: z.array(column).max(10_000),
    rows: z.custom<QueryResult['rows']>(value => Array.isArray(value)),
    truncated: z.boolean(),
  })
  .refine(({ columns, rows }) => rows.every(row => isRow(row, columns.length)))

const outcome: z.ZodType<QueryOutcome> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('RESULT'), result }),
  z.strictObject({ kind: z.literal('PROBLEM'), problem }),
])

const jobId = z.int().nonnegative()
const childMessage: z.ZodType<ChildMessage> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('READY') }),
  z.strictObject({ kind: z.literal('STEP'), jobId, step }),
  z.strictObject({ kind: z.literal('TEST_DONE'), jobId, leftovers: z.boolean() }),
  z.strictObject({ kind: z.literal('QUERY_DONE'), jobId, outcome }),
  z.strictObject({ kind: z.literal('JOB_FAILED'), jobId, message: text(200) }),
  z.strictObject({ kind: z.literal('MEMORY'), residentMb: z.number().nonnegative() }),
])

/** The message in `text`, or null when it is not one. Never throws. */
export function parseChildMessage(text: string): ChildMessage | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return null
  }
  const parsed = childMessage.safeParse(value)
  return parsed.success ? parsed.data : null
}

function isRow(row: unknown, columns: number): boolean {
  return Array.isArray(row) && row.length === columns && row.every(value => isJson(value, maxDepth))
}

/** Whether a value that `JSON.parse` gave is shallow enough for everything that will walk it by recursion. */
function isJson(value: unknown, depth: number): boolean {
  if (value === undefined) return false
  if (typeof value !== 'object' || value === null) return true
  if (depth === 0) return false
  return Object.values(value).every(item => isJson(item, depth - 1))
}
