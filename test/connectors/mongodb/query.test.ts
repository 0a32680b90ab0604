import {
  Binary,
  BSONRegExp,
  Code,
  Decimal128,
  type Document,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  Timestamp,
  UUID,
} from 'mongodb'
import { describe, expect, it, vi } from 'vitest'
import type { QueryResult } from '../../../src/connectors/define.ts'
import { mongodb } from '../../../src/connectors/mongodb/index.ts'
import { verdictOfQuery } from '../../../src/connectors/sign-in-verdict.ts'
import { collectQuery } from '../../servers/collect-query.ts'
import type { MongoOptions } from '../../servers/mongo-double.ts'
import { startQuery } from '../../servers/mongo-held-query.ts'
import { parseConfig, queryMongodb } from '../../servers/mongodb-run.ts'
import { environmentFor, type QueryOptions } from '../../servers/type-run.ts'
import { expectQueryProblem } from './expectations.ts'
import { config, find, nothingLeft, pipeline, queryHostile, startDouble } from './hostile-run.ts'

async function result(
  query: unknown,
  options: MongoOptions = {},
  limits?: QueryOptions['limits'],
): Promise<QueryResult> {
  const { outcome, server } = await queryHostile({ query, ...options, ...(limits && { limits }) })
  if (outcome === 'CANCELLED' || outcome.kind !== 'RESULT') throw new Error(JSON.stringify(outcome))
  expect(server.openCursors).toBe(0)
  return outcome.result
}
const documents = (...content: readonly Document[]): MongoOptions => ({ data: { shop: { orders: content } } })
const column = (of: QueryResult, name: string) => of.columns.find(each => each.name === name)
const valuesOf = (of: QueryResult, name: string) =>
  of.rows.map(row => row[of.columns.findIndex(each => each.name === name)])

/** More than come at once. */
const many = documents(...Array.from({ length: 5_000 }, (_, _id) => ({ _id })))

describe('a find on a MongoDB connector', () => {
  it('answers documents as rows, over many batches', async () => {
    const { columns, rows, truncated } = await result(find(), {}, { maxRows: 1_000, maxBytes: 1_048_576 })
    expect(columns.map(({ name }) => name)).toEqual(['_id', 'total', 'note'])
    expect(rows).toHaveLength(250)
    expect(rows[9]).toEqual([10, 90, 'row-content'])
    expect(truncated).toBe(false)
  })

  it('filters, projects and sorts as it was written', async () => {
    const query = find({ filter: { total: { $gte: 2_400 } }, projection: { total: 1, _id: 0 }, sort: { total: -1 } })
    const { columns, rows } = await result(query)
    expect(columns.map(({ name }) => name)).toEqual(['total'])
    expect(rows.map(([total]) => total)).toEqual([2_490, 2_480, 2_470, 2_460, 2_450, 2_440, 2_430, 2_420, 2_410, 2_400])
  })

  it('of a collection that does not exist, or of which nothing matches, has no rows', async () => {
    for (const query of [find({}, { database: 'shop', collection: 'gone' }), find({ filter: { total: -1 } })]) {
      expect(await result(query)).toMatchObject({ rows: [], truncated: false })
    }
  })

  it('stops at the limit of rows, says so, and leaves no cursor', async () => {
    const { rows, truncated } = await result(find(), {}, { maxRows: 120, maxBytes: 1_048_576 })
    expect(rows).toHaveLength(120)
    expect(truncated).toBe(true)
  })

  it('that has exactly as many rows as the limit is not cut', async () => {
    const { rows, truncated } = await result(find(), {}, { maxRows: 250, maxBytes: 1_048_576 })
    expect(rows).toHaveLength(250)
    expect(truncated).toBe(false)
  })

  it('stops at the limit of bytes', async () => {
    const { rows, truncated } = await result(find(), {}, { maxRows: 1_000, maxBytes: 500 })
    expect(rows.length).toBeLessThan(30)
    expect(truncated).toBe(true)
  })
})

