import { eq, getTableColumns, getTableName, is, Table } from 'drizzle-orm'
import { PgTable, getTableConfig as postgresConfig } from 'drizzle-orm/pg-core'
import { SQLiteTable, getTableConfig as sqliteConfig } from 'drizzle-orm/sqlite-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Database } from '../../src/db/database.ts'
import { isForeignKeyViolation } from '../../src/db/foreign-key-violation.ts'
import * as postgresTables from '../../src/db/schema.postgres.ts'
import * as sqliteTables from '../../src/db/schema.sqlite.ts'
import { testDatabases } from '../servers/databases.ts'

type AnyTable = Database['tables'][keyof Database['tables']]

interface ForeignKey {
  readonly name: string
  readonly table: AnyTable
  readonly columns: readonly string[]
  readonly target: AnyTable
  readonly targetColumns: readonly string[]
}

interface TableFacts {
  readonly table: AnyTable
  readonly name: string
  readonly columns: readonly string[]
  readonly primaryKey: readonly string[]
  readonly uniques: readonly { readonly name: string; readonly columns: readonly string[] }[]
  readonly foreignKeys: readonly ForeignKey[]
}

/** What a schema file says of keys; that the migrations say the same is another test's. */
function factsOf(table: Table): TableFacts {
  const config = is(table, PgTable) ? postgresConfig(table) : is(table, SQLiteTable) ? sqliteConfig(table) : null
  if (config === null) throw new Error('A table is of neither database.')
  const namesOf = (columns: readonly object[]) => columns.map(column => ('name' in column ? String(column.name) : '?'))
  const [composite] = config.primaryKeys
  return {
    // Typed as SQLite's, as everywhere.
    table: table as AnyTable,
    name: config.name,
    columns: namesOf(config.columns),
    primaryKey: composite ? namesOf(composite.columns) : namesOf(config.columns.filter(column => column.primary)),
    uniques: [
      ...config.indexes
        .filter(index => index.config.unique)
        .map(index => ({ name: index.config.name ?? '?', columns: namesOf(index.config.columns) })),
      ...config.uniqueConstraints.map(unique => ({ name: unique.name ?? '?', columns: namesOf(unique.columns) })),
      ...config.columns
        .filter(column => column.isUnique)
        .map(column => ({ name: column.uniqueName ?? column.name, columns: [column.name] })),
    ],
    foreignKeys: config.foreignKeys.map(key => {
      const { columns, foreignColumns, foreignTable } = key.reference()
      return {
        name: key.getName(),
        table: table as AnyTable,
        columns: namesOf(columns),
        target: foreignTable as Table as AnyTable,
        targetColumns: namesOf(foreignColumns),
      }
    }),
  }
}

const factsOfAll = (tables: object): readonly TableFacts[] =>
  Object.values(tables)
    .filter((value): value is Table => is(value, Table))
    .map(factsOf)

const hasWorkspace = ({ columns }: TableFacts) => columns.includes('workspace_id')

describe.each([
  ['sqlite', factsOfAll(sqliteTables)],
  ['postgres', factsOfAll(postgresTables)],
] as const)('keys of the %s schema', (_, facts) => {
  const tenants = facts.filter(hasWorkspace)

  test('every table but that of master keys belongs to workspaces', () => {
    expect(facts.filter(table => !hasWorkspace(table)).map(({ name }) => name)).toEqual(['master_keys'])
    expect(tenants.length).toBeGreaterThan(10)
  })

  test('begin with the workspace, so that no id or name of one meets one of another', () => {
    for (const { name, primaryKey } of tenants) expect([name, primaryKey[0]]).toEqual([name, 'workspace_id'])
    const others = tenants.flatMap(({ uniques }) => uniques.filter(({ columns }) => columns[0] !== 'workspace_id'))
    // A token is looked up before it is known whose it is: two of one id could not be told apart.
    expect(others).toEqual([{ name: 'api_tokens_id', columns: ['id'] }])
  })

  test('refer to rows of the same workspace only', () => {
    const keys = tenants.flatMap(({ foreignKeys }) => foreignKeys)
    expect(keys.length).toBeGreaterThan(5)
    for (const { name, columns, targetColumns, target } of keys) {
      expect([name, columns[0], targetColumns[0]]).toEqual([name, 'workspace_id', 'workspace_id'])
      // To the whole key: what is unique in a workspace is one row.
      expect(targetColumns).toEqual(factsOf(target).primaryKey)
    }
  })

  test('are there for every column that names another row, but for these', () => {
    const unguarded = tenants.flatMap(({ name, columns, primaryKey, foreignKeys }) => {
      const guarded = new Set(foreignKeys.flatMap(key => key.columns))
      const naming = columns.filter(column => /_(?:id|of)$/.test(column) && column !== 'workspace_id')
      const own = primaryKey.at(-1)
      return naming.filter(column => !guarded.has(column) && column !== own).map(column => `${name}.${column}`)
    })
    expect(unguarded.toSorted()).toEqual([
      // Of a viewer, who has no row.
      'api_tokens.created_by_id',
      'audit_log.actor_id',
      // Not of a row.
      'audit_log.request_id',
      // Outlives what it names.
      'audit_log.target_id',
      // The answer to a repeated request, looked up in the workspace of the request.
      'idempotency_keys.result_id',
      'idempotency_keys.viewer_id',
      // Opened with a key of the workspace: `src/secrets` binds ciphertexts to it.
      'sealed_secrets.key_id',
      // The intent comes before the connector; the connector's own column is guarded.
      'secret_versions.connector_id',
      // Only told to clients, in the place of the id.
      'secret_versions.copy_of',
      // A preview has no row.
      'sign_in_attempts.run_id',
      // Master keys belong to no workspace.
      'workspace_keys.master_key_id',
    ])
  })
})

