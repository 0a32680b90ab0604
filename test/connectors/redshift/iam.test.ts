import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createScrubbingHost } from '../../../src/connectors/host/scrubbing-host.ts'
import { redshift } from '../../../src/connectors/redshift/index.ts'
import { ConnectorRegistry } from '../../../src/connectors/registry.ts'
import { AwsDouble, type AwsDoubleOptions, roleKeys } from '../../servers/aws-double.ts'
import { issueCertificate } from '../../servers/certificates.ts'
import { RedshiftFacade } from '../../servers/redshift-facade.ts'
import { hostTypeQuery, hostTypeTest, realHost } from '../../servers/type-host.ts'
import type { RunOptions } from '../../servers/type-run.ts'
import {
  accessKey,
  expectQueryProblem,
  knownKeys,
  nearAws,
  proved,
  queryRedshift,
  region,
  testRedshift,
} from './redshift-run.ts'

const root = issueCertificate({ commonName: 'Test Root', authority: true })
const certificate = issueCertificate({ commonName: 'redshift', issuer: root, names: ['127.0.0.1'], usage: 'server' })
const password = 'temporary-password-5Tz'
const identity = {
  accessKeyId: 'ASIAOPERATOROPERATOR',
  secretAccessKey: 'operator-secret-9Pw',
  sessionToken: 'operator-token-2Lk',
}
const operatorAws = { identity, externalId: 'patchbay-external-id' }
const roleArn = 'arn:aws:iam::111122223333:role/patchbay'

const redshiftApi = 'redshift.eu-west-1.amazonaws.com'
const sts = 'sts.eu-west-1.amazonaws.com'

let facade: RedshiftFacade
beforeAll(async () => {
  facade = await RedshiftFacade.start({
    settings: { ssl: 'on', ssl_cert_file: 'server.crt', ssl_key_file: 'server.key' },
    files: { 'server.crt': certificate.certificate, 'server.key': certificate.key },
  })
  await facade.sql(`
    create table orders (id int); insert into orders values (1);
    ${['IAM:ann', 'IAMR:reader'].map(name => `create role "${name}" login password '${password}'; grant select on orders to "${name}"`).join(';')}`)
})
afterAll(async () => {
  await facade?.[Symbol.asyncDispose]()
})

const cluster = { cluster: { clusterIdentifier: 'sales' } }
const serverless = { serverless: { workgroupName: 'sales' } }
const inputOf = (iam: Record<string, unknown> = {}) => ({
  host: '127.0.0.1',
  port: facade.port,
  auth: { iam: { deployment: cluster, region, credentials: { accessKey }, ...iam } },
  tls: { caCertificates: root.certificate },
})

const startAws = (options: AwsDoubleOptions = {}) =>
  AwsDouble.start({
    keys: {
      ...knownKeys,
      [identity.accessKeyId]: { secret: identity.secretAccessKey, sessionToken: identity.sessionToken },
    },
    externalId: operatorAws.externalId,
    database: { user: 'reader', password },
    ...options,
  })

async function run(iam: Record<string, unknown> = {}, options: RunOptions = {}, aws: AwsDoubleOptions = {}) {
  await using double = await startAws(aws)
  const reports: Record<
    string,
    { readonly status: string; readonly problem: unknown; readonly blockedBy?: string | null }
  > = await testRedshift(inputOf(iam), nearAws(double, { operatorAws, ...options }))
  return { reports, requests: double.requests, connections: double.connections }
}

const statuses = (reports: Awaited<ReturnType<typeof run>>['reports']) =>
  Object.entries(reports).map(([id, { status }]) => `${id} ${status}`)

