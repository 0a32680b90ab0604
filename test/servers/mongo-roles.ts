/** What a privilege is about: a collection of a database (empty: any), the whole deployment, or everything. */
export type MongoResource =
  | { readonly db: string; readonly collection: string }
  /** Of time series. */
  | { readonly db: string; readonly system_buckets: string }
  | { readonly cluster: true }
  | { readonly anyResource: true }

export interface MongoPrivilege {
  readonly resource: MongoResource
  readonly actions: readonly string[]
}

export interface MongoRole {
  readonly role: string
  readonly db: string
}

const words = (text: string): readonly string[] => text.trim().split(/\s+/)

// As MongoDB 8 has them.
const reading = words(`
  changeStream collStats dbHash dbStats find killCursors listCollections listIndexes listSearchIndexes planCacheRead
`)
const writing = words(`
  cleanupStructuredEncryptionData compactStructuredEncryptionData convertToCapped createCollection createIndex
  createSearchIndexes dropCollection dropIndex dropSearchIndex insert remove renameCollectionSameDB update
  updateSearchIndex
`)
const administering = words(`
  analyze bypassDocumentValidation collMod collStats compact convertToCapped createCollection createIndex dbStats
  dropCollection dropDatabase dropIndex enableProfiler listCollections listIndexes planCacheIndexFilter planCacheRead
  planCacheWrite reIndex renameCollectionSameDB storageDetails validate
`)
const managingUsers = words(`
  changeCustomData changePassword createRole createUser dropRole dropUser grantRole revokeRole
  setAuthenticationRestriction viewRole viewUser
`)
const monitoring = words(`
  allCollectionStats connPoolStats getCmdLineOpts getDefaultRWConcern getLog getParameter getShardMap hostInfo inprog
  listDatabases listSampledQueries listSessions listShards netstat operationMetrics replSetGetConfig replSetGetStatus
  serverStatus shardedDataDistribution shardingState top useUUID
`)
const monitoringDatabases = words('collStats dbStats getDatabaseVersion getShardVersion indexStats')
const running = words('addShard fsync killop replSetConfigure shutdown')
const backingUp = words('appendOplogNote getParameter listDatabases serverStatus setUserWriteBlockMode')

const on = (db: string, actions: readonly string[]): MongoPrivilege => ({ resource: { db, collection: '' }, actions })
const onCluster = (actions: readonly string[]): MongoPrivilege => ({ resource: { cluster: true }, actions })

const roles: Readonly<Record<string, (db: string) => readonly MongoPrivilege[]>> = {
  read: db => [on(db, reading)],
  readWrite: db => [on(db, [...reading, ...writing])],
  dbAdmin: db => [on(db, administering)],
  userAdmin: db => [on(db, managingUsers)],
  dbOwner: db => [on(db, [...reading, ...writing, ...administering, ...managingUsers])],
  readAnyDatabase: () => [
    on('', reading),
    onCluster(['listDatabases']),
    { resource: { db: '', collection: 'system.js' }, actions: reading },
    { resource: { db: '', system_buckets: '' }, actions: reading },
  ],
  readWriteAnyDatabase: () => [on('', [...reading, ...writing]), onCluster(['listDatabases'])],
  clusterMonitor: () => [
    onCluster(monitoring),
    on('', monitoringDatabases),
    on('config', [...reading, ...monitoringDatabases]),
    on('local', [...reading, ...monitoringDatabases]),
    { resource: { db: 'config', collection: 'system.sessions' }, actions: monitoringDatabases },
    { resource: { db: '', collection: 'system.profile' }, actions: ['find'] },
  ],
  backup: () => [on('', ['find', 'listCollections']), onCluster(backingUp), on('config', ['insert', 'update'])],
  root: () => [
    on('', [...reading, ...writing, ...administering, ...managingUsers]),
    onCluster([...monitoring, ...running]),
  ],
  __system: () => [{ resource: { anyResource: true }, actions: ['anyAction'] }],
}

/** What a built-in role lets its holder do, as `connectionStatus` tells it; nothing for a role that is not built in. */
export const privilegesOf = ({ role, db }: MongoRole): readonly MongoPrivilege[] => roles[role]?.(db) ?? []

/** Whether privileges allow an action on a collection, or (`db` null) on the deployment. */
export function allows(
  privileges: readonly MongoPrivilege[],
  action: string,
  db: string | null,
  collection = '',
): boolean {
  return privileges.some(({ resource, actions }) => {
    if (!actions.includes(action) && !actions.includes('anyAction')) return false
    if ('anyResource' in resource) return true
    if ('cluster' in resource) return db === null
    if ('system_buckets' in resource) return false
    const isDatabase = resource.db === '' || resource.db === db
    return db !== null && isDatabase && (resource.collection === '' || resource.collection === collection)
  })
}
