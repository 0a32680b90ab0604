import { describe, expect, it } from 'vitest'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { bigQueryRefusal } from '../../servers/google-refusals.ts'
import type { GoogleRole, Grant } from '../../servers/google-rights.ts'
import { googleScopes } from '../../servers/google-scopes.ts'
import {
  type BigqueryReports,
  byImpersonation,
  byKey,
  byToken,
  expectPass,
  expectProblem,
  helperGrants,
  impersonated,
  project,
  reader,
  readerGrants,
  testBigquery,
} from './bigquery-run.ts'

const granted = (role: GoogleRole, on = `projects/${project}`): readonly Grant[] => [
  ...readerGrants,
  ...helperGrants,
  { member: reader.email, role, on },
]

const scriptIn = (reports: BigqueryReports): string => {
  const script = reports.LEAST_PRIVILEGE?.problem?.remedies.find(({ kind }) => kind === 'RUN_SQL')
  if (script?.kind !== 'RUN_SQL') throw new Error('There is no script.')
  return script.sql
}

describe('the rights of an account that uses BigQuery', () => {
  it('are looked up, and never tried out', async () => {
    const { reports, double } = await testBigquery()
    expect(expectPass(reports)).toEqual({})
    const asked = [...double.asked('projects.testIamPermissions'), ...double.asked('tables.testIamPermissions')]
    const permissions = asked.flatMap(({ json }) => json['permissions'] as string[])
    for (const permission of ['bigquery.tables.updateData', 'bigquery.tables.create', 'bigquery.tables.delete']) {
      expect(permissions).toContain(permission)
    }
    for (const { verb, url } of double.requests) {
      if (verb === 'POST') expect(url).toMatch(/^\/token$|^\/tokeninfo|\/jobs$|\/queries$|:testIamPermissions$/)
      else expect(verb).toBe('GET')
    }
    expect(double.bigquery.jobs).toEqual([])
  })

  it.each<[GoogleRole, string, string]>([
    ['roles/bigquery.dataEditor', `projects/${project}`, 'bigquery.tables.updateData'],
    ['roles/bigquery.dataOwner', `projects/${project}`, 'bigquery.tables.updateData'],
    ['roles/bigquery.admin', `projects/${project}`, 'bigquery.tables.updateData'],
    ['roles/owner', `projects/${project}`, 'bigquery.tables.updateData'],
    ['roles/editor', `projects/${project}`, 'bigquery.tables.updateData'],
    ['roles/bigquery.user', `projects/${project}`, 'bigquery.datasets.create'],
    ['roles/bigquery.dataEditor', `projects/${project}/datasets/sales`, 'bigquery.tables.updateData'],
    ['roles/bigquery.dataEditor', `projects/${project}/datasets/sales/tables/numbers`, 'bigquery.tables.updateData'],
  ])('are too many with %s on %s', async (role, on, permission) => {
    const { reports } = await testBigquery({ grants: granted(role, on) })
    expect(expectPass(reports)).toEqual({ LEAST_PRIVILEGE: 'ACCOUNT_CAN_WRITE' })
    const { message, params, detail } = expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
    const shown = JSON.stringify([message, params, detail, reports.LEAST_PRIVILEGE?.evidence])
    expect(shown).toContain(permission)
    expect(shown).toContain(reader.email)
  })

  it('come with a script for an account that has just enough of them: with its roles the test passes', async () => {
    const { reports } = await testBigquery({ grants: granted('roles/bigquery.admin') })
    const script = scriptIn(reports)
    expect(script).toContain('gcloud')
    const roles = [...script.matchAll(/roles\/[\w.]+/g)].map(([role]) => role as GoogleRole)
    expect(new Set(roles)).toEqual(new Set(['roles/bigquery.jobUser', 'roles/bigquery.dataViewer']))
    const grants = roles.map(role => ({ member: reader.email, role, on: `projects/${project}` }))
    expect(expectPass((await testBigquery({ grants })).reports)).toEqual({})
  })

  it('are those of the account that is impersonated', async () => {
    const { reports } = await testBigquery({ grants: granted('roles/bigquery.admin') }, byImpersonation())
    expect(impersonated.expectPass(reports)).toEqual({ LEAST_PRIVILEGE: 'ACCOUNT_CAN_WRITE' })
    expect(reports.LEAST_PRIVILEGE?.problem?.fields).toContain('auth.impersonate.targetServiceAccount')
  })

  it.each([
    ['the Resource Manager is turned off', { disabledApis: ['cloudresourcemanager'] as const }, byKey()],
    [
      'the Resource Manager refuses to tell',
      {
        at: {
          'projects.testIamPermissions': { status: 403, body: '{"error":{"code":403,"status":"PERMISSION_DENIED"}}' },
        },
      },
      byKey(),
    ],
    [
      'nobody tells',
      {
        at: {
          'projects.testIamPermissions': { status: 500, body: '' },
          'tables.testIamPermissions': { status: 500, body: '' },
        },
      },
      byKey(),
    ],
    ['the answer is none', { changes: { 'projects.testIamPermissions': () => ({ permissions: 'all' }) } }, byKey()],
    ['a token may not ask', { tokenScopes: [googleScopes.bigquery] }, byToken()],
  ])('stay unknown where %s', async (_, google, input) => {
    const { reports } = await testBigquery(google, input)
    const { problem } = reports.LEAST_PRIVILEGE ?? {}
    expect(problem?.code).toBe('PRIVILEGES_UNKNOWN')
    expectProblem(reports, 'LEAST_PRIVILEGE', 'PRIVILEGES_UNKNOWN')
    expect(reports.LEAST_PRIVILEGE?.status).toBe('SKIPPED')
  })

  it('are too many where only the table tells so, whatever stays unknown', async () => {
    const { reports } = await testBigquery({
      grants: granted('roles/bigquery.dataEditor', `projects/${project}/datasets/sales`),
      disabledApis: ['cloudresourcemanager'],
    })
    expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
    expect(reports.LEAST_PRIVILEGE?.status).toBe('WARNING')
  })
})

