import { describe, expect, it } from 'vitest'
import type { Remedy } from '../../../src/connectors/problem.ts'
import { type DatabricksCatalogs, sampleCatalogs } from '../../servers/databricks-catalog.ts'
import type { DatabricksDoubleOptions } from '../../servers/databricks-double.ts'
import { refusals } from '../../servers/databricks-faults.ts'
import { type DatabricksGrant, readerGrants } from '../../servers/databricks-rights.ts'
import { ann, byClient, byToken, clientId, expectPass, expectProblem, testDatabricks } from './databricks-run.ts'

const grant = (type: DatabricksGrant['type'], name: string, ...privileges: readonly string[]): DatabricksGrant => ({
  ...{ principal: ann, type, name, privileges },
})
const also = (...grants: readonly DatabricksGrant[]): DatabricksDoubleOptions => ({
  grants: [...readerGrants(ann), ...grants],
})

const main = sampleCatalogs['main']
const owning = (what: 'catalog' | 'schema' | 'table', owner: string): DatabricksCatalogs => ({
  main: {
    ...(what === 'catalog' && { owner }),
    schemas: {
      sales: {
        ...(what === 'schema' && { owner }),
        tables: {
          orders: {
            ...main?.schemas['sales']?.tables['orders'],
            columns: [{ name: 'id', type: 'bigint' }],
            ...(what === 'table' && { owner }),
          },
        },
      },
    },
  },
})

const scriptOf = (remedies: readonly Remedy[]): string =>
  remedies.map(remedy => (remedy.kind === 'RUN_SQL' ? remedy.sql : '')).join('\n')

