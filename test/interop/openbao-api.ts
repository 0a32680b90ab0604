import { connect } from '../clients/recipes/graphql-sse.ts'
import { SecretOperations } from '../e2e/secret-operations.ts'
import type { BuiltServer } from './built-server.ts'

export function secretOperations(server: BuiltServer): SecretOperations {
  const client = connect(server.url)
  return new SecretOperations({
    // Each document says what it answers.
    request: async <Result>(document: object, variables: unknown) =>
      (await client.run(String(document), variables as object)) as Result,
  })
}

/** Where the secrets of a connector lie in the engine. Ids of the API are an encoded `PostgresConnector:<id>`. */
export const folderOf = (workspaceId: string, connectorId: string): string =>
  `workspaces/${workspaceId}/connectors/${Buffer.from(connectorId, 'base64url').toString().split(':')[1]}`
