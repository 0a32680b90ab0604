import { setImmediate as nextTurn } from 'node:timers/promises'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { HttpApiDouble } from '../../servers/http-api-double.ts'
import { inputFor, queryApi, recordsOf, rowsOf } from './http-api-run.ts'

/** What the double answers next, in these pieces. */
let pieces: readonly Buffer[] = []
let headers: Readonly<Record<string, string>> = {}
let api: HttpApiDouble

beforeAll(async () => {
  api = await HttpApiDouble.start({
    at: {
      '/x': async (_, response) => {
        response.writeHead(200, headers)
        response.socket?.setNoDelay(true)
        for (const piece of pieces) {
          response.write(piece)
          await nextTurn()
        }
        response.end()
      },
    },
  })
})
afterAll(() => api?.[Symbol.asyncDispose]())

const ask = (query: object = {}) => queryApi(inputFor(api), { path: '/x', ...query })

function split(bytes: Buffer, cuts: readonly number[]): readonly Buffer[] {
  const places = [0, ...cuts.map(cut => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end))
}

const pack = {
  identity: (bytes: Buffer) => bytes,
  gzip: (bytes: Buffer) => gzipSync(bytes),
  deflate: (bytes: Buffer) => deflateSync(bytes),
  br: (bytes: Buffer) => brotliCompressSync(bytes),
}

const value = fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.boolean(), fc.constant(null))
const record = fc.dictionary(fc.string({ maxLength: 5, unit: 'grapheme' }), value, {
  maxKeys: 5,
  noNullPrototype: true,
})

it('any split of an answer, packed or not, gives the same records', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(record, { minLength: 1, maxLength: 10 }),
      fc.array(fc.nat(), { maxLength: 20 }),
      fc.constantFrom(...(Object.keys(pack) as (keyof typeof pack)[])),
      async (records, cuts, encoding) => {
        const bytes = pack[encoding](Buffer.from(JSON.stringify(records)))
        pieces = split(bytes, cuts).filter(({ length }) => length > 0)
        headers = encoding === 'identity' ? {} : { 'content-encoding': encoding }
        const found = recordsOf(await ask())
        expect(found).toHaveLength(records.length)
        for (const [index, wanted] of records.entries()) {
          const present = Object.entries(found[index] ?? {}).filter(([name]) => Object.hasOwn(wanted, name))
          expect(Object.fromEntries(present)).toEqual(JSON.parse(JSON.stringify(wanted)))
        }
      },
    ),
    { numRuns: 80 },
  )
})

it('a path to the records finds them wherever they are', async () => {
  const key = fc.string({ minLength: 1, maxLength: 6, unit: 'grapheme-ascii' })
  await fc.assert(
    fc.asyncProperty(fc.array(key, { maxLength: 5 }), fc.nat({ max: 5 }), async (keys, count) => {
      const records = Array.from({ length: count }, (_, index) => ({ id: index }))
      const whole = keys.reduceRight<unknown>((inner, name) => ({ [name]: inner, other: [1] }), records)
      // A key of this name would be the other one.
      fc.pre(!keys.includes('other'))
      pieces = [Buffer.from(JSON.stringify(whole))]
      headers = {}
      const path = `$${keys.map(name => `[${JSON.stringify(name)}]`).join('')}`
      expect(rowsOf(await ask({ records: path }))).toHaveLength(count)
      expect(rowsOf(await ask({ records: `${path}[*]` }))).toHaveLength(count)
    }),
    { numRuns: 40 },
  )
})

it('no bytes make it fail otherwise than by a problem that says what they are', async () => {
  const known = ['ANSWER_NOT_JSON', 'ANSWER_IS_WEB_PAGE', 'ANSWER_NOT_UNPACKABLE', 'RECORDS_NOT_FOUND']
  await fc.assert(
    fc.asyncProperty(
      fc.oneof(
        fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes)),
        fc.json().map(text => Buffer.from(text)),
        fc.tuple(fc.json(), fc.nat()).map(([text, at]) => Buffer.from(text.slice(0, at % (text.length + 1)))),
      ),
      fc.constantFrom('', 'gzip', 'deflate', 'br', 'x'),
      async (bytes, encoding) => {
        pieces = bytes.length === 0 ? [] : [bytes]
        headers = encoding === '' ? {} : { 'content-encoding': encoding }
        const outcome = await ask()
        if (outcome.kind === 'PROBLEM') expect(known).toContain(outcome.problem.code)
      },
    ),
    { numRuns: 150 },
  )
})
