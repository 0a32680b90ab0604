import { getEventListeners } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import type { ConnectorHostOptions } from '../../../src/connectors/host/child-pool.ts'
import type { ConnectorHost, QueryPart } from '../../../src/connectors/host/connector-host.ts'
import { rowWindowBytes } from '../../../src/connectors/host/message-limits.ts'
import { childPids, evidenceOf, jobOptions, madeUpHost, play, queryJob, testJob } from './made-up-host.ts'

let host: ConnectorHost

function start(options: Partial<ConnectorHostOptions> = {}): ConnectorHost {
  host = madeUpHost(options)
  return host
}

afterEach(async () => {
  await host.close()
  expect(childPids()).toEqual([])
})

async function servingPid(): Promise<number> {
  const { messages } = await play(host, testJob('passes'))
  return Number(evidenceOf(messages, 'READ')['pid'])
}

const few = { maxRows: 1_000, maxBytes: 1_000_000 }
const plenty = { maxRows: 10_000_000, maxBytes: 10_000_000_000 }
const ask = (name: string, limits = few) => host.query(queryJob(name, limits), jobOptions())

describe('a query', () => {
  test('answers its rows, and whether there were more than its limits let through', async () => {
    start()
    const answer = async (name: string, limits: typeof few) => {
      const outcome = await ask(name, limits)
      if (outcome.kind !== 'RESULT') throw new Error(outcome.problem.code)
      return { rows: outcome.result.rows.length, truncated: outcome.result.truncated }
    }
    expect(await ask('rows')).toMatchObject({
      kind: 'RESULT',
      result: { columns: [{ name: 'n', nativeType: 'int4', type: 'INTEGER' }], truncated: false },
    })
    expect(await ask('rows', { ...few, maxRows: 3 })).toMatchObject({
      result: { rows: [[0], [1], [2]], truncated: true },
    })
    expect(await answer('rows', { ...few, maxRows: 101 })).toEqual({ rows: 100, truncated: false })
    expect(await answer('rows', { ...few, maxRows: 100 })).toEqual({ rows: 100, truncated: false })
    expect(await answer('rows', { ...few, maxRows: 99 })).toEqual({ rows: 99, truncated: true })
    // Each row is 1004 bytes of JSON and a comma.
    expect(await answer('wide', { ...few, maxBytes: 100 * 1_005 })).toEqual({ rows: 100, truncated: false })
    expect(await answer('wide', { ...few, maxBytes: 100 * 1_005 - 1 })).toEqual({ rows: 99, truncated: true })
    expect(await answer('wide', { ...few, maxBytes: 2 * 1_005 })).toEqual({ rows: 2, truncated: true })
    expect(await answer('hugeRow', few)).toEqual({ rows: 0, truncated: true })
    expect(await answer('nothing', few)).toEqual({ rows: 0, truncated: false })
    expect(await answer('truncatedBySource', few)).toEqual({ rows: 1, truncated: true })
    expect(await answer('endless', few)).toEqual({ rows: 995, truncated: true })
    expect(await answer('endless', { ...few, maxRows: 250 })).toEqual({ rows: 250, truncated: true })
    expect(await answer('json', plenty)).toEqual({ rows: 10_000, truncated: false })
    expect(await answer('json', { ...plenty, maxRows: 1_500 })).toEqual({ rows: 1_500, truncated: true })
    expect(await answer('json', { ...plenty, maxBytes: 3_000 * 1_005 - 1 })).toEqual({ rows: 2_999, truncated: true })
  })

  test('answers the problem that its type found, and an unclassified one for a thrown error', async () => {
    start()
    expect(await ask('problem')).toMatchObject({ kind: 'PROBLEM', problem: { code: 'OBJECT_NOT_FOUND' } })
    expect(await ask('failsHalfway')).toMatchObject({ kind: 'PROBLEM', problem: { code: 'CONNECTION_RESET' } })
    expect(await ask('throws')).toMatchObject({
      kind: 'PROBLEM',
      problem: { code: 'UNCLASSIFIED', detail: 'relation is bent' },
    })
  })

  test.each([
    ['manyColumns', { code: 'RESULT_TOO_LARGE', params: { limit: '10000 columns' } }],
    ['longColumnNames', { code: 'RESULT_TOO_LARGE', params: { limit: '2 MB of column names' } }],
    ['giganticRow', { code: 'RESULT_TOO_LARGE', params: { limit: '16 MB in one row' } }],
    ['raggedRow', { code: 'UNCLASSIFIED', detail: 'A row has 2 values for 1 columns.' }],
    ['raggedJson', { code: 'UNCLASSIFIED', detail: 'Rows have 2 values for 1 columns.' }],
    ['floodOfWords', { code: 'UNCLASSIFIED' }],
  ])('whose source gives %s ends as the fault of the source', async (name, problem) => {
    // Whatever memory it has taken, it is not replaced for that.
    start({ maxChildRssMb: 2_000 })
    const pid = await servingPid()
    const outcome = await ask(name, plenty)
    expect(outcome).toMatchObject({ kind: 'PROBLEM', problem })
    expect(JSON.stringify(outcome).length).toBeLessThan(100_000)
    expect(await servingPid()).toBe(pid)
  })

  test('cuts names that are too long, and turns values that are nested too deeply into text', async () => {
    start()
    expect(await ask('longName')).toMatchObject({
      result: { columns: [{ name: 'n'.repeat(1_000), nativeType: 't'.repeat(200) }] },
    })
    expect(await ask('deepValue')).toMatchObject({ result: { rows: [[`${'['.repeat(500)}${']'.repeat(500)}`]] } })
  })

  test('is over when its reader has enough, whatever its type makes of that', async () => {
    start()
    const pid = await servingPid()
    const truncated = { kind: 'RESULT', result: { rows: { length: 5 }, truncated: true } }
    expect(await ask('goesOn', { ...few, maxRows: 5 })).toMatchObject(truncated)
    expect(await servingPid()).toBe(pid)
    // Its child may still be at it, and is used no more.
    expect(await ask('neverEnds', { ...few, maxRows: 5 })).toMatchObject(truncated)
    expect(await servingPid()).not.toBe(pid)
  })

  test.each([
    'sendsTooManyRows',
    'sendsRaggedRows',
    'sendsFewerRowsThanItSays',
    'sendsMoreRowsThanItSays',
    'sendsRowsThatAreNone',
    'sendsNoJson',
    'sendsRowsAndMore',
    'sendsDeepRows',
    'sendsEndlessBrackets',
    'sendsNoRows',
    'sendsEmptyRows',
    'sendsBrokenText',
    'sendsRowsFirst',
    'sendsColumnsTwice',
    'sendsMoreBytesThanAllowed',
    'sendsTooManyBytes',
  ])('whose child %s ends as a broken protocol', async name => {
    start()
    const outcome = await ask(name, { maxRows: 10, maxBytes: 1_000 })
    expect(outcome).toMatchObject({ kind: 'PROBLEM', problem: { params: { reason: 'it broke the protocol' } } })
  })

  test('that hangs is stopped at its deadline', async () => {
    start()
    const outcome = await host.query(queryJob('hangs'), jobOptions({ deadlineMs: 100 }))
    expect(outcome).toMatchObject({ kind: 'PROBLEM', problem: { code: 'DEADLINE_EXCEEDED' } })
  })

  test.each(['waits', 'hangs'])(
    'that %s rejects with the reason of its signal at once when that aborts',
    async name => {
      start({ killGraceMs: 60_000 })
      await servingPid()
      const stop = new AbortController()
      const reason = new Error('nobody waits any more')
      const asked = host.query(queryJob(name), jobOptions({ signal: stop.signal }))
      stop.abort(reason)
      await expect(asked).rejects.toBe(reason)
      await expect(host.query(queryJob('rows'), jobOptions({ signal: stop.signal }))).rejects.toBe(reason)
      expect(getEventListeners(stop.signal, 'abort')).toEqual([])
    },
  )
})

