import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { createConnectorHost } from '../src/connectors/host/child-pool.ts'
import { connectorHostReadRoots } from '../src/connectors/host/read-roots.ts'
import { createScrubbingHost } from '../src/connectors/host/scrubbing-host.ts'
import { builtInConnectorTypes, ConnectorRegistry } from '../src/connectors/registry.ts'
import { openDatabase } from '../src/db/open-database.ts'
import { WorkspaceScope } from '../src/db/workspace-scope.ts'
import { createLogger } from '../src/log.ts'
import { openServices } from '../src/open-services.ts'
import { createDigester } from '../src/secrets/keyed-digester.ts'
import { openKeyring } from '../src/secrets/keyring.ts'
import { loadMasterKey } from '../src/secrets/master-key.ts'
import { createSealedStore } from '../src/secrets/sealed-store.ts'
import { secretStores } from '../src/secrets/secret-store.ts'
import type { TestTarget } from '../src/services/connection-tests.ts'
import { RateLimitedError } from '../src/services/errors.ts'
import type { Services } from '../src/services/services.ts'
import { soleViewer, type Viewer } from '../src/services/viewer.ts'
import { BlackHole } from '../test/servers/hostile-servers.ts'
import { PostgresServer } from '../test/servers/postgres.ts'
import type { Result } from './result.ts'
import { quantile } from './statistics.ts'

const rounds = 4
const testsPerRound = 12
const warmUps = 3
/** Callers of the abusive workspace, each of which asks again as soon as it is answered. */
const abusers = 8
const concurrency = 4
const rate = 60
const account = { username: 'reader', password: 'reader-password' } as const

const viewerOf = (workspaceId: string): Viewer => ({ ...soleViewer, workspace: WorkspaceScope.of(workspaceId) })
const { signal } = new AbortController()

/**
 * What a workspace notices of another one that starts tests in a loop. Measured on the services, because all callers
 * of a server without sign-in are one workspace; the connector host and its processes are real.
 */
export async function benchLimits(): Promise<readonly Result[]> {
  const directory = await mkdtemp(join(tmpdir(), 'patchbay-bench-'))
  await using postgres = await PostgresServer.start()
  await using hole = await BlackHole.start()
  await postgres.sql(`create role ${account.username} login password '${account.password}'`)
  const { services, close } = await open(directory)
  try {
    const draft = (port: number, statementTimeoutSeconds = 60): TestTarget => {
      const limits = { statementTimeoutSeconds }
      const value = { host: '127.0.0.1', port, auth: { password: account }, tls: { mode: 'DISABLE' }, limits }
      return { draft: { inputKey: 'postgres', value } }
    }
    const good = draft(postgres.port)
    // Always another configuration, because the same one would only attach. Half of the tests hold their places for as
    // long as a test may take, half come and go.
    const abuse = (turn: number) => draft(turn % 2 ? hole.port : postgres.port, 1 + (turn % 3_600))

    for (let count = 0; count < warmUps; count++) {
      for (const workspace of ['alone', 'neighbour']) await testOnce(services, viewerOf(workspace), good)
    }
    const alone: number[] = []
    const beside: number[] = []
    const told = { started: 0, refused: 0 }
    for (let round = 0; round < rounds; round++) {
      for (let count = 0; count < testsPerRound; count++) {
        alone.push(await testOnce(services, viewerOf('alone'), good))
      }
      const stop = startAbuse(services, abuse, told)
      for (let count = 0; count < testsPerRound; count++) {
        beside.push(await testOnce(services, viewerOf('neighbour'), good))
      }
      await stop()
    }
    return report(alone, beside, told)
  } finally {
    await close()
    await rm(directory, { recursive: true, force: true })
  }
}

function report(
  alone: readonly number[],
  beside: readonly number[],
  { started, refused }: { readonly started: number; readonly refused: number },
): readonly Result[] {
  const ms = (values: readonly number[], share: number) => `${quantile(values, share).toFixed(1)} ms`
  const line = (what: string, share: number, atMost: number): Result => ({
    what: `test beside a workspace that asks without end, ${what}`,
    measured: ms(beside, share),
    baseline: `nobody else ${ms(alone, share)}; ${started} tests of the other began, ${refused} were refused`,
    reached: quantile(beside, share) / quantile(alone, share),
    target: { atMost },
  })
  return [line('median', 0.5, 2.5), line('p95', 0.95, 4)]
}

async function testOnce({ connectionTests }: Services, viewer: Viewer, target: TestTarget): Promise<number> {
  const startedAt = performance.now()
  const { id } = await connectionTests.start(viewer, { target, mayStartCompute: false, lifetime: 'PINNED' })
  const { status } = await connectionTests.wait(viewer, id, { timeoutMs: 60_000, signal })
  if (!status.startsWith('PASSED')) throw new Error(`The test ended as ${status}.`)
  return performance.now() - startedAt
}

/** Asks for tests in endless loops until the result is called, which cancels what runs. */
function startAbuse(
  { connectionTests }: Services,
  targetOf: (turn: number) => TestTarget,
  told: { started: number; refused: number },
): () => Promise<void> {
  const viewer = viewerOf('abuser')
  const ids = new Set<string>()
  let isOver = false
  let turn = 0
  const loop = async () => {
    while (!isOver) {
      const target = targetOf(turn++)
      try {
        const { id } = await connectionTests.start(viewer, { target, mayStartCompute: false, lifetime: 'PINNED' })
        ids.add(id)
        told.started++
      } catch (error) {
        if (!(error instanceof RateLimitedError)) throw error
        told.refused++
      }
      await setImmediate()
    }
  }
  const loops = Promise.all(Array.from({ length: abusers }, loop))
  return async () => {
    isOver = true
    await loops
    await Promise.all([...ids].map(id => connectionTests.cancel(viewer, id)))
  }
}

async function open(dataDirectory: string) {
  const dist = new URL('../dist/', import.meta.url)
  const logger = createLogger('error')
  const database = await openDatabase({
    url: null,
    dataDirectory,
    migrationsDirectory: join(import.meta.dirname, '..', 'drizzle'),
  })
  const keyring = await openKeyring(database, await loadMasterKey({ file: null, dataDirectory, production: false }))
  const registry = new ConnectorRegistry(builtInConnectorTypes)
  const processes = createConnectorHost({
    childEntry: new URL('connector-host.js', dist),
    readRoots: connectorHostReadRoots([dist]),
    maxChildren: concurrency + 1,
    logger,
  })
  const opened = await openServices({
    database,
    secretStores: secretStores(createSealedStore(database, keyring)),
    digester: createDigester(keyring),
    registry,
    host: createScrubbingHost(processes, registry),
    egress: { allow: [], allowLoopback: true, allowPrivate: true, allowUnencrypted: true },
    awsEndpoints: {},
    cloudEndpoints: {},
    customEndpoints: false,
    awsIdentityFile: null,
    infrastructureHosts: [],
    testConcurrency: concurrency,
    testRate: rate,
    takesTokens: false,
    logger,
  })
  return {
    services: opened.services,
    async close() {
      await opened.close()
      await processes.close()
      await database.close()
    },
  }
}
