import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { canarySecret } from '../canary/secrets.ts'
import { TypedDocumentString } from '../generated/graphql.ts'
import { AwsDouble, roleKeys } from '../servers/aws-double.ts'
import { RecordedApp } from './recorded-app.ts'

/** In the shape that AWS gives them. */
const madeUp = (bytes: number) => randomBytes(bytes).toString('base64')
const identity = { AccessKeyId: 'ASIAOPERATOROPERATOR', SecretAccessKey: madeUp(30), SessionToken: madeUp(200) }
const roleArn = 'arn:aws:iam::111122223333:role/patchbay'

interface Answer {
  readonly testConnection: {
    readonly test: {
      readonly status: string
      readonly steps: readonly {
        readonly key: string
        readonly target: string | null
        readonly status: string
        readonly problem: { readonly code: string } | null
      }[]
    }
  }
}

const runTest = new TypedDocumentString<Answer, { readonly input: unknown }>(`
  mutation TestByRole($input: TestConnectionInput!) {
    testConnection(input: $input) {
      ... on TestConnectionSuccess {
        test { status steps { key target status note problem { code message detail } evidence { label ... on TextEvidence { value } } } }
      }
    }
  }`)

const showExternalId = new TypedDocumentString<{ readonly viewer: { readonly awsExternalId: string } }, object>(
  'query { viewer { awsExternalId } }',
)

describe('a connector that assumes a role, in the whole program', () => {
  let directory: string
  let aws: AwsDouble
  let app: RecordedApp
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'patchbay-identity-'))
    const file = join(directory, 'identity.json')
    await writeFile(file, JSON.stringify(identity))
    await chmod(file, 0o600)
    aws = await AwsDouble.start({
      keys: { [identity.AccessKeyId]: { secret: identity.SecretAccessKey, sessionToken: identity.SessionToken } },
      at: { GetClusterCredentialsWithIAM: { error: 'Strange', message: `It says ${roleKeys.secret}.` } },
    })
    const endpoints = Object.entries(aws.endpoints).map(([service, url]) => `${service}=${url}`)
    app = await RecordedApp.start('SQLite', { AWS_IDENTITY_FILE: file, AWS_ENDPOINTS: endpoints.join(',') })
    for (const [name, secret] of Object.entries(identity)) app.recorder.searchFor(`the operator's ${name}`, secret)
  })
  afterAll(async () => {
    await app?.[Symbol.asyncDispose]()
    await aws?.[Symbol.asyncDispose]()
    await rm(directory, { recursive: true })
  })

  it("is given the operator's identity and the workspace's external id, which the viewer can see", async () => {
    const { viewer } = await app.client.request(showExternalId, {})
    expect(viewer.awsExternalId).toMatch(/^patchbay-[\w-]{20,}$/)
    const credentials = { assumeRole: { roleArn } }
    const iam = { deployment: { cluster: { clusterIdentifier: 'sales' } }, region: 'eu-west-1', credentials }
    // Behind AWS, and never reached.
    const sshTunnel = { host: 'bastion.example', username: 'ann', auth: { password: { password: canarySecret() } } }
    const target = { draft: { redshift: { host: 'sales.example', auth: { iam }, sshTunnel } } }
    const { testConnection } = await app.client.request(runTest, { input: { target } })
    const steps = Object.fromEntries(
      testConnection.test.steps.map(({ key, target: at, status, problem }) => [
        at === null ? key : `${key} ${at}`,
        problem?.code ?? status,
      ]),
    )
    expect(steps).toMatchObject({
      'SIGN_IN sts.eu-west-1.amazonaws.com': 'PASSED',
      'SIGN_IN redshift.eu-west-1.amazonaws.com': 'UNCLASSIFIED',
      SIGN_IN: 'SKIPPED',
    })
    expect(aws.requests.map(({ action }) => action)).toEqual(['AssumeRole', 'GetClusterCredentialsWithIAM'])
    expect(aws.requests[0]?.parameters).toMatchObject({ RoleArn: roleArn, ExternalId: viewer.awsExternalId })
    const said = JSON.stringify(testConnection)
    for (const secret of [...Object.values(identity), roleKeys.secret]) expect(said).not.toContain(secret)
  })
})
