import { BSON, type Document, Long } from 'mongodb'
import { aggregate, MongoRefusal, matches, project, sorted } from './mongo-documents.ts'
import type { MongoRequest } from './mongo-messages.ts'
import { allows, type MongoPrivilege, privilegesOf } from './mongo-roles.ts'
import { databaseOf, type MongoAccount, type MongoSignIn } from './mongo-sign-in.ts'

/** Documents of a collection; a function gives them one by one, without end if it likes. */
export type MongoDocuments = readonly Document[] | (() => Iterable<Document>)
/** Database -> collection -> documents. */
export type MongoData = Readonly<Record<string, Readonly<Record<string, MongoDocuments>>>>
/** What a namespace (`database.collection`) is, where it is no collection: `view`, `timeseries`. */
export type MongoTypes = Readonly<Record<string, string>>

interface Cursor {
  readonly namespace: string
  readonly documents: Iterator<Document>
  /** Of the session that opened it. */
  readonly session: string
}

/** What all connections of one server share. */
export class MongoState {
  readonly data: MongoData
  /** Null: no access control, everybody may do everything. */
  readonly accounts: readonly MongoAccount[] | null
  readonly types: MongoTypes
  readonly cursors = new Map<string, Cursor>()
  #lastCursor = Long.fromString('7340032000000000000')

  constructor(data: MongoData, accounts: readonly MongoAccount[] | null, types: MongoTypes = {}) {
    this.data = data
    this.accounts = accounts
    this.types = types
  }

  nextCursorId(): Long {
    this.#lastCursor = this.#lastCursor.add(1)
    return this.#lastCursor
  }
}

const maxBatchBytes = 16 * 1_048_576
const firstBatchSize = 101
/** What may be asked before signing in. */
const open = new Set([
  'hello',
  'isMaster',
  'ismaster',
  'ping',
  'buildInfo',
  'buildinfo',
  'saslStart',
  'saslContinue',
  'authenticate',
  'connectionStatus',
  'endSessions',
  'logout',
])
const refused = (code: number, codeName: string, message: string) => new MongoRefusal(code, codeName, message)

/** Answers the commands of one connection as a sound server does. */
export class MongoSession {
  readonly #state: MongoState
  readonly #signIn: MongoSignIn

  constructor(state: MongoState, signIn: MongoSignIn) {
    this.#state = state
    this.#signIn = signIn
  }

  /** Throws `MongoRefusal`. */
  answer({ name, command, database }: MongoRequest): Document {
    if (this.#state.accounts !== null && this.#signIn.account === null && !open.has(name)) {
      throw refused(13, 'Unauthorized', `Command ${name} requires authentication`)
    }
    switch (name) {
      case 'ping':
      case 'logout':
        return { ok: 1 }
      case 'endSessions':
      case 'killSessions':
        this.#endSessions(command[name] as Document[])
        return { ok: 1 }
      case 'buildInfo':
      case 'buildinfo':
        return {
          version: '8.0.4',
          gitVersion: 'double',
          modules: [],
          versionArray: [8, 0, 4, 0],
          bits: 64,
          maxBsonObjectSize: 16_777_216,
          ok: 1,
        }
      case 'saslStart':
        return this.#signIn.start(command, database)
      case 'saslContinue':
        return this.#signIn.continue(command)
      case 'authenticate':
        return this.#signIn.authenticate(command)
      case 'connectionStatus':
        return this.#connectionStatus(Boolean(command['showPrivileges']))
      case 'listDatabases':
        return this.#listDatabases(command, database)
      case 'listCollections':
        return this.#listCollections(command, database)
      case 'find':
        return this.#find(command, database)
      case 'aggregate':
        return this.#aggregate(command, database)
      case 'count':
        return { n: [...this.#read(database, String(command['count']), name)].length, ok: 1 }
      case 'getMore':
        return this.#getMore(command)
      case 'killCursors':
        return this.#killCursors(command)
      default:
        throw refused(59, 'CommandNotFound', `no such command: '${name}'`)
    }
  }

  get #privileges(): readonly MongoPrivilege[] {
    const { account } = this.#signIn
    return account === null ? [] : [...(account.roles ?? []).flatMap(privilegesOf), ...(account.privileges ?? [])]
  }

  #may(action: string, db: string | null, collection = ''): boolean {
    return this.#state.accounts === null || allows(this.#privileges, action, db, collection)
  }

  #demand(action: string, db: string, collection: string, command: string): void {
    if (!this.#may(action, db, collection)) throw notAuthorized(db, command, collection)
  }

  #connectionStatus(showPrivileges: boolean): Document {
    const { account } = this.#signIn
    return {
      authInfo: {
        authenticatedUsers: account ? [{ user: account.username, db: databaseOf(account) }] : [],
        authenticatedUserRoles: account?.roles ?? [],
        ...(showPrivileges && { authenticatedUserPrivileges: this.#privileges }),
      },
      ok: 1,
    }
  }

  #listDatabases({ nameOnly, authorizedDatabases }: Document, database: string): Document {
    if (database !== 'admin')
      throw refused(13, 'Unauthorized', 'listDatabases may only be run against the admin database.')
    const mayList = this.#may('listDatabases', null)
    if (!mayList && authorizedDatabases === false) throw notAuthorized('admin', 'listDatabases', 1)
    const names = Object.keys(this.#state.data).filter(
      name => (mayList && authorizedDatabases !== true) || this.#may('find', name) || this.#grantsOn(name),
    )
    const databases = names.map(name => ({ name, ...(!nameOnly && { sizeOnDisk: 8_192, empty: false }) }))
    return { databases, ...(!nameOnly && { totalSize: 8_192 * names.length }), ok: 1 }
  }

