import { createClient } from 'graphql-ws'
import type { Client } from './client.ts'

export function connect(url: string): Client {
  const client = createClient({
    url: url.replace(/^http/, 'ws'),
    // Node's own WebSocket tells of a lost line by an error, which graphql-ws takes for final unless told otherwise.
    shouldRetry: () => true,
  })
  return {
    async run(query, variables) {
      for await (const { data, errors } of client.iterate({ query, variables: { ...variables } })) {
        if (errors) throw new AggregateError(errors, errors[0]?.message)
        return data
      }
      throw new Error('The server ended the line without an answer.')
    },
    watch: (query, variables, { next, error }) =>
      client.subscribe(
        { query, variables: { ...variables } },
        { next: ({ data, errors }) => (errors ? error(errors) : next(data)), error, complete() {} },
      ),
    close: () => void client.dispose(),
  }
}
