import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { JsonRows } from '../../src/connectors/json-rows.ts'
import { kindOfText } from '../../src/connectors/json-text.ts'

const textOf = (rows: JsonRows): string => rows.text(0, rows.bytes).toString()
const rowOf = (value: Parameters<JsonRows['value']>[0]): JsonRows => {
  const rows = new JsonRows(1)
  rows.add([value])
  return rows
}

/** Bytes among which those that JSON escapes, and those of long UTF-8 sequences, are many. */
const byte = fc.oneof(
  { weight: 20, arbitrary: fc.integer({ min: 0x20, max: 0x7e }) },
  { weight: 1, arbitrary: fc.constantFrom(0x00, 0x1f, 0x22, 0x5c, 0x7f) },
  { weight: 1, arbitrary: fc.integer({ min: 0x80, max: 0xff }) },
)
const bytes = fc.array(byte, { maxLength: 120 }).map(list => Buffer.from(list))
const string = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.string({ unit: 'grapheme', minLength: 250, maxLength: 300 }),
  // Halves of surrogate pairs.
  fc.array(fc.integer({ min: 0xd700, max: 0xe000 }), { maxLength: 300 }).map(units => String.fromCharCode(...units)),
)

describe('rows of values', () => {
  test('are the JSON that JSON.stringify makes of them', () => {
    const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), string)
    fc.assert(
      fc.property(fc.array(fc.array(value, { minLength: 3, maxLength: 3 }), { maxLength: 5 }), given => {
        const rows = new JsonRows(3)
        for (const row of given) rows.add(row as never)
        const texts = given.map(row => `${JSON.stringify(row)},`)
        expect(textOf(rows)).toBe(texts.join(''))
        expect(rows.count).toBe(given.length)
        for (const index of given.keys()) {
          expect(rows.text(rows.endOf(index), rows.endOf(index + 1)).toString()).toBe(texts[index])
        }
      }),
    )
  })

  test('of any size, and after a large one small ones again', () => {
    const rows = new JsonRows(2)
    for (const size of [1, 200, 255, 256, 300_000, 5_000_000]) {
      const row = ['é'.repeat(size), 'x'.repeat(size)]
      rows.clear()
      rows.add([1, 2])
      rows.add(row)
      expect(textOf(rows) === `[1,2],${JSON.stringify(row)},`).toBe(true)
      expect(rows.full).toBe(size >= 300_000)
    }
    rows.clear()
    expect([rows.count, rows.bytes, rows.full]).toEqual([0, 0, false])
    rows.add([null, true])
    expect(textOf(rows)).toBe('[null,true],')
  })

  test('without columns are rows too', () => {
    const rows = new JsonRows(0)
    rows.add([])
    rows.begin()
    rows.finish()
    expect(textOf(rows)).toBe('[],[],')
  })

  test('hold what is nested too deeply as text', () => {
    const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
    expect(textOf(rowOf(JSON.parse(nested(200))))).toBe(`[${nested(200)}],`)
    expect(textOf(rowOf(JSON.parse(nested(201))))).toBe(`["${nested(201)}"],`)
  })

  test('with too few or too many values are refused, and are not there', () => {
    const rows = new JsonRows(2)
    rows.add([1, 2])
    for (const row of [[], [1], [1, 2, 3], ['x'.repeat(300)]]) {
      expect(() => rows.add(row)).toThrow(`A row has ${row.length} values for 2 columns.`)
    }
    rows.begin()
    rows.value('begun and forgotten')
    rows.add([3, 4])
    expect(textOf(rows)).toBe('[1,2],[3,4],')
  })
})

describe('text that is given as bytes', () => {
  test('is the JSON of the string that it is, wherever it lies and whatever is no UTF-8 in it', () => {
    fc.assert(
      fc.property(bytes, bytes, bytes, (before, text, after) => {
        const rows = new JsonRows(2)
        rows.begin()
        rows.value(before.toString('latin1'))
        rows.textFrom(Buffer.concat([before, text, after]), before.length, before.length + text.length)
        rows.finish()
        expect(textOf(rows)).toBe(`${JSON.stringify([before.toString('latin1'), text.toString()])},`)
      }),
      { numRuns: 1_000 },
    )
  })

  test.each(Array.from({ length: 40 }, (_, at) => at))('is looked at whole: byte %i of it too', at => {
    for (const special of ['"', '\\', '\0', '\u001f', 'é']) {
      const text = `${'x'.repeat(at)}${special}${'x'.repeat(40 - at)}`
      const rows = new JsonRows(1)
      rows.begin()
      rows.textFrom(Buffer.from(text), 0, Buffer.byteLength(text))
      rows.finish()
      expect(textOf(rows)).toBe(`${JSON.stringify([text])},`)
    }
  })

  test('is told apart by what is in it, byte for byte', () => {
    fc.assert(
      fc.property(bytes, fc.nat({ max: 8 }), fc.nat({ max: 8 }), (given, from, cut) => {
        const memory = new ArrayBuffer((given.length + 3) & ~3)
        const all = new Uint8Array(memory)
        all.set(given)
        const to = Math.max(from, given.length - cut)
        const part = [...given.subarray(from, to)]
        const needsEscapes = part.some(one => one < 0x20 || one === 0x22 || one === 0x5c)
        const kind = kindOfText(all, new Int32Array(memory), from, to)
        expect(kind.needsEscapes).toBe(needsEscapes)
        if (!needsEscapes) expect(kind.ascii).toBe(part.every(one => one < 0x80))
      }),
      { numRuns: 1_000 },
    )
  })
})
