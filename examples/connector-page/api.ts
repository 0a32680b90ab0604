import { createClient } from 'graphql-sse'

/** Where the server is; the page that loads this decides. */
const url = new URLSearchParams(location.search).get('api') ?? '/graphql'
const streams = createClient({ url })

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
export type JsonObject = { readonly [key: string]: Json }

/** Asks one operation. Throws when the server refuses the request as a whole. */
export async function ask<Data>(query: string, variables: object = {}): Promise<Data> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors } = (await response.json()) as { data?: Data; errors?: readonly { message: string }[] }
  if (errors || !data) throw new Error(errors?.map(error => error.message).join(' ') ?? 'The server gave no answer.')
  return data
}

/** What happens in a connection test, as it happens. */
export async function* watch<Event>(query: string, variables: Record<string, unknown>): AsyncGenerator<Event> {
  for await (const { data, errors } of streams.iterate<Record<string, Event>>({ query, variables })) {
    if (errors) throw new Error(errors.map(error => error.message).join(' '))
    const [event] = Object.values(data ?? {})
    if (event) yield event
  }
}
