import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { openDatabase } from '../../src/db/open-database.ts'
import type { Identity } from '../../src/identity/identity.ts'
import { createLogger } from '../../src/log.ts'
import { createGraphqlServer } from '../../src/server.ts'
import { openTenantWorld, schema } from '../isolation/tenant-world.ts'
import { viewerOf } from '../viewers.ts'

export interface FuzzWorld extends AsyncDisposable {
  /** Of the API. */
  readonly url: string
  /** Ids and names of what is there, with others that mean something. */
  readonly texts: readonly string[]
  /** What was logged that should not happen. */
  faults(): string
  /** Forgets what only the suite remembers. */
  forget(): void
}

const identity: Identity = {
  identify: async () => ({ viewer: viewerOf('fuzz', { id: 'local' }), isStillGood: async () => true }),
}

/** The server over all services and a database file; only the data sources are played: nothing is looked up or dialled. */
export async function openFuzzWorld(): Promise<FuzzWorld> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'patchbay-fuzz-'))
  const migrationsDirectory = fileURLToPath(new URL('../../drizzle', import.meta.url))
  const world = await openTenantWorld(await openDatabase({ url: null, dataDirectory, migrationsDirectory }))
  let faults = ''
  const destination = new Writable({
    write(chunk: Buffer, _encoding, done) {
      faults += chunk.toString()
      done()
    },
  })
  const server = createGraphqlServer({
    schema,
    services: world.services,
    logger: createLogger('error', destination),
    identity,
    audit: { refused: async () => undefined },
    listen: listener => world.database.listen(listener),
    host: '127.0.0.1',
    allowedOrigins: [],
    introspection: 'true',
    production: true,
    docsBaseUrl: null,
    checkReadiness: async () => ({ status: 'ready', database: 'ok', secretStore: 'ok' }),
  })
  server.http.listen(0, '127.0.0.1')
  await once(server.http, 'listening')
  const url = `http://127.0.0.1:${(server.http.address() as AddressInfo).port}/graphql`
  return {
    url,
    texts: [...(await seed(url)), ...meaningful],
    faults: () => faults,
    forget: () => void world.host.jobs.splice(0),
    async [Symbol.asyncDispose]() {
      await server.shutDown(1_000, async () => {})
      await world[Symbol.asyncDispose]()
      await rm(dataDirectory, { recursive: true, force: true })
    },
  }
}

const meaningful = [
  'Fuzz',
  'fuzz',
  'SIMULATOR',
  'db.example.com',
  'select 1',
  'x',
  '',
  'token',
  'auth.password.password',
]

/** A connector with a test and a dataset, whose ids operations then use. */
async function seed(url: string): Promise<readonly string[]> {
  const run = async (query: string) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    })
    return response.text()
  }
  const connector = await run(
    'mutation { createConnector(input: { name: "Fuzz", externalKey: "fuzz", config: { simulator: {} } }) { ... on CreateConnectorSuccess { connector { id } } } }',
  )
  const test = await run(
    'mutation { testConnection(input: { target: { saved: { name: "Fuzz" } } }) { ... on TestConnectionSuccess { test { id } } } }',
  )
  const dataset = await run(
    'mutation { createDataset(input: { connector: { name: "Fuzz" }, name: "Rows", query: { simulator: {} } }) { ... on CreateDatasetSuccess { dataset { id } } } }',
  )
  const plan = await run(
    '{ connectorDeletionPlan(connector: { name: "Fuzz" }) { impactToken datasets(first: 1) { pageInfo { endCursor } } } }',
  )
  return [connector, test, dataset, plan].flatMap(text =>
    [...text.matchAll(/"(?:id|impactToken|endCursor)":"([^"]+)"/g)].map(([, value = '']) => value),
  )
}
