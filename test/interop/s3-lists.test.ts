import { writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CatalogEntry, Listing } from '../../src/connectors/browse.ts'
import { s3 } from '../../src/connectors/s3/index.ts'
import { documentedActions } from '../connectors/aws/documented-policy.ts'
import { everyObject, expectNotListed, namesOf, valuesOf } from '../connectors/s3/listing-run.ts'
import { everyItem, type ListingOptions, listCatalog, listOptions } from '../servers/listing-run.ts'
import { runTypeQuery } from '../servers/type-run.ts'
import { installMoto } from './moto-install.ts'
import { type MotoKey, MotoServer } from './moto-server.ts'
import { installS3rver } from './s3rver-install.ts'
import { S3rverServer, s3rverKey } from './s3rver-server.ts'

const moto = await installMoto()
const s3rver = await installS3rver()

if (moto.installed) describe('the lists of an S3 connector, on moto', onMoto)
else it('the lists of an S3 connector, on moto', context => context.skip(moto.reason))
if (s3rver.installed) describe('the lists of an S3 connector to another server than AWS, s3rver', onS3rver)
else it('the lists of an S3 connector to another server than AWS, s3rver', context => context.skip(s3rver.reason))

const region = 'eu-west-1'
const keyOf = (path: readonly string[]) => path.map(name => (name === '/' ? '' : name)).join('/')
const by = 'PUBLIC_IMPLEMENTATION'

/** As far as all servers take them. */
const oddKeys = [
  ' leading.csv',
  '%2F %41.csv',
  '+.csv',
  'a b+c.csv',
  'key=value/a&b=c.csv',
  'q?a#b;c:d,e@f$g.csv',
  'with*star?.csv',
  'ärger.csv',
  'e\u0301 and \u00e9.csv',
  '日本/語 😀.csv',
]
const deepKeys = ['key=value/year=2026/a&b=c.csv', '/begins with a slash.csv', 'empty//part.csv', 'empty/part.csv']

