import type { Document } from 'mongodb'
import { ProtocolFaultError } from '../session/protocol-fault.ts'

/** What a privilege is about. */
export type Resource =
  | { readonly kind: 'COLLECTION'; readonly db: string; readonly collection: string }
  | { readonly kind: 'CLUSTER' }
  | { readonly kind: 'EVERYTHING' }

export interface Privilege {
  readonly resource: Resource
  readonly actions: readonly string[]
}

/**
 * Actions that change nothing, of MongoDB's list of privilege actions: what `read`, `readAnyDatabase`, `clusterMonitor`
 * and `backup` hold to look at things. Whatever is not on this list counts as more than reading.
 */
const readingActions: ReadonlySet<string> = new Set([
  'allCollectionStats',
  'changeStream',
  'checkFreeMonitoringStatus',
  'checkMetadataConsistency',
  'collStats',
  'connPoolStats',
  'dbHash',
  'dbStats',
  'find',
  'getChangeStreamState',
  'getClusterParameter',
  'getCmdLineOpts',
  'getDatabaseVersion',
  'getDefaultRWConcern',
  'getLog',
  'getParameter',
  'getShardMap',
  'getShardVersion',
  'hostInfo',
  'indexStats',
  'inprog',
  // Of its own cursors: the account could not have opened others'.
  'killCursors',
  'listCachedAndActiveUsers',
  'listClusterCatalog',
  'listCollections',
  'listCursors',
  'listDatabases',
  'listIndexes',
  'listSampledQueries',
  'listSearchIndexes',
  'listSessions',
  'listShards',
  'netstat',
  'oidcListKeys',
  'operationMetrics',
  'planCacheRead',
  'queryStatsRead',
  'queryStatsReadTransformed',
  'replSetGetConfig',
  'replSetGetStatus',
  'serverStatus',
  'shardedDataDistribution',
  'shardingState',
  'top',
  'useUUID',
  'viewRole',
  'viewUser',
])

/** One thing that an account may do beyond reading. */
export interface Right {
  readonly resource: Resource
  /** Actions beyond reading. */
  readonly actions: readonly string[]
}

/** Reads the answer to `connectionStatus`. Null: the server says nothing about privileges. Rejects what cannot be read. */
export function readPrivileges(answer: Document): readonly Privilege[] | null {
  const { authenticatedUserPrivileges: list } = (answer['authInfo'] ?? {}) as Document
  if (list === undefined) return null
  if (!Array.isArray(list)) throw new ProtocolFaultError('it did not list what the account may do')
  return list.map(readPrivilege)
}

/** Whether anybody is signed in, by the server's word. */
export function isSignedIn(answer: Document): boolean {
  const { authenticatedUsers: users } = (answer['authInfo'] ?? {}) as Document
  return Array.isArray(users) && users.length > 0
}

function readPrivilege(item: unknown): Privilege {
  const { resource, actions } = (item ?? {}) as { resource?: unknown; actions?: unknown }
  const isNamed = Array.isArray(actions) && actions.every(action => typeof action === 'string')
  if (!isNamed || typeof resource !== 'object' || resource === null) {
    throw new ProtocolFaultError('it did not say what a privilege is about')
  }
  return { resource: readResource(resource as Document), actions }
}

function readResource(resource: Document): Resource {
  if (resource['anyResource']) return { kind: 'EVERYTHING' }
  if (resource['cluster']) return { kind: 'CLUSTER' }
  // A time series' own buckets, which are read through the collection that they belong to.
  const buckets: unknown = resource['system_buckets']
  const collection = buckets === undefined ? (resource['collection'] ?? '') : `system.buckets.${buckets}`
  return { kind: 'COLLECTION', db: String(resource['db'] ?? ''), collection: String(collection) }
}

/** What goes beyond reading, each resource once. */
export function writingRights(privileges: readonly Privilege[]): readonly Right[] {
  const rights = new Map<string, { resource: Resource; actions: Set<string> }>()
  for (const { resource, actions } of privileges) {
    const writing = actions.filter(action => !readingActions.has(action))
    if (writing.length === 0) continue
    const key = JSON.stringify(resource)
    const known = rights.get(key) ?? { resource, actions: new Set<string>() }
    for (const action of writing) known.actions.add(action)
    rights.set(key, known)
  }
  return [...rights.values()].map(({ resource, actions }) => ({ resource, actions: [...actions] }))
}

/** Where the account may read: whole databases and single collections. An empty database stands for all of them. */
export interface ReadableScope {
  readonly databases: readonly string[]
  readonly collections: readonly { readonly db: string; readonly collection: string }[]
}

export function readableScope(privileges: readonly Privilege[]): ReadableScope {
  const databases = new Set<string>()
  const collections = new Map<string, { db: string; collection: string }>()
  for (const { resource, actions } of privileges) {
    if (!actions.includes('find') && !actions.includes('anyAction')) continue
    if (resource.kind === 'EVERYTHING') databases.add('')
    if (resource.kind !== 'COLLECTION') continue
    const { db, collection } = resource
    if (collection === '') databases.add(db)
    // Of every database at once, or MongoDB's own: part of roles that read whole databases.
    else if (db !== '' && !collection.startsWith('system.')) collections.set(`${db}.${collection}`, { db, collection })
  }
  return {
    databases: [...databases],
    collections: [...collections.values()].filter(({ db }) => !databases.has(db) && !databases.has('')),
  }
}

/** A right as words after "may". */
export function describeRight({ resource, actions }: Right): string {
  const shown = actions.slice(0, 12).join(', ')
  const named = actions.length > 12 ? `${shown} and more` : shown
  switch (resource.kind) {
    case 'EVERYTHING':
      return `${named} on everything`
    case 'CLUSTER':
      return `${named} on the deployment`
    case 'COLLECTION': {
      const { db, collection } = resource
      if (db === '') return `${named} on ${collection === '' ? 'every database' : `"${collection}" of every database`}`
      return collection === '' ? `${named} on the database "${db}"` : `${named} on "${db}.${collection}"`
    }
  }
}
