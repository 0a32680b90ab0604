import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { QueryLimits, Row } from '../../../src/connectors/define.ts'
import { FrameReader } from '../../../src/connectors/host/frames.ts'
import { rowsMessageBytes, rowWindowBytes } from '../../../src/connectors/host/message-limits.ts'
import { parseChildMessage } from '../../../src/connectors/host/parse-child-message.ts'
import { RowSender } from '../../../src/connectors/host/row-sender.ts'
import { type RowsMessage, weightOf } from '../../../src/connectors/host/rows-message.ts'
import { JsonRows } from '../../../src/connectors/json-rows.ts'

const plenty: QueryLimits = { maxRows: 1_000_000, maxBytes: 2 ** 40 }
const columns = [{ name: 'n', nativeType: 'text', type: 'TEXT' }] as const

/** A sender whose messages wait here until their reader takes them. */
class Wire {
  readonly sender: RowSender
  readonly stop = new AbortController()
  readonly unread: RowsMessage[] = []
  readonly read: RowsMessage[] = []
  /** The most that was ever under way. */
  mostUnread = 0
  readonly #frames = new FrameReader(2 ** 30)

  constructor(limits: QueryLimits = plenty) {
    this.sender = new RowSender({
      jobId: 1,
      limits,
      signal: this.stop.signal,
      sendColumns: () => {},
      sendRows: (frame, sent) => {
        for (const body of this.#frames.push(Buffer.concat(frame)))
          this.unread.push(parseChildMessage(body) as RowsMessage)
        const unread = this.unread.reduce((sum, { json }) => sum + weightOf(json), 0)
        if (this.unread.length > 1) this.mostUnread = Math.max(this.mostUnread, unread)
        sent()
      },
    })
    this.sender.columns(columns)
  }

  take(): void {
    const message = this.unread.shift()
    if (!message) return
    this.read.push(message)
    this.sender.credit(weightOf(message.json))
  }

  /** Settles with `work`, reading on as long as it waits. */
  async readUntil<T>(work: Promise<T>): Promise<T> {
    let done = false
    const settled = work.finally(() => {
      done = true
    })
    while (!done) {
      this.take()
      await new Promise(setImmediate)
    }
    while (this.unread.length > 0) this.take()
    return await settled
  }

  get rows(): readonly Row[] {
    return this.read.flatMap(({ json }) => JSON.parse(`[${json}]`) as Row[])
  }
}

/** How a type may give rows. */
const ways = {
  values: (sender: RowSender, rows: readonly Row[]) => sender.rows(rows),
  json: (sender: RowSender, rows: readonly Row[]) => {
    const json = new JsonRows(1)
    for (const row of rows) json.add(row)
    return sender.json(json)
  },
} as const

describe.each(['values', 'json'] as const)('rows given as %s', way => {
  test('arrive whole and in order as far as the limits let them, in messages that keep to the window', async () => {
    const row = fc.oneof(fc.nat({ max: 50 }), fc.constantFrom(1_000, 100_000, 300_000, 1_200_000))
    const batches = fc.array(fc.array(row, { maxLength: 6 }), { maxLength: 6 })
    const limits = fc.record({ maxRows: fc.nat({ max: 30 }), maxBytes: fc.nat({ max: 3_000_000 }) })
    await fc.assert(
      fc.asyncProperty(batches, fc.option(limits), async (sizes, given) => {
        const kept = given ?? plenty
        const wire = new Wire(kept)
        const rows = sizes.map(batch => batch.map(size => ['x'.repeat(size)]))
        for (const batch of rows) if (!(await wire.readUntil(ways[way](wire.sender, batch)))) break
        const all = rows.flat()
        let bytes = 0
        const fitting = all.findIndex((one, index) => {
          bytes += JSON.stringify(one).length + 1
          return bytes > kept.maxBytes || index === kept.maxRows
        })
        expect(wire.rows).toEqual(fitting === -1 ? all : all.slice(0, fitting))
        expect(wire.sender.truncated).toBe(fitting !== -1)
        expect(wire.sender.problem).toBeNull()
        expect(wire.mostUnread).toBeLessThanOrEqual(rowWindowBytes)
        for (const { count, json } of wire.read) {
          if (count > 1) expect(json.length).toBeLessThanOrEqual(rowsMessageBytes)
        }
      }),
      { numRuns: 60 },
    )
  })

  test('wait while nobody takes what was sent, and go on by as much as is taken', async () => {
    const wire = new Wire()
    const rows = Array.from({ length: 4_000 }, (_, n) => [String(n).padEnd(1_000)])
    let done = false
    const given = ways[way](wire.sender, rows).finally(() => {
      done = true
    })
    const idle = () => new Promise(setImmediate)
    await idle()
    const sent = wire.unread.length
    expect(sent).toBeGreaterThan(1)
    for (let turn = 0; turn < 10; turn += 1) await idle()
    expect([wire.unread.length, done]).toEqual([sent, false])
    wire.take()
    await idle()
    expect([wire.unread.length, done]).toEqual([sent, false])
    expect(await wire.readUntil(given)).toBe(true)
    expect(wire.rows).toEqual(rows)
  })

  test('that wait are given up when the query is cancelled', async () => {
    const wire = new Wire()
    const given = ways[way](
      wire.sender,
      Array.from({ length: 4_000 }, () => ['x'.repeat(1_000)]),
    )
    const reason = new Error('nobody waits any more')
    wire.stop.abort(reason)
    await expect(given).rejects.toBe(reason)
  })

  test('are refused before their columns, twice at once, and when nobody wants them', async () => {
    const wire = new Wire({ maxRows: 1, maxBytes: 1_000 })
    const give = () => ways[way](wire.sender, [[1], [2]])
    const first = give()
    await expect(give()).rejects.toThrow('Rows were given before there was room for them.')
    expect(await first).toBe(false)
    await expect(give()).rejects.toThrow('Rows were given that nobody wants.')
    const { signal } = wire.stop
    const early = new RowSender({ jobId: 1, limits: plenty, signal, sendColumns: () => {}, sendRows: () => {} })
    await expect(ways[way](early, [[1]])).rejects.toThrow('Rows were given before their columns.')
  })
})
