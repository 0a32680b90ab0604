import { isUtf8 } from 'node:buffer'

/** What files begin with, in Latin-1. */
const beginnings: readonly (readonly [string, string])[] = [
  ['\x1f\x8b', 'gzip'],
  ['PAR1', 'Parquet'],
  ['PARE', 'Parquet, encrypted'],
  ['PK\x03\x04', 'a ZIP archive or a spreadsheet'],
  ['\x28\xb5\x2f\xfd', 'Zstandard'],
  ['BZh', 'bzip2'],
  ['\xfd7zXZ', 'xz'],
  ['ORC', 'ORC'],
  ['Obj\x01', 'Avro'],
  ['\xef\xbb\xbf', 'text (UTF-8 with a byte order mark)'],
  ['\xff\xfe', 'text (UTF-16 LE)'],
  ['\xfe\xff', 'text (UTF-16 BE)'],
]

/** What the first bytes of a file make it look like; nothing of what they say. */
export function looksLike(bytes: Uint8Array): string {
  const head = Buffer.from(bytes)
  const known = beginnings.find(([beginning]) => head.toString('latin1', 0, beginning.length) === beginning)
  if (known) return known[1]
  // biome-ignore lint/suspicious/noControlCharactersInRegex: text has none of them.
  if (/[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]/.test(head.toString('latin1'))) return 'binary data'
  if (!isUtf8(withoutCutCharacter(head))) return 'text in another encoding than UTF-8'
  return /^\s*[[{]/.test(head.toString('utf8')) ? 'JSON' : 'text'
}

/** The last character may have been cut in two, in at most three bytes of it. */
function withoutCutCharacter(head: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, head.length); back += 1) {
    const byte = head[head.length - back] as number
    if (byte < 0x80) return head
    if (byte >= 0xc0) return head.subarray(0, head.length - back)
  }
  return head
}
