import { describe, expect, it } from 'vitest'
import { bigquery } from '../../../src/connectors/bigquery/index.ts'
import { type BigQueryProjects, sampleProjects } from '../../servers/bigquery-data.ts'
import type { GoogleDouble } from '../../servers/google-double.ts'
import { apiDisabled, bigQueryRefusal, GoogleRefusal } from '../../servers/google-refusals.ts'
import { everyItem, type ListingOptions, listCatalog, listOptions } from '../../servers/listing-run.ts'
import { listingExpectationsOf, namesOf } from '../listing-expectations.ts'
import { byKey, byToken, project, reader, readerGrants, type StartOptions, startGoogle } from './bigquery-run.ts'

const { expectListingProblem } = listingExpectationsOf('BIGQUERY')

const near = (double: GoogleDouble, options: ListingOptions = {}): ListingOptions => ({
  ...options,
  network: { cloudEndpoints: double.endpoints, ...options.network },
})
const catalogAt = (double: GoogleDouble, path: readonly string[], options?: ListingOptions, input: unknown = byKey()) =>
  listCatalog(bigquery, input, path, near(double, options))
const optionsAt = (double: GoogleDouble, field: string, options?: ListingOptions, input: unknown = byKey()) =>
  listOptions(bigquery, input, field, near(double, options))

const patience = { timeout: 10_000, interval: 10 }

/** Nothing is left, and nothing was ever asked that could be billed. */
async function expectNothingLeft(double: GoogleDouble): Promise<void> {
  await expect.poll(() => double.openConnections, patience).toBe(0)
  expect(double.bigquery.jobs).toEqual([])
  const asked = double.requests.filter(({ service }) => service === 'bigquery')
  expect(asked.filter(({ verb, method }) => verb !== 'GET' || method === 'tabledata.list')).toEqual([])
}

const column = { schema: [{ name: 'n', type: 'INTEGER' }], rows: [] } as const
const tables = (names: readonly string[]) => Object.fromEntries(names.map(name => [name, column]))
const projectWith = (datasets: BigQueryProjects[string]['datasets']): StartOptions => ({
  bigquery: { projects: { [project]: { number: '123456789012', datasets } } },
})
/** `t000` to `t119`. */
const many = Array.from({ length: 120 }, (_, index) => `t${String(index).padStart(3, '0')}`)

