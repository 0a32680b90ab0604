import { describe, expect, it } from 'vitest'
import type { AwsKeys, OperatorAws } from '../../../src/connectors/aws/identity.ts'
import { roleStage } from '../../../src/connectors/aws/role-stage.ts'
import { AwsDouble, type AwsDoubleOptions, roleKeys } from '../../servers/aws-double.ts'
import { expectStageProblem, nearby, pass } from './stage-run.ts'

const roleArn = 'arn:aws:iam::111122223333:role/patchbay'
const identity: AwsKeys = {
  accessKeyId: 'ASIAOPERATOROPERATOR',
  secretAccessKey: 'operator-secret',
  sessionToken: 'operator-token',
}
const operatorAws: OperatorAws = { identity, externalId: 'patchbay-external-id' }
const keys = { [identity.accessKeyId]: { secret: identity.secretAccessKey, sessionToken: 'operator-token' } }

async function assume(options: AwsDoubleOptions = {}, given: OperatorAws | null = operatorAws) {
  await using double = await AwsDouble.start({ keys, externalId: operatorAws.externalId, ...options })
  const found: AwsKeys[] = []
  const stage = roleStage({
    place: { credentials: { assumeRole: { roleArn } }, credentialsPath: 'credentials', regionPath: 'region' },
    roleArn,
    region: 'eu-west-1',
    allowed: [{ actions: ['redshift:GetClusterCredentials'], resources: ['*'] }],
    sessionSeconds: 900,
    network: nearby(double),
    operatorAws: given ?? undefined,
    onKeys: assumed => found.push(assumed),
  })
  return { report: await pass(stage), found, requests: double.requests }
}

describe('a role', () => {
  it("is assumed by the operator's identity, with the workspace's external id and a session that may only read", async () => {
    const { report, found, requests } = await assume()
    expect(report.status).toBe('PASSED')
    expect(found).toEqual([
      { accessKeyId: roleKeys.id, secretAccessKey: roleKeys.secret, sessionToken: roleKeys.sessionToken },
    ])
    expect(requests.map(({ parameters }) => parameters)).toEqual([
      expect.objectContaining({
        RoleArn: roleArn,
        ExternalId: operatorAws.externalId,
        DurationSeconds: '900',
        Policy: JSON.stringify({
          Version: '2012-10-17',
          Statement: [{ Effect: 'Allow', Action: ['redshift:GetClusterCredentials'], Resource: '*' }],
        }),
      }),
    ])
    for (const secret of [...Object.values(identity), ...Object.values(roleKeys)]) {
      expect(JSON.stringify(report)).not.toContain(secret)
    }
  })

  it('that demands another external id is not assumed', async () => {
    const { report, found } = await assume({ externalId: 'patchbay-of-another-workspace' })
    expectStageProblem(report, {
      code: 'CLOUD_ROLE_REFUSED',
      fields: ['credentials.assumeRole.roleArn'],
      params: { role: roleArn, externalId: operatorAws.externalId },
    })
    expect(found).toEqual([])
  })

  it.each([
    ['there is none', { identity: null, externalId: 'x' }, {}],
    ['nothing was given to the run', null, {}],
    ['it is nobody any more', { ...operatorAws, identity: { ...identity, accessKeyId: 'ASIANOBODYNOBODYNOBO' } }, {}],
    [
      'it has expired',
      operatorAws,
      { at: { AssumeRole: { error: 'ExpiredToken', message: 'expired', status: 403 } } } as const,
    ],
  ])("needs the operator's identity: %s", async (_, given, options) => {
    const { report } = await assume(options, given)
    expectStageProblem(report, {
      code: 'OPERATOR_IDENTITY_MISSING',
      origin: 'POLICY',
      fields: ['credentials.assumeRole.roleArn'],
    })
  })

  it('is not assumed by an answer without keys', async () => {
    const body = '<AssumeRoleResponse><AssumeRoleResult></AssumeRoleResult></AssumeRoleResponse>'
    const { report } = await assume({
      at: { AssumeRole: { status: 200, headers: { 'content-type': 'text/xml' }, body } },
    })
    expectStageProblem(report, { code: 'PROTOCOL_VIOLATION' })
  })
})
