import { TokenType } from '@streamparser/json'

/** What a token is where it stands: a scalar, the beginning or the end of an object or a list, a field's name, or between. */
export type TokenRole = 'SCALAR' | 'OPEN' | 'CLOSE' | 'NAME' | 'BETWEEN'

type Expected = 'VALUE' | 'VALUE_OR_CLOSE' | 'NAME' | 'NAME_OR_CLOSE' | 'COLON' | 'COMMA_OR_CLOSE' | 'NOTHING'

const scalars: ReadonlySet<TokenType> = new Set([
  TokenType.STRING,
  TokenType.NUMBER,
  TokenType.TRUE,
  TokenType.FALSE,
  TokenType.NULL,
])

/** Follows the tokens of one document, and knows which may come next. It keeps nothing but what has not been closed. */
export class JsonStructure {
  /** Whether each is an object; else it is a list. */
  readonly #open: boolean[] = []
  #expected: Expected = 'VALUE'

  get depth(): number {
    return this.#open.length
  }

  get isInObject(): boolean {
    return this.#open.at(-1) ?? false
  }

  /** Whether the document is complete. */
  get isDone(): boolean {
    return this.#expected === 'NOTHING'
  }

  /** Null: this token may not stand here. */
  accept(token: TokenType): TokenRole | null {
    switch (this.#expected) {
      case 'VALUE':
      case 'VALUE_OR_CLOSE':
        return this.#value(token)
      case 'NAME':
      case 'NAME_OR_CLOSE':
        if (token === TokenType.STRING) return this.#next('COLON', 'NAME')
        return token === TokenType.RIGHT_BRACE && this.#expected === 'NAME_OR_CLOSE' ? this.#close() : null
      case 'COLON':
        return token === TokenType.COLON ? this.#next('VALUE', 'BETWEEN') : null
      case 'COMMA_OR_CLOSE':
        if (token === TokenType.COMMA) return this.#next(this.isInObject ? 'NAME' : 'VALUE', 'BETWEEN')
        return token === (this.isInObject ? TokenType.RIGHT_BRACE : TokenType.RIGHT_BRACKET) ? this.#close() : null
      default:
        return null
    }
  }

  #value(token: TokenType): TokenRole | null {
    if (scalars.has(token)) return this.#ended('SCALAR')
    if (token === TokenType.LEFT_BRACE || token === TokenType.LEFT_BRACKET) {
      const isObject = token === TokenType.LEFT_BRACE
      this.#open.push(isObject)
      return this.#next(isObject ? 'NAME_OR_CLOSE' : 'VALUE_OR_CLOSE', 'OPEN')
    }
    return token === TokenType.RIGHT_BRACKET && this.#expected === 'VALUE_OR_CLOSE' ? this.#close() : null
  }

  #close(): TokenRole {
    this.#open.pop()
    return this.#ended('CLOSE')
  }

  #ended(role: TokenRole): TokenRole {
    return this.#next(this.depth === 0 ? 'NOTHING' : 'COMMA_OR_CLOSE', role)
  }

  #next(expected: Expected, role: TokenRole): TokenRole {
    this.#expected = expected
    return role
  }
}
