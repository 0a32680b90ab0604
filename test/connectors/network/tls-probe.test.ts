import { describe, expect, it, vi } from 'vitest'
import { type TlsConfig, tlsBlock } from '../../../src/connectors/blocks/tls.ts'
import { toAddress } from '../../../src/connectors/network/resolve.ts'
import { probeTls, type TlsProbe } from '../../../src/connectors/network/tls-probe.ts'
import { issueCertificate } from '../../servers/certificates.ts'
import { ScriptedServer, silentServer } from '../../servers/hostile-servers.ts'
import { freePort } from '../../servers/postgres.ts'
import { TlsDouble } from '../../servers/tls-double.ts'

const root = issueCertificate({ commonName: 'Root', authority: true })
const server = issueCertificate({ commonName: 'db', issuer: root, names: ['127.0.0.1', 'db.test'], usage: 'server' })
const client = issueCertificate({ commonName: 'ann', issuer: root, usage: 'client' })

const block = (input: Record<string, unknown>): TlsConfig => tlsBlock.parse(input)
const probe = (port: number, change: Partial<TlsProbe> = {}) =>
  probeTls({
    host: '127.0.0.1',
    port,
    addresses: [toAddress('127.0.0.1')],
    tls: block({ caCertificates: root.certificate }),
    signal: new AbortController().signal,
    connectDeadlineMs: 2_000,
    ...change,
  })

describe('probeTls', () => {
  it('reports what a connection of its own has shown, and closes it', async () => {
    await using double = await TlsDouble.start({ cert: server.certificate, key: server.key, before: 'NOTHING' })
    const report = await probe(double.port)
    expect(report).toMatchObject({ status: 'PASSED', problem: null })
    expect(report.evidence.map(entry => [entry.label, entry.measuredOn])).toEqual([
      ['Protocol', 'PROBE'],
      ['Cipher', 'PROBE'],
      ['Server certificate', 'PROBE'],
    ])
    await double.clientsGone()
    expect(double.openConnections).toBe(0)
    expect(double.received).toHaveLength(0)
  })

  it('dials only the addresses that it was given, and expects the name of the host', async () => {
    await using double = await TlsDouble.start({ cert: server.certificate, key: server.key, before: 'NOTHING' })
    expect(await probe(double.port, { host: 'db.test' })).toMatchObject({ status: 'PASSED' })
    const tls = block({ caCertificates: root.certificate, serverName: 'other.test' })
    expect(await probe(double.port, { host: 'db.test', tls })).toMatchObject({
      status: 'FAILED',
      problem: { code: 'TLS_NAME_MISMATCH', params: { host: 'other.test' } },
    })
  })

  it('shows no client certificate, whoever asks', async () => {
    await using double = await TlsDouble.start({
      cert: server.certificate,
      key: server.key,
      before: 'NOTHING',
      requestCert: true,
      rejectUnauthorized: false,
      maxVersion: 'TLSv1.2',
    })
    const tls = block({
      caCertificates: root.certificate,
      clientCertificate: client.certificate,
      clientKey: client.key,
    })
    expect(await probe(double.port, { tls })).toMatchObject({ status: 'PASSED' })
    await vi.waitFor(() => expect(double.clientCertificates).toEqual([false]))
  })

  it('names what stands in the way of a connection', async () => {
    expect(await probe(await freePort())).toMatchObject({
      status: 'FAILED',
      problem: { code: 'CONNECTION_REFUSED' },
      evidence: [{ kind: 'ADDRESS', measuredOn: 'PROBE' }],
    })
    await using plain = await ScriptedServer.start(socket => socket.write('220 mail.test ESMTP\r\n'))
    expect(await probe(plain.port)).toMatchObject({ status: 'FAILED', problem: { code: 'TLS_HANDSHAKE_FAILED' } })
  })

  it('ends when it is told to, leaving no socket', async () => {
    await using mute = await silentServer()
    const stop = new AbortController()
    const report = probe(mute.port, { signal: stop.signal })
    const outcome = expect(report).rejects.toThrow('enough')
    await vi.waitFor(() => expect(mute.openConnections).toBe(1))
    stop.abort(new Error('enough'))
    await outcome
    await vi.waitFor(() => expect(mute.openConnections).toBe(0))
  })
})
