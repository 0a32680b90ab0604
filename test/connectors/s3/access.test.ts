import { afterAll, describe, expect, it } from 'vitest'
import { createScrubbingHost } from '../../../src/connectors/host/scrubbing-host.ts'
import { ConnectorRegistry } from '../../../src/connectors/registry.ts'
import { s3 } from '../../../src/connectors/s3/index.ts'
import { spellings } from '../../canary/secrets.ts'
import { roleKeys } from '../../servers/aws-double.ts'
import { policyAllows } from '../../servers/aws-session-policy.ts'
import { hostTypeQuery, hostTypeTest, realHost } from '../../servers/type-host.ts'
import {
  accessKey,
  byGlob,
  byKey,
  byRole,
  expectFailure,
  expectPass,
  expectProblem,
  expectQueryProblem,
  identity,
  inputOf,
  knownKeys,
  notEncrypted,
  operatorAws,
  roleArn,
  rowsOf,
  S3World,
  stepOf,
  sts,
  temporaryKey,
} from './s3-run.ts'

/** AWS in which a role may do no more than its session was fenced to. */
async function fencedWorld(): Promise<S3World> {
  const world: S3World = await S3World.start(
    {
      denies: (action, resource, accessKeyId) =>
        accessKeyId === roleKeys.id && !policyAllows(sessionPolicy(world), action, resource),
    },
    { rights: () => false },
  )
  return world
}

/** What the last session was fenced to. */
const sessionPolicy = (world: S3World): string =>
  String(world.aws.requests.findLast(({ action }) => action === 'AssumeRole')?.parameters['Policy'])

const allowedIn = (world: S3World) =>
  (JSON.parse(sessionPolicy(world)) as { Statement: { Action: string[]; Resource: string | string[] }[] }).Statement

describe('who asks S3', () => {
  it('is the key, of which STS is only asked whose it is', async () => {
    await using world = await S3World.start()
    world.s3.objects.put('a.csv', 'n\n1\n')
    const reports = await world.test()
    expect(stepOf(reports, `SIGN_IN:${sts}`).evidence).toMatchObject([
      { label: 'Identity', value: 'arn:aws:iam::…3333:user/ann' },
    ])
    expect(world.aws.requests.map(({ action }) => action).slice(0, 1)).toEqual(['GetCallerIdentity'])
    expect(world.aws.requests.map(({ action }) => action)).not.toContain('AssumeRole')
    expect(new Set(world.s3.served.map(({ signature }) => signature?.accessKeyId))).toEqual(
      new Set([accessKey.accessKeyId]),
    )
  })

  it('is the key with its token, when it is a temporary one', async () => {
    await using world = await S3World.start({}, { rights: () => false })
    world.s3.objects.put('a.csv', 'n\n1\n')
    expect(expectPass(await world.test({ credentials: { accessKey: temporaryKey } }))).toEqual(notEncrypted)
    expect(world.s3.served[0]?.headers['x-amz-security-token']).toBe(temporaryKey.sessionToken)
  })

  it("is the role, assumed by Patchbay's identity with the external id of the workspace", async () => {
    await using world = await fencedWorld()
    world.s3.objects.put('a.csv', 'n\n1\n')
    const reports = await world.test(byRole)
    expect(expectPass(reports)).toEqual(notEncrypted)
    expect(world.aws.requests.map(({ action, signature }) => [action, signature.accessKeyId]).slice(0, 2)).toEqual([
      ['AssumeRole', identity.accessKeyId],
      ['GetCallerIdentity', roleKeys.id],
    ])
    expect(world.aws.requests[0]?.parameters).toMatchObject({ RoleArn: roleArn, ExternalId: operatorAws.externalId })
    expect(new Set(world.s3.served.map(({ signature }) => signature?.accessKeyId))).toEqual(new Set([roleKeys.id]))
  })

  it('is the role, of which a query asks STS once, and the key, of which it asks nobody', async () => {
    await using world = await fencedWorld()
    world.s3.objects.put('a.csv', 'n\none\n')
    expect(rowsOf(await world.query(byKey('a.csv')))).toEqual([['one']])
    expect(world.aws.connections).toBe(0)
    expect(rowsOf(await world.query(byKey('a.csv'), {}, byRole))).toEqual([['one']])
    expect(world.aws.requests.map(({ action }) => action)).toEqual(['AssumeRole'])
  })
})

