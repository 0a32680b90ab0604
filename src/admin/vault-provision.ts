import { homedir } from 'node:os'
import { join } from 'node:path'
import { SecretStoreError } from '../secrets/secret-store.ts'
import { readCredentialFile, unusable } from '../secrets/vault/credential-file.ts'
import type { VaultSettings } from '../secrets/vault/settings.ts'
import { tokenText } from '../secrets/vault/signed-in.ts'
import { openVaultClient, type VaultClient } from '../secrets/vault/vault-client.ts'
import { applyObject, ProvisionError, type ProvisionOutcome } from './apply-provision.ts'
import { type Command, type CommandOptions, type CommandResult, exitCodes, optionText, UsageError } from './command.ts'
import { provisionCommands } from './provision-commands.ts'
import { provisionOf, type ServiceAccount, type VaultObject, type WorkspaceProvision } from './provision-workspace.ts'
import { workspaceMissing, workspaceNamed } from './workspace-option.ts'

const tokenFile = { what: "operator's token", maxBytes: 8 * 1024, mayBeShared: false } as const

/** Its server never holds the right to write policies and roles: this is for somebody who does. */
export const vaultProvision: Command = {
  name: 'vault:provision',
  summary: 'Prints what lets Patchbay keep the secrets of a workspace in Vault, or does it.',
  usage: [
    '--workspace ID                  of this workspace; may be given several times',
    '--apply                         do it, and not only print the commands of the vault tool (or bao)',
    '--token-file FILE               for --apply, your own token; ~/.vault-token, where "vault login" leaves it',
    "--service-account NAME          for Kubernetes, the pod's service account; patchbay",
    '--service-account-namespace NS  and its namespace; patchbay',
    '--audience NAME                 and the audience of its projected token; vault',
    '--json                          one JSON object instead of text',
    '',
    'It may be repeated: what is there already is left as it is. Needs the settings of Vault that the server has.',
    'Ends with 0 when it is done, 1 when something could not be done.',
  ],
  options: {
    workspace: { type: 'string', multiple: true },
    apply: { type: 'boolean' },
    'token-file': { type: 'string' },
    'service-account': { type: 'string' },
    'service-account-namespace': { type: 'string' },
    audience: { type: 'string' },
  },
  async run({ settings: { vault }, signal }, options) {
    if (vault === null) throw new UsageError('VAULT_ADDR is not set: there is no Vault to provision.')
    const account = serviceAccountOf(options)
    const provisions = workspacesOf(options).map(id => provisionOf(vault, id, account))
    assertOwnNames(provisions)
    const file = optionText(options, 'token-file')
    if (options['apply'] === true) return apply(vault, provisions, file ?? join(homedir(), '.vault-token'), signal)
    if (file !== null) throw new UsageError('--token-file needs --apply.')
    return print(vault, provisions)
  },
}

function print(vault: VaultSettings, provisions: readonly WorkspaceProvision[]): CommandResult {
  return {
    exitCode: exitCodes.DONE,
    lines: [
      "# Nothing has been done yet. OpenBao's tool takes the same commands, as bao.",
      ...provisions.flatMap(each => ['', ...provisionCommands(vault, each)]),
    ],
    json: { applied: false, workspaces: provisions },
  }
}

interface AppliedObject extends VaultObject {
  readonly outcome: ProvisionOutcome | 'failed'
  /** Null when nothing is wrong. */
  readonly error: string | null
}

async function apply(
  vault: VaultSettings,
  provisions: readonly WorkspaceProvision[],
  file: string,
  signal: AbortSignal,
): Promise<CommandResult> {
  const client = await openVaultClient(vault)
  try {
    const token = await operatorToken(file)
    const applied: (Omit<WorkspaceProvision, 'objects'> & { objects: AppliedObject[] })[] = []
    for (const provision of provisions) {
      if (signal.aborted) break
      applied.push({ ...provision, objects: await applyAll(client, token, provision) })
    }
    const objects = applied.flatMap(each => each.objects)
    const isDone = applied.length === provisions.length && objects.every(each => each.error === null)
    return {
      exitCode: isDone ? exitCodes.DONE : exitCodes.LEFT,
      lines: objects.map(({ kind, name, outcome, error }) => `${kind} ${name}: ${outcome}${error ? `. ${error}` : ''}`),
      json: { applied: true, workspaces: applied },
    }
  } catch (error) {
    if (!(error instanceof SecretStoreError)) throw error
    return { exitCode: exitCodes.LEFT, lines: [error.message], json: { applied: false, error: error.message } }
  } finally {
    await client.close()
  }
}

/** A role is of no use without its policy, so what comes after a failure is left. */
async function applyAll(client: VaultClient, token: string, provision: WorkspaceProvision): Promise<AppliedObject[]> {
  const applied: AppliedObject[] = []
  for (const object of provision.objects) {
    try {
      applied.push({ ...object, outcome: await applyObject(client, token, provision, object), error: null })
    } catch (error) {
      if (!(error instanceof ProvisionError || error instanceof SecretStoreError)) throw error
      return [...applied, { ...object, outcome: 'failed', error: error.message }]
    }
  }
  return applied
}

async function operatorToken(file: string): Promise<string> {
  const token = await readCredentialFile(file, tokenFile)
  if (!tokenText.safeParse(token).success) throw unusable(file, tokenFile, 'is empty or not one word')
  return token
}

function workspacesOf({ workspace }: CommandOptions): readonly string[] {
  const ids = Array.isArray(workspace) ? workspace.map(String) : []
  if (ids.length === 0) throw new UsageError(workspaceMissing)
  return [...new Set(ids.map(id => workspaceNamed(id).id))]
}

/** Policies that come with Vault: every token has `default`. Vault does not tell upper and lower case in their names. */
const builtIn: ReadonlySet<string> = new Set(['default', 'root', 'response-wrapping', 'control-group'])

function assertOwnNames(provisions: readonly WorkspaceProvision[]): void {
  for (const { name } of provisions.flatMap(each => each.objects)) {
    if (!builtIn.has(name.toLowerCase())) continue
    throw new UsageError(
      `The policy would be "${name}", which is Vault's own. Let VAULT_ROLE be more than {workspace}.`,
    )
  }
}

/** Never a pattern: `*` would let every pod of the cluster in. */
function serviceAccountOf(options: CommandOptions): ServiceAccount {
  const text = (option: string, pattern: RegExp, otherwise: string): string => {
    const value = optionText(options, option) ?? otherwise
    if (!pattern.test(value)) throw new UsageError(`--${option} cannot be ${JSON.stringify(value)}.`)
    return value
  }
  return {
    name: text('service-account', /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/, 'patchbay'),
    namespace: text('service-account-namespace', /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'patchbay'),
    // Vault's tool takes what begins so for a file, or for what it is fed.
    audience: text('audience', /^(?![@-])[\x21-\x7e]{1,200}$/, 'vault'),
  }
}
