import { createClient } from 'graphql-sse'
import type { TypedDocumentString } from '../../test/generated/graphql.ts'

/** Talks to Patchbay as an application would: plain HTTP for requests, Server-Sent Events for streams. */
export class DemoClient {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  async request<Result, Variables>(
    document: TypedDocumentString<Result, Variables>,
    variables: Variables,
  ): Promise<Result> {
    const response = await fetch(this.#url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json' },
      body: JSON.stringify({ query: document.toString(), variables }),
    })
    const { data, errors } = (await response.json()) as { data?: Result; errors?: { message: string }[] }
    if (!data || errors) throw new Error(errors?.map(error => error.message).join('; ') ?? `HTTP ${response.status}`)
    return data
  }

  async *stream<Result, Variables extends Record<string, unknown>>(
    document: TypedDocumentString<Result, Variables>,
    variables: Variables,
  ): AsyncGenerator<Result> {
    const client = createClient({ url: this.#url })
    try {
      for await (const { data, errors } of client.iterate<Result>({ query: document.toString(), variables })) {
        if (!data || errors)
          throw new Error(errors?.map(error => error.message).join('; ') ?? 'The stream held no data.')
        yield data
      }
    } finally {
      client.dispose()
    }
  }
}
