import type { AwsCredentialsConfig } from '../blocks/aws-credentials.ts'
import { brokenCallProblem } from '../cloud/broken-call.ts'
import type { StepReport } from '../connection-test.ts'
import { failed } from '../define.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import { type Problem, problem, type Remedy } from '../problem.ts'
import type { ProblemCode } from '../problem-table.ts'
import { ByteLimitError, ProtocolFaultError } from '../session/protocol-fault.ts'
import { plainWords } from './account-noise.ts'
import { ForeignAnswerError, type ServerClock } from './answer-guard.ts'
import type { AwsEndpoint } from './endpoint.ts'
import { codeByName } from './error-names.ts'
import { regionIssue } from './region.ts'

/** Where in a form it is said who asks AWS, and in which region. */
export interface AwsFormPlace {
  readonly credentials: AwsCredentialsConfig
  readonly credentialsPath: string
  readonly regionPath: string
}

/** What was asked of whom when something went wrong. */
export interface AwsCall {
  readonly endpoint: AwsEndpoint
  readonly place: AwsFormPlace
  /** As policies call it: `redshift:GetClusterCredentials`. */
  readonly action: string
  /** What the call was about, for "knows no cluster ...". */
  readonly subject: { readonly what: string; readonly name: string; readonly field: string }
  readonly clock: ServerClock
  /** What the call had. */
  readonly budgetMs: number
}

/** An answer in which what was asked for is missing. */
export class IncompleteAnswerError extends Error {
  readonly missing: string

  constructor(missing: string) {
    super(`The answer has no ${missing}.`)
    this.name = 'IncompleteAnswerError'
    this.missing = missing
  }
}

/** A text of an answer: the SDK passes on whatever stands in its place. Throws `IncompleteAnswerError`. */
export function requireText(value: unknown, missing: string): string {
  if (typeof value !== 'string' || value === '') throw new IncompleteAnswerError(missing)
  return value
}

/** Signatures hold for five minutes, give or take. */
const maxSkewMs = 5 * 60_000

/** The report of a step whose call to AWS failed. What no rule knows is UNCLASSIFIED, never a success. */
export function failedCall(error: unknown, call: AwsCall): StepReport & { readonly problem: Problem } {
  const found = classifyAwsError(error, call)
  return { ...failed(found, skewEvidence(call.clock)), problem: found }
}

/** A service's name of its error, without its ending. */
export const nameOfAwsError = (error: unknown): string => read(error).name

const cutCodes = ['ECONNRESET', 'EPIPE']

/** Names what went wrong with a call. */
export function classifyAwsError(error: unknown, call: AwsCall): Problem {
  const { host, port, name: service } = call.endpoint
  const params = { host, port, expected: 'AWS', service }
  const fields = [call.place.regionPath]
  if (error instanceof ForeignAnswerError) {
    return problem('WRONG_PROTOCOL', { params: { ...params, found: error.found }, fields })
  }
  const violated = (fault: string) => problem('PROTOCOL_VIOLATION', { params: { ...params, fault }, fields })
  if (error instanceof ByteLimitError) return violated('its answer has no end')
  if (error instanceof ProtocolFaultError) return violated(error.fault)
  if (error instanceof IncompleteAnswerError) return violated(`its answer has no ${error.missing}`)
  const known = read(error)
  if (known.isTimeout)
    return problem('CLOUD_TIMED_OUT', { params: { service, seconds: Math.round(call.budgetMs / 100) / 10 } })
  // What a service said has a status; what broke on the way has none, or a code of Node's.
  const isSaid = known.status !== null && !/^(?:E[A-Z]{3,}|ERR_|HPE_)/.test(known.code) && !known.isUnreadable
  return isSaid ? saidByService(known, call) : brokenCall(known, call, params)
}

interface KnownError {
  /** Without its ending. */
  readonly name: string
  readonly message: string
  readonly code: string
  readonly status: number | null
  readonly isTimeout: boolean
  readonly isUnreadable: boolean
  /** Where S3 says that the bucket is. */
  readonly bucketRegion: string | null
  readonly original: NodeJS.ErrnoException
}

function read(error: unknown): KnownError {
  const given = (typeof error === 'object' && error !== null ? error : {}) as NodeJS.ErrnoException & {
    readonly $metadata?: { readonly httpStatusCode?: unknown }
    /** Of every error that a service has told, and of nothing that is thrown on the way. */
    readonly $fault?: unknown
    readonly $response?: { readonly headers?: Readonly<Record<string, unknown>> }
  }
  const text = (value: unknown) => (typeof value === 'string' ? value : '')
  const status = given.$metadata?.httpStatusCode
  const name = text(given.name)
  const code = text(given.code)
  const message = plainWords(text(given.message) || String(error))
  return {
    name: name.replace(/(?<=.)(?:Exception|Fault)$/, ''),
    message,
    code,
    status: typeof status === 'number' ? status : null,
    // The SDK gives a connection that was cut the same name.
    isTimeout: name === 'TimeoutError' && !cutCodes.includes(code),
    isUnreadable: code === '' && given.$fault === undefined && (status !== undefined || name === 'SyntaxError'),
    bucketRegion: text(given.$response?.headers?.['x-amz-bucket-region']) || null,
    original: given,
  }
}

