import { ProtocolFaultError } from '../session/protocol-fault.ts'
import { endOfCounted, startOfCounted } from './packets.ts'
import type { Session } from './session.ts'

/** What a statement of ours answers in a column; with `?` it may be null. */
interface Kinds {
  readonly text: string
  readonly 'text?': string | null
  readonly integer: number
}

export type Shape = Readonly<Record<string, keyof Kinds>>
export type RowOf<S extends Shape> = { readonly [Name in keyof S]: Kinds[S[Name]] }

const otherColumns = 'it answered with other columns than were asked for'
/** No statement of ours asks for more. */
const maxRows = 5_000

/**
 * Runs one statement of ours and answers its rows, whose columns have the shape's order. Rejects with the server's error,
 * or with a `ProtocolFaultError` when the rows are not of that shape.
 */
export async function ask<S extends Shape>(session: Session, sql: string, shape: S): Promise<RowOf<S>[]> {
  const expected = Object.entries(shape)
  const rows: (string | null)[][] = []
  let columns = 0
  await session.run(sql, {
    columns: ({ length }) => {
      columns = length
    },
    row: packet => {
      // Thousands of columns would be held in memory.
      if (columns !== expected.length) throw new ProtocolFaultError(otherColumns)
      // Counted while they come: nobody waits for the end of an answer that has none.
      if (rows.length >= maxRows) throw new ProtocolFaultError('it answered with more rows than were asked for')
      rows.push(valuesIn(packet))
    },
  })
  if (columns !== expected.length) throw new ProtocolFaultError(otherColumns)
  return rows.map(
    row =>
      // Each column of the shape is there, of its kind.
      Object.fromEntries(expected.map(([name, kind], index) => [name, readValue(row[index], name, kind)])) as RowOf<S>,
  )
}

/** Runs a statement of ours that has no answer but that it is done. */
export const perform = async (session: Session, sql: string): Promise<void> => {
  await ask(session, sql, {})
}

/** The values of a row whose packet is known to be sound. */
function valuesIn(packet: Buffer): (string | null)[] {
  const values: (string | null)[] = []
  for (let at = 0; at < packet.length; ) {
    const start = startOfCounted(packet, at)
    const end = start < 0 ? at + 1 : endOfCounted(packet, at)
    values.push(start < 0 ? null : packet.toString('utf8', start, end))
    at = end
  }
  return values
}

function readValue(text: string | null | undefined, name: string, kind: keyof Kinds): string | number | null {
  if (text === null && kind === 'text?') return null
  if (typeof text === 'string' && kind !== 'integer') return text
  if (typeof text === 'string' && /^-?\d{1,15}$/.test(text)) return Number(text)
  throw new ProtocolFaultError(`its answer has no usable value for "${name}"`)
}
