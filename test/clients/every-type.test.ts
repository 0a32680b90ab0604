import { afterAll, beforeAll, expect, test } from 'vitest'
import { builtInConnectorTypes } from '../../src/connectors/registry.ts'
import { plainSecret } from '../canary/secrets.ts'
import { RecordedApp } from '../e2e/recorded-app.ts'
import { type ConnectorTypeName, CreateOfAnyTypeDocument, RenameOfAnyTypeDocument } from '../generated/graphql.ts'
import { harmlessPatches, leastInputs, placeOf } from './every-type.ts'

let app: RecordedApp
beforeAll(async () => {
  app = await RecordedApp.start('SQLite')
})
afterAll(() => app?.[Symbol.asyncDispose]())

const places: Record<ConnectorTypeName, string> = {
  ATHENA: 'analysts in eu-west-1',
  BIGQUERY: 'my-project-123456',
  DATABRICKS: 'adb-1234567890123456.7.azuredatabricks.net/sql/1.0/warehouses/0123456789abcdef',
  HTTP_API: 'https://api.example.com/v1 (bearer)',
  MONGODB: 'events.example.net',
  MYSQL: 'db.example.com:3306',
  POSTGRES: 'db.example.com:5432 as reader',
  REDSHIFT: 'dw.example.com:5439',
  S3: 'sales-exports',
  SIMULATOR: 'ALL_PASS',
  SNOWFLAKE: 'MYORG-ACCOUNT123, REPORTING',
}

test('the program knows every type', () => {
  expect(Object.keys(places).toSorted()).toEqual(builtInConnectorTypes.map(({ name }) => name).toSorted())
})

test.each(Object.keys(places) as ConnectorTypeName[])(
  'a generated client creates, reads and changes %s',
  async name => {
    const config = leastInputs(plainSecret())[name]
    const { createConnector } = await app.client.request(CreateOfAnyTypeDocument, { input: { name, config } })
    if (createConnector.__typename !== 'CreateConnectorSuccess') throw new Error(JSON.stringify(createConnector))
    const { connector } = createConnector
    expect(placeOf(connector).toLowerCase()).toBe(places[name].toLowerCase())

    const input = { connector: { id: connector.id }, expectedVersion: connector.version, config: harmlessPatches[name] }
    const { updateConnector } = await app.client.request(RenameOfAnyTypeDocument, { input })
    if (updateConnector.__typename !== 'UpdateConnectorSuccess') throw new Error(JSON.stringify(updateConnector))
    const [patch] = Object.values(harmlessPatches[name])
    expect(updateConnector.connector.formData).toMatchObject(patch)
    expect(placeOf(updateConnector.connector)).toBe(placeOf(connector))
  },
)
