import { z } from 'zod'
import { SecretStoreError } from '../secret-store.ts'
import { readCredentialFile, unusable } from './credential-file.ts'
import type { VaultSignIn } from './settings.ts'
import { namespaceOf, refused, type SignIn, tokenText } from './signed-in.ts'
import type { VaultClient } from './vault-client.ts'
import { inWorkspace } from './workspace-name.ts'

const tokenFile = { what: 'Vault token', maxBytes: 8 * 1024, mayBeShared: false } as const
const lookup = z.object({ data: z.object({ ttl: z.number().min(0) }) })

/** By a token that somebody else, such as Vault Agent, keeps fresh in a file. */
export function signInByTokenFile(
  settings: VaultSignIn & { readonly method: 'token' },
  namespace: string | null,
  client: VaultClient,
): SignIn {
  return async workspaceId => {
    const file = inWorkspace(settings.file, workspaceId)
    const token = await readCredentialFile(file, tokenFile)
    if (!tokenText.safeParse(token).success) throw unusable(file, tokenFile, 'is empty or not one word')
    const answer = await client.send({
      method: 'GET',
      path: 'auth/token/lookup-self',
      namespace: namespaceOf(namespace, workspaceId),
      token,
      repeatable: true,
    })
    if (answer.status >= 300) throw refused(`Vault refuses the token in ${file}: it has expired or been revoked.`)
    const parsed = lookup.safeParse(answer.body)
    if (!parsed.success) throw new SecretStoreError('VAULT', 'FAILED', 'Vault says nothing about its token.')
    return { token, leaseSeconds: parsed.data.data.ttl, isOwn: false }
  }
}
