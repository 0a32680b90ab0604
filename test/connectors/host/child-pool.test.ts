import { getEventListeners } from 'node:events'
import { readdirSync } from 'node:fs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { ConnectorHostOptions } from '../../../src/connectors/host/child-pool.ts'
import type { ConnectorHost } from '../../../src/connectors/host/connector-host.ts'
import type { StepMessage } from '../../../src/connectors/host/protocol.ts'
import { proves } from '../../proofs/proves.ts'
import { childPids, evidenceOf, jobOptions, madeUpHost, play, queryJob, statuses, testJob } from './made-up-host.ts'

let host: ConnectorHost
const warn = vi.fn()

function start(options: Partial<ConnectorHostOptions> = {}): ConnectorHost {
  host = madeUpHost({ logger: { warn }, ...options })
  return host
}

afterEach(async () => {
  await host.close()
  warn.mockReset()
  expect(childPids()).toEqual([])
})

/** The process that ran a test. */
const pidOf = (messages: readonly StepMessage[]) => Number(evidenceOf(messages, 'READ')['pid'])

/** Runs a passing test and answers the process that ran it. */
async function servingPid(workspaceId: string): Promise<number> {
  const { messages } = await play(host, testJob('passes'), { workspaceId })
  return pidOf(messages)
}

/** Starts a test and answers once its CONNECT step has said something. */
async function startNoted(behaviour: string, workspaceId = 'a', options: { deadlineMs?: number } = {}) {
  const stop = new AbortController()
  const noted = Promise.withResolvers<void>()
  const played = play(host, testJob(behaviour), { workspaceId, signal: stop.signal, ...options }, message => {
    if (message.kind === 'STEP_PROGRESSED') noted.resolve()
  })
  await noted.promise
  return { played, stop, signal: stop.signal }
}

const failedBecause = (reason: string) => ({
  kind: 'FAILED',
  problem: { code: 'CONNECTOR_HOST_FAILED', origin: 'PATCHBAY', params: { reason } },
})

