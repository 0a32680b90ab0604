import { getEventListeners } from 'node:events'
import { Binary, type BSON, Decimal128, Double, Int32, Long, ObjectId } from 'mongodb'
import { describe, expect, it, vi } from 'vitest'
import { mongodb } from '../../../src/connectors/mongodb/index.ts'
import { everyItem, type ListingOptions, listCatalog, listOptions } from '../../servers/listing-run.ts'
import type { Behaviour, MongoDouble, MongoOptions } from '../../servers/mongo-double.ts'
import type { MongoPrivilege, MongoRole } from '../../servers/mongo-roles.ts'
import { queryMongodb } from '../../servers/mongodb-run.ts'
import { listingExpectationsOf, namesOf } from '../listing-expectations.ts'
import { ann, config, startDouble } from './hostile-run.ts'

const { expectListingProblem } = listingExpectationsOf('MONGODB')

interface Rights {
  readonly roles?: readonly MongoRole[]
  readonly privileges?: readonly MongoPrivilege[]
}
const everything: Rights = { roles: [{ role: 'readAnyDatabase', db: 'admin' }] }
const withRights = (rights: Rights): MongoOptions => ({ accounts: [{ ...ann, roles: [], ...rights }] })
const on = (db: string, collection: string, ...actions: string[]): MongoPrivilege => ({
  resource: { db, collection },
  actions,
})

const readings = [{ _id: 1, value: 1.5 }]
const data = {
  shop: { Orders: readings, orders: readings, people: readings, weather: readings, 'system.views': readings },
  stock: { items: readings },
  admin: { 'system.users': [{ _id: 'admin.ann', credentials: 'hash-of-a-password' }] },
}
const types = { 'shop.people': 'view', 'shop.weather': 'timeseries' }

const browse = (server: MongoDouble, path: readonly string[], options?: ListingOptions) =>
  listCatalog(mongodb, config(server.port, 'clear'), path, options)

const refusal: Behaviour = ({ request }) => ({
  ok: 0,
  code: 13,
  codeName: 'Unauthorized',
  errmsg: `not authorized to execute command ${request?.name}`,
})

/** Nothing that a listing asks for may change anything, or be somebody else's. */
const askedOf = (server: MongoDouble) =>
  new Set(
    server.commands.map(({ name }) => name).filter(name => !/^(hello|ismaster|sasl|endSessions|ping)/i.test(name)),
  )

