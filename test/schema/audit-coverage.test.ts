import { type GraphQLObjectType, isObjectType } from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { AuditRow } from '../../src/db/audit-store.ts'
import { auditTargetId } from '../../src/services/audit-line.ts'
import { grantedScopes, type Viewer } from '../../src/services/viewer.ts'
import { simulated } from '../isolation/belongings.ts'
import { openTenantWorld, schema, type TenantWorld } from '../isolation/tenant-world.ts'
import { testDatabases } from '../servers/databases.ts'
import { entriesOf } from '../services/audit-world.ts'

/** Of subscriptions one only follows what another field has begun. */
const isDone = (type: GraphQLObjectType, { name }: { readonly name: string }): boolean =>
  type === schema.getMutationType() || (type === schema.getSubscriptionType() && name !== 'connectionTestProgress')

/** What is done and refused must be told of: every mutation, and everything that connects to a data source. */
const audited = Object.values(schema.getTypeMap())
  .filter(isObjectType)
  .flatMap(type =>
    Object.values(type.getFields())
      .filter(field => isDone(type, field) || field.extensions['dialsOut'])
      .map(field => `${type.name.endsWith('Connector') ? 'Connector' : type.name}.${field.name}`),
  )
const coordinates = [...new Set([...audited, 'Query.auditLog'])].toSorted()

type Input = Readonly<Record<string, unknown>>
interface Operation {
  readonly document: string
  readonly variables: Input
}
type Expected = Partial<AuditRow> & { readonly target?: string }

interface Case {
  /** Made anew for each case. */
  readonly done: (world: Ground) => Promise<Operation> | Operation
  readonly told: (world: Ground) => readonly Expected[]
  /** What is refused, and how that is told; null for what no service can refuse. */
  readonly refused: ((world: Ground) => Promise<Operation> | Operation) | null
  readonly reason?: string
}

interface Ground {
  readonly ask: <T>(document: string, variables?: Input) => Promise<T>
  readonly connector: string
  readonly dataset: string
  readonly deleted: string
}

const mutation = (field: string, type: string, input: Input): Operation => ({
  document: `mutation ($input: ${type}!) { ${field}(input: $input) { __typename ... on Error { code message } } }`,
  variables: { input },
})

const unknown = { id: Buffer.from('Connector:nobody').toString('base64url') }
const unknownDataset = Buffer.from('Dataset:nobody').toString('base64url')
const unknownTest = Buffer.from('ConnectionTest:nobody').toString('base64url')
const unknownToken = Buffer.from('ApiToken:nobody').toString('base64url')
const secretPath = 'config.auth.password.password'
const query = { simulator: { rows: 3 } }
let made = 0
const fresh = (word: string) => `${word} ${++made}`

const catalog = (by: Input, first = 5): Operation => ({
  document: `query ($by: ConnectorRef!, $first: Int!) {
    connector(by: $by) { catalog(first: $first) { __typename ... on Error { code message } } }
  }`,
  variables: { by, first },
})
const asked = (field: string, type: string, input: Input): Operation => ({
  document: `query ($input: ${type}!) { ${field}(input: $input) { __typename ... on Error { code message } } }`,
  variables: { input },
})
const followed = (target: Input): Operation => ({
  document: `subscription ($input: TestConnectionInput!) {
    testConnection(input: $input) { __typename ... on Error { code message } }
  }`,
  variables: { input: { target } },
})

const readSecret = (target: string, purpose: string): Expected => ({
  action: 'READ_SECRET',
  target,
  details: expect.objectContaining({ purpose }) as never,
})

