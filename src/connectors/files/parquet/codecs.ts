import * as zlib from 'node:zlib'
import { unlz4 } from './lz4.ts'
import { unsnappy } from './snappy.ts'

type Decompress = (input: Uint8Array, size: number) => Uint8Array

const byZlib =
  (decompress: (input: Uint8Array, options: { maxOutputLength: number }) => Uint8Array): Decompress =>
  (input, size) =>
    decompress(input, { maxOutputLength: Math.max(1, size) })

/** By the names of the format. Not LZO, which nobody writes, and LZ4 only as it is written since 2021 (LZ4_RAW). */
const codecs: Readonly<Record<string, Decompress>> = {
  UNCOMPRESSED: input => input,
  SNAPPY: unsnappy,
  GZIP: byZlib(zlib.gunzipSync),
  BROTLI: byZlib(zlib.brotliDecompressSync),
  ZSTD: byZlib(zlib.zstdDecompressSync),
  LZ4_RAW: unlz4,
}

/**
 * Decompresses a page of `size` bytes, never into more. The answer has memory of its own: what is read beyond its end is not
 * there, while zlib's answers and what is received may be parts of larger buffers with something else in them.
 */
export function decompressed(input: Uint8Array, codec: string, size: number): Uint8Array<ArrayBuffer> {
  const decompress = Object.hasOwn(codecs, codec) ? codecs[codec] : undefined
  if (!decompress) throw new Error(`compressed with ${codec}, which cannot be read`)
  const output = size === 0 ? new Uint8Array() : decompress(input, size)
  if (output.length !== size) throw new Error(`${output.length} bytes where ${size} were announced`)
  return ownMemory(output)
}

/** The same bytes, with nothing before and behind them. */
function ownMemory(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer } = bytes
  return buffer instanceof ArrayBuffer && buffer.byteLength === bytes.length
    ? new Uint8Array(buffer)
    : new Uint8Array(bytes)
}
