import { describe, expect, it } from 'vitest'
import type { AthenaTable } from '../../servers/athena-catalog.ts'
import type { AwsDoubleOptions } from '../../servers/aws-double.ts'
import { byKey, expectPass, expectProblem, testAthena, unencrypted } from './athena-run.ts'

const table: AthenaTable = { columns: [{ name: 'n', type: 'integer' }], rows: [['1']] }
const view: AthenaTable = { ...table, kind: 'VIRTUAL_VIEW' }
const closed: AthenaTable = {
  ...table,
  refuses: 'Insufficient Lake Formation permission(s): Required Select on orders',
}

const holding = (sales: Readonly<Record<string, AthenaTable>>): AwsDoubleOptions => ({
  athena: { catalogs: { AwsDataCatalog: { type: 'GLUE', databases: { sales } } } },
})
const aboutViews = (statements: readonly string[]) => statements.filter(text => /"v\d"/.test(text))

describe('views, which may read what functions hold', () => {
  it('are not asked about by a test that may not cost anything', async () => {
    const { reports, athena } = await testAthena(holding({ v1: view, v2: view }))
    expect(expectPass(reports)).toEqual({ ...unencrypted, READ: 'COMPUTE_NOT_ALLOWED' })
    expect(expectProblem(reports, 'READ', 'COMPUTE_NOT_ALLOWED').detail).toMatch(/views/)
    expect(aboutViews(athena.statements)).toEqual([])
  })

  it('are not asked about either where every table is closed, and what they hold stays unknown', async () => {
    const { reports, athena } = await testAthena(holding({ a: closed, v1: view }))
    expectProblem(reports, 'READ', 'COMPUTE_NOT_ALLOWED')
    expect(aboutViews(athena.statements)).toEqual([])
  })

  it('are read where that is allowed', async () => {
    for (const sales of [{ v1: view }, { a: closed, v1: view }]) {
      const { reports, athena } = await testAthena(holding(sales), byKey(), { mayStartCompute: true })
      expect(expectPass(reports)).toEqual(unencrypted)
      expect(aboutViews(athena.statements)).toHaveLength(1)
    }
  })
})

describe('a catalog of which nobody may be told who holds it', () => {
  it('is not said to be held by functions: that is not known', async () => {
    const aws: AwsDoubleOptions = { athena: { denies: action => action === 'athena:GetDataCatalog' } }
    const { reports } = await testAthena(aws, byKey({ catalog: 'shop' }))
    const { detail } = expectProblem(reports, 'READ', 'COMPUTE_NOT_ALLOWED')
    expect(detail).toContain('athena:GetDataCatalog')
    expect(detail).not.toContain('is not held')
  })
})
