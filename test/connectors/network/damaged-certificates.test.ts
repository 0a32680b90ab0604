import { X509Certificate } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { type TlsConfig, tlsBlock } from '../../../src/connectors/blocks/tls.ts'
import { authoritiesIssue, clientCertificateIssue } from '../../../src/connectors/network/certificate-issues.ts'
import { secureReport } from '../../../src/connectors/network/secure-report.ts'
import type { EncryptedOutcome } from '../../../src/connectors/network/tls.ts'
import { issueCertificate } from '../../servers/certificates.ts'

const root = issueCertificate({ commonName: 'Root', authority: true })
const leaf = issueCertificate({
  commonName: 'db',
  issuer: root,
  names: ['db.test', '127.0.0.1'],
  usage: 'server',
  issuerUrl: 'http://authority.test/',
})

const bytesOf = (pem: string) => Buffer.from(pem.replace(/-----[^-]*-----/g, ''), 'base64')
const pemOf = (bytes: Buffer) => `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64')}\n-----END CERTIFICATE-----\n`

/** The certificate with each of its bytes changed in turn, in several ways. */
function* damaged(pem: string): Generator<Buffer> {
  const original = bytesOf(pem)
  for (let at = 0; at < original.length; at += 1) {
    for (const bits of [0x01, 0xff]) {
      const bytes = Buffer.from(original)
      bytes[at] = (bytes[at] ?? 0) ^ bits
      yield bytes
    }
  }
}

const parse = (bytes: Buffer): X509Certificate | null => {
  try {
    return new X509Certificate(bytes)
  } catch {
    return null
  }
}

function judge(chain: readonly X509Certificate[], tls: TlsConfig) {
  const outcome = { kind: 'ENCRYPTED', protocol: 'TLSv1.3', cipher: 'x', chain, chainError: 'SOMETHING' } as const
  // Only what was read from it is looked at, not the socket.
  return secureReport(outcome as unknown as EncryptedOutcome, {
    tls,
    name: 'db.test',
    extraAuthorities: tls.caCertificates === undefined ? [] : [tls.caCertificates],
  })
}

// Node itself crashes over some of these when asked for more than they can tell.
describe('certificates of which a byte is wrong', () => {
  it('are judged in the form, one way or the other', () => {
    let refused = 0
    for (const bytes of damaged(root.certificate)) {
      for (const issue of [authoritiesIssue(pemOf(bytes)), clientCertificateIssue(pemOf(bytes) + root.certificate)])
        if (issue !== null) refused += 1
    }
    expect(refused).toBeGreaterThan(400)
  })

  it('are refused when a server sends them, with all that can be said', () => {
    const trusting = tlsBlock.parse({ caCertificates: root.certificate })
    const whole = { root: new X509Certificate(root.certificate), leaf: new X509Certificate(leaf.certificate) }
    let judged = 0
    for (const [pem, chainOf] of [
      [leaf.certificate, (bad: X509Certificate) => [bad, whole.root]],
      [root.certificate, (bad: X509Certificate) => [whole.leaf, bad]],
    ] as const) {
      for (const bytes of damaged(pem)) {
        const certificate = parse(bytes)
        if (!certificate) continue
        judged += 1
        expect(judge(chainOf(certificate), trusting).status).toBe('FAILED')
      }
    }
    expect(judged).toBeGreaterThan(400)
  })
})
