import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canarySecret } from '../canary/secrets.ts'
import {
  catalog,
  type Entry,
  fieldOptions,
  type Option,
  previewSaved,
  saveDataset,
  saveListed,
} from './listing-operations.ts'
import { RecordedApp } from './recorded-app.ts'
import { asType } from './typed-result.ts'

const password = canarySecret()
const by = { externalKey: 'listed' }
const signIn = { password: { username: 'ann', password } }

let app: RecordedApp
beforeAll(async () => {
  app = await RecordedApp.start('SQLite', { TEST_RATE: '1000', TEST_CONCURRENCY: '2' })
  const { createConnector } = await app.client.request(saveListed, { config: { simulator: { auth: signIn } } })
  expect(createConnector).toMatchObject({ __typename: 'CreateConnectorSuccess' })
})
afterAll(() => app?.[Symbol.asyncDispose]())

type CatalogPage = Parameters<typeof browse>[1]
const browse = async (
  path: readonly string[],
  page: { first?: number; after?: string | null; search?: string; mayStartCompute?: boolean } = {},
) => {
  const { connector } = await app.client.request(catalog, { by, path, ...page })
  if (!connector) throw new Error('There is no connector.')
  return connector.catalog
}
const entries = async (path: readonly string[], page: CatalogPage = {}) =>
  asType(await browse(path, page), 'ConnectorCatalogSuccess').entries
const namesOf = (nodes: readonly Entry[]) => nodes.map(({ name }) => name)

const ask = async (target: object, field: string, page: object = {}) => {
  const { connectorFieldOptions } = await app.client.request(fieldOptions, { input: { target, field, ...page } })
  return connectorFieldOptions
}
const options = async (target: object, field: string, page: object = {}) =>
  asType(await ask(target, field, page), 'ConnectorFieldOptionsSuccess').options
const draft = (config: object) => ({ draft: { simulator: config } })
const saved = { saved: by }
const valuesOf = (nodes: readonly Option[]) => nodes.map(({ value }) => value)

