import { Double, Int32, Long, ObjectId } from 'mongodb'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectFailure, expectProblem, expectQueryProblem, plannedKeys } from '../connectors/mongodb/expectations.ts'
import { issueCertificate } from '../servers/certificates.ts'
import { queryMongodb, testMongodb } from '../servers/mongodb-run.ts'
import { installFerretDb } from './ferretdb-install.ts'
import { describeListings } from './ferretdb-listings.ts'
import { administrator, FerretDb } from './ferretdb-server.ts'

const installation = await installFerretDb()
const root = issueCertificate({ commonName: 'Ferret Root', authority: true })
const clientRoot = issueCertificate({ commonName: 'Client Root', authority: true })
const certificate = issueCertificate({ commonName: 'db', issuer: root, names: ['127.0.0.1'], usage: 'server' })
const client = issueCertificate({ commonName: 'ann', issuer: clientRoot, usage: 'client' })

const account = { username: 'reader', password: 'pässword of reader' } as const
const inClear = { mode: 'DISABLE' }
const verified = { caCertificates: root.certificate }

const config = (server: FerretDb, change: Record<string, unknown> = {}) => ({
  hosts: [{ host: '127.0.0.1', port: server.port }],
  auth: { scram: account },
  tls: inClear,
  ...change,
})
const of = { database: 'shop', collection: 'orders' }
const find = (parts: Readonly<Record<string, unknown>> = {}, where = of) => ({
  ...where,
  operation: { find: Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, JSON.stringify(part)])) },
})
const pipeline = (stages: readonly unknown[]) => ({
  ...of,
  operation: { pipeline: { stages: JSON.stringify(stages) } },
})

const oid = new ObjectId('65a1b2c3d4e5f60718293a4b')

async function fill(server: FerretDb): Promise<void> {
  await server.administer(async admin => {
    const orders = admin.db('shop').collection<{ _id: number }>('orders')
    await orders.insertMany(Array.from({ length: 3_000 }, (_, _id) => ({ _id, total: _id * 10, note: 'row-content' })))
    await admin
      .db('shop')
      .collection('mixed')
      .insertMany([
        { _id: oid, a: new Int32(1), big: Long.fromString('9007199254740993'), at: new Date(0), half: new Double(0.5) },
        { a: 'one', nested: { list: [1, 'two', null] }, yes: true },
      ])
    await admin.db('admin').command({ createUser: account.username, pwd: account.password, roles: [] })
    await admin.db('shop').command({ createUser: 'local', pwd: 'pw', roles: [], mechanisms: ['SCRAM-SHA-1'] })
  })
}

if (!installation.installed) test('FerretDB', context => context.skip(installation.reason))
/** Where it is missing, the line above says so once for all of them. */
const describeInstalled = installation.installed ? describe : (_name: string, _suite: () => void) => {}

describeInstalled('a MongoDB connector on FerretDB', () => {
  let server: FerretDb
  beforeAll(async () => {
    server = await FerretDb.start()
    await fill(server)
  })
  afterAll(async () => {
    await server?.[Symbol.asyncDispose]()
  })

  test('signs in by SCRAM-SHA-256, opens and reads', async () => {
    const reports = await testMongodb(config(server))
    for (const key of plannedKeys.slice(0, -1)) expect(['PASSED', 'WARNING'], key).toContain(reports[key]?.status)
    expect(JSON.stringify(reports.SIGN_IN?.evidence)).toContain('SCRAM-SHA-256')
    expect(JSON.stringify(reports.READ?.evidence)).toMatch(/shop\.(orders|mixed)/)
    expect(JSON.stringify(reports)).not.toContain('row-content')
    expectProblem(reports, 'SECURE', 'CONNECTION_NOT_ENCRYPTED')
    // It does not say what an account may do: that is unknown, not harmless.
    expectProblem(reports, 'LEAST_PRIVILEGE', 'PRIVILEGES_UNKNOWN')
    expect(reports.LEAST_PRIVILEGE?.status).toBe('SKIPPED')
  })

  test('signs in by SCRAM-SHA-1, to the database that has the account', async () => {
    const local = { auth: { scram: { username: 'local', password: 'pw' } }, authSource: 'shop' }
    const reports = await testMongodb(config(server, local))
    expect(reports.SIGN_IN?.status, JSON.stringify(reports.SIGN_IN)).toBe('PASSED')
    expect(JSON.stringify(reports.SIGN_IN?.evidence)).toContain('SCRAM-SHA-1')
  })

  test.each([
    ['a wrong password', { auth: { scram: { ...account, password: 'wrong' } } }],
    ['an unknown user', { auth: { scram: { ...account, username: 'nobody' } } }],
    ['an authentication database that does not have it', { authSource: 'shop' }],
  ])('names %s', async (_, change) => {
    const problem = expectFailure(await testMongodb(config(server, change)), 'SIGN_IN', 'CREDENTIALS_REJECTED')
    expect(problem.fields).toContain('authSource')
  })

  test('names a sign-in that is missing', async () => {
    const reports = await testMongodb(config(server, { auth: { none: true } }))
    const [failed] = Object.values(reports).filter(({ status }) => status === 'FAILED')
    expect(failed?.problem?.code).toBe('AUTHENTICATION_REQUIRED')
  })

  test('names a replica set that it is not', async () => {
    expectFailure(await testMongodb(config(server, { replicaSet: 'rs0' })), 'TOPOLOGY', 'REPLICA_SET_MISMATCH')
  })

  test('finds, over many batches', async () => {
    const limits = { maxRows: 5_000, maxBytes: 4_194_304 }
    const outcome = await queryMongodb(
      config(server),
      find({ filter: { total: { $gte: 100 } }, sort: { total: -1 } }),
      { limits },
    )
    if (outcome.kind !== 'RESULT') throw new Error(JSON.stringify(outcome.problem))
    expect(outcome.result.rows).toHaveLength(2_990)
    expect(outcome.result.rows[0]).toEqual(expect.arrayContaining([2_999, 29_990, 'row-content']))
    expect(outcome.result.truncated).toBe(false)
  })

  test('projects, and stops at the limit', async () => {
    const outcome = await queryMongodb(config(server), find({ projection: { total: 1, _id: 0 }, sort: { total: 1 } }), {
      limits: { maxRows: 3, maxBytes: 1_048_576 },
    })
    expect(outcome).toMatchObject({
      kind: 'RESULT',
      result: { columns: [{ name: 'total' }], rows: [[0], [10], [20]], truncated: true },
    })
  })

  test('runs a pipeline', async () => {
    const stages = [{ $match: { total: { $lt: 100 } } }, { $group: { _id: null, sum: { $sum: '$total' } } }]
    const outcome = await queryMongodb(config(server), pipeline(stages))
    expect(outcome).toMatchObject({ kind: 'RESULT', result: { rows: [[null, 450]] } })
  })

  test('shows values of many types, as it stores them', async () => {
    const outcome = await queryMongodb(
      config(server),
      find({ sort: { big: -1 } }, { database: 'shop', collection: 'mixed' }),
    )
    if (outcome.kind !== 'RESULT') throw new Error(JSON.stringify(outcome.problem))
    const { columns, rows } = outcome.result
    const value = (row: number, name: string) => rows[row]?.[columns.findIndex(column => column.name === name)]
    expect(value(0, '_id')).toBe('65a1b2c3d4e5f60718293a4b')
    expect(value(0, 'big')).toBe('9007199254740993')
    expect(value(0, 'at')).toBe('1970-01-01T00:00:00.000Z')
    expect(value(1, 'nested')).toEqual({ list: [1, 'two', null] })
    expect(columns.find(({ name }) => name === 'a')?.nativeType).toMatch(/int.*string|string.*int/)
  })

  test('reads its errors as those of MongoDB', async () => {
    expectQueryProblem(await queryMongodb(config(server), find({ filter: { $and: 5 } })), { code: 'QUERY_INVALID' })
  })

  test('refuses what writes before it is asked', async () => {
    expectQueryProblem(await queryMongodb(config(server), pipeline([{ $out: 'copies' }])), {
      code: 'QUERY_NOT_READ_ONLY',
    })
    const names = await server.administer(async admin =>
      (await admin.db('shop').listCollections().toArray()).map(({ name }) => name as string),
    )
    expect(names).not.toContain('copies')
  })
})

