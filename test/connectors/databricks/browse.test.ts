import { describe, expect, it } from 'vitest'
import { databricks } from '../../../src/connectors/databricks/index.ts'
import { type DatabricksCatalogs, sampleCatalogs, typedTable } from '../../servers/databricks-catalog.ts'
import type { DatabricksDouble } from '../../servers/databricks-double.ts'
import { refusal, refusals } from '../../servers/databricks-faults.ts'
import { type DatabricksGrant, readerGrants } from '../../servers/databricks-rights.ts'
import { DnsDouble } from '../../servers/dns-double.ts'
import { everyItem, type ListingOptions, listCatalog, listOptions } from '../../servers/listing-run.ts'
import { listingExpectationsOf, namesOf } from '../listing-expectations.ts'
import { ann, byClient, byToken, host, startWorkspace } from './databricks-run.ts'

const { expectListingProblem } = listingExpectationsOf('DATABRICKS')

const near = ({ url }: { readonly url: string }, options: ListingOptions = {}): ListingOptions => ({
  ...options,
  network: { cloudEndpoints: { [host]: url }, customEndpoints: false, ...options.network },
})
/** A connector for all that may be seen, whose warehouse is still to be chosen. */
const anywhere = (more: object = {}) =>
  byToken({ catalog: undefined, schema: undefined, httpPath: '/sql/1.0/warehouses/0000000000000000', ...more })
type Server = { readonly url: string }
const catalogAt = (double: Server, path: readonly string[], options?: ListingOptions, input: unknown = anywhere()) =>
  listCatalog(databricks, input, path, near(double, options))
const optionsAt = (double: Server, field: string, options?: ListingOptions, input: unknown = anywhere()) =>
  listOptions(databricks, input, field, near(double, options))

const patience = { timeout: 10_000, interval: 10 }

/** Nothing is left, no compute was started or used, and nothing but GET was asked for. */
async function expectNothingLeft(double: DatabricksDouble): Promise<void> {
  await expect.poll(() => double.openConnections, patience).toBe(0)
  expect([double.starts, double.sessions.length, double.operations.length, double.strays]).toEqual([0, 0, 0, []])
  const asked = double.requests.filter(({ call }) => call !== 'Token')
  expect(asked.filter(({ method }) => method !== 'GET')).toEqual([])
}

const column = { columns: [{ name: 'n', type: 'string' }] } as const
/** `t000` to `t119`. */
const many = Array.from({ length: 120 }, (_, index) => `t${String(index).padStart(3, '0')}`)
const catalogsWith = (names: readonly string[]): DatabricksCatalogs => ({
  main: { schemas: { sales: { tables: Object.fromEntries(names.map(name => [name, column])) } } },
})

