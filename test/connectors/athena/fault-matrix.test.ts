import { describe, expect, it } from 'vitest'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import type { AthenaWorkgroup } from '../../servers/athena-catalog.ts'
import { type Action, AwsDouble, type AwsDoubleOptions, type Misbehaviour } from '../../servers/aws-double.ts'
import { issueCertificate } from '../../servers/certificates.ts'
import { DnsDouble } from '../../servers/dns-double.ts'
import { BlackHole, cuttingServer, silentServer } from '../../servers/hostile-servers.ts'
import type { RunOptions } from '../../servers/type-run.ts'
import { withoutIpv6 } from '../../servers/without-ipv6.ts'
import { hintsOf } from '../type-expectations.ts'
import {
  accessKey,
  byKey,
  byRole,
  evidenceOf,
  expectFailure,
  expectPass,
  expectProblem,
  nearAws,
  operatorAws,
  region,
  type StepId,
  startAws,
  stepIds,
  testAt,
  testAthena,
  unencrypted,
} from './athena-run.ts'

const secretField = 'credentials.accessKey.secretAccessKey'
const keyField = 'credentials.accessKey.accessKeyId'
const roleField = 'credentials.assumeRole.roleArn'
const reenter = `REENTER_SECRET ${secretField}`

const json = { 'content-type': 'application/x-amz-json-1.1' }
const denied = (action: string): Misbehaviour => ({
  error: 'AccessDeniedException',
  message: `You are not authorized to perform: ${action} on the resource. After your AWS administrator or you have updated your permissions, please try again.`,
})
const expired = {
  error: 'ExpiredTokenException',
  message: 'The security token included in the request is expired',
  status: 403,
}

