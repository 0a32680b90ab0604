import type { NetworkSettings } from '../connectors/define.ts'
import type { ConnectorHost } from '../connectors/host/connector-host.ts'
import type { Database } from '../db/database.ts'
import type { Digester } from '../secrets/digester.ts'
import type { AuditLog } from './audit.ts'
import type { AwsAccess } from './aws-access.ts'
import type { FairLimitsOptions } from './fair-limits.ts'
import type { TestSubjectSources } from './test-subject.ts'

/** How long things take, in milliseconds. */
export interface ConnectionTestTiming {
  /** How long a one-shot test goes on without a subscriber. */
  readonly oneShotGraceMs: number
  /** How long a connector host that was asked to stop is waited for. */
  readonly stopGraceMs: number
  /** How long a process that has not been heard of is believed alive; renewed every `heartbeatMs`. */
  readonly leaseMs: number
  readonly heartbeatMs: number
  readonly sweepMs: number
  /** How often streams look for events without having been woken. */
  readonly pollMs: number
  /** How long `cancel` waits for the end. */
  readonly cancelWaitMs: number
}

export const defaultTiming: ConnectionTestTiming = {
  oneShotGraceMs: 5_000,
  stopGraceMs: 10_000,
  leaseMs: 15_000,
  heartbeatMs: 5_000,
  sweepMs: 15_000,
  pollMs: 1_000,
  cancelWaitMs: 15_000,
}

export const defaultLimits: FairLimitsOptions = { perWorkspace: 4, perProcess: 16, startsPerMinute: 60 }

export interface ConnectionTestServiceOptions extends TestSubjectSources {
  readonly database: Database
  readonly digester: Digester
  readonly host: ConnectorHost
  readonly network: () => NetworkSettings
  readonly awsAccess: AwsAccess
  readonly audit: AuditLog
  /** Whether no other process can be using the database; then the first sweep need not wait for leases. */
  readonly soleInstance: boolean
  /** Called with bugs and faults of the database that no caller hears of. */
  readonly onFault: (error: unknown) => void
  readonly limits?: Partial<FairLimitsOptions>
  readonly timing?: Partial<ConnectionTestTiming>
  readonly now?: () => Date
}