describe('the catalog of a connector', () => {
  test('leads from databases to columns, and to a dataset that reads one of its tables', async () => {
    const top = await entries([])
    expect(top).toMatchObject({ hasNextPage: false, endCursor: null, problem: null })
    expect(namesOf(top.nodes)).toEqual(['archive', 'asleep', 'broken', 'empty', 'partial', 'shop', 'slow', 'stuck'])
    const shop = await entries(['shop'])
    expect(shop.nodes).toMatchObject([
      {
        path: ['shop', 'hr'],
        kind: 'SCHEMA',
        hasChildren: true,
        comment: 'Not for this account.',
        problem: { code: 'PERMISSION_DENIED' },
      },
      { path: ['shop', 'public'], problem: null },
      { path: ['shop', 'sales'], problem: null },
    ])
    const sales = await entries(['shop', 'sales'])
    expect(namesOf(sales.nodes)).toEqual(['Straße & 東京', 'customers', 'every kind', 'open_orders', 'orders'])
    const orders = sales.nodes.find(({ name }) => name === 'orders')
    expect(orders).toMatchObject({ kind: 'TABLE', nativeKind: 'BASE TABLE', sizeBytes: 3_200, column: null })
    const { nodes: columns } = await entries(orders?.path ?? [])
    expect(columns.map(({ name, kind, hasChildren, column }) => [name, kind, hasChildren, column])).toEqual([
      ['integer_1', 'COLUMN', false, { nativeType: 'int8', type: 'INTEGER', isNullable: false }],
      ['text_2', 'COLUMN', false, { nativeType: 'varchar(200)', type: 'TEXT', isNullable: true }],
      ['decimal_3', 'COLUMN', false, { nativeType: 'decimal(38,9)', type: 'DECIMAL', isNullable: true }],
      ['timestamp_4', 'COLUMN', false, { nativeType: 'timestamp(6)', type: 'TIMESTAMP', isNullable: true }],
    ])
    // What it offers is what creating a dataset takes.
    const { createDataset } = await app.client.request(saveDataset, { query: orders?.datasetQuery })
    expect(createDataset).toMatchObject({ __typename: 'CreateDatasetSuccess' })
    const { previewDataset } = await app.client.request(previewSaved, { id: createDataset.dataset?.id ?? '' })
    expect(previewDataset.preview?.columns).toEqual(columns.map(({ name, column }) => ({ name, type: column?.type })))
  })

  test('comes page by page, each thing once, also when it is searched', async () => {
    const all = async (search?: string) => {
      const nodes: Entry[] = []
      let after: string | null = null
      do {
        const page: Awaited<ReturnType<typeof entries>> = await entries(['archive', 'events'], {
          first: 100,
          after,
          ...(search !== undefined && { search }),
        })
        expect(page.nodes.length).toBeLessThanOrEqual(100)
        expect(page.hasNextPage).toBe(page.endCursor !== null)
        nodes.push(...page.nodes)
        after = page.endCursor
      } while (after !== null)
      return namesOf(nodes)
    }
    const names = await all()
    expect(names).toHaveLength(1_200)
    expect(new Set(names).size).toBe(1_200)
    expect(await all('Y_11')).toEqual(names.filter(name => name.includes('y_11')))
    expect(await all('nothing like it')).toEqual([])
  })

  test('refuses a cursor of another list, and made-up ones', async () => {
    const { endCursor } = await entries(['archive', 'events'], { first: 5 })
    const wrong = /BAD_USER_INPUT.*does not belong to this list|does not belong to this list.*BAD_USER_INPUT/
    await expect(entries(['shop', 'sales'], { after: endCursor })).rejects.toThrow(wrong)
    await expect(entries(['archive', 'events'], { after: endCursor, search: 'day' })).rejects.toThrow(wrong)
    await expect(entries(['archive', 'events'], { after: 'nonsense' })).rejects.toThrow(wrong)
    await expect(options(saved, 'database', { after: endCursor })).rejects.toThrow(wrong)
    expect(namesOf((await entries(['archive', 'events'], { first: 5, after: endCursor })).nodes)[0]).toBe('day_0006')
  })

  test('says what is wrong, beside what could be listed', async () => {
    expect(await entries(['shop', 'hr'])).toMatchObject({ nodes: [], problem: { code: 'PERMISSION_DENIED' } })
    expect(await entries(['shop', 'attic'])).toMatchObject({ nodes: [], problem: { code: 'CATALOG_PATH_NOT_FOUND' } })
    expect(await entries(['empty'])).toEqual({ nodes: [], hasNextPage: false, endCursor: null, problem: null })
    expect(await entries(['broken'])).toMatchObject({ nodes: [], problem: { code: 'UNCLASSIFIED' } })
    const partial = await entries(['partial'])
    expect(partial).toMatchObject({ nodes: [{ name: 'sales' }], problem: { code: 'CONNECTION_RESET' } })
    expect(partial.problem?.detail).toContain('one part')
  })

  test('starts nothing that costs money unless it may', async () => {
    expect(await entries(['asleep'])).toMatchObject({ nodes: [], problem: { code: 'COMPUTE_NOT_ALLOWED' } })
    expect(namesOf((await entries(['asleep'], { mayStartCompute: true })).nodes)).toEqual(['sales'])
  })

  test('waits for a source that takes its time', async () => {
    expect(namesOf((await entries(['slow'])).nodes)).toEqual(['sales'])
  })

  test('refuses what cannot be asked for', async () => {
    const refusal = async (path: readonly string[], page: CatalogPage = {}) =>
      asType(await browse(path, page), 'ValidationError').issues?.map(({ path }) => path)
    expect(await refusal(Array(11).fill('a'))).toEqual(['path'])
    expect(await refusal(['a', ''], { first: 0, search: 'x'.repeat(201) })).toEqual(['path.1', 'first', 'search'])
  })

  test('is given up when its reader leaves, which frees its place', async () => {
    const stop = new AbortController()
    // As many as one workspace may have at once.
    const running = [1, 2].map(() => app.client.request(catalog, { by, path: ['stuck'] }, stop.signal))
    await expect.poll(async () => (await browse(['shop'])).__typename, { interval: 20 }).toBe('RateLimitedError')
    stop.abort()
    for (const each of running) await expect(each).rejects.toThrow()
    await expect
      .poll(async () => (await browse(['shop'])).__typename, { interval: 50, timeout: 10_000 })
      .toBe('ConnectorCatalogSuccess')
  })
})

