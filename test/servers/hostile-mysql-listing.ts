import { type Answer, command, rows } from './hostile-mysql-statements.ts'

/** What a double holds, for listings: database -> table -> columns, all of type text. */
export interface ListedServer {
  readonly databases: { readonly [database: string]: { readonly [table: string]: readonly string[] } }
}

export const listedServer: ListedServer = {
  databases: {
    archive: { parts: ['id'] },
    sales: {},
    shop: { customers: ['id', 'name'], numbers: ['n', 'square'], orders: ['id'] },
  },
}

const textOf = (hex: string | undefined): string => Buffer.from(hex ?? '', 'hex').toString()

/** The literals that a column is compared with, by their bytes: `=`, `>` or `IN`. */
function comparedWith(sql: string, column: string, operator: '=' | '>' | 'IN'): readonly string[] | null {
  const [, literals] =
    new RegExp(`CAST\\(${column} AS BINARY\\) ${operator} \\(?((?:x'[0-9a-f]*'(?:, )?)+)`).exec(sql) ?? []
  return literals === undefined ? null : [...literals.matchAll(/x'([0-9a-f]*)'/g)].map(([, hex]) => textOf(hex))
}

/** Where a name can be none that there is, it is not compared at all. */
const isNowhere = (sql: string): boolean => /\bFALSE\b/.test(sql)

function searched(sql: string, names: readonly string[]): readonly string[] {
  const [, hex] = /LIKE LOWER\(_utf8mb4 x'([0-9a-f]*)'\)/.exec(sql) ?? []
  if (hex === undefined) return names
  // `%...%`, in which what stands for itself is escaped.
  const search = textOf(hex).slice(1, -1).replaceAll(/\|(.)/g, '$1').toLowerCase()
  return names.filter(name => name.toLowerCase().includes(search))
}

const limitOf = (sql: string): number => Number(/LIMIT (\d+)\s*$/.exec(sql)?.[1] ?? Number.POSITIVE_INFINITY)

const sortedBytes = (names: readonly string[]): readonly string[] =>
  names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))

function listDatabases(sql: string, { databases }: ListedServer): Answer {
  const own = /CASE WHEN/.test(sql) ? comparedWith(sql, 'SCHEMA_NAME', '=')?.[0] : undefined
  const [after] = comparedWith(sql, 'SCHEMA_NAME', '>') ?? []
  const afterRank = Number(/= ([01]) AND CAST\(SCHEMA_NAME AS BINARY\) >/.exec(sql)?.[1] ?? -1)
  const ranked = searched(sql, sortedBytes(Object.keys(databases))).map(name => ({ name, rank: name === own ? 0 : 1 }))
  const page = [...ranked.filter(({ rank }) => rank === 0), ...ranked.filter(({ rank }) => rank === 1)]
    .filter(
      ({ name, rank }) =>
        after === undefined ||
        rank > afterRank ||
        (rank === afterRank && Buffer.compare(Buffer.from(name), Buffer.from(after)) > 0),
    )
    .slice(0, limitOf(sql))
  return rows(
    'LIST_DATABASES',
    ['rank', 'SCHEMA_NAME', 'comment'],
    ...page.map(({ name, rank }) => [String(rank), name, null]),
  )
}

/** The tables of the database that a statement is about. */
function tablesIn(sql: string, { databases }: ListedServer): { readonly [table: string]: readonly string[] } {
  const [database] = comparedWith(sql, 'TABLE_SCHEMA', '=') ?? []
  return isNowhere(sql) || database === undefined ? {} : (databases[database] ?? {})
}

/** Those of the tables that it names. */
function namedTables(sql: string, server: ListedServer): readonly string[] {
  const named = comparedWith(sql, 'TABLE_NAME', 'IN') ?? comparedWith(sql, 'TABLE_NAME', '=') ?? []
  return sortedBytes(Object.keys(tablesIn(sql, server)).filter(name => named.includes(name)))
}

