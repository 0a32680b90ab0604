import { z } from 'zod'
import { readCredentialFile, unusable } from './credential-file.ts'
import type { VaultSignIn } from './settings.ts'
import { namespaceOf, refused, type SignIn, signedInBy } from './signed-in.ts'
import type { VaultClient } from './vault-client.ts'
import { inWorkspace } from './workspace-name.ts'

const appRoleFile = { what: 'role id and secret id', maxBytes: 16 * 1024, mayBeShared: false } as const
const id = z.string().min(1).max(4096)
const appRole = z.object({ role_id: id, secret_id: id })

/** By a role id and secret id, for where there is no Kubernetes. */
export function signInByAppRole(
  settings: VaultSignIn & { readonly method: 'approle' },
  namespace: string | null,
  client: VaultClient,
): SignIn {
  return async workspaceId => {
    const mount = `auth/${inWorkspace(settings.mount, workspaceId)}`
    const file = inWorkspace(settings.file, workspaceId)
    const answer = await client.send({
      method: 'POST',
      path: `${mount}/login`,
      namespace: namespaceOf(namespace, workspaceId),
      token: null,
      body: parse(await readCredentialFile(file, appRoleFile), file),
      repeatable: true,
    })
    if (answer.status < 300) return signedInBy(answer)
    throw refused(
      `Vault refuses the role id and secret id in ${file} at ${mount}. Make a new secret id if it has expired or been used up, and check VAULT_AUTH_MOUNT.`,
    )
  }
}

function parse(text: string, file: string): { role_id: string; secret_id: string } {
  try {
    return appRole.parse(JSON.parse(text))
  } catch {
    // Either error could quote the file.
    throw unusable(file, appRoleFile, 'must be JSON such as {"role_id": "…", "secret_id": "…"}')
  }
}
