import type { ExecutionResult } from 'graphql'
import { createClient as createSseClient } from 'graphql-sse'
import { createClient as createSocketClient } from 'graphql-ws'
import { WebSocket } from 'ws'
import type { Recorder } from '../canary/recorder.ts'
import type { TypedDocumentString } from '../generated/graphql.ts'
import { EventLog } from './event-log.ts'

export const transports = ['SSE', 'WebSocket'] as const
export type Transport = (typeof transports)[number]

/** Speaks to a server as clients do, never repeats anything by itself, and records every byte that comes back. */
export class ApiClient {
  readonly #url: string
  readonly #recorder: Recorder
  readonly #headers: Readonly<Record<string, string>>

  /** `headers` go with every request, and with the one that opens a WebSocket. */
  constructor(url: string, recorder: Recorder, headers: Readonly<Record<string, string>> = {}) {
    this.#url = url
    this.#recorder = recorder
    this.#headers = headers
  }

  /** The data of an answer; throws when it has errors or none. */
  async request<Result, Variables>(
    document: TypedDocumentString<Result, Variables>,
    variables: NoInfer<Variables>,
    signal?: AbortSignal,
  ): Promise<Result> {
    const body = JSON.stringify({ query: document.toString(), variables })
    this.#recorder.record('sent', body)
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...this.#headers },
      body,
      ...(signal && { signal }),
    })
    const text = await response.text()
    this.#recorder.record('answers', `${JSON.stringify([...response.headers])}\n${text}\n`)
    const { data, errors } = JSON.parse(text) as ExecutionResult<Result>
    if (!data || errors) throw new Error(`HTTP ${response.status}: ${text}`)
    return data
  }

  /** Subscribes; the log fills while the test goes on. */
  subscribe<Event, Variables extends Record<string, unknown>>(
    transport: Transport,
    document: TypedDocumentString<{ readonly events: Event }, Variables>,
    variables: NoInfer<Variables>,
  ): EventLog<Event> {
    const query = document.toString()
    this.#recorder.record('sent', JSON.stringify({ query, variables }))
    const client = transport === 'SSE' ? this.#sseClient() : this.#socketClient()
    // The document selects this shape.
    const items = client.iterate({ query, variables }) as AsyncIterableIterator<ExecutionResult<{ events: Event }>>
    return new EventLog(items, () => void client.dispose())
  }

  #sseClient() {
    const record = (chunk: Uint8Array) => this.#recorder.record('events', chunk)
    return createSseClient({
      url: this.#url,
      headers: { ...this.#headers },
      retryAttempts: 0,
      // The types of the library and of Node name the same things differently.
      fetchFn: async (...request: Parameters<typeof fetch>) => {
        const response = await fetch(...request)
        const recorded = response.body?.pipeThrough(
          new TransformStream<Uint8Array, Uint8Array>({
            transform(chunk, controller) {
              record(chunk)
              controller.enqueue(chunk)
            },
          }),
        )
        return new Response(recorded ?? null, response)
      },
    })
  }

  #socketClient() {
    const recorder = this.#recorder
    const headers = this.#headers
    class RecordedSocket extends WebSocket {
      constructor(address: string, protocols: string | string[]) {
        super(address, protocols, { headers })
        this.on('message', data => recorder.record('events', `${String(data)}\n`))
      }
    }
    return createSocketClient({
      url: this.#url.replace(/^http/, 'ws'),
      retryAttempts: 0,
      lazy: true,
      webSocketImpl: RecordedSocket,
    })
  }
}
