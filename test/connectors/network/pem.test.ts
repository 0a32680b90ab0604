import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { authoritiesIssue, clientCertificateIssue } from '../../../src/connectors/network/certificate-issues.ts'
import { readCertificates, repairPem } from '../../../src/connectors/network/pem.ts'
import { readPrivateKey } from '../../../src/connectors/network/private-key.ts'
import { issueCertificate } from '../../servers/certificates.ts'

const one = issueCertificate({ commonName: 'One', authority: true })
const two = issueCertificate({ commonName: 'Two', authority: true })
const chain = one.certificate + two.certificate

/** What clipboards, shells, JSON and spreadsheets do to PEM text. */
const damage = fc.constantFrom<((text: string) => string)[]>(
  text => text.replaceAll('\n', '\\n'),
  text => text.replaceAll('\n', '\\r\\n'),
  // A JSON text within a JSON text, and a slash escaped as PHP does.
  text => JSON.stringify(JSON.stringify(text)),
  text => text.replaceAll('/', '\\/'),
  text => text.replaceAll('\n', '\r'),
  text => text.replaceAll('\n', '\t\n\t'),
  text => text.replaceAll('\n', '",\n"'),
  text => text.replaceAll('\n', '\u200b\n\u00a0'),
  text => text.replaceAll('\n', '\r\n'),
  text => text.replaceAll('\n', ' '),
  text => text.replaceAll('\n', '\n    '),
  text => `"${text}"`,
  text => `\ufeff  ${text}  \n\n`,
  text => text.replaceAll('\n', '\n\n'),
  text => `subject=/CN=x\n${text}`,
)

describe('repairPem', () => {
  it('leaves good PEM text as it is', () => {
    expect(repairPem(chain)).toBe(chain)
    expect(repairPem(one.key)).toBe(one.key)
  })

  it('mends what copying does to it, whatever was done', () => {
    fc.assert(
      fc.property(fc.array(damage, { maxLength: 3 }), fc.constantFrom(chain, one.key), (steps, text) => {
        expect(repairPem(steps.reduce((damaged, step) => step(damaged), text))).toBe(text)
      }),
    )
  })

  it('takes no longer than the text is long', () => {
    // Quadratic time would outlast the suite: it is spent in the process that serves everybody.
    const endless = '-----BEGIN A-----'.repeat(120_000)
    expect(repairPem(endless)).toBe(endless)
    const backslashes = '\\'.repeat(1_000_000)
    expect(repairPem(backslashes)).toBe(backslashes)
  })

  it('changes nothing when it is done twice', () => {
    fc.assert(fc.property(fc.string(), text => repairPem(repairPem(text)) === repairPem(text)))
    const parts = fc.array(fc.constantFrom('-----BEGIN A-----', '-----END A-----', 'AAAA', ' ', '\n', '\\n', '"'), {
      maxLength: 12,
    })
    fc.assert(fc.property(parts, texts => repairPem(repairPem(texts.join(''))) === repairPem(texts.join(''))))
  })

  it('keeps the headers of old encrypted keys', () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const old = privateKey
      .export({ type: 'pkcs1', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'open' })
      .toString()
    expect(old).toContain('DEK-Info')
    expect(typeof readPrivateKey(repairPem(old.replaceAll('\n', ' ')), 'open')).toBe('object')
  })
})

describe('what is given in a form', () => {
  it('never throws, whatever it is', () => {
    const piece = fc.constantFrom(
      ...chain.split('\n'),
      ...one.key.split('\n'),
      '-----BEGIN RSA PRIVATE KEY-----',
      '-----END RSA PRIVATE KEY-----',
      'Proc-Type: 4,ENCRYPTED',
      'MIIB',
      '\\n',
    )
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.array(piece, { maxLength: 30 }).map(p => p.join('\n')),
    )
    fc.assert(
      fc.property(text, given => {
        const repaired = repairPem(given)
        expect(repairPem(repaired)).toBe(repaired)
        for (const read of [authoritiesIssue, clientCertificateIssue]) {
          const issue = read(repaired)
          expect(issue === null || issue.length > 0).toBe(true)
        }
        expect(['string', 'object']).toContain(typeof readPrivateKey(repaired, 'pass'))
      }),
      { numRuns: 500 },
    )
  })

  it('says what is wrong with a certificate or key of which one byte is', () => {
    const bytes = (pem: string) => Buffer.from(pem.replace(/-----[^-]*-----/g, ''), 'base64')
    const certificate = bytes(one.certificate)
    const key = bytes(one.key)
    const armour = (name: string, content: Buffer) =>
      repairPem(`-----BEGIN ${name}-----${content.toString('base64')}-----END ${name}-----`)
    const flip = (content: Buffer, at: number, by: number) => {
      const copy = Buffer.from(content)
      copy[at % copy.length] = (copy[at % copy.length] ?? 0) ^ by
      return copy
    }
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const damaged = armour('CERTIFICATE', flip(certificate, at, by))
        expect(['string', 'object']).toContain(typeof authoritiesIssue(damaged))
        expect(['string', 'object']).toContain(
          typeof readPrivateKey(armour('PRIVATE KEY', flip(key, at, by)), undefined),
        )
      }),
      { numRuns: 300 },
    )
  })
})

describe('readCertificates', () => {
  it('reads each certificate in order', () => {
    const certificates = readCertificates(chain)
    expect(Array.isArray(certificates) && certificates.map(certificate => certificate.subject)).toEqual([
      'CN=One',
      'CN=Two',
    ])
  })

  it('says which one cannot be read', () => {
    expect(readCertificates(one.certificate + two.certificate.replace(/MII./, 'AAAA'))).toBe(
      'Certificate 2 cannot be read.',
    )
  })
})
