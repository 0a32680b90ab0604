/** Says what is wrong with a pattern as typed; null when nothing is. */
export const patternIssue = (pattern: string): string | null =>
  pattern.replace(/\\[*?\\]/g, '').includes('\\') ? 'Put a backslash only before *, ? or another backslash.' : null

type Token =
  | { readonly kind: 'CHARACTER'; readonly character: string }
  /** `?` */
  | { readonly kind: 'ANY_ONE' }
  /** `*` */
  | { readonly kind: 'WITHIN_PART' }
  /** `**` */
  | { readonly kind: 'ANYTHING' }

/** Keys of objects that a pattern stands for. */
export interface KeyPattern {
  /** What all of them begin with: as much as the pattern says before its first wildcard. */
  readonly literalPrefix: string
  /** Whether none of them has a slash behind that beginning. */
  readonly staysInFolder: boolean
  matches(key: string): boolean
}

/**
 * `*` is any text without a slash, `**` any text, `?` one character other than a slash; a backslash takes the meaning
 * away. Text is compared as it is, without any normalization, character by character. Matching takes time in proportion
 * to the key's length times the pattern's, whatever they are.
 */
export function parseKeyPattern(pattern: string): KeyPattern {
  const tokens = tokensOf(pattern)
  const firstWildcard = tokens.findIndex(({ kind }) => kind !== 'CHARACTER')
  const literals = firstWildcard < 0 ? tokens : tokens.slice(0, firstWildcard)
  const rest = tokens.slice(literals.length)
  const literalPrefix = literals.map(token => (token.kind === 'CHARACTER' ? token.character : '')).join('')
  const matchesRest = matcherOf(rest)
  return {
    literalPrefix,
    staysInFolder: rest.every(
      token => token.kind !== 'ANYTHING' && !(token.kind === 'CHARACTER' && token.character === '/'),
    ),
    matches: key => key.startsWith(literalPrefix) && matchesRest(key.slice(literalPrefix.length)),
  }
}

function tokensOf(pattern: string): readonly Token[] {
  const tokens: Token[] = []
  for (const [text] of pattern.matchAll(/\\[*?\\]|\*+|./gsu)) {
    if (text.startsWith('*')) tokens.push({ kind: text.length === 1 ? 'WITHIN_PART' : 'ANYTHING' })
    else if (text === '?') tokens.push({ kind: 'ANY_ONE' })
    else tokens.push({ kind: 'CHARACTER', character: text.length > 1 && text.startsWith('\\') ? text.slice(1) : text })
  }
  return tokens
}

/**
 * Follows all ways of matching at once. Bit `i` of a set stands for "the first `i` tokens have matched what has been
 * read so far", so that one character of the key is a few operations on numbers with as many bits as there are tokens.
 */
function matcherOf(tokens: readonly Token[]): (text: string) => boolean {
  let anyOne = 0n
  let withinPart = 0n
  let anything = 0n
  const characters = new Map<string, bigint>()
  tokens.forEach((token, index) => {
    const bit = 1n << BigInt(index)
    if (token.kind === 'ANY_ONE') anyOne |= bit
    else if (token.kind === 'WITHIN_PART') withinPart |= bit
    else if (token.kind === 'ANYTHING') anything |= bit
    else characters.set(token.character, (characters.get(token.character) ?? 0n) | bit)
  })
  const texts = withinPart | anything
  // Wildcards for texts also match none; two of them never stand side by side.
  const passed = (set: bigint) => set | ((set & texts) << 1n)
  const whole = 1n << BigInt(tokens.length)

  return text => {
    let reached = passed(1n)
    for (const character of text) {
      const isSlash = character === '/'
      const steps = (characters.get(character) ?? 0n) | (isSlash ? 0n : anyOne)
      const stays = isSlash ? anything : texts
      reached = passed(((reached & steps) << 1n) | (reached & stays))
      if (reached === 0n) return false
    }
    return (reached & whole) !== 0n
  }
}
