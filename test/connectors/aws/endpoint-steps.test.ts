import { describe, expect, it } from 'vitest'
import { clientConfig } from '../../../src/connectors/aws/client-config.ts'
import { awsEndpoint } from '../../../src/connectors/aws/endpoint.ts'
import { EndpointSteps } from '../../../src/connectors/cloud/endpoint-steps.ts'
import type { NetworkSettings } from '../../../src/connectors/define.ts'
import { AwsDouble } from '../../servers/aws-double.ts'
import { issueCertificate } from '../../servers/certificates.ts'
import { DnsDouble } from '../../servers/dns-double.ts'
import { networkSettings } from '../../servers/network-settings.ts'
import { freePort } from '../../servers/postgres.ts'
import { keys, knownKeys, nearby, pass, stageOf } from './stage-run.ts'

const root = issueCertificate({ commonName: 'Test Root', authority: true })
const certificate = issueCertificate({ commonName: 'aws', issuer: root, names: ['127.0.0.1'], usage: 'server' })
const context = () => ({ signal: AbortSignal.timeout(5_000), budgetMs: 3_000 })
const stepsAt = (network: NetworkSettings, pem?: string) =>
  new EndpointSteps({
    endpoint: awsEndpoint('redshift', 'eu-west-1', network),
    field: 'region',
    network,
    ...(pem !== undefined && { ownAuthorities: { field: 'caCertificates', pem } }),
  })

