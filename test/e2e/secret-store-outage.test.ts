import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { canarySecret } from '../canary/secrets.ts'
import { openDoubleWorld } from '../secrets/vault/double-world.ts'
import { uniqueName } from '../servers/postgres.ts'
import { type SavedConnector, SecretOperations } from './secret-operations.ts'
import { ServerProcess } from './server-process.ts'
import { createStorage } from './storage.ts'
import { listVaultCredentials } from './vault-credentials.ts'

/** Before the outage, and as long after it. */
const quietMs = 15_000
const sealedMs = 60_000
const listEveryMs = 25
const secretEveryMs = 200
const windowMs = 5_000
/** Of the store, for one operation. */
const budgetMs = 10_000
const maxUnderWay = 50

/** Runs `work` at even intervals, whether earlier runs have ended or not; answers how long each took, in order. */
async function atIntervals(everyMs: number, forMs: number, work: (turn: number) => Promise<unknown>) {
  const tookMs: number[] = []
  const underWay = new Set<Promise<void>>()
  const beganAt = performance.now()
  for (let turn = 0; turn * everyMs < forMs; turn++) {
    await sleep(Math.max(0, beganAt + turn * everyMs - performance.now()))
    expect(underWay.size).toBeLessThan(maxUnderWay)
    const startedAt = performance.now()
    const run: Promise<void> = work(turn)
      .then(() => void tookMs.push(performance.now() - startedAt))
      .finally(() => underWay.delete(run))
    underWay.add(run)
  }
  await Promise.all(underWay)
  return tookMs
}

const quantile = (values: readonly number[], at: number): number =>
  values.toSorted((one, other) => one - other)[Math.min(values.length - 1, Math.floor(at * values.length))] ??
  Number.NaN

/** Of each stretch of the time, and of those the one in the middle: one pause of the machine is in one stretch only. */
function typically(tookMs: readonly number[], at: number): number {
  const perWindow = windowMs / listEveryMs
  const windows = Array.from({ length: Math.floor(tookMs.length / perWindow) }, (_, index) =>
    quantile(tookMs.slice(index * perWindow, (index + 1) * perWindow), at),
  )
  return quantile(windows, 0.5)
}

const config = () => ({
  simulator: { auth: { password: { username: 'ann', password: canarySecret() } } },
})

test('sealed for a minute, the secret store slows nothing else down, and is used again without a restart', async () => {
  await using vault = await openDoubleWorld()
  await using storage = await createStorage('SQLite')
  const environment = { ...vault.environment, TEST_RATE: '10000', LOG_LEVEL: 'info' }
  await using server = await ServerProcess.start(storage, { environment })
  const operations = new SecretOperations(server.client)
  const connectors: SavedConnector[] = []
  for (let count = 0; count < 40; count++) {
    connectors.push(await operations.created({ name: uniqueName('Kept'), config: config() }))
  }
  const [kept] = connectors as [SavedConnector]
  let version = kept.version
  const list = () => operations.list()
  const create = () => operations.create({ name: uniqueName('New'), config: config() })
  const update = () => operations.update({ id: kept.id, version }, { config: config() })
  const test = () => operations.test({ saved: { id: kept.id } })
  const options = () => operations.options(kept.id)

  // What is asked for is the same in both, but for what would run drivers: the sealed minute has it harder.
  const saved = async (turn: number) => {
    const saving = await (turn % 2 === 0 ? create() : update())
    if (turn % 2 === 1) version = saving.connector?.version ?? version
    expect(saving.__typename).toMatch(/Success$/)
  }
  const quiet = async () => {
    const [tookMs] = await Promise.all([
      atIntervals(listEveryMs, quietMs, list),
      atIntervals(2 * secretEveryMs, quietMs, saved),
    ])
    return tookMs
  }
  const before = await quiet()

  vault.double.sealed = true
  const asked = vault.double.records.length
  const refused = async (turn: number) => {
    const outcome = await [create, update, test, options][turn % 4]?.()
    expect(outcome).toMatchObject({ problem: { code: 'SECRET_STORE_UNAVAILABLE', params: { fault: 'SEALED' } } })
  }
  const [sealed, refusals] = await Promise.all([
    atIntervals(listEveryMs, sealedMs, list),
    atIntervals(secretEveryMs, sealedMs, refused),
  ])
  const ready = async (query = '') => (await fetch(server.url.replace('/graphql', `/ready${query}`))).status
  expect([await ready(), await ready('?require=secrets')]).toEqual([200, 503])
  // A store that is down is asked how it is, and now and then whether it serves: not for each of those who want it.
  const askedSealed = vault.double.records.length - asked
  expect(askedSealed).toBeLessThan(refusals.length / 4)

  vault.double.sealed = false
  const unsealedAt = performance.now()
  const works = async () => {
    const { __typename, connector } = await update()
    expect(__typename).toBe('UpdateConnectorSuccess')
    version = connector?.version ?? version
  }
  await vi.waitFor(works, { timeout: 2 * budgetMs, interval: 100 })
  const recoveredMs = performance.now() - unsealedAt
  expect(await test()).toMatchObject({ status: 'PASSED', problem: null })
  await vi.waitFor(async () => expect(await ready('?require=secrets')).toBe(200), { timeout: budgetMs, interval: 100 })
  await vi.waitFor(() => expect(server.output).toContain('The secret store is back'), { timeout: 2 * budgetMs })
  expect(server.output.split('The secret store does not work')).toHaveLength(2)
  expect(server.exitCode).toBeNull()

  const normal = [...before, ...(await quiet())]
  const measured = {
    listMs: [typically(normal, 0.5), typically(normal, 0.99), typically(sealed, 0.5), typically(sealed, 0.99)],
    refusalMs: [quantile(refusals, 0.5), quantile(refusals, 0.99)],
    recoveredMs,
    askedSealed,
    requests: [normal.length, sealed.length, refusals.length],
  }
  const told = JSON.stringify(measured)
  expect(typically(sealed, 0.5) / typically(normal, 0.5), told).toBeLessThan(2)
  expect(typically(sealed, 0.99) / typically(normal, 0.99), told).toBeLessThan(2)
  expect(quantile(refusals, 0.5) / budgetMs, told).toBeLessThan(0.05)
  expect(quantile(refusals, 0.99) / budgetMs, told).toBeLessThan(0.25)
  listVaultCredentials(server.recorder, vault)
}, 200_000)
