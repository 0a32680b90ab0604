import {
  ApiTokensOffError,
  ConflictError,
  ConnectionTestFailedError,
  ConnectorInUseError,
  type ErrorCode,
  ExternalKeyTakenError,
  IdempotencyKeyReusedError,
  type InputIssue,
  LimitReachedError,
  NameTakenError,
  NotFoundError,
  RateLimitedError,
  type RateLimitReason,
  SecretReentryRequiredError,
  SecretStoreFailedError,
  ValidationError,
} from '../services/errors.ts'
import { viewOfRow } from './connection-test-view.ts'
import { describedValues } from './enum-values.ts'
import type { SchemaParts } from './nouns.ts'
import { PreviewFailedError } from './preview-failed-error.ts'
import type { ProblemRef } from './problem.ts'
import type { RemedyRef } from './remedy.ts'

const codeDescriptions: Record<ErrorCode | PreviewFailedError['code'], string> = {
  VALIDATION_FAILED: 'The input has mistakes; `ValidationError` lists them.',
  NOT_FOUND: 'What the input names does not exist, or not for this viewer.',
  NAME_TAKEN: 'The name is already in use.',
  EXTERNAL_KEY_TAKEN: 'The external key is already in use.',
  CONFLICT: 'Something changed since the caller read it.',
  CONNECTOR_IN_USE: 'Datasets depend on the connector.',
  CONNECTION_TEST_FAILED: 'Saving was asked for only with a passing test.',
  SECRET_REENTRY_REQUIRED: 'Stored secrets would go to another destination and must be given again.',
  SECRET_STORE_FAILED: 'The store that keeps secrets failed.',
  IDEMPOTENCY_KEY_REUSED: 'The key was already used with another input.',
  RATE_LIMITED: 'Too much at once, or too soon; `RateLimitedError` says why and until when.',
  LIMIT_REACHED: 'The workspace has as many as it may have.',
  API_TOKENS_OFF: 'This server does not let anybody in with API tokens.',
  PREVIEW_FAILED: 'The data source did not answer the query; `PreviewFailedError` says why.',
}

const rateLimitReasons: Record<RateLimitReason, string> = {
  TOO_MANY_RUNNING: 'Too many run at once, of this workspace or of all.',
  TOO_MANY_STARTS: 'This workspace has started too many within a minute.',
  FAILED_SIGN_INS:
    'The data source has refused the last sign-ins of this account, or may have refused ones that were broken off; the message says which. A pause keeps the account from being locked.',
}

