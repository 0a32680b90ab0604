import { expect, test, vi } from 'vitest'
import { childPids, jobOptions, madeUpHost, testJob } from './made-up-host.ts'

const entry = (name: string) => new URL(`./unfit/${name}-child.ts`, import.meta.url)

test.each([
  ['connect', 'a connection to an IPv4 address was not stopped (ERR_IP_BLOCKED)'],
  ['block-list', 'an address of a socket with a block list was not stopped (ECONNREFUSED)'],
  ['datagram', 'a datagram was not stopped (no error)'],
  ['listen', 'a listening socket was not stopped (no error)'],
])('a child whose guard of %s does not hold says so and runs no job', async (name, reason) => {
  const unfit = Promise.withResolvers<string>()
  const onStep = vi.fn()
  const host = madeUpHost({ childEntry: entry(name), onUnfit: unfit.resolve, queueWaitMs: 1_000 })
  try {
    const test = host.test(testJob('passes'), onStep, jobOptions())
    expect(await unfit.promise).toBe(reason)
    expect(await test).toMatchObject({ kind: 'FAILED', problem: { code: 'CONNECTOR_HOST_FAILED' } })
    expect(onStep).not.toHaveBeenCalled()
  } finally {
    await host.close()
  }
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