  #grantsOn(db: string): boolean {
    return this.#privileges.some(({ resource }) => 'db' in resource && resource.db === db)
  }

  #listCollections({ filter, nameOnly, authorizedCollections, cursor, lsid }: Document, database: string): Document {
    const mayList = this.#may('listCollections', database)
    if (!mayList && !(nameOnly && authorizedCollections)) throw notAuthorized(database, 'listCollections', 1)
    const batch = Object.keys(this.#state.data[database] ?? {})
      .filter(name => mayList || this.#may('find', database, name))
      .map(name => ({
        name,
        type: this.#state.types[`${database}.${name}`] ?? 'collection',
        ...(!nameOnly && { options: {}, info: { readOnly: false } }),
      }))
      .filter(each => matches(each, (filter as Document | undefined) ?? {}))
    const batchSize = (cursor as Document | undefined)?.['batchSize']
    return this.#open(batch[Symbol.iterator](), `${database}.$cmd.listCollections`, { batchSize, lsid })
  }

  #read(database: string, collection: string, command: string): Iterable<Document> {
    this.#demand('find', database, collection, command)
    const documents = this.#state.data[database]?.[collection] ?? []
    return typeof documents === 'function' ? documents() : documents
  }

  #find(command: Document, database: string): Document {
    const { find, filter = {}, projection = {}, sort, skip = 0, limit = 0, batchSize, singleBatch, lsid } = command
    const source = this.#read(database, String(find), 'find')
    const ordered = sort ? sorted([...source], sort as Document) : source
    const found = take(ordered, { filter: filter as Document, projection: projection as Document, skip, limit })
    return this.#open(found, `${database}.${find}`, { batchSize, singleBatch, lsid })
  }

  #aggregate(command: Document, database: string): Document {
    const { aggregate: collection, pipeline, cursor, lsid } = command
    if (!cursor)
      throw refused(
        9,
        'FailedToParse',
        "The 'cursor' option is required, except for aggregate with the explain argument",
      )
    for (const stage of pipeline as Document[]) {
      const target = (stage['$out'] ?? stage['$merge']) as string | undefined
      if (target !== undefined) this.#demand('insert', database, String(target), 'aggregate')
    }
    const results = aggregate([...this.#read(database, String(collection), 'aggregate')], pipeline as Document[])
    return this.#open(results[Symbol.iterator](), `${database}.${collection}`, {
      batchSize: (cursor as Document)['batchSize'],
      lsid,
    })
  }

  #open(
    documents: Iterator<Document>,
    namespace: string,
    { batchSize = firstBatchSize, singleBatch, lsid }: Document,
  ): Document {
    const { batch, done } = nextBatch(documents, Number(batchSize))
    if (done || singleBatch) return cursorReply(Long.ZERO, namespace, batch)
    const id = this.#state.nextCursorId()
    this.#state.cursors.set(id.toString(), { namespace, documents, session: sessionOf(lsid) })
    return cursorReply(id, namespace, batch)
  }

  #getMore({ getMore, batchSize = Number.POSITIVE_INFINITY }: Document): Document {
    const id = String(getMore)
    const cursor = this.#state.cursors.get(id)
    if (!cursor) throw refused(43, 'CursorNotFound', `cursor id ${id} not found`)
    const { batch, done } = nextBatch(cursor.documents, Number(batchSize))
    if (done) this.#state.cursors.delete(id)
    return cursorReply(done ? Long.ZERO : Long.fromString(id), cursor.namespace, batch, 'nextBatch')
  }

  #killCursors({ cursors }: Document): Document {
    const ids = cursors as unknown[]
    const [cursorsKilled, cursorsNotFound] = [[] as unknown[], [] as unknown[]]
    for (const id of ids) (this.#state.cursors.delete(String(id)) ? cursorsKilled : cursorsNotFound).push(id)
    return { cursorsKilled, cursorsNotFound, cursorsAlive: [], cursorsUnknown: [], ok: 1 }
  }

  #endSessions(sessions: readonly Document[]): void {
    const ended = new Set(sessions.map(sessionOf))
    for (const [id, { session }] of this.#state.cursors) if (ended.has(session)) this.#state.cursors.delete(id)
  }
}

const sessionOf = (lsid: unknown): string => BSON.EJSON.stringify([lsid ?? null])

const notAuthorized = (db: string, command: string, argument: unknown) =>
  refused(13, 'Unauthorized', `not authorized on ${db} to execute command { ${command}: ${JSON.stringify(argument)} }`)

const cursorReply = (id: Long, ns: string, batch: readonly Document[], name = 'firstBatch'): Document => ({
  cursor: { [name]: batch, id, ns },
  ok: 1,
})

interface Taken {
  readonly filter: Document
  readonly projection: Document
  readonly skip: number
  readonly limit: number
}

function* take(documents: Iterable<Document>, { filter, projection, skip, limit }: Taken): Generator<Document, void> {
  let seen = 0
  for (const document of documents) {
    if (!matches(document, filter)) continue
    seen += 1
    if (seen <= skip) continue
    yield project(document, projection)
    if (limit !== 0 && seen - skip >= Math.abs(limit)) return
  }
}

/** As many documents as are wanted and fit into one batch. A server that has filled one does not know that it was the last. */
function nextBatch(documents: Iterator<Document>, size: number): { batch: Document[]; done: boolean } {
  const batch: Document[] = []
  // They are about as large as the one before: nothing can be put back.
  for (let bytes = 0, last = 0; batch.length < size && bytes + last < maxBatchBytes; ) {
    const next = documents.next()
    if (next.done) return { batch, done: true }
    batch.push(next.value)
    last = BSON.calculateObjectSize(next.value)
    bytes += last
  }
  return { batch, done: false }
}