describe('a pipeline on a MongoDB connector', () => {
  it('answers what its stages make of the documents', async () => {
    const { columns, rows } = await result(pipeline([{ $match: { total: { $lt: 50 } } }, { $count: 'few' }]))
    expect(columns.map(({ name }) => name)).toEqual(['few'])
    expect(rows).toEqual([[5]])
  })

  it('without stages answers every document', async () => {
    const { rows } = await result(pipeline([]), {}, { maxRows: 1_000, maxBytes: 1_048_576 })
    expect(rows).toHaveLength(250)
  })

  it('stops at the limit of rows too', async () => {
    const { rows, truncated } = await result(
      pipeline([{ $sort: { total: -1 } }]),
      {},
      { maxRows: 3, maxBytes: 1_048_576 },
    )
    expect(rows.map(([, total]) => total)).toEqual([2_490, 2_480, 2_470])
    expect(truncated).toBe(true)
  })
})

describe('values of MongoDB', () => {
  const oid = new ObjectId('65a1b2c3d4e5f60718293a4b')

  it.each<[string, unknown, unknown, string]>([
    ['a text', 'Grüße 密码', 'Grüße 密码', 'TEXT'],
    ['an int', new Int32(42), 42, 'INTEGER'],
    ['a long within what JSON has', Long.fromString('9007199254740991'), 9_007_199_254_740_991, 'INTEGER'],
    ['a long beyond what JSON has', Long.fromString('9007199254740993'), '9007199254740993', 'INTEGER'],
    ['a negative long', Long.fromString('-9223372036854775808'), '-9223372036854775808', 'INTEGER'],
    ['a double', new Double(1.5), 1.5, 'FLOAT'],
    ['a decimal', Decimal128.fromString('12345678901234567890.123'), '12345678901234567890.123', 'DECIMAL'],
    ['a boolean', true, true, 'BOOLEAN'],
    ['a date', new Date('2026-01-02T03:04:05.678Z'), '2026-01-02T03:04:05.678Z', 'TIMESTAMP'],
    ['an object id', oid, '65a1b2c3d4e5f60718293a4b', 'TEXT'],
    ['a UUID', new UUID('3b241101-e2bb-4255-8caf-4136c566a962'), '3b241101-e2bb-4255-8caf-4136c566a962', 'TEXT'],
    ['a binary', new Binary(Buffer.from([1, 2, 255])), 'AQL/', 'BINARY'],
  ])('%s', async (_, stored, shown, type) => {
    const got = await result(find(), documents({ _id: 1, value: stored }))
    expect(valuesOf(got, 'value')).toEqual([shown])
    expect(column(got, 'value')?.type).toBe(type)
    expect(column(got, 'value')?.nativeType).not.toBe('')
  })

  it('that are no number are told as what they are', async () => {
    const got = await result(
      find(),
      documents(
        ...[Number.NaN, Number.POSITIVE_INFINITY, -0, 1.5].map((value, _id) => ({ _id, value: new Double(value) })),
      ),
    )
    const [nan, infinite, , plain] = valuesOf(got, 'value')
    expect([nan, infinite]).toEqual(['NaN', 'Infinity'])
    expect(plain).toBe(1.5)
  })

  it('that are nested are JSON, exact inside too', async () => {
    const nested = {
      a: [1, { b: oid }],
      big: Long.fromString('9007199254740993'),
      at: new Date(0),
      price: Decimal128.fromString('0.10'),
    }
    const got = await result(find(), documents({ _id: 1, nested, list: [1, 'two', null] }))
    expect(column(got, 'nested')?.type).toBe('JSON')
    expect(['JSON', 'LIST']).toContain(column(got, 'list')?.type)
    const text = JSON.stringify(valuesOf(got, 'nested'))
    for (const part of ['9007199254740993', '0.10', '1970-01-01', '65a1b2c3d4e5f60718293a4b'])
      expect(text).toContain(part)
  })

  it('of rare types are shown, and none is run', async () => {
    const rare = {
      _id: 1,
      code: new Code('while (true) {}', { a: 1 }),
      pattern: new BSONRegExp('(a+)+$', 'i'),
      min: new MinKey(),
      max: new MaxKey(),
      stamp: new Timestamp({ t: 5, i: 6 }),
    }
    const got = await result(find(), documents(rare))
    expect(got.rows).toHaveLength(1)
    expect(JSON.stringify(got.rows)).toContain('while (true)')
    expect(JSON.stringify(got.rows)).toContain('(a+)+$')
  })

  it('of documents with different fields make one table with all of them', async () => {
    const got = await result(find(), documents({ _id: 1, a: 1 }, { _id: 2, b: 'x' }, { _id: 3, a: 3, c: true }))
    expect(got.columns.map(({ name }) => name)).toEqual(['_id', 'a', 'b', 'c'])
    expect(got.rows).toEqual([
      [1, 1, null, null],
      [2, null, 'x', null],
      [3, 3, null, true],
    ])
  })

  it('of mixed types are named as such, and none is lost', async () => {
    const got = await result(
      find(),
      documents({ _id: 1, a: new Int32(1) }, { _id: 2, a: 'x' }, { _id: 3, a: null }, { _id: 4 }),
    )
    expect(column(got, 'a')?.nativeType).toMatch(/int.*string|string.*int/)
    expect(valuesOf(got, 'a')).toEqual([1, 'x', null, null])
  })

  it('of numbers of several widths are one kind of number', async () => {
    const got = await result(find(), documents({ _id: 1, n: new Int32(1) }, { _id: 2, n: Long.fromNumber(2) }))
    expect(column(got, 'n')?.type).toBe('INTEGER')
    expect(valuesOf(got, 'n')).toEqual([1, 2])
  })

  it('in fields that come late are there, or said to be missing', async () => {
    const late = Array.from({ length: 3_000 }, (_, index) => ({ _id: index, ...(index === 2_999 && { late: 'here' }) }))
    const got = await result(find(), documents(...late), { maxRows: 5_000, maxBytes: 4_194_304 })
    expect(got.rows).toHaveLength(3_000)
    expect(JSON.stringify(got.rows.at(-1))).toContain('here')
  })

  it('in fields named like properties of every object are just fields', async () => {
    const odd = JSON.parse(
      '{"_id":1,"__proto__":{"polluted":1},"constructor":2,"toString":3,"a.b":4,"$c":5,"":6}',
    ) as Document
    const got = await result(find(), documents(odd))
    const names = got.columns.map(({ name }) => name)
    expect(names).toEqual(expect.arrayContaining(['_id', 'constructor', 'toString', 'a.b', '$c', '']))
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
})

describe('a query on a MongoDB connector that goes wrong', () => {
  const refusal = (code: number, codeName: string, errmsg: string) => () => ({ ok: 0, code, codeName, errmsg })

  it.each([
    [2, 'BadValue', 'unknown operator: $foo', 'QUERY_INVALID'],
    [40_324, 'Location40324', "Unrecognized pipeline stage name: '$foo'", 'QUERY_INVALID'],
    [13, 'Unauthorized', 'not authorized on shop to execute command', 'PERMISSION_DENIED'],
    [26, 'NamespaceNotFound', 'ns does not exist', 'OBJECT_NOT_FOUND'],
    [50, 'MaxTimeMSExpired', 'operation exceeded time limit', 'STATEMENT_TIMED_OUT'],
    [11_601, 'Interrupted', 'operation was interrupted', 'STATEMENT_CANCELLED'],
    [237, 'CursorKilled', 'cursor was killed', 'STATEMENT_CANCELLED'],
    [10_334, 'BSONObjectTooLarge', 'BSONObj size is invalid', 'RESULT_TOO_LARGE'],
    [99_999, 'NewFailure', 'a failure of tomorrow', 'UNCLASSIFIED'],
  ] as const)('is named: %i %s', async (code, codeName, errmsg, expected) => {
    const { outcome, server } = await queryHostile({ at: { find: refusal(code, codeName, errmsg) } })
    if (outcome === 'CANCELLED') throw new Error('It took too long.')
    expectQueryProblem(outcome, { code: expected, detail: expect.stringContaining(errmsg) as never })
    expect(server.commandsNamed('find')).toHaveLength(1)
  })

  it('is named when it happens in a later batch, and what came before is told', async () => {
    const { outcome } = await queryHostile({
      ...many,
      at: { getMore: refusal(43, 'CursorNotFound', 'cursor id 5 not found') },
      limits: { maxRows: 10_000, maxBytes: 1_048_576 },
    })
    expect(outcome).toMatchObject({ kind: 'PROBLEM', problem: { code: 'STATEMENT_CANCELLED' } })
  })

  it.each([
    ['no JSON', '{'],
    ['no Extended JSON', '{"total": {"$numberInt": "many"}}'],
  ])('was saved before the form knew that it is %s, and nothing is dialled', async (_, filter) => {
    await using server = await startDouble()
    const saved = mongodb.queryForm.schema.parse(find()) as { operation: { find: { filter: string } } }
    saved.operation.find.filter = filter
    const job = {
      config: parseConfig(config(server.port, 'clear')),
      query: saved,
      limits: { maxRows: 1, maxBytes: 1_000 },
    }
    const environment = await environmentFor()
    const outcome = await collectQuery(mongodb, { ...job, environment }, new AbortController().signal)
    // Says nothing about the account: no sign-in has been tried.
    expect(expectQueryProblem(outcome, { code: 'QUERY_MALFORMED' }).fields).toEqual(['operation.find.filter'])
    expect(verdictOfQuery(outcome, 'SIGN_IN')).toBe('UNTRIED')
    expect(server.connections).toBe(0)
  })

  it('is the password, the server or the network, as in a test', async () => {
    const wrong = await queryHostile({ change: { auth: { scram: { username: 'ann', password: 'wrong' } } } })
    expect(wrong.outcome).toMatchObject({ kind: 'PROBLEM', problem: { code: 'CREDENTIALS_REJECTED' } })
    expect(wrong.server.signIns).toHaveLength(1)
    const closed = await queryMongodb(config(1, 'clear'), find())
    expect(closed).toMatchObject({ kind: 'PROBLEM', problem: { code: 'CONNECTION_REFUSED' } })
  })

  it('is stopped by its time limit although the server ignores it', async () => {
    const { outcome, server } = await queryHostile({
      at: { find: () => {} },
      change: { limits: { statementTimeoutSeconds: 1 } },
      budgetMs: 8_000,
    })
    if (outcome === 'CANCELLED') throw new Error('It took too long.')
    expectQueryProblem(outcome, { code: 'STATEMENT_TIMED_OUT' })
    expect(server.openConnections).toBe(0)
  })
})

describe('a slow reader of a MongoDB query', () => {
  it('slows the server down: no batch is asked for that nobody has room for', async () => {
    const wide = 'x'.repeat(10_000)
    const endless = {
      shop: {
        orders: function* () {
          for (let _id = 0; ; _id++) yield { _id, wide }
        },
      },
    }
    await using server = await startDouble('clear', { data: endless })
    await using query = await startQuery(config(server.port, 'clear'), find(), {
      maxRows: 1_000_000,
      maxBytes: 1_000_000_000,
    })
    await query.firstRows
    const asked = () => server.commandsNamed('getMore').length
    // It settles: what is asked for is bounded by what is held for the reader.
    await vi.waitFor(async () => {
      const before = asked()
      await new Promise(resolve => setImmediate(resolve))
      expect(asked()).toBe(before)
    })
    expect(query.rowsTaken).toBeLessThan(100_000)
    query.cancel()
    await query.ended
    await vi.waitFor(() => expect(server.openCursors).toBe(0))
    await nothingLeft(server)
  })
})

describe('cancelling a query on a MongoDB connector', () => {
  const stages = ['hello', 'signInHello', 'saslContinue', 'find', 'getMore'] as const

  it.each(stages)('while %s waits ends it at once and leaves nothing', async stage => {
    const reached = Promise.withResolvers<void>()
    await using server = await startDouble('clear', {
      ...many,
      at: { [stage]: () => reached.resolve() },
    })
    const cancel = new AbortController()
    const run = queryMongodb(config(server.port, 'clear'), find(), {
      signal: cancel.signal,
      limits: { maxRows: 10_000, maxBytes: 1_048_576 },
    })
    await reached.promise
    cancel.abort(new Error('enough'))
    await expect(run).rejects.toThrow('enough')
    await nothingLeft(server)
  })

  it('between two batches kills its cursor', async () => {
    const reached = Promise.withResolvers<void>()
    const go = Promise.withResolvers<void>()
    await using server = await startDouble('clear', {
      at: {
        getMore: async ({ answer }) => {
          reached.resolve()
          await go.promise
          return answer
        },
      },
      ...many,
    })
    const cancel = new AbortController()
    const run = queryMongodb(config(server.port, 'clear'), find(), {
      signal: cancel.signal,
      limits: { maxRows: 10_000, maxBytes: 10_485_760 },
    })
    await reached.promise
    expect(server.openCursors).toBe(1)
    cancel.abort(new Error('enough'))
    await expect(run).rejects.toThrow('enough')
    go.resolve()
    await vi.waitFor(() => expect(server.openCursors).toBe(0), { timeout: 3_000 })
    await nothingLeft(server)
  })
})
