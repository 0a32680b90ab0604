import { constants, type X509Certificate } from 'node:crypto'
import { isIP, type Socket } from 'node:net'
import { connect, createSecureContext, rootCertificates, type SecureContext, type TLSSocket } from 'node:tls'

export interface TlsOptions {
  /** The name or address that the certificate must be for; names are also sent as SNI. */
  readonly name: string
  /** PEM certificates trusted in addition to the public authorities. */
  readonly extraAuthorities: readonly string[]
  readonly client: {
    readonly certificate: string
    readonly key: string
    readonly passphrase: string | undefined
  } | null
  readonly signal: AbortSignal
}

export interface EncryptedOutcome {
  readonly kind: 'ENCRYPTED'
  readonly socket: TLSSocket
  readonly protocol: string
  readonly cipher: string
  /** What the server sent, its own certificate first. */
  readonly chain: readonly X509Certificate[]
  /** Node's code of the first reason why the chain is not trusted; null when it is. Names are not looked at. */
  readonly chainError: string | null
}

export type TlsOutcome = EncryptedOutcome | { readonly kind: 'FAILED'; readonly error: NodeJS.ErrnoException }

/**
 * Encrypts a connected socket, whoever the server is: the caller judges the chain and must send nothing before.
 * The socket is destroyed on failure and on abort. Rejects only with the signal's reason.
 */
export async function encrypt(socket: Socket, options: TlsOptions): Promise<TlsOutcome> {
  const { name, extraAuthorities, client, signal } = options
  signal.throwIfAborted()
  let secured: TLSSocket
  try {
    secured = connect({
      socket,
      host: name,
      // RFC 6066 section 3: addresses are never sent as server names.
      ...(isIP(name) ? {} : { servername: name }),
      // Judged by the caller, all faults at once. Names are compared there too, or deliberately not.
      rejectUnauthorized: false,
      checkServerIdentity: () => undefined,
      // Its own for each connection: trust, and sessions to resume, are shared with nobody.
      secureContext: secureContext(extraAuthorities, client),
    })
  } catch (error) {
    socket.destroy()
    return { kind: 'FAILED', error: error as NodeJS.ErrnoException }
  }
  const { promise, resolve, reject } = Promise.withResolvers<TlsOutcome>()
  const abort = () => {
    secured.destroy()
    reject(signal.reason)
  }
  const fail = (error: NodeJS.ErrnoException) => {
    secured.destroy()
    resolve({ kind: 'FAILED', error })
  }
  const close = () =>
    fail(Object.assign(new Error('The connection was closed during the TLS handshake.'), { code: 'ECONNRESET' }))
  signal.addEventListener('abort', abort, { once: true })
  secured.once('error', fail)
  secured.once('close', close)
  secured.once('secureConnect', () => resolve(encryptedOutcome(secured)))
  try {
    return await promise
  } finally {
    signal.removeEventListener('abort', abort)
    secured.off('close', close)
    secured.off('error', fail)
    // Errors may still come late, such as a TLS 1.3 server's word on the client certificate; readers add their own.
    secured.on('error', () => {})
  }
}

/** What a finished handshake came to, for the caller to judge. */
export const encryptedOutcome = (socket: TLSSocket): EncryptedOutcome => ({
  kind: 'ENCRYPTED',
  socket,
  protocol: socket.getProtocol() ?? 'unknown',
  cipher: socket.getCipher().standardName,
  chain: sentChain(socket),
  chainError: socket.authorized ? null : String(socket.authorizationError),
})

/** Trust and client certificate of a connection. Throws `ERR_CLIENT_KEY` for a key that cannot be used. */
export function secureContext(extraAuthorities: readonly string[], client: TlsOptions['client']): SecureContext {
  const trust = {
    minVersion: 'TLSv1.2' as const,
    // Of TLS 1.2: whoever was verified stays who it is, and makes us compute no further handshakes.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
    // `ca` replaces the public authorities; ours come in addition.
    ca: [...rootCertificates, ...extraAuthorities],
    // An intermediate that the reader trusts is enough, without the root above it.
    allowPartialTrustChain: true,
  }
  if (!client) return createSecureContext(trust)
  try {
    return createSecureContext({
      ...trust,
      cert: client.certificate,
      key: client.key,
      ...(client.passphrase !== undefined && { passphrase: client.passphrase }),
    })
  } catch (error) {
    throw Object.assign(new Error(clientKeyFault(error as NodeJS.ErrnoException)), { code: 'ERR_CLIENT_KEY' })
  }
}

/** Why the client's certificate and key cannot be used, as words that end a sentence. A kept key is first seen here. */
function clientKeyFault({ code = '' }: NodeJS.ErrnoException): string {
  if (/KEY_VALUES_MISMATCH|KEY_TYPE_MISMATCH/.test(code)) return 'the key does not belong to the certificate'
  if (/BAD_DECRYPT|INTERRUPTED_OR_CANCELLED|PASSPHRASE/.test(code)) return 'the passphrase does not open the key'
  if (/TOO_SMALL|TOO_WEAK/.test(code)) return 'they are too weak: RSA keys need 2048 bits, signatures SHA-256'
  return 'they cannot be read'
}

/** A handshake holds 100 KB of certificates at most, which is OpenSSL's limit. */
const maxChainLength = 256

function sentChain(socket: TLSSocket): X509Certificate[] {
  const chain: X509Certificate[] = []
  let certificate = socket.getPeerX509Certificate()
  while (
    certificate &&
    chain.length < maxChainLength &&
    !chain.some(known => known.fingerprint256 === certificate?.fingerprint256)
  ) {
    chain.push(certificate)
    certificate = certificate.issuerCertificate
  }
  return chain
}

/**
 * Whether an error means that the server wants another client certificate, or one at all. TLS 1.3 servers say so only
 * after the handshake, on the first read.
 */
export function isClientCertificateRefusal(error: NodeJS.ErrnoException): boolean {
  return /ALERT_(CERTIFICATE_(REQUIRED|UNKNOWN|EXPIRED|REVOKED)|BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|UNKNOWN_CA|NO_CERTIFICATE)/.test(
    error.code ?? '',
  )
}
