import { join } from 'node:path'
import { createClient as createWsClient } from 'graphql-ws'
import { describe, expect, test } from 'vitest'
import { WebSocket } from 'ws'
import { createApiTokenStore } from '../../src/db/api-token-store.ts'
import type { Database } from '../../src/db/database.ts'
import { openDatabase } from '../../src/db/open-database.ts'
import { WorkspaceScope } from '../../src/db/workspace-scope.ts'
import { createTokenAuthenticator } from '../../src/identity/token-authenticator.ts'
import { revokeApiToken } from '../../src/services/revoke-api-token.ts'
import { type SessionEnd, SessionWatch } from '../../src/session-watch.ts'
import { freshPostgresDatabase, migrationsDirectory } from '../servers/databases.ts'
import { besideServer, makeToken } from './api-tokens.ts'
import { startTenants, type Tenant, type Tenants } from './tenants.ts'

/** From the revocation to the end of the last stream. */
const budgetMs = 5_000

/** A test whose last step never answers; until its budget of 10 s ends, nothing happens. */
const watch = `subscription {
  testConnection(input: { target: { draft: { simulator: { scenario: HANG } } } }) {
    ... on ConnectionTestEvent { __typename test { id status steps { key status } } }
    ... on Error { code }
  }
}`
const revoke = `mutation ($id: ID!) {
  revokeApiToken(input: { id: $id }) { __typename ... on RevokeApiTokenSuccess { token { status } } }
}`
const idOf = '{ apiTokens(first: 100) { nodes { id name } } }'

interface Event {
  readonly testConnection: {
    readonly __typename: string
    readonly test: { readonly id: string; readonly status: string; readonly steps: { key: string; status: string }[] }
  }
}
interface Item {
  readonly data?: Event | null
  readonly errors?: readonly { readonly extensions?: { readonly code?: unknown } }[]
}

/** A stream that is read to its end. */
class ReadStream {
  readonly items: Item[] = []
  readonly ended: Promise<void>
  readonly #hanging = Promise.withResolvers<void>()

  constructor(source: AsyncIterable<unknown>) {
    this.ended = this.#read(source).finally(() => this.#hanging.reject(new Error('It ended before.')))
    this.#hanging.promise.catch(() => undefined)
  }

  /** The last step has begun: from now on there is silence. */
  get hanging(): Promise<void> {
    return this.#hanging.promise
  }

  get codes(): readonly unknown[] {
    return this.items.flatMap(({ errors = [] }) => errors.map(({ extensions }) => extensions?.code))
  }

  async #read(source: AsyncIterable<unknown>): Promise<void> {
    for await (const item of source as AsyncIterable<Item>) {
      this.items.push(item)
      const steps = item.data?.testConnection.test.steps ?? []
      if (steps.some(({ key, status }) => key === 'READ' && status === 'RUNNING')) this.#hanging.resolve()
    }
  }
}

const overSse = (tenant: Tenant) => new ReadStream(tenant.subscribe(watch))

function overWebSocket({ url }: Tenants, { token }: Tenant): ReadStream {
  const connectionParams = { authorization: `Bearer ${token}` }
  const client = createWsClient({ url: url.replace('http', 'ws'), webSocketImpl: WebSocket, connectionParams })
  return new ReadStream(client.iterate({ query: watch }))
}

async function revokeByName(admin: Tenant, name: string): Promise<void> {
  const { data } = await admin.fetchGraphql<{ apiTokens: { nodes: { id: string; name: string }[] } }>(idOf)
  const id = data?.apiTokens.nodes.find(node => node.name === name)?.id
  const answer = await admin.fetchGraphql(revoke, { id })
  expect(answer.data).toMatchObject({ revokeApiToken: { token: { status: 'REVOKED' } } })
}

async function msUntil(ending: Promise<unknown>): Promise<number> {
  const began = performance.now()
  await ending
  return performance.now() - began
}