describe('the way to an endpoint of AWS', () => {
  it('dials what the operator has set, and says so; nothing is told on the probes', async () => {
    await using double = await AwsDouble.start({ keys: knownKeys })
    const steps = stepsAt(nearby(double))
    await steps.steps.RESOLVE(context())
    expect((await steps.steps.EGRESS(context())).evidence).toContainEqual(
      expect.objectContaining({ label: 'Endpoint set by the operator', value: `127.0.0.1:${double.port}` }),
    )
    const connected = await steps.steps.CONNECT(context())
    expect(connected).toMatchObject({ status: 'PASSED', evidence: [{ measuredOn: 'PROBE', address: '127.0.0.1' }] })
    expect(await steps.steps.SECURE(context())).toMatchObject({
      status: 'WARNING',
      problem: { code: 'CONNECTION_NOT_ENCRYPTED' },
    })
    steps.close()
    expect(double.requests).toEqual([])
    await expect.poll(() => double.openConnections).toBe(0)
  })

  it('goes no further without encryption where the operator does not allow that', async () => {
    await using double = await AwsDouble.start({ keys: knownKeys })
    const network = networkSettings({ egress: { allowLoopback: true }, awsEndpoints: double.endpoints })
    expect(await pass(stageOf(network))).toMatchObject({
      status: 'FAILED',
      problem: { code: 'TLS_DISABLED_BY_POLICY' },
    })
    expect(double.requests).toEqual([])
  })

  it('tells a key to nobody who cannot show a certificate that the public trusts', async () => {
    await using double = await AwsDouble.start({ keys: knownKeys, certificate })
    const report = await pass(stageOf(nearby(double)))
    expect(report).toMatchObject({
      status: 'FAILED',
      problem: { code: 'TLS_CERTIFICATE_UNTRUSTED', fields: ['region'], remedies: [] },
    })
    expect(double.requests).toEqual([])
  })

  it('verifies again when the SDK connects, not only on the probe', async () => {
    await using double = await AwsDouble.start({ keys: knownKeys, certificate })
    const network = nearby(double)
    const steps = stepsAt(network)
    await steps.steps.RESOLVE(context())
    await steps.steps.EGRESS(context())
    await steps.steps.CONNECT(context())
    const { DescribeClustersCommand, RedshiftClient } = await import('@aws-sdk/client-redshift')
    const client = new RedshiftClient(clientConfig(steps, keys, 2_000))
    await expect(client.send(new DescribeClustersCommand())).rejects.toThrow(/unable to (verify|get)/)
    client.destroy()
    expect(double.requests).toEqual([])
  })

  it('trusts the authorities of a form that has some', async () => {
    await using double = await AwsDouble.start({ keys: knownKeys, certificate })
    const network = nearby(double)
    const steps = stepsAt(network, root.certificate)
    for (const key of ['RESOLVE', 'EGRESS', 'CONNECT'] as const) await steps.steps[key](context())
    expect(await steps.steps.SECURE(context())).toMatchObject({ status: 'PASSED', problem: null })
    const { GetClusterCredentialsCommand, RedshiftClient } = await import('@aws-sdk/client-redshift')
    const client = new RedshiftClient(clientConfig(steps, keys, 2_000))
    const command = new GetClusterCredentialsCommand({ ClusterIdentifier: 'sales', DbUser: 'ann' })
    expect((await client.send(command)).DbUser).toBe('IAM:ann')
    client.destroy()
  })

  it('names the region where its name is not found, and where nothing listens', async () => {
    await using dns = await DnsDouble.start({})
    const unknown = networkSettings({ nameServers: [dns.address] })
    expect(await pass(stageOf(unknown, { region: 'xx-nowhere-1' }))).toMatchObject({
      status: 'FAILED',
      problem: {
        code: 'HOST_NOT_FOUND',
        fields: ['region'],
        message: expect.stringContaining('redshift.xx-nowhere-1'),
      },
    })
    const url = `http://127.0.0.1:${await freePort()}`
    expect(await pass(stageOf(nearby({ endpoints: { redshift: url } })))).toMatchObject({
      status: 'FAILED',
      problem: { code: 'CONNECTION_REFUSED', fields: ['region'] },
    })
  })

  it('is not gone where the policy does not lead', async () => {
    await using double = await AwsDouble.start({ keys: knownKeys })
    const network = networkSettings({ egress: { allowUnencrypted: true }, awsEndpoints: double.endpoints })
    expect(await pass(stageOf(network))).toMatchObject({ status: 'FAILED', problem: { code: 'EGRESS_DENIED' } })
    expect(double.connections).toBe(0)
  })

  it('is gone once: the SDK dials the address that was checked, whatever the name leads to by then', async () => {
    await using double = await AwsDouble.start({ keys: knownKeys })
    // Nobody but these steps could find this name.
    const url = `http://redshift.test:${double.port}`
    const network = { ...nearby({ endpoints: { redshift: url } }), hosts: { 'redshift.test': ['127.0.0.1'] } }
    expect((await pass(stageOf(network))).status).toBe('PASSED')
    expect(double.requests).toHaveLength(1)
  })

  it('looks nothing up of the environment', async () => {
    await using elsewhere = await AwsDouble.start({ keys: knownKeys })
    await using double = await AwsDouble.start({ keys: knownKeys })
    const before = { ...process.env }
    Object.assign(process.env, {
      AWS_ACCESS_KEY_ID: 'AKIAENVIRONMENT00000',
      AWS_SECRET_ACCESS_KEY: 'environment',
      AWS_ENDPOINT_URL: elsewhere.url,
      AWS_ENDPOINT_URL_REDSHIFT: elsewhere.url,
      AWS_REGION: 'us-west-1',
      AWS_PROFILE: 'nobody',
      AWS_MAX_ATTEMPTS: '5',
      HTTPS_PROXY: elsewhere.url,
      HTTP_PROXY: elsewhere.url,
    })
    try {
      expect((await pass(stageOf(nearby(double)))).status).toBe('PASSED')
    } finally {
      process.env = before
    }
    expect(elsewhere.connections).toBe(0)
    expect(double.requests[0]?.signature).toMatchObject({ accessKeyId: keys.accessKeyId, region: 'eu-west-1' })
  })

  it('refuses keys that are empty, in whose place the SDK would look for others', async () => {
    await using double = await AwsDouble.start({ keys: knownKeys })
    const report = await pass(stageOf(nearby(double), { keys: { accessKeyId: '', secretAccessKey: '' } }))
    expect(report).toMatchObject({ status: 'FAILED', problem: { code: 'UNCLASSIFIED' } })
    expect(double.requests).toEqual([])
  })
})
