import type { Tables } from './database.ts'

/** Rows as both dialects hold them. */
export type ConnectorRow = Tables['connectors']['$inferSelect']
export type DatasetRow = Tables['datasets']['$inferSelect']
export type ConnectionTestRow = Tables['connectionTests']['$inferSelect']
export type SecretVersionRow = Tables['secretVersions']['$inferSelect']
