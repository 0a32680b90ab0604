/*
 * The table of attacks of the security page, rows 1 to 30, each by its number in the title of a test:
 * attacks-documents.test.ts has what is wrong with documents and variables, attacks-schema.test.ts who may learn the
 * schema, attacks-http.test.ts what is below GraphQL, and attacks-elsewhere.test.ts the list of those that are shown in
 * other suites, with a check that no row is without a test.
 */
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { getIntrospectionQuery } from 'graphql'
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { connectorRow } from '../schema/schema-world.ts'
import { type ServerWorld, startServer } from './server-world.ts'

const find = vi.fn(async () => connectorRow('c1'))
const findMany = vi.fn(async (_viewer: unknown, ids: readonly string[]) => ids.map(id => connectorRow(id)))
const page = vi.fn(async () => ({ rows: [], cursors: [], hasNextPage: false }))
const create = vi.fn(async () => connectorRow('c1'))

let server: ServerWorld
beforeAll(async () => {
  server = await startServer({ connectors: { find, findMany, page, create } })
})
afterAll(() => server?.[Symbol.asyncDispose]())
beforeEach(() => {
  for (const fake of [find, findMany, page, create]) fake.mockClear()
})

type Answer = Awaited<ReturnType<ServerWorld['post']>>
const calls = () => [find, findMany, page, create].reduce((sum, fake) => sum + fake.mock.calls.length, 0)
const times = (count: number, make: (index: number) => string) =>
  Array.from({ length: count }, (_, n) => make(n)).join(' ')

/** Refused as a whole: by its own fault, in words, with few errors, and without a single field having run. */
function expectRefused({ status, body }: Answer, about?: string | RegExp): void {
  expect([400, 413]).toContain(status)
  expect(body.data ?? null).toBeNull()
  expect(body.errors?.length).toBeGreaterThan(0)
  expect(body.errors?.length).toBeLessThanOrEqual(10)
  for (const { extensions } of body.errors ?? []) {
    expect(extensions?.['code']).toMatch(/^(BAD_USER_INPUT|GRAPHQL_PARSE_FAILED|GRAPHQL_VALIDATION_FAILED)$/)
  }
  if (about !== undefined) expect(body.errors?.[0]?.message).toMatch(about)
  expect(calls()).toBe(0)
}

const one = 'connector(by: { name: "x" }) { id }'
const nested = (levels: number) => `{ ${'a { '.repeat(levels)} id ${'}'.repeat(levels)} }`

