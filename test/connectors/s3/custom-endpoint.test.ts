import { describe, expect, it } from 'vitest'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { DnsDouble } from '../../servers/dns-double.ts'
import { httpServer } from '../../servers/hostile-servers.ts'
import { bucket, S3Double, type S3DoubleOptions } from '../../servers/s3-double.ts'
import type { RunOptions } from '../../servers/type-run.ts'
import { hintsOf } from '../type-expectations.ts'
import {
  accessKey,
  byKey,
  expectFailure,
  expectProblem,
  expectQueryProblem,
  foreignInput,
  inputOf,
  knownKeys,
  queryS3,
  rowsOf,
  stepOf,
  testS3,
} from './s3-run.ts'

async function startServer(options: S3DoubleOptions = {}): Promise<S3Double> {
  const server = await S3Double.start({ keys: knownKeys, ...options })
  server.objects.put('a.csv', 'n\none\n')
  return server
}
const target = ({ port }: S3Double) => `127.0.0.1:${port}`

const run = async (options: S3DoubleOptions, input = {}, surroundings: RunOptions = {}) => {
  await using server = await startServer(options)
  const reports = await testS3(foreignInput(server, input), surroundings)
  return { reports, at: target(server), connections: server.connections, served: server.served }
}

describe('a server in the place of S3', () => {
  it('passes every step that can be measured, with STS never asked', async () => {
    await using server = await startServer()
    const reports = await testS3(foreignInput(server))
    const at = target(server)
    expect(Object.entries(reports).map(([id, { status }]) => `${id} ${status}`)).toEqual([
      ...['RESOLVE', 'EGRESS', 'CONNECT'].map(key => `${key}:${at} PASSED`),
      `SECURE:${at} WARNING`,
      `SIGN_IN:${at} PASSED`,
      'OPEN PASSED',
      'READ PASSED',
      'LEAST_PRIVILEGE SKIPPED',
    ])
    expect(hintsOf(expectProblem(reports, `SECURE:${at}`, 'CONNECTION_NOT_ENCRYPTED')).fields).toEqual(['endpoint'])
    expect(server.served.map(({ bucket: name }) => name)).toEqual(server.served.map(() => bucket))
    const outcome = await queryS3(foreignInput(server), byKey('a.csv'))
    expect(rowsOf(outcome)).toEqual([['one']])
  })

  it('is reached at its address alone: the name of the bucket is looked up nowhere', async () => {
    await using server = await startServer()
    await using dns = await DnsDouble.start({ 'minio.test': ['127.0.0.1'] })
    const endpoint = `http://minio.test:${server.port}`
    const reports = await testS3(inputOf({ endpoint }), { nameServers: [dns.address] })
    expect(stepOf(reports, 'READ').status).toBe('PASSED')
    expect(new Set(dns.questions)).toEqual(new Set(['A minio.test', 'AAAA minio.test']))
  })

  it('is refused where the operator does not allow any, before anything is dialled', async () => {
    const network = { customEndpoints: false }
    const { reports, at, connections } = await run({}, {}, { network })
    const problem = expectFailure(reports, `EGRESS:${at}`, 'CUSTOM_ENDPOINT_REFUSED')
    expect(problem).toMatchObject({ fields: ['endpoint'], origin: 'POLICY' })
    expect(connections).toBe(0)
    await using server = await startServer()
    const outcome = await queryS3(foreignInput(server), byKey('a.csv'), { network })
    expectQueryProblem(outcome, { code: 'CUSTOM_ENDPOINT_REFUSED' })
    expect(server.connections).toBe(0)
  })

  it('is refused where nobody has said that it is allowed', async () => {
    const { reports, at } = await run({}, {}, { network: { customEndpoints: undefined as never } })
    expectFailure(reports, `EGRESS:${at}`, 'CUSTOM_ENDPOINT_REFUSED')
  })

  it('is no way around the egress policy', async () => {
    const { reports, at, connections } = await run({}, {}, { egress: { allowLoopback: false } })
    expect(expectFailure(reports, `EGRESS:${at}`, 'EGRESS_DENIED').fields).toEqual(['endpoint'])
    expect(connections).toBe(0)
    for (const endpoint of [
      'http://169.254.169.254',
      'http://[fd00:ec2::254]',
      'http://127.0.0.1',
      'http://[::ffff:7f00:1]',
    ]) {
      const denied = await testS3(inputOf({ endpoint }), { egress: { allowLoopback: false } })
      const step = Object.keys(denied).find(id => id.startsWith('EGRESS'))
      expectFailure(denied, step ?? '', 'EGRESS_DENIED')
    }
  })

  it('must encrypt where the operator demands it', async () => {
    const { reports, at, served } = await run({}, {}, { egress: { allowUnencrypted: false } })
    expect(expectFailure(reports, `SECURE:${at}`, 'TLS_DISABLED_BY_POLICY').fields).toEqual(['endpoint'])
    expect(served).toEqual([])
  })

  it.each<readonly [string, S3DoubleOptions, object, ProblemCode, readonly string[]]>([
    [
      'a wrong secret',
      {},
      { credentials: { accessKey: { ...accessKey, secretAccessKey: 'wrong-secret' } } },
      'CLOUD_CREDENTIALS_REJECTED',
      ['credentials.accessKey.secretAccessKey', 'credentials.accessKey.accessKeyId'],
    ],
    [
      'a key that it does not know',
      { keys: {} },
      {},
      'CLOUD_CREDENTIALS_REJECTED',
      ['credentials.accessKey.secretAccessKey', 'credentials.accessKey.accessKeyId'],
    ],
    ['clocks that differ', { skewMs: -1_800_000 }, {}, 'CLOUD_CLOCK_SKEWED', []],
    ['another region', { buckets: { sales: 'us-east-1' } }, {}, 'CLOUD_REGION_MISMATCH', ['region']],
    [
      'a page',
      { at: { ListObjectsV2: { status: 200, headers: {}, body: '<html></html>' } } },
      {},
      'WRONG_PROTOCOL',
      ['endpoint'],
    ],
    ['no answer', { at: { ListObjectsV2: 'HANG' } }, {}, 'CLOUD_TIMED_OUT', []],
    ['no end', { at: { ListObjectsV2: 'FLOOD' } }, {}, 'PROTOCOL_VIOLATION', ['endpoint']],
  ])('is told that it has %s when it is signed in to', async (_, options, input, code, fields) => {
    await using server = await startServer(options)
    const id = `SIGN_IN:${target(server)}`
    const reports = await testS3(foreignInput(server, { ...input }), { budgetsMs: { [id]: 1_000 } })
    const problem = expectFailure(reports, id, code)
    expect(problem.fields).toEqual(fields)
    expect(JSON.stringify(reports)).not.toContain('wrong-secret')
    await expect.poll(() => server.openConnections).toBe(0)
  })

  it('is named as what it is when it is a web server', async () => {
    await using server = await httpServer()
    const at = `127.0.0.1:${server.port}`
    const problem = expectFailure(
      await testS3(inputOf({ endpoint: `http://${at}` })),
      `SIGN_IN:${at}`,
      'WRONG_PROTOCOL',
    )
    expect(problem.message).toMatch(/S3/)
  })

  it('has signed in also whoever may not list, or has no such bucket: that is for later steps to say', async () => {
    const denied = await run({ denies: action => action === 's3:ListBucket' })
    expect(stepOf(denied.reports, `SIGN_IN:${denied.at}`).status).toBe('PASSED')
    expectFailure(denied.reports, 'READ', 'CLOUD_ACCESS_DENIED')
    const missing = await run({}, { bucket: 'nobodys' })
    const problem = expectFailure(missing.reports, 'OPEN', 'CLOUD_RESOURCE_NOT_FOUND')
    expect(problem.fields).toEqual(['bucket', 'endpoint'])
  })
})