function onMoto(): void {
  let server: MotoServer
  let reader: MotoKey
  let lister: MotoKey
  let nobody: MotoKey
  let operator: MotoKey
  let roleArn: string
  const externalId = 'patchbay-of-this-workspace'

  beforeAll(async () => {
    server = await MotoServer.start()
    await server.addBucket('sales')
    await server.addBucket('archive')
    await server.addBucket('odd-keys')
    for (const month of Array.from({ length: 25 }, (_, n) => String(n + 10))) {
      await server.putObject('sales', `orders/2026-${month}.csv`, 'n\n1\n')
      await server.putObject('sales', `orders/${month}/a.csv`, 'n\n1\n')
    }
    await server.putObject('sales', 'orders/', '')
    await server.putObject('sales', 'old/orders.csv', 'n\n1\n', { 'x-amz-storage-class': 'GLACIER' })
    for (const key of [...oddKeys, ...deepKeys]) await server.putObject('odd-keys', key, 'n\n1\n')
    reader = await server.addUser('reader', documentedActions('s3'))
    lister = await server.addUser('lister', ['s3:ListBucket', 's3:ListAllMyBuckets'])
    nobody = await server.addUser('nobody', ['s3:GetObject'])
    operator = await server.addUser('operator', ['sts:AssumeRole'])
    roleArn = await server.addRole('patchbay', ['s3:ListBucket', 's3:ListAllMyBuckets'], externalId)
    await server.checkRights()
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  const inputFor = (accessKey: MotoKey, change: object = {}) => ({
    bucket: 'sales',
    region,
    credentials: { accessKey },
    ...change,
  })
  const near = (options: ListingOptions = {}) => ({ network: { awsEndpoints: server.endpoints }, ...options })
  const catalog = (path: readonly string[], options: ListingOptions = {}, change: object = {}, key = reader) =>
    listCatalog(s3, inputFor(key, change), path, near(options))
  const options = (field: string, page: ListingOptions = {}, change: object = {}, key = reader) =>
    listOptions(s3, inputFor(key, change), field, near(page))

  it('lead level by level to objects with the dataset that reads them, with the policy that the page gives', async () => {
    expect(namesOf(await catalog([]))).toEqual(['old', 'orders'])
    const names = namesOf(await catalog(['orders']))
    expect(names).toHaveLength(50)
    for (const first of [1, 7]) {
      const found = await everyItem<CatalogEntry>(first, page => catalog(['orders'], page))
      expect(namesOf({ items: found })).toEqual(names)
    }
    expect(namesOf(await catalog(['orders'], { search: '2026-1' }))).toHaveLength(10)
    const { items } = await catalog(['orders', '10'])
    expect(items).toMatchObject([{ name: 'a.csv', kind: 'OBJECT', sizeBytes: 4 }])
    const outcome = await runTypeQuery(s3, inputFor(reader), items[0]?.query, near())
    expect(outcome).toMatchObject({ kind: 'RESULT', result: { rows: [['1']] } })
    expect((await catalog(['old'])).items).toMatchObject([
      { nativeKind: 'GLACIER', problem: { code: 'OBJECT_ARCHIVED' } },
    ])
  })

  it('stay within the prefix', async () => {
    const change = { prefix: 'orders/2' }
    const found = await everyObject((path, page) => catalog(path, page, change))
    expect(found.map(keyOf)).toHaveLength(10 + 25)
    for (const path of [['old'], ['10']]) expectNotListed(await catalog(path, {}, change), 'OBJECT_OUTSIDE_PREFIX', by)
    expectNotListed(await catalog(['..', 'old'], {}, change), 'LISTING_UNSUPPORTED', by)
  })

  it('say what is not there, and which right is missing', async () => {
    expectNotListed(await catalog(['nowhere']), 'CATALOG_PATH_NOT_FOUND', by)
    expectNotListed(await catalog([], {}, { prefix: 'nowhere/' }), 'NO_OBJECT_MATCHES', by)
    expectNotListed(await catalog([], {}, { bucket: 'nowhere' }), 'CLOUD_RESOURCE_NOT_FOUND', by)
    const unlisted = expectNotListed(await catalog([], {}, {}, nobody), 'CLOUD_ACCESS_DENIED', by)
    expect(unlisted.params['action']).toBe('s3:ListBucket')
    const unnamed = expectNotListed(await options('bucket', {}, {}, reader), 'CLOUD_ACCESS_DENIED', by)
    expect(unnamed.params['action']).toBe('s3:ListAllMyBuckets')
    expect(unnamed.detail).toContain('can be typed')
  })

  it('have buckets and prefixes to choose from, by key and by role', async () => {
    const standIn = { bucket: 'bucket-name' }
    const all = await everyItem(2, page => options('bucket', page, standIn, lister))
    expect(valuesOf({ items: all }).toSorted()).toEqual(['archive', 'odd-keys', 'sales'])
    expect(valuesOf(await options('bucket', { search: 'ALE' }, standIn, lister))).toEqual(['sales'])
    expect(valuesOf(await options('prefix'))).toEqual(['old/', 'orders/'])
    expect(valuesOf(await options('prefix', { search: 'orders/1' }))).toHaveLength(10)
    const operatorAws = { identity: operator, externalId }
    const byRole = { credentials: { assumeRole: { roleArn } } }
    expect(valuesOf(await options('bucket', { operatorAws }, { ...standIn, ...byRole }))).toHaveLength(3)
    expect(namesOf(await catalog([], { operatorAws }, byRole))).toEqual(['old', 'orders'])
  })

  it('have objects whose keys have spaces, plus signs, empty parts and any script', async () => {
    // It signs keys like these in another way than AWS does.
    await server.trustEverybody()
    const keys = [...oddKeys, ...deepKeys]
    for (const first of [1, 4, 100]) {
      const found = await everyObject((path, page) => catalog(path, page, { bucket: 'odd-keys' }), first)
      expect(found.map(keyOf).toSorted()).toEqual(keys.toSorted())
    }
    await server.checkRights()
  })
}

function onS3rver(): void {
  let server: S3rverServer

  beforeAll(async () => {
    server = await S3rverServer.start()
    await server.addBucket('files')
    await server.addBucket('odd-keys')
    for (const key of oddKeys) await server.put('odd-keys', key, file => writeFile(file, 'n\n1\n'))
    // It does not see folders that have nothing in them but folders.
    await server.put('files', 'logs/readme', file => writeFile(file, 'read me'))
    const days = Array.from({ length: 30 }, (_, day) => `logs/day-${String(day + 10)}`)
    await server.putMany(
      'files',
      days.flatMap(day => Array.from({ length: 200 }, (_, part) => `${day}/part-${String(part).padStart(4, '0')}.csv`)),
      'item\nlamp\n',
    )
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  const inputFor = (change: object = {}) => ({
    bucket: 'files',
    region,
    endpoint: server.url,
    credentials: { accessKey: s3rverKey },
    ...change,
  })
  const catalog = (
    path: readonly string[],
    options: ListingOptions = {},
    change: object = {},
  ): Promise<Listing<CatalogEntry>> => listCatalog(s3, inputFor(change), path, options)

  it('lead level by level, page by page', async () => {
    expect(namesOf(await catalog([]))).toEqual(['logs'])
    const days = await everyItem<CatalogEntry>(7, page => catalog(['logs'], page))
    expect(namesOf({ items: days })).toEqual([...Array.from({ length: 30 }, (_, day) => `day-${day + 10}`), 'readme'])
    const parts = await everyItem<CatalogEntry>(90, page => catalog(['logs', 'day-10'], page))
    expect(parts).toHaveLength(200)
    expect(parts[0]).toMatchObject({ name: 'part-0000.csv', sizeBytes: 10 })
    expect(namesOf(await catalog(['logs', 'day-10'], { search: 'part-001' }))).toHaveLength(10)
    const outcome = await runTypeQuery(s3, inputFor(), parts[0]?.query, {})
    expect(outcome).toMatchObject({ kind: 'RESULT', result: { rows: [['lamp']] } })
  })

  it('have buckets and prefixes to choose from', async () => {
    const list = (field: string, page: ListingOptions = {}) => listOptions(s3, inputFor(), field, page)
    const all = await everyItem(1, page => list('bucket', page))
    expect(valuesOf({ items: all }).toSorted()).toEqual(['files', 'odd-keys'])
    expect(valuesOf(await list('prefix', { search: 'logs/day-1' }))).toHaveLength(10)
    expectNotListed(await catalog(['nowhere']), 'CATALOG_PATH_NOT_FOUND', by)
    expectNotListed(await catalog([], {}, { bucket: 'nowhere' }), 'CLOUD_RESOURCE_NOT_FOUND', by)
    expectNotListed(await catalog([], { network: { customEndpoints: false } }), 'CUSTOM_ENDPOINT_REFUSED', by)
  })

  it('have objects whose keys have spaces, plus signs, percent signs and any script', async () => {
    for (const first of [1, 3, 100]) {
      const found = await everyObject((path, page) => catalog(path, page, { bucket: 'odd-keys' }), first)
      expect(found.map(keyOf).toSorted()).toEqual(oddKeys.toSorted())
    }
  })
}
