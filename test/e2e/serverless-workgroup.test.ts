import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { canarySecret, plainSecret } from '../canary/secrets.ts'
import {
  type AwsCredentialsInput,
  PreviewDocument,
  RunTestDocument,
  SaveNewConnectorDocument,
} from '../generated/graphql.ts'
import { AwsDouble } from '../servers/aws-double.ts'
import { issueCertificate } from '../servers/certificates.ts'
import { HostilePostgres } from '../servers/hostile-postgres.ts'
import { redshiftAnswerTo } from '../servers/hostile-redshift-statements.ts'
import { RecordedApp } from './recorded-app.ts'
import { asType } from './typed-result.ts'

const root = issueCertificate({ commonName: 'Workgroup Root', authority: true })
const certificate = issueCertificate({ commonName: 'db', issuer: root, names: ['127.0.0.1'], usage: 'server' })
/** What AWS gives out for the workgroup: nobody ever types it. */
const password = canarySecret()
const identity = {
  AccessKeyId: 'ASIAOPERATOROPERATOR',
  SecretAccessKey: canarySecret(),
  SessionToken: plainSecret(),
}

const assumeRole = { roleArn: 'arn:aws:iam::111122223333:role/patchbay' }
const accessKey = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: canarySecret() }

describe('a serverless workgroup, in the whole program', () => {
  let directory: string
  let aws: AwsDouble
  let database: HostilePostgres
  let app: RecordedApp
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'patchbay-identity-'))
    const file = join(directory, 'identity.json')
    await writeFile(file, JSON.stringify(identity), { mode: 0o600 })
    aws = await AwsDouble.start({
      keys: {
        [identity.AccessKeyId]: { secret: identity.SecretAccessKey, sessionToken: identity.SessionToken },
        [accessKey.accessKeyId]: { secret: accessKey.secretAccessKey },
      },
      workgroups: ['sales'],
      database: { user: 'patchbay', password },
    })
    database = await HostilePostgres.start({ password, certificate, answerTo: redshiftAnswerTo })
    const endpoints = Object.entries(aws.endpoints).map(([service, url]) => `${service}=${url}`)
    app = await RecordedApp.start('SQLite', { AWS_IDENTITY_FILE: file, AWS_ENDPOINTS: endpoints.join(',') })
  })
  afterAll(async () => {
    await app?.[Symbol.asyncDispose]()
    await database?.[Symbol.asyncDispose]()
    await aws?.[Symbol.asyncDispose]()
    await rm(directory, { recursive: true })
  })

  const config = (credentials: AwsCredentialsInput) => ({
    redshift: {
      host: '127.0.0.1',
      port: database.port,
      auth: {
        iam: {
          deployment: { serverless: { workgroupName: 'sales' } },
          region: 'eu-west-1',
          credentials,
        },
      },
      tls: { caCertificates: root.certificate },
    },
  })

  /** The test's status, and what became of each step that a statement would run for. */
  async function tested(mayStartCompute?: boolean) {
    database.forget()
    const input = {
      target: { draft: config({ assumeRole }) },
      ...(mayStartCompute !== undefined && { mayStartCompute }),
    }
    const { testConnection } = await app.client.request(RunTestDocument, { input })
    const { status, steps } = asType(testConnection, 'TestConnectionSuccess').test
    const outcomes = steps.filter(({ key }) => ['OPEN', 'READ', 'LEAST_PRIVILEGE'].includes(key))
    return {
      status,
      outcomes: Object.fromEntries(outcomes.map(step => [step.key, [step.status, step.problem?.code ?? null]])),
      ranStatements: database.received.includes('SELECT'),
    }
  }

  test('is not billed for a test by a role, unless the test may start compute', async () => {
    const free = {
      status: 'PASSED_WITH_WARNINGS',
      outcomes: {
        OPEN: ['PASSED', null],
        READ: ['WARNING', 'COMPUTE_NOT_ALLOWED'],
        LEAST_PRIVILEGE: ['SKIPPED', 'COMPUTE_NOT_ALLOWED'],
      },
      ranStatements: false,
    }
    expect(await tested()).toEqual(free)
    expect(await tested(false)).toEqual(free)
    expect(await tested(true)).toMatchObject({
      outcomes: { OPEN: ['PASSED', null], READ: ['PASSED', null], LEAST_PRIVILEGE: ['PASSED', null] },
      ranStatements: true,
    })
    expect(aws.requests.map(({ action }) => action)).toEqual(Array(3).fill(['AssumeRole', 'GetCredentials']).flat())
  })

  test('is asked for the rows of a preview, by a key, with a password of its own', async () => {
    const asked = aws.requests.length
    const { createConnector } = await app.client.request(SaveNewConnectorDocument, {
      input: { name: 'Workgroup', config: config({ accessKey }) },
    })
    const { connector } = asType(createConnector, 'CreateConnectorSuccess')
    const query = { redshift: { sql: { text: 'select n from numbers' } } }
    const draft = { connector: { id: connector.id }, query }
    const { previewDataset } = await app.client.request(PreviewDocument, { input: { target: { draft } } })
    expect(asType(previewDataset, 'PreviewDatasetSuccess').preview.rows).toEqual([['one'], ['two']])
    expect(aws.requests.slice(asked).map(({ action }) => action)).toEqual(['GetCredentials'])
  })
})
