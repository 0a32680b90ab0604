import { execSync } from 'node:child_process'
import { readFileSync, writeFileSync, writeSync } from 'node:fs'
import { open as openInspector } from 'node:inspector'
import { createConnection } from 'node:net'
import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import {
  defineConnector,
  failed,
  passed,
  plannedStep,
  type QueryOutcome,
  type Step,
  type StepContext,
  type TestRun,
} from '../../../src/connectors/define.ts'
import { defineForm, field } from '../../../src/connectors/form.ts'
import { encodeFrame } from '../../../src/connectors/host/frames.ts'
import { problem } from '../../../src/connectors/problem.ts'

/** A connector type that misbehaves on demand: its form names the behaviour of its CONNECT step. */
export type Behaviour = keyof typeof behaviours

const never = () => new Promise<never>(() => {})
const text = (label: string, value: unknown) => ({ kind: 'TEXT', label, value: String(value) }) as const

/** What became of something that the sandbox should forbid: an error's code, or `ALLOWED`. */
async function attempt(label: string, action: () => unknown) {
  try {
    await action()
    return text(label, 'ALLOWED')
  } catch (error) {
    return text(label, (error as { code?: string }).code ?? (error as Error).name)
  }
}

/** Writes straight to the channel, as code that a hostile server took over could. */
const say = (bytes: Uint8Array) => writeSync(3, bytes)

const behaviours = {
  passes: async () => passed([text('pid', process.pid)]),
  fails: async () => failed(problem('CONNECTION_REFUSED', { params: { host: 'db', port: 1 } })),
  waits: (context: StepContext) =>
    new Promise((_, reject) => {
      context.note('waiting')
      context.signal.addEventListener('abort', () => reject(context.signal.reason))
    }),
  hangs: (context: StepContext) => {
    context.note('hanging')
    return never()
  },
  spins: async (context: StepContext) => {
    context.note('spinning')
    await new Promise(resolve => setTimeout(resolve, 10))
    for (;;);
  },
  throws: async () => {
    throw Object.assign(new Error('the driver says no'), { code: 'ENOPE' })
  },
  throwsLater: () => {
    setTimeout(() => {
      throw Object.assign(new TypeError('a secret: hunter2'), { code: 'ELATER' })
    })
    return never()
  },
  rejectsLater: () => {
    Promise.reject(new RangeError('a secret: hunter2'))
    return never()
  },
  exits: async () => process.exit(0),
  crashes: async () => {
    process.abort()
  },
  leaks: async () => {
    const kept: Buffer[] = []
    for (;;) {
      kept.push(Buffer.alloc(8 * 2 ** 20, 1))
      await new Promise(resolve => setTimeout(resolve, 1))
    }
  },
  exhaustsHeap: async () => {
    const kept: object[] = []
    for (;;) kept.push(Array.from({ length: 1_000 }, (_, index) => ({ index })))
  },
  chatters: async (context: StepContext) => {
    for (let note = 1; note <= 10_000; note += 1) context.note(`note ${note}`)
    return passed()
  },
  reportsMemory: () => {
    say(encodeFrame({ kind: 'MEMORY', residentMb: 5_000 }))
    return never()
  },
  sendsGarbage: () => {
    say(Buffer.from('this is no frame at all'))
    return never()
  },
  sendsBadJson: () => {
    say(Buffer.from([0, 0, 0, 3, 0x7b, 0x7b, 0x7b]))
    return never()
  },
  announcesGigabytes: () => {
    say(Buffer.from([0xff, 0xff, 0xff, 0xff, 1]))
    return never()
  },
  floodsMessages: async () => {
    const note = { kind: 'STEP', jobId: 1, step: { kind: 'STEP_PROGRESSED', stepId: 'CONNECT', note: 'flood' } }
    const frame = encodeFrame(note)
    const sayAll = () => {
      try {
        for (;;) say(frame)
      } catch {
        setImmediate(sayAll)
      }
    }
    sayAll()
    return never()
  },
  claimsPassOfOtherStep: () => {
    const report = { status: 'PASSED', evidence: [], problem: null }
    say(encodeFrame({ kind: 'STEP', jobId: 1, step: { kind: 'STEP_FINISHED', stepId: 'READ', durationMs: 1, report } }))
    return never()
  },
  claimsDone: () => {
    say(encodeFrame({ kind: 'TEST_DONE', jobId: 1, leftovers: false }))
    return never()
  },
  inspectsSandbox: async ({ target }: StepContext) => {
    const [secretFile = '', ownFile = ''] = (target ?? '').split('|')
    return passed([
      text('environment', JSON.stringify(process.env)),
      await attempt('read of the secret file', () => readFileSync(secretFile)),
      await attempt('read of the secret file by a detour', () => readFileSync(`${ownFile}/../../../${secretFile}`)),
      await attempt('read of own code', () => readFileSync(ownFile)),
      await attempt('read of own environment', () => readFileSync('/proc/self/environ')),
      await attempt("read of the parent's environment", () => readFileSync(`/proc/${process.ppid}/environ`)),
      await attempt('write beside own code', () => writeFileSync(`${ownFile}.new`, '')),
      await attempt('database file', async () => {
        const { DatabaseSync } = await import('node:sqlite')
        return new DatabaseSync(secretFile)
      }),
      await attempt('native add-on', () => process.dlopen({ exports: {} }, ownFile)),
      await attempt('process', () => execSync('true')),
      await attempt('worker thread', () => new Worker('1', { eval: true })),
      await attempt('inspector', () => openInspector(0)),
      // biome-ignore lint/security/noGlobalEval: that it is impossible is the point.
      await attempt('eval', () => globalThis.eval('1')),
      await attempt('Function', () => new Function('return 1')()),
      await attempt('socket', () => createConnection({ port: 1, host: '127.0.0.1' }).on('error', () => {})),
    ])
  },
} as const satisfies Record<string, (context: StepContext) => Promise<unknown>>

