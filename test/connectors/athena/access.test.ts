import { afterAll, describe, expect, it } from 'vitest'
import { athena } from '../../../src/connectors/athena/index.ts'
import { createScrubbingHost } from '../../../src/connectors/host/scrubbing-host.ts'
import { ConnectorRegistry } from '../../../src/connectors/registry.ts'
import type { AthenaWorkgroup } from '../../servers/athena-catalog.ts'
import { type AwsDouble, type AwsDoubleOptions, type AwsRequest, roleKeys } from '../../servers/aws-double.ts'
import { policyAllows } from '../../servers/aws-session-policy.ts'
import { hostTypeQuery, hostTypeTest, realHost } from '../../servers/type-host.ts'
import {
  accessKey,
  byKey,
  byRole,
  expectPass,
  expectProblem,
  identity,
  nearAws,
  operatorAws,
  queryAthena,
  resultOf,
  roleArn,
  sql,
  startAws,
  testAthena,
  unencrypted,
} from './athena-run.ts'

const sessionsIn = (requests: readonly AwsRequest[]) => requests.filter(({ action }) => action === 'AssumeRole')
const policiesIn = (requests: readonly AwsRequest[]) =>
  sessionsIn(requests).map(({ parameters }) => String(parameters['Policy']))

const results = (place: string) => `arn:aws:s3:::${place}result.csv`
const mayWrite = (policy: string, place: string) => policyAllows(policy, 's3:PutObject', results(place))

/** Whatever else it may: not this, on anything. */
const never = [
  's3:DeleteObject',
  's3:PutBucketPolicy',
  's3:CreateBucket',
  'glue:CreateTable',
  'glue:UpdateTable',
  'glue:DeleteTable',
  'glue:GetConnection',
  'athena:UpdateWorkGroup',
  'athena:CreateNamedQuery',
  'athena:DeleteWorkGroup',
  'lakeformation:GrantPermissions',
  'lambda:InvokeFunction',
  'iam:CreateUser',
  'iam:PassRole',
  'kms:Encrypt',
  'sts:AssumeRole',
]

const inWorkgroup = (workgroup: AthenaWorkgroup): AwsDoubleOptions => ({
  athena: { workgroups: { primary: workgroup } },
})

