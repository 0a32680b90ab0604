import { Double, Int32 } from 'mongodb'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { mongodb } from '../../src/connectors/mongodb/index.ts'
import { listingExpectationsOf, namesOf } from '../connectors/listing-expectations.ts'
import { HoldingProxy } from '../e2e/holding-proxy.ts'
import { everyItem, type ListingOptions, listCatalog } from '../servers/listing-run.ts'
import { queryMongodb } from '../servers/mongodb-run.ts'
import { FerretDb } from './ferretdb-server.ts'

const { expectListingProblem } = listingExpectationsOf('MONGODB', 'PUBLIC_IMPLEMENTATION')

const account = { username: 'browser', password: 'pässword of browser' } as const

/** What can be listed on a real server. */
export function describeListings(): void {
  describe('listings of FerretDB', () => {
    let server: FerretDb
    beforeAll(async () => {
      server = await FerretDb.start()
      await server.administer(async admin => {
        const shop = admin.db('shop')
        await shop.collection<{ _id: number; [field: string]: unknown }>('orders').insertMany([
          { _id: 1, total: new Int32(5), customer: { name: 'Ann', address: { city: 'Bern' } } },
          { _id: 2, total: new Double(5.5), customer: { name: null }, tags: ['a'], at: new Date(0) },
        ])
        for (const name of ['Orders', 'a.b', 'Ünï', 'x_y', 'x%y']) await shop.createCollection(name)
        await admin.db('stock').collection<{ _id: number; [field: string]: unknown }>('items').insertOne({ _id: 1 })
        const numbered = Array.from({ length: 60 }, (_, index) => ({ [`f${index}`]: index }))
        await admin.db('stock').collection('wide').insertMany(numbered)
        await admin.db('admin').command({ createUser: account.username, pwd: account.password, roles: [] })
      })
    })
    afterAll(async () => {
      await server?.[Symbol.asyncDispose]()
    })

    const configAt = (port: number) => ({
      hosts: [{ host: '127.0.0.1', port }],
      auth: { scram: account },
      tls: { mode: 'DISABLE' },
    })
    const browse = (path: readonly string[], options?: ListingOptions) =>
      listCatalog(mongodb, configAt(server.port), path, options)

    test('lists databases and collections, with what reads them', async () => {
      expect(namesOf(await browse([]))).toEqual(expect.arrayContaining(['shop', 'stock']))
      const listing = await browse(['shop'])
      expect(namesOf(listing)).toEqual(['Orders', 'a.b', 'orders', 'x%y', 'x_y', 'Ünï'])
      for (const { name, kind, query } of listing.items) {
        expect([name, kind]).toEqual([name, 'COLLECTION'])
        expect(await queryMongodb(configAt(server.port), query)).toMatchObject({ kind: 'RESULT' })
      }
    })

    test('pages by names, and finds them by a part of them', async () => {
      const paged = await everyItem(2, page => browse(['shop'], page))
      expect(paged.map(({ name }) => name)).toEqual(['Orders', 'a.b', 'orders', 'x%y', 'x_y', 'Ünï'])
      expect(namesOf(await browse(['shop'], { search: 'ORD' }))).toEqual(['Orders', 'orders'])
      expect(namesOf(await browse(['shop'], { search: '.' }))).toEqual(['a.b'])
      expect(namesOf(await browse(['shop'], { search: 'nÏ' }))).toEqual(['Ünï'])
    })

    test('lists the fields of a sample, with the types that queries give them', async () => {
      const { items, problem } = await browse(['shop', 'orders'])
      expect(problem).toBeNull()
      const column = (nativeType: string, type: string, isNullable: boolean) => ({ nativeType, type, isNullable })
      expect(Object.fromEntries(items.map(item => [item.name, item.column]))).toEqual({
        _id: column('int', 'INTEGER', false),
        at: column('date', 'TIMESTAMP', true),
        customer: column('object', 'JSON', false),
        'customer.address': column('object', 'JSON', true),
        'customer.address.city': column('string', 'TEXT', true),
        'customer.name': column('string', 'TEXT', true),
        tags: column('array', 'LIST', true),
        total: column('int | double', 'FLOAT', false),
      })
      expect(items[0]?.nativeKind).toBe('sampled field')
    })

    test('looks at no more than twenty documents', async () => {
      expect((await browse(['stock', 'wide'])).items).toHaveLength(21)
    })

    test.each([
      ['database', ['nowhere']],
      ['collection', ['shop', 'nowhere']],
      ['field', ['shop', 'orders', 'total']],
    ])('says that a path leads nowhere: %s', async (what, path) => {
      const listing = await browse(path)
      expect(listing.items).toEqual([])
      expect(expectListingProblem(listing, { code: 'CATALOG_PATH_NOT_FOUND' }).message).toContain(what)
    })

    test('tells an empty collection from one that is missing', async () => {
      expect(await browse(['shop', 'x_y'])).toEqual({ items: [], next: null, problem: null })
    })

    test('looks into nothing that is kept from readers', async () => {
      expectListingProblem(await browse(['admin', 'system.users']), { code: 'LISTING_UNSUPPORTED' })
      expect(namesOf(await browse(['admin'])).filter(name => name.startsWith('system.'))).toEqual([])
    })

    test('says that there was no sign-in, and that it was wrong', async () => {
      const nobody = { ...configAt(server.port), auth: { none: true } }
      expectListingProblem(await listCatalog(mongodb, nobody, []), { code: 'AUTHENTICATION_REQUIRED' })
      const wrong = { ...configAt(server.port), auth: { scram: { ...account, password: 'wrong' } } }
      expectListingProblem(await listCatalog(mongodb, wrong, []), { code: 'CREDENTIALS_REJECTED' })
    })

    test('ends in time while a question is held back, and is left at once when nobody waits any more', async () => {
      await using proxy = await HoldingProxy.start(server.port, 'listCollections')
      const listing = await listCatalog(mongodb, configAt(proxy.port), ['shop'], { budgetMs: 1_500 })
      expect(listing.items).toEqual([])
      expectListingProblem(listing, { code: 'LISTING_TIMED_OUT', params: { seconds: 1.5 } })
      await vi.waitFor(() => expect(proxy.openConnections).toBe(0), { timeout: 5_000 })
      await using other = await HoldingProxy.start(server.port, 'listCollections')
      const cancel = new AbortController()
      const abandoned = listCatalog(mongodb, configAt(other.port), ['shop'], {
        signal: cancel.signal,
        budgetMs: 60_000,
      })
      await other.held
      cancel.abort()
      await abandoned
      await vi.waitFor(() => expect(other.openConnections).toBe(0), { timeout: 5_000 })
    })
  })
}
