import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkSshTunnel, sshTunnelBlock } from '../../../src/connectors/blocks/ssh-tunnel.ts'
import { defineForm, KeptSecret } from '../../../src/connectors/form.ts'
import { validateForm } from '../../../src/connectors/form-validation.ts'
import { openPem, passphraseIssue, repairSshKey } from '../../../src/connectors/network/ssh-key.ts'
import { issueCertificate } from '../../servers/certificates.ts'
import { opensshKey, pemKey } from '../../servers/ssh-keys.ts'

const form = defineForm({
  fields: { sshTunnel: sshTunnelBlock.optional() },
  check: (value, report) => checkSshTunnel(value.sshTunnel, report),
})
const validate = (privateKey: unknown, passphrase?: unknown) =>
  validateForm(form, {
    sshTunnel: { host: 'bastion', username: 'ann', auth: { privateKey: { privateKey, passphrase } } },
  })
function issues(privateKey: unknown, passphrase?: unknown): Record<string, string> {
  const validation = validate(privateKey, passphrase)
  if (validation.ok) return {}
  return Object.fromEntries(
    validation.issues.map(({ path, message }) => [path.replace('sshTunnel.auth.privateKey.', ''), message]),
  )
}
/** The key as it is stored. */
function mended(privateKey: string): string {
  const validation = validate(privateKey)
  if (!validation.ok) throw new Error(JSON.stringify(validation.issues))
  // The form's own output.
  const { sshTunnel } = validation.value as { sshTunnel: { auth: { privateKey: { privateKey: string } } } }
  return sshTunnel.auth.privateKey.privateKey
}

const passphrase = 'correct horse'
const plainKeys = {
  'RSA, PKCS #1': pemKey('rsa', 'pkcs1'),
  'RSA, PKCS #8': pemKey('rsa', 'pkcs8'),
  'P-256, SEC 1': pemKey(256, 'sec1'),
  'P-384, SEC 1': pemKey(384, 'sec1'),
  'P-521, PKCS #8': pemKey(521, 'pkcs8'),
  'Ed25519, PKCS #8': pemKey('ed25519', 'pkcs8'),
  'Ed25519, OpenSSH': opensshKey('ed25519'),
  'P-256, OpenSSH': opensshKey(256),
  'P-521, OpenSSH': opensshKey(521),
  'RSA, OpenSSH': opensshKey('rsa'),
}
const encryptedPem = {
  'RSA, PKCS #1': pemKey('rsa', 'pkcs1', passphrase),
  'P-256, SEC 1': pemKey(256, 'sec1', passphrase),
  'Ed25519, PKCS #8': pemKey('ed25519', 'pkcs8', passphrase),
  'RSA, PKCS #8': pemKey('rsa', 'pkcs8', passphrase),
}
const encryptedOpenSsh = opensshKey('ed25519', { passphrase })

/** What a copy may look like that went through a mail, a form field or an environment variable. */
const copies: { readonly [how: string]: (text: string) => string } = {
  'with escaped newlines': text => text.replaceAll('\n', '\\n'),
  'on one line': text => text.replaceAll('\n', ' '),
  'with Windows newlines': text => text.replaceAll('\n', '\r\n'),
  'with spaces around every line': text => text.replaceAll('\n', '  \n  '),
  'in quotes': text => `"${text.trim()}"`,
}

