import type { Row } from '../define.ts'
import { isShallow, maxJsonDepth } from '../json-depth.ts'
import type { Problem } from '../problem.ts'
import type { RowsPart } from './connector-host.ts'
import type { RowsMessage } from './rows-message.ts'

interface RowsPartOptions {
  readonly columnCount: number
  /** Told when rows are read and are none; answers the problem. */
  readonly onLie: () => Problem
  /** Takes the memory of `json` back. */
  readonly recycle: (json: Buffer) => void
}

/** What a reader gets of a message of rows. */
export function rowsPart({ count, json }: RowsMessage, { columnCount, onLie, recycle }: RowsPartOptions): RowsPart {
  let given: Buffer | null = json
  const present = () => {
    if (given === null) throw new Error('Rows were used after their release.')
    return given
  }
  return {
    kind: 'ROWS',
    count,
    get json() {
      return present()
    },
    read: () => {
      const rows = parseRows(present(), count, columnCount)
      return rows ? { kind: 'ROWS', rows } : { kind: 'PROBLEM', problem: onLie() }
    },
    release: () => {
      if (given) recycle(given)
      given = null
    },
  }
}

function parseRows(json: Buffer, count: number, columnCount: number): readonly Row[] | null {
  let rows: unknown
  try {
    rows = JSON.parse(`[${json.toString()}]`)
  } catch {
    return null
  }
  // Whatever brackets were in the text, what was parsed is a list.
  const list = rows as readonly unknown[]
  const isRow = (row: unknown): row is Row =>
    Array.isArray(row) && row.length === columnCount && row.every(value => isShallow(value, maxJsonDepth))
  return list.length === count && list.every(isRow) ? list : null
}
