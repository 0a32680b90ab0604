/** What one request may take. */
export interface VaultLimits {
  /** For a connection, TLS included. */
  readonly connectMs: number
  /** For one attempt, from its beginning to the last byte of the answer. */
  readonly attemptMs: number
  /** For a request with everything that is tried again. */
  readonly operationMs: number
  /** For asking `sys/health`: readiness must not hang on a server that does. */
  readonly healthMs: number
  /** How long an answer of `sys/health` holds. */
  readonly healthHoldsMs: number
  /** How long the breaker keeps requests away. */
  readonly openMs: number
  /** How many faults in a row open the breaker. */
  readonly faultsInARow: number
  /** Requests under way at once; more are refused. */
  readonly maxPending: number
  readonly maxAnswerBytes: number
  /** A list has no pages in Vault: 40 bytes for each of a workspace's connectors. */
  readonly maxListBytes: number
}

export const vaultLimits: VaultLimits = {
  connectMs: 3_000,
  attemptMs: 5_000,
  operationMs: 10_000,
  healthMs: 2_000,
  healthHoldsMs: 2_000,
  openMs: 5_000,
  faultsInARow: 3,
  maxPending: 1_000,
  maxAnswerBytes: 1_048_576,
  maxListBytes: 16_777_216,
}
