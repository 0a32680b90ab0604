import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { maxDocumentLength } from './admission.ts'
import type { Config } from './config.ts'
import { createConnectorHost } from './connectors/host/child-pool.ts'
import { assertReadRootsSafe, connectorHostReadRoots } from './connectors/host/read-roots.ts'
import { createScrubbingHost } from './connectors/host/scrubbing-host.ts'
import { builtInConnectorTypes, ConnectorRegistry } from './connectors/registry.ts'
import { documentLimits, graphqlPath } from './create-yoga.ts'
import { assertTypesKnown } from './db/assert-types-known.ts'
import { databaseFileOf, openDatabase } from './db/open-database.ts'
import type { Logger } from './log.ts'
import { openIdentity } from './open-identity.ts'
import { openServices } from './open-services.ts'
import { PersistedOperations } from './persisted-operations.ts'
import { createReadiness } from './readiness.ts'
import { buildSchema } from './schema/index.ts'
import { createDigester } from './secrets/keyed-digester.ts'
import { openKeyring } from './secrets/keyring.ts'
import { loadMasterKey, loadOtherMasterKeys, type MasterKey } from './secrets/master-key.ts'
import { openSecretStores } from './secrets/open-secret-stores.ts'
import { vaultFilesOf } from './secrets/vault/settings.ts'
import { createGraphqlServer } from './server.ts'
import { every } from './services/every.ts'

/** Where the program's own files lie; differs between the sources and their bundle. */
export interface AppPaths {
  /** What a connector host process runs. */
  readonly childEntry: URL
  /** Folders of the program's code, which those processes must be able to read. */
  readonly codeFolders: readonly URL[]
  readonly migrationsDirectory: string
  /** Files that those processes must not be able to read, beside what the configuration names; need not exist. */
  readonly privateFiles: readonly string[]
}

export interface Patchbay {
  /** Of the API. */
  readonly url: string
  readonly masterKey: MasterKey
  /** Settles, with the reason, only if the sandbox does not hold here: no job is run, and the program must end. */
  readonly unfit: Promise<string>
  /** Ends in order: subscriptions, requests, running tests, processes, database. Resolves when nothing is left. */
  close(): Promise<void>
}

const readinessIntervalMs = 10_000
/** How long running requests may take to finish once the server was asked to end. */
const shutDownGraceMs = 10_000

/**
 * Opens everything, wires it together and listens. When something cannot be opened, closes what was, and throws:
 * `DatabaseError`, `MasterKeyError`, `UnsafeReadRootError`, or the listening socket's error.
 */
