import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { StepKey } from '../../../src/connectors/connection-test.ts'
import type { Route } from '../../../src/connectors/network/route.ts'
import { sshString } from '../../../src/connectors/network/ssh-wire.ts'
import { ScriptedServer } from '../../servers/hostile-servers.ts'
import { PostgresServer } from '../../servers/postgres.ts'
import { testPostgres } from '../../servers/postgres-run.ts'
import { slowRelay } from '../../servers/slow-relay.ts'
import { sshPacket } from '../../servers/ssh-packet.ts'
import { fingerprintOf, makeHostKey, parseSshKey, type ServerProtocol, SshServer } from '../../servers/ssh-server.ts'
import type { RunOptions } from '../../servers/type-run.ts'
import { expectTunnelFailure, expectTunnelPass } from './ssh-expectations.ts'
import { routeThrough, throughSsh } from './through-ssh.ts'

let postgres: PostgresServer
beforeAll(async () => {
  postgres = await PostgresServer.start()
  await postgres.sql(`create table readings (id int); insert into readings values (1);
    create role reader login password 'pw'; grant select on readings to reader`)
})
afterAll(async () => {
  await postgres?.[Symbol.asyncDispose]()
})

const configThrough = (...given: Parameters<ReturnType<typeof throughSsh>>) => throughSsh(postgres.port)(...given)
const endpoint = ['sshTunnel.host', 'sshTunnel.port']

const soon = (key: StepKey): RunOptions => ({ budgetsMs: { [key]: 400 } })

