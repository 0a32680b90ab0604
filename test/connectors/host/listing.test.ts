import { getEventListeners } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import type { ConnectorHostOptions } from '../../../src/connectors/host/child-pool.ts'
import type { ConnectorHost } from '../../../src/connectors/host/connector-host.ts'
import { childPids, jobOptions, listingJob, madeUpHost } from './made-up-host.ts'

let host: ConnectorHost

function start(options: Partial<ConnectorHostOptions> = {}): ConnectorHost {
  host = madeUpHost(options)
  return host
}

afterEach(async () => {
  await host.close()
  expect(childPids()).toEqual([])
})

const catalog = (name: string, options?: Parameters<typeof listingJob>[1]) =>
  host.list(listingJob({ catalog: name }, options), jobOptions())
const servingPid = async () => (await catalog('pid')).items
const failed = (code: string, more: object = {}) => ({ items: [], next: null, problem: { code, ...more } })

describe('a list', () => {
  test('is told as its type gives it', async () => {
    start()
    expect(await catalog('tables')).toEqual({
      items: [
        { name: 'one', kind: 'TABLE', hasChildren: false },
        { name: 'two', kind: 'TABLE', hasChildren: false },
      ],
      next: null,
      problem: null,
    })
    expect(await catalog('tables', { first: 1 })).toMatchObject({ items: [{ name: 'one' }], next: 'two' })
    expect(await catalog('full')).toMatchObject({
      items: [
        {
          name: 'orders',
          nativeKind: 'BASE TABLE',
          comment: 'What was ordered.',
          sizeBytes: 8_192,
          query: { sql: { text: 'SELECT 1' } },
        },
        { name: 'id', column: { nativeType: 'int4', type: 'INTEGER', isNullable: false } },
        { name: 'locked', problem: { code: 'PERMISSION_DENIED' } },
      ],
      next: 'id',
      problem: { code: 'UNCLASSIFIED', detail: 'some shards are down' },
    })
    expect(await host.list(listingJob({ options: 'names' }), jobOptions())).toEqual({
      items: [{ value: 'a1', label: 'Alpha', help: 'stopped' }, { value: 'b2' }],
      next: null,
      problem: null,
    })
  })

  test('answers the problem that its type found, and an unclassified one for a thrown error', async () => {
    start()
    expect(await catalog('fails')).toMatchObject(failed('OBJECT_NOT_FOUND'))
    expect(await catalog('throws')).toMatchObject(failed('UNCLASSIFIED', { detail: 'the catalog is bent (EBENT)' }))
  })

  test('whose driver dials what it may not names that', async () => {
    start()
    expect(await catalog('dials')).toMatchObject(failed('EGRESS_DENIED'))
  })

  test('that takes too long is ended at its budget, and its child serves on if it lets go', async () => {
    start()
    const pid = await servingPid()
    expect(await catalog('waits', { budgetMs: 50 })).toMatchObject(
      failed('LISTING_TIMED_OUT', { params: { seconds: 0.05 } }),
    )
    expect(await servingPid()).toEqual(pid)
    expect(await catalog('hangs', { budgetMs: 50 })).toMatchObject(failed('LISTING_TIMED_OUT'))
    expect(await servingPid()).not.toEqual(pid)
  })

  test('whose driver burns the processor is stopped at its deadline', async () => {
    start()
    await servingPid()
    const listed = host.list(listingJob({ catalog: 'spins' }), jobOptions({ deadlineMs: 500 }))
    expect(await listed).toMatchObject(failed('DEADLINE_EXCEEDED'))
  })

  test.each(['waits', 'hangs', 'spins'])(
    'that %s rejects with the reason of its signal at once when that aborts',
    async name => {
      start({ killGraceMs: 60_000 })
      await servingPid()
      const stop = new AbortController()
      const reason = new Error('nobody waits any more')
      const asked = host.list(listingJob({ catalog: name }), jobOptions({ signal: stop.signal }))
      stop.abort(reason)
      await expect(asked).rejects.toBe(reason)
      const again = host.list(listingJob({ catalog: 'tables' }), jobOptions({ signal: stop.signal }))
      await expect(again).rejects.toBe(reason)
    },
  )

  test('that is cancelled leaves nothing on its signal, and its child when that does not stop', async () => {
    start({ killGraceMs: 50, maxChildren: 1 })
    const pid = await servingPid()
    const stop = new AbortController()
    const asked = host.list(listingJob({ catalog: 'spins' }), jobOptions({ signal: stop.signal }))
    stop.abort()
    await expect(asked).rejects.toBe(stop.signal.reason)
    // There is only one child: this waits until it has been taken from the list.
    expect(await servingPid()).not.toEqual(pid)
    expect(getEventListeners(stop.signal, 'abort')).toEqual([])
  })

  test('ends with its host as a problem', async () => {
    start()
    const asked = catalog('hangs')
    await servingPid()
    await host.close()
    expect(await asked).toMatchObject(failed('CONNECTOR_HOST_FAILED'))
  })

  test('of a type that spoils its process gets a process of its own', async () => {
    start()
    const spoiled = () => host.list({ ...listingJob({ catalog: 'pid' }), typeName: 'SPOILING' }, jobOptions())
    const { items } = await spoiled()
    expect((await spoiled()).items).not.toEqual(items)
  })
})

