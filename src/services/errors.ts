import type { Problem, Remedy } from '../connectors/problem.ts'
/**
 * Expected refusals of the services. Each becomes a member of the result unions of the API, so each carries what a
 * client needs to act on it; anything else that is thrown is a bug and is masked.
 */
export type ErrorCode =
  | 'VALIDATION_FAILED'
  | 'NOT_FOUND'
  | 'NAME_TAKEN'
  | 'EXTERNAL_KEY_TAKEN'
  | 'CONFLICT'
  | 'CONNECTOR_IN_USE'
  | 'CONNECTION_TEST_FAILED'
  | 'SECRET_REENTRY_REQUIRED'
  | 'SECRET_STORE_FAILED'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'RATE_LIMITED'
  | 'LIMIT_REACHED'
  | 'API_TOKENS_OFF'

export abstract class ServiceError extends Error {
  abstract readonly code: ErrorCode
}

export interface InputIssue {
  /** Path from the form's root (`auth.password.username`), or from the input's root for fields outside the form (`name`). */
  readonly path: string
  /** Keys and indices from the `input` argument: `["config", "postgres", "auth", "password", "username"]`. */
  readonly inputPath: readonly string[]
  readonly message: string
  /** Absent for none. Fields are named from the form's root. */
  readonly remedies?: readonly Remedy[]
}

export class ValidationError extends ServiceError {
  readonly code = 'VALIDATION_FAILED'
  readonly issues: readonly InputIssue[]
  constructor(issues: readonly InputIssue[]) {
    super(
      issues.length === 1
        ? `The input has a mistake: ${issues[0]?.path}: ${issues[0]?.message}`
        : `The input has ${issues.length} mistakes.`,
    )
    this.issues = issues
  }
}

/** Also for what exists in another workspace: the two must not be told apart. */
export class NotFoundError extends ServiceError {
  readonly code = 'NOT_FOUND'
  constructor(noun: 'connector' | 'dataset' | 'connection test' | 'API token') {
    super(`There is no such ${noun}.`)
  }
}

export class NameTakenError extends ServiceError {
  readonly code = 'NAME_TAKEN'
  readonly takenName: string
  constructor(noun: 'connector' | 'dataset', takenName: string) {
    super(`There is already a ${noun} named "${takenName}".`)
    this.takenName = takenName
  }
}

export class ExternalKeyTakenError extends ServiceError {
  readonly code = 'EXTERNAL_KEY_TAKEN'
  readonly externalKey: string
  constructor(externalKey: string) {
    super(`There is already a connector with the external key "${externalKey}".`)
    this.externalKey = externalKey
  }
}

/** The row changed since the caller read it. */
export class ConflictError extends ServiceError {
  readonly code = 'CONFLICT'
  readonly currentVersion: number | null
  constructor(message: string, currentVersion: number | null) {
    super(message)
    this.currentVersion = currentVersion
  }
}

export class ConnectorInUseError extends ServiceError {
  readonly code = 'CONNECTOR_IN_USE'
  readonly connectorId: string
  constructor(connectorId: string) {
    super(
      'Datasets depend on this connector. Read the plan, choose which of them to delete, and repeat with its impactToken.',
    )
    this.connectorId = connectorId
  }
}

/** `testGate: REQUIRE_PASS` refused to save; nothing was stored. */
export class ConnectionTestFailedError extends ServiceError {
  readonly code = 'CONNECTION_TEST_FAILED'
  readonly testId: string | null
  constructor(message: string, testId: string | null) {
    super(message)
    this.testId = testId
  }
}

export class SecretReentryRequiredError extends ServiceError {
  readonly code = 'SECRET_REENTRY_REQUIRED'
  readonly changedFields: readonly string[]
  readonly secretFields: readonly string[]
  constructor(changedFields: readonly string[], secretFields: readonly string[]) {
    super('Stored secrets only go where they were entered for. Give them again, because the destination changes.')
    this.changedFields = changedFields
    this.secretFields = secretFields
  }
}

/** Nothing was changed. */
export class SecretStoreFailedError extends ServiceError {
  readonly code = 'SECRET_STORE_FAILED'
  readonly problem: Problem
  constructor(problem: Problem) {
    const { reason } = problem.params
    super(
      problem.retryable
        ? `Secrets cannot be read or stored at the moment, because ${reason}. Nothing was changed.`
        : `The stored secrets of this connector cannot be read, because ${reason}. Give every secret again.`,
    )
    this.problem = problem
  }

  get retryable(): boolean {
    return this.problem.retryable
  }
}

export class IdempotencyKeyReusedError extends ServiceError {
  readonly code = 'IDEMPOTENCY_KEY_REUSED'
  constructor(argument: 'idempotencyKey' | 'attemptKey') {
    super(`This ${argument} was already used with another input. Use a fresh one for a new request.`)
  }
}

/** Which limit was met. */
export type RateLimitReason = 'TOO_MANY_RUNNING' | 'TOO_MANY_STARTS' | 'FAILED_SIGN_INS'

/** Nothing was dialled. `retryAfterSeconds` is exact where the reason is one of time, else polite. */
export class RateLimitedError extends ServiceError {
  readonly code = 'RATE_LIMITED'
  readonly retryAfterSeconds: number
  readonly reason: RateLimitReason
  constructor(retryAfterSeconds: number, reason: RateLimitReason = 'TOO_MANY_RUNNING', message?: string) {
    super(message ?? `${rateLimitMessages[reason]} Try again in ${retryAfterSeconds} s.`)
    this.retryAfterSeconds = retryAfterSeconds
    this.reason = reason
  }
}

const rateLimitMessages: Record<RateLimitReason, string> = {
  TOO_MANY_RUNNING: 'Too many connection tests, previews or lists run at once.',
  TOO_MANY_STARTS: 'Too many connection tests, previews or lists were started within a minute.',
  FAILED_SIGN_INS: 'Sign-ins to this account have failed, and it must not get locked.',
}

/** A workspace has as many of something as it may have. */
export class LimitReachedError extends ServiceError {
  readonly code = 'LIMIT_REACHED'
  readonly limit: number
  constructor(nouns: string, limit: number) {
    super(`This workspace has ${limit} ${nouns}, which is the most that it may have.`)
    this.limit = limit
  }
}

/** `AUTH` has no `tokens`: nobody could sign in with a token. */
export class ApiTokensOffError extends ServiceError {
  readonly code = 'API_TOKENS_OFF'
  constructor() {
    super(
      'This server does not let anybody in with API tokens, so none is made. Its operator can add "tokens" to AUTH.',
    )
  }
}
