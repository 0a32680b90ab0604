import { execSync } from 'node:child_process'
import { readFileSync, writeFileSync, writeSync } from 'node:fs'
import { open as openInspector } from 'node:inspector'
import { createConnection } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import { z } from 'zod'
import {
  defineConnector,
  failed,
  passed,
  plannedStep,
  type QueryEnd,
  type Row,
  type RowSink,
  type Step,
  type StepContext,
  type TestRun,
} from '../../../src/connectors/define.ts'
import { defineForm, field } from '../../../src/connectors/form.ts'
import { encodeFrame } from '../../../src/connectors/host/frames.ts'
import { rowsFrame } from '../../../src/connectors/host/rows-message.ts'
import type { JsonValue } from '../../../src/connectors/json.ts'
import { JsonRows } from '../../../src/connectors/json-rows.ts'
import { problem } from '../../../src/connectors/problem.ts'
import { madeUpBrowse } from './made-up-lists.ts'

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
  saysTooMuch: async (context: StepContext) => {
    const words = 'no entry for host \u001b[31m'.repeat(400_000)
    context.note(words)
    const evidence = Array.from({ length: 1_000 }, () => text(words, words))
    const known = problem('HOST_RULE_REJECTED', { params: { host: words, words: [words] }, detail: words })
    return failed({ ...known, message: words }, evidence)
  },
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

const complete: QueryEnd = { kind: 'COMPLETE', truncated: false }
const numbers = [{ name: 'n', nativeType: 'int4', type: 'INTEGER' }] as const
const texts = [{ name: 'text', nativeType: 'text', type: 'TEXT' }] as const

/** Writes a message about the first job straight to the channel. */
const sayOfJob = (message: object) => say(encodeFrame({ jobId: 1, ...message }))

/** The same for rows, and for what is said to be so many. */
const sayRows = (json: string | Buffer, count: number) => say(Buffer.concat(rowsFrame(1, count, Buffer.from(json))))
/** Columns, these rows and an end that does not know of anything wrong. */
const claims =
  (json: string | Buffer, count: number): MadeUpQuery =>
  async () => {
    sayOfJob({ kind: 'COLUMNS', columns: numbers })
    sayRows(json, count)
    return complete
  }

type MadeUpQuery = (sink: RowSink, signal: AbortSignal) => Promise<QueryEnd>

/** What a leak would leave behind in a process. */
const kept: Buffer[] = []

/** The same row over and over, for as long as it is wanted. */
async function giveRows(sink: RowSink, row: Row, count: number): Promise<QueryEnd> {
  sink.columns(texts)
  for (let left = count; left > 0; left -= 100) {
    if (!(await sink.rows(Array.from({ length: Math.min(left, 100) }, () => row)))) break
  }
  return complete
}

