import { describe, expect, it } from 'vitest'
import { validateForm } from '../../../src/connectors/form-validation.ts'
import { form } from '../../../src/connectors/mongodb/form.ts'
import { mongodb } from '../../../src/connectors/mongodb/index.ts'
import { issueCertificate } from '../../servers/certificates.ts'
import { formSecretPaths } from './form-paths.ts'

const root = issueCertificate({ commonName: 'Root', authority: true })
const client = issueCertificate({ commonName: 'ann', issuer: root, usage: 'client' })
const minimal = { hosts: [{ host: 'db.example.com' }], auth: { scram: { username: 'ann', password: ' p w ' } } }

function issues(change: Record<string, unknown>): Record<string, string> {
  const result = validateForm(form, { ...minimal, ...change })
  return result.ok ? {} : Object.fromEntries(result.issues.map(({ path, message }) => [path, message]))
}
const parsed = (change: Record<string, unknown> = {}) => form.schema.parse({ ...minimal, ...change })

describe('the form of a MongoDB connector', () => {
  it('fills in everything but servers and sign-in, and leaves the password alone', () => {
    expect(parsed()).toEqual({
      hosts: [{ host: 'db.example.com', port: 27_017 }],
      readPreference: 'PRIMARY',
      auth: { scram: { username: 'ann', password: ' p w ' } },
      authSource: 'admin',
      tls: { mode: 'VERIFY_FULL', caBundle: 'PUBLIC' },
      limits: { connectTimeoutSeconds: 10, statementTimeoutSeconds: 60 },
    })
  })

  it('takes every way to sign in, and one of them only', () => {
    const tls = { clientCertificate: client.certificate, clientKey: client.key }
    expect(parsed({ auth: { x509: true }, tls }).auth).toEqual({ x509: true })
    expect(parsed({ auth: { none: true } }).auth).toEqual({ none: true })
    expect(issues({ auth: { none: true, x509: true } })).toHaveProperty('auth')
    expect(issues({ auth: { scram: { username: 'ann' } } })).toHaveProperty('auth.scram.password')
  })

  it('wants either hosts or an SRV name', () => {
    expect(issues({ hosts: [] })).toEqual({ hosts: 'Give at least one host, or an SRV name.' })
    expect(issues({ srvHost: 'cluster.example.com' })).toEqual({
      srvHost: 'Give either hosts or an SRV name, not both.',
    })
    expect(issues({ hosts: [], srvHost: 'cluster.example.com' })).toEqual({})
  })

  it.each([
    ['mongodb+srv://cluster.example.com', 'without "mongodb+srv://"'],
    ['127.0.0.1', 'an IP address has no SRV records'],
    ['::1', 'an IP address has no SRV records'],
    ['cluster', 'the whole name'],
    ['ann@cluster.example.com', 'user name has its own field'],
    ['cluster.example.com:27017', 'port has its own field'],
    ['%2Ftmp%2Fmongodb-27017.sock', ''],
  ])('refuses %s as an SRV name', (srvHost, words) => {
    expect(issues({ hosts: [], srvHost })['srvHost']).toContain(words)
  })

  it.each(['mongodb://db', '/tmp/mongodb-27017.sock', '%2Ftmp%2Fx.sock', 'db:27017', '[::1]', 'a,b', ''])(
    'refuses %s as a host, by its place in the list',
    host => {
      expect(Object.keys(issues({ hosts: [{ host: 'db.example.com' }, { host }] }))).toEqual(['hosts.1.host'])
    },
  )

  it('refuses the same server twice, however it is written, and more than 20', () => {
    expect(issues({ hosts: [{ host: 'db.example.com' }, { host: 'DB.example.com.', port: 27_017 }] })).toEqual({
      'hosts.1.host': 'db.example.com:27017 is in the list already.',
    })
    expect(issues({ hosts: Array.from({ length: 21 }, (_, index) => ({ host: `db${index}.example.com` })) })).toEqual({
      hosts: expect.any(String),
    })
  })

  it('wants a certificate and encryption for X.509', () => {
    expect(issues({ auth: { x509: true } })).toEqual({
      'tls.clientCertificate': expect.stringContaining('needs the client certificate and its key'),
    })
    const tls = { mode: 'DISABLE', clientCertificate: client.certificate, clientKey: client.key }
    expect(issues({ auth: { x509: true }, tls })).toEqual({ 'tls.mode': expect.stringContaining('encrypted') })
  })

  it('refuses what MongoDB takes for no name', () => {
    expect(issues({ authSource: 'a b' })).toHaveProperty('authSource')
    expect(issues({ authSource: '$external' })).toEqual({})
    expect(issues({ replicaSet: 'rs\0' })).toEqual({ replicaSet: 'Remove the NUL character.' })
    expect(issues({ auth: { scram: { username: 'ann\0', password: 'pw' } } })).toHaveProperty('auth.scram.username')
  })

  it('has no place for a connection string or an option of the driver', () => {
    for (const name of ['uri', 'url', 'authMechanism', 'authMechanismProperties', 'proxyHost', 'tlsCAFile']) {
      expect(form.schema.safeParse({ ...minimal, [name]: 'x' }).success, name).toBe(false)
    }
  })

  it('asks for the secrets again when the servers or the encryption change', () => {
    const { secrets, destinations } = formSecretPaths(form)
    expect(secrets).toEqual(['auth.scram.password', 'tls.clientKey', 'tls.clientKeyPassphrase'])
    expect(destinations).toEqual(expect.arrayContaining(['hosts', 'srvHost', 'tls.mode', 'tls.caCertificates']))
  })
})

describe('the plan of a MongoDB test', () => {
  const keys = (change: Record<string, unknown> = {}) => mongodb.plan(parsed(change) as never).map(({ key }) => key)

  it('signs in after everything that needs no credentials', () => {
    const [opening, signIn] = [['RESOLVE', 'EGRESS', 'CONNECT', 'SECURE', 'GREET', 'TOPOLOGY'], ['SIGN_IN']]
    expect(keys()).toEqual([...opening, ...signIn, 'OPEN', 'READ', 'LEAST_PRIVILEGE'])
    expect(keys({ auth: { none: true } })).toEqual([...opening, 'OPEN', 'READ', 'LEAST_PRIVILEGE'])
  })

  it('is about the account in its database, at every server by itself', () => {
    const accounts = (change: Record<string, unknown> = {}) => mongodb.accounts?.(parsed(change) as never)
    const hosts = [{ host: 'b.example.com' }, { host: 'A.example.com', port: 1 }]
    const at = (service: string) => ({ step: 'SIGN_IN', service, username: 'ann' })
    // One more server beside it must not make a server with a wrong password one that nobody has tried.
    expect(accounts({ hosts })).toEqual([at('b.example.com:27017/admin'), at('a.example.com:1/admin')])
    expect(accounts({ hosts: undefined, srvHost: 'Cluster.example.com' })).toEqual([at('cluster.example.com/admin')])
    const tls = { clientCertificate: client.certificate, clientKey: client.key }
    expect(accounts({ auth: { x509: true }, tls })).toEqual([
      { step: 'SIGN_IN', service: 'db.example.com:27017/$external', username: 'CN=ann' },
    ])
    expect(accounts({ auth: { none: true } })).toEqual([])
  })
})
