import { describe, expect, it } from 'vitest'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { DnsDouble } from '../../servers/dns-double.ts'
import { BlackHole, cuttingServer, silentServer } from '../../servers/hostile-servers.ts'
import { SnowflakeDouble } from '../../servers/snowflake-double.ts'
import type { RunOptions } from '../../servers/type-run.ts'
import { withoutIpv6 } from '../../servers/without-ipv6.ts'
import { hintsOf } from '../type-expectations.ts'
import {
  account,
  byPassword,
  evidenceOf,
  expectFailure,
  expectPass,
  host,
  queryAt,
  type SnowflakeReports,
  sql,
  startSnowflake,
  testAt,
} from './snowflake-run.ts'

/** A test whose account is reached at a URL, or by its own name. */
async function testWith(url: string | null, options: RunOptions = {}): Promise<SnowflakeReports> {
  await using scene = await startSnowflake()
  const cloudEndpoints: Readonly<Record<string, string>> = url === null ? {} : { '*.snowflakecomputing.com': url }
  return testAt(scene, byPassword(), { ...options, network: { cloudEndpoints, ...options.network } })
}

describe('the way to Snowflake', () => {
  it('is found by the name of the account, and kept to', async () => {
    await using dns = await DnsDouble.start({ [host]: ['127.0.0.1'] })
    await using scene = await startSnowflake()
    const reports = await testAt(scene, byPassword(), { network: { cloudEndpoints: {} }, nameServers: [dns.address] })
    // Its own port is that of HTTPS, where nobody listens here.
    expect(hintsOf(expectFailure(reports, `CONNECT:${host}`, 'CONNECTION_REFUSED')).fields).toEqual(['account'])
    expect(JSON.stringify(reports[`EGRESS:${host}`])).toContain('127.0.0.1')
    expect(dns.questions.length).toBeGreaterThan(0)
  })

  it('does not exist for an account that does not', async () => {
    await using dns = await DnsDouble.start({})
    const reports = await testWith(null, { nameServers: [dns.address] })
    expect(hintsOf(expectFailure(reports, `RESOLVE:${host}`, 'HOST_NOT_FOUND'))).toMatchObject({ fields: ['account'] })
  })

  it('needs names that can be looked up', async () => {
    await using dns = await DnsDouble.start({ [host]: 'SERVFAIL' })
    expectFailure(await testWith(null, { nameServers: [dns.address] }), `RESOLVE:${host}`, 'NAME_RESOLUTION_FAILED')
  })

  it('needs name servers that answer', async () => {
    await using dns = await DnsDouble.start({ [host]: 'SILENT' })
    const reports = await testWith(null, { nameServers: [dns.address], budgetsMs: { RESOLVE: 400 } })
    expectFailure(reports, `RESOLVE:${host}`, 'NAME_RESOLUTION_TIMED_OUT')
  })

  it('may lead nowhere', async () => {
    await using dns = await DnsDouble.start({ [host]: ['fd00::1'] })
    using _ = withoutIpv6()
    const reports = await testWith(null, { nameServers: [dns.address], egress: { allowPrivate: true } })
    expectFailure(reports, `CONNECT:${host}`, 'NETWORK_UNREACHABLE')
  })

  it('may be closed', async () => {
    const reports = await testWith('https://127.0.0.1:1')
    expect(hintsOf(expectFailure(reports, `CONNECT:${host}`, 'CONNECTION_REFUSED')).fields).toEqual(['account'])
  })

  it('may lead where nobody may go', async () => {
    const reports = await testWith('https://169.254.169.254')
    expect(hintsOf(expectFailure(reports, `EGRESS:${host}`, 'EGRESS_DENIED')).fields).toEqual(['account'])
  })

  it('may be a black hole', async () => {
    await using hole = await BlackHole.start()
    const reports = await testWith(`https://127.0.0.1:${hole.port}`, { budgetsMs: { CONNECT: 500 } })
    expectFailure(reports, `CONNECT:${host}`, 'CONNECTION_TIMED_OUT')
  })

  it('ends at a handshake that nobody answers', async () => {
    await using server = await silentServer()
    const reports = await testWith(`https://127.0.0.1:${server.port}`, { budgetsMs: { SECURE: 500 } })
    expectFailure(reports, `SECURE:${host}`, 'TLS_TIMED_OUT')
  })

  it('is no way where connections are cut', async () => {
    await using server = await cuttingServer()
    const reports = await testWith(`https://127.0.0.1:${server.port}`)
    const code = reports[`SECURE:${host}`]?.problem?.code as ProblemCode
    expectFailure(reports, `SECURE:${host}`, code)
    expect(code).not.toBe('UNCLASSIFIED')
  })

  it('is told to have been moved by the operator, where it has', async () => {
    await using scene = await startSnowflake()
    const reports = await testAt(scene)
    expect(expectPass(reports)).toEqual({})
    expect(evidenceOf(reports[`EGRESS:${host}`])['Endpoint set by the operator']).toBe(`127.0.0.1:${scene.double.port}`)
  })

  it('may go without encryption only where the operator lets it', async () => {
    await using double = await SnowflakeDouble.start({ account })
    const plain = await testAt({ double })
    expect(expectPass(plain)[`SECURE:${host}`]).toBe('CONNECTION_NOT_ENCRYPTED')
    const before = double.requests.length
    const egress = { allowUnencrypted: false }
    expectFailure(await testAt({ double }, byPassword(), { egress }), `SECURE:${host}`, 'TLS_DISABLED_BY_POLICY')
    const query = await queryAt({ double }, sql('select n from numbers'), { egress })
    expect(query).toMatchObject({ kind: 'PROBLEM', problem: { code: 'TLS_DISABLED_BY_POLICY' } })
    expect(double.requests.length).toBe(before)
  })
})