describe.each(testDatabases)('references across workspaces on $name', ({ open }) => {
  let database: Database
  beforeAll(async () => {
    database = await open()
  })
  afterAll(() => database.close())

  const foreignKeys = factsOfAll(sqliteTables).flatMap(facts => facts.foreignKeys.map(({ name }) => name))
  const foreignKey = (name: string): ForeignKey => {
    const found = Object.values(database.tables)
      .flatMap(table => factsOf(table).foreignKeys)
      .find(key => key.name === name)
    if (!found) throw new Error(`There is no foreign key ${name}.`)
    return found
  }

  let rows = 0
  /** A row with something in every column that must not be null, by property of the table. */
  const rowOf = (table: AnyTable, given: Record<string, unknown>): AnyTable['$inferInsert'] => {
    const text = `sample-${++rows}`
    const samples: Record<string, unknown> = { number: rows, boolean: false, date: new Date(), json: {} }
    const values = Object.entries(getTableColumns(table as Table)).map(([property, column]) => {
      if (Object.hasOwn(given, column.name)) return [property, given[column.name]]
      if (!column.notNull) return [property, null]
      return [property, samples[column.dataType] ?? text]
    })
    return Object.fromEntries(values)
  }
  const insert = (table: AnyTable, given: Record<string, unknown>) =>
    database.write(tx => tx.insert(table as Database['tables']['connectors']).values(rowOf(table, given) as never))

  /** A row in the north, and what refers to it from a workspace. */
  const target = async (key: ForeignKey) => {
    const id = `target-${++rows}`
    const idColumn = key.targetColumns.at(-1) ?? ''
    await insert(key.target, { workspace_id: 'north', [idColumn]: id })
    return (workspaceId: string) => ({ workspace_id: workspaceId, [key.columns.at(-1) ?? '']: id })
  }
  const refusal = (writing: Promise<unknown>): Promise<unknown> =>
    writing.then(
      () => null,
      error => (isForeignKeyViolation(error) ? 'FOREIGN_KEY' : error),
    )

  test.each(foreignKeys)('%s lets a row refer to one of its own workspace alone', async name => {
    const key = foreignKey(name)
    const reference = await target(key)
    expect(await refusal(insert(key.table, reference('south')))).toBe('FOREIGN_KEY')
    expect(await refusal(insert(key.table, reference('north')))).toBeNull()
  })

  const changeable = foreignKeys.filter(name => name !== 'audit_seals_entry_fk')
  test.each(changeable)('%s lets no row that refers, or is referred to, change its workspace', async name => {
    const key = foreignKey(name)
    const reference = await target(key)
    await insert(key.table, reference('north'))
    const move = (table: AnyTable, column: string, id: unknown) =>
      database.write(async tx => {
        const columns = Object.values(getTableColumns(table as Table))
        const named = columns.find(each => each.name === column)
        if (!named) throw new Error(`${getTableName(table)} has no column ${column}.`)
        // One type of table for the compiler: each has the column that is set.
        const some = table as Database['tables']['connectors']
        return tx.update(some).set({ workspaceId: 'south' }).where(eq(named, id)).returning({ id: some.workspaceId })
      })
    const referring = key.columns.at(-1) ?? ''
    const id = Object.values(reference('north')).at(-1)
    expect(await refusal(move(key.table, referring, id))).toBe('FOREIGN_KEY')
    expect(await refusal(move(key.target, key.targetColumns.at(-1) ?? '', id))).toBe('FOREIGN_KEY')
  })

  test('a seal of the audit log cannot be moved at all', async () => {
    const reference = await target(foreignKey('audit_seals_entry_fk'))
    await insert(database.tables.auditSeals, reference('north'))
    const { auditSeals } = database.tables
    const moving = database.write(tx => tx.update(auditSeals).set({ workspaceId: 'south' }).returning())
    await expect(moving).rejects.toThrow()
  })
})
