import { isDeepStrictEqual } from 'node:util'
import type { ConnectorChanges } from '../db/connector-store.ts'
import type { ConnectorRow, StoredConnector } from '../db/rows.ts'
import { SecretStoreError } from '../secrets/secret-store.ts'
import { assertEditIsFree, checkEdit } from './connector-checks.ts'
import { fingerprint, type MergedEdit, readEditSecrets, secretStoreRefusal } from './connector-config.ts'
import { type ConnectorDependencies, takenError } from './connector-dependencies.ts'
import { connectorKey } from './connector-ref.ts'
import type { UpdateConnectorInput } from './connectors.ts'
import { planSecrets } from './edit-secrets.ts'
import { ConflictError, NotFoundError } from './errors.ts'
import { passSaveGate, unusableTest } from './save-gate.ts'
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
  const stored = await connectorStore.findStored(viewer.workspace.id, connectorKey(input.connector))
  if (stored === null) throw new NotFoundError('connector')
  const { row } = stored
  if (row.version !== input.expectedVersion) throw changedMeanwhile(row)
  const { fields, edit } = checkEdit(dependencies.registry, stored, input)
  await assertEditIsFree(connectorStore, stored, fields)

  const plan = await planSecrets(secretVersions, stored, edit)
  const adoptedTestId = await gate(dependencies, viewer, stored, edit, plan.digests, input, signal)
  const staged = await plan.stage()
  try {
    signal.throwIfAborted()
    const secretVersionId = staged.versionId
    const changes = differing(row, { ...fields, ...(edit && { config: edit.config }), secretVersionId })
    return await save(dependencies, viewer, row, changes, {
      stagedVersionId: staged.isNew ? staged.versionId : null,
      adoptedTestId,
    })
  } catch (error) {
    if (staged.isNew && staged.versionId !== null) await secretVersions.discard(viewer.workspace.id, staged.versionId)
    if (error instanceof SecretStoreError) throw secretStoreRefusal(error)
    throw takenError(error, { ...row, ...fields })
  }
}

async function gate(
  dependencies: ConnectorDependencies,
  viewer: Viewer,
  stored: StoredConnector,
  edit: MergedEdit | null,
  secretDigests: { readonly [secretPath: string]: string },
  { testId = null, testGate }: UpdateConnectorInput,
  signal: AbortSignal,
): Promise<string | null> {
  if (testId === null && testGate === 'NONE') return null
  const { registry, digester, secretVersions } = dependencies
  const { row } = stored
  const type = edit?.type ?? usableType(registry, row, { path: 'connector', inputPath: ['connector'] })
  const config = edit?.config ?? row.config
  const current = await fingerprint(digester, viewer.workspace.id, type, config, secretDigests)
  const known = { fingerprint: current, connectorId: row.id }
  const target = async () => {
    const kept = new Set(Object.keys(secretDigests))
    const secrets = await readEditSecrets(
      secretVersions,
      stored,
      edit ?? { newSecrets: {}, keptSecretPaths: kept },
    ).catch(error => {
      throw secretStoreRefusal(error)
    })
    return { ...known, type, config, secretDigests, secrets }
  }
  return passSaveGate(dependencies, viewer, { ...known, testId, testGate, target }, signal)
}

async function save(
  { database, connectorStore, verificationStore, secretVersions }: ConnectorDependencies,
  viewer: Viewer,
  row: ConnectorRow,
  changes: ConnectorChanges,
  { stagedVersionId, adoptedTestId }: { stagedVersionId: string | null; adoptedTestId: string | null },
): Promise<ConnectorRow> {
  const { workspaceId, id, version } = row
  const isChanged = Object.keys(changes).length > 0
  if (!isChanged && adoptedTestId === null) return row
  return database.write(async tx => {
    if (stagedVersionId !== null) await secretVersions.activate(tx, workspaceId, stagedVersionId)
    const stamp = { updatedAt: new Date(), updatedBy: viewer.displayName }
    const current = await connectorStore.findInTransaction(tx, workspaceId, id)
    if (current === null) throw new NotFoundError('connector')
    if (current.version !== version) throw changedMeanwhile(current)
    const saved = isChanged
      ? await connectorStore.update(tx, workspaceId, id, version, { ...changes, ...stamp })
      : current
    if (saved === null) throw changedMeanwhile(current)
    // As the transaction sees it: the values may have been moved to another store meanwhile.
    const replaced = current.secretVersionId
    if (replaced !== null && replaced !== saved.secretVersionId) await secretVersions.retire(tx, workspaceId, replaced)
    if (adoptedTestId !== null && !(await verificationStore.attach(tx, workspaceId, adoptedTestId, id))) {
      throw unusableTest('This connection test is gone, or belongs to another connector by now.')
    }
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