describe('documents', () => {
  test.each([100, 500, 10_000])('5. with %i aliases are refused before anything runs', async count => {
    expectRefused(await server.post({ query: `{ ${times(count, n => `a${n}: ${one}`)} }` }))
    const names = await server.post({ query: `{ ${times(count, n => `a${n}: __typename`)} }` })
    expectRefused(names, count === 100 ? 'aliases' : /./)
  })

  test.each([500, 20_000])('6. with %i times the same field are refused', async count => {
    expectRefused(await server.post({ query: `{ ${'__typename '.repeat(count)} }` }), /repetitions|tokens|characters/)
    expectRefused(await server.post({ query: `{ ${`${one} `.repeat(count)} }` }))
    expectRefused(await server.post({ query: `{ ${'... { __typename } '.repeat(count)} }` }))
  })

  test('6. with many different root fields are refused, through fragments too', async () => {
    const fields = (from: number) => times(11, n => `a${from + n}: __typename`)
    expectRefused(
      await server.post({
        query: `{ ...A ...B } fragment A on Query { ${fields(0)} } fragment B on Query { ${fields(11)} }`,
      }),
      'root fields',
    )
  })

  test.each([
    ['5,000 unknown directives', `{ __typename ${times(5000, n => `@d${n}`)} }`],
    ['50 unknown directives', `{ __typename ${times(50, n => `@d${n}`)} }`],
    ['10 times the same unknown directive', `{ __typename ${'@aa'.repeat(10)} }`],
    ['50 times @skip', `{ __typename ${'@skip(if: false) '.repeat(50)} }`],
    [
      '@skip at 50 places',
      `{ ${times(10, () => '__typename @skip(if: false)')} ${times(40, () => `... on Query @skip(if: false) { ...F }`)} } fragment F on Query { __typename }`,
    ],
    ['directives on a variable', `query ($a: Int ${'@a '.repeat(10)}) { __typename }`],
    ['directives on a fragment', `{ ...F } fragment F on Query ${'@a '.repeat(10)} { __typename }`],
    ['directives on an operation', `query ${'@a '.repeat(10)} { __typename }`],
  ])('7. with %s are refused', async (_name, query) => {
    expectRefused(await server.post({ query }))
  })

  test.each([
    ['fields', nested(5000)],
    ['fields, fewer than the tokens allow', nested(600)],
    ['lists', `{ connector(by: ${'['.repeat(5000)}${']'.repeat(5000)}) { id } }`],
    ['objects', `{ connector(by: ${'{ a: '.repeat(5000)} 1 ${'}'.repeat(5000)}) { id } }`],
    ['types of a variable', `query ($a: ${'['.repeat(5000)} Int ${']'.repeat(5000)}) { __typename }`],
    ['brackets that never close', '{a'.repeat(5000)],
    ['inline fragments', `{ ${'... { '.repeat(5000)} id ${'}'.repeat(5000)} }`],
  ])('8. with %s 5,000 deep are refused', async (_name, query) => {
    expectRefused(await server.post({ query }), /depth|tokens/)
  })

  test('8. that are deep through a chain of fragments are refused for their depth', async () => {
    const chain = times(
      19,
      n => `fragment F${n} on Connector { datasets { nodes { connector { ${n === 18 ? 'id' : `...F${n + 1}`} } } } }`,
    )
    expectRefused(await server.post({ query: `{ connector(by: { name: "x" }) { ...F0 } } ${chain}` }), 'depth')
  })

  test.each([
    ['a fragment that spreads itself', '{ ...A } fragment A on Query { __typename ...A }'],
    ['a circle of two', '{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }'],
    ['a circle that nothing spreads', '{ __typename } fragment A on Query { ...B } fragment B on Query { ...A }'],
    ['1,500 fragments', `{ ...F0 } ${times(1500, n => `fragment F${n} on Query { __typename }`)}`],
    ['200 fragments', `{ ...F0 } ${times(200, n => `fragment F${n} on Query { __typename }`)}`],
    ['a thousand spreads', `{ ${'...F '.repeat(900)} } fragment F on Query { __typename }`],
    [
      'fragments that double fifty times',
      `{ ...F0 } ${times(48, n => `fragment F${n} on Query { ...F${n + 1} ...F${n + 1} }`)} fragment F48 on Query { __typename }`,
    ],
  ])('9. with %s are refused', async (_name, query) => {
    expectRefused(await server.post({ query }))
  })

  test('9. with two fragments of one name are refused before one of them is validated unmeasured', async () => {
    const large = `fragment F on Query { ${'__typename '.repeat(1900)} }`
    expectRefused(await server.post({ query: `{ ...F } ${large} fragment F on Query { __typename }` }), 'same name')
  })

  test('9. hide no depth by sharing a fragment between two depths, nor by the name of a query', async () => {
    const levels = (inner: string, count: number): string =>
      count === 0 ? inner : `datasets { nodes { connector { ${levels(inner, count - 1)} } } }`
    // A fragment that is measured at a harmless place first, and spread at a deep one after that.
    const shared = `{ a: connector(by: { name: "x" }) { ...F } b: connector(by: { name: "x" }) { ${levels('...F', 3)} } }
      fragment F on Connector { ${levels('id', 3)} }`
    expectRefused(await server.post({ query: shared }), 'depth')
    const named = `query __schema { connector(by: { name: "x" }) { ${levels('id', 6)} } }`
    expectRefused(await server.post({ query: named }), 'depth')
    const inside = `query { ...__schema } fragment __schema on Query { connector(by: { name: "x" }) { ${levels('id', 6)} } }`
    expectRefused(await server.post({ query: inside }), 'depth')
  })

  test('10. that ask the schema in circles are refused where it may be read', async () => {
    const circle = (levels: number): string => (levels === 0 ? 'name' : `fields { type { ${circle(levels - 1)} } }`)
    for (const levels of [3, 4, 8, 40]) {
      expectRefused(await server.post({ query: `{ __schema { types { ${circle(levels)} } } }` }))
    }
    const spread = `{ __schema { types { ...A } } } fragment A on __Type { fields { type { ...B } } }
      fragment B on __Type { fields { type { ...C } } } fragment C on __Type { fields { type { name } } }`
    expectRefused(await server.post({ query: spread }))
    expect((await server.post({ query: getIntrospectionQuery() })).status).toBe(200)
  })

  test('11. with a list of 200,000 items, or of 1,000, are refused', async () => {
    const list = (count: number) => `{ nodes(ids: [${'"a" '.repeat(count)}]) { id } }`
    expectRefused(await server.post({ query: list(200_000) }))
    expectRefused(await server.post({ query: list(1000) }), 'items of one list')
    expectRefused(await server.post({ query: list(101) }), 'items of one list')
  })

  test('11. with many faults are told at most ten', async () => {
    const { status, body } = await server.post({ query: `{ ${times(25, n => `unknown${n}`)} ${one} }` })
    expect(status).toBe(400)
    expect(body.errors).toHaveLength(1)
    const faults = await server.post({ query: `{ ${times(15, n => `unknown${n}`)} ${one} }` })
    expectRefused(faults)
    expect(faults.body.errors).toHaveLength(10)
  })
})

