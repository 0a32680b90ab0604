import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CatalogEntry } from '../../../src/connectors/browse.ts'
import { everyItem } from '../../servers/listing-run.ts'
import { PostgresServer } from '../../servers/postgres.ts'
import { queryPostgres } from '../../servers/postgres-run.ts'
import { browse, expectListingProblem, inputFor, namesOf, sound } from './listing-expectations.ts'

let server: PostgresServer
const oddSchema = 'a.b "c" é'
const oddTable = 't.1 "x" 日本'

beforeAll(async () => {
  server = await PostgresServer.start()
  await server.sql(`
    create role ann login password 'pw';
    create schema sales; comment on schema sales is 'What was sold'; grant usage on schema sales to ann;
    create schema payroll; create table payroll.wages (id int);
    create domain sales.price as numeric(10, 2) not null; create type sales.colour as enum ('red');
    create table sales.orders (id bigint not null, note varchar(20), price sales.price, tags text[], body jsonb,
      colour sales.colour, at timestamptz, gone int, "od""d.name é" real);
    alter table sales.orders drop column gone;
    comment on table sales.orders is 'One line for each order'; comment on column sales.orders.note is 'For the parcel';
    insert into sales.orders (id, note, price) select n, 'x', 1 from generate_series(1, 3000) n;
    create table sales.parts (id int) partition by range (id); create table sales.parts_1 partition of sales.parts default;
    insert into sales.parts values (1);
    create view sales.recent as select id, note from sales.orders;
    create materialized view sales.totals as select count(*) as n from sales.orders;
    create extension postgres_fdw; create server far foreign data wrapper postgres_fdw;
    create foreign table sales.elsewhere (id int) server far;
    create sequence sales.numbers; create index orders_ids on sales.orders (id); create table sales.empty ();
    grant select on all tables in schema sales to ann;
    create table sales.locked (id int);
    create table sales.some (id int, secret text, "of ""it""" int); insert into sales.some values (1, 's', 7);
    grant select (id, "of ""it""") on sales.some to ann;
    create schema "a.b ""c"" é" authorization ann;
    create table "a.b ""c"" é"."t.1 ""x"" 日本" ("c.1" int); insert into "a.b ""c"" é"."t.1 ""x"" 日本" values (5);
    alter table "a.b ""c"" é"."t.1 ""x"" 日本" owner to ann; analyze sales.orders`)
})
afterAll(async () => {
  await server?.[Symbol.asyncDispose]()
})

const ann = (change = {}) => inputFor(server.port, 'ann', change)
const entry = (entries: readonly CatalogEntry[], name: string) => entries.find(each => each.name === name)

