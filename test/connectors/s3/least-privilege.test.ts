import { describe, expect, it } from 'vitest'
import type { AwsDoubleOptions } from '../../servers/aws-double.ts'
import { DnsDouble } from '../../servers/dns-double.ts'
import { BlackHole, silentServer } from '../../servers/hostile-servers.ts'
import { S3Double } from '../../servers/s3-double.ts'
import { byRole, expectProblem, foreignInput, knownKeys, roleArn, S3World, stepOf, testS3 } from './s3-run.ts'

async function measure(aws: AwsDoubleOptions, input: Readonly<Record<string, unknown>> = {}) {
  await using world = await S3World.start({}, aws)
  world.s3.objects.put('exports/a.csv', 'n\n1\n')
  const reports = await world.test(input)
  const asked = world.aws.requests.filter(({ action }) => action === 'SimulatePrincipalPolicy')
  const questions = asked.flatMap(({ parameters }) =>
    Object.entries(parameters).flatMap(([name, value]) =>
      name.startsWith('ActionNames.') ? [`${String(value)} on ${String(parameters['ResourceArns.member.1'])}`] : [],
    ),
  )
  return { reports, asked, questions, methods: new Set(world.s3.served.map(({ method }) => method)) }
}

describe('what the identity of an S3 connector may do', () => {
  it('is fine when its policies allow nothing that writes to the bucket', async () => {
    const { reports, questions } = await measure({ rights: () => false })
    expect(stepOf(reports, 'LEAST_PRIVILEGE')).toMatchObject({ status: 'PASSED', problem: null })
    for (const action of ['s3:PutObject', 's3:DeleteObject']) {
      expect(questions).toContain(`${action} on arn:aws:s3:::sales/*`)
    }
    for (const action of ['s3:DeleteBucket', 's3:PutBucketPolicy', 's3:PutLifecycleConfiguration']) {
      expect(questions).toContain(`${action} on arn:aws:s3:::sales`)
    }
  })

  it.each(['s3:PutObject', 's3:DeleteObject', 's3:PutObjectAcl', 's3:PutBucketPolicy', 's3:DeleteBucket'])(
    'is too much with %s, told with a script for one that only reads',
    async action => {
      const { reports } = await measure({ rights: asked => asked === action }, { prefix: 'exports/' })
      expect(stepOf(reports, 'LEAST_PRIVILEGE').status).toBe('WARNING')
      const problem = expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
      expect(problem.message).toContain(action)
      expect(problem.fields).toEqual(['credentials.accessKey.accessKeyId'])
      const script = problem.remedies.find(({ kind }) => kind === 'RUN_SQL')
      const text = script?.kind === 'RUN_SQL' ? script.sql : ''
      expect(text).toContain('aws iam create-user')
      expect(text).toContain('"arn:aws:s3:::sales/exports/*"')
      expect(text).toContain('s3:ListBucket')
      expect(text).not.toMatch(/s3:(?:Put|Delete|\*)/)
    },
  )

  it('is asked of objects under the prefix alone', async () => {
    const { questions } = await measure({ rights: () => false }, { prefix: 'exports/' })
    expect(questions).toContain('s3:PutObject on arn:aws:s3:::sales/exports/*')
    expect(questions).not.toContain('s3:PutObject on arn:aws:s3:::sales/*')
  })

  it('is asked of the role itself, and the fence of its session is shown', async () => {
    const { reports, asked } = await measure({ rights: () => true }, byRole)
    expect(asked[0]?.parameters).toMatchObject({ PolicySourceArn: roleArn })
    const problem = expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
    expect(problem.fields).toEqual(['credentials.assumeRole.roleArn'])
    expect(stepOf(reports, 'LEAST_PRIVILEGE').evidence.map(({ label }) => label)).toContain('Fence')
  })

  it.each<readonly [string, AwsDoubleOptions, RegExp]>([
    ['nobody may ask', {}, /SimulatePrincipalPolicy/],
    ['conditions decide', { rights: () => ({ missing: 'aws:SourceIp' }) }, /aws:SourceIp/],
    [
      'IAM fails',
      { at: { SimulatePrincipalPolicy: { error: 'ServiceFailure', status: 500, message: 'Later.' } } },
      /ServiceFailure/,
    ],
  ])('is unknown, never fine, where %s', async (_, aws, detail) => {
    const { reports } = await measure(aws)
    expect(stepOf(reports, 'LEAST_PRIVILEGE').status).toBe('SKIPPED')
    expect(expectProblem(reports, 'LEAST_PRIVILEGE', 'PRIVILEGES_UNKNOWN').detail).toMatch(detail)
  })

  it.each(['SILENT_NAME', 'BLACK_HOLE', 'SILENT_TLS', 'SILENT_IAM'] as const)(
    'is unknown where IAM cannot be reached in time (%s)',
    async silence => {
      await using world = await S3World.start({}, { at: { SimulatePrincipalPolicy: 'HANG' } })
      world.s3.objects.put('a.csv', 'n\n1\n')
      await using dns = await DnsDouble.start({ 'silent.test': 'SILENT' })
      await using hole = await BlackHole.start()
      await using tls = await silentServer()
      const iam = {
        SILENT_NAME: 'http://silent.test:9',
        BLACK_HOLE: `http://127.0.0.1:${hole.port}`,
        SILENT_TLS: `https://127.0.0.1:${tls.port}`,
        SILENT_IAM: world.aws.url,
      }[silence]
      const reports = await world.test(
        {},
        {
          nameServers: [dns.address],
          budgetsMs: { LEAST_PRIVILEGE: 500 },
          network: { awsEndpoints: { ...world.aws.endpoints, s3: world.s3.url, iam } },
        },
      )
      expect(stepOf(reports, 'LEAST_PRIVILEGE').status).toBe('SKIPPED')
      const { detail } = expectProblem(reports, 'LEAST_PRIVILEGE', 'PRIVILEGES_UNKNOWN')
      expect(detail).not.toMatch(/\d\.\d{4}/)
      await expect.poll(() => world.aws.openConnections).toBe(0)
    },
  )

  it('has not been found out in a time in which nothing can be', async () => {
    await using world = await S3World.start({}, { at: { SimulatePrincipalPolicy: 'HANG' } })
    world.s3.objects.put('a.csv', 'n\n1\n')
    const reports = await world.test({}, { budgetsMs: { LEAST_PRIVILEGE: 1 } })
    expect(stepOf(reports, 'LEAST_PRIVILEGE').status).toBe('FAILED')
    expectProblem(reports, 'LEAST_PRIVILEGE', 'STEP_TIMED_OUT')
  })

  it('is never found out by writing', async () => {
    const { methods } = await measure({ rights: () => true })
    expect([...methods]).toEqual(['GET'])
  })

  it('cannot be told of a server that is none of AWS, and nobody at AWS is asked', async () => {
    await using world = await S3World.start()
    await using server = await S3Double.start({ keys: knownKeys })
    server.objects.put('a.csv', 'n\n1\n')
    const reports = await testS3(foreignInput(server), world.near({}))
    expect(stepOf(reports, 'LEAST_PRIVILEGE').status).toBe('SKIPPED')
    expectProblem(reports, 'LEAST_PRIVILEGE', 'PRIVILEGES_UNKNOWN')
    expect([world.aws.connections, world.s3.connections]).toEqual([0, 0])
  })
})