describe('the catalog of a MongoDB connector', () => {
  it('lists databases, collections, views and time series', async () => {
    await using server = await startDouble('clear', { data, types, ...withRights(everything) })
    expect(namesOf(await browse(server, []))).toEqual(['admin', 'shop', 'stock'])
    const { items, problem } = await browse(server, ['shop'])
    expect(problem).toBeNull()
    const query = (collection: string) => ({ database: 'shop', collection, operation: { find: {} } })
    expect(items).toEqual([
      { name: 'Orders', kind: 'COLLECTION', hasChildren: true, query: query('Orders') },
      { name: 'orders', kind: 'COLLECTION', hasChildren: true, query: query('orders') },
      { name: 'people', kind: 'VIEW', hasChildren: true, query: query('people') },
      { name: 'weather', kind: 'COLLECTION', nativeKind: 'timeseries', hasChildren: true, query: query('weather') },
    ])
    for (const item of items) {
      const outcome = await queryMongodb(config(server.port, 'clear'), 'query' in item ? item.query : null)
      expect(outcome).toMatchObject({ kind: 'RESULT', result: { rows: [[1, 1.5]] } })
    }
    expect(askedOf(server)).toEqual(new Set(['connectionStatus', 'listDatabases', 'listCollections', 'find']))
  })

  it('asks for names alone, for those that the account may know of, and for no longer than anybody waits', async () => {
    await using server = await startDouble('clear', { data })
    await listCatalog(mongodb, { ...config(server.port, 'clear'), limits: { statementTimeoutSeconds: 4 } }, ['shop'])
    expect(server.commandsNamed('listCollections')).toMatchObject([
      { nameOnly: true, authorizedCollections: true, maxTimeMS: 4_000 },
    ])
    await browse(server, [], { budgetMs: 3_000 })
    const [asked] = server.commandsNamed('listDatabases')
    expect(asked).toMatchObject({ nameOnly: true, authorizedDatabases: true })
    expect(Number(asked?.['maxTimeMS'])).toBeLessThanOrEqual(3_000)
  })

  it('pages by names, and finds them by a part of them', async () => {
    await using server = await startDouble('clear', { data, types })
    const paged = await everyItem(1, page => browse(server, ['shop'], page))
    expect(paged.map(({ name }) => name)).toEqual(['Orders', 'orders', 'people', 'weather'])
    expect(namesOf(await browse(server, ['shop'], { search: 'ORD' }))).toEqual(['Orders', 'orders'])
    expect(namesOf(await browse(server, ['shop'], { search: '.*' }))).toEqual([])
    expect(namesOf(await browse(server, [], { search: 'HO' }))).toEqual(['shop'])
    expect(namesOf(await browse(server, ['shop', 'orders'], { search: 'val' }))).toEqual(['value'])
  })

  it('reads names over several batches', async () => {
    const many = Object.fromEntries(Array.from({ length: 2_500 }, (_, index) => [`c${10_000 + index}`, readings]))
    await using server = await startDouble('clear', { data: { shop: many } })
    const { items, next } = await browse(server, ['shop'], { after: 'c12398', first: 100 })
    expect([items[0]?.name, items.at(-1)?.name, items.length, next]).toEqual(['c12399', 'c12498', 100, 'c12498'])
    expect(server.openCursors).toBe(0)
    expect(server.commandsNamed('getMore')).toHaveLength(2)
  })

  it('says so when there are more collections than it takes', async () => {
    const many = Object.fromEntries(Array.from({ length: 21_500 }, (_, index) => [`c${index}`, readings]))
    await using server = await startDouble('clear', { data: { shop: many } })
    const listing = await browse(server, ['shop'], { first: 10 })
    expect(listing.items).toHaveLength(10)
    expectListingProblem(listing, { code: 'RESULT_TOO_LARGE', params: { limit: '20,000 collections' } })
    await vi.waitFor(() => expect(server.openCursors).toBe(0))
  })

  it.each([
    ['database', ['nowhere']],
    ['database', ['no where']],
    ['database', ['']],
    ['database', ['$external']],
    ['database', ['shop\0']],
    ['database', ['d'.repeat(65)]],
    ['collection', ['shop', 'nowhere']],
    ['collection', ['shop', 'orders\0']],
    ['collection', ['shop', '.orders']],
    ['collection', ['shop', '']],
    ['collection', ['nowhere', 'orders']],
    ['field', ['shop', 'orders', 'value']],
  ])('says that a path leads nowhere: %s %j', async (what, path) => {
    await using server = await startDouble('clear', { data, ...withRights(everything) })
    const listing = await browse(server, path)
    expect(listing.items).toEqual([])
    const problem = expectListingProblem(listing, { code: 'CATALOG_PATH_NOT_FOUND' })
    expect(problem.message).toContain(what)
    expect(problem.message).not.toContain('\0')
  })

  it('looks into nothing that MongoDB keeps for itself', async () => {
    await using server = await startDouble('clear', { data, ...withRights({ roles: [{ role: 'root', db: 'admin' }] }) })
    for (const collection of ['system.users', 'system.profile', '$cmd']) {
      const listing = await browse(server, ['admin', collection])
      expect(listing.items).toEqual([])
      expectListingProblem(listing, { code: 'LISTING_UNSUPPORTED' })
    }
    expect(server.connections).toBe(0)
    expect(await browse(server, ['admin'])).toEqual({ items: [], next: null, problem: null })
  })

  it('has no form field whose values could be listed', async () => {
    await using server = await startDouble('clear', { data })
    const listing = await listOptions(mongodb, config(server.port, 'clear'), 'authSource')
    expectListingProblem(listing, { code: 'LISTING_UNSUPPORTED', fields: ['authSource'] })
    expect(server.connections).toBe(0)
  })

  it('names an account whose password is wrong', async () => {
    await using server = await startDouble('clear', { data })
    const auth = { scram: { username: 'ann', password: 'wrong' } }
    const listing = await listCatalog(mongodb, config(server.port, 'clear', { auth }), [])
    expect(listing.items).toEqual([])
    expectListingProblem(listing, { code: 'CREDENTIALS_REJECTED' })
    expect(server.signIns).toHaveLength(1)
  })
})