describe('the catalog of a PostgreSQL database', () => {
  it('begins with its schemas, and says which of them the account may not look into', async () => {
    const schemas = sound(await browse(ann(), []))
    expect(schemas.map(({ name }) => name)).toEqual([oddSchema, 'payroll', 'public', 'sales'])
    expect(schemas.every(({ kind, hasChildren }) => kind === 'SCHEMA' && hasChildren)).toBe(true)
    expect(entry(schemas, 'sales')).toEqual({
      name: 'sales',
      kind: 'SCHEMA',
      hasChildren: true,
      comment: 'What was sold',
    })
    expect(entry(schemas, 'payroll')?.problem).toMatchObject({
      code: 'PERMISSION_DENIED',
      fields: ['auth.password.username'],
    })
  })

  it('says why nothing is listed in a schema that is closed, and its remedy opens it', async () => {
    await server.sql(`create role eve login password 'pw'`)
    const eve = inputFor(server.port, 'eve')
    const listing = await browse(eve, ['payroll'])
    const problem = expectListingProblem(listing, 'PERMISSION_DENIED')
    expect(listing.items).toEqual([])
    expectListingProblem(await browse(eve, ['payroll', 'wages']), 'PERMISSION_DENIED')
    const [remedy] = problem.remedies
    await server.sql(remedy?.kind === 'RUN_SQL' ? remedy.sql : '')
    expect(namesOf(await browse(eve, ['payroll']))).toEqual(['wages'])
    expect(namesOf(await browse(eve, ['payroll', 'wages']))).toEqual(['id'])
  })

  it('has every kind of relation that can be read, and nothing else', async () => {
    const relations = sound(await browse(ann(), ['sales']))
    expect(relations.map(({ name, kind, nativeKind }) => [name, kind, nativeKind])).toEqual([
      ['elsewhere', 'TABLE', 'FOREIGN TABLE'],
      ['empty', 'TABLE', undefined],
      ['locked', 'TABLE', undefined],
      ['orders', 'TABLE', undefined],
      ['parts', 'TABLE', 'PARTITIONED TABLE'],
      ['parts_1', 'TABLE', undefined],
      ['recent', 'VIEW', undefined],
      ['some', 'TABLE', undefined],
      ['totals', 'VIEW', 'MATERIALIZED VIEW'],
    ])
    expect(entry(relations, 'orders')).toMatchObject({ comment: 'One line for each order', hasChildren: true })
    const [size] = await server.sql(`select pg_relation_size('sales.orders')::int as size`)
    expect(entry(relations, 'orders')?.sizeBytes).toBe(size?.['size'])
    // Not known before the server has looked.
    expect(entry(relations, 'some')?.sizeBytes).toBeUndefined()
    expect(sound(await browse(ann(), ['sales', 'empty']))).toEqual([])
  })

  it('gives a query that reads each relation, as far as the account may, or says why there is none', async () => {
    const relations = sound(await browse(ann(), ['sales']))
    expect(entry(relations, 'locked')).toMatchObject({ problem: { code: 'PERMISSION_DENIED' } })
    expect(entry(relations, 'locked')?.query).toBeUndefined()
    const some = entry(relations, 'some')
    expect(await queryPostgres(ann(), some?.query)).toMatchObject({ kind: 'RESULT', result: { rows: [[1, 7]] } })
    for (const name of ['orders', 'parts', 'recent', 'totals']) {
      const outcome = await queryPostgres(ann(), entry(relations, name)?.query)
      expect(outcome.kind === 'RESULT' && outcome.result.rows.length > 0, name).toBe(true)
    }
    const denied = entry(relations, 'locked')?.problem?.remedies[0]
    await server.sql(`${denied?.kind === 'RUN_SQL' ? denied.sql : ''}; insert into sales.locked values (3)`)
    const [opened] = sound(await browse(ann(), ['sales'], { search: 'locked' }))
    expect(await queryPostgres(ann(), opened?.query)).toMatchObject({ kind: 'RESULT', result: { rows: [[3]] } })
  })

  it('has columns in their own order, with the types that their rows are given with', async () => {
    const columns = sound(await browse(ann(), ['sales', 'orders']))
    expect(columns.map(({ name, column }) => [name, column?.nativeType, column?.type, column?.isNullable])).toEqual([
      ['id', 'bigint', 'INTEGER', false],
      ['note', 'character varying(20)', 'TEXT', true],
      ['price', 'sales.price', 'DECIMAL', false],
      ['tags', 'text[]', 'LIST', true],
      ['body', 'jsonb', 'JSON', true],
      ['colour', 'sales.colour', 'OTHER', true],
      ['at', 'timestamp with time zone', 'TIMESTAMP', true],
      ['od"d.name é', 'real', 'FLOAT', true],
    ])
    expect(columns.every(({ kind, hasChildren }) => kind === 'COLUMN' && !hasChildren)).toBe(true)
    expect(entry(columns, 'note')?.comment).toBe('For the parcel')
    const outcome = await queryPostgres(ann(), { table: { schema: 'sales', name: 'orders' } })
    if (outcome.kind !== 'RESULT') throw new Error(outcome.problem.message)
    expect(outcome.result.columns.map(({ name, type }) => [name, type])).toEqual(
      columns.map(({ name, column }) => [name, column?.type]),
    )
    const some = sound(await browse(ann(), ['sales', 'some']))
    expect(some.map(({ name, problem }) => [name, problem?.code])).toEqual([
      ['id', undefined],
      ['secret', 'PERMISSION_DENIED'],
      ['of "it"', undefined],
    ])
    // Of a view's columns nobody knows.
    expect(sound(await browse(ann(), ['sales', 'recent']))[0]?.column).toEqual({
      nativeType: 'bigint',
      type: 'INTEGER',
    })
  })

  it('takes names with dots, quotes and letters of every script as parts of a path', async () => {
    const [table] = sound(await browse(ann(), [oddSchema]))
    expect(table?.name).toBe(oddTable)
    expect(namesOf(await browse(ann(), [oddSchema, oddTable]))).toEqual(['c.1'])
    expect(await queryPostgres(ann(), table?.query)).toMatchObject({ kind: 'RESULT', result: { rows: [[5]] } })
  })

  it.each([
    [['nowhere']],
    [['SALES']],
    [['pg_catalog']],
    [['sales', 'nowhere']],
    [['sales', 'numbers']],
    [['sales', 'orders_ids']],
    [['sales', 'orders', 'id']],
    [['sales', 'orders', 'id', 'x']],
    [['nowhere', 'orders']],
    [['']],
    [['sal\0es']],
    [['sales', 'ord\0ers']],
    [["'; drop schema sales --"]],
    [['\ud800']],
  ])('has nothing at %j', async path => {
    const listing = await browse(ann(), path)
    expectListingProblem(listing, 'CATALOG_PATH_NOT_FOUND')
    expect(listing.items).toEqual([])
  })

  it('shows the schemas that the form names, and which of them are missing', async () => {
    const input = ann({ schemas: ['sales', 'nowhere', 'information_schema'] })
    const listing = await browse(input, [])
    expect(listing.items.map(({ name }) => name)).toEqual(['information_schema', 'sales'])
    const problem = expectListingProblem(listing, 'CATALOG_PATH_NOT_FOUND')
    expect(problem).toMatchObject({ fields: ['schemas'], message: expect.stringContaining('"nowhere"') })
    expectListingProblem(await browse(input, ['public']), 'CATALOG_PATH_NOT_FOUND')
    expect(sound(await browse(input, ['information_schema'])).length).toBeGreaterThan(10)
  })
})

