import { clientCertificateRequired } from '../network/secure-report.ts'
import { isClientCertificateRefusal } from '../network/tls.ts'
import { type Problem, problem } from '../problem.ts'
import { context, driverRules, type Phase, type Reading, serverRules } from './error-rules.ts'
import type { PostgresConfig } from './form.ts'
import { ByteLimitError, NoPasswordError } from './session.ts'
import { PasswordRefusedError, ServerProofError } from './sign-in-guard.ts'

const systemCodes: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'])

/** Names what went wrong. What no rule knows is UNCLASSIFIED, never a success. */
export function classifyError(error: unknown, phase: Phase, config: PostgresConfig): Problem {
  const { params } = context(config)
  if (error instanceof PasswordRefusedError) {
    return problem('CLEARTEXT_PASSWORD_REFUSED', { params, detail: error.message, fields: ['tls.mode'] })
  }
  if (error instanceof ServerProofError)
    return problem('SERVER_PROOF_MISSING', { params, detail: error.message, fields: ['host', 'port'] })
  if (error instanceof NoPasswordError) {
    return problem('AUTH_METHOD_UNSUPPORTED', {
      params: { ...params, method: error.method },
      detail: error.message,
      fields: ['auth'],
    })
  }
  if (error instanceof ByteLimitError) {
    return problem('RESULT_TOO_LARGE', { params: { limit: `${Math.floor(error.maxBytes / 1_048_576)} MB` } })
  }
  const { code, message = String(error) } = error as { code?: unknown; message?: string }
  const state = typeof code === 'string' ? code : ''
  if (isClientCertificateRefusal({ code: state, name: '', message })) return clientCertificateRequired(message)
  if (systemCodes.has(state))
    return problem('CONNECTION_RESET', { params, detail: `${message} (${state})`, fields: ['host', 'port'] })
  const isSqlState = /^[0-9A-Z]{5}$/.test(state)
  const reading: Reading = { state, message, phase, config }
  for (const rule of isSqlState ? serverRules : driverRules) {
    if (rule.phase !== undefined && rule.phase !== phase) continue
    if (rule.state !== undefined && !state.startsWith(rule.state)) continue
    const match = rule.message ? rule.message.exec(message) : null
    if (rule.message && !match) continue
    const { code: known, ...options } = rule.means(reading, match)
    return problem(known, options)
  }
  return problem('UNCLASSIFIED', { params, detail: state === '' ? message : `${message} (${state})` })
}

/** Errors that are about the server as a whole: they end GREET, before anything about the user is known. */
export const isServerWide = (state: string): boolean => ['57P01', '57P02', '57P03', '53300'].includes(state)
