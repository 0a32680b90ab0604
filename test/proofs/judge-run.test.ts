import { describe, expect, test } from 'vitest'
import { judgeRun, type Run } from './judge-run.ts'
import type { Proof } from './proves.ts'
import { formatRecord, missingIn, type ProofRecord, proofsOf, toRecord, unite } from './record.ts'

const byDouble: Proof = { typeName: 'POSTGRES', code: 'HOST_NOT_FOUND', by: 'DOUBLE' }
const byServer: Proof = { ...byDouble, by: 'REAL_SERVER' }
const other: Proof = { typeName: 'ANY', code: 'INTERNAL_FAULT', by: 'DOUBLE' }

const run = (recorded: readonly Proof[], seen: readonly Proof[], change: Partial<Run> = {}): Run => ({
  name: 'unit',
  recorded: toRecord(recorded),
  seen: toRecord(seen),
  isWhole: true,
  hasFailures: false,
  hasSkips: false,
  updates: false,
  ...change,
})
const content = { record: null, complaint: null }

describe('a record of proofs', () => {
  test('is sorted, names each proof once, the strongest first, and knows no simulated one', () => {
    const simulated: Proof = { typeName: 'SIMULATOR', code: 'HOST_NOT_FOUND', by: 'DOUBLE' }
    const record = toRecord([byDouble, other, byServer, byDouble, simulated])
    expect(JSON.stringify(record)).toBe(
      '{"ANY":{"INTERNAL_FAULT":["DOUBLE"]},"POSTGRES":{"HOST_NOT_FOUND":["REAL_SERVER","DOUBLE"]}}',
    )
    expect(toRecord(proofsOf(record))).toEqual(record)
    expect(JSON.parse(formatRecord(record))).toEqual(record)
    expect(formatRecord({})).toBe('{}\n')
  })

  test('can be united and compared', () => {
    const [first, second] = [toRecord([byDouble]), toRecord([byServer, other])]
    expect(unite(first, second)).toEqual(toRecord([byDouble, byServer, other]))
    expect(missingIn(second, first)).toEqual(['ANY INTERNAL_FAULT by DOUBLE', 'POSTGRES HOST_NOT_FOUND by REAL_SERVER'])
    expect(missingIn(first, unite(first, second))).toEqual([])
  })
})

describe('a whole run', () => {
  test('is content with what is recorded', () => {
    expect(judgeRun(run([byDouble, other], [other, byDouble]))).toEqual(content)
  })

  test('fails for what is proved no longer and for what is not recorded yet, and says how to mend it', () => {
    const { record, complaint } = judgeRun(run([byDouble], [byServer]))
    expect(record).toBeNull()
    expect(complaint).toContain('no longer proved: POSTGRES HOST_NOT_FOUND by DOUBLE')
    expect(complaint).toContain('not recorded yet: POSTGRES HOST_NOT_FOUND by REAL_SERVER')
    expect(complaint).toContain('UPDATE_PROOFS=1 npm test')
  })

  test('with failures misses no proof', () => {
    expect(judgeRun(run([byDouble, other], [other], { hasFailures: true }))).toEqual(content)
  })

  test('against installed servers misses no proof when one of them could not be had, otherwise it does', () => {
    expect(judgeRun(run([byDouble], [], { name: 'interop', hasSkips: true }))).toEqual(content)
    expect(judgeRun(run([byDouble], [], { name: 'interop' })).complaint).toContain('npm run test:interop')
    expect(judgeRun(run([byDouble], [], { hasSkips: true })).complaint).toContain('no longer proved')
  })

  test('that updates writes what it has seen, and nothing when nothing has changed', () => {
    expect(judgeRun(run([byDouble], [other], { updates: true }))).toEqual({
      record: toRecord([other]),
      complaint: null,
    })
    expect(judgeRun(run([byDouble], [byDouble], { updates: true }))).toEqual(content)
  })
})

describe('a run of some files', () => {
  const part = { isWhole: false }

  test('neither misses proofs nor fails for new ones', () => {
    expect(judgeRun(run([byDouble, other], [byServer], part))).toEqual(content)
  })

  test('that updates takes nothing away', () => {
    const expected: ProofRecord = toRecord([byDouble, other, byServer])
    const updated = { record: expected, complaint: null }
    expect(judgeRun(run([byDouble, other], [byServer], { ...part, updates: true }))).toEqual(updated)
    expect(judgeRun(run([byDouble, other], [byServer], { hasFailures: true, updates: true }))).toEqual(updated)
    expect(judgeRun(run([byDouble, other], [other], { ...part, updates: true }))).toEqual(content)
  })
})
