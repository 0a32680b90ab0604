import { describe, expect, it } from 'vitest'
import { DnsDouble, type DnsNames } from '../../servers/dns-double.ts'
import { MongoReplicaSet } from '../../servers/mongo-replica-set.ts'
import { testMongodb } from '../../servers/mongodb-run.ts'
import type { Reports } from '../../servers/type-run.ts'
import { WatchedListeners } from '../../servers/watched-listeners.ts'
import { hintsOf } from '../type-expectations.ts'
import { expectFailure, expectPass, expectProblem } from './expectations.ts'
import { ann, budgetsOf, certificate, config, data, startDouble, tlsOf } from './hostile-run.ts'

const srvHost = 'cluster.test.example'
const record = `_mongodb._tcp.${srvHost}`
const budgetsMs = { ...budgetsOf(3_000), RESOLVE: 1_000 }

/** Tests the connector of an SRV name with these records. */
async function testSrv(
  names: DnsNames,
  change: Record<string, unknown> = {},
): Promise<{ reports: Reports; questions: readonly string[] }> {
  await using dns = await DnsDouble.start(names)
  const { hosts: _, ...input } = config(0, 'clear', change)
  const reports = await testMongodb({ ...input, srvHost, ...change }, { budgetsMs, nameServers: [dns.address] })
  return { reports, questions: dns.questions }
}

