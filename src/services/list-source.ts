import { type Listing, type ListingRequest, notListed } from '../connectors/browse.ts'
import type { NetworkSettings } from '../connectors/define.ts'
import type { ConnectorHost } from '../connectors/host/connector-host.ts'
import type { ListingJob } from '../connectors/host/protocol.ts'
import { problem } from '../connectors/problem.ts'
import { verdictOfListing } from '../connectors/sign-in-verdict.ts'
import type { WorkspaceScope } from '../db/workspace-scope.ts'
import type { AuditEntry, AuditLog } from './audit.ts'
import type { AwsAccess } from './aws-access.ts'
import { guardedReading, type ReadingGuards } from './guarded-reading.ts'
import { newId } from './ids.ts'
import { AuditedReading, type NamedConnector } from './secret-reading.ts'
import { namedConnector, type TestSubject, type TestSubjectSources, wholeConfig } from './test-subject.ts'
import type { Viewer } from './viewer.ts'

/** What the listing service works with. */
export interface ListingDependencies extends TestSubjectSources, ReadingGuards {
  readonly host: ConnectorHost
  /** As they are now: the hosts file may change while the server runs. */
  readonly network: () => NetworkSettings
  readonly awsAccess: AwsAccess
  readonly audit: AuditLog
}

/**
 * Tells of a listing, with the secrets that are read for it. Refuses early, before anything is written for it, what the
 * limits would refuse: whoever asks without end must not fill the audit log.
 */
export function auditedListing(
  { audit, previewLimits }: ListingDependencies,
  viewer: Viewer,
  entry: Pick<AuditEntry, 'action' | 'details'>,
): AuditedReading {
  const refusal = previewLimits.refusal(viewer.workspace.id)
  if (refusal !== null) throw refusal
  const act = (connector: NamedConnector | null): AuditEntry => ({
    ...entry,
    ...(connector && { target: { kind: 'CONNECTOR', id: connector.id, name: connector.name ?? null } }),
    details: { ...entry.details, ...(connector?.typeName && { connectorType: connector.typeName }) },
  })
  return new AuditedReading({ audit, actor: viewer, purpose: 'LIST', act })
}

/** For all of a listing, with the way in: somebody waits for it at a form. */
const budgetMs = 20_000
/** For the child to notice the end of the budget and to say so. */
const graceMs = 3_000

export interface ListingRun {
  readonly reading: AuditedReading
  readonly workspace: WorkspaceScope
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
  { workspace, mayStartCompute, reading, signal }: ListingRun,
): Promise<Listing> {
  const { type, secrets, secretDigests } = subject
  await reading.begin(namedConnector(subject))
  if ('problem' in secrets) return notListed(secrets.problem)
  if (!type.loadBrowse) {
    return notListed(
      problem('LISTING_UNSUPPORTED', { params: { reason: `${type.label} has nothing to look through` } }),
    )
  }
  const config = wholeConfig(subject, secrets.values)
  const aws = await dependencies.awsAccess.forRun(workspace, type, config)
  const job: ListingJob = {
    kind: 'LIST',
    typeName: type.name,
    config,
    request,
    budgetMs,
    environment: { network: dependencies.network(), mayStartCompute, ...aws },
  }
  const deadlineMs = budgetMs + graceMs
  const run = await dependencies.signIns.runOf({ workspace, runId: newId() }, type, config, secretDigests)
  return guardedReading(dependencies, run, {
    deadlineMs,
    signal,
    read: () => dependencies.host.list(job, { workspaceId: workspace.id, signal, deadlineMs }),
    verdictOf: verdictOfListing,
  })
}
