import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { mysql } from '../../src/connectors/mysql/index.ts'
import { listingExpectationsOf, namesOf } from '../connectors/listing-expectations.ts'
import { expectProblem } from '../connectors/mysql/expectations.ts'
import { everyItem, type ListingOptions, listCatalog, listOptions } from '../servers/listing-run.ts'
import { queryMysql, testMysql } from '../servers/mysql-run.ts'
import { uniqueName } from '../servers/postgres.ts'
import type { MysqlProcess } from './mysql-process.ts'
import { configFor, type Product, reader, running, sessions, signInAttempts, startShop } from './mysql-product.ts'

const { expectListingProblem } = listingExpectationsOf('MYSQL', 'REAL_SERVER')

const oddNames = ["100%_|'s", 'B_upper', 'a_lower', 'Ünï', '訂單', 'back\\slash', 'tick`ed']

const quoted = (name: string): string => `\`${name.replaceAll('`', '``')}\``

/** What can be listed on the product, by accounts that may see more or less of it. */
export function describeListings(product: Product): void {
  const isMariadb = product.name === 'MariaDB'

  describe(`listings of ${product.name}`, () => {
    let server: MysqlProcess
    /** May read all of `shop`. */
    let ann: string

    beforeAll(async () => {
      server = await startShop(product)
      await server.sql(`
        create database bare;
        create table shop.kinds (
          id bigint unsigned not null primary key comment 'the key', tiny tinyint(1), small smallint, medium mediumint,
          whole int, year year, bits bit(3), single float, dbl double, price decimal(10,2) unsigned not null, day date,
          span time, at datetime(6), ts timestamp null, doc json, letter char(3), word varchar(40), note text,
          long_note longtext, raw binary(4), bytes varbinary(9), lump blob, choice enum('a','b'), several set('a','b'),
          place point, shape geometry${isMariadb ? ', uid uuid, net inet6' : ''}) comment 'of every type';
        ${oddNames.map(name => `create table shop.${quoted(name)} (id int);`).join('\n')}
        create view shop.fine as select id from shop.readings;
        create table shop.gone (id int); create view shop.broken as select id from shop.gone; drop table shop.gone;
        create user definer@'%' identified by 'pw'; grant all on *.* to definer@'%';
        create definer = definer@'%' sql security definer view shop.orphan as select id from shop.readings;
        drop user definer@'%';
        create user weak@'%' identified by 'pw'; grant select on elsewhere.* to weak@'%';
        create definer = weak@'%' sql security definer view shop.weak as select id from shop.readings;
        ${isMariadb ? 'create sequence shop.numbers' : 'do 0'}`)
      ann = await reader(server)
    })
    afterAll(async () => {
      await server?.[Symbol.asyncDispose]()
    })

    const browse = (path: readonly string[], username = ann, options: ListingOptions = {}) =>
      listCatalog(mysql, configFor(server, username), path, options)
    const entriesOf = async (path: readonly string[], username = ann) => {
      const { items, problem } = await browse(path, username)
      expect(problem).toBeNull()
      return new Map(items.map(item => [item.name, item]))
    }

    test('lists the databases that the account may know of, its own first, and none of the server', async () => {
      const both = await reader(server, 'grant select on elsewhere.* to {}')
      expect(namesOf(await browse([], both))).toEqual(['shop', 'elsewhere'])
      const free = { ...configFor(server, both), database: undefined }
      expect(namesOf(await listCatalog(mysql, free, []))).toEqual(['elsewhere', 'shop'])
      expect(namesOf(await browse([]))).toEqual(['shop'])
      const global = await reader(server, 'grant select on *.* to {}')
      expect(namesOf(await browse([], global))).toEqual(['shop', 'bare', 'elsewhere'])
      expect(namesOf(await listOptions(mysql, configFor(server, global), 'database'))).toEqual([
        'bare',
        'elsewhere',
        'shop',
      ])
      const paged = await everyItem(1, page => listCatalog(mysql, configFor(server, global), [], page))
      expect(paged.map(({ name }) => name)).toEqual(['shop', 'bare', 'elsewhere'])
    })

    test("lists a database of the server's own where it is the form's", async () => {
      const config = { ...configFor(server, ann), database: 'information_schema' }
      expect(namesOf(await listCatalog(mysql, config, []))).toEqual(['information_schema', 'shop'])
      const tables = await listCatalog(mysql, config, ['information_schema'], { search: 'schemata', first: 1 })
      expect(tables).toMatchObject({ problem: null, items: [{ name: 'SCHEMATA', nativeKind: 'SYSTEM VIEW' }] })
    })

    test('says of a database that it may be known of and not be looked into', async () => {
      const onlooker = await reader(server, 'grant show databases on *.* to {}')
      const entries = await entriesOf([], onlooker)
      expect([...entries.keys()]).toEqual(['shop', 'bare', 'elsewhere'])
      expect(entries.get('shop')?.problem).toBeUndefined()
      const denied = expectListingProblem(entries.get('elsewhere'), { code: 'PERMISSION_DENIED' })
      const closed = await browse(['elsewhere'], onlooker)
      expect(closed.items).toEqual([])
      expectListingProblem(closed, { code: 'PERMISSION_DENIED' })
      // What the remedy says helps.
      const [remedy] = denied.remedies
      await server.sql(remedy?.kind === 'RUN_SQL' ? remedy.sql : '')
      expect(namesOf(await browse(['elsewhere'], onlooker))).toEqual(['secrets'])
      // And of an empty one that may be looked into nothing.
      const global = await reader(server, 'grant select on *.* to {}')
      expect(await browse(['bare'], global)).toEqual({ items: [], next: null, problem: null })
    })

    test('lists tables and views with what they are, and what reads them', async () => {
      const entries = await entriesOf(['shop'])
      expect(entries.get('kinds')).toEqual({
        name: 'kinds',
        kind: 'TABLE',
        nativeKind: 'BASE TABLE',
        hasChildren: true,
        comment: 'of every type',
        sizeBytes: expect.any(Number),
        query: { table: { schema: 'shop', name: 'kinds' } },
      })
      expect(entries.get('fine')).toEqual({
        name: 'fine',
        kind: 'VIEW',
        nativeKind: 'VIEW',
        hasChildren: true,
        query: { table: { schema: 'shop', name: 'fine' } },
      })
      if (isMariadb) expect(entries.get('numbers')).toMatchObject({ kind: 'TABLE', nativeKind: 'SEQUENCE' })
      const withProblems = [...entries.values()].filter(({ problem }) => problem !== undefined)
      expect(withProblems.map(({ name }) => name)).toEqual(['broken', 'orphan', 'weak'])
      // What is offered reads, and what is marked does not.
      for (const { name, query, problem } of entries.values()) {
        const outcome = await queryMysql(configFor(server, ann), query)
        expect([name, outcome.kind]).toEqual([name, problem === undefined ? 'RESULT' : 'PROBLEM'])
      }
    })

    test('lists tables and views whose names differ in nothing but case or accents', async () => {
      await server.sql(`
        create database twins; create table twins.Foo (id int); create table twins.foo (id int);
        create view twins.e as select 1 as x; create view twins.\`É\` as select 1 as x`)
      try {
        const both = await reader(server, 'grant select on twins.* to {}')
        for (const [options, names] of [
          [{}, ['Foo', 'e', 'foo', 'É']],
          [{ search: 'foo' }, ['Foo', 'foo']],
        ] as const) {
          const listing = await browse(['twins'], both, options)
          expect(namesOf(listing)).toEqual(names)
          expect(listing.items.filter(({ problem }) => problem !== undefined)).toEqual([])
        }
      } finally {
        await server.sql('drop database twins')
      }
    })

    test.each(['broken', 'orphan', 'weak'])('lists the view %s with its problem, and goes on', async name => {
      const entries = await entriesOf(['shop'])
      expectListingProblem(entries.get(name), { code: 'VIEW_UNUSABLE' })
      const outcome = await queryMysql(configFor(server, ann), entries.get(name)?.query)
      expect(outcome).toMatchObject({ kind: 'PROBLEM', problem: { code: 'VIEW_UNUSABLE' } })
    })

    test('says in a test of such views alone that they cannot be used, and not that the password is wrong', async () => {
      await server.sql(`
        create database ghosts; create user ghost@'%' identified by 'pw'; grant all on *.* to ghost@'%';
        create definer = ghost@'%' sql security definer view ghosts.orphan as select id from shop.readings;
        drop user ghost@'%'`)
      const username = await reader(server, 'grant select on ghosts.* to {}')
      const reports = await testMysql({ ...configFor(server, username), database: 'ghosts' })
      expectProblem(reports, 'READ', 'VIEW_UNUSABLE')
      expect(reports.READ?.status).toBe('FAILED')
      await server.sql('drop database ghosts')
    })

    test('says why a view that cannot be opened has no columns', async () => {
      const columns = await browse(['shop', 'broken'])
      expect(columns.items).toEqual([])
      expectListingProblem(columns, { code: 'VIEW_UNUSABLE' })
    })

    test('marks tables that the account may know of and not read, and names the columns that it may', async () => {
      await server.sql('create table shop.partly (id int, secret int, other int)')
      const name = uniqueName('partly')
      await server.sql(`
        create user '${name}'@'%' identified by 'pw'; grant insert on shop.readings to '${name}'@'%';
        grant select (id, other), insert (secret) on shop.partly to '${name}'@'%'; grant show view on shop.fine to '${name}'@'%'`)
      const entries = await entriesOf(['shop'], name)
      expect([...entries.keys()].filter(each => ['readings', 'partly', 'fine'].includes(each))).toEqual([
        'fine',
        'partly',
        'readings',
      ])
      const denied = expectListingProblem(entries.get('readings'), {
        code: 'PERMISSION_DENIED',
        fields: ['auth.password.username'],
      })
      expectListingProblem(entries.get('fine'), { code: 'PERMISSION_DENIED' })
      expect(entries.get('partly')?.problem).toBeUndefined()
      expect(entries.get('partly')?.query).toEqual({
        table: { schema: 'shop', name: 'partly', columns: ['id', 'other'] },
      })
      expect(await queryMysql(configFor(server, name), entries.get('partly')?.query)).toMatchObject({ kind: 'RESULT' })
      const columns = await entriesOf(['shop', 'partly'], name)
      expect([...columns.keys()]).toEqual(['id', 'secret', 'other'])
      expectListingProblem(columns.get('secret'), { code: 'PERMISSION_DENIED' })
      expect(columns.get('other')?.problem).toBeUndefined()
      const [remedy] = denied.remedies
      await server.sql(remedy?.kind === 'RUN_SQL' ? remedy.sql : '')
      expect((await entriesOf(['shop'], name)).get('readings')?.problem).toBeUndefined()
      await server.sql('drop table shop.partly')
    })

    test('knows what the account may read by a role', async () => {
      const [role, name] = [uniqueName('role'), uniqueName('member')]
      await server.sql(`
        create role ${role}; grant select on shop.readings to ${role};
        create user '${name}'@'%' identified by 'pw'; grant ${role} to '${name}'@'%';
        set default role ${role} ${isMariadb ? 'for' : 'to'} '${name}'@'%'`)
      const entries = await entriesOf(['shop'], name)
      const readable = [...entries.values()].filter(({ problem }) => problem === undefined)
      expect(readable.map(entry => entry.name)).toEqual(['readings'])
    })

    test('lists columns in their order, with the types that queries give them', async () => {
      const columns = [...(await entriesOf(['shop', 'kinds'])).values()]
      const outcome = await queryMysql(configFor(server, ann), { table: { schema: 'shop', name: 'kinds' } })
      if (outcome.kind !== 'RESULT') throw new Error(JSON.stringify(outcome.problem))
      const told = columns.map(({ name, column }) => ({ name, type: column?.type }))
      expect(told).toEqual(outcome.result.columns.map(({ name, type }) => ({ name, type })))
      expect(columns[0]).toEqual({
        name: 'id',
        kind: 'COLUMN',
        hasChildren: false,
        comment: 'the key',
        column: { nativeType: expect.stringMatching(/^bigint.* unsigned$/), type: 'INTEGER', isNullable: false },
      })
      const nativeOf = (name: string) => columns.find(column => column.name === name)?.column?.nativeType
      expect(nativeOf('price')).toBe('decimal(10,2) unsigned')
      expect(nativeOf('choice')).toBe("enum('a','b')")
      expect(columns.find(({ name }) => name === 'day')?.column?.isNullable).toBe(true)
    })

    test('pages by bytes, whatever the collation', async () => {
      const config = configFor(server, ann)
      const names = (await everyItem(3, page => listCatalog(mysql, config, ['shop'], page))).map(({ name }) => name)
      const sorted = [...names].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
      expect(names).toEqual(sorted)
      expect(names).toEqual(expect.arrayContaining(oddNames))
      expect(new Set(names).size).toBe(names.length)
      const columns = await everyItem(4, page => listCatalog(mysql, config, ['shop', 'kinds'], page))
      expect(columns.slice(0, 5).map(({ name }) => name)).toEqual(['id', 'tiny', 'small', 'medium', 'whole'])
      expect(columns.length).toBe((await entriesOf(['shop', 'kinds'])).size)
    })

    test.each([
      ['%', ["100%_|'s"]],
      ['_|', ["100%_|'s"]],
      ["'", ["100%_|'s"]],
      ['\\', ['back\\slash']],
      ['`', ['tick`ed']],
      ['UPPER', ['B_upper']],
      ['üNÏ', ['Ünï']],
      ['ünu', []],
      ['單', ['訂單']],
      ['no such name', []],
    ])('finds tables by a part of their names: %s', async (search, names) => {
      expect(namesOf(await browse(['shop'], ann, { search }))).toEqual(names)
    })

    test('is as long and spelled as ever, whatever the server makes of a sign-in', async () => {
      const names = namesOf(await browse(['shop']))
      const modes = isMariadb ? 'ORACLE,ANSI_QUOTES' : 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT'
      await server.sql(`set global init_connect = "set names latin1, sql_select_limit = 1, sql_mode = '${modes}'"`)
      try {
        expect(namesOf(await browse(['shop']))).toEqual([...names])
        expect((await entriesOf(['shop'])).get('orphan')?.problem?.code).toBe('VIEW_UNUSABLE')
        expect(namesOf(await browse(['shop'], ann, { search: '訂' }))).toEqual(['訂單'])
        expect((await browse(['shop', 'kinds'])).items.length).toBeGreaterThan(20)
        expect(namesOf(await browse([]))).toEqual(['shop'])
      } finally {
        await server.sql("set global init_connect = ''")
      }
    })

    test('finds columns by a part of their names', async () => {
      expect(namesOf(await browse(['shop', 'kinds'], ann, { search: 'NOTE' }))).toEqual(['note', 'long_note'])
      expect(namesOf(await browse(['shop', 'kinds'], ann, { search: '%' }))).toEqual([])
      expect(namesOf(await listOptions(mysql, configFor(server, ann), 'database', { search: 'HO' }))).toEqual(['shop'])
    })

    test.each(["' or 1=1 -- ", 'x\\', '\0', '0x27', '💥', '\ud800', 'a'.repeat(1_000)])(
      'takes whatever a client makes up for a place or a name: %j',
      async text => {
        for (const path of [[], ['shop'], ['shop', 'kinds']])
          expect((await browse(path, ann, { after: text, search: text })).problem).toBeNull()
        for (const path of [[text], ['shop', text], [text, 'kinds'], ['shop', 'kinds', text]]) {
          const { problem, items } = await browse(path)
          expect([items, problem?.code]).toEqual([[], 'CATALOG_PATH_NOT_FOUND'])
        }
      },
    )

    test('knows names by their very letters', async () => {
      for (const path of [['SHOP'], ['shop', 'KINDS'], ['shop', 'Uni'], ['shop', 'kinds', 'id'], ['elsewhere']]) {
        const listing = await browse(path)
        expect(listing.items).toEqual([])
        expectListingProblem(listing, { code: 'CATALOG_PATH_NOT_FOUND' })
      }
    })

    test('signs in once, in a session that can only read, and leaves nothing', async () => {
      const username = await reader(server)
      await browse(['shop', 'kinds'], username)
      expect(await signInAttempts(server, username)).toBe(1)
      await vi.waitFor(async () => expect(await sessions(server, username)).toEqual([]))
      const log = await server.sql(
        `select convert(argument using utf8mb4) as text from mysql.general_log where command_type = 'Query' and user_host like '${username}%' order by event_time, thread_id`,
      )
      const texts = log.map(({ text }) => String(text))
      expect(texts.indexOf('START TRANSACTION READ ONLY')).toBeGreaterThan(
        texts.indexOf('SET SESSION TRANSACTION READ ONLY'),
      )
      const asked = texts.findIndex(text => text.includes('information_schema.COLUMNS'))
      expect(asked).toBeGreaterThan(texts.indexOf('START TRANSACTION READ ONLY'))
      expect(texts.at(-1)).toBe('ROLLBACK')
    })

    test('takes the limit that the form sets for statements', async () => {
      const username = await reader(server)
      const limits = { statementTimeoutSeconds: 7 }
      await listCatalog(mysql, { ...configFor(server, username), limits }, [])
      const log = await server.sql(
        `select convert(argument using utf8mb4) as text from mysql.general_log where command_type = 'Query' and user_host like '${username}%'`,
      )
      const expected = isMariadb ? 'SET SESSION max_statement_time = 7.000' : 'SET SESSION max_execution_time = 7000'
      expect(log.map(({ text }) => text)).toContain(expected)
    })

    // MySQL 8 shows nothing of a table before it is there.
    if (isMariadb)
      describe('while somebody makes a table, which nobody can open until it is made', () => {
        let making: Promise<unknown>
        beforeAll(async () => {
          const administrator = await server.connect('shop')
          making = administrator
            .query('create table slow as select sleep(600) as nothing')
            .catch(() => {})
            .finally(() => administrator.destroy())
          await vi.waitFor(async () => expect(await statementsWith('create table slow')).toHaveLength(1))
        })
        afterAll(async () => {
          const [statement] = await statementsWith('create table slow')
          if (statement) await server.sql(`kill query ${statement['id']}`)
          await making
        })
        const statementsWith = (text: string) =>
          server.sql(`select id from information_schema.processlist where info like '${text}%'`)

        test('lists the others, and this one with what the server says', async () => {
          const entries = await entriesOf(['shop'])
          expect(entries.has('readings')).toBe(true)
          expect(entries.get('readings')?.problem).toBeUndefined()
          expectListingProblem(entries.get('slow'), { code: 'STATEMENT_CANCELLED', retryable: true })
        })

        test('says that the list was not there in time', async () => {
          const listing = await browse(['shop', 'slow'], ann, { budgetMs: 700 })
          expect(listing.items).toEqual([])
          expectListingProblem(listing, { code: 'LISTING_TIMED_OUT', params: { seconds: 0.7 } })
          await vi.waitFor(async () => expect(await sessions(server, ann)).toEqual([]))
        })

        test('stops on the server when it is abandoned', async () => {
          const username = await reader(server)
          const cancel = new AbortController()
          const listing = browse(['shop'], username, { signal: cancel.signal })
          await vi.waitFor(async () => expect(await running(server, username)).toHaveLength(1))
          cancel.abort()
          await listing
          await vi.waitFor(async () => expect(await sessions(server, username)).toEqual([]))
          const kills = await server.sql(
            `select count(*) as n from mysql.general_log where user_host like '${username}%' and convert(argument using utf8mb4) like 'KILL QUERY %'`,
          )
          expect(Number(kills[0]?.['n'])).toBe(1)
        })
      })

    test('names a wrong password', async () => {
      const config = { ...configFor(server, ann), auth: { password: { username: ann, password: 'wrong' } } }
      const listing = await listOptions(mysql, config, 'database')
      expect(listing.items).toEqual([])
      expectListingProblem(listing, { code: 'CREDENTIALS_REJECTED' })
    })
  })
}
