import { describe, expect, test, vi } from 'vitest'
import type { PlannedStep, StepKey } from '../../../src/connectors/connection-test.ts'
import {
  failed,
  passed,
  plannedStep,
  type Step,
  skipped,
  type TestRun,
  warning,
} from '../../../src/connectors/define.ts'
import type { StepMessage } from '../../../src/connectors/host/protocol.ts'
import { runTest, StepWithoutFunctionError } from '../../../src/connectors/host/run-test.ts'
import { problem } from '../../../src/connectors/problem.ts'
import { environment, statuses } from './made-up-host.ts'
import { madeUpType } from './made-up-type.ts'

const never: Step = () => new Promise(() => {})
const refused = problem('CONNECTION_REFUSED', { params: { host: 'db', port: 1 } })
const unmeasured = problem('PRIVILEGES_UNKNOWN')

interface Setting {
  readonly plan?: readonly PlannedStep[]
  readonly run?: Partial<TestRun>
  readonly config?: unknown
  readonly signal?: AbortSignal
  readonly onMessage?: (message: StepMessage) => void
}

/** Runs a plan of the given steps, each planned by its key unless the setting has a plan. */
async function walk(steps: TestRun['steps'], setting: Setting = {}) {
  const messages: StepMessage[] = []
  const close = vi.fn(async () => {})
  const run: TestRun = { steps, close, ...setting.run }
  const type = { ...madeUpType, loadSteps: async () => ({ startTest: () => run }) }
  const plan = setting.plan ?? (Object.keys(steps) as StepKey[]).map(key => plannedStep(key, key))
  const end = await runTest(
    type,
    { kind: 'TEST', typeName: type.name, config: setting.config ?? {}, plan, environment },
    message => {
      messages.push(message)
      setting.onMessage?.(message)
    },
    setting.signal ?? new AbortController().signal,
  )
  return { messages, end, close, report: (stepId: string) => reportOf(messages, stepId) }
}

function reportOf(messages: readonly StepMessage[], stepId: string) {
  const found = messages.filter(message => message.kind === 'STEP_FINISHED' && message.stepId === stepId)
  expect(found).toHaveLength(1)
  const [message] = found
  if (message?.kind !== 'STEP_FINISHED') throw new Error('unreachable')
  return { durationMs: message.durationMs, ...message.report }
}

describe('the order of a test', () => {
  test('every step starts after the one before it has ended, and the run is closed', async () => {
    const { messages, close, end } = await walk({
      RESOLVE: async () => passed(),
      CONNECT: async () => warning(problem('CONNECTION_NOT_ENCRYPTED')),
      READ: async () => passed(),
    })
    expect(messages.map(({ kind, stepId }) => `${kind} ${stepId}`)).toEqual([
      'STEP_STARTED RESOLVE',
      'STEP_FINISHED RESOLVE',
      'STEP_STARTED CONNECT',
      'STEP_FINISHED CONNECT',
      'STEP_STARTED READ',
      'STEP_FINISHED READ',
    ])
    expect(statuses(messages)).toEqual(['RESOLVE PASSED', 'CONNECT WARNING', 'READ PASSED'])
    expect(close).toHaveBeenCalledOnce()
    expect(end.leftovers).toBe(false)
  })

  test('durations are whole milliseconds of steps that ran, and of no others', async () => {
    const { report } = await walk({ RESOLVE: async () => failed(refused), READ: async () => passed() })
    expect(report('RESOLVE').durationMs).toSatisfy(Number.isInteger)
    expect(report('READ').durationMs).toBeNull()
  })

  test('steps share a run, and repeat for several targets', async () => {
    const targets: (string | null)[] = []
    const plan = [plannedStep('CONNECT', 'one', { target: 'a:1' }), plannedStep('CONNECT', 'two', { target: 'b:2' })]
    const connect: Step = async ({ target }) => {
      targets.push(target)
      return passed()
    }
    const { messages } = await walk({ CONNECT: connect }, { plan })
    expect(targets).toEqual(['a:1', 'b:2'])
    expect(statuses(messages)).toEqual(['CONNECT:a:1 PASSED', 'CONNECT:b:2 PASSED'])
  })
})

