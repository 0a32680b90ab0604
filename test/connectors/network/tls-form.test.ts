import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { KeptSecret } from '../../../src/connectors/form.ts'
import { validateForm } from '../../../src/connectors/form-validation.ts'
import { isCostlyKey } from '../../../src/connectors/network/private-key.ts'
import { form } from '../../../src/connectors/postgres/form.ts'
import { type Certificate, daysFromNow, issueCertificate } from '../../servers/certificates.ts'
import { dsaKey, pbkdf2Key, scryptKey } from './costly-keys.ts'

const root = issueCertificate({ commonName: 'Root', authority: true })
const intermediate = issueCertificate({ commonName: 'Intermediate', authority: true, issuer: root })
const client = issueCertificate({ commonName: 'ann', issuer: intermediate, usage: 'client' })
const stranger = issueCertificate({ commonName: 'Stranger', authority: true })

/** The issues of a form in which only the encryption is at fault, by path. */
function issues(tls: Record<string, unknown>): Record<string, string> {
  const minimal = { host: 'db.example.com', auth: { password: { username: 'ann', password: 'pw' } } }
  const parsed = validateForm(form, { ...minimal, tls })
  return Object.fromEntries(parsed.ok ? [] : parsed.issues.map(issue => [issue.path, issue.message]))
}

const containing = (words: string): unknown => expect.stringContaining(words)
const block = (name: string, base64: string) => `-----BEGIN ${name}-----\n${base64}\n-----END ${name}-----\n`
const base64Of = (pem: string) => pem.replace(/-----[^-]*-----|\s/g, '')
const exported = (key: Certificate, options: object) =>
  createPrivateKey(key.key)
    .export({ format: 'pem', ...options } as never)
    .toString()
const encrypted = exported(client, { type: 'pkcs8', cipher: 'aes-256-cbc', passphrase: 'open' })
const expired = issueCertificate({
  commonName: 'Old',
  authority: true,
  validFrom: daysFromNow(-9),
  validTo: daysFromNow(-1),
})
/** The beginning of a PKCS #12 file: version 3, then content that says that it is data. */
const pkcs12 = '3030020103302b06092a864886f70d010701a01e041c'

describe('certificate authorities in the form', () => {
  it('may be several, in any order, and a certificate that vouches for itself', () => {
    const alone = issueCertificate({ commonName: 'alone' })
    expect(issues({ caCertificates: root.certificate + intermediate.certificate })).toEqual({})
    expect(issues({ caCertificates: intermediate.certificate + root.certificate })).toEqual({})
    expect(issues({ caCertificates: alone.certificate + stranger.certificate })).toEqual({})
  })

  it.each([
    ['a file name', '/etc/ssl/certs/ca.pem', 'not a file name'],
    ['a file name of Windows', 'C:\\certs\\ca.crt', 'not a file name'],
    ['a file name that looks escaped', 'C:\\network\\root\\ta.pem', 'not a file name'],
    ['a file name alone', 'ca-bundle.crt', 'not a file name'],
    ['a variable', '$CA_FILE', 'not a file name'],
    ['words', 'the usual one', 'beginning with "-----BEGIN CERTIFICATE-----"'],
    ['a private key', root.key, 'holds a private key'],
    ['a certificate with its private key', root.certificate + root.key, 'holds a private key'],
    ['a public key', block('PUBLIC KEY', 'AAAA'), 'public key'],
    ['a public key of SSH', 'ssh-ed25519 AAAAC3NzaC1lZDI1 ann', 'public key of SSH'],
    ['a request', block('CERTIFICATE REQUEST', 'AAAA'), 'request for a certificate'],
    ['a PKCS #7 bundle', block('PKCS7', 'AAAA'), 'openssl pkcs7'],
    ['a list of revocations', block('X509 CRL', 'AAAA'), 'only certificates'],
    ['a certificate without its lines', base64Of(root.certificate), 'without its BEGIN and END lines'],
    ['a PKCS #12 file', Buffer.from(`${pkcs12}${'00'.repeat(28)}`, 'hex').toString('base64'), 'openssl pkcs12'],
    ['a binary file', Buffer.from(base64Of(root.certificate), 'base64').toString('latin1'), 'binary file'],
    ['the first half of one', root.certificate.slice(0, 200), 'cut off'],
    ['one of which the first line is missing', root.certificate.split('\n').slice(1).join('\n'), 'cut off'],
    ['one and a half', root.certificate + stranger.certificate.slice(0, 200), 'cut off'],
    ['one that is damaged', root.certificate.replace(/MII./, 'AAAA'), 'cannot be read'],
    ['two, one of them damaged', root.certificate + stranger.certificate.replace(/MII./, 'AAAA'), 'Certificate 2'],
    ['a certificate of a server', client.certificate, '"ann" is not a certificate authority'],
    ['one that has expired', root.certificate + expired.certificate, 'The certificate "Old" has expired.'],
    ['no text at all', '   ', 'Give the certificate as PEM text'],
    ['more than anybody has', `${root.certificate}\n`.repeat(200), 'at most 65536'],
    ['a thousand empty ones', block('CERTIFICATE', '').repeat(1_000), 'at most 100 certificates'],
  ])('are not %s', (_, caCertificates, words) => {
    expect(issues({ caCertificates })).toEqual({ 'tls.caCertificates': containing(words) })
  })

  it.each<[string, (pem: string) => string]>([
    ['escaped newlines', pem => pem.replaceAll('\n', '\\n')],
    ['newlines that were escaped twice', pem => JSON.stringify(pem.replaceAll('\n', '\\n'))],
    ['Windows newlines', pem => pem.replaceAll('\n', '\r\n')],
    ['everything on one line', pem => pem.replaceAll('\n', ' ')],
    ['an indented YAML block', pem => `  ca: |\n${pem.replace(/^/gm, '      ')}`],
    ['tabs and a byte order mark', pem => `\ufeff\t${pem.replaceAll('\n', '\n\t')}`],
    ['each word on a line of its own', pem => pem.replaceAll(' ', '\n')],
    ['quotes', pem => `'${pem}'`],
    ['what openssl prints before it', pem => `Certificate:\n    Data:\n        Version: 3 (0x2)\n${pem}`],
    ['the old name of its kind', pem => pem.replaceAll(' CERTIFICATE', ' X509 CERTIFICATE')],
  ])('are mended: %s', (_, damage) => {
    const parsed = form.schema.parse({
      host: 'db.example.com',
      auth: { password: { username: 'ann', password: 'pw' } },
      tls: { caCertificates: damage(root.certificate + intermediate.certificate) },
    })
    expect(parsed.tls.caCertificates).toBe(root.certificate + intermediate.certificate)
  })
})

