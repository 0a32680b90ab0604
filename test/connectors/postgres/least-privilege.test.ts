import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Problem } from '../../../src/connectors/problem.ts'
import { PostgresServer, superuser, uniqueName } from '../../servers/postgres.ts'
import { testPostgres } from '../../servers/postgres-run.ts'
import type { Reports } from '../../servers/type-run.ts'
import { expectPass, expectProblem } from './expectations.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await PostgresServer.start()
  await server.sql(
    `
    create table readings (id int); insert into readings values (1); create sequence numbers;
    create schema "Second ""one"""; create table "Second ""one".more (id int)`.replace(
      '"Second ""one".more',
      '"Second ""one""".more',
    ),
  )
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
})

const test = (username: string, password = 'pw', change: Record<string, unknown> = {}) =>
  testPostgres({
    host: '127.0.0.1',
    port: server.port,
    auth: { password: { username, password } },
    tls: { mode: 'DISABLE' },
    ...change,
  })

const rights = (reports: Reports) =>
  reports.LEAST_PRIVILEGE?.evidence.flatMap(entry =>
    entry.kind === 'TEXT' && entry.label === 'May write' ? [entry.value] : [],
  )

async function account(setUp: (name: string) => string, name = uniqueName('account')): Promise<string> {
  await server.sql(
    `create role "${name.replaceAll('"', '""')}" login password 'pw'; grant select on readings to "${name.replaceAll('"', '""')}"; ${setUp(name)}`,
  )
  return name
}

function warningOf(reports: Reports): Problem {
  expectPass(reports)
  expect(reports.LEAST_PRIVILEGE?.problem?.code).toBe('ACCOUNT_CAN_WRITE')
  return reports.LEAST_PRIVILEGE?.problem as Problem
}

/** Does what the warning says: runs the statements twice, as an administrator may, and tests with the new account. */
async function mend(problem: Problem, change: Record<string, unknown> = {}): Promise<Reports> {
  const [create, use] = problem.remedies
  if (create?.kind !== 'RUN_SQL' || use?.kind !== 'SET_FIELD') throw new Error('The remedies are missing.')
  expect(use.field).toBe('auth.password.username')
  await server.sql(create.sql)
  await server.sql(create.sql)
  return test(String(use.value), 'choose-a-long-password', change)
}

