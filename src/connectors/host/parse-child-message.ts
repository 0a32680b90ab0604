import { z } from 'zod'
import type { CatalogEntry, FieldOption, Listing } from '../browse.ts'
import type { QueryEnd } from '../define.ts'
import type { Evidence } from '../evidence.ts'
import type { JsonObject, JsonValue } from '../json.ts'
import { isShallow, maxJsonDepth } from '../json-depth.ts'
import { cleanText, type Problem, type Remedy } from '../problem.ts'
import { type ProblemCode, problemTable } from '../problem-table.ts'
import {
  listLimits,
  maxColumnNameLength,
  maxColumns,
  maxListedItems,
  maxListedNameLength,
  maxListedProblemBytes,
  maxListedQueryBytes,
  maxNativeTypeLength,
  maxNextLength,
  maxParamNameLength,
  maxSqlLength,
  maxStepIdLength,
  maxWordsLength,
  textLimits,
} from './message-limits.ts'
import type { ChildMessage, ChildWords } from './protocol.ts'
import { isRowsMessage, parseRowsMessage } from './rows-message.ts'

/**
 * What a child says is checked as if an attacker wrote it: it digests what hostile servers send. Shapes are closed,
 * texts are capped and cleaned, codes must exist.
 */

/** Short text that reaches a reader's screen. */
const text = (maxLength: number) =>
  z
    .string()
    .max(10 * maxLength)
    .transform(value => cleanText(value, maxLength))
const words = z.string().max(maxWordsLength)
const measuredOn = z.exactOptional(z.enum(['SAME_SOCKET', 'PROBE']))
const json = z.custom<JsonValue>(value => isShallow(value, maxJsonDepth))

const evidence: z.ZodType<Evidence> = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('TEXT'),
    label: text(textLimits.evidenceLabel),
    measuredOn,
    value: text(textLimits.evidenceValue),
  }),
  z.strictObject({
    kind: z.literal('ADDRESS'),
    label: text(textLimits.evidenceLabel),
    measuredOn,
    address: text(textLimits.address),
    family: z.enum(['IPV4', 'IPV6']),
    outcome: z.exactOptional(text(textLimits.outcome)),
  }),
  z.strictObject({
    kind: z.literal('CERTIFICATE'),
    label: text(textLimits.evidenceLabel),
    measuredOn,
    subject: text(textLimits.subject),
    issuer: text(textLimits.subject),
    validFrom: text(textLimits.time),
    validTo: text(textLimits.time),
    sha256Fingerprint: text(textLimits.fingerprint),
    subjectAltNames: z.array(text(textLimits.subjectAltName)).max(listLimits.subjectAltNames),
  }),
])

const remedy: z.ZodType<Remedy> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('SET_FIELD'), title: text(textLimits.remedyTitle), field: words, value: json }),
  z.strictObject({
    kind: z.literal('RUN_SQL'),
    title: text(textLimits.remedyTitle),
    sql: z.string().max(maxSqlLength),
  }),
  z.strictObject({
    kind: z.literal('ALLOW_ADDRESS'),
    title: text(textLimits.remedyTitle),
    addresses: z.array(text(textLimits.address)).max(listLimits.addresses),
  }),
  z.strictObject({ kind: z.literal('REENTER_SECRET'), title: text(textLimits.remedyTitle), field: words }),
  z.strictObject({ kind: z.literal('READ_DOCS'), title: text(textLimits.remedyTitle), url: words }),
])

const problem: z.ZodType<Problem> = z.strictObject({
  code: z.enum(Object.keys(problemTable) as ProblemCode[]),
  origin: z.enum(['FORM', 'NETWORK', 'SOURCE', 'SECRET_STORE', 'POLICY', 'PATCHBAY']),
  message: text(textLimits.problemMessage),
  params: z.record(z.string().max(maxParamNameLength), json),
  detail: text(textLimits.problemDetail).nullable(),
  retryable: z.boolean(),
  fields: z.array(words).max(listLimits.fields),
  remedies: z.array(remedy).max(listLimits.remedies),
  docsPath: words,
})

