import { AwsCallError } from '../aws/service.ts'
import type { StageContext } from '../cloud/stages.ts'
import type { StepReport } from '../connection-test.ts'
import { failed, passed, warning } from '../define.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import type { Bucket, CallTime } from './bucket.ts'
import type { S3Config } from './form.ts'
import { inOtherRegion } from './problems.ts'
import { timeOf } from './step-time.ts'

/** Whether the bucket exists, in this region. */
export async function openStep(bucket: Bucket, config: S3Config, context: StageContext): Promise<StepReport> {
  const time = timeOf(context)
  try {
    await bucket.list({ prefix: config.prefix ?? '', maxKeys: 1 }, time())
    return passed(evidenceOf(bucket, config))
  } catch (error) {
    if (!(error instanceof AwsCallError)) throw error
    return notListed(error, bucket, config, time())
  }
}

/** Its head tells more than the refusal: where it is, and that it is there at all. */
async function notListed(error: AwsCallError, bucket: Bucket, config: S3Config, time: CallTime): Promise<StepReport> {
  const isElsewhere = error.problem.code === 'CLOUD_REGION_MISMATCH'
  // Only keys that begin with something, or single objects, may be readable all the same: READ will tell.
  const isDenied = error.awsName === 'AccessDenied'
  if (!isDenied && !(isElsewhere && error.problem.remedies.length === 0)) return error.report
  const region = await bucket.regionByHead(time)
  if (region !== null && region !== config.region && config.endpoint === undefined) {
    return failed(inOtherRegion(region, { config, server: bucket.server }), error.report.evidence)
  }
  if (isElsewhere) return error.report
  return warning(error.problem, [
    ...evidenceOf(bucket, config),
    measuredText('Exists', region !== null ? 'yes, but may not be listed' : 'not told to whoever may not list it'),
  ])
}

function evidenceOf({ url, notes }: Bucket, { bucket, region, prefix, endpoint }: S3Config): Evidence[] {
  const { server, bucketRegion } = notes
  return [
    measuredText('Bucket', bucket),
    measuredText(
      'Region',
      bucketRegion === null ? `${region}, as the form says` : `${bucketRegion}, as the bucket says`,
    ),
    measuredText('Address', url),
    ...(endpoint !== undefined && server !== null ? [measuredText('Answered by', server)] : []),
    measuredText('Prefix', prefix ?? 'none: the whole bucket'),
  ]
}
