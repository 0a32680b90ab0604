import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HttpApiDouble, type HttpApiDoubleOptions, type HttpApiFault } from '../../servers/http-api-double.ts'
import { answer, inTurn, loginPage, redirect } from '../../servers/http-api-faults.ts'
import { RecordingServer } from '../../servers/recording-server.ts'
import { expectQueryProblem, inputFor, queryApi, resultOf, rowsOf, valuesOf } from './http-api-run.ts'

const ways: Readonly<Record<string, object>> = {
  offset: { path: '/offset/orders', records: '$.data.items[*]', pagination: { offset: { pageSize: 3 } } },
  page: { path: '/page/orders', pagination: { page: { sizeParameter: 'per_page', pageSize: 3 } } },
  'page from 0': {
    path: '/page0/orders',
    records: '$.results',
    pagination: { page: { pageParameter: 'p', firstPage: 0, pageSize: 3 } },
  },
  cursor: {
    path: '/cursor/orders',
    records: '$.data',
    pagination: { cursor: { cursorParameter: 'cursor', nextCursor: '$.meta.next_cursor' } },
  },
  linkHeader: { path: '/link/orders', pagination: { linkHeader: {} } },
  'linkHeader, relative': { path: '/relative-link/orders', pagination: { linkHeader: {} } },
}
const named = Object.entries(ways).map(([name, query]) => ({ name, query }))

const numbersTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1)

async function withApi<T>(options: HttpApiDoubleOptions, use: (api: HttpApiDouble) => Promise<T>): Promise<T> {
  await using api = await HttpApiDouble.start(options)
  return await use(api)
}

describe.each(named)('pages by $name', ({ query }) => {
  it.each([0, 1, 2, 3, 4, 6, 7, 8, 9])('give all of %i orders, each once and in order', count =>
    withApi({ orderCount: count }, async api => {
      const outcome = await queryApi(inputFor(api), query)
      expect(resultOf(outcome).truncated).toBe(false)
      expect(count === 0 ? rowsOf(outcome) : valuesOf(outcome)).toEqual(numbersTo(count))
      // One more page where the last one is full and nothing says that it was the last.
      const pages = Math.ceil(count / 3)
      expect(api.requests.length).toBeGreaterThanOrEqual(Math.max(1, pages))
      expect(api.requests.length).toBeLessThanOrEqual(Math.max(1, pages) + 1)
    }),
  )

  it('say who asks each time', () =>
    withApi({ access: { kind: 'PARAMETER', name: 'api_key', value: 'key-4Lp' } }, async api => {
      const auth = { apiKey: { name: 'api_key', in: 'QUERY', value: 'key-4Lp' } }
      const queryParameters = [{ name: 'lang', value: 'en' }]
      const outcome = await queryApi(inputFor(api, { auth, queryParameters }), query)
      expect(valuesOf(outcome)).toEqual(numbersTo(7))
      for (const path of api.paths) {
        const { searchParams } = new URL(path, 'http://api')
        expect(searchParams.getAll('api_key'), path).toEqual(['key-4Lp'])
        expect(searchParams.getAll('lang'), path).toEqual(['en'])
      }
    }))

  it('end at the most pages, rows, bytes, and say so', () =>
    withApi({ orderCount: 30 }, async api => {
      const of = async (caps: object, limits?: { readonly maxRows: number; readonly maxBytes: number }) => {
        const before = api.requests.length
        const outcome = await queryApi(inputFor(api), { ...query, caps }, limits && { limits })
        expect(resultOf(outcome).truncated).toBe(true)
        return { ids: valuesOf(outcome), asked: api.requests.length - before }
      }
      expect(await of({ maxPages: 2 })).toEqual({ ids: numbersTo(6), asked: 2 })
      expect(await of({ maxRows: 4 })).toEqual({ ids: numbersTo(4), asked: 2 })
      const read = await of({}, { maxRows: 4, maxBytes: 1_048_576 })
      expect(read.ids).toEqual(numbersTo(4))
      expect(read.asked).toBeLessThan(10)
    }))
})

