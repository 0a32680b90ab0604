import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import { createLogger } from '../../src/log.ts'
import { createReadiness } from '../../src/readiness.ts'
import { type SecretStore, SecretStoreError, type StoreKind, secretStores } from '../../src/secrets/secret-store.ts'
import { migrationsDirectory } from '../servers/databases.ts'
import { type ServerWorld, startServer } from './server-world.ts'

let directory: string
let database: Database
let clock: number
let log: { readonly msg: string; readonly fault?: string; readonly store?: string }[]
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'patchbay-readiness-'))
  database = await openDatabase({ url: null, dataDirectory: directory, migrationsDirectory })
  clock = 0
  log = []
})
afterEach(async () => {
  await database.close().catch(() => undefined)
  await rm(directory, { recursive: true })
})

/** A store that does nothing but say whether it works. */
function storeDouble(kind: StoreKind) {
  const told = 'https://vault.internal:8200 hvs.token'
  let outcome: () => Promise<void> = async () => {}
  const unasked = () => Promise.reject(new Error('Readiness asks for no secret.'))
  const double = {
    checks: 0,
    works: () => {
      outcome = async () => {}
    },
    fails: (fault: SecretStoreError['fault']) => {
      outcome = () => Promise.reject(new SecretStoreError(kind, fault, told))
    },
    answersWith: (next: Promise<void>) => {
      outcome = () => next
    },
  }
  const store: SecretStore = {
    kind,
    quarantineMs: 0,
    put: unasked,
    get: unasked,
    fence: unasked,
    forget: unasked,
    list: () => {
      throw new Error('Readiness asks for no secret.')
    },
    check: () => {
      double.checks++
      return outcome()
    },
    close: async () => undefined,
  }
  return Object.assign(double, { store })
}

const start = (primary: SecretStore, others: readonly SecretStore[] = []) =>
  startServer(
    {},
    {
      checkReadiness: createReadiness({
        database,
        stores: secretStores(primary, others),
        logger: createLogger('info', { write: line => void log.push(JSON.parse(line)) }),
        now: () => clock,
      }),
    },
  )

async function ask({ origin }: ServerWorld, query = '') {
  const response = await fetch(`${origin}/ready${query}`)
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() }
}
const answer = (status: number, body: object) => ({ status, type: 'application/json', body: JSON.stringify(body) })
const ready = { status: 'ready', database: 'ok', secretStore: 'ok' }
const degraded = (fault: string) => ({ status: 'degraded', database: 'ok', secretStore: 'failed', fault })
/** Until the next look, but not until the last one counts for nothing. */
const later = () => {
  clock += 2_001
}

describe('readiness', () => {
  test('is 200 while everything works', async () => {
    await using server = await start(storeDouble('SEALED').store)
    expect(await ask(server)).toEqual(answer(200, ready))
    expect(await ask(server, '?require=secrets')).toEqual(answer(200, ready))
  })

  test('stays 200 while only secrets cannot be used, unless they are required, and names the fault alone', async () => {
    const vault = storeDouble('VAULT')
    vault.fails('SEALED')
    await using server = await start(vault.store)
    expect(await ask(server)).toEqual(answer(200, degraded('SEALED')))
    expect(await ask(server, '?require=secrets')).toEqual(answer(503, degraded('SEALED')))
    vault.works()
    later()
    expect(await ask(server, '?require=secrets')).toEqual(answer(200, ready))
  })

  test('is 503 while the database does not work', async () => {
    await using server = await start(storeDouble('VAULT').store)
    await database.close()
    const failed = { status: 'unavailable', database: 'failed', secretStore: 'ok' }
    expect(await ask(server)).toEqual(answer(503, failed))
    expect(await ask(server, '?require=secrets')).toEqual(answer(503, failed))
  })

  test('does not mind another store, unless connectors have secrets in it', async () => {
    const vault = storeDouble('VAULT')
    vault.fails('FORBIDDEN')
    await using server = await start(storeDouble('SEALED').store, [vault.store])
    expect(await ask(server)).toEqual(answer(200, ready))
    const at = new Date()
    const row = { id: 'v1', workspaceId: 'default', connectorId: 'c1', store: 'VAULT', state: 'ACTIVE' } as const
    const times = { createdAt: at, stateAt: at }
    const { secretVersions } = database.tables
    await database.write(tx =>
      tx
        .insert(secretVersions)
        .values({ ...row, digests: {}, setAt: {}, ...times })
        .returning(),
    )
    later()
    expect(await ask(server)).toEqual(answer(200, degraded('FORBIDDEN')))
  })

  test('is looked at once in two seconds, however many ask', async () => {
    const vault = storeDouble('VAULT')
    await using server = await start(vault.store)
    await Promise.all(Array.from({ length: 50 }, () => ask(server)))
    expect(vault.checks).toBe(1)
    clock += 1_999
    await ask(server)
    expect(vault.checks).toBe(1)
    clock += 2
    await Promise.all(Array.from({ length: 50 }, () => ask(server)))
    expect(vault.checks).toBe(2)
  })

  test('is told while a store hangs: as it was, and before long as failed', async () => {
    const vault = storeDouble('VAULT')
    await using server = await start(vault.store)
    expect(await ask(server)).toEqual(answer(200, ready))
    const hanging = Promise.withResolvers<void>()
    vault.answersWith(hanging.promise)
    later()
    expect(await ask(server)).toEqual(answer(200, ready))
    clock += 15_000
    expect(await ask(server)).toEqual(answer(200, degraded('TIMED_OUT')))
    expect(vault.checks).toBe(2)
    // What has been awaited all the time counts as soon as it comes.
    vault.works()
    hanging.resolve()
    await hanging.promise
    expect(await ask(server)).toEqual(answer(200, ready))
  })

  test('is logged when it is lost and when it is back, not for everybody who asks', async () => {
    const vault = storeDouble('VAULT')
    vault.fails('UNREACHABLE')
    await using server = await start(vault.store)
    for (let round = 0; round < 5; round++) {
      await ask(server)
      later()
    }
    expect(log).toMatchObject([{ level: 'warn', store: 'VAULT', fault: 'UNREACHABLE', msg: expect.any(String) }])
    vault.works()
    for (let round = 0; round < 5; round++) {
      await ask(server)
      later()
    }
    expect(log.slice(1)).toMatchObject([{ level: 'info', store: 'VAULT', durationMs: 5 * 2_001 }])
    expect(vault.checks).toBe(10)
  })

  test('is 503 from the moment that the server begins to end', async () => {
    const server = await start(storeDouble('SEALED').store)
    const { hostname: host, port } = new URL(server.origin)
    const socket = connect(Number(port), host)
    const head = `GET /ready HTTP/1.1\r\nHost: ${host}\r\n`
    // The beginning of a request that is under way when the server ends. Both arrive together.
    socket.write(`${head}\r\n${head}`)
    const [first] = await once(socket, 'data')
    expect(String(first)).toMatch(/^HTTP\/1.1 200 /)
    const ended = server.shutDown(5_000)
    socket.write('Connection: close\r\n\r\n')
    const rest = await text(socket)
    expect(rest).toMatch(/^HTTP\/1.1 503 /)
    expect(rest).toContain(JSON.stringify({ ...ready, status: 'unavailable' }))
    await ended
  })

  test('has one address', async () => {
    await using server = await start(storeDouble('SEALED').store)
    const statusOf = async (path: string) => (await fetch(`${server.origin}${path}`)).status
    expect(await Promise.all(['/readyx', '/x/ready', '/x?of=/ready'].map(statusOf))).toEqual([404, 404, 404])
  })
})
