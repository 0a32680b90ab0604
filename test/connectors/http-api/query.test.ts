import { describe, expect, it } from 'vitest'
import { validateForm } from '../../../src/connectors/form-validation.ts'
import { httpApi } from '../../../src/connectors/http-api/index.ts'
import { collectQuery } from '../../servers/collect-query.ts'
import { makeOrders } from '../../servers/http-api-data.ts'
import { HttpApiDouble, type HttpApiFault } from '../../servers/http-api-double.ts'
import { answer, dripped, loginPage, packed } from '../../servers/http-api-faults.ts'
import { environmentFor } from '../../servers/type-run.ts'
import { hintsOf } from '../type-expectations.ts'
import { expectQueryProblem, inputFor, queryApi, recordsOf, resultOf, rowsOf, valuesOf } from './http-api-run.ts'

/** A query of `/x`, which is answered with this. */
async function queryOf(fault: HttpApiFault | string, query: object = {}, change: object = {}) {
  await using api = await HttpApiDouble.start({
    at: { '/x': typeof fault === 'string' ? answer(fault) : fault },
  })
  return await queryApi(inputFor(api, change), { path: '/x', ...query })
}

describe('a parameter of the connector', () => {
  it('takes the place of those of a dataset that are called so, in its path too', async () => {
    await using api = await HttpApiDouble.start({ at: { '/x': answer('[]') } })
    const input = inputFor(api, { queryParameters: [{ name: 'tenant', value: 'ours' }] })
    const theirs = { name: 'tenant', value: 'theirs' }
    resultOf(await queryApi(input, { path: '/x?tenant=others&a=1', parameters: [theirs, { name: 'b', value: '2' }] }))
    expect(api.requests.map(({ path }) => path)).toEqual(['/x?a=1&b=2&tenant=ours'])
  })
})

