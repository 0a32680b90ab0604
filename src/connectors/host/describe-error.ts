/** An error's own words and its code, for the `detail` of a problem. May hold what a hostile server wrote. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? `${error.message} (${code})` : error.message
}

/** What may be told of any error without telling data: its class and code. */
export function errorKind(error: unknown): string {
  if (!(error instanceof Error)) return 'a thrown value'
  const { code } = error as { code?: unknown }
  return [error.name, code].filter(word => typeof word === 'string' && /^\w{1,60}$/.test(word)).join(' ') || 'Error'
}
