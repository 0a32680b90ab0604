import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Problem } from '../../src/connectors/problem.ts'
import { expectPass, expectProblem } from '../connectors/mysql/expectations.ts'
import { testMysql } from '../servers/mysql-run.ts'
import { uniqueName } from '../servers/postgres.ts'
import type { Reports } from '../servers/type-run.ts'
import type { MysqlProcess } from './mysql-process.ts'
import { configFor, type Product, reader, startShop } from './mysql-product.ts'

const documentation = new URL('../../docs/connectors/mysql.md', import.meta.url)
const newPassword = 'choose-a-long-password'

const mayWrite = (reports: Reports): readonly string[] =>
  reports.LEAST_PRIVILEGE?.evidence.flatMap(entry =>
    entry.kind === 'TEXT' && entry.label === 'May write' ? [entry.value] : [],
  ) ?? []

/** What the product says of the rights of its accounts, and whether its remedies do what they say. */
export function describePrivileges(product: Product): void {
  describe(`rights on ${product.name}`, () => {
    let server: MysqlProcess
    beforeAll(async () => {
      server = await startShop(product)
      await server.sql(
        `create table more (id int); create view seen as select id from readings;
         create procedure tidy() modifies sql data delete from more`,
        'shop',
      )
    })
    afterAll(async () => {
      await server?.[Symbol.asyncDispose]()
    })

    const measure = (username: string, change: Readonly<Record<string, unknown>> = {}) =>
      testMysql(configFor(server, username, change))

    function warningOf(reports: Reports): Problem {
      expectPass(reports)
      return expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
    }

    /** Does what the warning says: runs the statements twice, as an administrator may, and tests with the new account. */
    async function mend(problem: Problem, change: Readonly<Record<string, unknown>> = {}): Promise<Reports> {
      const [create, use] = problem.remedies
      if (create?.kind !== 'RUN_SQL' || use?.kind !== 'SET_FIELD') throw new Error('The remedies are missing.')
      await server.sql(create.sql)
      await server.sql(create.sql)
      const username = String(use.value)
      return measure(username, { auth: { password: { username, password: newPassword } }, ...change })
    }

    test.each<[string, string, RegExp]>([
      ['everything', 'grant all on *.* to {} with grant option', /CREATE USER|ALL PRIVILEGES/],
      ['a database', 'grant insert, delete on shop.* to {}', /INSERT, DELETE on the database "shop"/],
      ['a table', 'grant update on shop.more to {}', /may change shop\.more: UPDATE/],
      ['one column', 'grant update (value) on shop.readings to {}', /may change shop\.readings: UPDATE/],
      ['files of the server', 'grant file on *.* to {}', /FILE/],
      ['accounts', 'grant create user on *.* to {}', /CREATE USER/],
      ['who has which rights', 'grant select on shop.* to {} with grant option', /GRANT OPTION/],
      ['triggers and views', 'grant trigger, create view on shop.* to {}', /TRIGGER|CREATE VIEW/],
      ['events', 'grant event on shop.* to {}', /EVENT/],
      ['definitions', 'grant create, drop, alter, index on shop.* to {}', /CREATE, DROP|DROP/],
      ['locks', 'grant lock tables on shop.* to {}', /LOCK TABLES/],
    ])('an account that may change %s is warned of; the remedy leads to one that may not', async (_, setUp, words) => {
      const username = await reader(server, setUp)
      const reports = await measure(username)
      expect(mayWrite(reports).join('\n')).toMatch(words)
      const mended = await mend(warningOf(reports))
      expect(expectPass(mended)).toEqual({})
      expect(mayWrite(mended)).toEqual([])
    })

    test('an account that can only read passes, whatever else it may see', async () => {
      const username = await reader(
        server,
        'grant show view on shop.* to {}; grant process on *.* to {}; grant execute on shop.* to {}',
      )
      const reports = await measure(username)
      expect(expectPass(reports)).toEqual({})
      expect(JSON.stringify(reports.LEAST_PRIVILEGE?.evidence)).toContain('shop.tidy')
    })

    test('an account with rights on some tables and columns only passes, and its reader gets the same', async () => {
      const username = uniqueName('narrow')
      await server.sql(
        `create user '${username}'@'%' identified by 'pw'; grant select (id) on shop.readings to '${username}'@'%';
         grant select on shop.seen to '${username}'@'%'; grant insert on shop.more to '${username}'@'%'`,
      )
      const mended = await mend(warningOf(await measure(username)))
      expect(expectPass(mended)).toEqual({})
      const [row] = await server.sql(
        `select count(*) as n from information_schema.column_privileges where grantee like '%${username.slice(0, 12)}%reader%' and column_name = 'value'`,
      )
      expect(Number(row?.['n'])).toBe(0)
    })

    test('roles are looked into, also those within others, put on or not', async () => {
      const [writer, outer, idle] = [uniqueName('writer'), uniqueName('outer'), uniqueName('idle')]
      await server.sql(
        `create role ${writer}; create role ${outer}; create role ${idle};
         grant insert on shop.readings to ${writer}; grant ${writer} to ${outer}; grant delete on shop.more to ${idle}`,
      )
      const username = await reader(server, `grant ${outer} to {}; grant ${idle} to {}`)
      const reports = await measure(username)
      expect(mayWrite(reports)).toEqual(
        expect.arrayContaining([
          expect.stringMatching(/shop\.readings: INSERT/),
          expect.stringMatching(new RegExp(`shop\\.more: DELETE \\(as "${idle}"\\)`)),
        ]),
      )
      expect(expectPass(await mend(warningOf(reports)))).toEqual({})
    })

    test('no hash of a password is told, and nothing is left of the measurement', async () => {
      const username = await reader(server, 'grant insert on shop.* to {}')
      const [row] = await server.sql(`select authentication_string as hash from mysql.user where user = '${username}'`)
      const hash = String(row?.['hash'])
      expect(hash.length).toBeGreaterThan(20)
      const reports = await measure(username)
      warningOf(reports)
      expect(JSON.stringify(reports)).not.toContain(hash)
      const changes = await server.sql(
        `select convert(argument using utf8mb4) as text from mysql.general_log where command_type = 'Query' and user_host like '${username}%'`,
      )
      for (const { text } of changes)
        expect(String(text)).toMatch(/^\s*(SELECT|SHOW|SET|USE|START TRANSACTION READ ONLY|ROLLBACK)/)
    })

    if (product.name === 'MariaDB')
      test('what everybody may do is told as that, and the remedy takes it away', async () => {
        await server.sql('grant insert on shop.* to public')
        try {
          const username = await reader(server)
          const reports = await measure(username)
          expect(mayWrite(reports).join('\n')).toMatch(/INSERT on the database "shop" \(as everybody may\)/)
          const [create] = warningOf(reports).remedies
          expect(create?.kind === 'RUN_SQL' ? create.sql : '').toMatch(/REVOKE INSERT.* FROM PUBLIC/)
        } finally {
          await server.sql('revoke insert on shop.* from public')
        }
      })
    else
      test('rights by the names of MySQL 8 are warned of', async () => {
        const username = await reader(server, 'grant system_variables_admin, connection_admin, role_admin on *.* to {}')
        const reports = await measure(username)
        expect(mayWrite(reports).join('\n')).toMatch(/SYSTEM_VARIABLES_ADMIN/)
        expect(mayWrite(reports).join('\n')).toMatch(/CONNECTION_ADMIN/)
        expect(expectPass(await mend(warningOf(reports)))).toEqual({})
      })

    test('the statements of the documentation create an account without warnings', async () => {
      const page = await readFile(documentation, 'utf8')
      const blocks = [...page.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, sql = '']) => sql)
      const create = blocks.find(sql => /create user/i.test(sql))
      expect(create).toBeDefined()
      const username = /create user\s+(?:if not exists\s+)?[`'"]?(\w+)/i.exec(create ?? '')?.[1] ?? ''
      const password = /identified by '([^']+)'/i.exec(create ?? '')?.[1] ?? ''
      await server.sql(create ?? '')
      const reports = await measure(username, { auth: { password: { username, password } } })
      expect(expectPass(reports)).toEqual({})
    })
  })
}
