import { z } from 'zod'
import { SecretStoreError } from '../secret-store.ts'
import type { VaultAnswer } from './vault-client.ts'
import { inWorkspace } from './workspace-name.ts'

/** A token that Vault has just given, or confirmed. */
export interface SignedIn {
  readonly token: string
  /** How long it is valid, counted from before it was asked for; 0 when it never expires. */
  readonly leaseSeconds: number
  /** Whether it was made for Patchbay, which then revokes it; what an operator put into a file is theirs. */
  readonly isOwn: boolean
}

/** Gets a token for one workspace. Throws `SecretStoreError`: SIGN_IN_REFUSED has words for the operator. */
export type SignIn = (workspaceId: string) => Promise<SignedIn>

/** What can stand in a header. */
export const tokenText = z.string().regex(/^[\x21-\x7e]{1,8192}$/)

const loginAnswer = z.object({ auth: z.object({ client_token: tokenText, lease_duration: z.number().min(0) }) })

/** Of the answer to an auth method's `login`. Throws `SecretStoreError` when there is no token in it. */
export function signedInBy({ body }: VaultAnswer): SignedIn {
  const parsed = loginAnswer.safeParse(body)
  if (!parsed.success) throw new SecretStoreError('VAULT', 'FAILED', 'Vault answered a sign-in without a token.')
  const { client_token: token, lease_duration: leaseSeconds } = parsed.data.auth
  return { token, leaseSeconds, isOwn: true }
}

export function refused(message: string): SecretStoreError {
  return new SecretStoreError('VAULT', 'SIGN_IN_REFUSED', message)
}

export function namespaceOf(namespace: string | null, workspaceId: string): string | null {
  return namespace === null ? null : inWorkspace(namespace, workspaceId)
}
