import type { Tables } from './database.ts'

/** Rows as both dialects hold them. */
export type ConnectorRow = Tables['connectors']['$inferSelect']
export type DatasetRow = Tables['datasets']['$inferSelect']
export type ConnectionTestRow = Tables['connectionTests']['$inferSelect']
export type ApiTokenRow = Tables['apiTokens']['$inferSelect']
export type SecretVersionRow = Tables['secretVersions']['$inferSelect']

/** A connector with the secret version that it points at; null when it has no secrets. */
export interface StoredConnector {
  readonly row: ConnectorRow
  readonly secretVersion: SecretVersionRow | null
}
