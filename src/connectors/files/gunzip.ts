import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { malformed } from './file-problem.ts'

const magic = [0x1f, 0x8b] as const

/** How many bytes tell whether something is gzip. */
export const gzipMagicBytes = magic.length

export const beginsAsGzip = (bytes: Uint8Array): boolean => magic.every((byte, index) => bytes[index] === byte)

/**
 * The content of a gzip file, of all of its members. It is decompressed only as fast as it is taken, whatever it grows to.
 * Throws `FileProblemError` for what is damaged, cut off or followed by something else, and what `bytes` throws.
 */
export async function* gunzipped(name: string, bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip()
  pipeline(bytes, gunzip).catch(() => {
    // The decompressed side ends with the same error.
  })
  try {
    for await (const chunk of gunzip) yield chunk as Buffer
  } catch (error) {
    throw isZlibError(error) ? malformed(name, 'GZIP', error.message) : error
  } finally {
    gunzip.destroy()
  }
}

const isZlibError = (error: unknown): error is Error =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_')
