import type { Writer } from '../db/database.ts'
import type { IdempotencyStore } from '../db/idempotency-store.ts'
import type { Digester } from '../secrets/digester.ts'
import { IdempotencyKeyReusedError } from './errors.ts'
import type { Viewer } from './viewer.ts'

export const idempotencyRetentionMs = 24 * 60 * 60 * 1000

/** One create request, which may carry an idempotency key. */
export interface IdempotentRequest {
  /**
   * The id of what the first request with this key made, null when this is the first one or has no key.
   * Throws `IdempotencyKeyReusedError` when the first one had another input.
   */
  earlierResultId(): Promise<string | null>
  /** To be called in the transaction that makes the thing: of several requests at once, one gets through. */
  record(tx: Writer, resultId: string): Promise<void>
}

/** `input` holds secrets only as keyed digests; its own digest is keyed too. */
export async function idempotentRequest(
  dependencies: { readonly store: IdempotencyStore; readonly digester: Digester },
  viewer: Viewer,
  operation: string,
  key: string | null | undefined,
  input: unknown,
): Promise<IdempotentRequest> {
  if (key == null) return { earlierResultId: async () => null, record: async () => undefined }
  const { store, digester } = dependencies
  const identity = { workspace: viewer.workspace, viewerId: viewer.id, operation, key }
  const requestHash = await digester.digest(viewer.workspace.id, `idempotency:${operation}`, input)
  const now = new Date()
  const expiredBefore = new Date(now.getTime() - idempotencyRetentionMs)
  return {
    async earlierResultId() {
      const earlier = await store.find(identity)
      if (earlier === null || earlier.createdAt < expiredBefore) return null
      if (earlier.requestHash !== requestHash) throw new IdempotencyKeyReusedError('idempotencyKey')
      return earlier.resultId
    },
    record: (tx, resultId) => store.record(tx, identity, { requestHash, resultId, createdAt: now }, expiredBefore),
  }
}