describe('variables', () => {
  const typed =
    'query ($types: [ConnectorTypeName!]) { connectors(first: 1, filter: { types: $types }) { nodes { id } } }'

  test('11. with a list of 50,000 wrong items are refused, with at most ten errors', async () => {
    const wrong = (count: number) => server.post({ query: typed, variables: { types: Array(count).fill('X') } })
    expectRefused(await wrong(50_000), 'at most 12000 values')
    const fewer = await wrong(5_000)
    expectRefused(fewer, 'does not exist')
    expect(fewer.body.errors).toHaveLength(10)
  })

  test.each([
    ['an integer of 2^31', 'query ($n: Int!) { connectors(first: $n) { nodes { id } } }', '{"n":2147483648}'],
    ['a huge number', 'query ($n: Int!) { connectors(first: $n) { nodes { id } } }', '{"n":1e400}'],
    [
      'a number of 10,000 digits',
      'query ($n: Int!) { connectors(first: $n) { nodes { id } } }',
      `{"n":${'9'.repeat(10_000)}}`,
    ],
    ['a fraction', 'query ($n: Int!) { connectors(first: $n) { nodes { id } } }', '{"n":1.5}'],
    ['NaN, which JSON does not have', 'query ($n: Int!) { connectors(first: $n) { nodes { id } } }', '{"n":NaN}'],
    ['JSON 10,000 deep', typed, `{"types":${'['.repeat(10_000)}${']'.repeat(10_000)}}`],
    ['objects 10,000 deep', typed, `{"types":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`],
    ['a member named __proto__', typed, '{"types":[{"__proto__":{"polluted":true}}]}'],
    ['variables named __proto__', typed, '{"__proto__":{"types":["MADE_UP"]}}'],
    ['constructor and prototype', typed, '{"types":{"constructor":{"prototype":{"polluted":true}}}}'],
    [
      'a text of 200,000 characters',
      'query ($n: Int!) { connectors(first: $n) { nodes { id } } }',
      `{"n":"${'x'.repeat(200_000)}"}`,
    ],
    ['an unpaired surrogate for a name', typed, '{"types":["\\ud800"]}'],
  ])('12. with %s are refused, and nothing is polluted', async (_name, query, variables) => {
    const answer = await server.post(`{"query":${JSON.stringify(query)},"variables":${variables}}`)
    expectRefused(answer)
    expect(JSON.stringify(answer.body).length).toBeLessThan(20_000)
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  test('11. with thousands of unknown members, or wrong items, do not stall the others', async () => {
    const members = Object.fromEntries(
      times(11_000, n => `nam${n}`)
        .split(' ')
        .map(name => [name, 1]),
    )
    const query = 'query ($by: ConnectorRef!) { connector(by: $by) { id } }'
    const delay = monitorEventLoopDelay({ resolution: 5 })
    for (const asked of [
      { query, variables: { by: members } },
      { query: typed, variables: { types: Array(11_000).fill('S'.repeat(16)) } },
    ]) {
      delay.enable()
      expectRefused(await server.post(asked))
      delay.disable()
    }
    // With a message for each it is seconds, for members the better part of a minute.
    expect(delay.max / 1e6).toBeLessThan(500)
  })

  test.each([
    ['of an argument', 'query ($by: ConnectorRef = { name: "x" }) { connector(by: $by) { id } }', { by: null }],
    [
      'of a directive',
      'query ($no: Boolean = true) { connector(by: { name: "x" }) { id @skip(if: $no) } }',
      { no: null },
    ],
  ])('12. with null in the place of the default %s are no fault of the server', async (_what, query, variables) => {
    const { status, body } = await server.post({ query, variables })
    expect(status).toBeLessThan(500)
    expect(body.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
    expect(JSON.stringify(body.errors)).not.toContain('ConnectorRef')
    expect(server.log()).not.toContain('Unexpected error')
  })

  test('12. literals of the same kind are refused too', async () => {
    for (const value of ['2147483648', '1e400', '1.5', '9'.repeat(10_000), '"x"', '{__proto__: {polluted: true}}']) {
      expectRefused(await server.post({ query: `{ connectors(first: ${value}) { nodes { id } } }` }))
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })

  test('12. a member of 1 MB, or many of long names, costs no more than it is worth', async () => {
    const query = 'query ($by: ConnectorRef!) { connector(by: $by) { id } }'
    const big = await server.post({ query, variables: { by: { name: 'x'.repeat(1_000_000) } } })
    expectRefused(big)
    expect(big.status).toBe(413)
    const long = ' cannot represent "" is not defined by type "" Did you mean '
    const named = await server.post({ query, variables: { by: { [long.repeat(3000)]: 1, [long.repeat(100)]: 1 } } })
    expectRefused(named)
    expect(JSON.stringify(named.body).length).toBeLessThan(10_000)
  })

  test('21. a page of 10,000, and pages within pages, are refused for what they cost', async () => {
    const { body } = await server.post({ query: '{ connectors(first: 10000) { nodes { id } } }' })
    expect(body.errors?.[0]?.extensions?.['code']).toBe('BAD_USER_INPUT')
    const query = `query ($n: Int) {
      connectors(first: $n) { nodes { datasets(first: $n) { nodes { connector { datasets(first: $n) { nodes { id } } } } } } }
    }`
    expectRefused(await server.post({ query, variables: { n: 100 } }), 'complexity')
    expectRefused(await server.post({ query: query.replace('($n: Int)', '').replaceAll('$n', '100') }), 'complexity')
  })
})

describe('parameters of a request', () => {
  const query = '{ __typename }'
  test.each([
    ['an unknown operationName', { query: 'query A { __typename }', operationName: 'B' }],
    ['two operations and no name', { query: 'query A { __typename } query B { __typename }' }],
    ['two operations of one name', { query: 'query A { __typename } query A { __typename }', operationName: 'A' }],
    ['two anonymous operations', { query: '{ __typename } { __typename }' }],
    ['an empty document', { query: '' }],
    ['a document of blanks', { query: ' \n\t,,, ' }],
    ['a comment for a document', { query: '# nothing' }],
    ['a document of types', { query: 'type Query { a: Int }' }],
    ['no document', {}],
    ['null for a document', { query: null }],
    ['a number for a document', { query: 1 }],
    ['a list for a document', { query: [query] }],
    ['an object for a document', { query: { toString: 'x' } }],
    ['a list of variables', { query, variables: [1] }],
    ['a text of variables', { query, variables: '{}' }],
    ['a number for operationName', { query: 'query A { __typename }', operationName: 1 }],
    ['a list for operationName', { query: 'query A { __typename }', operationName: ['A'] }],
    ['an object for operationName', { query: 'query A { __typename }', operationName: {} }],
    ['a text of extensions', { query, extensions: 'x' }],
    ['an unknown parameter', { query, debug: true }],
    ['null for everything', null],
    ['a list', []],
    ['a batch of ten', Array(10).fill({ query })],
    ['a number', 1],
    ['a text', '"{ __typename }"'],
    ['broken JSON', '{"query":'],
    ['no body', ''],
    ['a byte order mark', `\ufeff${JSON.stringify({ query })}`],
    ['a control character', { query: '{ \u0000 __typename }' }],
  ])('18. with %s are answered 400', async (_name, body) => {
    const answer = await server.post(body === null ? 'null' : body)
    expect(answer.status).toBe(400)
    expect(answer.body.data ?? null).toBeNull()
    for (const { extensions } of answer.body.errors ?? []) expect(extensions?.['code']).toMatch(/^(BAD|GRAPHQL)_/)
    expect(answer.body.errors?.length).toBeGreaterThan(0)
  })

  test('18. in bytes that are no UTF-8 are answered 400', async () => {
    const bytes = Buffer.concat([
      Buffer.from('{"query":"{ __typename }","operationName":"'),
      Buffer.from([0xff, 0xc0]),
      Buffer.from('"}'),
    ])
    const response = await fetch(server.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: bytes,
    })
    expect([response.status, await response.text()]).toEqual([400, expect.stringContaining('UTF-8')])
  })

  test('18. of which the last of two members counts, as in any JSON', async () => {
    const answer = await server.post('{"query":"{ unknown }","query":"{ __typename }"}')
    expect(answer.body).toEqual({ data: { __typename: 'Query' } })
  })

  test('4. a batch is refused, whatever it holds', async () => {
    for (const count of [0, 1, 2, 10, 1000]) {
      expect((await server.post(Array(count).fill({ query: `{ ${one} }` }))).status).toBe(400)
    }
    expect(calls()).toBe(0)
  })
})

/** In milliseconds: the median is what one busy moment cannot change. */
async function medianOf(run: (index: number) => Promise<unknown>): Promise<number> {
  const taken: number[] = []
  for (let index = 0; index < 7; index += 1) {
    const begin = performance.now()
    await run(index)
    taken.push(performance.now() - begin)
  }
  return taken.sort((a, b) => a - b)[3] ?? 0
}

describe('what is refused costs the server little more than what is answered', () => {
  const space = (index: number) => ' '.repeat(index)
  const attacks: readonly (readonly [string, (index: number) => unknown])[] = [
    [
      '5. 10,000 aliases in 64 KB',
      n => ({ query: `{ ${times(4_000, m => `a${m}: __typename`)}${space(n)} }`.slice(0, 64_000) }),
    ],
    ['6. 500 times the same field', n => ({ query: `{ ${`${one} `.repeat(150)}${space(n)} }` })],
    ['7. 5,000 directives', n => ({ query: `{ __typename ${times(5000, m => `@d${m}`)}${space(n)} }` })],
    ['8. 5,000 levels', n => ({ query: `${nested(5000)}${space(n)}` })],
    [
      '9. 300 fragments',
      n => ({ query: `{ ...F0 } ${times(300, m => `fragment F${m} on Query { ...F${m + 1} }`)}${space(n)}` }),
    ],
    [
      '10. the schema in circles',
      n => ({
        query: `{ __schema { types { ${'fields { type { '.repeat(14)} name ${'} }'.repeat(14)} } }${space(n)} }`,
      }),
    ],
    [
      '11. 50,000 wrong items',
      n => ({
        query: `query ($a: [ConnectorTypeName!])${space(n)} { connectors(first: 1, filter: { types: $a }) { nodes { id } } }`,
        variables: { a: Array(50_000).fill('X') },
      }),
    ],
    [
      '12. a name of 190 KB that looks like many messages',
      n => ({
        query: `query ($by: ConnectorRef!)${space(n)} { connector(by: $by) { id } }`,
        variables: { by: { [' cannot represent'.repeat(11_000)]: 1 } },
      }),
    ],
    [
      '12. a text of 60 KB that looks like many suggestions',
      n => ({ query: `{ connectors(first: "${' Did you mean'.repeat(4_500)}${space(n)}") { nodes { id } } }` }),
    ],
  ]

  test.each(attacks)('%s', async (_name, attack) => {
    // The comparison: the largest thing that GraphiQL asks for, each time anew, with as large a body for the network.
    const normal = getIntrospectionQuery()
    const filler = '#'.repeat(60_000 - normal.length)
    const ordinary = () =>
      medianOf(index => server.post({ query: `${normal}${space(index + Math.floor(Math.random() * 1000))}${filler}` }))
    const before = await ordinary()
    const refused = await medianOf(async index => {
      const { status } = await server.post(attack(index))
      expect([400, 413]).toContain(status)
    })
    const after = await ordinary()
    expect(refused / Math.max(before, after)).toBeLessThan(3)
    expect(calls()).toBe(0)
  })
})

describe('found by fuzzing', () => {
  test('a subscription whose field is left out is refused, not a fault', async () => {
    const field = (directive: string) =>
      `testConnection(input: { target: { saved: { name: "x" } } }) ${directive} { __typename }`
    for (const query of [
      `subscription { ${field('@include(if: false)')} }`,
      `subscription ($a: Boolean = true) { ${field('@skip(if: $a)')} }`,
      `subscription { ... @skip(if: true) { ${field('')} } }`,
      `subscription { ...F @skip(if: true) } fragment F on Subscription { ${field('')} }`,
      `subscription { ...F } fragment F on Subscription { ${field('@skip(if: true)')} }`,
    ]) {
      expectRefused(await server.post({ query }), 'depend on')
    }
  })

  test('an item of a list that is refused at once leaves no rejection behind, which would end the process', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    try {
      page.mockResolvedValueOnce({
        rows: [connectorRow('c1'), connectorRow('c2')],
        cursors: ['c1', 'c2'],
        hasNextPage: false,
      } as never)
      const { body } = await server.post({ query: '{ connectors { nodes { catalog(after: "bad") { __typename } } } }' })
      expect(body.errors?.[0]?.extensions?.['code']).toBe('BAD_USER_INPUT')
      // Rejections are told of once everything that was waiting has had its turn.
      await new Promise(resolve => setImmediate(resolve))
      expect(unhandled).not.toHaveBeenCalled()
    } finally {
      process.off('unhandledRejection', unhandled)
    }
  })
})
