import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { Listing } from '../../src/connectors/browse.ts'
import type { FinalTestStatus } from '../../src/connectors/connection-test.ts'
import { type ConnectorType, defineConnector, type QueryOutcome } from '../../src/connectors/define.ts'
import { alternatives, defineForm, field, secret } from '../../src/connectors/form.ts'
import type { ConnectorHost, JobOptions } from '../../src/connectors/host/connector-host.ts'
import type { ListingJob, QueryJob } from '../../src/connectors/host/protocol.ts'
import { ConnectorRegistry } from '../../src/connectors/registry.ts'
import { createConnectorStore } from '../../src/db/connector-store.ts'
import type { Database } from '../../src/db/database.ts'
import { createDatasetStore } from '../../src/db/dataset-store.ts'
import { createIdempotencyStore } from '../../src/db/idempotency-store.ts'
import type { ConnectionTestRow } from '../../src/db/rows.ts'
import { createVerificationStore } from '../../src/db/verification-store.ts'
import { WorkspaceScope } from '../../src/db/workspace-scope.ts'
import { createDigester } from '../../src/secrets/keyed-digester.ts'
import { openKeyring } from '../../src/secrets/keyring.ts'
import { loadMasterKey } from '../../src/secrets/master-key.ts'
import { createSealedStore } from '../../src/secrets/sealed-store.ts'
import { type SecretStore, SecretStoreError, secretStores } from '../../src/secrets/secret-store.ts'
import { createAwsAccess } from '../../src/services/aws-access.ts'
import { fingerprint } from '../../src/services/connector-config.ts'
import type { CreateConnectorInput } from '../../src/services/connectors.ts'
import { createAuditLog } from '../../src/services/create-audit-log.ts'
import { createConnectorService } from '../../src/services/create-connector-service.ts'
import { createDatasetService } from '../../src/services/create-dataset-service.ts'
import { createListingService } from '../../src/services/create-listing-service.ts'
import { FairLimits, type FairLimitsOptions } from '../../src/services/fair-limits.ts'
import { newId } from '../../src/services/ids.ts'
import type { GateTarget } from '../../src/services/save-gate.ts'
import { createSecretVersions } from '../../src/services/secret-versions.ts'
import { SignInGuard } from '../../src/services/sign-in-guard.ts'
import type { TestDatabase } from '../servers/databases.ts'
import { networkSettings } from '../servers/network-settings.ts'
import { viewerOf } from '../viewers.ts'

/** Two made-up types, so that the rules are seen to hold for every type. */
const ledgerForm = defineForm({
  fields: {
    host: field(z.string().min(1), { label: 'Host', destination: true }),
    port: field(z.int().min(1).max(65535).default(7000), { label: 'Port', destination: true }),
    book: field(z.string().optional(), { label: 'Book' }),
    auth: alternatives(
      {
        password: {
          label: 'Password',
          fields: {
            username: field(z.string().min(1), { label: 'User name' }),
            password: secret(z.string().min(1), { label: 'Password' }),
          },
        },
        none: { label: 'None', fields: {} },
      },
      { label: 'Authentication' },
    ),
    backupToken: secret(z.string().min(1).optional(), { label: 'Backup token' }),
  },
})
const queryForm = defineForm({ fields: { sql: field(z.string().min(1), { label: 'SQL' }) } })

const common = {
  version: 1,
  kind: 'SPECIFIC',
  category: 'DATABASE',
  label: 'Ledger',
  description: 'A made-up type.',
  docsPath: 'ledger.md',
  keywords: [],
  logo: { color: '#000000', shape: '' },
  maturity: { level: 'STABLE' },
  drivers: [],
  queryForm,
  problems: [],
  plan: () => [],
  queryBudgetMs: () => 1234,
  loadSteps: () => Promise.reject(new Error('Not in this process.')),
  loadQuery: () => Promise.reject(new Error('Not in this process.')),
} as const

export const ledger: ConnectorType = defineConnector({
  ...common,
  name: 'LEDGER',
  inputKey: 'ledger',
  form: ledgerForm,
})
const abacus: ConnectorType = defineConnector({
  ...common,
  name: 'ABACUS',
  inputKey: 'abacus',
  form: defineForm({ fields: { beads: field(z.int(), { label: 'Beads' }) } }),
})

export { viewerOf }

/** A viewer of the workspace of most tests. */
export const ada = viewerOf('north')

export const signal = new AbortController().signal

interface WorldOptions {
  readonly types?: readonly ConnectorType[]
  readonly previewLimits?: Partial<FairLimitsOptions>
  readonly now?: () => Date
}

