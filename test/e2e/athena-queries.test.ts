import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canarySecret, plainSecret } from '../canary/secrets.ts'
import {
  type AwsCredentialsInput,
  CancelTestDocument,
  RunTestDocument,
  WatchTestDocument,
} from '../generated/graphql.ts'
import { AwsDouble } from '../servers/aws-double.ts'
import { RecordedApp } from './recorded-app.ts'
import { asType } from './typed-result.ts'

const identity = {
  AccessKeyId: 'ASIAOPERATOROPERATOR',
  SecretAccessKey: canarySecret(),
  SessionToken: plainSecret(),
}
const role = { id: 'ASIAROLEROLEROLEROLE', secret: canarySecret(), sessionToken: plainSecret() }
const accessKey = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: canarySecret() }
const byRole = { assumeRole: { roleArn: 'arn:aws:iam::111122223333:role/patchbay' } }
const draftBy = (credentials: AwsCredentialsInput) => ({
  athena: { region: 'eu-west-1', credentials, database: 'sales' },
})
const draft = draftBy(byRole)

describe('queries of Athena, in the whole program', () => {
  let directory: string
  let aws: AwsDouble
  let app: RecordedApp
  /** What becomes of the query of a table, from now on. */
  let table: 'ENDLESS' | 'SOUND' | 'TELLING' = 'SOUND'
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'patchbay-identity-'))
    const file = join(directory, 'identity.json')
    await writeFile(file, JSON.stringify(identity), { mode: 0o600 })
    const isOfTable = (sql: string) => /\bfrom\b/i.test(sql)
    aws = await AwsDouble.start({
      keys: {
        [identity.AccessKeyId]: { secret: identity.SecretAccessKey, sessionToken: identity.SessionToken },
        [accessKey.accessKeyId]: { secret: accessKey.secretAccessKey },
      },
      role,
      rights: () => false,
      athena: {
        staysIn: sql => (table === 'ENDLESS' && isOfTable(sql) ? 'RUNNING' : undefined),
        statements: sql =>
          table === 'TELLING' && isOfTable(sql) ? { failure: `You have said ${role.secret}.` } : undefined,
      },
    })
    const endpoints = Object.entries(aws.endpoints).map(([service, url]) => `${service}=${url}`)
    app = await RecordedApp.start('SQLite', { AWS_IDENTITY_FILE: file, AWS_ENDPOINTS: endpoints.join(',') })
  })
  afterAll(async () => {
    await app?.[Symbol.asyncDispose]()
    await aws?.[Symbol.asyncDispose]()
    await rm(directory, { recursive: true })
  })

  it('are told of while they wait and run, and stopped in Athena when the test is cancelled', async () => {
    table = 'ENDLESS'
    const stream = app.client.subscribe('SSE', WatchTestDocument, { input: { target: { draft } } })
    const planned = asType(await stream.until(() => true), 'ConnectionTestPlanned')
    const notes = () => JSON.stringify(stream.events)
    await stream.until(event => event.__typename === 'ConnectionTestStepProgressed')
    await expect
      .poll(() => aws.athena.queries.some(({ sql, polls }) => /\bfrom\b/i.test(sql) && polls > 0), {
        timeout: 10_000,
      })
      .toBe(true)
    const { cancelConnectionTest } = await app.client.request(CancelTestDocument, { id: planned.test.id })
    asType(cancelConnectionTest, 'CancelConnectionTestSuccess')
    expect((await stream.all()).at(-1)).toMatchObject({
      __typename: 'ConnectionTestFinished',
      test: { status: 'CANCELLED' },
    })
    expect(notes()).toContain('The query is running')
    await expect.poll(() => aws.athena.running).toBe(0)
    expect(aws.athena.stopped).toHaveLength(1)
  })

  it('tell nothing that the run was given on its way', async () => {
    table = 'TELLING'
    const { testConnection } = await app.client.request(RunTestDocument, { input: { target: { draft } } })
    const { steps } = asType(testConnection, 'TestConnectionSuccess').test
    const told = JSON.stringify(steps)
    expect(told).toContain('You have said')
    for (const secret of [role.secret, role.sessionToken, ...Object.values(identity)])
      expect(told).not.toContain(secret)
  })

  it.each<[string, AwsCredentialsInput]>([
    ['a role', byRole],
    ['a key', { accessKey }],
  ])('cost nothing unless the test may, by %s', async (_, credentials) => {
    table = 'SOUND'
    for (const mayStartCompute of [false, true]) {
      const before = aws.athena.queries.length
      const input = { target: { draft: draftBy(credentials) }, mayStartCompute }
      const { testConnection } = await app.client.request(RunTestDocument, { input })
      expect(asType(testConnection, 'TestConnectionSuccess').test.status).toMatch(/^PASSED/)
      const scanned = aws.athena.queries.slice(before).map(({ outcome }) => outcome.bytesScanned ?? 0)
      expect(scanned.some(bytes => bytes > 0)).toBe(mayStartCompute)
    }
  })
})