describe('the catalog of a BigQuery connector', () => {
  it('goes from the project down to columns, by metadata that is not billed', async () => {
    await using double = await startGoogle()
    expect(await catalogAt(double, [])).toEqual({
      items: [{ name: project, kind: 'CATALOG', hasChildren: true }],
      next: null,
      problem: null,
    })
    const datasets = await catalogAt(double, [project])
    expect(datasets.items).toEqual([
      { name: 'sales', kind: 'SCHEMA', hasChildren: true },
      { name: 'archive', kind: 'SCHEMA', hasChildren: true },
    ])
    const { items } = await catalogAt(double, [project, 'sales'])
    expect(items).toEqual([
      {
        name: 'numbers',
        kind: 'TABLE',
        hasChildren: true,
        query: { table: { project, dataset: 'sales', name: 'numbers' } },
      },
      {
        name: 'everything',
        kind: 'TABLE',
        hasChildren: true,
        query: { table: { project, dataset: 'sales', name: 'everything' } },
      },
      {
        name: 'recent',
        kind: 'VIEW',
        hasChildren: true,
        query: { table: { project, dataset: 'sales', name: 'recent' } },
      },
    ])
    const columns = await catalogAt(double, [project, 'sales', 'numbers'])
    expect(columns.items[0]).toEqual({
      name: 'n',
      kind: 'COLUMN',
      hasChildren: false,
      column: { nativeType: 'INT64', type: 'INTEGER', isNullable: true },
    })
    await expectNothingLeft(double)
  })

  it('tells what its owner has written, what kind of table it is, and which columns are never null', async () => {
    const description = 'What is owed.'
    const items = {
      totals: { ...column, type: 'MATERIALIZED_VIEW', title: 'All totals' },
      files: { ...column, type: 'EXTERNAL' },
      old: {
        type: 'SNAPSHOT',
        schema: [{ name: 'due', type: 'NUMERIC', mode: 'REQUIRED', precision: '10', scale: '2', description }],
      },
    } as const
    await using double = await startGoogle(projectWith({ sales: { title: 'Sales of the year', tables: items } }))
    const datasets = await catalogAt(double, [project])
    expect(datasets.items).toMatchObject([{ name: 'sales', comment: 'Sales of the year' }])
    const listed = await catalogAt(double, [project, 'sales'])
    expect(listed.items.map(({ name, kind, nativeKind, comment }) => [name, kind, nativeKind, comment])).toEqual([
      ['totals', 'VIEW', 'MATERIALIZED VIEW', 'All totals'],
      ['files', 'TABLE', 'EXTERNAL TABLE', undefined],
      ['old', 'TABLE', 'SNAPSHOT', undefined],
    ])
    const columns = await catalogAt(double, [project, 'sales', 'old'])
    expect(columns.items).toEqual([
      {
        name: 'due',
        kind: 'COLUMN',
        hasChildren: false,
        comment: description,
        column: { nativeType: 'NUMERIC(10,2)', type: 'DECIMAL', isNullable: false },
      },
    ])
  })

  it('follows each record by its fields, with dots, and says what is repeated', async () => {
    await using double = await startGoogle()
    const { items } = await catalogAt(double, [project, 'sales', 'everything'])
    const types = items.map(({ name, column: told }) => `${name} ${told?.nativeType} ${told?.type} ${told?.isNullable}`)
    expect(types.slice(-6)).toEqual(
      [
        'l ARRAY<INT64> LIST false',
        'o STRUCT<street STRING, at TIMESTAMP, tags ARRAY<STRUCT<k STRING, v INT64>>> JSON true',
        'o.street STRING TEXT true',
        'o.at TIMESTAMP TIMESTAMP true',
        'o.tags ARRAY<STRUCT<k STRING, v INT64>> LIST false',
        'o.tags.k STRING TEXT true',
      ]
        .concat('o.tags.v INT64 INTEGER true')
        .slice(-6),
    )
    expect(types[0]).toBe('i INT64 INTEGER false')
    const onPages = await everyItem(4, page => catalogAt(double, [project, 'sales', 'everything'], page))
    expect(onPages).toEqual(items)
    expect(namesOf(await catalogAt(double, [project, 'sales', 'everything'], { search: 'TAGS' }))).toEqual([
      'o.tags',
      'o.tags.k',
      'o.tags.v',
    ])
  })

  it('asks for no more than it shows, and goes on where it was, however BigQuery cuts its pages', async () => {
    await using double = await startGoogle(projectWith({ sales: { tables: tables(many) } }))
    const paged = await everyItem(50, page => catalogAt(double, [project, 'sales'], page))
    expect(paged.map(({ name }) => name)).toEqual(many)
    const sizes = double.asked('tables.list').map(({ url }) => new URL(url, 'http://x').searchParams.get('maxResults'))
    expect(sizes).toEqual(['50', '50', '50'])
    const { bigquery: data } = projectWith({ sales: { tables: tables(many) } })
    await using meagre = await startGoogle({ bigquery: { ...data, pageSize: 7 } })
    for (const first of [25, 100]) {
      const items = await everyItem(first, page => catalogAt(meagre, [project, 'sales'], page))
      expect(items.map(({ name }) => name)).toEqual(many)
    }
  })

  it('looks for names by itself, in so many pages and no more, and says where to go on', async () => {
    const { bigquery: data } = projectWith({ sales: { tables: tables([...many, 'Needle_1', 'needle_2']) } })
    await using double = await startGoogle({ bigquery: { ...data, pageSize: 10 } })
    const first = await catalogAt(double, [project, 'sales'], { search: 'needle' })
    expect(first).toMatchObject({ items: [], problem: null })
    expect(first.next).not.toBeNull()
    expect(double.asked('tables.list')).toHaveLength(5)
    const found = await everyItem(1, page => catalogAt(double, [project, 'sales'], { ...page, search: 'needle' }))
    expect(found.map(({ name }) => name)).toEqual(['Needle_1', 'needle_2'])
  })

  it('takes the place of a page for that of its own list alone', async () => {
    await using double = await startGoogle(
      projectWith({ sales: { tables: tables(many) }, other: { tables: tables(many) } }),
    )
    const { next } = await catalogAt(double, [project, 'sales'], { first: 10 })
    const strange = [
      [['sales'], 'x'],
      [['other'], next],
      [[], next],
      [['sales'], next?.replace(/\..*$/, '.0.made-up')],
    ] as const
    for (const [path, after] of strange) {
      const listing = await catalogAt(double, [project, ...path], { after: after ?? null })
      expectListingProblem(listing, { code: 'LISTING_UNSUPPORTED' })
      expect(listing.items).toEqual([])
    }
    const searched = await catalogAt(double, [project, 'sales'], { search: 't', after: next })
    expectListingProblem(searched, { code: 'LISTING_UNSUPPORTED' })
    expect(namesOf(await catalogAt(double, [project, 'sales'], { first: 1, after: next }))).toEqual(['t010'])
  })

  it('begins with the project of the data and the one that pays, and says which is closed', async () => {
    const grants = [
      ...readerGrants,
      { member: reader.email, role: 'roles/bigquery.jobUser', on: 'projects/acme-lake' } as const,
    ]
    await using double = await startGoogle({ grants })
    const both = await catalogAt(double, [], {}, byKey({ dataProjectId: 'acme-lake' }))
    expect(both.items.map(({ name }) => name)).toEqual([project, 'acme-lake'].sort())
    await using closed = await startGoogle({
      grants,
      at: {
        'datasets.list': ({ url }) =>
          url.includes('acme-lake')
            ? bigQueryRefusal(
                'accessDenied',
                'Access Denied: Project acme-lake: Permission bigquery.datasets.list denied.',
              )
            : undefined,
      },
    })
    const partial = await catalogAt(closed, [], {}, byKey({ dataProjectId: 'acme-lake' }))
    expect(partial.problem).toBeNull()
    const lake = partial.items.find(({ name }) => name === 'acme-lake')
    expectListingProblem(lake, {
      code: 'CLOUD_ACCESS_DENIED',
      fields: ['dataProjectId', 'auth.serviceAccountKey.json'],
    })
    expect(lake?.hasChildren).toBe(true)
    expect(partial.items.find(({ name }) => name === project)?.problem).toBeUndefined()
    const elsewhere = await catalogAt(closed, ['bigquery-public-data'], {}, byKey())
    expectListingProblem(elsewhere, { code: 'CATALOG_PATH_NOT_FOUND', fields: ['dataProjectId'] })
    expect(closed.asked('datasets.list')).toHaveLength(2)
  })

  it('says that a dataset may not be looked into, and what is not there', async () => {
    const grants = readerGrants
      .filter(({ role }) => role !== 'roles/bigquery.dataViewer')
      .concat({
        ...{ member: reader.email, role: 'roles/bigquery.dataViewer', on: `projects/${project}/datasets/archive` },
      })
    await using double = await startGoogle({ grants })
    // BigQuery leaves out what the account may not look at.
    expect(namesOf(await catalogAt(double, [project]))).toEqual(['archive'])
    const denied = await catalogAt(double, [project, 'sales'])
    const { params } = expectListingProblem(denied, { code: 'CLOUD_ACCESS_DENIED' })
    expect(params['action']).toContain('bigquery.tables.list on the dataset acme-analytics.sales')
    await using open = await startGoogle()
    for (const [path, what] of [
      [['nowhere'], 'dataset'],
      [['not-a-name'], 'dataset'],
      [['sales', 'nowhere'], 'table'],
      [['sales', '..'], 'table'],
      [['sales', 'numbers', 'n'], 'entry'],
    ] as const) {
      const listing = await catalogAt(open, [project, ...path])
      expect(expectListingProblem(listing, { code: 'CATALOG_PATH_NOT_FOUND' }).params['what']).toBe(what)
    }
  })
})

