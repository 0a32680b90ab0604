import { X509Certificate } from 'node:crypto'
import { describe, expect, it, vi } from 'vitest'
import type { Problem } from '../../../src/connectors/problem.ts'
import { proves } from '../../proofs/proves.ts'
import { daysFromNow, issueCertificate } from '../../servers/certificates.ts'
import { ScriptedServer } from '../../servers/hostile-servers.ts'
import { parseConfig, queryMongodb, testMongodb, testParsed } from '../../servers/mongodb-run.ts'
import { TlsDouble } from '../../servers/tls-double.ts'
import { type BadServer, badServers, root as matrixRoot } from '../network/bad-tls-servers.ts'
import { oddServers } from '../network/odd-tls-servers.ts'
import { hintsOf } from '../type-expectations.ts'
import { expectFailure, expectPass, expectProblem } from './expectations.ts'
import {
  ann,
  certificate,
  config,
  find,
  nothingLeft,
  password,
  root,
  startDouble,
  testHostile,
  tlsOf,
} from './hostile-run.ts'

const matrixConfig = (port: number, { host = '127.0.0.1', tls }: Pick<BadServer, 'host' | 'tls'>) => ({
  hosts: [{ host, port }],
  auth: { scram: { username: 'ann', password } },
  tls: tls ?? { caCertificates: matrixRoot.certificate },
})
const serverOptions = (sends: BadServer['sends']) => ({
  before: 'NOTHING' as const,
  cert: sends.map(each => each.certificate).join(''),
  key: sends[0]?.key ?? '',
  // A server may use what a client must not accept.
  ciphers: 'DEFAULT@SECLEVEL=0',
})
const settings = ({ remedies }: Problem): [string, unknown][] =>
  remedies.flatMap((remedy): [string, unknown][] => (remedy.kind === 'SET_FIELD' ? [[remedy.field, remedy.value]] : []))
/** Where other types have one host, this one has a list. */
const fieldHere = (field: string) => field.replace(/^(host|port)$/, 'hosts.0.$1')

describe('a MongoDB server of which only the TLS is real', () => {
  it.each(badServers)('with $title is refused before anything is sent', async bad => {
    await using server = await TlsDouble.start({ ...serverOptions(bad.sends), ...bad.server })
    const reports = await testMongodb(matrixConfig(server.port, bad))
    const problem = expectFailure(reports, 'SECURE', bad.code as never)
    if (bad.says) expect(problem.message).toContain(bad.says)
    if (bad.fields) expect(problem.fields).toEqual(bad.fields.map(fieldHere))
    if (bad.remedies) expect(settings(problem)).toEqual(bad.remedies.map(([field, value]) => [fieldHere(field), value]))
    await server.clientsGone()
    expect(server.received).toHaveLength(0)
  })

  it.each(oddServers)('with $title is accepted', async ({ sends, tls, labels }) => {
    await using server = await TlsDouble.start(serverOptions(sends))
    const reports = await testMongodb(matrixConfig(server.port, tls ? { tls } : {}))
    expect(reports.SECURE).toMatchObject({ status: 'PASSED', problem: null })
    const shown = reports.SECURE?.evidence.filter(entry => entry.kind === 'CERTIFICATE') ?? []
    expect(shown.map(entry => entry.label)).toEqual(labels)
  })
})

