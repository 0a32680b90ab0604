import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { tablePattern } from '../../../src/connectors/athena/table-pattern.ts'

const matches = (pattern: string, name: string) => new RegExp(`^(?:${pattern})$`, 'su').test(name)
/** As catalogs that come from Hive read an asterisk. */
const inHive = (pattern: string) => pattern.replaceAll('*', '.*')

describe('the pattern by which tables are looked for', () => {
  it('matches whatever has the text in it, however an asterisk is read', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 30 }).map(given => given.toLowerCase())
    fc.assert(
      fc.property(text, text.filter(Boolean), text, (before, search, after) => {
        const pattern = tablePattern(search)
        if (pattern === null) return
        const name = `${before}${search}${after}`.replaceAll('\n', ' ')
        expect(matches(pattern, name), pattern).toBe(true)
        expect(matches(inHive(pattern), name), pattern).toBe(true)
      }),
    )
  })

  it('has no more in it than AWS takes, and nothing that would mean something', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, maxLength: 400 }), search => {
        const pattern = tablePattern(search)
        if (pattern === null) return
        expect(pattern.length).toBeLessThanOrEqual(256)
        expect(pattern.replaceAll('.*', '')).toMatch(/^[a-z0-9_.|]+$/)
        expect(pattern.split('|')).toHaveLength(4)
      }),
    )
  })

  it('narrows what is left', () => {
    expect(matches(tablePattern('orders') ?? '', 'old_orders_2')).toBe(true)
    expect(matches(tablePattern('orders') ?? '', 'old_order_2')).toBe(false)
    expect(tablePattern('.*')).toBeNull()
  })
})
