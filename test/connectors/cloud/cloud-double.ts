import type { IncomingMessage, ServerResponse } from 'node:http'
import { cloudEndpoint } from '../../../src/connectors/cloud/endpoint.ts'
import { endpointStage } from '../../../src/connectors/cloud/endpoint-stage.ts'
import { HttpCaller } from '../../../src/connectors/cloud/http-caller.ts'
import { type Certificate, issueCertificate } from '../../servers/certificates.ts'
import { HttpDouble } from '../../servers/http-double.ts'
import { networkSettings } from '../../servers/network-settings.ts'
import { pass } from '../aws/stage-run.ts'

const root = issueCertificate({ commonName: 'Test Root', authority: true })
const certificate = issueCertificate({ commonName: 'cloud', issuer: root, names: ['127.0.0.1'], usage: 'server' })

export interface Received {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

type Answer = (response: ServerResponse, request: Received) => void

/** A service that answers as a test tells it. */
export class CloudDouble extends HttpDouble {
  readonly #answer: Answer
  readonly received: Received[] = []

  private constructor(answer: Answer, shown: Certificate) {
    super(shown)
    this.#answer = answer
  }

  static start(answer: Answer): Promise<CloudDouble> {
    return new CloudDouble(answer, certificate).listen()
  }

  protected async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method = '', url: path = '', headers } = request
    const received = { method, path, headers, body: Buffer.concat(chunks).toString() }
    this.received.push(received)
    this.#answer(response, received)
  }
}

/** A caller that has found its way to the double. */
export async function callerAt(double: CloudDouble): Promise<HttpCaller> {
  const network = networkSettings({
    egress: { allowLoopback: true },
    cloudEndpoints: { 'api.cloud.test': double.url },
  })
  const way = endpointStage({
    endpoint: cloudEndpoint('api.cloud.test', network),
    field: 'account',
    network,
    ownAuthorities: { field: 'caCertificates', pem: root.certificate },
  })
  const report = await pass(way)
  if (report.status !== 'PASSED') throw new Error(`The way is ${report.status}: ${report.problem?.message}`)
  return new HttpCaller({ endpoint: way.endpoint, expected: 'Cloud', fields: ['account'] })
}