describe('a step that stands in the way', () => {
  const outcomes = { failed: failed(refused), 'not measurable': skipped(unmeasured) }
  for (const [name, outcome] of Object.entries(outcomes)) {
    test(`a required step that is ${name} blocks the rest`, async () => {
      const read = vi.fn<Step>(async () => passed())
      const { messages, report } = await walk({
        CONNECT: async () => outcome,
        READ: read,
        LEAST_PRIVILEGE: read,
      })
      expect(statuses(messages)).toEqual([`CONNECT ${outcome.status}`, 'READ SKIPPED', 'LEAST_PRIVILEGE SKIPPED'])
      expect(report('CONNECT')).toMatchObject({ problem: outcome.problem })
      expect(report('READ')).toMatchObject({ blockedBy: 'CONNECT', problem: null, evidence: [] })
      expect(report('LEAST_PRIVILEGE').blockedBy).toBe('CONNECT')
      expect(read).not.toHaveBeenCalled()
    })

    test(`a step that is not required and is ${name} blocks nothing`, async () => {
      const plan = [plannedStep('TOPOLOGY', 'members', { required: false }), plannedStep('READ', 'read')]
      const { messages } = await walk({ TOPOLOGY: async () => outcome, READ: async () => passed() }, { plan })
      expect(statuses(messages)).toEqual([`TOPOLOGY ${outcome.status}`, 'READ PASSED'])
    })
  }
})

describe('a step that runs out of its budget', () => {
  const codes = {
    RESOLVE: 'NAME_RESOLUTION_TIMED_OUT',
    EGRESS: 'STEP_TIMED_OUT',
    TUNNEL: 'STEP_TIMED_OUT',
    CONNECT: 'CONNECTION_TIMED_OUT',
    GREET: 'NO_GREETING',
    SECURE: 'TLS_TIMED_OUT',
    TOPOLOGY: 'STEP_TIMED_OUT',
    SIGN_IN: 'SIGN_IN_TIMED_OUT',
    OPEN: 'STEP_TIMED_OUT',
    READ: 'STEP_TIMED_OUT',
    LEAST_PRIVILEGE: 'STEP_TIMED_OUT',
  } as const satisfies Record<StepKey, string>

  test.each(Object.entries(codes))('%s fails as %s although its driver never settles', async (key, code) => {
    const plan = [plannedStep(key as StepKey, key, { budgetMs: 20 })]
    const config = { host: 'db.example.com', port: 5432 }
    const { report, end } = await walk({ [key]: never }, { plan, config })
    expect(report(key)).toMatchObject({ status: 'FAILED', problem: { code, params: { seconds: 0.02 } } })
    expect(report(key).problem?.message).not.toContain('?')
    expect(report(key).durationMs).toBeGreaterThanOrEqual(19)
    expect(end.leftovers).toBe(true)
  })

  test('the problem names the endpoint of the step where it has one', async () => {
    const plan = [plannedStep('CONNECT', 'connect', { budgetMs: 10, target: '[::1]:5433' })]
    const { report } = await walk({ CONNECT: never }, { plan })
    expect(report('CONNECT:[::1]:5433').problem?.params).toMatchObject({ host: '[::1]', port: '5433' })
  })

  test('the run words its own problem, unless it cannot', async () => {
    const plan = [plannedStep('CONNECT', 'connect', { budgetMs: 10 })]
    const own = problem('CONNECTION_TIMED_OUT', { fields: ['host'] })
    const worded = await walk({ CONNECT: never }, { plan, run: { timedOut: () => own } })
    expect(worded.report('CONNECT').problem).toEqual(own)
    const broken = () => {
      throw new Error('no words')
    }
    const fallback = await walk({ CONNECT: never }, { plan, run: { timedOut: broken } })
    expect(fallback.report('CONNECT').problem?.code).toBe('CONNECTION_TIMED_OUT')
  })

  test('what the driver says once it hears of the end no longer counts', async () => {
    const plan = [plannedStep('CONNECT', 'connect', { budgetMs: 10 }), plannedStep('READ', 'read')]
    const { messages, report, end } = await walk(
      {
        CONNECT: ({ signal, note }) =>
          new Promise(resolve => {
            signal.addEventListener('abort', () => {
              note('too late')
              resolve(passed())
            })
          }),
        READ: async () => passed(),
      },
      { plan },
    )
    expect(report('CONNECT').status).toBe('FAILED')
    expect(statuses(messages)).toEqual(['CONNECT FAILED', 'READ SKIPPED'])
    expect(messages.filter(({ kind }) => kind === 'STEP_PROGRESSED')).toEqual([])
    expect(end.leftovers).toBe(false)
  })
})

