import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { sshTunnelBlock } from '../../../src/connectors/blocks/ssh-tunnel.ts'
import type { StepKey } from '../../../src/connectors/connection-test.ts'
import { openRoute, type Route } from '../../../src/connectors/network/route.ts'
import { proves } from '../../proofs/proves.ts'
import { BlackHole, httpServer, mysqlServer, ScriptedServer, silentServer } from '../../servers/hostile-servers.ts'
import { freePort, PostgresServer } from '../../servers/postgres.ts'
import { environmentFor, queryPostgres, type RunOptions, testPostgres } from '../../servers/postgres-run.ts'
import { slowRelay } from '../../servers/slow-relay.ts'
import { type ServerProtocol, SshServer, type SshServerOptions } from '../../servers/ssh-server.ts'
import { expectTunnelFailure, expectTunnelPass } from './ssh-expectations.ts'

let postgres: PostgresServer
beforeAll(async () => {
  postgres = await PostgresServer.start()
  await postgres.sql(`create table readings (id int); insert into readings values (1);
    create role reader login password 'pw'; grant select on readings to reader`)
})
afterAll(async () => {
  await postgres?.[Symbol.asyncDispose]()
})

const endpoint = ['sshTunnel.host', 'sshTunnel.port']

interface Server {
  readonly port: number
  readonly username?: string
  readonly password?: string
}
const configThrough = (ssh: Server, config: Record<string, unknown> = {}) => ({
  host: '127.0.0.1',
  port: postgres.port,
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
const soon = (key: StepKey): RunOptions => ({ budgetsMs: { [key]: 400 } })

describe('what is no SSH server', () => {
  it.each<[string, () => Promise<ScriptedServer>, string, string]>([
    ['a web server', httpServer, 'WRONG_PROTOCOL', 'an HTTP server'],
    ['a MySQL server', mysqlServer, 'WRONG_PROTOCOL', 'a MySQL or MariaDB server'],
    [
      'an SSH server of the last century',
      () => ScriptedServer.start(socket => socket.write('SSH-1.5-OpenSSH_2.0\n')),
      'WRONG_PROTOCOL',
      'version 1.5',
    ],
    [
      'somebody who tells a long story first',
      () => ScriptedServer.start(socket => socket.write('once upon a time\r\n'.repeat(1_000))),
      'WRONG_PROTOCOL',
      'something else',
    ],
    [
      'somebody who says something else',
      () => ScriptedServer.start(socket => socket.end('hello\r\n')),
      'WRONG_PROTOCOL',
      'something else',
    ],
    ['somebody who hangs up', () => ScriptedServer.start(socket => socket.end()), 'TUNNEL_CLOSED', 'said nothing'],
    [
      'sshd that has enough connections',
      () => ScriptedServer.start(socket => socket.end('Exceeded MaxStartups\r\n')),
      'TUNNEL_CLOSED',
      'MaxStartups',
    ],
    [
      'somebody who hangs up after the version',
      () => ScriptedServer.start(socket => socket.end('SSH-2.0-x\r\n')),
      'TUNNEL_CLOSED',
      'closed',
    ],
    [
      'somebody who talks without end',
      () => ScriptedServer.start(socket => flood(socket)),
      'TUNNEL_CLOSED',
      'more than it may',
    ],
    [
      'somebody who sends noise',
      () =>
        ScriptedServer.start(socket =>
          socket.write(Buffer.concat([Buffer.from('SSH-2.0-x\r\n'), Buffer.alloc(4_096, 0xff)])),
        ),
      'TUNNEL_HANDSHAKE_FAILED',
      '',
    ],
  ])('is named: %s', async (_, start, code, words) => {
    await using server = await start()
    const problem = expectTunnelFailure(await testPostgres(configThrough(server)), server.port, 'TUNNEL@', code)
    proves('POSTGRES', problem.code, 'DOUBLE')
    expect(`${problem.message} ${problem.detail}`).toContain(words)
    expect(problem.fields).toEqual(endpoint)
    // Nothing about the account in clear text.
    expect(server.received.toString('latin1')).not.toContain('tunnel')
    await vi.waitFor(() => expect(server.openConnections).toBe(0))
  })

  it.each<[string, (options?: object) => Promise<Server & AsyncDisposable>, string]>([
    ['before its version', silentServer, 'NO_GREETING'],
    ['after its version', () => ScriptedServer.start(socket => socket.write('SSH-2.0-silent\r\n')), 'TUNNEL_TIMED_OUT'],
    ['when somebody signs in', () => SshServer.start({ signIn: 'SAY_NOTHING' }), 'TUNNEL_TIMED_OUT'],
  ])('falls silent %s', async (_, start, code) => {
    await using server = await start()
    const problem = expectTunnelFailure(
      await testPostgres(configThrough(server), soon('TUNNEL')),
      server.port,
      'TUNNEL@',
      code,
    )
    proves('POSTGRES', problem.code, 'DOUBLE')
    expect(problem.fields).toEqual(endpoint)
    expect(problem.params['seconds']).toBe(0.4)
  })

  it('is not there, or may not be dialled: the fields are those of the tunnel', async () => {
    const port = await freePort()
    const refused = expectTunnelFailure(
      await testPostgres(configThrough({ port })),
      port,
      'CONNECT@',
      'CONNECTION_REFUSED',
    )
    expect(refused.fields).toEqual(endpoint)
    const denied = await testPostgres(configThrough({ port }), { egress: { allowLoopback: false } })
    expect(expectTunnelFailure(denied, port, 'EGRESS@', 'EGRESS_DENIED').fields).toEqual(endpoint)
    await using hole = await BlackHole.start()
    const dropped = await testPostgres(configThrough(hole), soon('CONNECT'))
    expect(expectTunnelFailure(dropped, hole.port, 'CONNECT@', 'CONNECTION_TIMED_OUT').fields).toEqual(endpoint)
  })
})

/** SSH_MSG_IGNORE, again and again, before any key is exchanged. */
function flood(socket: import('node:net').Socket): void {
  socket.write('SSH-2.0-flood\r\n')
  const payload = Buffer.alloc(1_024, 0x61)
  payload[0] = 2
  payload.writeUInt32BE(payload.length - 5, 1)
  const padding = 4 + ((8 - ((5 + payload.length + 4) % 8)) % 8)
  const head = Buffer.alloc(5)
  head.writeUInt32BE(1 + payload.length + padding)
  head[4] = padding
  const packets = Buffer.concat(Array.from({ length: 64 }, () => Buffer.concat([head, payload, Buffer.alloc(padding)])))
  const more = () => {
    while (!socket.destroyed && socket.write(packets));
  }
  socket.on('drain', more)
  more()
}

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
  const tunnel = sshTunnelBlock.parse(configThrough(ssh).sshTunnel)
  const route = openRoute({ host: 'db', port: 1 }, tunnel, (await environmentFor()).network)
  for (const key of route.keys) {
    const report = await route.steps[key]({ signal: new AbortController().signal, budgetMs: 5_000 })
    expect(report.problem?.code ?? 'TUNNEL_HOST_KEY_UNKNOWN').toBe('TUNNEL_HOST_KEY_UNKNOWN')
  }
  return route
}

describe('an SSH connection that breaks', () => {
  const breaking = async (options: SshServerOptions = {}) => SshServer.start(options)
  const locked = async (table: string) => {
    const { default: pg } = await import('pg')
    const { superuser } = await import('../../servers/postgres.ts')
    const { username: user, password } = superuser
    const holder = new pg.Client({
      host: '127.0.0.1',
      port: postgres.port,
      user,
      password,
      database: 'postgres',
      ssl: false,
    })
    await holder.connect()
    await holder.query(`begin; lock table ${table} in access exclusive mode`)
    const waiting = async () => {
      await holder.query('select pg_stat_clear_snapshot()')
      const { rows } = await holder.query(
        `select 1 from pg_stat_activity where usename = 'reader' and wait_event_type = 'Lock'`,
      )
      expect(rows.length).toBe(1)
    }
    return { waiting, [Symbol.asyncDispose]: () => holder.end() }
  }

  it('is to blame while the database is spoken to for the first time', async () => {
    await using ssh = await breaking()
    await using silent = await silentServer()
    const run = testPostgres(configThrough(ssh, { port: silent.port, tls: {} }))
    await vi.waitFor(() => expect(silent.received.length).toBeGreaterThan(0))
    ssh.cut()
    const problem = expectTunnelFailure(await run, ssh.port, 'GREET', 'TUNNEL_CLOSED')
    proves('POSTGRES', 'TUNNEL_CLOSED', 'PUBLIC_IMPLEMENTATION')
    expect(problem.fields).toEqual(endpoint)
  })

  it('is to blame in the middle of a step', async () => {
    await using ssh = await breaking()
    await using lock = await locked('readings')
    const run = testPostgres(configThrough(ssh))
    await vi.waitFor(() => lock.waiting(), { timeout: 5_000 })
    ssh.cut()
    expectTunnelFailure(await run, ssh.port, 'READ', 'TUNNEL_CLOSED')
  })

  it('is to blame in the middle of a preview', async () => {
    await using ssh = await breaking()
    await using lock = await locked('readings')
    const run = queryPostgres(configThrough(ssh), { table: { schema: 'public', name: 'readings' } })
    await vi.waitFor(() => lock.waiting(), { timeout: 5_000 })
    ssh.cut()
    expect(await run).toMatchObject({ kind: 'PROBLEM', problem: { code: 'TUNNEL_CLOSED', fields: endpoint } })
  })
})
