import { getEventListeners } from 'node:events'
import { describe, expect, it, vi } from 'vitest'
import { mysql } from '../../../src/connectors/mysql/index.ts'
import { HostileMysql, type HostileMysqlOptions } from '../../servers/hostile-mysql.ts'
import { errorPacket } from '../../servers/hostile-mysql-packets.ts'
import { type AnswerTable, rows } from '../../servers/hostile-mysql-statements.ts'
import { type ListingOptions, listCatalog, listOptions } from '../../servers/listing-run.ts'
import { listingExpectationsOf, namesOf } from '../listing-expectations.ts'
import { ann, certificate, config } from './hostile-run.ts'

const { expectListingProblem } = listingExpectationsOf('MYSQL')

const start = (options: HostileMysqlOptions = {}): Promise<HostileMysql> =>
  HostileMysql.start({ account: ann, certificate, ...options })

const browse = (server: HostileMysql, path: readonly string[], options?: ListingOptions, change = {}) =>
  listCatalog(mysql, config(server.port, 'TLS', change), path, options)

/** What each level asks for, in its order. */
const stages = [
  ['LIMIT', []],
  ['FENCED', []],
  ['BEGIN', []],
  ['LIST_DATABASES', []],
  ['GLOBAL_RIGHTS', []],
  ['LIST_TABLES', ['shop']],
  ['TABLE_DETAILS', ['shop']],
  ['READABLE_TABLES', ['shop']],
  ['LIST_COLUMNS', ['shop', 'numbers']],
  ['KNOWN_DATABASE', ['shop', 'nowhere']],
] as const

const shopWith = (
  ...tables: readonly (readonly [name: string, type: string, engine: string | null])[]
): AnswerTable => [
  [/^SELECT TABLE_NAME FROM information_schema\.TABLES/, rows('LIST_TABLES', ['n'], ...tables.map(([name]) => [name]))],
  [
    /^SELECT TABLE_NAME, TABLE_TYPE, ENGINE/,
    rows(
      'TABLE_DETAILS',
      ['n', 't', 'e', 'c', 's'],
      ...tables.map(([name, type, engine]) => [name, type, engine, type === 'VIEW' ? 'VIEW' : 'words', null]),
    ),
  ],
]

/** The statements, read out of the variable that they are prepared from. */
const preparedIn = ({ statements }: HostileMysql): readonly string[] =>
  statements.flatMap(sql => {
    const [, hex] = /^SET @patchbay = _utf8mb4 x'([0-9a-f]+)'/.exec(sql) ?? []
    return hex === undefined ? [] : [Buffer.from(hex, 'hex').toString()]
  })

