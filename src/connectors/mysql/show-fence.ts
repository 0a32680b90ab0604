import type { SqlToken } from '../sql/sql-token.ts'

/** What may follow SHOW, after words that only widen or narrow it. */
const shown: readonly RegExp[] = [
  /^(tables|columns|fields|index|indexes|keys|databases|schemas|triggers|events|variables|status|engines|collation)\b/,
  /^(charset|character set|table (status|types)|open tables|storage engines|plugins|privileges|processlist)\b/,
  /^(warnings|errors|count|(function|procedure|package|package body) status)\b/,
  /^create (table|view|database|schema|procedure|function|trigger|event|sequence|package)\b/,
  /^engine \S+ (status|mutex|logs)\b/,
]

const widening = new Set(['full', 'extended', 'global', 'session', 'local'])

/** Why a SHOW statement is refused, by the tokens after its first; null when it only shows what there is. */
export function showRefusal(tokens: readonly SqlToken[]): string | null {
  const words = tokens.slice(0, 6).map(token => (token.kind === 'word' ? token.text : '"'))
  while (widening.has(words[0] ?? '')) words.shift()
  const text = words.join(' ')
  if (/^(grants|create user)\b/.test(text)) return 'shows hashes of passwords (SHOW GRANTS or SHOW CREATE USER)'
  if (shown.some(pattern => pattern.test(text))) return null
  return `shows what is not data (SHOW ${text.split(' ')[0]?.toUpperCase().slice(0, 40)})`
}
