import type { FileOptions } from './file-options.ts'
import { malformed } from './file-problem.ts'
import type { FileSource } from './file-source.ts'
import { beginsAsGzip, gunzipped, gzipMagicBytes } from './gunzip.ts'

/** A file's content from its beginning, decompressed as the options say. Whoever stops early ends the transfer. */
export async function* fileBytes(
  file: FileSource,
  { compression }: Pick<FileOptions, 'compression'>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  // Ends the transfer also while the file is waited for.
  const stopped = new AbortController()
  const source = file.stream(AbortSignal.any([signal, stopped.signal]))[Symbol.asyncIterator]()
  try {
    const begun = await beginning(source, compression === 'NONE' ? 0 : gzipMagicBytes)
    const isGzip = compression !== 'NONE' && beginsAsGzip(Buffer.concat(begun))
    if (compression === 'GZIP' && !isGzip) throw malformed(file.name, 'GZIP', 'byte 0: gzip begins differently')
    const bytes = continued(begun, source)
    yield* isGzip ? gunzipped(file.name, bytes) : bytes
  } finally {
    stopped.abort()
    await source.return?.().catch(() => {
      // Why it ended is known already.
    })
  }
}

/** The first chunks of a file: at least so many bytes, if it has them. */
async function beginning(source: AsyncIterator<Uint8Array>, bytes: number): Promise<Uint8Array[]> {
  const begun: Uint8Array[] = []
  for (let left = bytes; left > 0; ) {
    const next = await source.next()
    if (next.done) break
    begun.push(next.value)
    left -= next.value.length
  }
  return begun
}

async function* continued(begun: readonly Uint8Array[], source: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* begun
  for (let next = await source.next(); !next.done; next = await source.next()) yield next.value
}
