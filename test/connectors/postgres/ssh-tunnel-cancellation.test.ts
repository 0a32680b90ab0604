import { getEventListeners } from 'node:events'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { dial } from '../../../src/connectors/network/dial.ts'
import { acceptedHostKeys } from '../../../src/connectors/network/ssh-algorithms.ts'
import { SshConnection } from '../../../src/connectors/network/ssh-connection.ts'
import { SshTransport } from '../../../src/connectors/network/ssh-transport.ts'
import { issueCertificate } from '../../servers/certificates.ts'
import { ScriptedServer, silentServer } from '../../servers/hostile-servers.ts'
import { PostgresServer } from '../../servers/postgres.ts'
import { queryPostgres, testPostgres } from '../../servers/postgres-run.ts'
import { SshServer } from '../../servers/ssh-server.ts'

const root = issueCertificate({ commonName: 'Tunnel Root', authority: true })
const certificate = issueCertificate({ commonName: 'db', issuer: root, names: ['127.0.0.1'], usage: 'server' })

let postgres: PostgresServer
beforeAll(async () => {
  postgres = await PostgresServer.start({
    settings: { ssl: 'on', ssl_cert_file: 'server.crt', ssl_key_file: 'server.key' },
    files: { 'server.crt': certificate.certificate, 'server.key': certificate.key },
  })
  await postgres.sql(`create role reader login password 'pw'`)
})
afterAll(async () => {
  await postgres?.[Symbol.asyncDispose]()
})

interface Peer extends AsyncDisposable {
  readonly port: number
  readonly openConnections: number
}

const configThrough = (ssh: Peer, config: Record<string, unknown> = {}) => ({
  host: '127.0.0.1',
  port: postgres.port,
  auth: { password: { username: 'reader', password: 'pw' } },
  tls: { caCertificates: root.certificate },
  sshTunnel: {
    host: '127.0.0.1',
    port: ssh.port,
    username: 'tunnel',
    auth: { password: { password: ssh instanceof SshServer ? ssh.password : 'pw' } },
  },
  ...config,
})

const sockets = () =>
  process.getActiveResourcesInfo().filter(resource => /^(TCP|TLS)/.test(resource) && !/SERVER/.test(resource)).length

describe('cancelling a test that goes through an SSH server', () => {
  // Where else it may wait is in `test/contract/cancellation.test.ts`.
  it('ends in the key exchange at once and leaves nothing', async () => {
    await using ssh = await ScriptedServer.start(socket => socket.write('SSH-2.0-silent\r\n'))
    const before = sockets()
    const id = `TUNNEL:127.0.0.1:${ssh.port}`
    const started = Promise.withResolvers<void>()
    const cancel = new AbortController()
    const run = testPostgres(configThrough(ssh), {
      // Without the cancellation the suite's own time limit would be the first to end it.
      budgetsMs: { TUNNEL: 60_000 },
      signal: cancel.signal,
      onStep: message => {
        if (message.kind === 'STEP_STARTED' && message.stepId === id) started.resolve()
      },
    })
    await started.promise
    await vi.waitFor(() => expect(ssh.received.length).toBeGreaterThan(0))
    cancel.abort()
    const reports = (await run) as Record<string, { readonly status: string } | undefined>
    expect(reports[id]?.status).toBe('CANCELLED')
    await vi.waitFor(() => expect(ssh.openConnections).toBe(0), { timeout: 5_000 })
    await vi.waitFor(() => expect(sockets()).toBeLessThanOrEqual(before), { timeout: 5_000 })
    expect(getEventListeners(cancel.signal, 'abort')).toEqual([])
  })

  it('stops a running statement by a second connection through the same tunnel', async () => {
    await using ssh = await SshServer.start()
    const running = () =>
      postgres.sql(`select 1 from pg_stat_activity where usename = 'reader' and query like '%generate_series%'`)
    const cancel = new AbortController()
    const text = 'select count(*) from generate_series(1, 2000000000) as n'
    const run = queryPostgres(configThrough(ssh), { sql: { text } }, { signal: cancel.signal })
    run.catch(() => {})
    await vi.waitFor(async () => expect(await running()).toHaveLength(1), { timeout: 5_000 })
    cancel.abort()
    await expect(run).rejects.toThrow()
    await vi.waitFor(() => expect(postgres.log).toContain('canceling statement due to user request'), {
      timeout: 5_000,
    })
    await vi.waitFor(async () => expect(await running()).toEqual([]), { timeout: 5_000 })
    expect(ssh.targets).toEqual([`127.0.0.1:${postgres.port}`, `127.0.0.1:${postgres.port}`])
    expect(ssh.attempts).toEqual(['password'])
    await vi.waitFor(() => expect(ssh.openConnections).toBe(0))
  })

  it('frees a connection that has come too late', async () => {
    await using server = await silentServer()
    const transport = new SshTransport(await dial('127.0.0.1', server.port, new AbortController().signal))
    const attempt = SshConnection.open(transport, {
      username: 'tunnel',
      credential: { kind: 'PASSWORD', password: 'pw' },
      hostKeyAlgorithms: acceptedHostKeys,
      acceptsHostKey: () => true,
      signal: AbortSignal.abort(),
    })
    await expect(attempt).rejects.toThrow('aborted')
    await vi.waitFor(() => expect(server.openConnections).toBe(0))
    expect(transport.destroyed).toBe(true)
  })

  it('leaves nothing behind in many repetitions', async () => {
    await using ssh = await SshServer.start()
    const before = sockets()
    for (let round = 0; round < 20; round += 1) await testPostgres(configThrough(ssh))
    await vi.waitFor(() => expect(ssh.openConnections).toBe(0), { timeout: 5_000 })
    await vi.waitFor(() => expect(sockets()).toBeLessThanOrEqual(before), { timeout: 5_000 })
    expect(ssh.connections).toBe(20)
    expect(await postgres.sql(`select 1 from pg_stat_activity where usename = 'reader'`)).toEqual([])
  })
})