describe('the test of a Redshift connector by IAM (AWS is a double, the database a PostgreSQL with the catalogue of Redshift)', () => {
  it('gets a password for an existing user of a cluster, and signs in with it', async () => {
    const { reports, requests } = await run({ databaseUser: 'ann' })
    expect(statuses(reports)).toEqual([
      ...['RESOLVE', 'EGRESS', 'CONNECT'].map(key => `${key}:${redshiftApi} PASSED`),
      `SECURE:${redshiftApi} WARNING`,
      `SIGN_IN:${redshiftApi} PASSED`,
      ...['RESOLVE', 'EGRESS', 'CONNECT', 'GREET', 'SECURE', 'SIGN_IN', 'OPEN', 'READ', 'LEAST_PRIVILEGE'].map(
        key => `${key} PASSED`,
      ),
    ])
    expect(requests.map(({ action, parameters }) => ({ action, parameters }))).toEqual([
      {
        action: 'GetClusterCredentials',
        parameters: {
          Action: 'GetClusterCredentials',
          Version: '2012-12-01',
          DbUser: 'ann',
          DbName: 'dev',
          ClusterIdentifier: 'sales',
          DurationSeconds: '900',
          // A test must not make the user that it tests.
          AutoCreate: 'false',
        },
      },
    ])
    expect(JSON.stringify(reports)).toContain('IAM:ann')
    expect(JSON.stringify(reports)).not.toContain(password)
  })

  it('signs in as the IAM identity itself where no user is given', async () => {
    const { reports, requests } = await run()
    expect(reports['SIGN_IN']?.status).toBe('PASSED')
    expect(JSON.stringify(reports['SIGN_IN'])).toContain('IAMR:reader')
    expect(requests.map(({ action }) => action)).toEqual(['GetClusterCredentialsWithIAM'])
  })

  it('assumes a role first, for exactly the action that comes next', async () => {
    const { reports, requests } = await run({ credentials: { assumeRole: { roleArn } } })
    expect(statuses(reports).filter(line => line.startsWith('SIGN_IN'))).toEqual([
      `SIGN_IN:${sts} PASSED`,
      `SIGN_IN:${redshiftApi} PASSED`,
      'SIGN_IN PASSED',
    ])
    expect(requests.map(({ action, signature }) => [action, signature.accessKeyId])).toEqual([
      ['AssumeRole', identity.accessKeyId],
      ['GetClusterCredentialsWithIAM', roleKeys.id],
    ])
    expect(requests[0]?.parameters['Policy']).toContain('"Action":["redshift:GetClusterCredentialsWithIAM"]')
  })

  it.each([
    ['no identity', { operatorAws: { ...operatorAws, identity: null } }, 'OPERATOR_IDENTITY_MISSING'],
    [
      "another workspace's external id",
      { operatorAws: { identity, externalId: 'patchbay-other' } },
      'CLOUD_ROLE_REFUSED',
    ],
  ] as const)('stops before anything else with %s', async (_, options, code) => {
    const { reports } = await run({ credentials: { assumeRole: { roleArn } } }, options)
    expect(reports[`SIGN_IN:${sts}`]).toMatchObject({ status: 'FAILED', problem: { code } })
    expect(reports['SIGN_IN']).toMatchObject({ status: 'SKIPPED', blockedBy: `SIGN_IN:${sts}` })
    proved(code)
  })

  const denied = {
    error: 'AccessDenied',
    message: 'not authorized to perform: redshift:GetClusterCredentials',
    status: 403,
  }
  const field = 'auth.iam.deployment.cluster.clusterIdentifier'
  it.each([
    [
      'a wrong secret',
      { credentials: { accessKey: { ...accessKey, secretAccessKey: 'wrong' } } },
      {},
      'CLOUD_CREDENTIALS_REJECTED',
      'auth.iam.credentials.accessKey.secretAccessKey',
    ],
    ['another region', { region: 'eu-west-2' }, {}, 'CLOUD_REGION_MISMATCH', 'auth.iam.region'],
    [
      'another cluster',
      { deployment: { cluster: { clusterIdentifier: 'nope' } } },
      {},
      'CLOUD_RESOURCE_NOT_FOUND',
      field,
    ],
    [
      'a missing permission',
      { databaseUser: 'ann' },
      { at: { GetClusterCredentials: denied } },
      'CLOUD_ACCESS_DENIED',
      'auth.iam.credentials.accessKey.accessKeyId',
    ],
    [
      'throttling',
      {},
      { at: { GetClusterCredentialsWithIAM: { error: 'Throttling', message: 'Rate exceeded' } } },
      'CLOUD_THROTTLED',
      undefined,
    ],
    ['clocks that differ', {}, { skewMs: 900_000 }, 'CLOUD_CLOCK_SKEWED', undefined],
    [
      'an answer without a password',
      {},
      {
        at: {
          GetClusterCredentialsWithIAM: {
            status: 200,
            headers: { 'content-type': 'text/xml' },
            body: '<a><GetClusterCredentialsWithIAMResult/></a>',
          },
        },
      },
      'PROTOCOL_VIOLATION',
      'auth.iam.region',
    ],
  ] as const)('says of %s that it is AWS who refused, and dials no database', async (_, iam, aws, code, firstField) => {
    const before = facade.server.log
    const { reports } = await run(iam, {}, aws)
    const target = `redshift.${'region' in iam ? iam.region : region}.amazonaws.com`
    const fields = firstField === undefined ? [] : expect.arrayContaining([firstField])
    expect(reports[`SIGN_IN:${target}`]).toMatchObject({ status: 'FAILED', problem: { code, fields } })
    expect(reports['RESOLVE']).toMatchObject({ status: 'SKIPPED', blockedBy: `SIGN_IN:${target}` })
    expect(facade.server.log).toBe(before)
    proved(code)
  })

  it('asks a workgroup nothing unless that is allowed, though it has signed in', async () => {
    const before = facade.statementsOf('IAMR:reader').length
    const { reports } = await run({ deployment: serverless, credentials: { assumeRole: { roleArn } } }, { operatorAws })
    expect(reports['SIGN_IN']?.status).toBe('PASSED')
    expect(reports['READ']).toMatchObject({ status: 'WARNING', problem: { code: 'COMPUTE_NOT_ALLOWED' } })
    expect(facade.statementsOf('IAMR:reader')).toHaveLength(before)
  })

  it.each([
    { dbUser: 'IAMR:reader', dbPassword: ['pw'] },
    { dbUser: { name: 'ann' }, dbPassword: password },
    { dbUser: 'IAMR:reader', dbPassword: '' },
  ])('takes %j for no password and user, whatever the SDK makes of it', async answer => {
    const body = JSON.stringify(answer)
    const { reports } = await run(
      { deployment: serverless },
      {},
      { at: { GetCredentials: { status: 200, headers: { 'content-type': 'application/x-amz-json-1.1' }, body } } },
    )
    expect(reports['SIGN_IN:redshift-serverless.eu-west-1.amazonaws.com']).toMatchObject({
      status: 'FAILED',
      problem: { code: 'PROTOCOL_VIOLATION' },
    })
  })

  it('blames the identity where a workgroup refuses it: there is no user to give', async () => {
    const { reports } = await run({ deployment: serverless }, {}, { database: { user: 'reader', password: 'stale' } })
    expect(reports['SIGN_IN']).toMatchObject({
      problem: { code: 'CREDENTIALS_REJECTED', fields: ['auth.iam.credentials.accessKey.accessKeyId'] },
    })
  })

  it('says of a password that the database refuses that it is the database who did', async () => {
    const { reports } = await run({}, {}, { database: { user: 'reader', password: 'stale' } })
    expect(reports[`SIGN_IN:${redshiftApi}`]?.status).toBe('PASSED')
    expect(reports['SIGN_IN']).toMatchObject({
      status: 'FAILED',
      problem: { code: 'CREDENTIALS_REJECTED', fields: ['auth.iam.databaseUser'], params: { username: 'IAMR:reader' } },
    })
    proved('CREDENTIALS_REJECTED')
  })

  it('never sends the password to a server that is not verified', async () => {
    await using double = await startAws()
    const reports = await testRedshift({ ...inputOf(), tls: {} }, nearAws(double))
    expect(reports.SECURE).toMatchObject({ status: 'FAILED', problem: { code: 'TLS_CERTIFICATE_UNTRUSTED' } })
    expect(reports.SIGN_IN?.status).toBe('SKIPPED')
  })

  it('ends at the budget of the call, and says whom it waited for', async () => {
    const { reports } = await run(
      {},
      { budgetsMs: { [`SIGN_IN:${redshiftApi}`]: 500 } },
      { at: { GetClusterCredentialsWithIAM: 'DRIP' } },
    )
    expect(reports[`SIGN_IN:${redshiftApi}`]).toMatchObject({
      status: 'FAILED',
      problem: { code: 'CLOUD_TIMED_OUT', params: { service: redshiftApi, seconds: 0.5 } },
    })
    proved('CLOUD_TIMED_OUT')
  })

  it('is cancelled while AWS says nothing, and leaves nothing', async () => {
    await using double = await startAws({ at: { GetClusterCredentialsWithIAM: 'HANG' } })
    const cancel = new AbortController()
    const test = testRedshift(inputOf(), nearAws(double, { signal: cancel.signal }))
    await expect.poll(() => double.held).toBe(1)
    cancel.abort()
    const reports: Record<string, { status: string }> = await test
    expect(reports[`SIGN_IN:${redshiftApi}`]?.status).toBe('CANCELLED')
    await expect.poll(() => double.openConnections).toBe(0)
  })
})