describeInstalled('an encrypted MongoDB connector on FerretDB', () => {
  test('verifies it, and reads', async () => {
    await using server = await FerretDb.start({ certificate })
    await fill(server)
    const reports = await testMongodb(config(server, { tls: verified }))
    expect(reports.SECURE?.status).toBe('PASSED')
    expect(reports.READ?.status).toBe('PASSED')
    expect(await queryMongodb(config(server, { tls: verified }), find())).toMatchObject({ kind: 'RESULT' })
    expectFailure(await testMongodb(config(server, { tls: {} })), 'SECURE', 'TLS_CERTIFICATE_UNTRUSTED')
    expectFailure(await testMongodb(config(server)), 'GREET', 'TLS_REQUIRED_BY_SERVER')
    expectProblem(await testMongodb(config(server, { tls: { mode: 'REQUIRE' } })), 'SECURE', 'SERVER_NOT_VERIFIED')
  })

  test('names a server without encryption', async () => {
    await using server = await FerretDb.start()
    expectFailure(await testMongodb(config(server, { tls: verified })), 'SECURE', 'TLS_NOT_OFFERED')
  })

  test('shows its client certificate where one is demanded, and names what is missing', async () => {
    await using server = await FerretDb.start({ certificate, clientAuthority: clientRoot })
    const tls = { ...verified, clientCertificate: client.certificate, clientKey: client.key }
    const auth = { scram: administrator }
    const reports = await testMongodb(config(server, { auth, tls }))
    expect(reports.SIGN_IN?.status, JSON.stringify(reports)).toBe('PASSED')
    const missing = await testMongodb(config(server, { auth, tls: verified }))
    const [key] = (['SECURE', 'GREET', 'SIGN_IN'] as const).filter(each => missing[each]?.status === 'FAILED')
    expectFailure(missing, key ?? 'GREET', 'CLIENT_CERTIFICATE_REQUIRED')
    const stranger = issueCertificate({ commonName: 'ann', issuer: root, usage: 'client' })
    const untrusted = { ...verified, clientCertificate: stranger.certificate, clientKey: stranger.key }
    const refused = await testMongodb(config(server, { auth, tls: untrusted }))
    const [at] = (['SECURE', 'GREET', 'SIGN_IN'] as const).filter(each => refused[each]?.status === 'FAILED')
    expectFailure(refused, at ?? 'GREET', 'CLIENT_CERTIFICATE_REQUIRED')
  })
})

describeInstalled('a MongoDB connector on a replica set of FerretDB', () => {
  test('is led to the member that it names', async () => {
    await using server = await FerretDb.start({ replicaSet: 'rs0' })
    await fill(server)
    const reports = await testMongodb(config(server, { replicaSet: 'rs0' }))
    expect(reports.READ?.status, JSON.stringify(reports)).toBe('PASSED')
  })
})

if (installation.installed) describeListings()
