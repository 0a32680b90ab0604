import type { Document } from 'mongodb'
import { type BrowseContext, type Listing, notListed } from '../browse.ts'
import { untilAborted } from '../session/until-aborted.ts'
import type { MongodbConfig } from './form.ts'
import { MongodbOpening } from './open.ts'
import { Patience } from './patience.ts'

/** Beyond the time that the server is told, for it to say by itself that it is over. */
const serverGraceMs = 2_000

/** What a list is made with. */
export interface Lister {
  readonly opening: MongodbOpening
  readonly config: MongodbConfig
  readonly signal: AbortSignal
  /** For every command, so that no server works on longer than somebody waits. */
  readonly maxTimeMS: number
  readonly patience: Patience
  run(database: string, command: Document): Promise<Document>
}

/**
 * The way in that queries take, the list, and the way out. What goes wrong is the listing's problem. Rejects with the
 * signal's reason.
 */
export async function listInSession<Item>(
  config: MongodbConfig,
  { signal, budgetMs, environment }: BrowseContext,
  list: (lister: Lister) => Promise<Listing<Item>>,
): Promise<Listing<Item>> {
  const opening = new MongodbOpening(config, { network: environment.network, purpose: 'QUERY' })
  const startedAt = performance.now()
  const statementMs = config.limits.statementTimeoutSeconds * 1_000
  const patience = new Patience(statementMs + serverGraceMs)
  const ask = async (): Promise<Listing<Item>> => {
    const leftMs = budgetMs - (performance.now() - startedAt)
    const maxTimeMS = Math.max(1, Math.ceil(Math.min(leftMs, statementMs)))
    const run = (database: string, command: Document) =>
      patience.wait(opening.session.run(database, { ...command, maxTimeMS }, signal))
    try {
      return await list({ opening, config, signal, maxTimeMS, patience, run })
    } catch (error) {
      signal.throwIfAborted()
      return notListed(opening.classify(error, 'LISTING'))
    }
  }
  try {
    const blocked = await opening.openForQuery(signal)
    return blocked ? notListed(blocked) : await untilAborted(ask(), signal)
  } finally {
    await opening.close({ busy: patience.isWaiting })
  }
}
