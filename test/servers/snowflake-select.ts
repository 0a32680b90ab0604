import type { Cell, Cells, Rows, SnowflakeColumn, SnowflakeTable } from './snowflake-account.ts'
import { limited, numberColumn, rowAt, type SnowflakeOutcome, statementTypes, textColumn } from './snowflake-outcome.ts'
import { refusals } from './snowflake-refusal.ts'
import { type SqlToken, TokenReader } from './snowflake-tokens.ts'

/** What a query can ask for. */
export interface SelectContext {
  /** Throws Snowflake's refusal for what is not there, or not for the session. */
  table(name: readonly string[]): SnowflakeTable
  /** The value of a function of Snowflake's; undefined for one that it has not. */
  functionValue(name: string): Cell | undefined
}

interface Source {
  readonly columns: readonly SnowflakeColumn[]
  readonly rows: Rows
  readonly needsWarehouse: boolean
}

interface Item {
  readonly column: SnowflakeColumn
  value(cells: Cells, index: number): Cell
}

const nothing: Source = { columns: [], rows: [[]], needsWarehouse: false }

/** `SELECT list FROM table LIMIT n`, queries within queries, and nothing else. */
export function select(tokens: readonly SqlToken[], context: SelectContext): SnowflakeOutcome {
  const reader = new TokenReader(tokens)
  const scope = reader.accept('WITH') ? namedQueries(reader, context) : context
  while (reader.accept('(')) return select([...reader.upToClosing(), ...reader.rest], scope)
  if (!reader.accept('SELECT')) throw refusals.syntax(reader.peek?.text ?? '<EOF>', reader.peek?.at)
  reader.accept('DISTINCT')
  const list = upToFrom(reader)
  const source = reader.accept('FROM') ? sourceOf(reader, scope) : nothing
  const limit = limitOf(reader)
  const items = dividedBy(list, ',').flatMap(item => itemsOf(item, source, scope))
  const rows: Rows = {
    length: source.rows.length,
    row: index => items.map(item => item.value(rowAt(source.rows, index), index)),
  }
  const taken = limited(rows, limit)
  return {
    columns: items.map(({ column }) => column),
    rows: taken.length > 1_000 ? taken : Array.from({ length: taken.length }, (_, index) => rowAt(taken, index)),
    typeId: statementTypes.SELECT,
    needsWarehouse: source.needsWarehouse,
  }
}

/** `WITH a AS (SELECT ...), b AS (SELECT ...)`. */
function namedQueries(reader: TokenReader, context: SelectContext): SelectContext {
  reader.accept('RECURSIVE')
  const known = new Map<string, SnowflakeTable>()
  const scope: SelectContext = {
    ...context,
    functionValue: name => context.functionValue(name),
    table: name => (name.length === 1 ? known.get(name[0] ?? '') : undefined) ?? context.table(name),
  }
  do {
    const [name = ''] = reader.name()
    if (!reader.accept('AS', '(')) throw refusals.syntax(reader.peek?.text ?? '<EOF>', reader.peek?.at)
    known.set(name, select(reader.upToClosing(), scope))
  } while (reader.accept(','))
  return scope
}

function upToFrom(reader: TokenReader): readonly SqlToken[] {
  const list: SqlToken[] = []
  for (let depth = 0; reader.peek !== undefined; ) {
    const { kind, text } = reader.peek
    if (kind === 'SYMBOL' && text === '(') depth += 1
    if (kind === 'SYMBOL' && text === ')') depth -= 1
    if (depth === 0 && kind === 'WORD' && ['FROM', 'LIMIT', 'ORDER'].includes(text)) break
    list.push(reader.take() as SqlToken)
  }
  return list
}

function sourceOf(reader: TokenReader, context: SelectContext): Source {
  const source = tableOf(reader, context)
  reader.accept('AS')
  const isAlias = reader.peek?.kind === 'QUOTED' || !['LIMIT', 'ORDER', undefined].includes(reader.peek?.text)
  if (isAlias) reader.name()
  return source
}

