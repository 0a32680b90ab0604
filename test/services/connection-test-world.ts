import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import { applyEvent, type TestEvent, type TestSnapshot } from '../../src/connectors/connection-test.ts'
import { type ConnectorType, defineConnector, plannedStep } from '../../src/connectors/define.ts'
import { defineForm, field, secret } from '../../src/connectors/form.ts'
import type { ConnectorHost } from '../../src/connectors/host/connector-host.ts'
import { ConnectorRegistry } from '../../src/connectors/registry.ts'
import { ConnectionTestStore } from '../../src/db/connection-test-store.ts'
import { createConnectorStore } from '../../src/db/connector-store.ts'
import type { ConnectionTestRow, ConnectorRow } from '../../src/db/rows.ts'
import { scopeOfRow } from '../../src/db/scope-of-row.ts'
import { createDigester } from '../../src/secrets/keyed-digester.ts'
import { openKeyring } from '../../src/secrets/keyring.ts'
import { loadMasterKey } from '../../src/secrets/master-key.ts'
import { createSealedStore } from '../../src/secrets/sealed-store.ts'
import { type SecretStore, SecretStoreError, secretStores } from '../../src/secrets/secret-store.ts'
import { createAwsAccess } from '../../src/services/aws-access.ts'
import type { ConnectionTestServiceOptions } from '../../src/services/connection-test-options.ts'
import type { ConnectionTestService, StartTestInput, TestProgress } from '../../src/services/connection-tests.ts'
import { createAuditLog } from '../../src/services/create-audit-log.ts'
import { createConnectionTestService } from '../../src/services/create-connection-test-service.ts'
import { newId } from '../../src/services/ids.ts'
import { createSecretVersions } from '../../src/services/secret-versions.ts'
import type { Viewer } from '../../src/services/viewer.ts'
import type { TestDatabase } from '../servers/databases.ts'
import { networkSettings } from '../servers/network-settings.ts'
import { viewerOf as anyViewerOf } from '../viewers.ts'

/** A made-up type with three required steps and one that is not. */
const gauge: ConnectorType = defineConnector({
  name: 'GAUGE',
  inputKey: 'gauge',
  version: 1,
  kind: 'SPECIFIC',
  category: 'DATABASE',
  label: 'Gauge',
  description: 'A made-up type.',
  docsPath: 'gauge.md',
  keywords: [],
  logo: { color: '#000000', shape: '' },
  maturity: { level: 'STABLE' },
  drivers: [],
  form: defineForm({
    fields: {
      host: field(z.string().min(1), { label: 'Host', destination: true }),
      unit: field(z.string().default('metre'), { label: 'Unit' }),
      password: secret(z.string().min(1), { label: 'Password' }),
    },
  }),
  queryForm: defineForm({ fields: { sql: field(z.string(), { label: 'SQL' }) } }),
  plan: () => [
    plannedStep('CONNECT', 'Connect to the server'),
    plannedStep('SIGN_IN', 'Sign in'),
    plannedStep('READ', 'Read something'),
    plannedStep('LEAST_PRIVILEGE', 'Check that the account can only read'),
  ],
  problems: [],
  queryBudgetMs: () => 1_000,
  loadSteps: () => Promise.reject(new Error('Not in this process.')),
  loadQuery: () => Promise.reject(new Error('Not in this process.')),
})

export const stepIds = ['CONNECT', 'SIGN_IN', 'READ', 'LEAST_PRIVILEGE'] as const
export const password = 'correct horse battery staple'

export const viewerOf = (workspaceId: string, id = 'ada'): Viewer => anyViewerOf(workspaceId, { id, displayName: id })
export const ada = viewerOf('north')

const config = (host: string, secretValue = password) => ({
  inputKey: 'gauge',
  value: { host, password: secretValue },
})
export const draft = (host = 'gauge.example', overrides: Partial<StartTestInput> = {}): StartTestInput => ({
  target: { draft: config(host) },
  mayStartCompute: false,
  lifetime: 'PINNED',
  ...overrides,
})

const network = networkSettings()

type Overrides = Partial<ConnectionTestServiceOptions>