describe('the catalog of a MySQL connector', () => {
  it('is listed in one read-only session, and what clients write is in no statement as it is', async () => {
    await using server = await start()
    const text = "x' xyzzy '1'='1"
    await browse(server, ['shop'], { search: text, after: text })
    await browse(server, [text, text], { search: text })
    await browse(server, [], { search: text, after: text }, { database: text })
    await listOptions(mysql, config(server.port, 'TLS'), 'database', { search: text, after: `1${text}` })
    expect(server.logins).toHaveLength(4)
    expect(server.statements.join('\n')).not.toContain('xyzzy')
    const [fence, begin, names] = [
      'SET SESSION TRANSACTION READ ONLY',
      'START TRANSACTION READ ONLY',
      'SELECT TABLE_NAME',
    ].map(beginning => server.statements.findIndex(sql => sql.trim().startsWith(beginning)))
    expect(fence).toBeGreaterThan(0)
    expect(begin).toBeGreaterThan(fence ?? 0)
    expect(names).toBeGreaterThan(begin ?? 0)
  })

  it('asks for one more than is wanted, and for details of those alone', async () => {
    await using server = await start()
    const { items, next } = await browse(server, ['shop'], { first: 2 })
    expect([items.map(({ name }) => name), next]).toEqual([['customers', 'numbers'], 'numbers'])
    expect(server.statements.find(sql => sql.includes('SELECT TABLE_NAME FROM'))).toMatch(/LIMIT 3\s*$/)
    const details = server.statements.find(sql => sql.includes('TABLE_TYPE, ENGINE'))
    expect(details).toContain(Buffer.from('numbers').toString('hex'))
    expect(details).not.toContain(Buffer.from('orders').toString('hex'))
  })

  it('looks for broken views by halves, and asks no more once it knows', async () => {
    const views = Array.from({ length: 16 }, (_, index) => [`v${index + 10}`, 'VIEW', null] as const)
    const refusing = new Set(['v13', 'v24'])
    await using server: HostileMysql = await start({
      answers: shopWith(['orders', 'BASE TABLE', 'InnoDB'], ...views),
      at: {
        PREPARE: (_peer, answer) => {
          const last = preparedIn(server).at(-1) ?? ''
          const [broken] = [...refusing].filter(name => last.includes(`\`${name}\``))
          return broken === undefined ? answer : errorPacket(1356, `View 'shop.${broken}' references invalid`)
        },
      },
    })
    const { items, problem } = await browse(server, ['shop'])
    expect(problem).toBeNull()
    const marked = items.filter(item => item.problem)
    expect(marked.map(({ name }) => name)).toEqual(['v13', 'v24'])
    for (const item of marked) expectListingProblem(item, { code: 'VIEW_UNUSABLE' })
    expect(preparedIn(server).length).toBeLessThan(20)
    // All of them are sound: one statement.
    await using sound = await start({ answers: shopWith(...views) })
    namesOf(await browse(sound, ['shop']))
    expect(preparedIn(sound)).toHaveLength(1)
    expect(sound.statements.filter(sql => sql.startsWith('DEALLOCATE'))).toHaveLength(1)
  })

  it('says of an account that a view reads as that it is gone, and not that the password is wrong', async () => {
    await using server = await start({
      answers: shopWith(['orphan', 'VIEW', null]),
      at: { PREPARE: () => errorPacket(1045, "Access denied for user 'ann'@'%' (using password: YES)", '28000') },
    })
    const { items } = await browse(server, ['shop'])
    const problem = expectListingProblem(items[0], { code: 'VIEW_UNUSABLE' })
    expect(problem.detail).toMatch(/gone/)
  })

  it('says why a table cannot be opened', async () => {
    await using server = await start({
      answers: shopWith(['locked', 'BASE TABLE', null], ['orders', 'BASE TABLE', 'InnoDB']),
      at: { PREPARE: () => errorPacket(1205, 'Lock wait timeout exceeded; try restarting transaction') },
    })
    const { items } = await browse(server, ['shop'])
    expectListingProblem(items[0], { code: 'STATEMENT_CANCELLED', retryable: true })
    // What servers write in the place of a comment is none.
    expect(items[0]?.comment).toBeUndefined()
    expect(items[1]).toMatchObject({ name: 'orders', comment: 'words' })
    expect(items[1]?.problem).toBeUndefined()
  })

  it('takes the limit of the form for what it is when the server stops a statement', async () => {
    for (const [version, errno] of [
      ['8.4.6', 3024],
      ['11.4.2-MariaDB', 1969],
    ] as const) {
      await using server = await start({ version, at: { LIST_TABLES: () => errorPacket(errno, 'exceeded') } })
      const listing = await browse(server, ['shop'], {}, { limits: { statementTimeoutSeconds: 3 } })
      expect(listing.items).toEqual([])
      expectListingProblem(listing, {
        code: 'STATEMENT_TIMED_OUT',
        params: { seconds: 3 },
        fields: ['limits.statementTimeoutSeconds'],
      })
    }
  })

  it('does without comments where an older MariaDB has none', async () => {
    let asked = 0
    await using server = await start({
      version: '10.3.39-MariaDB',
      at: {
        LIST_DATABASES: (_peer, answer) => {
          asked += 1
          return asked === 1 ? errorPacket(1054, "Unknown column 'SCHEMA_COMMENT'", '42S22') : answer
        },
      },
    })
    expect(namesOf(await browse(server, []))).toEqual(['archive', 'sales', 'shop'])
    expect(asked).toBe(2)
  })

  it('offers no query for a name that the form of queries would not take', async () => {
    const long = 'n'.repeat(200)
    await using server = await start({ answers: shopWith([long, 'BASE TABLE', 'InnoDB']) })
    const { items } = await browse(server, ['shop'])
    expect(items[0]?.name).toBe(long)
    expect(items[0]?.query).toBeUndefined()
  })

  it('says that nothing of a field is chosen from a list', async () => {
    await using server = await start()
    expectListingProblem(await listOptions(mysql, config(server.port, 'TLS'), 'host'), { code: 'LISTING_UNSUPPORTED' })
    expect(server.connections).toBe(0)
  })

  it('says that a path leads nowhere', async () => {
    await using server = await start()
    for (const [path, what] of [
      [['nowhere'], 'database'],
      [['shop', 'nowhere'], 'table or view'],
      [['nowhere', 'numbers'], 'database'],
      [['shop', 'numbers', 'n'], 'below a column'],
    ] as const) {
      const listing = await browse(server, path)
      expect(expectListingProblem(listing, { code: 'CATALOG_PATH_NOT_FOUND' }).message).toContain(what)
    }
    expect(await browse(server, ['sales'])).toEqual({ items: [], next: null, problem: null })
  })
})

