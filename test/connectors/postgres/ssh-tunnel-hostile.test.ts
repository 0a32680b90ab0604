import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { StepKey } from '../../../src/connectors/connection-test.ts'
import { proves } from '../../proofs/proves.ts'
import { BlackHole, httpServer, mysqlServer, ScriptedServer, silentServer } from '../../servers/hostile-servers.ts'
import { freePort, PostgresServer } from '../../servers/postgres.ts'
import { queryPostgres, testPostgres } from '../../servers/postgres-run.ts'
import { sshPacket } from '../../servers/ssh-packet.ts'
import { SshServer, type SshServerOptions } from '../../servers/ssh-server.ts'
import type { RunOptions } from '../../servers/type-run.ts'
import { expectTunnelFailure } from './ssh-expectations.ts'
import { type TunnelServer, throughSsh } from './through-ssh.ts'

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

  it.each<[string, (options?: object) => Promise<TunnelServer & AsyncDisposable>, string]>([
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
  const packets = Buffer.concat(Array.from({ length: 64 }, () => sshPacket(payload)))
  const more = () => {
    while (!socket.destroyed && socket.write(packets));
  }
  socket.on('drain', more)
  more()
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
