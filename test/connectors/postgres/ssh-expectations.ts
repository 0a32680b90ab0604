import { expect } from 'vitest'
import type { StepReport } from '../../../src/connectors/connection-test.ts'
import type { Problem } from '../../../src/connectors/problem.ts'
import type { Reports } from '../../servers/type-run.ts'

type NamedReports = Readonly<Record<string, StepReport>>

/** The steps of a test through the SSH server at `port` of loopback, in order. */
export const tunnelledSteps = (port: number): readonly string[] => [
  ...['RESOLVE', 'EGRESS', 'CONNECT', 'TUNNEL'].map(key => `${key}:127.0.0.1:${port}`),
  ...['CONNECT', 'GREET', 'SECURE', 'SIGN_IN', 'OPEN', 'READ', 'LEAST_PRIVILEGE'],
]

/** Asserts that the test failed at one step (TUNNEL and the steps before it by key, as `TUNNEL@`), and answers its problem. */
export function expectTunnelFailure(reports: Reports, port: number, step: string, code: string): Problem {
  const ids = tunnelledSteps(port)
  const id = step.endsWith('@') ? `${step.slice(0, -1)}:127.0.0.1:${port}` : step
  const at = ids.indexOf(id)
  expect(at, id).toBeGreaterThanOrEqual(0)
  const named = reports as unknown as NamedReports
  expect(Object.keys(named)).toEqual(ids)
  const seen = ids.map(each => [each, named[each]?.status, named[each]?.problem?.code ?? null])
  expect(seen[at], JSON.stringify(seen)).toEqual([id, 'FAILED', code])
  for (const earlier of ids.slice(0, at)) expect(['PASSED', 'WARNING']).toContain(named[earlier]?.status)
  for (const later of ids.slice(at + 1)) {
    expect(named[later]).toMatchObject({ status: 'SKIPPED', blockedBy: id, problem: null, evidence: [] })
  }
  return named[id]?.problem as Problem
}

/** Asserts that every step ran, and answers which ones warned of what. */
export function expectTunnelPass(reports: Reports, port: number): Record<string, string> {
  const named = reports as unknown as NamedReports
  expect(Object.keys(named)).toEqual(tunnelledSteps(port))
  const entries = Object.entries(named)
  for (const [id, { status, problem }] of entries) {
    expect(['PASSED', 'WARNING'], `${id}: ${JSON.stringify(problem)}`).toContain(status)
  }
  return Object.fromEntries(
    entries.filter(([, { status }]) => status === 'WARNING').map(([id, { problem }]) => [id, problem?.code ?? 'none']),
  )
}

/** What the TUNNEL step has shown, by label. */
export function tunnelEvidence(reports: Reports, port: number): Record<string, string> {
  const { evidence = [] } = (reports as unknown as NamedReports)[`TUNNEL:127.0.0.1:${port}`] ?? {}
  return Object.fromEntries(evidence.map(entry => [entry.label, entry.kind === 'TEXT' ? entry.value : entry.kind]))
}
