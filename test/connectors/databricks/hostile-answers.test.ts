import types from '@databricks/sql/thrift/TCLIService_types.js'
import { describe, expect, it } from 'vitest'
import { isRecord } from '../../../src/connectors/form-tree-walk.ts'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { type DatabricksDoubleOptions, type RestCall, sampleWarehouse } from '../../servers/databricks-double.ts'
import { rowSet } from '../../servers/databricks-rows.ts'
import type { ThriftMethod } from '../../servers/databricks-thrift.ts'
import {
  byClient,
  byToken,
  clusterPath,
  expectQueryProblem,
  queryAt,
  queryDatabricks,
  resultOf,
  sql,
  startWorkspace,
  stepKeys,
  testAt,
  testDatabricks,
} from './databricks-run.ts'

/** What stands in the place of something: of every type but its own. */
const others: readonly unknown[] = [null, 7, 'x'.repeat(300), [['y']], { z: {} }]

/** Every place in a value, down to what lies two levels below it. */
function placesIn(value: unknown, depth = 3): readonly (readonly string[])[] {
  if (depth === 0 || !(isRecord(value) || Array.isArray(value))) return []
  return Object.entries(value).flatMap(([key, inner]) => [
    [key],
    ...placesIn(inner, depth - 1).map(path => [key, ...path]),
  ])
}

function replaced(value: unknown, [key, ...rest]: readonly string[], other: unknown): unknown {
  if (key === undefined) return other
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === key ? replaced(item, rest, other) : item))
  return { ...(value as object), [key]: replaced((value as Record<string, unknown>)[key], rest, other) }
}

