import type { settings } from './config-settings.ts'
import { isLoopbackHost } from './loopback-host.ts'
import type { VaultSettings, VaultSignIn } from './secrets/vault/settings.ts'
import { workspacePlaceholder } from './secrets/vault/settings.ts'

type VaultValues = {
  readonly [K in Extract<keyof typeof settings, `vault${string}`>]: ReturnType<(typeof settings)[K]['schema']['parse']>
} & { readonly secretStore: 'sealed' | 'vault' }

/** The settings of Vault put together, with what is wrong about them; null when no Vault is set up. */
export function vaultSettings(
  values: VaultValues,
  production: boolean,
): { readonly vault: VaultSettings | null; readonly mistakes: readonly string[] } {
  const mistakes: string[] = []
  const { vaultAddress: address } = values
  if (address === null) {
    if (values.secretStore === 'vault') mistakes.push('VAULT_ADDR is not set, which SECRET_STORE=vault needs.')
    return { vault: null, mistakes }
  }
  for (const [name, url] of [
    ['VAULT_ADDR', address],
    ...values.vaultClusterAddresses.map(each => ['VAULT_CLUSTER_ADDRS', each] as const),
  ] as const) {
    if (production && url.startsWith('http:') && !isLoopbackHost(new URL(url).hostname.replace(/^\[(.*)\]$/, '$1'))) {
      mistakes.push(`${name} has "${url}" without encryption, which production does not allow.`)
    }
  }
  const signIn = signInOf(values, mistakes)
  if (signIn === null) return { vault: null, mistakes }
  const { vaultNamespace: namespace, vaultKvMount: kvMount, vaultKvPrefix: kvPrefix, vaultCaFile: caFile } = values
  const clusterAddresses = [...new Set([address, ...values.vaultClusterAddresses])]
  return { vault: { address, clusterAddresses, namespace, kvMount, kvPrefix, caFile, signIn }, mistakes }
}

function signInOf(values: VaultValues, mistakes: string[]): VaultSignIn | null {
  const { vaultAuth: method } = values
  const mount = values.vaultAuthMount ?? method
  if (method === 'kubernetes') {
    const { vaultRole: role, vaultJwtFile: jwtFile } = values
    if (!role.includes(workspacePlaceholder)) {
      mistakes.push(`VAULT_ROLE must hold ${workspacePlaceholder}: a role for each workspace, not "${role}".`)
    }
    return { method, mount, role, jwtFile }
  }
  const [name, file] =
    method === 'approle' ? ['VAULT_APPROLE_FILE', values.vaultAppRoleFile] : ['VAULT_TOKEN_FILE', values.vaultTokenFile]
  if (file === null) {
    mistakes.push(`${name} is not set, which VAULT_AUTH=${method} needs.`)
    return null
  }
  return method === 'approle' ? { method, mount, file } : { method, file }
}

/** Variables of Vault's own tools that would weaken what they seem to set, or give a token to every child process. */
export function vaultEnvironmentMistakes(given: (name: string) => string | null): readonly string[] {
  return [
    ...(given('VAULT_SKIP_VERIFY') === null
      ? []
      : [
          'VAULT_SKIP_VERIFY is set, but certificates are always verified. Remove it, and give VAULT_CACERT if needed.',
        ]),
    ...(given('VAULT_TOKEN') === null
      ? []
      : ['VAULT_TOKEN is set, but a token does not belong into the environment. Give its file as VAULT_TOKEN_FILE.']),
  ]
}
