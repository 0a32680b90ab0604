import { isRecord } from '../form-tree-walk.ts'
import { problem } from '../problem.ts'
import { quoteName } from '../sql/quote-name.ts'
import { likeName, plainName, quotedPath } from './names.ts'
import { isRefusal, type SnowflakeRefusalError } from './refusal.ts'
import { similarRemedies } from './warehouse.ts'
import { isDenied, StepProblemError, type Work } from './work.ts'

/**
 * No role but the session's own has a say, and that is the form's: for a query, which believes what Snowflake says of the
 * session. Throws `StepProblemError`, and as `Work.run`.
 */
export async function useRole(work: Work): Promise<void> {
  const { role, refused } = await leaveSecondaryRoles(work)
  if (role === null) await askRoles(work, refused)
  else assertRole(work, role)
}

/** The same for a test, which asks. */
export async function useRoleAndAsk(work: Work): Promise<void> {
  const { refused } = await leaveSecondaryRoles(work)
  await askRoles(work, refused)
}

/** What the session's role is then, as far as it is told. Throws as `Work.run`. */
async function leaveSecondaryRoles(work: Work): Promise<{
  readonly role: string | null
  /** Some sessions may not change them: those of external OAuth could not, and policies may be in the way. */
  readonly refused: SnowflakeRefusalError | null
}> {
  try {
    const { role } = await work.run('USE SECONDARY ROLES NONE')
    return { role, refused: null }
  } catch (error) {
    if (!isRefusal(error)) throw error
    return { role: null, refused: error }
  }
}

async function askRoles(work: Work, refused: SnowflakeRefusalError | null): Promise<void> {
  const { session } = work
  const [user, role, secondary] = await work.ask('SELECT CURRENT_USER(), CURRENT_ROLE(), CURRENT_SECONDARY_ROLES()')
  if (!saysNone(secondary ?? '')) {
    throw refused ?? new StepProblemError(session.violation('other roles stay in force that were turned off'))
  }
  assertRole(work, role ?? null)
  session.identified(user ?? null, session.config.role ?? role ?? null)
}

function assertRole({ session }: Work, role: string | null): void {
  const { role: wanted, username } = session.config
  if (wanted === undefined || role === wanted || role === plainName(wanted)) return
  const params = { role: wanted, username }
  const remedies = similarRemedies('role', wanted, role === null ? [] : [role])
  throw new StepProblemError(problem('ROLE_NOT_GRANTED', { params, fields: ['role'], remedies }))
}

/** `{"roles":"","value":""}`, where others have names in it. What is told in another way may mean anything. */
function saysNone(text: string): boolean {
  try {
    const told: unknown = JSON.parse(text)
    return isRecord(told) && told['roles'] === '' && ['', 'NONE'].includes(String(told['value'] ?? ''))
  } catch {
    return false
  }
}

/** Makes the form's database and schema the session's. Throws `StepProblemError`, and as `Work.run`. */
export async function useScope(work: Work): Promise<void> {
  const { database, schema } = work.session.config
  if (database === undefined) return
  await use(work, { kind: 'database', name: database, path: quoteName(database), within: '' })
  if (schema === undefined) return
  const within = ` IN DATABASE ${quoteName(database)}`
  await use(work, { kind: 'schema', name: schema, path: quotedPath(database, schema), within })
}

interface Wanted {
  readonly kind: 'database' | 'schema'
  readonly name: string
  readonly path: string
  /** Where it is listed. */
  readonly within: string
}

async function use(work: Work, { kind, name, path, within }: Wanted): Promise<void> {
  try {
    await work.run(`USE ${kind.toUpperCase()} ${path}`)
  } catch (error) {
    if (!isDenied(error, work.session)) throw error
    const { rows } = await work.list(`SHOW ${kind.toUpperCase()}S LIKE ${likeName(name)}${within}`)
    const names = rows.map(row => row['name'] ?? '')
    const detail = `${error.message} (${error.code})`
    const { config } = work.session
    const about = {
      params: { username: config.username, database: config.database ?? '', schema: config.schema ?? '' },
      fields: [kind, 'role'],
      detail,
    }
    if (names.includes(name)) throw new StepProblemError(problem('PERMISSION_DENIED', about))
    const code = kind === 'database' ? 'DATABASE_NOT_FOUND' : 'SCHEMA_NOT_FOUND'
    throw new StepProblemError(problem(code, { ...about, remedies: similarRemedies(kind, name, names) }))
  }
}
