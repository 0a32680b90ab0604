/** Of Athena, for the expression by which tables are looked for. */
const maxExpressionLength = 256

/**
 * A pattern that matches at least the names of tables that have `search` in them. AWS calls it a regular expression, and in
 * Glue an asterisk stands for any text as well (`.*` then for one character at least): each of the four says the same in
 * both, with nothing to be escaped. What is matched beyond that has to be left out by whoever asks. Null where too little
 * would be left of the text.
 */
export function tablePattern(search: string): string | null {
  const part = [...search.toLowerCase()]
    .slice(0, Math.floor((maxExpressionLength - fixedLength) / 4))
    .map(character => (/[a-z0-9_]/.test(character) ? character : '.'))
    .join('')
  return /[a-z0-9_]/.test(part) ? `.*${part}.*|${part}.*|.*${part}|${part}` : null
}

const fixedLength = '.*.*|.*|.*|'.length
