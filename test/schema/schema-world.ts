import { type ExecutionResult, type GraphQLSchema, graphql, parse, subscribe } from 'graphql'
import { expect } from 'vitest'
import type { TestSnapshot } from '../../src/connectors/connection-test.ts'
import { ConnectorRegistry } from '../../src/connectors/registry.ts'
import type { ConnectionTestRow, ConnectorRow, DatasetRow } from '../../src/db/rows.ts'
import { type Context, createContext } from '../../src/schema/context.ts'
import { buildSchema } from '../../src/schema/index.ts'
import type { Services } from '../../src/services/services.ts'
import { type Scope, soleViewer, type Viewer } from '../../src/services/viewer.ts'
import { madeUpType } from '../connectors/made-up-form.ts'

/** Two types with one form: what is generated for one must not leak into the other. */
export const registry = new ConnectorRegistry([madeUpType('MADE_UP', 'madeUp'), madeUpType('OTHER', 'other')])
export const madeUpSchema: GraphQLSchema = buildSchema(registry)

export type Fakes = { readonly [S in Exclude<keyof Services, 'registry'>]?: Partial<Services[S]> }

/** Services of which only the given methods may be called. */
export function fakeServices(fakes: Fakes): Services {
  const only = <T extends object>(service: string, methods: Partial<T> = {}) =>
    new Proxy(methods, {
      get: (target, name) => {
        const method: unknown = Reflect.get(target, name)
        if (method === undefined) throw new Error(`This test does not expect ${service}.${String(name)}.`)
        return method
      },
      // Whatever else is asked for throws, which is as good as being there.
    }) as T
  return {
    registry,
    connectors: only('connectors', fakes.connectors),
    datasets: only('datasets', fakes.datasets),
    connectionTests: only('connectionTests', fakes.connectionTests),
    listings: only('listings', fakes.listings),
    awsAccess: only('awsAccess', fakes.awsAccess),
    auditLog: only('auditLog', { refusedField: () => undefined, ...fakes.auditLog }),
    apiTokens: only('apiTokens', fakes.apiTokens),
  }
}

export interface SchemaWorld {
  readonly context: Context
  run(document: string, variables?: Readonly<Record<string, unknown>>): Promise<ExecutionResult>
  /** The source of a subscription, or why there is none. */
  stream(document: string, variables?: Readonly<Record<string, unknown>>): ReturnType<typeof subscribe>
}

/** The schema over fake services, executed without a server. */
export function schemaWorld(fakes: Fakes = {}, scopes?: readonly Scope[]): SchemaWorld {
  const viewer: Viewer = scopes ? { ...soleViewer, scopes: new Set(scopes) } : soleViewer
  const context = createContext({
    viewer,
    services: fakeServices(fakes),
    signal: new AbortController().signal,
    requestId: 'request',
    docsBaseUrl: 'https://docs.example.com',
  })
  return {
    context,
    run: (source, variableValues = {}) =>
      graphql({ schema: madeUpSchema, source, contextValue: context, variableValues }),
    stream: async (source, variableValues = {}) =>
      subscribe({ schema: madeUpSchema, document: parse(source), contextValue: context, variableValues }),
  }
}

/** The data of an answer without errors. */
export function dataOf({ data, errors }: ExecutionResult): Record<string, unknown> {
  expect(errors).toBeUndefined()
  return data ?? {}
}

const at = new Date('2026-11-22T09:30:00.000Z')

export const connectorRow = (id: string, change: Partial<ConnectorRow> = {}): ConnectorRow => ({
  workspaceId: 'default',
  id,
  name: `Connector ${id}`,
  nameKey: `connector ${id}`,
  description: null,
  externalKey: null,
  typeName: 'MADE_UP',
  config: {},
  secretVersionId: null,
  version: 1,
  createdAt: at,
  createdBy: 'Local user',
  updatedAt: at,
  updatedBy: 'Local user',
  ...change,
})

export const datasetRow = (id: string, change: Partial<DatasetRow> = {}): DatasetRow => ({
  workspaceId: 'default',
  id,
  connectorId: 'c1',
  typeName: 'MADE_UP',
  name: `Dataset ${id}`,
  nameKey: `dataset ${id}`,
  description: null,
  query: {},
  version: 1,
  createdAt: at,
  createdBy: null,
  updatedAt: at,
  updatedBy: null,
  ...change,
})

export const snapshot = (change: Partial<TestSnapshot> = {}): TestSnapshot => ({
  sequence: 1,
  status: 'RUNNING',
  steps: [],
  startedAt: at.toISOString(),
  finishedAt: null,
  durationMs: null,
  problem: null,
  ...change,
})

export const testRow = (id: string, change: Partial<ConnectionTestRow> = {}): ConnectionTestRow => ({
  workspaceId: 'default',
  id,
  connectorId: null,
  typeName: 'MADE_UP',
  status: 'RUNNING',
  snapshot: JSON.parse(JSON.stringify(snapshot())),
  fingerprint: '',
  config: {},
  secretDigests: {},
  typeVersion: 1,
  startedBy: 'local',
  targetHash: '',
  attemptKey: null,
  leaseOwner: null,
  leaseUntil: null,
  cancelRequested: false,
  startedAt: at,
  finishedAt: null,
  ...change,
})
