/** How Patchbay reaches Vault, or OpenBao. `{workspace}` in a name or path stands for the id of the workspace. */
export interface VaultSettings {
  /** Origin of the API, such as `https://vault.internal:8200`. */
  readonly address: string
  /** Origins of the cluster's servers, to which a standby may redirect; the address is always among them. */
  readonly clusterAddresses: readonly string[]
  /** `X-Vault-Namespace`; null for the root namespace. May hold `{workspace}`. */
  readonly namespace: string | null
  /** Where the KV version 2 engine is mounted. */
  readonly kvMount: string
  /** First part of every path within it. */
  readonly kvPrefix: string
  /** File of PEM certificates that its certificate is verified by; null for the well-known authorities. */
  readonly caFile: string | null
  readonly signIn: VaultSignIn
}

/** How a workspace's token is got. Files are read anew for every sign-in. */
export type VaultSignIn =
  | {
      readonly method: 'kubernetes'
      readonly mount: string
      /** Has `{workspace}`: a role for each, so that a token opens one workspace only. */
      readonly role: string
      /** Of the projected service-account token. */
      readonly jwtFile: string
    }
  /** JSON with `role_id` and `secret_id`; with `{workspace}` in the path one for each workspace. */
  | { readonly method: 'approle'; readonly mount: string; readonly file: string }
  /** The token itself; with `{workspace}` in the path one for each workspace. */
  | { readonly method: 'token'; readonly file: string }

/** What stands for the id of a workspace in names and paths. */
export const workspacePlaceholder = '{workspace}'

/** Files that only Patchbay may read; where each workspace has its own, the folder they lie in. */
export function vaultFilesOf(settings: VaultSettings | null): readonly string[] {
  if (settings === null) return []
  const { signIn } = settings
  const file = signIn.method === 'kubernetes' ? signIn.jwtFile : signIn.file
  const [before = ''] = file.split(workspacePlaceholder)
  return [before === file ? file : before.slice(0, before.lastIndexOf('/'))]
}