describe('the catalog of a Databricks connector', () => {
  it('goes from catalogs down to columns without any compute', async () => {
    await using double = await startWorkspace()
    expect(await catalogAt(double, [])).toEqual({
      items: [{ name: 'main', kind: 'CATALOG', hasChildren: true }],
      next: null,
      problem: null,
    })
    // What describes the others is left out.
    expect((await catalogAt(double, ['main'])).items).toEqual([
      { name: 'default', kind: 'SCHEMA', hasChildren: true },
      { name: 'sales', kind: 'SCHEMA', hasChildren: true },
    ])
    const { items } = await catalogAt(double, ['main', 'sales'])
    expect(items.map(({ name, kind }) => [name, kind])).toEqual([
      ['numbers', 'TABLE'],
      ['orders', 'TABLE'],
      ['recent_orders', 'VIEW'],
      ['typed', 'TABLE'],
      ['odd `name`', 'TABLE'],
    ])
    expect(items[0]).toEqual({
      name: 'numbers',
      kind: 'TABLE',
      hasChildren: true,
      query: { table: { catalog: 'main', schema: 'sales', name: 'numbers' } },
    })
    const columns = await catalogAt(double, ['main', 'sales', 'odd `name`'])
    expect(columns.items).toEqual([
      {
        name: 'a `b` c',
        kind: 'COLUMN',
        hasChildren: false,
        column: { nativeType: 'bigint', type: 'INTEGER', isNullable: true },
      },
    ])
    await expectNothingLeft(double)
  })

  it('tells the types of columns as those of rows are told, and what has been written about them', async () => {
    const tables = {
      ...sampleCatalogs['main']?.schemas['sales']?.tables,
      noted: {
        columns: [{ name: 'id', type: 'bigint', nullable: false, comment: 'The number of the order.' }],
        type: 'STREAMING_TABLE',
      },
    } as const
    await using double = await startWorkspace({ catalogs: { main: { schemas: { sales: { tables } } } } })
    const { items } = await catalogAt(double, ['main', 'sales', 'typed'])
    expect(items.map(({ column: told }) => told?.nativeType)).toEqual(typedTable.columns.map(({ type }) => type))
    expect(items.map(({ name, column: told }) => `${name} ${told?.type}`)).toEqual([
      'a_boolean BOOLEAN',
      'a_tinyint INTEGER',
      'a_smallint INTEGER',
      'an_int INTEGER',
      'a_bigint INTEGER',
      'a_float FLOAT',
      'a_double FLOAT',
      'a_decimal DECIMAL',
      'a_whole_decimal DECIMAL',
      'a_string TEXT',
      'a_binary BINARY',
      'a_date DATE',
      'a_timestamp TIMESTAMP',
      'a_timestamp_ntz TIMESTAMP',
      'an_array LIST',
      'a_map JSON',
      'a_struct JSON',
      'an_interval OTHER',
      'a_month_interval OTHER',
      'a_variant TEXT',
      'a_void OTHER',
    ])
    const listed = await catalogAt(double, ['main', 'sales'])
    expect(listed.items.find(({ name }) => name === 'noted')).toMatchObject({
      kind: 'TABLE',
      nativeKind: 'STREAMING TABLE',
    })
    expect((await catalogAt(double, ['main', 'sales', 'noted'])).items).toMatchObject([
      { comment: 'The number of the order.', column: { isNullable: false } },
    ])
  })

  it('asks for no more than it shows, and goes on over pages that are short or empty', async () => {
    await using double = await startWorkspace({ catalogs: catalogsWith(many) })
    const paged = await everyItem(100, page => catalogAt(double, ['main', 'sales'], page))
    expect(paged.map(({ name }) => name)).toEqual(many)
    // The service has no more than 50 tables on a page.
    const sizes = double.requests.filter(({ call }) => call === 'Tables').map(({ query }) => query.get('max_results'))
    expect(sizes).toEqual(['50', '50', '50'])
    await using meagre = await startWorkspace({ catalogs: catalogsWith(many), pageSize: 7, emptyPages: 2 })
    for (const first of [25, 100]) {
      const items = await everyItem(first, page => catalogAt(meagre, ['main', 'sales'], page))
      expect(items.map(({ name }) => name)).toEqual(many)
    }
    const columns = await everyItem(4, page => catalogAt(double, ['main', 'sales', 't000'], page))
    expect(columns).toHaveLength(1)
  })

  it('looks for names by itself, in so many pages and no more, and says where to go on', async () => {
    const names = [...many, ...many.map(name => `u${name}`), ...many.map(name => `v${name}`), 'Needle']
    await using double = await startWorkspace({ catalogs: catalogsWith(names) })
    const first = await catalogAt(double, ['main', 'sales'], { search: 'needle' })
    expect(first).toMatchObject({ items: [], problem: null })
    expect(first.next).not.toBeNull()
    expect(double.calls.filter(call => call === 'Tables')).toHaveLength(5)
    const found = await everyItem(1, page => catalogAt(double, ['main', 'sales'], { ...page, search: 'needle' }))
    expect(found.map(({ name }) => name)).toEqual(['Needle'])
  })

  it('takes the place of a page for that of its own list alone', async () => {
    await using double = await startWorkspace({ catalogs: catalogsWith(many) })
    const { next } = await catalogAt(double, ['main', 'sales'], { first: 10 })
    for (const [path, after] of [
      [['main', 'sales'], 'x'],
      [['main'], next],
      [['main', 'sales'], next?.replace(/\.\d+\..*$/, '.0.made-up')],
      [['main', 'sales', 't000'], 'n'],
    ] as const) {
      const listing = await catalogAt(double, path, { after: after ?? null })
      expectListingProblem(listing, { code: 'LISTING_UNSUPPORTED' })
      expect(listing.items).toEqual([])
    }
    expect(namesOf(await catalogAt(double, ['main', 'sales'], { first: 1, after: next }))).toEqual(['t010'])
  })

  it('begins with the catalog of the form, and ends there', async () => {
    const grants = [...readerGrants(ann), use('secret')]
    await using double = await startWorkspace({ grants })
    expect(namesOf(await catalogAt(double, []))).toEqual(['main', 'secret'])
    expect(namesOf(await catalogAt(double, [], {}, byToken()))).toEqual(['main'])
    const outside = await catalogAt(double, ['secret'], {}, byToken())
    expectListingProblem(outside, { code: 'CATALOG_PATH_NOT_FOUND', fields: ['catalog'] })
    const missing = await catalogAt(double, [], {}, byToken({ catalog: 'nowhere' }))
    expectListingProblem(missing, { code: 'CATALOG_NOT_FOUND', fields: ['catalog'] })
    for (const catalog of ['..', '.', 'main/../secret']) {
      const nowhere = await catalogAt(double, [], {}, byToken({ catalog }))
      expectListingProblem(nowhere, { code: 'CATALOG_PATH_NOT_FOUND', fields: ['catalog'] })
    }
    const closed = await catalogAt(double, [], {}, byToken({ catalog: 'empty' }))
    expect(closed.items).toMatchObject([{ name: 'empty', problem: { code: 'PERMISSION_DENIED' } }])
    await expectNothingLeft(double)
  })

  it('shows what may only be seen, and says so', async () => {
    const grants: DatabricksGrant[] = [
      ...readerGrants(ann),
      { principal: ann, type: 'CATALOG', name: 'secret', privileges: ['BROWSE'] },
    ]
    await using double = await startWorkspace({ grants })
    const { items, problem } = await catalogAt(double, [])
    expect(problem).toBeNull()
    expect(items.map(({ name }) => name)).toEqual(['main', 'secret'])
    expect(items[0]?.problem).toBeUndefined()
    expectListingProblem(items[1], { code: 'PERMISSION_DENIED', detail: 'It may be seen, but not used.' })
    const schemas = await catalogAt(double, ['secret'])
    expect(schemas.items).toMatchObject([{ name: 'hidden', hasChildren: true, problem: { code: 'PERMISSION_DENIED' } }])
    const denied = await catalogAt(double, ['secret', 'hidden'])
    expectListingProblem(denied, { code: 'PERMISSION_DENIED' })
    expect((await optionsAt(double, 'catalog')).items[1]).toEqual({
      value: 'secret',
      help: 'It may be seen, but not used.',
    })
  })

  it('says what is not there, and what may not be looked into', async () => {
    const grants: DatabricksGrant[] = [...readerGrants(ann), use('secret')]
    await using double = await startWorkspace({ grants })
    for (const [path, what] of [
      [['nowhere'], 'catalog'],
      [['main', 'nowhere'], 'schema'],
      [['main', 'sales', 'nowhere'], 'table or view'],
      [['main', 'a.b'], 'entry'],
      [['..', '..', '..'], 'entry'],
      [['main', 'sales', 'numbers', 'n'], 'entry'],
    ] as const) {
      const listing = await catalogAt(double, path)
      expect(expectListingProblem(listing, { code: 'CATALOG_PATH_NOT_FOUND' }).params['what']).toBe(what)
    }
    const denied = await catalogAt(double, ['secret', 'hidden'])
    expectListingProblem(denied, { code: 'PERMISSION_DENIED', fields: ['auth.accessToken.token', 'schema'] })
    expect(denied.items).toEqual([])
    await expectNothingLeft(double)
  })

  it('says in words that only SQL tells what the old metastore holds', async () => {
    await using double = await startWorkspace({ hasMetastore: false })
    const old = await catalogAt(double, ['hive_metastore'])
    expect(expectListingProblem(old, { code: 'LISTING_UNSUPPORTED' }).message).toContain('hive_metastore')
    const chosen = await catalogAt(double, [], {}, byToken({ catalog: 'hive_metastore' }))
    expectListingProblem(chosen, { code: 'LISTING_UNSUPPORTED', fields: ['catalog'] })
    const schemas = await optionsAt(double, 'schema', {}, byToken({ catalog: 'hive_metastore' }))
    expectListingProblem(schemas, { code: 'LISTING_UNSUPPORTED', fields: ['catalog'] })
    for (const listing of [
      await catalogAt(double, []),
      await catalogAt(double, ['main']),
      await optionsAt(double, 'catalog'),
    ]) {
      const { message } = expectListingProblem(listing, { code: 'LISTING_UNSUPPORTED' })
      expect(message).toContain('no Unity Catalog')
    }
    await expectNothingLeft(double)
  })
})

