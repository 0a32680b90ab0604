import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OperatorAws } from '../../src/connectors/aws/identity.ts'
import type { ProblemCode } from '../../src/connectors/problem-table.ts'
import { testRedshift } from '../connectors/redshift/redshift-run.ts'
import { proves } from '../proofs/proves.ts'
import { issueCertificate } from '../servers/certificates.ts'
import { RedshiftFacade } from '../servers/redshift-facade.ts'
import { installMoto } from './moto-install.ts'
import { type MotoKey, MotoServer } from './moto-server.ts'

const installation = await installMoto()
const root = issueCertificate({ commonName: 'Test Root', authority: true })
const certificate = issueCertificate({ commonName: 'redshift', issuer: root, names: ['127.0.0.1'], usage: 'server' })
const redshiftApi = 'redshift.eu-west-1.amazonaws.com'
const sts = 'sts.eu-west-1.amazonaws.com'
const externalId = 'patchbay-of-this-workspace'

type Steps = Readonly<Record<string, { readonly status: string; readonly problem: { readonly code: string } | null }>>

if (installation.installed) describe('a Redshift connector by IAM, on moto', onMoto)
else it('a Redshift connector by IAM, on moto', context => context.skip(installation.reason))

/** moto gives out passwords as AWS does, but for no database: the one behind takes the user's word for it. */
function onMoto(): void {
  let moto: MotoServer
  let facade: RedshiftFacade
  let reader: MotoKey
  let stranger: MotoKey
  let operator: MotoKey
  let roleArn: string

  beforeAll(async () => {
    moto = await MotoServer.start()
    facade = await RedshiftFacade.start({
      hba: ['host all admin 127.0.0.1/32 scram-sha-256', 'hostssl all "IAM:ann" 127.0.0.1/32 trust'],
      settings: { ssl: 'on', ssl_cert_file: 'server.crt', ssl_key_file: 'server.key' },
      files: { 'server.crt': certificate.certificate, 'server.key': certificate.key },
    })
    await facade.sql(`
      create table orders (id int); insert into orders values (1);
      create role "IAM:ann" login; grant select on orders to "IAM:ann"`)
    await moto.call('redshift', 'CreateCluster', {
      ClusterIdentifier: 'sales',
      ClusterType: 'single-node',
      NodeType: 'dc2.large',
      MasterUsername: 'admin',
      MasterUserPassword: 'Passw0rd1',
      DBName: 'dev',
    })
    const action = 'redshift:GetClusterCredentials'
    reader = await moto.addUser('reader', [action])
    stranger = await moto.addUser('stranger', ['s3:ListAllMyBuckets'])
    operator = await moto.addUser('operator', ['sts:AssumeRole'])
    roleArn = await moto.addRole('patchbay', [action], externalId)
    await moto.checkRights()
  })
  afterAll(async () => {
    await moto?.[Symbol.asyncDispose]()
    await facade?.[Symbol.asyncDispose]()
  })

  async function test(credentials: object, change: object = {}, operatorAws?: OperatorAws): Promise<Steps> {
    const deployment = { cluster: { clusterIdentifier: 'sales' } }
    const iam = { deployment, region: 'eu-west-1', databaseUser: 'ann', credentials, ...change }
    const input = { host: '127.0.0.1', port: facade.port, auth: { iam }, tls: { caCertificates: root.certificate } }
    const network = { awsEndpoints: moto.endpoints }
    // Steps of one key repeat, once for each endpoint.
    return (await testRedshift(input, { network, ...(operatorAws && { operatorAws }) })) as Steps
  }
  const byRole = (identity: MotoKey | null, id = externalId) =>
    test({ assumeRole: { roleArn } }, {}, { identity, externalId: id })

  function expectRefusal(steps: Steps, target: string, code: ProblemCode): void {
    expect(steps[`SIGN_IN:${target}`]).toMatchObject({ status: 'FAILED', problem: { code } })
    expect(steps['SIGN_IN']?.status).toBe('SKIPPED')
    proves('REDSHIFT', code, 'PUBLIC_IMPLEMENTATION')
  }

  const statuses = (steps: Steps, ...ids: readonly string[]) => ids.map(id => steps[id]?.status)

  it('gets a password by an access key, and passes', async () => {
    const steps = await test({ accessKey: reader })
    expect(statuses(steps, `SIGN_IN:${redshiftApi}`, 'SIGN_IN', 'OPEN', 'READ', 'LEAST_PRIVILEGE')).toEqual(
      Array(5).fill('PASSED'),
    )
    expect(JSON.stringify(steps['SIGN_IN'])).toContain('IAM:ann')
  })

  it('gets a password by a role with the external id of the workspace, and passes', async () => {
    const steps = await byRole(operator)
    expect(statuses(steps, `SIGN_IN:${sts}`, `SIGN_IN:${redshiftApi}`, 'SIGN_IN')).toEqual(Array(3).fill('PASSED'))
  })

  it('is refused a role by another external id, and by an identity that nobody has', async () => {
    expectRefusal(await byRole(operator, 'patchbay-of-another'), sts, 'CLOUD_ROLE_REFUSED')
    const nobody = { accessKeyId: 'AKIAI44QH8DHBEXAMPLE', secretAccessKey: 'x' }
    expectRefusal(await byRole(nobody), sts, 'OPERATOR_IDENTITY_MISSING')
  })

  it('names a wrong secret, an unknown key, a missing permission and a missing cluster', async () => {
    expectRefusal(
      await test({ accessKey: { ...reader, secretAccessKey: 'wrong' } }),
      redshiftApi,
      'CLOUD_CREDENTIALS_REJECTED',
    )
    const unknown = { ...reader, accessKeyId: 'AKIAI44QH8DHBEXAMPLE' }
    expectRefusal(await test({ accessKey: unknown }), redshiftApi, 'CLOUD_CREDENTIALS_REJECTED')
    expectRefusal(await test({ accessKey: stranger }), redshiftApi, 'CLOUD_ACCESS_DENIED')
    const deployment = { cluster: { clusterIdentifier: 'nope' } }
    expectRefusal(await test({ accessKey: reader }, { deployment }), redshiftApi, 'CLOUD_RESOURCE_NOT_FOUND')
  })
}
