import { describe, expect, it } from 'vitest'
import { AwsAccess } from '../../../src/connectors/aws/access.ts'
import type { OperatorAws } from '../../../src/connectors/aws/identity.ts'
import { leastPrivilegeReport } from '../../../src/connectors/aws/least-privilege.ts'
import type { AwsFormPlace } from '../../../src/connectors/aws/problems.ts'
import type { StepReport } from '../../../src/connectors/connection-test.ts'
import type { NetworkSettings } from '../../../src/connectors/define.ts'
import { AwsDouble, type AwsDoubleOptions, roleKeys } from '../../servers/aws-double.ts'
import { keys, knownKeys, nearby, pass } from './stage-run.ts'

const byKey: AwsFormPlace = {
  credentials: { accessKey: { sessionToken: undefined, ...keys } },
  credentialsPath: 'credentials',
  regionPath: 'region',
}
const roleArn = 'arn:aws:iam::111122223333:role/team/patchbay'
const byRole: AwsFormPlace = { ...byKey, credentials: { assumeRole: { roleArn } } }
const operator = { accessKeyId: 'ASIAOPERATOROPERATOR', secretAccessKey: 'operator-secret' }
const operatorAws: OperatorAws = { identity: operator, externalId: 'patchbay-external-id' }
const allKeys = { ...knownKeys, [operator.accessKeyId]: { secret: operator.secretAccessKey } }

const reading = [{ actions: ['s3:GetObject'], resources: ["arn:aws:s3:::sales/it's/*"] }]
const writing = [{ actions: ['s3:PutObject', 's3:DeleteObject'], resources: ['arn:aws:s3:::sales/x'] }]

interface Outcome {
  readonly signIn: StepReport
  readonly report: StepReport
  readonly requests: AwsDouble['requests']
}

async function measure(
  options: AwsDoubleOptions,
  place = byKey,
  change: (network: NetworkSettings) => NetworkSettings = network => network,
): Promise<Outcome> {
  await using double = await AwsDouble.start({ keys: allKeys, externalId: operatorAws.externalId, ...options })
  const network = change(nearby(double))
  const access = new AwsAccess({
    place,
    region: 'eu-west-1',
    allowed: reading,
    sessionSeconds: 60,
    network,
    operatorAws,
  })
  const signIn = await pass(access.stage)
  const context = { signal: AbortSignal.timeout(5_000), budgetMs: 2_000 }
  const report = await leastPrivilegeReport({ access, place, region: 'eu-west-1', network, writing, reading }, context)
  return { signIn, report, requests: double.requests }
}

describe('what an identity of AWS may do', () => {
  it('is fine when its policies allow none of what writes', async () => {
    const { signIn, report, requests } = await measure({ rights: () => false })
    expect(signIn).toMatchObject({
      status: 'PASSED',
      evidence: [{ label: 'Identity', value: 'arn:aws:iam::…3333:user/ann' }],
    })
    expect(report).toMatchObject({ status: 'PASSED', problem: null })
    expect(requests.map(({ action }) => action)).toEqual(['GetCallerIdentity', 'SimulatePrincipalPolicy'])
    expect(requests[1]?.parameters).toMatchObject({ PolicySourceArn: 'arn:aws:iam::111122223333:user/ann' })
  })

  it('is warned of with a script that makes a user who may only read', async () => {
    const { report } = await measure({ rights: action => action === 's3:DeleteObject' })
    expect(report).toMatchObject({
      status: 'WARNING',
      problem: {
        code: 'ACCOUNT_CAN_WRITE',
        fields: ['credentials.accessKey.accessKeyId'],
        params: { rights: 's3:DeleteObject on arn:aws:s3:::sales/x' },
      },
    })
    const [script, secret] = report.problem?.remedies ?? []
    const sql = script?.kind === 'RUN_SQL' ? script.sql : ''
    expect(sql).toContain('aws iam create-user --user-name patchbay-reader')
    expect(sql).toContain(`"arn:aws:s3:::sales/it'\\''s/*"`)
    expect(secret).toMatchObject({ kind: 'REENTER_SECRET', field: 'credentials.accessKey.secretAccessKey' })
  })

  it('is asked about the role as the form has it, path and all, and says that the session is fenced', async () => {
    const { signIn, report, requests } = await measure({ rights: () => true }, byRole)
    expect(signIn.evidence.map(({ label }) => label)).toEqual(['Role', 'Allowed in this session', 'Identity'])
    expect(requests.at(-1)?.parameters).toMatchObject({ PolicySourceArn: roleArn })
    expect(requests.at(-1)?.signature.accessKeyId).toBe(roleKeys.id)
    expect(report).toMatchObject({ status: 'WARNING', problem: { fields: ['credentials.assumeRole.roleArn'] } })
    expect(report.evidence.map(({ label }) => label)).toContain('Fence')
    expect(report.problem?.remedies).toContainEqual({
      kind: 'SET_FIELD',
      title: 'Use the new role patchbay-reader',
      field: 'credentials.assumeRole.roleArn',
      value: 'arn:aws:iam::111122223333:role/patchbay-reader',
    })
  })

  it.each<readonly [string, AwsDoubleOptions, RegExp]>([
    ['nobody may ask', {}, /SimulatePrincipalPolicy/],
    ['conditions decide', { rights: () => ({ missing: 'aws:SourceIp' }) }, /aws:SourceIp/],
    [
      'the keys are of a federated user',
      { rights: () => false, identityArn: 'arn:aws:sts::111122223333:federated-user/ann' },
      /neither a user nor a role/,
    ],
    ['IAM does not answer in time', { rights: () => false, at: { SimulatePrincipalPolicy: 'HANG' } }, /did not answer/],
  ])('is unknown, never fine, where %s', async (_, options, detail) => {
    const { report } = await measure(options)
    expect(report).toMatchObject({ status: 'SKIPPED', problem: { code: 'PRIVILEGES_UNKNOWN' } })
    expect(report.problem?.detail).toMatch(detail)
  })

  it('is unknown where the policy of Patchbay does not let IAM be dialled', async () => {
    const { report, requests } = await measure({ rights: () => false }, byKey, network => ({
      ...network,
      awsEndpoints: { ...network.awsEndpoints, iam: 'http://169.254.169.254' },
    }))
    expect(report).toMatchObject({ status: 'SKIPPED', problem: { code: 'PRIVILEGES_UNKNOWN' } })
    expect(requests.map(({ action }) => action)).toEqual(['GetCallerIdentity'])
  })

  it('is everything for the owner of the account, of whom nobody needs to be asked', async () => {
    const { report, requests } = await measure({ identityArn: 'arn:aws:iam::111122223333:root' })
    expect(report).toMatchObject({ status: 'WARNING', problem: { code: 'ACCOUNT_CAN_WRITE' } })
    expect(requests.map(({ action }) => action)).toEqual(['GetCallerIdentity'])
  })
})
