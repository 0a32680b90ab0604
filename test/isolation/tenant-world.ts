import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ExecutionResult, execute, type GraphQLSchema, parse, subscribe, validate } from 'graphql'
import { builtInConnectorTypes, ConnectorRegistry } from '../../src/connectors/registry.ts'
import type { Database } from '../../src/db/database.ts'
import { createLogger } from '../../src/log.ts'
import { openServices } from '../../src/open-services.ts'
import { createContext } from '../../src/schema/context.ts'
import { buildSchema } from '../../src/schema/index.ts'
import { createDigester } from '../../src/secrets/keyed-digester.ts'
import { openKeyring } from '../../src/secrets/keyring.ts'
import { loadMasterKey } from '../../src/secrets/master-key.ts'
import { createSealedStore } from '../../src/secrets/sealed-store.ts'
import { type SecretStore, secretStores } from '../../src/secrets/secret-store.ts'
import type { Services } from '../../src/services/services.ts'
import type { Viewer } from '../../src/services/viewer.ts'
import { viewerOf } from '../viewers.ts'
import { PlayedHost } from './played-host.ts'
import { record } from './statement-recorder.ts'
import type { Answer, Tenant } from './tenant.ts'
import type { Operation } from './whole-operation.ts'

export const registry = new ConnectorRegistry(builtInConnectorTypes)
export const schema: GraphQLSchema = buildSchema(registry)

export interface TenantWorld extends AsyncDisposable {
  readonly database: Database
  readonly services: Services
  readonly host: PlayedHost
  /** The same each time for one workspace. */
  tenant(workspace: string, overrides?: Partial<Viewer>): Tenant
}

export interface TenantWorldOptions {
  /** In the place of the embedded store. */
  readonly secretStore?: SecretStore
  /** Tests at once, of all workspaces. */
  readonly testConcurrency?: number
  readonly testRate?: number
}

/** The schema over all services on a real database; only the data sources are played. Closing it closes the database. */
export async function openTenantWorld(database: Database, options: TenantWorldOptions = {}): Promise<TenantWorld> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'patchbay-tenants-'))
  const told: Database = {
    ...database,
    notify: topic => {
      // Which kind of wake-up, whatever it is about.
      record(`notify ${/^(?:connection-test:)?[a-z-]+/.exec(topic)?.[0]}`)
      return database.notify(topic)
    },
  }
  const keyring = await openKeyring(told, await loadMasterKey({ file: null, dataDirectory, production: false }))
  const host = new PlayedHost()
  const logger = createLogger('silent')
  const { services, close } = await openServices({
    database: told,
    secretStores: secretStores(options.secretStore ?? createSealedStore(told, keyring)),
    digester: createDigester(keyring),
    registry,
    host,
    egress: { allow: [], allowLoopback: false, allowPrivate: false, allowUnencrypted: true },
    awsEndpoints: {},
    cloudEndpoints: {},
    customEndpoints: false,
    awsIdentityFile: null,
    infrastructureHosts: [],
    testConcurrency: options.testConcurrency ?? 40,
    testRate: options.testRate ?? 1_000_000,
    takesTokens: true,
    logger,
  })
  return {
    database,
    services,
    host,
    tenant: (workspace, overrides) => tenantOf(services, viewerOf(workspace, overrides)),
    async [Symbol.asyncDispose]() {
      await close()
      await database.close()
      await rm(dataDirectory, { recursive: true })
    },
  }
}

function tenantOf(services: Services, viewer: Viewer): Tenant {
  const contextOf = () =>
    createContext({
      viewer,
      services,
      signal: new AbortController().signal,
      requestId: 'request',
      docsBaseUrl: 'https://docs.example.com',
    })
  return {
    workspace: viewer.workspace.id,
    async run({ document, variables }) {
      return answerOf([await execute({ ...checked({ document, variables }), contextValue: contextOf() })])
    },
    async follow({ document, variables }) {
      const stream = await subscribe({ ...checked({ document, variables }), contextValue: contextOf() })
      if (!(Symbol.asyncIterator in stream)) return answerOf([stream])
      const items: ExecutionResult[] = []
      for await (const item of stream) items.push(item)
      return answerOf(items)
    },
  }
}

const documents = new Map<string, ReturnType<typeof parse>>()

/** Documents are generated, so one that does not fit the schema is a mistake of the suite. */
function checked({ document: source, variables }: Operation) {
  let document = documents.get(source)
  if (!document) {
    document = parse(source)
    const [mistake] = validate(schema, document)
    if (mistake) throw mistake
    documents.set(source, document)
  }
  return { schema, document, variableValues: { ...variables } }
}

function answerOf(items: readonly ExecutionResult[]): Answer {
  for (const error of items.flatMap(item => item.errors ?? [])) {
    // What no service meant to say would be masked by the server, and is never right here.
    if (error.originalError && error.extensions['code'] === undefined) throw error.originalError
  }
  return { text: items.map(item => JSON.stringify(item)).join('\n'), data: { ...items.at(-1)?.data } }
}
