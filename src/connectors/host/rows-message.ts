import { isUtf8 } from 'node:buffer'
import { headerBytes } from './frames.ts'
import { rowsOverheadBytes } from './message-limits.ts'

/**
 * A message of rows, the one kind that is not JSON as a whole: a mark that no JSON begins with, the job's id, how many
 * rows there are, and their JSON texts with a comma between two of them. Whoever passes rows on need not read them.
 */
export interface RowsMessage {
  readonly kind: 'ROWS'
  readonly jobId: number
  /** As the child says. */
  readonly count: number
  /** Well-formed UTF-8; whether it is JSON, nobody has looked yet. */
  readonly json: Buffer
}

const mark = 0
const jobIdAt = 1
const countAt = 5
const jsonAt = 9
/** `[]` */
const leastBytesOfRow = 2

export const isRowsMessage = (body: Buffer): boolean => body[0] === mark

/** The message in `body`; null when there is none. So many rows need so many bytes: a count cannot be made up. */
export function parseRowsMessage(body: Buffer): RowsMessage | null {
  if (body.length < jsonAt || !isRowsMessage(body)) return null
  const count = body.readUInt32BE(countAt)
  const json = body.subarray(jsonAt)
  if (count === 0 || json.length + 1 < count * (leastBytesOfRow + 1) || !isUtf8(json)) return null
  return { kind: 'ROWS', jobId: body.readUInt32BE(jobIdAt), count, json }
}

/** A frame in two pieces: its head, and the rows as they are. `rows`: the JSON texts, a comma between two of them. */
export function rowsFrame(jobId: number, count: number, rows: Buffer): readonly [Buffer, Buffer] {
  const head = Buffer.alloc(headerBytes + jsonAt)
  head.writeUInt32BE(jsonAt + rows.length)
  head[headerBytes] = mark
  head.writeUInt32BE(jobId, headerBytes + jobIdAt)
  head.writeUInt32BE(count, headerBytes + countAt)
  return [head, rows]
}

/** What a message takes of the window. An empty row is not free either. */
export const weightOf = (json: Buffer): number => json.length + rowsOverheadBytes
