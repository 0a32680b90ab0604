import { readCredentialFile, unusable } from './credential-file.ts'
import type { VaultSignIn } from './settings.ts'
import { namespaceOf, refused, type SignIn, signedInBy } from './signed-in.ts'
import type { VaultClient } from './vault-client.ts'
import { errorsOf } from './vault-faults.ts'
import { inWorkspace } from './workspace-name.ts'

const jwtFile = { what: 'service-account token', maxBytes: 16 * 1024, mayBeShared: true } as const
const jwtShape = /^[\w-]+\.[\w-]+\.[\w-]+$/

/** By the pod's projected service-account token, which Kubernetes replaces every few minutes, for the workspace's role. */
export function signInByKubernetes(
  settings: VaultSignIn & { readonly method: 'kubernetes' },
  namespace: string | null,
  client: VaultClient,
): SignIn {
  return async workspaceId => {
    const role = inWorkspace(settings.role, workspaceId)
    const mount = `auth/${inWorkspace(settings.mount, workspaceId)}`
    const file = inWorkspace(settings.jwtFile, workspaceId)
    const jwt = await readCredentialFile(file, jwtFile)
    if (!jwtShape.test(jwt)) throw unusable(file, jwtFile, 'is no JSON Web Token')
    const answer = await client.send({
      method: 'POST',
      path: `${mount}/login`,
      namespace: namespaceOf(namespace, workspaceId),
      token: null,
      body: { role, jwt },
      repeatable: true,
    })
    if (answer.status < 300) return signedInBy(answer)
    if (answer.status === 400 && errorsOf(answer.body).some(each => each.includes('invalid role name'))) {
      throw refused(
        `Vault knows no role "${role}" at ${mount}. Run "npm run vault:provision -- --workspace ${workspaceId}".`,
      )
    }
    if (answer.status === 404) throw refused(`Vault has no auth method at ${mount}. Check VAULT_AUTH_MOUNT.`)
    if (answer.status === 400) throw refused(`Vault takes no sign-in for the role "${role}" at ${mount}.`)
    throw refused(
      `Vault refuses the service-account token in ${file} for the role "${role}" at ${mount}: it has expired, or its audience, service account or namespace is not the role's, or nothing is mounted there.`,
    )
  }
}
