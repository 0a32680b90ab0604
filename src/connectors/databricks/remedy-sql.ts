import type { HeldRight } from './privileges.ts'
import type { Found } from './read-step.ts'
import { tick, tickPath } from './table-sql.ts'

/** More statements than these nobody reads. */
const maxLines = 100
const maxLength = 50_000

/** Names that a comment may hold: none that could end it. */
const plain = (name: string): string => name.replace(/[\r\n]+/g, ' ').replace(/\\/g, ' ')

/**
 * What an administrator runs to leave a principal only the rights to read: what was found of rights to do more is taken
 * away, and what reading takes is granted. Null where there is too much of it.
 */
export function readerSql(principal: string, rights: readonly HeldRight[], found: Found): string | null {
  const lines = [...rights.flatMap(right => takenAway(principal, right)), ...granted(principal, found)]
  const sql = lines.join('\n')
  return lines.length > maxLines || sql.length > maxLength ? null : sql
}

function takenAway(principal: string, { privilege, on, through }: HeldRight): string[] {
  if (!on) return [`-- Take ${plain(principal)} out of the group ${plain(through ?? 'admins')} of the workspace.`]
  const type = on.type.replaceAll('_', ' ')
  const target = type === 'METASTORE' ? 'METASTORE' : `${type} ${tickPath(on.name.split('.'))}`
  if (privilege === 'OWNER') {
    return [`-- Give it another owner: ALTER ${plain(target)} OWNER TO ...`]
  }
  const revoke = `REVOKE ${privilege.replace(/[^A-Z_]/g, '').replaceAll('_', ' ')} ON ${target} FROM ${tick(through ?? principal)};`
  return through === null
    ? [revoke]
    : [`-- Or take ${plain(principal)} out of the group ${plain(through)}, where the group needs this right:`, revoke]
}

/** On what was listed: the catalog as a whole where the form names no schema. */
function granted(principal: string, { securables }: Found): string[] {
  const to = `TO ${tick(principal)};`
  const catalogs = securables.filter(({ type }) => type === 'CATALOG').map(({ parts }) => parts)
  const schemas = securables.filter(({ type }) => type === 'SCHEMA').map(({ parts }) => parts)
  return [
    ...catalogs.map(parts => `GRANT USE CATALOG ON CATALOG ${tickPath(parts)} ${to}`),
    ...schemas.flatMap(parts => [
      `GRANT USE SCHEMA ON SCHEMA ${tickPath(parts)} ${to}`,
      `GRANT SELECT ON SCHEMA ${tickPath(parts)} ${to}`,
    ]),
  ]
}