const stepId = z.string().max(maxStepIdLength)
const report = z.strictObject({
  status: z.enum(['PASSED', 'WARNING', 'FAILED', 'SKIPPED', 'CANCELLED']),
  blockedBy: z.exactOptional(stepId.nullable()),
  note: z.exactOptional(text(textLimits.note).nullable()),
  evidence: z.array(evidence).max(listLimits.evidence),
  problem: problem.nullable(),
})

const step = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('STEP_STARTED'), stepId }),
  z.strictObject({ kind: z.literal('STEP_PROGRESSED'), stepId, note: text(textLimits.note) }),
  z.strictObject({
    kind: z.literal('STEP_FINISHED'),
    stepId,
    durationMs: z.int().nonnegative().nullable(),
    report,
  }),
])

const commonType = z.enum([
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
])
const column = z.strictObject({
  name: z.string().max(maxColumnNameLength),
  nativeType: z.string().max(maxNativeTypeLength),
  type: commonType,
})

const end: z.ZodType<QueryEnd> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('COMPLETE'), truncated: z.boolean() }),
  z.strictObject({ kind: z.literal('PROBLEM'), problem }),
])

const listedName = z.string().min(1).max(maxListedNameLength)
const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value))
const listedQuery = z.custom<JsonObject>(
  value =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    isShallow(value, maxJsonDepth) &&
    bytesOf(value) <= maxListedQueryBytes,
)
const catalogEntry: z.ZodType<CatalogEntry> = z.strictObject({
  name: listedName,
  kind: z.enum(['CATALOG', 'DATABASE', 'SCHEMA', 'TABLE', 'VIEW', 'COLLECTION', 'FOLDER', 'OBJECT', 'COLUMN']),
  nativeKind: z.exactOptional(text(textLimits.nativeKind)),
  hasChildren: z.boolean(),
  comment: z.exactOptional(text(textLimits.comment)),
  column: z.exactOptional(
    z.strictObject({
      nativeType: text(textLimits.listedType),
      type: commonType,
      isNullable: z.exactOptional(z.boolean()),
    }),
  ),
  sizeBytes: z.exactOptional(z.int().nonnegative()),
  query: z.exactOptional(listedQuery),
  problem: z.exactOptional(problem.refine(found => bytesOf(found) <= maxListedProblemBytes)),
})
const fieldOption: z.ZodType<FieldOption> = z.strictObject({
  value: listedName,
  label: z.exactOptional(text(textLimits.optionLabel)),
  help: z.exactOptional(text(textLimits.optionHelp)),
})
const listing: z.ZodType<Listing> = z.strictObject({
  items: z.union([z.array(fieldOption).max(maxListedItems), z.array(catalogEntry).max(maxListedItems)]),
  next: z.string().max(maxNextLength).nullable(),
  problem: problem.nullable(),
})

/** Goes into the log: class and code of an error have no room for a sentence with data in it. */
const errorKind = z.string().regex(/^\w{1,60}( \w{1,60}){0,2}$/)
const jobId = z.int().nonnegative()
const childWords: z.ZodType<ChildWords> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('READY') }),
  z.strictObject({ kind: z.literal('UNFIT'), reason: text(200) }),
  z.strictObject({ kind: z.literal('STEP'), jobId, step }),
  z.strictObject({ kind: z.literal('TEST_DONE'), jobId, leftovers: z.boolean() }),
  z.strictObject({ kind: z.literal('COLUMNS'), jobId, columns: z.array(column).max(maxColumns) }),
  z.strictObject({ kind: z.literal('QUERY_DONE'), jobId, end, leftovers: z.boolean() }),
  z.strictObject({ kind: z.literal('LISTING_DONE'), jobId, listing, leftovers: z.boolean() }),
  z.strictObject({ kind: z.literal('JOB_FAILED'), jobId, message: errorKind }),
  z.strictObject({ kind: z.literal('MEMORY'), residentMb: z.number().nonnegative() }),
])

/** The message in `body`, or null when it is not one. Never throws. Rows are not read: see `rows-part.ts`. */
export function parseChildMessage(body: Buffer): ChildMessage | null {
  if (isRowsMessage(body)) return parseRowsMessage(body)
  let value: unknown
  try {
    value = JSON.parse(body.toString())
  } catch {
    return null
  }
  const parsed = childWords.safeParse(value)
  return parsed.success ? parsed.data : null
}