const cases: Readonly<Record<string, Case>> = {
  'Mutation.createConnector': {
    done: () =>
      mutation('createConnector', 'CreateConnectorInput', { name: fresh('made'), config: simulated('a.example') }),
    told: () => [
      {
        action: 'CREATE_CONNECTOR',
        changedFields: expect.arrayContaining(['name', 'config.host', secretPath]) as never,
        details: { version: 1, connectorType: 'SIMULATOR' },
      },
    ],
    refused: ({ ask: _ }) =>
      mutation('createConnector', 'CreateConnectorInput', { name: '', config: simulated('a.example') }),
    reason: 'VALIDATION_FAILED',
  },
  'Mutation.updateConnector': {
    done: ({ connector: id }) =>
      mutation('updateConnector', 'UpdateConnectorInput', {
        connector: { id },
        expectedVersion: 1,
        name: fresh('renamed'),
        config: { simulator: { auth: { password: { password: 'another battery staple' } } } },
      }),
    told: ({ connector: target }) => [
      {
        action: 'UPDATE_CONNECTOR',
        target,
        changedFields: ['name', secretPath],
        details: { version: 2, connectorType: 'SIMULATOR' },
      },
    ],
    refused: ({ connector: id }) =>
      mutation('updateConnector', 'UpdateConnectorInput', { connector: { id }, expectedVersion: 9, name: 'x' }),
    reason: 'CONFLICT',
  },
  'Mutation.deleteConnector': {
    done: async ({ ask, connector: id }) => {
      const { connectorDeletionPlan: plan } = await ask<{ connectorDeletionPlan: { impactToken: string } }>(
        'query ($by: ConnectorRef!) { connectorDeletionPlan(connector: $by) { impactToken } }',
        { by: { id } },
      )
      return mutation('deleteConnector', 'DeleteConnectorInput', { connector: { id }, impactToken: plan.impactToken })
    },
    told: ({ connector, dataset }) => [
      {
        action: 'DELETE_CONNECTOR',
        target: connector,
        details: expect.objectContaining({ detachedDatasets: 1 }) as never,
      },
      { action: 'UPDATE_DATASET', target: dataset, changedFields: ['connector'] },
    ],
    refused: ({ connector: id }) => mutation('deleteConnector', 'DeleteConnectorInput', { connector: { id } }),
    reason: 'CONNECTOR_IN_USE',
  },
  'Mutation.testConnection': {
    done: ({ connector: id }) => mutation('testConnection', 'TestConnectionInput', { target: { saved: { id } } }),
    told: ({ connector }) => [
      readSecret(connector, 'TEST'),
      { action: 'TEST_CONNECTION', target: connector, details: expect.objectContaining({ tested: 'SAVED' }) as never },
    ],
    refused: () => mutation('testConnection', 'TestConnectionInput', { target: { saved: unknown } }),
    reason: 'NOT_FOUND',
  },
  'Mutation.cancelConnectionTest': {
    done: async ({ ask, connector: id }) => {
      const { testConnection } = await ask<{ testConnection: { test: { id: string } } }>(
        `mutation ($input: TestConnectionInput!) {
          testConnection(input: $input) { ... on TestConnectionSuccess { test { id } } }
        }`,
        { input: { target: { saved: { id } } } },
      )
      return mutation('cancelConnectionTest', 'CancelConnectionTestInput', { id: testConnection.test.id })
    },
    told: () => [{ action: 'CANCEL_CONNECTION_TEST', targetKind: 'CONNECTION_TEST' }],
    refused: () => mutation('cancelConnectionTest', 'CancelConnectionTestInput', { id: unknownTest }),
    reason: 'NOT_FOUND',
  },
  'Mutation.createDataset': {
    done: ({ connector: id }) =>
      mutation('createDataset', 'CreateDatasetInput', { connector: { id }, name: fresh('made'), query }),
    told: ({ connector }) => [
      {
        action: 'CREATE_DATASET',
        changedFields: expect.arrayContaining(['name', 'connector', 'query.rows']) as never,
        details: { version: 1, connectorType: 'SIMULATOR', connector },
      },
    ],
    refused: () => mutation('createDataset', 'CreateDatasetInput', { connector: unknown, name: fresh('made'), query }),
    reason: 'NOT_FOUND',
  },
  'Mutation.updateDataset': {
    done: ({ dataset: id }) =>
      mutation('updateDataset', 'UpdateDatasetInput', { id, expectedVersion: 1, query: { simulator: { rows: 4 } } }),
    told: ({ dataset: target }) => [{ action: 'UPDATE_DATASET', target, changedFields: ['query.rows'] }],
    refused: () =>
      mutation('updateDataset', 'UpdateDatasetInput', { id: unknownDataset, expectedVersion: 1, name: 'x' }),
    reason: 'NOT_FOUND',
  },
  'Mutation.deleteDataset': {
    done: ({ dataset: id }) => mutation('deleteDataset', 'DeleteDatasetInput', { id }),
    told: ({ dataset: target }) => [
      { action: 'DELETE_DATASET', target, details: expect.objectContaining({ version: 1 }) as never },
    ],
    refused: () => mutation('deleteDataset', 'DeleteDatasetInput', { id: unknownDataset }),
    reason: 'NOT_FOUND',
  },
  'Mutation.createApiToken': {
    done: () =>
      mutation('createApiToken', 'CreateApiTokenInput', {
        name: fresh('token'),
        rights: { scopes: ['CONNECTORS_READ'] },
      }),
    told: () => [{ action: 'CREATE_API_TOKEN', targetKind: 'API_TOKEN' }],
    refused: () =>
      mutation('createApiToken', 'CreateApiTokenInput', { name: '', rights: { scopes: ['CONNECTORS_READ'] } }),
    reason: 'VALIDATION_FAILED',
  },
  'Mutation.revokeApiToken': {
    done: async ({ ask }) => {
      const { createApiToken } = await ask<{ createApiToken: { token: { id: string } } }>(
        `mutation ($input: CreateApiTokenInput!) {
          createApiToken(input: $input) { ... on CreateApiTokenSuccess { token { id } } }
        }`,
        { input: { name: fresh('token'), rights: { scopes: ['CONNECTORS_READ'] } } },
      )
      return mutation('revokeApiToken', 'RevokeApiTokenInput', { id: createApiToken.token.id })
    },
    told: () => [{ action: 'REVOKE_API_TOKEN', targetKind: 'API_TOKEN' }],
    refused: () => mutation('revokeApiToken', 'RevokeApiTokenInput', { id: unknownToken }),
    reason: 'NOT_FOUND',
  },
  'Subscription.testConnection': {
    done: () => followed({ draft: simulated('b.example') }),
    told: () => [
      {
        action: 'TEST_CONNECTION',
        targetKind: 'CONNECTION_TEST',
        details: expect.objectContaining({ tested: 'DRAFT' }) as never,
      },
    ],
    refused: () => followed({ saved: unknown }),
    reason: 'NOT_FOUND',
  },
  'Query.previewDataset': {
    done: ({ dataset: saved }) => asked('previewDataset', 'PreviewDatasetInput', { target: { saved } }),
    told: ({ connector, dataset }) => [
      {
        action: 'PREVIEW_DATASET',
        target: dataset,
        details: expect.objectContaining({ connector, first: 50 }) as never,
      },
      readSecret(connector, 'PREVIEW'),
    ],
    refused: () => asked('previewDataset', 'PreviewDatasetInput', { target: { saved: unknownDataset } }),
    reason: 'NOT_FOUND',
  },
  'Query.connectorFieldOptions': {
    done: ({ connector: id }) =>
      asked('connectorFieldOptions', 'ConnectorFieldOptionsInput', { target: { saved: { id } }, field: 'database' }),
    told: ({ connector }) => [{ action: 'LIST_FIELD_OPTIONS', target: connector }, readSecret(connector, 'LIST')],
    refused: () =>
      asked('connectorFieldOptions', 'ConnectorFieldOptionsInput', { target: { saved: unknown }, field: 'database' }),
    reason: 'NOT_FOUND',
  },
  'Connector.catalog': {
    done: ({ connector: id }) => catalog({ id }),
    told: ({ connector }) => [{ action: 'BROWSE_CATALOG', target: connector }, readSecret(connector, 'LIST')],
    refused: ({ connector: id }) => catalog({ id }, 1000),
    reason: 'VALIDATION_FAILED',
  },
  'Query.auditLog': {
    done: () => ({ document: '{ auditLog { nodes { id } } }', variables: {} }),
    told: () => [{ action: 'READ_AUDIT_LOG', targetKind: null }],
    // What may be read is no question of services: without the scope the field itself is refused.
    refused: null,
  },
}

