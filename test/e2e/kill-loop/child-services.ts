import { AsyncResource } from 'node:async_hooks'
import type { ConnectorHost } from '../../../src/connectors/host/connector-host.ts'
import { ConnectorRegistry } from '../../../src/connectors/registry.ts'
import { createConnectorStore } from '../../../src/db/connector-store.ts'
import type { Database } from '../../../src/db/database.ts'
import { createDatasetStore } from '../../../src/db/dataset-store.ts'
import { type Failpoint, watchFailpoints } from '../../../src/db/failpoint.ts'
import { createIdempotencyStore } from '../../../src/db/idempotency-store.ts'
import { openDatabase } from '../../../src/db/open-database.ts'
import { createVerificationStore } from '../../../src/db/verification-store.ts'
import { createDigester } from '../../../src/secrets/keyed-digester.ts'
import { openKeyring } from '../../../src/secrets/keyring.ts'
import { loadMasterKey } from '../../../src/secrets/master-key.ts'
import { openSecretStores } from '../../../src/secrets/open-secret-stores.ts'
import type { AuditLog } from '../../../src/services/audit.ts'
import { AuditSealer } from '../../../src/services/audit-sealer.ts'
import { createAwsAccess } from '../../../src/services/aws-access.ts'
import { createAuditLog } from '../../../src/services/create-audit-log.ts'
import { createConnectorService } from '../../../src/services/create-connector-service.ts'
import { createDatasetService } from '../../../src/services/create-dataset-service.ts'
import { FairLimits } from '../../../src/services/fair-limits.ts'
import { newId } from '../../../src/services/ids.ts'
import { moveSecrets } from '../../../src/services/move-secrets.ts'
import { createSecretVersions } from '../../../src/services/secret-versions.ts'
import { SignInGuard } from '../../../src/services/sign-in-guard.ts'
import { soleViewer, type Viewer } from '../../../src/services/viewer.ts'
import { networkSettings } from '../../servers/network-settings.ts'
import { audit } from './audit.ts'
import { auditFaults, chainFaults } from './audit-faults.ts'
import { coffer } from './coffer-type.ts'
import { inspect } from './inspect.ts'
import type { Command, Places, Question, Sabotage } from './messages.ts'
import { sabotaged } from './sabotage.ts'

/** The one of AUTH=none, which is everybody's when there is no other. */
export const viewer: Viewer = { ...soleViewer, id: 'ada', displayName: 'Ada' }

