import type { QueryLimits } from '../../src/connectors/define.ts'
import { RowSender } from '../../src/connectors/host/row-sender.ts'
import { runQuery } from '../../src/connectors/host/run-query.ts'
import { mongodb } from '../../src/connectors/mongodb/index.ts'
import { environmentFor } from './type-run.ts'

/** A query whose reader takes the first rows, and then nothing until it is cancelled. */
export interface HeldQuery extends AsyncDisposable {
  readonly firstRows: Promise<void>
  /** Frames that came although nobody took them: as many as the sender has room for. */
  readonly rowsTaken: number
  readonly ended: Promise<unknown>
  cancel(): void
}

export async function startQuery(input: unknown, query: unknown, limits: QueryLimits): Promise<HeldQuery> {
  const cancel = new AbortController()
  const first = Promise.withResolvers<void>()
  let frames = 0
  const sender = new RowSender({
    jobId: 1,
    limits,
    signal: cancel.signal,
    sendColumns: () => {},
    sendRows: (_frame, sent) => {
      frames += 1
      first.resolve()
      sent()
    },
  })
  const job = {
    kind: 'QUERY',
    typeName: mongodb.name,
    config: mongodb.form.schema.parse(input),
    query: mongodb.queryForm.schema.parse(query),
    limits,
    environment: await environmentFor(),
  } as const
  const ended = runQuery(mongodb, job, sender, cancel.signal).catch((error: unknown) => error)
  return {
    firstRows: first.promise,
    get rowsTaken() {
      return frames
    },
    ended,
    cancel: () => cancel.abort(new Error('The reader has left.')),
    async [Symbol.asyncDispose]() {
      cancel.abort()
      await ended
    },
  }
}
