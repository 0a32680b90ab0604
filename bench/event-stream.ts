import { request } from 'node:http'

export interface StreamedEvent {
  /** Milliseconds since the epoch, in fractions. */
  readonly arrivedAt: number
  readonly data: unknown
}

export const nowMs = (): number => performance.timeOrigin + performance.now()

/** Posts a subscription and answers every event of its stream with its time of arrival. Rejects for anything else. */
export function subscribe(port: number, body: string): Promise<readonly StreamedEvent[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly StreamedEvent[]>()
  const headers = {
    'content-type': 'application/json',
    accept: 'text/event-stream',
    'content-length': Buffer.byteLength(body),
  }
  const sent = request(
    { host: '127.0.0.1', port, path: '/graphql', method: 'POST', headers, agent: false },
    response => {
      if (response.statusCode !== 200) reject(new Error(`Answered ${response.statusCode}.`))
      const events: StreamedEvent[] = []
      let pending = ''
      response.setEncoding('utf8').on('data', (text: string) => {
        const arrivedAt = nowMs()
        const messages = (pending + text).split('\n\n')
        pending = messages.pop() ?? ''
        for (const message of messages) {
          const [, data] = /^event: next\ndata: (.*)$/m.exec(message) ?? []
          if (data) events.push({ arrivedAt, data: JSON.parse(data) })
        }
      })
      response.on('end', () => resolve(events))
      response.on('error', reject)
    },
  )
  sent.on('error', reject)
  sent.end(body)
  return promise
}
