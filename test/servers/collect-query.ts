import type { ConnectorType, QueryOutcome, ResultColumn, Row } from '../../src/connectors/define.ts'
import { FrameReader } from '../../src/connectors/host/frames.ts'
import { parseChildMessage } from '../../src/connectors/host/parse-child-message.ts'
import type { QueryJob } from '../../src/connectors/host/protocol.ts'
import { RowSender } from '../../src/connectors/host/row-sender.ts'
import { weightOf } from '../../src/connectors/host/rows-message.ts'
import { rowsPart } from '../../src/connectors/host/rows-part.ts'
import { runQuery } from '../../src/connectors/host/run-query.ts'

const refuse = (): never => {
  throw new Error('The parent would not take these rows.')
}

/** Runs a query in this process as a child would, for a reader who takes everything at once. */
export async function collectQuery(
  type: ConnectorType,
  job: Omit<QueryJob, 'kind' | 'typeName'>,
  signal: AbortSignal,
): Promise<QueryOutcome> {
  let columns: readonly ResultColumn[] = []
  const rows: Row[] = []
  const reader = new FrameReader(Number.POSITIVE_INFINITY)
  const sender: RowSender = new RowSender({
    jobId: 1,
    limits: job.limits,
    signal,
    sendColumns: told => {
      columns = told
    },
    sendRows: (frame, sent) => {
      for (const body of reader.push(Buffer.concat(frame))) {
        const message = parseChildMessage(body)
        if (message?.kind !== 'ROWS') return refuse()
        const read = rowsPart(message, { columnCount: columns.length, onLie: refuse, recycle: () => {} }).read()
        if (read.kind !== 'ROWS') return refuse()
        for (const row of read.rows) rows.push(row)
        queueMicrotask(() => sender.credit(weightOf(message.json)))
      }
      sent()
    },
  })
  const { end } = await runQuery(type, { kind: 'QUERY', typeName: type.name, ...job }, sender, signal)
  signal.throwIfAborted()
  return end.kind === 'PROBLEM' ? end : { kind: 'RESULT', result: { columns, rows, truncated: end.truncated } }
}
