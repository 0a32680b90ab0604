import { describe, expect, test } from 'vitest'
import { type ProblemCode, problemTable } from '../../src/connectors/problem-table.ts'
import { problemsOfAnyType } from '../../src/connectors/problems-of-any-type.ts'
import { builtInConnectorTypes } from '../../src/connectors/registry.ts'
import { proofsOf, readRecord, recordNames, simulated, unite } from './record.ts'

/** Every type that reports of a data source, with what it says that it may report. */
const declared: readonly (readonly [typeName: string, codes: readonly ProblemCode[]])[] = [
  ...builtInConnectorTypes.filter(type => type.name !== simulated).map(type => [type.name, type.problems] as const),
  ['ANY', problemsOfAnyType],
]
const recorded = unite(...recordNames.map(readRecord))

/** While the record is being made it cannot be looked into. */
describe.skipIf(process.env['UPDATE_PROOFS'] === '1')('the catalogue of problems', () => {
  test('every problem of the table can be reported by a type, or whatever the type', () => {
    const reachable = new Set(declared.flatMap(([, codes]) => codes))
    expect(Object.keys(problemTable).filter(code => !reachable.has(code as ProblemCode))).toEqual([])
  })

  test.each(declared)('every problem that %s may report has been seen by a test', (typeName, codes) => {
    const unproved = codes.filter(code => recorded[typeName]?.[code] === undefined)
    const mend = 'Let a test call proves(...) for these, then UPDATE_PROOFS=1 npm test -- <the test> records it.'
    expect(unproved, mend).toEqual([])
  })

  test('no test has seen a problem that its type does not declare', () => {
    const undeclared = proofsOf(recorded).filter(
      ({ typeName, code }) => !declared.some(([name, codes]) => name === typeName && codes.includes(code)),
    )
    expect(undeclared).toEqual([])
  })
})
