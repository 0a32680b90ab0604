import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RowSplitter } from '../../../src/connectors/postgres-protocol/row-splitter.ts'

interface Message {
  readonly type: string
  readonly body: string
}

const message: fc.Arbitrary<Message> = fc.record({
  type: fc.constantFrom('D', 'D', 'D', 'T', 'Z', 's'),
  body: fc.string({ unit: fc.constantFrom('D', 'x'), maxLength: 12 }),
})

function encode({ type, body }: Message): Buffer {
  const header = Buffer.alloc(5)
  header.write(type)
  header.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([header, Buffer.from(body)])
}

/** Pushes the messages in pieces of these sizes, and answers what came out, in its order. */
function split(messages: readonly Message[], sizes: readonly number[], taking: boolean): readonly string[] {
  const out: string[] = []
  let driver = ''
  const splitter = new RowSplitter(bytes => {
    driver += bytes.toString('latin1')
  })
  const flush = () => {
    if (driver !== '') out.push(`driver ${driver}`)
    driver = ''
  }
  if (taking) {
    splitter.taker = (source, start, end) => {
      flush()
      out.push(`row ${source.toString('latin1', start, end)}`)
    }
  }
  const bytes = Buffer.concat(messages.map(encode))
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1
    splitter.push(bytes.subarray(at, at + size))
    at += size
  }
  flush()
  return out
}

const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 })

test('rows go to who takes them, all else to the driver, whole and in order, however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(message), sizes, (messages, cuts) => {
      const expected: string[] = []
      let driver = ''
      for (const one of messages) {
        if (one.type !== 'D') driver += encode(one).toString('latin1')
        else {
          if (driver !== '') expected.push(`driver ${driver}`)
          driver = ''
          expected.push(`row ${one.body}`)
        }
      }
      if (driver !== '') expected.push(`driver ${driver}`)
      expect(split(messages, cuts, true)).toEqual(expected)
    }),
  )
})

test('rows that nobody takes go to the driver', () => {
  fc.assert(
    fc.property(fc.array(message, { minLength: 1 }), sizes, (messages, cuts) => {
      const all = Buffer.concat(messages.map(encode)).toString('latin1')
      expect(split(messages, cuts, false)).toEqual([`driver ${all}`])
    }),
  )
})

test('a row that has begun goes to who took rows then', () => {
  const rows: string[] = []
  const driver: string[] = []
  const splitter = new RowSplitter(bytes => driver.push(bytes.toString('latin1')))
  const row = encode({ type: 'D', body: 'abc' })
  splitter.taker = (source, start, end) => rows.push(source.toString('latin1', start, end))
  splitter.push(row.subarray(0, 6))
  splitter.taker = null
  splitter.push(row.subarray(6))
  splitter.push(row)
  expect(rows).toEqual(['abc'])
  expect(driver).toEqual([row.toString('latin1')])
})
