import { isDeepStrictEqual } from 'node:util'
import type { JsonObject } from '../connectors/json.ts'
import type { VaultAnswer, VaultClient } from '../secrets/vault/vault-client.ts'
import { errorsOf } from '../secrets/vault/vault-faults.ts'
import type { VaultObject, WorkspaceProvision } from './provision-workspace.ts'

export type ProvisionOutcome = 'created' | 'changed' | 'unchanged'

/** Vault would not let it be done. The message is for the operator. */
export class ProvisionError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'ProvisionError'
  }
}

/**
 * Writes what is not in Vault as it should be, with the operator's token. Throws `ProvisionError`, and
 * `SecretStoreError` when Vault cannot be used.
 */
export async function applyObject(
  client: Pick<VaultClient, 'send'>,
  token: string,
  { workspaceId, namespace }: WorkspaceProvision,
  object: VaultObject,
): Promise<ProvisionOutcome> {
  const { path, body } = object
  const found = await client.send({ method: 'GET', path, namespace, token, repeatable: true })
  const current =
    found.status === 404 && errorsOf(found.body).length === 0 ? null : dataOf(found, 'read', object, namespace)
  if (current !== null) {
    assertOfSameWorkspace(workspaceId, object, current)
    if (Object.entries(body).every(([name, value]) => isDeepStrictEqual(current[name], value))) return 'unchanged'
  }
  const written = await client.send({ method: 'POST', path, namespace, token, body, repeatable: true })
  if (written.status >= 300) throw refusal(written, 'write', object, namespace)
  return current === null ? 'created' : 'changed'
}

function dataOf(answer: VaultAnswer, action: string, object: VaultObject, namespace: string | null): JsonObject {
  const data = answer.body?.['data']
  if (answer.status >= 300) throw refusal(answer, action, object, namespace)
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw new ProvisionError(`Vault answered nothing about the ${object.kind} ${object.name}.`)
  }
  // An array it is not, which the compiler does not see of a readonly one.
  return data as JsonObject
}

function refusal(
  { status, body }: VaultAnswer,
  action: string,
  { kind, path }: VaultObject,
  namespace: string | null,
): ProvisionError {
  if (status === 403) return new ProvisionError(`Your token may not ${action} ${path}, or has expired.`)
  if (status === 404) {
    const where = namespace === null ? '' : ` in the namespace ${namespace}, if there is one`
    const question = kind === 'role' ? 'Is the auth method enabled?' : 'VAULT_NAMESPACE may be another.'
    return new ProvisionError(`Vault has nothing that could hold ${path}${where}. ${question}`)
  }
  // Nothing in a policy or role is secret, so Vault's own words may be repeated.
  const words = errorsOf(body).join(' ').replace(/\s+/g, ' ').slice(0, 300)
  return new ProvisionError(`Vault does not take the ${kind} ${path}: ${words === '' ? `HTTP ${status}` : words}.`)
}

/** In names of policies and roles Vault does not tell upper and lower case, in paths of secrets it does. */
function assertOfSameWorkspace(workspaceId: string, { kind, name }: VaultObject, current: JsonObject): void {
  if (kind !== 'policy') return
  for (const [, other] of String(current['policy']).matchAll(/\/([\w-]+)\/connectors\/\*"/g)) {
    if (other !== undefined && other !== workspaceId && other.toLowerCase() === workspaceId.toLowerCase()) {
      throw new ProvisionError(
        `The policy ${name} is the one of the workspace ${other}: Vault does not tell its name from that of ${workspaceId}.`,
      )
    }
  }
}
