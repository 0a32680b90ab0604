import type { StepReport } from '../connection-test.ts'
import { failed, passed, type StepContext, skipped, warning } from '../define.ts'
import { measuredText } from '../evidence.ts'
import type { WorkTransaction } from '../postgres-protocol/work-transaction.ts'
import { cleanText, problem, type Remedy } from '../problem.ts'
import { credentialsOf } from './credentials.ts'
import type { PostgresConfig } from './form.ts'
import { type ReaderRemedy, readerRemedy } from './least-privilege-remedy.ts'
import { measurePrivileges, type Right } from './privileges.ts'
import { classifyError } from './problems.ts'

/** As much as anybody reads; a report takes 200. */
const maxRightsShown = 150

/** As much as a report takes. */
const maxSqlLength = 50_000

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
          params: { username, rights: summarize(rights) },
          fields: [`${path}.username`],
          remedies: remedies(await readerRemedy(run, config), path, config.auth.password !== undefined),
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

function remedies({ role, sql }: ReaderRemedy, path: string, hasPassword: boolean): Remedy[] {
  return [
    // No real catalogue comes to so much; a hostile server's may.
    ...(sql.length > maxSqlLength
      ? []
      : [{ kind: 'RUN_SQL', title: 'Create an account that can only read', sql } as const]),
    { kind: 'SET_FIELD', title: `Use the new account "${role}"`, field: `${path}.username`, value: role },
    ...(hasPassword
      ? [{ kind: 'REENTER_SECRET', title: "Type the new account's password", field: `${path}.password` } as const]
      : []),
  ]
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

/** The first few rights in words; the evidence holds them all. */
function summarize(rights: readonly Right[]): string {
  const shown = cleanText(rights.slice(0, 3).map(describeRight).join('; '), 600)
  return rights.length > 3 ? `${shown}; and more` : shown
}
