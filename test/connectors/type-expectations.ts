import { expect } from 'vitest'
import { type StepKey, stepKeys } from '../../src/connectors/connection-test.ts'
import type { QueryOutcome } from '../../src/connectors/define.ts'
import type { Problem } from '../../src/connectors/problem.ts'
import type { ProblemCode } from '../../src/connectors/problem-table.ts'
import { type ProofSource, proves } from '../proofs/proves.ts'
import { type Reports, sourceOf } from '../servers/type-run.ts'

/** Of a test that goes neither through a tunnel nor to more than one server. */
const directKeys = stepKeys.filter(key => !['TUNNEL', 'TOPOLOGY'].includes(key))

export interface QueryExpectation {
  /** Shown when it is not met. */
  readonly about?: string
  readonly by?: ProofSource
}

type StepReports<Id extends string> = { readonly [K in Id]?: Reports[StepKey] }

/**
 * What suites of the type ask of its tests and queries. Each problem that is met is noted as proved by what it ran against.
 * `plannedKeys`: of its steps, in order; ids where they go to more than one server.
 */
export function expectationsOf<Id extends string = StepKey>(
  typeName: string,
  // Without ids of their own, steps have keys.
  plannedKeys: readonly Id[] = directKeys as readonly string[] as readonly Id[],
) {
  function proved(problem: Problem | null | undefined, by: ProofSource): Problem {
    if (!problem) throw new Error('There is no problem.')
    proves(typeName, problem.code, by)
    return problem
  }

  /** Asserts that the test failed first at `key` and that every later step is blocked by it; answers its problem. */
  function expectFailure(reports: StepReports<Id>, key: Id, code: ProblemCode, by = sourceOf(reports)): Problem {
    const at = plannedKeys.indexOf(key)
    const before = plannedKeys.slice(0, at).map(earlier => reports[earlier])
    expect(
      before.every(report => report?.status === 'PASSED' || report?.status === 'WARNING'),
      `${key}: ${JSON.stringify(before)}`,
    ).toBe(true)
    const { status, problem } = reports[key] ?? {}
    expect({ key, status, code: problem?.code }, JSON.stringify(problem)).toEqual({ key, status: 'FAILED', code })
    for (const later of plannedKeys.slice(at + 1)) {
      expect(reports[later]).toMatchObject({ status: 'SKIPPED', blockedBy: key, problem: null, evidence: [] })
    }
    return proved(problem, by)
  }

  /** Asserts the problem of one step, whatever became of the others, and answers it. */
  function expectProblem(reports: StepReports<Id>, key: Id, code: ProblemCode, by = sourceOf(reports)): Problem {
    expect(reports[key]?.problem?.code, JSON.stringify(reports[key])).toBe(code)
    return proved(reports[key]?.problem, by)
  }

  function expectQueryProblem(
    outcome: QueryOutcome,
    expected: Partial<Problem> & Pick<Problem, 'code'>,
    { about, by = sourceOf(outcome) }: QueryExpectation = {},
  ): Problem {
    expect(outcome, about).toMatchObject({ kind: 'PROBLEM', problem: expected })
    return proved(outcome.kind === 'PROBLEM' ? outcome.problem : null, by)
  }

  /** Asserts that every step ran, and answers which ones warned of what. */
  function expectPass(reports: StepReports<Id>): Partial<Record<Id, ProblemCode>> {
    const warnings: Partial<Record<Id, ProblemCode>> = {}
    for (const key of plannedKeys) {
      const report = reports[key]
      expect(['PASSED', 'WARNING'], `${key}: ${JSON.stringify(report)}`).toContain(report?.status)
      if (report?.status === 'WARNING') warnings[key] = proved(report.problem, sourceOf(reports)).code
    }
    return warnings
  }

  return { expectFailure, expectProblem, expectQueryProblem, expectPass }
}

/** What the reader is pointed at: the form fields to mark, and each remedy as its kind with the field it is about. */
export const hintsOf = ({ fields, remedies }: Problem) => ({
  fields,
  remedies: remedies.map(remedy => ('field' in remedy ? `${remedy.kind} ${remedy.field}` : remedy.kind)),
})
