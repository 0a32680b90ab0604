import type { ConnectorType, QueryOutcome, ResultColumn, Row } from '../../src/connectors/define.ts'
import { FrameReader } from '../../src/connectors/host/frames.ts'
import { parseChildMessage } from '../../src/connectors/host/parse-child-message.ts'
import type { QueryJob } from '../../src/connectors/host/protocol.ts'
import { RowSender } from '../../src/connectors/host/row-sender.ts'
import { runQuery } from '../../src/connectors/host/run-query.ts'

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
      for (const body of reader.push(frame)) {
        const message = parseChildMessage(body.toString())
        if (message?.kind !== 'ROWS') throw new Error('The parent would not take these rows.')
        for (const row of message.rows) rows.push(row)
        queueMicrotask(() => sender.credit(body.length))
      }
      sent()
    },
  })
  const { end } = await runQuery(type, { kind: 'QUERY', typeName: type.name, ...job }, sender, signal)
  signal.throwIfAborted()
  return end.kind === 'PROBLEM' ? end : { kind: 'RESULT', result: { columns, rows, truncated: end.truncated } }
}
