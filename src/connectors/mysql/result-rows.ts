import { JsonRows } from '../json-rows.ts'
import { settledWithin } from '../session/settled-within.ts'
import { RowEncoder } from './row-encoder.ts'
import type { Column, Session } from './session.ts'

/** The server has been asked for hardly more rows than are wanted; they may still be larger than is wanted. */
const maxLeftoverBytes = 65_536
const leftoverGraceMs = 100

/**
 * The rows of one statement, as the server sends them. It sends all that there are, as fast as they are taken: memory
 * stays bounded because the socket is paused while enough rows wait.
 */
export class ResultRows {
  readonly #session: Session
  readonly #described = Promise.withResolvers<readonly Column[]>()
  #encoder = new RowEncoder([])
  /** Read and not yet taken. */
  #pending = new JsonRows(0)
  /** What was taken last: used again in turns. */
  #taken = new JsonRows(0)
  #done = false
  /** Bytes of rows that may still come to nothing; null while rows are wanted. */
  #leftover: number | null = null
  readonly #enough = Promise.withResolvers<void>()
  readonly #ended: Promise<void>
  #failure: { readonly error: unknown } | null = null
  #changed: (() => void) | null = null

  constructor(session: Session, sql: string) {
    this.#session = session
    this.#described.promise.catch(() => {})
    this.#ended = session.run(sql, { columns: columns => this.#begin(columns), row: packet => this.#add(packet) }).then(
      () => this.#end(),
      error => {
        this.#failure = { error }
        this.#described.reject(error)
        this.#end()
      },
    )
  }

  /** Rejects with the server's error. */
  get columns(): Promise<readonly Column[]> {
    return this.#described.promise
  }

  /** Rows as they come, at least one, to be used until the next call; null after the last. Rejects with the server's error. */
  async read(): Promise<JsonRows | null> {
    while (this.#pending.count === 0) {
      if (this.#failure) throw this.#failure.error
      if (this.#done) return null
      await new Promise<void>(resolve => {
        this.#changed = resolve
      })
    }
    const rows = this.#pending
    this.#pending = this.#taken
    this.#taken = rows
    this.#pending.clear()
    this.#session.socket.resume()
    return rows
  }

  /** Nothing more is wanted: takes what little may be left, so that the server need not be asked to stop. Never rejects. */
  async discard(): Promise<void> {
    this.#leftover = maxLeftoverBytes
    this.#session.socket.resume()
    await settledWithin(Promise.race([this.#ended, this.#enough.promise]), leftoverGraceMs)
  }

  #begin(columns: readonly Column[]): void {
    this.#encoder = new RowEncoder(columns)
    this.#pending = new JsonRows(columns.length)
    this.#taken = new JsonRows(columns.length)
    this.#described.resolve(columns)
  }

  #add(packet: Buffer): void {
    this.#session.countBytesFromHere()
    if (this.#leftover !== null) {
      this.#discard(packet.length)
      return
    }
    this.#encoder.encode(this.#pending, packet)
    if (this.#pending.full) this.#session.socket.pause()
    this.#changed?.()
  }

  #discard(bytes: number): void {
    this.#leftover = (this.#leftover ?? 0) - bytes
    if (this.#leftover > 0) return
    this.#session.socket.pause()
    this.#enough.resolve()
  }

  #end(): void {
    // A statement that has no columns has no rows.
    this.#described.resolve([])
    this.#done = true
    this.#changed?.()
  }
}
