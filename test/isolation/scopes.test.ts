import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Scope } from '../../src/services/viewer.ts'
import { type Named, simulated } from './belongings.ts'
import { fastSqlite } from './fast-databases.ts'
import { openTenantWorld, type TenantWorld } from './tenant-world.ts'

let world: TenantWorld
let connector: Pick<Named, 'id'>
beforeAll(async () => {
  world = await openTenantWorld(await fastSqlite.open())
  const { data } = await world.tenant('south').run({
    document:
      'mutation ($config: ConnectorConfigInput!) { createConnector(input: { name: "Ledger", config: $config }) { ... on CreateConnectorSuccess { connector { id } } } }',
    variables: { config: simulated('south.example.com') },
  })
  connector = (data['createConnector'] as { connector: Named }).connector
})
afterAll(async () => world[Symbol.asyncDispose]())

const testing = `mutation ($id: ID!) {
  testConnection(input: { target: { saved: { id: $id } } }) { ... on TestConnectionSuccess { test { status connector { name } } } }
}`

const run = (scopes: readonly Scope[]) =>
  world.tenant('south', { scopes: new Set(scopes) }).run({ document: testing, variables: { id: connector.id } })

test('who may test a connector but not see connectors is not shown it by way of the test', async () => {
  const { text, data } = await run(['connectors:test'])
  expect(data['testConnection']).toMatchObject({ test: { status: 'PASSED', connector: null } })
  expect(text).not.toContain('Ledger')
  expect(text).toContain('FORBIDDEN')
})

test('who may do both is', async () => {
  const { data } = await run(['connectors:test', 'connectors:read'])
  expect(data['testConnection']).toMatchObject({ test: { status: 'PASSED', connector: { name: 'Ledger' } } })
})