/** The services over one real database, with the sealed store, whose failures and a host whose answers are chosen by the test. */
export async function openWorld(testDatabase: TestDatabase, options: WorldOptions = {}) {
  const database = await testDatabase.open()
  const dataDirectory = await mkdtemp(join(tmpdir(), 'patchbay-services-'))
  const keyring = await openKeyring(database, await loadMasterKey({ file: null, dataDirectory, production: false }))
  const digester = createDigester(keyring)
  const sealed = createSealedStore(database, keyring)
  const failing: { reason: 'UNAVAILABLE' | 'UNREADABLE' | null } = { reason: null }
  const unlessFailing = <T>(work: () => Promise<T>): Promise<T> =>
    failing.reason === null
      ? work()
      : Promise.reject(new SecretStoreError('SEALED', failing.reason === 'UNAVAILABLE' ? 'UNREACHABLE' : 'DAMAGED'))
  const store: SecretStore = {
    ...sealed,
    put: (address, values) => unlessFailing(() => sealed.put(address, values)),
    get: address => unlessFailing(() => sealed.get(address)),
    fence: address => unlessFailing(() => sealed.fence(address)),
    check: () => unlessFailing(() => sealed.check()),
  }
  const secretVersions = createSecretVersions({ database, stores: secretStores(store), digester })
  const registry = new ConnectorRegistry(options.types ?? [ledger, abacus])
  const connectorStore = createConnectorStore(database)
  const gate: { status: FinalTestStatus; targets: GateTarget[] } = { status: 'PASSED', targets: [] }
  const host: {
    outcome: QueryOutcome
    jobs: { job: QueryJob; options: JobOptions }[]
    /** What is answered to whoever lists, and what has been asked. */
    listing: Listing
    lists: { job: ListingJob; options: JobOptions }[]
    held: (() => Promise<void>) | null
  } = {
    outcome: { kind: 'RESULT', result: { columns: [], rows: [], truncated: false } },
    jobs: [],
    listing: { items: [], next: null, problem: null },
    lists: [],
    held: null,
  }
  const connectorHost: ConnectorHost = {
    test: () => Promise.reject(new Error('No test is run here.')),
    async query(job, jobOptions) {
      host.jobs.push({ job, options: jobOptions })
      await host.held?.()
      return host.outcome
    },
    stream: () => {
      throw new Error('No result is streamed here.')
    },
    async list(job, jobOptions) {
      host.lists.push({ job, options: jobOptions })
      await host.held?.()
      return host.listing
    },
    close: async () => undefined,
  }
  const shared = {
    database,
    registry,
    connectorStore,
    datasetStore: createDatasetStore(database),
    idempotencyStore: createIdempotencyStore(database),
    secretVersions,
    digester,
    audit: createAuditLog({
      database,
      onFault: error => {
        throw error
      },
    }),
  }
  const connectors = createConnectorService({
    ...shared,
    verificationStore: createVerificationStore(database),
    async runGateTest(viewer, target, gateSignal) {
      gateSignal.throwIfAborted()
      gate.targets.push(target)
      return insertTest(database, {
        workspaceId: viewer.workspace.id,
        status: gate.status,
        fingerprint: target.fingerprint,
        config: target.config,
        secretDigests: target.secretDigests,
      })
    },
  })
  const reading = {
    ...shared,
    host: connectorHost,
    network: () => networkSettings(),
    awsAccess: createAwsAccess({ digester, identityFile: null, onFault: () => {} }),
    previewLimits: new FairLimits({
      ...{ perWorkspace: 20, perProcess: 20, startsPerMinute: 100 },
      ...options.previewLimits,
    }),
    signIns: new SignInGuard({ database, digester, ...(options.now && { now: options.now }) }),
  }

  return {
    database,
    connectors,
    datasets: createDatasetService(reading),
    listings: createListingService(reading),
    connectorStore,
    secretVersions,
    failing,
    gate,
    host,

    /** Stores an ended test of a ledger configuration, as a draft's unless told otherwise. */
    async addTest(
      config: Record<string, unknown>,
      secrets: Record<string, string>,
      overrides: Partial<ConnectionTestRow> = {},
    ): Promise<ConnectionTestRow> {
      const workspace = WorkspaceScope.of(overrides.workspaceId ?? ada.workspace.id)
      const secretDigests = await secretVersions.digests(workspace, secrets)
      const stored = JSON.parse(JSON.stringify(config))
      const print = await fingerprint(digester, workspace, ledger, stored, secretDigests)
      return insertTest(database, {
        workspaceId: workspace.id,
        fingerprint: print,
        config: stored,
        secretDigests,
        ...overrides,
      })
    },

    async countSecretVersions(): Promise<Record<string, number>> {
      const rows = await database.read.select().from(database.tables.secretVersions)
      const counts: Record<string, number> = {}
      for (const { state } of rows) counts[state] = (counts[state] ?? 0) + 1
      return counts
    },

    async close() {
      await database.close()
      await rm(dataDirectory, { recursive: true })
    },
  }
}

export type World = Awaited<ReturnType<typeof openWorld>>

async function insertTest(database: Database, values: Partial<ConnectionTestRow>): Promise<ConnectionTestRow> {
  const { connectionTests } = database.tables
  const now = new Date()
  const [row] = await database.write(tx =>
    tx
      .insert(connectionTests)
      .values({
        workspaceId: ada.workspace.id,
        id: newId(),
        connectorId: null,
        typeName: ledger.name,
        status: 'PASSED',
        snapshot: {},
        fingerprint: 'none',
        config: {},
        secretDigests: {},
        startedBy: ada.id,
        targetHash: 'none',
        attemptKey: null,
        leaseOwner: null,
        leaseUntil: null,
        cancelRequested: false,
        startedAt: now,
        finishedAt: now,
        ...values,
      })
      .returning(),
  )
  if (!row) throw new Error('The test was not stored.')
  return row
}

export const password = 'correct horse battery staple'

/** What `createConnector` stores for `ledgerInput()`. */
export const ledgerConfig = { host: 'ledger.example', port: 7000, auth: { password: { username: 'ada' } } }
export const ledgerSecrets = { 'auth.password.password': password }

export const ledgerInput = (overrides: Partial<CreateConnectorInput> = {}): CreateConnectorInput => ({
  name: 'Main ledger',
  config: {
    inputKey: 'ledger',
    value: { host: 'ledger.example', auth: { password: { username: 'ada', password } } },
  },
  testGate: 'NONE',
  ...overrides,
})

export const patch = (value: unknown) => ({ inputKey: 'ledger', value })
export const sqlQuery = (sql = 'select 1', inputKey = 'ledger') => ({ inputKey, value: { sql } })
