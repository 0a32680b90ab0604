import { describe, expect, it } from 'vitest'
import { validateForm } from '../../../src/connectors/form-validation.ts'
import { form } from '../../../src/connectors/mysql/form.ts'
import { mysql } from '../../../src/connectors/mysql/index.ts'
import { queryForm } from '../../../src/connectors/mysql/query-form.ts'
import { issueCertificate } from '../../servers/certificates.ts'

const minimal = { host: 'db.example.com', auth: { password: { username: 'ann', password: ' p w ' } } }
const iam = { username: 'ann', region: 'eu-west-1', accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' }

function issues(change: Record<string, unknown>): Record<string, string> {
  const result = validateForm(form, { ...minimal, ...change })
  return result.ok ? {} : Object.fromEntries(result.issues.map(({ path, message }) => [path, message]))
}

describe('the form of a MySQL connector', () => {
  it('fills in everything but host and sign-in, and leaves the password alone', () => {
    expect(form.schema.parse(minimal)).toEqual({
      ...minimal,
      port: 3306,
      tls: { mode: 'VERIFY_FULL', caBundle: 'PUBLIC' },
      charset: 'utf8mb4',
      limits: { connectTimeoutSeconds: 10, statementTimeoutSeconds: 60 },
    })
  })

  it('takes a database or none', () => {
    expect(issues({ database: 'shop' })).toEqual({})
    expect(Object.keys(issues({ database: '' }))).toEqual(['database'])
    expect(Object.keys(issues({ database: 'a\0b' }))).toEqual(['database'])
    expect(Object.keys(issues({ database: 'x'.repeat(65) }))).toEqual(['database'])
  })

  it('takes character sets that read statements as they were judged, and no others', () => {
    expect(issues({ charset: 'utf8mb3' })).toEqual({})
    expect(issues({ charset: 'gbk' })).toEqual({ charset: 'Give one of utf8mb4, utf8mb3.' })
  })

  it('refuses hosts that are paths, and accounts with a NUL', () => {
    expect(Object.keys(issues({ host: '/run/mysqld/mysqld.sock' }))).toEqual(['host'])
    expect(issues({ auth: { password: { username: 'a\0', password: 'pw' } } })).toEqual({
      'auth.password.username': 'Remove the NUL character.',
    })
  })

  it('sends a token only to a fully verified server', () => {
    expect(issues({ auth: { awsIam: iam } })).toEqual({})
    for (const mode of ['VERIFY_CA', 'REQUIRE', 'DISABLE'])
      expect(Object.keys(issues({ auth: { awsIam: iam }, tls: { mode } }))).toEqual(['tls.mode'])
    expect(Object.keys(issues({ auth: { awsIam: { ...iam, region: 'x@evil.example/#' } } }))).toEqual([
      'auth.awsIam.region',
    ])
  })

  it('wants a client certificate and its key together', () => {
    const { certificate } = issueCertificate({ commonName: 'ann', usage: 'client' })
    expect(Object.keys(issues({ tls: { clientCertificate: certificate } }))).toEqual(['tls.clientKey'])
  })

  it('plans the same way in as every database, and goes on from it', () => {
    const keys = (input: unknown) => mysql.plan(form.schema.parse(input) as never).map(({ id }) => id)
    expect(keys(minimal)).toEqual([
      'RESOLVE',
      'EGRESS',
      'CONNECT',
      'GREET',
      'SECURE',
      'SIGN_IN',
      'OPEN',
      'READ',
      'LEAST_PRIVILEGE',
    ])
  })
})

describe('the form of a MySQL query', () => {
  it('takes a statement, or a table of a database or of the connector', () => {
    expect(queryForm.schema.parse({ table: { name: 'orders' } })).toEqual({ table: { name: 'orders', columns: [] } })
    expect(queryForm.schema.safeParse({ table: { schema: 'shop', name: 'orders' } }).success).toBe(true)
    expect(queryForm.schema.safeParse({ sql: { text: '' } }).success).toBe(false)
    expect(queryForm.schema.safeParse({ table: { name: 'x'.repeat(65) } }).success).toBe(false)
  })
})
