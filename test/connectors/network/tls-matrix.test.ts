import { X509Certificate } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Problem } from '../../../src/connectors/problem.ts'
import { proves } from '../../proofs/proves.ts'
import type { Certificate } from '../../servers/certificates.ts'
import { PostgresServer, uniqueName } from '../../servers/postgres.ts'
import { testPostgres } from '../../servers/postgres-run.ts'
import { TlsDouble } from '../../servers/tls-double.ts'
import type { Reports } from '../../servers/type-run.ts'
import { type BadServer, badServers, good, root } from './bad-tls-servers.ts'
import { oddServers } from './odd-tls-servers.ts'

const config = (port: number, { host = '127.0.0.1', tls }: Pick<BadServer, 'host' | 'tls'>, username = 'reader') => ({
  host,
  port,
  auth: { password: { username, password: 'never-to-be-seen' } },
  tls: tls ?? { caCertificates: root.certificate },
})

const chainOf = (sends: readonly Certificate[]) => sends.map(each => each.certificate).join('')
const serverOptions = (sends: readonly Certificate[]) => ({
  cert: chainOf(sends),
  key: sends[0]?.key ?? '',
  // A server may use what a client must not accept.
  ciphers: 'DEFAULT@SECLEVEL=0',
})

/** The evidence of the certificates is that of those really used. */
function expectChain({ SECURE }: Reports, sends: readonly Certificate[]): void {
  const shown = SECURE?.evidence.filter(entry => entry.kind === 'CERTIFICATE') ?? []
  const sent = sends.map(each => new X509Certificate(each.certificate))
  expect(shown.map(entry => entry.sha256Fingerprint)).toEqual(sent.slice(0, 16).map(each => each.fingerprint256))
  expect(shown[0]).toMatchObject({
    measuredOn: 'SAME_SOCKET',
    subject: sent[0]?.subject,
    issuer: sent[0]?.issuer,
    validTo: sent[0]?.validToDate.toISOString(),
  })
}

const settings = ({ remedies }: Problem): [string, unknown][] =>
  remedies.flatMap((remedy): [string, unknown][] => (remedy.kind === 'SET_FIELD' ? [[remedy.field, remedy.value]] : []))

/** Everything that must be true of the refusal of `bad`, whoever the server is. */
function expectRefusal(reports: Reports, bad: BadServer): Problem {
  expect(reports.SECURE?.status).toBe('FAILED')
  const problem = reports.SECURE?.problem as Problem
  expect(problem.code).toBe(bad.code)
  expect(problem.message).not.toContain('?')
  if (bad.says) expect(problem.message).toContain(bad.says)
  if (bad.fields) expect(problem.fields).toEqual(bad.fields)
  if (bad.remedies) expect(settings(problem)).toEqual(bad.remedies)
  const hadHandshake = !['TLS_HANDSHAKE_FAILED', 'TLS_VERSION_UNSUPPORTED'].includes(bad.code)
  if (hadHandshake) {
    expect(problem.params['otherFaults']).toEqual(bad.otherFaults ?? [])
    const named = reports.SECURE?.evidence.flatMap(entry => (entry.label.startsWith('TLS_') ? [entry.label] : []))
    expect(named).toEqual([bad.code, ...(bad.otherFaults ?? [])])
    expectChain(reports, bad.sends)
  }
  expect(reports.SIGN_IN).toMatchObject({ status: 'SKIPPED', blockedBy: 'SECURE' })
  return problem
}

/** The form's TLS settings with the remedies applied. */
const mend = (bad: BadServer, problem: Problem) => ({
  ...bad,
  tls: {
    ...(bad.tls ?? { caCertificates: root.certificate }),
    ...Object.fromEntries(settings(problem).map(([field, value]) => [field.replace('tls.', ''), value])),
  },
})

