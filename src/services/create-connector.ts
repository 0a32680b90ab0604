import type { NewConnector } from '../db/connector-store.ts'
import type { ConnectorRow } from '../db/rows.ts'
import { isUniqueViolation } from '../db/unique-violation.ts'
import { SecretStoreError } from '../secrets/secret-store.ts'
import { changedConfig, givenNames } from './audit-changes.ts'
import { assertNewIsFree, checkNewConnector } from './connector-checks.ts'
import { fingerprint, secretStoreRefusal } from './connector-config.ts'
import { type ConnectorDependencies, takenError } from './connector-dependencies.ts'
import type { CreateConnectorInput } from './connectors.ts'
import { ConflictError } from './errors.ts'
import { idempotentRequest } from './idempotency.ts'
import { newId } from './ids.ts'
import { passSaveGate, unusableTest } from './save-gate.ts'
import type { StagedSecrets } from './secret-versions.ts'
import type { Viewer } from './viewer.ts'

/** `ConnectorService.create`. A repeated request with the same idempotency key gets the connector that the first one made. */
export async function createConnector(
  dependencies: ConnectorDependencies,
  viewer: Viewer,
  input: CreateConnectorInput,
  signal: AbortSignal,
): Promise<ConnectorRow> {
  const { database, connectorStore, verificationStore, idempotencyStore, secretVersions, digester } = dependencies
  const { workspace } = viewer
  const { fields, resolved } = checkNewConnector(dependencies.registry, input)
  const secretDigests = await secretVersions.digests(workspace, resolved.secrets)
  const testId = input.testId ?? null
  const { testGate } = input
  const request = await idempotentRequest(
    { store: idempotencyStore, digester },
    viewer,
    'createConnector',
    input.idempotencyKey,
    { ...fields, type: resolved.type.name, config: resolved.config, secretDigests, testId, testGate },
  )
  const earlier = async (): Promise<ConnectorRow | null> => {
    const id = await request.earlierResultId()
    if (id === null) return null
    const row = await connectorStore.find(workspace, { id })
    if (row === null) throw new ConflictError('The connector that this request created has been deleted since.', null)
    return row
  }

  const answered = await earlier()
  if (answered) return answered
  try {
    await assertNewIsFree(connectorStore, workspace, fields)
  } catch (error) {
    // The name may have been taken by the same request, a moment ago.
    const made = await earlier()
    if (made) return made
    throw error
  }

  const current = await fingerprint(digester, workspace, resolved.type, resolved.config, secretDigests)
  const target = { ...resolved, secretDigests, fingerprint: current, connectorId: null }
  const save = { testId, testGate, fingerprint: current, connectorId: null, target: async () => target }
  const adoptedTestId = await passSaveGate(dependencies, viewer, save, signal)

  const id = newId()
  let staged: StagedSecrets | null = null
  if (Object.keys(resolved.secrets).length > 0) {
    staged = await secretVersions.stage(workspace, id, resolved.secrets, null).catch(error => {
      throw secretStoreRefusal(error)
    })
  }
  const now = new Date()
  const connector: NewConnector = {
    ...fields,
    id,
    typeName: resolved.type.name,
    config: resolved.config,
    secretVersionId: staged?.versionId ?? null,
    version: 1,
    createdAt: now,
    createdBy: viewer.displayName,
    updatedAt: now,
    updatedBy: viewer.displayName,
  }
  try {
    signal.throwIfAborted()
    return await database.write(async tx => {
      if (staged) await secretVersions.activate(tx, workspace, staged.versionId)
      const row = await connectorStore.insert(tx, workspace, connector)
      if (adoptedTestId !== null && !(await verificationStore.attach(tx, workspace, adoptedTestId, id))) {
        throw unusableTest('This connection test is gone, or belongs to another connector by now.')
      }
      await request.record(tx, id)
      await dependencies.audit.record(tx, viewer, {
        action: 'CREATE_CONNECTOR',
        target: { kind: 'CONNECTOR', id, name: row.name },
        changedFields: [...givenNames(fields), ...changedConfig(resolved.type, null, { ...resolved, secretDigests })],
        details: { version: row.version, connectorType: row.typeName },
      })
      return row
    })
  } catch (error) {
    if (staged) await secretVersions.discard(workspace, staged.versionId)
    if (error instanceof SecretStoreError) throw secretStoreRefusal(error)
    if (!isUniqueViolation(error)) throw error
    const made = await earlier()
    if (made) return made
    throw takenError(error, fields)
  }
}