it('any page size gives the same rows', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...named),
      fc.integer({ min: 0, max: 40 }),
      fc.integer({ min: 1, max: 15 }),
      async ({ name, query }, orderCount, pageSize) => {
        await withApi({ orderCount, pageSize }, async api => {
          const sized = JSON.parse(JSON.stringify(query).replace('"pageSize":3', `"pageSize":${pageSize}`)) as object
          const outcome = await queryApi(inputFor(api, { rateLimit: { requests: 1_000 } }), {
            ...sized,
            caps: { maxPages: 100 },
          })
          expect(orderCount === 0 ? rowsOf(outcome) : valuesOf(outcome), name).toEqual(numbersTo(orderCount))
        })
      },
    ),
    { numRuns: 60 },
  )
})

const cursor = { path: '/x', records: '$.d', pagination: { cursor: { cursorParameter: 'c', nextCursor: '$.next' } } }
const pageOf = (id: number, next: unknown) => answer(JSON.stringify({ d: [{ id }], next }))

describe('pages that have no end', () => {
  const endless: readonly (readonly [string, object, HttpApiFault])[] = [
    ['a cursor that repeats', cursor, pageOf(1, 'same')],
    [
      'a link to the same page',
      { path: '/x', pagination: { linkHeader: {} } },
      answer('[{"id":1}]', { link: '</x>; rel="next"' }),
    ],
    ['cursors in a circle', cursor, inCircle(['a', 'b', 'c'])],
    ['an API that does not know of pages', { path: '/x', pagination: { page: {} } }, answer('[{"id":1}]')],
    [
      'an API that does not know of offsets',
      { path: '/x', pagination: { offset: { pageSize: 1 } } },
      answer('[{"id":1}]'),
    ],
  ]

  function inCircle(cursors: readonly string[]): HttpApiFault {
    return (request, response, nth) => pageOf(nth, cursors[nth % cursors.length])(request, response, nth)
  }

  it.each(endless)('are told: %s', (_, query, fault) =>
    withApi({ at: { '/x': fault } }, async api => {
      expectQueryProblem(await queryApi(inputFor(api), query), { code: 'PAGES_REPEAT' })
      expect(api.requests.length).toBeLessThanOrEqual(5)
    }),
  )

  it('end at the most pages', () =>
    withApi({ at: { '/x': (request, response, nth) => pageOf(nth, `c${nth}`)(request, response, nth) } }, async api => {
      const input = inputFor(api, { rateLimit: { requests: 1_000 } })
      const outcome = await queryApi(input, { ...cursor, caps: { maxPages: 25 } })
      expect(resultOf(outcome).truncated).toBe(true)
      expect(valuesOf(outcome)).toEqual(numbersTo(25))
    }))

  it('that are empty end', () =>
    withApi(
      { at: { '/x': (_, response, nth) => void response.end(JSON.stringify({ d: [], next: `c${nth}` })) } },
      async api => {
        const input = inputFor(api, { rateLimit: { requests: 1_000 } })
        await queryApi(input, { ...cursor, caps: { maxPages: 20 } })
        expect(api.requests.length).toBeLessThanOrEqual(20)
      },
    ))

  it('end at the longest time', () =>
    withApi({ at: { '/x': (request, response, nth) => pageOf(nth, `c${nth}`)(request, response, nth) } }, async api => {
      // So slow that the pages would take a minute.
      const input = inputFor(api, { rateLimit: { requests: 1, perSeconds: 1 } })
      const outcome = await queryApi(input, { ...cursor, caps: { maxPages: 60, maxSeconds: 2 } })
      expect(resultOf(outcome).truncated).toBe(true)
      expect(api.requests.length).toBeLessThan(10)
    }))

  it('end at the most megabytes', () =>
    withApi(
      {
        at: {
          '/x': (request, response, nth) =>
            answer(JSON.stringify({ d: [{ id: nth, text: 'a'.repeat(400_000) }], next: `c${nth}` }))(
              request,
              response,
              nth,
            ),
        },
      },
      async api => {
        const input = inputFor(api, { rateLimit: { requests: 1_000 } })
        const limits = { maxRows: 100, maxBytes: 64 * 1_048_576 }
        const outcome = await queryApi(input, { ...cursor, caps: { maxMegabytes: 1, maxPages: 100 } }, { limits })
        expect(resultOf(outcome).truncated).toBe(true)
        expect(api.requests.length).toBeLessThanOrEqual(4)
      },
    ))
})