describe('what a BigQuery form can be filled in with', () => {
  const unchosen = byKey({ projectId: 'not-chosen-yet', defaultDataset: undefined })

  it('lists the account’s projects before one is chosen, and asks about none', async () => {
    const projects = {
      ...sampleProjects,
      'acme-lake': { ...sampleProjects['acme-lake'], title: 'The lake' },
    } as BigQueryProjects
    const grants = [
      ...readerGrants,
      { member: reader.email, role: 'roles/bigquery.dataViewer', on: 'projects/acme-lake' } as const,
    ]
    await using double = await startGoogle({ grants, bigquery: { projects } })
    for (const field of ['projectId', 'dataProjectId']) {
      const { items } = await optionsAt(double, field, {}, unchosen)
      expect(items).toEqual([{ value: project }, { value: 'acme-lake', label: 'The lake' }])
    }
    expect(namesOf(await optionsAt(double, 'projectId', { search: 'LAKE' }, unchosen))).toEqual(['acme-lake'])
    expect(namesOf(await optionsAt(double, 'projectId', { search: 'the l' }, unchosen))).toEqual(['acme-lake'])
    expect(JSON.stringify(double.requests)).not.toContain('not-chosen-yet')
    await expectNothingLeft(double)
  })

  it('lists the datasets of the project of the data, with where they are', async () => {
    await using double = await startGoogle()
    const { items } = await optionsAt(double, 'defaultDataset')
    expect(items).toEqual([
      { value: 'sales', help: 'EU' },
      { value: 'archive', help: 'US' },
    ])
  })

  it('lists the locations of the datasets, each once', async () => {
    const datasets = { a: { tables: {} }, b: { tables: {} }, c: { location: 'US', tables: {} } }
    await using double = await startGoogle(projectWith(datasets))
    const input = byKey({ defaultDataset: undefined })
    expect((await optionsAt(double, 'location', {}, input)).items).toEqual([
      { value: 'EU', help: '2 datasets' },
      { value: 'US', help: 'one dataset' },
    ])
    expect(namesOf(await optionsAt(double, 'location', { search: 'u', first: 1, after: 'EU' }, input))).toEqual(['US'])
  })

  it('says which places Google could not reach, beside what it has found', async () => {
    await using double = await startGoogle({
      changes: { 'datasets.list': (answer: object) => ({ ...answer, unreachable: ['europe-west9'] }) },
    })
    for (const listing of [await catalogAt(double, [project]), await optionsAt(double, 'location')]) {
      expect(listing.items).toHaveLength(2)
      expect(expectListingProblem(listing, { code: 'CLOUD_UNAVAILABLE' }).detail).toContain('europe-west9')
    }
  })
})