describe('what an account may not see of the catalog', () => {
  it('is not there where the server keeps it to itself', async () => {
    await using server = await startDouble('clear', { data, types })
    expect(namesOf(await browse(server, []))).toEqual(['shop'])
    const single = withRights({ privileges: [on('shop', 'orders', 'find'), on('stock', 'items', 'find')] })
    await using narrow = await startDouble('clear', { data, types, ...single })
    expect(namesOf(await browse(narrow, []))).toEqual(['shop', 'stock'])
    expect(namesOf(await browse(narrow, ['shop']))).toEqual(['orders'])
    expectListingProblem(await browse(narrow, ['shop', 'people']), { code: 'PERMISSION_DENIED' })
  })

  it('is marked where the server names it', async () => {
    const privileges = [on('shop', '', 'listCollections'), on('shop', 'orders', 'find'), on('stock', '', 'collStats')]
    await using server = await startDouble('clear', { data, ...withRights({ privileges }) })
    const databases = new Map((await browse(server, [])).items.map(item => [item.name, item]))
    expect(databases.get('shop')?.problem).toBeUndefined()
    expectListingProblem(databases.get('stock'), { code: 'PERMISSION_DENIED', fields: ['auth.scram.username'] })
    const collections = new Map((await browse(server, ['shop'])).items.map(item => [item.name, item]))
    expect(collections.get('orders')?.problem).toBeUndefined()
    expectListingProblem(collections.get('people'), { code: 'PERMISSION_DENIED' })
  })

  it('does not make the rest go away when the account may list no databases', async () => {
    const privileges = [on('shop', '', 'find'), on('stock', 'items', 'find')]
    const at = { listDatabases: refusal }
    await using server = await startDouble('clear', { data, at, ...withRights({ privileges }) })
    const listing = await browse(server, [])
    expect(listing.items.map(({ name }) => name)).toEqual(['admin', 'shop', 'stock'])
    expectListingProblem(listing, { code: 'PERMISSION_DENIED', detail: expect.stringContaining('listDatabases') })
  })

  it('nor when it may list no collections', async () => {
    const privileges = [on('shop', 'orders', 'find'), on('shop', 'people', 'find'), on('stock', 'items', 'find')]
    const at = { listCollections: refusal }
    await using server = await startDouble('clear', { data, at, ...withRights({ privileges }) })
    const listing = await browse(server, ['shop'])
    expect(listing.items.map(({ name }) => name)).toEqual(['orders', 'people'])
    expectListingProblem(listing, { code: 'PERMISSION_DENIED' })
    // And what is known can be looked into.
    expect(namesOf(await browse(server, ['shop', 'orders']))).toEqual(['_id', 'value'])
  })

  it('is said to be all of it when it may see nothing', async () => {
    await using server = await startDouble('clear', { data, ...withRights({}) })
    const listing = await browse(server, [])
    expect(listing.items.map(({ name }) => name)).toEqual(['admin'])
    expectListingProblem(listing, { code: 'NOTHING_READABLE', fields: ['auth.scram.username'] })
  })

  it('is a matter of the sign-in where there was none', async () => {
    await using server = await startDouble('clear', { data })
    const listing = await listCatalog(mongodb, config(server.port, 'clear', { auth: { none: true } }), [])
    expect(listing.items).toEqual([])
    expectListingProblem(listing, { code: 'AUTHENTICATION_REQUIRED' })
  })

  it('is unknown where the server does not tell', async () => {
    const silent: Behaviour = ({ answer }) => ({ ...answer, authInfo: { authenticatedUsers: [{ user: 'ann' }] } })
    const privileges = [on('shop', '', 'listCollections')]
    const at = { connectionStatus: silent }
    await using server = await startDouble('clear', { data, at, ...withRights({ privileges }) })
    const { items, problem } = await browse(server, ['shop'])
    expect([problem, items.filter(item => item.problem)]).toEqual([null, []])
    expect(items.length).toBeGreaterThan(0)
  })
})

