import type { PlannedStep } from '../connectors/connection-test.ts'
import type { JsonObject } from '../connectors/json.ts'
import type { Page, PageRequest } from '../db/keyset.ts'
import type { ConnectionTestRow, ConnectorRow } from '../db/rows.ts'
import type { Viewer } from './viewer.ts'

/** Exactly one key. */
export type ConnectorRef = { readonly id: string } | { readonly name: string } | { readonly externalKey: string }

/** A configuration as a client gave it: the type by its input key, the value not validated yet. */
export interface ConfigInput {
  readonly inputKey: string
  readonly value: unknown
}

export type TestGate = 'NONE' | 'REQUIRE_PASS'

export interface CreateConnectorInput {
  readonly name: string
  readonly description?: string | null
  readonly externalKey?: string | null
  readonly config: ConfigInput
  /** Adopts the verification of this test if it tested just this configuration. */
  readonly testId?: string | null
  readonly testGate: TestGate
  readonly idempotencyKey?: string | null
}

export interface UpdateConnectorInput {
  readonly connector: ConnectorRef
  readonly expectedVersion: number
  /** Absent keeps; `null` clears where the field is optional. */
  readonly name?: string
  readonly description?: string | null
  readonly externalKey?: string | null
  readonly config?: ConfigInput
  readonly testId?: string | null
  readonly testGate: TestGate
}

export interface ValidateConnectorConfigInput {
  readonly target:
    | { readonly draft: ConfigInput }
    | { readonly edit: { readonly connector: ConnectorRef; readonly config: ConfigInput } }
  /** Absent: not checked for a draft, kept for an edit. */
  readonly name?: string
  readonly externalKey?: string | null
}

export interface ValidConnectorConfig {
  /** As it would be stored: without secrets. */
  readonly formData: JsonObject
  /** The plan of a test of just this configuration. */
  readonly testPlan: readonly PlannedStep[]
}

export interface ConnectorFilter {
  /** Part of the name, without regard to case. */
  readonly search?: string | null
  readonly typeNames?: readonly string[] | null
}

export type ConnectorOrderField = 'NAME' | 'CREATED_AT' | 'UPDATED_AT'

export type VerificationState = 'NEVER' | 'OUTDATED' | 'FAILED' | 'CURRENT'

export interface Verification {
  readonly state: VerificationState
  /** Form paths that differ from what was tested; empty unless OUTDATED. */
  readonly changedFields: readonly string[]
  readonly test: ConnectionTestRow | null
}

export interface SecretState {
  readonly path: string
  readonly isSet: boolean
  /** Id of the stored version, null when nothing is set. */
  readonly version: string | null
  readonly setAt: Date | null
}

export interface DatasetSelection {
  readonly none?: boolean
  readonly all?: boolean
  readonly ids?: readonly string[]
}

export interface DeleteConnectorInput {
  readonly connector: ConnectorRef
  readonly impactToken?: string | null
  readonly datasets?: DatasetSelection | null
}

export interface DeletionPlan {
  readonly connector: ConnectorRow
  readonly datasetCount: number
  /** Datasets that depend on the connector but that the viewer may not see. */
  readonly hiddenDatasetCount: number
  /** Stands for exactly this set of dependents. */
  readonly impactToken: string
}

/** Rules about connectors. Refusals are thrown as `ServiceError`s. Every method works only in the viewer's workspace. */
export interface ConnectorService {
  create(viewer: Viewer, input: CreateConnectorInput, signal: AbortSignal): Promise<ConnectorRow>
  update(viewer: Viewer, input: UpdateConnectorInput, signal: AbortSignal): Promise<ConnectorRow>
  /** The checks of `create` and `update`, which dial nothing and need no secret store. */
  validate(viewer: Viewer, input: ValidateConnectorConfigInput): Promise<ValidConnectorConfig>
  delete(viewer: Viewer, input: DeleteConnectorInput): Promise<{ connectorId: string; datasetIds: readonly string[] }>
  find(viewer: Viewer, ref: ConnectorRef): Promise<ConnectorRow | null>
  findMany(viewer: Viewer, ids: readonly string[]): Promise<readonly (ConnectorRow | null)[]>
  page(viewer: Viewer, request: PageRequest<ConnectorOrderField>, filter: ConnectorFilter): Promise<Page<ConnectorRow>>
  count(viewer: Viewer, filter: ConnectorFilter): Promise<number>
  /** One for each row, in order, in a bounded number of queries. */
  verifications(viewer: Viewer, rows: readonly ConnectorRow[]): Promise<readonly Verification[]>
  secretStates(viewer: Viewer, rows: readonly ConnectorRow[]): Promise<readonly (readonly SecretState[])[]>
  deletionPlan(viewer: Viewer, ref: ConnectorRef): Promise<DeletionPlan | null>
}
