import type { Problem } from '../problem.ts'
import type { DatabricksConfig } from './form.ts'
import {
  cannotStart,
  catalogNotFound,
  computeName,
  credentialsExpired,
  credentialsRejected,
  identityField,
  type Meaning,
  meant,
  type Place,
  schemaNotFound,
} from './meanings.ts'

/** What Databricks refuses, or fails to do. */
export class DatabricksError extends Error {
  readonly problem: Problem
  /** Databricks' own word for it: an error code of the REST API, an error class of SQL; empty for none. */
  readonly word: string

  constructor(found: Problem, word = '') {
    super(found.message)
    this.name = 'DatabricksError'
    this.problem = found
    this.word = word
  }
}

/** A refusal of HTTP's: of the REST API, and of what stands before SQL. */
export interface Refused {
  readonly status: number
  /** `RESOURCE_DOES_NOT_EXIST`; empty where there is none. */
  readonly word: string
  readonly message: string
}

/** What a call is about, where its refusal means something that only those know who call. */
export interface About {
  /** Completes "does not allow ". */
  readonly action: string
  readonly denied?: Meaning
  readonly missing?: Meaning
}

interface RestRule {
  readonly status?: readonly number[]
  readonly word?: RegExp
  readonly message?: RegExp
  readonly means: (place: Place, about: About) => Meaning
}

const denied = ({ config }: Place, { action, denied: known }: About): Meaning =>
  known ?? { code: 'CLOUD_ACCESS_DENIED', params: { action }, fields: [identityField(config)] }

const missing = (place: Place, { missing: known }: About): Meaning =>
  known ?? {
    code: 'CLOUD_RESOURCE_NOT_FOUND',
    params: { what: 'workspace', name: place.config.host },
    fields: ['host'],
  }

const addressRefused =
  /IP (?:ACL|access list)|source ip|unauthorized network access|ip address\b.*\b(?:blocked|not allowed|denied)/i
const addressNotAllowed = ({ config }: Pick<Place, 'config'>): Meaning => ({
  code: 'CLIENT_ADDRESS_NOT_ALLOWED',
  params: { host: config.host },
  fields: ['host'],
})

/** The first that fits counts. Codes: https://docs.databricks.com/api/workspace/introduction */
const restRules: readonly RestRule[] = [
  {
    status: [401, 403],
    message: addressRefused,
    means: addressNotAllowed,
  },
  { status: [400, 401, 403], message: /token (?:is|has|was) expired|expired token|token expired/i, means: expired },
  // A workspace that does not know a token says so with 403, as it says of rights.
  { status: [401], means: rejected },
  {
    status: [403],
    message: /invalid (?:access )?token|credential was not sent|unable to (?:parse|authenticate)|malformed token/i,
    means: rejected,
  },
  { status: [429], means: () => ({ code: 'CLOUD_THROTTLED' }) },
  { word: /^(?:REQUEST_LIMIT_EXCEEDED|RESOURCE_EXHAUSTED)$/, means: () => ({ code: 'CLOUD_THROTTLED' }) },
  { word: /_DOES_NOT_EXIST$|_NOT_FOUND$|^NOT_FOUND$/, means: missing },
  { status: [404], means: missing },
  {
    status: [400],
    message: /does not exist|not a valid (?:endpoint|cluster|warehouse)|was not found/i,
    means: missing,
  },
  { word: /^(?:PERMISSION_DENIED|UNAUTHORIZED|FORBIDDEN)$/, means: denied },
  { status: [403], means: denied },
  { word: /^(?:TEMPORARILY_UNAVAILABLE|INTERNAL_ERROR|DEADLINE_EXCEEDED)$/, means: unavailable },
  { status: [408, 500, 502, 503, 504], means: unavailable },
  {
    status: [400, 405, 409, 413, 422],
    // What is not there is what was asked for by name: the same field has it.
    means: (_, { missing: named }) => ({ code: 'CLOUD_REQUEST_INVALID', fields: named?.fields ?? [] }),
  },
]

function expired({ config }: Place): Meaning {
  return credentialsExpired(config)
}
function rejected({ config }: Place): Meaning {
  return credentialsRejected(config)
}
function unavailable(): Meaning {
  return { code: 'CLOUD_UNAVAILABLE' }
}

