import type { QueryLimits, ResultColumn, Row, RowSink } from '../define.ts'
import { JsonRows } from '../json-rows.ts'
import { type Problem, problem } from '../problem.ts'
import {
  maxColumnNameLength,
  maxColumns,
  maxColumnsBytes,
  maxNativeTypeLength,
  maxRowBytes,
  rowsMessageBytes,
  rowWindowBytes,
} from './message-limits.ts'
import { rowsFrame, weightOf } from './rows-message.ts'

export interface RowSenderOptions {
  readonly jobId: number
  readonly limits: QueryLimits
  /** Ends every wait. */
  readonly signal: AbortSignal
  readonly sendColumns: (columns: readonly ResultColumn[]) => void
  /** Sends a frame, and says when its memory is free again. */
  readonly sendRows: (frame: readonly [head: Buffer, rows: Buffer], sent: () => void) => void
}

/**
 * The child's end of a query's rows: keeps the limits, cuts what a type gives into messages of bounded size, and waits
 * while the reader has not made room for them.
 */
export class RowSender implements RowSink {
  /** Settles when nothing more will be sent, whatever the type still does. */
  readonly stopped: Promise<void>
  readonly #stop: () => void
  readonly #options: RowSenderOptions
  /** Rows that a type gives as values; null before the columns. */
  #written: JsonRows | null = null
  #rows = 0
  #bytes = 0
  /** Sent and not yet read. */
  #outstanding = 0
  #room: (() => void) | null = null
  #working = false
  #truncated = false
  #problem: Problem | null = null

  constructor(options: RowSenderOptions) {
    this.#options = options
    const { promise, resolve } = Promise.withResolvers<void>()
    this.stopped = promise
    this.#stop = resolve
  }

  /** Whether there was more than the limits let through. */
  get truncated(): boolean {
    return this.#truncated
  }

  /** Why the result cannot be sent, when it cannot. */
  get problem(): Problem | null {
    return this.#problem
  }

  columns(columns: readonly ResultColumn[]): void {
    if (this.#written !== null) throw new Error('The columns were given twice.')
    const told = columns.map(({ name, nativeType, type }) => ({
      name: name.slice(0, maxColumnNameLength),
      nativeType: nativeType.slice(0, maxNativeTypeLength),
      type,
    }))
    const limit =
      told.length > maxColumns
        ? `${maxColumns} columns`
        : Buffer.byteLength(JSON.stringify(told)) > maxColumnsBytes
          ? `${maxColumnsBytes / 2 ** 20} MB of column names`
          : null
    if (limit !== null) {
      this.#refuse(limit)
      return
    }
    this.#written = new JsonRows(told.length)
    this.#options.sendColumns(told)
  }

  rows(rows: readonly Row[]): Promise<boolean> {
    return this.#work(async written => {
      written.clear()
      for (const row of rows) {
        written.add(row)
        // One row more than is wanted tells that there was more.
        if (!written.full && this.#rows + written.count <= this.#options.limits.maxRows) continue
        await this.#send(written)
        written.clear()
        if (this.#over) return
      }
      await this.#send(written)
    })
  }

  json(rows: JsonRows): Promise<boolean> {
    return this.#work(async ({ columnCount }) => {
      if (rows.columnCount !== columnCount)
        throw new Error(`Rows have ${rows.columnCount} values for ${columnCount} columns.`)
      await this.#send(rows)
    })
  }

  /** The reader has made room for so many bytes. */
  credit(bytes: number): void {
    this.#outstanding -= bytes
    this.#room?.()
  }

  async #work(work: (written: JsonRows) => Promise<void>): Promise<boolean> {
    if (this.#working) throw new Error('Rows were given before there was room for them.')
    if (this.#problem) return false
    if (this.#truncated) throw new Error('Rows were given that nobody wants.')
    if (this.#written === null) throw new Error('Rows were given before their columns.')
    this.#working = true
    try {
      await work(this.#written)
      return !this.#over
    } finally {
      this.#working = false
    }
  }

  get #over(): boolean {
    return this.#truncated || this.#problem !== null
  }

  /** Sends the rows as far as the limits let them through. */
  async #send(rows: JsonRows): Promise<void> {
    for (let from = 0; from < rows.count; ) {
      const to = this.#messageEnd(rows, from)
      if (to === from) return
      await this.#sendMessage(rows, from, to)
      from = to
    }
  }

  /**
   * How far a message goes that begins with row `from`. Not at all when the limits do not let that row through: the result
   * then ends before it.
   */
  #messageEnd(rows: JsonRows, from: number): number {
    const { maxRows, maxBytes } = this.#options.limits
    const start = rows.endOf(from)
    const rowsEnd = Math.min(rows.count, from + maxRows - this.#rows)
    const bytesEnd = start + Math.min(rowsMessageBytes, maxBytes - this.#bytes)
    if (rows.endOf(rowsEnd) <= bytesEnd && rowsEnd > from) return rowsEnd
    let to = from
    while (to < rowsEnd && rows.endOf(to + 1) <= bytesEnd) to += 1
    if (to > from) return to
    const bytes = rows.endOf(from + 1) - start
    if (rowsEnd === from || this.#bytes + bytes > maxBytes) {
      this.#truncated = true
      this.#stop()
      return from
    }
    if (bytes > maxRowBytes) {
      this.#refuse(`${maxRowBytes / 2 ** 20} MB in one row`)
      return from
    }
    return from + 1
  }

  /** Sends rows `from` to `to` as soon as there is room for them; until it is done they must stay as they are. */
  async #sendMessage(rows: JsonRows, from: number, to: number): Promise<void> {
    const bytes = rows.endOf(to) - rows.endOf(from)
    // Without the last comma.
    const json = rows.text(rows.endOf(from), rows.endOf(to) - 1)
    const weight = weightOf(json)
    while (this.#outstanding > 0 && this.#outstanding + weight > rowWindowBytes) await this.#waitForRoom()
    this.#options.signal.throwIfAborted()
    this.#rows += to - from
    this.#bytes += bytes
    this.#outstanding += weight
    const frame = rowsFrame(this.#options.jobId, to - from, json)
    await new Promise<void>(sent => this.#options.sendRows(frame, sent))
  }

  async #waitForRoom(): Promise<void> {
    const { signal } = this.#options
    signal.throwIfAborted()
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    this.#room = resolve
    try {
      await promise
    } finally {
      this.#room = null
      signal.removeEventListener('abort', abort)
    }
  }

  #refuse(limit: string): void {
    this.#problem = problem('RESULT_TOO_LARGE', { params: { limit } })
    this.#stop()
  }
}
