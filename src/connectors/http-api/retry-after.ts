/** Longer than anybody waits; numbers with more digits say nothing more. */
const mostSeconds = 100 * 365 * 86_400

/**
 * How long an API wants to be left alone, in milliseconds, by its header Retry-After (RFC 9110, section 10.2.3): seconds or a
 * date. Null where it says nothing that can be understood.
 */
export function retryAfterMs(header: string, now = Date.now()): number | null {
  const text = header.trim()
  if (/^\d+$/.test(text)) return Math.min(Number(text), mostSeconds) * 1_000
  // Dates as RFC 9110 has them, which all name a day of the week; `Date.parse` takes much else for one.
  if (!/^[A-Z][a-z]{2,8},? /.test(text) || text.length > 40) return null
  const at = Date.parse(text)
  return Number.isNaN(at) ? null : Math.min(Math.max(0, at - now), mostSeconds * 1_000)
}
