import { type Listing, type ListingRequest, notListed } from '../connectors/browse.ts'
import type { NetworkSettings } from '../connectors/define.ts'
import type { ConnectorHost } from '../connectors/host/connector-host.ts'
import type { ListingJob } from '../connectors/host/protocol.ts'
import { problem } from '../connectors/problem.ts'
import { verdictOfListing } from '../connectors/sign-in-verdict.ts'
import type { AwsAccess } from './aws-access.ts'
import { guardedReading, type ReadingGuards } from './guarded-reading.ts'
import { newId } from './ids.ts'
import { type TestSubject, type TestSubjectSources, wholeConfig } from './test-subject.ts'

/** What the listing service works with. */
export interface ListingDependencies extends TestSubjectSources, ReadingGuards {
  readonly host: ConnectorHost
  /** As they are now: the hosts file may change while the server runs. */
  readonly network: () => NetworkSettings
  readonly awsAccess: AwsAccess
}

/** For all of a listing, with the way in: somebody waits for it at a form. */
const budgetMs = 20_000
/** For the child to notice the end of the budget and to say so. */
const graceMs = 3_000

export interface ListingRun {
  readonly workspaceId: string
  readonly mayStartCompute: boolean
  readonly signal: AbortSignal
}

/**
 * One page of a list of a data source. Throws `RateLimitedError` before anything is dialled, and the signal's reason when
 * it aborts; everything else is the listing's problem.
 */
export async function listSource(
  dependencies: ListingDependencies,
  subject: TestSubject,
  request: ListingRequest,
  { workspaceId, mayStartCompute, signal }: ListingRun,
): Promise<Listing> {
  const { type, secrets, secretDigests } = subject
  if ('problem' in secrets) return notListed(secrets.problem)
  if (!type.loadBrowse) {
    return notListed(
      problem('LISTING_UNSUPPORTED', { params: { reason: `${type.label} has nothing to look through` } }),
    )
  }
  const config = wholeConfig(subject, secrets.values)
  const aws = await dependencies.awsAccess.forRun(workspaceId, type, config)
  const job: ListingJob = {
    kind: 'LIST',
    typeName: type.name,
    config,
    request,
    budgetMs,
    environment: { network: dependencies.network(), mayStartCompute, ...aws },
  }
  const deadlineMs = budgetMs + graceMs
  const run = await dependencies.signIns.runOf({ workspaceId, runId: newId() }, type, config, secretDigests)
  return guardedReading(dependencies, run, {
    deadlineMs,
    signal,
    read: () => dependencies.host.list(job, { workspaceId, signal, deadlineMs }),
    verdictOf: verdictOfListing,
  })
}
