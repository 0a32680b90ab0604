import { z } from 'zod'
import type { PlannedStep } from '../connection-test.ts'
import { type Endpoint, plannedStep, type SignInAccount } from '../define.ts'
import { alternatives, block, field, isKeptSecret, type ReportIssue, secret } from '../form.ts'
import { canonicalHost, hostIssue } from '../network/host-name.ts'
import { canonicalFingerprint, fingerprintIssue } from '../network/ssh-fingerprint.ts'
import { isEncryptedSshKey, passphraseIssue, repairSshKey, sshKeyIssue } from '../network/ssh-key.ts'
import { judgedBy } from '../text-checks.ts'

const maxKeyLength = 16_384
const maxFingerprintLength = 500

const hasNoControls = (text: string) =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the purpose.
  !/[\u0000-\u001f\u007f]/.test(text)
const noControls = { error: 'Remove the control characters.' }

/** The SSH server that leads to a data source nobody else can reach. */
export const sshTunnelBlock = block(
  {
    host: field(z.string().check(judgedBy(hostIssue)), {
      label: 'SSH host',
      help: 'The name or IP address of the SSH server.',
      placeholder: 'bastion.example.com',
      destination: true,
    }),
    port: field(z.int().min(1).max(65_535).default(22), {
      label: 'SSH port',
      help: 'The TCP port that the SSH server listens on.',
      destination: true,
    }),
    username: field(z.string().min(1).max(256).refine(hasNoControls, noControls), {
      label: 'SSH user name',
      help: 'The account on the SSH server. It needs no shell, only the right to forward to the data source.',
    }),
    auth: alternatives(
      {
        privateKey: {
          label: 'Private key (recommended)',
          fields: {
            privateKey: secret(
              z
                .string()
                // Nothing longer is worth repairing.
                .max(maxKeyLength, { abort: true })
                .overwrite(repairSshKey)
                .check(judgedBy(sshKeyIssue)),
              {
                label: 'Private key',
                help: 'In the format of ssh-keygen or as PEM: Ed25519, ECDSA, or RSA of at least 2048 bits.',
                placeholder: '-----BEGIN OPENSSH PRIVATE KEY-----',
                multiline: true,
              },
            ),
            passphrase: secret(z.string().min(1).max(1024).optional(), {
              label: 'Passphrase of the private key',
              help: 'Only when the key is encrypted.',
            }),
          },
        },
        password: {
          label: 'Password',
          fields: {
            password: secret(z.string().min(1).max(1024).refine(hasNoControls, noControls), {
              label: 'SSH password',
              help: 'Of the account on the SSH server. Sent exactly as typed, spaces included.',
            }),
          },
        },
      },
      { label: 'SSH sign-in', help: 'How the SSH server knows who connects.', typeName: 'SshTunnelAuth' },
    ),
    hostKeyFingerprint: field(
      z
        .string()
        .max(maxFingerprintLength, { abort: true })
        .overwrite(canonicalFingerprint)
        .check(judgedBy(fingerprintIssue))
        .optional(),
      {
        label: 'Host key fingerprint',
        help: 'The SHA-256 fingerprint of the host key, by which the SSH server is known. Without it every test warns.',
        placeholder: 'SHA256:...',
        destination: true,
      },
    ),
  },
  {
    label: 'SSH tunnel',
    help: 'Connect through an SSH server, which looks up and reaches the data source from where it stands.',
    typeName: 'SshTunnel',
    section: 'tunnel',
  },
)

export type SshTunnelConfig = z.output<typeof sshTunnelBlock>

/** The key under which every type that has the block holds it: problems name their fields by it. */
export const sshTunnelKey = 'sshTunnel'

/** The rules over several fields of the block, for the form-wide check of every type that has it. */
export function checkSshTunnel(tunnel: SshTunnelConfig | undefined, report: ReportIssue): void {
  const given = tunnel?.auth.privateKey
  // The stored key cannot be looked at.
  if (!given || isKeptSecret(given.privateKey)) return
  const { privateKey, passphrase } = given
  const path = (name: string) => [sshTunnelKey, 'auth', 'privateKey', name]
  if (!isEncryptedSshKey(privateKey)) {
    if (passphrase !== undefined) report(path('passphrase'), 'This key is not encrypted; leave the passphrase out.')
  } else if (passphrase === undefined) {
    report(path('passphrase'), 'This key is encrypted; give its passphrase too.')
  } else if (!isKeptSecret(passphrase)) {
    const issue = passphraseIssue(privateKey, passphrase)
    if (issue) report(path(issue.field), issue.message)
  }
}

/** `host:port`, an IPv6 address in brackets. */
export function endpointName({ host, port }: Endpoint): string {
  const name = canonicalHost(host)
  return `${name.includes(':') ? `[${name}]` : name}:${port}`
}

/** The first steps of a plan that goes through a tunnel. */
export function tunnelPlan(tunnel: Endpoint, connectBudgetMs: number): PlannedStep[] {
  const target = endpointName(tunnel)
  return [
    plannedStep('RESOLVE', 'Find the address of the SSH server', { target }),
    plannedStep('EGRESS', 'Check that the SSH server may be reached', { target }),
    plannedStep('CONNECT', 'Connect to the SSH server', { target, budgetMs: connectBudgetMs }),
    plannedStep('TUNNEL', 'Open the tunnel', { target }),
  ]
}

/** The account on the SSH server that a run signs in to; none without a tunnel. */
export const tunnelAccounts = (tunnel: SshTunnelConfig | undefined): SignInAccount[] =>
  tunnel ? [{ step: 'TUNNEL', service: endpointName(tunnel), username: tunnel.username }] : []
