/** Why something is refused, as BigQuery says it: in `errors` of an answer, and in `errorResult` of a job. */
export interface GoogleReason {
  readonly reason: string
  readonly message: string
  readonly domain?: string
  /** Which part of the request it is about. */
  readonly location?: string
  readonly locationType?: string
  readonly extendedHelp?: string
}

/** An answer other than what was asked for, in the words of Google's services. */
export class GoogleRefusal extends Error {
  readonly status: number
  readonly body: object
  /** What a job fails for; undefined where no job can. */
  readonly because: GoogleReason | undefined

  constructor(status: number, body: object, because?: GoogleReason) {
    super(JSON.stringify(body))
    this.status = status
    this.body = body
    this.because = because
  }
}

/** https://docs.cloud.google.com/bigquery/docs/error-messages */
const statusOfReason = {
  accessDenied: 403,
  backendError: 503,
  billingNotEnabled: 403,
  blocked: 403,
  bytesBilledLimitExceeded: 400,
  duplicate: 409,
  internalError: 500,
  invalid: 400,
  invalidQuery: 400,
  jobBackendError: 400,
  jobInternalError: 400,
  jobRateLimitExceeded: 400,
  notFound: 404,
  notImplemented: 501,
  quotaExceeded: 403,
  rateLimitExceeded: 403,
  resourcesExceeded: 400,
  responseTooLarge: 403,
  stopped: 499,
  tableUnavailable: 400,
  timeout: 400,
} as const
export type BigQueryReason = keyof typeof statusOfReason

const rpcStatus: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ALREADY_EXISTS',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  503: 'UNAVAILABLE',
}

interface ErrorInfo {
  readonly reason: string
  readonly domain?: string
  readonly metadata?: Readonly<Record<string, string>>
}

const errorInfo = ({ domain = 'googleapis.com', ...info }: ErrorInfo) => ({
  '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
  ...info,
  domain,
})

/** As services with an older API answer: BigQuery. */
function apiRefusal(code: number, because: GoogleReason, details: readonly object[] = [], message = because.message) {
  const error = {
    code,
    message,
    errors: [{ domain: 'global', ...because }],
    status: rpcStatus[code],
    ...(details.length > 0 && { details }),
  }
  return new GoogleRefusal(code, { error }, because)
}

/** As services with a newer API answer: IAM credentials and the resource manager. */
export const cloudRefusal = (code: number, message: string, info?: ErrorInfo): GoogleRefusal =>
  new GoogleRefusal(code, {
    error: { code, message, status: rpcStatus[code], ...(info && { details: [errorInfo(info)] }) },
  })

/** As the token endpoint answers: RFC 6749, section 5.2. */
export const tokenRefusal = (error: string, description: string, status = 400): GoogleRefusal =>
  new GoogleRefusal(status, { error, error_description: description })

/** One of BigQuery's own reasons, with the status that belongs to it. */
export const bigQueryRefusal = (
  reason: BigQueryReason,
  message: string,
  about: Pick<GoogleReason, 'location' | 'locationType'> = {},
): GoogleRefusal => apiRefusal(statusOfReason[reason], { reason, message, ...about })

/** What a request is told that waits for a job which failed. */
export const failureOfJob = ({ reason, message }: GoogleReason): GoogleRefusal =>
  bigQueryRefusal(reason in statusOfReason ? (reason as BigQueryReason) : 'internalError', message)

const noCredentials =
  'Expected OAuth 2 access token, login cookie or other valid authentication credential. See https://developers.google.com/identity/sign-in/web/devconsole-project.'

/** Of a token that nobody has issued, or that is no longer good. */
export const invalidCredentials = (service = 'bigquery.googleapis.com', expired = false): GoogleRefusal =>
  apiRefusal(
    401,
    { reason: 'authError', message: 'Invalid Credentials', location: 'Authorization', locationType: 'header' },
    expired ? [errorInfo({ reason: 'ACCESS_TOKEN_EXPIRED', metadata: { service } })] : [],
    `Request had invalid authentication credentials. ${noCredentials}`,
  )

export const missingCredentials = (): GoogleRefusal =>
  apiRefusal(
    401,
    { reason: 'required', message: 'Login Required.', location: 'Authorization', locationType: 'header' },
    [errorInfo({ reason: 'CREDENTIALS_MISSING' })],
    `Request is missing required authentication credential. ${noCredentials}`,
  )

export const insufficientScopes = (service: string, method: string): GoogleRefusal =>
  apiRefusal(
    403,
    { reason: 'insufficientPermissions', message: 'Insufficient Permission' },
    [errorInfo({ reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT', metadata: { service, method } })],
    'Request had insufficient authentication scopes.',
  )

/** Of a project in which the service has not been turned on. */
export function apiDisabled(service: string, title: string, projectNumber: string): GoogleRefusal {
  const url = `https://console.developers.google.com/apis/api/${service}/overview?project=${projectNumber}`
  const message = `${title} has not been used in project ${projectNumber} before or it is disabled. Enable it by visiting ${url} then retry. If you enabled this API recently, wait a few minutes for the action to propagate to our systems and retry.`
  const help = {
    '@type': 'type.googleapis.com/google.rpc.Help',
    links: [{ description: 'Google developers console API activation', url }],
  }
  const metadata = { service, consumer: `projects/${projectNumber}` }
  return apiRefusal(
    403,
    {
      reason: 'accessNotConfigured',
      message,
      domain: 'usageLimits',
      extendedHelp: 'https://console.developers.google.com',
    },
    [help, errorInfo({ reason: 'SERVICE_DISABLED', metadata })],
  )
}

export const billingDisabled = (projectId: string): GoogleRefusal =>
  bigQueryRefusal(
    'billingNotEnabled',
    `Billing has not been enabled for this project. Enable billing at https://console.cloud.google.com/billing. Project: ${projectId}`,
  )
