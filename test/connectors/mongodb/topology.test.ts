import { setTimeout as delay } from 'node:timers/promises'
import { type Document, Timestamp } from 'mongodb'
import { describe, expect, it } from 'vitest'
import { DnsDouble } from '../../servers/dns-double.ts'
import { type Behaviour, MongoDouble } from '../../servers/mongo-double.ts'
import { type MemberOptions, MongoReplicaSet } from '../../servers/mongo-replica-set.ts'
import { queryMongodb, testMongodb } from '../../servers/mongodb-run.ts'
import { freePort } from '../../servers/postgres.ts'
import { WatchedListeners } from '../../servers/watched-listeners.ts'
import { expectFailure, expectPass, expectProblem } from './expectations.ts'
import { ann, budgetsOf, certificate, config, data, find, nothingLeft, testHostile, tlsOf } from './hostile-run.ts'

const member: MemberOptions = { data, accounts: [ann] }
const input = (hosts: readonly object[], change: Record<string, unknown> = {}) => ({
  ...config(0, 'clear', change),
  hosts,
})
const clearWarning = { SECURE: 'CONNECTION_NOT_ENCRYPTED' }
const budgetsMs = budgetsOf(3_000)
const hello = (answer: Document) => () => answer
/** What a server says of itself that is the only known member of its set, and reached by its right name. */
const alone = (name: string, hosts: readonly string[], change: Document = {}): Document => ({
  setName: name,
  setVersion: 1,
  hosts,
  ...change,
})
const secondary = { isWritablePrimary: false, ismaster: false, secondary: true }
const slowly: Behaviour = async ({ answer }) => {
  await delay(100)
  return answer
}
/** Everybody who was asked to sign somebody in. */
const signInsOf = ({ members }: MongoReplicaSet) => members.map(({ signIns }) => signIns.length)

