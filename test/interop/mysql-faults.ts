import { setTimeout as delay } from 'node:timers/promises'
import mysql from 'mysql2/promise'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { expectFailure, expectPass, expectProblem } from '../connectors/mysql/expectations.ts'
import { hintsOf } from '../connectors/type-expectations.ts'
import { daysFromNow } from '../servers/certificates.ts'
import { testMysql } from '../servers/mysql-run.ts'
import { freePort, uniqueName } from '../servers/postgres.ts'
import type { MysqlProcess } from './mysql-process.ts'
import {
  clientRoot,
  configFor,
  encrypting,
  issueClientCertificate,
  issueServerCertificate,
  type Product,
  reader,
  root,
  serverCertificate,
  sessions,
  signInAttempts,
  startShop,
} from './mysql-product.ts'

const rejected = {
  fields: ['auth.password.password', 'auth.password.username', 'tls.clientCertificate'],
  remedies: ['REENTER_SECRET auth.password.password'],
}

/** The faults that a real server can be brought to show, each in the step and with the fields that it belongs to. */
export function describeFaults(product: Product): void {
  describe(`faults that ${product.name} shows`, () => {
    let server: MysqlProcess
    beforeAll(async () => {
      server = await startShop(product, encrypting(serverCertificate, { 'max-connections': '30' }))
    })
    afterAll(async () => {
      await server?.[Symbol.asyncDispose]()
    })

    test('none: a right-sized account passes every step, signs in once and leaves nothing', async () => {
      const username = await reader(server)
      const reports = await testMysql(configFor(server, username))
      expect(expectPass(reports)).toEqual({})
      expect(JSON.stringify(reports)).not.toContain('row-content')
      expect(reports.SECURE?.evidence).toContainEqual(
        expect.objectContaining({ kind: 'CERTIFICATE', subject: 'CN=db' }),
      )
      expect(await signInAttempts(server, username)).toBe(1)
      await vi.waitFor(async () => expect(await sessions(server, username)).toEqual([]))
    })

    test('a wrong password, and an account that does not exist: the server does not tell them apart', async () => {
      const username = await reader(server)
      const auth = { password: { username, password: 'wrong' } }
      const wrong = expectFailure(
        await testMysql(configFor(server, username, { auth })),
        'SIGN_IN',
        'CREDENTIALS_REJECTED',
      )
      expect(hintsOf(wrong)).toEqual(rejected)
      expect(await signInAttempts(server, username)).toBe(1)
      const nobody = uniqueName('nobody')
      const unknown = expectFailure(await testMysql(configFor(server, nobody)), 'SIGN_IN', 'CREDENTIALS_REJECTED')
      expect(hintsOf(unknown)).toEqual(rejected)
    })

    test.each([
      ['spaces at its ends', '  pass word '],
      ['letters beyond ASCII', 'pässwörd-密码'],
      ['quotes and backslashes', `it's "quoted" \\ and %`],
    ])('none: a password with %s', async (_, password) => {
      const quoted = password.replaceAll('\\', '\\\\').replaceAll("'", "''")
      const username = await reader(server, '', `identified by '${quoted}'`)
      expectPass(await testMysql(configFor(server, username, { auth: { password: { username, password } } })))
    })

    test('an anonymous account in the way: it is rejected like a wrong password', async () => {
      const username = await reader(server)
      await server.sql("create user ''@'127.0.0.1' identified by 'another'")
      try {
        const problem = expectFailure(await testMysql(configFor(server, username)), 'SIGN_IN', 'CREDENTIALS_REJECTED')
        expect(hintsOf(problem)).toEqual(rejected)
      } finally {
        await server.sql("drop user ''@'127.0.0.1'")
      }
    })

    test('an account that is locked', async () => {
      const username = await reader(server, 'alter user {} account lock')
      const problem = expectFailure(await testMysql(configFor(server, username)), 'SIGN_IN', 'ACCOUNT_LOCKED')
      expect(problem.fields).toEqual(['auth.password.username'])
      expect(await signInAttempts(server, username)).toBe(1)
    })

    test('a password that has expired', async () => {
      const username = await reader(server, 'alter user {} password expire')
      const problem = expectFailure(await testMysql(configFor(server, username)), 'SIGN_IN', 'PASSWORD_EXPIRED')
      expect(problem.fields).toContain('auth.password.password')
      expect(await signInAttempts(server, username)).toBe(1)
    })

    test('a client certificate is demanded: without one it is rejected, with one it passes', async () => {
      const username = await reader(server, 'alter user {} require x509')
      const missing = await testMysql(configFor(server, username))
      expect(missing.SECURE?.status).toBe('PASSED')
      // The server says no more than that it denies access.
      expectFailure(missing, 'SIGN_IN', 'CREDENTIALS_REJECTED')
      const client = issueClientCertificate(username)
      const tls = {
        caCertificates: root.certificate,
        clientCertificate: client.certificate,
        clientKey: client.key,
      }
      expect(expectPass(await testMysql(configFor(server, username, { tls })))).toEqual({})
    })

    test('a client certificate that the server does not trust', async () => {
      const username = await reader(server)
      const stranger = issueClientCertificate(username, root)
      const tls = {
        caCertificates: root.certificate,
        clientCertificate: stranger.certificate,
        clientKey: stranger.key,
      }
      const reports = await testMysql(configFor(server, username, { tls }))
      const key = reports.SECURE?.status === 'FAILED' ? 'SECURE' : 'SIGN_IN'
      expectFailure(reports, key, 'CLIENT_CERTIFICATE_REQUIRED')
    })

    test('encryption is demanded of the account, or of everybody', async () => {
      const username = await reader(server, 'alter user {} require ssl', product.native)
      const inClear = { tls: { mode: 'DISABLE' } }
      const account = await testMysql(configFor(server, username, inClear))
      expect(expectFailure(account, 'SIGN_IN', 'CREDENTIALS_REJECTED').fields).toContain('tls.mode')
      const free = await reader(server, '', product.native)
      await server.sql('set global require_secure_transport = on')
      try {
        const reports = await testMysql(configFor(server, free, inClear))
        const problem = expectFailure(reports, 'SIGN_IN', product.refusesClearTextAs)
        expect(problem.fields).toContain('tls.mode')
        expect(problem.remedies).toContainEqual(expect.objectContaining({ field: 'tls.mode', value: 'VERIFY_FULL' }))
      } finally {
        await server.sql('set global require_secure_transport = off')
      }
    })

    test('a database that does not exist, and one that the account may not use', async () => {
      const global = await reader(server, 'grant select on *.* to {}')
      const missing = await testMysql(configFor(server, global, { database: 'nowhere' }))
      const unknown = expectFailure(missing, 'OPEN', 'DATABASE_NOT_FOUND')
      expect(unknown.fields).toEqual(['database'])
      expect(unknown.message).toContain('"nowhere"')
      const username = await reader(server)
      for (const database of ['elsewhere', 'nowhere']) {
        const denied = await testMysql(configFor(server, username, { database }))
        const problem = expectFailure(denied, 'OPEN', 'DATABASE_ACCESS_DENIED')
        expect(problem.fields).toContain('database')
      }
      expect(await signInAttempts(server, username)).toBe(2)
    })

    test('no connection left: for the account, and for everybody', async () => {
      const username = await reader(server, 'alter user {} with max_user_connections 1')
      const held = await hold(server, username, 1)
      const limited = expectFailure(await testMysql(configFor(server, username)), 'SIGN_IN', 'ACCOUNT_LIMIT_REACHED')
      expect(limited.retryable).toBe(true)
      await held[Symbol.asyncDispose]()
      const free = await reader(server)
      await server.sql('set global max_connections = 10')
      await using _ = await hold(server, free, 11)
      // One more is looked at, for it could be an administrator.
      const late = expectFailure(await testMysql(configFor(server, free)), 'SIGN_IN', 'TOO_MANY_CONNECTIONS')
      // The server needs a moment to forget whom it has just turned away.
      const administrator = await admitted(() => server.connect())
      try {
        const full = expectFailure(await testMysql(configFor(server, free)), 'GREET', 'TOO_MANY_CONNECTIONS')
        expect([late.retryable, full.retryable]).toEqual([true, true])
      } finally {
        await administrator.query('set global max_connections = 30')
        await administrator.end()
      }
    })

    test('an account that can read nothing', async () => {
      const username = uniqueName('blind')
      await server.sql(`create user '${username}'@'%' identified by 'pw'`)
      const reports = await testMysql(configFor(server, username, { database: undefined }))
      expect(expectPass(reports).READ).toBe('NOTHING_READABLE')
      expectProblem(reports, 'READ', 'NOTHING_READABLE')
    })

    test('none: a server that is a read-only replica says so', async () => {
      const username = await reader(server)
      await server.sql('set global read_only = on')
      try {
        const reports = await testMysql(configFor(server, username))
        expect(expectPass(reports)).toEqual({})
        expect(JSON.stringify(reports.OPEN?.evidence)).toMatch(/read.only/i)
      } finally {
        await server.sql('set global read_only = off')
      }
    })

    const { unsupportedSignIn: unsupported } = product
    if (unsupported)
      test(`an account whose sign-in nobody here knows: ${unsupported.plugin}`, async () => {
        await server.sql(unsupported.before)
        const username = await reader(server, '', unsupported.identified)
        const reports = await testMysql(configFor(server, username))
        const problem = expectFailure(reports, 'SIGN_IN', 'AUTH_PLUGIN_UNSUPPORTED')
        expect(problem.message).toContain(unsupported.plugin)
        expect(await signInAttempts(server, username)).toBe(1)
      })

    test('nothing listens', async () => {
      const reports = await testMysql(configFor(server, 'anybody', { port: await freePort() }))
      expectFailure(reports, 'CONNECT', 'CONNECTION_REFUSED', 'REAL_SERVER')
    })
  })

  describe(`faults that ${product.name} shows where nobody may come`, () => {
    test('no account is for this address', async () => {
      await using server = await product.start()
      await server.sql("delete from mysql.global_priv where host <> 'localhost'; flush privileges").catch(() => {})
      const reports = await testMysql(configFor(server, 'anybody', { tls: { mode: 'DISABLE' } }))
      const problem = expectFailure(reports, 'GREET', 'CLIENT_ADDRESS_NOT_ALLOWED')
      expect(problem.detail ?? problem.message).toContain('127.0.0.1')
      // And no encryption either.
      const [user] = ["'late'@'%'"]
      await server.sql(`create user ${user} identified by 'pw'; grant select on mysql.* to ${user}`)
      expectFailure(await testMysql(configFor(server, 'late', { database: 'mysql' })), 'SECURE', 'TLS_NOT_OFFERED')
    })
  })

  describe(`certificates of ${product.name} at fault`, () => {
    test.each([
      ['expired', { validFrom: daysFromNow(-30), validTo: daysFromNow(-1) }, 'TLS_CERTIFICATE_EXPIRED'],
      ['not yet valid', { validFrom: daysFromNow(1) }, 'TLS_CERTIFICATE_NOT_YET_VALID'],
      ['for a name, where an address is dialled', { names: ['db.test', 'localhost'] }, 'TLS_NAME_MISMATCH'],
      ['for another address', { names: ['127.0.0.2'] }, 'TLS_NAME_MISMATCH'],
      ['meant for clients', { usage: 'client' as const }, 'TLS_CERTIFICATE_UNUSABLE'],
      ['of an unknown authority', { issuer: clientRoot }, 'TLS_CERTIFICATE_UNTRUSTED'],
    ] as const)('%s: nothing about the user is sent', async (_, change, code) => {
      await using server = await startShop(product, encrypting(issueServerCertificate(change)))
      const username = await reader(server)
      expectFailure(await testMysql(configFor(server, username)), 'SECURE', code)
      expect(await signInAttempts(server, username)).toBe(0)
      if (code === 'TLS_NAME_MISMATCH' && change.names?.[0] === 'db.test') {
        const named = { caCertificates: root.certificate, serverName: 'db.test' }
        expect(expectPass(await testMysql(configFor(server, username, { tls: named })))).toEqual({})
      }
    })
  })
}

/** A session that is asked for again while the server says that it has none left. */
async function admitted(connect: () => Promise<mysql.Connection>, attempts = 50): Promise<mysql.Connection> {
  try {
    return await connect()
  } catch (error) {
    const isFull = (error as { errno?: number }).errno === 1040
    if (!isFull || attempts <= 1) throw error
    await delay(20)
    return admitted(connect, attempts - 1)
  }
}

/** Sessions of an account that do nothing but be there. As many as there is room for. */
async function hold(server: MysqlProcess, username: string, count: number): Promise<AsyncDisposable> {
  const connections: mysql.Connection[] = []
  for (let index = 0; index < count; index++) {
    const connection = await mysql
      .createConnection({
        host: '127.0.0.1',
        port: server.port,
        user: username,
        password: 'pw',
        ssl: { ca: root.certificate },
      })
      .catch(() => null)
    if (!connection) break
    connections.push(connection)
  }
  return {
    [Symbol.asyncDispose]: async () => {
      for (const connection of connections) await connection.end()
      await vi.waitFor(async () => expect(await sessions(server, username)).toEqual([]))
    },
  }
}
