import type { AbstractCursor, Sort } from 'mongodb'
import type { QueryContext, QueryEnd, Row, RowSink } from '../define.ts'
import type { Problem } from '../problem.ts'
import { ProtocolFaultError } from '../session/protocol-fault.ts'
import { settledWithin } from '../session/settled-within.ts'
import { untilAborted } from '../session/until-aborted.ts'
import { DocumentColumns } from './document-columns.ts'
import type { MongodbConfig } from './form.ts'
import { MongodbOpening } from './open.ts'
import { Patience } from './patience.ts'
import { type QueryCommand, readQuery } from './query-command.ts'
import type { MongodbQuery } from './query-form.ts'

/** Documents that a server sends at once; it sends no more than 16 MB. The first of them decide the columns. */
const batchSize = 1_000

/** Bytes of documents that become rows together. */
const bytesAtOnce = 256 * 2 ** 10

const goodbyeMs = 500

/** Beyond the statement's time limit, for the server to say by itself that it is over. */
const statementGraceMs = 2_000

/** Runs one query that reads, as far as its documents are wanted. Nothing of it stays, on the way or on the server. */
export async function runQuery(
  config: MongodbConfig,
  query: MongodbQuery,
  context: QueryContext,
  sink: RowSink,
): Promise<QueryEnd> {
  const read = readQuery(query)
  if (read.kind === 'REFUSED') return refusal(read.problem)
  const opening = new MongodbOpening(config, { network: context.environment.network, purpose: 'QUERY' })
  const patience = new Patience(config.limits.statementTimeoutSeconds * 1_000 + statementGraceMs)
  try {
    const blocked = await opening.openForQuery(context.signal)
    if (blocked) return refusal(blocked)
    return await untilAborted(
      send(opening, { config, query, command: read.command, patience }, context, sink),
      context.signal,
    )
  } finally {
    await opening.close({ busy: patience.isWaiting })
  }
}

const refusal = (known: Problem): QueryEnd => ({ kind: 'PROBLEM', problem: known })

interface Work {
  readonly config: MongodbConfig
  readonly query: MongodbQuery
  readonly command: QueryCommand
  readonly patience: Patience
}

async function send(opening: MongodbOpening, work: Work, context: QueryContext, sink: RowSink): Promise<QueryEnd> {
  const { query, patience } = work
  const cursor = openCursor(opening, work, context)
  try {
    await give(cursor, query.database, patience, sink)
    return { kind: 'COMPLETE', truncated: false }
  } catch (error) {
    context.signal.throwIfAborted()
    return refusal(opening.classify(error, 'QUERY'))
  } finally {
    // Tells the server that the rest is not wanted, if there is one.
    if (!patience.isWaiting) await settledWithin(cursor.close(), goodbyeMs)
  }
}

/** Documents stay as they came: raw, so that nothing of them is converted twice or not exactly. */
function openCursor(
  { session }: MongodbOpening,
  { config, query: { database, collection }, command }: Work,
  context: QueryContext,
): AbstractCursor<Uint8Array> {
  // One more than wanted tells that there are more.
  const limit = context.limits.maxRows + 1
  const options = {
    raw: true,
    batchSize: Math.min(batchSize, limit),
    maxTimeMS: config.limits.statementTimeoutSeconds * 1_000,
    comment: 'patchbay',
    signal: context.signal,
    ...(session.driverSession && { session: session.driverSession }),
  }
  const source = session.client.db(database).collection(collection)
  const cursor: AbstractCursor =
    command.kind === 'FIND'
      ? source.find(command.filter, {
          ...options,
          limit,
          ...(command.projection && { projection: command.projection }),
          ...(command.sort && { sort: command.sort as Sort }),
        })
      : source.aggregate([...command.stages, { $limit: limit }], options)
  return cursor as AbstractCursor<Uint8Array>
}

/** Nothing is asked of the server while the reader has no room. */
async function give(
  cursor: AbstractCursor<Uint8Array>,
  database: string,
  patience: Patience,
  sink: RowSink,
): Promise<void> {
  const more = () => patience.wait(cursor.hasNext())
  const first = (await more()) ? cursor.readBufferedDocuments() : []
  // The driver asks for the rest where the server says that it is.
  if (cursor.namespace.db !== database) throw new ProtocolFaultError('it answered from another database')
  const columns = new DocumentColumns(first, cursor.id?.isZero() ?? true)
  sink.columns(columns.columns)
  let wantsMore = await giveBatch(first, columns, sink)
  while (wantsMore && (await more())) wantsMore = await giveBatch(cursor.readBufferedDocuments(), columns, sink)
}

/** A batch as values takes many times its bytes, so there is only a part of it at once. Answers whether more is wanted. */
async function giveBatch(documents: readonly Uint8Array[], columns: DocumentColumns, sink: RowSink): Promise<boolean> {
  let rows: Row[] = []
  let bytes = 0
  for (const [index, document] of documents.entries()) {
    rows.push(columns.row(document))
    bytes += document.length
    if (bytes < bytesAtOnce && index < documents.length - 1) continue
    if (!(await sink.rows(rows))) return false
    rows = []
    bytes = 0
  }
  return true
}
