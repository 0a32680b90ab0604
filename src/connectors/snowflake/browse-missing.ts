import { pathNotFound } from '../listing-problems.ts'
import { type Problem, problem, type Remedy } from '../problem.ts'
import { likeName, quotedPath } from './names.ts'
import type { SnowflakeRefusalError } from './refusal.ts'
import { similarRemedies } from './warehouse.ts'
import { isDenied, type Work } from './work.ts'

const levels = [
  { what: 'database', show: 'DATABASES', within: '', right: 'USAGE ON DATABASE' },
  { what: 'schema', show: 'SCHEMAS', within: ' IN DATABASE ', right: 'USAGE ON SCHEMA' },
  { what: 'table or view', show: 'OBJECTS', within: ' IN SCHEMA ', right: 'SELECT ON TABLE' },
] as const

/**
 * Why something is not listed: Snowflake says that it is not there or not allowed, without saying which. What is seen
 * among its neighbours is there. Throws as `Work.list`.
 */
export async function whyNotListed(
  work: Work,
  path: readonly string[],
  { message, code }: SnowflakeRefusalError,
): Promise<Problem> {
  const detail = `${message} (${code})`
  return (await unseenPart(work, path, detail)) ?? denied(work, path, detail)
}

/** The problem of the first part of a path that the role does not see; null where it sees them all. Throws as `Work.list`. */
export async function unseenPart(
  work: Work,
  path: readonly string[],
  detail: string | null = null,
): Promise<Problem | null> {
  for (const [index, { what, show, within }] of levels.slice(0, path.length).entries()) {
    const name = path[index] ?? ''
    const place = within === '' ? '' : `${within}${quotedPath(...path.slice(0, index))}`
    const names = await namesSeen(work, `SHOW ${show} LIKE ${likeName(name)}${place}`)
    if (names === null) return denied(work, path.slice(0, index), detail)
    if (names.includes(name)) continue
    const fields = what === 'database' && work.session.config.database === name ? ['database', 'role'] : ['role']
    const remedies = fields[0] === 'database' ? similarRemedies('database', name, names) : []
    return pathNotFound(what, name, { fields, remedies, detail })
  }
  return null
}

/** Null where that may not be listed. */
async function namesSeen(work: Work, text: string): Promise<readonly string[] | null> {
  try {
    const { rows } = await work.list(text)
    return rows.map(({ name = '' }) => name)
  } catch (error) {
    if (isDenied(error, work.session)) return null
    throw error
  }
}

function denied({ session }: Work, path: readonly string[], detail: string | null): Problem {
  const role = session.role ?? session.config.role
  const level = levels[path.length - 1]
  const remedies: Remedy[] =
    role === undefined || !level
      ? []
      : [
          {
            kind: 'RUN_SQL',
            title: `Let the role use the ${level.what}`,
            sql: `GRANT ${level.right} ${quotedPath(...path)} TO ROLE ${quotedPath(role)};`,
          },
        ]
  return problem('PERMISSION_DENIED', { fields: ['role'], remedies, detail })
}
