import { describe, expect, it } from 'vitest'
import type { Phase } from '../../../src/connectors/mysql/error-rules.ts'
import type { Flavour } from '../../../src/connectors/mysql/handshake.ts'
import { problemCodes } from '../../../src/connectors/mysql/problem-codes.ts'
import { classifyError } from '../../../src/connectors/mysql/problems.ts'
import { PasswordRefusedError, UnsupportedPluginError } from '../../../src/connectors/mysql/sign-in-errors.ts'
import { problemTable } from '../../../src/connectors/problem-table.ts'
import { ByteLimitError, ProtocolFaultError } from '../../../src/connectors/session/protocol-fault.ts'
import { proves } from '../../proofs/proves.ts'
import { parseConfig } from '../../servers/mysql-run.ts'

type Config = Parameters<typeof classifyError>[2]
const configWith = (change: object = {}) =>
  parseConfig({
    host: 'db.test',
    database: 'shop',
    auth: { password: { username: 'ann', password: 'pw' } },
    ...change,
  }) as Config
const config = configWith()

const classify = (
  errno: number,
  {
    phase = 'SIGN_IN',
    flavour = 'MYSQL',
    sqlState = 'HY000',
    of = config,
    words = 'words of the server',
  }: Options = {},
) => classifyError(Object.assign(new Error(words), { errno, sqlState, code: 'ER_OF_THE_DRIVER' }), phase, of, flavour)

interface Options {
  readonly phase?: Phase
  readonly flavour?: Flavour | null
  readonly sqlState?: string
  readonly of?: Config
  readonly words?: string
}

