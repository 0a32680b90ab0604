import type { AuditAction, AuditEntry, AuditLog, AuditTargetKind } from './audit.ts'
import type { TestTarget } from './connection-tests.ts'
import type { ConnectorRef } from './connectors.ts'
import { ServiceError } from './errors.ts'
import type { Services } from './services.ts'
import type { Viewer } from './viewer.ts'

/**
 * The services, with every refusal told to the audit log, in this one place. What is done is told by the services
 * themselves, in the transaction that does it.
 */
export function auditedServices(services: Services, audit: Pick<AuditLog, 'refused'>): Services {
  /** What the client named is told as it was named, and whether there is such a thing is not. */
  const telling = async <T>(viewer: Viewer, entry: AuditEntry, work: () => Promise<T>): Promise<T> => {
    try {
      return await work()
    } catch (error) {
      if (error instanceof ServiceError) await audit.refused(viewer, entry, error.code)
      throw error
    }
  }
  const { connectors, datasets, connectionTests, listings, apiTokens } = services
  return {
    ...services,
    connectors: {
      ...connectors,
      create: (viewer, input, signal) =>
        telling(viewer, { action: 'CREATE_CONNECTOR' }, () => connectors.create(viewer, input, signal)),
      update: (viewer, input, signal) =>
        telling(viewer, onConnector('UPDATE_CONNECTOR', input.connector), () =>
          connectors.update(viewer, input, signal),
        ),
      delete: (viewer, input) =>
        telling(viewer, onConnector('DELETE_CONNECTOR', input.connector), () => connectors.delete(viewer, input)),
    },
    datasets: {
      ...datasets,
      create: (viewer, input) => telling(viewer, { action: 'CREATE_DATASET' }, () => datasets.create(viewer, input)),
      update: (viewer, input) =>
        telling(viewer, onRow('UPDATE_DATASET', 'DATASET', input.id), () => datasets.update(viewer, input)),
      delete: (viewer, id) =>
        telling(viewer, onRow('DELETE_DATASET', 'DATASET', id), () => datasets.delete(viewer, id)),
      preview: (viewer, target, first, signal) => {
        const entry =
          'datasetId' in target
            ? onRow('PREVIEW_DATASET', 'DATASET', target.datasetId)
            : onConnector('PREVIEW_DATASET', target.connector)
        return telling(viewer, entry, () => datasets.preview(viewer, target, first, signal))
      },
    },
    // A class, whose methods need it.
    connectionTests: override(connectionTests, {
      start: (viewer, input) =>
        telling(viewer, onTarget('TEST_CONNECTION', input.target), () => connectionTests.start(viewer, input)),
      cancel: (viewer, id) =>
        telling(viewer, onRow('CANCEL_CONNECTION_TEST', 'CONNECTION_TEST', id), () =>
          connectionTests.cancel(viewer, id),
        ),
    }),
    listings: {
      fieldOptions: (viewer, input, signal) =>
        telling(viewer, onTarget('LIST_FIELD_OPTIONS', input.target), () =>
          listings.fieldOptions(viewer, input, signal),
        ),
      catalog: (viewer, connector, input, signal) =>
        telling(viewer, onRow('BROWSE_CATALOG', 'CONNECTOR', connector.id), () =>
          listings.catalog(viewer, connector, input, signal),
        ),
    },
    apiTokens: {
      ...apiTokens,
      create: (viewer, input) => telling(viewer, { action: 'CREATE_API_TOKEN' }, () => apiTokens.create(viewer, input)),
      revoke: (viewer, id) =>
        telling(viewer, onRow('REVOKE_API_TOKEN', 'API_TOKEN', id), () => apiTokens.revoke(viewer, id)),
    },
  }
}

const onRow = (action: AuditAction, kind: AuditTargetKind, id: string): AuditEntry => ({
  action,
  target: { kind, id },
})

/** Names and keys are left out: what names nothing may be anything, a secret in the wrong field too. */
const onConnector = (action: AuditAction, ref: ConnectorRef): AuditEntry => ({
  action,
  target: { kind: 'CONNECTOR', id: 'id' in ref ? ref.id : null },
})

const onTarget = (action: AuditAction, target: TestTarget): AuditEntry =>
  'draft' in target ? { action } : onConnector(action, 'saved' in target ? target.saved : target.edit.connector)

function override<T extends object>(object: T, methods: Partial<T>): T {
  return new Proxy(object, {
    get(target, name) {
      const own: unknown = Reflect.get(methods, name)
      if (own !== undefined) return own
      const value: unknown = Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
