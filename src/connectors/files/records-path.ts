import { TokenType } from '@streamparser/json'
import { listed, unusableQuery } from './file-problem.ts'
import type { TokenRole } from './json-structure.ts'

/** Names that a message about a path that leads nowhere looks back at. */
const maxNames = 100

/** What the value is that has just begun. */
export type PathStep = 'RECORD' | 'LIST_OF_RECORDS' | 'NOTHING' | 'ELSEWHERE'

/**
 * Follows a document to its records: `path` names the fields that lead to them. Told only what is not within a record.
 * Throws `FileProblemError` for a path that leads to something else.
 */
export class RecordsPath {
  readonly #path: readonly string[]
  /** How many fields of the path are open. */
  #matched = 0
  #isFound = false
  /** Of the innermost object on the path, at `namesDepth`: whoever gave another name wants to know. */
  #names: string[] = []
  #namesDepth = 0

  constructor(path: readonly string[]) {
    this.#path = path
  }

  /** A field's name, in an object at `depth`. */
  name(name: string, depth: number): void {
    if (this.#matched < depth - 1 || depth > this.#path.length) return
    this.#matched = name === this.#path[depth - 1] ? depth : depth - 1
    if (depth === this.#namesDepth && this.#names.length < maxNames) this.#names.push(name)
  }

  /** A value that begins with `token` in a container at `depth`. */
  value(token: TokenType, role: TokenRole, depth: number): PathStep {
    if (this.#matched !== depth) return 'ELSEWHERE'
    if (depth < this.#path.length) {
      if (token !== TokenType.LEFT_BRACE) throw this.#wrong(depth, `is ${kindOf(token)}, and no object`)
      if (depth >= this.#namesDepth) this.#names = []
      this.#namesDepth = Math.max(this.#namesDepth, depth + 1)
      return 'ELSEWHERE'
    }
    this.#isFound = true
    if (token === TokenType.LEFT_BRACKET) return 'LIST_OF_RECORDS'
    if (role === 'OPEN' || depth === 0) return 'RECORD'
    // Many an interface answers so for an empty list.
    if (token === TokenType.NULL) return 'NOTHING'
    throw this.#wrong(depth, `is ${kindOf(token)}, and no list`)
  }

  /** The document is complete. */
  end(): void {
    if (this.#isFound) return
    const depth = this.#namesDepth
    const there = this.#names.length === 0 ? 'none' : listed(this.#names)
    throw this.#wrong(depth - 1, `has no field ${listed(this.#path.slice(depth - 1, depth))}. What there is: ${there}`)
  }

  #wrong(depth: number, what: string): Error {
    const where = depth === 0 ? 'The document' : listed([this.#path.slice(0, depth).join('.')])
    return unusableQuery(['json.records'], `${where} ${what}.`)
  }
}

function kindOf(token: TokenType): string {
  switch (token) {
    case TokenType.LEFT_BRACKET:
      return 'a list'
    case TokenType.NULL:
      return 'null'
    case TokenType.STRING:
      return 'a text'
    case TokenType.NUMBER:
      return 'a number'
    default:
      return 'true or false'
  }
}