/** The interface `Error` and every refusal that implements it. */
export function defineErrors({ builder, nouns }: SchemaParts, problem: ProblemRef, remedy: RemedyRef): void {
  const code = builder.enumType('ErrorCode', {
    description: 'Why a request was refused. Codes are added over time: show the message of one that you do not know.',
    values: describedValues(codeDescriptions),
  })
  nouns.error.implement({
    description:
      'A refusal that a reader can act on. New ones are added over time: select `... on Error { message code }`.',
    fields: t => ({
      message: t.exposeString('message', { description: 'What is wrong, for a reader.' }),
      code: t.field({
        type: code,
        description: 'What is wrong, as a code that programs can decide by.',
        resolve: parent => parent.code,
      }),
    }),
  })
  const interfaces = [nouns.error]

  const issue = builder.objectRef<InputIssue>('ValidationIssue').implement({
    description: 'One mistake in an input.',
    fields: t => ({
      path: t.exposeString('path', {
        description:
          'Path from the root of the form (`auth.password.username`), or of the input for fields outside a form (`name`).',
      }),
      inputPath: t.stringList({
        description: 'Keys and indices from the `input` argument.',
        resolve: parent => [...parent.inputPath],
      }),
      message: t.exposeString('message', { description: 'What is wrong, for a reader. Never repeats the value.' }),
      remedies: t.field({
        type: [remedy],
        description: 'What can be done about it, such as the value that was probably meant. Often empty.',
        resolve: parent => parent.remedies ?? [],
      }),
    }),
  })
  builder.objectType(ValidationError, {
    name: 'ValidationError',
    description: 'The input has mistakes: all of them, at once.',
    interfaces,
    fields: t => ({
      issues: t.field({ type: [issue], description: 'Every mistake.', resolve: parent => parent.issues }),
    }),
  })
  builder.objectType(NotFoundError, {
    name: 'NotFoundError',
    description: 'What the input names does not exist, or not for this viewer.',
    interfaces,
  })
  builder.objectType(NameTakenError, {
    name: 'NameTakenError',
    description: 'The name is already in use.',
    interfaces,
    fields: t => ({ takenName: t.exposeString('takenName', { description: 'The name that was asked for.' }) }),
  })
  builder.objectType(ExternalKeyTakenError, {
    name: 'ExternalKeyTakenError',
    description: 'The external key is already in use.',
    interfaces,
    fields: t => ({ externalKey: t.exposeString('externalKey', { description: 'The key that was asked for.' }) }),
  })
  builder.objectType(ConflictError, {
    name: 'ConflictError',
    description: 'Something changed since the caller read it: read again and repeat.',
    interfaces,
    fields: t => ({
      currentVersion: t.exposeInt('currentVersion', {
        nullable: true,
        description: 'The version as it is now, where the conflict is about a version.',
      }),
    }),
  })
  builder.objectType(ConnectorInUseError, {
    name: 'ConnectorInUseError',
    description: 'Datasets depend on the connector. Nothing was deleted; this is the warning.',
    interfaces,
    fields: t => ({
      plan: t.field({
        type: nouns.deletionPlan,
        nullable: true,
        authScopes: { scope: 'connectors:read' },
        description: 'What depends on the connector, with the token to repeat with; null once the connector is gone.',
        resolve: ({ connectorId }, _args, { services, viewer }) =>
          services.connectors.deletionPlan(viewer, { id: connectorId }),
      }),
    }),
  })
  builder.objectType(ConnectionTestFailedError, {
    name: 'ConnectionTestFailedError',
    description: 'Saving was asked for only with a passing test. Nothing was stored.',
    interfaces,
    fields: t => ({
      test: t.field({
        type: nouns.connectionTest,
        nullable: true,
        description: 'The test that did not pass, if there was one.',
        resolve: async ({ testId }, _args, { loaders }) => {
          const row = testId === null ? null : await loaders.connectionTest.load(testId)
          return row && viewOfRow(row)
        },
      }),
    }),
  })
  builder.objectType(SecretReentryRequiredError, {
    name: 'SecretReentryRequiredError',
    description: 'Stored secrets only go where they were entered for. Nothing was dialled or stored.',
    interfaces,
    fields: t => ({
      changedFields: t.stringList({
        description: 'Paths of the form fields that would change the destination.',
        resolve: parent => [...parent.changedFields],
      }),
      secretFields: t.stringList({
        description: 'Paths of the secrets to give again.',
        resolve: parent => [...parent.secretFields],
      }),
    }),
  })
  builder.objectType(SecretStoreFailedError, {
    name: 'SecretStoreFailedError',
    description: 'The store that keeps secrets failed. Nothing was changed.',
    interfaces,
    fields: t => ({
      retryable: t.exposeBoolean('retryable', { description: 'Whether it may work later without any change.' }),
      problem: t.field({
        type: problem,
        description: 'What is wrong with the store; its `params` have the `fault` by name.',
        resolve: parent => parent.problem,
      }),
    }),
  })
  builder.objectType(IdempotencyKeyReusedError, {
    name: 'IdempotencyKeyReusedError',
    description: 'The key was already used with another input.',
    interfaces,
  })
  const rateLimitReason = builder.enumType('RateLimitReason', {
    description: 'Which limit a connection test, a preview or a list has met.',
    values: describedValues(rateLimitReasons),
  })
  builder.objectType(RateLimitedError, {
    name: 'RateLimitedError',
    description: 'A limit on connection tests, previews and lists was met. Nothing was dialled.',
    interfaces,
    fields: t => ({
      retryAfterSeconds: t.exposeInt('retryAfterSeconds', { description: 'When to try again, in seconds.' }),
      reason: t.field({ type: rateLimitReason, description: 'Which limit.', resolve: parent => parent.reason }),
    }),
  })
  builder.objectType(LimitReachedError, {
    name: 'LimitReachedError',
    description: 'The workspace has as many as it may have. Nothing was made.',
    interfaces,
    fields: t => ({ limit: t.exposeInt('limit', { description: 'How many it may have.' }) }),
  })
  builder.objectType(ApiTokensOffError, {
    name: 'ApiTokensOffError',
    description: 'This server does not let anybody in with API tokens, so that none is made.',
    interfaces,
  })
  builder.objectType(PreviewFailedError, {
    name: 'PreviewFailedError',
    description: 'The data source did not answer the query.',
    interfaces,
    fields: t => ({
      problem: t.field({ type: problem, description: 'Why.', resolve: parent => parent.problem }),
      durationMs: t.exposeInt('durationMs', { description: 'How long it took, in milliseconds.' }),
    }),
  })
}
