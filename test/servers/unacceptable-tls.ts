import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TlsOptions } from 'node:tls'
import type { ProblemCode } from '../../src/connectors/problem-table.ts'
import type { Certificate, CertificateOptions } from './certificates.ts'
import type { TlsDoubleOptions } from './tls-double.ts'

const tlsOf = ({ certificate, key }: Certificate): TlsOptions => ({ cert: certificate, key })

/** Servers whose certificates are good, and with which no connection comes about. `issued`: a good certificate. */
export const unacceptableServers = (
  issued: (change?: Partial<CertificateOptions>) => Certificate,
): readonly (readonly [title: string, options: TlsDoubleOptions, code: ProblemCode])[] => [
  [
    'has too weak a key',
    { ...tlsOf(issued({ rsaBits: 1_024 })), ciphers: 'DEFAULT@SECLEVEL=0' },
    'TLS_CERTIFICATE_WEAK',
  ],
  [
    'speaks only old versions',
    { ...tlsOf(issued()), minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' },
    'TLS_VERSION_UNSUPPORTED',
  ],
  ['speaks no TLS at all', { plain: 'HTTP/1.1 400 Bad Request\r\n\r\n' }, 'TLS_HANDSHAKE_FAILED'],
]

/** A web server that lets nobody in without a certificate of `authority`. */
export async function demandingServer(
  certificate: Certificate,
  authority: Certificate,
): Promise<AsyncDisposable & { readonly url: string }> {
  const demands = { requestCert: true, rejectUnauthorized: true, ca: authority.certificate }
  const server = createServer({ ...tlsOf(certificate), ...demands })
  server.on('tlsClientError', () => {}).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `https://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}
