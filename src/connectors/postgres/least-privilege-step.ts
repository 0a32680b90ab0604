import type { StepReport } from '../connection-test.ts'
import { failed, passed, type StepContext, skipped, warning } from '../define.ts'
import type { Evidence } from '../evidence.ts'
import { problem, type Remedy } from '../problem.ts'
import { credentialsOf } from './credentials.ts'
import { type ReaderRemedy, readerRemedy } from './least-privilege-remedy.ts'
import { measurePrivileges, type Right } from './privileges.ts'
import { classifyError } from './problems.ts'
import type { WorkTransaction } from './work-transaction.ts'

/** Whether the account could do more than read. */
export async function leastPrivilegeStep(work: WorkTransaction, context: StepContext): Promise<StepReport> {
  const { config } = work
  try {
    return await work.read(context, async run => {
      const { rights, notes } = await measurePrivileges(run)
      const evidence = [
        ...rights.map(
          (right): Evidence => ({
            kind: 'TEXT',
            label: 'May write',
            measuredOn: 'SAME_SOCKET',
            value: describeRight(right),
          }),
        ),
        ...notes.map((note): Evidence => ({ kind: 'TEXT', label: 'Note', measuredOn: 'SAME_SOCKET', value: note })),
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
    return skipped(problem('PRIVILEGES_UNKNOWN', { detail: known.detail }))
  }
}

function remedies({ role, sql }: ReaderRemedy, path: string, hasPassword: boolean): Remedy[] {
  return [
    { kind: 'RUN_SQL', title: 'Create an account that can only read', sql },
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
    case 'DATABASE':
      return `may create schemas in the database "${right.object}"${via(right)}`
    case 'SCHEMA':
      return `may create objects in the schema "${right.object}"${via(right)}`
    case 'TABLE':
      return `may change ${right.object}${via(right)}`
    case 'SEQUENCE':
      return `may advance the sequence ${right.object}${via(right)}`
  }
}

/** The first few rights in words; the evidence holds them all. */
function summarize(rights: readonly Right[]): string {
  const shown = rights.slice(0, 3).map(describeRight).join('; ')
  return rights.length > 3 ? `${shown}; and more` : shown
}
