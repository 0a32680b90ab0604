import type pg from 'pg'
import type { RowTaker } from './row-splitter.ts'
import type { Session } from './session.ts'

/** What a fetch ended with: `MORE` when the server stopped at the number of rows asked for. */
export type FetchEnd = 'MORE' | 'ALL'

/** One for each session: the transaction's end closes it. */
const name = 'patchbay'

/**
 * Makes a portal (the protocol's cursor, which every statement that returns rows can have) for one statement in an open
 * transaction, and answers its columns. Rejects with the server's error. Unlike `pg-cursor`, it lets other statements
 * run between two fetches, and rows can be had one by one as they arrive, past the driver.
 */
export async function openPortal(client: pg.Client, text: string): Promise<readonly pg.FieldDef[]> {
  let fields: readonly pg.FieldDef[] = []
  await exchange(client, {
    send: connection => {
      connection.parse({ name: '', text, types: [] }, true)
      connection.bind({ portal: name }, true)
      connection.describe({ type: 'P', name }, true)
    },
    onFields: described => {
      fields = described
    },
  })
  return fields
}

/** Fetches at most `count` rows. `onRow` is called as each arrives; more rows than asked for may come. */
export async function fetchFromPortal(session: Session, count: number, onRow: RowTaker): Promise<FetchEnd> {
  let end: FetchEnd = 'ALL'
  try {
    await exchange(session.client, {
      send: connection => {
        session.takeRows(onRow)
        // Rows are checked against the columns that were told last, which may be another statement's.
        connection.describe({ type: 'P', name }, true)
        connection.execute({ portal: name, rows: String(count) }, true)
      },
      onSuspended: () => {
        end = 'MORE'
      },
    })
  } finally {
    session.takeRows(null)
  }
  return end
}

interface Exchange {
  /** Sends messages of the extended protocol; the synchronising one follows by itself. */
  readonly send: (connection: pg.Connection) => void
  readonly onFields?: (fields: readonly pg.FieldDef[]) => void
  readonly onSuspended?: () => void
}

/** Resolves when the server is ready for the next one. The methods are what the driver calls on what it was given. */
function exchange(client: pg.Client, { send, onFields, onSuspended }: Exchange): Promise<void> {
  return new Promise((resolve, reject) => {
    client.query({
      submit: (connection: pg.Connection) => {
        // In one packet.
        connection.stream.cork()
        send(connection)
        connection.sync()
        connection.stream.uncork()
      },
      handleRowDescription: (message: { readonly fields: readonly pg.FieldDef[] }) => onFields?.(message.fields),
      // Nobody has asked for those that come here.
      handleDataRow: () => {},
      handlePortalSuspended: () => onSuspended?.(),
      handleCommandComplete: () => {},
      handleEmptyQuery: () => {},
      handleError: reject,
      handleReadyForQuery: () => resolve(),
    })
  })
}
