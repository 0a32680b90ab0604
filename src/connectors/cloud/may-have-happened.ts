/** Codes of problems after which a service may have done all the same what it was asked for. */
export const mayHaveHappened: readonly string[] = [
  'CLOUD_TIMED_OUT',
  'CLOUD_UNAVAILABLE',
  'CONNECTION_RESET',
  'PROTOCOL_VIOLATION',
  'WRONG_PROTOCOL',
]
