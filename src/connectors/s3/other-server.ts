import type { AwsEndpoint } from '../aws/endpoint.ts'
import { foreignEndpoint } from '../aws/endpoint.ts'
import { AwsCallError } from '../aws/service.ts'
import { type EndpointStage, endpointStage } from '../cloud/endpoint-stage.ts'
import type { Stage, StageContext } from '../cloud/stages.ts'
import type { StepReport } from '../connection-test.ts'
import { failed, type NetworkSettings, passed } from '../define.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import { problem } from '../problem.ts'
import type { ProblemCode } from '../problem-table.ts'
import type { Bucket } from './bucket.ts'
import { connectBudgetMs, type S3Config } from './form.ts'
import { timeOf } from './step-time.ts'

/** The way to a server that the form names in the place of AWS. */
export function otherServerWay(config: S3Config, url: string, network: NetworkSettings): EndpointStage<AwsEndpoint> {
  const way = endpointStage({
    endpoint: foreignEndpoint('s3', config.region, url),
    field: 'endpoint',
    network,
    ownAuthorities: { field: 'caCertificates', pem: config.caCertificates },
    connectBudgetMs: connectBudgetMs(config),
  })
  const EGRESS = async (context: StageContext) =>
    network.customEndpoints
      ? way.steps.EGRESS(context)
      : failed(problem('CUSTOM_ENDPOINT_REFUSED', { fields: ['endpoint'] }))
  return { ...way, steps: { ...way.steps, EGRESS } }
}

/** Adds the first signed request: nobody else can be asked whether the server takes the key. */
export const signedInStage = (way: EndpointStage<AwsEndpoint>, bucket: Bucket, config: S3Config): Stage => ({
  ...way,
  steps: { ...way.steps, SIGN_IN: context => signIn(bucket, config, context) },
})

/** Told of requests whose signature the server has checked: what is asked for is another matter, for later steps. */
const afterSignIn: readonly ProblemCode[] = ['CLOUD_ACCESS_DENIED', 'CLOUD_RESOURCE_NOT_FOUND']

async function signIn(bucket: Bucket, config: S3Config, context: StageContext): Promise<StepReport> {
  try {
    await bucket.list({ prefix: config.prefix ?? '', maxKeys: 1 }, timeOf(context)())
    return passed(signedIn(bucket, 'accepted'))
  } catch (error) {
    if (!(error instanceof AwsCallError)) throw error
    if (!afterSignIn.includes(error.problem.code)) return error.report
    return passed(signedIn(bucket, `not refused, unlike what was asked for (${error.awsName})`))
  }
}

const signedIn = ({ notes: { server } }: Bucket, signature: string): Evidence[] => [
  measuredText('Signature', signature),
  ...(server === null ? [] : [measuredText('Answered by', server)]),
]
