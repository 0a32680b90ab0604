import { fetchExchange, Client as UrqlClient } from '@urql/core'
import type { Client } from './client.ts'

export function connect(url: string): Client {
  const client = new UrqlClient({
    url,
    exchanges: [fetchExchange],
    fetchSubscriptions: true,
    // Queries too are sent by POST: a GET could come from any web page.
    preferGetMethod: false,
  })
  return {
    async run(document, variables) {
      const isMutation = document.trimStart().startsWith('mutation')
      const { data, error } = await (isMutation
        ? client.mutation(document, variables)
        : client.query(document, variables))
      if (error) throw error
      return data
    },
    watch(document, variables, sink) {
      const { unsubscribe } = client.subscription(document, variables).subscribe(({ data, error }) => {
        if (error) sink.error(error)
        else sink.next(data)
      })
      return unsubscribe
    },
    close() {},
  }
}
