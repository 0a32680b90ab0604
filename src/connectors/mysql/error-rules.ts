import { cleanText, type ProblemOptions, type Remedy } from '../problem.ts'
import type { ProblemCode } from '../problem-table.ts'
import { credentialsOf } from './credentials.ts'
import type { MysqlConfig } from './form.ts'
import type { Flavour } from './handshake.ts'
import { type Account, grantReadSql, unlockSql } from './remedy-sql.ts'

/** Where an error happened, as far as it changes what it means. */
export type Phase =
  | 'GREET'
  | 'SIGN_IN'
  /** A test's own statements. */
  | 'WORK'
  /** Statements that look at what somebody else has made: tables, views. */
  | 'CATALOG'
  /** A statement that the reader wrote. */
  | 'QUERY'

export interface Known extends ProblemOptions {
  readonly code: ProblemCode
}

export interface Reading {
  readonly errno: number
  readonly message: string
  readonly phase: Phase
  readonly config: MysqlConfig
  readonly account: Account
}

interface Rule {
  readonly errno: readonly number[]
  /** Numbers from 1900 on are MySQL's and MariaDB's own, and some mean two things. */
  readonly flavour?: Flavour
  readonly phase?: Phase
  readonly means: (reading: Reading) => Known
}

/** The values that messages quote. */
export const paramsOf = (config: MysqlConfig) => ({
  username: credentialsOf(config).username,
  database: config.database ?? '',
  host: config.host,
})

const plain =
  (code: ProblemCode, fields: readonly string[] = []) =>
  ({ config, message }: Reading): Known => ({ code, params: paramsOf(config), detail: message, fields })

/** With the user's field marked, and what an administrator may run. */
const aboutUser =
  (code: ProblemCode, remedies: (account: Account) => readonly Remedy[] = () => []) =>
  (reading: Reading): Known => ({
    ...plain(code, [`${credentialsOf(reading.config).path}.username`])(reading),
    remedies: remedies(reading.account),
  })

const encrypt: Remedy = { kind: 'SET_FIELD', title: 'Encrypt the connection', field: 'tls.mode', value: 'VERIFY_FULL' }

/** Something is to follow it. */
const sentence = (message: string): string => (/[.!?…]$/.test(message) ? message : `${message}.`)

/** One number for every reason there is: only what was not done can be told apart. */
function credentialsRejected({ config, message }: Reading): Known {
  const { path, secretField } = credentialsOf(config)
  const { mode, clientCertificate } = config.tls
  const mayNeedTls = mode === 'DISABLE'
  const mayNeedCertificate = clientCertificate === undefined
  const demands = [
    ...(mayNeedTls ? ['encryption (REQUIRE SSL), which is off'] : []),
    ...(mayNeedCertificate ? ['a client certificate (REQUIRE X509), and none was sent'] : []),
  ]
  const hint = demands.length === 0 ? '' : ` Servers say the same when the account requires ${demands.join(', or ')}.`
  return {
    code: 'CREDENTIALS_REJECTED',
    params: paramsOf(config),
    detail: `${sentence(cleanText(message, 140))}${hint}`,
    fields: [
      secretField,
      `${path}.username`,
      ...(mayNeedTls ? ['tls.mode'] : []),
      ...(mayNeedCertificate ? ['tls.clientCertificate'] : []),
    ],
    remedies: [
      { kind: 'REENTER_SECRET', title: 'Type the password again', field: secretField },
      ...(mayNeedTls ? [{ ...encrypt, title: 'Encrypt the connection, if the account requires it' }] : []),
    ],
  }
}

const tlsRequired = (reading: Reading): Known => ({
  ...plain('TLS_REQUIRED_BY_SERVER', ['tls.mode'])(reading),
  remedies: [encrypt],
})

/** Servers say the same of databases that an account may not know of, and do not count roles that are not put on. */
function databaseDenied(reading: Reading): Known {
  const { config, message, account } = reading
  const { path } = credentialsOf(config)
  const { database } = config
  return {
    ...plain('DATABASE_ACCESS_DENIED', ['database', `${path}.username`])(reading),
    detail: `${sentence(cleanText(message, 160))} Servers say the same of a database that does not exist, and of one that only a role may use which is not put on by default.`,
    remedies:
      database === undefined
        ? []
        : [
            {
              kind: 'RUN_SQL',
              title: 'Let the account read the database',
              sql: grantReadSql(database, account),
            },
          ],
  }
}

const accountLocked = aboutUser('ACCOUNT_LOCKED', account => [
  { kind: 'RUN_SQL', title: 'Unlock the account', sql: unlockSql(account) },
])

const passwordExpired = (reading: Reading): Known => {
  const { path, secretField } = credentialsOf(reading.config)
  return {
    ...plain('PASSWORD_EXPIRED', [secretField, `${path}.username`])(reading),
    remedies: [{ kind: 'REENTER_SECRET', title: 'Type the new password', field: secretField }],
  }
}

/** The number is what tells it; the name of the plugin is only in the words. */
export const pluginUnsupported =
  (plugin: string | null) =>
  ({ config, message }: Reading): Known => ({
    code: 'AUTH_PLUGIN_UNSUPPORTED',
    params: { ...paramsOf(config), plugin: plugin ?? /'([A-Za-z0-9_.-]{1,64})'/.exec(message)?.[1] ?? 'unknown' },
    detail: message,
    fields: [`${credentialsOf(config).path}.username`],
  })

const timedOut: Rule['means'] = ({ config, message }) => ({
  code: 'STATEMENT_TIMED_OUT',
  params: { seconds: config.limits.statementTimeoutSeconds },
  detail: message,
  fields: ['limits.statementTimeoutSeconds'],
})

