import { AwsCallError } from '../aws/service.ts'
import { failed } from '../define.ts'
import { type Problem, problem } from '../problem.ts'
import {
  catalogNotFound,
  identityField,
  type Meaning,
  notReadOnly,
  objectNotFound,
  outputMissing,
  outputUnusable,
  type QueryPlace,
  queryInvalid,
  workgroupDisabled,
  workgroupNotFound,
} from './meanings.ts'

/** An exception of Athena's, as far as it tells something beyond what every service of AWS tells. */
interface Said {
  /** Of the call, as policies call it. */
  readonly action: string
  /** Without its ending: `InvalidRequest`, `Metadata`. */
  readonly name: string
  /** `AthenaErrorCode`, or the `Reason` of throttling; empty for none. */
  readonly code: string
  readonly message: string
}

interface Rule {
  readonly action?: string
  readonly code?: string
  readonly message?: RegExp
  readonly means: (place: QueryPlace, said: Said) => Meaning
}

/** The right that is missing, where the catalog or a function behind it says so in Athena's place. */
const denied = ({ config }: QueryPlace, { action, message }: Said): Meaning => ({
  code: 'CLOUD_ACCESS_DENIED',
  fields: [identityField(config)],
  params: { action: /perform:? ([a-z0-9-]+:[A-Za-z]+)/.exec(message)?.[1] ?? action },
})

/** The first that fits counts. What none fits is what `classifyAwsError` has made of it. */
const rules: readonly Rule[] = [
  // What is said of a statement quotes it, which may read like anything.
  { code: 'MALFORMED_QUERY', means: queryInvalid },
  {
    message:
      /^line \d+:\d+|query ?string|queries of this type are not supported|mismatched input|no viable alternative/i,
    means: queryInvalid,
  },
  {
    message: /workgroup\b.* (?:is not found|was not found|does not exist)/i,
    means: ({ config }) => workgroupNotFound(config),
  },
  {
    message: /workgroup\b.* (?:is|has been) (?:currently )?disabled/i,
    means: ({ config }) => workgroupDisabled(config),
  },
  { message: /no output location (?:is |was )?provided/i, means: outputMissing },
  {
    action: 'athena:StartQueryExecution',
    message: /output ?(?:bucket|location)|location provided to save your query results|when writing output/i,
    means: outputUnusable,
  },
  { action: 'athena:GetQueryResults', message: /perform:? athena:/i, means: denied },
  // The query has succeeded: what it wrote cannot be read, or is not there.
  { action: 'athena:GetQueryResults', code: 'RESULT_NOT_FOUND', means: outputUnusable },
  {
    action: 'athena:GetQueryResults',
    message: /could not find results|s3:|\bS3\b|bucket|access ?denied/i,
    means: outputUnusable,
  },
  { code: 'DATACATALOG_NOT_FOUND', means: ({ config }) => catalogNotFound(config) },
  {
    message:
      /^(?!(?:database|schema|table|entity)\b).*catalog\b.* (?:does not exist|(?:is|was) not found)|(?:can|could) ?not find (?:the )?catalog/i,
    means: ({ config }) => catalogNotFound(config),
  },
  {
    message: /only one sql statement is allowed/i,
    means: place => notReadOnly(place, 'is more than one statement'),
  },
  { message: /not authorized to perform|access ?denied|insufficient lake formation permission/i, means: denied },
  {
    message: /entity ?not ?found|(?:table|database|schema) \S+.* (?:not found|does not exist)/i,
    means: objectNotFound,
  },
  { message: /rate exceeded|throttl|too many requests/i, means: () => ({ code: 'CLOUD_THROTTLED' }) },
]

/** What a call to Athena comes to that failed. */
export function explainCall(error: AwsCallError, action: string, place: QueryPlace): AwsCallError {
  const said = read(error, action)
  // Throttling, expired keys and what happened on the way are the same of every service.
  if (!['InvalidRequest', 'Metadata', 'ResourceNotFound', 'AccessDenied'].includes(said.name)) {
    return said.code === ''
      ? error
      : withProblem(error, { ...error.problem, detail: `${error.problem.detail ?? ''} (${said.code})` })
  }
  const rule = rules.find(
    known =>
      (known.action === undefined || known.action === action) &&
      (known.code === undefined || known.code === said.code) &&
      (known.message === undefined || known.message.test(said.message)),
  )
  if (!rule) return error
  const { code, params = {}, fields = error.problem.fields } = rule.means(place, said)
  if (code === error.problem.code && code === 'CLOUD_ACCESS_DENIED') return error
  const { detail } = error.problem
  return withProblem(error, problem(code, { params: { ...error.problem.params, ...params }, fields, detail }))
}

/** Whether it says that the right is missing to do what was asked. */
export const isDenied = ({ problem: { code } }: AwsCallError): boolean => code === 'CLOUD_ACCESS_DENIED'

const withProblem = (error: AwsCallError, found: Problem): AwsCallError =>
  new AwsCallError({ ...failed(found, error.report.evidence), problem: found }, error.awsName, error.cause)

function read({ awsName, cause }: AwsCallError, action: string): Said {
  const given = (typeof cause === 'object' && cause !== null ? cause : {}) as {
    readonly message?: unknown
    readonly AthenaErrorCode?: unknown
    readonly Reason?: unknown
  }
  const text = (value: unknown) => (typeof value === 'string' ? value.slice(0, 4_096) : '')
  return {
    action,
    name: awsName,
    code: text(given.AthenaErrorCode) || text(given.Reason),
    message: text(given.message),
  }
}
