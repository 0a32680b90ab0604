import type { ConnectorType } from '../connectors/define.ts'
import { joinSecrets } from '../connectors/form-secrets.ts'
import type { JsonObject } from '../connectors/json.ts'
import type { Problem } from '../connectors/problem.ts'
import type { ConnectorRegistry } from '../connectors/registry.ts'
import type { SecretValues } from '../connectors/secret-values.ts'
import type { ConnectorStore } from '../db/connector-store.ts'
import type { StoredConnector } from '../db/rows.ts'
import type { SecretDigests } from '../db/secret-digests.ts'
import type { WorkspaceScope } from '../db/workspace-scope.ts'
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
import type { NamedConnector, SecretReading } from './secret-reading.ts'
import type { SecretVersions } from './secret-versions.ts'
import { usableType } from './usable-type.ts'

/** What one test speaks of: a configuration, or why its secrets cannot be had. */
export interface TestSubject {
  /** Null for a draft. */
  readonly connectorId: string | null
  /** The connector whose last passed test a failure is compared with; also for an edit that is about to be saved. */
  readonly comparedConnectorId: string | null
  /** The name of that connector. */
  readonly connectorName: string | null
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
 * `SecretReentryRequiredError`. `reading` is told before stored secrets are read. Secrets that cannot be read are part of the answer: the test has to say so.
 */
export async function resolveTestSubject(
  sources: TestSubjectSources,
  workspace: WorkspaceScope,
  target: TestTarget,
  reading: SecretReading,
): Promise<TestSubject> {
  if ('draft' in target) {
    const { type, config, secrets } = resolveDraft(sources.registry, target.draft, ['target', 'draft'])
    const secretDigests = await sources.secretVersions.digests(workspace, secrets)
    return {
      connectorId: null,
      comparedConnectorId: null,
      connectorName: null,
      type,
      config,
      secretDigests,
      secretSetAt: {},
      secrets: { values: secrets },
    }
  }
  const ref = 'saved' in target ? target.saved : target.edit.connector
  const stored = await sources.connectorStore.findStored(workspace, connectorKey(ref))
  if (stored === null) throw new NotFoundError('connector')
  return 'saved' in target
    ? savedSubject(sources, workspace, stored, reading)
    : editSubject(sources, workspace, stored, target.edit.config, reading)
}

/** The connector that a subject is about, as far as there is one. */
export const namedConnector = (subject: TestSubject): NamedConnector | null =>
  subject.comparedConnectorId === null
    ? null
    : {
        id: subject.comparedConnectorId,
        typeName: subject.type.name,
        ...(subject.connectorName !== null && { name: subject.connectorName }),
      }

/** The form's whole output, as drivers get it. */
export const wholeConfig = ({ type, config }: TestSubject, values: SecretValues) =>
  joinSecrets(type.form, config, values)

async function savedSubject(
  { registry, secretVersions }: TestSubjectSources,
  workspace: WorkspaceScope,
  stored: StoredConnector,
  reading: SecretReading,
): Promise<TestSubject> {
  const secretDigests = stored.secretVersion?.digests ?? {}
  return {
    connectorId: stored.row.id,
    comparedConnectorId: stored.row.id,
    connectorName: stored.row.name,
    type: typeOf(registry, stored),
    config: stored.row.config,
    secretDigests,
    secretSetAt: setAtOf(stored, secretDigests),
    secrets: await orProblem(readSecrets(secretVersions, workspace, stored, reading)),
  }
}

async function editSubject(
  { registry, secretVersions }: TestSubjectSources,
  workspace: WorkspaceScope,
  stored: StoredConnector,
  patch: ConfigInput,
  reading: SecretReading,
): Promise<TestSubject> {
  const edit = mergeEdit(registry, stored, patch, ['target', 'edit', 'config'])
  const secretDigests = await editDigests(secretVersions, workspace, stored, edit)
  return {
    connectorId: stored.row.id,
    comparedConnectorId: stored.row.id,
    connectorName: stored.row.name,
    type: edit.type,
    config: edit.config,
    secretDigests,
    secretSetAt: setAtOf(stored, secretDigests),
    secrets: await orProblem(readEditSecrets(secretVersions, workspace, stored, edit, reading)),
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
