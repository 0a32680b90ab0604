import type { SecretStoreLogger } from '../open-secret-stores.ts'
import type { VaultSettings } from './settings.ts'
import type { VaultAnswer, VaultClient, VaultRequest } from './vault-client.ts'

/** Sends requests with the token of the workspace that they are about, which it gets, keeps in memory and gives back. */
export interface WorkspaceClient {
  /** Throws `SecretStoreError`: also SIGN_IN_REFUSED, and FORBIDDEN when a fresh token is refused too. Never answers 403. */
  send(workspaceId: string, request: Omit<VaultRequest, 'token' | 'namespace'>): Promise<VaultAnswer>
  /** Gives every token back. Best effort, 2 s; never throws. */
  close(): Promise<void>
}

export interface WorkspaceClientOptions {
  readonly settings: VaultSettings
  readonly client: VaultClient
  readonly logger: SecretStoreLogger
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number
}

export function createWorkspaceClient(_options: WorkspaceClientOptions): WorkspaceClient {
  throw new Error('Not yet.')
}
