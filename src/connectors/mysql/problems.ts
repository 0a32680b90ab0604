import { clientCertificateRequired } from '../network/handshake-problem.ts'
import { isClientCertificateRefusal } from '../network/tls.ts'
import { cleanText, type Problem, problem } from '../problem.ts'
import { ByteLimitError, ProtocolFaultError } from '../session/protocol-fault.ts'
import { credentialsOf } from './credentials.ts'
import {
  blamesStatement,
  type Known,
  type Phase,
  paramsOf,
  pluginUnsupported,
  rules,
  violation,
} from './error-rules.ts'
import type { MysqlConfig } from './form.ts'
import type { Flavour } from './handshake.ts'
import { type Account, anywhere } from './remedy-sql.ts'
import { PasswordRefusedError, UnsupportedPluginError } from './sign-in-errors.ts'

const systemCodes: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'])

/** Longer than anything that a server says before it quotes what it was given. */
const maxWordsRead = 4_096

/**
 * Names what went wrong. What no rule knows is UNCLASSIFIED, never a success. `flavour`: null where the server has not
 * said which it is; numbers of one flavour alone are then nobody's. `account`: as whom the server has let it in.
 */
export function classifyError(
  error: unknown,
  phase: Phase,
  config: MysqlConfig,
  flavour: Flavour | null,
  account: Account = anywhere(credentialsOf(config).username),
): Problem {
  const own = ownError(error, phase, config, account)
  if (own) return asProblem(own)
  const { code, errno, sqlState, message: words = String(error) } = error as DriverError
  // A hostile server writes as much as it likes.
  const message = words.slice(0, maxWordsRead)
  const name = typeof code === 'string' ? code : ''
  // Errors of the system have numbers below zero.
  if (typeof errno === 'number' && errno > 0) {
    const reading = { errno, message, phase, config, account }
    const rule = rules.find(
      each =>
        each.errno.includes(errno) &&
        (each.flavour === undefined || each.flavour === flavour) &&
        (each.phase === undefined || each.phase === phase),
    )
    if (rule) return asProblem(rule.means(reading))
    const detail = `${cleanText(message, 280)} (${errno})`
    if (phase === 'QUERY' && typeof sqlState === 'string' && blamesStatement(sqlState))
      return problem('QUERY_INVALID', { params: paramsOf(config), detail })
    return problem('UNCLASSIFIED', { params: paramsOf(config), detail })
  }
  if (isClientCertificateRefusal({ code: name, name: '', message })) return clientCertificateRequired(message)
  // After the handshake a fault of the encryption is a broken connection like any other.
  if (systemCodes.has(name) || /^(EPROTO$|ERR_SSL_|PROTOCOL_CONNECTION_LOST$)/.test(name)) {
    const detail = `${message} (${name})`
    return problem('CONNECTION_RESET', { params: paramsOf(config), detail, fields: ['host', 'port'] })
  }
  return problem('UNCLASSIFIED', { params: paramsOf(config), detail: name === '' ? message : `${message} (${name})` })
}

interface DriverError {
  readonly code?: unknown
  readonly errno?: unknown
  readonly sqlState?: unknown
  readonly message?: string
}

/** What was found here, not said by the server; null for everything else. */
function ownError(error: unknown, phase: Phase, config: MysqlConfig, account: Account): Known | null {
  if (error instanceof PasswordRefusedError) {
    const { mode } = config.tls
    return {
      code: 'CLEARTEXT_PASSWORD_REFUSED',
      params: { ...paramsOf(config), plugin: error.plugin },
      detail: error.message,
      fields: ['tls.mode'],
      remedies:
        mode === 'VERIFY_FULL'
          ? []
          : [{ kind: 'SET_FIELD', title: 'Verify the server', field: 'tls.mode', value: 'VERIFY_FULL' }],
    }
  }
  if (error instanceof UnsupportedPluginError)
    return pluginUnsupported(error.plugin)({ errno: 0, message: error.message, phase, config, account })
  if (error instanceof ProtocolFaultError) return violation(error.fault, config)
  if (!(error instanceof ByteLimitError)) return null
  const limit = `${Math.floor(error.maxBytes / 1_048_576)} MB`
  // Only a reader's own statement has a result that could be made smaller.
  return phase === 'QUERY'
    ? { code: 'RESULT_TOO_LARGE', params: { limit } }
    : violation(`it sent more than ${limit} where a few kilobytes are expected`, config)
}

const asProblem = ({ code, ...options }: Known): Problem => problem(code, options)
