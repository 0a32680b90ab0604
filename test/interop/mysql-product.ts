import type { ProblemCode } from '../../src/connectors/problem-table.ts'
import { type Certificate, type CertificateOptions, issueCertificate } from '../servers/certificates.ts'
import { uniqueName } from '../servers/postgres.ts'
import type { MysqlOptions, MysqlProcess } from './mysql-process.ts'

/** What the suites have to know of MariaDB and MySQL to ask the same of both. */
export interface Product {
  readonly name: 'MariaDB' | 'MySQL'
  readonly start: (options?: MysqlOptions) => Promise<MysqlProcess>
  /** In place of `identified by`, for an account that signs in without encryption too, the first time too. */
  readonly native: string
  /** What is said to everybody who comes without encryption where that is demanded of everybody. */
  readonly refusesClearTextAs: ProblemCode
  /** Of the corpus of statements that read, what this product has no syntax for. */
  readonly unknownStatements: readonly string[]
  /** In place of `identified by`, for an account whose sign-in the driver has no part in; null where there is none. */
  readonly unsupportedSignIn: { readonly before: string; readonly identified: string; readonly plugin: string } | null
}

/** Old servers take no others. */
const rsaBits = 2_048
export const root = issueCertificate({ commonName: 'Interop Root', authority: true, rsaBits })
export const clientRoot = issueCertificate({ commonName: 'Client Root', authority: true, rsaBits })
export const issueServerCertificate = (change: Partial<CertificateOptions> = {}): Certificate =>
  issueCertificate({
    commonName: 'db',
    issuer: root,
    names: ['db.test', '127.0.0.1'],
    usage: 'server',
    rsaBits,
    ...change,
  })
export const serverCertificate = issueServerCertificate()

export const issueClientCertificate = (commonName: string, issuer = clientRoot): Certificate =>
  issueCertificate({ commonName, issuer, usage: 'client', rsaBits })

/** Options of a server that encrypts with this certificate, and knows clients of `clientRoot`. */
export const encrypting = ({ certificate, key }: Certificate, more: Readonly<Record<string, string>> = {}) => ({
  settings: {
    'ssl-ca': '{directory}/client-ca.crt',
    'ssl-cert': '{directory}/server.crt',
    'ssl-key': '{directory}/server.key',
    ...more,
  },
  files: { 'server.crt': certificate, 'server.key': key, 'client-ca.crt': clientRoot.certificate },
})

/** A server with one small database, that notes who has signed in and what was said to it. */
export async function startShop(product: Product, options: MysqlOptions = encrypting(serverCertificate)) {
  const server = await product.start({
    ...options,
    settings: { 'general-log': '1', 'log-output': 'TABLE', ...options.settings },
  })
  await server.sql(`
    create database shop; create database elsewhere;
    create table shop.readings (id int primary key, value varchar(40));
    insert into shop.readings values (1, 'row-content'), (2, 'other'), (3, null);
    create table elsewhere.secrets (id int primary key); insert into elsewhere.secrets values (1)`)
  return server
}

/** What a test of the type needs to sign in over verified TLS. */
export const configFor = (server: MysqlProcess, username: string, change: Readonly<Record<string, unknown>> = {}) => ({
  host: '127.0.0.1',
  port: server.port,
  database: 'shop',
  auth: { password: { username, password: 'pw' } },
  tls: { caCertificates: root.certificate },
  ...change,
})

/** A fresh account that can read `shop`, so that its sign-ins can be counted. `{}` stands for it in `setUp`. */
export async function reader(server: MysqlProcess, setUp = '', identified = "identified by 'pw'"): Promise<string> {
  const name = uniqueName('reader')
  await server.sql(
    `create user '${name}'@'%' ${identified}; grant select on shop.* to '${name}'@'%'; ${setUp.replaceAll('{}', `'${name}'@'%'`)}`,
  )
  return name
}

/** How often somebody has tried to sign in as this account, by the server's own log. */
export async function signInAttempts(server: MysqlProcess, username: string): Promise<number> {
  const rows = await server.sql(
    `select argument from mysql.general_log where command_type = 'Connect' and convert(argument using utf8mb4) like '${username}@%'`,
  )
  return rows.length
}

/** Statements that run now in the name of this account. */
export const running = (server: MysqlProcess, username: string) =>
  server.sql(
    `select id, info from information_schema.processlist where user = '${username}' and command <> 'Sleep' and info is not null`,
  )

export const sessions = (server: MysqlProcess, username: string) =>
  server.sql(`select id from information_schema.processlist where user = '${username}'`)