describe('the SRV name of a MongoDB deployment', () => {
  it('stands for its servers, which are found without asking for anything else', async () => {
    await using server = await startDouble()
    const { reports, questions } = await testSrv({
      [record]: { services: [{ host: 'a.test.example', port: server.port }] },
      'a.test.example': ['127.0.0.1'],
    })
    expect(expectPass(reports)).toEqual({ SECURE: 'CONNECTION_NOT_ENCRYPTED' })
    expect(JSON.stringify(reports)).toContain('a.test.example')
    expect(questions).toContain(`SRV ${record}`)
    expect(questions).toContain(`TXT ${srvHost}`)
    expect(server.signIns).toHaveLength(1)
  })

  it('stands for a replica set, whose name its TXT record has', async () => {
    await using set = await MongoReplicaSet.start('rs0', [
      { data, accounts: [ann] },
      { data, accounts: [ann] },
    ])
    const services = set.members.map(({ port }, index) => ({ host: `m${index}.test.example`, port }))
    const addresses = { 'm0.test.example': ['127.0.0.1'], 'm1.test.example': ['127.0.0.1'] }
    const texts = (text: string) => ({ [record]: { services }, [srvHost]: { texts: [[text]] }, ...addresses })
    expectPass((await testSrv(texts('authSource=admin&replicaSet=rs0'))).reports)
    const wrong = await testSrv(texts('replicaSet=rs9'))
    expectFailure(wrong.reports, 'TOPOLOGY', 'REPLICA_SET_MISMATCH')
  })

  it('is verified by the names of its servers', async () => {
    await using server = await startDouble('TLS')
    const names = (host: string) => ({
      '_mongodb._tcp.main.cluster.test': { services: [{ host, port: server.port }] },
      [host]: ['127.0.0.1'],
    })
    const tls = { tls: tlsOf('TLS'), srvHost: 'main.cluster.test' }
    expectPass((await testSrv(names('shard.cluster.test'), tls)).reports)
    // The certificate has a name for one label only.
    const wrong = await testSrv(names('deep.shard.cluster.test'), tls)
    expectFailure(wrong.reports, 'SECURE', 'TLS_NAME_MISMATCH')
    expect(certificate.certificate).toBeDefined()
  })

  it.each([
    ['another domain', 'evil.example.org'],
    ['a domain that ends alike', 'a.nottest.example'],
    ['a domain that begins alike', 'test.example.evil.org'],
    ['the top-level domain itself', 'example'],
    ['the name of this machine', 'localhost'],
    ['an address', '127.0.0.1'],
  ])('that leads to %s is refused, and nobody is asked for its address', async (_, target) => {
    await using watched = await WatchedListeners.start(['127.0.0.1'])
    const { reports, questions } = await testSrv({
      [record]: { services: [{ host: target, port: watched.port }] },
      [target]: ['127.0.0.1'],
    })
    const problem = expectFailure(reports, 'RESOLVE', 'SRV_OUTSIDE_DOMAIN')
    expect(problem.fields).toEqual(['srvHost'])
    expect(questions.filter(question => question.startsWith('A'))).toEqual([])
    expect(watched.connections).toEqual([])
  })

  it.each([
    ['beside it', 'other.example', 'SRV_OUTSIDE_DOMAIN'],
    ['at its own name', 'test.example', 'SRV_OUTSIDE_DOMAIN'],
    ['below it', 'a.test.example', null],
  ] as const)('of two labels may lead only below itself, not %s', async (_, target, code) => {
    await using server = await startDouble()
    const names = {
      '_mongodb._tcp.test.example': { services: [{ host: target, port: server.port }] },
      [target]: ['127.0.0.1'],
    }
    const { reports } = await testSrv(names, { srvHost: 'test.example' })
    if (code) expectFailure(reports, 'RESOLVE', code)
    else expectPass(reports)
  })

  it('of which one server of several is outside is refused as a whole', async () => {
    await using server = await startDouble()
    const { reports } = await testSrv({
      [record]: {
        services: [
          { host: 'a.test.example', port: server.port },
          { host: 'evil.example.org', port: server.port },
        ],
      },
      'a.test.example': ['127.0.0.1'],
    })
    expectFailure(reports, 'RESOLVE', 'SRV_OUTSIDE_DOMAIN')
    expect(server.connections).toBe(0)
  })

  it.each<[string, DnsNames]>([
    ['does not exist', {}],
    ['has no servers', { [record]: { services: [] } }],
    ['has an address only', { [srvHost]: ['127.0.0.1'] }],
  ])('that %s is told so', async (_, names) => {
    const problem = expectFailure((await testSrv(names)).reports, 'RESOLVE', 'SRV_NOT_FOUND')
    expect(hintsOf(problem)).toEqual({ fields: ['srvHost'], remedies: [] })
    expect(problem.message).toContain(srvHost)
  })

  it('whose servers do not exist is told so, with their names', async () => {
    const { reports } = await testSrv({ [record]: { services: [{ host: 'gone.test.example', port: 27_017 }] } })
    const problem = expectFailure(reports, 'RESOLVE', 'HOST_NOT_FOUND')
    expect(problem.message).toContain('gone.test.example')
    expect(problem.fields).toEqual(['srvHost'])
  })

  it.each<[string, DnsNames, 'NAME_RESOLUTION_FAILED' | 'NAME_RESOLUTION_TIMED_OUT']>([
    ['fails', { [record]: 'SERVFAIL' }, 'NAME_RESOLUTION_FAILED'],
    ['says nothing', { [record]: 'SILENT' }, 'NAME_RESOLUTION_TIMED_OUT'],
  ])('whose name server %s is told so', async (_, names, code) => {
    const problem = expectFailure((await testSrv(names)).reports, 'RESOLVE', code)
    expect(problem.fields).toEqual(['srvHost'])
  })

  it.each([
    ['ssl=false', /ssl/i],
    ['tlsInsecure=true', /tlsInsecure/i],
    ['authMechanism=MONGODB-AWS', /authMechanism/i],
    ['authSource=admin&proxyHost=evil.test', /proxyHost/i],
    ['authSource=admin&authSource=evil', /authSource/i],
    ['nonsense', /nonsense/i],
  ])('whose TXT record says %s is refused', async (text, words) => {
    await using server = await startDouble()
    const { reports } = await testSrv({
      [record]: { services: [{ host: 'a.test.example', port: server.port }] },
      [srvHost]: { texts: [[text]] },
      'a.test.example': ['127.0.0.1'],
    })
    const problem = expectFailure(reports, 'RESOLVE', 'SRV_OPTIONS_REFUSED')
    expect(problem.message).toMatch(words)
    expect(server.connections).toBe(0)
  })

  it('that has two TXT records is refused', async () => {
    const { reports } = await testSrv({
      [record]: { services: [{ host: 'a.test.example', port: 27_017 }] },
      [srvHost]: { texts: [['authSource=admin'], ['replicaSet=rs0']] },
      'a.test.example': ['127.0.0.1'],
    })
    expectFailure(reports, 'RESOLVE', 'SRV_OPTIONS_REFUSED')
  })

  it('whose TXT record names another authentication database has remedies for that one', async () => {
    const account = { ...ann, database: 'people', roles: [{ role: 'readWrite', db: 'shop' }] }
    await using server = await startDouble('clear', { accounts: [account] })
    const { reports } = await testSrv({
      [record]: { services: [{ host: 'a.test.example', port: server.port }] },
      [srvHost]: { texts: [['authSource=people']] },
      'a.test.example': ['127.0.0.1'],
    })
    const { remedies } = expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
    expect(JSON.stringify(remedies)).toContain('db.getSiblingDB(\\"people\\").createUser(')
  })

  it('whose TXT record comes in pieces is put together', async () => {
    await using set = await MongoReplicaSet.start('rs0', [{ data, accounts: [ann] }])
    const { reports } = await testSrv({
      [record]: { services: [{ host: 'a.test.example', port: set.members[0]?.port ?? 0 }] },
      [srvHost]: { texts: [['authSource=ad', 'min&replicaSet=r', 's0']] },
      'a.test.example': ['127.0.0.1'],
    })
    expectPass(reports)
  })

  it.each([
    ['an internal address', ['10.0.0.1']],
    ['the metadata service', ['169.254.169.254']],
    ['this and an internal address', ['127.0.0.1', '10.0.0.1']],
  ])('whose server has %s is denied', async (_, addresses) => {
    await using server = await startDouble()
    const { reports } = await testSrv({
      [record]: { services: [{ host: 'a.test.example', port: server.port }] },
      'a.test.example': addresses,
    })
    const problem = expectFailure(reports, 'EGRESS', 'EGRESS_DENIED')
    expect(problem.fields).toEqual(['srvHost'])
    expect(JSON.stringify(reports)).not.toMatch(/10\.0\.0\.1|169\.254/)
    expect(server.connections).toBe(0)
  })

  it('that stands for hundreds of servers does not make us look for them all', async () => {
    const services = Array.from({ length: 400 }, (_, index) => ({ host: `s${index}.test.example`, port: 27_017 }))
    const { reports, questions } = await testSrv({ [record]: { services } })
    expect(reports.RESOLVE?.status).toBe('FAILED')
    expect(questions.length).toBeLessThan(120)
  })
})