describe('values for the fields of a form', () => {
  test('narrow as it is filled in', async () => {
    const asked = { auth: signIn }
    const { nodes } = await options(draft(asked), 'database', { search: 'S', first: 2 })
    expect(nodes).toEqual([
      { value: 'asleep', label: 'asleep', help: 'Has to be woken, which costs money.' },
      { value: 'shop', label: 'shop', help: null },
    ])
    const tooEarly = asType(await ask(draft(asked), 'schema'), 'ValidationError')
    expect(tooEarly.issues).toMatchObject([
      { path: 'database', inputPath: ['target', 'draft', 'simulator', 'database'] },
    ])
    expect(valuesOf((await options(draft({ ...asked, database: 'shop' }), 'schema')).nodes)).toEqual([
      'hr',
      'public',
      'sales',
    ])
    expect(await options(draft({ ...asked, database: 'attic' }), 'schema')).toMatchObject({
      nodes: [],
      problem: { code: 'DATABASE_NOT_FOUND', fields: ['database'] },
    })
  })

  test('come from a saved connector as well, and from one that is being edited', async () => {
    expect(valuesOf((await options(saved, 'database')).nodes)).toHaveLength(8)
    expect(asType(await ask(saved, 'schema'), 'ValidationError').issues).toMatchObject([{ path: 'database' }])
    const edit = (simulator: object) => ({
      edit: { connector: by, config: { simulator } },
    })
    expect(valuesOf((await options(edit({ database: 'shop' }), 'schema')).nodes)).toContain('sales')
    const elsewhere = await ask(edit({ host: 'thief.example.com' }), 'database')
    expect(elsewhere.__typename).toBe('SecretReentryRequiredError')
    const { nodes } = await options(edit({ host: 'other.example.com', auth: signIn }), 'database')
    expect(nodes).toHaveLength(8)
  })

  test('are refused for fields that have none', async () => {
    const refused = asType(await ask(draft({}), 'host'), 'ValidationError')
    expect(refused.issues).toMatchObject([{ path: 'field', message: expect.stringContaining('database, schema') }])
    expect((await ask({ saved: { name: 'Nobody' } }, 'database')).__typename).toBe('NotFoundError')
  })

  test('say why there are none, as a test would, and never show a secret', async () => {
    const wrong = { password: { username: 'bob', password: 'wrong' } }
    expect(await options(draft({ auth: wrong }), 'database')).toMatchObject({
      nodes: [],
      problem: { code: 'CREDENTIALS_REJECTED', fields: ['auth.password.password', 'auth.password.username'] },
    })
    const echo = { step: 'OPEN', problem: 'DATABASE_NOT_FOUND', detail: `no such database for ${password}` }
    const { problem } = await options(draft({ auth: signIn, steps: [echo] }), 'database')
    expect(problem).toMatchObject({ code: 'DATABASE_NOT_FOUND', detail: 'no such database for •••' })
  })

  test.each([
    ['CRASH', 'CONNECTOR_HOST_FAILED'],
    ['THROW', 'UNCLASSIFIED'],
    ['FAILED', 'PERMISSION_DENIED'],
  ])('survive a source that ends as %s', async (listing, code) => {
    expect(await options(draft({ listing }), 'database')).toMatchObject({ nodes: [], problem: { code } })
    expect((await options(draft({}), 'database')).problem).toBeNull()
  })

  test('come in part where the source answers in part', async () => {
    const { nodes, problem } = await options(draft({ listing: 'PARTIAL' }), 'database')
    expect(valuesOf(nodes)).toEqual(['archive', 'broken', 'partial', 'slow'])
    expect(problem).toMatchObject({ code: 'CONNECTION_RESET' })
  })

  test('are not listed again and again with credentials that are refused', async () => {
    const wrong = { password: { username: 'eve', password: 'wrong' } }
    const again = () => ask(draft({ auth: wrong }), 'database')
    for (let count = 0; count < 3; count++) await again()
    expect(await again()).toMatchObject({ __typename: 'RateLimitedError', reason: 'FAILED_SIGN_INS' })
  })
})
