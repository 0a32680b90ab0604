import { z } from 'zod'
import { block, choice, field, type ReportIssue, secret } from '../form.ts'
import { authoritiesIssue, clientCertificateIssue } from '../network/certificate-issues.ts'
import { hostIssue } from '../network/host-name.ts'
import { readCertificates } from '../network/pem.ts'
import { judgedBy } from '../text-checks.ts'
import { openKey, pemText, privateKeyText } from './private-key-text.ts'

/** Who is trusted beside the public authorities. */
export const authoritiesField = field(pemText(authoritiesIssue).optional(), {
  label: 'Certificate authorities',
  help: 'PEM text of your own authorities, trusted for this connector in addition to the public ones.',
  placeholder: '-----BEGIN CERTIFICATE-----',
  destination: true,
  multiline: true,
})

/** Encryption and who is trusted, for every type that speaks TLS by itself. */
export const tlsBlock = block(
  {
    mode: choice(
      {
        VERIFY_FULL: {
          label: 'Encrypt and verify (recommended)',
          help: 'The server must show a trusted certificate for its host name.',
        },
        VERIFY_CA: {
          label: 'Encrypt, verify the authority only',
          help: 'The certificate must be trusted, but may be for another name.',
        },
        REQUIRE: {
          label: 'Encrypt without verifying',
          help: 'Anyone in between can pose as the server. Every test warns of it.',
        },
        DISABLE: {
          label: 'No encryption',
          help: 'Password and data can be read on the way. Every test warns of it.',
        },
      },
      {
        label: 'Encryption',
        help: 'Whether to encrypt, and how much of the server to verify.',
        destination: true,
        typeName: 'TlsMode',
      },
    ).default('VERIFY_FULL'),
    caCertificates: authoritiesField,
    caBundle: choice(
      {
        PUBLIC: { label: 'Public authorities', help: 'The authorities that browsers trust.' },
        AWS_RDS: {
          label: 'Public authorities and Amazon RDS',
          help: 'Also the authorities of Amazon RDS, Aurora and Redshift.',
        },
      },
      {
        label: 'Trusted authorities',
        help: 'Whose certificates are trusted without being given here.',
        destination: true,
        advanced: true,
        typeName: 'TlsCaBundle',
      },
    ).default('PUBLIC'),
    serverName: field(z.string().check(judgedBy(hostIssue)).optional(), {
      label: 'Server name',
      help: 'The name that the certificate must be for, when it is not the host.',
      destination: true,
      advanced: true,
    }),
    clientCertificate: field(pemText(clientCertificateIssue).optional(), {
      label: 'Client certificate',
      help: 'PEM text, followed by its issuers if there are intermediates.',
      placeholder: '-----BEGIN CERTIFICATE-----',
      multiline: true,
      advanced: true,
    }),
    clientKey: secret(privateKeyText.optional(), {
      label: 'Client key',
      help: 'PEM text of the private key of the client certificate.',
      placeholder: '-----BEGIN PRIVATE KEY-----',
      multiline: true,
      advanced: true,
      visibleWhen: { field: 'clientCertificate', isSet: true },
      requiredWhen: { field: 'clientCertificate', isSet: true },
    }),
    clientKeyPassphrase: secret(z.string().min(1).max(1024).optional(), {
      label: 'Passphrase of the client key',
      help: 'Only when the key is encrypted.',
      advanced: true,
      visibleWhen: { field: 'clientKey', isSet: true },
    }),
  },
  {
    label: 'Encryption (TLS)',
    help: 'Whether the connection is encrypted, and which servers are trusted.',
    typeName: 'Tls',
    section: 'encryption',
  },
)

export type TlsConfig = z.output<typeof tlsBlock>

/** The rules over several fields of the block, for the form-wide check of every type that has it. */
export function checkTls(tls: TlsConfig, path: string, report: ReportIssue): void {
  const { clientCertificate, clientKey, clientKeyPassphrase } = tls
  if (clientKey === undefined) return
  const key = openKey(clientKey, clientKeyPassphrase, 'client key')
  if (key === null) return
  if ('field' in key) {
    report([path, key.field === 'key' ? 'clientKey' : 'clientKeyPassphrase'], key.message)
    return
  }
  if (clientCertificate === undefined) return
  const certificates = readCertificates(clientCertificate)
  const owner = typeof certificates === 'string' ? -1 : certificates.findIndex(each => each.checkPrivateKey(key))
  if (owner === 0) return
  if (owner > 0) {
    report([path, 'clientCertificate'], `Put certificate ${owner + 1}, which the client key belongs to, first.`)
  } else report([path, 'clientKey'], 'This key does not belong to the client certificate.')
}
