import { describe, expect, it } from 'vitest'
import type { HostileMysqlOptions } from '../../servers/hostile-mysql.ts'
import { type AnswerTable, command, rows } from '../../servers/hostile-mysql-statements.ts'
import type { Reports } from '../../servers/type-run.ts'
import { expectPass, expectProblem } from './expectations.ts'
import { testHostile } from './hostile-run.ts'

/** What the server answers to SHOW GRANTS, or to the variant of it that this pattern fits. */
const grants = (lines: readonly string[], pattern = /^SHOW GRANTS$/): AnswerTable[number] => [
  pattern,
  rows('GRANTS', ['Grants'], ...lines.map(line => [line])),
]
const usage = 'GRANT USAGE ON *.* TO `ann`@`%`'
const select = 'GRANT SELECT ON `shop`.* TO `ann`@`%`'
const mariadb = '5.5.5-10.11.19-MariaDB-0+deb12u1'

async function measure(answers: AnswerTable, options: HostileMysqlOptions = {}): Promise<Reports> {
  const { reports } = await testHostile({ answers, budgetMs: 5_000, ...options })
  return reports
}
const mayWrite = (reports: Reports) =>
  reports.LEAST_PRIVILEGE?.evidence.flatMap(entry =>
    entry.kind === 'TEXT' && entry.label === 'May write' ? [entry.value] : [],
  )