/** One database with the service over it, whose connector host does what the suite says. */
export async function openTestWorld(testDatabase: TestDatabase) {
  const opened = await testDatabase.open()
  const dataDirectory = await mkdtemp(join(tmpdir(), 'patchbay-tests-'))
  const faults: unknown[] = []
  const services: ReturnType<typeof createConnectionTestService>[] = []
  const failing: { secrets: SecretStoreError['reason'] | null } = { secrets: null }
  const keyring = await openKeyring(opened, await loadMasterKey({ file: null, dataDirectory, production: false }))
  const digester = createDigester(keyring)
  const sealed = createSealedStore(opened, keyring)
  const secretStore: SecretStore = {
    ...sealed,
    get: async address => {
      if (failing.secrets)
        throw new SecretStoreError('SEALED', failing.secrets === 'UNAVAILABLE' ? 'UNREACHABLE' : 'DAMAGED')
      return sealed.get(address)
    },
  }
  const secretVersions = createSecretVersions({ database: opened, stores: secretStores(secretStore), digester })

  /** A service as a process of its own would have it, on this world's database. */
  const openService = (host: ConnectorHost, overrides: Overrides = {}) => {
    const database = overrides.database ?? opened
    const service = createConnectionTestService({
      database,
      registry: new ConnectorRegistry([gauge]),
      connectorStore: createConnectorStore(database),
      secretVersions,
      digester,
      host,
      network: () => network,
      awsAccess: createAwsAccess({ digester, identityFile: null, onFault: error => faults.push(error) }),
      audit: createAuditLog({ database: opened, onFault: error => faults.push(error) }),
      soleInstance: false,
      onFault: error => faults.push(error),
      ...overrides,
    })
    services.push(service)
    return service
  }

  return {
    type: gauge,
    database: opened,
    store: new ConnectionTestStore(opened),
    faults,
    failing,
    openService,

    is: ({ workspaceId, id }: Pick<ConnectionTestRow, 'workspaceId' | 'id'>) => {
      const { connectionTests } = opened.tables
      return and(eq(connectionTests.workspaceId, workspaceId), eq(connectionTests.id, id))
    },

    /** A saved connector with its secret. */
    async addConnector(host: string): Promise<ConnectorRow> {
      const { workspace } = ada
      const id = newId()
      const staged = await secretVersions.stage(workspace, id, { password }, null)
      const at = new Date()
      const row: ConnectorRow = {
        workspaceId: workspace.id,
        id,
        name: id,
        nameKey: id,
        description: null,
        externalKey: null,
        typeName: 'GAUGE',
        config: { host, unit: 'metre' },
        secretVersionId: staged.versionId,
        version: 1,
        createdAt: at,
        createdBy: null,
        updatedAt: at,
        updatedBy: null,
      }
      await opened.write(async tx => {
        await tx.insert(opened.tables.connectors).values(row)
        await secretVersions.activate(tx, workspace, staged.versionId)
      })
      return row
    },

    /** As an edit that was saved would. */
    async change(
      row: ConnectorRow,
      { config, password: value }: { readonly config?: ConnectorRow['config']; readonly password?: string },
    ): Promise<void> {
      const { connectors } = opened.tables
      const { workspaceId, id } = row
      const workspace = scopeOfRow(row)
      const staged = value === undefined ? null : await secretVersions.stage(workspace, id, { password: value }, null)
      await opened.write(async tx => {
        if (staged) await secretVersions.activate(tx, workspace, staged.versionId)
        await tx
          .update(connectors)
          .set({ ...(config && { config }), ...(staged && { secretVersionId: staged.versionId }) })
          .where(and(eq(connectors.workspaceId, workspaceId), eq(connectors.id, id)))
          .returning({ id: connectors.id })
      })
    },

    async close() {
      await Promise.all(services.map(service => service.close()))
      await opened.close()
      await rm(dataDirectory, { recursive: true })
    },
  }
}

export type TestWorld = Awaited<ReturnType<typeof openTestWorld>>

/** Everything that a new subscriber sees. */
export async function collect(
  service: ConnectionTestService,
  testId: string,
  { viewer = ada, afterSequence = 0, signal = new AbortController().signal } = {},
): Promise<TestProgress[]> {
  const seen: TestProgress[] = []
  for await (const progress of await service.stream(viewer, testId, { afterSequence, signal })) seen.push(progress)
  return seen
}

/** What is stored of a test: its row, and its events in the table's order. */
export async function stored(
  world: Pick<TestWorld, 'database' | 'store'>,
  row: Pick<ConnectionTestRow, 'workspaceId' | 'id'>,
) {
  const address = { workspace: scopeOfRow(row), id: row.id }
  const events = await world.store.eventsAfter(address, 0, 100_000)
  const test = await world.store.find(address)
  if (test === null) throw new Error('The test is gone.')
  return { test, events }
}

/** Throws unless the events are a whole test: plan first, no gap, one end, and the fold is what the row says. */
export function foldWhole(events: readonly TestEvent[]): TestSnapshot {
  let snapshot: TestSnapshot | null = null
  for (const event of events) snapshot = applyEvent(snapshot, event)
  if (events[0]?.type !== 'PLANNED') throw new Error('The plan is not first.')
  const ends = events.filter(event => event.type === 'FINISHED').length
  if (ends !== 1 || events.at(-1)?.type !== 'FINISHED')
    throw new Error(`There are ${ends} ends, or the last is not last.`)
  if (snapshot === null) throw new Error('There are no events.')
  return snapshot
}

/** Row by row: `CONNECT PASSED`. */
export const stepStatuses = (snapshot: TestSnapshot) => snapshot.steps.map(step => `${step.id} ${step.status}`)