test('everything that has to be told of has a case', () => {
  expect(Object.keys(cases).toSorted()).toEqual(coordinates)
})

describe.each(testDatabases)('on $name', testDatabase => {
  let world: TenantWorld
  beforeAll(async () => {
    world = await openTenantWorld(await testDatabase.open())
  })
  afterAll(() => world[Symbol.asyncDispose]())

  /** A workspace of its own for each case, with a connector and a dataset on it. */
  async function ground(workspace: string, overrides?: Partial<Viewer>) {
    const tenant = world.tenant(workspace, overrides)
    const ask = async <T>(document: string, variables: Input = {}): Promise<T> => {
      const operation = { document, variables: { ...variables } }
      const isStream = document.trimStart().startsWith('subscription')
      return (await (isStream ? tenant.follow(operation) : tenant.run(operation))).data as T
    }
    const created = await ask<{ createConnector: { connector: { id: string } } }>(
      `mutation ($input: CreateConnectorInput!) {
        createConnector(input: $input) { ... on CreateConnectorSuccess { connector { id } } }
      }`,
      { input: { name: 'Ledger', config: simulated('ledger.example') } },
    )
    const connector = created.createConnector.connector.id
    const dataset = await ask<{ createDataset: { dataset: { id: string } } }>(
      `mutation ($input: CreateDatasetInput!) {
        createDataset(input: $input) { ... on CreateDatasetSuccess { dataset { id } } }
      }`,
      { input: { connector: { id: connector }, name: 'Pages', query } },
    )
    return { ask, connector, dataset: dataset.createDataset.dataset.id, deleted: '' }
  }

  const toldSince = async (workspace: string, before: number) =>
    (await entriesOf(world.database, workspace)).slice(before).map(row => ({ ...row, target: auditTargetId(row) }))
  const count = async (workspace: string) => (await entriesOf(world.database, workspace)).length

  test.each(Object.entries(cases))('%s is told of when it is done', async (name, each) => {
    const workspace = `done-${name.replace('.', '-')}`
    const here = await ground(workspace)
    const { document, variables } = await each.done(here)
    const before = await count(workspace)
    const data = await here.ask(document, variables)
    expect(JSON.stringify(data)).not.toContain('"code"')
    const told = await toldSince(workspace, before)
    const common = { outcome: 'DONE', reason: null, actorId: 'ada', workspaceId: workspace }
    expect(told).toEqual(each.told(here).map(entry => expect.objectContaining({ ...common, ...entry })))
    // Nothing of a configuration is in it, least of all a secret.
    expect(JSON.stringify(told)).not.toMatch(/correct horse|battery staple|ledger\.example/)
  })

  test.each(Object.entries(cases).filter(([, { refused }]) => refused !== null))(
    '%s is told of when it is refused',
    async (name, { refused, told, reason }) => {
      const workspace = `refused-${name.replace('.', '-')}`
      const here = await ground(workspace)
      const { document, variables } = (await refused?.(here)) ?? { document: '', variables: {} }
      const before = await count(workspace)
      const data = await here.ask(document, variables)
      expect(JSON.stringify(data)).toContain(`"code":"${reason}"`)
      const { action } = told(here).find(entry => entry.action !== 'READ_SECRET') ?? {}
      expect(await toldSince(workspace, before)).toEqual([
        expect.objectContaining({ action, outcome: 'REFUSED', reason, changedFields: [], details: {} }),
      ])
    },
  )

  test.each(Object.entries(cases))('%s without its scope is told of by its name', async (name, each) => {
    const workspace = `forbidden-${name.replace('.', '-')}`
    const here = await ground(workspace)
    const { document, variables } = await each.done(here)
    // A catalogue hangs on a connector, which one must see to get there.
    const scopes = name === 'Connector.catalog' ? grantedScopes(['connectors:read']) : new Set<never>()
    const stranger = world.tenant(workspace, { id: 'eve', scopes })
    const before = await count(workspace)
    const isStream = document.trimStart().startsWith('subscription')
    const operation = { document, variables: { ...variables } }
    const answer = await (isStream ? stranger.follow(operation) : stranger.run(operation))
    expect(answer.text).toContain('FORBIDDEN')
    await expect
      .poll(() => toldSince(workspace, before))
      .toEqual([
        expect.objectContaining({
          action: 'USE_FIELD',
          outcome: 'REFUSED',
          reason: 'FORBIDDEN',
          actorId: 'eve',
          targetId: name.replace('Connector.', 'SimulatorConnector.'),
        }),
      ])
  })

  test('a save that runs a test tells of the secrets that are read, of the test, and of itself', async () => {
    const here = await ground('gated')
    const before = await count('gated')
    await here.ask(
      `mutation ($input: UpdateConnectorInput!) {
        updateConnector(input: $input) { __typename ... on Error { message } }
      }`,
      { input: { connector: { id: here.connector }, expectedVersion: 1, name: 'Gated', testGate: 'REQUIRE_PASS' } },
    )
    expect(
      (await toldSince('gated', before)).map(row => [row.action, row.details['purpose'] ?? row.details['tested']]),
    ).toEqual([
      ['READ_SECRET', 'TEST'],
      ['TEST_CONNECTION', 'SAVE'],
      ['UPDATE_CONNECTOR', undefined],
    ])
  })

  test('who comes to a test that runs already starts none', async () => {
    const here = await ground('attached')
    const before = await count('attached')
    const start = mutation('testConnection', 'TestConnectionInput', {
      target: { draft: simulated('c.example') },
      attemptKey: 'k',
    })
    for (let time = 0; time < 3; time++) await here.ask(start.document, start.variables)
    expect((await toldSince('attached', before)).map(row => row.action)).toEqual(['TEST_CONNECTION'])
  })
})
