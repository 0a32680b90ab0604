import fc from 'fast-check'
import { expect, test } from 'vitest'
import { encodeFrame, FrameReader, FrameTooLargeError } from '../../../src/connectors/host/frames.ts'

/** Cuts `bytes` into pieces of the given sizes, over and over. */
function* pieces(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let position = 0, index = 0; position < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1
    yield bytes.subarray(position, position + size)
    position += size
  }
}

const texts = (bodies: Iterable<Buffer>): readonly string[] => Array.from(bodies, body => body.toString())

test('messages arrive whole and in order, however the bytes are cut', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 })
  fc.assert(
    fc.property(
      fc.array(fc.json({ noUnicodeString: false }).map(text => JSON.parse(text) as unknown)),
      sizes,
      (messages, cuts) => {
        const reader = new FrameReader(1_000_000)
        const bytes = Buffer.concat(messages.map(encodeFrame))
        const received = [...pieces(bytes, cuts)].flatMap(piece => texts(reader.push(piece)))
        expect(received).toEqual(messages.map(message => JSON.stringify(message)))
      },
    ),
  )
})

test('a message that is too large is refused by its header, before anything is kept of it', () => {
  const reader = new FrameReader(10)
  expect(texts(reader.push(encodeFrame('12345678')))).toEqual(['"12345678"'])
  expect(() => [...reader.push(encodeFrame('123456789').subarray(0, 4))]).toThrow(FrameTooLargeError)
})

test('a new limit counts from the next message on', () => {
  const reader = new FrameReader(3)
  reader.maxBytes = 100
  expect(texts(reader.push(encodeFrame('123456789')))).toEqual(['"123456789"'])
})