/** What a refusal of HTTP's comes to. What no rule knows is UNCLASSIFIED. */
export function explainRefusal(refused: Refused, place: Place, about: About): DatabricksError {
  const { status, word, message } = refused
  const rule = restRules.find(
    known =>
      (known.status === undefined || known.status.includes(status)) &&
      (known.word === undefined || known.word.test(word)) &&
      (known.message === undefined || known.message.test(message)),
  )
  const said = [word, withoutNoise(message)].filter(text => text !== '').join(': ')
  const detail = said === '' ? `HTTP ${status}` : `${said} (HTTP ${status})`
  return new DatabricksError(meant(place, rule?.means(place, about) ?? { code: 'UNCLASSIFIED' }, detail), word)
}

/** Whether the token itself is not taken, or not any more. */
export const isTokenRefusal = (refused: Refused, place: Place): boolean =>
  ['CLOUD_CREDENTIALS_REJECTED', 'CLOUD_CREDENTIALS_EXPIRED'].includes(
    explainRefusal(refused, place, { action: '' }).problem.code,
  )

/** What a token endpoint's refusal is besides what every such endpoint says. */
export function signInProblem(found: Problem, config: DatabricksConfig): Problem {
  if (found.code === 'CLOUD_ACCESS_DENIED' && addressRefused.test(found.detail ?? '')) {
    return meant({ config }, addressNotAllowed({ config }), found.detail)
  }
  // Whatever answers there is no workspace.
  return found.code === 'CLOUD_RESOURCE_NOT_FOUND' ? { ...found, fields: ['host'] } : found
}

/** What SQL says of a statement, or of a session, that failed. */
export interface SqlFailure {
  readonly sqlState: string
  /** With an error class before it: `[TABLE_OR_VIEW_NOT_FOUND] The table ...`. */
  readonly message: string
}

interface SqlRule {
  readonly word?: RegExp
  readonly state?: RegExp
  readonly message?: RegExp
  readonly means: (place: Place, failure: SqlFailure) => Meaning
}

/** The connector's own catalog, or one that the statement names. */
function catalogMissing({ config, statementFields }: Place, { message }: SqlFailure): Meaning {
  const { catalog } = config
  return catalog !== undefined && names(message, catalog)
    ? catalogNotFound(catalog)
    : { code: 'OBJECT_NOT_FOUND', fields: statementFields }
}

function schemaMissing({ config, statementFields }: Place, { message }: SqlFailure): Meaning {
  const { schema } = config
  return schema !== undefined && names(message, schema)
    ? schemaNotFound(schema)
    : { code: 'OBJECT_NOT_FOUND', fields: statementFields }
}

/** As Spark puts names into its words. */
const names = (message: string, name: string): boolean =>
  [`'${name}'`, `\`${name.replaceAll('`', '``')}\``, `"${name}"`].some(text =>
    message.toLowerCase().includes(text.toLowerCase()),
  )

const objectMissing = ({ statementFields: fields }: Place): Meaning => ({ code: 'OBJECT_NOT_FOUND', fields })
const invalid = ({ statementFields: fields }: Place): Meaning => ({ code: 'QUERY_INVALID', fields })
const mayNot = ({ config, statementFields }: Place): Meaning => ({
  code: 'PERMISSION_DENIED',
  fields: statementFields.length > 0 ? statementFields : [identityField(config)],
})
const timedOut = ({ config }: Place): Meaning => ({
  code: 'STATEMENT_TIMED_OUT',
  params: { seconds: config.limits.statementTimeoutSeconds },
  fields: ['limits.statementTimeoutSeconds'],
})

