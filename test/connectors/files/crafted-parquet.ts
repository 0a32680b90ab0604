import { ByteWriter } from 'hyparquet-writer/src/bytewriter.js'
import { serializeTCompactProtocol } from 'hyparquet-writer/src/thrift.js'

/** A Thrift struct by the numbers of its fields; text is written as bytes, bigints as 64 bits. */
export type Struct = { readonly [field: `field_${number}`]: unknown }

/** Physical types, encodings, page types and codecs, by the numbers of the format. */
export const numbers = {
  BOOLEAN: 0,
  INT32: 1,
  INT64: 2,
  BYTE_ARRAY: 6,
  FIXED: 7,
  PLAIN: 0,
  RLE: 3,
  BIT_PACKED: 4,
  DELTA_BINARY_PACKED: 5,
  DELTA_LENGTH_BYTE_ARRAY: 6,
  DELTA_BYTE_ARRAY: 7,
  RLE_DICTIONARY: 8,
  DATA_PAGE: 0,
  DICTIONARY_PAGE: 2,
  UNCOMPRESSED: 0,
  SNAPPY: 1,
  LZO: 3,
  ZSTD: 6,
} as const

export function thrift(struct: Struct): Buffer {
  const writer = new ByteWriter()
  serializeTCompactProtocol(writer, struct as Parameters<typeof serializeTCompactProtocol>[1])
  return Buffer.from(writer.getBytes())
}

export interface CraftedPage {
  readonly type?: number
  readonly count: number
  readonly encoding?: number
  readonly body: Uint8Array
  /** What the head says; by default the truth. */
  readonly size?: number
  readonly storedSize?: number
}

export interface Crafted {
  readonly pages: readonly CraftedPage[]
  readonly rows?: number
  readonly type?: number
  readonly typeLength?: number
  readonly codec?: number
  /** 0 REQUIRED, 1 OPTIONAL, 2 REPEATED */
  readonly repetition?: number
  /** In place of the schema of one column. */
  readonly schema?: readonly Struct[]
  /** Fields of the column's metadata, in place of the truth. */
  readonly meta?: Struct
  /** Fields of the footer, in place of the truth. */
  readonly footer?: Struct
}

/** A file with one column, which says of itself whatever is asked for. */
export function craftedParquet(crafted: Crafted): Buffer {
  const { type = numbers.INT32, codec = numbers.UNCOMPRESSED, repetition = 0, typeLength } = crafted
  const pages = Buffer.concat(crafted.pages.flatMap(page => [pageHead(page), page.body]))
  const count = crafted.pages.reduce((sum, page) => sum + (page.type === numbers.DICTIONARY_PAGE ? 0 : page.count), 0)
  const meta = {
    field_1: type,
    field_2: [numbers.PLAIN],
    field_3: ['a'],
    field_4: codec,
    field_5: BigInt(count),
    field_6: BigInt(pages.length),
    field_7: BigInt(pages.length),
    field_9: 4n,
    ...crafted.meta,
  }
  const leaf = {
    field_1: type,
    ...(typeLength !== undefined && { field_2: typeLength }),
    field_3: repetition,
    field_4: 'a',
  }
  const rows = BigInt(crafted.rows ?? count)
  const footer = thrift({
    field_1: 1,
    field_2: crafted.schema ?? [{ field_4: 'root', field_5: 1 }, leaf],
    field_3: rows,
    field_4: [{ field_1: [{ field_2: 4n, field_3: meta }], field_2: BigInt(pages.length), field_3: rows }],
    ...crafted.footer,
  })
  return sealed(pages, footer)
}

/** Pages and a footer as a file. */
export function sealed(pages: Uint8Array, footer: Uint8Array, length = footer.length): Buffer {
  const tail = Buffer.alloc(4)
  tail.writeUInt32LE(length)
  return Buffer.concat([Buffer.from('PAR1'), pages, footer, tail, Buffer.from('PAR1')])
}

function pageHead({
  type = numbers.DATA_PAGE,
  count,
  encoding = numbers.PLAIN,
  body,
  size,
  storedSize,
}: CraftedPage): Buffer {
  const described =
    type === numbers.DICTIONARY_PAGE
      ? { field_7: { field_1: count, field_2: encoding } }
      : { field_5: { field_1: count, field_2: encoding, field_3: numbers.RLE, field_4: numbers.RLE } }
  return thrift({ field_1: type, field_2: size ?? body.length, field_3: storedSize ?? body.length, ...described })
}

export const int32s = (...values: readonly number[]): Buffer => Buffer.from(Int32Array.from(values).buffer)

/** A number as Parquet's runs and lengths have it. */
export function varint(value: number): Buffer {
  const bytes: number[] = []
  let left = value
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) + 0x80)
  return Buffer.from([...bytes, left])
}
