import type { QueryConfig } from 'pg'

/**
 * The statements that one account ran, out of a log of PostgreSQL with `log_statement = all` and a line prefix that
 * ends in `user@database `. Continued lines begin with a tab.
 */
export function loggedStatements(log: string, username: string): readonly QueryConfig[] {
  const statements: { text: string; values: (string | null)[] }[] = []
  for (const entry of log.replaceAll('\n\t', '\n\t\u0000').replaceAll('\n\t\u0000', '\u0000').split('\n')) {
    const text = entry.replaceAll('\u0000', '\n')
    const [, kind, rest = ''] = new RegExp(`${username}@\\S+ (LOG|DETAIL):\\s+(.*)$`, 's').exec(text) ?? []
    if (kind === 'LOG') {
      const [, statement] = /^(?:statement|execute [^:]*): (.*)$/s.exec(rest) ?? []
      if (statement !== undefined) statements.push({ text: statement, values: [] })
    } else if (kind === 'DETAIL') {
      const last = statements.at(-1)
      for (const [, value = ''] of rest.matchAll(/\$\d+ = ('(?:[^']|'')*'|NULL)/g)) {
        last?.values.push(value === 'NULL' ? null : value.slice(1, -1).replaceAll("''", "'"))
      }
    }
  }
  return statements.map(({ text, values }) => (values.length > 0 ? { text, values } : { text }))
}