/** Nothing is dialled: the loop is about what is stored. */
const dialled = () => Promise.reject(new Error('Nothing is dialled here.'))
const unusedHost: ConnectorHost = {
  test: dialled,
  query: dialled,
  list: dialled,
  stream: () => {
    throw new Error('Nothing is dialled here.')
  },
  close: async () => undefined,
}
const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** Opens what `startPatchbay` opens up to the services, in its order. */
export async function openChildServices(places: Places, sabotage: Sabotage | null) {
  const { dataDirectory, migrationsDirectory, databaseUrl: url, primary, vault } = places
  const masterKey = await loadMasterKey({ file: null, dataDirectory, production: false })
  const database = await openDatabase({ url, dataDirectory, migrationsDirectory })
  const registry = new ConnectorRegistry([coffer])
  const keyring = await openKeyring(database, masterKey)
  const stores = await openSecretStores({ database, keyring, primary, vault, logger: quiet })
  const digester = createDigester(keyring)
  const wiring = { database, stores, digester }
  const secretVersions = sabotaged(createSecretVersions, wiring, sabotage)
  const shared = {
    database,
    registry,
    connectorStore: createConnectorStore(database),
    datasetStore: createDatasetStore(database),
    verificationStore: createVerificationStore(database),
    idempotencyStore: createIdempotencyStore(database),
    secretVersions,
    digester,
    audit: auditOf(database, sabotage),
  }
  const sealer = new AuditSealer({ database, digester })
  const connectors = createConnectorService({ ...shared, runGateTest: dialled })
  const datasets = createDatasetService({
    ...shared,
    host: unusedHost,
    previewLimits: new FairLimits({ perWorkspace: 1, perProcess: 1, startsPerMinute: 1 }),
    signIns: new SignInGuard({ database, digester }),
    network: () => networkSettings(),
    awsAccess: createAwsAccess({ digester, identityFile: null, onFault: () => {} }),
  })
  const { signal } = new AbortController()

  const passings: Partial<Record<Failpoint, number>> = {}
  let armed: { failpoint: Failpoint; passing: number } | null = null
  watchFailpoints(name => {
    passings[name] = (passings[name] ?? 0) + 1
    if (armed?.failpoint === name && --armed.passing === 0) process.kill(process.pid, 'SIGKILL')
  })

  const obey = async (command: Exclude<Command, Extract<Question, { kind: 'OPEN' }>>): Promise<unknown> => {
    switch (command.kind) {
      case 'CREATE_CONNECTOR': {
        const { key: idempotencyKey, name, note, secrets } = command
        const config = { inputKey: 'coffer', value: { host: 'coffer.example', note, ...secrets } }
        return saved(await connectors.create(viewer, { name, config, testGate: 'NONE', idempotencyKey }, signal))
      }
      case 'UPDATE_CONNECTOR': {
        const { id, expectedVersion, note, secrets } = command
        const config = { inputKey: 'coffer', value: { ...(note !== undefined && { note }), ...secrets } }
        const input = { connector: { id }, expectedVersion, config, testGate: 'NONE' } as const
        return saved(await connectors.update(viewer, input, signal))
      }
      case 'DELETE_CONNECTOR': {
        const { id, withDatasets } = command
        const plan = withDatasets ? await connectors.deletionPlan(viewer, { id }) : null
        const datasets = withDatasets ? { all: true } : null
        return connectors.delete(viewer, { connector: { id }, impactToken: plan?.impactToken ?? null, datasets })
      }
      case 'CREATE_DATASET': {
        const { key: idempotencyKey, name, connectorId } = command
        const query = { inputKey: 'coffer', value: { coin: 'gold' } }
        return saved(await datasets.create(viewer, { name, connector: { id: connectorId }, query, idempotencyKey }))
      }
      case 'UPDATE_DATASET': {
        const { id, expectedVersion, name } = command
        return saved(await datasets.update(viewer, { id, expectedVersion, name }))
      }
      case 'DELETE_DATASET':
        return datasets.delete(viewer, command.id)
      case 'REAP':
        return secretVersions.reap(new Date(Date.now() + command.afterMs))
      case 'MOVE':
        return moveSecrets(shared, viewer, command.connectorId, command.to)
      case 'INSPECT':
        return {
          ...(await inspect(database, stores, secretVersions, viewer.workspace.id)),
          auditFaults: await auditFaults(database),
        }
      case 'SEAL':
        return sealer.sealAll()
      case 'ABANDON':
        return secretVersions.stage(viewer.workspace, newId(), { password: 'abandoned' }, null)
      case 'AUDIT': {
        const world = { database, masterKeys: { primary: masterKey, others: [] }, keyring, stores, secretVersions }
        const ofSecrets = await audit(world, places)
        await sealer.sealAll()
        return [...ofSecrets, ...(await chainFaults(world, viewer.workspace))]
      }
      case 'COUNT': {
        const counted = { ...passings }
        for (const name of Object.keys(passings) as Failpoint[]) delete passings[name]
        return counted
      }
      case 'ARM':
        armed = { failpoint: command.failpoint, passing: command.passing }
        return null
      case 'DISARM':
        armed = null
        return null
      case 'CLOSE':
        await stores.close()
        return database.close()
    }
  }
  return { obey }
}

/** A server that tells of a change after it, and not in its transaction, is to be noticed. */
function auditOf(database: Database, sabotage: Sabotage | null): AuditLog {
  const log = createAuditLog({ database, onFault: () => undefined })
  if (sabotage !== 'AUDITS_LATE') return log
  const late = new AsyncResource('audit')
  return {
    ...log,
    record: async (_tx, actor, ...entries) => {
      setTimeout(() => late.runInAsyncScope(() => void log.note(actor, ...entries).catch(() => undefined)), 5)
    },
  }
}

const saved = ({ id, version }: { id: string; version: number }) => ({ id, version })
