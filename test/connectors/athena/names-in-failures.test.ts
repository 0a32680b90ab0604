import { describe, expect, it } from 'vitest'
import { byKey, expectFailure, expectQueryProblem, queryAthena, sql, testAthena } from './athena-run.ts'

describe('a failure of Athena that quotes what the query has in it', () => {
  it.each([
    ["COLUMN_NOT_FOUND: line 1:8: Column 'permission_denied' cannot be resolved", 'OBJECT_NOT_FOUND'],
    ["COLUMN_NOT_FOUND: line 1:8: Column 'accessdenied' cannot be resolved", 'OBJECT_NOT_FOUND'],
    ["TABLE_NOT_FOUND: line 1:15: Table 'awsdatacatalog.sales.output location' does not exist", 'OBJECT_NOT_FOUND'],
    [
      "EXPRESSION_NOT_AGGREGATE: line 1:8: 'throttled' must be an aggregate expression or appear in GROUP BY clause",
      'QUERY_INVALID',
    ],
    ["INVALID_CAST_ARGUMENT: Cannot cast 'access denied' to integer", 'QUERY_INVALID'],
    ['INVALID_FUNCTION_ARGUMENT: Too many requests for a function', 'QUERY_INVALID'],
    ["line 1:8: Column 'results location' is ambiguous", 'QUERY_INVALID'],
    ['PERMISSION_DENIED: line 1:15: Access Denied: Cannot select from columns [id]', 'PERMISSION_DENIED'],
  ] as const)('is named by what Athena says, not by what it quotes: %s', async (failure, code) => {
    const statements = () => ({ failure, statementType: 'DML', substatementType: 'SELECT' }) as const
    const { outcome } = await queryAthena(sql('select n from numbers'), { athena: { statements } })
    expectQueryProblem(outcome, { code })
  })

  it.each(["line 1:8: Column 'output location' is wrong", 'Query string exceeds the maximum length of 262144 bytes'])(
    'is named so, too, where the query is refused before it begins: %s',
    async refused => {
      const { outcome } = await queryAthena(sql('select n from numbers'), {
        athena: { statements: () => ({ refused }) },
      })
      expectQueryProblem(outcome, { code: 'QUERY_INVALID', fields: ['sql.text'] })
    },
  )
})

describe('something that Athena does not find', () => {
  it('is the database, though the catalog is named with it', async () => {
    const message = 'Database sales in catalog AwsDataCatalog was not found'
    const { reports } = await testAthena({ at: { GetDatabase: { error: 'MetadataException', message } } })
    expectFailure(reports, 'READ', 'DATABASE_NOT_FOUND')
  })

  it.each([
    ['GetWorkGroup', 'OPEN', 'workgroup', 'primary'],
    ['GetDataCatalog', 'READ', 'catalog', 'shop'],
    ['GetDatabase', 'READ', 'database', 'sales'],
  ] as const)('is what was asked about: %s', async (action, step, what, name) => {
    const at = { [action]: { error: 'ResourceNotFoundException', message: 'Nothing there.' } }
    const catalogs = { shop: { type: 'GLUE', databases: { sales: {} } } } as const
    const { reports } = await testAthena({ at, athena: { catalogs } }, byKey({ catalog: 'shop' }))
    const { message, fields } = expectFailure(reports, step, 'CLOUD_RESOURCE_NOT_FOUND')
    expect(message).toContain(`${what} "${name}"`)
    expect(fields).toContain(what)
  })
})
