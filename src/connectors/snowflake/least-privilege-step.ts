import type { StepReport } from '../connection-test.ts'
import { passed, skipped, warning } from '../define.ts'
import { measuredText } from '../evidence.ts'
import { problem, type Remedy } from '../problem.ts'
import { readerAccountRemedies, summarizeRights } from '../reader-account.ts'
import { grantsOf } from './grants.ts'
import { secretField } from './problems.ts'
import { readerName, readerSql } from './reader-sql.ts'
import type { Work } from './work.ts'

const maxShown = 20

/** Whether the role could do more than read, by its grants and those of all roles that it has. */
export async function leastPrivilegeStep(work: Work): Promise<StepReport> {
  const { session, evidence } = work
  const { role } = session
  if (role === null) return skipped(problem('PRIVILEGES_UNKNOWN', { detail: 'The session has no role.' }))
  const { writing, roles, unknown } = await grantsOf(work, role)
  evidence.push(measuredText('Roles looked at', roles.join(', ')))
  if (writing.length > 0) {
    evidence.push(...writing.slice(0, maxShown).map(words => measuredText('Beyond reading', words)))
    if (writing.length > maxShown) evidence.push(measuredText('Beyond reading', `${writing.length - maxShown} more`))
    const params = { username: session.user ?? session.config.username, rights: summarizeRights(writing) }
    return warning(
      problem('ACCOUNT_CAN_WRITE', { params, fields: ['role', 'username'], remedies: remedies(work) }),
      evidence,
    )
  }
  if (unknown !== null) return skipped(problem('PRIVILEGES_UNKNOWN', { detail: unknown, fields: ['role'] }), evidence)
  return passed([...evidence, measuredText('Beyond reading', 'nothing')])
}

function remedies({ session }: Work): Remedy[] {
  const { config } = session
  const { database = null, schema = null } = config
  const useRole: Remedy = {
    kind: 'SET_FIELD',
    title: `Use the new role "${readerName}"`,
    field: 'role',
    value: readerName,
  }
  const { keyPair, accessToken } = config.auth
  const [create, ...use] = readerAccountRemedies({
    username: readerName,
    sql: readerSql(config, { database, schema }),
    usernameField: 'username',
    // The key of the form is the new user's, too.
    passwordField: accessToken ? secretField(config) : null,
  })
  const named = use.map(remedy =>
    remedy.kind === 'REENTER_SECRET' ? { ...remedy, title: 'Give what the new user signs in with' } : remedy,
  )
  // A user for programs has no password, and a client's tokens are for whom the identity provider says.
  if (!keyPair && !accessToken) {
    const title = 'Give a key pair of the new user, or a token, in the place of what signs in now'
    named.push({ kind: 'READ_DOCS', title, url: 'connectors/snowflake.md#read-only-account' })
  }
  return [...(create ? [create] : []), useRole, ...named]
}
