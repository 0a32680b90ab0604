import type { Column, Value } from './hostile-mysql-packets.ts'

/** What a sound server with one table answers to a statement. */
export interface Answer {
  /** Names the statement, as a stage of the double. */
  readonly stage: string
  /** Null for statements without rows. */
  readonly columns: readonly Column[] | null
  readonly rows: readonly (readonly Value[])[]
  /** What becomes of the session's transaction. */
  readonly transaction?: 'BEGUN' | 'ENDED'
}

export type AnswerTable = readonly (readonly [RegExp, Answer])[]

export const command = (stage: string, transaction?: 'BEGUN' | 'ENDED'): Answer => ({
  stage,
  columns: null,
  rows: [],
  ...(transaction && { transaction }),
})

export const rows = (stage: string, columns: readonly string[], ...values: readonly (readonly Value[])[]): Answer => ({
  stage,
  columns: columns.map(name => ({ name })),
  rows: values,
})

/** The first that fits; statements that only a reader can have written are `QUERY`. */
const sound: AnswerTable = [
  [/^SELECT CURRENT_USER\(\)$/, rows('WHO', ['CURRENT_USER()'], ['ann@%'])],
  [/^SET SESSION max_/, command('LIMIT')],
  [/^SET SESSION TRANSACTION READ ONLY/, command('FENCE')],
  [/'transaction_read_only'/, rows('FENCED', ['Variable_name', 'Value'], ['transaction_read_only', 'ON'])],
  [/@@SESSION\.sql_mode/, rows('MODES', ['modes', 'charset'], ['STRICT_TRANS_TABLES', 'utf8mb4'])],
  [/^SET /, command('SET')],
  [/^START TRANSACTION/, command('BEGIN', 'BEGUN')],
  [/^ROLLBACK/, command('ROLLBACK', 'ENDED')],
  [/^KILL /, command('KILL')],
  [/^USE /, command('USE')],
  [
    /@@version_comment/,
    rows('OPEN', ['database', 'version', 'comment', 'charset'], ['shop', '8.4.6', null, 'utf8mb4']),
  ],
  [/^SHOW GLOBAL VARIABLES/, rows('ROLE', ['Variable_name', 'Value'], ['read_only', 'OFF'])],
  [/information_schema\.TABLES/, rows('CANDIDATES', ['TABLE_SCHEMA', 'TABLE_NAME'], ['shop', 'orders'])],
  [/SELECT DISTINCT TABLE_SCHEMA/, rows('WRITABLE', ['TABLE_SCHEMA', 'TABLE_NAME'])],
  [/information_schema\.COLUMNS/, rows('COLUMN', ['COLUMN_NAME'], ['id'])],
  [
    /^SHOW GRANTS/,
    rows(
      'GRANTS',
      ['Grants for ann@%'],
      ['GRANT USAGE ON *.* TO `ann`@`%`'],
      ['GRANT SELECT ON `shop`.* TO `ann`@`%`'],
    ),
  ],
  [/information_schema\.ROUTINES/, rows('ROUTINES', ['ROUTINE_SCHEMA', 'ROUTINE_NAME'])],
  [/information_schema\.SCHEMATA/, rows('SCHEMATA', ['SCHEMA_NAME'], ['shop'])],
  [/FROM mysql\.user/, rows('USERS', ['User'])],
  [/AS sample/, rows('READ', ['COUNT(*)'], ['1'])],
]

export const givenAnswer = (sql: string, table: AnswerTable): Answer | null =>
  table.find(([pattern]) => pattern.test(sql.trim()))?.[1] ?? null

/** To whatever it does not know, as to a reader's statement. */
export const soundAnswer = (sql: string): Answer => givenAnswer(sql, sound) ?? rows('QUERY', ['n'], ['one'], ['two'])
