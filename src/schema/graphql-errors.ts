import { GraphQLError } from 'graphql'

/** Every `extensions.code` that a top-level error may carry. Refusals that a reader can act on are data instead. */
export const errorCodes = [
  'BAD_USER_INPUT',
  'FORBIDDEN',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'INTERNAL_SERVER_ERROR',
  'PERSISTED_OPERATION_REQUIRED',
  'PERSISTED_QUERY_NOT_SUPPORTED',
  'RATE_LIMITED',
  'UNAUTHENTICATED',
  'UNAVAILABLE',
] as const
export type GraphQLErrorCode = (typeof errorCodes)[number]

const known: ReadonlySet<unknown> = new Set(errorCodes)

export const hasKnownCode = (error: GraphQLError): boolean => known.has(error.extensions['code'])

// Of resolvers. They have no HTTP status: other fields of the same answer may be fine.

/** An argument is wrong in a way that no form could show: a cursor, a page size. */
export const badUserInput = (message: string): GraphQLError => coded('BAD_USER_INPUT', message)
export const forbidden = (): GraphQLError => coded('FORBIDDEN', 'You are not allowed to do this.')

// Before execution: the whole request is refused.

export const badRequest = (message: string): GraphQLError =>
  coded('BAD_USER_INPUT', message, { status: 400, spec: true })
export const notByGet = (): GraphQLError =>
  coded('BAD_USER_INPUT', 'Ask for this by POST: it connects to a data source, takes secrets, or is a subscription.', {
    status: 405,
    headers: { allow: 'POST' },
  })
/** `challenge` is the value of WWW-Authenticate. */
export const unauthenticated = (message: string, challenge: string): GraphQLError =>
  coded('UNAUTHENTICATED', message, { status: 401, headers: { 'www-authenticate': challenge } })
export const persistedOperationRequired = (): GraphQLError =>
  coded('PERSISTED_OPERATION_REQUIRED', 'Only persisted operations are allowed: send the id of one as "documentId".', {
    status: 400,
    spec: true,
  })
/** Clients know this text, and send the whole document from then on. */
export const persistedQueryNotSupported = (): GraphQLError =>
  coded('PERSISTED_QUERY_NOT_SUPPORTED', 'PersistedQueryNotSupported', { status: 400, spec: true })
/** Clients are told when to try again twice: WebSockets and streams have no headers. */
export const rateLimited = (message: string, retryAfterSeconds: number): GraphQLError =>
  coded(
    'RATE_LIMITED',
    message,
    { status: 429, headers: { 'retry-after': String(retryAfterSeconds) } },
    { retryAfterSeconds },
  )
export const unavailable = (message: string): GraphQLError => coded('UNAVAILABLE', message, { status: 503 })

interface HttpHint {
  readonly status: number
  /** Whether the status is for clients that speak GraphQL over HTTP; others get 200, as the older convention has it. */
  readonly spec?: true
  readonly headers?: Readonly<Record<string, string>>
}

/** `http` is for the server, which takes it out of the answer. */
function coded(
  code: GraphQLErrorCode,
  message: string,
  http?: HttpHint,
  more?: Readonly<Record<string, unknown>>,
): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...more, ...(http && { http }) } })
}
