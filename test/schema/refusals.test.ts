import { describe, expect, test } from 'vitest'
import { problem } from '../../src/connectors/problem.ts'
import { encodeGlobalId } from '../../src/schema/global-id.ts'
import {
  ConflictError,
  ConnectionTestFailedError,
  ConnectorInUseError,
  ExternalKeyTakenError,
  IdempotencyKeyReusedError,
  NameTakenError,
  NotFoundError,
  RateLimitedError,
  SecretReentryRequiredError,
  SecretStoreFailedError,
  type ServiceError,
  ValidationError,
} from '../../src/services/errors.ts'
import { connectorRow, dataOf, schemaWorld, testRow } from './schema-world.ts'

const everyDetail = `
  __typename
  ... on Error { message code }
  ... on ValidationError { issues { path inputPath message } }
  ... on NameTakenError { takenName }
  ... on ExternalKeyTakenError { externalKey }
  ... on ConflictError { currentVersion }
  ... on SecretReentryRequiredError { changedFields secretFields }
  ... on SecretStoreFailedError { retryable problem { code params } }
  ... on RateLimitedError { retryAfterSeconds reason }
`

const refusals: readonly [ServiceError, Record<string, unknown>][] = [
  [
    new ValidationError([{ path: 'name', inputPath: ['name'], message: 'Must not be empty.' }]),
    { code: 'VALIDATION_FAILED', issues: [{ path: 'name', inputPath: ['name'], message: 'Must not be empty.' }] },
  ],
  [new NameTakenError('connector', 'Sales'), { code: 'NAME_TAKEN', takenName: 'Sales' }],
  [new ExternalKeyTakenError('key'), { code: 'EXTERNAL_KEY_TAKEN', externalKey: 'key' }],
  [new ConflictError('Changed.', 7), { code: 'CONFLICT', currentVersion: 7 }],
  [
    new SecretReentryRequiredError(['host'], ['auth.password']),
    { code: 'SECRET_REENTRY_REQUIRED', changedFields: ['host'], secretFields: ['auth.password'] },
  ],
  [
    new SecretStoreFailedError(
      problem('SECRET_STORE_UNAVAILABLE', { params: { reason: 'it is sealed', fault: 'SEALED' } }),
    ),
    {
      code: 'SECRET_STORE_FAILED',
      retryable: true,
      problem: { code: 'SECRET_STORE_UNAVAILABLE', params: { reason: 'it is sealed', fault: 'SEALED' } },
    },
  ],
  [new RateLimitedError(3), { code: 'RATE_LIMITED', retryAfterSeconds: 3, reason: 'TOO_MANY_RUNNING' }],
  [
    new RateLimitedError(9, 'FAILED_SIGN_INS', 'Refused three times since noon.'),
    {
      code: 'RATE_LIMITED',
      retryAfterSeconds: 9,
      reason: 'FAILED_SIGN_INS',
      message: 'Refused three times since noon.',
    },
  ],
  [new NotFoundError('connector'), { code: 'NOT_FOUND' }],
]

test.each(refusals.map(([error, data]) => [error.constructor.name, error, data] as const))(
  'a %s of a service is a member of the result with what a client needs',
  async (typeName, error, data) => {
    const world = schemaWorld({ connectors: { update: () => Promise.reject(error) } })
    const { updateConnector } = dataOf(
      await world.run(`mutation {
        updateConnector(input: { connector: { name: "x" }, expectedVersion: 1 }) { ${everyDetail} }
      }`),
    )
    expect(updateConnector).toEqual({ __typename: typeName, message: error.message, ...data })
  },
)

test('an idempotency key that was used for something else is refused', async () => {
  const world = schemaWorld({
    connectors: { create: () => Promise.reject(new IdempotencyKeyReusedError('idempotencyKey')) },
  })
  const { createConnector } = dataOf(
    await world.run(`mutation {
      createConnector(input: { name: "x", config: { madeUp: { baseUrl: "https://a", auth: { none: true }, mode: FAST } } }) {
        ... on Error { code }
      }
    }`),
  )
  expect(createConnector).toEqual({ code: 'IDEMPOTENCY_KEY_REUSED' })
})