const use = (name: string): DatabricksGrant => ({ principal: ann, type: 'CATALOG', name, privileges: ['USE_CATALOG'] })

describe('what a Databricks form can be filled in with', () => {
  const warehouses = {
    aaaaaaaaaaaaaaaa: { name: 'Reporting', state: 'STOPPED', size: 'Medium' },
    bbbbbbbbbbbbbbbb: { name: 'Ad hoc', isServerless: false },
    cccccccccccccccc: { name: 'Reporting', state: 'STARTING', isServerless: false, type: 'CLASSIC' },
    dddddddddddddddd: { name: 'Gone', state: 'DELETED' },
    eeeeeeeeeeeeeeee: { name: 'Others', users: ['bob@example.com'] },
  } as const

  it('lists warehouses by name with the path that is wanted, before one is chosen, and starts none', async () => {
    await using double = await startWorkspace({ warehouses })
    const { items, problem } = await optionsAt(double, 'httpPath')
    expect(problem).toBeNull()
    expect(items).toEqual([
      { value: '/sql/1.0/warehouses/bbbbbbbbbbbbbbbb', label: 'Ad hoc', help: 'running, 2X-Small, pro' },
      { value: '/sql/1.0/warehouses/aaaaaaaaaaaaaaaa', label: 'Reporting', help: 'stopped, Medium, serverless' },
      { value: '/sql/1.0/warehouses/cccccccccccccccc', label: 'Reporting', help: 'starting, 2X-Small, classic' },
    ])
    const found = await optionsAt(double, 'httpPath', { search: 'report' })
    expect(found.items).toHaveLength(2)
    expect((await optionsAt(double, 'httpPath', { search: 'BBBB' })).items).toHaveLength(1)
    expect(await everyItem(1, page => optionsAt(double, 'httpPath', page))).toEqual(items)
    expect(JSON.stringify(double.requests.map(({ path, body }) => path + body))).not.toContain('0000000000000000')
    await using meagre = await startWorkspace({ warehouses, pageSize: 1 })
    expect((await optionsAt(meagre, 'httpPath')).items).toEqual(items)
    await expectNothingLeft(double)
  })

  it('lists catalogs, whatever catalog the form has, and the schemas of the one that is chosen', async () => {
    await using double = await startWorkspace({ grants: [...readerGrants(ann), use('secret')] })
    expect(namesOf(await optionsAt(double, 'catalog', {}, byToken()))).toEqual(['main', 'secret'])
    expect(namesOf(await optionsAt(double, 'schema', {}, byToken()))).toEqual(['default', 'sales'])
    expect(namesOf(await optionsAt(double, 'schema', { search: 'SAL' }, byToken()))).toEqual(['sales'])
    const wrong = await optionsAt(double, 'schema', {}, byToken({ catalog: 'nowhere' }))
    expectListingProblem(wrong, { code: 'CATALOG_PATH_NOT_FOUND' })
    await expectNothingLeft(double)
  })

  it('is listed with a token of OAuth as well, and repeats none that was handed out', async () => {
    const grants = readerGrants('0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0')
    await using double = await startWorkspace({ grants })
    const input = byClient({ catalog: undefined, schema: undefined })
    expect(namesOf(await optionsAt(double, 'catalog', {}, input))).toEqual(['main'])
    await using echoing = await startWorkspace({
      grants,
      tokenPrefix: 'handed-out-5Jq7',
      at: { Catalogs: refusal(403, 'PERMISSION_DENIED', 'You have said handed-out-5Jq7-1.') },
    })
    const told = JSON.stringify(await catalogAt(echoing, [], {}, input))
    expect(told).toContain('You have said')
    expect(told).not.toContain('handed-out-5Jq7')
  })
})

