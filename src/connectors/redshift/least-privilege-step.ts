import type { StepReport } from '../connection-test.ts'
import { failed, passed, skipped, warning } from '../define.ts'
import { measuredText } from '../evidence.ts'
import { problem } from '../problem.ts'
import { summarizeRights } from '../reader-account.ts'
import { ProtocolFaultError } from '../session/protocol-fault.ts'
import { readerRemedies } from './least-privilege-remedy.ts'
import { measurePrivileges, type Right } from './privileges.ts'
import { classifyError, subjectOf } from './problems.ts'
import type { Work } from './work.ts'

/** Whether the account could do more than read. */
export async function leastPrivilegeStep(work: Work): Promise<StepReport> {
  const { config, username } = work
  try {
    const privileges = await measurePrivileges(work)
    const { rights, unseen } = privileges
    const evidence = [
      ...rights.map(right => measuredText('May write', describeRight(right))),
      ...unseen.map(view => measuredText('Could not be looked at', view)),
    ]
    if (rights.length > 0) {
      const params = { username, rights: summarizeRights(rights.map(describeRight)) }
      const remedies = await readerRemedies(work, privileges)
      return warning(
        problem('ACCOUNT_CAN_WRITE', { params, fields: [subjectOf(config).userField], remedies }),
        evidence,
      )
    }
    if (unseen.length === 0) return passed(evidence)
    const detail = `These views could not be looked at: ${unseen.join(', ')}.`
    return skipped(problem('PRIVILEGES_UNKNOWN', { detail }), evidence)
  } catch (error) {
    if (work.signal.aborted) throw error
    const known = classifyError(error, 'WORK', config, username)
    if (work.isBroken || error instanceof ProtocolFaultError) return failed(known)
    return skipped(problem('PRIVILEGES_UNKNOWN', { detail: known.detail ?? known.message }))
  }
}

function describeRight({ kind, object, via }: Right): string {
  const by = via === null ? '' : ` (by ${via})`
  switch (kind) {
    case 'SUPERUSER':
      return 'is superuser'
    case 'USER_FLAG':
      return `has ${object}${by}`
    case 'ROLE':
      return `has the role ${object}${by}`
    case 'OWNER':
      return `owns ${object}${by}`
    case 'TABLE':
      return object.includes(' on ') ? `has ${object}${by}` : `may change ${object}${by}`
    case 'DATABASE':
      return object.startsWith('create') ? `may ${object}${by}` : `has ${object} on the database${by}`
    case 'SCHEMA':
      return `has ${object}${by}`
    case 'SYSTEM':
      return `has the system privilege ${object}${by}`
  }
}
