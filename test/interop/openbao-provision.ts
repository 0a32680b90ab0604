import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Admin, CommandResult } from '../../src/admin/command.ts'
import { vaultProvision } from '../../src/admin/vault-provision.ts'
import type { VaultSettings } from '../../src/secrets/vault/settings.ts'
import { type OpenBaoScene, serviceAccount } from './openbao-scene.ts'

/** The operator's file, as `bao login` leaves it. */
export async function operatorTokenFile({ bao }: OpenBaoScene): Promise<string> {
  const file = join(bao.directory, 'operator.token')
  await writeFile(file, bao.rootToken, { mode: 0o600 })
  return file
}

/** What the command has to be told beside the settings of the server. */
export const accountOptions = {
  'service-account': serviceAccount.name,
  'service-account-namespace': serviceAccount.namespace,
} as const

/** `vault:provision --apply`, with the operator's token. */
export async function provision(
  scene: OpenBaoScene,
  vault: VaultSettings,
  ...workspace: readonly string[]
): Promise<CommandResult> {
  const neverOpened = async () => {
    throw new Error('This command needs no database.')
  }
  const admin: Admin = {
    settings: { secretStore: 'vault', vault },
    signal: new AbortController().signal,
    progress: () => {},
    openDatabase: neverOpened,
    openKeys: neverOpened,
    openSecrets: neverOpened,
  }
  const file = await operatorTokenFile(scene)
  const options = { workspace: [...workspace], apply: true, 'token-file': file, ...accountOptions }
  const result = await vaultProvision.run(admin, options)
  if (result.exitCode !== 0) throw new Error(result.lines.join('\n'))
  return result
}
