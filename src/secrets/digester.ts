/**
 * Keyed hashes (HMAC-SHA-256 under the workspace's DIGESTS key): equal inputs are recognised, and without the key
 * nothing can be learnt from a hash, however short the secret behind it.
 */
export interface Digester {
  /** `context` keeps hashes of different kinds apart; `data` is hashed as canonical JSON. Returns base64url. */
  digest(workspaceId: string, context: string, data: unknown): Promise<string>
}