describe('what comes next', () => {
  it.each([null, '', false, undefined])('is nothing where the cursor is %j', next =>
    withApi({ at: { '/x': pageOf(1, next) } }, async api => {
      expect(valuesOf(await queryApi(inputFor(api), cursor))).toEqual([1])
      expect(api.requests).toHaveLength(1)
    }),
  )

  it.each([
    ['a number', 42, '42'],
    ['a large number, exactly', '9007199254740993', '9007199254740993'],
    ['text of any kind', 'a&b=c d+é/?#%', 'a&b=c d+é/?#%'],
    ['a line break', 'a\r\nHost: evil', 'a\r\nHost: evil'],
  ])('may be %s', (_, next, sent) => {
    const text = typeof next === 'string' && /^\d+$/.test(next) ? next : JSON.stringify(next)
    const first = answer(`{"d":[{"id":1}],"next":${text}}`)
    return withApi({ at: { '/x': inTurn(first, pageOf(2, null)) } }, async api => {
      expect(valuesOf(await queryApi(inputFor(api), cursor))).toEqual([1, 2])
      expect(new URL(api.paths[1] ?? '', 'http://api').searchParams.getAll('c')).toEqual([sent])
      expect(api.requests[1]?.headers.host).toBe(`127.0.0.1:${api.port}`)
    })
  })

  it.each([{ a: 1 }, ['a']])('is no cursor: %j', next =>
    withApi({ at: { '/x': pageOf(1, next) } }, async api => {
      const outcome = await queryApi(inputFor(api), cursor)
      expect(outcome.kind).toBe('PROBLEM')
      expect(api.requests).toHaveLength(1)
    }),
  )

  it('is the cursor alone, beside the parameters of the query', () =>
    withApi({ at: { '/x': inTurn(pageOf(1, 'second'), pageOf(2, null)) } }, async api => {
      const parameters = [
        { name: 'status', value: 'open' },
        { name: 'c', value: 'first' },
      ]
      await queryApi(inputFor(api), { ...cursor, parameters })
      const asked = api.paths.map(path => [...new URL(path, 'http://api').searchParams].toSorted())
      expect(asked).toEqual([
        [
          ['c', 'first'],
          ['status', 'open'],
        ],
        [
          ['c', 'second'],
          ['status', 'open'],
        ],
      ])
    }))
})