const queries: { readonly [name: string]: MadeUpQuery } = {
  rows: async sink => {
    sink.columns(numbers)
    await sink.rows(Array.from({ length: 100 }, (_, n) => [n]))
    return complete
  },
  pid: sink => giveRows(sink, [String(process.pid)], 1),
  wide: sink => giveRows(sink, ['x'.repeat(1_000)], 100),
  nothing: async sink => {
    sink.columns(numbers)
    return complete
  },
  truncatedBySource: async sink => {
    sink.columns(numbers)
    await sink.rows([[1]])
    return { kind: 'COMPLETE', truncated: true }
  },
  manyRows: sink => giveRows(sink, ['x'.repeat(1_000)], 200_000),
  endless: sink => giveRows(sink, ['x'.repeat(1_000)], Number.POSITIVE_INFINITY),
  hugeRow: sink => giveRows(sink, ['x'.repeat(5 * 2 ** 20)], 3),
  giganticRow: sink => giveRows(sink, ['x'.repeat(40 * 2 ** 20)], 1),
  manyColumns: async sink => {
    sink.columns(Array.from({ length: 10_001 }, () => numbers[0]))
    return complete
  },
  longColumnNames: async sink => {
    sink.columns(Array.from({ length: 9_000 }, () => ({ ...numbers[0], name: 'n'.repeat(10_000) })))
    return complete
  },
  longName: async sink => {
    sink.columns([{ ...numbers[0], name: 'n'.repeat(100_000), nativeType: 't'.repeat(100_000) }])
    return complete
  },
  deepValue: async sink => {
    sink.columns(texts)
    await sink.rows([[JSON.parse(`${'['.repeat(500)}${']'.repeat(500)}`) as JsonValue]])
    return complete
  },
  raggedRow: async sink => {
    sink.columns(numbers)
    await sink.rows([[1, 2]])
    return complete
  },
  goesOn: async sink => {
    sink.columns(numbers)
    while (await sink.rows([[1]]));
    await sink.rows([[1]])
    return complete
  },
  neverEnds: async sink => {
    sink.columns(numbers)
    while (await sink.rows([[1]]));
    return never()
  },
  failsHalfway: async sink => {
    sink.columns(numbers)
    await sink.rows([[1], [2]])
    return { kind: 'PROBLEM', problem: problem('CONNECTION_RESET', { params: { host: 'db' } }) }
  },
  floodOfWords: async () => {
    const words = '\u001b[2J'.repeat(3_000_000)
    const known = problem('UNCLASSIFIED', { params: { host: words, list: [words] } })
    return { kind: 'PROBLEM', problem: { ...known, message: words, detail: words } }
  },
  keepsMemory: async sink => {
    kept.push(Buffer.alloc(150 * 2 ** 20, 1))
    sink.columns(numbers)
    return complete
  },
  /** As a type whose rows are JSON before anybody wants them. */
  json: async sink => {
    sink.columns(texts)
    const rows = new JsonRows(1)
    for (let left = 10_000; left > 0; left -= 1_000) {
      rows.clear()
      for (let n = 0; n < 1_000; n += 1) {
        rows.begin()
        rows.textFrom(Buffer.from('x'.repeat(1_000)), 0, 1_000)
        rows.finish()
      }
      if (!(await sink.json(rows))) break
    }
    return complete
  },
  raggedJson: async sink => {
    sink.columns(numbers)
    const rows = new JsonRows(2)
    rows.add([1, 2])
    await sink.json(rows)
    return complete
  },
  problem: async () => ({ kind: 'PROBLEM', problem: problem('OBJECT_NOT_FOUND') }),
  throws: async () => {
    throw new Error('relation is bent')
  },
  hangs: never,
  waits: (_sink, signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  ignoresCredits: async () => {
    sayOfJob({ kind: 'COLUMNS', columns: texts })
    const rows = Array.from({ length: 200 }, () => JSON.stringify(['x'.repeat(1_000)])).join(',')
    for (let sent = 0; sent < 40; sent += 1) {
      try {
        sayRows(rows, 200)
      } catch {
        // The pipe is full: half a message may have gone out, which is out of order too.
        await new Promise(resolve => setImmediate(resolve))
      }
    }
    return never()
  },
  sendsTooManyRows: () => {
    sayOfJob({ kind: 'COLUMNS', columns: numbers })
    sayRows('[1],'.repeat(11).slice(0, -1), 11)
    return never()
  },
  sendsRaggedRows: claims('[1],[1,2]', 2),
  sendsFewerRowsThanItSays: claims('[1000]', 2),
  sendsMoreRowsThanItSays: claims('[1],[2]', 1),
  sendsRowsThatAreNone: claims('[1],{"length":1}', 2),
  sendsNoJson: claims('[1', 1),
  sendsRowsAndMore: claims('[1]],[[2]', 2),
  sendsDeepRows: claims(`[${'['.repeat(300)}${']'.repeat(300)}]`, 1),
  sendsEndlessBrackets: claims('['.repeat(500), 1),
  sendsNoRows: claims('', 0),
  sendsEmptyRows: claims('[]', 0xffff_ffff),
  sendsBrokenText: claims(Buffer.from([0x5b, 0x22, 0xff, 0x22, 0x5d]), 1),
  liesOnce: async sink => {
    await claims('[1],[1,2]', 2)(sink, AbortSignal.timeout(1_000))
    sayRows('[3]', 1)
    return complete
  },
  sendsRowsFirst: () => {
    sayRows('[1]', 1)
    return never()
  },
  sendsColumnsTwice: () => {
    sayOfJob({ kind: 'COLUMNS', columns: numbers })
    sayOfJob({ kind: 'COLUMNS', columns: numbers })
    return never()
  },
  sendsMoreBytesThanAllowed: () => {
    sayOfJob({ kind: 'COLUMNS', columns: texts })
    sayRows(JSON.stringify(['x'.repeat(2_000)]), 1)
    return never()
  },
  sendsTooManyBytes: () => {
    say(Buffer.from([0x00, 0x40, 0x00, 0x00]))
    return never()
  },
}

/** `takes 100`: 100 ms, and no rows. */
const queryThatTakes =
  (name: string): MadeUpQuery =>
  async sink => {
    await delay(Number(/^takes (\d+)$/.exec(name)?.[1]))
    sink.columns(numbers)
    return complete
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
  keywords: [],
  logo: { color: '#000000', shape: '' },
  maturity: { level: 'STABLE' },
  drivers: [],
  form: defineForm({
    fields: {
      behaviour: field(z.string(), { label: 'Behaviour' }),
      names: field(z.string().optional(), { label: 'Names', liveOptions: {} }),
      claimsEntries: field(z.string().optional(), { label: 'Claims entries', liveOptions: {} }),
    },
  }),
  queryForm: defineForm({ fields: { name: field(z.string(), { label: 'Query' }) } }),
  plan: () => madeUpPlan(),
  problems: [],
  queryBudgetMs: () => 1_000,
  loadSteps: async () => ({ startTest }),
  loadQuery: async () => ({
    runQuery: (_config, { name }, { signal }, sink) => (queries[name] ?? queryThatTakes(name))(sink, signal),
  }),
  loadBrowse: async () => madeUpBrowse,
})

/** The same, with a driver that spoils its process. */
export const spoilingType: typeof madeUpType = {
  ...madeUpType,
  name: 'SPOILING',
  inputKey: 'spoiling',
  needsOwnProcess: true,
}

export const madeUpPlan = (options: { budgetMs?: number; target?: string } = {}) => [
  plannedStep('RESOLVE', 'Resolve'),
  { ...plannedStep('CONNECT', 'Connect', { budgetMs: options.budgetMs ?? 20_000 }), target: options.target ?? null },
  plannedStep('READ', 'Read'),
]
