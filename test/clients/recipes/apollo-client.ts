import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache, type PossibleTypesMap } from '@apollo/client'
import { GraphQLWsLink } from '@apollo/client/link/subscriptions'
import { OperationTypeNode } from 'graphql'
import { createClient } from 'graphql-ws'
import type { Client } from './client.ts'

/** `possibleTypes`: the members of the schema's interfaces and unions; without them the cache loses `... on Error`. */
export function connect(url: string, possibleTypes: PossibleTypesMap): Client {
  const socket = createClient({ url: url.replace(/^http/, 'ws'), shouldRetry: () => true })
  const client = new ApolloClient({
    cache: new InMemoryCache({ possibleTypes }),
    // Apollo's own HTTP subscriptions speak a protocol of their own; these go over WebSocket.
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(socket),
      new HttpLink({ uri: url }),
    ),
  })
  return {
    async run(document, variables) {
      const parsed = gql(document)
      const isMutation = document.trimStart().startsWith('mutation')
      const { data } = isMutation
        ? await client.mutate({ mutation: parsed, variables: { ...variables } })
        : await client.query({ query: parsed, variables: { ...variables } })
      return data
    },
    watch(document, variables, { next, error }) {
      const subscription = client
        .subscribe({ query: gql(document), variables: { ...variables } })
        .subscribe({ next: result => (result.error ? error(result.error) : next(result.data)), error })
      return () => subscription.unsubscribe()
    },
    close() {
      client.stop()
      void socket.dispose()
    },
  }
}
