import type { StepReport } from '../connection-test.ts'
import { failed, passed, type StepContext, skipped, warning } from '../define.ts'
import { measuredText } from '../evidence.ts'
import { cleanText, problem, type Remedy } from '../problem.ts'
import { credentialsOf } from './credentials.ts'
import { type ReaderRemedy, readerRemedy } from './least-privilege-remedy.ts'
import { GrantsUnknownError, measurePrivileges, type Right } from './privileges.ts'
import { accountIn } from './remedy-sql.ts'
import type { Work } from './work.ts'

/** As much as anybody reads; a report takes 200. */
const maxRightsShown = 150
/** As much as a report takes. */
const maxSqlLength = 50_000

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
          params: { username, rights: summarize(rights) },
          fields: [`${path}.username`],
          remedies: remedies(
            await readerRemedy(run, config, privileges, accountIn(session.account)),
            path,
            config.auth.password !== undefined,
          ),
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

function remedies({ user, sql }: ReaderRemedy, path: string, hasPassword: boolean): Remedy[] {
  return [
    // No real server's answer comes to so much; a hostile one's may.
    ...(sql.length > maxSqlLength
      ? []
      : [{ kind: 'RUN_SQL', title: 'Create an account that can only read', sql } as const]),
    { kind: 'SET_FIELD', title: `Use the new account "${user}"`, field: `${path}.username`, value: user },
    ...(hasPassword
      ? [{ kind: 'REENTER_SECRET', title: "Type the new account's password", field: `${path}.password` } as const]
      : []),
  ]
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

/** The first few rights in words; the evidence holds them all. */
function summarize(rights: readonly Right[]): string {
  const shown = cleanText(rights.slice(0, 3).map(describeRight).join('; '), 600)
  return rights.length > 3 ? `${shown}; and more` : shown
}
