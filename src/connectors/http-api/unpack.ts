import { pipeline as pass, type Transform } from 'node:stream'
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createInflateRaw,
  createZstdDecompress,
} from 'node:zlib'

/** What answers may be packed with, in the order in which it is preferred. */
export const acceptedEncodings = 'gzip, deflate, br, zstd'

/** An answer that cannot be unpacked. */
export class UnpackError extends Error {
  readonly encoding: string

  constructor(encoding: string, cause?: unknown) {
    super(`It cannot be unpacked as ${encoding}.`, { cause })
    this.name = 'UnpackError'
    this.encoding = encoding
  }
}

/** RFC 9659: as much as everybody has to understand. Larger ones are a way to fill memory. */
const maxZstdWindowLog = 23

/** What unpacks an encoding, by how the answer begins. */
const unpackers: Readonly<Record<string, (first: Buffer) => Transform>> = {
  gzip: () => createGunzip(),
  'x-gzip': () => createGunzip(),
  // Some servers leave out what zlib puts around it.
  deflate: first => (((first[0] ?? 0) & 0x0f) === 0x08 ? createInflate() : createInflateRaw()),
  br: () => createBrotliDecompress(),
  zstd: () => createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: maxZstdWindowLog } }),
}

/**
 * The body of an answer, unpacked only as fast as it is taken, whatever it grows to. Something packed several times is
 * nothing that an API sends: it is refused. Throws `UnpackError`, and what `body` throws.
 */
export async function* unpacked(body: AsyncIterable<Buffer>, contentEncoding: string): AsyncGenerator<Buffer> {
  const encodings = contentEncoding
    .split(',')
    .map(name => name.trim())
    .filter(name => name !== '' && name.toLowerCase() !== 'identity')
  const encoding = encodings[0]?.toLowerCase()
  if (encoding === undefined) {
    yield* body
    return
  }
  const unpacker = Object.hasOwn(unpackers, encoding) ? unpackers[encoding] : undefined
  if (encodings.length > 1 || unpacker === undefined) throw new UnpackError(encodings.join(', '))
  const chunks = body[Symbol.asyncIterator]()
  try {
    const first = await chunks.next()
    // Answers without a body may say how they would be packed.
    if (!first.done) yield* unpackedBy(unpacker(first.value), { first: first.value, chunks, encoding })
  } finally {
    // Nobody waits for it: it may wait itself for what the server has still to say.
    chunks.return?.().catch(() => {})
  }
}

interface Packed {
  readonly first: Buffer
  readonly chunks: AsyncIterator<Buffer>
  readonly encoding: string
}

async function* unpackedBy(unpacker: Transform, { first, chunks, encoding }: Packed): AsyncGenerator<Buffer> {
  let broken: { readonly error: unknown } | null = null
  async function* whole(): AsyncGenerator<Buffer> {
    yield first
    try {
      for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value
    } catch (error) {
      broken = { error }
      throw error
    }
  }
  // The unpacked side ends with the same error.
  pass(whole(), unpacker, () => {})
  try {
    for await (const chunk of unpacker) yield chunk as Buffer
  } catch (error) {
    throw (broken as { readonly error: unknown } | null)?.error ?? new UnpackError(encoding, error)
  } finally {
    unpacker.destroy()
  }
}