describe("the fence of a role's session", () => {
  it('lets nothing through but reading the prefix of the bucket, and asking what the role may do', async () => {
    await using world = await fencedWorld()
    world.s3.objects.put('exports/a.csv', 'n\n1\n')
    await world.test({ ...byRole, prefix: 'exports/' })
    expect(allowedIn(world).map(({ Action, Resource }) => ({ Action, Resource }))).toEqual([
      { Action: ['s3:ListBucket'], Resource: 'arn:aws:s3:::sales' },
      { Action: ['s3:GetObject'], Resource: 'arn:aws:s3:::sales/exports/*' },
      { Action: ['kms:Decrypt'], Resource: 'arn:aws:kms:eu-west-1:*:key/*' },
      { Action: ['iam:SimulatePrincipalPolicy'], Resource: roleArn },
    ])
    // By S3 alone: what else the key has locked up stays so.
    expect(sessionPolicy(world)).toContain('"kms:ViaService":"s3.eu-west-1.amazonaws.com"')
  })

  it('lets a query through that reads, and nothing beside it', async () => {
    await using world = await fencedWorld()
    world.s3.objects.put('exports/a.csv', 'n\none\n')
    await world.query(byKey('exports/a.csv'), {}, { ...byRole, prefix: 'exports/' })
    expect(allowedIn(world).flatMap(({ Action }) => Action)).toEqual(['s3:ListBucket', 's3:GetObject', 'kms:Decrypt'])
  })

  it.each([
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is one of IAM's variables, not of ours
    'a*b?c/${aws:username}/$x',
    'ü/é/日本/😀/',
    'with "quotes" and \\ and \n',
    `${'é'.repeat(450)}`,
    `${'*'.repeat(900)}`,
    `${'😀'.repeat(200)}`,
  ])('holds for the prefix %j: it is taken as it is, and fits', async prefix => {
    await using world = await fencedWorld()
    const other = `b${prefix.slice(1)}`
    world.s3.objects.put(`${prefix}a.csv`, 'n\none\n')
    world.s3.objects.put(`${other}a.csv`, 'n\ntwo\n')
    const reports = await world.test({ ...byRole, prefix })
    expect(expectPass(reports)).toEqual(notEncrypted)
    const policy = sessionPolicy(world)
    expect(policy.length).toBeLessThanOrEqual(2_048)
    // As IAM takes it: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    expect(policy).toMatch(/^[\t\n\r\x20-\xff]+$/)
    const mayRead = (key: string) => policyAllows(policy, 's3:GetObject', `arn:aws:s3:::sales/${key}`)
    expect([mayRead(`${prefix}a.csv`), mayRead(`${other}a.csv`)]).toEqual([true, false])
    for (const action of ['s3:PutObject', 's3:DeleteObject', 's3:DeleteBucket', 's3:GetBucketPolicy']) {
      expect(policyAllows(policy, action, `arn:aws:s3:::sales/${prefix}a.csv`)).toBe(false)
      expect(policyAllows(policy, action, 'arn:aws:s3:::sales')).toBe(false)
    }
    expect(policyAllows(policy, 's3:GetObject', `arn:aws:s3:::theirs/${prefix}a.csv`)).toBe(false)
  })

  it('reads by glob, with keys that would be patterns in a policy', async () => {
    await using world = await fencedWorld()
    world.s3.objects.put('a*b/1.csv', 'n\none\n')
    world.s3.objects.put('axb/1.csv', 'n\ntwo\n')
    const outcome = await world.query(byGlob('a\\*b/*.csv'), {}, { ...byRole, prefix: 'a*b/' })
    expect(rowsOf(outcome)).toEqual([['a*b/1.csv', 'one']])
  })
})

