import type { ProblemCode } from '../problem-table.ts'

/** The codes by a service's name of its error, without its ending: `ExpiredTokenException` is `ExpiredToken`. */
const codes: Readonly<Record<string, ProblemCode>> = {
  ...named('CLOUD_CREDENTIALS_REJECTED', [
    'InvalidClientTokenId',
    'UnrecognizedClient',
    'InvalidSignature',
    'SignatureDoesNotMatch',
    'InvalidAccessKeyId',
    'AuthFailure',
    'IncompleteSignature',
    'MissingAuthenticationToken',
    'InvalidToken',
    'InvalidSecurity',
    'Unauthorized',
  ]),
  ...named('CLOUD_CREDENTIALS_EXPIRED', ['ExpiredToken', 'TokenRefreshRequired']),
  ...named('CLOUD_CLOCK_SKEWED', ['RequestExpired', 'RequestTimeTooSkewed', 'RequestInTheFuture']),
  ...named('CLOUD_ACCESS_DENIED', [
    'AccessDenied',
    'UnauthorizedOperation',
    'UnauthorizedAccess',
    'NotAuthorized',
    'AllAccessDisabled',
  ]),
  ...named('CLOUD_ACCOUNT_NOT_READY', [
    'OptInRequired',
    'SubscriptionRequired',
    'PendingVerification',
    'NotSignedUp',
    'AccountProblem',
    'UserSuspended',
  ]),
  ...named('CLOUD_REGION_MISMATCH', [
    'RegionDisabled',
    'AuthorizationHeaderMalformed',
    'PermanentRedirect',
    'TemporaryRedirect',
    'Redirect',
    'IllegalLocationConstraint',
  ]),
  ...named('CLOUD_RESOURCE_NOT_FOUND', [
    'ClusterNotFound',
    'ResourceNotFound',
    'EntityNotFound',
    'NotFound',
    'NoSuchBucket',
  ]),
  ...named('CLOUD_REQUEST_INVALID', [
    'Validation',
    'ValidationError',
    'InvalidParameterValue',
    'InvalidParameterCombination',
    'InvalidRequest',
    'MissingParameter',
    'UnsupportedOperation',
    'MalformedPolicyDocument',
    'PackedPolicyTooLarge',
    'InvalidArgument',
    'InvalidBucketName',
    'InvalidURI',
    'KeyTooLongError',
    'MethodNotAllowed',
    'NotImplemented',
    'XMinioInvalidObjectName',
  ]),
  ...named('CLOUD_THROTTLED', [
    'Throttling',
    'Throttled',
    'RequestThrottled',
    'RequestLimitExceeded',
    'TooManyRequests',
    'BandwidthLimitExceeded',
    'PriorRequestNotComplete',
    'SlowDown',
  ]),
  ...named('CLOUD_UNAVAILABLE', [
    'InternalFailure',
    'InternalServer',
    'Internal',
    'InternalServerError',
    'InternalError',
    'ServiceUnavailable',
    'ServiceFailure',
    'RequestTimeout',
    'XMinioServerNotInitialized',
  ]),
}

function named(code: ProblemCode, names: readonly string[]): Record<string, ProblemCode> {
  return Object.fromEntries(names.map(name => [name, code]))
}

/** Undefined for a name that nobody has told of. `name`: without its ending. */
export const codeByName = (name: string): ProblemCode | undefined =>
  Object.hasOwn(codes, name) ? codes[name] : undefined