/** Error classes: https://docs.databricks.com/en/error-messages/error-classes.html; states: .../sqlstates.html */
const sqlRules: readonly SqlRule[] = [
  { word: /^(?:NO_SUCH_CATALOG|CATALOG_NOT_FOUND)/, means: catalogMissing },
  { word: /^(?:SCHEMA_NOT_FOUND|NO_SUCH_(?:SCHEMA|DATABASE|NAMESPACE)|DATABASE_NOT_FOUND)/, means: schemaMissing },
  {
    word: /^(?:INSUFFICIENT_PERMISSIONS|PERMISSION_DENIED|UNAUTHORIZED_ACCESS|INSUFFICIENT_PRIVILEGES|UC_\w*PERMISSION\w*)/,
    means: mayNot,
  },
  { state: /^42501$/, means: mayNot },
  {
    word: /^(?:TABLE_OR_VIEW_NOT_FOUND|UNRESOLVED_|ROUTINE_NOT_FOUND|FUNCTION_NOT_FOUND|VOLUME_\w*NOT_FOUND|COLUMN_NOT_FOUND)/,
    means: objectMissing,
  },
  { state: /^(?:42P01|42703|42883|42704|42S02)$/, means: objectMissing },
  { word: /TIMEOUT/, means: timedOut },
  { word: /^(?:QUERY|OPERATION|JOB)_CANCELL?ED/, means: () => ({ code: 'STATEMENT_CANCELLED' }) },
  { state: /^(?:57014|HY008)$/, means: () => ({ code: 'STATEMENT_CANCELLED' }) },
  { word: /^(?:QUOTA|RESOURCE_EXHAUSTED|REQUEST_LIMIT)/, means: () => ({ code: 'CLOUD_THROTTLED' }) },
  { state: /^(?:0A|21|22|23|24|2D|2B|38|39|3B|42|44|54|55|K)/, means: invalid },
  {
    message:
      /(?:cluster|compute|warehouse|endpoint)\b.*\b(?:could not be started|failed to (?:start|launch)|cannot be started|terminated|is (?:stopped|stopping))/i,
    means: ({ config }) => cannotStart(computeName(config), 'it did not come up'),
  },
  { message: /does not have permission|insufficient privileges|permission denied/i, means: mayNot },
  { message: /catalog \S+ (?:was )?(?:not found|does not exist)/i, means: catalogMissing },
  { message: /(?:schema|database) \S+ (?:was )?(?:not found|does not exist)/i, means: schemaMissing },
  { message: /(?:table|view)\b.* (?:not found|does not exist|cannot be found)/i, means: objectMissing },
  { message: /ParseException|AnalysisException|mismatched input|syntax error/i, means: invalid },
  { message: /timed? ?out/i, means: timedOut },
  { word: /^INTERNAL_ERROR/, means: unavailable },
  { state: /^(?:08|53|58)/, means: unavailable },
  { message: /temporarily unavailable|internal (?:server )?error|session handle/i, means: unavailable },
]

/** What a failure of SQL's comes to. What no rule knows is UNCLASSIFIED. */
export function explainSql(failure: SqlFailure, place: Place): DatabricksError {
  const message = plainSql(failure.message)
  const [, word = ''] = /^\[([A-Z0-9_.]+)\]/.exec(message) ?? []
  const told = { sqlState: failure.sqlState || (/SQLSTATE: ([0-9A-Z]{5})/.exec(message)?.[1] ?? ''), message }
  const rule = sqlRules.find(
    known =>
      (known.word === undefined || known.word.test(word)) &&
      (known.state === undefined || known.state.test(told.sqlState)) &&
      (known.message === undefined || known.message.test(message)),
  )
  const meaning = rule?.means(place, told) ?? { code: 'UNCLASSIFIED' as const }
  const line = /\bline (\d+)\b/.exec(message)?.[1]
  const params = meaning.code === 'QUERY_INVALID' && line !== undefined ? { line: Number(line) } : {}
  const detail = message || (told.sqlState === '' ? 'No reason was given.' : `SQLSTATE ${told.sqlState}`)
  return new DatabricksError(meant(place, { ...meaning, params: { ...params, ...meaning.params } }, detail), word)
}

/** Without stack traces, and without what Spark's server puts before every message. */
const plainSql = (message: string): string =>
  message
    .replace(/\n\s*at [\s\S]*$/, '')
    .replace(/^(?:[\w.$]+(?:Exception|Error): )+/, '')
    .replace(/^Error running query: (?:\[[A-Z0-9_.]+\] (?=[\w.]+Exception: ))?(?:[\w.$]+Exception: )?/, '')
    .trim()

const withoutNoise = (message: string): string => message.replace(/\s*\[ReqId: [^\]]*\]/g, '').trim()
