import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import type { Problem } from '../../../src/connectors/problem.ts'
import { AwsDouble, type AwsDoubleOptions, type Misbehaviour } from '../../servers/aws-double.ts'
import { type AskOptions, expectStageProblem, keys, knownKeys, nearby, pass, stageOf } from './stage-run.ts'

const services = ['redshift', 'redshift-serverless'] as const

async function ask(options: AwsDoubleOptions, asked: AskOptions = {}, budgetMs = 2_000) {
  await using double = await AwsDouble.start({ keys: knownKeys, ...options })
  const report = await pass(stageOf(nearby(double), asked), { budgetMs })
  return { report, double }
}

const misbehaving = (how: Misbehaviour): AwsDoubleOptions => ({
  at: { GetClusterCredentials: how, GetCredentials: how },
})

interface Case {
  readonly name: string
  readonly options: AwsDoubleOptions
  readonly asked?: AskOptions
  readonly expected: Partial<Problem> & Pick<Problem, 'code'>
}

/** 100 MB of nothing. */
const bomb = gzipSync(Buffer.alloc(100_000_000)).toString('latin1')

const denied =
  'User: arn:aws:iam::123456789012:user/bob is not authorized to perform: redshift:GetClusterCredentials on resource: x (Service: Redshift; Status Code: 403; Request ID: 1-2-3)'

const unreadable: readonly (readonly [name: string, how: Misbehaviour])[] = [
  ['an error that cannot be read', { status: 400, body: 'garbage <' }],
  ['an answer that nests without an end', { status: 200, body: '<a>'.repeat(100_000) }],
  ['an error that nests without an end', { status: 400, body: `${'<a>'.repeat(80_000)}${'</a>'.repeat(80_000)}` }],
  ['brackets without an end', { status: 200, body: '['.repeat(900_000) }],
  ['an error of other types', { status: 400, body: '{"__proto__":{"x":1},"__type":{"a":1},"message":{"b":[1]}}' }],
  ['a compressed answer', { status: 200, headers: { 'content-encoding': 'gzip' }, body: bomb }],
  ['an answer that breaks off in the password', { status: 200, body: '{"dbUser":"ann","dbPassword":h-unter2-Xw}' }],
]

