import type { ConnectorRegistry } from '../connectors/registry.ts'
import type { ConnectorChanges, ConnectorStore } from '../db/connector-store.ts'
import type { StoredConnector } from '../db/rows.ts'
import type { WorkspaceScope } from '../db/workspace-scope.ts'
import { type MergedEdit, mergeEdit, type ResolvedConfig, resolveDraft } from './connector-config.ts'
import { assertFree } from './connector-dependencies.ts'
import type { ConfigInput, CreateConnectorInput, UpdateConnectorInput } from './connectors.ts'
import { InputCheck } from './input-check.ts'
import {
  cleanDescription,
  cleanName,
  descriptionFault,
  externalKeyFault,
  idempotencyKeyFault,
  nameFault,
  nameKey,
} from './names.ts'
import { namingChanges } from './naming-changes.ts'

/** What saving a connector checks before anything is dialled or stored, and `validateConnectorConfig` too. */

/** Where the configuration is in the `input` argument. */
type InputPath = readonly string[]

type NewConnector = Pick<CreateConnectorInput, 'description' | 'externalKey' | 'config' | 'idempotencyKey'> & {
  /** Absent for a draft that has no name yet. */
  readonly name?: string
}

interface NewFields {
  readonly name: string
  readonly nameKey: string
  readonly description: string | null
  readonly externalKey: string | null
}

/** Throws `ValidationError` with everything that is wrong with the input itself. */
export function checkNewConnector(
  registry: ConnectorRegistry,
  input: NewConnector,
  inputPath?: InputPath,
): { readonly fields: NewFields; readonly resolved: ResolvedConfig } {
  const name = cleanName(input.name ?? '')
  const description = cleanDescription(input.description)
  const externalKey = input.externalKey ?? null
  const check = new InputCheck()
  if (input.name !== undefined) check.field('name', nameFault(name))
  check.field('description', descriptionFault(description))
  check.field('externalKey', externalKey === null ? null : externalKeyFault(externalKey))
  check.field('idempotencyKey', input.idempotencyKey == null ? null : idempotencyKeyFault(input.idempotencyKey))
  const resolved = check.valid(check.collect(() => resolveDraft(registry, input.config, inputPath)))
  return { fields: { name, nameKey: nameKey(name), description, externalKey }, resolved }
}

/** Throws `NameTakenError` and `ExternalKeyTakenError`. No connector has the empty name of a draft without one. */
export const assertNewIsFree = (store: ConnectorStore, workspace: WorkspaceScope, fields: NewFields): Promise<void> =>
  assertFree(store, workspace, { ...fields, exceptId: null })

type Edit = Pick<UpdateConnectorInput, 'name' | 'description' | 'externalKey'> & { readonly config?: ConfigInput }
type EditedFields = Pick<ConnectorChanges, 'name' | 'nameKey' | 'description' | 'externalKey'>

/** Throws `ValidationError` with everything that is wrong, and `SecretReentryRequiredError`. */
export function checkEdit(
  registry: ConnectorRegistry,
  stored: StoredConnector,
  input: Edit,
  inputPath?: InputPath,
): { readonly fields: EditedFields; readonly edit: MergedEdit | null } {
  const check = new InputCheck()
  const fields: EditedFields = namingChanges(check, input)
  if (input.externalKey !== undefined) {
    fields.externalKey = input.externalKey
    check.field('externalKey', input.externalKey === null ? null : externalKeyFault(input.externalKey))
  }
  const { config } = input
  const edit = check.valid(check.collect(() => (config ? mergeEdit(registry, stored, config, inputPath) : null)))
  return { fields, edit }
}

/** Throws `NameTakenError` and `ExternalKeyTakenError`. */
export const assertEditIsFree = (
  store: ConnectorStore,
  workspace: WorkspaceScope,
  { row }: StoredConnector,
  fields: EditedFields,
): Promise<void> =>
  assertFree(store, workspace, {
    name: fields.name ?? row.name,
    nameKey: fields.nameKey ?? row.nameKey,
    externalKey: fields.externalKey === undefined ? row.externalKey : fields.externalKey,
    exceptId: row.id,
  })
