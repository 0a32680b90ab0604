import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { looksLike } from '../../../src/connectors/s3/looks-like.ts'

const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')

describe('what the beginning of an object looks like', () => {
  it.each<readonly [string, Uint8Array]>([
    ['gzip', gzipSync('a,b\n')],
    ['Parquet', Buffer.from('PAR1\x15\x00')],
    ['a ZIP archive or a spreadsheet', Buffer.from('PK\x03\x04')],
    ['JSON', Buffer.from(' \n{"a": 1')],
    ['JSON', Buffer.from('[{"a"')],
    ['text', Buffer.from('id,name\n1,Zoë\n')],
    ['text', Buffer.from('id\tname\r\n')],
    ['text (UTF-8 with a byte order mark)', Buffer.from('\ufeffid,name')],
    ['text (UTF-16 LE)', utf16('id,name')],
    ['text (UTF-16 BE)', utf16('id,name').swap16()],
    ['text in another encoding than UTF-8', Buffer.from('Zo\xeb,\xe9t\xe9\n', 'latin1')],
    ['binary data', Buffer.from([0, 1, 2, 3])],
    ['binary data', Buffer.from('a\0b')],
  ])('%s', (name, bytes) => {
    expect(looksLike(bytes)).toBe(name)
  })

  it('is text wherever a character was cut in two', () => {
    const bytes = Buffer.from('é€😀'.repeat(3))
    for (let end = 1; end <= bytes.length; end += 1) expect(looksLike(bytes.subarray(0, end))).toBe('text')
  })
})
