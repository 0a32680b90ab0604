import type { JsonObject } from '../connectors/json.ts'
import type { VaultSettings } from '../secrets/vault/settings.ts'
import { inWorkspace } from '../secrets/vault/workspace-name.ts'

/** Which pods may sign in to a workspace's role. */
export interface ServiceAccount {
  readonly name: string
  readonly namespace: string
  readonly audience: string
}

/** Something that has to be in Vault with at least these members. */
export interface VaultObject {
  readonly kind: 'policy' | 'role'
  readonly name: string
  /** After `/v1/`. */
  readonly path: string
  readonly body: JsonObject
}

/** What lets Patchbay keep the secrets of one workspace in Vault. */
export interface WorkspaceProvision {
  readonly workspaceId: string
  readonly namespace: string | null
  /** In the order in which they are to be written. */
  readonly objects: readonly VaultObject[]
}

/** Throws `TypeError` for what is no id of a workspace. Asks nobody. */
export function provisionOf(
  settings: VaultSettings,
  workspaceId: string,
  serviceAccount: ServiceAccount,
): WorkspaceProvision {
  const { namespace, signIn } = settings
  // Policies share the name of the role, which the other ways of signing in do not say.
  const name = inWorkspace(signIn.method === 'kubernetes' ? signIn.role : 'ws-{workspace}', workspaceId)
  const policy: VaultObject = {
    kind: 'policy',
    name,
    path: `sys/policies/acl/${name}`,
    body: { policy: policyOf(settings, workspaceId) },
  }
  return {
    workspaceId,
    namespace: namespace === null ? null : inWorkspace(namespace, workspaceId),
    objects: signIn.method === 'token' ? [policy] : [policy, roleOf(signIn, name, workspaceId, serviceAccount)],
  }
}

function policyOf({ kvMount, kvPrefix, signIn }: VaultSettings, workspaceId: string): string {
  const mount = inWorkspace(kvMount, workspaceId)
  const below = `${inWorkspace(kvPrefix, workspaceId)}/${workspaceId}/connectors/*`
  const rules: readonly (readonly [path: string, ...capabilities: string[]])[] = [
    // Writing again what may be there already needs "update"; nothing is written over, for every write has cas=0.
    [`${mount}/data/${below}`, 'create', 'read', 'update'],
    [`${mount}/destroy/${below}`, 'update'],
    [`${mount}/metadata/${below}`, 'list', 'delete'],
    // A token that somebody else has made is looked at, and never revoked.
    signIn.method === 'token' ? ['auth/token/lookup-self', 'read'] : ['auth/token/revoke-self', 'update'],
  ]
  const width = Math.max(...rules.map(([path]) => path.length)) + 2
  return rules
    .map(([path, ...capabilities]) => {
      const granted = capabilities.map(each => `"${each}"`).join(', ')
      return `path ${`"${path}"`.padEnd(width)} { capabilities = [${granted}] }\n`
    })
    .join('')
}

function roleOf(
  signIn: { readonly method: 'kubernetes' | 'approle'; readonly mount: string },
  name: string,
  workspaceId: string,
  { name: account, namespace, audience }: ServiceAccount,
): VaultObject {
  const bound: JsonObject =
    signIn.method === 'kubernetes'
      ? { bound_service_account_names: [account], bound_service_account_namespaces: [namespace], audience }
      : { bind_secret_id: true }
  return {
    kind: 'role',
    name,
    path: `auth/${inWorkspace(signIn.mount, workspaceId)}/role/${name}`,
    body: {
      ...bound,
      token_policies: [name],
      token_no_default_policy: true,
      token_ttl: 3600,
      token_max_ttl: 3600,
      token_explicit_max_ttl: 3600,
      token_type: 'service',
    },
  }
}
