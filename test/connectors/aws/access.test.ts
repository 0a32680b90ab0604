import { describe, expect, it } from 'vitest'
import { AwsAccess, type AwsAccessOptions } from '../../../src/connectors/aws/access.ts'
import type { OperatorAws } from '../../../src/connectors/aws/identity.ts'
import type { AwsFormPlace } from '../../../src/connectors/aws/problems.ts'
import { AwsCallError } from '../../../src/connectors/aws/service.ts'
import { Stages } from '../../../src/connectors/cloud/stages.ts'
import { AwsDouble, type AwsDoubleOptions, roleKeys } from '../../servers/aws-double.ts'
import { keys, knownKeys, nearby, pass } from './stage-run.ts'

const place = { credentialsPath: 'credentials', regionPath: 'region' }
const byKey: AwsFormPlace = { ...place, credentials: { accessKey: { sessionToken: undefined, ...keys } } }
const roleArn = 'arn:aws:iam::111122223333:role/patchbay'
const byRole: AwsFormPlace = { ...place, credentials: { assumeRole: { roleArn } } }
const operator = { accessKeyId: 'ASIAOPERATOROPERATOR', secretAccessKey: 'operator-secret' }
const operatorAws: OperatorAws = { identity: operator, externalId: 'patchbay-external-id' }
const allKeys = { ...knownKeys, [operator.accessKeyId]: { secret: operator.secretAccessKey } }

const allowed = [{ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::sales/*'] }]
const startDouble = (options: AwsDoubleOptions = {}) =>
  AwsDouble.start({ keys: allKeys, externalId: operatorAws.externalId, ...options })

const accessAt = (double: AwsDouble, form: AwsFormPlace, change: Partial<AwsAccessOptions> = {}) =>
  new AwsAccess({
    place: form,
    region: 'eu-west-1',
    allowed,
    sessionSeconds: 100,
    network: nearby(double),
    operatorAws,
    ...change,
  })
const policies = (double: AwsDouble) =>
  double.requests.flatMap(({ parameters }) => (parameters['Policy'] === undefined ? [] : [parameters['Policy']]))

describe('who asks AWS', () => {
  it('is whom the keys of the form belong to, and a test asks who that is', async () => {
    await using double = await startDouble()
    const access = accessAt(double, byKey)
    expect(access.identity).toBeNull()
    expect((await pass(access.stage)).status).toBe('PASSED')
    expect(access.identity).toEqual({ arn: 'arn:aws:iam::111122223333:user/ann', account: '111122223333' })
    expect(access.keys).toEqual(keys)
    expect(access.secrets).toEqual([])
  })

  it('is nobody that a query would ask about', async () => {
    await using double = await startDouble()
    const access = accessAt(double, byKey)
    expect(await new Stages(access.queryStages).pass(AbortSignal.timeout(5_000))).toBeNull()
    expect(access.keys).toEqual(keys)
    expect(double.connections).toBe(0)
  })

  it('is a role, in a session that may do only what the run needs and that lasts as long', async () => {
    await using double = await startDouble()
    const access = accessAt(double, byRole, { sessionSeconds: 1_800.5 })
    expect(() => access.keys).toThrow()
    expect(await new Stages(access.queryStages).pass(AbortSignal.timeout(5_000))).toBeNull()
    expect(access.keys.accessKeyId).toBe(roleKeys.id)
    expect(access.secrets).toContain(roleKeys.secret)
    expect(double.requests).toMatchObject([
      { action: 'AssumeRole', parameters: { DurationSeconds: '1801', ExternalId: operatorAws.externalId } },
    ])
    expect(policies(double)).toEqual([
      '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject"],"Resource":"arn:aws:s3:::sales/*"}]}',
    ])
  })

  it.each([
    [60, '900'],
    [7_200, '3600'],
  ])('has a session within what AWS gives: %d s are %s', async (sessionSeconds, DurationSeconds) => {
    await using double = await startDouble()
    await pass(accessAt(double, byRole, { sessionSeconds }).stage)
    expect(double.requests[0]).toMatchObject({ action: 'AssumeRole', parameters: { DurationSeconds } })
  })

  it('may be allowed something else later, by assuming the role once more', async () => {
    await using double = await startDouble()
    const access = accessAt(double, byRole)
    await pass(access.stage)
    const before = access.keys
    await access.allow([{ actions: ['s3:PutObject'], resources: ['*'] }], AbortSignal.timeout(5_000), 2_000)
    expect(access.keys).not.toBe(before)
    expect(policies(double).at(-1)).toContain('s3:PutObject')
    expect(double.requests.map(({ signature }) => signature.accessKeyId)).toEqual([
      operator.accessKeyId,
      roleKeys.id,
      operator.accessKeyId,
    ])
  })

  it('stays who it is by keys of the form, whatever is to be allowed', async () => {
    await using double = await startDouble()
    const access = accessAt(double, byKey)
    await access.allow([{ actions: ['s3:PutObject'], resources: ['*'] }], AbortSignal.timeout(5_000), 2_000)
    expect(access.keys).toEqual(keys)
    expect(double.connections).toBe(0)
  })

  it('is refused later as at first', async () => {
    await using double = await startDouble()
    const access = accessAt(double, byRole, { operatorAws: { ...operatorAws, externalId: 'patchbay-other' } })
    const refused = { status: 'FAILED', problem: { code: 'CLOUD_ROLE_REFUSED' } }
    expect(await pass(access.stage)).toMatchObject(refused)
    const error = await access.allow(allowed, AbortSignal.timeout(5_000), 2_000).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(AwsCallError)
    expect((error as AwsCallError).report).toMatchObject(refused)
  })

  it('is nobody without an identity of Patchbay, and AWS is not asked', async () => {
    await using double = await startDouble()
    const access = accessAt(double, byRole, { operatorAws: { ...operatorAws, identity: null } })
    expect(await pass(access.stage)).toMatchObject({
      status: 'FAILED',
      problem: { code: 'OPERATOR_IDENTITY_MISSING', fields: ['credentials.assumeRole.roleArn'] },
    })
    expect(double.requests).toEqual([])
  })

  it.each<[AwsDoubleOptions['at'], string, string]>([
    [{ GetCallerIdentity: 'HANG' }, 'CLOUD_TIMED_OUT', 'no answer'],
    [
      {
        GetCallerIdentity: { error: 'ExpiredToken', message: 'The security token included in the request is expired' },
      },
      'CLOUD_CREDENTIALS_EXPIRED',
      'expired keys',
    ],
    [
      {
        GetCallerIdentity: {
          status: 200,
          headers: { 'content-type': 'text/xml' },
          body: '<a><GetCallerIdentityResult/></a>',
        },
      },
      'PROTOCOL_VIOLATION',
      'an answer that names nobody',
    ],
  ])('is not known with %o: %s', async (at, code) => {
    await using double = await startDouble({ at: at ?? {} })
    expect(await pass(accessAt(double, byKey).stage, { budgetMs: 600 })).toMatchObject({
      status: 'FAILED',
      problem: { code },
    })
  })
})
