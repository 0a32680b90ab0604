import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { issueCertificate } from '../../servers/certificates.ts'
import { HttpApiDouble } from '../../servers/http-api-double.ts'
import { redirect } from '../../servers/http-api-faults.ts'
import { certificate, queryApi, root, rowsOf, testApi } from './http-api-run.ts'

const clientRoot = issueCertificate({ commonName: 'Client Root', authority: true })
const client = issueCertificate({ commonName: 'patchbay', issuer: clientRoot, usage: 'client' })
const stranger = issueCertificate({ commonName: 'stranger', usage: 'client' })

/** What the last server was asked by those whose certificate it took. */
let asked: string[] = []
/** Where its `/elsewhere` leads. */
let elsewhere = ''

/** Asks everybody for a certificate, and says whose it was. */
async function withServer(
  version: 'TLSv1.2' | 'TLSv1.3',
  work: (baseUrl: string, connections: () => number) => Promise<void>,
): Promise<void> {
  asked = []
  const server: Server = createServer(
    {
      cert: certificate.certificate,
      key: certificate.key,
      ca: clientRoot.certificate,
      requestCert: true,
      rejectUnauthorized: true,
      minVersion: version,
      maxVersion: version,
    },
    (request, response) => {
      asked.push(request.url ?? '')
      if (request.url === '/elsewhere') return void response.writeHead(302, { location: elsewhere }).end()
      const { subject } = (request.socket as import('node:tls').TLSSocket).getPeerCertificate()
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify([{ who: subject.CN }]))
    },
  )
  let connections = 0
  server.on('connection', () => {
    connections += 1
  })
  server.on('tlsClientError', () => {})
  await new Promise<void>(done => server.listen(0, '127.0.0.1', done))
  try {
    await work(`https://127.0.0.1:${(server.address() as AddressInfo).port}`, () => connections)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

const inputOf = (baseUrl: string, own: typeof client | null) => ({
  baseUrl,
  auth: { none: true },
  tls: {
    caCertificates: root.certificate,
    ...(own && { clientCertificate: own.certificate, clientKey: own.key }),
  },
})

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('an API that asks for a client certificate by %s', version => {
  it('is shown the one of the form, on the connection that the test was measured on', async () => {
    await withServer(version, async (baseUrl, connections) => {
      const { reports } = await testApi(inputOf(baseUrl, client))
      expect(reports.READ).toMatchObject({ status: 'PASSED' })
      expect(connections()).toBe(1)
      expect(rowsOf(await queryApi(inputOf(baseUrl, client), { path: '/' }))).toEqual([['patchbay']])
    })
  })

  it('refuses none, and the form is told where', async () => {
    await withServer(version, async baseUrl => {
      const { reports } = await testApi(inputOf(baseUrl, null))
      const failure = Object.values(reports).find(({ status }) => status === 'FAILED')
      // With TLS 1.2 the refusal has the same words as everything else.
      expect(failure?.problem).toMatchObject(
        version === 'TLSv1.3'
          ? { code: 'CLIENT_CERTIFICATE_REQUIRED', fields: ['tls.clientCertificate', 'tls.clientKey'] }
          : { code: 'TLS_HANDSHAKE_FAILED', fields: ['baseUrl'] },
      )
    })
  })

  it("refuses somebody else's", async () => {
    await withServer(version, async baseUrl => {
      const { reports } = await testApi(inputOf(baseUrl, stranger))
      expect(reports.READ?.status).not.toBe('PASSED')
    })
  })

  it('is not shown it where another server leads back to it', async () => {
    await withServer(version, async baseUrl => {
      await using other = await HttpApiDouble.start({ certificate, at: { '/there': redirect(`${baseUrl}/secrets`) } })
      elsewhere = `${other.url}/there`
      const input = { ...inputOf(baseUrl, client), redirects: 'ANYWHERE' }
      const outcome = await queryApi(input, { path: '/elsewhere' })
      expect(outcome).toMatchObject({ kind: 'PROBLEM' })
      expect(other.paths).toEqual(['/there'])
      expect(asked).toEqual(['/elsewhere'])
    })
  })
})