describe('a list of Databricks’ that cannot be had', () => {
  it('has the reason of the workspace', async () => {
    const cases = [
      [refusals.tooMany, 'CLOUD_THROTTLED'],
      [refusals.denied, 'CLOUD_ACCESS_DENIED'],
      [refusals.unknownToken, 'CLOUD_CREDENTIALS_REJECTED'],
      [refusals.expiredToken, 'CLOUD_CREDENTIALS_EXPIRED'],
      [refusals.blockedAddress, 'CLIENT_ADDRESS_NOT_ALLOWED'],
      ['HTML', 'WRONG_PROTOCOL'],
    ] as const
    for (const [how, code] of cases) {
      await using double = await startWorkspace({ at: { Warehouses: how, Catalogs: how } })
      for (const listing of [await optionsAt(double, 'httpPath'), await catalogAt(double, [])]) {
        expectListingProblem(listing, { code })
        expect(listing).toMatchObject({ items: [], next: null })
      }
      await expectNothingLeft(double)
    }
  })

  it('is asked for again while the workspace is only too busy, and tells what it has when that goes on', async () => {
    const busyUntil =
      (last: number) =>
      ({ nth }: { readonly nth: number }) =>
        nth <= last ? refusals.tooMany : undefined
    await using passing = await startWorkspace({ at: { Catalogs: busyUntil(2) } })
    expect(namesOf(await catalogAt(passing, []))).toEqual(['main'])
    await using lasting = await startWorkspace({
      catalogs: catalogsWith(many),
      at: { Tables: ({ nth }) => (nth > 1 ? refusals.tooMany : undefined) },
    })
    const partial = await catalogAt(lasting, ['main', 'sales'])
    expectListingProblem(partial, { code: 'CLOUD_THROTTLED' })
    expect(partial.items).toHaveLength(50)
    await using well = await startWorkspace({ catalogs: catalogsWith(many) })
    expect(namesOf(await catalogAt(well, ['main', 'sales'], { after: partial.next }))).toEqual(many.slice(50))
  })

  it('ends within its time when the workspace does not answer, and leaves nothing open', async () => {
    await using double = await startWorkspace({ at: { Catalogs: 'HANG', Warehouses: 'DRIP' } })
    for (const late of [
      await catalogAt(double, [], { budgetMs: 600 }),
      await optionsAt(double, 'httpPath', { budgetMs: 600 }),
    ]) {
      expectListingProblem(late, { code: 'LISTING_TIMED_OUT', params: { seconds: 0.6 } })
      expect(late.items).toEqual([])
    }
    await expectNothingLeft(double)
  })

  it('is not asked of a host that credentials may not be sent to', async () => {
    await using double = await startWorkspace()
    await using dns = await DnsDouble.start({ 'db.example.com': ['127.0.0.1'] })
    const options = { nameServers: [dns.address], network: { cloudEndpoints: {} } }
    const listing = await optionsAt(double, 'httpPath', options, anywhere({ host: 'db.example.com' }))
    expectListingProblem(listing, { code: 'CUSTOM_ENDPOINT_REFUSED', fields: ['host'] })
    expect(double.connections).toBe(0)
  })

  it('is no list of a server that goes round in circles', async () => {
    const again = (key: string) => (answer: object) => ({ ...answer, [key]: [], next_page_token: 'page-1' })
    await using double = await startWorkspace({
      changes: { Catalogs: again('catalogs'), Warehouses: again('warehouses') },
    })
    expectListingProblem(await catalogAt(double, []), { code: 'PROTOCOL_VIOLATION' })
    expectListingProblem(await optionsAt(double, 'httpPath'), { code: 'PROTOCOL_VIOLATION' })
  })
})
