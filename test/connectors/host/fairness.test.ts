import { afterEach, describe, expect, test } from 'vitest'
import { type ConnectorHostOptions, createConnectorHost } from '../../../src/connectors/host/child-pool.ts'
import type { ConnectorHost } from '../../../src/connectors/host/connector-host.ts'
import {
  childEntry,
  childPids,
  evidenceOf,
  jobOptions,
  madeUpHost,
  play,
  queryJob,
  readRoots,
  testJob,
} from './made-up-host.ts'

let host: ConnectorHost

const start = (options: Partial<ConnectorHostOptions>): void => {
  host = madeUpHost(options)
}

afterEach(async () => {
  await host.close()
  expect(childPids()).toEqual([])
})

const take = (ms: number, workspaceId: string) => host.query(queryJob(`takes ${ms}`), jobOptions({ workspaceId }))

async function servingPid(workspaceId: string): Promise<number> {
  const { messages } = await play(host, testJob('passes'), { workspaceId })
  return Number(evidenceOf(messages, 'READ')['pid'])
}

describe('a workspace that floods the host', () => {
  const jobMs = 50

  test('does not keep a quiet one from its turns, however long its own jobs take', async () => {
    start({ maxChildren: 2, queueWaitMs: 60_000 })
    const stop = new AbortController()
    const endless = () => host.query(queryJob('waits'), jobOptions({ workspaceId: 'loud', signal: stop.signal }))
    const flood = Array.from({ length: 40 }, () => endless().catch(() => 'cancelled'))
    for (let asked = 0; asked < 5; asked += 1) {
      expect(await take(jobMs, 'quiet')).toMatchObject({ kind: 'RESULT' })
    }
    stop.abort()
    expect(new Set(await Promise.all(flood))).toEqual(new Set(['cancelled']))
  })

  test('fills the queue for itself only: its own newest jobs are refused', async () => {
    start({ maxChildren: 2, queueLimit: 10, queueWaitMs: 60_000 })
    const flood = Array.from({ length: 30 }, () => take(jobMs, 'loud'))
    const quiet = Array.from({ length: 5 }, () => take(jobMs, 'quiet'))
    for (const outcome of await Promise.all(quiet)) expect(outcome).toMatchObject({ kind: 'RESULT' })
    const outcomes = await Promise.all(flood)
    const refused = outcomes.map(outcome => outcome.kind === 'PROBLEM')
    expect(refused.filter(Boolean).length).toBeGreaterThanOrEqual(20)
    // The first ones were not.
    expect(refused.indexOf(true)).toBeGreaterThan(0)
    expect(outcomes.at(-1)).toMatchObject({ problem: { code: 'CAPACITY_EXCEEDED', retryable: true } })
  })

  test('never shares a process with another one, nor are there more than there may be', {
    timeout: 90_000,
  }, async () => {
    start({ maxChildren: 3, recycleAfterJobs: 4, queueWaitMs: 60_000 })
    const names = ['a', 'b', 'c', 'd', 'e']
    const owners = new Map<number, Set<string>>()
    const most = { children: 0 }
    const jobs = Array.from({ length: 25 }, async (_, index) => {
      const name = names[index % names.length] as string
      const pid = await servingPid(name)
      owners.set(pid, (owners.get(pid) ?? new Set()).add(name))
      most.children = Math.max(most.children, childPids().length)
    })
    await Promise.all(jobs)
    expect([...owners.values()].every(workspaces => workspaces.size === 1)).toBe(true)
    // Five jobs of each workspace, four at most on one process.
    expect(owners.size).toBeGreaterThanOrEqual(10)
    expect(most.children).toBeLessThanOrEqual(3)
  })
})

test('a job waits two seconds for its turn unless told otherwise', async () => {
  host = createConnectorHost({ childEntry, readRoots, maxChildren: 1 })
  await servingPid('a')
  const stop = new AbortController()
  const hanging = host.query(queryJob('waits'), jobOptions({ signal: stop.signal })).catch(() => null)
  const startedAt = performance.now()
  const outcome = await take(0, 'a')
  const waitedMs = performance.now() - startedAt
  expect(outcome).toMatchObject({ kind: 'PROBLEM', problem: { code: 'CAPACITY_EXCEEDED', retryable: true } })
  expect(waitedMs).toBeGreaterThan(1_900)
  expect(waitedMs).toBeLessThan(10_000)
  stop.abort()
  await hanging
})

test('a process that a job has left with half of what it may use is replaced', async () => {
  start({ maxChildRssMb: 350 })
  const fresh = await servingPid('a')
  expect(await servingPid('a')).toBe(fresh)
  expect(await host.query(queryJob('keepsMemory'), jobOptions())).toMatchObject({ kind: 'RESULT' })
  expect(await servingPid('a')).not.toBe(fresh)
})
