/** What the protocol does where it could also do otherwise. Each rule has a mistake that the model must notice. */
export interface ProtocolRules {
  readonly order: 'INTENT_STORE_ROW' | 'ROW_STORE' | 'STORE_ROW'
  /** The old values are removed by the reaper, not by whoever replaces them. */
  readonly oldValuesStayUntilCommit: boolean
  /** A deletion ends in the database; the reaper then empties the store. */
  readonly deletionLeavesTheStore: boolean
  /** In the transaction that makes the connector point at a version, the version must be PENDING. */
  readonly activationChecksState: boolean
  /** Retired is what the connector points at in that transaction, not what it pointed at when the request began. */
  readonly retiresWhatTheTransactionSees: boolean
  /** A copy is used only if the connector still points at what was copied. */
  readonly moverComparesInTheTransaction: boolean
  /** Who withdraws a version claims its row first, and leaves alone what is not PENDING. */
  readonly discardClaims: boolean
  readonly reaperClaims: boolean
  /** A reaper that was interrupted leaves the row REAPING. */
  readonly claimIsOneWay: boolean
  /** Something is left in the place of removed values that refuses a late put. */
  readonly fences: boolean
  /** What the fence left is removed only when no put can be under way any more. */
  readonly quarantines: boolean
  /** The embedded store looks at the row's state in the transaction that stores the values. */
  readonly sealedPutChecksState: boolean
}

export const protocol: ProtocolRules = {
  order: 'INTENT_STORE_ROW',
  oldValuesStayUntilCommit: true,
  deletionLeavesTheStore: true,
  activationChecksState: true,
  retiresWhatTheTransactionSees: true,
  moverComparesInTheTransaction: true,
  discardClaims: true,
  reaperClaims: true,
  claimIsOneWay: true,
  fences: true,
  quarantines: true,
  sealedPutChecksState: true,
}