test('the warning before a deletion shows the plan', async () => {
  const connector = connectorRow('c1')
  const world = schemaWorld({
    connectors: {
      delete: () => Promise.reject(new ConnectorInUseError('c1')),
      deletionPlan: async () => ({ connector, datasetCount: 3, hiddenDatasetCount: 1, impactToken: 'token' }),
    },
    datasets: { pagesOfConnectors: async () => [{ rows: [], cursors: [], hasNextPage: false }] },
  })
  const { deleteConnector } = dataOf(
    await world.run(`mutation {
      deleteConnector(input: { connector: { name: "x" } }) {
        ... on ConnectorInUseError {
          code
          plan { connector { name } impactToken hiddenDatasetCount datasets { totalCount nodes { id } } }
        }
      }
    }`),
  )
  expect(deleteConnector).toEqual({
    code: 'CONNECTOR_IN_USE',
    plan: {
      connector: { name: 'Connector c1' },
      impactToken: 'token',
      hiddenDatasetCount: 1,
      datasets: { totalCount: 3, nodes: [] },
    },
  })
})

test('a refused gate shows the test that did not pass', async () => {
  const world = schemaWorld({
    connectors: { update: () => Promise.reject(new ConnectionTestFailedError('No.', 't1')) },
    connectionTests: { findMany: async (_viewer, ids) => ids.map(id => testRow(id)) },
  })
  const { updateConnector } = dataOf(
    await world.run(`mutation {
      updateConnector(input: { connector: { name: "x" }, expectedVersion: 1, testGate: REQUIRE_PASS }) {
        ... on ConnectionTestFailedError { test { id } }
      }
    }`),
  )
  expect(updateConnector).toEqual({ test: { id: encodeGlobalId('ConnectionTest', 't1') } })
})

test('a query that the source did not answer shows its problem', async () => {
  const outcome = {
    kind: 'PROBLEM' as const,
    problem: problem('STATEMENT_TIMED_OUT', { params: { seconds: 60 } }),
    durationMs: 60_000,
  }
  const world = schemaWorld({ datasets: { preview: async () => outcome } })
  const { previewDataset } = dataOf(
    await world.run(`{
      previewDataset(input: { target: { saved: "x" } }) {
        ... on Error { code }
        ... on PreviewFailedError { durationMs problem { code } }
      }
    }`),
  )
  expect(previewDataset).toEqual({
    code: 'PREVIEW_FAILED',
    durationMs: 60_000,
    problem: { code: 'STATEMENT_TIMED_OUT' },
  })
})

describe('mistakes that the services would not see are told with all others', () => {
  const document = (operation: string) => `${operation} ($input: TestConnectionInput!) {
    testConnection(input: $input) { ... on ValidationError { issues { path inputPath } } }
  }`
  const input = {
    waitSeconds: 301,
    attemptKey: '',
    target: { draft: { madeUp: { baseUrl: 'ftp://a', auth: { none: true } } } },
  }
  const issues = expect.arrayContaining([
    { path: 'waitSeconds', inputPath: ['waitSeconds'] },
    { path: 'attemptKey', inputPath: ['attemptKey'] },
    { path: 'baseUrl', inputPath: ['target', 'draft', 'madeUp', 'baseUrl'] },
  ])

  test('by the mutation', async () => {
    const { testConnection } = dataOf(await schemaWorld().run(document('mutation'), { input }))
    expect(testConnection).toEqual({ issues })
  })

  test('by the subscription, as its only item', async () => {
    const stream = await schemaWorld().stream(document('subscription'), { input })
    if (!('next' in stream)) throw new Error('There is no stream.')
    expect(await stream.next()).toMatchObject({ value: { data: { testConnection: { issues } } } })
    expect(await stream.next()).toMatchObject({ done: true })
  })

  test.each([
    ['updateConnector(input: { connector: { name: "x" }, expectedVersion: 1, name: null })', 'name'],
    ['deleteConnector(input: { connector: { name: "x" }, datasets: { all: false } })', 'datasets.all'],
    ['updateDataset(input: { id: "x", expectedVersion: 1, connector: null })', 'connector'],
  ])('by %s', async (call, path) => {
    const { result } = dataOf(
      await schemaWorld().run(`mutation { result: ${call} { ... on ValidationError { issues { path } } } }`),
    )
    expect(result).toEqual({ issues: [{ path }] })
  })
})