describe('the test of an Athena connector (AWS is a double)', () => {
  it.each([
    ['keys', byKey()],
    ['a role', byRole()],
  ])('passes every step for an identity that may only read, by %s, and shows what it measured', async (_, input) => {
    const { reports, athena } = await testAthena({}, input)
    expect(expectPass(reports)).toEqual(unencrypted)
    expect(Object.keys(reports)).toEqual(stepIds)
    expect(evidenceOf(reports['SIGN_IN:sts'])['Identity']).toMatch(/^arn:aws:(iam|sts)::…3333:/)
    const shown = JSON.stringify([reports.OPEN, reports.READ])
    for (const fact of ['primary', 's3://athena-results/primary/', 'Athena engine version 3', 'Bytes scanned'])
      expect(shown).toContain(fact)
    expect(evidenceOf(reports.READ)['Bytes scanned']).toBe('0 bytes')
    expect(athena.running).toBe(0)
  })

  interface Fault {
    readonly aws?: AwsDoubleOptions
    readonly input?: unknown
    readonly options?: RunOptions
    readonly step: StepId
    readonly code: ProblemCode
    readonly fields?: readonly string[]
    readonly remedies?: readonly string[]
  }
  const faults: Readonly<Record<string, Fault>> = {
    'an account that has not been activated': {
      aws: { at: { GetCallerIdentity: { error: 'OptInRequired', message: 'Not subscribed.', status: 403 } } },
      step: 'SIGN_IN:sts',
      code: 'CLOUD_ACCOUNT_NOT_READY',
    },
    'a request that Athena does not take': {
      aws: { at: { GetWorkGroup: { error: 'InvalidRequestException', message: 'Nobody knows why.' } } },
      step: 'OPEN',
      code: 'CLOUD_REQUEST_INVALID',
      fields: ['workgroup'],
    },
    'a wrong secret': {
      input: byKey({ credentials: { accessKey: { ...accessKey, secretAccessKey: 'wrong' } } }),
      step: 'SIGN_IN:sts',
      code: 'CLOUD_CREDENTIALS_REJECTED',
      fields: [secretField, keyField],
      remedies: [reenter],
    },
    'an unknown key': {
      input: byKey({ credentials: { accessKey: { ...accessKey, accessKeyId: 'AKIAI44QH8DHBEXAMPLE' } } }),
      step: 'SIGN_IN:sts',
      code: 'CLOUD_CREDENTIALS_REJECTED',
      fields: [secretField, keyField],
      remedies: [reenter],
    },
    'a token that has expired': {
      aws: { at: { GetCallerIdentity: { ...expired, error: 'ExpiredToken' } } },
      input: byKey({ credentials: { accessKey: { ...accessKey, sessionToken: 'token-7Wq' } } }),
      step: 'SIGN_IN:sts',
      code: 'CLOUD_CREDENTIALS_EXPIRED',
      fields: [secretField, keyField, 'credentials.accessKey.sessionToken'],
      remedies: [reenter],
    },
    'clocks that differ': { aws: { skewMs: 900_000 }, step: 'SIGN_IN:sts', code: 'CLOUD_CLOCK_SKEWED' },
    'another region than that of the keys': {
      input: byKey({ region: 'eu-west-2' }),
      step: 'SIGN_IN:sts',
      code: 'CLOUD_REGION_MISMATCH',
      fields: ['region'],
    },
    'a role that does not trust Patchbay with this external id': {
      aws: { externalId: 'another' },
      input: byRole(),
      step: 'SIGN_IN:sts',
      code: 'CLOUD_ROLE_REFUSED',
      fields: [roleField],
    },
    'an operator without an identity': {
      input: byRole(),
      options: { operatorAws: { ...operatorAws, identity: null } },
      step: 'SIGN_IN:sts',
      code: 'OPERATOR_IDENTITY_MISSING',
      fields: [roleField],
    },
    'an identity of the operator that has expired': {
      aws: { at: { AssumeRole: expired } },
      input: byRole(),
      step: 'SIGN_IN:sts',
      code: 'OPERATOR_IDENTITY_MISSING',
      fields: [roleField],
    },
    'a workgroup that is not there': {
      input: byKey({ workgroup: 'nope' }),
      step: 'OPEN',
      code: 'CLOUD_RESOURCE_NOT_FOUND',
      fields: ['workgroup', 'region'],
    },
    'a workgroup that is turned off': {
      aws: { athena: { workgroups: { primary: { state: 'DISABLED', outputLocation: 's3://athena-results/' } } } },
      step: 'OPEN',
      code: 'WORKGROUP_DISABLED',
      fields: ['workgroup'],
    },
    'a workgroup in which the identity may run nothing': {
      aws: { athena: { denies: action => action === 'athena:StartQueryExecution' } },
      step: 'OPEN',
      code: 'CLOUD_ACCESS_DENIED',
      fields: [keyField, 'workgroup'],
    },
    'queries whose state the identity may not ask for': {
      aws: { athena: { denies: action => action === 'athena:GetQueryExecution' } },
      step: 'OPEN',
      code: 'CLOUD_ACCESS_DENIED',
      fields: [keyField, 'workgroup'],
    },
    'a workgroup that decides where results go, and may not be looked at by the role': {
      aws: { athena: { denies: action => action === 'athena:GetWorkGroup' } },
      input: byRole(),
      step: 'OPEN',
      code: 'CLOUD_ACCESS_DENIED',
      fields: [roleField, 'workgroup'],
    },
    'no output location': {
      aws: { athena: { workgroups: { primary: {} } } },
      step: 'OPEN',
      code: 'OUTPUT_LOCATION_MISSING',
      fields: ['outputLocation', 'workgroup'],
    },
    'an output location in no bucket': {
      input: byKey({ outputLocation: 's3://nowhere/results/' }),
      step: 'OPEN',
      code: 'OUTPUT_LOCATION_UNUSABLE',
      fields: ['outputLocation'],
    },
    'an output location that may not be written to': {
      aws: { athena: { buckets: { elsewhere: 'READ_ONLY' } } },
      input: byKey({ outputLocation: 's3://elsewhere/results/' }),
      step: 'OPEN',
      code: 'OUTPUT_LOCATION_UNUSABLE',
      fields: ['outputLocation'],
    },
    'an output location of the workgroup that may not be written to': {
      aws: { athena: { buckets: { 'athena-results': 'READ_ONLY' } } },
      step: 'OPEN',
      code: 'OUTPUT_LOCATION_UNUSABLE',
      fields: ['workgroup'],
    },
    'an output location in another region': {
      aws: { athena: { buckets: { elsewhere: 'OF_ANOTHER_REGION' } } },
      input: byKey({ outputLocation: 's3://elsewhere/results/' }),
      step: 'OPEN',
      code: 'OUTPUT_LOCATION_UNUSABLE',
      fields: ['outputLocation'],
    },
    'results that may be written and not read': {
      aws: { athena: { denies: action => action === 's3:GetObject' } },
      step: 'OPEN',
      code: 'OUTPUT_LOCATION_UNUSABLE',
      fields: ['workgroup'],
    },
    'throttling without an end': {
      aws: { at: { GetWorkGroup: { error: 'ThrottlingException', message: 'Rate exceeded' } } },
      step: 'OPEN',
      code: 'CLOUD_THROTTLED',
    },
    'too many queries at once': {
      aws: { at: { StartQueryExecution: { error: 'TooManyRequestsException', message: 'Too many.' } } },
      step: 'OPEN',
      code: 'CLOUD_THROTTLED',
    },
    'an Athena that has broken down': {
      aws: { at: { GetWorkGroup: { error: 'InternalServerException', message: 'Internal error', status: 500 } } },
      step: 'OPEN',
      code: 'CLOUD_UNAVAILABLE',
    },
    'a plain 503': {
      aws: { at: { GetWorkGroup: { status: 503, headers: json, body: '{}' } } },
      step: 'OPEN',
      code: 'CLOUD_UNAVAILABLE',
    },
    'a plain 429': {
      aws: { at: { GetWorkGroup: { status: 429, headers: json, body: '{}' } } },
      step: 'OPEN',
      code: 'CLOUD_THROTTLED',
    },
    'a plain 404': {
      aws: { at: { GetWorkGroup: { status: 404, headers: json, body: '{}' } } },
      step: 'OPEN',
      code: 'UNCLASSIFIED',
    },
    'the page of a proxy': {
      aws: { at: { GetWorkGroup: { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>Sign in' } } },
      step: 'OPEN',
      code: 'WRONG_PROTOCOL',
      fields: ['region'],
    },
    'a redirect': {
      aws: { at: { GetWorkGroup: { status: 302, headers: { location: 'https://example.com/' }, body: '' } } },
      step: 'OPEN',
      code: 'WRONG_PROTOCOL',
      fields: ['region'],
    },
    'a redirect at sign-in': {
      aws: { at: { GetCallerIdentity: { status: 307, headers: { location: 'https://example.com/' }, body: '' } } },
      step: 'SIGN_IN:sts',
      code: 'WRONG_PROTOCOL',
      fields: ['region'],
    },
    'JSON that ends too early': {
      aws: { at: { GetWorkGroup: { status: 200, headers: json, body: '{"WorkGroup":' } } },
      step: 'OPEN',
      code: 'WRONG_PROTOCOL',
      fields: ['region'],
    },
    'JSON that says nothing': {
      aws: { at: { GetWorkGroup: { status: 200, headers: json, body: '{}' } } },
      step: 'OPEN',
      code: 'PROTOCOL_VIOLATION',
      fields: ['region'],
    },
    'a query without an id': {
      aws: { at: { StartQueryExecution: { status: 200, headers: json, body: '{}' } } },
      step: 'OPEN',
      code: 'PROTOCOL_VIOLATION',
      fields: ['region'],
    },
    'a query without a state': {
      aws: { at: { GetQueryExecution: { status: 200, headers: json, body: '{"QueryExecution":{}}' } } },
      step: 'OPEN',
      code: 'PROTOCOL_VIOLATION',
      fields: ['region'],
    },
    'an answer without an end': {
      aws: { at: { GetWorkGroup: 'FLOOD' } },
      step: 'OPEN',
      code: 'PROTOCOL_VIOLATION',
      fields: ['region'],
    },
    'an answer that is cut': {
      aws: { at: { GetWorkGroup: 'CUT' } },
      step: 'OPEN',
      code: 'CONNECTION_RESET',
      fields: ['region'],
    },
    'a database that is not there': {
      input: byKey({ database: 'nope' }),
      step: 'READ',
      code: 'DATABASE_NOT_FOUND',
      fields: ['database', 'catalog'],
    },
    'a catalog that is not there': {
      input: byKey({ catalog: 'nope' }),
      step: 'READ',
      code: 'CLOUD_RESOURCE_NOT_FOUND',
      fields: ['catalog', 'region'],
    },
    'keys that expire in the middle of a query': {
      aws: { at: { GetQueryExecution: ({ nth }) => (nth >= 2 ? expired : undefined) } },
      step: 'OPEN',
      code: 'CLOUD_CREDENTIALS_EXPIRED',
      fields: [secretField, keyField],
      remedies: [reenter],
    },
    'a first query that waits for ever': {
      aws: { athena: { staysIn: () => 'QUEUED' } },
      options: { budgetsMs: { OPEN: 1_000 } },
      step: 'OPEN',
      code: 'QUERY_STILL_QUEUED',
    },
    'a first query that runs for ever': {
      aws: { athena: { staysIn: () => 'RUNNING' } },
      options: { budgetsMs: { OPEN: 1_000 } },
      step: 'OPEN',
      code: 'STEP_TIMED_OUT',
    },
    'a workgroup that lets no query read anything, where reading is allowed': {
      aws: { athena: { workgroups: { primary: { outputLocation: 's3://athena-results/', bytesScannedCutoff: 1 } } } },
      options: { mayStartCompute: true },
      step: 'READ',
      code: 'SCAN_LIMIT_REACHED',
      fields: ['workgroup'],
    },
  }
  it.each(Object.entries(faults))('says of %s where, what and what to do', async (_, fault) => {
    const { aws, input, options, step, code, fields = [], remedies = [] } = fault
    await using double = await startAws(aws)
    const reports = await testAt(double, input ?? byKey(), options)
    const found = expectFailure(reports, step, code)
    expect(hintsOf(found)).toEqual({ fields, remedies })
    expect(found.message).not.toMatch(/\?|undefined|null|NaN|[{}]|\[object/)
    await expect.poll(() => double.athena.running).toBe(0)
    await expect.poll(() => double.openConnections).toBe(0)
  })

  it.each<[string, AwsDoubleOptions, ProblemCode]>([
    [
      'the catalog cannot be listed',
      { athena: { denies: action => action === 'glue:GetTables' || action === 'glue:GetDatabases' } },
      'CATALOG_NOT_LISTABLE',
    ],
    [
      'Athena itself refuses to list it',
      { at: { ListTableMetadata: denied('athena:ListTableMetadata'), ListDatabases: denied('athena:ListDatabases') } },
      'CATALOG_NOT_LISTABLE',
    ],
    [
      'the database is empty',
      { athena: { catalogs: { AwsDataCatalog: { type: 'GLUE', databases: { sales: {} } } } } },
      'NOTHING_READABLE',
    ],
    [
      'Lake Formation refuses every table',
      {
        athena: {
          catalogs: {
            AwsDataCatalog: {
              type: 'GLUE',
              databases: {
                sales: {
                  orders: {
                    columns: [{ name: 'n', type: 'integer' }],
                    refuses: 'Insufficient Lake Formation permission(s): Required Select on orders',
                  },
                },
              },
            },
          },
        },
      },
      'NOTHING_READABLE',
    ],
  ])('warns, and no more, where %s', async (_, aws, code) => {
    const { reports, athena } = await testAthena(aws)
    expect(expectPass(reports)).toEqual({ ...unencrypted, READ: code })
    expectProblem(reports, 'READ', code)
    expect(athena.running).toBe(0)
  })

  it('says which output location is used where there are two', async () => {
    const theirs = 's3://athena-results/theirs/'
    const input = byKey({ outputLocation: 's3://athena-results/mine/' })
    const opened = async (workgroup: AthenaWorkgroup) => {
      const { reports, athena } = await testAthena({ athena: { workgroups: { primary: workgroup } } }, input)
      expect(expectPass(reports)).toEqual(unencrypted)
      return { note: reports.OPEN?.note ?? '', place: athena.queries[0]?.outputLocation ?? '' }
    }
    expect(await opened({ outputLocation: theirs })).toMatchObject({ place: expect.stringContaining('/mine/') })
    const overruled = await opened({ outputLocation: theirs, enforced: true })
    expect(overruled).toMatchObject({
      place: expect.stringContaining('/theirs/'),
      note: expect.stringMatching(/not used/),
    })
    expect(await opened({ managed: true })).toMatchObject({ place: '', note: expect.stringMatching(/not used/) })
  })

  it('needs no right to look at the workgroup where the form says where results go', async () => {
    const aws: AwsDoubleOptions = { athena: { denies: action => action === 'athena:GetWorkGroup' } }
    const { reports } = await testAthena(aws, byKey({ outputLocation: 's3://athena-results/mine/' }))
    expect(['PASSED', 'WARNING'], JSON.stringify(reports.OPEN)).toContain(reports.OPEN?.status)
    expect(reports.READ?.status).toBe('PASSED')
  })

  it('is patient with throttling that ends', async () => {
    const throttled = { error: 'ThrottlingException', message: 'Rate exceeded' }
    const once = ({ nth }: { readonly nth: number }) => (nth === 1 ? throttled : undefined)
    const at = { GetWorkGroup: once, StartQueryExecution: once, GetQueryExecution: once, ListTableMetadata: once }
    const { reports } = await testAthena({ at })
    expect(expectPass(reports)).toEqual(unencrypted)
  })
})

describe('silence of AWS', () => {
  const hangs: readonly (readonly [Action, StepId, Misbehaviour])[] = [
    ['GetCallerIdentity', 'SIGN_IN:sts', 'HANG'],
    ['AssumeRole', 'SIGN_IN:sts', 'HANG'],
    ['AssumeRole', 'SIGN_IN:sts', 'DRIP'],
    ['GetWorkGroup', 'OPEN', 'HANG'],
    ['GetWorkGroup', 'OPEN', 'DRIP'],
    ['StartQueryExecution', 'OPEN', 'HANG'],
    ['StartQueryExecution', 'OPEN', 'DO_AND_HANG'],
    ['GetQueryExecution', 'OPEN', 'HANG'],
    ['GetQueryResults', 'OPEN', 'HANG'],
    ['ListTableMetadata', 'READ', 'HANG'],
  ]
  it.each(hangs)('at %s ends %s at its budget (%s), and leaves nothing running', async (action, step, how) => {
    const once = ({ nth }: { readonly nth: number }) => (how !== 'DO_AND_HANG' || nth === 1 ? how : undefined)
    await using double = await startAws({ at: { [action]: once } })
    const input = action === 'AssumeRole' ? byRole() : byKey()
    const key = step.split(':')[0] as string
    const reports = await testAt(double, input, { budgetsMs: { [key]: 700 } })
    const code = key === 'SIGN_IN' ? 'CLOUD_TIMED_OUT' : (reports[step]?.problem?.code as ProblemCode)
    expect(['CLOUD_TIMED_OUT', 'STEP_TIMED_OUT']).toContain(code)
    expect(expectFailure(reports, step, code).message).toMatch(/0\.[3-7] s/)
    // A step keeps some of its time to stop what it has begun, and to tell of it.
    expect(reports[step]?.durationMs).toBeGreaterThanOrEqual(700 * 0.6)
    expect(double.held).toBeGreaterThan(0)
    await expect.poll(() => double.athena.running).toBe(0)
    await expect.poll(() => double.openConnections).toBe(0)
  })

  it('at the second query of a test is told at READ', async () => {
    const staysIn = (sql: string) => (/\bfrom\b/i.test(sql) ? ('RUNNING' as const) : undefined)
    await using double = await startAws({ athena: { staysIn } })
    const reports = await testAt(double, byKey(), { budgetsMs: { READ: 1_000 } })
    expectFailure(reports, 'READ', 'STEP_TIMED_OUT')
    expect(double.athena.stopped).toHaveLength(1)
  })
})

describe('the way to AWS', () => {
  const at = (endpoints: Readonly<Record<string, string>>, options: RunOptions = {}): RunOptions => ({
    ...options,
    network: { ...options.network, awsEndpoints: endpoints },
  })
  /** The test with one service elsewhere than the other. */
  async function testWith(service: 'sts' | 'athena', url: string, options: RunOptions = {}) {
    await using double = await startAws()
    return await testAt(double, byKey(), nearAws(double, at({ ...double.endpoints, [service]: url }, options)))
  }

  it('does not exist for a region that does not', async () => {
    await using dns = await DnsDouble.start({})
    await using double = await startAws()
    const reports = await testAt(double, byKey({ region: 'eu-nowhere-9' }), at({}, { nameServers: [dns.address] }))
    expect(hintsOf(expectFailure(reports, 'RESOLVE:sts', 'HOST_NOT_FOUND'))).toMatchObject({ fields: ['region'] })
  })

  it('needs names that can be looked up', async () => {
    await using dns = await DnsDouble.start({ [`sts.${region}.amazonaws.com`]: 'SERVFAIL' })
    await using double = await startAws()
    const reports = await testAt(double, byKey(), at({}, { nameServers: [dns.address] }))
    expectFailure(reports, 'RESOLVE:sts', 'NAME_RESOLUTION_FAILED')
  })

  it('may lead nowhere', async () => {
    await using dns = await DnsDouble.start({ [`sts.${region}.amazonaws.com`]: ['fd00::1'] })
    await using double = await startAws()
    using _ = withoutIpv6()
    const reports = await testAt(
      double,
      byKey(),
      at({}, { nameServers: [dns.address], egress: { allowPrivate: true } }),
    )
    expectFailure(reports, 'CONNECT:sts', 'NETWORK_UNREACHABLE')
  })

  it.each(['sts', 'athena'] as const)('is measured for each service: a port of %s that is closed', async service => {
    const reports = await testWith(service, 'http://127.0.0.1:1')
    expect(hintsOf(expectFailure(reports, `CONNECT:${service}`, 'CONNECTION_REFUSED')).fields).toEqual(['region'])
  })

  it.each(['sts', 'athena'] as const)(
    'is measured for each service: %s at an address that must not be dialled',
    async service => {
      const reports = await testWith(service, 'http://169.254.169.254')
      expect(hintsOf(expectFailure(reports, `EGRESS:${service}`, 'EGRESS_DENIED')).fields).toEqual(['region'])
    },
  )

  it.each(['sts', 'athena'] as const)('is measured for each service: %s behind a black hole', async service => {
    await using hole = await BlackHole.start()
    const reports = await testWith(service, `http://127.0.0.1:${hole.port}`, { budgetsMs: { CONNECT: 500 } })
    expectFailure(reports, `CONNECT:${service}`, 'CONNECTION_TIMED_OUT')
  })

  it.each(['sts', 'athena'] as const)('trusts none but public authorities: %s', async service => {
    const certificate = issueCertificate({ commonName: 'aws', names: ['127.0.0.1'], usage: 'server' })
    await using secure = await AwsDouble.start({ certificate })
    const reports = await testWith(service, secure.url)
    const code = reports[`SECURE:${service}`]?.problem?.code as ProblemCode
    expect(code).toMatch(/^TLS_CERTIFICATE_(UNTRUSTED|SELF_SIGNED)$/)
    expectFailure(reports, `SECURE:${service}`, code)
    expect(secure.requests).toEqual([])
  })

  it('ends at a handshake that nobody answers', async () => {
    await using server = await silentServer()
    const reports = await testWith('athena', `https://127.0.0.1:${server.port}`, { budgetsMs: { SECURE: 500 } })
    expectFailure(reports, 'SECURE:athena', 'TLS_TIMED_OUT')
  })

  it('is no way where connections are cut', async () => {
    await using server = await cuttingServer()
    const reports = await testWith('athena', `https://127.0.0.1:${server.port}`)
    const code = reports['SECURE:athena']?.problem?.code as ProblemCode
    expectFailure(reports, 'SECURE:athena', code)
    expect(code).not.toBe('UNCLASSIFIED')
  })

  it('is told by names of AWS', async () => {
    const { reports } = await testAthena({ at: { GetWorkGroup: 'FLOOD' } })
    expect(JSON.stringify(reports.OPEN)).toContain(`athena.${region}.amazonaws.com`)
  })
})