describe('what an account may read', () => {
  it.each<[string, Parameters<typeof testBigquery>[0], unknown, ProblemCode]>([
    [
      'no dataset can be seen',
      { grants: readerGrants.filter(({ role }) => role === 'roles/bigquery.jobUser') },
      byKey({ defaultDataset: undefined }),
      'NOTHING_READABLE',
    ],
    [
      'only what tables are like can be seen',
      {
        grants: [
          { member: reader.email, role: 'roles/bigquery.jobUser', on: `projects/${project}` },
          { member: reader.email, role: 'roles/bigquery.metadataViewer', on: `projects/${project}` },
        ],
      },
      byKey(),
      'NOTHING_READABLE',
    ],
    [
      'the datasets cannot be listed',
      { at: { 'datasets.list': bigQueryRefusal('accessDenied', 'Access Denied: Project acme-analytics: denied') } },
      byKey({ defaultDataset: undefined }),
      'CATALOG_NOT_LISTABLE',
    ],
    [
      'the tables of the dataset cannot be listed',
      {
        at: {
          'tables.list': bigQueryRefusal(
            'accessDenied',
            'Access Denied: Dataset acme-analytics:sales: Permission bigquery.tables.list denied',
          ),
        },
      },
      byKey(),
      'CATALOG_NOT_LISTABLE',
    ],
    [
      'the dataset is empty',
      { bigquery: { projects: { [project]: { datasets: { sales: { tables: {} } } } } } },
      byKey(),
      'NOTHING_READABLE',
    ],
  ])('is warned of, and no more, where %s', async (_, google, input, code) => {
    const { reports, double } = await testBigquery(google, input)
    expect(reports.READ?.status).toBe('WARNING')
    expectProblem(reports, 'READ', code)
    expect(double.bigquery.jobs).toEqual([])
  })

  it('may be a single dataset, in a project that is not listed', async () => {
    const grants: readonly Grant[] = [
      { member: reader.email, role: 'roles/bigquery.jobUser', on: `projects/${project}` },
      { member: reader.email, role: 'roles/bigquery.dataViewer', on: `projects/${project}/datasets/sales` },
    ]
    const { reports } = await testBigquery({ grants })
    expect(expectPass(reports)).toEqual({})
    expect(JSON.stringify(reports.READ)).toContain('sales')
  })

  it('may be a view, of which a dry run is enough', async () => {
    const schema = [{ name: 'n', type: 'INTEGER' }]
    const tables = { recent: { type: 'VIEW', schema, sql: 'select n from archive.old' } } as const
    const datasets = { sales: { tables }, archive: { tables: { old: { schema, rows: [['7']] } } } }
    const { reports, double } = await testBigquery({ bigquery: { projects: { [project]: { datasets } } } })
    expect(expectPass(reports)).toEqual({})
    expect(double.bigquery.dryRuns.some(text => text.includes('recent'))).toBe(true)
    expect(double.bigquery.jobs).toEqual([])
  })

  it('is shown without any of its content', async () => {
    const schema = [{ name: 'n', type: 'STRING' }]
    const rows = [['row-content-7Kd']]
    const projects = { [project]: { datasets: { sales: { tables: { t: { schema, rows } } } } } }
    const { reports, double } = await testBigquery({ bigquery: { projects } })
    expect(expectPass(reports)).toEqual({})
    expect(double.asked('tabledata.list').length).toBeGreaterThan(0)
    expect(JSON.stringify(reports)).not.toContain('row-content-7Kd')
    const [listed] = double.asked('tabledata.list')
    expect(new URL(listed?.url ?? '', 'http://x').searchParams.get('maxResults')).toBe('1')
  })
})