describe('the private key of a tunnel', () => {
  it.each(Object.entries(plainKeys))('is taken: %s', (_, key) => {
    expect(issues(key.privateKey)).toEqual({})
  })

  it.each(Object.entries(encryptedPem))('is opened with its passphrase: %s', (_, key) => {
    expect(issues(key.privateKey, passphrase)).toEqual({})
    expect(issues(key.privateKey, 'another')).toEqual({ passphrase: 'The passphrase does not open this key.' })
    expect(issues(key.privateKey)).toEqual({ passphrase: expect.stringContaining('give its passphrase too') })
  })

  it('is not opened by a passphrase with which something comes out that is no key', () => {
    const { privateKey } = encryptedPem['Ed25519, PKCS #8']
    const tries = Array.from({ length: 2_000 }, (_, index) => passphraseIssue(privateKey, `another ${index}`)?.message)
    expect(new Set(tries)).toEqual(new Set(['The passphrase does not open this key.']))
  })

  it('of OpenSSH, encrypted, is not tried with its passphrase: that takes long on purpose', () => {
    expect(issues(encryptedOpenSsh.privateKey)).toEqual({ passphrase: expect.stringContaining('passphrase too') })
    expect(issues(encryptedOpenSsh.privateKey, 'another')).toEqual({})
  })

  it('wants no passphrase where there is nothing to open', () => {
    for (const key of [plainKeys['RSA, PKCS #1'], plainKeys['Ed25519, OpenSSH']]) {
      expect(issues(key.privateKey, passphrase)).toEqual({ passphrase: expect.stringContaining('not encrypted') })
      expect(issues(key.privateKey, KeptSecret.instance)).toEqual({ passphrase: expect.stringContaining('leave') })
    }
  })

  it('that is stored cannot be looked at', () => {
    expect(issues(KeptSecret.instance)).toEqual({})
    expect(issues(KeptSecret.instance, 'new passphrase')).toEqual({})
    expect(issues(encryptedPem['RSA, PKCS #8'].privateKey, KeptSecret.instance)).toEqual({})
  })

  it.each(Object.entries(copies))('is mended when it was pasted %s', (_, spoil) => {
    for (const { privateKey } of [plainKeys['P-256, SEC 1'], plainKeys['Ed25519, OpenSSH']]) {
      expect(mended(spoil(privateKey)).replace(/\s/g, '')).toBe(privateKey.replace(/\s/g, ''))
    }
    const encrypted = encryptedPem['RSA, PKCS #1']
    expect(issues(spoil(encrypted.privateKey), passphrase)).toEqual({})
  })

  it('loses what openssl writes beside it', () => {
    const parameters = '-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n'
    const { privateKey } = plainKeys['P-256, SEC 1']
    expect(mended(parameters + privateKey)).toBe(privateKey)
  })

  it('is mended once and for all, whatever it is', () => {
    const piece = fc.constantFrom(
      '-----BEGIN ',
      '-----END ',
      'OPENSSH PRIVATE KEY-----',
      'EC PARAMETERS-----',
      '\n',
      '\\n',
      ' ',
      'QUJD',
      '"',
    )
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string({ maxLength: 5 })), { maxLength: 30 }), pieces => {
        const once = repairSshKey(pieces.join(''))
        expect(repairSshKey(once)).toBe(once)
      }),
    )
  })

  const dsa = generateKeyPairSync('dsa', { modulusLength: 1024, divisorLength: 160 }).privateKey
  const armour = (body: Buffer) =>
    `-----BEGIN OPENSSH PRIVATE KEY-----\n${(body.toString('base64').match(/.{1,70}/g) ?? []).join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`
  const bodyOf = (text: string) => Buffer.from(text.replace(/-----[^-]+-----/g, ''), 'base64')
  const changed = (text: string, from: string, to: string) => {
    const body = bodyOf(text)
    const at = body.indexOf(from)
    body.write(to, at, 'latin1')
    return armour(body)
  }

  it.each<[string, string, string]>([
    ['a file name', '/home/ann/.ssh/id_ed25519', 'not a file name'],
    ['its public half', plainKeys['Ed25519, OpenSSH'].publicKey, 'public key'],
    ['a public key as PEM', '-----BEGIN PUBLIC KEY-----\nMCow\n-----END PUBLIC KEY-----', 'public key'],
    ['an SSH certificate', 'ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5 ann', 'certificate'],
    ['an X.509 certificate', issueCertificate({ commonName: 'x' }).certificate, 'certificate'],
    ['a key of PuTTY', 'PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\n', 'PuTTYgen'],
    ['a DSA key, PKCS #8', dsa.export({ type: 'pkcs8', format: 'pem' }).toString(), 'DSA'],
    ['a DSA key of old', '-----BEGIN DSA PRIVATE KEY-----\nMIIB\n-----END DSA PRIVATE KEY-----', 'DSA'],
    ['a small RSA key', opensshKey('rsa', { bits: 1024 }).privateKey, '1024 bits'],
    [
      'a small RSA key as PEM',
      generateKeyPairSync('rsa', { modulusLength: 1024 })
        .privateKey.export({ type: 'pkcs1', format: 'pem' })
        .toString(),
      '1024 bits',
    ],
    [
      'a curve that SSH does not know',
      generateKeyPairSync('ec', { namedCurve: 'secp256k1' })
        .privateKey.export({ type: 'pkcs8', format: 'pem' })
        .toString(),
      'not supported',
    ],
    [
      'a key that cannot sign',
      generateKeyPairSync('x25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      'not supported',
    ],
    ['two keys', plainKeys['P-256, SEC 1'].privateKey + plainKeys['P-384, SEC 1'].privateKey, 'one private key'],
    ['a damaged key', plainKeys['RSA, PKCS #8'].privateKey.replace(/MII./, 'AAAA'), 'cannot be read'],
    ['a damaged OpenSSH key', plainKeys['Ed25519, OpenSSH'].privateKey.replace('b3Blbn', 'AAAAAA'), 'cannot be read'],
    [
      'half an OpenSSH key',
      armour(bodyOf(plainKeys['Ed25519, OpenSSH'].privateKey).subarray(0, 120)),
      'cannot be read',
    ],
    ['an encryption of long ago', changed(encryptedOpenSsh.privateKey, 'aes256-ctr', '3des-cbc-x'), 'ssh-keygen -p'],
  ])('is refused: %s', (_, text, words) => {
    expect(issues(text)).toEqual({ privateKey: expect.stringContaining(words) })
  })

  it('may not cost whoever reads it more than it is worth', () => {
    expect(issues(opensshKey('ed25519', { passphrase, rounds: 101 }).privateKey, passphrase)).toEqual({
      privateKey: expect.stringContaining('101 rounds'),
    })
    const costly = withIterations(encryptedPem['RSA, PKCS #8'].privateKey, 2_000_000_000)
    expect(issues(costly, passphrase)).toEqual({ privateKey: expect.stringContaining('2000000000 rounds') })
    const startedAt = performance.now()
    const slow = withIterations(encryptedPem['RSA, PKCS #8'].privateKey, 1_000_000)
    // The connector host finds out.
    expect(issues(slow, 'another')).toEqual({})
    const untried = performance.now() - startedAt
    const before = performance.now()
    expect(() => createPrivateKey({ key: slow, passphrase: 'another' })).toThrow('bad decrypt')
    expect(untried).toBeLessThan((performance.now() - before) / 2)
  })

  it('is not computed with when it is of a kind that cannot be used', () => {
    const large = (tag: number, bytes: number) => der(tag, Buffer.alloc(bytes, 0x7f))
    const domain = der(0x30, large(0x02, 1_000), large(0x02, 32), der(0x02, Buffer.of(2)))
    const algorithm = der(0x30, der(0x06, Buffer.from('2a8648ce380401', 'hex')), domain)
    const text = pem('PRIVATE KEY', der(0x30, der(0x02, Buffer.of(0)), algorithm, der(0x04, large(0x02, 999))))
    const [untried, tried] = [issues, openPem].map(read => {
      const startedAt = performance.now()
      read(text, undefined)
      return performance.now() - startedAt
    })
    expect(issues(text)).toEqual({ privateKey: expect.stringContaining('DSA') })
    expect(untried).toBeLessThan((tried ?? 0) / 2)
  })

  it('says itself how it is encrypted, not by what looks like it', () => {
    // The salt, which can be anything, says the same as PBKDF2 with 16 rounds.
    const salt = der(0x06, Buffer.from('2a864886f70d01050c', 'hex'))
    const settings = der(
      0x30,
      der(0x04, salt, der(0x30, der(0x04), der(0x02, Buffer.from([16])))),
      der(0x02, Buffer.from([0x40, 0])),
    )
    const scrypt = der(0x30, der(0x06, Buffer.from('2b06010401da47040b', 'hex')), settings)
    const scheme = der(0x30, der(0x06, Buffer.from('2a864886f70d01050d', 'hex')), der(0x30, scrypt))
    const text = pem('ENCRYPTED PRIVATE KEY', der(0x30, scheme, der(0x04, Buffer.alloc(64))))
    expect(issues(text, passphrase)).toEqual({ privateKey: expect.stringContaining('not supported') })
  })

  it('is refused before it is looked at when it is longer than any key', () => {
    expect(Object.keys(issues('A'.repeat(16_385)))).toEqual(['privateKey'])
  })
})