export async function startPatchbay(config: Config, paths: AppPaths, logger: Logger): Promise<Patchbay> {
  const closers: (() => Promise<void>)[] = []
  const close = async () => {
    const faults: unknown[] = []
    // What is left to close is closed whatever happens.
    for (const closer of closers.splice(0).reverse()) await closer().catch(fault => faults.push(fault))
    if (faults.length > 0) throw faults[0]
  }
  try {
    const readRoots = connectorHostReadRoots(paths.codeFolders)
    assertReadRootsSafe(readRoots, [...paths.privateFiles, ...privatePathsOf(config)])
    const { dataDirectory, production, egress, testConcurrency, testRate } = config
    const masterKey = await loadMasterKey({ file: config.masterKeyFile, dataDirectory, production })
    const otherMasterKeys = await loadOtherMasterKeys(config.otherMasterKeyFiles)
    const database = await openDatabase({
      url: config.databaseUrl?.reveal() ?? null,
      dataDirectory,
      migrationsDirectory: paths.migrationsDirectory,
    })
    closers.push(() => database.close())
    const registry = new ConnectorRegistry(builtInConnectorTypes, { turnedOff: config.simulator ? [] : ['SIMULATOR'] })
    for (const { availability, note } of registry.types.map(type => registry.availabilityOf(type))) {
      if (availability === 'DRIVER_MISSING') logger.warn(note)
    }
    const schema = buildSchema(registry)
    const { persistedOperations: file, persistedOperationsFor } = config
    const requirements = { schema, limits: documentLimits, maxLength: maxDocumentLength }
    const persisted = {
      operations: file === null ? null : await PersistedOperations.load(file, requirements),
      freeForTokens: persistedOperationsFor === 'users',
    }
    await assertTypesKnown(
      database,
      registry.types.map(({ name }) => name),
    )
    const keyring = await openKeyring(database, masterKey, otherMasterKeys)
    const secretStores = await openSecretStores({
      database,
      keyring,
      primary: config.secretStore,
      vault: config.vault,
      logger,
    })
    closers.push(() => secretStores.close())

    // Both would be slower to start if they did so side by side.
    const listening = Promise.withResolvers<void>()
    const unfit = Promise.withResolvers<string>()
    const processes = createConnectorHost({
      childEntry: paths.childEntry,
      readRoots,
      // Every test that is let in has a child; one more serves previews.
      maxChildren: testConcurrency + 1,
      prewarmAfter: listening.promise,
      logger,
      onUnfit: unfit.resolve,
    })
    const host = createScrubbingHost(processes, registry)
    closers.push(() => host.close())
    const digester = createDigester(keyring)
    const opened = await openServices({
      database,
      secretStores,
      digester,
      registry,
      host,
      egress,
      awsEndpoints: config.awsEndpoints,
      cloudEndpoints: config.cloudEndpoints,
      customEndpoints: config.allowCustomEndpoints,
      awsIdentityFile: config.awsIdentityFile,
      infrastructureHosts: config.infrastructureHosts,
      testConcurrency,
      testRate,
      takesTokens: config.auth.includes('tokens'),
      logger,
    })
    closers.push(() => opened.close())
    const onFault = (error: unknown) => logger.error({ err: error }, 'Fault in the background')
    const { identity, close: closeIdentity } = await openIdentity({ config, database, logger })
    closers.push(closeIdentity)
    const checkReadiness = createReadiness({ database, stores: secretStores, logger })
    // The log tells of an outage also where nobody asks for readiness.
    const watch = every(readinessIntervalMs, async () => void (await checkReadiness()), onFault)
    closers.push(() => watch.stop())

    const server = createGraphqlServer({
      schema,
      services: opened.services,
      identity,
      audit: opened.audit,
      listen: listener => database.listen(listener),
      rateLimits: { perViewer: config.rateLimit, perWorkspace: config.rateLimitWorkspace },
      streamLimits: { perViewer: config.streamsPerViewer, perWorkspace: config.streamsPerWorkspace },
      persisted,
      logger,
      host: config.host,
      allowedOrigins: config.allowedOrigins,
      introspection: config.introspection,
      production,
      docsBaseUrl: config.docsUrl,
      checkReadiness,
    })
    const url = await listen(server.http, config)
    closers.push(() => server.shutDown(shutDownGraceMs, () => opened.interruptTests()))
    listening.resolve()
    return { url, masterKey, unfit: unfit.promise, close }
  } catch (error) {
    // Why it could not start says more than what went wrong after that.
    await close().catch(() => undefined)
    throw error
  }
}

function privatePathsOf(config: Config): readonly string[] {
  const { dataDirectory, masterKeyFile, otherMasterKeyFiles, awsIdentityFile, databaseUrl, vault } = config
  const paths = [
    dataDirectory,
    masterKeyFile,
    ...otherMasterKeyFiles,
    awsIdentityFile,
    ...vaultFilesOf(vault),
    databaseFileOf(databaseUrl?.reveal() ?? ''),
  ]
  return paths.filter(path => path !== null)
}

function listen(http: Server, { host, port }: Config): Promise<string> {
  return new Promise((resolve, reject) => {
    http.once('error', reject)
    http.listen(port, host, () => {
      http.off('error', reject)
      // A server that listens on TCP has such an address.
      const { port: actual } = http.address() as AddressInfo
      resolve(`http://${host.includes(':') ? `[${host}]` : host}:${actual}${graphqlPath}`)
    })
  })
}
