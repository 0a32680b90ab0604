import type { QueryLimits } from '../define.ts'
import { JsonRows } from '../json-rows.ts'
import { fetchFromPortal } from './portal.ts'
import type { RowEncoder } from './row-encoder.ts'
import type { Session } from './session.ts'

/** What one fetch should bring: enough that its way there and back does not count. */
const fetchBytes = 4 * 1_048_576
const maxFetchRows = 10_000
/** A source that needs longer for a fetch is asked for less at once, so that its rows are seen as they come. */
const slowFetchMs = 500

/** The server sends rows that nobody has asked for. */
export class TooManyRowsError extends Error {
  constructor() {
    super('The server sent more rows than it was asked for.')
    this.name = 'TooManyRowsError'
  }
}

/**
 * Reads the session's portal. Fetches begin with one row and grow by what rows turn out to weigh; however wrong such a
 * guess is, memory stays bounded: the socket is paused, and the server must wait, while enough rows wait to be taken.
 */
export class PortalRows {
  readonly #session: Session
  readonly #encoder: RowEncoder
  readonly #limits: QueryLimits
  /** Read and not yet taken. */
  #pending: JsonRows
  /** What was taken last: used again in turns. */
  #taken: JsonRows
  #rows = 0
  #bytes = 0
  #fetchRows = 1
  #state: 'IDLE' | 'FETCHING' | 'DONE' = 'IDLE'
  #discarding = false
  #failure: { readonly error: unknown } | null = null
  #changed: (() => void) | null = null

  constructor(session: Session, encoder: RowEncoder, limits: QueryLimits) {
    this.#session = session
    this.#encoder = encoder
    this.#limits = limits
    this.#pending = new JsonRows(encoder.columnCount)
    this.#taken = new JsonRows(encoder.columnCount)
  }

  /**
   * Rows as they come, at least one, to be used until the next call; null after the last. The next ones are fetched
   * meanwhile. Rejects with the server's error.
   */
  async read(): Promise<JsonRows | null> {
    for (;;) {
      if (this.#failure) throw this.#failure.error
      const enough = this.#state !== 'FETCHING' || this.#pending.full
      if (this.#pending.count > 0 && enough) return this.#take()
      if (this.#state === 'DONE') return null
      if (this.#state === 'IDLE') this.#fetch()
      await new Promise<void>(resolve => {
        this.#changed = resolve
      })
    }
  }

  /** Nothing more is wanted: what is under way comes to nothing. */
  discard(): void {
    this.#discarding = true
    this.#pending.clear()
    this.#stream.resume()
  }

  get #stream() {
    return this.#session.socket
  }

  #take(): JsonRows {
    const rows = this.#pending
    this.#pending = this.#taken
    this.#taken = rows
    this.#pending.clear()
    if (this.#state === 'IDLE') this.#fetch()
    this.#stream.resume()
    return rows
  }

  #fetch(): void {
    this.#state = 'FETCHING'
    const wanted = this.#wanted()
    const startedAt = performance.now()
    let left = wanted
    const onRow = (source: Buffer, start: number) => {
      left -= 1
      if (left < 0) this.#fail(new TooManyRowsError())
      else this.#add(source, start)
    }
    fetchFromPortal(this.#session, wanted, onRow).then(
      end => {
        // One row more than wanted tells whether there was more.
        this.#state = end === 'ALL' || this.#rows > this.#limits.maxRows ? 'DONE' : 'IDLE'
        const slow = performance.now() - startedAt > slowFetchMs
        this.#fetchRows = slow ? Math.max(1, wanted >> 1) : 4 * wanted
        this.#changed?.()
      },
      error => this.#fail(error),
    )
  }

  #wanted(): number {
    const { maxRows, maxBytes } = this.#limits
    const average = Math.max(1, this.#bytes / Math.max(1, this.#rows))
    const fitting = Math.ceil(Math.min(fetchBytes, Math.max(0, maxBytes - this.#bytes)) / average)
    return Math.max(1, Math.min(this.#fetchRows, maxFetchRows, fitting, maxRows + 1 - this.#rows))
  }

  #add(source: Buffer, start: number): void {
    if (this.#discarding) return
    const before = this.#pending.bytes
    this.#encoder.encode(this.#pending, source, start)
    this.#rows += 1
    this.#bytes += this.#pending.bytes - before
    this.#session.countBytesFromHere()
    if (!this.#pending.full || this.#stream.isPaused()) return
    this.#stream.pause()
    this.#changed?.()
  }

  #fail(error: unknown): void {
    this.#failure ??= { error }
    this.#state = 'DONE'
    // Nothing that such a server says is waited for.
    if (error instanceof TooManyRowsError) this.#stream.destroy()
    this.#changed?.()
  }
}
