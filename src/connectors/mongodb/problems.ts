import { clientCertificateRequired } from '../network/handshake-problem.ts'
import { isClientCertificateRefusal } from '../network/tls.ts'
import { type Problem, problem } from '../problem.ts'
import { ProtocolFaultError } from '../session/protocol-fault.ts'
import {
  type Circumstances,
  type Known,
  paramsOf,
  type Reading,
  serverRules,
  tooLarge,
  violation,
} from './error-rules.ts'
import { TooManyValuesError } from './query-errors.ts'
import { ServerProofError, UnsupportedMethodError, UntrustedServerError } from './sign-in-errors.ts'
import { serverVersions } from './wire-versions.ts'

/** Names what went wrong. What no rule knows is UNCLASSIFIED, never a success. */
export function classifyError(error: unknown, circumstances: Circumstances): Problem {
  const { code, ...options } = readError(innermost(error), circumstances)
  if (error instanceof UntrustedServerError) return error.problem
  return problem(code, options)
}

/** A server's refusal, as the answer to a command: `{ ok: 0, code, codeName, errmsg }`. */
export const classifyRefusal = (answer: Readonly<Record<string, unknown>>, circumstances: Circumstances): Problem =>
  classifyError(
    { code: answer['code'], codeName: answer['codeName'], message: String(answer['errmsg'] ?? 'no reason given') },
    circumstances,
  )

/** What is known of an error, the driver's classes told by their names: they are not all exported. */
interface ErrorLike {
  readonly name?: unknown
  readonly message?: unknown
  readonly code?: unknown
  readonly codeName?: unknown
  readonly cause?: unknown
  /** Of a failed selection: what is known of each server. */
  readonly reason?: { readonly servers?: unknown }
}

/** The driver wraps what happened: selection in what became of the server, that in what became of its socket. */
function innermost(error: unknown): ErrorLike {
  let inner = asError(error)
  for (let depth = 0; depth < 5; depth++) {
    const { servers } = inner.reason ?? {}
    const [description] = servers instanceof Map ? [...servers.values()] : []
    const next = (description as { error?: unknown } | undefined)?.error ?? inner.cause
    if (typeof next !== 'object' || next === null) break
    inner = { ...asError(next), name: nameOf(inner, asError(next)) }
  }
  return inner
}

/** A timeout stays one, whatever was found below it. */
const nameOf = (outer: ErrorLike, inner: ErrorLike): unknown =>
  outer.name === 'MongoNetworkTimeoutError' ? outer.name : inner.name

function asError(error: unknown): ErrorLike {
  if (typeof error !== 'object' || error === null) return { message: String(error) }
  const { name, message, code, codeName, cause, reason } = error as ErrorLike
  return { name, message, code, codeName, cause, ...(reason !== undefined && { reason }) }
}

/** Longer than anything that a server says before it quotes what it was given. */
const maxWordsRead = 4_096

function readError(error: ErrorLike, circumstances: Circumstances): Known {
  const message = String(error.message ?? '').slice(0, maxWordsRead)
  const params = paramsOf(circumstances)
  switch (error.name) {
    case UnsupportedMethodError.name:
      return {
        code: 'AUTH_METHOD_UNSUPPORTED',
        params: { ...params, method: message.replace(/^The server asks for |\.$/g, '') },
        detail: message,
        fields: ['auth'],
      }
    case ServerProofError.name:
      return { code: 'SERVER_PROOF_MISSING', params, detail: message, fields: circumstances.fields }
    case ProtocolFaultError.name:
      return violation(message.replace(/^.*protocol: |\.$/g, ''), circumstances)
    case 'MongoCompatibilityError':
      return /minimum wire version/.test(message)
        ? { code: 'SERVER_TOO_NEW', params: { ...params, supported: serverVersions.most }, detail: message }
        : { code: 'SERVER_TOO_OLD', params: { ...params, required: serverVersions.least }, detail: message }
    case TooManyValuesError.name:
      return circumstances.phase === 'QUERY' || circumstances.phase === 'LISTING'
        ? tooLarge(message)
        : violation('it sent far more than it was asked for', circumstances)
    default:
      return isServerError(error)
        ? readRefusal(error, message, circumstances)
        : readFailure(error, message, circumstances)
  }
}

const isServerError = ({ code }: ErrorLike): boolean => typeof code === 'number' || typeof code === 'bigint'

function readRefusal(error: ErrorLike, message: string, circumstances: Circumstances): Known {
  const name = typeof error.codeName === 'string' ? error.codeName : ''
  const reading: Reading = { ...circumstances, number: Number(error.code), name, message }
  const rule = serverRules.find(
    ({ numbers, name: names, phase, message: words }) =>
      (numbers === undefined || numbers.includes(reading.number)) &&
      (names === undefined || names.test(name)) &&
      (phase === undefined || phase === circumstances.phase) &&
      (words === undefined || words.test(message)),
  )
  if (rule) return rule.means(reading)
  const detail = `${message} (${[name, reading.number].filter(part => part !== '').join(' ')})`
  return { code: 'UNCLASSIFIED', params: paramsOf(circumstances), detail }
}

/** Errors of the driver itself and of the connection. */
function readFailure(error: ErrorLike, message: string, circumstances: Circumstances): Known {
  const { phase, fields, config } = circumstances
  const params = paramsOf(circumstances)
  const code = typeof error.code === 'string' ? error.code : ''
  const name = String(error.name ?? '')
  const detail = code === '' ? message : `${message} (${code})`
  if (isClientCertificateRefusal({ code, name, message })) {
    const { fields: marked, detail: words } = clientCertificateRequired(detail)
    return { code: 'CLIENT_CERTIFICATE_REQUIRED', detail: words, fields: marked }
  }
  if (name === 'MongoNetworkTimeoutError' || name === 'MongoOperationTimeoutError') {
    if (phase === 'SIGN_IN') return { code: 'SIGN_IN_TIMED_OUT', params: { seconds: 10 }, detail }
    const { statementTimeoutSeconds } = config.limits
    return { code: 'STATEMENT_TIMED_OUT', params: { seconds: statementTimeoutSeconds }, detail }
  }
  if (code === 'ECONNREFUSED') return { code: 'CONNECTION_REFUSED', params, detail, fields }
  if (isBrokenConnection(code, name, message)) return { code: 'CONNECTION_RESET', params, detail, fields }
  if (/invalid signature/.test(message)) return { code: 'SERVER_PROOF_MISSING', params, detail, fields }
  if (/invalid iteration count/.test(message)) {
    const method = 'SCRAM with too few iterations to be safe'
    return { code: 'AUTH_METHOD_UNSUPPORTED', params: { ...params, method }, detail, fields: ['auth'] }
  }
  if (/^(BSON|MongoParse|MongoUnexpectedServerResponse|MongoDecompression|Range|Syntax)/.test(name)) {
    return { ...violation('it sent what the driver cannot read', circumstances), detail }
  }
  if (phase === 'SIGN_IN' && /^(Type|OperationError|DataError|MongoRuntime)/.test(name)) {
    return { ...violation('its half of the sign-in is not sound', circumstances), detail }
  }
  return { code: 'UNCLASSIFIED', params, detail }
}

const isBrokenConnection = (code: string, name: string, message: string): boolean =>
  ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'].includes(code) ||
  /^(EPROTO$|ERR_SSL_)/.test(code) ||
  /^(MongoNetwork|MongoPoolCleared|MongoPoolClosed|MongoTopologyClosed|PoolClearedOnNetwork|MongoClientClosed)/.test(
    name,
  ) ||
  /connection .* closed|socket hang up/i.test(message)
