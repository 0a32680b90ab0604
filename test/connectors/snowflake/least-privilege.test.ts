import { describe, expect, it } from 'vitest'
import type { Problem } from '../../../src/connectors/problem.ts'
import { accountWith, sampleAccount, withGrants } from '../../servers/snowflake-account.ts'
import type { SnowflakeDoubleOptions } from '../../servers/snowflake-double.ts'
import { hintsOf } from '../type-expectations.ts'
import {
  account,
  byKeyPair,
  byPassword,
  byToken,
  expectPass,
  expectProblem,
  startSnowflake,
  testAt,
  testSnowflake,
} from './snowflake-run.ts'

const sqlOf = ({ remedies }: Problem): string =>
  remedies.flatMap(remedy => (remedy.kind === 'RUN_SQL' ? [remedy.sql] : [])).join('\n')

/** As `withGrants`, with a user who can sign in. */
const granted = (more: readonly string[], roles: Parameters<typeof withGrants>[1] = {}) =>
  accountWith({ ...withGrants(more, roles), users: account.users })

describe('what a role of Snowflake may do', () => {
  it('passes where it may only read', async () => {
    const { reports, double } = await testSnowflake()
    expect(expectPass(reports)).toEqual({})
    expect(double.statements.filter(text => /^\s*show\s+grants/i.test(text)).length).toBeGreaterThan(0)
  })

  it.each([
    'INSERT ON TABLE SALES.PUBLIC.ORDERS',
    'UPDATE ON TABLE SALES.PUBLIC.ORDERS',
    'DELETE ON TABLE SALES.PUBLIC.ORDERS',
    'TRUNCATE ON TABLE SALES.PUBLIC.ORDERS',
    'OWNERSHIP ON TABLE SALES.PUBLIC.ORDERS',
    'OWNERSHIP ON DATABASE SALES',
    'CREATE TABLE ON SCHEMA SALES.PUBLIC',
    'CREATE SCHEMA ON DATABASE SALES',
    'CREATE DATABASE ON ACCOUNT',
    'MODIFY ON DATABASE SALES',
    'OPERATE ON WAREHOUSE COMPUTE_WH',
    'MODIFY ON WAREHOUSE COMPUTE_WH',
    'OPERATE ON TASK SALES.PUBLIC.NIGHTLY',
    'USAGE ON PROCEDURE SALES.PUBLIC.CLEANUP',
    'WRITE ON STAGE SALES.PUBLIC.UPLOADS',
    'USAGE ON SEQUENCE SALES.PUBLIC.NUMBERS_SEQ',
    'MANAGE GRANTS ON ACCOUNT',
    'EXECUTE TASK ON ACCOUNT',
    'ALL PRIVILEGES ON SCHEMA SALES.PUBLIC',
    'SELECT ON TABLE SALES.PUBLIC.ORDERS WITH GRANT OPTION',
    'SOMETHING NEW ON ACCOUNT',
  ])('is more than reading with %s', async grant => {
    const { reports, double } = await testSnowflake({ account: granted([grant]) })
    const found = expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
    expect(reports.LEAST_PRIVILEGE?.status).toBe('WARNING')
    const [privilege = ''] = grant.split(' ON ')
    expect(JSON.stringify(reports.LEAST_PRIVILEGE)).toContain(privilege)
    expect(sqlOf(found)).toContain('GRANT SELECT ON')
    expect(double.changes).toEqual([])
  })

  it.each([
    'MONITOR ON WAREHOUSE COMPUTE_WH',
    'REFERENCES ON TABLE SALES.PUBLIC.ORDERS',
    'SELECT ON VIEW SALES.PUBLIC.RECENT_ORDERS',
    'SELECT ON EXTERNAL TABLE SALES.PUBLIC.OUTSIDE',
    'SELECT ON MATERIALIZED VIEW SALES.PUBLIC.SUMS',
    'IMPORTED PRIVILEGES ON DATABASE SNOWFLAKE',
    'USAGE ON FUNCTION SALES.PUBLIC.TWICE',
    'USAGE ON FILE FORMAT SALES.PUBLIC.CSV',
    'READ ON STAGE SALES.PUBLIC.UPLOADS',
  ])('is no more than reading with %s', async grant => {
    const { reports } = await testSnowflake({ account: granted([grant]) })
    expect(reports.LEAST_PRIVILEGE).toMatchObject({ status: 'PASSED', problem: null })
  })

  it('counts what roles have that it has been given, however far away', async () => {
    const roles = {
      A: ['USAGE ON ROLE B', 'USAGE ON ROLE A'],
      B: ['USAGE ON ROLE C', 'USAGE ON ROLE A'],
      C: ['USAGE ON DATABASE ROLE SALES.WRITERS'],
      'SALES.WRITERS': ['INSERT ON TABLE SALES.PUBLIC.ORDERS'],
    }
    const { reports } = await testSnowflake({ account: granted(['USAGE ON ROLE A'], roles) })
    expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
    expect(JSON.stringify(reports.LEAST_PRIVILEGE)).toContain('INSERT')
  })

  it('counts what everybody has', async () => {
    const roles = { PUBLIC: ['INSERT ON TABLE SALES.PUBLIC.ORDERS'] }
    const { reports } = await testSnowflake({ account: granted([], roles) })
    expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
  })

  it.each(['ACCOUNTADMIN', 'SECURITYADMIN', 'SYSADMIN', 'USERADMIN', 'ORGADMIN'])(
    'is everything for %s, and for whoever has it',
    async role => {
      const roles = {
        ...sampleAccount.roles,
        [role]: role === 'ACCOUNTADMIN' ? [] : (sampleAccount.roles['READER'] ?? []),
      }
      const users = { PATCHBAY: { ...account.users['PATCHBAY'], roles: ['READER', role] } }
      const own = accountWith({ ...account, roles, users })
      const { reports } = await testSnowflake({ account: own }, byPassword({ role }))
      expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
      expect(JSON.stringify(reports.LEAST_PRIVILEGE)).toContain(role)
      const inherited = { ...roles, READER: [...(sampleAccount.roles['READER'] ?? []), `USAGE ON ROLE ${role}`] }
      const through = await testSnowflake({ account: accountWith({ ...own, roles: inherited }) })
      expectProblem(through.reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
    },
  )

  it('has a script for a role that may only read, in which every name is quoted as it must be', async () => {
    const roles = { 'odd "role"': [...(sampleAccount.roles['READER'] ?? []), 'INSERT ON TABLE SALES.PUBLIC.ORDERS'] }
    const users = { PATCHBAY: { ...account.users['PATCHBAY'], roles: ['odd "role"'], defaultRole: 'odd "role"' } }
    const { reports } = await testSnowflake(
      { account: accountWith({ ...account, roles, users }) },
      byPassword({ role: 'odd "role"' }),
    )
    const script = sqlOf(expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE'))
    for (const grant of [
      'CREATE ROLE',
      'USAGE ON WAREHOUSE COMPUTE_WH',
      'USAGE ON DATABASE SALES',
      'GRANT SELECT ON ALL TABLES',
    ])
      expect(script).toContain(grant)
    expect(script).not.toMatch(/\b(?:INSERT|UPDATE|DELETE|OWNERSHIP|ALL PRIVILEGES|ACCOUNTADMIN)\b/)
    expect(script.split('\n').every(line => line === '' || /;$|^--|^ {2}|[^;]$/.test(line))).toBe(true)
  })

  it.each([
    ['a key, which the new user gets', byKeyPair(), []],
    ['a token, of which the new user needs its own', byToken(), ['REENTER_SECRET auth.accessToken.token']],
    // TYPE = SERVICE, which the script says, has none.
    ['a password', byPassword(), ['READ_DOCS']],
  ])('has remedies that the new user can sign in by, for %s', async (_, input, last) => {
    const { reports } = await testSnowflake({ account: granted(['INSERT ON TABLE SALES.PUBLIC.ORDERS']) }, input)
    const found = expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
    expect(hintsOf(found).remedies).toEqual(['RUN_SQL', 'SET_FIELD role', 'SET_FIELD username', ...last])
    expect(sqlOf(found)).toContain('TYPE = SERVICE')
  })

  it.each<[string, SnowflakeDoubleOptions]>([
    [
      'may not be asked',
      {
        at: {
          query: ({ sql }) =>
            /^\s*show\s+grants/i.test(sql)
              ? { error: '003001', message: 'Insufficient privileges.', sqlState: '42501' }
              : undefined,
        },
      },
    ],
    [
      'is not told',
      { at: { query: ({ sql }) => (/^\s*show\s+grants/i.test(sql) ? { status: 503, body: '' } : undefined) } },
    ],
    [
      'is told in another shape',
      {
        changes: {
          query: (answer: { readonly data: { readonly rowtype?: readonly object[] } }, { sql }) =>
            /^\s*show\s+grants/i.test(sql)
              ? {
                  ...answer,
                  data: {
                    ...answer.data,
                    rowtype: answer.data.rowtype?.map((column, nth) => ({ ...column, name: `c${nth}` })),
                  },
                }
              : answer,
        },
      },
    ],
  ])('stays unknown where it %s: that is no pass', async (_, options) => {
    const { reports } = await testSnowflake(options)
    expectProblem(reports, 'LEAST_PRIVILEGE', 'PRIVILEGES_UNKNOWN')
    expect(reports.LEAST_PRIVILEGE?.status).toBe('SKIPPED')
    expect(reports.READ?.status).toBe('PASSED')
  })

  it('is told of thousands of grants within its time, and in few words', async () => {
    const many = Array.from({ length: 3_000 }, (_, nth) => `INSERT ON TABLE SALES.PUBLIC.T${nth}`)
    await using scene = await startSnowflake({ account: granted(many) })
    const reports = await testAt(scene)
    expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
    expect(JSON.stringify(reports.LEAST_PRIVILEGE).length).toBeLessThan(20_000)
  })
})
