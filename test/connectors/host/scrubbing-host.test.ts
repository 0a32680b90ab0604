import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Listing } from '../../../src/connectors/browse.ts'
import type { StepReport } from '../../../src/connectors/connection-test.ts'
import { defineConnector, plannedStep, type QueryOutcome, type Row, warning } from '../../../src/connectors/define.ts'
import { alternatives, block, defineForm, field, secret } from '../../../src/connectors/form.ts'
import type { ConnectorHost, QueryPart, RowsPart, TestOutcome } from '../../../src/connectors/host/connector-host.ts'
import type { ListingJob, QueryJob, StepMessage, TestJob } from '../../../src/connectors/host/protocol.ts'
import { createScrubbingHost } from '../../../src/connectors/host/scrubbing-host.ts'
import { type Problem, problem } from '../../../src/connectors/problem.ts'
import { ConnectorRegistry } from '../../../src/connectors/registry.ts'
import { mask } from '../../../src/connectors/scrub/scrubber.ts'
import { environment, jobOptions } from './made-up-host.ts'

const vault = defineConnector({
  name: 'VAULT',
  inputKey: 'vault',
  version: 1,
  kind: 'GENERIC',
  category: 'DEVELOPMENT',
  label: 'Vault',
  description: 'Has secrets at every depth.',
  docsPath: 'connectors/vault.md',
  keywords: [],
  logo: { color: '#000000', shape: '' },
  maturity: { level: 'STABLE' },
  drivers: [],
  form: defineForm({
    fields: {
      host: field(z.string(), { label: 'Host' }),
      auth: alternatives(
        {
          none: { label: 'None', fields: {} },
          password: { label: 'Password', fields: { password: secret(z.string(), { label: 'Password' }) } },
        },
        { label: 'Sign-in' },
      ),
      tls: block({ key: secret(z.string().optional(), { label: 'Key' }) }, { label: 'TLS', typeName: 'VaultTls' }),
    },
  }),
  queryForm: defineForm({ fields: { sql: field(z.string(), { label: 'SQL' }) } }),
  plan: () => [plannedStep('CONNECT', 'Connect')],
  problems: [],
  queryBudgetMs: () => 1_000,
  loadSteps: () => Promise.reject(new Error('Nothing is run here.')),
  loadQuery: () => Promise.reject(new Error('Nothing is run here.')),
})
const registry = new ConnectorRegistry([vault])

const password = 'correct "horse" battery'
const key = 'staple/4711+0815'
const config = { host: 'vault.example', auth: { password: { password } }, tls: { key } }
const testJob: TestJob = { kind: 'TEST', typeName: 'VAULT', config, plan: vault.plan(config as never), environment }
const queryJob: QueryJob = {
  kind: 'QUERY',
  typeName: 'VAULT',
  config,
  query: { sql: 'SELECT 1' },
  limits: { maxRows: 10, maxBytes: 1_000 },
  environment,
}
const listingJob: ListingJob = {
  kind: 'LIST',
  typeName: 'VAULT',
  config,
  request: { kind: 'CATALOG', path: [], page: { search: null, first: 10, after: null } },
  budgetMs: 1_000,
  environment,
}

/** Both secrets in every spelling, and one of somebody else. */
const telling = [
  password,
  key,
  encodeURIComponent(key),
  JSON.stringify(password),
  Buffer.from(`ada:${password}`).toString('base64'),
  'postgres://ada:lovelace@db/sales',
].join(' | ')
const leaks = [
  'horse',
  'staple',
  '4711',
  'lovelace',
  Buffer.from(`ada:${password}`).toString('base64').slice(8, 24),
] as const

const tellingProblem: Problem = {
  ...problem('UNCLASSIFIED', {
    fields: ['auth.password.password'],
    params: { said: telling, all: [{ deep: telling }] },
  }),
  message: telling,
  detail: telling,
  remedies: [
    { kind: 'SET_FIELD', title: telling, field: 'host', value: [telling] },
    { kind: 'RUN_SQL', title: telling, sql: telling },
    { kind: 'ALLOW_ADDRESS', title: telling, addresses: [telling] },
    { kind: 'REENTER_SECRET', title: telling, field: 'auth.password.password' },
    { kind: 'READ_DOCS', title: telling, url: telling },
  ],
}
const tellingReport: StepReport = {
  ...warning(tellingProblem, [
    { kind: 'TEXT', label: telling, value: telling },
    { kind: 'ADDRESS', label: telling, address: telling, family: 'IPV4', outcome: telling },
    {
      kind: 'CERTIFICATE',
      label: telling,
      subject: telling,
      issuer: telling,
      validFrom: telling,
      validTo: telling,
      sha256Fingerprint: telling,
      subjectAltNames: [telling],
    },
  ]),
  note: telling,
}
const columns = [{ name: telling, nativeType: telling, type: 'TEXT' as const }]

