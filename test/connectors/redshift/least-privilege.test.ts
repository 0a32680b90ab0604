import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Problem } from '../../../src/connectors/problem.ts'
import { superuser, uniqueName } from '../../servers/postgres.ts'
import { RedshiftFacade } from '../../servers/redshift-facade.ts'
import type { Reports } from '../../servers/type-run.ts'
import { expectPass, expectProblem, inputFor, testRedshift } from './redshift-run.ts'

let facade: RedshiftFacade
beforeAll(async () => {
  facade = await RedshiftFacade.start()
  await facade.sql(`
    create table orders (id int); insert into orders values (1); create table "Odd ""One""" (id int);
    create schema other; create table other.items (id int)`)
})
afterAll(async () => {
  await facade?.[Symbol.asyncDispose]()
})

const test = (username: string, password = 'pw', change = {}) =>
  testRedshift(inputFor(facade, username, password, change))

async function account(setUp: (name: string) => string = () => ''): Promise<string> {
  const name = uniqueName('account')
  await facade.sql(`create role ${name} login password 'pw'; grant select on orders to ${name}; ${setUp(name)}`)
  return name
}

const rights = (reports: Reports) =>
  reports.LEAST_PRIVILEGE?.evidence.flatMap(entry =>
    entry.kind === 'TEXT' && entry.label === 'May write' ? [entry.value] : [],
  )

function warningOf(reports: Reports): Problem {
  expectPass(reports)
  return expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
}

/** Does what the warning says, and tests with the new account. */
async function mend(problem: Problem, change = {}): Promise<Reports> {
  const [create, use, type] = problem.remedies
  if (create?.kind !== 'RUN_SQL' || use?.kind !== 'SET_FIELD') throw new Error('The remedies are missing.')
  expect([use.field, type]).toMatchObject([
    'auth.password.username',
    { kind: 'REENTER_SECRET', field: 'auth.password.password' },
  ])
  await facade.sql(create.sql)
  return test(String(use.value), 'Choose-a-long-passw0rd', change)
}