function tableOf(reader: TokenReader, context: SelectContext): Source {
  if (reader.accept('(')) {
    const { columns, rows, needsWarehouse = false } = select(reader.upToClosing(), context)
    return { columns, rows, needsWarehouse }
  }
  if (reader.accept('TABLE', '(')) {
    const inner = reader.upToClosing()
    const at = inner.findIndex(({ text }) => text === '=>')
    if (inner[0]?.text !== 'GENERATOR' || at < 0) throw refusals.unknownFunction(inner[0]?.text ?? '')
    return { columns: [], rows: { length: Number(inner[at + 1]?.text), row: () => [] }, needsWarehouse: true }
  }
  const { columns, rows = [] } = context.table(reader.name())
  return { columns, rows, needsWarehouse: true }
}

function limitOf(reader: TokenReader): number {
  if (reader.accept('ORDER', 'BY')) {
    do {
      reader.take()
      if (!reader.accept('ASC')) reader.accept('DESC')
    } while (reader.accept(','))
  }
  const limit = reader.accept('LIMIT') ? Number(reader.take()?.text) : Number.POSITIVE_INFINITY
  const { text, at } = reader.peek ?? {}
  if (text !== undefined || Number.isNaN(limit)) throw refusals.syntax(text ?? '<EOF>', at)
  return limit
}

function dividedBy(tokens: readonly SqlToken[], symbol: string): readonly (readonly SqlToken[])[] {
  const parts: SqlToken[][] = [[]]
  let depth = 0
  for (const token of tokens) {
    if (token.kind === 'SYMBOL' && token.text === '(') depth += 1
    if (token.kind === 'SYMBOL' && token.text === ')') depth -= 1
    if (depth === 0 && token.kind === 'SYMBOL' && token.text === symbol) parts.push([])
    else parts.at(-1)?.push(token)
  }
  return parts
}

function itemsOf(tokens: readonly SqlToken[], { columns }: Source, context: SelectContext): readonly Item[] {
  const reader = new TokenReader(tokens)
  if (reader.accept('*')) return columns.map((column, at) => ({ column, value: cells => cells[at] ?? null }))
  const item = expression(reader, columns, context)
  while (reader.accept('::')) reader.name()
  reader.accept('AS')
  const [alias] = reader.name()
  const { text, at } = reader.peek ?? {}
  if (text !== undefined) throw refusals.syntax(text, at)
  return [alias === undefined ? item : { ...item, column: { ...item.column, name: alias } }]
}

function expression(reader: TokenReader, columns: readonly SnowflakeColumn[], context: SelectContext): Item {
  const token = reader.peek
  if (token?.kind === 'NUMBER' || token?.kind === 'STRING') {
    reader.take()
    const column = token.kind === 'NUMBER' ? numberColumn(token.text) : textColumn(`'${token.text}'`)
    return { column, value: () => token.text }
  }
  if (reader.accept('NULL')) return { column: textColumn('NULL'), value: () => null }
  const name = reader.name()
  if (name.length === 0) throw refusals.syntax(token?.text ?? '<EOF>', token?.at)
  if (reader.accept('(')) return functionOf(name.join('.'), reader.upToClosing(), context)
  const wanted = name.at(-1)
  const at = columns.findIndex(column => column.name === wanted)
  const column = columns[at]
  if (!column) throw refusals.unknownColumn(name.join('.'))
  return { column, value: cells => cells[at] ?? null }
}

function functionOf(name: string, inner: readonly SqlToken[], context: SelectContext): Item {
  if (name === 'SEQ4' || name === 'SEQ8')
    return { column: numberColumn(`${name}()`), value: (_, index) => String(index) }
  if (name === 'REPEAT') {
    const [word, , count] = inner
    const repeated = (word?.text ?? '').repeat(Number(count?.text))
    return { column: textColumn('REPEAT'), value: () => repeated }
  }
  const value = context.functionValue(name)
  if (value === undefined) throw refusals.unknownFunction(name)
  return { column: textColumn(`${name}()`), value: () => value }
}
