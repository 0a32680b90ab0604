import { expect, vi } from 'vitest'
import { type StepKey, stepKeys } from '../../../src/connectors/connection-test.ts'
import type { QueryOutcome } from '../../../src/connectors/define.ts'
import type { Problem } from '../../../src/connectors/problem.ts'
import { type ProofSource, proves } from '../../proofs/proves.ts'
import type { PostgresServer } from '../../servers/postgres.ts'
import { type Reports, sourceOf } from '../../servers/type-run.ts'

const plannedKeys = stepKeys.filter(key => !['TUNNEL', 'TOPOLOGY'].includes(key))

/**
 * Asserts that the test failed first at `key`, that every later step is blocked by it, and answers its problem. Notes it
 * as proved by what the test ran against, or `by` something that has no port of its own.
 */
export function expectFailure(reports: Reports, key: StepKey, code: string, by = sourceOf(reports)): Problem {
  const at = plannedKeys.indexOf(key)
  const before = plannedKeys.slice(0, at).map(earlier => reports[earlier]?.status)
  expect(
    before.every(status => status === 'PASSED' || status === 'WARNING'),
    `${key}: ${JSON.stringify(before)}`,
  ).toBe(true)
  expect({ key, status: reports[key]?.status, code: reports[key]?.problem?.code }).toEqual({
    key,
    status: 'FAILED',
    code,
  })
  for (const later of plannedKeys.slice(at + 1)) {
    expect(reports[later]).toMatchObject({ status: 'SKIPPED', blockedBy: key, problem: null, evidence: [] })
  }
  return proved(reports[key]?.problem, by)
}

/** Notes the problem of one step, which the caller has looked at, and answers it. */
export function expectProblem(reports: Reports, key: StepKey, code: string, by = sourceOf(reports)): Problem {
  expect(reports[key]?.problem?.code).toBe(code)
  return proved(reports[key]?.problem, by)
}

/** Asserts that a query failed with this problem, and notes it as `expectFailure` does. `about` is shown when it did not. */
export function expectQueryProblem(
  outcome: QueryOutcome,
  expected: Partial<Problem> & Pick<Problem, 'code'>,
  { about, by = sourceOf(outcome) }: { readonly about?: string; readonly by?: ProofSource } = {},
): Problem {
  expect(outcome, about).toMatchObject({ kind: 'PROBLEM', problem: expected })
  return proved(outcome.kind === 'PROBLEM' ? outcome.problem : null, by)
}

function proved(problem: Problem | null | undefined, by: ProofSource): Problem {
  if (!problem) throw new Error('There is no problem.')
  proves('POSTGRES', problem.code, by)
  return problem
}

/** What the reader is pointed at: the form fields to mark, and each remedy as its kind with the field it is about. */
export const hintsOf = ({ fields, remedies }: Problem) => ({
  fields,
  remedies: remedies.map(remedy => ('field' in remedy ? `${remedy.kind} ${remedy.field}` : remedy.kind)),
})

/** Asserts that every step ran, and answers which ones warned of what. */
export function expectPass(reports: Reports): Partial<Record<StepKey, string>> {
  const warnings: Partial<Record<StepKey, string>> = {}
  for (const key of plannedKeys) {
    const report = reports[key]
    expect(['PASSED', 'WARNING'], `${key}: ${JSON.stringify(report)}`).toContain(report?.status)
    if (report?.status === 'WARNING') warnings[key] = proved(report.problem, sourceOf(reports)).code
  }
  return warnings
}

/** How many sessions of the server a user has tried to sign in to, by the server's own log. */
export async function signInAttempts(server: PostgresServer, username: string): Promise<number> {
  // The server logs before it answers, but its log reaches us through a pipe.
  return vi.waitFor(() => {
    // One session may say two things: that it has authenticated the user, and why it ends all the same.
    const sessions = server.log
      .split('\n')
      .filter(line => line.includes(` ${username}@`) && /FATAL|connection authenticated/.test(line))
      .map(line => /\[(\d+)\]/.exec(line)?.[1])
    expect(sessions.length).toBeGreaterThan(0)
    return new Set(sessions).size
  })
}
