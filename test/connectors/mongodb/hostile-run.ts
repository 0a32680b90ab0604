import { expect, vi } from 'vitest'
import type { StepKey } from '../../../src/connectors/connection-test.ts'
import type { QueryOutcome } from '../../../src/connectors/define.ts'
import { type Certificate, issueCertificate } from '../../servers/certificates.ts'
import { MongoDouble, type MongoOptions } from '../../servers/mongo-double.ts'
import type { MongoAccount } from '../../servers/mongo-sign-in.ts'
import { queryMongodb, testMongodb } from '../../servers/mongodb-run.ts'
import type { QueryOptions, Reports, RunOptions } from '../../servers/type-run.ts'
import { plannedKeys } from './expectations.ts'

export const root = issueCertificate({ commonName: 'Hostile Root', authority: true })
export const certificate: Certificate = issueCertificate({
  commonName: 'db',
  issuer: root,
  names: ['127.0.0.1', 'localhost', 'db.test', '*.cluster.test'],
  usage: 'server',
})
export const password = 'secret-of-ann'
export const ann: MongoAccount = { username: 'ann', password, roles: [{ role: 'read', db: 'shop' }] }

/** Two collections, of which one has a document that nobody may see in a test's evidence. */
export const data = {
  shop: {
    orders: Array.from({ length: 250 }, (_, index) => ({ _id: index + 1, total: index * 10, note: 'row-content' })),
    people: [{ _id: 1, name: 'Ann' }],
  },
}

/** Over clear text, and over TLS to a server that is verified. */
export type Line = 'clear' | 'TLS'

export const tlsOf = (line: Line) => (line === 'clear' ? { mode: 'DISABLE' } : { caCertificates: root.certificate })

export const config = (port: number, line: Line, change: Record<string, unknown> = {}) => ({
  hosts: [{ host: '127.0.0.1', port }],
  auth: { scram: { username: 'ann', password } },
  tls: tlsOf(line),
  ...change,
})

/** A sound server with the one account, whatever a case changes about it. */
export const startDouble = (line: Line = 'clear', options: MongoOptions = {}): Promise<MongoDouble> =>
  MongoDouble.start({ data, accounts: [ann], ...(line === 'TLS' && { tls: { certificate } }), ...options })

/** Of every step after EGRESS, unless a case says otherwise. */
export const budgetMs = 1_000
/** What a test may take beyond the budgets of the steps that ran. */
const graceMs = 2_000
const keysAfterEgress = plannedKeys.slice(plannedKeys.indexOf('CONNECT'))

export const budgetsOf = (budget: number) => Object.fromEntries(keysAfterEgress.map(key => [key, budget]))

export interface HostileRun {
  readonly reports: Reports
  readonly server: MongoDouble
}

export interface HostileOptions extends MongoOptions {
  readonly line?: Line
  readonly budgetMs?: number
  /** Of the form. */
  readonly change?: Record<string, unknown>
  readonly run?: RunOptions
}

/** Tests a hostile server, and asserts what holds for every one of them: the answer comes in time, nothing is left. */
export async function testHostile(options: HostileOptions = {}): Promise<HostileRun> {
  const { line = 'clear', budgetMs: budget = budgetMs, change, run, ...behaviour } = options
  await using server = await startDouble(line, behaviour)
  const startedAt = performance.now()
  const reports = await testMongodb(config(server.port, line, change), { budgetsMs: budgetsOf(budget), ...run })
  const tookMs = performance.now() - startedAt
  // A step that ran out of its budget took all of it; the others end by themselves.
  const spentMs = plannedKeys.reduce((sum, key) => sum + (reports[key]?.durationMs ?? 0), 0)
  expect(tookMs).toBeLessThan(spentMs + graceMs)
  for (const key of keysAfterEgress) expect(reports[key]?.durationMs ?? 0, key).toBeLessThan(budget + graceMs)
  await nothingLeft(server)
  expect(server.received.includes(password)).toBe(false)
  return { reports, server }
}

export const orders = { database: 'shop', collection: 'orders' }

/** A form's query from values, as they are typed in Extended JSON. */
export const find = (parts: Readonly<Record<string, unknown>> = {}, of = orders) => ({
  ...of,
  operation: { find: Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, JSON.stringify(part)])) },
})
export const pipeline = (stages: readonly unknown[], of = orders) => ({
  ...of,
  operation: { pipeline: { stages: JSON.stringify(stages) } },
})

/** Runs a query on a hostile server within `budgetMs`; then it is cancelled. */
export async function queryHostile(
  options: HostileOptions & { readonly query?: unknown; readonly limits?: QueryOptions['limits'] } = {},
): Promise<{ outcome: QueryOutcome | 'CANCELLED'; server: MongoDouble }> {
  const { line = 'clear', budgetMs: budget = 5_000, change, query = find(), limits, ...behaviour } = options
  await using server = await startDouble(line, behaviour)
  const startedAt = performance.now()
  const signal = AbortSignal.timeout(budget)
  const outcome = await queryMongodb(config(server.port, line, change), query, {
    signal,
    ...(limits && { limits }),
  }).catch((error: unknown) => {
    if (!signal.aborted) throw error
    return 'CANCELLED' as const
  })
  expect(performance.now() - startedAt).toBeLessThan(budget + graceMs)
  await nothingLeft(server)
  return { outcome, server }
}

/** Every connection is closed, as the server sees it, and no cursor waits for its client. */
export const nothingLeft = (server: MongoDouble) =>
  vi.waitFor(() => expect(server.openConnections).toBe(0), { timeout: graceMs, interval: 5 })

/** The message of a step's problem, in which nothing of a template is left open. */
export function wordsOf(reports: Reports, key: StepKey): string {
  const message = reports[key]?.problem?.message ?? ''
  expect(message).not.toBe('')
  expect(message).not.toMatch(/\?|undefined|null|NaN|\[object/)
  return message
}
