import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isInstalled } from '../../src/connectors/driver-packages.ts'
import { builtInConnectorTypes } from '../../src/connectors/registry.ts'
import { ProgramCopy } from './program-copy.ts'
import { ServerProcess } from './server-process.ts'
import { createStorage, type Storage } from './storage.ts'

const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '..', '..', 'package.json'), 'utf8')) as {
  readonly dependencies: { readonly [name: string]: string }
  readonly optionalDependencies: { readonly [name: string]: string }
}
const optional = Object.keys(manifest.optionalDependencies)

let copy: ProgramCopy
let storage: Storage
let server: ServerProcess

beforeAll(async () => {
  ;[copy, storage] = await Promise.all([ProgramCopy.without(optional), createStorage('SQLite')])
  server = await ServerProcess.start(storage, { entry: copy.entry })
}, 120_000)
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
  await storage?.[Symbol.asyncDispose]()
  await copy?.[Symbol.asyncDispose]()
})

const catalogue = `query ($availability: ConnectorTypeAvailability) {
  connectorTypes(filter: { availability: $availability }) {
    name availability availabilityNote installCommand drivers { name version isInstalled } form { fields { path } }
  }
}`

interface CatalogueEntry {
  readonly name: string
  readonly availabilityNote: string
  readonly installCommand: string
  readonly drivers: readonly { readonly name: string; readonly isInstalled: boolean }[]
  readonly form: { readonly fields: readonly unknown[] }
}

async function ask<Data>(query: string, variables: object): Promise<Data> {
  const response = await fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors } = (await response.json()) as { data: Data; errors?: unknown }
  expect(errors).toBeUndefined()
  return data
}

const typesWithout = async (availability: string): Promise<readonly CatalogueEntry[]> =>
  (await ask<{ connectorTypes: readonly CatalogueEntry[] }>(catalogue, { availability })).connectorTypes

test('every driver is a dependency of the program, in the version that is installed', () => {
  const { dependencies, optionalDependencies } = manifest
  for (const { name, version } of builtInConnectorTypes.flatMap(type => type.drivers)) {
    expect({ [name]: { ...dependencies, ...optionalDependencies }[name] }).toEqual({ [name]: version })
  }
})

test('npm has installed every optional dependency, which it leaves out in silence where one of its packages does not fit', () => {
  expect(optional.filter(name => !isInstalled({ name }))).toEqual([])
})

test('types whose driver is not installed are in the catalogue, whole, with the command that installs it', async () => {
  const missing = await typesWithout('DRIVER_MISSING')
  expect(missing.map(({ name }) => name)).toEqual(['MONGODB', 'SNOWFLAKE', 'DATABRICKS'])
  for (const { drivers, form, installCommand, availabilityNote } of missing) {
    const [absent] = drivers.filter(driver => !driver.isInstalled)
    expect(installCommand).toBe(
      `npm install --no-save ${absent?.name}@${manifest.optionalDependencies[absent?.name ?? '']}`,
    )
    expect(availabilityNote).toContain(installCommand)
    expect(form.fields.length).toBeGreaterThan(3)
  }
})

test('they can be neither saved nor tested, and the refusal says what to install', async () => {
  const config = { mongodb: { hosts: [{ host: 'db.example.com' }], auth: { none: true } } }
  const document = `mutation ($create: CreateConnectorInput!, $test: TestConnectionInput!) {
    createConnector(input: $create) { __typename ... on ValidationError { issues { path message } } }
    testConnection(input: $test) { __typename ... on ValidationError { issues { path message } } }
  }`
  const variables = { create: { name: 'Orders', config }, test: { target: { draft: config } } }
  const data = await ask(document, variables)
  const issue = { message: expect.stringContaining('npm install --no-save mongodb@') }
  const refusal = { __typename: 'ValidationError', issues: [expect.objectContaining(issue)] }
  expect(data).toEqual({ createConnector: refusal, testConnection: refusal })
})

test('the other types work', async () => {
  expect((await typesWithout('AVAILABLE')).map(({ name }) => name)).toContain('POSTGRES')
  const document = `mutation ($input: TestConnectionInput!) {
    testConnection(input: $input) { ... on TestConnectionSuccess { test { status } } }
  }`
  const data = await ask(document, {
    input: { target: { draft: { simulator: {} } } },
  })
  expect(data).toEqual({ testConnection: { test: { status: 'PASSED' } } })
})

test('the log says so at the start', () => {
  expect(server.output.match(/"[^"]*is not installed on this server[^"]*/g)).toHaveLength(3)
})