describe('what a Databricks principal may do beside reading', () => {
  it.each<[string, DatabricksDoubleOptions]>([
    ['nothing but to read the catalog', {}],
    [
      'nothing but to read one table',
      {
        grants: [
          grant('CATALOG', 'main', 'USE_CATALOG'),
          grant('SCHEMA', 'main.sales', 'USE_SCHEMA'),
          grant('TABLE', 'main.sales.orders', 'SELECT'),
        ],
      },
    ],
    ['to browse, and to run functions', also(grant('CATALOG', 'main', 'BROWSE', 'EXECUTE', 'READ_VOLUME'))],
    ['things in other catalogs', also(grant('CATALOG', 'secret', 'USE_CATALOG', 'MODIFY'))],
    ['what is told on many pages', { ...also(), pageSize: 2, emptyPages: 2 }],
  ])('passes who may do %s', async (_, workspace) => {
    const { reports } = await testDatabricks(workspace)
    expect(expectPass(reports)).toEqual({})
  })

  it.each<[string, DatabricksDoubleOptions, RegExp]>([
    ['to change a table', also(grant('TABLE', 'main.sales.orders', 'MODIFY')), /MODIFY/],
    ['to change all tables of a schema', also(grant('SCHEMA', 'main.sales', 'MODIFY')), /MODIFY/],
    ['to change all tables of the catalog', also(grant('CATALOG', 'main', 'MODIFY')), /MODIFY/],
    ['everything with a table', also(grant('TABLE', 'main.sales.orders', 'ALL_PRIVILEGES')), /ALL.PRIVILEGES/],
    ['everything with the catalog', also(grant('CATALOG', 'main', 'ALL_PRIVILEGES')), /ALL.PRIVILEGES/],
    ['to make tables', also(grant('SCHEMA', 'main.sales', 'CREATE_TABLE')), /CREATE.TABLE/],
    ['to make schemas', also(grant('CATALOG', 'main', 'CREATE_SCHEMA')), /CREATE.SCHEMA/],
    ['to write files', also(grant('SCHEMA', 'main.sales', 'WRITE_VOLUME')), /WRITE.VOLUME/],
    ['to give rights away', also(grant('CATALOG', 'main', 'MANAGE')), /MANAGE/],
    [
      'what a group of theirs may',
      { ...also({ ...grant('SCHEMA', 'main.sales', 'MODIFY'), principal: 'writers' }), groups: { [ann]: ['writers'] } },
      /MODIFY/,
    ],
    [
      'what a group of theirs may, told with their own rights',
      {
        ...also({ ...grant('SCHEMA', 'main.sales', 'MODIFY'), principal: 'writers' }),
        groups: { [ann]: ['writers'] },
        tellsOfGroups: true,
      },
      /MODIFY/,
    ],
    ['what everybody may', also({ ...grant('SCHEMA', 'main.sales', 'MODIFY'), principal: 'account users' }), /MODIFY/],
    ['what owners of the catalog may', { ...also(), catalogs: owning('catalog', ann) }, /own/i],
    ['what owners of the schema may', { ...also(), catalogs: owning('schema', ann) }, /own/i],
    ['what owners of a table may', { ...also(), catalogs: owning('table', ann) }, /own/i],
    [
      'what a group may that owns the schema',
      { ...also(), catalogs: owning('schema', 'stewards'), groups: { [ann]: ['stewards'] } },
      /own/i,
    ],
    [
      'to change a table, told on the last of many pages',
      { ...also(grant('TABLE', 'main.sales.orders', 'MODIFY')), pageSize: 1, emptyPages: 1 },
      /MODIFY/,
    ],
  ])('warns of who may do %s', async (_, workspace, rights) => {
    const { reports, double } = await testDatabricks(workspace)
    expect(expectPass(reports)).toEqual({ LEAST_PRIVILEGE: 'ACCOUNT_CAN_WRITE' })
    const problem = expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
    expect(JSON.stringify([problem.params, reports.LEAST_PRIVILEGE?.evidence])).toMatch(rights)
    expect(problem.message).toContain(ann)
    const script = scriptOf(problem.remedies)
    for (const part of ['USE CATALOG', 'USE SCHEMA', 'SELECT', '`main`']) expect(script).toContain(part)
    // It is free to ask: nothing is run for it.
    expect(double.statements.some(text => /grant|privileges/i.test(text))).toBe(false)
  })

  it.each<[string, DatabricksDoubleOptions, unknown]>([
    ['privileges may not be looked up', { hidesPrivileges: true }, byToken()],
    ['they may not be told who they are', { at: { Me: refusals.denied } }, byToken()],
    [
      'there is no Unity Catalog',
      { hasMetastore: false, catalogs: { hive_metastore: main ?? { schemas: {} } } },
      byToken({ catalog: 'hive_metastore' }),
    ],
    [
      'the catalog is none of Unity Catalog',
      { catalogs: { hive_metastore: main ?? { schemas: {} } } },
      byToken({ catalog: 'hive_metastore' }),
    ],
    [
      'the answers make no sense',
      { at: { EffectivePermissions: { status: 200, body: '{"privilege_assignments": 7}' } } },
      byToken(),
    ],
    ['nobody answers', { at: { EffectivePermissions: refusals.unavailable } }, byToken()],
  ])('stays unknown where %s', async (_, workspace, input) => {
    const { reports } = await testDatabricks(workspace, input)
    expect(reports.LEAST_PRIVILEGE?.status, JSON.stringify(reports)).toBe('SKIPPED')
    expectProblem(reports, 'LEAST_PRIVILEGE', 'PRIVILEGES_UNKNOWN')
  })

  it('is not said to be measured where it was looked up on some tables only', async () => {
    const { reports } = await testDatabricks()
    expect(reports.LEAST_PRIVILEGE).toMatchObject({ status: 'PASSED', note: expect.stringMatching(/ 3 of 5\.$/) })
    const few = await testDatabricks({
      grants: [
        grant('CATALOG', 'main', 'USE_CATALOG'),
        grant('SCHEMA', 'main.sales', 'USE_SCHEMA'),
        grant('TABLE', 'main.sales.orders', 'SELECT'),
      ],
    })
    expect(few.reports.LEAST_PRIVILEGE).toMatchObject({ status: 'PASSED', note: null })
  })

  it('is not said to be measured on a metastore that does not tell', async () => {
    const ofMetastore = (how: typeof refusals.denied | typeof refusals.unavailable): DatabricksDoubleOptions => ({
      // The first question is about it.
      at: { EffectivePermissions: ({ nth }) => (nth === 1 ? how : undefined) },
    })
    const denied = await testDatabricks(ofMetastore(refusals.denied))
    expect(denied.reports.LEAST_PRIVILEGE).toMatchObject({ status: 'PASSED', note: expect.stringMatching(/metastore/) })
    const silent = await testDatabricks(ofMetastore(refusals.unavailable))
    expectProblem(silent.reports, 'LEAST_PRIVILEGE', 'PRIVILEGES_UNKNOWN')
  })

  it('is told in a script that nothing but what is ours gets into', async () => {
    const odd = 'TABLE x FROM y; DROP TABLE z; --'
    const privileges = [{ privilege: 'MODIFY', inherited_from_type: odd, inherited_from_name: odd }]
    const changes: DatabricksDoubleOptions['changes'] = {
      EffectivePermissions: () => ({ privilege_assignments: [{ principal: ann, privileges }] }),
    }
    const { reports } = await testDatabricks({ changes })
    const script = scriptOf(expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE').remedies)
    expect(script).toMatch(/REVOKE MODIFY/)
    expect(script.replaceAll(/`(?:[^`]|``)*`/g, '')).not.toMatch(/DROP/)
  })

  it('is seen of every owner, however many tables there are', async () => {
    const tables = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [
        `t${String(index).padStart(2, '0')}`,
        { columns: [{ name: 'id', type: 'bigint' }], ...(index === 29 && { owner: ann }) },
      ]),
    )
    const { reports } = await testDatabricks({ catalogs: { main: { schemas: { sales: { tables } } } } })
    const { params } = expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
    expect(JSON.stringify(params)).toContain('main.sales.t29')
  })

  it('is told of administrators, of the workspace and of the metastore', async () => {
    const ofWorkspace = await testDatabricks({ groups: { [ann]: ['admins'] } })
    expectProblem(ofWorkspace.reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
    const ofMetastore = await testDatabricks({ metastoreOwner: ann })
    expectProblem(ofMetastore.reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
    const creator = await testDatabricks(also(grant('METASTORE', '', 'CREATE_CATALOG')))
    expectProblem(creator.reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
  })

  it('is measured for service principals by their application id', async () => {
    const writes = { ...grant('TABLE', 'main.sales.orders', 'MODIFY'), principal: clientId }
    const { reports, double } = await testDatabricks({ grants: [...readerGrants(clientId), writes] }, byClient())
    expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
    const asked = double.requests.filter(({ call }) => call === 'EffectivePermissions')
    expect(asked.map(({ query }) => query.get('principal'))).toContain(clientId)
  })
})
