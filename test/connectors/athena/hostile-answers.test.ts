import { describe, expect, it } from 'vitest'
import { encodedToken } from '../../servers/athena-catalogs.ts'
import type { AthenaAction } from '../../servers/athena-double.ts'
import type { AwsDoubleOptions } from '../../servers/aws-double.ts'
import { altered, isOurFault, placesIn, strangeValues } from '../altered-answers.ts'
import { byKey, expectPass, queryAt, sql, startAws, stepIds, testAt, testAthena, unencrypted } from './athena-run.ts'

const asked: readonly AthenaAction[] = [
  'GetWorkGroup',
  'GetDataCatalog',
  'StartQueryExecution',
  'GetQueryExecution',
  'GetQueryResults',
  'GetDatabase',
  'ListDatabases',
  'ListTableMetadata',
]

const one = { columns: [{ name: 'n', type: 'varchar' }], rows: [['one']] }
/** As small as it can be: each place of it is replaced. */
const quick = {
  waits: [],
  catalogs: { AwsDataCatalog: { type: 'GLUE', databases: { sales: { numbers: one } } } },
} as const

/** What the double answers first, whenever it is asked. */
async function answersOf(action: AthenaAction): Promise<unknown> {
  let answer: unknown = {}
  const changes: AwsDoubleOptions['changes'] = {
    [action]: (given: never) => {
      answer = given
      return given
    },
  }
  for (const database of ['sales', undefined]) await testAthena({ athena: quick, changes }, byKey({ database }))
  return answer
}

describe('an answer with something else in it than Athena has there', () => {
  it.each(asked)(
    'is a problem of a step or none, and never a fault of ours: %s',
    async action => {
      const answer = await answersOf(action)
      const places = placesIn(answer, 4)
      const strange: string[] = []
      for (const place of places) {
        for (const other of strangeValues) {
          const changes = { [action]: () => altered(answer, place, other) }
          await using double = await startAws({ athena: quick, changes })
          const input = byKey({
            database: action === 'ListDatabases' ? undefined : 'sales',
            limits: { statementTimeoutSeconds: 1 },
          })
          const reports = await testAt(double, input, { budgetsMs: { OPEN: 400, READ: 400 } })
          expect(Object.keys(reports)).toEqual(stepIds)
          const outcome = await queryAt(double, input, sql('select n from numbers')).catch((error: unknown) => ({
            error,
          }))
          for (const told of [
            JSON.stringify(Object.values(reports).map(report => report?.problem)),
            JSON.stringify(outcome),
          ])
            if (isOurFault(told) || 'error' in outcome)
              strange.push(`${place.join('.')} = ${JSON.stringify(other)}: ${told}`)
        }
      }
      expect(strange).toEqual([])
    },
    120_000,
  )

  it('without an end to its pages is read as far as anybody wants to wait', async () => {
    const lists = { ListDatabases: 'AwsDataCatalog.databases', ListTableMetadata: 'AwsDataCatalog.sales.tables' }
    for (const action of ['ListDatabases', 'ListTableMetadata'] as const) {
      const changes: AwsDoubleOptions['changes'] = {
        [action]: (page: object, { nth }: { nth: number }) => ({
          ...page,
          NextToken: encodedToken(lists[action], nth % 2),
        }),
      }
      const database = action === 'ListDatabases' ? undefined : 'sales'
      const { reports, requests } = await testAthena({ changes }, byKey({ database }))
      expect(expectPass(reports)).toEqual(unencrypted)
      expect(requests.filter(request => request.action === action).length).toBeLessThan(20)
    }
  })

  it('that is of another query is none of ours', async () => {
    const { reports, athena } = await testAthena({
      changes: {
        GetQueryResults: (_: unknown, { nth }: { nth: number }) => ({
          ResultSet: {
            Rows: [{ Data: [{ VarCharValue: '_col0' }] }, { Data: [{ VarCharValue: String(41 + nth) }] }],
            ResultSetMetadata: { ColumnInfo: [{ Name: '_col0', Type: 'integer' }] },
          },
        }),
      },
    })
    expect(reports.OPEN?.status).toBe('FAILED')
    expect(athena.running).toBe(0)
  })
})