describe('a test', () => {
  test('is told step by step, in order, and the next one finds the same child warm', async () => {
    start()
    const { outcome, messages } = await play(host, testJob('passes'))
    expect(outcome).toEqual({ kind: 'COMPLETED' })
    expect(statuses(messages)).toEqual(['RESOLVE PASSED', 'CONNECT PASSED', 'READ PASSED'])
    expect(await servingPid('a')).toBe(pidOf(messages))
  })

  test('fails where its source fails, with the rest skipped', async () => {
    start()
    const { outcome, messages } = await play(host, testJob('fails'))
    expect(outcome).toEqual({ kind: 'COMPLETED' })
    expect(statuses(messages)).toEqual(['RESOLVE PASSED', 'CONNECT FAILED', 'READ SKIPPED'])
  })

  test("whose driver hangs ends at the step's budget, and its child is used no more", async () => {
    start()
    const before = await servingPid('a')
    const { outcome, messages } = await play(host, testJob('hangs', { budgetMs: 100 }))
    expect(outcome).toEqual({ kind: 'COMPLETED' })
    expect(statuses(messages)).toEqual(['RESOLVE PASSED', 'CONNECT FAILED', 'READ SKIPPED'])
    expect(await servingPid('a')).not.toBe(before)
  })

  test('whose run cannot be closed ends all the same, and its child is used no more', async () => {
    start()
    const { outcome, messages } = await play(host, testJob('passes', { closes: false }))
    expect(outcome).toEqual({ kind: 'COMPLETED' })
    expect(await servingPid('a')).not.toBe(pidOf(messages))
  })

  test('that is cancelled ends its running step and the rest as cancelled', async () => {
    start()
    const { played, stop, signal } = await startNoted('waits')
    stop.abort()
    const { outcome, messages } = await played
    expect(outcome).toEqual({ kind: 'COMPLETED' })
    expect(statuses(messages)).toEqual(['RESOLVE PASSED', 'CONNECT CANCELLED', 'READ CANCELLED'])
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  test('that is cancelled while its driver burns the processor is cancelled too: the child is killed', async () => {
    start({ killGraceMs: 50 })
    const { played, stop } = await startNoted('spins', 'a', { deadlineMs: 600_000 })
    stop.abort()
    const { outcome, messages } = await played
    expect(outcome).toEqual({ kind: 'COMPLETED' })
    expect(statuses(messages)).toEqual(['RESOLVE PASSED', 'CONNECT CANCELLED', 'READ CANCELLED'])
  })

  test('that is cancelled before it begins reaches no child', async () => {
    start()
    const { outcome, messages } = await play(host, testJob('passes'), { signal: AbortSignal.abort() })
    expect(outcome).toEqual({ kind: 'COMPLETED' })
    expect(statuses(messages)).toEqual(['RESOLVE CANCELLED', 'CONNECT CANCELLED', 'READ CANCELLED'])
  })

  test('whose driver burns the processor is stopped at its deadline', async () => {
    start()
    await servingPid('a')
    const { outcome, messages } = await play(host, testJob('spins'), { deadlineMs: 1_000 })
    expect(outcome).toMatchObject({ kind: 'FAILED', problem: { code: 'DEADLINE_EXCEEDED', params: { seconds: 1 } } })
    proves('ANY', 'DEADLINE_EXCEEDED', 'DOUBLE')
    expect(statuses(messages)).toEqual(['RESOLVE PASSED'])
  })

  test('tells few of many notes, the last among them', async () => {
    start()
    const { messages } = await play(host, testJob('chatters'))
    const notes = messages.flatMap(message => (message.kind === 'STEP_PROGRESSED' ? [message.note] : []))
    expect(notes.length).toBeLessThanOrEqual(10)
    expect(notes.at(-1)).toBe('note 10000')
  })

  test('rejects with what its listener throws, and the child lives on', async () => {
    start()
    const bug = new Error('the listener is broken')
    const before = await servingPid('a')
    const broken = host.test(
      testJob('passes'),
      () => {
        throw bug
      },
      jobOptions(),
    )
    await expect(broken).rejects.toBe(bug)
    expect(await servingPid('a')).toBe(before)
  })

  test.each([
    ['throwsLater', 'an internal error'],
    ['rejectsLater', 'an internal error'],
    ['lacksStep', 'an internal error'],
    ['startThrows', 'an internal error'],
    ['exits', 'it crashed'],
    ['crashes', 'it crashed'],
    ['sendsGarbage', 'it broke the protocol'],
    ['sendsBadJson', 'it broke the protocol'],
    ['announcesGigabytes', 'it broke the protocol'],
    ['floodsMessages', 'it broke the protocol'],
    ['claimsPassOfOtherStep', 'it broke the protocol'],
    ['claimsDone', 'it broke the protocol'],
  ])('whose child %s fails because %s; the next one passes', async (behaviour, reason) => {
    start({ maxChildRssMb: 250 })
    const { outcome, messages } = await play(host, testJob(behaviour))
    expect(outcome).toMatchObject(failedBecause(reason))
    expect(statuses(messages)).not.toContain('CONNECT PASSED')
    expect(await servingPid('a')).toBeGreaterThan(0)
    expect(warn).toHaveBeenCalled()
    expect(JSON.stringify([outcome, warn.mock.calls])).not.toContain('hunter2')
  })

  const outOfMemory = { kind: 'FAILED', problem: { code: 'MEMORY_EXCEEDED', origin: 'PATCHBAY', retryable: false } }

  test.each(['leaks', 'reportsMemory'])('whose child %s is stopped for its memory; the next one passes', async name => {
    start({ maxChildRssMb: 250 })
    const { outcome, messages } = await play(host, testJob(name))
    expect(outcome).toMatchObject(outOfMemory)
    proves('ANY', 'MEMORY_EXCEEDED', 'DOUBLE')
    expect(statuses(messages)).toEqual(['RESOLVE PASSED'])
    expect(await servingPid('a')).toBeGreaterThan(0)
    expect(warn).toHaveBeenCalledWith(expect.objectContaining({ reason: 'it used too much memory' }), expect.anything())
  })

  test('that exhausts the JavaScript heap has taken too much memory too', async () => {
    start({ maxChildRssMb: 4_000 })
    const { outcome } = await play(host, testJob('exhaustsHeap'))
    expect(outcome).toMatchObject(outOfMemory)
    expect(warn).toHaveBeenCalledWith(
      expect.objectContaining({ error: 'JavaScript heap out of memory' }),
      expect.anything(),
    )
  })
})

describe('a source that says too much', () => {
  test('is told of within measure: its failure stays its own', async () => {
    start()
    const { outcome, messages } = await play(host, testJob('saysTooMuch'))
    expect(outcome).toEqual({ kind: 'COMPLETED' })
    expect(statuses(messages)).toEqual(['RESOLVE PASSED', 'CONNECT FAILED', 'READ SKIPPED'])
    const finished = messages.find(message => message.kind === 'STEP_FINISHED' && message.stepId === 'CONNECT')
    expect(finished).toMatchObject({ report: { problem: { code: 'HOST_RULE_REJECTED' } } })
    const told = JSON.stringify(messages)
    expect(told.length).toBeGreaterThan(1_000)
    expect(told.length).toBeLessThan(2 ** 20)
    expect(told).not.toContain('\\u001b')
  })
})

describe('children', () => {
  test('serve one workspace in their life', async () => {
    start({ maxChildren: 2 })
    const pids = [await servingPid('a'), await servingPid('b'), await servingPid('c'), await servingPid('a')]
    expect(new Set(pids).size).toBe(4)
    expect(childPids().length).toBeLessThanOrEqual(2)
  })

  test('are replaced after their number of jobs', async () => {
    start({ recycleAfterJobs: 2 })
    const pids = [await servingPid('a'), await servingPid('a'), await servingPid('a')]
    expect(pids[1]).toBe(pids[0])
    expect(pids[2]).not.toBe(pids[0])
  })

  test('are replaced after every job whose driver spoils them', async () => {
    start()
    const spoiling = { typeName: 'SPOILING' }
    const played = [
      await play(host, { ...testJob('passes'), ...spoiling }),
      await play(host, { ...testJob('passes'), ...spoiling }),
    ]
    const result = await host.query({ ...queryJob('pid'), ...spoiling }, jobOptions())
    const queried = result.kind === 'RESULT' ? Number(result.result.rows[0]?.[0]) : Number.NaN
    const pids = [...played.map(({ messages }) => pidOf(messages)), queried, await servingPid('a')]
    expect(pids.every(pid => pid > 0)).toBe(true)
    expect(new Set(pids).size).toBe(4)
  })

  test('that nobody needs any more are ended', async () => {
    start({ idleMs: 50 })
    const served = await servingPid('a')
    await expect.poll(() => childPids()).not.toContain(served)
  })

  test('are ready before they are needed: another workspace finds one that was there already', async () => {
    start()
    const served = await servingPid('a')
    await expect.poll(() => childPids().filter(pid => pid !== served)).toHaveLength(1)
    const fresh = childPids().filter(pid => pid !== served)
    expect(fresh).toEqual([await servingPid('b')])
  })

  test('leave it to the parent when to end', async () => {
    start()
    const served = await servingPid('a')
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.kill(served, signal)
    expect(await servingPid('a')).toBe(served)
  })

  test('that end before they are ready are tried again ever more slowly', async () => {
    start({ childEntry: new URL('./crashing-child.ts', import.meta.url), queueWaitMs: 1_500 })
    const { outcome } = await play(host, testJob('passes'))
    expect(outcome).toMatchObject(failedBecause('it could not be started'))
    // Without pauses it would be dozens.
    expect(warn.mock.calls.length).toBeGreaterThan(1)
    expect(warn.mock.calls.length).toBeLessThanOrEqual(8)
    expect(warn).toHaveBeenCalledWith(expect.objectContaining({ error: 'Error EBROKEN' }), expect.anything())
    expect(JSON.stringify(warn.mock.calls)).not.toContain('hunter2')
  })

  test('that never become ready are given up', async () => {
    start({ childEntry: new URL('./silent-child.ts', import.meta.url), startTimeoutMs: 200, queueWaitMs: 250 })
    const { outcome } = await play(host, testJob('passes'))
    expect(outcome).toMatchObject(failedBecause('it could not be started'))
  })
})

describe('a crowd', () => {
  const busy = { kind: 'FAILED', problem: { code: 'CAPACITY_EXCEEDED' } }

  test('of one workspace leaves a child to the others', async () => {
    start({ maxChildren: 2 })
    const { played, stop } = await startNoted('waits', 'a')
    const second = play(host, testJob('passes'), { workspaceId: 'a' })
    const ended: string[] = []
    void second.then(() => ended.push('a'))
    await servingPid('b').then(() => ended.push('b'))
    expect(ended).toEqual(['b'])
    stop.abort()
    await played
    expect((await second).outcome).toEqual({ kind: 'COMPLETED' })
  })

  test('of workspaces takes turns', async () => {
    start({ maxChildren: 1 })
    const { stop } = await startNoted('waits', 'a')
    const order: string[] = []
    const names = ['a1', 'a2', 'a3', 'b1', 'c1']
    const jobs = names.map(name =>
      play(host, testJob('passes'), { workspaceId: name.charAt(0) }, message => {
        if (message.kind === 'STEP_STARTED' && message.stepId === 'RESOLVE') order.push(name)
      }),
    )
    stop.abort()
    await Promise.all(jobs)
    expect(order).toEqual(['a1', 'b1', 'c1', 'a2', 'a3'])
  })

  test('that waits too long, or is too large, is told so', async () => {
    start({ maxChildren: 1, queueLimit: 1, queueWaitMs: 100 })
    await startNoted('hangs')
    const waiting = play(host, testJob('passes'))
    const refused = play(host, testJob('passes'))
    const first = await Promise.race([waiting.then(() => 'waiting'), refused.then(() => 'refused')])
    expect(first).toBe('refused')
    expect((await refused).outcome).toMatchObject(busy)
    expect((await waiting).outcome).toMatchObject(busy)
    proves('ANY', 'CAPACITY_EXCEEDED', 'DOUBLE')
  })

  test('member that is cancelled while it waits is cancelled at once', async () => {
    start({ maxChildren: 1 })
    await startNoted('hangs')
    const stop = new AbortController()
    const waiting = play(host, testJob('passes'), { signal: stop.signal })
    stop.abort()
    const { outcome, messages } = await waiting
    expect(outcome).toEqual({ kind: 'COMPLETED' })
    expect(statuses(messages)).toEqual(['RESOLVE CANCELLED', 'CONNECT CANCELLED', 'READ CANCELLED'])
  })
})

describe('closing', () => {
  test('ends running, waiting and later jobs, and leaves no process', async () => {
    start({ maxChildren: 2 })
    const { played } = await startNoted('spins', 'a')
    const waiting = play(host, testJob('passes'), { workspaceId: 'a' })
    await host.close()
    expect(childPids()).toEqual([])
    const reason = failedBecause('Patchbay is shutting down')
    expect((await played).outcome).toMatchObject(reason)
    expect((await waiting).outcome).toMatchObject(reason)
    expect((await play(host, testJob('passes'))).outcome).toMatchObject(reason)
    expect(await host.query(queryJob('rows'), jobOptions())).toMatchObject({ kind: 'PROBLEM' })
  })

  test('after 50 jobs of every kind, the process is as it was before', async () => {
    const resources = async () => {
      // What has just been closed goes away within a few turns of the event loop.
      for (let turn = 0; turn < 10; turn += 1) await new Promise(resolve => setImmediate(resolve))
      return {
        files: readdirSync('/proc/self/fd').length,
        exitListeners: process.listenerCount('exit'),
        handles: process.getActiveResourcesInfo().toSorted(),
      }
    }
    // The first host makes Node open what it keeps for good.
    start()
    await servingPid('a')
    await host.close()
    const before = await resources()

    start({ killGraceMs: 50 })
    const { signal } = new AbortController()
    const behaviours = [
      'passes',
      'fails',
      'throws',
      'exits',
      'sendsGarbage',
      'passes',
      'passes',
      'chatters',
      'passes',
      'passes',
    ]
    for (let round = 0; round < 5; round += 1) {
      const jobs = behaviours.map((behaviour, index) =>
        play(host, testJob(behaviour), { workspaceId: `w${index % 3}`, signal }),
      )
      await Promise.all(jobs)
    }
    await host.close()
    expect(await resources()).toEqual(before)
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})
