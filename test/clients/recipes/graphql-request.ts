import { GraphQLClient } from 'graphql-request'

/** For scripts: no subscriptions, so a test is run by the mutation, which waits for its end. */
export function connect(url: string) {
  const client = new GraphQLClient(url)
  return { run: (document: string, variables: object) => client.request<unknown>(document, { ...variables }) }
}
