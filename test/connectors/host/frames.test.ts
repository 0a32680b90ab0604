import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
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

describe('the memory of large messages', () => {
  const large = Buffer.alloc(200_000, 'x')
  const frame = () => {
    const header = Buffer.alloc(4)
    header.writeUInt32BE(large.length)
    return Buffer.concat([header, large])
  }
  const read = (reader: FrameReader): Buffer => {
    const [body] = reader.push(frame())
    if (!body) throw new Error('There is no message.')
    return body
  }

  test('is used again once it was given back, by part of it and only once', () => {
    const reader = new FrameReader(1_000_000)
    const first = read(reader)
    reader.recycle(first.subarray(9))
    reader.recycle(first)
    const second = read(reader)
    const third = read(reader)
    expect(second.buffer).toBe(first.buffer)
    expect(third.buffer).not.toBe(first.buffer)
    expect(second).toEqual(large)
  })

  test('is left alone until then', () => {
    const reader = new FrameReader(1_000_000)
    const first = read(reader)
    read(reader).fill('y')
    expect(first).toEqual(large)
  })

  test('is not kept when it was not of the usual size', () => {
    const reader = new FrameReader(1_000_000)
    const foreign = Buffer.alloc(200_000)
    reader.recycle(foreign)
    expect(read(reader).buffer).not.toBe(foreign.buffer)
  })
})
