import { createPrivateKey } from 'node:crypto'
import type { TlsOptions } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { httpApi } from '../../../src/connectors/http-api/index.ts'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { proves } from '../../proofs/proves.ts'
import { type Certificate, type CertificateOptions, daysFromNow, issueCertificate } from '../../servers/certificates.ts'
import { DnsDouble } from '../../servers/dns-double.ts'
import { BlackHole, cuttingServer, silentServer } from '../../servers/hostile-servers.ts'
import { HttpApiDouble } from '../../servers/http-api-double.ts'
import { TlsDouble } from '../../servers/tls-double.ts'
import { type RunOptions, runParsedTest } from '../../servers/type-run.ts'
import { demandingServer, unacceptableServers } from '../../servers/unacceptable-tls.ts'
import { withoutIpv6 } from '../../servers/without-ipv6.ts'
import { certificate, expectQueryProblem, inputFor, queryApi, root, testApi, trusting } from './http-api-run.ts'

const testUrl = (baseUrl: string, change: object = {}, options: RunOptions = {}) =>
  testApi(inputFor({ baseUrl }, change), options)

describe('the way to an API', () => {
  it('does not exist for a host that does not', async () => {
    await using dns = await DnsDouble.start({})
    const run = await testUrl('https://api.test', {}, { nameServers: [dns.address] })
    expect(run.failsAt('RESOLVE', 'HOST_NOT_FOUND').fields).toEqual(['baseUrl'])
  })

  it('needs names that can be looked up, in time', async () => {
    await using dns = await DnsDouble.start({ 'api.test': 'SERVFAIL', 'silent.test': 'SILENT' })
    const nameServers = [dns.address]
    ;(await testUrl('https://api.test', {}, { nameServers })).failsAt('RESOLVE', 'NAME_RESOLUTION_FAILED')
    const late = await testUrl(
      'https://silent.test',
      {},
      { nameServers, budgetsMs: { 'RESOLVE:silent.test:443': 300 } },
    )
    expect(late.failsAt('RESOLVE', 'NAME_RESOLUTION_TIMED_OUT').fields).toEqual(['baseUrl'])
  })

  it.each(['169.254.169.254', '10.0.0.5', '[fd00:ec2::254]', '[::ffff:10.0.0.5]'])('never leads to %s', async host => {
    const run = await testUrl(`https://${host}/v1`)
    const { fields, detail } = run.failsAt('EGRESS', 'EGRESS_DENIED')
    expect({ fields, detail }).toEqual({ fields: ['baseUrl'], detail: null })
  })

  it('may lead nowhere', async () => {
    using _ = withoutIpv6()
    const run = await testUrl('https://[fd00::1]', {}, { egress: { allowPrivate: true } })
    run.failsAt('CONNECT', 'NETWORK_UNREACHABLE')
  })

  it('may end at a port that is closed, or that says nothing', async () => {
    expect((await testUrl('http://127.0.0.1:1')).failsAt('CONNECT', 'CONNECTION_REFUSED').fields).toEqual(['baseUrl'])
    await using hole = await BlackHole.start()
    const run = await testUrl(`http://127.0.0.1:${hole.port}`, { limits: { connectTimeoutSeconds: 1 } })
    expect(run.failsAt('CONNECT', 'CONNECTION_TIMED_OUT').fields).toEqual(['baseUrl'])
  })

  it('may end at a handshake that nobody answers, or that is cut', async () => {
    await using silent = await silentServer()
    const at = `127.0.0.1:${silent.port}`
    const run = await testUrl(`https://${at}`, {}, { budgetsMs: { [`SECURE:${at}`]: 400 } })
    expect(run.failsAt('SECURE', 'TLS_TIMED_OUT').fields).toEqual(['baseUrl'])
    await using cutting = await cuttingServer()
    ;(await testUrl(`https://127.0.0.1:${cutting.port}`)).failsAt('SECURE', 'TLS_HANDSHAKE_FAILED')
  })

  it('is gone on one connection, on which everything was measured', async () => {
    await using api = await HttpApiDouble.start({ certificate })
    const run = await testApi(inputFor(api, trusting))
    run.passes()
    expect(api.connections).toBe(1)
    const evidence = Object.values(run.reports).flatMap(report => report?.evidence ?? [])
    expect(evidence.filter(({ kind }) => kind === 'CERTIFICATE')[0]).toMatchObject({ measuredOn: 'SAME_SOCKET' })
  })

  it('can be told by a name, which the API is asked by', async () => {
    await using dns = await DnsDouble.start({ 'api.test': ['127.0.0.1'] })
    await using api = await HttpApiDouble.start({ certificate })
    const run = await testUrl(`https://api.test:${api.port}`, trusting, { nameServers: [dns.address] })
    expect(run.passes()).toEqual({})
    expect(api.requests[0]?.headers.host).toBe(`api.test:${api.port}`)
  })
})

