import type { Document } from 'mongodb'
import { ProtocolFaultError } from '../session/protocol-fault.ts'
import { isOwnCollection } from './collection-name.ts'
import type { Session } from './session.ts'

/** A hostile server must not decide how much there is to go through. */
const maxDatabases = 100
const maxCollections = 200
const maxNameLength = 255

/** What MongoDB keeps for itself: read last, because it proves the least. */
const ownDatabases: ReadonlySet<string> = new Set(['admin', 'config', 'local'])

/** The databases in which the account may do something, MongoDB's own ones last. Rejects with the driver's error. */
export async function listDatabases(session: Session, signal: AbortSignal): Promise<string[]> {
  const answer = await session.run('admin', { listDatabases: 1, nameOnly: true, authorizedDatabases: true }, signal)
  const names = namesIn(answer['databases']).slice(0, maxDatabases)
  return [...names.filter(name => !ownDatabases.has(name)), ...names.filter(name => ownDatabases.has(name))]
}

/** The collections and views of a database that the account may read. Rejects with the driver's error. */
export async function listCollections(session: Session, database: string, signal: AbortSignal): Promise<string[]> {
  const answer = await session.run(
    database,
    { listCollections: 1, nameOnly: true, authorizedCollections: true, cursor: { batchSize: maxCollections } },
    signal,
  )
  const names = namesIn((answer['cursor'] as Document | undefined)?.['firstBatch'])
  return names.filter(name => !isOwnCollection(name)).slice(0, maxCollections)
}

/** The names of what a server lists. Throws for what is no list. */
export function namesIn(list: unknown): string[] {
  if (!Array.isArray(list)) throw new ProtocolFaultError('it did not list what it was asked for')
  return list.flatMap(item => {
    const name: unknown = (item as { name?: unknown } | null)?.name
    return typeof name === 'string' && name.length > 0 && name.length <= maxNameLength ? [name] : []
  })
}