describe('a streamed query', () => {
  const stream = (name: string, options: Partial<Parameters<typeof jobOptions>[0]> = {}) =>
    host.stream(queryJob(name, plenty), jobOptions(options))

  async function partsOf(name: string): Promise<readonly QueryPart[]> {
    const parts: QueryPart[] = []
    for await (const part of stream(name)) parts.push(part)
    return parts
  }

  test('tells its columns, its rows and how it ended, in this order', async () => {
    start()
    expect((await partsOf('rows')).map(part => part.kind)).toEqual(['COLUMNS', 'ROWS', 'COMPLETE'])
    expect((await partsOf('nothing')).map(part => part.kind)).toEqual(['COLUMNS', 'COMPLETE'])
    expect(await partsOf('problem')).toMatchObject([{ kind: 'PROBLEM', problem: { code: 'OBJECT_NOT_FOUND' } }])
    expect(await partsOf('failsHalfway')).toMatchObject([
      { kind: 'COLUMNS' },
      { kind: 'ROWS', count: 2, json: Buffer.from('[1],[2]') },
      { kind: 'PROBLEM', problem: { code: 'CONNECTION_RESET' } },
    ])
  })

  test('passes rows that are larger than what may be under way', async () => {
    start()
    const parts = await partsOf('hugeRow')
    expect(parts.map(part => (part.kind === 'ROWS' ? part.count : part.kind))).toEqual(['COLUMNS', 1, 1, 1, 'COMPLETE'])
    expect(5 * 2 ** 20).toBeGreaterThan(rowWindowBytes)
  })

  test('gives rows that can be read, more than once and after its end', async () => {
    start()
    const [, rows] = await partsOf('failsHalfway')
    if (rows?.kind !== 'ROWS') throw new Error('There are no rows.')
    for (let time = 0; time < 2; time += 1) expect(rows.read()).toEqual({ kind: 'ROWS', rows: [[1], [2]] })
    rows.release()
    rows.release()
    expect(() => rows.read()).toThrow('Rows were used after their release.')
    expect(() => rows.json).toThrow('Rows were used after their release.')
  })

  test('ends as a broken protocol once rows that were read are found to be none, with nothing more of it', async () => {
    start({ maxChildren: 1 })
    const kinds: string[] = []
    let pid = 0
    let read: unknown
    for await (const part of stream('liesOnce')) {
      kinds.push(part.kind)
      // The only child serves the next one: the whole of this one is here, its end too.
      if (part.kind === 'COLUMNS') pid = await servingPid()
      if (part.kind === 'ROWS') read = part.read()
      if (part.kind === 'PROBLEM') expect(part).toEqual(read)
    }
    expect(kinds).toEqual(['COLUMNS', 'ROWS', 'PROBLEM'])
    expect(read).toMatchObject({
      kind: 'PROBLEM',
      problem: { code: 'CONNECTOR_HOST_FAILED', params: { reason: 'it broke the protocol' } },
    })
    expect(await servingPid()).not.toBe(pid)
  })

  test('passes on unread what its reader does not ask for', async () => {
    start()
    const parts = await partsOf('liesOnce')
    expect(parts).toMatchObject([
      { kind: 'COLUMNS' },
      { json: Buffer.from('[1],[1,2]') },
      { count: 1 },
      { kind: 'COMPLETE' },
    ])
    const pid = await servingPid()
    // Too late for the stream, but not for the child.
    const [, rows] = parts
    expect(rows?.kind === 'ROWS' && rows.read()).toMatchObject({ kind: 'PROBLEM' })
    expect(await servingPid()).not.toBe(pid)
  })

  test('stops when its reader leaves, and its child serves on', async () => {
    start()
    const pid = await servingPid()
    for await (const part of stream('endless')) if (part.kind === 'ROWS') break
    expect(await servingPid()).toBe(pid)
  })

  test('rejects with the reason of its signal, also while nobody reads', async () => {
    start()
    const pid = await servingPid()
    const stop = new AbortController()
    const reason = new Error('nobody waits any more')
    const parts = stream('endless', { signal: stop.signal })
    await parts.next()
    stop.abort(reason)
    // The child is free before the reader asks again.
    expect(await servingPid()).toBe(pid)
    await expect(parts.next()).rejects.toBe(reason)
    expect(getEventListeners(stop.signal, 'abort')).toEqual([])
  })

  test('is stopped at its deadline, also while nobody reads', async () => {
    start({ maxChildren: 1 })
    const parts = stream('endless', { deadlineMs: 500 })
    await parts.next()
    // There is only one child: this waits until it has been taken from the stream.
    await servingPid()
    const rest: QueryPart[] = []
    for await (const part of parts) rest.push(part)
    expect(rest.at(-1)).toMatchObject({ kind: 'PROBLEM', problem: { code: 'DEADLINE_EXCEEDED' } })
  })

  test('whose child sends more than there is room for ends as a broken protocol', async () => {
    start({ maxChildren: 1 })
    const parts = stream('ignoresCredits')
    expect(await parts.next()).toMatchObject({ value: { kind: 'COLUMNS' } })
    // Waits until the child that floods has been ended.
    await servingPid()
    let bytes = 0
    let last: QueryPart | undefined
    for await (const part of parts) {
      if (part.kind === 'ROWS') bytes += part.json.length
      last = part
    }
    expect(last).toMatchObject({ kind: 'PROBLEM', problem: { params: { reason: 'it broke the protocol' } } })
    expect(bytes).toBeLessThan(rowWindowBytes + 2 ** 18)
  })
})
