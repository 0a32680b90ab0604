import type { EgressSettings, NetworkSettings } from './connectors/define.ts'
import type { ConnectorHost } from './connectors/host/connector-host.ts'
import { Infrastructure } from './connectors/network/infrastructure.ts'
import { readNetworkSettings } from './connectors/network/settings.ts'
import type { ConnectorRegistry } from './connectors/registry.ts'
import { createApiTokenStore } from './db/api-token-store.ts'
import { createConnectorStore } from './db/connector-store.ts'
import type { Database } from './db/database.ts'
import { createDatasetStore } from './db/dataset-store.ts'
import { createIdempotencyStore } from './db/idempotency-store.ts'
import { createVerificationStore } from './db/verification-store.ts'
import type { Logger } from './log.ts'
import type { Digester } from './secrets/digester.ts'
import { SecretStoreError, type SecretStores } from './secrets/secret-store.ts'
import type { AuditLog } from './services/audit.ts'
import { auditedServices } from './services/audited-services.ts'
import { createAwsAccess } from './services/aws-access.ts'
import { createApiTokenService } from './services/create-api-token-service.ts'
import { createConnectionTestService } from './services/create-connection-test-service.ts'
import { createConnectorService } from './services/create-connector-service.ts'
import { createDatasetService } from './services/create-dataset-service.ts'
import { createListingService } from './services/create-listing-service.ts'
import { every } from './services/every.ts'
import { FairLimits } from './services/fair-limits.ts'
import { openAudit } from './services/open-audit.ts'
import { createSecretVersions } from './services/secret-versions.ts'
import type { Services } from './services/services.ts'
import { SignInGuard } from './services/sign-in-guard.ts'

export interface OpenServicesOptions {
  readonly database: Database
  readonly secretStores: SecretStores
  readonly digester: Digester
  readonly registry: ConnectorRegistry
  readonly host: ConnectorHost
  readonly egress: EgressSettings
  readonly awsEndpoints: NonNullable<NetworkSettings['awsEndpoints']>
  readonly cloudEndpoints: NonNullable<NetworkSettings['cloudEndpoints']>
  readonly customEndpoints: boolean
  /** With Patchbay's own AWS identity; null when it has none. */
  readonly awsIdentityFile: string | null
  /** Names and addresses of what Patchbay itself runs on. */
  readonly infrastructureHosts: readonly string[]
  /** Tests at once in this process; the host has one child more, so that previews get a turn. */
  readonly testConcurrency: number
  /** Tests, and as many previews and lists together, that one workspace may start in this process in a minute. */
  readonly testRate: number
  /** Whether API tokens let anybody in; otherwise none is made. */
  readonly takesTokens: boolean
  readonly logger: Logger
}

export interface OpenServices {
  readonly services: Services
  readonly audit: AuditLog
  /** Ends running tests as interrupted; their readers hear of it. */
  interruptTests(): Promise<void>
  /** Ends running tests and periodic work. The database, the host and the store stay open. */
  close(): Promise<void>
}

const minuteMs = 60_000
const dayMs = 24 * 60 * minuteMs

/** Puts the services together, closes tests whose process is gone, and starts what runs periodically. */
export async function openServices(options: OpenServicesOptions): Promise<OpenServices> {
  const { database, secretStores, digester, registry, host, egress, testConcurrency, testRate, logger } = options
  const onFault = (error: unknown) => logger.error({ err: error }, 'Fault in the background')
  const onReaperFault = (error: unknown) => {
    if (!(error instanceof SecretStoreError)) return onFault(error)
    const { store, fault } = error
    logger.warn({ store, fault, err: error }, 'Secrets that are no longer used wait to be removed')
  }

  const infrastructure = new Infrastructure(options.infrastructureHosts)
  const readNetwork = async (): Promise<NetworkSettings> => ({
    ...(await readNetworkSettings(egress)),
    awsEndpoints: options.awsEndpoints,
    cloudEndpoints: options.cloudEndpoints,
    customEndpoints: options.customEndpoints,
    infrastructure: await infrastructure.addresses(),
  })
  let network = await readNetwork()
  const connectorStore = createConnectorStore(database)
  const idempotencyStore = createIdempotencyStore(database)
  const secretVersions = createSecretVersions({
    database,
    stores: secretStores,
    digester,
    onRead: read => logger.info(read, 'Secrets read'),
  })
  const { audit, auditLog, close: closeAudit } = openAudit({ database, digester, onFault })
  const awsAccess = createAwsAccess({ digester, identityFile: options.awsIdentityFile, onFault })
  const shared = {
    database,
    registry,
    connectorStore,
    datasetStore: createDatasetStore(database),
    verificationStore: createVerificationStore(database),
    idempotencyStore,
    secretVersions,
    digester,
    host,
    network: () => network,
    awsAccess,
    audit,
  }
  const reading = {
    ...shared,
    // The host has fewer children: those that find none wait there, in turns with other workspaces.
    previewLimits: new FairLimits({
      perWorkspace: testConcurrency,
      perProcess: 4 * testConcurrency,
      startsPerMinute: testRate,
    }),
    signIns: new SignInGuard({ database, digester }),
  }
  const connectionTests = createConnectionTestService({
    ...shared,
    // A database file is used by one process at a time.
    soleInstance: database.dialect === 'sqlite',
    // One workspace alone cannot take every place.
    limits: {
      perWorkspace: Math.max(1, testConcurrency - 1),
      perProcess: testConcurrency,
      startsPerMinute: testRate,
    },
    onFault,
  })
  await connectionTests.sweep(new Date())

  const timers = [
    every(
      minuteMs / 2,
      async () => {
        network = await readNetwork()
      },
      onFault,
    ),
    every(minuteMs, async () => void (await secretVersions.reap(new Date())), onReaperFault),
    every(60 * minuteMs, async () => void (await idempotencyStore.prune(new Date(Date.now() - dayMs))), onFault),
  ]
  const services: Services = {
    registry,
    connectors: createConnectorService({ ...shared, runGateTest: connectionTests.runGateTest }),
    datasets: createDatasetService(reading),
    listings: createListingService(reading),
    connectionTests,
    awsAccess,
    auditLog,
    apiTokens: createApiTokenService({
      database,
      apiTokenStore: createApiTokenStore(database),
      audit,
      takesTokens: options.takesTokens,
    }),
  }
  return {
    services: auditedServices(services, audit),
    audit,
    interruptTests: () => connectionTests.interruptRunning(),
    async close() {
      await Promise.all(timers.map(timer => timer.stop()))
      await connectionTests.close()
      await closeAudit()
    },
  }
}