describe('a client certificate in the form', () => {
  const chain = client.certificate + intermediate.certificate

  it.each([
    ['PKCS #8', client.key],
    ['the format of its kind', exported(client, { type: 'sec1' })],
    [
      'what openssl ecparam writes',
      `${block('EC PARAMETERS', 'BggqhkjOPQMBBw==')}${exported(client, { type: 'sec1' })}`,
    ],
  ])('may have its key in %s', (_, clientKey) => {
    expect(issues({ clientCertificate: chain, clientKey })).toEqual({})
  })

  it('may have an encrypted key, new or old, with its passphrase', () => {
    const old = exported(client, { type: 'sec1', cipher: 'aes-128-cbc', passphrase: 'open' })
    for (const clientKey of [encrypted, old, old.replaceAll('\n', '\\n'), encrypted.replaceAll('\n', ' ')])
      expect(issues({ clientCertificate: chain, clientKey, clientKeyPassphrase: 'open' })).toEqual({})
  })

  it.each([
    ['leads up to its issuers', intermediate.certificate + client.certificate, "the client's own certificate first"],
    ['leaves one of them out', client.certificate + root.certificate, 'directly before the one that issued it'],
    ['has expired', expired.certificate, 'The certificate "Old" has expired.'],
    [
      'is not valid yet',
      issueCertificate({ commonName: 'New', validFrom: daysFromNow(2) }).certificate,
      'is valid only from',
    ],
    ['is a key', client.key, 'holds a private key'],
  ])('is refused when it %s', (_, clientCertificate, words) => {
    const parsed = issues({ clientCertificate, clientKey: KeptSecret.instance })
    expect(parsed).toEqual({ 'tls.clientCertificate': containing(words) })
  })

  it('is refused when one of its issuers has expired', () => {
    const old = issueCertificate({
      commonName: 'Old',
      authority: true,
      issuer: root,
      validFrom: daysFromNow(-9),
      validTo: daysFromNow(-1),
    })
    const leaf = issueCertificate({ commonName: 'ann', issuer: old })
    expect(issues({ clientCertificate: leaf.certificate + old.certificate, clientKey: leaf.key })).toEqual({
      'tls.clientCertificate': 'The certificate "Old" has expired.',
    })
  })

  it('comes first when the key is its own', () => {
    const other = issueCertificate({ commonName: 'other', issuer: client })
    expect(issues({ clientCertificate: other.certificate + client.certificate, clientKey: client.key })).toEqual({
      'tls.clientCertificate': 'Put certificate 2, which the client key belongs to, first.',
    })
  })
})