describe('the topology of a MongoDB deployment', () => {
  it('is a replica set whose primary is read, found from a secondary alone, with one sign-in', async () => {
    await using set = await MongoReplicaSet.start('rs0', [
      { ...member, state: 'SECONDARY' },
      { ...member, state: 'PRIMARY' },
      member,
    ])
    const reports = await testMongodb(input(set.hosts.slice(0, 1), { replicaSet: 'rs0' }), { budgetsMs })
    expect(expectPass(reports)).toEqual(clearWarning)
    const evidence = JSON.stringify(reports.TOPOLOGY?.evidence)
    for (const { host } of set.members) expect(evidence).toContain(host)
    expect(JSON.stringify(reports.GREET?.evidence)).toContain('rs0')
    expect(signInsOf(set)).toEqual([0, 1, 0])
    for (const each of set.members) await nothingLeft(each)
  })

  it('is a replica set although the form does not say so', async () => {
    await using set = await MongoReplicaSet.start('rs0', [member, member])
    expect(expectPass(await testMongodb(input(set.hosts), { budgetsMs }))).toEqual(clearWarning)
    expect(signInsOf(set)).toEqual([1, 0])
  })

  it('is encrypted and verified at every member', async () => {
    const tls = { certificate }
    await using set = await MongoReplicaSet.start('rs0', [
      { ...member, tls, state: 'SECONDARY' },
      { ...member, tls, state: 'PRIMARY' },
    ])
    const reports = await testMongodb(input(set.hosts.slice(0, 1), { tls: tlsOf('TLS') }), { budgetsMs })
    expect(expectPass(reports)).toEqual({})
    expect(signInsOf(set)).toEqual([0, 1])
  })

  it.each(['SECONDARY', 'SECONDARY_PREFERRED'])(
    'is read from a secondary where the form wants %s',
    async readPreference => {
      await using set = await MongoReplicaSet.start('rs0', [member, member])
      expectPass(await testMongodb(input(set.hosts, { readPreference }), { budgetsMs }))
      expect(signInsOf(set)).toEqual([0, 1])
    },
  )

  it('is usable while a member cannot be reached, and says which', async () => {
    const dead = `127.0.0.1:${await freePort()}`
    await using server = await MongoDouble.start({
      ...member,
      hello: () => alone('rs0', [server.host, dead], { me: server.host, primary: server.host }),
    })
    const reports = await testMongodb(config(server.port, 'clear', { replicaSet: 'rs0' }), { budgetsMs })
    expect(['PASSED', 'WARNING']).toContain(reports.TOPOLOGY?.status)
    expect(JSON.stringify(reports.TOPOLOGY?.evidence)).toContain(dead)
    expect(reports.SIGN_IN?.status).toBe('PASSED')
  })

  it.each([
    [
      'no primary',
      [
        { ...member, state: 'SECONDARY' },
        { ...member, state: 'SECONDARY' },
      ],
      {},
    ],
    ['only a secondary and an arbiter', [{ ...member, state: 'SECONDARY' }, { state: 'ARBITER' }], {}],
    ['no secondary', [member], { readPreference: 'SECONDARY' }],
    ['members that start', [{ ...member, state: 'STARTING' }], {}],
  ] as const)('that has %s is told so, and nobody signs in', async (_, members, change) => {
    await using set = await MongoReplicaSet.start('rs0', members)
    const reports = await testMongodb(input(set.hosts, { replicaSet: 'rs0', ...change }), { budgetsMs })
    const problem = expectFailure(reports, 'TOPOLOGY', 'NO_SUITABLE_MEMBER')
    expect(problem.retryable).toBe(true)
    expect(signInsOf(set).every(count => count === 0)).toBe(true)
    for (const each of set.members) await nothingLeft(each)
  })

  it('that has another name is told at once, with the name that it has', async () => {
    await using set = await MongoReplicaSet.start('rs0', [member])
    const reports = await testMongodb(input(set.hosts, { replicaSet: 'other' }), { budgetsMs })
    const problem = expectFailure(reports, 'TOPOLOGY', 'REPLICA_SET_MISMATCH')
    expect(JSON.stringify(problem.params)).toMatch(/rs0/)
    expect(problem.fields).toContain('replicaSet')
    expect(signInsOf(set)).toEqual([0])
  })

  it('that is no replica set is told so where the form names one', async () => {
    const { reports } = await testHostile({ change: { replicaSet: 'rs0' }, budgetMs: 3_000 })
    expectFailure(reports, 'TOPOLOGY', 'REPLICA_SET_MISMATCH')
  })

  it('whose hosts belong to different sets warns of it, and reads from the first', async () => {
    await using one = await MongoReplicaSet.start('rs0', [member])
    await using two = await MongoReplicaSet.start('rs1', [member])
    const reports = await testMongodb(input([...one.hosts, ...two.hosts]), { budgetsMs })
    const problem = expectProblem(reports, 'TOPOLOGY', 'REPLICA_SET_MISMATCH')
    expect(reports.TOPOLOGY?.status).toBe('WARNING')
    expect(problem.message).toMatch(/rs1.*rs0/)
    expect(problem.fields).toContain('hosts.1.host')
    expect([...signInsOf(one), ...signInsOf(two)]).toEqual([1, 0])
  })

  it('that is several servers by themselves is read from the first, whoever answers sooner', async () => {
    await using one = await MongoDouble.start({ ...member, at: { hello: slowly } })
    await using two = await MongoDouble.start(member)
    const hosts = [one, two].map(({ port }) => ({ host: '127.0.0.1', port }))
    const reports = await testMongodb(input(hosts), { budgetsMs })
    const problem = expectProblem(reports, 'TOPOLOGY', 'REPLICA_SET_MISMATCH')
    expect(problem.message).toBe(
      `127.0.0.1:${two.port} is a server by itself, not part of one deployment with 127.0.0.1:${one.port}.`,
    )
    expect(problem.remedies).toEqual([])
    expect([one.signIns.length, two.signIns.length]).toEqual([1, 0])
  })

  it('whose first host has not joined its replica set yet is that of the others', async () => {
    const joining = { isreplicaset: true, ismaster: false, isWritablePrimary: false }
    await using one = await MongoDouble.start({ ...member, hello: hello(joining) })
    await using set = await MongoReplicaSet.start('rs0', [member])
    const reports = await testMongodb(input([{ host: '127.0.0.1', port: one.port }, ...set.hosts]), { budgetsMs })
    expect(reports.TOPOLOGY?.status).toBe('WARNING')
    expect([one.signIns.length, ...signInsOf(set)]).toEqual([0, 1])
  })

  it.each([
    ['PRIMARY_PREFERRED', 'SECONDARY', 'PRIMARY'],
    ['SECONDARY_PREFERRED', 'PRIMARY', 'SECONDARY'],
  ] as const)('is read by %s in a query as in a test, although the form names only the %s', async (...states) => {
    const [readPreference, named, wanted] = states
    await using set = await MongoReplicaSet.start('rs0', [
      { ...member, state: named },
      { ...member, state: wanted },
    ])
    const form = input(set.hosts.slice(0, 1), { readPreference })
    expectPass(await testMongodb(form, { budgetsMs }))
    expect(signInsOf(set)).toEqual([0, 1])
    expect(await queryMongodb(form, find())).toMatchObject({ kind: 'RESULT' })
    expect(signInsOf(set)).toEqual([0, 2])
  })

  it('is read by a query from what there is while the preferred member is down', async () => {
    const dead = `127.0.0.1:${await freePort()}`
    await using server = await MongoDouble.start({
      ...member,
      hello: () => alone('rs0', [server.host, dead], { ...secondary, me: server.host, primary: dead }),
    })
    const form = config(server.port, 'clear', { readPreference: 'PRIMARY_PREFERRED' })
    expect(await queryMongodb(form, find())).toMatchObject({ kind: 'RESULT' })
    expect(await queryMongodb({ ...form, readPreference: 'PRIMARY' }, find())).toMatchObject({
      kind: 'PROBLEM',
      problem: { code: 'NO_SUITABLE_MEMBER' },
    })
    expect(server.signIns).toHaveLength(1)
  })

  it('is a sharded cluster behind routers', async () => {
    const router = { ...member, hello: hello({ msg: 'isdbgrid' }) }
    await using one = await MongoDouble.start(router)
    await using two = await MongoDouble.start(router)
    const hosts = [one, two].map(({ port }) => ({ host: '127.0.0.1', port }))
    expect(expectPass(await testMongodb(input(hosts), { budgetsMs }))).toEqual(clearWarning)
    expect(one.signIns.length + two.signIns.length).toBe(1)
  })

  it.each([
    ['too old', { minWireVersion: 0, maxWireVersion: 6 }],
    ['ancient, and knows no versions', { minWireVersion: undefined, maxWireVersion: undefined }],
  ])('with a server that is %s is told so', async (_, versions) => {
    const { reports, server } = await testHostile({ hello: hello(versions), budgetMs: 3_000 })
    const key = reports.GREET?.status === 'FAILED' ? 'GREET' : 'TOPOLOGY'
    expectFailure(reports, key, 'SERVER_TOO_OLD')
    expect(server.signIns).toEqual([])
  })

  it('with a server that is too new is told so, and nobody signs in', async () => {
    const versions = { minWireVersion: 200, maxWireVersion: 220 }
    const { reports, server } = await testHostile({ hello: hello(versions), budgetMs: 3_000 })
    const problem = expectFailure(reports, 'TOPOLOGY', 'SERVER_TOO_NEW')
    expect(problem.message).toMatch(/MongoDB \d+\.\d+/)
    expect(server.signIns).toEqual([])
  })

  it('that becomes too new before the sign-in is told so too', async () => {
    let hellos = 0
    const { reports, server } = await testHostile({
      // The first one is answered to the probe.
      hello: () => (hellos++ === 0 ? {} : { minWireVersion: 200, maxWireVersion: 220 }),
      budgetMs: 3_000,
    })
    expectFailure(reports, 'SIGN_IN', 'SERVER_TOO_NEW')
    expect(server.signIns).toEqual([])
  })

  it('is read by the read preference behind a router too, whatever is asked of it', async () => {
    await using server = await MongoDouble.start({
      ...member,
      hello: hello({ msg: 'isdbgrid', operationTime: new Timestamp({ t: 5, i: 1 }) }),
      at: { buildInfo: ({ answer }) => ({ ...answer, operationTime: new Timestamp({ t: 5, i: 1 }) }) },
    })
    expectPass(await testMongodb(config(server.port, 'clear', { readPreference: 'SECONDARY' }), { budgetsMs }))
    const [read] = server.commandsNamed('find')
    expect(read?.['$readPreference']).toEqual({ mode: 'secondary' })
    // Nothing waits for a member that lags behind.
    expect(read?.['readConcern']).toBeUndefined()
  })
})

