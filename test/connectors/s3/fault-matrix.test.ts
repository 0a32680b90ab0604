import { describe, expect, it } from 'vitest'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import type { AwsDoubleOptions } from '../../servers/aws-double.ts'
import { DnsDouble } from '../../servers/dns-double.ts'
import { BlackHole } from '../../servers/hostile-servers.ts'
import { freePort } from '../../servers/postgres.ts'
import type { S3DoubleOptions, S3FaultRule } from '../../servers/s3-double.ts'
import { repeatedContent, type S3Objects } from '../../servers/s3-objects.ts'
import type { RunOptions } from '../../servers/type-run.ts'
import { withoutIpv6 } from '../../servers/without-ipv6.ts'
import { hintsOf } from '../type-expectations.ts'
import {
  accessKey,
  byRole,
  expectFailure,
  expectPass,
  expectProblem,
  identity,
  inputOf,
  notEncrypted,
  operatorAws,
  region,
  S3World,
  s3Name,
  stepOf,
  sts,
  temporaryKey,
  testS3,
} from './s3-run.ts'

interface Case {
  /** Completes "names ...". */
  readonly what: string
  readonly s3?: S3DoubleOptions
  readonly aws?: AwsDoubleOptions
  readonly input?: Readonly<Record<string, unknown>>
  readonly run?: RunOptions
  readonly objects?: (objects: S3Objects) => void
  /** Id of the step that fails. */
  readonly step: string
  readonly code: ProblemCode
  readonly fields?: readonly string[]
  readonly remedies?: readonly string[]
  /** Of its message. */
  readonly says?: RegExp
}

const secretFields = ['credentials.accessKey.secretAccessKey', 'credentials.accessKey.accessKeyId']
const tokenFields = [...secretFields, 'credentials.accessKey.sessionToken']
const reenter = ['REENTER_SECRET credentials.accessKey.secretAccessKey']
const setRegion = ['SET_FIELD region']
const keyField = 'credentials.accessKey.accessKeyId'
const signIn = `SIGN_IN:${sts}`

const error = (name: string, status: number, message = 'In other words.'): S3FaultRule => ({
  error: name,
  status,
  message,
})
/** Whatever is asked of the bucket. */
const atBucket = (rule: S3FaultRule): S3DoubleOptions => ({
  at: { ListObjectsV2: rule, HeadBucket: rule, GetBucketLocation: rule },
})
const atObject = (rule: S3FaultRule): S3DoubleOptions => ({ at: { GetObject: rule, HeadObject: rule } })
const page = { status: 200, headers: { 'content-type': 'text/html' }, body: '<!doctype html><title>Sign in</title>' }
const elsewhere = (shape: NonNullable<S3DoubleOptions['elsewhere']>): S3DoubleOptions => ({
  buckets: { sales: 'eu-central-1' },
  elsewhere: shape,
})

