import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readCertificates, readPrivateKey, repairPem } from '../../../src/connectors/network/pem.ts'
import { issueCertificate } from '../../servers/certificates.ts'

const one = issueCertificate({ commonName: 'One', authority: true })
const two = issueCertificate({ commonName: 'Two', authority: true })
const chain = one.certificate + two.certificate

/** What clipboards, shells, JSON and spreadsheets do to PEM text. */
const damage = fc.constantFrom<((text: string) => string)[]>(
  text => text.replaceAll('\n', '\\n'),
  text => text.replaceAll('\n', '\\r\\n'),
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
