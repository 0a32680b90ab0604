/** A piece of SQL: what it is called by, and where it begins. */
export interface SqlToken {
  readonly kind: 'WORD' | 'QUOTED' | 'STRING' | 'NUMBER' | 'SYMBOL'
  /** A word in upper case as Snowflake takes it, a quoted name or a string without its quotes. */
  readonly text: string
  readonly at: number
}

const pattern =
  /\s+|--[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/|(?<word>[a-z_][\w$]*)|"(?<quoted>(?:[^"]|"")*)"|'(?<string>(?:[^'\\]|''|\\[\s\S])*)'|\$\$(?<dollars>[\s\S]*?)\$\$|(?<number>\d+(?:\.\d+)?)|(?<symbol>=>|::|[\s\S])/giy

export function tokensOf(sql: string): readonly SqlToken[] {
  return [...sql.matchAll(pattern)].flatMap(({ groups = {}, index }): readonly SqlToken[] => {
    const { word, quoted, string, dollars, number, symbol } = groups
    if (word !== undefined) return [{ kind: 'WORD', text: word.toUpperCase(), at: index }]
    if (quoted !== undefined) return [{ kind: 'QUOTED', text: quoted.replaceAll('""', '"'), at: index }]
    if (string !== undefined) return [{ kind: 'STRING', text: string.replaceAll("''", "'"), at: index }]
    if (dollars !== undefined) return [{ kind: 'STRING', text: dollars, at: index }]
    if (number !== undefined) return [{ kind: 'NUMBER', text: number, at: index }]
    return symbol === undefined ? [] : [{ kind: 'SYMBOL', text: symbol, at: index }]
  })
}

/** Goes through the pieces of a statement. */
export class TokenReader {
  readonly #tokens: readonly SqlToken[]
  #next = 0

  constructor(tokens: readonly SqlToken[]) {
    this.#tokens = tokens
  }

  get peek(): SqlToken | undefined {
    return this.#tokens[this.#next]
  }

  get rest(): readonly SqlToken[] {
    return this.#tokens.slice(this.#next)
  }

  take(): SqlToken | undefined {
    const token = this.peek
    this.#next += 1
    return token
  }

  /** Whether these words or symbols come next, which are then behind. */
  accept(...texts: readonly string[]): boolean {
    const isNext = texts.every((text, index) => {
      const token = this.#tokens[this.#next + index]
      return token?.text === text && (token.kind === 'WORD' || token.kind === 'SYMBOL')
    })
    if (isNext) this.#next += texts.length
    return isNext
  }

  /** `a."b c".d`; empty when no name comes next. */
  name(): readonly string[] {
    const parts: string[] = []
    while (this.peek?.kind === 'WORD' || this.peek?.kind === 'QUOTED') {
      parts.push(this.peek.text)
      this.#next += 1
      if (!this.accept('.')) break
      // `SALES..ORDERS`: in the schema that every database has.
      if (this.accept('.')) parts.push('PUBLIC')
    }
    return parts
  }

  /** What stands between the parenthesis that has been taken and the one that closes it. */
  upToClosing(): readonly SqlToken[] {
    const inner: SqlToken[] = []
    for (let depth = 1; this.peek !== undefined; ) {
      const token = this.take() as SqlToken
      if (token.kind === 'SYMBOL' && token.text === '(') depth += 1
      if (token.kind === 'SYMBOL' && token.text === ')') depth -= 1
      if (depth === 0) break
      inner.push(token)
    }
    return inner
  }
}

/** The statements of a text: its semicolons outside of everything else divide them. */
export function statementsOf(tokens: readonly SqlToken[]): readonly (readonly SqlToken[])[] {
  const statements: SqlToken[][] = [[]]
  for (const token of tokens) {
    if (token.kind === 'SYMBOL' && token.text === ';') statements.push([])
    else statements.at(-1)?.push(token)
  }
  return statements.filter(statement => statement.length > 0)
}