const issued = (options: Partial<CertificateOptions> = {}): Certificate =>
  issueCertificate({ commonName: 'api', issuer: root, names: ['127.0.0.1'], usage: 'server', ...options })

async function testWith(shown: Certificate, tls: object = trusting.tls) {
  await using api = await HttpApiDouble.start({ certificate: shown })
  const run = await testApi(inputFor(api, { auth: { bearer: { token: 'token' } }, tls }))
  // Before the server has been judged nothing is said.
  if (run.reports.READ?.status === 'SKIPPED') expect(api.requests).toEqual([])
  return run
}

describe('encryption on the way to an API', () => {
  const intermediate = issueCertificate({ commonName: 'Intermediate', authority: true, issuer: root })
  const stranger = issueCertificate({ commonName: 'Stranger', authority: true })
  /** Sent together with the authority that nobody trusts. */
  const strange = issued({ issuer: stranger })
  const whole = { ...strange, certificate: `${strange.certificate}${stranger.certificate}` }

  it.each<[string, Certificate, ProblemCode]>([
    ['has expired', issued({ validFrom: daysFromNow(-30), validTo: daysFromNow(-1) }), 'TLS_CERTIFICATE_EXPIRED'],
    ['is not valid yet', issued({ validFrom: daysFromNow(1) }), 'TLS_CERTIFICATE_NOT_YET_VALID'],
    ['is for another name', issued({ names: ['other.test'] }), 'TLS_NAME_MISMATCH'],
    ['is meant for clients', issued({ usage: 'client' }), 'TLS_CERTIFICATE_UNUSABLE'],
    ['is of an authority that is not there', issued({ issuer: intermediate }), 'TLS_INTERMEDIATE_MISSING'],
    ['is of nobody that is trusted', whole, 'TLS_CERTIFICATE_UNTRUSTED'],
    ['is its own', issueCertificate({ commonName: 'alone', names: ['127.0.0.1'] }), 'TLS_CERTIFICATE_SELF_SIGNED'],
  ])('names a certificate that %s, and only fields that the form has', async (_, shown, code) => {
    const { fields, remedies } = (await testWith(shown)).failsAt('SECURE', code)
    for (const field of fields) expect(field).toMatch(/^(baseUrl|tls\.\w+)$/)
    for (const remedy of remedies) if ('field' in remedy) expect(remedy.field).toMatch(/^tls\.\w+$/)
  })

  it('warns of a certificate that ends soon, and of a server that nobody verifies', async () => {
    const soon = await testWith(issued({ validTo: daysFromNow(20) }))
    expect(soon.passes()).toEqual({ SECURE: 'CERTIFICATE_EXPIRES_SOON' })
    expect((await testWith(strange, { mode: 'REQUIRE' })).passes()).toEqual({ SECURE: 'SERVER_NOT_VERIFIED' })
  })

  it.each(unacceptableServers(issued))('names a server that %s', async (_, options, code) => {
    await using other = await TlsDouble.start({ ...options, before: 'NOTHING' })
    ;(await testUrl(`https://127.0.0.1:${other.port}`, trusting)).failsAt('SECURE', code)
  })

  const client = issueCertificate({ commonName: 'ann', issuer: root, usage: 'client' })
  const withClient = (given: Certificate) => ({
    tls: { ...trusting.tls, clientCertificate: given.certificate, clientKey: given.key },
  })

  it('shows a certificate of the client to a server that wants one', async () => {
    await using server = await demandingServer(issued(), root)
    ;(await testUrl(server.url, trusting)).failsAt('READ', 'CLIENT_CERTIFICATE_REQUIRED')
    const run = await testUrl(server.url, withClient(client))
    // It lets the client in, and then says nothing.
    expect(run.reports.READ?.problem?.code).not.toBe('CLIENT_CERTIFICATE_REQUIRED')
  }, 60_000)

  it('shows the certificate of the client to nobody that it is redirected to', async () => {
    const options: TlsOptions = { cert: issued().certificate, key: issued().key }
    const own = issued()
    await using other = await TlsDouble.start({
      ...options,
      ...{ cert: own.certificate, key: own.key, requestCert: true, rejectUnauthorized: false },
      before: 'NOTHING',
    })
    await using api = await HttpApiDouble.start({
      certificate,
      at: {
        '/': (_, response) => void response.writeHead(302, { location: `https://127.0.0.1:${other.port}/` }).end(),
      },
    })
    await testApi(inputFor(api, { ...withClient(client), redirects: 'ANYWHERE' }))
    expect(other.clientCertificates).toEqual([false])
  })

  it('names a key of the client that has aged', async () => {
    const parsed = httpApi.form.schema.parse(inputFor({ baseUrl: 'https://127.0.0.1:1' }, withClient(client))) as object
    await using api = await HttpApiDouble.start({ certificate: issued() })
    const old = issueCertificate({
      ...{ commonName: 'ann', issuer: root, usage: 'client' },
      ...{ validFrom: daysFromNow(-30), validTo: daysFromNow(-1) },
    })
    const stored = (tls: object) => ({
      ...parsed,
      baseUrl: api.url,
      tls: { ...(parsed as { tls: object }).tls, ...tls },
    })
    const secure = `SECURE:127.0.0.1:${api.port}`
    const expired = await runParsedTest(httpApi, stored({ clientCertificate: old.certificate, clientKey: old.key }))
    expect(expired).toMatchObject({ [secure]: { problem: { code: 'CLIENT_CERTIFICATE_EXPIRED' } } })
    proves('HTTP_API', 'CLIENT_CERTIFICATE_EXPIRED', 'DOUBLE')
    const locked = createPrivateKey(client.key)
      .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'forgotten' })
      .toString()
    const unusable = await runParsedTest(httpApi, stored({ clientKey: locked }))
    expect(unusable).toMatchObject({ [secure]: { status: 'FAILED', problem: { code: 'CLIENT_KEY_UNUSABLE' } } })
    proves('HTTP_API', 'CLIENT_KEY_UNUSABLE', 'DOUBLE')
  })

  it('is missing only where the operator allows it, and is warned of then', async () => {
    await using api = await HttpApiDouble.start()
    expect((await testApi(inputFor(api))).passes()).toEqual({ SECURE: 'CONNECTION_NOT_ENCRYPTED' })
    const asked = api.requests.length
    const never = { egress: { allowUnencrypted: false } }
    expect((await testApi(inputFor(api), never)).failsAt('SECURE', 'TLS_DISABLED_BY_POLICY').fields).toEqual([
      'baseUrl',
    ])
    expectQueryProblem(await queryApi(inputFor(api), { path: '/orders' }, never), { code: 'TLS_DISABLED_BY_POLICY' })
    expect(api.requests).toHaveLength(asked)
  })

  it('that has become another one is told nothing on further connections', async () => {
    await using api = await HttpApiDouble.start({
      certificate,
      at: {
        '/link/orders': (request, response, nth) => {
          api.present(issued({ issuer: stranger }))
          response.setHeader('connection', 'close').setHeader('link', `<${request.path}?${nth}>; rel="next"`)
          response.end('[{"id":1}]')
        },
      },
    })
    const query = { path: '/link/orders', pagination: { linkHeader: {} } }
    const outcome = await queryApi(inputFor(api, { auth: { bearer: { token: 'token' } }, ...trusting }), query)
    expect(outcome.kind === 'PROBLEM' && outcome.problem.code).toMatch(/^TLS_/)
    expect(api.requests).toHaveLength(1)
  })
})

it('a row that no reader takes is told, and a step that is never over', async () => {
  await using api = await HttpApiDouble.start({
    at: { '/x': (_, response) => void response.end(JSON.stringify([{ text: 'x'.repeat(20 * 1_048_576) }])) },
  })
  const limits = { maxRows: 10, maxBytes: 64 * 1_048_576 }
  const input = inputFor(api, { limits: { maxAnswerMegabytes: 32 } })
  expectQueryProblem(await queryApi(input, { path: '/x' }, { limits }), { code: 'RESULT_TOO_LARGE' })
  // A denial is told no sooner than any other.
  const run = await testUrl('http://10.0.0.5', {}, { budgetsMs: { EGRESS: 10 } })
  run.failsAt('EGRESS', 'STEP_TIMED_OUT')
})