describe('the records of an answer', () => {
  it.each<[string, string, object, readonly unknown[]]>([
    ['a list', '[{"a":1},{"a":2}]', {}, [{ a: 1 }, { a: 2 }]],
    ['one record', '{"a":1}', {}, [{ a: 1 }]],
    ['an empty list', '[]', {}, []],
    ['what a path selects', '{"d":{"i":[{"a":1},{"a":2}]}}', { records: '$.d.i[*]' }, [{ a: 1 }, { a: 2 }]],
    ['the list that a path selects', '{"d":[{"a":1},{"a":2}]}', { records: '$.d' }, [{ a: 1 }, { a: 2 }]],
    [
      'what a path selects at any depth',
      '{"x":{"o":{"a":1}},"y":[{"o":{"a":2}}]}',
      { records: '$..o' },
      [{ a: 1 }, { a: 2 }],
    ],
    ['what a filter selects', '[{"a":1,"ok":true},{"a":2}]', { records: '$[?@.ok].a' }, [{ value: 1 }]],
    ['an empty list that a path selects', '{"d":[]}', { records: '$.d' }, []],
    ['an empty list, item by item', '{"d":[]}', { records: '$.d[*]' }, []],
    ['plain values', '[1,"b",null,true]', {}, [{ value: 1 }, { value: 'b' }, { value: null }, { value: true }]],
    [
      'other fields in each',
      '[{"a":1},{"b":[1,{"c":2}]},{}]',
      {},
      [
        { a: 1, b: null },
        { a: null, b: [1, { c: 2 }] },
        { a: null, b: null },
      ],
    ],
  ])('are %s', async (_, body, query, records) => {
    expect(recordsOf(await queryOf(body, query))).toEqual(records)
  })

  it('have fields with any name', async () => {
    const names = ['', ' ', '__proto__', 'constructor', 'toString', 'a.b', 'ü"\\', '0']
    const body = `[{${names.map((name, index) => `${JSON.stringify(name)}:${index}`).join()}}]`
    const { columns, rows } = resultOf(await queryOf(body))
    const named = columns.map(({ name }, index) => [name, rows[0]?.[index]])
    expect(named.toSorted()).toEqual(names.map((name, index) => [name, index]).toSorted())
  })

  it('have exact numbers', async () => {
    await using api = await HttpApiDouble.start()
    expect(recordsOf(await queryApi(inputFor(api), { path: '/numbers' }))).toMatchObject([
      { id: '9007199254740993', big: '123456789012345678901234567890' },
      { id: '-9223372036854775808', big: '1E400', tiny: 0 },
    ])
  })

  it('keep of two fields with one name the last, as JSON does', async () => {
    expect(recordsOf(await queryOf('[{"a":1,"a":2}]'))).toEqual([{ a: 2 }])
  })

  it('keep NULs and control characters in texts, escaped', async () => {
    expect(recordsOf(await queryOf('[{"a":"x\\u0000y\\u202e\\ud800"}]'))).toEqual([{ a: 'x\0y\u202e\ud800' }])
  })

  it('may be nested deeply, and an answer beyond all measure is refused', async () => {
    const deep = (depth: number) => `[{"a":${'['.repeat(depth)}1${']'.repeat(depth)}}]`
    expect(rowsOf(await queryOf(deep(50)))).toHaveLength(1)
    for (const depth of [500, 1_000_000]) {
      expectQueryProblem(await queryOf(deep(depth)), { code: 'ANSWER_NOT_JSON', fields: ['path'] })
    }
  })

  it.each<[string, string, object, string]>([
    ['a path selects nothing', '{"data":[]}', { records: '$.items[*]' }, 'records'],
    ['a path selects the items of a text', '{"items":"none"}', { records: '$.items[*]' }, 'records'],
  ])('are not there where %s', async (_, body, query, field) => {
    const problem = expectQueryProblem(await queryOf(body, query), { code: 'RECORDS_NOT_FOUND' })
    expect(problem.fields).toEqual([field])
    expect(problem.message).not.toMatch(/\?|undefined|[{}]|\[object/)
  })

  it.each(['gzip', 'br', 'deflate'] as const)('may be packed as %s', async encoding => {
    expect(recordsOf(await queryOf(packed(encoding, '[{"a":"ü"}]')))).toEqual([{ a: 'ü' }])
  })

  it('may come byte by byte, and behind a byte order mark', async () => {
    expect(recordsOf(await queryOf(dripped('[{"a":"ü€😀"}]')))).toEqual([{ a: 'ü€😀' }])
    expect(recordsOf(await queryOf('\ufeff[{"a":1}]'))).toEqual([{ a: 1 }])
  })

  it.each([
    'application/json',
    'application/json; charset=utf-8',
    'application/hal+json',
    'text/plain',
    'application/octet-stream',
    'nonsense',
  ])('are read whatever their answer calls itself, as long as it is JSON: %s', async type => {
    expect(recordsOf(await queryOf(answer('[{"a":1}]', { 'content-type': type })))).toEqual([{ a: 1 }])
  })

  it('are not there on a web page', async () => {
    const problem = expectQueryProblem(await queryOf(loginPage), { code: 'ANSWER_IS_WEB_PAGE' })
    expect(hintsOf(problem).fields).toEqual(['path'])
  })

  it.each([
    [401, 'HTTP_UNAUTHORIZED'],
    [403, 'HTTP_FORBIDDEN'],
    [404, 'HTTP_NOT_FOUND'],
    [429, 'HTTP_TOO_MANY_REQUESTS'],
    [500, 'HTTP_SERVER_ERROR'],
    [418, 'HTTP_STATUS_UNEXPECTED'],
    [304, 'HTTP_STATUS_UNEXPECTED'],
  ] as const)('are not there with status %i: %s', async (status, code) => {
    const outcome = await queryOf({ status, body: status === 304 ? '' : '{}' }, {}, { retry: { attempts: 1 } })
    expectQueryProblem(outcome, { code })
  })

  it('may be none with status 204', async () => {
    const outcome = await queryOf({ status: 204 })
    expect(outcome.kind === 'RESULT' ? rowsOf(outcome) : outcome.problem.code).not.toBe('UNCLASSIFIED')
  })
})

describe('a POST', () => {
  it('is sent with its body, where it only reads', async () => {
    await using api = await HttpApiDouble.start()
    const body = '{"status": "sent"}'
    const query = { path: '/search', method: 'POST', readOnlyPost: true, body, records: '$.hits' }
    expect(valuesOf(await queryApi(inputFor(api), query))).toEqual([2, 4, 6])
    expect(api.requests).toMatchObject([{ method: 'POST', body, headers: { 'content-type': 'application/json' } }])
  })

  it.each([{}, { readOnlyPost: false }])('is refused by the form where nobody says that it only reads: %j', given => {
    const query = { path: '/search', method: 'POST', body: '{}', ...given }
    expect(validateForm(httpApi.queryForm, query)).toMatchObject({ ok: false, issues: [{ path: 'readOnlyPost' }] })
  })

  it('is refused, too, where a query has come past the form', async () => {
    await using api = await HttpApiDouble.start()
    const config = httpApi.form.schema.parse(inputFor(api))
    const query = { ...(httpApi.queryForm.schema.parse({ path: '/search' }) as object), method: 'POST' }
    const limits = { maxRows: 10, maxBytes: 1_000_000 }
    const job = { config, query, limits, environment: await environmentFor() }
    const outcome = await collectQuery(httpApi, job, AbortSignal.timeout(5_000))
    expectQueryProblem(outcome, { code: 'UNCLASSIFIED', detail: expect.stringContaining('only reads') })
    expect(api.connections).toBe(0)
  })

  it('is never repeated', async () => {
    for (const fault of ['CUT_AT_ONCE', { status: 503 }, { status: 429, headers: { 'retry-after': '0' } }] as const) {
      await using api = await HttpApiDouble.start({ at: { '/search': fault } })
      const query = { path: '/search', method: 'POST', readOnlyPost: true }
      expect((await queryApi(inputFor(api), query)).kind).toBe('PROBLEM')
      expect(api.requests).toHaveLength(1)
    }
  })
})

describe('how much is fetched', () => {
  it('is as many rows as are wanted', async () => {
    await using api = await HttpApiDouble.start({ orderCount: 50 })
    const input = inputFor(api)
    const few = await queryApi(input, { path: '/orders' }, { limits: { maxRows: 5, maxBytes: 1_000_000 } })
    expect(few).toMatchObject({ kind: 'RESULT', result: { truncated: true } })
    expect(valuesOf(few)).toEqual([1, 2, 3, 4, 5])
    const capped = await queryApi(input, { path: '/orders', caps: { maxRows: 4 } })
    expect(capped).toMatchObject({ kind: 'RESULT', result: { truncated: true } })
    expect(valuesOf(capped)).toEqual([1, 2, 3, 4])
    const exactly = await queryApi(input, { path: '/orders', caps: { maxRows: 50 } })
    expect(exactly).toMatchObject({ kind: 'RESULT', result: { truncated: false } })
  })

  it('has columns of all records, those of later ones too', async () => {
    const body = JSON.stringify([...makeOrders(1_500), { later: true }])
    const { columns } = resultOf(await queryOf(body, {}, {}))
    expect(columns.map(({ name }) => name)).toEqual(expect.arrayContaining(['id', 'item', 'status']))
  })

  it('is no answer that is longer than the limit', async () => {
    const long = JSON.stringify('a'.repeat(2 * 1_048_576))
    const outcome = await queryOf(`[${long}]`, {}, { limits: { maxAnswerMegabytes: 1 } })
    expect(expectQueryProblem(outcome, { code: 'ANSWER_TOO_LARGE' }).fields).toEqual(['limits.maxAnswerMegabytes'])
  })
})

describe('the form of a dataset', () => {
  const issuesOf = (query: object) => {
    const validated = validateForm(httpApi.queryForm, { path: '/orders', ...query })
    return validated.ok ? [] : validated.issues.map(({ path }) => path)
  }

  it.each([
    'http://evil.example/x',
    'HTTPS://evil.example',
    '//evil.example/x',
    '/\\evil.example',
    'orders',
    '/../admin',
    '/a/%2e%2E/admin',
    '/a/.%2e/x',
    '/a%2f..%2fadmin',
    '/..;/admin',
    '/a/%2e%2E;x=1/admin',
    '/%252e%252e/admin',
    '/a/..%252fadmin',
    '/posts/1?_method=DELETE',
    '/posts/1?a=1&%5fMethod=DELETE',
    '/posts/1?.method=DELETE',
    '/posts/1?_method%00=DELETE',
    '/posts/1?$httpMethod=DELETE',
    '/a b',
    '/a\r\nX-Evil: 1',
    '/a\u0000',
    '/a\u00a0b',
    '/a#b',
    '/%00',
    '',
  ])('takes no path %j', path => {
    expect([...new Set(issuesOf({ path }))]).toEqual(['path'])
  })

  it.each([
    '/a?b=%2F..%2F',
    '/a/..b',
    '/a/...',
    '/~user/a;b=1',
    '/a:b',
    '/a?url=http://x/',
    '/a?method=list',
    '/.well-known/x',
  ])('takes the path %s', path => {
    expect(issuesOf({ path })).toEqual([])
  })

  it.each([
    'Authorization',
    'cookie',
    'Host',
    'Content-Length',
    'Transfer-Encoding',
    'X-Forwarded-For',
    'Proxy-Authorization',
    'Connection',
    'Expect',
    'Via',
    'Range',
    'Content-Type',
    'X Y',
    'X\r\nHost',
    'X:',
    'X-HTTP-Method-Override',
    'x-http-method',
    'X-Method-Override',
    'X-HTTP_Method_Override',
    'X-Original-URL',
    'X-Rewrite-URL',
    'X-Forwarded_For',
    'X-Real-IP',
    'Ünicode',
  ])('takes no header %j', name => {
    expect(issuesOf({ headers: [{ name, value: 'x' }] })).toEqual(['headers.0.name'])
  })

  it.each(['_method', '_Method', ' _method', '_HttpMethod', '$httpMethod', 'X-HTTP-Method-Override'])(
    'takes no parameter %j, which would make another method of a GET',
    name => {
      expect(issuesOf({ parameters: [{ name, value: 'DELETE' }] })).toEqual(['parameters.0.name'])
      const cursor = { cursorParameter: name, nextCursor: '$.next' }
      expect(issuesOf({ pagination: { cursor } })).toEqual(['pagination.cursor.cursorParameter'])
    },
  )

  it.each(['method', 'payment_method', 'method[]'])('takes the parameter %j', name => {
    expect(issuesOf({ parameters: [{ name, value: 'x' }] })).toEqual([])
  })

  it.each(['a\r\nb', 'a\u0000', ' a', 'a\u2028', 'a€'])('takes no header value %j', value => {
    expect(issuesOf({ headers: [{ name: 'X-A', value }] })).toEqual(['headers.0.value'])
  })

  it.each(['$[', 'a.b', '$..', '$[?', '$.a b'])('takes no JSONPath %j', records => {
    expect(issuesOf({ records })).toEqual(['records'])
  })
})
