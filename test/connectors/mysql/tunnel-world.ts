import { expect, vi } from 'vitest'
import { fingerprintOf, makeHostKey, SshServer, type SshServerOptions } from '../../servers/ssh-server.ts'
import { config } from './hostile-run.ts'

const hostKey = makeHostKey()
export const hostKeyFingerprint = fingerprintOf(hostKey)

/** An SSH server with the host key that `configThrough` expects. */
export const startServer = (options: SshServerOptions = {}): Promise<SshServer> =>
  SshServer.start({ hostKeys: [hostKey], ...options })

export interface TunnelPeer {
  readonly port: number
  readonly username?: string
  readonly password?: string
}

export interface Change {
  readonly tunnel?: Readonly<Record<string, unknown>>
  readonly config?: Readonly<Record<string, unknown>>
}

/** A configuration that goes through the SSH server to the database at this port, and verifies both. */
export const configThrough = (
  ssh: TunnelPeer,
  databasePort: number,
  { tunnel = {}, config: change = {} }: Change = {},
) =>
  config(databasePort, 'TLS', {
    sshTunnel: {
      host: '127.0.0.1',
      port: ssh.port,
      username: ssh.username ?? 'tunnel',
      auth: { password: { password: ssh.password ?? 'pw' } },
      hostKeyFingerprint,
      ...tunnel,
    },
    ...change,
  })

export const untilGone = (peer: { readonly openConnections: number }) =>
  vi.waitFor(() => expect(peer.openConnections).toBe(0), { timeout: 5_000 })
