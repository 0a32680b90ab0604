import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { StepReport } from '../../../src/connectors/connection-test.ts'
import type { Evidence } from '../../../src/connectors/evidence.ts'
import { clampMessage } from '../../../src/connectors/host/clamp-message.ts'
import { encodeFrame } from '../../../src/connectors/host/frames.ts'
import { maxReportBytes } from '../../../src/connectors/host/message-limits.ts'
import { parseChildMessage } from '../../../src/connectors/host/parse-child-message.ts'
import type { ChildMessage, ChildWords } from '../../../src/connectors/host/protocol.ts'
import type { JsonValue } from '../../../src/connectors/json.ts'
import type { Problem, Remedy } from '../../../src/connectors/problem.ts'
import { type ProblemCode, problemTable } from '../../../src/connectors/problem-table.ts'

/** What the texts and lists of a report are made of. */
interface Size {
  readonly text: fc.Arbitrary<string>
  readonly json: fc.Arbitrary<JsonValue>
  readonly items: number
}

const hostilePieces = ['x', 'ü', '\u0000', '\u001b[31m', '\u202e', '𝄞', '\ud834', '"\\', 'connect to server failed. ']
const small: Size = {
  text: fc.string({ unit: 'binary', maxLength: 40 }).map(text => text.trim()),
  json: fc.jsonValue({ maxDepth: 3 }).map(value => JSON.parse(JSON.stringify(value)) as JsonValue),
  items: 5,
}
/** Now and then a text of millions of characters, a list of thousands, a value nested in hundreds of levels. */
const large: Size = {
  text: fc.oneof(
    { weight: 4, arbitrary: fc.string({ unit: 'binary' }) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(fc.constantFrom(...hostilePieces), fc.constantFrom(150, 250, 1_500, 3_000, 60_000, 2_000_000))
        .map(([piece, times]) => piece.repeat(times)),
    },
  ),
  json: fc.oneof(
    fc.jsonValue() as fc.Arbitrary<JsonValue>,
    fc.constantFrom(50, 900).map(depth => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`) as JsonValue),
    fc.constant(Array.from({ length: 5_000 }, () => ({ a: 'x'.repeat(100) }))),
    fc.constant({ [`long ${'x'.repeat(100_000)}`]: ['y'.repeat(1_000_000)] }),
  ),
  items: 4_000,
}

const optional = <T extends object>(keys: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<Partial<T>> =>
  fc.record(keys, { requiredKeys: [] }) as fc.Arbitrary<Partial<T>>

/** A list; a long one repeats a few items, or making it would take longer than checking it. */
const listOf = <T>(item: fc.Arbitrary<T>, { items }: Size): fc.Arbitrary<readonly T[]> =>
  fc.oneof(
    { weight: 5, arbitrary: fc.array(item, { maxLength: 5 }) },
    {
      weight: items > 5 ? 1 : 0,
      arbitrary: fc.tuple(item, fc.integer({ min: 0, max: items })).map(([one, times]) => Array<T>(times).fill(one)),
    },
  )

const evidenceOf = (size: Size): fc.Arbitrary<Evidence> => {
  const { text } = size
  const measured = optional({ measuredOn: fc.constantFrom('SAME_SOCKET' as const, 'PROBE' as const) })
  const kinds = fc.oneof(
    fc.record({ kind: fc.constant('TEXT' as const), label: text, value: text }),
    fc
      .tuple(
        fc.record({
          kind: fc.constant('ADDRESS' as const),
          label: text,
          address: text,
          family: fc.constantFrom('IPV4' as const, 'IPV6' as const),
        }),
        optional({ outcome: text }),
      )
      .map(([address, outcome]) => ({ ...address, ...outcome })),
    fc.record({
      kind: fc.constant('CERTIFICATE' as const),
      label: text,
      subject: text,
      issuer: text,
      validFrom: text,
      validTo: text,
      sha256Fingerprint: text,
      subjectAltNames: listOf(text, size),
    }),
  )
  return fc.tuple(kinds, measured).map(([evidence, more]) => ({ ...evidence, ...more }))
}

const remedyOf = (size: Size): fc.Arbitrary<Remedy> => {
  const { text, json } = size
  return fc.oneof(
    fc.record({ kind: fc.constant('SET_FIELD' as const), title: text, field: text, value: json }),
    fc.record({ kind: fc.constant('RUN_SQL' as const), title: text, sql: text }),
    fc.record({ kind: fc.constant('ALLOW_ADDRESS' as const), title: text, addresses: listOf(text, size) }),
    fc.record({ kind: fc.constant('REENTER_SECRET' as const), title: text, field: text }),
    fc.record({ kind: fc.constant('READ_DOCS' as const), title: text, url: text }),
  )
}

const problemOf = (size: Size): fc.Arbitrary<Problem> =>
  fc.record({
    code: fc.constantFrom(...(Object.keys(problemTable) as ProblemCode[])),
    origin: fc.constantFrom('FORM' as const, 'NETWORK' as const, 'SOURCE' as const, 'POLICY' as const),
    message: size.text,
    params: fc.dictionary(size.text, size.json, { maxKeys: size.items > 5 ? 200 : 3, noNullPrototype: true }),
    detail: fc.option(size.text),
    retryable: fc.boolean(),
    fields: listOf(size.text, size),
    remedies: listOf(remedyOf(size), size),
    docsPath: size.text,
  })

const reportOf = (size: Size): fc.Arbitrary<StepReport> =>
  fc
    .tuple(
      fc.record({
        status: fc.constantFrom('PASSED' as const, 'WARNING' as const, 'FAILED' as const, 'SKIPPED' as const),
        evidence: listOf(evidenceOf(size), size),
        problem: fc.option(problemOf(size)),
      }),
      optional({ note: fc.option(size.text), blockedBy: fc.option(fc.constant('CONNECT')) }),
    )
    .map(([report, more]) => ({ ...report, ...more }))

const finished = (report: StepReport): ChildWords => ({
  kind: 'STEP',
  jobId: 1,
  step: { kind: 'STEP_FINISHED', stepId: 'GREET', durationMs: 1, report },
})

const onTheWire = (message: ChildWords): unknown => JSON.parse(JSON.stringify(message))

/** What the parent makes of a message, as long as it reads one of that size at all. */
function arrive(message: ChildWords): ChildMessage | null {
  const frame = encodeFrame(clampMessage(message))
  return frame.length > maxReportBytes ? null : parseChildMessage(frame.subarray(4))
}

describe('what a step or a query says', () => {
  test('is taken by the parent, whatever its size', () => {
    fc.assert(
      fc.property(reportOf(large), report => {
        expect(arrive(finished(report))).not.toBeNull()
      }),
      { numRuns: 200 },
    )
    fc.assert(
      fc.property(problemOf(large), problem => {
        const end = { kind: 'PROBLEM', problem } as const
        expect(arrive({ kind: 'QUERY_DONE', jobId: 1, end, leftovers: false })).not.toBeNull()
      }),
      { numRuns: 200 },
    )
    fc.assert(
      fc.property(large.text, note => {
        const step = { kind: 'STEP_PROGRESSED', stepId: 'GREET', note } as const
        expect(arrive({ kind: 'STEP', jobId: 1, step })).not.toBeNull()
      }),
    )
  })

  test('passes unchanged when it is small', () => {
    fc.assert(
      fc.property(reportOf(small), report => {
        const message = finished(report)
        expect(onTheWire(clampMessage(message))).toEqual(onTheWire(message))
      }),
    )
  })

  test('keeps its code, and as much of its words as a reader can use', () => {
    const words = 'no pg_hba.conf entry '.repeat(500_000)
    const problem: Problem = {
      code: 'HOST_RULE_REJECTED',
      origin: 'SOURCE',
      message: words,
      params: { host: words },
      detail: words,
      retryable: false,
      fields: ['host', words],
      remedies: [
        { kind: 'RUN_SQL', title: 'Too long to be run', sql: words },
        { kind: 'RUN_SQL', title: 'Make a role', sql: 'create role reader' },
      ],
      docsPath: 'problems.md',
    }
    const evidence: Evidence[] = Array.from({ length: 300 }, () => ({ kind: 'TEXT', label: 'Said', value: words }))
    const message = arrive(finished({ status: 'FAILED', evidence, problem }))
    if (message?.kind !== 'STEP' || message.step.kind !== 'STEP_FINISHED') throw new Error('It did not arrive.')
    const { report } = message.step
    expect(report.evidence).toHaveLength(200)
    expect(report.evidence[0]).toMatchObject({ label: 'Said', value: expect.stringMatching(/^no pg_hba.{1990}…$/) })
    expect(report.problem).toMatchObject({
      code: 'HOST_RULE_REJECTED',
      message: expect.stringMatching(/^.{1999}…$/),
      params: { host: expect.stringMatching(/^.{1999}…$/) },
      detail: expect.stringMatching(/^.{299}…$/),
      fields: ['host'],
    })
    // A statement cut short would be another statement.
    expect(report.problem?.remedies.map(remedy => remedy.title)).toEqual(['Make a role'])
  })
})
