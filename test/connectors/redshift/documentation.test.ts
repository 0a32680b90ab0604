import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { superuser } from '../../servers/postgres.ts'
import { RedshiftFacade } from '../../servers/redshift-facade.ts'
import { expectPass, inputFor, testRedshift } from './redshift-run.ts'

const page = readFileSync(new URL('../../../docs/connectors/redshift.md', import.meta.url), 'utf8')
const security = readFileSync(new URL('../../../docs/security.md', import.meta.url), 'utf8')
const blocks = (language: string) =>
  [...page.matchAll(/```(\w+)\n([^`]*)```/g)].flatMap(([, found, text = '']) => (found === language ? [text] : []))

describe('the page of Redshift', () => {
  it('shows SQL that makes an account which can only read (run on a PostgreSQL with the catalogue of Redshift)', async () => {
    await using facade = await RedshiftFacade.start()
    await facade.sql(`
      create schema sales; create table sales.orders (id int); insert into sales.orders values (1);
      grant create on schema public to public`)
    const [sql = ''] = blocks('sql')
    await facade.sql(sql)
    const reports = await testRedshift(inputFor(facade, 'app_reader', 'Choose-a-long-passw0rd'))
    expect(expectPass(reports)).toEqual({ SECURE: 'CONNECTION_NOT_ENCRYPTED' })
    expect(reports.READ?.evidence).toMatchObject([{ value: 'sales.orders' }])
    expect(reports.LEAST_PRIVILEGE?.status).toBe('PASSED')
    // For tables to come too.
    await facade.sql('create table sales.later (id int); drop table sales.orders')
    expect((await testRedshift(inputFor(facade, 'app_reader', 'Choose-a-long-passw0rd'))).READ?.evidence).toMatchObject(
      [{ value: 'sales.later' }],
    )
    expect((await testRedshift(inputFor(facade, superuser.username, superuser.password))).LEAST_PRIVILEGE?.status).toBe(
      'WARNING',
    )
  })

  it('shows policies that are JSON, and allow what the connector asks for', () => {
    const policies = blocks('json').map(
      text => JSON.parse(text) as { readonly Statement: readonly { readonly Action: string }[] },
    )
    expect(policies.map(({ Statement }) => Statement.map(({ Action }) => Action))).toEqual([
      ['redshift:GetClusterCredentials'],
      ['sts:AssumeRole'],
    ])
    const [own = ''] = [...security.matchAll(/```json\n([^`]*)```/g)].map(([, text]) => text)
    const { Statement } = JSON.parse(own) as { readonly Statement: readonly Record<string, string>[] }
    expect(Statement.map(({ Effect, Action }) => [Effect, Action])).toEqual([
      ['Allow', 'sts:AssumeRole'],
      ['Deny', 'sts:AssumeRole'],
    ])
    expect(page).toContain('redshift:GetClusterCredentialsWithIAM')
    expect(page).toContain('redshift-serverless:GetCredentials')
  })
})
