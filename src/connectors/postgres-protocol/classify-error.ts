import { clientCertificateRequired } from '../network/handshake-problem.ts'
import { isClientCertificateRefusal } from '../network/tls.ts'
import { type Problem, problem } from '../problem.ts'
import { ByteLimitError, ProtocolFaultError } from '../session/protocol-fault.ts'
import {
  driverRules,
  type Phase,
  paramsOf,
  type Reading,
  type Rule,
  type Subject,
  serverRules,
  violation,
} from './error-rules.ts'
import { NoPasswordError } from './session.ts'
import { PasswordRefusedError, ServerProofError, UnsupportedMethodError } from './sign-in-guard.ts'

const systemCodes: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'])

/** Longer than anything that PostgreSQL says before it quotes what it was given. */
const maxWordsRead = 4_096

/** Names what went wrong; a type's own rules come first. What no rule knows is UNCLASSIFIED, never a success. */
export function classifyServerError(
  error: unknown,
  phase: Phase,
  subject: Subject,
  ownRules: readonly Rule[] = [],
): Problem {
  const params = paramsOf(subject)
  if (error instanceof PasswordRefusedError) {
    return problem('CLEARTEXT_PASSWORD_REFUSED', { params, detail: error.message, fields: ['tls.mode'] })
  }
  if (error instanceof ServerProofError)
    return problem('SERVER_PROOF_MISSING', { params, detail: error.message, fields: ['host', 'port'] })
  if (error instanceof NoPasswordError || error instanceof UnsupportedMethodError) {
    return problem('AUTH_METHOD_UNSUPPORTED', {
      params: { ...params, method: error.method },
      detail: error.message,
      fields: ['auth'],
    })
  }
  if (error instanceof ProtocolFaultError) return protocolViolation(error.fault, subject)
  if (error instanceof ByteLimitError) {
    const limit = `${Math.floor(error.maxBytes / 1_048_576)} MB`
    // Only a reader's own statement has a result that could be made smaller.
    return phase === 'QUERY'
      ? problem('RESULT_TOO_LARGE', { params: { limit } })
      : protocolViolation(`it sent more than ${limit} where a few kilobytes are expected`, subject)
  }
  const { code, message: words = String(error) } = error as { code?: unknown; message?: string }
  // A hostile server writes as much as it likes, and what looks for a phrase in it may take the square of that.
  const message = words.slice(0, maxWordsRead)
  const state = typeof code === 'string' ? code : ''
  if (isClientCertificateRefusal({ code: state, name: '', message })) return clientCertificateRequired(message)
  // After the handshake a fault of the encryption is a broken connection like any other.
  if (systemCodes.has(state) || /^(EPROTO$|ERR_SSL_)/.test(state))
    return problem('CONNECTION_RESET', { params, detail: `${message} (${state})`, fields: ['host', 'port'] })
  const isSqlState = /^[0-9A-Z]{5}$/.test(state)
  const reading: Reading = { state, message, phase, subject }
  for (const rule of isSqlState ? [...ownRules, ...serverRules] : driverRules) {
    if (rule.phase !== undefined && rule.phase !== phase) continue
    if (rule.state !== undefined && !state.startsWith(rule.state)) continue
    const match = rule.message ? rule.message.exec(message) : null
    if (rule.message && !match) continue
    const { code: known, ...options } = rule.means(reading, match)
    return problem(known, options)
  }
  return problem('UNCLASSIFIED', { params, detail: state === '' ? message : `${message} (${state})` })
}

function protocolViolation(fault: string, subject: Subject): Problem {
  const { code, ...options } = violation(fault, subject)
  return problem(code, options)
}

/** Errors that are about the server as a whole: they end GREET, before anything about the user is known. */
export const isServerWide = (state: string): boolean => ['57P01', '57P02', '57P03', '53300'].includes(state)
