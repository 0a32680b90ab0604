import type { StepReport } from '../connection-test.ts'
import { failed, passed, type StepContext, skipped, warning } from '../define.ts'
import { measuredText } from '../evidence.ts'
import { problem } from '../problem.ts'
import { readerAccountRemedies, summarizeRights } from '../reader-account.ts'
import { credentialsOf } from './credentials.ts'
import { readerRemedy } from './least-privilege-remedy.ts'
import { GrantsUnknownError, measurePrivileges, type Right } from './privileges.ts'
import { accountIn } from './remedy-sql.ts'
import type { Work } from './work.ts'

/** As much as anybody reads; a report takes 200. */
const maxRightsShown = 150

/** Whether the account could do more than read. */
export async function leastPrivilegeStep(work: Work, context: StepContext): Promise<StepReport> {
  const { config, session } = work
  try {
    // The server gives up before the step does, so that a slow catalogue reads as not measured.
    return await work.read({ ...context, budgetMs: context.budgetMs * 0.8 }, async run => {
      const privileges = await measurePrivileges(run, session.flavour, config.database)
      const { rights, notes } = privileges
      const evidence = [
        ...rights.slice(0, maxRightsShown).map(right => measuredText('May write', describeRight(right))),
        ...notes.map(note => measuredText('Note', note)),
      ]
      if (rights.length === 0) return passed(evidence)
      const { path, username } = credentialsOf(config)
      return warning(
        problem('ACCOUNT_CAN_WRITE', {
          params: { username, rights: summarizeRights(rights.map(describeRight)) },
          fields: [`${path}.username`],
          remedies: readerAccountRemedies({
            ...(await readerRemedy(run, config, privileges, accountIn(session.account))),
            usernameField: `${path}.username`,
            passwordField: config.auth.password === undefined ? null : `${path}.password`,
          }),
        }),
        evidence,
      )
    })
  } catch (error) {
    if (context.signal.aborted) throw error
    if (error instanceof GrantsUnknownError) return skipped(problem('PRIVILEGES_UNKNOWN', { detail: error.message }))
    const known = work.problemOf(error)
    if (work.failure) return failed(known)
    return skipped(problem('PRIVILEGES_UNKNOWN', { detail: known.detail ?? known.message }))
  }
}

const via = ({ via: role }: Right): string =>
  role === null ? '' : role === 'PUBLIC' ? ' (as everybody may)' : ` (as "${role}")`

function describeRight(right: Right): string {
  const names = right.names.map(name => name.toUpperCase()).join(', ')
  switch (right.kind) {
    case 'GLOBAL':
      return `has ${names} on the whole server${via(right)}`
    case 'DATABASE':
      return `has ${names} on the database "${right.object}"${via(right)}`
    case 'TABLE':
      return `may change ${right.object}: ${names}${via(right)}`
    case 'ROUTINE':
      return `may change the routine ${right.object}: ${names}${via(right)}`
    case 'MAINTAIN':
      return `may lock or refer to ${right.object === '' ? 'any table' : right.object}: ${names}${via(right)}`
    case 'PROXY':
      return `may act as another account (PROXY)${via(right)}`
    case 'ROLE':
      return `may give the role "${right.object}" to others${via(right)}`
  }
}