const cases: readonly Case[] = [
  {
    what: 'a wrong secret',
    input: { credentials: { accessKey: { ...accessKey, secretAccessKey: 'wrong-secret' } } },
    step: signIn,
    code: 'CLOUD_CREDENTIALS_REJECTED',
    fields: secretFields,
    remedies: reenter,
  },
  {
    what: 'a key that nobody knows',
    input: { credentials: { accessKey: { ...accessKey, accessKeyId: 'AKIAUNKNOWNUNKNOWNXX' } } },
    step: signIn,
    code: 'CLOUD_CREDENTIALS_REJECTED',
    fields: secretFields,
    remedies: reenter,
  },
  {
    what: 'a key that S3 alone does not know',
    s3: { keys: {} },
    step: 'OPEN',
    code: 'CLOUD_CREDENTIALS_REJECTED',
    fields: secretFields,
    remedies: reenter,
  },
  {
    what: 'a token that has expired, as STS says it',
    input: { credentials: { accessKey: temporaryKey } },
    aws: {
      at: {
        GetCallerIdentity: {
          error: 'ExpiredToken',
          status: 403,
          message: 'The security token included in the request is expired',
        },
      },
    },
    step: signIn,
    code: 'CLOUD_CREDENTIALS_EXPIRED',
    fields: tokenFields,
    remedies: reenter,
  },
  {
    what: 'a token that expires on the way',
    input: { credentials: { accessKey: temporaryKey } },
    s3: atObject(error('ExpiredToken', 400, 'The provided token has expired.')),
    step: 'READ',
    code: 'CLOUD_CREDENTIALS_EXPIRED',
    fields: tokenFields,
    remedies: reenter,
  },
  {
    what: 'a token that is none',
    input: { credentials: { accessKey: { ...temporaryKey, sessionToken: 'other' } } },
    step: signIn,
    code: 'CLOUD_CREDENTIALS_REJECTED',
    fields: tokenFields,
    remedies: reenter,
  },
  { what: 'clocks that differ, as STS says it', aws: { skewMs: 900_000 }, step: signIn, code: 'CLOUD_CLOCK_SKEWED' },
  { what: 'clocks that differ, as S3 says it', s3: { skewMs: 1_800_000 }, step: 'OPEN', code: 'CLOUD_CLOCK_SKEWED' },
  ...(['PERMANENT_REDIRECT', 'TEMPORARY_REDIRECT', 'MALFORMED', 'CONSTRAINT'] as const).map(
    (shape): Case => ({
      what: `a bucket in another region (${shape})`,
      s3: elsewhere(shape),
      step: 'OPEN',
      code: 'CLOUD_REGION_MISMATCH',
      fields: ['region'],
      remedies: setRegion,
    }),
  ),
  {
    what: 'a role that demands another external id',
    input: byRole,
    run: { operatorAws: { identity, externalId: 'patchbay-other' } },
    step: signIn,
    code: 'CLOUD_ROLE_REFUSED',
    fields: ['credentials.assumeRole.roleArn'],
    says: /arn:aws:iam::\d+:role\/patchbay/,
  },
  {
    what: 'a role without an identity that could assume it',
    input: byRole,
    run: { operatorAws: { ...operatorAws, identity: null } },
    step: signIn,
    code: 'OPERATOR_IDENTITY_MISSING',
    fields: ['credentials.assumeRole.roleArn'],
  },
  {
    what: 'a region that is turned off in the account',
    aws: {
      at: {
        GetCallerIdentity: {
          error: 'OptInRequired',
          status: 403,
          message: 'The AWS Access Key Id needs a subscription for the service',
        },
      },
    },
    step: signIn,
    code: 'CLOUD_ACCOUNT_NOT_READY',
  },
  {
    what: 'a bucket that does not exist',
    input: { bucket: 'nobodys' },
    step: 'OPEN',
    code: 'CLOUD_RESOURCE_NOT_FOUND',
    fields: ['bucket', 'region'],
    says: /nobodys/,
  },
  {
    what: 'a bucket that may not be touched at all',
    s3: { denies: () => true },
    step: 'READ',
    code: 'CLOUD_ACCESS_DENIED',
    fields: [keyField, 'bucket'],
    says: /s3:ListBucket/,
  },
  {
    what: 'objects that may not be read',
    s3: { denies: action => action === 's3:GetObject' },
    step: 'READ',
    code: 'CLOUD_ACCESS_DENIED',
    fields: [keyField, 'bucket'],
    says: /s3:GetObject/,
  },
  {
    what: 'objects whose key of KMS may not be used',
    s3: atObject(
      error(
        'AccessDenied',
        403,
        'User: arn:aws:iam::111122223333:user/ann is not authorized to perform: kms:Decrypt on resource: arn:aws:kms:eu-west-1:111122223333:key/11-22 because no identity-based policy allows the kms:Decrypt action',
      ),
    ),
    step: 'READ',
    code: 'CLOUD_ACCESS_DENIED',
    fields: [keyField, 'bucket'],
    says: /kms:Decrypt/,
  },
  {
    what: 'objects whose key of KMS is turned off',
    s3: atObject(error('KMS.DisabledException', 400, 'arn:aws:kms:eu-west-1:111122223333:key/11-22 is disabled.')),
    step: 'READ',
    code: 'OBJECT_NOT_DECRYPTABLE',
  },
  {
    what: 'objects that somebody else has encrypted with a key of their own',
    s3: atObject(
      error(
        'InvalidRequest',
        400,
        'The object was stored using a form of Server Side Encryption. The correct parameters must be provided to retrieve the object.',
      ),
    ),
    step: 'READ',
    code: 'OBJECT_NOT_DECRYPTABLE',
  },
  { what: 'too many requests', s3: atBucket(error('SlowDown', 503)), step: 'OPEN', code: 'CLOUD_THROTTLED' },
  {
    what: 'too many requests, as HTTP says it',
    s3: atBucket({ status: 429, headers: { 'x-amz-request-id': 'R1' }, body: '' }),
    step: 'OPEN',
    code: 'CLOUD_THROTTLED',
  },
  { what: 'a failure within S3', s3: atBucket(error('InternalError', 500)), step: 'OPEN', code: 'CLOUD_UNAVAILABLE' },
  {
    what: 'S3 that is not there',
    s3: atObject(error('ServiceUnavailable', 503)),
    step: 'READ',
    code: 'CLOUD_UNAVAILABLE',
  },
  {
    what: 'a request that S3 does not understand',
    s3: atBucket(error('InvalidArgument', 400)),
    step: 'OPEN',
    code: 'CLOUD_REQUEST_INVALID',
    fields: ['bucket'],
  },
  { what: 'words that nobody knows', s3: atBucket(error('OutOfCheese', 418)), step: 'OPEN', code: 'UNCLASSIFIED' },
  {
    what: "a proxy's page",
    s3: atBucket(page),
    step: 'OPEN',
    code: 'WRONG_PROTOCOL',
    fields: ['region'],
    says: /web page/,
  },
  {
    what: "a proxy's page in the place of an object",
    s3: atObject(page),
    step: 'READ',
    code: 'WRONG_PROTOCOL',
    fields: ['region'],
    says: /web page/,
  },
  {
    what: 'a redirect, which is not followed',
    s3: atBucket({ status: 302, headers: { location: 'http://169.254.169.254/latest/meta-data' }, body: '' }),
    step: 'OPEN',
    code: 'WRONG_PROTOCOL',
    fields: ['region'],
    says: /redirect/,
  },
  {
    what: 'a listing that is no XML',
    s3: atBucket({ status: 200, headers: { 'x-amz-request-id': 'R1' }, body: '{"Contents": []}' }),
    step: 'OPEN',
    code: 'WRONG_PROTOCOL',
    fields: ['region'],
  },
  {
    what: 'XML that is no listing',
    s3: atBucket({ status: 200, headers: { 'x-amz-request-id': 'R1' }, body: '<?xml version="1.0"?><Strange/>' }),
    step: 'OPEN',
    code: 'PROTOCOL_VIOLATION',
    fields: ['region'],
  },
  {
    what: 'a listing without end',
    s3: atBucket('FLOOD'),
    step: 'OPEN',
    code: 'PROTOCOL_VIOLATION',
    fields: ['region'],
  },
  { what: 'an answer that is cut', s3: atBucket('CUT'), step: 'OPEN', code: 'CONNECTION_RESET', fields: ['region'] },
  {
    what: 'a server that hangs up',
    s3: atObject('CUT_AT_ONCE'),
    step: 'READ',
    code: 'CONNECTION_RESET',
    fields: ['region'],
  },
  {
    what: 'a server that says nothing',
    s3: atBucket('HANG'),
    run: { budgetsMs: { OPEN: 500 } },
    step: 'OPEN',
    code: 'CLOUD_TIMED_OUT',
    says: /0\.5 s/,
  },
  {
    what: 'a listing that comes byte by byte',
    s3: atBucket('DRIP'),
    run: { budgetsMs: { OPEN: 500 } },
    step: 'OPEN',
    code: 'CLOUD_TIMED_OUT',
  },
  {
    what: 'an object that does not come',
    s3: atObject('HANG'),
    run: { budgetsMs: { READ: 500 } },
    step: 'READ',
    code: 'CLOUD_TIMED_OUT',
    says: /0\.5 s/,
  },
  {
    what: 'an object that stops coming',
    s3: atObject('HANG_IN_BODY'),
    run: { budgetsMs: { READ: 500 } },
    step: 'READ',
    code: 'CLOUD_TIMED_OUT',
  },
  {
    what: 'an object that comes byte by byte',
    s3: atObject('DRIP_IN_BODY'),
    run: { budgetsMs: { READ: 500 } },
    step: 'READ',
    code: 'CLOUD_TIMED_OUT',
  },
  {
    what: 'a part of an object that is not the one that was asked for',
    s3: atObject('OTHER_RANGE'),
    objects: objects => objects.put('a.csv', 'n\n'.repeat(10_000)),
    step: 'READ',
    code: 'PROTOCOL_VIOLATION',
    fields: ['region'],
  },
]