describe('the fields of a collection', () => {
  const fieldsOf = async (documents: readonly BSON.Document[], options: ListingOptions = {}) => {
    await using server = await startDouble('clear', { data: { shop: { orders: documents } } })
    const listing = await browse(server, ['shop', 'orders'], options)
    return { ...listing, fields: Object.fromEntries(listing.items.map(({ name, column }) => [name, column])) }
  }

  it('have the types of the sample, by the rules that queries have', async () => {
    const document = {
      _id: new ObjectId(),
      whole: new Int32(1),
      long: Long.fromNumber(1),
      half: new Double(0.5),
      price: Decimal128.fromString('1.10'),
      name: 'Ann',
      yes: true,
      at: new Date(0),
      bytes: new Binary(Buffer.from('x')),
      uid: new Binary(Buffer.alloc(16), 4),
      list: [{ within: 1 }],
      nothing: null,
    }
    const { fields, problem } = await fieldsOf([document])
    expect(problem).toBeNull()
    await using server = await startDouble('clear', { data: { shop: { orders: [document] } } })
    const query = { database: 'shop', collection: 'orders' }
    const outcome = await queryMongodb(config(server.port, 'clear'), query)
    if (outcome.kind !== 'RESULT') throw new Error(JSON.stringify(outcome.problem))
    expect(Object.fromEntries(outcome.result.columns.map(({ name, ...column }) => [name, column]))).toEqual(
      Object.fromEntries(
        Object.entries(fields).map(([name, column]) => [name, { nativeType: column?.nativeType, type: column?.type }]),
      ),
    )
    expect(fields['uid']).toEqual({ nativeType: 'uuid', type: 'TEXT', isNullable: false })
    expect(fields['nothing']).toEqual({ nativeType: 'null', type: 'OTHER', isNullable: true })
  })

  it('are joined over documents, and may be missing in some', async () => {
    const { fields, items } = await fieldsOf([
      { _id: 1, a: new Int32(1), b: new Int32(1), c: 1 },
      { _id: 2, a: 'one', b: new Double(0.5), c: null },
    ])
    expect(fields).toEqual({
      _id: { nativeType: 'int', type: 'INTEGER', isNullable: false },
      a: { nativeType: 'int | string', type: 'OTHER', isNullable: false },
      b: { nativeType: 'int | double', type: 'FLOAT', isNullable: false },
      c: { nativeType: 'int', type: 'INTEGER', isNullable: true },
    })
    expect(new Set(items.map(({ nativeKind }) => nativeKind))).toEqual(new Set(['sampled field']))
  })

  it('are those of documents within them too, down to five levels', async () => {
    const { fields } = await fieldsOf([
      { _id: 1, a: { b: { c: { d: { e: { f: 1 } } } } } },
      { _id: 2, a: { b: 'text' } },
    ])
    expect(Object.keys(fields)).toEqual(['_id', 'a', 'a.b', 'a.b.c', 'a.b.c.d', 'a.b.c.d.e'])
    expect(fields['a.b']).toEqual({ nativeType: 'object | string', type: 'OTHER', isNullable: false })
    expect(fields['a.b.c.d.e']).toEqual({ nativeType: 'object', type: 'JSON', isNullable: true })
  })

  it('are told with dots and dollar signs in their names, and that they have them', async () => {
    const { items } = await fieldsOf([{ _id: 1, 'a.b': 1, $price: 2, plain: { 'x.y': 3 }, __proto__x: 1, '': 5 }])
    expect(items.map(({ name, nativeKind }) => [name, /dot or dollar/.test(nativeKind ?? '')])).toEqual([
      ['$price', true],
      ['__proto__x', false],
      ['_id', false],
      ['a.b', true],
      ['plain', false],
      ['plain.x.y', true],
    ])
  })

  it('are those of twenty documents at most', async () => {
    const documents = Array.from({ length: 30 }, (_, index) => ({ _id: index, [`f${index}`]: 1 }))
    const { fields } = await fieldsOf(documents)
    expect(Object.keys(fields)).toHaveLength(21)
    await using server = await startDouble('clear', { data: { shop: { orders: documents } } })
    await browse(server, ['shop', 'orders'])
    expect(server.commandsNamed('find')).toMatchObject([{ limit: 20, singleBatch: true }])
    expect([server.openCursors, server.commandsNamed('getMore')]).toEqual([0, []])
  })

  it('are 500 at most, and the list says so', async () => {
    const wide = Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`f${1_000 + index}`, 1]))
    await using server = await startDouble('clear', { data: { shop: { orders: [wide] } } })
    const names: string[] = []
    let after: string | null = null
    do {
      const listing: Awaited<ReturnType<typeof browse>> = await browse(server, ['shop', 'orders'], { after })
      expectListingProblem(listing, { code: 'RESULT_TOO_LARGE', params: { limit: '500 fields' } })
      names.push(...listing.items.map(({ name }) => name))
      after = listing.next
    } while (after !== null)
    expect(names).toEqual(Array.from({ length: 500 }, (_, index) => `f${1_000 + index}`))
  })

  it('are none of an empty collection, which is not one that is missing', async () => {
    expect(await fieldsOf([])).toEqual({ items: [], next: null, problem: null, fields: {} })
  })

  it('stop at what is too large to be taken apart', async () => {
    const huge = { map: Object.fromEntries(Array.from({ length: 210_000 }, (_, index) => [`k${index}`, 1])) }
    const { items, problem } = await fieldsOf([huge])
    expect(items).toEqual([])
    expectListingProblem({ problem }, { code: 'RESULT_TOO_LARGE' })
  })
})

