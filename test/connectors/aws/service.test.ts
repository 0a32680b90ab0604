import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { describe, expect, it } from 'vitest'
import { awsEndpoint } from '../../../src/connectors/aws/endpoint.ts'
import type { AwsKeys } from '../../../src/connectors/aws/identity.ts'
import { AwsCallError, AwsService, type Question } from '../../../src/connectors/aws/service.ts'
import { endpointStage } from '../../../src/connectors/cloud/endpoint-stage.ts'
import { AwsDouble, type AwsDoubleOptions } from '../../servers/aws-double.ts'
import { keys, knownKeys, nearby, pass } from './stage-run.ts'

const other = { accessKeyId: 'AKIAI44QH8DHBEXAMPLE', secretAccessKey: 'other-secret' }

const question = (change: Partial<Question> = {}): Question => ({
  action: 'sts:GetCallerIdentity',
  subject: { what: 'identity', name: 'of the keys', field: 'credentials' },
  signal: AbortSignal.timeout(10_000),
  budgetMs: 5_000,
  ...change,
})

async function serviceAt(double: AwsDouble, given: () => AwsKeys = () => keys, maxAnswerBytes?: number) {
  const network = nearby(double)
  const way = endpointStage({ endpoint: awsEndpoint('sts', 'eu-west-1', network), field: 'region', network })
  expect((await pass(way)).status).toBe('WARNING')
  let made = 0
  const service = new AwsService({
    endpoint: way.endpoint,
    place: {
      credentials: { accessKey: { sessionToken: undefined, ...keys } },
      credentialsPath: 'credentials',
      regionPath: 'region',
    },
    keys: given,
    make: settings => {
      made += 1
      return new STSClient(settings)
    },
    ...(maxAnswerBytes !== undefined && { maxAnswerBytes }),
  })
  const ask = (change?: Partial<Question>) =>
    service.ask(question(change), (client, options) => client.send(new GetCallerIdentityCommand({}), options))
  return { service, ask, made: () => made }
}

const startDouble = (options: AwsDoubleOptions = {}) =>
  AwsDouble.start({ keys: { ...knownKeys, [other.accessKeyId]: { secret: other.secretAccessKey } }, ...options })

const failureOf = (call: Promise<unknown>): Promise<AwsCallError> =>
  call.then(
    () => {
      throw new Error('The call has not failed.')
    },
    (error: AwsCallError) => error,
  )

describe('a service of AWS', () => {
  it('is asked by one client, on one connection, until the keys change', async () => {
    await using double = await startDouble()
    let given: AwsKeys = keys
    const { service, ask, made } = await serviceAt(double, () => given)
    const before = double.connections
    await ask()
    await ask()
    expect(made()).toBe(1)
    given = other
    await ask()
    service.close()
    expect(made()).toBe(2)
    expect(double.connections - before).toBe(2)
    expect(double.requests.map(({ signature }) => signature.accessKeyId)).toEqual([
      keys.accessKeyId,
      keys.accessKeyId,
      other.accessKeyId,
    ])
  })

  it('leaves no connection open when it is closed', async () => {
    await using double = await startDouble()
    const { service, ask } = await serviceAt(double)
    await ask()
    service.close()
    await expect.poll(() => double.openConnections).toBe(0)
  })

  it('asks nothing any more when it is closed, not even what was being asked', async () => {
    await using double = await startDouble({ at: { GetCallerIdentity: 'HANG' } })
    const { service, ask, made } = await serviceAt(double)
    const again = failureOf(ask()).then(() => failureOf(ask()))
    await expect.poll(() => double.held).toBe(1)
    service.close()
    await again
    expect(made()).toBe(1)
    await expect.poll(() => double.openConnections).toBe(0)
  })

  it("throws what went wrong, with the service's own name for it and the evidence that goes with it", async () => {
    await using double = await startDouble({ skewMs: 900_000 })
    const { service, ask } = await serviceAt(double)
    const failure = await failureOf(ask())
    service.close()
    expect(failure).toBeInstanceOf(AwsCallError)
    expect(failure.problem.code).toBe('CLOUD_CLOCK_SKEWED')
    expect(failure.awsName).toBe('SignatureDoesNotMatch')
    expect(failure.report.evidence).toMatchObject([{ label: 'Clock of AWS', value: "15 minutes ahead of Patchbay's" }])
  })

  it('has a budget for each call, and says that it was used up', async () => {
    await using double = await startDouble({ at: { GetCallerIdentity: 'HANG' } })
    const { service, ask } = await serviceAt(double)
    const failure = await failureOf(ask({ budgetMs: 300.5 }))
    service.close()
    expect(failure.problem).toMatchObject({ code: 'CLOUD_TIMED_OUT', params: { seconds: 0.3 } })
  })

  it("ends a call with the signal's own reason", async () => {
    await using double = await startDouble({ at: { GetCallerIdentity: 'HANG' } })
    const { service, ask } = await serviceAt(double)
    const stop = new AbortController()
    const call = ask({ signal: stop.signal })
    await expect.poll(() => double.held).toBe(1)
    const reason = new Error('Not wanted any more.')
    stop.abort(reason)
    await expect(call).rejects.toBe(reason)
    service.close()
  })

  it('reads no more of an answer than it was told', async () => {
    await using double = await startDouble()
    const { service, ask } = await serviceAt(double, () => keys, 100)
    const failure = await failureOf(ask())
    service.close()
    expect(failure.problem).toMatchObject({ code: 'PROTOCOL_VIOLATION' })
  })
})