describe('the test of an S3 connector', () => {
  it('passes every step, and shows what it measured', async () => {
    await using world = await S3World.start({}, { rights: () => false })
    world.s3.objects.put('orders.csv', 'n\n1\n')
    const reports = await world.test()
    expect(expectPass(reports)).toEqual(notEncrypted)
    const shown = JSON.stringify([stepOf(reports, 'OPEN'), stepOf(reports, 'READ')])
    for (const part of ['sales', region, 'orders.csv']) expect(shown).toContain(part)
    for (const { evidence, key } of ['OPEN', 'READ'].map(key => ({ key, ...stepOf(reports, key) }))) {
      expect(evidence, key).not.toEqual([])
    }
  })

  it('reads little of a large object, and asks for no more', async () => {
    await using world = await S3World.start()
    world.s3.objects.put('huge.csv', repeatedContent('1,2,3\n', 5 * 2 ** 40))
    expect(stepOf(await world.test(), 'READ').status).toBe('PASSED')
    expect(world.s3.traffic.sentBytes).toBeLessThan(200_000)
    expect(world.s3.served.filter(({ operation }) => operation === 'GetObject')).toHaveLength(1)
    expect(world.s3.served.at(-1)).toMatchObject({ operation: 'GetObject', status: 206 })
  })

  it('reads little of it also where the server sends all of it, or without end', async () => {
    for (const fault of ['IGNORE_RANGE', 'ENDLESS_BODY'] as const) {
      await using world = await S3World.start({ at: { GetObject: fault } })
      world.s3.objects.put('huge.csv', repeatedContent('1,2,3\n', 5 * 2 ** 40))
      expect(stepOf(await world.test({}, { budgetsMs: { READ: 3_000 } }), 'READ').status).toBe('PASSED')
      await expect.poll(() => world.s3.openConnections).toBe(0)
      expect(world.s3.traffic.sentBytes).toBeLessThan(32 * 2 ** 20)
    }
  })

  it('only lists and reads, with each request signed for the region', async () => {
    await using world = await S3World.start()
    world.s3.objects.put('orders.csv', 'n\n1\n')
    await world.test()
    // Whether the bucket can be listed is told by one key.
    expect(world.s3.served[0]?.query.get('max-keys')).toBe('1')
    expect(world.s3.served.map(({ method }) => method)).toEqual(world.s3.served.map(() => 'GET'))
    expect(new Set(world.s3.served.map(({ signature }) => `${signature?.service} ${signature?.region}`))).toEqual(
      new Set([`s3 ${region}`]),
    )
  })

  it.each(cases.map(each => ({ ...each, name: `${each.what}: ${each.code} at ${each.step}` })))(
    'names $name',
    async ({ s3 = {}, aws = {}, input = {}, run = {}, objects, step, code, fields = [], remedies = [], says }) => {
      await using world = await S3World.start(s3, aws)
      world.s3.objects.put('a.csv', 'n\n1\n'.repeat(50))
      objects?.(world.s3.objects)
      const reports = await world.test(input, run)
      const problem = expectFailure(reports, step, code)
      expect(hintsOf(problem)).toEqual({ fields, remedies })
      if (says) expect(problem.message).toMatch(says)
      expect(problem.message).not.toMatch(/undefined|null|NaN|[{}]|\[object/)
      expect(JSON.stringify(reports)).not.toMatch(/wrong-secret|access-key-secret|(temporary|operator)-(secret|token)/)
      await expect.poll(() => [world.s3.openConnections, world.aws.openConnections]).toEqual([0, 0])
    },
  )

  it('says which region it is, to be set with one click', async () => {
    for (const shape of ['PERMANENT_REDIRECT', 'MALFORMED', 'CONSTRAINT'] as const) {
      await using world = await S3World.start(elsewhere(shape))
      const { remedies } = expectFailure(await world.test(), 'OPEN', 'CLOUD_REGION_MISMATCH')
      expect(remedies).toEqual([
        { kind: 'SET_FIELD', title: 'Use the region eu-central-1', field: 'region', value: 'eu-central-1' },
      ])
    }
  })

  it('offers no region that is none, whatever the server says', async () => {
    await using world = await S3World.start({ ...elsewhere('MALFORMED'), buckets: { sales: 'x@evil.com:443/#' } })
    const { remedies } = expectFailure(await world.test(), 'OPEN', 'CLOUD_REGION_MISMATCH')
    expect(remedies).toEqual([])
  })

  it('tells by how much clocks differ', async () => {
    await using world = await S3World.start({ skewMs: 1_800_000 })
    expect(stepOf(await world.test(), 'OPEN').evidence).toMatchObject([
      { label: 'Clock of AWS', value: "30 minutes ahead of Patchbay's" },
    ])
  })

  it('is cancelled while an object is waited for, and leaves nothing', async () => {
    await using world = await S3World.start({ at: { GetObject: 'HANG_IN_BODY' } })
    world.s3.objects.put('a.csv', 'n\n'.repeat(100_000))
    const cancel = new AbortController()
    const test = world.test({}, { signal: cancel.signal })
    await expect.poll(() => world.s3.traffic.held).toBe(1)
    cancel.abort()
    expect(stepOf(await test, 'READ').status).toBe('CANCELLED')
    await expect.poll(() => [world.s3.openConnections, world.aws.openConnections]).toEqual([0, 0])
  })
})

describe('the objects of an S3 connector', () => {
  const test = async (put: (objects: S3Objects) => void, input = {}, s3: S3DoubleOptions = {}) => {
    await using world = await S3World.start(s3)
    put(world.s3.objects)
    return { reports: await world.test(input), served: world.s3.served }
  }

  it('may be none under the prefix, which is a warning about the prefix', async () => {
    const { reports, served } = await test(objects => objects.put('other/a.csv', 'n'), { prefix: 'exports/' })
    expect(stepOf(reports, 'READ').status).toBe('WARNING')
    const problem = expectProblem(reports, 'READ', 'NO_OBJECT_MATCHES')
    expect(problem.fields).toEqual(['prefix'])
    expect(problem.message).toContain('exports/')
    expect(served.some(({ operation }) => operation === 'GetObject')).toBe(false)
  })

  it('may be none at all', async () => {
    const { reports } = await test(() => {})
    expect(stepOf(reports, 'READ').status).toBe('WARNING')
    expectProblem(reports, 'READ', 'NO_OBJECT_MATCHES')
  })

  it('may all be archived, unless they have been restored', async () => {
    const archived = await test(objects => {
      objects.put('a.csv', 'n', { storageClass: 'GLACIER' })
      objects.put('b.csv', 'n', { storageClass: 'DEEP_ARCHIVE' })
    })
    expect(stepOf(archived.reports, 'READ').status).toBe('WARNING')
    expect(expectProblem(archived.reports, 'READ', 'OBJECT_ARCHIVED').message).toMatch(/a\.csv.*GLACIER/)
    const restored = await test(objects => {
      objects.put('a.csv', 'n', { storageClass: 'GLACIER' })
      objects.put('b.csv', 'n', { storageClass: 'GLACIER', isArchived: false })
    })
    expect(stepOf(restored.reports, 'READ').status).toBe('PASSED')
  })

  it('may be archived in a class that listings do not tell by', async () => {
    const { reports } = await test(objects =>
      objects.put('a.csv', 'n', { storageClass: 'INTELLIGENT_TIERING', isArchived: true }),
    )
    expect(expectProblem(reports, 'READ', 'OBJECT_ARCHIVED').message).toContain('INTELLIGENT_TIERING')
  })

  it('are looked through for one that can be read: not archived, not a folder, not empty', async () => {
    const { reports, served } = await test(
      objects => {
        objects.put('exports/', '')
        objects.put('exports/a.csv', 'n', { storageClass: 'GLACIER' })
        objects.put('exports/b.csv', '')
        objects.put('exports/c ü+%2F.csv', 'n\n1\n')
      },
      { prefix: 'exports/' },
    )
    expect(stepOf(reports, 'READ').status).toBe('PASSED')
    expect(served.filter(({ operation }) => operation === 'GetObject').map(({ key }) => key)).toEqual([
      'exports/c ü+%2F.csv',
    ])
  })

  it('may all be empty, which is a warning', async () => {
    const { reports } = await test(objects => objects.put('a.csv', ''))
    expect(stepOf(reports, 'READ').status).toBe('WARNING')
    expect(expectProblem(reports, 'READ', 'NO_OBJECT_MATCHES').detail).toContain('empty')
  })

  it('may be known by name alone: whoever may not list reads the one that the prefix names', async () => {
    const { reports } = await test(
      objects => objects.put('exports/a.csv', 'n\n1\n'),
      { prefix: 'exports/a.csv' },
      { denies: action => action === 's3:ListBucket' },
    )
    for (const key of ['OPEN', 'READ']) {
      expect(stepOf(reports, key).status).toBe('WARNING')
      expectProblem(reports, key, 'CLOUD_ACCESS_DENIED')
    }
    expect(JSON.stringify(stepOf(reports, 'READ').evidence)).toContain('exports/a.csv')
  })

  it('may be replaced between the listing and the reading', async () => {
    let put = () => {}
    await using world = await S3World.start({
      at: {
        GetObject: () => {
          put()
          return null
        },
      },
    })
    world.s3.objects.put('a.csv', 'n\n1\n')
    put = () => world.s3.objects.put('a.csv', 'n\n2\n')
    const reports = await world.test()
    expect(stepOf(reports, 'READ').status).toBe('FAILED')
    expectProblem(reports, 'READ', 'OBJECT_CHANGED')
  })

  it('with other beginnings than the prefix are not read, whatever the server lists', async () => {
    const { reports, served } = await test(
      objects => objects.put('secret/a.csv', 'n\n1\n'),
      { prefix: 'exports/' },
      {
        at: { ListObjectsV2: { listing: [{ key: 'secret/a.csv', size: 4 }] } },
      },
    )
    expect(served.some(({ operation }) => operation === 'GetObject')).toBe(false)
    expect(stepOf(reports, 'READ').status).not.toBe('PASSED')
  })
})

describe('what is in the place of S3', () => {
  it('is nobody: refused, dropped, denied, unknown, unreachable', async () => {
    await using world = await S3World.start()
    const at = (s3: string, options: RunOptions = {}) =>
      testS3(
        inputOf(),
        world.near({ ...options, network: { awsEndpoints: { ...world.aws.endpoints, s3 }, ...options.network } }),
      )
    const port = await freePort()
    const refused = expectFailure(await at(`http://127.0.0.1:${port}`), `CONNECT:${s3Name}`, 'CONNECTION_REFUSED')
    expect(refused.fields).toEqual(['region'])
    await using hole = await BlackHole.start()
    const budgetsMs = { [`CONNECT:${s3Name}`]: 400 }
    expectFailure(await at(`http://127.0.0.1:${hole.port}`, { budgetsMs }), `CONNECT:${s3Name}`, 'CONNECTION_TIMED_OUT')
    expectFailure(await at('http://169.254.169.254'), `EGRESS:${s3Name}`, 'EGRESS_DENIED')
    await using dns = await DnsDouble.start({
      'broken.test': 'SERVFAIL',
      'silent.test': 'SILENT',
      'six.test': ['fd00::1'],
    })
    const named = (host: string) =>
      at(`http://${host}:${port}`, {
        nameServers: [dns.address],
        egress: { allowPrivate: true },
        budgetsMs: { [`RESOLVE:${s3Name}`]: 400 },
      })
    expectFailure(await named('missing.test'), `RESOLVE:${s3Name}`, 'HOST_NOT_FOUND')
    expectFailure(await named('broken.test'), `RESOLVE:${s3Name}`, 'NAME_RESOLUTION_FAILED')
    expectFailure(await named('silent.test'), `RESOLVE:${s3Name}`, 'NAME_RESOLUTION_TIMED_OUT')
    using _ = withoutIpv6()
    expectFailure(await named('six.test'), `CONNECT:${s3Name}`, 'NETWORK_UNREACHABLE')
  })

  it('is nobody in a region that does not exist', async () => {
    await using dns = await DnsDouble.start({})
    const reports = await testS3(inputOf({ region: 'eu-west-9' }), { nameServers: [dns.address] })
    const problem = expectFailure(reports, 'RESOLVE:sts.eu-west-9.amazonaws.com', 'HOST_NOT_FOUND')
    expect(hintsOf(problem)).toEqual({ fields: ['region'], remedies: [] })
    expect(dns.questions.every(question => question.endsWith('.eu-west-9.amazonaws.com'))).toBe(true)
  })
})
