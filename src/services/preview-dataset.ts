import type { ConnectorType, QueryOutcome } from '../connectors/define.ts'
import { joinSecrets } from '../connectors/form-secrets.ts'
import type { QueryJob } from '../connectors/host/protocol.ts'
import type { JsonObject } from '../connectors/json.ts'
import type { SecretValues } from '../connectors/secret-values.ts'
import { verdictOfQuery } from '../connectors/sign-in-verdict.ts'
import type { StoredConnector } from '../db/rows.ts'
import type { WorkspaceScope } from '../db/workspace-scope.ts'
import type { AuditEntry } from './audit.ts'
import { auditGlobalId } from './audit-line.ts'
import { readSecrets, secretStoreProblem } from './connector-config.ts'
import { connectorKey } from './connector-ref.ts'
import type { DatasetDependencies } from './dataset-dependencies.ts'
import { assertSameType, resolveQuery } from './dataset-query.ts'
import type { Preview, PreviewTarget } from './datasets.ts'
import { ConflictError, NotFoundError, ValidationError } from './errors.ts'
import { guardedReading } from './guarded-reading.ts'
import { newId } from './ids.ts'
import { AuditedReading } from './secret-reading.ts'
import type { GuardedRun } from './sign-in-guard.ts'
import { usableType } from './usable-type.ts'
import type { Viewer } from './viewer.ts'

const maxPreviewRows = 1000
const maxPreviewBytes = 4 * 1024 * 1024
/** For the child to notice the end of the type's own budget and to say so. */
const graceMs = 2000

/**
 * `DatasetService.preview`. Throws `ValidationError`, `NotFoundError`, `ConflictError` for a dataset without a connector,
 * and `RateLimitedError`; whatever goes wrong from then on, the secret store included, is a problem in the answer.
 */
export async function previewDataset(
  dependencies: DatasetDependencies,
  viewer: Viewer,
  target: PreviewTarget,
  first: number,
  signal: AbortSignal,
): Promise<Preview> {
  if (!Number.isInteger(first) || first < 1 || first > maxPreviewRows) {
    throw invalid('first', `Must be between 1 and ${maxPreviewRows}.`)
  }
  // Before anything is written for it: whoever asks without end must not fill the audit log.
  const refusal = dependencies.previewLimits.refusal(viewer.workspace.id)
  if (refusal !== null) throw refusal
  const { stored, query } = await resolveTarget(dependencies, viewer, target)
  const type = typeOf(dependencies, stored)
  const startedAt = performance.now()
  const reading = await auditedPreview(dependencies, viewer, target, { stored, query, first })
  const outcome = await run(dependencies, viewer, { stored, query, type, first, reading, signal })
  return { ...outcome, durationMs: Math.round(performance.now() - startedAt) }
}

interface Run {
  readonly stored: StoredConnector
  readonly query: JsonObject
  readonly type: ConnectorType
  readonly first: number
  readonly reading: AuditedReading
  readonly signal: AbortSignal
}

/** Tells of the preview, with the secrets that are read for it. */
async function auditedPreview(
  { audit, digester }: DatasetDependencies,
  viewer: Viewer,
  target: PreviewTarget,
  { stored: { row }, query, first }: Pick<Run, 'stored' | 'query' | 'first'>,
): Promise<AuditedReading> {
  const { id, name, typeName } = row
  // Shows which previews ran the same query, and nothing of it.
  const queryDigest = await digester.digest(viewer.workspace.id, 'audit-query', query)
  const act = (): AuditEntry => ({
    action: 'PREVIEW_DATASET',
    target: 'datasetId' in target ? { kind: 'DATASET', id: target.datasetId } : { kind: 'CONNECTOR', id, name },
    details: { connector: auditGlobalId('CONNECTOR', id), connectorType: typeName, queryDigest, first },
  })
  return new AuditedReading({ audit, actor: viewer, purpose: 'PREVIEW', act })
}

async function run(
  dependencies: DatasetDependencies,
  { workspace }: Viewer,
  { stored, query, type, first, reading, signal }: Run,
): Promise<QueryOutcome> {
  let secrets: SecretValues
  try {
    secrets = await readSecrets(dependencies.secretVersions, workspace, stored, reading)
  } catch (error) {
    const problem = secretStoreProblem(error)
    await reading.begin(stored.row)
    return { kind: 'PROBLEM', problem }
  }
  await reading.begin(stored.row)
  // The stored configuration with its secrets is what the form once put out.
  const config = joinSecrets(type.form, stored.row.config, secrets) as Parameters<ConnectorType['queryBudgetMs']>[0]
  const aws = await dependencies.awsAccess.forRun(workspace, type, config)
  const job: QueryJob = {
    kind: 'QUERY',
    typeName: type.name,
    config,
    query,
    limits: { maxRows: first, maxBytes: maxPreviewBytes },
    environment: { network: dependencies.network(), mayStartCompute: false, ...aws },
  }
  const deadlineMs = type.queryBudgetMs(config) + graceMs
  const guarded = await guardedRun(dependencies, workspace, stored, type, config)
  return guardedReading(dependencies, guarded, {
    deadlineMs,
    signal,
    read: () => dependencies.host.query(job, { workspaceId: workspace.id, signal, deadlineMs }),
    verdictOf: verdictOfQuery,
  })
}

/** What the preview signs in to, and with what. */
function guardedRun(
  { signIns }: DatasetDependencies,
  workspace: WorkspaceScope,
  { secretVersion }: StoredConnector,
  type: ConnectorType,
  config: unknown,
): Promise<GuardedRun> {
  return signIns.runOf({ workspace, runId: newId() }, type, config, secretVersion?.digests ?? {})
}

async function resolveTarget(
  { registry, connectorStore, datasetStore }: DatasetDependencies,
  { workspace }: Viewer,
  target: PreviewTarget,
): Promise<Pick<Run, 'stored' | 'query'>> {
  if ('datasetId' in target) {
    const dataset = await datasetStore.find(workspace, target.datasetId)
    if (dataset === null) throw new NotFoundError('dataset')
    const { connectorId } = dataset
    const stored = connectorId === null ? null : await connectorStore.findStored(workspace, { id: connectorId })
    if (stored === null) {
      throw new ConflictError('The dataset has no connector any more. Point it at another one first.', dataset.version)
    }
    return { stored, query: dataset.query }
  }
  const { type, query } = resolveQuery(registry, target.query, ['target', 'draft', 'query'])
  const stored = await connectorStore.findStored(workspace, connectorKey(target.connector))
  if (stored === null) throw new NotFoundError('connector')
  assertSameType(type.name, stored.row.typeName, ['target', 'draft', 'query'])
  return { stored, query }
}

/** A saved connector may be of a type that this program no longer has, or that has been turned off. */
const typeOf = ({ registry }: DatasetDependencies, { row }: StoredConnector): ConnectorType =>
  usableType(registry, row, { path: 'target', inputPath: ['target'] })

const invalid = (path: string, message: string) => new ValidationError([{ path, inputPath: [path], message }])
