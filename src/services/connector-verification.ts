import type { ConnectorType } from '../connectors/define.ts'
import { changedFields } from '../connectors/form-changes.ts'
import { secretFields } from '../connectors/form-secrets.ts'
import { type ConnectorRegistry, UnknownConnectorTypeError } from '../connectors/registry.ts'
import type { ConnectionTestRow, ConnectorRow, SecretVersionRow } from '../db/rows.ts'
import type { SecretDigests } from '../db/secret-digests.ts'
import { fingerprint } from './connector-config.ts'
import type { ConnectorDependencies } from './connector-dependencies.ts'
import type { SecretState, Verification } from './connectors.ts'
import type { Viewer } from './viewer.ts'

type Dependencies = Pick<ConnectorDependencies, 'registry' | 'connectorStore' | 'verificationStore' | 'digester'>

/** `ConnectorService.verifications`: two queries, however many connectors. */
export async function verificationsOf(
  { registry, connectorStore, verificationStore, digester }: Dependencies,
  { workspace }: Viewer,
  rows: readonly ConnectorRow[],
): Promise<readonly Verification[]> {
  const versions = await connectorStore.secretVersions(workspace, secretVersionIds(rows))
  const current = await Promise.all(
    rows.map(async row => {
      const type = knownType(registry, row.typeName)
      const digests = secretVersionOf(versions, row)?.digests ?? {}
      // A type that this program does not have matches no test.
      const present = type === null ? '' : await fingerprint(digester, workspace, type, row.config, digests)
      return { row, type, digests, connectorId: row.id, fingerprint: present }
    }),
  )
  const latest = await verificationStore.latestOfConnectors(workspace, current)
  return current.map(({ row, type, digests, fingerprint: present }): Verification => {
    const test = latest.get(row.id) ?? null
    if (test === null) return { state: 'NEVER', changedFields: [], test }
    if (test.fingerprint !== present) {
      return { state: 'OUTDATED', changedFields: type === null ? [] : differences(type, row, digests, test), test }
    }
    return { state: test.status === 'FAILED' ? 'FAILED' : 'CURRENT', changedFields: [], test }
  })
}

/** `ConnectorService.secretStates`: one query, however many connectors. */
export async function secretStatesOf(
  { registry, connectorStore }: Dependencies,
  { workspace }: Viewer,
  rows: readonly ConnectorRow[],
): Promise<readonly (readonly SecretState[])[]> {
  const versions = await connectorStore.secretVersions(workspace, secretVersionIds(rows))
  return rows.map(row => {
    const type = knownType(registry, row.typeName)
    const version = secretVersionOf(versions, row)
    const stored = version?.digests ?? {}
    const fields = type
      ? secretFields(type.form, row.config)
      : Object.keys(stored).map(secretPath => ({ path: secretPath, secretPath }))
    return fields.map(({ path, secretPath }): SecretState => {
      if (version === null || !Object.hasOwn(stored, secretPath))
        return { path, isSet: false, version: null, setAt: null }
      const setAt = version.setAt[secretPath]
      return {
        path,
        isSet: true,
        // Values that were moved to another store have not changed.
        version: version.copyOf ?? version.id,
        setAt: setAt === undefined ? version.createdAt : new Date(setAt),
      }
    })
  })
}

/** Form paths whose value is another one than the test had, in the form's order, then secrets. */
function differences(
  type: ConnectorType,
  row: ConnectorRow,
  digests: SecretDigests,
  test: ConnectionTestRow,
): readonly string[] {
  const fields = [...secretFields(type.form, row.config), ...secretFields(type.form, test.config)]
  const secrets = fields.filter(({ secretPath }) => digests[secretPath] !== test.secretDigests[secretPath])
  return [...new Set([...changedFields(type.form, test.config, row.config), ...secrets.map(({ path }) => path)])]
}

const secretVersionIds = (rows: readonly ConnectorRow[]): readonly string[] =>
  rows.flatMap(row => (row.secretVersionId === null ? [] : [row.secretVersionId]))

const secretVersionOf = (versions: ReadonlyMap<string, SecretVersionRow>, row: ConnectorRow): SecretVersionRow | null =>
  (row.secretVersionId === null ? undefined : versions.get(row.secretVersionId)) ?? null

/** A saved row may name a type that this program no longer has. */
function knownType(registry: ConnectorRegistry, typeName: string): ConnectorType | null {
  try {
    return registry.byName(typeName)
  } catch (error) {
    if (error instanceof UnknownConnectorTypeError) return null
    throw error
  }
}
