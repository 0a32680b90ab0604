import { AwsAccess } from '../aws/access.ts'
import { awsEndpoint } from '../aws/endpoint.ts'
import { keysOf } from '../aws/identity.ts'
import type { PolicyStatement } from '../aws/policy.ts'
import type { AwsFormPlace } from '../aws/problems.ts'
import { endpointStage } from '../cloud/endpoint-stage.ts'
import { Stages } from '../cloud/stages.ts'
import type { RunEnvironment } from '../define.ts'
import { createScrubber, type Scrubber } from '../scrub/scrubber.ts'
import { Bucket } from './bucket.ts'
import { connectBudgetMs, type S3Config } from './form.ts'
import { otherServerWay, signedInStage } from './other-server.ts'
import { bucketsStatements, listingStatements, readingStatements, testStatements } from './rights.ts'

/** The way to S3 in one run, and the bucket at its end. */
export interface S3Opening {
  /** Who asks; null at servers that are none of AWS'. */
  readonly access: AwsAccess | null
  readonly place: AwsFormPlace
  readonly stages: Stages
  /** Nothing may be asked of it before the stages have passed. */
  readonly bucket: Bucket
  /** For what the run has been given on its way: nobody else knows that it is secret. */
  readonly scrub: Scrubber
  close(): void
}

/** What a run is for: so much may it do where it assumes a role. */
export type S3Purpose = 'TEST' | 'QUERY' | 'LISTING' | 'LISTING_BUCKETS'

export function openS3(config: S3Config, environment: RunEnvironment, purpose: S3Purpose): S3Opening {
  const place = { credentials: config.credentials, credentialsPath: 'credentials', regionPath: 'region' }
  return config.endpoint === undefined
    ? openAws(config, place, environment, purpose)
    : openOther(config, place, config.endpoint, environment, purpose)
}

const allowedFor: Readonly<Record<S3Purpose, (config: S3Config) => readonly PolicyStatement[]>> = {
  TEST: testStatements,
  QUERY: readingStatements,
  LISTING: listingStatements,
  LISTING_BUCKETS: () => bucketsStatements,
}

function openAws(
  config: S3Config,
  place: AwsFormPlace,
  { network, operatorAws }: RunEnvironment,
  purpose: S3Purpose,
): S3Opening {
  const { region, limits } = config
  const access = new AwsAccess({
    place,
    region,
    allowed: allowedFor[purpose](config),
    sessionSeconds: limits.statementTimeoutSeconds + sessionSecondsToSpare,
    network,
    operatorAws,
    connectBudgetMs: connectBudgetMs(config),
  })
  const way = endpointStage({
    endpoint: awsEndpoint('s3', region, network),
    field: 'region',
    network,
    connectBudgetMs: connectBudgetMs(config),
  })
  const bucket = new Bucket(config, way.endpoint, place, () => access.keys)
  const stages = new Stages(purpose === 'TEST' ? [access.stage, way] : [...access.queryStages, way])
  return {
    access,
    place,
    stages,
    bucket,
    get scrub() {
      return createScrubber(access.secrets)
    },
    close: () => {
      bucket.close()
      stages.close()
      access.close()
    },
  }
}

function openOther(
  config: S3Config,
  place: AwsFormPlace,
  url: string,
  { network }: RunEnvironment,
  purpose: S3Purpose,
): S3Opening {
  const { accessKey } = config.credentials
  if (!accessKey) throw new Error('Roles are known to AWS alone.')
  const way = otherServerWay(config, url, network)
  const keys = keysOf(accessKey)
  const bucket = new Bucket(config, way.endpoint, place, () => keys)
  // A query asks for nothing but what it is about.
  const stages = new Stages([purpose === 'TEST' ? signedInStage(way, bucket, config) : way])
  return {
    access: null,
    place,
    stages,
    bucket,
    scrub: createScrubber([]),
    close: () => {
      bucket.close()
      stages.close()
    },
  }
}

/** For the way to S3. */
const sessionSecondsToSpare = 120