describe('a MySQL server that is slow to list, or hostile', () => {
  it.each(stages)('ends in time while %s is held, and has the statement stopped', async (stage, path) => {
    await using server = await start({ at: { [stage]: () => {} } })
    const listing = await browse(server, path, { budgetMs: 800 })
    expect(listing.items).toEqual([])
    expectListingProblem(listing, { code: 'LISTING_TIMED_OUT', params: { seconds: 0.8 } })
    await vi.waitFor(() => expect(server.kills).toEqual([101]), { timeout: 5_000 })
    await vi.waitFor(() => expect(server.openConnections).toBe(0), { timeout: 5_000 })
  })

  it.each(stages)('is left at once when nobody waits any more for %s', async (stage, path) => {
    const reached = Promise.withResolvers<void>()
    await using server = await start({ at: { [stage]: () => reached.resolve() } })
    const cancel = new AbortController()
    const listing = browse(server, path, { budgetMs: 60_000, signal: cancel.signal })
    await reached.promise
    cancel.abort()
    await listing
    await vi.waitFor(() => expect(server.kills).toEqual([101]), { timeout: 5_000 })
    await vi.waitFor(() => expect(server.openConnections).toBe(0), { timeout: 5_000 })
    expect(getEventListeners(cancel.signal, 'abort')).toEqual([])
  })

  it.each([
    ['other columns', 'LIST_TABLES', ['shop'], rows('LIST_TABLES', ['a', 'b'], ['x', 'y'])],
    [
      'more rows than anybody has asked for',
      'LIST_TABLES',
      ['shop'],
      rows('LIST_TABLES', ['a'], ...Array.from({ length: 6_000 }, (_, index) => [`t${index}`])),
    ],
    [
      'no place for a column',
      'LIST_COLUMNS',
      ['shop', 'numbers'],
      rows('LIST_COLUMNS', ['a', 'b', 'c', 'd', 'e', 'f', 'g'], ['x', 'n', 'text', 'text', 'YES', '', '1']),
    ],
    ['no name', 'LIST_DATABASES', [], rows('LIST_DATABASES', ['a', 'b', 'c'], ['1', null, null])],
  ] as const)('breaks no list when it answers with %s', async (_, stage, path, answer) => {
    const patterns: Readonly<Record<string, RegExp>> = {
      LIST_TABLES: /^SELECT TABLE_NAME FROM information_schema\.TABLES/,
      LIST_COLUMNS: /^SELECT ORDINAL_POSITION/,
      LIST_DATABASES: /SCHEMA_NAME, NULL/,
    }
    await using server = await start({ answers: [[patterns[stage] as RegExp, answer]] })
    const listing = await browse(server, path)
    expect(listing.items).toEqual([])
    expectListingProblem(listing, { code: 'PROTOCOL_VIOLATION' })
    await vi.waitFor(() => expect(server.openConnections).toBe(0), { timeout: 5_000 })
  })

  it('gives no more than was asked for, and no table that nobody had named', async () => {
    const many = Array.from({ length: 300 }, (_, index) => [`t${index + 100}`, 'BASE TABLE', 'InnoDB'] as const)
    await using server = await start({ answers: shopWith(...many) })
    const { items, next } = await browse(server, ['shop'], { first: 5 })
    expect([items.length, next]).toEqual([5, 't104'])
  })

  it('does not lock the account out: one sign-in for a list, whatever becomes of it', async () => {
    await using server = await start({ at: { LIST_TABLES: () => errorPacket(1142, 'SELECT command denied', '42000') } })
    expectListingProblem(await browse(server, ['shop']), { code: 'PERMISSION_DENIED' })
    expect(server.logins).toHaveLength(1)
    expect(server.kills).toEqual([])
  })
})
