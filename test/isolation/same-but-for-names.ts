/** Of rows, and of API tokens: those are known by what stands before them. */
const id =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<=ApiToken:|pby_|api_tokens .*"id":"|"API_TOKEN","targetId":"|\d{13},")[0-9A-Za-z]{12}\b/gi
const base64 = /(?<![\w-])[\w-]{24,}(?![\w-])/g
/** As text, and as milliseconds since 1970 in cursors. */
const instant = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z|\b[12]\d{12}\b/g
/** Keyed digests and ciphertexts: of other input they are other text. */
const opaque = /^[\w-]{40,}$/

/**
 * A text with everything that two equal courses of events may differ in, taken out: `given` (what was given to each),
 * ids in the order in which they appear, instants, durations, digests. What is left must be equal.
 */
export function withoutNames(text: string, given: readonly string[], ids = new Map<string, string>()): string {
  const nameOf = (id: string): string => {
    const known = ids.get(id) ?? `<id ${ids.size + 1}>`
    ids.set(id, known)
    return known
  }
  let shown = text
  for (const value of [...given].sort((a, b) => b.length - a.length)) {
    for (const form of new Set([value, value.toLowerCase()])) shown = shown.replaceAll(form, '<given>')
  }
  return shown
    .replace(base64, token => {
      const decoded = Buffer.from(token, 'base64url').toString()
      if (/^[\x20-\x7e]+$/.test(decoded) && !/^[0-9a-f-]{36}$/i.test(token)) {
        // A cursor begins with a hash of its list, and of what narrows it.
        return `<text ${withoutNames(decoded.replace(/^\["[\w-]{16}"/, '["<list>"'), given, ids)}>`
      }
      return opaque.test(token) ? '<digest>' : token
    })
    .replace(id, nameOf)
    .replace(/("keyId":)"[0-9a-f]+"/g, '$1<key>')
    .replace(instant, '<instant>')
    .replace(/(\\*"durationMs\\*":)\d+(?:\.\d+)?/g, '$1<duration>')
    .replace(/("ciphertext":)"[^"]*"/g, '$1<ciphertext>')
}
