import { CompressionCodecs, FieldRepetitionTypes, ParquetTypes } from 'hyparquet/src/constants.js'
import { deserializeTCompactProtocol } from 'hyparquet/src/thrift.js'
import { tooLarge } from '../file-problem.ts'
import { maxFooterBytes, maxFooterValues } from './limits.ts'
import { meaningOf } from './meaning.ts'
import type { RangedFile } from './ranged-file.ts'
import { type SchemaElement, type SchemaNode, schemaTree } from './schema.ts'
import { ThriftFields } from './thrift-fields.ts'
import { thriftLength } from './thrift-guard.ts'

/** Where the values of a leaf are that belong to a row group. */
export interface Chunk {
  readonly start: number
  readonly end: number
  readonly codec: string
  /** As they are when they are not compressed. */
  readonly bytes: number
}

export interface RowGroup {
  readonly rows: number
  /** By the places of the leaves. */
  readonly chunks: readonly Chunk[]
}

export interface Footer {
  readonly columns: readonly SchemaNode[]
  readonly rowGroups: readonly RowGroup[]
}

/** Its length, in four bytes, and the magic stand behind it. */
const tailBytes = 8
const magic = 'PAR1'
const encryptedMagic = 'PARE'
/** Read at once: most footers are smaller. */
const firstReadBytes = 64 * 2 ** 10

/** Reads what a file says of itself at its end. Throws for what is no Parquet. */
export async function readFooter(file: RangedFile): Promise<Footer> {
  const start = Math.max(0, file.size - firstReadBytes)
  const last = Buffer.from(await file.read(start, file.size))
  const end = last.subarray(-magic.length).toString('latin1')
  if (end === encryptedMagic) throw new Error('it is encrypted')
  if (end !== magic || file.size < tailBytes + magic.length) throw new Error('it does not end as Parquet does')
  const length = last.readUInt32LE(last.length - tailBytes)
  const footerStart = file.size - tailBytes - length
  if (footerStart < magic.length) throw new Error(`its description has ${length} bytes, more than the file`)
  if (length > maxFooterBytes) {
    throw tooLarge(`${maxFooterBytes / 2 ** 20} MB of metadata`, `${length} bytes in "${file.name}"`)
  }
  const before = footerStart < start ? await file.read(footerStart, start) : new Uint8Array()
  const whole = Buffer.concat([before, last])
  return parseFooter(whole.subarray(whole.length - tailBytes - length, whole.length - tailBytes), footerStart)
}

/** `dataEnd`: where the values of all columns end at the latest. */
function parseFooter(bytes: Buffer, dataEnd: number): Footer {
  if (thriftLength(bytes, 0, maxFooterValues) === null) throw new Error('its description ends too early')
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const footer = new ThriftFields(deserializeTCompactProtocol({ view, offset: 0 }))
  const elements = footer.structs(2).map(elementOf)
  const leaves = elements.filter(({ type }) => type !== null).length
  return {
    columns: schemaTree(elements),
    // Of those without rows some writers say that they are where nothing can be.
    rowGroups: footer.structs(4).flatMap(group => (group.count(3) === 0 ? [] : [rowGroupOf(group, leaves, dataEnd)])),
  }
}

function elementOf(element: ThriftFields): SchemaElement {
  const type = element.optionalCount(1)
  const isGroup = type === null || (element.optionalCount(5) ?? 0) > 0
  return {
    name: element.text(4),
    repetition: named(FieldRepetitionTypes, element.optionalCount(3) ?? 0),
    type: isGroup ? null : named(ParquetTypes, type),
    typeLength: element.optionalCount(2) ?? 0,
    children: element.optionalCount(5) ?? 0,
    meaning: meaningOf(element),
  }
}

function rowGroupOf(group: ThriftFields, leaves: number, dataEnd: number): RowGroup {
  const chunks = group.structs(1)
  if (chunks.length !== leaves) throw new Error(`a row group has ${chunks.length} columns of ${leaves}`)
  return { rows: group.count(3), chunks: chunks.map(chunk => chunkOf(chunk, dataEnd)) }
}

function chunkOf(chunk: ThriftFields, dataEnd: number): Chunk {
  if (chunk.has(1)) throw new Error('its values are in other files')
  if (chunk.has(8) || !chunk.has(3)) throw new Error('a column is encrypted')
  const meta = chunk.struct(3)
  const data = meta.count(9)
  const dictionary = meta.optionalCount(11) ?? 0
  // Some writers name a dictionary where there is none.
  const start = dictionary > 0 && dictionary < data ? dictionary : data
  const end = start + meta.count(7)
  if (start < magic.length || end > dataEnd) throw new Error(`bytes ${start} to ${end} of a column are not in the file`)
  return { start, end, codec: named(CompressionCodecs, meta.count(4)), bytes: meta.count(6) }
}

/** One of the format's names, by its number. */
function named<Name extends string>(names: readonly Name[], number: number): Name {
  const name = names[number]
  if (name === undefined) throw new Error(`a number of the description is ${number}`)
  return name
}
