import type { VaultSettings } from './settings.ts'
import { signInByAppRole } from './sign-in-approle.ts'
import { signInByKubernetes } from './sign-in-kubernetes.ts'
import { signInByTokenFile } from './sign-in-token-file.ts'
import type { SignIn } from './signed-in.ts'
import type { VaultClient } from './vault-client.ts'

/** The way of signing in that is set up. */
export function createSignIn(settings: VaultSettings, client: VaultClient): SignIn {
  const { signIn, namespace } = settings
  switch (signIn.method) {
    case 'kubernetes':
      return signInByKubernetes(signIn, namespace, client)
    case 'approle':
      return signInByAppRole(signIn, namespace, client)
    case 'token':
      return signInByTokenFile(signIn, namespace, client)
  }
}
