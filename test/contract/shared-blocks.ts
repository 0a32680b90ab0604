import { createPrivateKey } from 'node:crypto'
import type { ConnectorType } from '../../src/connectors/define.ts'
import { splitSecrets } from '../../src/connectors/form-secrets.ts'
import { validateForm } from '../../src/connectors/form-validation.ts'
import { canarySecret } from '../canary/secrets.ts'
import { type Certificate, issueCertificate } from '../servers/certificates.ts'
import { opensshKey } from '../servers/ssh-keys.ts'
import type { Input } from './type-fixture.ts'

/** The authority that the inputs of all fixtures trust. */
export const root: Certificate = issueCertificate({ commonName: 'Contract Root', authority: true })

/** Of a server on this machine, for doubles that encrypt. */
export const serverCertificate: Certificate = issueCertificate({
  commonName: 'server',
  issuer: root,
  names: ['127.0.0.1', 'localhost'],
  usage: 'server',
})

const client = issueCertificate({ commonName: 'ann', issuer: root, usage: 'client' })
const keyPassphrase = canarySecret()

/** `tls` with an authority alone: what a server with `serverCertificate` needs. */
export const trustingTls = { caCertificates: root.certificate }

/** `tls` with every field given: encrypted client key, its passphrase, a name for the certificate of its own. */
export const fullTls = {
  mode: 'VERIFY_FULL',
  caCertificates: root.certificate,
  caBundle: 'AWS_RDS',
  serverName: '127.0.0.1',
  clientCertificate: client.certificate,
  clientKey: createPrivateKey(client.key)
    .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: keyPassphrase })
    .toString(),
  clientKeyPassphrase: keyPassphrase,
}

/** By hand: what is secret in `tls`, and what decides where secrets go. */
export const tlsSecrets = ['tls.clientKey', 'tls.clientKeyPassphrase']
export const tlsDestinations = ['tls.mode', 'tls.caCertificates', 'tls.caBundle', 'tls.serverName']

const sshKey = opensshKey('ed25519', { passphrase: canarySecret(), rounds: 1 })

/** `sshTunnel` with every field given, by each way to sign in. */
export const tunnels = {
  privateKey: {
    host: 'bastion.example.com',
    port: 2222,
    username: 'tunnel',
    auth: { privateKey: { privateKey: sshKey.privateKey, passphrase: sshKey.passphrase } },
    hostKeyFingerprint: 'SHA256:n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg',
  },
  password: {
    host: 'bastion.example.com',
    username: 'tunnel',
    auth: { password: { password: canarySecret() } },
  },
}

/** By hand: what is secret in `sshTunnel`, and what decides where secrets go. */
export const tunnelSecrets = [
  'sshTunnel.auth.privateKey.privateKey',
  'sshTunnel.auth.privateKey.passphrase',
  'sshTunnel.auth.password.password',
]
export const tunnelDestinations = ['sshTunnel.host', 'sshTunnel.port', 'sshTunnel.hostKeyFingerprint']

/** What a type's driver gets for an input. Throws for one that the form refuses. */
export function parseInput(type: ConnectorType, input: Input): unknown {
  const parsed = validateForm(type.form, input)
  if (!parsed.ok) throw new Error(`The form of ${type.name} refuses this: ${JSON.stringify(parsed.issues)}`)
  return parsed.value
}

/** The secrets in an input, by path. */
export const secretsIn = (type: ConnectorType, input: Input): Readonly<Record<string, string>> =>
  splitSecrets(type.form, parseInput(type, input)).secrets