describe('a MongoDB server that is slow to list, or hostile', () => {
  const held = [
    ['connectionStatus', []],
    ['listDatabases', []],
    ['listCollections', ['shop']],
    ['find', ['shop', 'orders']],
  ] as const

  it.each(held)('ends in time while %s is held, and asks the server to stop', async (stage, path) => {
    await using server = await startDouble('clear', { data, at: { [stage]: () => {} } })
    const listing = await browse(server, path, { budgetMs: 600 })
    expect(listing.items).toEqual([])
    expectListingProblem(listing, { code: 'LISTING_TIMED_OUT', params: { seconds: 0.6 } })
    await vi.waitFor(() => expect(server.openConnections).toBe(0), { timeout: 5_000 })
    expect(server.commandsNamed('killSessions')).toHaveLength(1)
  })

  it.each(held)('is left at once when nobody waits any more for %s', async (stage, path) => {
    const reached = Promise.withResolvers<void>()
    await using server = await startDouble('TLS', { data, at: { [stage]: () => reached.resolve() } })
    const cancel = new AbortController()
    const listing = listCatalog(mongodb, config(server.port, 'TLS'), path, { budgetMs: 60_000, signal: cancel.signal })
    await reached.promise
    cancel.abort()
    await listing
    await vi.waitFor(() => expect(server.openConnections).toBe(0), { timeout: 5_000 })
    expect(server.commandsNamed('killSessions')).toHaveLength(1)
    expect(getEventListeners(cancel.signal, 'abort')).toEqual([])
  })

  it('is told to stop at the time that the form sets', async () => {
    const late: Behaviour = () => ({ ok: 0, code: 50, codeName: 'MaxTimeMSExpired', errmsg: 'operation exceeded' })
    await using server = await startDouble('clear', { data, at: { find: late } })
    const input = { ...config(server.port, 'clear'), limits: { statementTimeoutSeconds: 1 } }
    const listing = await listCatalog(mongodb, input, ['shop', 'orders'])
    expectListingProblem(listing, {
      code: 'STATEMENT_TIMED_OUT',
      params: { seconds: 1 },
      fields: ['limits.statementTimeoutSeconds'],
    })
  })

  it.each<[string, string, readonly string[], Behaviour]>([
    ['lists no databases but something else', 'listDatabases', [], () => ({ ok: 1, databases: 'shop' })],
    ['answers without a cursor', 'listCollections', ['shop'], () => ({ ok: 1 })],
    [
      'answers from another database',
      'listCollections',
      ['shop'],
      () => ({ ok: 1, cursor: { id: Long.ZERO, ns: 'admin.$cmd.listCollections', firstBatch: [{ name: 'x' }] } }),
    ],
    [
      'answers documents of another database',
      'find',
      ['shop', 'orders'],
      () => ({ ok: 1, cursor: { id: Long.ZERO, ns: 'admin.system.users', firstBatch: [{ hash: 'x' }] } }),
    ],
    [
      'says nothing readable of privileges',
      'connectionStatus',
      [],
      ({ answer }) => ({ ...answer, authInfo: { authenticatedUsers: [1], authenticatedUserPrivileges: [1] } }),
    ],
  ])('breaks no list when it %s', async (_, stage, path, behaviour) => {
    await using server = await startDouble('clear', { data, at: { [stage]: behaviour } })
    const listing = await browse(server, path)
    expect(listing.items).toEqual([])
    expectListingProblem(listing, { code: 'PROTOCOL_VIOLATION' })
    await vi.waitFor(() => expect(server.openConnections).toBe(0))
  })

  it('gives no names that are none, and takes no more documents than were asked for', async () => {
    const names: Behaviour = () => ({
      ok: 1,
      databases: [{ name: 'fine' }, { name: 7 }, {}, null, { name: '' }, { name: 'n'.repeat(10_000) }],
    })
    const flood: Behaviour = () => ({
      ok: 1,
      cursor: {
        id: Long.fromString('77'),
        ns: 'shop.orders',
        firstBatch: Array.from({ length: 5_000 }, (_each, index) => ({ [`f${index}`]: 1 })),
      },
    })
    await using server = await startDouble('clear', { data, at: { listDatabases: names, find: flood } })
    expect((await browse(server, [])).items.map(({ name }) => name)).toEqual(['fine'])
    expect((await browse(server, ['shop', 'orders'])).items).toHaveLength(20)
  })
})
