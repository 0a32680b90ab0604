import { isSymbol, isWord, SqlTextError } from '../sql/sql-token.ts'
import { type MysqlToken, sqlTokens } from './sql-tokens.ts'

/** What a right is on. */
export type GrantTarget =
  | { readonly kind: 'GLOBAL' }
  /** `pattern`: as the server writes it, with `\_` and `\%` for the characters themselves. */
  | { readonly kind: 'DATABASE'; readonly pattern: string }
  | { readonly kind: 'TABLE'; readonly schema: string; readonly name: string }
  | { readonly kind: 'ROUTINE'; readonly schema: string; readonly name: string }

export interface GrantedRight {
  /** In lower case: "select", "create view", "backup_admin". */
  readonly name: string
  /** Null: all of them. */
  readonly columns: readonly string[] | null
}

/** Whom it is for. */
export type Grantee =
  | { readonly kind: 'ACCOUNT' }
  | { readonly kind: 'ROLE'; readonly name: string }
  | { readonly kind: 'PUBLIC' }

export type Grant =
  | {
      readonly kind: 'RIGHTS'
      readonly rights: readonly GrantedRight[]
      readonly on: GrantTarget
      readonly to: Grantee
      /** Whether whoever has it may hand it on. */
      readonly grantOption: boolean
    }
  /** `sql`: each role as the server has written it. */
  | { readonly kind: 'ROLES'; readonly sql: readonly string[]; readonly to: Grantee; readonly adminOption: boolean }
  /** May act as another account. */
  | { readonly kind: 'PROXY' }
  /** Taken away again from what is given on the whole server. */
  | { readonly kind: 'REVOKED'; readonly rights: readonly GrantedRight[]; readonly on: GrantTarget }
  /** Nothing that gives a right: which roles are put on at first. */
  | { readonly kind: 'NONE' }

/**
 * One line of SHOW GRANTS. Null: it is not understood, and whatever it gives is not known. The line holds the hash of a
 * password on some servers: it must go nowhere.
 */
export function parseGrant(line: string): Grant | null {
  try {
    const tokens = sqlTokens(line)
    if (isWord(tokens[0], 'set')) return { kind: 'NONE' }
    if (isWord(tokens[0], 'revoke')) return revoked(tokens.slice(1))
    return isWord(tokens[0], 'grant') ? parseTokens(line, tokens.slice(1)) : null
  } catch (error) {
    if (error instanceof SqlTextError) return null
    throw error
  }
}

function parseTokens(line: string, tokens: readonly MysqlToken[]): Grant | null {
  if (isWord(tokens[0], 'proxy')) return { kind: 'PROXY' }
  const to = tokens.findIndex(token => isWord(token, 'to'))
  const on = tokens.findIndex(token => isWord(token, 'on'))
  if (to < 0) return null
  const grantee = granteeIn(tokens.slice(to + 1))
  if (grantee === null) return null
  const after = tokens.slice(to + 1)
  if (on < 0 || on > to) {
    const sql = splitByComma(tokens.slice(0, to)).map(part => line.slice(part[0]?.start, part.at(-1)?.end))
    return sql.length === 0 || sql.includes('')
      ? null
      : { kind: 'ROLES', sql, to: grantee, adminOption: hasOption(after, 'admin') }
  }
  const given = rightsOn(tokens.slice(0, to), on)
  return given && { kind: 'RIGHTS', ...given, to: grantee, grantOption: hasOption(after, 'grant') }
}

function revoked(tokens: readonly MysqlToken[]): Grant | null {
  const on = tokens.findIndex(token => isWord(token, 'on'))
  const from = tokens.findIndex(token => isWord(token, 'from'))
  const taken = on < 0 || from < on ? null : rightsOn(tokens.slice(0, from), on)
  return taken && { kind: 'REVOKED', ...taken }
}

/** "SELECT, INSERT ON `shop`.*", whose ON is the token at `on`. */
function rightsOn(
  tokens: readonly MysqlToken[],
  on: number,
): { readonly rights: readonly GrantedRight[]; readonly on: GrantTarget } | null {
  const rights = splitByComma(tokens.slice(0, on)).map(rightIn)
  const target = targetIn(tokens.slice(on + 1))
  const known = rights.filter(right => right !== null)
  return target === null || known.length === 0 || known.length < rights.length ? null : { rights: known, on: target }
}

function splitByComma(tokens: readonly MysqlToken[]): MysqlToken[][] {
  const parts: MysqlToken[][] = [[]]
  let depth = 0
  for (const token of tokens) {
    if (isSymbol(token, '(')) depth += 1
    if (isSymbol(token, ')')) depth -= 1
    if (depth === 0 && isSymbol(token, ',')) parts.push([])
    else parts.at(-1)?.push(token)
  }
  return parts.filter(part => part.length > 0)
}

/** "CREATE VIEW", "SELECT (`id`, `v`)" */
function rightIn(tokens: readonly MysqlToken[]): GrantedRight | null {
  const open = tokens.findIndex(token => isSymbol(token, '('))
  const words = open < 0 ? tokens : tokens.slice(0, open)
  if (words.length === 0 || words.length > 4 || !words.every(({ kind }) => kind === 'word')) return null
  const name = words.map(({ text }) => text).join(' ')
  if (!/^[a-z_ ]{2,60}$/.test(name)) return null
  if (open < 0) return { name, columns: null }
  const columns = tokens.slice(open + 1, -1).filter(token => !isSymbol(token, ','))
  return columns.every(isName) ? { name, columns: columns.map(({ text }) => text) } : null
}

const routineWords = ['function', 'procedure', 'package', 'body']

function targetIn(tokens: readonly MysqlToken[]): GrantTarget | null {
  let rest = tokens
  let isRoutine = false
  while (isWord(rest[0], 'table', ...routineWords)) {
    isRoutine ||= isWord(rest[0], ...routineWords)
    rest = rest.slice(1)
  }
  const [schema, dot, name] = rest
  if (rest.length !== 3 || !isSymbol(dot, '.') || !schema || !name) return null
  if (isSymbol(schema, '*')) return isSymbol(name, '*') ? { kind: 'GLOBAL' } : null
  if (!isName(schema)) return null
  if (isSymbol(name, '*')) return { kind: 'DATABASE', pattern: schema.text }
  return isName(name) ? { kind: isRoutine ? 'ROUTINE' : 'TABLE', schema: schema.text, name: name.text } : null
}

/** Accounts have a host; roles of MariaDB have none, and those of MySQL are accounts. */
function granteeIn([name, host]: readonly MysqlToken[]): Grantee | null {
  if (!name) return null
  if (host?.kind === 'variable') return { kind: 'ACCOUNT' }
  if (isWord(name, 'public')) return { kind: 'PUBLIC' }
  return isName(name) ? { kind: 'ROLE', name: name.text } : null
}

const hasOption = (tokens: readonly MysqlToken[], word: string): boolean =>
  tokens.some((token, index) => isWord(token, word) && isWord(tokens[index + 1], 'option'))

const isName = (token: MysqlToken): boolean => token.kind === 'name' || token.kind === 'word'
