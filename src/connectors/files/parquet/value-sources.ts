import { deltaBinaryUnpack } from 'hyparquet/src/delta.js'
import { readPlain } from 'hyparquet/src/plain.js'
import { readVarInt } from 'hyparquet/src/thrift.js'
import { tooLarge } from '../file-problem.ts'
import { maxSharedBytes, maxWholePageValues } from './limits.ts'
import { RunReader } from './runs.ts'
import type { Leaf, StoredValue } from './schema.ts'

/** Values of one page, in their order and without nulls, given in parts so that a page's bytes are never all values. */
export interface ValueSource {
  /** Throws where there are fewer. */
  read(count: number): ArrayLike<StoredValue>
}

/** Values of a page in memory of its own that begin at `at`. */
export interface EncodedValues {
  readonly page: Uint8Array<ArrayBuffer>
  readonly at: number
  readonly encoding: string
  /** At most so many, as nulls are not among them. */
  readonly count: number
}

/** How a page's values are read that are not in a dictionary. Throws for encodings that do not exist for the type. */
export function valueSource(values: EncodedValues, leaf: Leaf): ValueSource {
  switch (values.encoding) {
    case 'PLAIN':
      return leaf.type === 'BOOLEAN' ? packedBits(values) : plainValues(values, leaf)
    case 'RLE':
      return runsOfBits(values, leaf)
    case 'DELTA_BINARY_PACKED':
      return deltaNumbers(values, leaf)
    case 'DELTA_LENGTH_BYTE_ARRAY':
      return deltaLengths(values)
    case 'DELTA_BYTE_ARRAY':
      return deltaBytes(values)
    case 'BYTE_STREAM_SPLIT':
      return splitStreams(values, leaf)
    default:
      throw new Error(`its values are written as ${values.encoding}, which cannot be read`)
  }
}

const readerOf = ({ page, at }: EncodedValues) => ({ view: new DataView(page.buffer), offset: at })

function plainValues(values: EncodedValues, { type, typeLength }: Leaf): ValueSource {
  const reader = readerOf(values)
  return { read: count => readPlain(reader, type, count, typeLength) as ArrayLike<StoredValue> }
}

/** The bits of booleans. */
function packedBits({ page, at }: EncodedValues): ValueSource {
  let bit = 8 * at
  return {
    read: count => {
      if (bit + count > 8 * page.length) throw new Error('there are fewer values than announced')
      return Array.from({ length: count }, () => {
        const value = ((page[bit >> 3] as number) >> (bit & 7)) & 1
        bit += 1
        return value === 1
      })
    },
  }
}

/** The places of values in the dictionary of their chunk. */
export function dictionaryPlaces({ page, at }: EncodedValues): RunReader {
  // A page without values has not even the width of a place.
  return new RunReader(page, Math.min(at + 1, page.length), page.length, page[at] ?? 0)
}

function runsOfBits({ page, at }: EncodedValues, { type }: Leaf): ValueSource {
  if (type !== 'BOOLEAN') throw new Error('its values are written as RLE, as only booleans are')
  const length = new DataView(page.buffer).getUint32(at, true)
  const bits = new RunReader(page, at + 4, at + 4 + length, 1)
  return { read: count => Array.from(bits.read(count), bit => bit === 1) }
}

/** Blocks of differences: their sizes decide how much is looped over, so they are looked at first. */
const maxMiniblocks = 2 ** 10
const maxBlockValues = 2 ** 20

/** Numbers that are written as differences. `end`: where they end. */
function deltaUnpacked<Numbers extends Int32Array | BigInt64Array>(
  { page, at, count: most }: EncodedValues,
  make: (count: number) => Numbers,
): { readonly numbers: Numbers; readonly end: number } {
  const reader = { view: new DataView(page.buffer), offset: at }
  const [blockValues, miniblocks, count] = [readVarInt(reader), readVarInt(reader), readVarInt(reader)]
  const isSane =
    blockValues > 0 &&
    blockValues <= maxBlockValues &&
    miniblocks > 0 &&
    miniblocks <= maxMiniblocks &&
    (blockValues / miniblocks) % 8 === 0
  if (!isSane) throw new Error(`blocks of ${blockValues} values in ${miniblocks} parts`)
  if (count < 0 || count > most) throw new Error(`${count} values where there are ${most}`)
  if (count > maxWholePageValues) throw tooLarge(`${maxWholePageValues} values in one page`, `${count} values`)
  const numbers = make(count)
  reader.offset = at
  deltaBinaryUnpack(reader, count, numbers)
  return { numbers, end: reader.offset }
}