describe('encryption of a MongoDB connector', () => {
  it('shows the certificate, and that it was seen on a connection of its own', async () => {
    const { reports } = await testHostile({ line: 'TLS', budgetMs: 5_000 })
    expect(expectPass(reports)).toEqual({})
    expect(reports.SECURE?.evidence).toContainEqual(
      expect.objectContaining({
        kind: 'CERTIFICATE',
        measuredOn: 'PROBE',
        subject: 'CN=db',
        sha256Fingerprint: new X509Certificate(certificate.certificate).fingerprint256,
      }),
    )
    expect(reports.SECURE?.evidence).toContainEqual(expect.objectContaining({ label: 'Protocol', value: 'TLSv1.3' }))
  })

  it('warns when it does not verify the server', async () => {
    const { reports } = await testHostile({ line: 'TLS', change: { tls: { mode: 'REQUIRE' } }, budgetMs: 5_000 })
    expect(expectPass(reports)).toEqual({ SECURE: 'SERVER_NOT_VERIFIED' })
  })

  it('verifies the authority alone, whatever the name', async () => {
    const elsewhere = issueCertificate({ commonName: 'db', issuer: root, names: ['db.elsewhere'] })
    const tls = { certificate: elsewhere }
    const caCertificates = root.certificate
    const change = (mode: string) => ({ tls: { mode, caCertificates } })
    expectPass((await testHostile({ tls, change: change('VERIFY_CA'), budgetMs: 5_000 })).reports)
    const strict = await testHostile({ tls, change: change('VERIFY_FULL'), budgetMs: 5_000 })
    const problem = expectFailure(strict.reports, 'SECURE', 'TLS_NAME_MISMATCH')
    expect(problem.fields).toEqual(['hosts.0.host', 'tls.serverName'])
    expect(strict.server.commands).toEqual([])
    const named = { tls: { caCertificates, serverName: 'db.elsewhere' } }
    expectPass((await testHostile({ tls, change: named, budgetMs: 5_000 })).reports)
  })

  it('says nothing to a server whose later connections show another certificate', async () => {
    const other = issueCertificate({
      commonName: 'db',
      issuer: issueCertificate({ commonName: 'Other Root', authority: true }),
      names: ['127.0.0.1'],
    })
    const { reports, server } = await testHostile({
      tls: { certificate: [certificate, other] },
      line: 'TLS',
      budgetMs: 3_000,
    })
    expect(reports.GREET?.status).toBe('PASSED')
    expect(reports.SIGN_IN?.status).not.toBe('PASSED')
    expect(server.signIns).toEqual([])
    expect(server.commands.every(({ connection }) => connection === 0)).toBe(true)
    expect(server.received.includes('ann')).toBe(false)
  })

  it('verifies servers for a query as for a test', async () => {
    const untrusted = issueCertificate({ commonName: 'db', names: ['127.0.0.1'] })
    await using server = await startDouble('TLS', { tls: { certificate: untrusted } })
    const outcome = await queryMongodb(config(server.port, 'TLS'), find())
    expect(outcome).toMatchObject({ kind: 'PROBLEM', problem: { code: 'TLS_CERTIFICATE_SELF_SIGNED' } })
    expect(server.commands).toEqual([])
    await nothingLeft(server)
  })

  it('warns of a certificate that expires soon', async () => {
    const brief = issueCertificate({ commonName: 'db', issuer: root, names: ['127.0.0.1'], validTo: daysFromNow(7) })
    const { reports } = await testHostile({ line: 'TLS', tls: { certificate: brief }, budgetMs: 5_000 })
    expect(expectPass(reports)).toEqual({ SECURE: 'CERTIFICATE_EXPIRES_SOON' })
  })

  it('names a server that goes on in clear text after a handshake has begun', async () => {
    await using peer = await ScriptedServer.start(socket => socket.once('data', () => socket.write('\x00'.repeat(64))))
    const reports = await testMongodb(config(peer.port, 'TLS'), { budgetsMs: { SECURE: 3_000 } })
    expect(reports.SECURE?.status).toBe('FAILED')
    expect(['TLS_HANDSHAKE_FAILED', 'WRONG_PROTOCOL', 'TLS_NOT_OFFERED']).toContain(reports.SECURE?.problem?.code)
    expect(peer.received.includes('ann')).toBe(false)
  })
})

