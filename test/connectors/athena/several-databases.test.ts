import { describe, expect, it } from 'vitest'
import type { AthenaTable } from '../../servers/athena-catalog.ts'
import { byKey, evidenceOf, expectPass, expectProblem, testAthena, unencrypted } from './athena-run.ts'

const table: AthenaTable = { columns: [{ name: 'n', type: 'integer' }], rows: [['1']] }
const closed: AthenaTable = { ...table, refuses: 'Insufficient Lake Formation permission(s): Required Select on a' }

const testIn = (databases: Readonly<Record<string, Readonly<Record<string, AthenaTable>>>>) =>
  testAthena({ athena: { catalogs: { AwsDataCatalog: { type: 'GLUE', databases } } } }, byKey({ database: undefined }))

describe('a connector without a database', () => {
  it('passes where the first database is closed to the identity, and another one is not', async () => {
    const { reports } = await testIn({
      a: { t1: closed, t2: closed, t3: closed, t4: closed, t5: closed },
      b: { t: table },
    })
    expect(expectPass(reports)).toEqual(unencrypted)
    expect(evidenceOf(reports.READ)['Queried']).toContain('b.t')
  })

  it('says in which databases it has looked where it found nothing: there may be more', async () => {
    const { reports } = await testIn(Object.fromEntries('abcdefgh'.split('').map(name => [name, {}])))
    expectProblem(reports, 'READ', 'NOTHING_READABLE')
    expect(evidenceOf(reports.READ)['Looked for tables in']).toBe('a, b, c, d, e and more')
  })
})
