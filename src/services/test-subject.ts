import type { ConnectorType } from '../connectors/define.ts'
import { joinSecrets } from '../connectors/form-secrets.ts'
import type { JsonObject } from '../connectors/json.ts'
import { type Problem, problem } from '../connectors/problem.ts'
import { type ConnectorRegistry, UnknownConnectorTypeError } from '../connectors/registry.ts'
import type { SecretValues } from '../connectors/secret-values.ts'
import type { ConnectorStore } from '../db/connector-store.ts'
import type { StoredConnector } from '../db/rows.ts'
import type { SecretDigests } from '../db/schema.sqlite.ts'
import { SecretStoreError } from '../secrets/secret-store.ts'
import type { TestTarget } from './connection-tests.ts'
import { editDigests, mergeEdit, readEditSecrets, readSecrets, resolveDraft } from './connector-config.ts'
import { connectorKey } from './connector-ref.ts'
import type { ConfigInput } from './connectors.ts'
import { NotFoundError, ValidationError } from './errors.ts'
import type { SecretVersions } from './secret-versions.ts'

/** What one test speaks of: a configuration, or why its secrets cannot be had. */
export interface TestSubject {
  /** Null for a draft. */
  readonly connectorId: string | null
  readonly type: ConnectorType
  /** Without secrets. */
  readonly config: JsonObject
  readonly secretDigests: SecretDigests
  /** Every secret value; memory only, and shortly. */
  readonly secrets: { readonly values: SecretValues } | { readonly problem: Problem }
}

export interface TestSubjectSources {
  readonly registry: ConnectorRegistry
  readonly secretVersions: SecretVersions
  readonly connectorStore: Pick<ConnectorStore, 'findStored'>
}

/**
 * Finds what a target means, dialling nothing. Throws `ValidationError`, `NotFoundError` and
 * `SecretReentryRequiredError`. Secrets that cannot be read are part of the answer: the test has to say so.
 */
export async function resolveTestSubject(
  sources: TestSubjectSources,
  workspaceId: string,
  target: TestTarget,
): Promise<TestSubject> {
  if ('draft' in target) {
    const { type, config, secrets } = resolveDraft(sources.registry, target.draft, ['target', 'draft'])
    const secretDigests = await sources.secretVersions.digests(workspaceId, secrets)
    return { connectorId: null, type, config, secretDigests, secrets: { values: secrets } }
  }
  const ref = 'saved' in target ? target.saved : target.edit.connector
  const stored = await sources.connectorStore.findStored(workspaceId, connectorKey(ref))
  if (stored === null) throw new NotFoundError('connector')
  return 'saved' in target ? savedSubject(sources, stored) : editSubject(sources, stored, target.edit.config)
}

/** The form's whole output, as drivers get it. */
export const wholeConfig = ({ type, config }: TestSubject, values: SecretValues) =>
  joinSecrets(type.form, config, values)

async function savedSubject(
  { registry, secretVersions }: TestSubjectSources,
  stored: StoredConnector,
): Promise<TestSubject> {
  return {
    connectorId: stored.row.id,
    type: typeOf(registry, stored),
    config: stored.row.config,
    secretDigests: stored.secretVersion?.digests ?? {},
    secrets: await orProblem(readSecrets(secretVersions, stored)),
  }
}

async function editSubject(
  { registry, secretVersions }: TestSubjectSources,
  stored: StoredConnector,
  patch: ConfigInput,
): Promise<TestSubject> {
  const edit = mergeEdit(registry, stored, patch, ['target', 'edit', 'config'])
  return {
    connectorId: stored.row.id,
    type: edit.type,
    config: edit.config,
    secretDigests: await editDigests(secretVersions, stored, edit),
    secrets: await orProblem(readEditSecrets(secretVersions, stored, edit)),
  }
}

/** A saved connector may be of a type that this program no longer has. */
function typeOf(registry: ConnectorRegistry, { row }: StoredConnector): ConnectorType {
  try {
    return registry.byName(row.typeName)
  } catch (error) {
    if (!(error instanceof UnknownConnectorTypeError)) throw error
    const message = 'This server does not offer the type of this connector any more.'
    throw new ValidationError([{ path: 'connector', inputPath: ['target', 'saved'], message }])
  }
}

async function orProblem(reading: Promise<SecretValues>): Promise<TestSubject['secrets']> {
  try {
    return { values: await reading }
  } catch (error) {
    if (!(error instanceof SecretStoreError)) throw error
    return { problem: problem(error.reason === 'UNAVAILABLE' ? 'SECRET_STORE_UNAVAILABLE' : 'SECRET_UNREADABLE') }
  }
}
