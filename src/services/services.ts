import type { ConnectorRegistry } from '../connectors/registry.ts'
import type { ApiTokenService } from './api-tokens.ts'
import type { AuditReading } from './audit-reading.ts'
import type { AwsAccess } from './aws-access.ts'
import type { ConnectionTestService } from './connection-tests.ts'
import type { ConnectorService } from './connectors.ts'
import type { DatasetService } from './datasets.ts'
import type { ListingService } from './listings.ts'

/** What the GraphQL layer may use. Everything below it is out of its reach. */
export interface Services {
  readonly registry: ConnectorRegistry
  readonly connectors: ConnectorService
  readonly datasets: DatasetService
  readonly connectionTests: ConnectionTestService
  readonly listings: ListingService
  readonly awsAccess: AwsAccess
  readonly auditLog: AuditReading
  readonly apiTokens: ApiTokenService
}
