import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseGrant } from '../../../src/connectors/mysql/grants.ts'

const account = { kind: 'ACCOUNT' }
const all = (name: string) => ({ name, columns: null })

describe('parseGrant', () => {
  it.each([
    [
      "GRANT USAGE ON *.* TO `ann`@`%` IDENTIFIED BY PASSWORD '*D821809F681A40A6E379B50D0463EFAE20BDD122'",
      { kind: 'RIGHTS', rights: [all('usage')], on: { kind: 'GLOBAL' }, to: account, grantOption: false },
    ],
    [
      'GRANT ALL PRIVILEGES ON *.* TO `adm`@`%` REQUIRE SSL WITH GRANT OPTION',
      { kind: 'RIGHTS', rights: [all('all privileges')], on: { kind: 'GLOBAL' }, to: account, grantOption: true },
    ],
    [
      "GRANT SELECT, INSERT ON `my\\_shop`.* TO 'ann'@'10.%'",
      {
        kind: 'RIGHTS',
        rights: [all('select'), all('insert')],
        on: { kind: 'DATABASE', pattern: 'my\\_shop' },
        to: account,
        grantOption: false,
      },
    ],
    [
      'GRANT SELECT (`id`, `a,b`), UPDATE (`v`) ON `shop`.`t``x` TO `ann`@`%`',
      {
        kind: 'RIGHTS',
        rights: [
          { name: 'select', columns: ['id', 'a,b'] },
          { name: 'update', columns: ['v'] },
        ],
        on: { kind: 'TABLE', schema: 'shop', name: 't`x' },
        to: account,
        grantOption: false,
      },
    ],
    [
      'GRANT EXECUTE ON PROCEDURE `shop`.`p` TO `ann`@`%`',
      {
        kind: 'RIGHTS',
        rights: [all('execute')],
        on: { kind: 'ROUTINE', schema: 'shop', name: 'p' },
        to: account,
        grantOption: false,
      },
    ],
    [
      'GRANT BACKUP_ADMIN,BINLOG_ADMIN ON *.* TO `ann`@`%`',
      {
        kind: 'RIGHTS',
        rights: [all('backup_admin'), all('binlog_admin')],
        on: { kind: 'GLOBAL' },
        to: account,
        grantOption: false,
      },
    ],
    ['GRANT `deeper` TO `rob`@`%`', { kind: 'ROLES', sql: ['`deeper`'], to: account, adminOption: false }],
    [
      'GRANT `a`@`%`,`b`@`%` TO `rob`@`%` WITH ADMIN OPTION',
      { kind: 'ROLES', sql: ['`a`@`%`', '`b`@`%`'], to: account, adminOption: true },
    ],
    [
      'GRANT DELETE ON `shop`.`readings` TO `writer`',
      {
        kind: 'RIGHTS',
        rights: [all('delete')],
        on: { kind: 'TABLE', schema: 'shop', name: 'readings' },
        to: { kind: 'ROLE', name: 'writer' },
        grantOption: false,
      },
    ],
    [
      'GRANT SELECT, DELETE HISTORY ON `test`.* TO PUBLIC',
      {
        kind: 'RIGHTS',
        rights: [all('select'), all('delete history')],
        on: { kind: 'DATABASE', pattern: 'test' },
        to: { kind: 'PUBLIC' },
        grantOption: false,
      },
    ],
    ["GRANT PROXY ON ''@'%' TO 'root'@'localhost' WITH GRANT OPTION", { kind: 'PROXY' }],
    [
      'REVOKE INSERT ON `prod`.* FROM `ann`@`%`',
      { kind: 'REVOKED', rights: [all('insert')], on: { kind: 'DATABASE', pattern: 'prod' } },
    ],
    ['SET DEFAULT ROLE `writer` FOR `rob`@`%`', { kind: 'NONE' }],
  ])('reads %s', (line, grant) => {
    expect(parseGrant(line)).toEqual(grant)
  })

  it.each([
    '',
    'anything else',
    'GRANT',
    'GRANT SELECT ON `shop` TO `ann`@`%`',
    'GRANT SELECT ON *.t TO `ann`@`%`',
    'GRANT ON *.* TO `ann`@`%`',
    'GRANT SELECT ON *.* TO',
    'GRANT `x ON *.* TO `ann`@`%`',
  ])('does not pretend to understand %j', line => {
    expect(parseGrant(line)).toBeNull()
  })

  it('never throws, whatever a server writes', () => {
    const word = fc.constantFrom(
      'GRANT',
      'ON',
      'TO',
      '*',
      '.',
      ',',
      '(',
      ')',
      '`a`',
      '@`%`',
      "'x'",
      'SELECT',
      '/*',
      '"',
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 12 }), words => {
        const grant = parseGrant(words.join(' '))
        return grant === null || typeof grant.kind === 'string'
      }),
    )
  })
})
