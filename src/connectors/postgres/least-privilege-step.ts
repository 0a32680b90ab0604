import type { StepReport } from '../connection-test.ts'
import { failed, passed, type StepContext, skipped, warning } from '../define.ts'
import { measuredText } from '../evidence.ts'
import type { WorkTransaction } from '../postgres-protocol/work-transaction.ts'
import { problem } from '../problem.ts'
import { readerAccountRemedies, summarizeRights } from '../reader-account.ts'
import { credentialsOf } from './credentials.ts'
import type { PostgresConfig } from './form.ts'
import { readerRemedy } from './least-privilege-remedy.ts'
import { measurePrivileges, type Right } from './privileges.ts'
import { classifyError } from './problems.ts'

/** As much as anybody reads; a report takes 200. */
const maxRightsShown = 150

/** Whether the account could do more than read. */
export async function leastPrivilegeStep(
  work: WorkTransaction<PostgresConfig>,
  context: StepContext,
): Promise<StepReport> {
  const { config } = work
  try {
    // The server gives up before the step does, so that a slow catalogue reads as not measured.
    return await work.read({ ...context, budgetMs: context.budgetMs * 0.8 }, async run => {
      const { rights, notes } = await measurePrivileges(run)
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
            ...(await readerRemedy(run, config)),
            usernameField: `${path}.username`,
            passwordField: config.auth.password === undefined ? null : `${path}.password`,
          }),
        }),
        evidence,
      )
    })
  } catch (error) {
    if (context.signal.aborted) throw error
    const known = classifyError(error, 'WORK', config)
    if (work.failure) return failed(known)
    return skipped(problem('PRIVILEGES_UNKNOWN', { detail: known.detail ?? known.message }))
  }
}

const via = ({ via: role }: Right): string => (role === null ? '' : ` (as "${role}")`)

function describeRight(right: Right): string {
  switch (right.kind) {
    case 'SUPERUSER':
      return right.via === null ? 'is superuser' : `can become superuser${via(right)}`
    case 'ROLE_FLAG':
      return `has ${right.object}${via(right)}`
    case 'MEMBERSHIP':
      return `is a member of ${right.object}`
    case 'OWNER':
      return `owns ${right.object}${via(right)}`
    case 'DATABASE':
      return `may create schemas in the database "${right.object}"${via(right)}`
    case 'SCHEMA':
      return `may create objects in the schema "${right.object}"${via(right)}`
    case 'TABLE':
      return `may change ${right.object}${via(right)}`
    case 'MAINTAIN':
      return `may lock, rebuild or refer to ${right.object}${via(right)}`
    case 'SEQUENCE':
      return `may advance the sequence ${right.object}${via(right)}`
    case 'LARGE_OBJECT':
      return `may change the large object ${right.object}${via(right)}`
    case 'FOREIGN':
      return `may set up connections by the foreign ${right.object}${via(right)}`
    case 'FUNCTION':
      return `may call ${right.object}${via(right)}, which does more than read`
    case 'SETTING':
      return `may change the server's setting ${right.object}${via(right)}`
  }
}