function startTest(config: { behaviour?: string; closes?: boolean }): TestRun {
  const behaviour = config.behaviour as Behaviour
  if (config.behaviour === 'startThrows') throw new SyntaxError('a bug')
  const steps: { [key: string]: Step } = {
    RESOLVE: async () => passed(),
    CONNECT: behaviours[behaviour] as Step,
    READ: async () => passed([text('pid', process.pid)]),
  }
  if (config.behaviour === 'lacksStep') delete steps['READ']
  return { steps, close: async () => (config.closes === false ? never() : undefined) }
}

const queries: { readonly [name: string]: (signal: AbortSignal) => Promise<QueryOutcome> } = {
  rows: async () => ({
    kind: 'RESULT',
    result: {
      columns: [{ name: 'n', nativeType: 'int4', type: 'INTEGER' }],
      rows: Array.from({ length: 100 }, (_, n) => [n]),
      truncated: false,
    },
  }),
  wide: async () => ({
    kind: 'RESULT',
    result: {
      columns: [{ name: 'text', nativeType: 'text', type: 'TEXT' }],
      rows: Array.from({ length: 100 }, () => ['x'.repeat(1_000)]),
      truncated: false,
    },
  }),
  problem: async () => ({ kind: 'PROBLEM', problem: problem('OBJECT_NOT_FOUND') }),
  throws: async () => {
    throw new Error('relation is bent')
  },
  hangs: never,
  waits: signal => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  sendsTooManyRows: () => {
    const columns = [{ name: 'n', nativeType: 'int4', type: 'INTEGER' }]
    const result = { columns, rows: Array.from({ length: 11 }, () => [1]), truncated: false }
    say(encodeFrame({ kind: 'QUERY_DONE', jobId: 1, outcome: { kind: 'RESULT', result } }))
    return never()
  },
  sendsRaggedRows: () => {
    const columns = [{ name: 'n', nativeType: 'int4', type: 'INTEGER' }]
    say(
      encodeFrame({
        kind: 'QUERY_DONE',
        jobId: 1,
        outcome: { kind: 'RESULT', result: { columns, rows: [[1, 2]], truncated: false } },
      }),
    )
    return never()
  },
  sendsTooManyBytes: () => {
    say(Buffer.from([0x00, 0x40, 0x00, 0x00]))
    return never()
  },
}

export const madeUpType = defineConnector({
  name: 'MADE_UP',
  inputKey: 'madeUp',
  version: 1,
  kind: 'GENERIC',
  category: 'DEVELOPMENT',
  label: 'Made up',
  description: 'Misbehaves on demand.',
  docsPath: 'connectors/made-up.md',
  capabilities: [],
  form: defineForm({ fields: { behaviour: field(z.string(), { label: 'Behaviour' }) } }),
  queryForm: defineForm({ fields: { name: field(z.string(), { label: 'Query' }) } }),
  plan: () => madeUpPlan(),
  problems: [],
  queryBudgetMs: () => 1_000,
  loadSteps: async () => ({ startTest }),
  loadQuery: async () => ({
    runQuery: (_config, { name }, { signal }) => (queries[name] ?? never)(signal),
  }),
})

export const madeUpPlan = (options: { budgetMs?: number; target?: string } = {}) => [
  plannedStep('RESOLVE', 'Resolve'),
  { ...plannedStep('CONNECT', 'Connect', { budgetMs: options.budgetMs ?? 20_000 }), target: options.target ?? null },
  plannedStep('READ', 'Read'),
]