function brokenCall(
  { message, isUnreadable, original }: KnownError,
  { endpoint, place }: AwsCall,
  params: { readonly [name: string]: string | number },
): Problem {
  const fields = [place.regionPath]
  if (isUnreadable) {
    // What a parser stumbled over it quotes: that may be a piece of a password that it had come to.
    return problem('WRONG_PROTOCOL', { params: { ...params, found: 'something else' }, fields })
  }
  return brokenCallProblem(Object.assign(original, { message }), { endpoint, expected: 'AWS', fields })
}

function saidByService(known: KnownError, call: AwsCall): Problem {
  const { endpoint, place, action, subject } = call
  const { name, message } = known
  const code = codeOf(known, call)
  const detail = name === '' || name === 'Error' ? message : `${name}: ${message}`
  const params = { service: endpoint.name, region: endpoint.region }
  switch (code) {
    case 'CLOUD_ACCESS_DENIED': {
      const denied = /perform:? ([a-z0-9-]+:[A-Za-z]+)/.exec(message)?.[1] ?? action
      return problem(code, {
        params: { ...params, action: denied },
        detail,
        fields: [identityField(place), subject.field],
      })
    }
    case 'CLOUD_CREDENTIALS_REJECTED':
    case 'CLOUD_CREDENTIALS_EXPIRED':
      return problem(code, { params, detail, fields: credentialFields(place), remedies: reentering(place) })
    case 'CLOUD_REGION_MISMATCH':
      return problem(code, {
        params,
        detail,
        fields: [place.regionPath],
        remedies: otherRegion(known, endpoint.region, place),
      })
    case 'CLOUD_RESOURCE_NOT_FOUND':
      return problem(code, {
        params: { ...params, what: subject.what, name: subject.name },
        detail,
        fields: [subject.field, place.regionPath],
      })
    case 'CLOUD_REQUEST_INVALID':
      return problem(code, { params, detail, fields: [subject.field] })
    case 'UNCLASSIFIED':
      return problem(code, { params, detail: `${detail} (HTTP ${known.status})` })
    default:
      return problem(code, { params, detail })
  }
}

function codeOf({ name, message, status }: KnownError, { clock }: AwsCall): ProblemCode {
  // Several services give these one name with wrong secrets.
  if (/Signature (?:expired|not yet current)/i.test(message)) return 'CLOUD_CLOCK_SKEWED'
  if (/scoped to a valid region|region '[^']*' is wrong/i.test(message)) return 'CLOUD_REGION_MISMATCH'
  if (/security token included in the request is expired/i.test(message)) return 'CLOUD_CREDENTIALS_EXPIRED'
  const code = codeByName(name)
  const isSkewed = clock.skewMs !== null && Math.abs(clock.skewMs) > maxSkewMs
  if (code === 'CLOUD_CREDENTIALS_REJECTED' && isSkewed) return 'CLOUD_CLOCK_SKEWED'
  if (code !== undefined) return code
  if (status === 429) return 'CLOUD_THROTTLED'
  return status !== null && status >= 500 ? 'CLOUD_UNAVAILABLE' : 'UNCLASSIFIED'
}

/** The fields that say who asks. */
export function credentialFields({ credentials, credentialsPath }: AwsFormPlace): string[] {
  if (credentials.assumeRole) return [`${credentialsPath}.assumeRole.roleArn`]
  const path = `${credentialsPath}.accessKey`
  const token = credentials.accessKey.sessionToken === undefined ? [] : [`${path}.sessionToken`]
  return [`${path}.secretAccessKey`, `${path}.accessKeyId`, ...token]
}

/** The field that says who it is, as far as that is no secret. */
const identityField = ({ credentials, credentialsPath }: AwsFormPlace): string =>
  `${credentialsPath}.${credentials.assumeRole ? 'assumeRole.roleArn' : 'accessKey.accessKeyId'}`

function reentering({ credentials, credentialsPath }: AwsFormPlace): Remedy[] {
  if (credentials.assumeRole) return []
  const field = `${credentialsPath}.accessKey.secretAccessKey`
  return [{ kind: 'REENTER_SECRET', title: 'Type the secret access key again', field }]
}

/** Where the service says which region it would be, the form can be set right with one click. */
function otherRegion({ bucketRegion, message }: KnownError, region: string, { regionPath }: AwsFormPlace): Remedy[] {
  const named = bucketRegion ?? /expecting '([a-z0-9-]+)'/.exec(message)?.[1]
  if (named === undefined || named === region || regionIssue(named) !== null) return []
  return [{ kind: 'SET_FIELD', title: `Use the region ${named}`, field: regionPath, value: named }]
}

function skewEvidence({ skewMs }: ServerClock): Evidence[] {
  if (skewMs === null || Math.abs(skewMs) <= maxSkewMs) return []
  const minutes = Math.round(Math.abs(skewMs) / 60_000)
  return [measuredText('Clock of AWS', `${minutes} minutes ${skewMs > 0 ? 'ahead of' : 'behind'} Patchbay's`)]
}
