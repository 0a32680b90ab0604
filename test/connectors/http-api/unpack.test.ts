import { Readable } from 'node:stream'
import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { UnpackError, unpacked } from '../../../src/connectors/http-api/unpack.ts'

const text = Buffer.from(JSON.stringify({ a: 'ü'.repeat(5_000) }))
const bodyOf = (bytes: Buffer, size = 100): Readable =>
  Readable.from(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size)),
  )

async function all(bytes: Buffer, encoding: string): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of unpacked(bodyOf(bytes), encoding)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

describe('an answer', () => {
  it.each([
    ['', text],
    ['identity', text],
    ['gzip', gzipSync(text)],
    ['GZIP', gzipSync(text)],
    ['x-gzip', gzipSync(text)],
    ['identity, gzip', gzipSync(text)],
    ['deflate', deflateSync(text)],
    ['deflate', deflateRawSync(text)],
    ['br', brotliCompressSync(text)],
    ['zstd', zstdCompressSync(text)],
  ])('packed as "%s" is unpacked', async (encoding, bytes) => {
    expect((await all(bytes, encoding)).equals(text)).toBe(true)
  })

  it.each(['gzip', 'deflate', 'br', 'zstd'])('without a body may say that it is packed as %s', async encoding => {
    expect(await all(Buffer.alloc(0), encoding)).toHaveLength(0)
  })

  it.each([
    ['gzip, gzip', gzipSync(gzipSync(text))],
    ['gzip, br', text],
    ['compress', text],
    ['constructor', text],
    ['gzip', text],
    ['gzip', gzipSync(text).subarray(0, 50)],
    ['deflate', Buffer.from([0xff, 0xff, 0xff])],
    ['br', Buffer.from('no brotli at all, but long enough to be read as such')],
    ['br', brotliCompressSync(text).subarray(0, 20)],
    ['zstd', zstdCompressSync(text).subarray(0, 20)],
    ['zstd', gzipSync(text)],
  ])('as "%s" that is none, or not all of it, is refused', async (encoding, bytes) => {
    await expect(all(bytes, encoding)).rejects.toThrow(UnpackError)
  })

  it('that wants more memory than anybody may ask for is refused', async () => {
    // A zstd frame (RFC 8878, section 3.1.1) whose window is 128 MiB.
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 17 << 3, 0x01, 0x00, 0x00])
    await expect(all(frame, 'zstd')).rejects.toThrow(UnpackError)
  })

  it('is unpacked no further than it is taken, and its source ends with it', async () => {
    const bomb = gzipSync(Buffer.alloc(256 * 1_048_576))
    const body = bodyOf(bomb, 1_000)
    let taken = 0
    for await (const chunk of unpacked(body, 'gzip')) {
      taken += chunk.length
      if (taken > 100_000) break
    }
    expect(body.destroyed).toBe(true)
    expect(taken).toBeLessThan(1_000_000)
  })

  it('that breaks off tells why, and not that it cannot be unpacked', async () => {
    async function* broken() {
      yield gzipSync(text).subarray(0, 50)
      throw new Error('Cut.')
    }
    const read = async () => {
      for await (const _ of unpacked(broken(), 'gzip'));
    }
    await expect(read()).rejects.toThrow('Cut.')
  })

  it.each([
    ['is longer than anybody wants', gzipSync(Buffer.alloc(1_048_576)), 'TAKEN'],
    ['is none', Buffer.concat([gzipSync('').subarray(0, 10), Buffer.alloc(100, 0xff)]), 'REFUSED'],
  ])('that %s is given up at once, though its server says nothing more and stays', async (_, bytes, end) => {
    async function* stalled() {
      yield bytes
      await new Promise(() => {})
    }
    const read = async () => {
      for await (const chunk of unpacked(stalled(), 'gzip')) if (chunk.length > 0) return 'TAKEN'
      return 'ALL'
    }
    expect(await read().catch(error => (error instanceof UnpackError ? 'REFUSED' : error))).toBe(end)
  })

  it('tells an encoding that nobody knows as it was written', async () => {
    await expect(all(text, 'gzip, K3y-Of-Ours')).rejects.toMatchObject({ encoding: 'gzip, K3y-Of-Ours' })
  })
})
