import { Agent, type IncomingHttpHeaders, request } from 'node:http'

const agent = new Agent({ keepAlive: true, maxSockets: 64 })

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** Posts a body as JSON, on connections that are kept. Cheaper than `fetch`, so that the load costs less than the work. */
export function post(url: string, token: string, body: string, accept = 'application/json'): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>()
  const headers = { 'content-type': 'application/json', accept, authorization: `Bearer ${token}` }
  const sent = request(url, { method: 'POST', agent, headers }, response => {
    let text = ''
    response.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk
    })
    response.once('error', reject)
    response.once('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }))
  })
  sent.once('error', (error: NodeJS.ErrnoException) => {
    // A kept connection that the server closed for being idle while this was on its way (Node's documentation of
    // `request.reusedSocket`): nothing has read it.
    if (sent.reusedSocket && error.code === 'ECONNRESET') resolve(post(url, token, body, accept))
    else reject(error)
  })
  sent.end(body)
  return promise
}
