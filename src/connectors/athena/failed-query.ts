import type { QueryExecution } from '@aws-sdk/client-athena'
import { plainWords } from '../aws/account-noise.ts'
import { endpointName } from '../aws/endpoint.ts'
import { type Problem, problem } from '../problem.ts'
import type { ProblemCode } from '../problem-table.ts'
import {
  catalogNotFound,
  databaseNotFound,
  identityField,
  type Meaning,
  objectNotFound,
  outputMissing,
  outputUnusable,
  type QueryPlace,
  queryInvalid,
  scanLimitReached,
} from './meanings.ts'

/** Why a query has failed, as Athena tells it. */
interface Failure {
  readonly state: string
  /** In Athena's words. */
  readonly reason: string
  /** https://docs.aws.amazon.com/athena/latest/ug/error-reference.html; null when it is not told. */
  readonly category: number | null
  readonly type: number | null
}

interface Rule {
  readonly state?: string
  readonly types?: readonly number[]
  readonly reason?: RegExp
  readonly means: (place: QueryPlace, failure: Failure) => Meaning
}

const is = (code: ProblemCode) => (): Meaning => ({ code })

const permission = ({ config }: QueryPlace): Meaning => ({ code: 'PERMISSION_DENIED', fields: [identityField(config)] })
const stopped = is('STATEMENT_CANCELLED')

/** As the engine puts names into its words. */
const names = (reason: string, name: string): boolean =>
  [`'${name}'`, `"${name}"`, ` ${name} `].some(text => reason.toLowerCase().includes(text.toLowerCase()))

/** A schema that is not there: the connector's own database, or one that the statement names. */
function schemaMissing(place: QueryPlace, { reason }: Failure): Meaning {
  const { database } = place.config
  if (database === undefined || !names(reason, database)) return objectNotFound(place)
  return { ...databaseNotFound(database), fields: ['database'] }
}

const catalogMissing = (place: QueryPlace, { reason }: Failure): Meaning =>
  names(reason, place.config.catalog) ? catalogNotFound(place.config) : objectNotFound(place)

/** The first that fits counts. Types are those of Athena's error catalog, words those of its engine, of Glue, Hive and S3. */
const rules: readonly Rule[] = [
  { reason: /bytes scanned limit was exceeded/i, means: scanLimitReached },
  { state: 'CANCELLED', means: stopped },
  // The engine's own codes come before words: the names and values that follow them may read like anything.
  { reason: /^SCHEMA_NOT_FOUND: /, means: schemaMissing },
  { reason: /^CATALOG_NOT_FOUND: /, means: catalogMissing },
  { reason: /^(?:TABLE|COLUMN|FUNCTION|PROCEDURE)_NOT_FOUND: /, means: objectNotFound },
  {
    reason:
      /^(?:SYNTAX_ERROR|TYPE_MISMATCH|NOT_SUPPORTED|DIVISION_BY_ZERO|NUMERIC_VALUE_OUT_OF_RANGE|AMBIGUOUS_NAME|(?:EXPRESSION|INVALID|MISSING)_\w+): |^(?!PERMISSION_DENIED|ACCESS_DENIED)(?:[A-Z_]+: )?line \d+:\d+: /,
    means: queryInvalid,
  },
  { reason: /no output location/i, means: outputMissing },
  { types: [401, 402], means: outputUnusable },
  {
    reason:
      /when writing output|output (?:bucket|location)|(?:write|writing|upload)\w* (?:query )?results?|results? location|location provided to save/i,
    means: outputUnusable,
  },
  { types: [1500, 1501, 234], means: permission },
  {
    reason:
      /access ?denied|permission[ _]denied|not authorized to perform|insufficient (?:lake formation )?permissions?|status code: 403/i,
    means: permission,
  },
  { reason: /(?:schema|database) \S+ (?:does not exist|not found)/i, means: schemaMissing },
  { reason: /catalog \S+ (?:does not exist|not found)/i, means: catalogMissing },
  { types: [1110, 1301, 1303], means: objectNotFound },
  {
    reason:
      /(?:table|view|column|function) \S+ (?:does not exist|cannot be resolved|not (?:found|registered))|table not found|entity ?not ?found/i,
    means: objectNotFound,
  },
  { types: [1400, 1401, 1403, 1404, 1405, 1406], means: is('CLOUD_THROTTLED') },
  {
    reason: /rate exceeded|throttl|slow ?down|reduce your request rate|too many requests/i,
    means: is('CLOUD_THROTTLED'),
  },
  { types: [0, 1, 2, 3, 4, 5, 6, 7, 8, 206, 210, 1011, 1014], means: stopped },
  {
    reason: /exhausted resources|EXCEEDED_\w*(?:MEMORY|LIMIT)|INSUFFICIENT_RESOURCES|query time(?:d )?out/i,
    means: stopped,
  },
  // In Athena's catalog: syntax, data, schema, arguments, properties, what is not supported, files that are gone.
  {
    types: [
      1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1100, 1101, 1103, 1106, 1107, 1108, 1109, 1200, 1201, 1202, 1300,
      1302, 1306, 237,
    ],
    means: queryInvalid,
  },
  {
    reason: /(?:HIVE|ICEBERG|PARQUET|ORC)_\w+|ParseException|SemanticException|mismatched input/,
    means: queryInvalid,
  },
  { types: [100, 200, 300, 301, 302, 303, 400, 1010, 1012, 1013, 9999], means: is('CLOUD_UNAVAILABLE') },
  { reason: /GENERIC_INTERNAL_ERROR|internal (?:service )?error/i, means: is('CLOUD_UNAVAILABLE') },
  { types: [1000, 1009], means: queryInvalid },
]

/** What a query comes to that did not succeed. What no rule knows is UNCLASSIFIED. */
export function failedQuery({ Status: status }: QueryExecution, place: QueryPlace): Problem {
  const { State, StateChangeReason, AthenaError: error } = status ?? {}
  const failure: Failure = {
    state: String(State),
    reason: plainReason(String(StateChangeReason ?? error?.ErrorMessage ?? '')),
    category: error?.ErrorCategory ?? null,
    type: error?.ErrorType ?? null,
  }
  const { code, params = {}, fields = [] } = meaningOf(place, failure)
  const line = /(?:^|\s)line (\d+):\d+/.exec(failure.reason)?.[1]
  const found = problem(code, {
    params: {
      service: endpointName('athena', place.config.region),
      ...(code === 'QUERY_INVALID' && line !== undefined && { line: Number(line) }),
      ...params,
    },
    fields,
    detail: detailOf(failure),
  })
  return error?.Retryable === true ? { ...found, retryable: true } : found
}

function meaningOf(place: QueryPlace, failure: Failure): Meaning {
  const { state, type, reason } = failure
  const rule = rules.find(
    known =>
      (known.state === undefined || known.state === state) &&
      (known.types === undefined || (type !== null && known.types.includes(type))) &&
      (known.reason === undefined || known.reason.test(reason)),
  )
  return rule?.means(place, failure) ?? { code: 'UNCLASSIFIED' }
}

function detailOf({ state, reason, category, type }: Failure): string {
  const words = reason === '' ? `The query is ${state.slice(0, 40)}, and Athena does not say why.` : reason
  return type === null ? words : `${words} (error ${category ?? '?'}/${type})`
}

/** Without what Athena says of every failure: where to ask about it. */
const plainReason = (reason: string): string =>
  plainWords(reason)
    .replace(/\s*This query ran against the .*$/s, '')
    .trim()