/** A value of DER (ITU-T X.690). */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const body = Buffer.concat(parts)
  const head = body.length < 128 ? [tag, body.length] : [tag, 0x82, body.length >> 8, body.length & 255]
  return Buffer.concat([Buffer.from(head), body])
}

const pem = (name: string, body: Buffer): string =>
  `-----BEGIN ${name}-----\n${(body.toString('base64').match(/.{1,64}/g) ?? []).join('\n')}\n-----END ${name}-----\n`

/** The same PKCS #8 with another count of PBKDF2 in place of the two bytes that Node writes. */
function withIterations(pem: string, iterations: number): string {
  const body = Buffer.from(pem.replace(/-----[^-]+-----/g, ''), 'base64')
  const at = body.indexOf(Buffer.from([0x02, 0x02, 0x08, 0x00]))
  const hex = iterations.toString(16)
  const count = Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex')
  const integer = Buffer.concat([Buffer.from([0x02, count.length]), count])
  const wider = Buffer.concat([body.subarray(0, at), integer, body.subarray(at + 4)])
  wider.writeUInt16BE(wider.length - 4, 2)
  // The lengths of the four sequences around it.
  for (const index of [5, 18, 20, 33]) wider.writeUInt8(wider.readUInt8(index) + count.length - 2, index)
  const text = wider.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN ENCRYPTED PRIVATE KEY-----\n${text.join('\n')}\n-----END ENCRYPTED PRIVATE KEY-----\n`
}
