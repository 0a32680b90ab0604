import type { Span } from './spans.ts'

const armour = /-{4,5} ?(BEGIN|END) [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}/g
/** A run of letters and digits as no ordinary word is, and as every line of a key but the last. */
const keyLine = /[A-Za-z0-9+/]{20}/
/** The same with the rest of a line that it follows at the very start: a text may begin within a key. */
const keyStart = /(?:^[A-Za-z0-9+/=]{0,19}(?:\s|\\[nr])+)?[A-Za-z0-9+/]{20}/
const oneWord = /^(?:\s|\\[nr])*[A-Za-z0-9+/=]+(?:\s|\\[nr])*$/

/**
 * What stands between the lines that open and close a private key, of any kind. Where one of the two is missing,
 * everything on its side, provided that it looks like a key: messages also speak of these lines.
 */
export function privateKeys(text: string): Span[] {
  const spans: Span[] = []
  let opened: number | null = null
  let seen = 0
  for (const match of text.matchAll(armour)) {
    const isEnd = match[1] === 'END'
    const body = text.slice(opened ?? seen, match.index)
    if (opened !== null && (keyLine.test(body) || (isEnd && oneWord.test(body)))) {
      spans.push({ start: opened, end: match.index })
    } else if (opened === null && isEnd && keyLine.test(body)) {
      spans.push({ start: seen + body.search(keyStart), end: match.index })
    }
    seen = match.index + match[0].length
    opened = isEnd ? null : seen
  }
  if (opened !== null && keyLine.test(text.slice(opened))) spans.push({ start: opened, end: text.length })
  return spans
}

const publicBlock =
  /-----BEGIN (?:[A-Z0-9 ]{0,30} )?(?:CERTIFICATE|CERTIFICATE REQUEST|PUBLIC KEY|X509 CRL)-----[A-Za-z0-9+/=\s\\]*-----END /g

/** Certificates and public keys: whatever their letters happen to spell, nothing in them is secret. */
export function publicBlocks(text: string): Span[] {
  return [...text.matchAll(publicBlock)].map(match => ({ start: match.index, end: match.index + match[0].length }))
}
