import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const source = join(import.meta.dirname, '../../src')
/** Those of connectors run in processes that have no way to the database. */
const files = globSync('**/*.ts', { cwd: source })
  .filter(file => !file.startsWith('connectors'))
  .map(file => ({ file, text: readFileSync(join(source, file), 'utf8') }))

/** The tables, by whatever name code gets to them: not the service of the same name. */
const tables =
  /\btables\.audit(Log|Seals)\b|tables: \{[^}]*\baudit(Log|Seals)\b|const \{[^}]*\baudit(Log|Seals)\b[^}]*\} = [\w.]*tables\b|\baudit_(log|seals)\b|\bauditSeals\b/

test('one store alone gets to the audit log', () => {
  const users = files.filter(({ text }) => tables.test(text)).map(({ file }) => file)
  expect(users.toSorted()).toEqual(['db/audit-store.ts', 'db/schema.postgres.ts', 'db/schema.sqlite.ts'])
})

test('that store only ever adds to it', () => {
  const { text = '' } = files.find(({ file }) => file === 'db/audit-store.ts') ?? {}
  expect(text).toContain('tx.insert(auditLog)')
  expect(text).toContain('tx.insert(auditSeals)')
  expect(text).not.toMatch(/\.(update|delete|onConflict\w*)\(|\bsql\.raw\b|\b(truncate|replace into)\b/i)
})

test('no code of the program takes a table by its name, or switches triggers off', () => {
  const wrong = files.filter(
    ({ text }) =>
      /drop trigger|disable trigger|session_replication_role|writable_schema|recursive_triggers/i.test(text) ||
      /\btables\[(?!')/.test(text),
  )
  expect(wrong.map(({ file }) => file)).toEqual([])
})
