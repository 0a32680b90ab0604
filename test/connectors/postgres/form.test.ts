import { createPrivateKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { KeptSecret } from '../../../src/connectors/form.ts'
import { validateForm } from '../../../src/connectors/form-validation.ts'
import { form } from '../../../src/connectors/postgres/form.ts'
import { daysFromNow, issueCertificate } from '../../servers/certificates.ts'

const root = issueCertificate({ commonName: 'Root', authority: true })
const client = issueCertificate({ commonName: 'ann', issuer: root, usage: 'client' })
const minimal = { host: 'db.example.com', auth: { password: { username: 'ann', password: ' p w ' } } }

function issues(change: Record<string, unknown>): Record<string, string> {
  const result = validateForm(form, { ...minimal, ...change })
  return result.ok ? {} : Object.fromEntries(result.issues.map(({ path, message }) => [path, message]))
}

describe('the form of a PostgreSQL connector', () => {
  it('fills in everything but host and sign-in, and leaves the password alone', () => {
    expect(form.schema.parse(minimal)).toEqual({
      ...minimal,
      port: 5432,
      database: 'postgres',
      tls: { mode: 'VERIFY_FULL', caBundle: 'PUBLIC' },
      schemas: [],
      limits: { connectTimeoutSeconds: 10, statementTimeoutSeconds: 60 },
    })
  })

  it('mends certificates that were pasted badly, and keeps good ones as they are', () => {
    const pasted = root.certificate.replaceAll('\n', '\\n')
    const { tls } = form.schema.parse({ ...minimal, tls: { caCertificates: `  ${pasted} ` } })
    expect(tls.caCertificates).toBe(root.certificate)
    expect(form.schema.parse({ ...minimal, tls }).tls).toEqual(tls)
  })

  it('refuses PEM text that is not what belongs there', () => {
    expect(issues({ tls: { caCertificates: '/etc/ssl/ca.pem' } })).toEqual({
      'tls.caCertificates': expect.stringContaining('not a file name'),
    })
    expect(issues({ tls: { caCertificates: root.key } })).toEqual({
      'tls.caCertificates': expect.stringContaining('private key'),
    })
    expect(issues({ tls: { caCertificates: root.certificate.replace(/MII./, 'AAAA') } })).toEqual({
      'tls.caCertificates': 'This certificate cannot be read.',
    })
    expect(issues({ tls: { caCertificates: client.certificate } })).toEqual({
      'tls.caCertificates': expect.stringContaining('not a certificate authority'),
    })
    const expired = issueCertificate({
      commonName: 'Old',
      authority: true,
      validFrom: daysFromNow(-9),
      validTo: daysFromNow(-2),
    })
    expect(issues({ tls: { caCertificates: expired.certificate } })).toEqual({
      'tls.caCertificates': 'The certificate "Old" has expired.',
    })
    const stranger = issueCertificate({ commonName: 'Stranger', authority: true })
    expect(
      issues({ tls: { clientCertificate: client.certificate + stranger.certificate, clientKey: client.key } }),
    ).toEqual({
      'tls.clientCertificate': 'Put each certificate directly before the one that issued it.',
    })
  })

  it('wants the client certificate and its own key together', () => {
    const tls = { clientCertificate: client.certificate, clientKey: client.key }
    expect(issues({ tls })).toEqual({})
    expect(issues({ tls: { ...tls, clientKey: root.key } })).toEqual({
      'tls.clientKey': 'This key does not belong to the client certificate.',
    })
    expect(issues({ tls: { ...tls, clientKey: undefined } })).toEqual({ 'tls.clientKey': expect.any(String) })
    expect(issues({ tls: { ...tls, clientCertificate: undefined } })).toEqual({
      'tls.clientKey': 'Leave it empty unless "Client certificate" is given.',
    })
    // The stored key cannot be looked at.
    expect(issues({ tls: { ...tls, clientKey: KeptSecret.instance } })).toEqual({})
  })

  it('opens an encrypted key with its passphrase', () => {
    const clientKey = createPrivateKey(client.key)
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open' })
      .toString()
    const tls = { clientCertificate: client.certificate, clientKey }
    expect(issues({ tls: { ...tls, clientKeyPassphrase: 'open' } })).toEqual({})
    expect(issues({ tls: { ...tls, clientKeyPassphrase: 'wrong' } })).toEqual({
      'tls.clientKeyPassphrase': 'The passphrase does not open this key.',
    })
    expect(issues({ tls })).toEqual({
      'tls.clientKeyPassphrase': 'This key is encrypted; give its passphrase too.',
    })
  })

  it('wants encryption for what needs it', () => {
    const clientCertificate = { clientCertificate: { username: 'ann' } }
    expect(Object.keys(issues({ auth: clientCertificate }))).toEqual(['tls.clientCertificate'])
    const tls = { clientCertificate: client.certificate, clientKey: client.key }
    expect(issues({ auth: clientCertificate, tls })).toEqual({})
    expect(Object.keys(issues({ auth: clientCertificate, tls: { ...tls, mode: 'DISABLE' } }))).toEqual(['tls.mode'])
    const awsIam = {
      awsIam: { username: 'ann', region: 'eu-west-1', accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'x' },
    }
    expect(issues({ auth: awsIam })).toEqual({})
    expect(Object.keys(issues({ auth: awsIam, tls: { mode: 'REQUIRE' } }))).toEqual(['tls.mode'])
    expect(Object.keys(issues({ auth: { awsIam: { ...awsIam.awsIam, region: 'x@evil.example/#' } } }))).toEqual([
      'auth.awsIam.region',
    ])
  })
})
