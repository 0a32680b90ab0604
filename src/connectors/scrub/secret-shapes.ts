import { privateKeys, publicBlocks } from './private-keys.ts'
import type { Span } from './spans.ts'

/**
 * Texts that are secrets by their shape, whoever's they are. The group `secret` is what is hidden. Every pattern begins
 * with fixed letters or at the start of a word and never tries one character in two ways, so that each is linear.
 */
const shapes: readonly RegExp[] = [
  // JSON Web Tokens; the third part may have been cut off.
  /(?<![\w-])(?<secret>eyJ[\w-]{10,}\.[\w.-]{8,})/dg,
  // URIs: user:password@, and a long token in place of the user.
  /:\/\/[^\s/?#@:"'<>]{0,256}:(?<secret>[^\s/?#"'<>]{1,512})@(?=[\w[.-])/dg,
  /:\/\/(?<secret>[^\s/?#@:"'<>]{20,512})@(?=[\w[.-])/dg,
  // AWS: access keys of users and of sessions, with the secret key where it stands beside it.
  /(?<![A-Z0-9])(?<secret>(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?:["']?[\s:,;/]{1,3}["']?[A-Za-z0-9+/]{40})?)(?![A-Za-z0-9+/])/dg,
  /X-Amz-(?:Signature|Security-Token|Credential)["']?\s{0,3}[:=]\s{0,3}["']?(?<secret>[^\s&"'<>]+)/dgi,
  // Tokens that say what they are.
  /(?<![A-Za-z0-9])(?<secret>gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{22,}|glpat-[\w-]{20,}|npm_[A-Za-z0-9]{36})/dg,
  /(?<![A-Za-z0-9])(?<secret>xox[abeoprs]-[\w-]{10,}|xapp-[\w-]{10,})/dg,
  /(?<![\w-])(?<secret>AIza[\w-]{35}|ya29\.[\w-]{20,}|GOCSPX-[\w-]{20,})/dg,
  /(?<![A-Za-z0-9])(?<secret>[rs]k_(?:live|test)_[A-Za-z0-9]{16,}|dapi[0-9a-f]{32})/dg,
  // Patchbay's own, also without their end; `services/api-token-text.ts` makes them.
  /(?<![A-Za-z0-9])(?<secret>pby_[A-Za-z0-9]{12}_[A-Za-z0-9]{16,})/dg,
  // Headers.
  /authorization["']?\s{0,3}[:=]\s{0,3}["']?(?:(?:basic|bearer|digest|negotiate|token|apikey|aws4-hmac-sha256)\s{1,3})?(?<secret>[^\s"'<>]+)/dgi,
  /(?<![A-Za-z0-9])bearer\s{1,3}(?<secret>[\w.~+/=-]{20,})/dgi,
]

/** Names whose value is a secret wherever it is given to them. */
const secretName = [
  'pass(?:word|wd|phrase)',
  'pwd',
  'client[_-]?secret',
  'secret[_-]?(?:access[_-]?)?key',
  'private[_-]?key(?:[_-]?passphrase)?',
  'api[_-]?key',
  'account[_-]?key',
  'shared[_-]?access[_-]?(?:key|signature)',
  '(?:access|refresh|id|auth|session|security|bearer)[_-]?token',
].join('|')
const given = (names: string, separator: string, value: string) =>
  new RegExp(`(?:${names})\\\\?["'\`]?\\s{0,3}${separator}\\s{0,3}${value}`, 'dgi')

/** Within escaped quotes a quote ends it, within plain ones an escaped quote does not. */
const quoted = `(?:\\\\"(?<escaped>(?:[^"\\\\]|\\\\[^"])+)|"(?<secret>(?:[^"\\\\]|\\\\.)+)|'(?<single>[^']+))`
/** A value without quotes, up to what ends one in connection strings, queries and lists. */
const bare = `(?<secret>[^\\s"'\`&;,<>(){}\\[\\]$•?][^\\s"'\`&;,<>]*)`
const assignment = '(?::=|=>|={1,2}|:)'

const assignments: readonly RegExp[] = [
  given(`${secretName}|secret|token`, assignment, quoted),
  given(`${secretName}|(?<![a-z])(?:secret|token|sig)`, '(?::=|=>|={1,2})', bare),
]
/** After a colon comes a value, or the sentence goes on; after two, in SQL, a type. */
const afterColon = given(secretName, ':(?!:)', bare)
const ordinaryWord = /^[a-z]+[.!?)]?$/i
const wordsOfMessages = new Set(
  'required missing empty invalid expired wrong incorrect unset none null true false yes no given set rejected refused unknown denied hidden redacted masked'.split(
    ' ',
  ),
)

/** One of these is in every text that a pattern here, or a private key, can be found in; in most texts none is. */
const hint =
  /eyJ|:\/\/|A(?:KIA|SIA|BIA|CCA)|X-Amz|gh[pousr]_|github_pat|glpat|npm_|xox|xapp|AIza|ya29|GOCSPX|[rs]k_|dapi|pby_|auth|bearer|pass|pwd|secret|key|token|sig|----/i

/** Every place of `text` that is a secret by its shape or by the name that it is given to. */
export function findShapes(text: string): Span[] {
  if (!hint.test(text)) return []
  const spans: Span[] = []
  for (const shape of [...shapes, ...assignments]) {
    for (const match of text.matchAll(shape)) spans.push(...secretOf(match))
  }
  for (const match of text.matchAll(afterColon)) {
    if (!readsOn(text, match)) spans.push(...secretOf(match))
  }
  const exempt = spans.length === 0 ? [] : publicBlocks(text)
  const found = spans.filter(span => !exempt.some(block => span.start >= block.start && span.start < block.end))
  return [...found, ...privateKeys(text)]
}

function secretOf(match: RegExpExecArray): Span[] {
  const { secret, single, escaped } = match.indices?.groups ?? {}
  const [start, end] = secret ?? single ?? escaped ?? []
  return start === undefined || end === undefined ? [] : [{ start, end }]
}

/** Whether the name before the colon is part of a sentence: "wrong password: it has expired". */
function readsOn(text: string, match: RegExpExecArray): boolean {
  const value = match.groups?.['secret'] ?? ''
  if (!ordinaryWord.test(value)) return false
  const word = value.replace(/[.!?)]$/, '').toLowerCase()
  return wordsOfMessages.has(word) || /^\s[a-z]+/i.test(text.slice(match.index + match[0].length).slice(0, 20))
}