describe('signing in to MongoDB by certificate', () => {
  const clientRoot = issueCertificate({ commonName: 'Client Root', authority: true })
  const client = issueCertificate({ commonName: 'ann', issuer: clientRoot, usage: 'client' })
  const tls = { certificate, clientAuthority: clientRoot }
  const account = { username: 'CN=ann', database: '$external', roles: ann.roles ?? [] }
  const change = (owner = client) => ({
    auth: { x509: true },
    tls: { ...tlsOf('TLS'), clientCertificate: owner.certificate, clientKey: owner.key },
  })

  it('passes, with one sign-in and the name that the server gave', async () => {
    const { reports, server } = await testHostile({ tls, accounts: [account], change: change(), budgetMs: 5_000 })
    expect(expectPass(reports)).toEqual({})
    expect(server.signIns).toEqual([{ username: 'CN=ann', mechanism: 'MONGODB-X509', accepted: true }])
    expect(JSON.stringify(reports.SIGN_IN?.evidence)).toContain('CN=ann')
  })

  it('is refused for somebody whom the server does not know, after one attempt', async () => {
    const { reports, server } = await testHostile({ tls, accounts: [ann], change: change(), budgetMs: 5_000 })
    const problem = expectFailure(reports, 'SIGN_IN', 'CREDENTIALS_REJECTED')
    expect(problem.message).toContain('CN=ann')
    expect(problem.fields).toEqual(['tls.clientCertificate'])
    expect(problem.remedies).toEqual([])
    expect(server.signIns).toHaveLength(1)
  })

  it('is refused by a server that takes no certificates', async () => {
    const { reports } = await testHostile({ line: 'TLS', change: change(), budgetMs: 5_000 })
    expectFailure(reports, 'SIGN_IN', 'CREDENTIALS_REJECTED')
  })

  it('warns of a certificate that has expired since it was saved', async () => {
    const old = issueCertificate({
      commonName: 'ann',
      issuer: clientRoot,
      validFrom: daysFromNow(-9),
      validTo: daysFromNow(-1),
    })
    await using server = await startDouble('TLS', { tls, accounts: [account] })
    const fresh = parseConfig(config(server.port, 'TLS', change())) as { tls: Record<string, unknown> }
    const aged = { ...fresh, tls: { ...fresh.tls, clientCertificate: old.certificate, clientKey: old.key } }
    expectProblem(await testParsed(aged), 'SECURE', 'CLIENT_CERTIFICATE_EXPIRED')
    await nothingLeft(server)
  })

  it('names a key that cannot be used any more', async () => {
    await using server = await startDouble('TLS', { tls, accounts: [account] })
    const fresh = parseConfig(config(server.port, 'TLS', change())) as { tls: Record<string, unknown> }
    const broken = { ...fresh, tls: { ...fresh.tls, clientKey: issueCertificate({ commonName: 'other' }).key } }
    const problem = expectFailure(await testParsed(broken), 'SECURE', 'CLIENT_KEY_UNUSABLE')
    expect(problem.fields).toContain('tls.clientKey')
    expect(server.commands).toEqual([])
  })

  it('names a certificate that is missing where the server demands one', async () => {
    await using server = await TlsDouble.start({
      before: 'NOTHING',
      cert: certificate.certificate,
      key: certificate.key,
      ca: clientRoot.certificate,
      requestCert: true,
      rejectUnauthorized: true,
    })
    const reports = await testMongodb(config(server.port, 'TLS'), { budgetsMs: { GREET: 3_000, SECURE: 3_000 } })
    const [key] = (['SECURE', 'GREET', 'SIGN_IN'] as const).filter(each => reports[each]?.status === 'FAILED')
    const problem = expectFailure(reports, key ?? 'GREET', 'CLIENT_CERTIFICATE_REQUIRED')
    expect(hintsOf(problem)).toEqual({ fields: ['tls.clientCertificate', 'tls.clientKey'], remedies: [] })
    await vi.waitFor(() => expect(server.openConnections).toBe(0))
    proves('MONGODB', problem.code, 'DOUBLE')
  })
})
