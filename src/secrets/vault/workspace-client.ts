import type { SecretStoreLogger } from '../open-secret-stores.ts'
import { SecretStoreError } from '../secret-store.ts'
import type { Lease } from './lease.ts'
import { RecentFaults } from './recent-faults.ts'
import type { VaultSettings } from './settings.ts'
import { createSignIn } from './sign-in.ts'
import { namespaceOf } from './signed-in.ts'
import type { VaultAnswer, VaultClient, VaultRequest } from './vault-client.ts'
import { vaultLimits } from './vault-limits.ts'
import { withinTime } from './within-time.ts'
import { assertWorkspaceId } from './workspace-name.ts'
import { WorkspaceTokens } from './workspace-tokens.ts'

const late = () => new SecretStoreError('VAULT', 'TIMED_OUT')

/** What the workspace client adds to is left out. */
export type WorkspaceRequest = Omit<VaultRequest, 'token' | 'namespace'>

/** Sends requests with the token of the workspace that they are about, which it gets, keeps in memory and gives back. */
export interface WorkspaceClient {
  /**
   * Throws `SecretStoreError` within 10 s: also SIGN_IN_REFUSED, and FORBIDDEN when a fresh token is refused too. Never
   * answers 403. Throws `TypeError` for what is no id of a workspace.
   */
  send(workspaceId: string, request: WorkspaceRequest): Promise<VaultAnswer>
  /** Gives every token back. Best effort, 2 s; never throws. */
  close(): Promise<void>
}

export interface WorkspaceClientOptions {
  readonly settings: VaultSettings
  readonly client: VaultClient
  readonly logger: SecretStoreLogger
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number
  /** How many workspaces have a token at once; the one longest unused is given back for the next. */
  readonly maxTokens?: number
}

export function createWorkspaceClient(options: WorkspaceClientOptions): WorkspaceClient {
  const { settings, client, logger, now = () => performance.now(), maxTokens = 1000 } = options
  const inNamespace = (workspaceId: string) => namespaceOf(settings.namespace, workspaceId)
  const forbidden = new RecentFaults(now)
  const tokens = new WorkspaceTokens({
    signIn: createSignIn(settings, client),
    revoke: (workspaceId, token) =>
      client.send({
        method: 'POST',
        path: 'auth/token/revoke-self',
        namespace: inNamespace(workspaceId),
        token,
        repeatable: true,
      }),
    now,
    maxTokens,
    logger,
    method: settings.signIn.method,
  })

  const sendWith = async (lease: Lease, workspaceId: string, request: WorkspaceRequest) => {
    // What was given up while a sign-in went on is not sent after all.
    request.signal?.throwIfAborted()
    const answer = await lease.use(token => client.send({ ...request, namespace: inNamespace(workspaceId), token }))
    if (answer.status !== 403) lease.isUnproven = false
    return answer
  }

  const answerTo = async (workspaceId: string, request: WorkspaceRequest) => {
    // A policy without the right to list must not stop the reading.
    const kind = `${request.method} ${workspaceId}`
    forbidden.assertNone(kind)
    let lease = await tokens.of(workspaceId)
    let answer = await sendWith(lease, workspaceId, request)
    if (answer.status !== 403) return answer
    // Another request may have found out meanwhile.
    forbidden.assertNone(kind)
    if (!lease.isUnproven) {
      lease = await tokens.replace(workspaceId, lease)
      answer = await sendWith(lease, workspaceId, request)
      if (answer.status !== 403) return answer
    }
    // Whoever asks when this is forgotten may try once more with another token.
    lease.isUnproven = false
    const error = new SecretStoreError(
      'VAULT',
      'FORBIDDEN',
      `Vault does not allow ${request.method} to a fresh token of the workspace ${workspaceId}. Compare its policy with what "npm run vault:provision -- --workspace ${workspaceId}" prints.`,
    )
    forbidden.remember(kind, error)
    throw error
  }

  return {
    async send(workspaceId, request) {
      assertWorkspaceId(workspaceId)
      const work = (signal: AbortSignal) => answerTo(workspaceId, { ...request, signal })
      // Two sign-ins and two requests, each within its own bounds, could take longer than a secret store may.
      return withinTime(vaultLimits.operationMs, late, work, request.signal)
    },
    close: () => tokens.close(),
  }
}
