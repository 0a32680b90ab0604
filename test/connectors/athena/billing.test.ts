import { describe, expect, it } from 'vitest'
import type { AthenaCatalog } from '../../servers/athena-catalog.ts'
import type { AwsDoubleOptions } from '../../servers/aws-double.ts'
import { byKey, byRole, evidenceOf, expectPass, expectProblem, testAthena, unencrypted } from './athena-run.ts'

const bytesOf = ({ athena }: Awaited<ReturnType<typeof testAthena>>) =>
  athena.queries.map(({ outcome }) => outcome.bytesScanned ?? 0)

describe('a test that may not cost anything', () => {
  it.each([
    ['keys', byKey()],
    ['a role', byRole()],
    ['no database', byKey({ database: undefined })],
    ['a database without a table', byKey({ database: 'default' })],
  ])('starts nothing but statements that scan nothing, by %s', async (_, input) => {
    const run = await testAthena({}, input)
    expect(run.athena.queries.length).toBeGreaterThan(0)
    expect(bytesOf(run).every(bytes => bytes === 0)).toBe(true)
    for (const statement of run.athena.statements) expect(statement).toMatch(/^select 1$| limit 0$/i)
    expect(evidenceOf(run.reports.OPEN)['Bytes scanned']).toBe('0 bytes')
  })

  it('tries no other table either by reading it, where the first ones fail', async () => {
    const broken = { columns: [{ name: 'n', type: 'integer' }], refuses: 'HIVE_METASTORE_ERROR: broken' }
    const databases = {
      sales: { a: broken, b: broken, c: { columns: [{ name: 'n', type: 'integer' }], rows: [['1']] } },
    }
    const run = await testAthena({ athena: { catalogs: { AwsDataCatalog: { type: 'GLUE', databases } } } })
    expect(expectPass(run.reports)).toEqual(unencrypted)
    expect(bytesOf(run)).toEqual(run.athena.queries.map(() => 0))
  })

  it('asks no function of a federated catalog, which would be billed', async () => {
    const shop: AthenaCatalog = {
      type: 'LAMBDA',
      function: 'arn:aws:lambda:eu-west-1:111122223333:function:federation',
      databases: { sales: { items: { columns: [{ name: 'n', type: 'varchar' }], rows: [['x']] } } },
    }
    const aws: AwsDoubleOptions = { athena: { catalogs: { shop } } }
    const { reports, requests, athena } = await testAthena(aws, byKey({ catalog: 'shop' }))
    expectProblem(reports, 'READ', 'COMPUTE_NOT_ALLOWED')
    expect(reports.READ?.status).toBe('WARNING')
    expect(requests.map(({ action }) => action)).not.toContain('ListDatabases')
    expect(requests.map(({ action }) => action)).not.toContain('ListTableMetadata')
    expect(athena.statements.filter(text => /from/i.test(text))).toEqual([])
    const allowed = await testAthena(aws, byKey({ catalog: 'shop' }), { mayStartCompute: true })
    expect(expectPass(allowed.reports)).toEqual(unencrypted)
  })
})

describe('a test that may', () => {
  it('reads one row, and says how many bytes that was', async () => {
    const run = await testAthena({}, byKey(), { mayStartCompute: true })
    expect(expectPass(run.reports)).toEqual(unencrypted)
    expect(run.athena.statements.at(-1)).toMatch(/ limit 1$/i)
    expect(evidenceOf(run.reports.READ)['Bytes scanned']).not.toBe('0 bytes')
    expect(evidenceOf(run.reports.READ)['Bytes scanned']).toMatch(/^[\d.]+ (bytes|KiB)$/)
    // Nothing of the row's content is told.
    expect(JSON.stringify(run.reports)).not.toContain('"one"')
  })

  it('is content with a table that is empty', async () => {
    const databases = { sales: { orders: { columns: [{ name: 'n', type: 'integer' }] } } }
    const aws: AwsDoubleOptions = { athena: { catalogs: { AwsDataCatalog: { type: 'GLUE', databases } } } }
    const { reports } = await testAthena(aws, byKey(), { mayStartCompute: true })
    expect(expectPass(reports)).toEqual(unencrypted)
  })
})
