import type { QueryLimits, ResultColumn, Row, RowSink } from '../define.ts'
import { type Problem, problem } from '../problem.ts'
import { bodyBytes } from './frames.ts'
import { isShallow } from './is-shallow.ts'
import {
  maxColumnNameLength,
  maxColumns,
  maxColumnsBytes,
  maxJsonDepth,
  maxNativeTypeLength,
  maxRowBytes,
  rowsEnvelopeBytes,
  rowsMessageBytes,
  rowWindowBytes,
} from './message-limits.ts'
import { RowsFrame } from './rows-frame.ts'

const frameBytes = rowsMessageBytes + rowsEnvelopeBytes
/** As many as the window has room for. */
const maxSpare = rowWindowBytes / rowsMessageBytes

export interface RowSenderOptions {
  readonly jobId: number
  readonly limits: QueryLimits
  /** Ends every wait. */
  readonly signal: AbortSignal
  readonly sendColumns: (columns: readonly ResultColumn[]) => void
  /** Sends a whole frame, and says when its memory is free again. */
  readonly sendRows: (frame: Buffer, sent: () => void) => void
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
  #columnCount: number | null = null
  #rows = 0
  #bytes = 0
  /** The next message. */
  #frame: RowsFrame | null = null
  readonly #spare: Buffer[] = []
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
    if (this.#columnCount !== null) throw new Error('The columns were given twice.')
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
    this.#columnCount = told.length
    this.#options.sendColumns(told)
  }

  async rows(rows: readonly Row[]): Promise<boolean> {
    if (this.#working) throw new Error('Rows were given before there was room for them.')
    if (this.#problem) return false
    if (this.#truncated) throw new Error('Rows were given that nobody wants.')
    if (this.#columnCount === null) throw new Error('Rows were given before their columns.')
    this.#working = true
    try {
      for (const row of rows) if (!(await this.#add(row, this.#columnCount))) break
      await this.#flush()
      return !this.#truncated && this.#problem === null
    } finally {
      this.#working = false
    }
  }

  /** The reader has read so many bytes. */
  credit(bytes: number): void {
    this.#outstanding -= bytes
    this.#room?.()
  }

  /** Whether the row went in. */
  #add(row: Row, columnCount: number): boolean | Promise<boolean> {
    if (this.#rows === this.#options.limits.maxRows) return this.#enough()
    const json = rowJson(row, columnCount)
    const bytes = this.#frame?.add(json) ?? 0
    if (bytes > 0) return this.#count(bytes)
    const wanted = Buffer.byteLength(json) + 1
    if (this.#bytes + wanted > this.#options.limits.maxBytes) return this.#enough()
    if (wanted > maxRowBytes) {
      this.#refuse(`${maxRowBytes / 2 ** 20} MB in one row`)
      return false
    }
    // Only here is there a promise: there may be millions of rows.
    return this.#flush().then(() => {
      this.#frame = new RowsFrame(this.#options.jobId, this.#buffer(wanted + rowsEnvelopeBytes))
      return this.#count(this.#frame.add(json))
    })
  }

  /** Counts a row that is in the frame, unless it was too much. */
  #count(bytes: number): boolean {
    if (this.#bytes + bytes > this.#options.limits.maxBytes) {
      this.#frame?.undo(bytes)
      return this.#enough()
    }
    this.#rows += 1
    this.#bytes += bytes
    return true
  }

  /** Of at least `bytes`. Used again and again: what is left to the garbage collector is there for a while. */
  #buffer(bytes: number): Buffer {
    return (bytes <= frameBytes && this.#spare.pop()) || Buffer.allocUnsafeSlow(Math.max(bytes, frameBytes))
  }

  #enough(): false {
    this.#truncated = true
    this.#stop()
    return false
  }

  /** Sends what is pending as soon as there is room for it. */
  async #flush(): Promise<void> {
    const frame = this.#frame
    if (!frame || frame.bytes === 0) return
    while (this.#outstanding > 0 && this.#outstanding + frame.bytes > rowWindowBytes) await this.#waitForRoom()
    this.#options.signal.throwIfAborted()
    this.#frame = null
    const message = frame.finish()
    this.#outstanding += bodyBytes(message)
    this.#options.sendRows(message, () => {
      if (frame.buffer.length === frameBytes && this.#spare.length < maxSpare) this.#spare.push(frame.buffer)
    })
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

/** What is nested more deeply than the parent's parser takes becomes text. */
function rowJson(row: Row, columnCount: number): string {
  if (row.length !== columnCount) throw new Error(`A row has ${row.length} values for ${columnCount} columns.`)
  const deep = row.some(value => typeof value === 'object' && value !== null && !isShallow(value, maxJsonDepth))
  return JSON.stringify(deep ? row.map(value => (isShallow(value, maxJsonDepth) ? value : JSON.stringify(value))) : row)
}