describe('a source that says too much', () => {
  test('is cut, in every text, and its child serves on', async () => {
    start({ maxChildRssMb: 2_000 })
    const pid = await servingPid()
    const { items, next, problem } = await catalog('saysTooMuch', { first: 100 })
    expect(items).toHaveLength(100)
    expect(next).toHaveLength(2_000)
    expect(problem).toMatchObject({ code: 'UNCLASSIFIED' })
    for (const item of items) {
      expect(item).toMatchObject({
        kind: 'TABLE',
        query: { sql: 'x'.repeat(8_000) },
        problem: { code: 'UNCLASSIFIED' },
      })
      expect(JSON.stringify(item).length).toBeLessThan(40_000)
    }
    expect(await servingPid()).toEqual(pid)
  })

  test('loses names that are too long, and is told so', async () => {
    start()
    expect(await catalog('longName')).toMatchObject({
      items: [{ name: 'short' }],
      problem: { code: 'RESULT_TOO_LARGE', params: { limit: '1024 characters in a name' } },
    })
    expect(await catalog('longNext')).toMatchObject({
      items: [{ name: 'short' }],
      next: null,
      problem: { code: 'RESULT_TOO_LARGE' },
    })
  })

  test('loses queries and sizes that are none', async () => {
    start()
    const short = { name: 'short', kind: 'TABLE', hasChildren: false }
    for (const name of ['longQuery', 'oddSize']) expect((await catalog(name)).items).toEqual([short])
  })

  test('gets no more items through than were asked for', async () => {
    start()
    expect((await catalog('tooMany', { first: 3 })).items).toHaveLength(3)
  })
})

describe('a child', () => {
  test.each([
    'claimsTooMany',
    'claimsOptions',
    'claimsMixture',
    'claimsLongName',
    'claimsNoName',
    'claimsLongNext',
    'claimsUnknownKind',
    'claimsUnknownType',
    'claimsMore',
    'claimsEndlessComment',
    'claimsLargeQuery',
    'claimsDeepQuery',
    'claimsListAsQuery',
    'claimsHalfASize',
    'claimsLargeProblem',
    'claimsNoProblem',
    'claimsOtherJob',
    'claimsQuery',
    'claimsMegabytes',
  ])('that %s breaks the protocol', async name => {
    start()
    expect(await catalog(name)).toMatchObject(
      failed('CONNECTOR_HOST_FAILED', { params: { reason: 'it broke the protocol' } }),
    )
  })

  test('that claims entries as values for a field breaks it too', async () => {
    start()
    expect(await host.list(listingJob({ options: 'claimsEntries' }), jobOptions())).toMatchObject(
      failed('CONNECTOR_HOST_FAILED', { params: { reason: 'it broke the protocol' } }),
    )
  })
})