function deltaNumbers(values: EncodedValues, { type }: Leaf): ValueSource {
  if (type !== 'INT32' && type !== 'INT64') throw new Error(`its values are ${type}, written as numbers`)
  const { numbers } = deltaUnpacked<Int32Array | BigInt64Array>(values, count =>
    type === 'INT32' ? new Int32Array(count) : new BigInt64Array(count),
  )
  return partsOf(numbers)
}

function partsOf(values: Int32Array | BigInt64Array): ValueSource {
  let at = 0
  return {
    read: count => {
      if (at + count > values.length) throw new Error('there are fewer values than announced')
      at += count
      return values.subarray(at - count, at)
    },
  }
}

function deltaLengths(values: EncodedValues): ValueSource {
  const { numbers, end } = deltaUnpacked(values, count => new Int32Array(count))
  const lengths = partsOf(numbers)
  let at = end
  return {
    read: count =>
      Array.from(lengths.read(count), length => {
        const value = bytesAt(values.page, at, length as number)
        at += value.length
        return value
      }),
  }
}

/** Each value is a beginning of the one before it and a rest. A few bytes can stand for any length, so parts are counted. */
function deltaBytes(values: EncodedValues): ValueSource {
  const prefixes = deltaUnpacked(values, count => new Int32Array(count))
  const suffixes = deltaUnpacked({ ...values, at: prefixes.end }, count => new Int32Array(count))
  const lengths = partsOf(suffixes.numbers)
  const shared = partsOf(prefixes.numbers)
  let at = suffixes.end
  let last: Uint8Array = new Uint8Array()
  return {
    read: count => {
      const prefixLengths = shared.read(count)
      let bytes = 0
      return Array.from(lengths.read(count), (length, index) => {
        const prefix = bytesAt(last, 0, prefixLengths[index] as number)
        const suffix = bytesAt(values.page, at, length as number)
        at += suffix.length
        bytes += prefix.length + suffix.length
        if (bytes > maxSharedBytes)
          throw tooLarge(`${maxSharedBytes / 2 ** 20} MB in a few values`, 'values that share beginnings')
        last = Buffer.concat([prefix, suffix])
        return last
      })
    },
  }
}

function bytesAt(bytes: Uint8Array, at: number, length: number): Uint8Array {
  if (length < 0 || at + length > bytes.length) throw new Error(`a value of ${length} bytes is longer than its page`)
  return bytes.subarray(at, at + length)
}

/** The first bytes of all values, then their second ones, and so on. */
function splitStreams({ page, at }: EncodedValues, leaf: Leaf): ValueSource {
  const width = splitWidths[leaf.type] ?? leaf.typeLength
  if (width <= 0) throw new Error(`its values are ${leaf.type}, written in streams`)
  const total = Math.floor((page.length - at) / width)
  let done = 0
  return {
    read: count => {
      if (done + count > total) throw new Error('there are fewer values than announced')
      const joined = new Uint8Array(count * width)
      for (let byte = 0; byte < width; byte += 1) {
        const start = at + byte * total + done
        for (let index = 0; index < count; index += 1) joined[index * width + byte] = page[start + index] as number
      }
      done += count
      const view = new DataView(joined.buffer)
      return readPlain({ view, offset: 0 }, leaf.type, count, leaf.typeLength) as ArrayLike<StoredValue>
    },
  }
}

const splitWidths: Readonly<Record<string, number>> = {
  INT32: 4,
  INT64: 8,
  FLOAT: 4,
  DOUBLE: 8,
  BYTE_ARRAY: -1,
  BOOLEAN: -1,
  INT96: -1,
}