describe('a client key in the form', () => {
  const issuesOf = (clientKey: unknown, clientKeyPassphrase?: unknown) =>
    issues({ clientCertificate: client.certificate, clientKey, clientKeyPassphrase })
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs1', format: 'pem' })

  it.each([
    ['of somebody else', stranger.key, 'does not belong to the client certificate'],
    ['of another kind', rsa.toString(), 'does not belong to the client certificate'],
    ['a certificate', client.certificate, 'This is a certificate; its private key belongs here.'],
    ['a key with its certificate', client.key + client.certificate, 'Give one private key and nothing else'],
    ['two keys', client.key + stranger.key, 'Give one private key and nothing else'],
    ['a file name', '~/.ssl/client.key', 'not a file name'],
    ['words', 'secret', 'beginning with "-----BEGIN PRIVATE KEY-----"'],
    ["a key of PuTTY's", 'PuTTY-User-Key-File-3: ssh-ed25519\n', 'PuTTYgen'],
    ["a key in OpenSSH's format", block('OPENSSH PRIVATE KEY', 'AAAA'), 'ssh-keygen -p -m PEM'],
    ['a public key', block('PUBLIC KEY', 'AAAA'), 'no private key'],
    ['a key without its lines', base64Of(client.key), 'private key without its BEGIN and END lines'],
    ['half of one', client.key.slice(0, 100), 'cut off'],
    ['damaged', block('PRIVATE KEY', 'AAAA'), 'cannot be read'],
    ['damaged and encrypted', block('ENCRYPTED PRIVATE KEY', 'AAAA'), 'cannot be read'],
    ['a DSA key', block('PRIVATE KEY', dsaKey(128)), 'not used for TLS'],
  ])('is not %s', (_, clientKey, words) => {
    expect(issuesOf(clientKey)).toEqual({ 'tls.clientKey': containing(words) })
  })

  it('needs its passphrase, and no other', () => {
    expect(issuesOf(encrypted)).toEqual({ 'tls.clientKeyPassphrase': containing('give its passphrase') })
    expect(issuesOf(encrypted, 'wrong')).toEqual({ 'tls.clientKeyPassphrase': containing('does not open') })
    expect(issuesOf(client.key, 'open')).toEqual({ 'tls.clientKeyPassphrase': containing('is not encrypted') })
    expect(issues({ clientKeyPassphrase: 'open' })).toEqual({
      'tls.clientKeyPassphrase': containing('unless "Client key" is given'),
    })
  })

  it('is not judged when it, or what opens it, is stored', () => {
    expect(issuesOf(KeptSecret.instance, KeptSecret.instance)).toEqual({})
    expect(issuesOf(encrypted, KeptSecret.instance)).toEqual({})
    // A stored passphrase does not keep a new key from being looked at.
    expect(issuesOf(stranger.key, KeptSecret.instance)).toEqual({ 'tls.clientKey': containing('does not belong') })
  })

  // Each of them, tried, would keep the process busy for minutes, with the event loop standing still.
  it.each([
    ['whose modulus is huge', block('PRIVATE KEY', dsaKey(2_600)), 'not used for TLS'],
    ['whose kind is not what its name says', block('RSA PRIVATE KEY', dsaKey(2_600)), 'cannot be read'],
    ['nor that of an EC key', block('EC PRIVATE KEY', dsaKey(2_600)), 'cannot be read'],
    ['that is longer than any', block('PRIVATE KEY', dsaKey(8_192)), 'longer than any'],
    ['stretched too often', block('ENCRYPTED PRIVATE KEY', pbkdf2Key(2_147_483_647)), 'too many rounds'],
    ['stretched by too much scrypt', block('ENCRYPTED PRIVATE KEY', scryptKey(16_384, 8, 30_000)), 'too many rounds'],
    ['that hides too much', block('ENCRYPTED PRIVATE KEY', pbkdf2Key(2_048, 5_000)), 'longer than any'],
  ])('is not even tried when it is one %s', (_, clientKey, words) => {
    expect(issuesOf(clientKey, 'open')).toEqual({ 'tls.clientKey': containing(words) })
  })

  it('is tried when what opens it is usual', () => {
    for (const key of [pbkdf2Key(600_000), scryptKey(16_384, 8, 1)])
      expect(issuesOf(block('ENCRYPTED PRIVATE KEY', key), 'open')).toEqual({
        'tls.clientKeyPassphrase': containing('does not open'),
      })
  })
})

describe('isCostlyKey', () => {
  const rsaKey = (bits: number) => generateKeyPairSync('rsa', { modulusLength: bits }).privateKey

  it('knows keys that nobody should try to read, for other kinds of forms', () => {
    for (const name of ['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY', 'DSA PRIVATE KEY', 'DH PRIVATE KEY'])
      expect(isCostlyKey(block(name, dsaKey(1_200)))).toBe(true)
    expect(isCostlyKey(block('ENCRYPTED PRIVATE KEY', pbkdf2Key(2_147_483_647)))).toBe(true)
    expect(isCostlyKey(block('ENCRYPTED PRIVATE KEY', pbkdf2Key(2_048, 5_000)))).toBe(true)
  })

  it('lets every key pass that is in use', () => {
    const { privateKey: dsa } = generateKeyPairSync('dsa', { modulusLength: 2048, divisorLength: 256 })
    const rsa = rsaKey(4096)
    const encryption = { cipher: 'aes-256-cbc', passphrase: 'open' }
    const keys = [
      client.key,
      encrypted,
      dsa.export({ type: 'pkcs8', format: 'pem' }),
      rsa.export({ type: 'pkcs8', format: 'pem' }),
      rsa.export({ type: 'pkcs1', format: 'pem' }),
      rsa.export({ type: 'pkcs8', format: 'pem', ...encryption }),
      rsa.export({ type: 'pkcs1', format: 'pem', ...encryption }),
      block('OPENSSH PRIVATE KEY', 'AAAA'),
    ]
    expect(keys.map(key => isCostlyKey(key.toString()))).toEqual(keys.map(() => false))
  })
})
