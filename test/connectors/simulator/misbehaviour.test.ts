import { describe, expect, it } from 'vitest'
import type { StepMessage } from '../../../src/connectors/host/protocol.ts'
import { simulatedKeys } from '../../../src/connectors/simulator/step-keys.ts'
import { madeUpHost, play, statuses } from '../host/made-up-host.ts'
import { realChild } from './real-child.ts'
import { jobFor } from './simulate.ts'

const read = (step: object) => jobFor({ steps: [{ step: 'READ', ...step }] })
const failure = (reason: string) => ({
  kind: 'FAILED',
  problem: { code: 'CONNECTOR_HOST_FAILED', origin: 'PATCHBAY', params: { reason } },
})
const reportOf = (messages: readonly StepMessage[], stepId: string) =>
  messages.find(message => message.kind === 'STEP_FINISHED' && message.stepId === stepId)

describe('a step that misbehaves', () => {
  it.each([
    ['CRASH', 'it crashed'],
    ['EXIT', 'it crashed'],
  ])('%s takes its process along, and the next test gets another one', async (outcome, reason) => {
    await using host = disposable(madeUpHost(realChild))
    const lost = await play(host, read({ outcome }))
    expect(lost.outcome).toMatchObject(failure(reason))
    expect(statuses(lost.messages).at(-1)).toBe('OPEN PASSED')
    expect(lost.messages.at(-1)).toEqual({ kind: 'STEP_STARTED', stepId: 'READ' })
    expect((await play(host, read({}))).outcome).toEqual({ kind: 'COMPLETED' })
  })

  it('EAT_MEMORY is ended by the watchdog', async () => {
    await using host = disposable(madeUpHost({ ...realChild, maxChildRssMb: 250 }))
    const { outcome } = await play(host, read({ outcome: 'EAT_MEMORY', budgetMs: 60_000 }), { deadlineMs: 60_000 })
    expect(outcome).toMatchObject({ kind: 'FAILED', problem: { code: 'MEMORY_EXCEEDED', origin: 'PATCHBAY' } })
  })

  it("BURN_CPU hears nothing of its budget: the test's deadline ends it", async () => {
    await using host = disposable(madeUpHost(realChild))
    const { outcome, messages } = await play(host, read({ outcome: 'BURN_CPU', budgetMs: 50 }), { deadlineMs: 3_000 })
    expect(outcome).toMatchObject({ kind: 'FAILED', problem: { code: 'DEADLINE_EXCEEDED', params: { seconds: 3 } } })
    expect(reportOf(messages, 'READ')).toBeUndefined()
  })

  it('BURN_CPU is cancelled by ending its process', async () => {
    await using host = disposable(madeUpHost({ ...realChild, killGraceMs: 100 }))
    const stop = new AbortController()
    const { outcome, messages } = await play(host, read({ outcome: 'BURN_CPU' }), { signal: stop.signal }, message => {
      if (message.kind === 'STEP_STARTED' && message.stepId === 'READ') stop.abort()
    })
    expect(outcome).toEqual({ kind: 'COMPLETED' })
    expect(statuses(messages).slice(-2)).toEqual(['READ CANCELLED', 'LEAST_PRIVILEGE CANCELLED'])
  })

  it('THROW is an unknown failure of that step', async () => {
    await using host = disposable(madeUpHost(realChild))
    const { messages } = await play(host, read({ outcome: 'THROW' }))
    expect(reportOf(messages, 'READ')).toMatchObject({
      report: { status: 'FAILED', problem: { code: 'UNCLASSIFIED', detail: expect.stringContaining('ESIMULATED') } },
    })
  })

  it('HANG ends at its budget with the problem of such a step, or the one that was asked for', async () => {
    await using host = disposable(madeUpHost(realChild))
    const hang = { outcome: 'HANG', budgetMs: 60, required: false }
    const steps = [
      { ...hang, step: 'RESOLVE' },
      { ...hang, step: 'CONNECT', remedies: ['ALLOW_ADDRESS'] },
      { ...hang, step: 'OPEN' },
      { ...hang, step: 'READ', problem: 'STATEMENT_TIMED_OUT' },
    ]
    const { messages } = await play(host, jobFor({ host: 'far.example.com', steps }))
    const problem = (code: string) => ({ report: { status: 'FAILED', problem: { code, params: { seconds: 0.06 } } } })
    expect(reportOf(messages, 'RESOLVE')).toMatchObject(problem('NAME_RESOLUTION_TIMED_OUT'))
    expect(reportOf(messages, 'CONNECT')).toMatchObject({
      report: { problem: { fields: ['host', 'port'], remedies: [{ kind: 'ALLOW_ADDRESS' }] } },
    })
    expect(reportOf(messages, 'OPEN')).toMatchObject(problem('STEP_TIMED_OUT'))
    expect(reportOf(messages, 'READ')).toMatchObject(problem('STATEMENT_TIMED_OUT'))
  })

  it('a delay longer than the budget ends at the budget, with the notes told until then', async () => {
    await using host = disposable(madeUpHost(realChild))
    const { messages } = await play(host, read({ delayMs: 5_000, budgetMs: 400, notes: ['one', 'two'] }))
    expect(messages).toContainEqual({ kind: 'STEP_PROGRESSED', stepId: 'READ', note: 'one' })
    expect(messages).not.toContainEqual({ kind: 'STEP_PROGRESSED', stepId: 'READ', note: 'two' })
    expect(reportOf(messages, 'READ')).toMatchObject({ report: { problem: { code: 'STEP_TIMED_OUT' } } })
  })
})

describe('progress', () => {
  it('is told in order while the delay lasts', async () => {
    await using host = disposable(madeUpHost(realChild))
    const { messages } = await play(host, read({ delayMs: 600, notes: ['one', 'two', 'three'] }))
    const notes = messages.flatMap(message => (message.kind === 'STEP_PROGRESSED' ? [message.note] : []))
    expect(notes).toEqual(['one', 'two', 'three'])
  })
})

describe('cancellation', () => {
  it.each(simulatedKeys)('in %s cancels that step and the rest', async key => {
    await using host = disposable(madeUpHost(realChild))
    const stop = new AbortController()
    const planned = (['TUNNEL', 'TOPOLOGY'] as const).filter(each => each !== key).map(step => ({ step }))
    const job = jobFor({ steps: [...planned, { step: key, outcome: 'HANG', budgetMs: 30_000 }] })
    const first = job.plan.findIndex(step => step.key === key)
    const { outcome, messages } = await play(host, job, { signal: stop.signal }, message => {
      if (message.kind === 'STEP_STARTED' && message.stepId === job.plan[first]?.id) stop.abort()
    })
    expect(outcome).toEqual({ kind: 'COMPLETED' })
    expect(statuses(messages)).toEqual(
      job.plan.map(({ id }, index) => `${id} ${index < first ? 'PASSED' : 'CANCELLED'}`),
    )
  })
})

/** A host that is closed at the end of its block. */
const disposable = <H extends { close(): Promise<void> }>(host: H): H & AsyncDisposable =>
  Object.assign(host, { [Symbol.asyncDispose]: () => host.close() })