describe('LEAST_PRIVILEGE of a PostgreSQL connector', () => {
  it('passes for an account that can only read, and shows what everybody may', async () => {
    const reports = await test(await account(() => ''))
    expect(reports.LEAST_PRIVILEGE).toMatchObject({ status: 'PASSED', problem: null })
    expect(reports.LEAST_PRIVILEGE?.evidence).toContainEqual(
      expect.objectContaining({ label: 'Note', value: expect.stringContaining('temporary tables') }),
    )
  })

  it('warns of a superuser; the remedy leads to an account without warnings', async () => {
    const reports = await test(superuser.username, superuser.password)
    expect(rights(reports)).toEqual(['is superuser'])
    const problem = warningOf(reports)
    expect(problem.fields).toEqual(['auth.password.username'])
    expect(JSON.stringify(problem)).not.toContain(superuser.password)
    const mended = await mend(problem)
    expect(expectPass(mended)).toEqual({ SECURE: 'CONNECTION_NOT_ENCRYPTED' })
    expect(mended.LEAST_PRIVILEGE?.status).toBe('PASSED')
  })

  it.each<[string, (name: string) => string, string]>([
    ['a table', name => `grant insert on readings to ${name}`, 'may change public.readings'],
    ['one column of a table', name => `grant update (id) on readings to ${name}`, 'may change public.readings'],
    ['a sequence', name => `grant usage on sequence numbers to ${name}`, 'may advance the sequence public.numbers'],
    ['a schema', name => `grant create on schema public to ${name}`, 'may create objects in the schema "public"'],
    [
      'the database',
      name => `grant create on database postgres to ${name}`,
      'may create schemas in the database "postgres"',
    ],
    ['roles', name => `alter role ${name} createrole`, 'has CREATEROLE'],
    ['databases', name => `alter role ${name} createdb`, 'has CREATEDB'],
    ['replication', name => `alter role ${name} replication`, 'has REPLICATION'],
    ['everything, by membership', name => `grant pg_write_all_data to ${name}`, 'is a member of pg_write_all_data'],
    ['files, by membership', name => `grant pg_read_server_files to ${name}`, 'is a member of pg_read_server_files'],
    ['a table by truncating it', name => `grant truncate on readings to ${name}`, 'may change public.readings'],
    ['triggers', name => `grant trigger on readings to ${name}`, 'may change public.readings'],
    [
      'what a table needs',
      name => `grant maintain on readings to ${name}`,
      'may lock, rebuild or refer to public.readings',
    ],
    [
      'what other tables refer to',
      name => `grant references (id) on readings to ${name}`,
      'may lock, rebuild or refer to public.readings',
    ],
    [
      'its own table, although it took its rights away',
      name => `create table owned (id int); alter table owned owner to ${name}; revoke all on owned from ${name}`,
      'owns public.owned',
    ],
    [
      'a view of its own',
      name => `create materialized view mine as select 1; alter materialized view mine owner to ${name}`,
      'owns public.mine',
    ],
    [
      'its own schema, although it took its rights away',
      name => `create schema "Own ed" authorization ${name}; revoke all on schema "Own ed" from ${name}`,
      'owns the schema "Own ed"',
    ],
    [
      'its own database',
      name => `create role ${name}_dba; grant ${name}_dba to ${name}; alter database template1 owner to ${name}_dba`,
      'owns the database template1 (as',
    ],
    [
      'large objects',
      name => `select lo_create(4711); grant update on large object 4711 to ${name}`,
      'may change the large object 4711',
    ],
    [
      'connections to other servers',
      name =>
        `create foreign data wrapper wrapper; create server "far away" foreign data wrapper wrapper; grant usage on foreign server "far away" to ${name}`,
      'may set up connections by the foreign server "far away"',
    ],
    [
      'files, by a function',
      name => `grant execute on function pg_read_file(text) to ${name}`,
      'may call pg_read_file, which does more than read',
    ],
    [
      "the server's settings",
      name => `grant alter system on parameter work_mem to ${name}`,
      "may change the server's setting work_mem",
    ],
    ['other sessions', name => `grant pg_signal_backend to ${name}`, 'is a member of pg_signal_backend'],
    [
      'what it may after putting off a role',
      name =>
        `grant insert on readings to ${name}; create role ${name}_mask; grant select on readings to ${name}_mask; grant ${name}_mask to ${name}; alter role ${name} set role = ${name}_mask`,
      'may change public.readings',
    ],
  ])('warns of an account that may change %s', async (_, grant, right) => {
    const reports = await test(await account(grant))
    expect(rights(reports)).toContainEqual(expect.stringContaining(right))
    expect(warningOf(reports).message).toContain(right)
  })

  it('sees rights that hide behind a role to be assumed', async () => {
    const writer = uniqueName('writer')
    await server.sql(`create role ${writer}; grant delete on readings to ${writer}`)
    const reports = await test(await account(name => `alter role ${name} noinherit; grant ${writer} to ${name}`))
    expect(rights(reports)).toEqual([`may change public.readings (as "${writer}")`])
  })

  it.each([
    ['set', 'inherit false, set true', 'admin false'],
    ['inherited', 'inherit true, set false', 'admin false'],
    ['given to oneself', 'inherit false, set false', 'admin true'],
  ])('sees rights of a membership that can be %s', async (_, options, admin) => {
    const writer = uniqueName('writer')
    await server.sql(`create role ${writer}; grant delete on readings to ${writer}`)
    const reports = await test(await account(name => `grant ${writer} to ${name} with ${options}, ${admin}`))
    expect(rights(reports)).toEqual([expect.stringContaining('may change public.readings')])
  })

  it('knows a membership that gives nothing, and attributes that are not inherited', async () => {
    const [writer, boss] = [uniqueName('writer'), uniqueName('boss')]
    await server.sql(
      `create role ${writer}; grant delete on readings to ${writer}; create role ${boss} superuser createdb`,
    )
    const reports = await test(
      await account(
        name =>
          `grant ${writer} to ${name} with inherit false, set false; grant ${boss} to ${name} with inherit false, set false`,
      ),
    )
    expect(reports.LEAST_PRIVILEGE).toMatchObject({ status: 'PASSED' })
  })

  it('names the functions that run with the rights of their owner', async () => {
    await server.sql('create function public.definer() returns int language sql security definer as $$ select 1 $$')
    const reports = await test(await account(() => ''))
    expect(reports.LEAST_PRIVILEGE?.evidence).toContainEqual(
      expect.objectContaining({ label: 'Note', value: expect.stringContaining('public.definer') }),
    )
    await server.sql('drop function public.definer')
  })

  it('asks by its own words only, whatever others have put into public schemas', async () => {
    const database = uniqueName('trapped')
    await server.sql(`create database ${database}`)
    await server.sql(
      `create table notes (id int); insert into notes values (1); grant select, insert on notes to public; create sequence ran;
       create function hijack(name, text) returns text language sql security definer as $$ select nextval('public.ran')::text $$;
       create operator public.|| (leftarg = name, rightarg = text, function = hijack)`,
      database,
    )
    const reports = await test(await account(() => ''), 'pw', { database })
    expect(rights(reports)).toEqual(['may change public.notes'])
  })

  it('sees a superuser to be assumed', async () => {
    const boss = uniqueName('boss')
    await server.sql(`create role ${boss} superuser`)
    const reports = await test(await account(name => `alter role ${name} noinherit; grant ${boss} to ${name}`))
    expect(rights(reports)).toContain(`can become superuser (as "${boss}")`)
  })

  it('mends for names that need quoting, in the schemas of the form only', async () => {
    const schema = 'Second "one"'
    const name = await account(
      each =>
        `grant usage on schema "Second ""one""" to "${each.replaceAll('"', '""')}"; grant insert, select on "Second ""one""".more to "${each.replaceAll('"', '""')}"`,
      `O'Neill "$patchbay$" \\`,
    )
    const change = { schemas: [schema] }
    const problem = warningOf(await test(name, 'pw', change))
    const mended = await mend(problem, change)
    expect(expectPass(mended)).toEqual({ SECURE: 'CONNECTION_NOT_ENCRYPTED' })
    const reader = problem.remedies.find(remedy => remedy.kind === 'SET_FIELD')?.value as string
    const readable = await server.sql(`select has_table_privilege($$${reader}$$, 'readings', 'select') as readable`)
    expect(readable).toEqual([{ readable: false }])
  })

  it('takes back what everybody may write, as databases older than PostgreSQL 15 let them', async () => {
    const database = uniqueName('open')
    await server.sql(`create database ${database}`)
    await server.sql(
      `grant create on schema public to public; create table notes (id int, "odd ""column" text); insert into notes values (1);
       grant select, insert, maintain, references on notes to public; create sequence s; grant usage on sequence s to public;
       create table columns (id int, "odd ""column" text); grant select, update ("odd ""column") on columns to public;
       select lo_create(4712); grant update on large object 4712 to public;
       create foreign data wrapper "w w"; grant usage on foreign data wrapper "w w" to public;
       create server "s s" foreign data wrapper "w w"; grant usage on foreign server "s s" to public`,
      database,
    )
    const name = await account(() => '')
    const change = { database }
    const problem = warningOf(await test(name, 'pw', change))
    const [create, use] = problem.remedies
    if (create?.kind !== 'RUN_SQL' || use?.kind !== 'SET_FIELD') throw new Error('The remedies are missing.')
    await server.sql(create.sql, database)
    expect(expectPass(await test(String(use.value), 'choose-a-long-password', change))).toEqual({
      SECURE: 'CONNECTION_NOT_ENCRYPTED',
    })
  })

  it('lets the new account read no more than the present one', async () => {
    const database = uniqueName('partly')
    await server.sql(`create database ${database}`)
    const name = await account(() => '')
    await server.sql(
      `create table "Open ""one" (id int); create table salaries (id int); grant select, insert on "Open ""one" to ${name};
       create schema whole; create table whole.all_of_it (id int); grant usage on schema whole to ${name}; grant select on whole.all_of_it to ${name}`,
      database,
    )
    const problem = warningOf(await test(name, 'pw', { database }))
    const [create, use] = problem.remedies
    if (create?.kind !== 'RUN_SQL' || use?.kind !== 'SET_FIELD') throw new Error('The remedies are missing.')
    await server.sql(create.sql, database)
    expect((await test(String(use.value), 'choose-a-long-password', { database })).LEAST_PRIVILEGE?.status).toBe(
      'PASSED',
    )
    const [readable] = await server.sql(
      `select array_agg(relname::text order by relname) as names from pg_class
       where relnamespace in ('public'::regnamespace, 'whole'::regnamespace) and relkind = 'r' and has_table_privilege('${use.value}', oid, 'select')`,
      database,
    )
    expect(readable).toEqual({ names: ['Open "one', 'all_of_it'] })
  })

  it('keeps a database name with line breaks inside its quotes and comments', async () => {
    const database = `${uniqueName('lines')}\n\\! echo; create role made_by_name; --`
    await server.sql(`create database "${database}"`)
    await server.sql('create table notes (id int); grant select, insert on notes to public', database)
    const problem = warningOf(await test(await account(() => ''), 'pw', { database }))
    const [create] = problem.remedies
    if (create?.kind !== 'RUN_SQL') throw new Error('The remedy is missing.')
    await server.sql(create.sql, database)
    expect(await server.sql("select from pg_roles where rolname = 'made_by_name'")).toEqual([])
  })

  it('says that it does not know when the catalogue cannot be read', async () => {
    const database = uniqueName('closed_catalogue')
    await server.sql(`create database ${database}`)
    await server.sql(
      'create table notes (id int); grant select on notes to public; revoke select on pg_catalog.pg_proc from public',
      database,
    )
    const reports = await test(await account(() => ''), 'pw', { database })
    expect(reports.READ?.status).toBe('PASSED')
    expect(reports.LEAST_PRIVILEGE).toMatchObject({ status: 'SKIPPED' })
    expectProblem(reports, 'LEAST_PRIVILEGE', 'PRIVILEGES_UNKNOWN')
  })
})
