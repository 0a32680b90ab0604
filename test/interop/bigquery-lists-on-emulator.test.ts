import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bigquery } from '../../src/connectors/bigquery/index.ts'
import { byKey, project } from '../connectors/bigquery/bigquery-run.ts'
import { listingExpectationsOf, namesOf } from '../connectors/listing-expectations.ts'
import { everyItem, type ListingOptions, listCatalog, listOptions } from '../servers/listing-run.ts'
import { installBigqueryEmulator } from './bigquery-emulator-install.ts'
import { type EmulatorScene, startEmulator } from './bigquery-emulator-scene.ts'

const installation = await installBigqueryEmulator()

if (installation.installed) describe('lists of BigQuery’s, on the emulator', onEmulator)
else it('lists of BigQuery’s, on the emulator', context => context.skip(installation.reason))

const { expectListingProblem } = listingExpectationsOf('BIGQUERY', 'PUBLIC_IMPLEMENTATION')

/** Sign-in and rights are the double's; projects, datasets, tables and columns are the emulator's. */
function onEmulator(): void {
  let scene: EmulatorScene

  beforeAll(async () => {
    scene = await startEmulator([
      `create table sales.orders (id int64 not null, price numeric, tags array<string>,
         place struct<city string, points array<struct<x float64>>>)`,
      'create table sales.numbers as select 1 as n',
      'create view sales.cheap as select id from sales.orders',
    ])
  })
  afterAll(() => scene?.[Symbol.asyncDispose]())

  const near = (options: ListingOptions = {}): ListingOptions => ({
    ...options,
    network: { cloudEndpoints: scene.endpoints },
  })
  const catalog = (path: readonly string[], options?: ListingOptions) =>
    listCatalog(bigquery, byKey(), path, near(options))

  it('go from the project down to columns, and ask for nothing that is run', async () => {
    expect(namesOf(await catalog([]))).toEqual([project])
    expect(namesOf(await catalog([project])).toSorted()).toEqual(['deserted', 'sales'])
    const tables = await catalog([project, 'sales'])
    expect(tables.items.map(({ name, kind }) => `${kind} ${name}`).toSorted()).toEqual([
      'TABLE numbers',
      'TABLE orders',
      'VIEW cheap',
    ])
    const columns = await catalog([project, 'sales', 'orders'])
    expect(columns.items.map(({ name, column }) => `${name} ${column?.nativeType} ${column?.type}`)).toEqual([
      'id INT64 INTEGER',
      'price NUMERIC DECIMAL',
      'tags ARRAY<STRING> LIST',
      'place STRUCT<city STRING, points ARRAY<STRUCT<x FLOAT64>>> JSON',
      'place.city STRING TEXT',
      'place.points ARRAY<STRUCT<x FLOAT64>> LIST',
      'place.points.x FLOAT64 FLOAT',
    ])
    expect(namesOf(await catalog([project, 'deserted']))).toEqual([])
    expect(new Set(scene.adapter.requests.map(({ method }) => method))).toEqual(new Set(['GET']))
  })

  it('are paged and searched', async () => {
    const whole = namesOf(await catalog([project, 'sales']))
    const items = await everyItem(1, page => catalog([project, 'sales'], page))
    expect(items.map(({ name }) => name)).toEqual(whole)
    expect(namesOf(await catalog([project, 'sales'], { search: 'ORD' }))).toEqual(['orders'])
  })

  // It has no list of projects.
  it('fill in datasets and locations', async () => {
    const options = (field: string) => listOptions(bigquery, byKey(), field, near())
    expect(namesOf(await options('defaultDataset')).toSorted()).toEqual(['deserted', 'sales'])
    expect((await options('location')).problem).toBeNull()
  })

  it('say what is not there', async () => {
    for (const path of [['nowhere'], ['sales', 'nowhere']])
      expectListingProblem(await catalog([project, ...path]), { code: 'CATALOG_PATH_NOT_FOUND' })
  })
}