describe('a server of which only the TLS is real', () => {
  it.each(badServers)('with $title is refused before anything is sent', async bad => {
    await using server = await TlsDouble.start({ ...serverOptions(bad.sends), ...legacy(bad), ...bad.server })
    const problem = expectRefusal(await testPostgres(config(server.port, bad)), bad)
    proves('POSTGRES', problem.code, 'DOUBLE')
    if (bad.mended) {
      const mended = await testPostgres(config(server.port, mend(bad, problem)))
      expect(mended.SECURE).toMatchObject({ status: 'PASSED' })
    } else {
      await server.clientsGone()
      expect(server.received).toHaveLength(0)
    }
  })

  it.each(oddServers)('with $title is accepted', async ({ sends, tls, labels }) => {
    await using server = await TlsDouble.start(serverOptions(sends))
    const reports = await testPostgres(config(server.port, tls ? { tls } : {}))
    expect(reports.SECURE).toMatchObject({ status: 'PASSED', problem: null })
    expectChain(reports, sends)
    const shown = reports.SECURE?.evidence.filter(entry => entry.kind === 'CERTIFICATE') ?? []
    expect(shown.map(entry => entry.label)).toEqual(labels)
    if (sends.length > 16) {
      expect(reports.SECURE?.evidence).toContainEqual(
        expect.objectContaining({ label: 'Further certificates', value: String(sends.length - 16) }),
      )
    }
    // Only now, and only here, the sign-in begins.
    expect(server.received.toString('latin1')).toContain('reader')
  })

  it.each(['VERIFY_FULL', 'VERIFY_CA'])('gets nothing of a connector that verifies by %s and cannot', async mode => {
    const client = { clientCertificate: good.certificate, clientKey: good.key }
    await using server = await TlsDouble.start({
      ...serverOptions([good]),
      requestCert: true,
      rejectUnauthorized: false,
    })
    const reports = await testPostgres(config(server.port, { tls: { mode, ...client } }))
    expect(reports.SECURE?.problem?.code).toBe('TLS_CERTIFICATE_UNTRUSTED')
    await server.clientsGone()
    expect(server.received).toHaveLength(0)
  })

  it('is used by VERIFY_CA under another name, and by REQUIRE whoever it is, with a warning', async () => {
    await using server = await TlsDouble.start(serverOptions([good]))
    const tls = { mode: 'VERIFY_CA', caCertificates: root.certificate }
    const byAuthority = await testPostgres(config(server.port, { host: 'localhost', tls }))
    expect(byAuthority.SECURE).toMatchObject({ status: 'PASSED' })
    const byNothing = await testPostgres(config(server.port, { tls: { mode: 'REQUIRE' } }))
    expect(byNothing.SECURE).toMatchObject({ status: 'WARNING', problem: { code: 'SERVER_NOT_VERIFIED' } })
    expect(byNothing.SECURE?.evidence).toContainEqual(expect.objectContaining({ label: 'TLS_CERTIFICATE_UNTRUSTED' }))
    proves('POSTGRES', 'SERVER_NOT_VERIFIED', 'DOUBLE')
  })
})

/** OpenSSL lets old versions be spoken only where nothing is demanded of them. */
const legacy = ({ server }: BadServer) => (server?.ciphers ? {} : { ciphers: 'DEFAULT@SECLEVEL=0' })

describe('a real PostgreSQL', () => {
  let server: PostgresServer

  async function present(sends: readonly Certificate[], more: Record<string, string> = {}): Promise<void> {
    await server.stop('fast')
    await server.configure({
      hba: ['host all admin 127.0.0.1/32 scram-sha-256', 'hostssl all all 127.0.0.1/32 scram-sha-256'],
      settings: { ssl: 'on', ssl_cert_file: 'server.crt', ssl_key_file: 'server.key', ...more },
      files: { 'server.crt': chainOf(sends), 'server.key': sends[0]?.key ?? '' },
    })
    await server.launch()
  }

  beforeAll(async () => {
    server = await PostgresServer.start()
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  it.each(badServers.filter(bad => !bad.onlyDouble))('with $title is refused before anything is sent', async bad => {
    await present(bad.sends)
    const username = uniqueName('unseen')
    const problem = expectRefusal(await testPostgres(config(server.port, bad, username)), bad)
    proves('POSTGRES', problem.code, 'REAL_SERVER')
    expect(server.log).not.toContain(username)
    if (bad.mended) {
      const mended = await testPostgres(config(server.port, mend(bad, problem), username))
      expect(mended.SECURE).toMatchObject({ status: 'PASSED' })
      await vi.waitFor(() => expect(server.log).toContain(username))
    }
  })

  it.each(oddServers)('with $title is accepted', async ({ sends, tls }) => {
    await present(sends)
    const reports = await testPostgres(config(server.port, tls ? { tls } : {}))
    expect(reports.SECURE).toMatchObject({ status: 'PASSED', problem: null })
    expectChain(reports, sends)
    // There is no such role: what counts is that it was asked.
    expect(reports.SIGN_IN).toMatchObject({ status: 'FAILED', problem: { code: 'CREDENTIALS_REJECTED' } })
  })

  it('that speaks only outdated TLS is named as such', async () => {
    await present([good], {
      ssl_min_protocol_version: 'TLSv1',
      ssl_max_protocol_version: 'TLSv1.1',
      ssl_ciphers: 'ALL:@SECLEVEL=0',
    })
    const reports = await testPostgres(config(server.port, {}))
    expect(reports.SECURE?.problem?.code).toBe('TLS_VERSION_UNSUPPORTED')
    proves('POSTGRES', 'TLS_VERSION_UNSUPPORTED', 'REAL_SERVER')
  })

  it('with no cipher in common is named as such', async () => {
    await present([good], { ssl_max_protocol_version: 'TLSv1.2', ssl_ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' })
    const reports = await testPostgres(config(server.port, {}))
    expect(reports.SECURE?.problem).toMatchObject({
      code: 'TLS_HANDSHAKE_FAILED',
      message: expect.stringContaining('no common ground, such as a cipher'),
    })
    proves('POSTGRES', 'TLS_HANDSHAKE_FAILED', 'REAL_SERVER')
  })

  it('without TLS is named as such', async () => {
    await present([good], { ssl: 'off' })
    const reports = await testPostgres(config(server.port, {}))
    expect(reports.SECURE?.problem?.code).toBe('TLS_NOT_OFFERED')
    proves('POSTGRES', 'TLS_NOT_OFFERED', 'REAL_SERVER')
  })
})
