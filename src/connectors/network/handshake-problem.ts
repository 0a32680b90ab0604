import { type Problem, problem } from '../problem.ts'
import { isClientCertificateRefusal } from './tls.ts'

/** The problem behind a handshake that did not end in an encrypted connection. */
export function handshakeProblem(error: NodeJS.ErrnoException, host: string, hasClientCertificate: boolean): Problem {
  const code = error.code ?? ''
  const detail = ownWords(error)
  if (code === 'ERR_CLIENT_KEY') {
    const fields = ['tls.clientKey', 'tls.clientKeyPassphrase', 'tls.clientCertificate']
    return problem('CLIENT_KEY_UNUSABLE', { params: { reason: error.message }, fields })
  }
  if (isClientCertificateRefusal(error)) return clientCertificateRequired(detail)
  if (/PROTOCOL_VERSION|UNSUPPORTED_PROTOCOL|VERSION_TOO_LOW/.test(code)) {
    return problem('TLS_VERSION_UNSUPPORTED', { params: { host }, detail, fields: ['host', 'port'] })
  }
  // TLS 1.2 servers refuse a missing client certificate with the same words as everything else.
  const fields = hasClientCertificate ? ['tls.clientCertificate', 'host', 'port'] : ['host', 'port']
  return problem('TLS_HANDSHAKE_FAILED', { params: { host, reason: reasonOf(code) }, detail, fields })
}

export const clientCertificateRequired = (detail: string | null): Problem =>
  problem('CLIENT_CERTIFICATE_REQUIRED', { detail, fields: ['tls.clientCertificate', 'tls.clientKey'] })

function reasonOf(code: string): string {
  if (/ALERT_HANDSHAKE_FAILURE|NO_CIPHERS|INSUFFICIENT_SECURITY/.test(code)) {
    return 'the server finds no common ground, such as a cipher, or wants a client certificate'
  }
  if (/WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|UNEXPECTED_MESSAGE|HTTP_REQUEST|RECORD/.test(code)) {
    return 'the server answered with something that is not TLS'
  }
  if (/EXCESSIVE_MESSAGE_SIZE/.test(code)) return 'the server sent more certificates than a handshake may hold'
  if (/UNRECOGNIZED_NAME/.test(code)) return 'the server does not know this host name'
  if (/KEY_TOO_SMALL|DH_KEY|MD_TOO_WEAK/.test(code)) return 'the keys that the server uses are too weak'
  if (code === 'ECONNRESET' || code === 'EPIPE') return 'the connection was closed in the middle of it'
  return 'the two sides did not agree'
}

/** Node's messages of OpenSSL errors hold addresses and file names of its own; the reason is what says something. */
function ownWords(error: NodeJS.ErrnoException): string {
  const { reason } = error as { readonly reason?: unknown }
  const words = typeof reason === 'string' ? reason : error.message
  return error.code ? `${words} (${error.code})` : words
}