describe('a link to the next page', () => {
  const secret = 'canary-4Lp'
  const linking = (link: string | string[]) => inTurn(answer('[{"id":1}]', { link }), answer('[{"id":2}]'))
  const query = { path: '/x', pagination: { linkHeader: {} } }

  it.each([
    ['absolute', '<{api}/x?p=2>; rel="next"'],
    ['without quotes', '</x?p=2>; rel=next'],
    ['among others', '</x?p=9>; rel="last", </x?p=2>; rel="next", </x>; rel="first"'],
    ['with commas and semicolons in its address', '</x?p=2&f=a,b;c>; rel="next"'],
    ['in capitals', '</x?p=2>; REL="NEXT"'],
    ['with a second relation', '</x?p=2>; rel="prefetch next"'],
  ])('is followed, %s', (_, link) =>
    withApi({ at: { '/x': (...args) => linking(link.replace('{api}', api?.url ?? ''))(...args) } }, async started => {
      api = started
      expect(valuesOf(await queryApi(inputFor(started), query))).toEqual([1, 2])
      expect(started.paths[1]).toMatch(/^\/x\?p=2/)
    }),
  )
  let api: HttpApiDouble | undefined

  it.each(['SAME_ORIGIN', 'ANYWHERE', 'NONE'])(
    'to another server gets no credentials (redirects %s)',
    async redirects => {
      await using other = await RecordingServer.start()
      for (const change of [
        { auth: { bearer: { token: secret } } },
        { auth: { apiKey: { name: 'key', in: 'QUERY', value: secret } } },
        { headers: [{ name: 'X-Second', value: secret, secret: true }] },
      ]) {
        await withApi({ at: { '/x': linking(`<${other.url}/next>; rel="next"`) } }, async double => {
          const outcome = await queryApi(inputFor(double, { ...change, redirects }), query)
          if (redirects !== 'ANYWHERE') {
            expect(outcome.kind).toBe('PROBLEM')
            expect(other.connections).toBe(0)
          }
          expect(JSON.stringify(other.requests)).not.toContain(secret)
          expect(JSON.stringify(outcome)).not.toContain(secret)
        })
      }
    },
  )

  it.each([
    '<javascript:alert(1)>; rel="next"',
    '<file:///etc/passwd>; rel="next"',
    '<http://169.254.169.254/latest>; rel="next"',
    '<//169.254.169.254/latest>; rel="next"',
    '<\\\\169.254.169.254\\latest>; rel="next"',
    '<http://[>; rel="next"',
  ])('is not followed to %s', link =>
    withApi({ at: { '/x': linking(link) } }, async double => {
      const outcome = await queryApi(inputFor(double), query)
      expect(outcome.kind).toBe('PROBLEM')
      expect(double.requests).toHaveLength(1)
    }),
  )

  it.each(['', 'nonsense', '<', '<>; rel', '<a'.repeat(2_000), ';,;,<>;=', '</x>; rel="prev"', '</x>; title="next"'])(
    'is not there: %j',
    link =>
      withApi({ at: { '/x': linking(link) } }, async double => {
        const outcome = await queryApi(inputFor(double), query)
        if (outcome.kind === 'RESULT') expect(valuesOf(outcome)).toEqual([1])
        else expect(outcome.problem.code).not.toBe('UNCLASSIFIED')
        expect(double.requests).toHaveLength(1)
      }),
  )
})

describe('between two pages', () => {
  it('a connection may end', () =>
    withApi(
      {
        at: {
          '/x': inTurn(
            (_, response) => {
              response.setHeader('connection', 'close')
              response.end('{"d":[{"id":1}],"next":"a"}')
            },
            (_, response) => {
              response.once('finish', () => response.socket?.destroy())
              response.end('{"d":[{"id":2}],"next":"b"}')
            },
            pageOf(3, null),
          ),
        },
      },
      async api => {
        expect(valuesOf(await queryApi(inputFor(api), cursor))).toEqual([1, 2, 3])
      },
    ))

  it('a connection is kept', () =>
    withApi({}, async api => {
      await queryApi(inputFor(api), ways['cursor'] ?? {})
      expect(api.requests.length).toBe(3)
      expect(new Set(api.requests.map(({ connection }) => connection)).size).toBe(1)
    }))

  it('nothing can be smuggled in', () =>
    withApi(
      {
        at: {
          '/x': (_, response, nth) => {
            const body = JSON.stringify({ d: [{ id: nth }], next: nth < 3 ? `c${nth}` : null })
            const evil = '{"d":[{"id":666}],"next":null}'
            const head = `HTTP/1.1 200 OK\r\nContent-Length: ${evil.length}\r\n\r\n`
            const { socket } = response
            response.end(body, () => nth === 1 && socket?.write(head + evil))
          },
        },
      },
      async api => {
        const outcome = await queryApi(inputFor(api), cursor)
        expect(JSON.stringify(outcome)).not.toContain('666')
      },
    ))

  it('a page that fails fails the whole, and says where', () =>
    withApi({ at: { '/x': inTurn(pageOf(1, 'a'), pageOf(2, 'b'), loginPage) } }, async api => {
      const problem = expectQueryProblem(await queryApi(inputFor(api), cursor), { code: 'ANSWER_IS_WEB_PAGE' })
      expect(problem.message).toContain('/x')
    }))

  it('a redirect may come', () =>
    withApi({ at: { '/x': inTurn(pageOf(1, 'a'), redirect('/y')), '/y': pageOf(2, null) } }, async api => {
      expect(valuesOf(await queryApi(inputFor(api), cursor))).toEqual([1, 2])
    }))
})
