import { handshakeProblem } from '../network/handshake-problem.ts'
import { type Problem, problem } from '../problem.ts'
import type { CloudEndpoint } from './endpoint.ts'

export interface BrokenCall {
  readonly endpoint: CloudEndpoint
  /** The protocol that was expected, in words: `AWS`, `BigQuery`. */
  readonly expected: string
  /** The form fields that decide which endpoint it is. */
  readonly fields: readonly string[]
}

/** Codes of Node and of HTTP clients for a connection that ended before its time. */
const cutCodes = ['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ECONNREFUSED', 'UND_ERR_SOCKET']

/** What an error of a call comes to that broke on the way, before a service had said anything. */
export function brokenCallProblem(error: NodeJS.ErrnoException, { endpoint, expected, fields }: BrokenCall): Problem {
  const { host, port, name: service } = endpoint
  const { code = '', message, name } = error
  const params = { host, port, expected, service }
  // undici gives its parser's errors a code only for some of what that stumbles over.
  if (code.startsWith('HPE_') || name === 'HTTPParserError') {
    // What a parser stumbled over it quotes: that may be a piece of a secret that it had come to.
    return problem('WRONG_PROTOCOL', { params: { ...params, found: 'something else' }, fields })
  }
  if (/^UND_ERR_(?:HEADERS_OVERFLOW|RES_EXCEEDED)/.test(code)) {
    return problem('PROTOCOL_VIOLATION', { params: { ...params, fault: 'its answer has no end' }, fields })
  }
  if (/^UND_ERR_(?:RES|RESPONSE)_/.test(code)) {
    return problem('PROTOCOL_VIOLATION', {
      params: { ...params, fault: 'its answer is not as long as it says' },
      fields,
    })
  }
  if (cutCodes.includes(code)) return problem('CONNECTION_RESET', { params, detail: `${message} (${code})`, fields })
  if (/^(ERR_SSL_|ERR_TLS_|EPROTO$|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(code)) {
    return { ...handshakeProblem(error, host, false), fields }
  }
  return problem('UNCLASSIFIED', { params, detail: code === '' ? message : `${message} (${code})`, fields })
}