const isOurs = /Cannot read|is not a function|is not iterable|undefined|\[object|not valid JSON/

const asked: readonly (readonly [RestCall, unknown, DatabricksDoubleOptions])[] = [
  ['Token', byClient(), {}],
  ['Me', byToken(), {}],
  ['Warehouse', byToken(), { warehouses: { [sampleWarehouse]: { state: 'STOPPED' } } }],
  ['Cluster', byToken({ httpPath: clusterPath }), {}],
  ['Catalogs', byToken({ catalog: undefined, schema: undefined }), {}],
  ['Catalog', byToken(), {}],
  ['Schemas', byToken({ schema: undefined }), {}],
  ['Schema', byToken(), {}],
  ['Tables', byToken(), { pageSize: 1 }],
  ['EffectivePermissions', byToken(), {}],
]

/** The longest of what the double answers. */
async function answerOf(call: RestCall, input: unknown, workspace: DatabricksDoubleOptions): Promise<unknown> {
  let answer: unknown = null
  const changes: DatabricksDoubleOptions['changes'] = {
    [call]: (given: never) => {
      if (JSON.stringify(given).length > JSON.stringify(answer).length) answer = given
      return given
    },
  }
  await testDatabricks({ ...workspace, changes }, input)
  return answer
}

describe('an answer of the REST API with something else in it than Databricks has there', () => {
  it.each(asked)(
    'is a problem of a step or none, and never a fault of ours: %s',
    async (call, input, workspace) => {
      const answer = await answerOf(call, input, workspace)
      const places = placesIn(answer)
      expect(places.length).toBeGreaterThan(2)
      const strange: string[] = []
      for (const [index, place] of [[], ...places].entries()) {
        // Of long answers every other one: each kind comes up often enough.
        const each = places.length > 12 ? others.filter((_, kind) => (kind + index) % 2 === 0) : others
        for (const other of each) {
          const changes = { [call]: () => replaced(answer, place, other) }
          await using double = await startWorkspace({ ...workspace, changes })
          const reports = await testAt(double, input, { budgetsMs: { OPEN: 2_000, READ: 2_000 } })
          expect(Object.keys(reports)).toEqual([...stepKeys])
          const told = JSON.stringify(Object.values(reports).map(report => report?.problem))
          if (isOurs.test(told)) strange.push(`${place.join('.')} = ${JSON.stringify(other)}: ${told}`)
          if (double.strays.length > 0) strange.push(`${place.join('.')}: ${double.strays.join()}`)
        }
      }
      expect(strange).toEqual([])
    },
    120_000,
  )

  it('without an end to its pages is read as far as anybody wants to wait', async () => {
    for (const call of ['Catalogs', 'Schemas', 'Tables', 'EffectivePermissions'] as const) {
      const changes: DatabricksDoubleOptions['changes'] = {
        [call]: (page: object, { nth }: { nth: number }) => ({ ...page, next_page_token: `page-${nth % 2}` }),
      }
      const input = byToken(
        call === 'Catalogs'
          ? { catalog: undefined, schema: undefined }
          : call === 'Schemas'
            ? { schema: undefined }
            : {},
      )
      const { reports, double } = await testDatabricks({ changes }, input)
      expect(reports.SIGN_IN?.status).toBe('PASSED')
      expect(double.calls.filter(each => each === call).length, call).toBeLessThan(150)
    }
  })

  it('with names that are strange is shown as it is, and sent as it was told', async () => {
    const odd = "x'; drop table orders --\n`"
    const changes: DatabricksDoubleOptions['changes'] = {
      Tables: () => ({
        tables: [{ name: odd, catalog_name: 'main', schema_name: 'sales', table_type: 'MANAGED', owner: 'x' }],
      }),
    }
    const { double } = await testDatabricks({ changes })
    expect(double.writes).toEqual([])
    const [, ...rest] = double.statements.filter(text => text.includes('drop table'))
    expect(rest).toEqual([])
    for (const text of double.statements) expect(text.replaceAll(/`(?:[^`]|``)*`/g, '')).not.toMatch(/drop/i)
  })
})

type Answers = { readonly [M in ThriftMethod]?: (answer: never) => unknown }
const execute = (change: (direct: InstanceType<typeof types.TSparkDirectResults>) => void): Answers => ({
  ExecuteStatement: (answer: InstanceType<typeof types.TExecuteStatementResp>) => {
    if (answer.directResults) change(answer.directResults)
    return answer
  },
})
const columns = [{ name: 'n', type: 'string' }]
const page = (rows: number, hasMoreRows = true) => ({
  FetchResults: () =>
    new types.TFetchResultsResp({
      status: new types.TStatus({ statusCode: types.TStatusCode.SUCCESS_STATUS }),
      hasMoreRows,
      results: rowSet(
        columns,
        Array.from({ length: rows }, () => ['x'.repeat(1_000)]),
        { kind: 'COLUMNS' },
      ),
    }),
})
const paged = { waits: ['RUNNING_STATE'] } as const
const truths = [{ name: 'n', type: 'boolean' }]
const mistyped: DatabricksDoubleOptions = {
  statements: () => ({ columns: [{ name: 'n', type: 'bigint' }], rows: [[1]] }),
  changes: {
    FetchResults: (answer: never) => Object.assign(answer, { results: rowSet(truths, [[true]], { kind: 'COLUMNS' }) }),
  },
}

describe('an answer of SQL that lies', () => {
  it.each<[string, DatabricksDoubleOptions, ProblemCode]>([
    [
      'a statement without a handle',
      {
        changes: {
          ExecuteStatement: (answer: never) => Object.assign(answer, { operationHandle: null, directResults: null }),
        },
      },
      'PROTOCOL_VIOLATION',
    ],
    [
      'a session without a handle',
      { changes: { OpenSession: (answer: never) => Object.assign(answer, { sessionHandle: null }) } },
      'PROTOCOL_VIOLATION',
    ],
    [
      'a result without columns told',
      { changes: execute(direct => Object.assign(direct.resultSetMetadata ?? {}, { schema: null })) },
      'PROTOCOL_VIOLATION',
    ],
    [
      'a result in Arrow',
      {
        changes: execute(direct =>
          Object.assign(direct.resultSetMetadata ?? {}, { resultFormat: types.TSparkRowSetType.ARROW_BASED_SET }),
        ),
      },
      'PROTOCOL_VIOLATION',
    ],
    [
      'a result to be fetched elsewhere',
      {
        changes: execute(direct =>
          Object.assign(direct.resultSetMetadata ?? {}, { resultFormat: types.TSparkRowSetType.URL_BASED_SET }),
        ),
      },
      'PROTOCOL_VIOLATION',
    ],
    [
      'a result that is packed',
      { changes: execute(direct => Object.assign(direct.resultSetMetadata ?? {}, { lz4Compressed: true })) },
      'PROTOCOL_VIOLATION',
    ],
    [
      'files to be moved',
      { changes: execute(direct => Object.assign(direct.resultSetMetadata ?? {}, { isStagingOperation: true })) },
      'QUERY_NOT_READ_ONLY',
    ],
    [
      'more columns than were told',
      {
        changes: execute(direct =>
          direct.resultSet?.results?.columns?.push(...(direct.resultSet?.results?.columns ?? [])),
        ),
      },
      'PROTOCOL_VIOLATION',
    ],
    ['values of another type than was told', { ...paged, ...mistyped }, 'PROTOCOL_VIOLATION'],
    ['pages without rows for ever', { ...paged, changes: page(0) }, 'PROTOCOL_VIOLATION'],
    [
      'an answer to something else',
      {
        at: {
          ExecuteStatement: {
            status: 200,
            body: '\u0080\u0001\u0000\u0002\u0000\u0000\u0000\u0004ping\u0000\u0000\u0000\u0000\u0000',
          },
        },
      },
      'PROTOCOL_VIOLATION',
    ],
    ['half an answer', { at: { FetchResults: 'CUT' }, ...paged }, 'CONNECTION_RESET'],
    ['an empty answer', { at: { ExecuteStatement: { status: 200, body: '' } } }, 'PROTOCOL_VIOLATION'],
  ])('is found out: %s', async (_, workspace, code) => {
    const { outcome, double } = await queryDatabricks(sql('select n from numbers'), workspace)
    expectQueryProblem(outcome, { code })
    expect(JSON.stringify(outcome)).not.toMatch(isOurs)
    expect(double.running).toBe(0)
    expect(double.strays).toEqual([])
  })

  it('of more rows than were asked for gives no more than are wanted', async () => {
    const limits = { maxRows: 10, maxBytes: 1_048_576 }
    const { outcome } = await queryDatabricks(
      sql('select n from numbers'),
      { ...paged, changes: page(5_000) },
      { limits },
    )
    expect(resultOf(outcome)).toMatchObject({ truncated: true, rows: { length: 10 } })
  })

  it('of rows for ever ends where enough of them have been read', async () => {
    const limits = { maxRows: 3_000, maxBytes: 50_000_000 }
    const { outcome, double } = await queryDatabricks(
      sql('select n from numbers'),
      { ...paged, changes: page(700) },
      { limits },
    )
    expect(resultOf(outcome)).toMatchObject({ truncated: true, rows: { length: 3_000 } })
    expect(double.calls.filter(call => call === 'FetchResults').length).toBeLessThanOrEqual(6)
  })

  it('is not taken in as a whole where it has no end', async () => {
    for (const call of ['OpenSession', 'ExecuteStatement', 'FetchResults'] as const) {
      const { outcome } = await queryDatabricks(sql('select n from numbers'), { ...paged, at: { [call]: 'FLOOD' } })
      expect(outcome).toMatchObject({
        kind: 'PROBLEM',
        problem: { code: expect.stringMatching(/PROTOCOL_VIOLATION|RESULT_TOO_LARGE/) },
      })
    }
  })

  it('that is small, and large in memory, is not taken in', async () => {
    // Nothing but a byte each, and an object with eight fields here.
    const empty = Array.from({ length: 200_000 }, () => new types.TColumn())
    const changes: DatabricksDoubleOptions['changes'] = {
      FetchResults: (answer: InstanceType<typeof types.TFetchResultsResp>) =>
        Object.assign(answer, { results: new types.TRowSet({ startRowOffset: 0 as never, rows: [], columns: empty }) }),
    }
    const { outcome } = await queryDatabricks(sql('select n from numbers'), { ...paged, changes })
    expect(expectQueryProblem(outcome, { code: 'PROTOCOL_VIOLATION' }).message).toMatch(/none to what was asked/)
  })

  it('of a page that is too large is told in words that help', async () => {
    const large = { columns, rows: [['x'.repeat(40_000_000)]] }
    for (const more of [paged, {}]) {
      const { outcome, double } = await queryDatabricks(sql('select n from t'), { ...more, statements: () => large })
      expect(expectQueryProblem(outcome, { code: 'RESULT_TOO_LARGE' }).message).toMatch(/MiB/)
      expect(double.running).toBe(0)
    }
  })

  it('of more columns than anybody reads is refused', async () => {
    const many = Array.from({ length: 5_000 }, (_, index) => ({ name: `c${index}`, type: 'int' }))
    const { outcome } = await queryDatabricks(sql('select * from t'), {
      statements: () => ({ columns: many, rows: [] }),
    })
    expectQueryProblem(outcome, { code: 'RESULT_TOO_LARGE' })
  })

  it('in what OPEN asks fails that step', async () => {
    const changes = execute(direct => Object.assign(direct.resultSet?.results ?? {}, { columns: [] }))
    await using double = await startWorkspace({ changes })
    const reports = await testAt(double)
    expect(reports.OPEN?.status).toBe('FAILED')
    expect(JSON.stringify(reports)).not.toMatch(isOurs)
    await expect.poll(() => double.openSessions, { timeout: 10_000 }).toBe(0)
    expect((await queryAt(double, sql('select 1'))).kind).toMatch(/RESULT|PROBLEM/)
  })
})
