import { randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SecretAddress, SecretStore } from '../../src/secrets/secret-store.ts'
import type { VaultSettings, VaultSignIn } from '../../src/secrets/vault/settings.ts'
import { openVaultStore } from '../../src/secrets/vault/vault-store.ts'
import { provision } from './openbao-provision.ts'
import { type OpenBaoScene, type Place, serviceAccount, usualPlace } from './openbao-scene.ts'

export const signInMethods = ['kubernetes', 'approle', 'token'] as const
export type SignInMethod = VaultSignIn['method']

/**
 * Settings of Patchbay for a place of a scene. The workspaces are provisioned for this way of signing in, which the
 * policy depends on, and have the files that it needs.
 */
export async function settingsFor(
  scene: OpenBaoScene,
  method: SignInMethod = 'kubernetes',
  place: Place = usualPlace,
  workspaceIds: readonly string[] = ['w1', 'w2'],
): Promise<VaultSettings> {
  const { bao } = scene
  const { namespace, kvMount } = place
  const file = join(bao.directory, `${randomUUID()}-{workspace}`)
  const signIn: VaultSignIn = {
    kubernetes: { method: 'kubernetes', mount: place.kubernetesMount, role: 'ws-{workspace}', jwtFile: file } as const,
    approle: { method: 'approle', mount: place.appRoleMount, file } as const,
    token: { method: 'token', file } as const,
  }[method]
  const settings: VaultSettings = {
    address: bao.address,
    clusterAddresses: [bao.address],
    namespace,
    kvMount,
    kvPrefix: 'workspaces',
    caFile: bao.authorityFile,
    signIn,
  }
  await provision(scene, settings, ...workspaceIds)
  for (const id of workspaceIds) await writeCredential(scene, settings, id, place)
  return settings
}

/** The same as the variables of a server. */
export function environmentOf(settings: VaultSettings): Readonly<Record<string, string>> {
  const { address, namespace, kvMount, caFile, signIn } = settings
  return {
    SECRET_STORE: 'vault',
    VAULT_ADDR: address,
    VAULT_CACERT: caFile ?? '',
    VAULT_KV_MOUNT: kvMount,
    VAULT_AUTH: signIn.method,
    ...(namespace !== null && { VAULT_NAMESPACE: namespace }),
    ...(signIn.method !== 'token' && { VAULT_AUTH_MOUNT: signIn.mount }),
    ...(signIn.method === 'kubernetes' && { VAULT_JWT_FILE: signIn.jwtFile }),
    ...(signIn.method === 'approle' && { VAULT_APPROLE_FILE: signIn.file }),
    ...(signIn.method === 'token' && { VAULT_TOKEN_FILE: signIn.file }),
  }
}

/** Writes what a workspace signs in with, made anew. */
export async function writeCredential(
  scene: OpenBaoScene,
  { signIn }: VaultSettings,
  workspaceId: string,
  place: Place = usualPlace,
): Promise<void> {
  const name = `ws-${workspaceId}`
  const credential = await {
    kubernetes: async () => scene.cluster.tokens.issue(serviceAccount),
    approle: async () => JSON.stringify(await scene.appRoleOf(name, place)),
    token: () => scene.tokenOf(name, place),
  }[signIn.method]()
  await writeFile(credentialFileOf(signIn, workspaceId), credential, { mode: 0o600 })
}

export const credentialFileOf = (signIn: VaultSignIn, workspaceId: string): string =>
  (signIn.method === 'kubernetes' ? signIn.jwtFile : signIn.file).replace('{workspace}', workspaceId)

/** What the store wrote into the log. */
export interface LoggedStore {
  readonly store: SecretStore
  readonly log: string[]
}

export async function openStore(settings: VaultSettings): Promise<LoggedStore> {
  const log: string[] = []
  const note = (fields: object, message: string) => void log.push(`${message} ${JSON.stringify(fields)}`)
  return { store: await openVaultStore(settings, { info: note, warn: note }), log }
}

export const newAddress = (workspaceId = 'w1', connectorId: string = randomUUID()): SecretAddress => ({
  workspaceId,
  connectorId,
  versionId: randomUUID(),
})
