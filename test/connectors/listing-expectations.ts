import { expect } from 'vitest'
import type { Listing } from '../../src/connectors/browse.ts'
import type { Problem } from '../../src/connectors/problem.ts'
import { type ProofSource, proves } from '../proofs/proves.ts'

/** What suites of a type ask of its lists. Each problem that is met is noted as proved by what it was seen on. */
export function listingExpectationsOf(typeName: string, by: ProofSource = 'DOUBLE') {
  /** Asserts the problem that a list has, or an entry of it, and answers it. */
  function expectListingProblem(
    subject: Pick<Listing, 'problem'> | { readonly problem?: Problem } | undefined,
    expected: Partial<Problem> & Pick<Problem, 'code'>,
    source = by,
  ): Problem {
    expect(subject?.problem, JSON.stringify(subject)).toMatchObject(expected)
    proves(typeName, expected.code, source)
    return subject?.problem as Problem
  }

  return { expectListingProblem }
}

/** Names or values of a list that has no problem. */
export function namesOf({ items, problem }: Listing): readonly string[] {
  expect(problem).toBeNull()
  return items.map(item => ('value' in item ? item.value : item.name))
}
