import type { JsonValue } from '../connectors/json.ts'
import type { VaultSettings } from '../secrets/vault/settings.ts'
import { inWorkspace } from '../secrets/vault/workspace-name.ts'
import type { VaultObject, WorkspaceProvision } from './provision-workspace.ts'

/** The same as a shell script for Vault's own tool, for whoever does it by hand or keeps it elsewhere. */
export function provisionCommands(settings: VaultSettings, provision: WorkspaceProvision): readonly string[] {
  const { workspaceId, namespace, objects } = provision
  const flag = namespace === null ? [] : [`-namespace=${quoted(namespace)}`]
  return [
    `# Workspace ${workspaceId}`,
    ...objects.flatMap(each => commandOf(each, flag)),
    ...next(settings, provision, flag),
  ]
}

function commandOf({ kind, name, path, body }: VaultObject, flag: readonly string[]): readonly string[] {
  if (kind === 'policy') {
    return [line('vault policy write', flag, name, "- <<'EOF'"), ...String(body['policy']).trimEnd().split('\n'), 'EOF']
  }
  const fields = Object.entries(body).map(([field, value]) => `${field}=${quoted(argumentOf(value))}`)
  return [[line('vault write', flag, path), ...fields].join(' \\\n  ')]
}

/** What is left to do, for which there are secrets that Patchbay's own commands never see. */
function next({ signIn }: VaultSettings, { workspaceId, objects }: WorkspaceProvision, flag: readonly string[]) {
  if (signIn.method === 'kubernetes') return []
  const file = inWorkspace(signIn.file, workspaceId)
  const isShared = file === signIn.file
  const role = objects.find(each => each.kind === 'role')
  const shared = isShared
    ? [`# The file is the same for every workspace: what it signs in as needs the policies of all of them.`]
    : []
  if (!role) {
    const name = objects.map(each => each.name).join()
    const token = line('vault token create', flag, `-policy=${name}`, '-no-default-policy', '-orphan', '-field=token')
    return [`# A token for ${file} (mode 600), to be renewed or replaced by whoever made it:`, token, ...shared]
  }
  return [
    `# For ${file} (mode 600), as {"role_id": "…", "secret_id": "…"}:`,
    line('vault read', flag, '-field=role_id', `${role.path}/role-id`),
    line('vault write', flag, '-f', '-field=secret_id', `${role.path}/secret-id`),
    ...shared,
  ]
}

const line = (command: string, flag: readonly string[], ...rest: readonly string[]) =>
  [command, ...flag, ...rest].join(' ')

const argumentOf = (value: JsonValue): string => (Array.isArray(value) ? value.join(',') : String(value))

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}