describe('LEAST_PRIVILEGE of a MySQL connector', () => {
  it('passes for an account that can only read', async () => {
    const reports = await measure([grants([usage, select])])
    expect(expectPass(reports)).toEqual({ SECURE: 'CONNECTION_NOT_ENCRYPTED' })
    expect(mayWrite(reports)).toEqual([])
  })

  it.each<[string, string, RegExp]>([
    [
      'everything',
      'GRANT ALL PRIVILEGES ON *.* TO `ann`@`%` WITH GRANT OPTION',
      /ALL PRIVILEGES, GRANT OPTION on the whole server/,
    ],
    ['a table', 'GRANT SELECT, INSERT ON `shop`.`orders` TO `ann`@`%`', /may change shop\.orders: INSERT/],
    ['one column', 'GRANT SELECT, UPDATE (`value`) ON `shop`.`orders` TO `ann`@`%`', /may change shop\.orders: UPDATE/],
    ['a database', 'GRANT SELECT, DELETE, DROP ON `shop`.* TO `ann`@`%`', /DELETE, DROP on the database "shop"/],
    ['databases by a pattern', 'GRANT CREATE ON `shop\\_%`.* TO `ann`@`%`', /CREATE on the database "shop_%"/],
    ['files of the server', 'GRANT FILE ON *.* TO `ann`@`%`', /FILE on the whole server/],
    ['users', 'GRANT CREATE USER ON *.* TO `ann`@`%`', /CREATE USER on the whole server/],
    ['settings', 'GRANT SYSTEM_VARIABLES_ADMIN ON *.* TO `ann`@`%`', /SYSTEM_VARIABLES_ADMIN on the whole server/],
    ['other sessions', 'GRANT CONNECTION_ADMIN ON *.* TO `ann`@`%`', /CONNECTION_ADMIN/],
    ['what nobody has heard of', 'GRANT FLUX_CAPACITOR_ADMIN ON *.* TO `ann`@`%`', /FLUX_CAPACITOR_ADMIN/],
    ['rights for others', 'GRANT SELECT ON `shop`.* TO `ann`@`%` WITH GRANT OPTION', /GRANT OPTION/],
    [
      'a routine',
      'GRANT ALTER ROUTINE ON PROCEDURE `shop`.`tidy` TO `ann`@`%`',
      /the routine shop\.tidy: ALTER ROUTINE/,
    ],
    ['as another account', 'GRANT PROXY ON `root`@`localhost` TO `ann`@`%`', /another account/],
    ['locks', 'GRANT SELECT, LOCK TABLES ON `shop`.* TO `ann`@`%`', /may lock or refer to/],
    ['triggers', 'GRANT SELECT, TRIGGER ON `shop`.* TO `ann`@`%`', /TRIGGER/],
    [
      'a database with an odd name',
      'GRANT INSERT ON `odd ``name`` TO x`.* TO `ann`@`%`',
      /INSERT on the database "odd `name` TO x"/,
    ],
  ])('warns of an account that may change %s, with what creates a reader', async (_, line, words) => {
    const reports = await measure([grants([usage, select, line])])
    const problem = expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
    expect(reports.LEAST_PRIVILEGE?.status).toBe('WARNING')
    expect(mayWrite(reports)?.join('\n')).toMatch(words)
    const [create, use] = problem.remedies
    if (create?.kind !== 'RUN_SQL' || use?.kind !== 'SET_FIELD') throw new Error('The remedies are missing.')
    expect(use.field).toBe('auth.password.username')
    expect(create.sql).toContain(`CREATE USER IF NOT EXISTS \`${String(use.value)}\`@\`%\``)
    expect(create.sql).toContain('GRANT SELECT ON')
    expect(create.sql).not.toMatch(/GRANT (?!SELECT)/)
  })

  it('never shows the hash of a password that MariaDB puts into its answer', async () => {
    const hash = '*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19'
    const line = `GRANT INSERT ON *.* TO \`ann\`@\`%\` IDENTIFIED BY PASSWORD '${hash}'`
    const reports = await measure([grants([line, select])], { version: mariadb })
    expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
    expect(JSON.stringify(reports)).not.toContain(hash)
  })

  it('looks into the roles of MySQL, also those that are not put on at first', async () => {
    const reports = await measure([
      grants([usage, select, 'GRANT `writer`@`%`,`reader`@`%` TO `ann`@`%`']),
      grants([usage, select, 'GRANT INSERT ON `shop`.* TO `ann`@`%`'], /USING `writer`@`%`/),
      grants([usage, select], /USING `reader`@`%`/),
    ])
    expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
    expect(mayWrite(reports)).toEqual([expect.stringMatching(/INSERT on the database "shop" \(as "writer"\)/)])
  })

  it('looks into the roles of MariaDB, and into what everybody may do there', async () => {
    const answers: AnswerTable = [
      [/^SET ROLE/, command('SET_ROLE')],
      grants([
        usage,
        select,
        'GRANT `writer` TO `ann`@`%`',
        'GRANT DELETE ON `shop`.* TO `writer`',
        'GRANT UPDATE ON `shop`.* TO PUBLIC',
      ]),
    ]
    const reports = await measure(answers, { version: mariadb })
    expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
    expect(mayWrite(reports)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/DELETE on the database "shop" \(as "writer"\)/),
        expect.stringMatching(/UPDATE on the database "shop" \(as everybody may\)/),
      ]),
    )
  })

  it('tells what everybody may do in databases for trying things as a note', async () => {
    const reports = await measure(
      [
        grants([
          usage,
          select,
          'GRANT SELECT, INSERT, DROP ON `test`.* TO PUBLIC',
          'GRANT INSERT ON `test\\_%`.* TO PUBLIC',
        ]),
      ],
      { version: mariadb },
    )
    expect(reports.LEAST_PRIVILEGE?.status).toBe('PASSED')
    expect(JSON.stringify(reports.LEAST_PRIVILEGE?.evidence)).toMatch(/everybody may write/)
  })

  it('gives the new account no database that is kept from the present one', async () => {
    const lines = [
      'GRANT SELECT, INSERT ON *.* TO `ann`@`%`',
      'REVOKE SELECT ON `kept``away`.* FROM `ann`@`%`',
      'REVOKE INSERT ON `shop`.* FROM `ann`@`%`',
    ]
    const reports = await measure([
      grants(lines),
      [/information_schema\.SCHEMATA/, rows('SCHEMATA', ['SCHEMA_NAME'], ['kept`away'], ['shop'])],
    ])
    const [create] = expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE').remedies
    const sql = create?.kind === 'RUN_SQL' ? create.sql : ''
    expect(sql.match(/^GRANT .*$/gm)).toEqual(['GRANT SELECT ON `shop`.* TO `ann_reader`@`%`;'])
  })

  it('does not look through a large catalogue for what the server has already told', async () => {
    const { server } = await testHostile({ answers: [grants([usage, 'GRANT INSERT ON `shop`.* TO `ann`@`%`'])] })
    expect(server.statements.filter(sql => sql.includes('SELECT DISTINCT TABLE_SCHEMA'))).toEqual([])
  })

  it('names routines that run with their owner`s rights, and tables that only the server knows to be writable', async () => {
    const noted = await measure([
      grants([usage, select]),
      [/information_schema\.ROUTINES/, rows('ROUTINES', ['s', 'n'], ['shop', 'tidy'])],
    ])
    expect(noted.LEAST_PRIVILEGE?.status).toBe('PASSED')
    expect(JSON.stringify(noted.LEAST_PRIVILEGE?.evidence)).toContain('shop.tidy')
    const effective = await measure([
      grants([usage, select]),
      [/SELECT DISTINCT TABLE_SCHEMA/, rows('WRITABLE', ['s', 'n'], ['shop', 'orders'])],
    ])
    expectProblem(effective, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
  })

  it.each<[string, readonly string[]]>([
    ['a line in other words', ['BESTOW SELECT UPON shop']],
    ['a line that does not end', [usage, 'GRANT SELECT ON `shop']],
    ['nothing at all', []],
    ['a line without anybody', ['GRANT SELECT ON `shop`.*']],
    ['a right that is no name', ['GRANT 1=1 ON *.* TO `ann`@`%`']],
  ])('measures nothing where the server says %s', async (_, lines) => {
    const reports = await measure([grants(lines)])
    expect(reports.LEAST_PRIVILEGE?.status).toBe('SKIPPED')
    expectProblem(reports, 'LEAST_PRIVILEGE', 'PRIVILEGES_UNKNOWN')
  })

  it('fits the remedy of a server with megabytes of names into what a report takes', async () => {
    const lines = Array.from(
      { length: 900 },
      (_, index) => `GRANT SELECT, INSERT ON \`s${index}${'x'.repeat(1_000)}\`.* TO \`ann\`@\`%\``,
    )
    const reports = await measure([grants([usage, ...lines])])
    const problem = expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
    expect(problem.remedies.map(({ kind }) => kind)).toEqual(['SET_FIELD', 'REENTER_SECRET'])
  })

  it('warns of an account that can read nothing, with the statement that lets it', async () => {
    const none: AnswerTable = [[/information_schema\.TABLES/, rows('CANDIDATES', ['s', 'n'])]]
    const { reports } = await testHostile({ answers: none, change: { database: 'shop' }, budgetMs: 5_000 })
    const problem = expectProblem(reports, 'READ', 'NOTHING_READABLE')
    expect(reports.READ?.status).toBe('WARNING')
    expect(problem.remedies).toContainEqual(
      expect.objectContaining({ kind: 'RUN_SQL', sql: 'GRANT SELECT ON `shop`.* TO `ann`@`%`;' }),
    )
  })
})
