import type { ConnectorType } from '../connectors/define.ts'
import { changedDestinations } from '../connectors/form-changes.ts'
import { applyPatch } from '../connectors/form-patch.ts'
import { secretFields, splitSecrets } from '../connectors/form-secrets.ts'
import { validateForm } from '../connectors/form-validation.ts'
import type { JsonObject } from '../connectors/json.ts'
import { type Problem, problem, type Remedy } from '../connectors/problem.ts'
import type { ConnectorRegistry } from '../connectors/registry.ts'
import type { SecretValues } from '../connectors/secret-values.ts'
import type { StoredConnector } from '../db/rows.ts'
import type { SecretDigests } from '../db/secret-digests.ts'
import type { WorkspaceScope } from '../db/workspace-scope.ts'
import type { Digester } from '../secrets/digester.ts'
import { SecretStoreError, secretStoreFaults } from '../secrets/secret-store.ts'
import type { ConfigInput } from './connectors.ts'
import { type InputIssue, SecretReentryRequiredError, SecretStoreFailedError, ValidationError } from './errors.ts'
import type { SecretReading } from './secret-reading.ts'
import type { SecretVersions } from './secret-versions.ts'
import { assertStorable } from './storable-input.ts'
import { usableType } from './usable-type.ts'

/** A configuration that may be dialled. `secrets` holds every secret value there is: memory only, and shortly. */
export interface ResolvedConfig {
  readonly type: ConnectorType
  /** The form's output without its secrets. */
  readonly config: JsonObject
  readonly secrets: SecretValues
}

/** A saved connector after a patch, before any stored secret was read. */
export interface MergedEdit {
  readonly type: ConnectorType
  readonly config: JsonObject
  readonly newSecrets: SecretValues
  /** Stored secrets that stay, by secret path. */
  readonly keptSecretPaths: ReadonlySet<string>
  /** Whether a secret is given, or a stored one is no longer wanted. A given one may equal the stored one. */
  readonly secretsTouched: boolean
}

/**
 * Validates a whole configuration. `inputPath` leads to it from the `input` argument (`["config"]`).
 * Throws `ValidationError` with every issue.
 */
export function resolveDraft(
  registry: ConnectorRegistry,
  input: ConfigInput,
  inputPath: readonly string[] = ['config'],
): ResolvedConfig {
  const type = typeOfInput(registry, input, inputPath)
  const parsed = validateForm(type.form, input.value)
  if (!parsed.ok) throw new ValidationError(toInputIssues(parsed.issues, [...inputPath, input.inputKey]))
  assertStorable(input.value, [...inputPath, input.inputKey])
  return { type, ...splitSecrets(type.form, parsed.value) }
}

/**
 * Merges a patch into a saved connector and validates the result, reading no secret.
 * Throws `ValidationError`, and `SecretReentryRequiredError` when a stored secret would go to another destination.
 */
export function mergeEdit(
  registry: ConnectorRegistry,
  stored: StoredConnector,
  patch: ConfigInput,
  inputPath: readonly string[] = ['config'],
): MergedEdit {
  const type = typeOfInput(registry, patch, inputPath)
  if (type.name !== stored.row.typeName) {
    throw invalid(
      'config',
      [...inputPath, patch.inputKey],
      'The connector is of another type, which cannot be changed.',
    )
  }
  const storedPaths = new Set(Object.keys(stored.secretVersion?.digests ?? {}))
  const merged = applyPatch(type.form, stored.row.config, storedPaths, patch.value)
  if (!merged.ok) throw new ValidationError(toInputIssues(merged.issues, [...inputPath, patch.inputKey]))
  assertStorable(patch.value, [...inputPath, patch.inputKey])
  const keptSecretPaths = new Set(merged.keptSecretPaths)
  if (keptSecretPaths.size > 0) {
    const changed = changedDestinations(type.form, stored.row.config, merged.config)
    if (changed.length > 0) {
      const kept = secretFields(type.form, merged.config).filter(field => keptSecretPaths.has(field.secretPath))
      throw new SecretReentryRequiredError(
        changed,
        kept.map(field => field.path),
      )
    }
  }
  return {
    type,
    config: merged.config,
    newSecrets: merged.newSecrets,
    keptSecretPaths,
    secretsTouched: Object.keys(merged.newSecrets).length > 0 || keptSecretPaths.size < storedPaths.size,
  }
}