describe('LEAST_PRIVILEGE of a Redshift connector (on a PostgreSQL with the catalogue of Redshift)', () => {
  it('passes for an account that can only read', async () => {
    const reports = await test(await account())
    expect(reports.LEAST_PRIVILEGE).toMatchObject({ status: 'PASSED', problem: null })
  })

  it('passes for an account that may read all that is in a schema or the database', async () => {
    const reports = await test(
      await account(
        name => `insert into pg_facade.scoped_privileges select place, privilege, 'user', '${name}'
          from unnest(array['public', null]) place, unnest(array['SELECT', 'EXECUTE', 'USAGE']) privilege`,
      ),
    )
    expect(reports.LEAST_PRIVILEGE).toMatchObject({ status: 'PASSED', problem: null })
  })

  it('warns of a superuser; the remedy leads to an account without warnings', async () => {
    const reports = await test(superuser.username, superuser.password)
    expect(rights(reports)).toEqual(['is superuser'])
    const mended = await mend(warningOf(reports))
    expect(expectPass(mended)).toEqual({ SECURE: 'CONNECTION_NOT_ENCRYPTED' })
    expect(mended.LEAST_PRIVILEGE?.status).toBe('PASSED')
  })

  it.each([
    ['a right on a table', (name: string) => `grant insert on orders to ${name}`, 'has INSERT on public.orders'],
    ['several rights', (name: string) => `grant delete, update on orders to ${name}`, 'has UPDATE on public.orders'],
    [
      'CREATE on a schema',
      (name: string) => `grant create on schema other to ${name}`,
      'has CREATE on the schema other',
    ],
    [
      'CREATE on the database',
      (name: string) => `grant create on database dev to ${name}`,
      'may create schemas in the database',
    ],
    ['CREATEDB', (name: string) => `alter role ${name} createdb`, 'has CREATEDB'],
    [
      'a table of its own',
      (name: string) => `create table ${name} (id int); alter table ${name} owner to ${name}`,
      'owns public.',
    ],
    ['a schema of its own', (name: string) => `create schema authorization ${name}`, 'owns the schema '],
    [
      'a group',
      (name: string) =>
        `create role ${name}_group; grant ${name}_group to ${name}; grant insert on orders to ${name}_group`,
      'has INSERT on public.orders (by the group ',
    ],
    [
      'a right on one column',
      (name: string) => `grant update (id) on orders to ${name}`,
      'has UPDATE on public.orders.id',
    ],
    [
      'a right on all tables of a schema',
      (name: string) => `insert into pg_facade.scoped_privileges values ('public', 'INSERT', 'user', '${name}')`,
      'has INSERT on the schema public',
    ],
    [
      'a right on all tables of the database',
      (name: string) => `insert into pg_facade.scoped_privileges values (null, 'DELETE', 'user', '${name}')`,
      'has DELETE on the database',
    ],
    [
      'a system privilege',
      (name: string) => `insert into pg_facade.system_privileges values ('DROP TABLE', '${name}', 'user')`,
      'has the system privilege DROP TABLE',
    ],
  ])('warns of %s', async (_, setUp, words) => {
    const reports = await test(await account(setUp))
    warningOf(reports)
    expect(rights(reports)).toContainEqual(expect.stringContaining(words))
  })

  it('follows the roles that were granted to roles', async () => {
    const name = await account()
    const [first, second] = [uniqueName('role'), uniqueName('role')]
    await facade.addRole(first, [name])
    await facade.addRole(second, [first])
    await facade.sql(`grant delete on orders to "${second}"`)
    const reports = await test(name)
    warningOf(reports)
    expect(rights(reports)).toEqual([`has DELETE on public.orders (by the role "${second}")`])
  })

  it("warns of Redshift's own roles, whose rights are granted nowhere", async () => {
    const name = await account()
    await facade.addRole('sys:dba', [name])
    const reports = await test(name)
    warningOf(reports)
    expect(rights(reports)).toContain('has the role sys:dba')
  })

  it('takes from everybody what the new account would have too', async () => {
    await facade.sql(
      'grant create on schema public to public; grant insert on "Odd ""One""" to public; grant update (id) on other.items to public',
    )
    try {
      const reports = await test(await account())
      const problem = warningOf(reports)
      expect(rights(reports)).toEqual([
        'has INSERT on public.Odd "One" (by everybody)',
        'has UPDATE on other.items.id (by everybody)',
        'has CREATE on the schema public (by everybody)',
      ])
      expect((await mend(problem)).LEAST_PRIVILEGE?.status).toBe('PASSED')
    } finally {
      await facade.sql(
        'revoke create on schema public from public; revoke insert on "Odd ""One""" from public; revoke update (id) on other.items from public',
      )
    }
  })

  it('offers a reader of the same tables, of the chosen schemas, under a name that nobody has', async () => {
    const name = await account(each => `grant insert on orders to ${each}; create role ${each}_reader`)
    const problem = warningOf(await test(name, 'pw', { schemas: ['public'] }))
    expect(problem.remedies.map(remedy => ('value' in remedy ? remedy.value : remedy.kind))).toEqual([
      'RUN_SQL',
      // The name of a role without sign-in is no user's: only users are asked for.
      expect.stringContaining(`${name}_reader`),
      'REENTER_SECRET',
    ])
    const [create] = problem.remedies
    const sql = create?.kind === 'RUN_SQL' ? create.sql : ''
    expect(sql).toContain('GRANT SELECT ON "public"."orders" TO')
    expect(sql).not.toContain('other')
  })

  it('is not measured, and says so, where a view of the system may not be looked at', async () => {
    await facade.sql('revoke select on pg_catalog.svv_relation_privileges from public')
    try {
      const reports = await test(await account())
      const problem = expectProblem(reports, 'LEAST_PRIVILEGE', 'PRIVILEGES_UNKNOWN')
      expect(reports.LEAST_PRIVILEGE?.status).toBe('SKIPPED')
      expect(problem.detail).toContain('svv_relation_privileges')
    } finally {
      await facade.sql('grant select on pg_catalog.svv_relation_privileges to public')
    }
  })

  it('has one time limit for all that it asks', async () => {
    const name = await account()
    await test(name)
    const limits = facade.statementsOf(name).flatMap(text => /^BEGIN.*statement_timeout = (\d+)/.exec(text)?.[1] ?? [])
    const own = limits.map(Number).filter(limit => limit <= 8_000)
    expect(own.length).toBeGreaterThan(5)
    expect(own).toEqual(own.toSorted((one, other) => other - one))
    expect(own.at(-1)).toBeLessThan(own[0] ?? 0)
  })

  it('asks nothing that Redshift could not answer', async () => {
    const name = await account(each => `grant insert on orders to ${each}`)
    await test(name, 'pw', { schemas: ['public', 'other'] })
    const asked = facade.statementsOf(name).join('\n')
    expect(asked).toContain('svv_relation_privileges')
    // Names of columns come back in lower case there, however they were written, and these words cannot be names.
    expect(asked).not.toMatch(/\bas (?:"|(?:column|identity|user|group|tag|table|default|system)\b)/i)
    expect(asked).not.toMatch(/savepoint|pg_roles|typcategory|array\[|::text\[\]|unnest|lateral|\\/i)
  })
})