describe('a list of BigQuery’s that cannot be had', () => {
  const busy = () => bigQueryRefusal('rateLimitExceeded', 'Exceeded rate limits')

  it('has Google’s reason', async () => {
    const cases = [
      [apiDisabled('bigquery.googleapis.com', 'BigQuery API', '123456789012'), 'CLOUD_API_DISABLED'],
      [bigQueryRefusal('accessDenied', 'Access Denied: Project acme-analytics'), 'CLOUD_ACCESS_DENIED'],
      [new GoogleRefusal(429, { error: { code: 429, message: 'Slow down.' } }), 'CLOUD_THROTTLED'],
    ] as const
    for (const [refusal, code] of cases) {
      await using double = await startGoogle({ at: { 'projects.list': refusal, 'tables.list': refusal } })
      expectListingProblem(await optionsAt(double, 'projectId'), { code })
      expectListingProblem(await catalogAt(double, [project, 'sales']), { code })
      await expectNothingLeft(double)
    }
  })

  it('is asked for again while Google is only too busy, and tells what it has when that goes on', async () => {
    await using passing = await startGoogle({ at: { 'tables.list': ({ nth }) => (nth < 3 ? busy() : undefined) } })
    expect(namesOf(await catalogAt(passing, [project, 'sales']))).toHaveLength(3)
    const { bigquery: data } = projectWith({ sales: { tables: tables(many) } })
    await using lasting = await startGoogle({
      bigquery: { ...data, pageSize: 40 },
      at: { 'tables.list': ({ nth }) => (nth > 1 ? busy() : undefined) },
    })
    const partial = await catalogAt(lasting, [project, 'sales'])
    expectListingProblem(partial, { code: 'CLOUD_THROTTLED' })
    expect(partial.items).toHaveLength(40)
    await using well = await startGoogle({ bigquery: { ...data, pageSize: 40 } })
    const rest = await catalogAt(well, [project, 'sales'], { after: partial.next })
    expect(namesOf(rest)).toEqual(many.slice(40))
  })

  it('ends within its time when Google does not answer, and leaves nothing open', async () => {
    for (const at of [{ 'datasets.list': 'HANG' }, { token: 'HANG' }] as const) {
      await using double = await startGoogle({ at })
      const late = await catalogAt(double, [project], { budgetMs: 700 })
      expectListingProblem(late, { code: 'LISTING_TIMED_OUT', params: { seconds: 0.7 } })
      expect(late.items).toEqual([])
      await expectNothingLeft(double)
    }
  })

  it('is no list of a server that goes round in circles', async () => {
    const headers = { 'content-type': 'application/json' }
    const body = JSON.stringify({ tables: [], nextPageToken: 'again' })
    await using double = await startGoogle({ at: { 'tables.list': { status: 200, headers, body } } })
    expectListingProblem(await catalogAt(double, [project, 'sales']), { code: 'PROTOCOL_VIOLATION' })
  })

  it('is not gone through for ever where nothing is on its pages', async () => {
    const headers = { 'content-type': 'application/json' }
    const body = (nth: number) => JSON.stringify({ datasets: [], nextPageToken: `more-${nth}` })
    await using double = await startGoogle({
      at: { 'datasets.list': ({ nth }) => ({ status: 200, headers, body: body(nth) }) },
    })
    const listing = await optionsAt(double, 'location', { budgetMs: 60_000 })
    expect(listing.items).toEqual([])
    expectListingProblem(listing, { code: 'RESULT_TOO_LARGE' })
    expect(double.requests.filter(({ method }) => method === 'datasets.list').length).toBeLessThanOrEqual(50)
  })

  it('repeats no token that was handed out on the way', async () => {
    await using double = await startGoogle({
      newToken: () => 'ya29.handed-out-9Zx4',
      at: { 'datasets.list': bigQueryRefusal('accessDenied', 'You have said ya29.handed-out-9Zx4.') },
    })
    for (const listing of [await catalogAt(double, []), await catalogAt(double, [project])]) {
      const told = JSON.stringify(listing)
      expect(told).toContain('You have said')
      expect(told).not.toContain('handed-out-9Zx4')
    }
  })

  it('is had with a token that may only read', async () => {
    await using double = await startGoogle({ tokenScopes: ['https://www.googleapis.com/auth/bigquery.readonly'] })
    expect(namesOf(await optionsAt(double, 'projectId', {}, byToken()))).toEqual([project])
    expect(namesOf(await catalogAt(double, [project], {}, byToken()))).toHaveLength(2)
    expect(double.asked('tokeninfo')).toEqual([])
  })
})