describe('hosts that a MongoDB server names', () => {
  /** On every address at which a packet of ours could arrive on this machine without being allowed to. */
  const start = (addresses: readonly string[] = ['127.0.0.9', '127.0.0.10']) => WatchedListeners.start(addresses)
  const named = (hosts: readonly string[], change: Document = {}) =>
    MongoDouble.start({
      ...member,
      hello: () => alone('rs0', hosts, { isWritablePrimary: false, ismaster: false, secondary: true, ...change }),
    })

  it.each([
    ['the metadata service of clouds', ['169.254.169.254:80']],
    ['a private address', ['10.0.0.1:27017']],
    ['a mapped IPv6 address', ['[::ffff:169.254.169.254]:80']],
    ['a port that no database has', ['198.51.100.1:22']],
    ['an address written as a number', ['2852039166:80']],
    ['a socket file', ['/tmp/mongodb-27017.sock']],
  ])('are not dialled when one is %s', async (_, hosts) => {
    await using server = await named(hosts, { primary: hosts[0] })
    const reports = await testMongodb(config(server.port, 'clear', { replicaSet: 'rs0' }), { budgetsMs })
    expect(reports.TOPOLOGY?.status).toBe('FAILED')
    expect(['EGRESS_DENIED', 'NO_SUITABLE_MEMBER', 'PROTOCOL_VIOLATION', 'HOST_NOT_FOUND']).toContain(
      reports.TOPOLOGY?.problem?.code,
    )
    expect(reports.SIGN_IN?.status).toBe('SKIPPED')
    await nothingLeft(server)
  })

  it('get no packet when the operator does not allow them, by address or by name, and no name tells its address', async () => {
    await using watched = await start()
    // Only the server itself is opened: the other loopback addresses are as private as any.
    await using server = await MongoDouble.start({
      ...member,
      address: '127.0.0.1',
      hello: () =>
        alone('rs0', [`127.0.0.9:${watched.port}`, `inside.test:${watched.port}`], {
          isWritablePrimary: false,
          ismaster: false,
          secondary: true,
          primary: `127.0.0.9:${watched.port}`,
        }),
    })
    await using dns = await DnsDouble.start({ 'inside.test': ['10.9.8.7'] })
    const reports = await testMongodb(config(server.port, 'clear', { replicaSet: 'rs0' }), {
      budgetsMs,
      nameServers: [dns.address],
    })
    expect(reports.TOPOLOGY?.status).toBe('FAILED')
    expect(JSON.stringify(reports)).not.toContain('10.9.8.7')
    await nothingLeft(server)
  })

  it('are told to the reader as denied', async () => {
    await using server = await named(['10.0.0.1:27017'], { primary: '10.0.0.1:27017' })
    const reports = await testMongodb(config(server.port, 'clear'), { budgetsMs })
    const problem = expectFailure(reports, 'TOPOLOGY', reports.TOPOLOGY?.problem?.code ?? 'UNCLASSIFIED')
    expect(`${problem.message} ${JSON.stringify(reports.TOPOLOGY?.evidence)}`).toMatch(/operator does not allow/)
  })

  it('do not get the credentials, though they are reachable and claim to be the primary of another set', async () => {
    await using thief = await MongoDouble.start({ ...member, hello: hello(alone('stolen', [])) })
    await using server = await MongoDouble.start({
      ...member,
      hello: () =>
        alone('rs0', [server.host, thief.host], {
          isWritablePrimary: false,
          ismaster: false,
          secondary: true,
          me: server.host,
          primary: thief.host,
        }),
    })
    const reports = await testMongodb(config(server.port, 'clear', { replicaSet: 'rs0' }), { budgetsMs })
    expect(reports.SIGN_IN?.status).toBe('SKIPPED')
    expect(thief.signIns).toEqual([])
    expect(thief.received.includes('ann')).toBe(false)
  })

  it('are limited in number', async () => {
    await using watched = await start(['127.0.0.1'])
    const many = Array.from({ length: 5_000 }, (_, index) => `127.0.0.1:${watched.port}${'0'.repeat(index % 2)}`)
    const { reports } = await testHostile({
      hello: () => alone('rs0', [...many, ...Array.from({ length: 5_000 }, (_, index) => `h${index}.test:1`)]),
      budgetMs: 3_000,
    })
    expect(reports.TOPOLOGY?.status).not.toBe('RUNNING')
    expect(watched.connections.length).toBeLessThan(100)
    expect(JSON.stringify(reports).length).toBeLessThan(100_000)
  })

  it.each<[string, Document]>([
    ['a number', { hosts: 5 }],
    ['a document', { hosts: { a: 1 } }],
    ['numbers', { hosts: [1, 2, 3] }],
    ['null', { hosts: [null] }],
    ['an empty text', { hosts: [''] }],
    ['a text of a megabyte', { hosts: ['x'.repeat(1_048_576)] }],
    ['control characters', { hosts: ['\u001b[31mred\u0000:27017'] }],
    ['a port that is none', { hosts: ['a.test:99999999'] }],
    ['of a name that is a number', { me: 5 }],
    ['of a set that is a number', { setName: 5 }],
    ['passive, and a number', { passives: 5 }],
    ['arbiters, and a number', { arbiters: [{}] }],
    ['the primary, and a document', { primary: {} }],
    ['along with tags that are none', { tags: 5 }],
    ['along with a version of the topology that is none', { topologyVersion: { processId: 1, counter: 'x' } }],
    ['along with a time that is none', { $clusterTime: 5, operationTime: 'x' }],
    ['along with a last write that is none', { lastWrite: 5, electionId: 7, setVersion: 'x' }],
    ['along with numbers that are texts', { maxWireVersion: '25', logicalSessionTimeoutMinutes: 'x' }],
    ['along with identifiers that are documents', { connectionId: {}, serviceId: 5, compression: 5 }],
  ])('may be %s without harm', async (_, change) => {
    const { reports } = await testHostile({ hello: () => ({ ...alone('rs0', []), ...change }), budgetMs: 3_000 })
    const [failed] = Object.values(reports).filter(({ status }) => status === 'FAILED')
    expect(['PROTOCOL_VIOLATION', 'NO_SUITABLE_MEMBER', 'SERVER_TOO_OLD', undefined]).toContain(failed?.problem?.code)
    expect(JSON.stringify(reports)).not.toMatch(/\\u001b|\\u0000/)
    expect(JSON.stringify(reports).length).toBeLessThan(50_000)
  })
})