describe('what S3 says of secrets', () => {
  const everything = [
    accessKey.secretAccessKey,
    temporaryKey.secretAccessKey,
    temporaryKey.sessionToken,
    identity.secretAccessKey,
    identity.sessionToken,
    roleKeys.secret,
    roleKeys.sessionToken,
  ]
  const told = (said: unknown): readonly string[] => {
    const text = JSON.stringify(said)
    return everything.filter(secret => spellings(secret).some(spelling => text.includes(spelling)))
  }

  it('is not told: a signature that differs is answered with the token in what should have been signed', async () => {
    const sessionToken = temporaryKey.sessionToken
    await using world = await S3World.start({
      keys: { ...knownKeys, [temporaryKey.accessKeyId]: { secret: 'other', sessionToken } },
    })
    world.s3.objects.put('a.csv', 'n\n1\n')
    const input = { credentials: { accessKey: temporaryKey } }
    const reports = await world.test(input)
    expectFailure(reports, 'OPEN', 'CLOUD_CREDENTIALS_REJECTED')
    expect(told(reports)).toEqual([])
    const outcome = await world.query(byKey('a.csv'), {}, input)
    expectQueryProblem(outcome, { code: 'CLOUD_CREDENTIALS_REJECTED' })
    expect(told(outcome)).toEqual([])
  })

  const host = realHost()
  const scrubbing = createScrubbingHost(host, new ConnectorRegistry([s3]))
  afterAll(() => host.close())
  const words = `You have said ${everything.join(' and ')}.`

  it.each(['ListObjectsV2', 'GetObject'] as const)(
    'is scrubbed where it repeats them in the answer to %s, in tests and queries of a child',
    async operation => {
      const at = { [operation]: { error: 'Strange', status: 400, message: words } }
      for (const input of [inputOf(byRole), inputOf({ credentials: { accessKey: temporaryKey } })]) {
        const known = 'assumeRole' in input.credentials ? everything.slice(3) : everything.slice(1, 3)
        await using tested = await S3World.start({ at })
        tested.s3.objects.put('a.csv', 'n\n1\n')
        const { reports } = await hostTypeTest(scrubbing, s3, input, tested.near({}))
        // Of sessions there is one in each world.
        await using queried = await S3World.start({ at })
        queried.s3.objects.put('a.csv', 'n\n1\n')
        const query = operation === 'GetObject' ? byKey('a.csv') : byGlob('*.csv')
        const outcome = await hostTypeQuery(scrubbing, s3, input, query, queried.near({}))
        for (const said of [reports, outcome]) {
          expect(JSON.stringify(said)).toContain('You have said')
          expect(told(said).filter(secret => known.includes(secret))).toEqual([])
        }
      }
    },
  )

  it('names in a listing are no way to tell them either', async () => {
    await using world = await S3World.start({
      at: { ListObjectsV2: { listing: [{ key: `exports/${roleKeys.secret}.csv`, size: 4, storageClass: 'GLACIER' }] } },
    })
    const reports = await world.test(byRole)
    expectProblem(reports, 'READ', 'OBJECT_CHANGED')
    expect(JSON.stringify(stepOf(reports, 'READ'))).toContain('exports/')
    expect(told(reports)).toEqual([])
  })

  it('runs in a child without rights to files and environment, by role, tests and queries alike', async () => {
    await using world = await fencedWorld()
    world.s3.objects.put('a.csv', 'n\none\n')
    const { outcome, reports } = await hostTypeTest(scrubbing, s3, inputOf(byRole), world.near({}))
    expect(outcome).toEqual({ kind: 'COMPLETED' })
    expect(Object.entries(reports).filter(([, { status }]) => !['PASSED', 'WARNING'].includes(status))).toEqual([])
    const query = await hostTypeQuery(scrubbing, s3, inputOf(byRole), byGlob('*.csv'), world.near({}))
    expect(rowsOf(query)).toEqual([['a.csv', 'one']])
  })
})