describe("the session of an Athena connector's role", () => {
  it('is opened by the operator, with the external id of the workspace', async () => {
    const { requests } = await testAthena({}, byRole({ outputLocation: 's3://athena-results/mine/' }))
    const [first, ...others] = sessionsIn(requests)
    expect(others).toEqual([])
    expect(first?.signature.accessKeyId).toBe(identity.accessKeyId)
    expect(first?.parameters).toMatchObject({
      RoleArn: roleArn,
      ExternalId: operatorAws.externalId,
      DurationSeconds: '900',
    })
  })

  it('may read, run queries in the workgroup and write results at the output location, and nothing else', async () => {
    const { reports, requests } = await testAthena({}, byRole({ outputLocation: 's3://athena-results/mine/' }))
    expect(expectPass(reports)).toEqual(unencrypted)
    const [policy = ''] = policiesIn(requests)
    expect(mayWrite(policy, 'athena-results/mine/')).toBe(true)
    for (const place of ['athena-results/', 'athena-results/other/', 'athena-results-2/mine/', 'sales-data/'])
      expect(mayWrite(policy, place), place).toBe(false)
    const group = (name: string) => `arn:aws:athena:eu-west-1:111122223333:workgroup/${name}`
    expect(policyAllows(policy, 'athena:StartQueryExecution', group('primary'))).toBe(true)
    expect(policyAllows(policy, 'athena:StartQueryExecution', group('other'))).toBe(false)
    for (const action of never)
      for (const resource of ['*', results('athena-results/mine/'), group('primary')])
        expect(policyAllows(policy, action, resource), `${action} on ${resource}`).toBe(false)
  })

  it('is opened anew where it is the workgroup that says where results go, and only then may write there', async () => {
    const { reports, requests } = await testAthena({}, byRole())
    expect(expectPass(reports)).toEqual(unencrypted)
    const [before = '', after = '', ...others] = policiesIn(requests)
    expect(others).toEqual([])
    expect(mayWrite(before, 'athena-results/primary/')).toBe(false)
    expect(mayWrite(after, 'athena-results/primary/')).toBe(true)
    expect(mayWrite(after, 'athena-results/other/')).toBe(false)
    // Nobody is asked again who it is.
    expect(requests.filter(({ action }) => action === 'GetCallerIdentity')).toHaveLength(1)
  })

  it('may not write at the output location of the form where the workgroup puts its own over it', async () => {
    const { reports, requests } = await testAthena(
      inWorkgroup({ outputLocation: 's3://athena-results/theirs/', enforced: true }),
      byRole({ outputLocation: 's3://athena-results/mine/' }),
    )
    expect(expectPass(reports)).toEqual(unencrypted)
    const policy = policiesIn(requests).at(-1) ?? ''
    expect(mayWrite(policy, 'athena-results/theirs/')).toBe(true)
    expect(mayWrite(policy, 'athena-results/mine/')).toBe(false)
    expect(JSON.stringify(reports.OPEN)).toContain('s3://athena-results/theirs/')
  })

  it('may write nowhere at all where Athena keeps results itself', async () => {
    const { reports, requests } = await testAthena(inWorkgroup({ managed: true }), byRole())
    expect(expectPass(reports)).toEqual(unencrypted)
    for (const policy of policiesIn(requests)) expect(policy).not.toContain('PutObject')
  })

  it.each(['TEST', 'QUERY'] as const)('is opened for a query as for a test (%s)', async purpose => {
    const input = byRole()
    const { requests } =
      purpose === 'TEST' ? await testAthena({}, input) : await queryAthena(sql('select n from numbers'), {}, { input })
    const policies = policiesIn(requests)
    expect(policies).toHaveLength(2)
    // What a query has no use for its session may not.
    expect(policies.every(policy => policyAllows(policy, 'iam:SimulatePrincipalPolicy', '*'))).toBe(purpose === 'TEST')
  })

  it('lasts as long as a query may', async () => {
    const input = byRole({ limits: { statementTimeoutSeconds: 2_000 }, outputLocation: 's3://athena-results/mine/' })
    const { requests } = await queryAthena(sql('select n from numbers'), {}, { input })
    expect(Number(sessionsIn(requests)[0]?.parameters['DurationSeconds'])).toBeGreaterThanOrEqual(2_000)
  })

  it('may ask no function but those of its catalog', async () => {
    const lambda = 'arn:aws:lambda:eu-west-1:111122223333:function:federation'
    const databases = { sales: { items: { columns: [{ name: 'n', type: 'varchar' }], rows: [['x']] } } }
    const catalogs = { shop: { type: 'LAMBDA', function: lambda, databases } } as const
    const options = { mayStartCompute: true }
    const { reports, requests } = await testAthena({ athena: { catalogs } }, byRole({ catalog: 'shop' }), options)
    expect(expectPass(reports)).toEqual(unencrypted)
    const policy = policiesIn(requests).at(-1) ?? ''
    expect(policyAllows(policy, 'lambda:InvokeFunction', lambda)).toBe(true)
    expect(policyAllows(policy, 'lambda:InvokeFunction', `${lambda}2`)).toBe(false)
  })

  it('takes characters of the output location for themselves, which would stand for others in a policy', async () => {
    for (const prefix of ['all*/', 'a?c/', `\${aws:username}/`]) {
      const input = byRole({ outputLocation: `s3://athena-results/${prefix}` })
      const { requests, reports } = await testAthena({}, input)
      const [policy = ''] = policiesIn(requests)
      expect(mayWrite(policy, `athena-results/${prefix}`), prefix).toBe(true)
      expect(mayWrite(policy, 'athena-results/all-of-it/'), prefix).toBe(false)
      expect(mayWrite(policy, 'athena-results/abc/'), prefix).toBe(false)
      expect(policy).not.toContain('$' + '{aws:')
      expect(reports.OPEN?.status, prefix).toBe('PASSED')
    }
  })

  it('fits into what AWS takes, however long the names of the form are', async () => {
    const bucket = 'b'.repeat(63)
    const outputLocation = `s3://${bucket}/${'p'.repeat(620)}/`
    const workgroup = 'w'.repeat(128)
    const input = byRole({
      outputLocation,
      workgroup,
      region: 'us-gov-west-1',
      credentials: { assumeRole: { roleArn: roleArn.replace('aws', 'aws-us-gov') } },
    })
    const aws: AwsDoubleOptions = {
      region: 'us-gov-west-1',
      athena: { workgroups: { [workgroup]: {} }, buckets: { [bucket]: 'WRITABLE' } },
    }
    const { requests } = await testAthena(aws, input)
    expect(policiesIn(requests).length).toBeGreaterThan(0)
    for (const policy of policiesIn(requests)) expect(policy.length).toBeLessThanOrEqual(2_048)
  })

  it('is none where the form has keys', async () => {
    const { requests } = await testAthena()
    expect(sessionsIn(requests)).toEqual([])
    expect(new Set(requests.map(({ signature }) => signature.accessKeyId))).toEqual(new Set([accessKey.accessKeyId]))
  })
})

/** An AWS that says whatever it knows. */
const words = (secrets: readonly string[]) => `You have said ${secrets.join(' and ')}.`
const roleSecrets = [roleKeys.secret, roleKeys.sessionToken]
const allSecrets = [...Object.values(identity), ...roleSecrets]