const rowsOf = (row: Row): RowsPart => ({
  kind: 'ROWS',
  count: 1,
  json: Buffer.from(JSON.stringify(row)),
  read: () => ({ kind: 'ROWS', rows: [row] }),
  release: () => undefined,
})

/** A host that says what it is given. */
function sayingHost(says: {
  readonly steps?: readonly StepMessage[]
  readonly outcome?: TestOutcome
  readonly answer?: QueryOutcome
  readonly parts?: readonly QueryPart[]
  readonly listing?: Listing
}): ConnectorHost {
  const host: ConnectorHost = {
    test: async (_job, onStep) => {
      for (const step of says.steps ?? []) onStep(step)
      return says.outcome ?? { kind: 'COMPLETED' }
    },
    query: async () => says.answer ?? { kind: 'RESULT', result: { columns: [], rows: [], truncated: false } },
    async *stream() {
      yield* says.parts ?? []
    },
    list: async () => says.listing ?? { items: [], next: null, problem: null },
    close: async () => undefined,
  }
  return createScrubbingHost(host, registry)
}

async function told(host: ConnectorHost): Promise<{ steps: StepMessage[]; outcome: TestOutcome }> {
  const steps: StepMessage[] = []
  const outcome = await host.test(testJob, step => steps.push(step), jobOptions())
  return { steps, outcome }
}

function expectClean(value: unknown): void {
  const text = JSON.stringify(value)
  expect(text).toContain(mask)
  for (const leak of leaks) expect(text).not.toContain(leak)
}

