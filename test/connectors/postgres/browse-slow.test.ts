import pg from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { PostgresServer, superuser } from '../../servers/postgres.ts'
import { browse, expectListingProblem, inputFor, namesOf, optionsFor } from './listing-expectations.ts'

let server: PostgresServer
beforeAll(async () => {
  server = await PostgresServer.start({ settings: { log_statement: 'all' } })
  await server.sql(`
    create role ann login password 'pw'; create table orders (id int); create function side_effect() returns int
    language plpgsql as 'begin create table made (); return 1; end'`)
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
})

const ann = (change = {}) => inputFor(server.port, 'ann', change)

/** Holds a table of the catalogue, so that nobody can read it, until it is disposed of. */
async function hold(table: string): Promise<AsyncDisposable> {
  const { username: user, password } = superuser
  const holder = new pg.Client({
    host: '127.0.0.1',
    port: server.port,
    user,
    password,
    database: 'postgres',
    ssl: false,
  })
  await holder.connect()
  await holder.query(`begin; lock table pg_catalog.${table} in access exclusive mode`)
  return { [Symbol.asyncDispose]: () => holder.end() }
}

/** Sessions of the account, from what no lock keeps from being read. */
const sessions = async (where = 'true'): Promise<number> => {
  const rows = await server.sql(
    `select 1 from pg_stat_get_activity(null) a where a.application_name = 'patchbay' and ${where}`,
    'template1',
  )
  return rows.length
}

const waiting = () =>
  vi.waitFor(async () => expect(await sessions("a.wait_event_type = 'Lock'")).toBe(1), { timeout: 5_000 })
const allGone = () => vi.waitFor(async () => expect(await sessions()).toBe(0), { timeout: 5_000 })

describe.each([
  ['the schemas', 'pg_description', (options: object) => browse(ann(), [], options)],
  ['the tables', 'pg_description', (options: object) => browse(ann(), ['public'], options)],
  ['the columns', 'pg_description', (options: object) => browse(ann(), ['public', 'orders'], options)],
  ['the databases to choose from', 'pg_shdescription', (options: object) => optionsFor(ann(), 'database', options)],
  ['the schemas to choose from', 'pg_description', (options: object) => optionsFor(ann(), 'schemas', options)],
] as const)('when somebody holds what %s are read from', (_, table, list) => {
  it('the list ends in time, says so, and the server has stopped looking', async () => {
    await using _holder = await hold(table)
    const listed = list({ budgetMs: 1_500 })
    await waiting()
    const problem = expectListingProblem(await listed, 'LISTING_TIMED_OUT')
    expect(problem).toMatchObject({ retryable: true, params: { seconds: 1.5 } })
    await allGone()
  })

  it('the list ends when nobody waits for it any more, and the server has stopped looking', async () => {
    await using _holder = await hold(table)
    const stop = new AbortController()
    const listed = list({ budgetMs: 60_000, signal: stop.signal })
    await waiting()
    stop.abort()
    await listed
    await allGone()
  })
})

describe('a list', () => {
  it('is read in a read-only transaction that is rolled back, without functions of others', async () => {
    const before = server.log.length
    expect(namesOf(await browse(ann(), ['public']))).toEqual(['orders'])
    const statements = server.log
      .slice(before)
      .split('\n')
      .filter(line => / ann@postgres LOG: {2}(statement|execute)/.test(line))
    expect(statements[0]).toMatch(
      /BEGIN READ ONLY; SET LOCAL search_path = pg_catalog; SET LOCAL statement_timeout = \d+$/,
    )
    expect(statements.at(-1)).toMatch(/ROLLBACK$/)
  })

  it('is not changed by what an account has been set up with', async () => {
    await server.sql(`
      create schema evil; grant all on schema evil to public;
      create function evil.lower(text) returns text language plpgsql as 'begin raise exception ''called''; end';
      create function evil.strpos(text, text) returns int language plpgsql as 'begin raise exception ''called''; end';
      create role mary login password 'pw'; alter role mary set search_path = evil, pg_catalog;
      alter role mary set datestyle = 'German';
      alter role mary set standard_conforming_strings = off`)
    const mary = inputFor(server.port, 'mary')
    expect(namesOf(await browse(mary, ['public'], { search: 'ORD' }))).toEqual(['orders'])
  })

  it('has its own time, however little an account has been given', async () => {
    await server.sql(`create role joan login password 'pw'; alter role joan set statement_timeout = 300`)
    await using _holder = await hold('pg_description')
    const listed = browse(inputFor(server.port, 'joan'), [], { budgetMs: 1_500 })
    await waiting()
    expectListingProblem(await listed, 'LISTING_TIMED_OUT')
    await allGone()
  })
})