describe('what the run was given on its way', () => {
  it.each([
    'GetWorkGroup',
    'StartQueryExecution',
    'GetQueryExecution',
    'GetQueryResults',
    'ListTableMetadata',
  ] as const)('is told by no report, though AWS repeats it at %s', async action => {
    const at: AwsDoubleOptions['at'] = { [action]: { error: 'Strange', message: words(roleSecrets) } }
    const { reports } = await testAthena({ at }, byRole({ outputLocation: 's3://athena-results/mine/' }))
    const told = JSON.stringify(reports)
    expect(told).toContain('You have said')
    for (const secret of roleSecrets) expect(told).not.toContain(secret)
  })

  it('is told by no report, though a query fails by it or its evidence has it', async () => {
    const said = words(roleSecrets)
    const workgroups = { primary: { outputLocation: 's3://athena-results/', engineVersion: said } }
    const { reports } = await testAthena(
      { athena: { workgroups, statements: text => (/from/i.test(text) ? { failure: said } : undefined) } },
      byRole(),
    )
    const told = JSON.stringify(reports)
    expect(told).toContain('You have said')
    for (const secret of roleSecrets) expect(told).not.toContain(secret)
  })

  it('is told by no problem of a query', async () => {
    for (const aws of [
      { at: { StartQueryExecution: { error: 'Strange', message: words(roleSecrets) } } },
      { athena: { statements: () => ({ failure: words(roleSecrets) }) } },
    ] satisfies AwsDoubleOptions[]) {
      const { outcome } = await queryAthena(sql('select 1'), aws, { input: byRole() })
      const told = JSON.stringify(outcome)
      expect(told).toContain('You have said')
      for (const secret of roleSecrets) expect(told).not.toContain(secret)
    }
  })
})

describe('in a child of the connector host', () => {
  const host = realHost()
  const scrubbing = createScrubbingHost(host, new ConnectorRegistry([athena]))
  afterAll(() => host.close())
  const failing = (reports: object) =>
    Object.entries(reports).filter(([, { status }]) => !['PASSED', 'WARNING'].includes(status))

  it.each([
    ['keys', byKey()],
    ['a role', byRole()],
  ])('the SDK works without rights to files, environment and code generation, by %s', async (_, input) => {
    await using double = await startAws()
    const { outcome, reports } = await hostTypeTest(
      scrubbing,
      athena,
      input,
      nearAws(double, { mayStartCompute: true }),
    )
    expect(outcome).toEqual({ kind: 'COMPLETED' })
    expect(failing(reports)).toEqual([])
    const query = await hostTypeQuery(scrubbing, athena, input, sql('select n from numbers'), nearAws(double, {}))
    expect(resultOf(query).rows).toEqual([['one'], ['two']])
    expect(double.athena.running).toBe(0)
    await expect.poll(() => double.openConnections).toBe(0)
  })

  it('what runs at Athena is stopped when the test is cancelled', async () => {
    await using double = await startAws({ athena: { staysIn: () => 'RUNNING' } })
    const cancel = new AbortController()
    const run = hostTypeTest(scrubbing, athena, byKey(), nearAws(double, { signal: cancel.signal }))
    await expect.poll(() => double.athena.queries[0]?.polls ?? 0, { timeout: 10_000 }).toBeGreaterThan(0)
    cancel.abort()
    const { reports } = await run
    expect(reports['OPEN']?.status).toBe('CANCELLED')
    await expect.poll(() => double.athena.running).toBe(0)
    await expect.poll(() => double.openConnections).toBe(0)
  })

  it("nothing of the operator's identity, of the key or of the role is told, whatever AWS says", async () => {
    const told = async (double: AwsDouble, input: unknown) => {
      const { reports } = await hostTypeTest(scrubbing, athena, input, nearAws(double, {}))
      const text = JSON.stringify(reports)
      expect(text).toContain('You have said')
      return text
    }
    const strange = (secrets: readonly string[]) => ({ error: 'Strange', message: words(secrets) })
    await using atSts = await startAws({ at: { AssumeRole: strange(Object.values(identity)) } })
    await using atAthena = await startAws({ at: { GetWorkGroup: strange([...allSecrets, accessKey.secretAccessKey]) } })
    const texts = [await told(atSts, byRole()), await told(atAthena, byRole())]
    for (const text of texts) for (const secret of allSecrets) expect(text).not.toContain(secret)
    expect(await told(atAthena, byKey())).not.toContain(accessKey.secretAccessKey)
  })
})

it('a role that is refused only when it is asked for the second time is told where that was', async () => {
  const refused = { error: 'AccessDenied', message: 'is not authorized to perform: sts:AssumeRole', status: 403 }
  const { reports } = await testAthena({ at: { AssumeRole: ({ nth }) => (nth > 1 ? refused : undefined) } }, byRole())
  expect(reports['SIGN_IN:sts']?.status).toBe('PASSED')
  expectProblem(reports, 'OPEN', 'CLOUD_ROLE_REFUSED')
})
