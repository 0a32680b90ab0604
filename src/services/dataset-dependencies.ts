import type { NetworkSettings } from '../connectors/define.ts'
import type { ConnectorHost } from '../connectors/host/connector-host.ts'
import type { ConnectorRegistry } from '../connectors/registry.ts'
import type { ConnectorStore } from '../db/connector-store.ts'
import type { Database } from '../db/database.ts'
import type { DatasetStore } from '../db/dataset-store.ts'
import type { IdempotencyStore } from '../db/idempotency-store.ts'
import { isUniqueViolation } from '../db/unique-violation.ts'
import type { Digester } from '../secrets/digester.ts'
import type { AuditLog } from './audit.ts'
import type { AwsAccess } from './aws-access.ts'
import { NameTakenError } from './errors.ts'
import type { FairLimits } from './fair-limits.ts'
import type { SecretVersions } from './secret-versions.ts'
import type { SignInGuard } from './sign-in-guard.ts'

/** What the dataset service works with. */
export interface DatasetDependencies {
  readonly database: Database
  readonly registry: ConnectorRegistry
  readonly connectorStore: ConnectorStore
  readonly datasetStore: DatasetStore
  readonly idempotencyStore: IdempotencyStore
  readonly secretVersions: SecretVersions
  readonly digester: Digester
  readonly host: ConnectorHost
  readonly previewLimits: FairLimits
  readonly signIns: SignInGuard
  /** As they are now: the hosts file may change while the server runs. */
  readonly network: () => NetworkSettings
  readonly awsAccess: AwsAccess
  readonly audit: AuditLog
}

/** The refusal that a unique violation of a dataset's row stands for; `error` itself when it is something else. */
export function takenDatasetError(error: unknown, name: string): unknown {
  const violation = isUniqueViolation(error)
  return violation && violation.constraint === 'datasets_name' ? new NameTakenError('dataset', name) : error
}
