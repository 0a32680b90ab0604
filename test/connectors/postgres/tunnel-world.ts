import { expect, vi } from 'vitest'
import { issueCertificate } from '../../servers/certificates.ts'
import { PostgresServer } from '../../servers/postgres.ts'
import type { SshKeyPair } from '../../servers/ssh-keys.ts'
import { fingerprintOf, makeHostKey, SshServer, type SshServerOptions } from '../../servers/ssh-server.ts'

export const hostKey = makeHostKey()
export const hostKeyFingerprint = fingerprintOf(hostKey)

/** An SSH server with the host key that `configThrough` expects. */
export const startServer = (options: SshServerOptions = {}): Promise<SshServer> =>
  SshServer.start({ hostKeys: [hostKey], ...options })

/** What of the tunnel's form is filled in to sign in with a key. */
export const withKey = ({ privateKey, passphrase }: SshKeyPair) => ({
  auth: { privateKey: { privateKey, passphrase } },
})

export const untilGone = (ssh: SshServer) => vi.waitFor(() => expect(ssh.openConnections).toBe(0))

export interface TunnelWorld extends AsyncDisposable {
  readonly postgres: PostgresServer
  /** A configuration that goes through the server to `postgres`, verifies both, and signs in as `reader`. */
  configThrough(ssh: SshServer, change?: Change): Record<string, unknown>
}

interface Change {
  readonly tunnel?: Record<string, unknown>
  readonly config?: Record<string, unknown>
}

/** A PostgreSQL that encrypts, for tests that go to it through an SSH server. */
export async function startTunnelWorld(): Promise<TunnelWorld> {
  const root = issueCertificate({ commonName: 'Tunnel Root', authority: true })
  const certificate = issueCertificate({
    commonName: 'db',
    issuer: root,
    names: ['db.internal', '127.0.0.1'],
    usage: 'server',
  })
  const postgres = await PostgresServer.start({
    settings: { ssl: 'on', ssl_cert_file: 'server.crt', ssl_key_file: 'server.key' },
    files: { 'server.crt': certificate.certificate, 'server.key': certificate.key },
  })
  await postgres.sql(`
    create table readings (id int, value text); insert into readings values (1, 'lamp'), (2, 'chair');
    create role reader login password 'pw'; grant select on readings to reader`)
  return {
    postgres,
    configThrough: (ssh, { tunnel = {}, config = {} } = {}) => ({
      host: '127.0.0.1',
      port: postgres.port,
      auth: { password: { username: 'reader', password: 'pw' } },
      tls: { caCertificates: root.certificate },
      sshTunnel: {
        host: '127.0.0.1',
        port: ssh.port,
        username: ssh.username,
        auth: { password: { password: ssh.password } },
        hostKeyFingerprint,
        ...tunnel,
      },
      ...config,
    }),
    [Symbol.asyncDispose]: () => postgres[Symbol.asyncDispose](),
  }
}