describe('cancellation', () => {
  test('the running step and the rest are cancelled, and the step is told', async () => {
    const stop = new AbortController()
    let told: AbortSignal | undefined
    const { messages, report } = await walk(
      {
        RESOLVE: async () => passed(),
        CONNECT: ({ signal }) => {
          told = signal
          return never({} as never)
        },
        READ: async () => passed(),
      },
      {
        signal: stop.signal,
        onMessage: message => {
          if (message.kind === 'STEP_STARTED' && message.stepId === 'CONNECT') queueMicrotask(() => stop.abort())
        },
      },
    )
    expect(statuses(messages)).toEqual(['RESOLVE PASSED', 'CONNECT CANCELLED', 'READ CANCELLED'])
    expect(report('CONNECT').durationMs).toSatisfy(Number.isInteger)
    expect(report('READ').durationMs).toBeNull()
    expect(told?.aborted).toBe(true)
  })

  test('a test cancelled before it begins runs nothing', async () => {
    const step = vi.fn<Step>(async () => passed())
    const { messages, close } = await walk({ RESOLVE: step, READ: step }, { signal: AbortSignal.abort() })
    expect(statuses(messages)).toEqual(['RESOLVE CANCELLED', 'READ CANCELLED'])
    expect(messages).toHaveLength(2)
    expect(step).not.toHaveBeenCalled()
    expect(close).toHaveBeenCalledOnce()
  })

  test('a step cannot claim a cancellation that nobody asked for', async () => {
    const { report } = await walk({ READ: async () => ({ status: 'CANCELLED', evidence: [], problem: null }) })
    expect(report('READ')).toMatchObject({ status: 'FAILED', problem: { code: 'UNCLASSIFIED' } })
  })
})

describe('errors', () => {
  test('a thrown error is an unclassified failure of that step, cleaned', async () => {
    const { report } = await walk({
      SIGN_IN: async () => {
        throw Object.assign(new Error('\u001b[31mno\u0000'), { code: 'EWEIRD' })
      },
      READ: async () => passed(),
    })
    expect(report('SIGN_IN')).toMatchObject({
      status: 'FAILED',
      problem: { code: 'UNCLASSIFIED', detail: expect.stringMatching(/^SIGN_IN: +\[31mno +\(EWEIRD\)$/) },
    })
    expect(report('READ').blockedBy).toBe('SIGN_IN')
  })

  test('a step that throws at once, or throws no error, fails all the same', async () => {
    const atOnce = (() => {
      throw 'just words'
    }) as Step
    const { report } = await walk({ READ: atOnce })
    expect(report('READ').problem?.detail).toBe('READ: just words')
  })

  test('a planned step without a function is a bug: nothing runs, and the run is closed', async () => {
    const resolve = vi.fn<Step>(async () => passed())
    const close = vi.fn(async () => {})
    const plan = [plannedStep('RESOLVE', 'resolve'), plannedStep('READ', 'read')]
    await expect(walk({ RESOLVE: resolve }, { plan, run: { close } })).rejects.toThrow(StepWithoutFunctionError)
    expect(resolve).not.toHaveBeenCalled()
    expect(close).toHaveBeenCalledOnce()
  })

  test('a run that does not close, or fails to, ends the test as it was and leaves something behind', async () => {
    vi.useFakeTimers()
    try {
      const hanging = walk({ READ: async () => passed() }, { run: { close: () => new Promise(() => {}) } })
      await vi.advanceTimersByTimeAsync(2_000)
      expect((await hanging).end.leftovers).toBe(true)
      const failing = () => Promise.reject(new Error('cannot close'))
      const { messages, end } = await walk({ READ: async () => passed() }, { run: { close: failing } })
      expect(statuses(messages)).toEqual(['READ PASSED'])
      expect(end.leftovers).toBe(true)
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('notes', () => {
  const notes = (messages: readonly StepMessage[]) =>
    messages.flatMap(message => (message.kind === 'STEP_PROGRESSED' ? [message.note] : []))

  test('are cleaned and cut', async () => {
    const { messages } = await walk({
      OPEN: async ({ note }) => {
        note(`\u0007warehouse\n${'x'.repeat(500)}`)
        return passed()
      },
    })
    expect(notes(messages)).toHaveLength(1)
    expect(notes(messages)[0]).toMatch(/^warehouse x+…$/)
    expect(notes(messages)[0]).toHaveLength(200)
  })

  test('come at most ten times a second, and the last one always comes', async () => {
    vi.useFakeTimers()
    try {
      let count = 0
      const walking = walk({
        OPEN: async ({ note }) => {
          for (; count < 100; count += 1) {
            note(`note ${count}`)
            await new Promise(resolve => setTimeout(resolve, 10))
          }
          note('last')
          return passed()
        },
      })
      await vi.advanceTimersByTimeAsync(1_100)
      const { messages } = await walking
      const seen = notes(messages)
      expect(seen.length).toBeGreaterThan(1)
      expect(seen.length).toBeLessThanOrEqual(10)
      expect(seen[0]).toBe('note 0')
      expect(seen.at(-1)).toBe('last')
      expect(messages.at(-1)?.kind).toBe('STEP_FINISHED')
    } finally {
      vi.useRealTimers()
    }
  })
})