describe('an SSH server that is slow or unkind', () => {
  it('may say its version byte by byte', async () => {
    await using ssh = await SshServer.start()
    await using relay = await slowRelay(ssh.port, 60)
    const reports = await testPostgres(
      configThrough({ ...ssh, username: ssh.username, password: ssh.password, port: relay.port }),
    )
    expectTunnelPass(reports, relay.port)
  })

  it('may not take packets of no size', async () => {
    const onClient = (_: unknown, protocol: ServerProtocol) => {
      const confirm = protocol.channelOpenConfirm.bind(protocol)
      protocol.channelOpenConfirm = (remote, local, window) => confirm(remote, local, window, 0)
    }
    await using ssh = await SshServer.start({ onClient })
    expectTunnelFailure(await testPostgres(configThrough(ssh)), ssh.port, 'CONNECT', 'TUNNEL_FORWARDING_REFUSED')
  })

  it('may want new keys, but not all the time', async () => {
    let exchanges = 0
    let wanted = 3
    let again = () => {}
    await using ssh = await SshServer.start({
      onClient: (client, protocol) => {
        again = () => {
          if (exchanges < wanted) protocol.rekey()
        }
        client.on('rekey', () => {
          exchanges += 1
          setImmediate(again)
        })
        client.removeAllListeners('tcpip')
        client.on('tcpip', accept => accept().on('data', () => {}))
      },
    })
    const route = await opened(ssh)
    again()
    await vi.waitFor(() => expect(exchanges).toBe(3))
    expect(route.broken).toBeNull()
    wanted = 1_000
    again()
    await vi.waitFor(() => expect(route.broken?.code).toBe('TUNNEL_CLOSED'), { timeout: 10_000 })
    expect(route.broken?.detail).toContain('new keys')
    expect(exchanges).toBeLessThan(100)
    await route.close()
  })

  it('may not begin the sign-in before the keys are exchanged', async () => {
    await using server = await ScriptedServer.start(socket => {
      const lists = [
        'curve25519-sha256',
        'ssh-ed25519',
        ...Array(2).fill('aes128-ctr'),
        ...Array(2).fill('hmac-sha2-256'),
      ]
      const names = [...lists, 'none', 'none', '', ''].map(sshString)
      const kexInit = Buffer.concat([Buffer.from([20]), Buffer.alloc(16), ...names, Buffer.alloc(5)])
      const accept = Buffer.concat([Buffer.from([6]), sshString('ssh-userauth')])
      const methods = Buffer.concat([Buffer.from([51]), sshString('password'), Buffer.from([0])])
      socket.write(Buffer.concat([Buffer.from('SSH-2.0-eager\r\n'), ...[kexInit, accept, methods].map(sshPacket)]))
    })
    const reports = await testPostgres(configThrough(server))
    expectTunnelFailure(reports, server.port, 'TUNNEL@', 'TUNNEL_HANDSHAKE_FAILED')
    expect(server.received.toString('latin1')).not.toContain('tunnel')
  })

  it('may not show a host key that it cannot sign with', async () => {
    const expected = makeHostKey()
    const onClient = (_: unknown, protocol: ServerProtocol) => pose(protocol, expected)
    await using ssh = await SshServer.start({ onClient })
    const config = configThrough(ssh)
    const sshTunnel = { ...config.sshTunnel, hostKeyFingerprint: fingerprintOf(expected) }
    const reports = await testPostgres({ ...config, sshTunnel })
    const problem = expectTunnelFailure(reports, ssh.port, 'TUNNEL@', 'TUNNEL_HANDSHAKE_FAILED')
    expect(problem.detail).toContain('signature')
    expect(ssh.usernames).toEqual([])
  })

  it('may not become another server by asking for new keys', async () => {
    let turn = () => {}
    await using ssh = await SshServer.start({
      onClient: (client, protocol) => {
        client.removeAllListeners('tcpip')
        client.on('tcpip', accept => accept().on('data', () => {}))
        turn = () => {
          protocol._hostKeys = { 'ssh-ed25519': parseSshKey(makeHostKey()) }
          protocol.rekey()
        }
      },
    })
    const route = await opened(ssh)
    turn()
    await vi.waitFor(() => expect(route.broken?.code).toBe('TUNNEL_CLOSED'))
    expect(route.broken?.detail).toContain('Host denied')
    expect(route.socket.destroyed).toBe(true)
    await route.close()
  })

  it('may ask for the password once only', async () => {
    const answers: string[][] = []
    await using ssh = await SshServer.start({
      onClient: client => {
        client.removeAllListeners('authentication')
        client.on('authentication', context => {
          if (context.method !== 'keyboard-interactive') return context.reject(['keyboard-interactive'])
          const ask = () =>
            context.prompt([{ prompt: 'Password: ', echo: false }], given => {
              answers.push(given)
              ask()
            })
          ask()
        })
      },
    })
    expectTunnelFailure(await testPostgres(configThrough(ssh)), ssh.port, 'TUNNEL@', 'TUNNEL_CREDENTIALS_REJECTED')
    expect(answers).toEqual([[ssh.password]])
  })

  it('may cut the connection before it is looked at', async () => {
    let accepted: import('node:net').Socket | undefined
    await using server = await ScriptedServer.start(socket => {
      accepted = socket
    })
    const route = await routeThrough(server)
    const context = { signal: new AbortController().signal, budgetMs: 5_000 }
    for (const key of ['RESOLVE', 'EGRESS', 'CONNECT'] as const) {
      expect((await route.steps[key](context)).status).toBe('PASSED')
    }
    await vi.waitFor(() => expect(accepted).toBeDefined())
    accepted?.resetAndDestroy()
    await vi.waitFor(() => expect(server.openConnections).toBe(0))
    // So that this side has heard of it too.
    await new Promise(setImmediate)
    expect((await route.steps.TUNNEL(context)).problem).toMatchObject({ code: 'TUNNEL_CLOSED', fields: endpoint })
    await route.close()
  })

  it('does not get further than a target that never answers', async () => {
    await using ssh = await SshServer.start({ forward: () => 'NEVER' })
    const problem = expectTunnelFailure(
      await testPostgres(configThrough(ssh), soon('CONNECT')),
      ssh.port,
      'CONNECT',
      'TUNNEL_TARGET_TIMED_OUT',
    )
    expect(problem.fields).toEqual(['host', 'port'])
    await vi.waitFor(() => expect(ssh.openConnections).toBe(0))
  })

  it('may not send more than was asked for while nobody reads', async () => {
    let send: ((data: Buffer) => void) | undefined
    await using ssh = await SshServer.start({
      onClient: (client, protocol) => {
        client.removeAllListeners('tcpip')
        client.on('tcpip', accept => {
          const channel = accept() as unknown as { outgoing: { id: number } }
          send = data => protocol.channelData(channel.outgoing.id, data)
        })
      },
    })
    const route = await opened(ssh)
    route.socket.pause()
    const chunk = Buffer.alloc(32_000)
    for (let sent = 0; sent < 64 * 2 ** 20 && !route.broken; sent += 20 * chunk.length) {
      for (let count = 0; count < 20; count += 1) send?.(chunk)
      await new Promise(setImmediate)
    }
    await vi.waitFor(() => expect(route.broken?.code).toBe('TUNNEL_CLOSED'))
    expect(route.broken?.detail).toContain('more than it may')
    expect(route.socket.destroyed).toBe(true)
    await route.close()
  })
})

/** A way through the server, without a database at its end. */
async function opened(ssh: SshServer): Promise<Route> {
  const route = await routeThrough(ssh)
  for (const key of route.keys) {
    const report = await route.steps[key]({ signal: new AbortController().signal, budgetMs: 5_000 })
    expect(report.problem?.code ?? 'TUNNEL_HOST_KEY_UNKNOWN').toBe('TUNNEL_HOST_KEY_UNKNOWN')
  }
  return route
}

/** Shows the public half of a key, but signs with the server's own. */
function pose(protocol: ServerProtocol, shown: string): void {
  const own = protocol._hostKeys['ssh-ed25519']
  const bytes = parseSshKey(shown).getPublicSSH()
  if (own) own.getPublicSSH = () => bytes
}
