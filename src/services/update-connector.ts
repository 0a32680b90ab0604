import { isDeepStrictEqual } from 'node:util'
import type { ConnectorChanges } from '../db/connector-store.ts'
import type { ConnectorRow, StoredConnector } from '../db/rows.ts'
import { SecretStoreError } from '../secrets/secret-store.ts'
import type { AuditEntry } from './audit.ts'
import { changedConfig, changedNames } from './audit-changes.ts'
import { auditGlobalId } from './audit-line.ts'
import { assertEditIsFree, checkEdit } from './connector-checks.ts'
import { fingerprint, type MergedEdit, readEditSecrets, secretStoreRefusal } from './connector-config.ts'
import { type ConnectorDependencies, takenError } from './connector-dependencies.ts'
import { connectorKey } from './connector-ref.ts'
import type { UpdateConnectorInput } from './connectors.ts'
import { planSecrets } from './edit-secrets.ts'
import { ConflictError, NotFoundError } from './errors.ts'
import { passSaveGate, unusableTest } from './save-gate.ts'
import { AuditedReading, type SecretReading } from './secret-reading.ts'
import { usableType } from './usable-type.ts'
import type { Viewer } from './viewer.ts'

/**
 * `ConnectorService.update`. What changes nothing raises no version. Edits that touch no secret need no secret store,
 * unless a test has to be run.
 */
export async function updateConnector(
  dependencies: ConnectorDependencies,
  viewer: Viewer,
  input: UpdateConnectorInput,
  signal: AbortSignal,
): Promise<ConnectorRow> {
  const { connectorStore, secretVersions } = dependencies
  const stored = await connectorStore.findStored(viewer.workspace, connectorKey(input.connector))
  if (stored === null) throw new NotFoundError('connector')
  const { row } = stored
  if (row.version !== input.expectedVersion) throw changedMeanwhile(row)
  const { fields, edit } = checkEdit(dependencies.registry, stored, input)
  await assertEditIsFree(connectorStore, viewer.workspace, stored, fields)

  const reading = (purpose: 'SAVE' | 'TEST') =>
    new AuditedReading({ audit: dependencies.audit, actor: viewer, purpose })
  const plan = await planSecrets(secretVersions, viewer.workspace, stored, edit, reading('SAVE'))
  const adoptedTestId = await gate(
    dependencies,
    viewer,
    { stored, edit, reading: reading('TEST') },
    plan.digests,
    input,
    signal,
  )
  const staged = await plan.stage()
  try {
    signal.throwIfAborted()
    const secretVersionId = staged.versionId
    const changes = differing(row, { ...fields, ...(edit && { config: edit.config }), secretVersionId })
    const after = { config: edit?.config ?? row.config, secretDigests: plan.digests }
    const before = { config: row.config, secretDigests: stored.secretVersion?.digests ?? {} }
    const changedFields = [...changedNames(changes), ...(edit ? changedConfig(edit.type, before, after) : [])]
    return await save(dependencies, viewer, row, changes, {
      changedFields,
      stagedVersionId: staged.isNew ? staged.versionId : null,
      adoptedTestId,
    })
  } catch (error) {
    if (staged.isNew && staged.versionId !== null) await secretVersions.discard(viewer.workspace, staged.versionId)
    if (error instanceof SecretStoreError) throw secretStoreRefusal(error)
    throw takenError(error, { ...row, ...fields })
  }
}

interface GatedEdit {
  readonly stored: StoredConnector
  readonly edit: MergedEdit | null
  readonly reading: SecretReading
}

async function gate(
  dependencies: ConnectorDependencies,
  viewer: Viewer,
  { stored, edit, reading }: GatedEdit,
  secretDigests: { readonly [secretPath: string]: string },
  { testId = null, testGate }: UpdateConnectorInput,
  signal: AbortSignal,
): Promise<string | null> {
  if (testId === null && testGate === 'NONE') return null
  const { registry, digester, secretVersions } = dependencies
  const { row } = stored
  const type = edit?.type ?? usableType(registry, row, { path: 'connector', inputPath: ['connector'] })
  const config = edit?.config ?? row.config
  const current = await fingerprint(digester, viewer.workspace, type, config, secretDigests)
  const known = { fingerprint: current, connectorId: row.id }
  const target = async () => {
    const kept = new Set(Object.keys(secretDigests))
    const secrets = await readEditSecrets(
      secretVersions,
      viewer.workspace,
      stored,
      edit ?? { newSecrets: {}, keptSecretPaths: kept },
      reading,
    ).catch(error => {
      throw secretStoreRefusal(error)
    })
    return { ...known, type, config, secretDigests, secrets }
  }
  return passSaveGate(dependencies, viewer, { ...known, testId, testGate, target }, signal)
}

interface Saving {
  readonly changedFields: readonly string[]
  readonly stagedVersionId: string | null
  readonly adoptedTestId: string | null
}

async function save(
  { database, connectorStore, verificationStore, secretVersions, audit }: ConnectorDependencies,
  viewer: Viewer,
  row: ConnectorRow,
  changes: ConnectorChanges,
  { changedFields, stagedVersionId, adoptedTestId }: Saving,
): Promise<ConnectorRow> {
  const { workspace } = viewer
  const { id, version } = row
  const isChanged = Object.keys(changes).length > 0
  const told = ({ name, version: now, typeName }: ConnectorRow): AuditEntry => ({
    action: 'UPDATE_CONNECTOR',
    target: { kind: 'CONNECTOR', id, name },
    changedFields: isChanged ? changedFields : [],
    details: {
      version: now,
      connectorType: typeName,
      ...(adoptedTestId !== null && { test: auditGlobalId('CONNECTION_TEST', adoptedTestId) }),
    },
  })
  if (!isChanged && adoptedTestId === null) {
    await audit.note(viewer, told(row))
    return row
  }
  return database.write(async tx => {
    if (stagedVersionId !== null) await secretVersions.activate(tx, workspace, stagedVersionId)
    const stamp = { updatedAt: new Date(), updatedBy: viewer.displayName }
    const current = await connectorStore.findInTransaction(tx, workspace, id)
    if (current === null) throw new NotFoundError('connector')
    if (current.version !== version) throw changedMeanwhile(current)
    const saved = isChanged
      ? await connectorStore.update(tx, workspace, id, version, { ...changes, ...stamp })
      : current
    if (saved === null) throw changedMeanwhile(current)
    // As the transaction sees it: the values may have been moved to another store meanwhile.
    const replaced = current.secretVersionId
    if (replaced !== null && replaced !== saved.secretVersionId) await secretVersions.retire(tx, workspace, replaced)
    if (adoptedTestId !== null && !(await verificationStore.attach(tx, workspace, adoptedTestId, id))) {
      throw unusableTest('This connection test is gone, or belongs to another connector by now.')
    }
    await audit.record(tx, viewer, told(saved))
    return saved
  })
}

/** The changes that are none are left out. */
function differing(row: ConnectorRow, changes: ConnectorChanges): ConnectorChanges {
  const before: Partial<Record<string, unknown>> = row
  return Object.fromEntries(
    Object.entries(changes).filter(([field, value]) => !isDeepStrictEqual(before[field], value)),
  )
}

const changedMeanwhile = ({ version }: ConnectorRow) =>
  new ConflictError('The connector has changed since it was read. Read it again and repeat.', version)
