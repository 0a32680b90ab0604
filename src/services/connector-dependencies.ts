import type { ConnectorRegistry } from '../connectors/registry.ts'
import type { ConnectorStore } from '../db/connector-store.ts'
import type { Database } from '../db/database.ts'
import type { DatasetStore } from '../db/dataset-store.ts'
import type { IdempotencyStore } from '../db/idempotency-store.ts'
import { isUniqueViolation } from '../db/unique-violation.ts'
import type { VerificationStore } from '../db/verification-store.ts'
import type { WorkspaceScope } from '../db/workspace-scope.ts'
import type { Digester } from '../secrets/digester.ts'
import type { AuditLog } from './audit.ts'
import { ExternalKeyTakenError, NameTakenError } from './errors.ts'
import type { RunGateTest } from './save-gate.ts'
import type { SecretVersions } from './secret-versions.ts'

/** What the connector service works with. */
export interface ConnectorDependencies {
  readonly database: Database
  readonly registry: ConnectorRegistry
  readonly connectorStore: ConnectorStore
  readonly datasetStore: DatasetStore
  readonly verificationStore: VerificationStore
  readonly idempotencyStore: IdempotencyStore
  readonly secretVersions: SecretVersions
  readonly digester: Digester
  readonly runGateTest: RunGateTest
  readonly audit: AuditLog
}

interface Identity {
  readonly name: string
  readonly nameKey: string
  readonly externalKey: string | null
}

/** Refuses early what the unique indexes would refuse in the end, before a test is run or a secret stored for it. */
export async function assertFree(
  store: ConnectorStore,
  workspace: WorkspaceScope,
  wanted: Identity & { readonly exceptId: string | null },
): Promise<void> {
  const taken = await store.withNameOrKey(workspace, wanted)
  if (taken.some(other => other.nameKey === wanted.nameKey)) throw new NameTakenError('connector', wanted.name)
  if (taken.length > 0 && wanted.externalKey !== null) throw new ExternalKeyTakenError(wanted.externalKey)
}

/** The refusal that a unique violation of a connector's row stands for; `error` itself when it is something else. */
export function takenError(error: unknown, { name, externalKey }: Identity): unknown {
  const violation = isUniqueViolation(error)
  if (violation && violation.constraint === 'connectors_name') return new NameTakenError('connector', name)
  if (violation && violation.constraint === 'connectors_external_key' && externalKey !== null) {
    return new ExternalKeyTakenError(externalKey)
  }
  return error
}
