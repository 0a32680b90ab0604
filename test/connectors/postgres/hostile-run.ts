import { expect, vi } from 'vitest'
import { type StepKey, stepKeys } from '../../../src/connectors/connection-test.ts'
import type { QueryOutcome } from '../../../src/connectors/define.ts'
import { type Certificate, issueCertificate } from '../../servers/certificates.ts'
import { type HostileOptions, HostilePostgres } from '../../servers/hostile-postgres.ts'
import { queryPostgres, testPostgres } from '../../servers/postgres-run.ts'
import type { Reports } from '../../servers/type-run.ts'

export const root = issueCertificate({ commonName: 'Hostile Root', authority: true })
export const certificate: Certificate = issueCertificate({ commonName: 'db', issuer: root, names: ['127.0.0.1'] })
export const password = 'secret-of-ann'

/** Over clear text, and over TLS to a server that is verified. */
export type Line = 'clear' | 'TLS'

export const config = (port: number, line: Line) => ({
  host: '127.0.0.1',
  port,
  auth: { password: { username: 'ann', password } },
  tls: line === 'clear' ? { mode: 'DISABLE' } : { caCertificates: root.certificate },
})

/** Of every step after EGRESS, unless a case says otherwise. */
export const budgetMs = 500
/** What a test may take beyond the budgets of the steps that ran. */
const graceMs = 2_000

export interface HostileRun {
  readonly reports: Reports
  readonly server: HostilePostgres
}

/** Tests a hostile server, and asserts what holds for every one of them: the answer comes in time, nothing is left. */
export async function testHostile(
  options: HostileOptions & { readonly line?: Line; readonly budgetMs?: number } = {},
): Promise<HostileRun> {
  const { line = 'clear', budgetMs: budget = budgetMs, ...behaviour } = options
  await using server = await HostilePostgres.start({ ...(line === 'TLS' && { certificate }), password, ...behaviour })
  const keys = stepKeys.slice(stepKeys.indexOf('CONNECT'))
  const budgetsMs = Object.fromEntries(keys.map(key => [key, budget]))
  const startedAt = performance.now()
  const reports = await testPostgres(config(server.port, line), { budgetsMs })
  const tookMs = performance.now() - startedAt
  // A step that ran out of its budget took all of it; the others end by themselves.
  const spentMs = keys.reduce((sum, key) => sum + (reports[key]?.durationMs ?? 0), 0)
  expect(tookMs).toBeLessThan(spentMs + graceMs)
  for (const key of keys) expect(reports[key]?.durationMs ?? 0, key).toBeLessThan(budget + graceMs)
  await nothingLeft(server)
  return { reports, server }
}

/** Runs a query on a hostile server within `budgetMs`; then it is cancelled. */
export async function queryHostile(
  options: HostileOptions & { readonly budgetMs?: number } = {},
): Promise<{ outcome: QueryOutcome | 'CANCELLED'; server: HostilePostgres }> {
  const { budgetMs: budget = 5_000, ...behaviour } = options
  await using server = await HostilePostgres.start({ password, ...behaviour })
  const startedAt = performance.now()
  const signal = AbortSignal.timeout(budget)
  const outcome = await queryPostgres(
    config(server.port, 'clear'),
    { sql: { text: 'select n from numbers' } },
    { signal },
  ).catch((error: unknown) => {
    if (!signal.aborted) throw error
    return 'CANCELLED' as const
  })
  expect(performance.now() - startedAt).toBeLessThan(budget + graceMs)
  await nothingLeft(server)
  return { outcome, server }
}

/** Every connection is closed, as the server sees it. */
const nothingLeft = (server: HostilePostgres) =>
  vi.waitFor(() => expect(server.openConnections).toBe(0), { timeout: graceMs, interval: 5 })

/** The message of a step's problem, in which nothing of a template is left open. */
export function wordsOf(reports: Reports, key: StepKey): string {
  const message = reports[key]?.problem?.message ?? ''
  expect(message).not.toBe('')
  expect(message).not.toMatch(/\?|undefined|null|NaN|\[object/)
  return message
}
