/** One word, name, symbol or literal of an SQL text, as a product's own lexer tells them apart. */
export interface SqlToken {
  readonly kind: /** A keyword or unquoted name, folded to lower case. */
    | 'word'
    /** A quoted name, as it is between its quotes. */
    | 'name'
    | 'symbol'
    | 'literal'
    /** `@x` and the like, with what they name. */
    | 'variable'
  /** Empty for a literal. */
  readonly text: string
  /** Where it ends in the text. */
  readonly end: number
}

/** The text cannot be split as the server would split it. */
export class SqlTextError extends Error {
  /** Continues "this one ...". */
  readonly reason: string

  constructor(reason: string) {
    super(reason)
    this.name = 'SqlTextError'
    this.reason = reason
  }
}

export const isSymbol = (token: SqlToken | undefined, text: string): boolean =>
  token?.kind === 'symbol' && token.text === text
export const isOpening = (token: SqlToken | undefined): boolean => isSymbol(token, '(')
export const isClosing = (token: SqlToken | undefined): boolean => isSymbol(token, ')')
/** Whether it is one of these keywords, or an unquoted name spelled like one. */
export const isWord = (token: SqlToken | undefined, ...words: readonly string[]): boolean =>
  token?.kind === 'word' && words.includes(token.text)