describe('classifyError', () => {
  it.each<[number, Options, string]>([
    [1040, { phase: 'GREET', flavour: null }, 'TOO_MANY_CONNECTIONS'],
    [1203, {}, 'TOO_MANY_CONNECTIONS'],
    [1129, { phase: 'GREET', flavour: null }, 'CLIENT_ADDRESS_BLOCKED'],
    [1130, { phase: 'GREET', flavour: null }, 'CLIENT_ADDRESS_NOT_ALLOWED'],
    [1053, { phase: 'GREET', flavour: null }, 'SERVER_SHUTTING_DOWN'],
    [1053, { phase: 'WORK' }, 'SESSION_ENDED_BY_SERVER'],
    [1927, { phase: 'WORK', flavour: 'MARIADB' }, 'SESSION_ENDED_BY_SERVER'],
    [4031, { phase: 'WORK' }, 'SESSION_ENDED_BY_SERVER'],
    [1045, {}, 'CREDENTIALS_REJECTED'],
    [1698, { flavour: 'MARIADB' }, 'CREDENTIALS_REJECTED'],
    [1862, {}, 'PASSWORD_EXPIRED'],
    [1820, { flavour: 'MARIADB' }, 'PASSWORD_EXPIRED'],
    [3118, {}, 'ACCOUNT_LOCKED'],
    [3955, {}, 'ACCOUNT_LOCKED'],
    [4151, { flavour: 'MARIADB' }, 'ACCOUNT_LOCKED'],
    [1226, {}, 'ACCOUNT_LIMIT_REACHED'],
    [1251, {}, 'AUTH_PLUGIN_UNSUPPORTED'],
    [1524, { words: "Plugin 'mysql_native_password' is not loaded" }, 'AUTH_PLUGIN_UNSUPPORTED'],
    [3159, {}, 'TLS_REQUIRED_BY_SERVER'],
    [1044, { phase: 'WORK' }, 'DATABASE_ACCESS_DENIED'],
    [1044, { phase: 'QUERY' }, 'PERMISSION_DENIED'],
    [1049, { phase: 'WORK' }, 'DATABASE_NOT_FOUND'],
    [1049, { phase: 'QUERY' }, 'OBJECT_NOT_FOUND'],
    [1142, { phase: 'WORK' }, 'PERMISSION_DENIED'],
    [1146, { phase: 'QUERY' }, 'OBJECT_NOT_FOUND'],
    // A test's own statements are not the reader's: nothing of them is for the reader to mend.
    [1146, { phase: 'WORK' }, 'UNCLASSIFIED'],
    [1054, { phase: 'QUERY', sqlState: '42S22' }, 'OBJECT_NOT_FOUND'],
    [1064, { phase: 'QUERY', sqlState: '42000' }, 'QUERY_INVALID'],
    [1365, { phase: 'QUERY', sqlState: '22012' }, 'QUERY_INVALID'],
    [1267, { phase: 'QUERY' }, 'QUERY_INVALID'],
    [1436, { phase: 'QUERY' }, 'QUERY_INVALID'],
    [3636, { phase: 'QUERY' }, 'QUERY_INVALID'],
    [4009, { phase: 'QUERY', flavour: 'MARIADB' }, 'QUERY_INVALID'],
    [3636, { phase: 'QUERY', flavour: 'MARIADB' }, 'UNCLASSIFIED'],
    [1792, { phase: 'QUERY', sqlState: '25006' }, 'QUERY_NOT_READ_ONLY'],
    [1290, { phase: 'QUERY' }, 'QUERY_NOT_READ_ONLY'],
    [1317, { phase: 'QUERY' }, 'STATEMENT_CANCELLED'],
    [3024, { phase: 'QUERY' }, 'STATEMENT_TIMED_OUT'],
    [1969, { phase: 'QUERY', flavour: 'MARIADB' }, 'STATEMENT_TIMED_OUT'],
    [1969, { phase: 'WORK', flavour: 'MARIADB' }, 'STATEMENT_CANCELLED'],
    [3024, { phase: 'CATALOG' }, 'STATEMENT_TIMED_OUT'],
    // Whoever is in a session is not refused any more: it is about a view.
    [1045, { phase: 'QUERY' }, 'VIEW_UNUSABLE'],
    [1045, { phase: 'CATALOG' }, 'VIEW_UNUSABLE'],
    [1045, { phase: 'WORK' }, 'CREDENTIALS_REJECTED'],
    [1356, { phase: 'QUERY' }, 'VIEW_UNUSABLE'],
    [1449, { phase: 'CATALOG' }, 'VIEW_UNUSABLE'],
    [1044, { phase: 'CATALOG' }, 'PERMISSION_DENIED'],
    [1146, { phase: 'CATALOG' }, 'OBJECT_NOT_FOUND'],
    [5999, { phase: 'QUERY' }, 'UNCLASSIFIED'],
  ])('reads error %i (%o) as %s', (errno, options, code) => {
    expect(classify(errno, options).code).toBe(code)
  })

  it.each<[number, Flavour]>([
    // What the driver calls by the name of the other product's error.
    [4151, 'MYSQL'],
    [1969, 'MYSQL'],
    [1927, 'MYSQL'],
    [3118, 'MARIADB'],
    [3024, 'MARIADB'],
    [3159, 'MARIADB'],
  ])('does not take error %i of %s for what it means to the other one', (errno, flavour) => {
    expect(classify(errno, { flavour }).code).toBe('UNCLASSIFIED')
  })

  it('says what else a rejected sign-in may mean, as far as it was not done', () => {
    const plain = classify(1045, { of: configWith({ tls: { mode: 'DISABLE' } }) })
    expect(plain.detail).toMatch(/^words of the server\. .*REQUIRE SSL.*REQUIRE X509/)
    expect(plain.fields).toEqual([
      'auth.password.password',
      'auth.password.username',
      'tls.mode',
      'tls.clientCertificate',
    ])
    expect(plain.remedies.map(({ kind }) => kind)).toEqual(['REENTER_SECRET', 'SET_FIELD'])
    const encrypted = classify(1045)
    expect(encrypted.detail).not.toContain('REQUIRE SSL')
    expect(encrypted.detail).toContain('REQUIRE X509')
  })

  it('names the plugin, and quotes accounts and databases as the server reads them', () => {
    expect(classify(1524, { words: "Plugin 'mysql_native_password' is not loaded" }).params).toMatchObject({
      plugin: 'mysql_native_password',
    })
    const odd = configWith({ database: 'my_`db`%', auth: { password: { username: 'a`b', password: 'pw' } } })
    expect(classify(1044, { phase: 'WORK', of: odd }).remedies).toMatchObject([
      { kind: 'RUN_SQL', sql: 'GRANT SELECT ON `my\\_``db``\\%`.* TO `a``b`@`%`;' },
    ])
  })

  it('keeps what it found itself apart from what the server said', () => {
    const own = (error: Error, phase: Phase = 'SIGN_IN') => classifyError(error, phase, config, 'MYSQL')
    expect(own(new PasswordRefusedError('caching_sha2_password')).code).toBe('CLEARTEXT_PASSWORD_REFUSED')
    expect(own(new UnsupportedPluginError('client_ed25519'))).toMatchObject({
      code: 'AUTH_PLUGIN_UNSUPPORTED',
      params: { plugin: 'client_ed25519' },
    })
    expect(own(new ProtocolFaultError('it lies')).params).toMatchObject({ expected: 'MySQL', fault: 'it lies' })
    expect(own(new ByteLimitError(2 ** 25), 'QUERY')).toMatchObject({
      code: 'RESULT_TOO_LARGE',
      params: { limit: '32 MB' },
    })
    expect(own(new ByteLimitError(2 ** 24), 'WORK').code).toBe('PROTOCOL_VIOLATION')
    expect(own(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', errno: -104 })).code).toBe(
      'CONNECTION_RESET',
    )
    const refused = { code: 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED' }
    expect(own(Object.assign(new Error('alert'), refused)).code).toBe('CLIENT_CERTIFICATE_REQUIRED')
  })

  it('keeps the words and the number of what it does not know', () => {
    const unknown = classify(5999, { words: 'a new failure' })
    expect(unknown).toMatchObject({ code: 'UNCLASSIFIED', detail: 'a new failure (5999)' })
    proves('MYSQL', 'UNCLASSIFIED', 'DOUBLE')
  })
})

describe('problemCodes', () => {
  it('names each code once', () => {
    expect(new Set(problemCodes).size).toBe(problemCodes.length)
    expect(Object.keys(problemTable)).toEqual(expect.arrayContaining([...problemCodes]))
  })
})