describe('streams of a revoked token end within 5 s, in silence, and those of other tokens go on', () => {
  async function check(tenants: Tenants, revokeIt: (tenant: Tenant) => Promise<void>): Promise<void> {
    const [revoked, other] = [
      await tenants.tenant('north', ['analyst', 'editor'], { name: 'Revoked' }),
      await tenants.tenant('north', ['analyst', 'editor'], { name: 'Other' }),
    ]
    const ending = [overSse(revoked), overWebSocket(tenants, revoked)]
    const going = overSse(other)
    await Promise.all([...ending, going].map(stream => stream.hanging))
    await revokeIt(revoked)
    expect(await msUntil(Promise.all(ending.map(stream => stream.ended)))).toBeLessThan(budgetMs)
    for (const stream of ending) expect(stream.codes).toEqual(['UNAUTHENTICATED'])
    expect((await revoked.fetchGraphql('{ viewer { id } }')).status).toBe(401)
    await going.ended
    expect(going.codes).toEqual([])
    expect(going.items.at(-1)?.data?.testConnection).toMatchObject({
      __typename: 'ConnectionTestFinished',
      test: { status: 'FAILED' },
    })
  }

  test('SQLite, revoked through the API', async () => {
    await using tenants = await startTenants()
    const admin = await tenants.tenant('north')
    await check(tenants, () => revokeByName(admin, 'Revoked'))
  })

  test('SQLite, revoked by another process, of which nobody is told', async () => {
    await using tenants = await startTenants()
    await check(tenants, ({ id }) =>
      besideServer(tenants.app, async database => {
        const revocation = { revokedAt: new Date(), revokedBy: 'Operator' }
        const scope = WorkspaceScope.of('north')
        await database.write(async tx => void (await createApiTokenStore(database).revoke(tx, scope, id, revocation)))
      }),
    )
  })

  test('PostgreSQL, revoked through another server', async () => {
    const { url, remove } = await freshPostgresDatabase()
    {
      await using tenants = await startTenants({ environment: { DATABASE_URL: url } })
      const masterKeyFile = join(tenants.app.dataDirectory, 'master.key')
      await using others = await startTenants({ environment: { DATABASE_URL: url, MASTER_KEY_FILE: masterKeyFile } })
      const admin = await others.tenant('north')
      await check(tenants, () => revokeByName(admin, 'Revoked'))
    }
    await remove()
  })
})

test('a stream ends when its token expires', async () => {
  await using tenants = await startTenants()
  const expiresAt = new Date(Date.now() + 4_000)
  const tenant = await tenants.tenant('north', ['admin'], { expiresAt })
  const { data } = await tenant.fetchGraphql('{ viewer { kind workspaceId expiresAt } }')
  expect(data).toEqual({
    viewer: { kind: 'API_TOKEN', workspaceId: 'north', expiresAt: expiresAt.toISOString() },
  })
  const streams = [overSse(tenant), overWebSocket(tenants, tenant)]
  await Promise.all(streams.map(stream => stream.ended))
  const late = Date.now() - expiresAt.getTime()
  expect(late).toBeGreaterThanOrEqual(0)
  expect(late).toBeLessThan(budgetMs)
  for (const stream of streams) expect(stream.codes).toEqual(['UNAUTHENTICATED'])
})

test('a mutation that waits when its token is revoked is answered; nothing more is', async () => {
  await using tenants = await startTenants()
  const [admin, revoked] = [
    await tenants.tenant('north'),
    await tenants.tenant('north', ['editor'], { name: 'Revoked' }),
  ]
  const stream = overSse(revoked)
  const waiting = revoked.fetchGraphql(
    `mutation { testConnection(input: { target: { draft: { simulator: { steps: [{ step: OPEN, delayMs: 6000 }] } } } }) {
      ... on TestConnectionSuccess { test { status } }
    } }`,
  )
  await stream.hanging
  await revokeByName(admin, 'Revoked')
  await stream.ended
  expect((await revoked.fetchGraphql('{ viewer { id } }')).status).toBe(401)
  expect((await waiting).data).toEqual({ testConnection: { test: { status: 'PASSED' } } })
})

test('a revocation wakes the watch in other processes, which need not look for themselves', async () => {
  const { url, remove } = await freshPostgresDatabase()
  const open = () => openDatabase({ url, dataDirectory: '', migrationsDirectory })
  const [here, there] = [await open(), await open()]
  const authenticator = createTokenAuthenticator({ store: createApiTokenStore(here), onFault: () => undefined })
  const { id, token } = await makeToken(here, { workspace: 'north' })
  const session = await authenticator.authenticate(token)
  const listening = Promise.withResolvers<void>()
  const stopListening = here.listen(topic => {
    if (topic === 'ready') listening.resolve()
  })
  // Only a wake-up makes it ask.
  const watch = new SessionWatch({
    listen: listener => here.listen(listener),
    firstMs: 3_600_000,
    intervalMs: 3_600_000,
  })
  const ended = new Promise<SessionEnd>(resolve => watch.watch(session, resolve))
  await until(listening.promise, () => there.notify('ready'))
  stopListening()
  await revokeFrom(there, id)
  expect(await ended).toBe('INVALID')
  watch.close()
  await authenticator.settled()
  await Promise.all([here.close(), there.close()])
  await remove()
})

/** A listener may still be connecting: what was sent before is not heard. */
async function until(heard: Promise<void>, say: () => Promise<void>): Promise<void> {
  const again = setInterval(() => void say(), 50)
  await heard
  clearInterval(again)
}

async function revokeFrom(database: Database, id: string): Promise<void> {
  const audit = { record: async () => {}, note: async () => {}, noteOften: async () => {}, refused: async () => {} }
  const workspace = WorkspaceScope.of('north')
  const issuer = {
    actor: { kind: 'OPERATOR', workspace, displayName: 'Operator' },
    id: 'operator',
    displayName: 'Operator',
  } as const
  await revokeApiToken(
    { database, apiTokenStore: createApiTokenStore(database), audit },
    workspace,
    issuer,
    id,
    () => true,
  )
}