/** Every secret value of a saved connector. Throws `SecretStoreError`. */
export async function readSecrets(
  secretVersions: SecretVersions,
  workspace: WorkspaceScope,
  { row }: StoredConnector,
  reading: SecretReading,
): Promise<SecretValues> {
  return secretVersions.readOf(workspace, row, reading)
}

/** The secret values of an edit; reads the store only when a stored one is kept. Throws `SecretStoreError`. */
export async function readEditSecrets(
  secretVersions: SecretVersions,
  workspace: WorkspaceScope,
  stored: StoredConnector,
  { newSecrets, keptSecretPaths }: Pick<MergedEdit, 'newSecrets' | 'keptSecretPaths'>,
  reading: SecretReading,
): Promise<SecretValues> {
  if (keptSecretPaths.size === 0) return newSecrets
  const values = await readSecrets(secretVersions, workspace, stored, reading)
  const kept: Record<string, string> = {}
  for (const path of keptSecretPaths) {
    const value = values[path]
    if (value === undefined) throw new SecretStoreError(stored.secretVersion?.store ?? 'SEALED', 'MISSING')
    kept[path] = value
  }
  return { ...kept, ...newSecrets }
}

/** Digests of the secret values of an edit; asks no store. */
export async function editDigests(
  secretVersions: SecretVersions,
  workspace: WorkspaceScope,
  { secretVersion }: StoredConnector,
  { newSecrets, keptSecretPaths }: MergedEdit,
): Promise<SecretDigests> {
  const kept = Object.entries(secretVersion?.digests ?? {}).filter(([path]) => keptSecretPaths.has(path))
  return { ...Object.fromEntries(kept), ...(await secretVersions.digests(workspace, newSecrets)) }
}

/** What a test's result speaks of: equal for equal type, type version, configuration and secret values. */
export function fingerprint(
  digester: Digester,
  workspace: WorkspaceScope,
  type: Pick<ConnectorType, 'name' | 'version'>,
  config: JsonObject,
  secretDigests: SecretDigests,
): Promise<string> {
  return digester.digest(workspace.id, 'connector-fingerprint', {
    type: type.name,
    typeVersion: type.version,
    config,
    secretDigests,
  })
}

/** The refusal to give a client whose request needed the secret store. Rethrows what is not the store's. */
export function secretStoreRefusal(error: unknown): SecretStoreFailedError {
  return new SecretStoreFailedError(secretStoreProblem(error))
}

/** What the secret store has refused, in the shape of all problems. Rethrows what is not the store's. */
export function secretStoreProblem(error: unknown): Problem {
  if (!(error instanceof SecretStoreError)) throw error
  const params = { reason: secretStoreFaults[error.fault].words, fault: error.fault }
  return error.reason === 'UNAVAILABLE'
    ? problem('SECRET_STORE_UNAVAILABLE', { params })
    : problem('SECRET_UNREADABLE', { params })
}

/** Issues of a form as issues of the input that holds it at `inputPath`. */
export function toInputIssues(
  issues: readonly {
    readonly path: string
    readonly segments: readonly (string | number)[]
    readonly message: string
    readonly remedies?: readonly Remedy[]
  }[],
  inputPath: readonly string[],
): readonly InputIssue[] {
  return issues.map(({ path, segments, message, remedies = [] }) => ({
    path,
    inputPath: [...inputPath, ...segments.map(String)],
    message,
    remedies,
  }))
}

/** The type that an input names by its input key. Throws `ValidationError`. */
export function typeOfInput(
  registry: ConnectorRegistry,
  input: ConfigInput,
  inputPath: readonly string[],
): ConnectorType {
  return usableType(registry, input, { path: 'config', inputPath: [...inputPath, input.inputKey] })
}

const invalid = (path: string, inputPath: readonly string[], message: string) =>
  new ValidationError([{ path, inputPath, message }])
