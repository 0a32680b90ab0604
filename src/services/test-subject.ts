import type { ConnectorType } from '../connectors/define.ts'
import { joinSecrets } from '../connectors/form-secrets.ts'
import type { JsonObject } from '../connectors/json.ts'
import type { Problem } from '../connectors/problem.ts'
import type { ConnectorRegistry } from '../connectors/registry.ts'
import type { SecretValues } from '../connectors/secret-values.ts'
import type { ConnectorStore } from '../db/connector-store.ts'
import type { StoredConnector } from '../db/rows.ts'
import type { SecretDigests } from '../db/schema.sqlite.ts'
import type { TestTarget } from './connection-tests.ts'
import {
  editDigests,
  mergeEdit,
  readEditSecrets,
  readSecrets,
  resolveDraft,
  secretStoreProblem,
} from './connector-config.ts'
import { connectorKey } from './connector-ref.ts'
import type { ConfigInput } from './connectors.ts'
import { NotFoundError } from './errors.ts'
import type { SecretVersions } from './secret-versions.ts'
import { usableType } from './usable-type.ts'

/** What one test speaks of: a configuration, or why its secrets cannot be had. */
export interface TestSubject {
  /** Null for a draft. */
  readonly connectorId: string | null
  /** The connector whose last passed test a failure is compared with; also for an edit that is about to be saved. */
  readonly comparedConnectorId: string | null
  readonly type: ConnectorType
  /** Without secrets. */
  readonly config: JsonObject
  readonly secretDigests: SecretDigests
  /** When stored secrets got the values that are tested, by secret path, RFC 3339. */
  readonly secretSetAt: { readonly [secretPath: string]: string }
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
    return {
      connectorId: null,
      comparedConnectorId: null,
      type,
      config,
      secretDigests,
      secretSetAt: {},
      secrets: { values: secrets },
    }
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
  const secretDigests = stored.secretVersion?.digests ?? {}
  return {
    connectorId: stored.row.id,
    comparedConnectorId: stored.row.id,
    type: typeOf(registry, stored),
    config: stored.row.config,
    secretDigests,
    secretSetAt: setAtOf(stored, secretDigests),
    secrets: await orProblem(readSecrets(secretVersions, stored)),
  }
}

async function editSubject(
  { registry, secretVersions }: TestSubjectSources,
  stored: StoredConnector,
  patch: ConfigInput,
): Promise<TestSubject> {
  const edit = mergeEdit(registry, stored, patch, ['target', 'edit', 'config'])
  const secretDigests = await editDigests(secretVersions, stored, edit)
  return {
    connectorId: stored.row.id,
    comparedConnectorId: stored.row.id,
    type: edit.type,
    config: edit.config,
    secretDigests,
    secretSetAt: setAtOf(stored, secretDigests),
    secrets: await orProblem(readEditSecrets(secretVersions, stored, edit)),
  }
}

/** Of the secrets whose tested value is the stored one. */
function setAtOf({ secretVersion }: StoredConnector, tested: SecretDigests): TestSubject['secretSetAt'] {
  if (secretVersion === null) return {}
  const { digests, setAt, createdAt } = secretVersion
  const kept = Object.keys(tested).filter(path => tested[path] === digests[path])
  return Object.fromEntries(kept.map(path => [path, setAt[path] ?? createdAt.toISOString()]))
}

/** A saved connector may be of a type that this program no longer has, or that has been turned off. */
const typeOf = (registry: ConnectorRegistry, { row }: StoredConnector): ConnectorType =>
  usableType(registry, row, { path: 'connector', inputPath: ['target', 'saved'] })

async function orProblem(reading: Promise<SecretValues>): Promise<TestSubject['secrets']> {
  try {
    return { values: await reading }
  } catch (error) {
    return { problem: secretStoreProblem(error) }
  }
}
