import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { snowflake } from '../../src/connectors/snowflake/index.ts'
import { listingExpectationsOf, namesOf } from '../connectors/listing-expectations.ts'
import { byPassword } from '../connectors/snowflake/snowflake-run.ts'
import { type ListingOptions, listCatalog, listOptions } from '../servers/listing-run.ts'
import { installFakesnow } from './fakesnow-install.ts'
import { startFakesnow } from './fakesnow-scene.ts'
import type { Fakesnow } from './fakesnow-server.ts'

const installation = await installFakesnow()

if (installation.installed) describe('lists of Snowflake’s, on fakesnow', onFakesnow)
else it('lists of Snowflake’s, on fakesnow', context => context.skip(installation.reason))

const { expectListingProblem } = listingExpectationsOf('SNOWFLAKE', 'PUBLIC_IMPLEMENTATION')

/**
 * fakesnow shows databases, schemas, tables and views of its own. Roles and warehouses it has none of, and no
 * rights either: what is said of those in its place proves nothing.
 */
function onFakesnow(): void {
  let fakesnow: Fakesnow

  beforeAll(async () => {
    fakesnow = await startFakesnow([
      'create schema sales.deserted',
      'create database payroll',
      'use database sales',
      'use schema sales.public',
      'create table orders (id number(38,0) not null, item varchar(20), price number(12,2), bought_at timestamp_ntz, facts variant)',
      'create table "lower case" ("mixed Case" varchar)',
      'create table a_b (n number)',
      'create table axb (n number)',
      'create view cheap as select id, item from orders where price < 10',
    ])
  })
  afterAll(() => fakesnow?.[Symbol.asyncDispose]())

  const near = (options: ListingOptions = {}): ListingOptions => ({
    ...options,
    network: { cloudEndpoints: fakesnow.endpoints },
  })
  const anywhere = byPassword({ database: undefined, schema: undefined })
  const catalog = (path: readonly string[], options?: ListingOptions, input: unknown = anywhere) =>
    listCatalog(snowflake, input, path, near(options))
  const options = (field: string, more?: ListingOptions, input: unknown = anywhere) =>
    listOptions(snowflake, input, field, near(more))

  // Columns it describes only of the session's own database, which a session for lists has none of.
  it('go from databases down to tables and views', async () => {
    expect(namesOf(await catalog([]))).toEqual(expect.arrayContaining(['PAYROLL', 'SALES']))
    expect(namesOf(await catalog(['SALES']))).toEqual(expect.arrayContaining(['DESERTED', 'PUBLIC']))
    const { items } = await catalog(['SALES', 'PUBLIC'])
    // In an order of its own.
    expect(items.map(({ name, kind }) => `${kind} ${name}`).toSorted()).toEqual([
      'TABLE AXB',
      'TABLE A_B',
      'TABLE ORDERS',
      'TABLE lower case',
      'VIEW CHEAP',
    ])
    expect(namesOf(await catalog(['SALES', 'DESERTED']))).toEqual([])
  })

  // It does not know FROM, with which a list goes on.
  it('are searched', async () => {
    expect(namesOf(await catalog(['SALES', 'PUBLIC'], { search: 'ORD' }))).toEqual(['ORDERS'])
    expect(namesOf(await catalog(['SALES', 'PUBLIC'], { search: 'ord' }))).toEqual(['ORDERS'])
  })

  it('fill in databases and schemas', async () => {
    expect(namesOf(await options('database'))).toEqual(expect.arrayContaining(['PAYROLL', 'SALES']))
    expect(namesOf(await options('schema', {}, byPassword({ schema: undefined })))).toEqual(['DESERTED', 'PUBLIC'])
  })

  it('say what is not there', async () => {
    for (const path of [['NOWHERE'], ['SALES', 'NOWHERE'], ['SALES', 'PUBLIC', 'NOWHERE']])
      expectListingProblem(await catalog(path), { code: 'CATALOG_PATH_NOT_FOUND' })
  })
}
