import { sshTunnelBlock } from '../../../src/connectors/blocks/ssh-tunnel.ts'
import { openRoute, type Route } from '../../../src/connectors/network/route.ts'
import { environmentFor } from '../../servers/type-run.ts'

/** An SSH server, or what stands in for one. */
export interface TunnelServer {
  readonly port: number
  readonly username?: string
  readonly password?: string
}

/** A configuration that goes through the server to a PostgreSQL that lets `reader` in with `pw`. */
export const throughSsh =
  (databasePort: number) =>
  (ssh: TunnelServer, config: Record<string, unknown> = {}) => ({
    host: '127.0.0.1',
    port: databasePort,
    auth: { password: { username: 'reader', password: 'pw' } },
    tls: { mode: 'DISABLE' },
    sshTunnel: {
      host: '127.0.0.1',
      port: ssh.port,
      username: ssh.username ?? 'tunnel',
      auth: { password: { password: ssh.password ?? 'pw' } },
    },
    ...config,
  })

/** The way through the server, of which no step has been gone yet. */
export async function routeThrough(ssh: TunnelServer): Promise<Route> {
  const tunnel = sshTunnelBlock.parse(throughSsh(1)(ssh).sshTunnel)
  return openRoute({ host: 'db', port: 1 }, tunnel, (await environmentFor()).network)
}
