import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseChildMessage } from '../../../src/connectors/host/parse-child-message.ts'
import type { ChildMessage } from '../../../src/connectors/host/protocol.ts'
import { problem } from '../../../src/connectors/problem.ts'

const parse = (message: unknown) => parseChildMessage(Buffer.from(JSON.stringify(message)))

const finding = problem('ACCOUNT_CAN_WRITE', {
  params: { username: 'app', rights: ['INSERT'] },
  detail: 'GRANT ALL',
  fields: ['auth.password.username'],
  remedies: [
    { kind: 'SET_FIELD', title: 'Use 5433', field: 'port', value: 5433 },
    { kind: 'RUN_SQL', title: 'Make a role', sql: 'CREATE ROLE reader;\nGRANT pg_read_all_data TO reader;' },
    { kind: 'ALLOW_ADDRESS', title: 'Let us in', addresses: ['192.0.2.1'] },
    { kind: 'REENTER_SECRET', title: 'Type it again', field: 'auth.password.password' },
    { kind: 'READ_DOCS', title: 'Read', url: 'problems.md' },
  ],
})

const finished: ChildMessage = {
  kind: 'STEP',
  jobId: 1,
  step: {
    kind: 'STEP_FINISHED',
    stepId: 'SECURE',
    durationMs: 3,
    report: {
      status: 'WARNING',
      note: null,
      evidence: [
        { kind: 'TEXT', label: 'Protocol', measuredOn: 'SAME_SOCKET', value: 'TLSv1.3' },
        { kind: 'ADDRESS', label: 'Tried', address: '192.0.2.1', family: 'IPV4', outcome: 'refused' },
        {
          kind: 'CERTIFICATE',
          label: 'Leaf',
          subject: 'CN=db',
          issuer: 'CN=ca',
          validFrom: '2026-01-01T00:00:00Z',
          validTo: '2027-01-01T00:00:00Z',
          sha256Fingerprint: 'AA:BB',
          subjectAltNames: ['DNS:db'],
        },
      ],
      problem: finding,
    },
  },
}

test('an error is told by its class and code, not in a sentence, which may hold data', () => {
  const told = (message: string) => parse({ kind: 'JOB_FAILED', jobId: 1, message })
  for (const kind of ['TypeError', 'Error ENOENT', 'a thrown value'])
    expect(told(kind)).toMatchObject({ message: kind })
  for (const said of ['', 'no login with hunter2 today', 'hunter2!', `Error ${'x'.repeat(61)}`, 'Error\nE']) {
    expect(told(said)).toBeNull()
  }
})

test('what an honest child says arrives unchanged', () => {
  const messages: ChildMessage[] = [
    { kind: 'READY' },
    { kind: 'UNFIT', reason: 'a datagram was not stopped (no error)' },
    finished,
    { kind: 'STEP', jobId: 1, step: { kind: 'STEP_STARTED', stepId: 'READ' } },
    { kind: 'STEP', jobId: 1, step: { kind: 'STEP_PROGRESSED', stepId: 'READ', note: 'reading' } },
    { kind: 'TEST_DONE', jobId: 1, leftovers: false },
    { kind: 'COLUMNS', jobId: 2, columns: [{ name: 'n', nativeType: 'json', type: 'JSON' }] },
    { kind: 'QUERY_DONE', jobId: 2, end: { kind: 'COMPLETE', truncated: true }, leftovers: false },
    { kind: 'QUERY_DONE', jobId: 2, end: { kind: 'PROBLEM', problem: finding }, leftovers: true },
    { kind: 'LISTING_DONE', jobId: 3, listing: { items: [], next: null, problem: finding }, leftovers: true },
    {
      kind: 'LISTING_DONE',
      jobId: 3,
      listing: { items: [{ value: 'x1', label: 'X', help: 'stopped' }, { value: 'y' }], next: 'y', problem: null },
      leftovers: false,
    },
    {
      kind: 'LISTING_DONE',
      jobId: 3,
      listing: {
        items: [
          { name: 'a\nb', kind: 'VIEW', nativeKind: 'MATERIALIZED VIEW', hasChildren: true, comment: 'A view.' },
          { name: 'id', kind: 'COLUMN', hasChildren: false, column: { nativeType: 'int4', type: 'INTEGER' } },
          { name: 'locked', kind: 'SCHEMA', hasChildren: true, problem: finding },
          { name: 'a.csv', kind: 'OBJECT', hasChildren: false, sizeBytes: 0, query: { source: { key: { key: 'a' } } } },
        ],
        next: null,
        problem: null,
      },
      leftovers: false,
    },
    { kind: 'JOB_FAILED', jobId: 2, message: 'TypeError' },
    { kind: 'MEMORY', residentMb: 40 },
  ]
  for (const message of messages) expect(parse(message)).toEqual(message)
})

describe('refused', () => {
  const deep = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`)
  const withReport = (change: object) => {
    const { step } = finished
    return { ...finished, step: { ...step, report: { ...('report' in step && step.report), ...change } } }
  }
  test.each<[string, unknown]>([
    ['an unknown kind', { kind: 'HELLO' }],
    ['no object', 'READY'],
    ['an extra key', { kind: 'READY', extra: 1 }],
    ['a missing key', { kind: 'TEST_DONE', jobId: 1 }],
    ['an unknown problem code', withReport({ problem: { ...finding, code: 'NO_SUCH_CODE' } })],
    ['an inherited name as a problem code', withReport({ problem: { ...finding, code: 'toString' } })],
    ['an unknown status', withReport({ status: 'RUNNING' })],
    ['a negative duration', { ...finished, step: { ...finished.step, durationMs: -1 } }],
    [
      'a remedy of an unknown kind',
      withReport({ problem: { ...finding, remedies: [{ kind: 'RUN_SHELL', title: 'x' }] } }),
    ],
    ['endless evidence', withReport({ evidence: Array(201).fill({ kind: 'TEXT', label: 'a', value: 'b' }) })],
    ['endless text', withReport({ problem: { ...finding, message: 'x'.repeat(30_000) } })],
    ['rows as JSON', { kind: 'ROWS', jobId: 1, rows: [[1]] }],
    [
      'a value that recursion would not survive',
      withReport({ problem: { ...finding, params: { deep: deep(1_000) } } }),
    ],
  ])('%s', (_name, message) => {
    expect(parse(message)).toBeNull()
  })

  test('what is no JSON, and any JSON that is no message, without throwing', () => {
    const refused = (text: string) => parseChildMessage(Buffer.from(text)) === null
    fc.assert(fc.property(fc.string(), refused))
    fc.assert(fc.property(fc.json(), refused))
  })
})

test('texts that a hostile server may have written are cleaned', () => {
  const dirty = '\u001b[2J\u202eold\u0000'
  const message = {
    kind: 'STEP',
    jobId: 1,
    step: {
      kind: 'STEP_FINISHED',
      stepId: 'GREET',
      durationMs: 1,
      report: {
        status: 'FAILED',
        note: dirty,
        evidence: [{ kind: 'TEXT', label: dirty, value: dirty }],
        problem: { ...finding, message: dirty, detail: dirty },
      },
    },
  }
  const parsed = JSON.stringify(parse(message))
  expect(parsed).toContain('[2J old')
  expect(parsed).not.toMatch(/\\u001b|\\u0000|\u202e/)
})
