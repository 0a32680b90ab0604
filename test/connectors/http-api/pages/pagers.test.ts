import { describe, expect, it } from 'vitest'
import { type NextPage, type Pager, pagerOf } from '../../../../src/connectors/http-api/pages/pager.ts'
import { queryForm } from '../../../../src/connectors/http-api/query-form.ts'

const pager = (pagination: object): Pager => pagerOf(queryForm.schema.parse({ path: '/x', pagination }).pagination)
const records = (count: number, from = 0) => Array.from({ length: count }, (_, index) => ({ id: from + index }))
const page = (items: readonly { id: number }[]) => ({ json: { items }, records: items, link: '' })
const parametersOf = (next: NextPage) => (next.kind === 'PARAMETERS' ? Object.fromEntries(next.parameters) : next.kind)

describe('pages by offset', () => {
  const offset = () => pager({ offset: { pageSize: 3 } })

  it('skip as many records as have come, and end with a short page', () => {
    const pages = offset()
    expect(Object.fromEntries(pages.first)).toEqual({ offset: '0', limit: '3' })
    expect(parametersOf(pages.next(page(records(3))))).toEqual({ offset: '3', limit: '3' })
    expect(parametersOf(pages.next(page(records(3, 3))))).toEqual({ offset: '6', limit: '3' })
    expect(parametersOf(pages.next(page(records(1, 6))))).toBe('END')
  })

  it('end with an empty page', () => {
    expect(offset().next(page([])).kind).toBe('END')
  })

  it('go on where an API gives out fewer at a time than were asked for', () => {
    const pages = offset()
    expect(parametersOf(pages.next(page(records(2))))).toEqual({ offset: '2', limit: '3' })
    expect(parametersOf(pages.next(page(records(2, 2))))).toEqual({ offset: '4', limit: '3' })
    expect(parametersOf(pages.next(page(records(1, 4))))).toBe('END')
  })

  it('skip more records, too, where an API gives out more than were asked for', () => {
    expect(parametersOf(offset().next(page(records(5))))).toEqual({ offset: '5', limit: '3' })
  })

  it('repeat where the same records come again', () => {
    const pages = offset()
    pages.next(page(records(3)))
    expect(pages.next(page(records(3)))).toMatchObject({ kind: 'REPEATS', fault: '"offset" changes nothing' })
  })
})

describe('pages by number', () => {
  it('count from the first, and ask for a size where there is a parameter for it', () => {
    const pages = pager({ page: { sizeParameter: 'per_page', pageSize: 2, firstPage: 0 } })
    expect(Object.fromEntries(pages.first)).toEqual({ page: '0', per_page: '2' })
    expect(parametersOf(pages.next(page(records(2))))).toEqual({ page: '1', per_page: '2' })
    expect(parametersOf(pages.next(page(records(1, 2))))).toBe('END')
  })

  it('without a size end only with an empty one', () => {
    const pages = pager({ page: {} })
    expect(Object.fromEntries(pages.first)).toEqual({ page: '1' })
    expect(parametersOf(pages.next(page(records(50))))).toEqual({ page: '2' })
    expect(parametersOf(pages.next(page(records(7, 50))))).toEqual({ page: '3' })
    expect(parametersOf(pages.next(page([])))).toBe('END')
  })
})

describe('pages by cursor', () => {
  const cursor = () => pager({ cursor: { cursorParameter: 'after', nextCursor: '$.next' } })
  const next = (json: unknown) => cursor().next({ json: json as never, records: [], link: '' })

  it.each([[{}], [{ next: null }], [{ next: '' }], [{ next: false }], [[]]])('end with %j', json => {
    expect(next(json).kind).toBe('END')
  })

  it.each([
    [{ next: 'a b&' }, 'a b&'],
    [{ next: 0 }, '0'],
    [{ next: '12345678901234567890' }, '12345678901234567890'],
  ])('go on with %j', (json, value) => {
    expect(parametersOf(next(json))).toEqual({ after: value })
  })

  it.each([[{ next: {} }], [{ next: ['a'] }], [{ next: true }], [{ next: 'x'.repeat(8_001) }]])(
    'cannot go on with %.40j',
    json => {
      expect(next(json)).toMatchObject({ kind: 'UNREADABLE', field: 'pagination.cursor.nextCursor' })
    },
  )

  it('repeat where a cursor comes again, be it later', () => {
    const pages = cursor()
    for (const value of ['a', 'b']) pages.next({ json: { next: value }, records: [], link: '' })
    expect(pages.next({ json: { next: 'a' }, records: [], link: '' }).kind).toBe('REPEATS')
  })

  it('may be the id of the last record', () => {
    const pages = pager({ cursor: { cursorParameter: 'starting_after', nextCursor: '$.data[-1].id' } })
    expect(parametersOf(pages.next({ json: { data: [{ id: 'x' }, { id: 'y' }] }, records: [], link: '' }))).toEqual({
      starting_after: 'y',
    })
    expect(pages.next({ json: { data: [] }, records: [], link: '' }).kind).toBe('END')
  })
})

describe('pages by Link', () => {
  const next = (link: string, rel = 'next') => pager({ linkHeader: { rel } }).next({ json: [], records: [], link })

  it.each([
    [
      '<https://a.example/x?page=2>; rel="next", <https://a.example/x?page=9>; rel="last"',
      'https://a.example/x?page=2',
    ],
    ['</x?a=1,2;3>; title="a, b; rel=next"; rel=next', '/x?a=1,2;3'],
    ['<p2>; rel="prev next"', 'p2'],
    ['<p2>; REL=NEXT', 'p2'],
  ])('follow %s', (link, target) => {
    expect(next(link)).toEqual({ kind: 'LINK', link: target })
  })

  it.each(['', '<p1>; rel=prev', '<p1>', '<p1>; rel="next page"'.replace('next page', 'nextpage')])(
    'end with %j',
    link => {
      expect(next(link).kind).toBe('END')
    },
  )

  it.each(['nonsense', '<p2; rel=next', '<p2>; rel="next"'.padEnd(9_000, ' x')])('cannot be read from %.40j', link => {
    expect(next(link)).toMatchObject({ kind: 'UNREADABLE', field: 'pagination.linkHeader.rel' })
  })

  it('repeat where a link comes again', () => {
    const pages = pager({ linkHeader: {} })
    const answer = { json: [], records: [], link: '<p2>; rel=next' }
    pages.next(answer)
    expect(pages.next(answer).kind).toBe('REPEATS')
  })

  it('are read in a bounded time, whatever a server makes of them', { timeout: 5_000 }, () => {
    const attributes = Array.from({ length: 2_000 }, (_, index) => `;${index.toString(36)}=1`).join('')
    for (const link of [
      `<a>${attributes}; rel="${'a '.repeat(4_000)}"`,
      `<a>${attributes.slice(0, 250)}; rel="${'a '.repeat(490)}"`,
      `<a>; rel=next${' '.repeat(8_000)}x`,
      '<a>,'.repeat(2_000),
      `<a>${';a'.repeat(4_000)}`,
    ]) {
      expect(['END', 'LINK', 'UNREADABLE']).toContain(next(link).kind)
    }
  })
})

it('one answer has no next one', () => {
  expect(pager({ none: true }).next(page(records(3)))).toEqual({ kind: 'END' })
})