function listTables(sql: string, server: ListedServer): Answer {
  const [after] = comparedWith(sql, 'TABLE_NAME', '>') ?? []
  const names = searched(sql, sortedBytes(Object.keys(tablesIn(sql, server))))
    .filter(name => after === undefined || Buffer.compare(Buffer.from(name), Buffer.from(after)) > 0)
    .slice(0, limitOf(sql))
  return rows('LIST_TABLES', ['TABLE_NAME'], ...names.map(name => [name]))
}

function listColumns(sql: string, server: ListedServer): Answer {
  const [table] = namedTables(sql, server)
  const columns = (table === undefined ? undefined : tablesIn(sql, server)[table]) ?? []
  const found = searched(sql, columns)
  const after = Number(/ORDINAL_POSITION > (\d+)/.exec(sql)?.[1] ?? 0)
  const page = columns
    .map((name, index) => ({ name, place: index + 1 }))
    .filter(({ name, place }) => place > after && found.includes(name))
    .slice(0, limitOf(sql))
  return rows(
    'LIST_COLUMNS',
    ['place', 'name', 'native', 'type', 'nullable', 'comment', 'readable'],
    ...page.map(({ name, place }) => [String(place), name, 'text', 'text', 'YES', '', '1']),
  )
}

type Lists = (sql: string, server: ListedServer) => Answer

const lists: readonly (readonly [RegExp, Lists])[] = [
  [/SCHEMA_NAME, (NULL|SCHEMA_COMMENT) FROM information_schema\.SCHEMATA/, listDatabases],
  [
    /SCHEMA_NAME FROM information_schema\.SCHEMATA WHERE (SCHEMA_NAME =|FALSE)/,
    (sql, { databases }) => {
      const [name] = comparedWith(sql, 'SCHEMA_NAME', '=') ?? []
      const isThere = !isNowhere(sql) && name !== undefined && Object.hasOwn(databases, name)
      return rows('KNOWN_DATABASE', ['SCHEMA_NAME'], ...(isThere ? [[name]] : []))
    },
  ],
  [/information_schema\.USER_PRIVILEGES/, () => rows('GLOBAL_RIGHTS', ['PRIVILEGE_TYPE'], ['USAGE'])],
  [/^SELECT TABLE_NAME FROM information_schema\.TABLES/, listTables],
  [
    /^SELECT TABLE_NAME, TABLE_TYPE, ENGINE/,
    (sql, server) =>
      rows(
        'TABLE_DETAILS',
        ['TABLE_NAME', 'TABLE_TYPE', 'ENGINE', 'TABLE_COMMENT', 'size'],
        ...namedTables(sql, server).map(name => [name, 'BASE TABLE', 'InnoDB', '', '16384']),
      ),
  ],
  [
    /^SELECT DISTINCT CAST\(TABLE_NAME AS BINARY\) FROM information_schema\.COLUMNS/,
    (sql, server) => rows('READABLE_TABLES', ['TABLE_NAME'], ...namedTables(sql, server).map(name => [name])),
  ],
  [/information_schema\.COLUMN_PRIVILEGES/, () => rows('COLUMN_RIGHTS', ['TABLE_NAME'])],
  [/^SELECT ORDINAL_POSITION, COLUMN_NAME/, listColumns],
  [
    /^SELECT TABLE_TYPE FROM information_schema\.TABLES/,
    (sql, server) => rows('TABLE_TYPE', ['TABLE_TYPE'], ...namedTables(sql, server).map(() => ['BASE TABLE'])),
  ],
  [/^PREPARE /, () => command('PREPARE')],
  [/^DEALLOCATE PREPARE /, () => command('DEALLOCATE')],
]

/** What a sound server answers to a statement of a listing; null for every other statement. */
export function listingAnswer(sql: string, server: ListedServer = listedServer): Answer | null {
  const [, answer] = lists.find(([pattern]) => pattern.test(sql.trim())) ?? []
  return answer?.(sql, server) ?? null
}
