import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Certificate } from './certificates.ts'
import { HttpDouble } from './http-double.ts'

export interface RecordedRequest {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** Where nobody should ever arrive: keeps whatever it is sent, and answers with something that pleases everybody. */
export class RecordingServer extends HttpDouble {
  readonly requests: RecordedRequest[] = []

  static start(certificate?: Certificate): Promise<RecordingServer> {
    return new RecordingServer(certificate).listen()
  }

  protected async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method = '', url: path = '', headers } = request
    this.requests.push({ method, path, headers, body: Buffer.concat(chunks).toString() })
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"success":true,"data":{}}')
  }
}