/** Once a session is open, access is denied only to the account in whose name a view reads: it has gone. */
const viewUnusable: Rule['means'] = ({ errno, message }) => ({
  code: 'VIEW_UNUSABLE',
  detail:
    errno === 1045
      ? `${sentence(cleanText(message, 160))} Servers say so when the account in whose name a view reads is gone.`
      : message,
})

const notReadOnly: Rule['means'] = ({ message }) => ({
  code: 'QUERY_NOT_READ_ONLY',
  params: { reason: 'tried to change something' },
  detail: message,
})

const numbers = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

const serverFields = ['host', 'port']

/** Server answers, by number: their words depend on the server's language. First match wins. */
export const rules: readonly Rule[] = [
  // The server as a whole
  { errno: [1040, 1203], means: plain('TOO_MANY_CONNECTIONS') },
  // No thread for the connection.
  { errno: [1135], means: plain('TOO_MANY_CONNECTIONS') },
  { errno: [1129], means: plain('CLIENT_ADDRESS_BLOCKED', serverFields) },
  { errno: [1130], means: plain('CLIENT_ADDRESS_NOT_ALLOWED', serverFields) },
  { errno: [1053], phase: 'GREET', means: plain('SERVER_SHUTTING_DOWN') },
  { errno: [1053], phase: 'SIGN_IN', means: plain('SERVER_SHUTTING_DOWN') },
  { errno: [1053], means: plain('SESSION_ENDED_BY_SERVER') },
  { errno: [1927], flavour: 'MARIADB', means: plain('SESSION_ENDED_BY_SERVER') },
  { errno: [3169, 4031], flavour: 'MYSQL', means: plain('SESSION_ENDED_BY_SERVER') },
  // What the server says of the network
  { errno: [1152, 1158, 1159, 1160, 1161, 1184], means: plain('CONNECTION_RESET', serverFields) },
  // What others have made
  { errno: [1045, 1356, 1449], phase: 'CATALOG', means: viewUnusable },
  { errno: [1045, 1356, 1449], phase: 'QUERY', means: viewUnusable },
  { errno: [1146], phase: 'CATALOG', means: plain('OBJECT_NOT_FOUND') },
  // Signing in
  { errno: [1045, 1698], means: credentialsRejected },
  { errno: [1820, 1862], means: passwordExpired },
  { errno: [3118, 3955], flavour: 'MYSQL', means: accountLocked },
  { errno: [4150, 4151], flavour: 'MARIADB', means: accountLocked },
  { errno: [1226], means: aboutUser('ACCOUNT_LIMIT_REACHED') },
  // Old password hashes, by which nobody can sign in any more.
  { errno: [1275], means: pluginUnsupported('mysql_old_password') },
  { errno: [1251, 1524], means: pluginUnsupported(null) },
  { errno: [3159], flavour: 'MYSQL', means: tlsRequired },
  // Opening the database
  { errno: [1044], phase: 'WORK', means: databaseDenied },
  { errno: [1049], phase: 'WORK', means: plain('DATABASE_NOT_FOUND', ['database']) },
  // Working
  // A test's own statements have the step's limit, not the form's.
  { errno: [1969], flavour: 'MARIADB', phase: 'WORK', means: plain('STATEMENT_CANCELLED') },
  { errno: [3024], flavour: 'MYSQL', phase: 'WORK', means: plain('STATEMENT_CANCELLED') },
  { errno: [1969], flavour: 'MARIADB', means: timedOut },
  { errno: [3024], flavour: 'MYSQL', means: timedOut },
  // KILL QUERY by somebody else; waiting for a lock.
  { errno: [1317, 1205, 1213], means: plain('STATEMENT_CANCELLED') },
  { errno: [1044, 1142, 1143, 1227, 1370], means: plain('PERMISSION_DENIED') },
  // Of the transaction; of a server that only reads.
  { errno: [1792, 1290, 1836], phase: 'QUERY', means: notReadOnly },
  // A test's own statements are never the reader's fault: what a server has against them stays UNCLASSIFIED.
  {
    errno: [1049, 1051, 1054, 1072, 1109, 1146, 1176, 1305, 1630],
    phase: 'QUERY',
    means: plain('OBJECT_NOT_FOUND'),
  },
  // Without a class that says so: collations, arguments, partitions, views, settings, too many tables, too deep or large.
  {
    errno: [1111, 1116, 1153, 1193, 1210, 1222, 1253, 1267, 1270, 1271, 1273, 1351, 1411, 1436, 1525, 1582, 1583, 1747],
    phase: 'QUERY',
    means: plain('QUERY_INVALID'),
  },
  // WITH, windows and JSON; the recursion's limit, regular expressions; types that a function or CAST does not have.
  {
    errno: [...numbers(4002, 4024), 4026, ...numbers(4036, 4044), 4078, 4079, 4161],
    flavour: 'MARIADB',
    phase: 'QUERY',
    means: plain('QUERY_INVALID'),
  },
  {
    errno: [...numbers(3573, 3599), 3636, ...numbers(3685, 3699)],
    flavour: 'MYSQL',
    phase: 'QUERY',
    means: plain('QUERY_INVALID'),
  },
]

/** Classes of SQLSTATE that blame a statement: syntax, values, cardinality, features, no database, ambiguous names. */
export const blamesStatement = (sqlState: string): boolean => /^(42|22|21|0A|3D|23)/.test(sqlState)

/** What the form names as MySQL is not, or something in between changes what is sent. */
export const violation = (fault: string, { host, port }: MysqlConfig): Known => ({
  code: 'PROTOCOL_VIOLATION',
  params: { host, port, expected: 'MySQL', fault },
  fields: serverFields,
})
