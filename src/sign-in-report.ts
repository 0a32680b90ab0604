import type { AuthenticationError } from './identity/authenticator.ts'
import type { Logger } from './log.ts'
import type { AuditLog } from './services/audit.ts'
import type { ViewerRequest } from './services/viewer.ts'

const windowMs = 1_000
const linesPerWindow = 5

interface SignInReportOptions {
  readonly logger: Logger
  readonly audit: Pick<AuditLog, 'refused'>
}

/** Told of every caller that was not let in. */
export type SignInReport = (error: AuthenticationError, request: ViewerRequest, transport: string) => void

/**
 * Writes failed sign-ins to the log, only so many a second, with a line that counts the others; and to the audit log of
 * the workspace whose credential it certainly was.
 */
export function createSignInReport({ logger, audit }: SignInReportOptions): SignInReport {
  let lines = 0
  let more = 0
  const summary = () => {
    if (more > 0) logger.warn({ count: more }, 'More callers were not let in')
    lines = 0
    more = 0
  }
  const log: SignInReport = ({ fault, message, viewer, cause }, { id: requestId }, transport) => {
    if (lines >= linesPerWindow) {
      more += 1
      return
    }
    if (lines === 0) setTimeout(summary, windowMs).unref()
    lines += 1
    const known = viewer && { viewerId: viewer.id, workspaceId: viewer.workspace.id }
    logger.warn(
      { requestId, transport, code: fault, reason: message, ...known, ...(cause !== undefined && { err: cause }) },
      'A caller was not let in',
    )
  }
  return (error, request, transport) => {
    log(error, request, transport)
    const { viewer, fault } = error
    if (viewer !== null) void audit.refused({ ...viewer, request }, { action: 'SIGN_IN' }, fault)
  }
}
