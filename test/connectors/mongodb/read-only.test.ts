import { describe, expect, it } from 'vitest'
import { mongodb } from '../../../src/connectors/mongodb/index.ts'
import { proves } from '../../proofs/proves.ts'
import { MongoDouble } from '../../servers/mongo-double.ts'
import { queryMongodb } from '../../servers/mongodb-run.ts'
import { ann, config, data, find, pipeline } from './hostile-run.ts'
import { type CorpusQuery, legalQueries, refusedQueries } from './read-only-corpus.ts'

const typed = (query: CorpusQuery) => ('pipeline' in query ? pipeline(query.pipeline) : find(query.find))

/** The form already refuses what has not the shape of a query. */
const passesForm = (query: CorpusQuery) => mongodb.queryForm.schema.safeParse(typed(query)).success

describe('the read-only fence of MongoDB', () => {
  it('is tried on enough', () => {
    expect(refusedQueries.length).toBeGreaterThanOrEqual(60)
    expect(legalQueries.length).toBeGreaterThanOrEqual(60)
    expect(refusedQueries.filter(([, query]) => passesForm(query)).length).toBeGreaterThanOrEqual(60)
  })

  it.each(refusedQueries)('refuses %s before anything is dialled', async (_, query) => {
    await using server = await MongoDouble.start({ data, accounts: [ann] })
    if (!passesForm(query)) {
      expect(server.connections).toBe(0)
      return
    }
    const outcome = await queryMongodb(config(server.port, 'clear'), typed(query))
    expect(outcome).toMatchObject({
      kind: 'PROBLEM',
      problem: { code: expect.stringMatching(/^QUERY_(NOT_READ_ONLY|INVALID)$/) },
    })
    expect(server.connections).toBe(0)
    if (outcome.kind === 'PROBLEM') proves('MONGODB', outcome.problem.code, 'DOUBLE')
  })

  it.each(legalQueries)('lets %s through, as it was written', async (_, query) => {
    const seen: unknown[] = []
    const answer = { cursor: { id: 0n, ns: 'shop.orders', firstBatch: [{ _id: 1 }] }, ok: 1 }
    const note = ({ request }: { request: { command: Record<string, unknown> } | null }) => {
      seen.push(request?.command)
      return answer
    }
    await using server = await MongoDouble.start({
      data,
      accounts: [ann],
      at: { find: note, aggregate: note } as never,
    })
    const outcome = await queryMongodb(config(server.port, 'clear'), typed(query))
    expect(outcome, JSON.stringify(outcome)).toMatchObject({ kind: 'RESULT' })
    expect(seen).toHaveLength(1)
    const [command] = seen as [Record<string, unknown>]
    const [sent, written] =
      'pipeline' in query
        ? [(command['pipeline'] as unknown[]).slice(0, query.pipeline.length), query.pipeline]
        : [{ filter: command['filter'], projection: command['projection'], sort: command['sort'] }, query.find]
    if (!JSON.stringify(written).match(/"\$(oid|date|number|binary|uuid|regularExpression|regex")/)) {
      expect(JSON.parse(JSON.stringify(sent))).toMatchObject(written)
    }
  })

  it.each([
    ['find', find({})],
    ['a pipeline', pipeline([{ $match: {} }])],
  ])('sends %s with a time limit and nothing that writes', async (_, query) => {
    await using server = await MongoDouble.start({ data, accounts: [ann] })
    await queryMongodb({ ...config(server.port, 'clear'), limits: { statementTimeoutSeconds: 7 } }, query)
    const work = server.commands.filter(({ name }) => name === 'find' || name === 'aggregate')
    expect(work).toHaveLength(1)
    expect(work[0]?.command).toMatchObject({ maxTimeMS: 7_000 })
    expect(work[0]?.command['allowDiskUse']).not.toBe(true)
    const names = new Set(server.commands.map(({ name }) => name.toLowerCase()))
    for (const name of names) {
      expect([
        'ismaster',
        'hello',
        'saslstart',
        'saslcontinue',
        'find',
        'aggregate',
        'getmore',
        'killcursors',
        'endsessions',
        'ping',
        'listcollections',
        'buildinfo',
      ]).toContain(name)
    }
  })
})