describe('a query of a Redshift dataset by IAM', () => {
  it('goes the same way', async () => {
    await using double = await startAws()
    const outcome = await queryRedshift(inputOf(), { sql: { text: 'select id from orders' } }, nearAws(double))
    expect(outcome).toMatchObject({ kind: 'RESULT', result: { rows: [[1]] } })
    expect(double.requests).toHaveLength(1)
    await expect.poll(() => double.openConnections).toBe(0)
  })

  it('ends where AWS refuses', async () => {
    await using double = await startAws({ clusters: [] })
    const outcome = await queryRedshift(inputOf(), { sql: { text: 'select id from orders' } }, nearAws(double))
    expectQueryProblem(outcome, { code: 'CLOUD_RESOURCE_NOT_FOUND' })
  })
})

describe('in a child of the connector host', () => {
  const host = realHost()
  const scrubbing = createScrubbingHost(host, new ConnectorRegistry([redshift]))
  afterAll(() => host.close())

  it('the SDK works without rights to files, environment and code generation, for roles and workgroups too', async () => {
    await using double = await startAws()
    const input = { ...inputOf({ deployment: serverless, credentials: { assumeRole: { roleArn } } }) }
    const { outcome, reports } = await hostTypeTest(
      scrubbing,
      redshift,
      input,
      nearAws(double, { operatorAws, mayStartCompute: true }),
    )
    expect(outcome).toEqual({ kind: 'COMPLETED' })
    expect(Object.entries(reports).filter(([, { status }]) => !['PASSED', 'WARNING'].includes(status))).toEqual([])
    expect(double.requests.map(({ action }) => action)).toEqual(['AssumeRole', 'GetCredentials'])
    const query = await hostTypeQuery(
      scrubbing,
      redshift,
      input,
      { sql: { text: 'select 1 as one' } },
      nearAws(double, { operatorAws }),
    )
    expect(query).toMatchObject({ kind: 'RESULT' })
  })

  it("nothing of the operator's identity, of the role or of the password is told, whatever AWS and the database say", async () => {
    const secrets = [...Object.values(identity), roleKeys.secret, roleKeys.sessionToken, password]
    const words = `You have said ${secrets.join(' and ')}.`
    for (const at of ['AssumeRole', 'GetClusterCredentialsWithIAM'] as const) {
      await using double = await startAws({ at: { [at]: { error: 'Strange', message: words } } })
      const input = inputOf({ credentials: { assumeRole: { roleArn } } })
      const { reports } = await hostTypeTest(scrubbing, redshift, input, nearAws(double, { operatorAws }))
      const told = JSON.stringify(reports)
      expect(told).toContain('You have said')
      // What the run was given later than the words came, nobody could have told from any other word.
      const known =
        at === 'AssumeRole'
          ? Object.values(identity)
          : [...Object.values(identity), roleKeys.secret, roleKeys.sessionToken]
      for (const secret of known) expect(told).not.toContain(secret)
    }
  })
})