const cases: readonly Case[] = [
  {
    name: 'a key that nobody has',
    options: {},
    asked: { keys: { ...keys, accessKeyId: 'AKIAI44QH8DHBEXAMPLE' } },
    expected: {
      code: 'CLOUD_CREDENTIALS_REJECTED',
      fields: ['credentials.accessKey.secretAccessKey', 'credentials.accessKey.accessKeyId'],
      retryable: false,
    },
  },
  {
    name: 'a secret of another key',
    options: {},
    asked: { keys: { ...keys, secretAccessKey: 'another' } },
    expected: { code: 'CLOUD_CREDENTIALS_REJECTED' },
  },
  {
    name: 'a session token where there is none',
    options: {},
    asked: { keys: { ...keys, sessionToken: 'token' } },
    expected: {
      code: 'CLOUD_CREDENTIALS_REJECTED',
      fields: [
        'credentials.accessKey.secretAccessKey',
        'credentials.accessKey.accessKeyId',
        'credentials.accessKey.sessionToken',
      ],
    },
  },
  {
    name: 'the wrong region',
    options: {},
    asked: { region: 'us-east-2' },
    expected: { code: 'CLOUD_REGION_MISMATCH', fields: ['region'], remedies: [] },
  },
  {
    name: 'a region that names the right one',
    options: misbehaving({
      error: 'AuthorizationHeaderMalformed',
      message: "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-3'",
    }),
    expected: {
      code: 'CLOUD_REGION_MISMATCH',
      remedies: [{ kind: 'SET_FIELD', title: 'Use the region eu-west-3', field: 'region', value: 'eu-west-3' }],
    },
  },
  {
    name: 'temporary keys that have expired',
    options: misbehaving({
      error: 'ExpiredTokenException',
      message: 'The security token included in the request is expired',
    }),
    expected: { code: 'CLOUD_CREDENTIALS_EXPIRED' },
  },
  {
    name: 'a missing permission',
    options: misbehaving({ error: 'AccessDeniedException', message: denied, status: 403 }),
    expected: {
      code: 'CLOUD_ACCESS_DENIED',
      params: expect.objectContaining({ action: 'redshift:GetClusterCredentials' }),
      detail:
        'AccessDenied: User: arn:aws:iam::…9012:user/bob is not authorized to perform: redshift:GetClusterCredentials on resource: x',
      fields: ['credentials.accessKey.accessKeyId', 'thing'],
    },
  },
  {
    name: 'an account that is not signed up',
    options: misbehaving({ error: 'OptInRequired', message: 'You are not subscribed to this service.', status: 403 }),
    expected: { code: 'CLOUD_ACCOUNT_NOT_READY' },
  },
  {
    name: 'a thing that is not there',
    options: { clusters: [], workgroups: [] },
    expected: { code: 'CLOUD_RESOURCE_NOT_FOUND', fields: ['thing', 'region'] },
  },
  {
    name: 'a value that is not accepted',
    options: misbehaving({ error: 'ValidationException', message: '1 validation error detected' }),
    expected: { code: 'CLOUD_REQUEST_INVALID', fields: ['thing'] },
  },
  {
    name: 'a value that is not accepted, in the words of STS',
    options: misbehaving({ error: 'ValidationError', message: '1 validation error detected' }),
    expected: { code: 'CLOUD_REQUEST_INVALID' },
  },
  {
    name: 'a wrong signature, with the whole request that should have been signed',
    options: misbehaving({
      error: 'SignatureDoesNotMatch',
      message: `It does not match. Check your key.\n\nThe Canonical String for this request should have been\n'POST\n/\n\nx-amz-security-token:session-token-4Rt\n'\n\nThe String-to-Sign should have been\n'AWS4'`,
      status: 403,
    }),
    expected: {
      code: 'CLOUD_CREDENTIALS_REJECTED',
      detail: 'SignatureDoesNotMatch: It does not match. Check your key.',
    },
  },
  {
    name: 'throttling',
    options: misbehaving({ error: 'ThrottlingException', message: 'Rate exceeded' }),
    expected: { code: 'CLOUD_THROTTLED', retryable: true },
  },
  {
    name: 'throttling by status alone',
    options: misbehaving({ status: 429, body: '' }),
    expected: { code: 'CLOUD_THROTTLED', retryable: true },
  },
  {
    name: 'a fault of the service',
    options: misbehaving({ error: 'InternalFailure', message: 'x', status: 500 }),
    expected: { code: 'CLOUD_UNAVAILABLE', retryable: true },
  },
  {
    name: 'a gateway without words',
    options: misbehaving({ status: 503, body: '' }),
    expected: { code: 'CLOUD_UNAVAILABLE' },
  },
  {
    name: 'an error without a name here',
    options: misbehaving({ error: 'TeapotException', message: 'Short and stout', status: 418 }),
    expected: { code: 'UNCLASSIFIED', detail: 'Teapot: Short and stout (HTTP 418)' },
  },
  {
    name: 'a web page',
    options: misbehaving({
      status: 200,
      headers: { 'content-type': 'text/html' },
      body: '<html>Sign in to the Wi-Fi</html>',
    }),
    expected: { code: 'WRONG_PROTOCOL', message: expect.stringContaining('a web page (HTTP 200)'), fields: ['region'] },
  },
  {
    name: 'a redirect',
    options: misbehaving({ status: 307, headers: { location: 'http://169.254.169.254/latest/' }, body: '' }),
    expected: { code: 'WRONG_PROTOCOL', message: expect.stringContaining('a redirect (HTTP 307)') },
  },
  {
    name: 'words that are none',
    options: misbehaving({ status: 200, body: 'hello {' }),
    expected: { code: 'WRONG_PROTOCOL' },
  },
  ...unreadable.map(
    ([name, how]): Case => ({
      name,
      options: misbehaving(how),
      // What a parser quotes of where it stumbled may be half of a password.
      expected: { code: 'WRONG_PROTOCOL', detail: null },
    }),
  ),
  { name: 'an answer without an end', options: misbehaving('FLOOD'), expected: { code: 'PROTOCOL_VIOLATION' } },
  {
    name: 'a connection that is cut in an answer',
    options: misbehaving('CUT'),
    expected: { code: 'CONNECTION_RESET' },
  },
  {
    name: 'a connection that is cut before',
    options: misbehaving('CUT_AT_ONCE'),
    expected: { code: 'CONNECTION_RESET' },
  },
]

describe.each(services)('a call to %s', service => {
  it('is signed so that AWS would take it, and asks once', async () => {
    const { report, double } = await ask({}, { service })
    expect(report.status).toBe('PASSED')
    expect(double.requests).toHaveLength(1)
    expect(double.requests[0]?.signature).toMatchObject({ accessKeyId: keys.accessKeyId, region: 'eu-west-1', service })
  })

  it.each(cases)('that meets $name', async ({ options, asked, expected }) => {
    const { report, double } = await ask(options, { ...asked, service })
    expectStageProblem(report, expected)
    expect(JSON.stringify(report)).not.toContain(keys.secretAccessKey)
    // What was refused once is not tried again.
    expect(double.requests.length).toBeLessThanOrEqual(1)
  })

  it.each([
    [600_000, '10 minutes ahead of'],
    [-600_000, '10 minutes behind'],
  ])('tells clocks apart by %i ms from wrong secrets', async (skewMs, words) => {
    const { report } = await ask({ skewMs }, { service })
    expectStageProblem(report, { code: 'CLOUD_CLOCK_SKEWED', origin: 'PATCHBAY', fields: [] })
    expect(report.evidence).toMatchObject([{ label: 'Clock of AWS', value: `${words} Patchbay's` }])
  })

  it('that is never answered ends within its budget', async () => {
    const { report } = await ask(misbehaving('HANG'), { service }, 700)
    expectStageProblem(report, { code: 'CLOUD_TIMED_OUT', retryable: true })
  })

  it('that is answered byte by byte ends with its signal', async () => {
    await using double = await AwsDouble.start({ keys: knownKeys, ...misbehaving('DRIP') })
    const stop = new AbortController()
    const passing = pass(stageOf(nearby(double), { service }), { signal: stop.signal, budgetMs: 20_000 })
    await expect.poll(() => double.held).toBe(1)
    stop.abort(new Error('Cancelled.'))
    await expect(passing).rejects.toThrow('Cancelled.')
    await expect.poll(() => double.openConnections).toBe(0)
  })
})
