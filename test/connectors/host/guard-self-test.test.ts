import { expect, test, vi } from 'vitest'
import type { ConnectorHostOptions } from '../../../src/connectors/host/child-pool.ts'
import { childPids, jobOptions, madeUpHost, testJob } from './made-up-host.ts'
import { startChildrenWith } from './unfit/start-children-with.ts'

const entry = (name: string) => new URL(`./unfit/${name}-child.ts`, import.meta.url)

/** A host with such children reports `reason`, and runs no job. */
async function expectUnfit(reason: string, options: Partial<ConnectorHostOptions> = {}): Promise<void> {
  const unfit = Promise.withResolvers<string>()
  const onStep = vi.fn()
  const host = madeUpHost({ onUnfit: unfit.resolve, queueWaitMs: 1_000, ...options })
  try {
    const test = host.test(testJob('passes'), onStep, jobOptions())
    expect(await unfit.promise).toBe(reason)
    expect(await test).toMatchObject({ kind: 'FAILED', problem: { code: 'CONNECTOR_HOST_FAILED' } })
    expect(onStep).not.toHaveBeenCalled()
  } finally {
    await host.close()
  }
}

test.each([
  ['connect', 'a connection to an IPv4 address was not stopped (ERR_IP_BLOCKED)'],
  ['block-list', 'an address of a socket with a block list was not stopped (ECONNREFUSED)'],
  ['datagram', 'a datagram was not stopped (no error)'],
  ['listen', 'a listening socket was not stopped (no error)'],
])('a child whose guard of %s does not hold says so and runs no job', async (name, reason) => {
  await expectUnfit(reason, { childEntry: entry(name) })
})

test.each([
  { permissions: null, reason: 'a process was not stopped (no error)' },
  { permissions: ['--allow-child-process'], reason: 'a process was not stopped (no error)' },
  { permissions: ['--allow-worker'], reason: 'a worker thread was not stopped (ERR_WORKER_INVALID_EXEC_ARGV)' },
  { permissions: ['--allow-fs-read=*'], reason: 'a read outside of the code was not stopped (no error)' },
])('a child that was started with $permissions says so and runs no job', async ({ permissions, reason }) => {
  using _ = startChildrenWith(permissions)
  await expectUnfit(reason)
})

test('a child whose guard holds reports nothing', async () => {
  const onUnfit = vi.fn()
  const host = madeUpHost({ onUnfit })
  try {
    expect(await host.test(testJob('passes'), () => {}, jobOptions())).toEqual({ kind: 'COMPLETED' })
    expect(childPids().length).toBeGreaterThan(0)
    expect(onUnfit).not.toHaveBeenCalled()
  } finally {
    await host.close()
  }
})