describe('what leaves the host', () => {
  test('the corpus holds what is looked for', () => {
    for (const leak of leaks) expect(JSON.stringify([tellingReport, columns])).toContain(leak)
  })

  test('no step tells a secret, in none of its texts', async () => {
    const { steps } = await told(
      sayingHost({
        steps: [
          { kind: 'STEP_STARTED', stepId: 'CONNECT' },
          { kind: 'STEP_PROGRESSED', stepId: 'CONNECT', note: telling },
          { kind: 'STEP_FINISHED', stepId: 'CONNECT', durationMs: 1, report: tellingReport },
        ],
      }),
    )
    expect(steps.map(step => step.kind)).toEqual(['STEP_STARTED', 'STEP_PROGRESSED', 'STEP_FINISHED'])
    for (const step of steps.slice(1)) expectClean(step)
    expect(steps[2]).toMatchObject({
      stepId: 'CONNECT',
      durationMs: 1,
      report: {
        status: 'WARNING',
        evidence: [{ kind: 'TEXT' }, { kind: 'ADDRESS', family: 'IPV4' }, { kind: 'CERTIFICATE' }],
        problem: {
          code: 'UNCLASSIFIED',
          fields: ['auth.password.password'],
          // A value with a hole in it is not offered.
          remedies: [{ kind: 'RUN_SQL' }, {}, { kind: 'REENTER_SECRET', field: 'auth.password.password' }, {}],
        },
      },
    })
  })

  test('a secret in several notes is found, its rest in the report as well', async () => {
    const note = (text: string): StepMessage => ({ kind: 'STEP_PROGRESSED', stepId: 'CONNECT', note: text })
    const { steps } = await told(
      sayingHost({
        steps: [
          { kind: 'STEP_STARTED', stepId: 'CONNECT' },
          note('it is cor'),
          note('rect'),
          {
            kind: 'STEP_FINISHED',
            stepId: 'CONNECT',
            durationMs: 1,
            report: { status: 'PASSED', evidence: [], problem: null, note: '"horse" battery, it is' },
          },
        ],
      }),
    )
    expect(steps.slice(1)).toMatchObject([
      { note: 'it is cor' },
      { note: mask },
      { report: { note: `${mask}, it is` } },
    ])
  })

  test('nor does the reason of a failed run', async () => {
    const { outcome } = await told(sayingHost({ outcome: { kind: 'FAILED', problem: tellingProblem } }))
    expect(outcome).toMatchObject({ kind: 'FAILED', problem: { code: 'UNCLASSIFIED' } })
    expectClean(outcome)
  })

  test('nor does a query by its problem', async () => {
    const outcome = await sayingHost({ answer: { kind: 'PROBLEM', problem: tellingProblem } }).query(
      queryJob,
      jobOptions(),
    )
    expect(outcome).toMatchObject({ kind: 'PROBLEM', problem: { code: 'UNCLASSIFIED' } })
    expectClean(outcome)
  })

  test('nor by its columns, while its rows pass as they are', async () => {
    const rows = [[password], [telling]]
    const outcome = await sayingHost({
      answer: { kind: 'RESULT', result: { columns, rows, truncated: true } },
    }).query(queryJob, jobOptions())
    if (outcome.kind !== 'RESULT') throw new Error('It was a result.')
    expect(outcome.result).toMatchObject({ rows, truncated: true, columns: [{ type: 'TEXT' }] })
    expectClean(outcome.result.columns)
  })

  test('nor does a stream by its columns and its end', async () => {
    const rows = rowsOf([password])
    const host = sayingHost({
      parts: [{ kind: 'COLUMNS', columns }, rows, { kind: 'PROBLEM', problem: tellingProblem }],
    })
    const parts: QueryPart[] = []
    for await (const part of host.stream(queryJob, jobOptions())) parts.push(part)
    expect(parts.map(part => part.kind)).toEqual(['COLUMNS', 'ROWS', 'PROBLEM'])
    expectClean(parts[0])
    expect(parts[1]).toEqual(rows)
    expectClean(parts[2])
  })

  test('nor does a list by what is told of its items and of itself, while what comes back from clients passes', async () => {
    const entry = { name: password, kind: 'TABLE', hasChildren: true, query: { sql: telling } } as const
    const host = sayingHost({
      listing: {
        items: [
          { ...entry, nativeKind: telling, comment: telling, problem: tellingProblem },
          { ...entry, column: { nativeType: telling, type: 'TEXT', isNullable: true } },
        ],
        next: key,
        problem: tellingProblem,
      },
    })
    const { items, next, problem } = await host.list(listingJob, jobOptions())
    expect(next).toBe(key)
    expectClean(problem)
    expect(items).toMatchObject([entry, { ...entry, column: { type: 'TEXT', isNullable: true } }])
    for (const { name, query, ...told } of items as readonly (typeof entry)[]) expectClean(told)
  })

  test('nor by what is told of values for a field', async () => {
    const listing: Listing = { items: [{ value: key, label: telling, help: telling }], next: null, problem: null }
    const { items } = await sayingHost({ listing }).list(listingJob, jobOptions())
    const [{ value, ...told }] = items as [{ value: string }]
    expect(value).toBe(key)
    expect(Object.keys(told)).toEqual(['label', 'help'])
    expectClean(told)
  })

  test('each run knows its own secrets only', async () => {
    const host = sayingHost({ outcome: { kind: 'FAILED', problem: problem('UNCLASSIFIED', { detail: key }) } })
    const job = { ...testJob, config: { host: 'vault.example', auth: { none: {} }, tls: {} } }
    expect(await host.test(job, () => undefined, jobOptions())).toMatchObject({ problem: { detail: key } })
    expect(await host.test(testJob, () => undefined, jobOptions())).toMatchObject({ problem: { detail: mask } })
  })

  test('leaving a stream leaves that of the host', async () => {
    const host = sayingHost({})
    let left = false
    const inner: ConnectorHost = {
      ...host,
      async *stream() {
        try {
          for (;;) yield rowsOf([])
        } finally {
          left = true
        }
      },
    }
    for await (const _ of createScrubbingHost(inner, registry).stream(queryJob, jobOptions())) break
    expect(left).toBe(true)
  })

  test('what onStep throws is thrown', async () => {
    const host = sayingHost({ steps: [{ kind: 'STEP_STARTED', stepId: 'CONNECT' }] })
    const fault = new Error('not a step')
    await expect(
      host.test(
        testJob,
        () => {
          throw fault
        },
        jobOptions(),
      ),
    ).rejects.toBe(fault)
  })
})