describe('a page of the catalog', () => {
  it('is one of many, each entry on one of them, whatever the order of the server', async () => {
    await server.sql(`
      create schema many; grant usage on schema many to ann;
      do $$ begin for i in 1..250 loop execute format('create table many.%I (id int)', 'T' || i || case when i % 2 = 0 then 'b' else 'B' end);
      end loop; end $$`)
    const all = await everyItem(100, page => browse(ann(), ['many'], page))
    const names = all.map(({ name }) => name)
    expect(names).toEqual([...names].sort())
    expect([names.length, new Set(names).size]).toEqual([250, 250])
    const columns = await everyItem(1, page => browse(ann(), ['sales', 'orders'], page))
    expect(columns.map(({ name }) => name)).toEqual(namesOf(await browse(ann(), ['sales', 'orders'])))
    expect((await everyItem(3, page => browse(ann(), ['many'], { ...page, search: '5B' }))).length).toBeGreaterThan(10)
  })

  it('can begin anywhere: what a client makes up is a place among the names', async () => {
    for (const after of [
      "'",
      '\0',
      'p\0x',
      '\ud800',
      'x'.repeat(1_000),
      '-1',
      '99999999',
      "1'; drop table x",
      '\\',
      'é',
    ])
      for (const path of [[], ['sales'], ['sales', 'orders']])
        expect((await browse(ann(), path, { after })).problem, `${path} after ${after}`).toBeNull()
    expect(namesOf(await browse(ann(), [], { after: 'p' }))).toEqual(['payroll', 'public', 'sales'])
    expect(namesOf(await browse(ann(), [], { after: 'payroll\0x' }))).toEqual(['public', 'sales'])
  })

  it('has the names with what is searched for in them, taken literally and without regard to case', async () => {
    await server.sql(`
      create schema found; grant usage on schema found to ann; create table found."a%b" (id int);
      create table found."a_b" (id int); create table found."a\\b" (id int); create table found."a'b" (id int);
      create table found."A.*B" (id int); create table found."axb" (id int)`)
    for (const [search, expected] of [
      ['%', ['a%b']],
      ['_', ['a_b']],
      ['\\', ['a\\b']],
      ["'", ["a'b"]],
      ['.*', ['A.*B']],
      ['a.*b', ['A.*B']],
      ['XB', ['axb']],
      ['a', ['A.*B', 'a%b', "a'b", 'a\\b', 'a_b', 'axb']],
      ['nothing', []],
      ['a\0', []],
      ['"', []],
    ] as const)
      expect(namesOf(await browse(ann(), ['found'], { search })), search).toEqual(expected)
    expect(namesOf(await browse(ann(), [], { search: 'ALE' }))).toEqual(['sales'])
    expect(namesOf(await browse(ann(), ['sales', 'orders'], { search: 'NO' }))).toEqual(['note'])
  })

  it('knows upper and lower case as the database does', async () => {
    await server.sql(`create database letters template template0 locale_provider builtin builtin_locale 'C.UTF-8'`)
    await server.sql('create schema "Éclair"; grant usage on schema "Éclair" to ann', 'letters')
    expect(namesOf(await browse(ann({ database: 'letters' }), [], { search: 'éCL' }))).toEqual(['Éclair'])
  })

  it('says so where the database cannot write what is asked for', async () => {
    await server.sql(`create database latin template template0 encoding 'LATIN1' locale 'C'`)
    await server.sql('create schema "é"; grant usage on schema "é" to ann', 'latin')
    const latin = ann({ database: 'latin' })
    expect(namesOf(await browse(latin, [], { search: 'é' }))).toEqual(['é'])
    expectListingProblem(await browse(latin, [], { search: '日' }), 'LISTING_UNSUPPORTED')
    expectListingProblem(await browse(latin, ['日']), 'LISTING_UNSUPPORTED')
    expectListingProblem(await browse(latin, [], { after: '日' }), 'LISTING_UNSUPPORTED')
  })
})
