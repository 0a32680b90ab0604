import { createCipheriv } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { describe, expect, it } from 'vitest'
import { s3 } from '../../../src/connectors/s3/index.ts'
import type { S3Content } from '../../servers/s3-objects.ts'
import { byGlob, byKey, columnsOf, expectQueryProblem, inputOf, queryS3, rowsOf, S3World } from './s3-run.ts'

/** The result of a query about one object. */
async function read(
  key: string,
  content: string | Uint8Array | S3Content,
  options: Readonly<Record<string, unknown>> = {},
) {
  await using world = await S3World.start()
  world.s3.objects.put(key, content)
  const outcome = await world.query(byKey(key, options))
  return { outcome, columns: columnsOf(outcome), rows: rowsOf(outcome), served: world.s3.served }
}

const parquet = (columnData: Parameters<typeof parquetWriteBuffer>[0]['columnData'], rowGroupSize?: number) =>
  new Uint8Array(parquetWriteBuffer({ columnData, ...(rowGroupSize !== undefined && { rowGroupSize }) }))

describe('an object of S3 as a dataset', () => {
  it.each<
    readonly [
      string,
      string | Uint8Array,
      Readonly<Record<string, unknown>>,
      readonly string[],
      readonly (readonly unknown[])[],
    ]
  >([
    [
      'a.csv',
      'n,name\n1,"a ""b"",\nc"\n2,\n',
      {},
      ['n', 'name'],
      [
        ['1', 'a "b",\nc'],
        ['2', null],
      ],
    ],
    ['a.tsv', 'n\tname\n1\tb,c\n', {}, ['n', 'name'], [['1', 'b,c']]],
    [
      'a.txt',
      "skip me\nn;name\n1;'x;y'\n",
      { format: 'CSV', csv: { delimiter: ';', quote: "'", skipLines: 1 } },
      ['n', 'name'],
      [['1', 'x;y']],
    ],
    ['a.CSV', '1,2\n', { csv: { header: false } }, ['column_1', 'column_2'], [['1', '2']]],
    ['latin.csv', Buffer.from('näme\nä\n', 'latin1'), { csv: { encoding: 'WINDOWS_1252' } }, ['näme'], [['ä']]],
    [
      'a.json',
      '[{"n":1,"name":"a"},{"n":2,"name":"b"}]',
      {},
      ['n', 'name'],
      [
        [1, 'a'],
        [2, 'b'],
      ],
    ],
    ['one.json', '{"n":1}', {}, ['n'], [[1]]],
    ['deep.json', '{"data":{"items":[{"n":1}]}}', { json: { records: 'data.items' } }, ['n'], [[1]]],
    ['a.ndjson', '{"n":1}\n{"n":2}\n', {}, ['n'], [[1], [2]]],
    ['a.jsonl', '{"n":"ü"}\n', {}, ['n'], [['ü']]],
    ['a.csv.gz', gzipSync('n\n1\n'), {}, ['n'], [['1']]],
    ['no-extension', gzipSync('{"n":1}\n'), { format: 'NDJSON' }, ['n'], [[1]]],
    ['really-gzip.csv', gzipSync('n\n1\n'), { compression: 'GZIP' }, ['n'], [['1']]],
    ['chosen.csv', 'a,b,c\n1,2,3\n', { columns: ['c', 'a'] }, ['c', 'a'], [['3', '1']]],
    [
      'a.parquet',
      parquet([
        { name: 'n', data: [1, 2], type: 'INT32' },
        { name: 'name', data: ['a', 'b'], type: 'STRING' },
      ]),
      {},
      ['n', 'name'],
      [
        [1, 'a'],
        [2, 'b'],
      ],
    ],
    [
      'chosen.parquet',
      parquet([
        { name: 'n', data: [1, 2], type: 'INT32' },
        { name: 'name', data: ['a', 'b'], type: 'STRING' },
      ]),
      { columns: ['name'] },
      ['name'],
      [['a'], ['b']],
    ],
  ])('is read as what it is: %s', async (key, content, options, expectedColumns, expectedRows) => {
    const { columns, rows } = await read(key, content, options)
    expect(columns).toEqual(expectedColumns)
    expect(rows).toEqual(expectedRows)
  })

  it('is asked for by itself: nothing is listed, and who may not list reads it', async () => {
    await using world = await S3World.start({ denies: action => action === 's3:ListBucket' })
    world.s3.objects.put('a.csv', 'n\none\n')
    expect(rowsOf(await world.query(byKey('a.csv')))).toEqual([['one']])
    expect(world.s3.operations).not.toContain('ListObjectsV2')
    await expect.poll(() => world.s3.openConnections).toBe(0)
  })

  it('may be empty, or have nothing but a header', async () => {
    expect((await read('a.csv', '')).rows).toEqual([])
    const { columns, rows } = await read('a.csv', 'a,b\n')
    expect([columns, rows]).toEqual([['a', 'b'], []])
  })

  // Keys are bytes; what a URL, a listing or an editor makes of them is their own.
  const keys = [
    'with space.csv',
    'plus+sign.csv',
    'percent%2Fslash.csv',
    'percent%.csv',
    'and&equals=question?.csv',
    'hash#.csv',
    'quotes"\'`.csv',
    'brackets<[{(>]}).csv',
    'back\\slash.csv',
    'semi;colon,comma:@$!*~|^.csv',
    'composed-\u00fc.csv',
    'decomposed-u\u0308.csv',
    'kanji-日本.csv',
    'emoji-😀.csv',
    'tab\tnewline\nreturn\r.csv',
    'control\u0001\u001f\u007f.csv',
    '/leading/slash.csv',
    'double//slash.csv',
    'dots/...csv',
    'trailing/slash/',
    `long/${'x'.repeat(1_024 - 9)}.csv`,
    `wide/${'é'.repeat((1_024 - 10) / 2)}x.csv`,
  ]
  it.each(keys)('is found by the key %j, and by no other', async key => {
    expect(Buffer.byteLength(key)).toBeLessThanOrEqual(1_024)
    await using world = await S3World.start()
    for (const other of keys) world.s3.objects.put(other, `key\nother\n`)
    world.s3.objects.put(key, 'key\nthis\n')
    expect(rowsOf(await world.query(byKey(key, { format: 'CSV' })))).toEqual([['this']])
    const literal = key.replaceAll(/[\\*?]/g, '\\$&')
    if (!key.endsWith('/')) {
      expect(rowsOf(await world.query(byGlob(literal, { format: 'CSV' })))).toEqual([[key, 'this']])
    }
  })

  it('is one of two that look alike, with neither of them taken for the other', async () => {
    await using world = await S3World.start()
    world.s3.objects.put('\u00fc.csv', 'form\ncomposed\n')
    expectQueryProblem(await world.query(byKey('u\u0308.csv')), { code: 'NO_OBJECT_MATCHES' })
    world.s3.objects.put('u\u0308.csv', 'form\ndecomposed\n')
    expect(rowsOf(await world.query(byKey('u\u0308.csv')))).toEqual([['decomposed']])
    expect(rowsOf(await world.query(byKey('\u00fc.csv')))).toEqual([['composed']])
    expect(rowsOf(await world.query(byGlob('**.csv')))).toEqual([
      ['u\u0308.csv', 'decomposed'],
      ['\u00fc.csv', 'composed'],
    ])
  })
})

describe('a Parquet object', () => {
  const rowCount = 20_000
  const rowBytes = 500
  /** Noise does not compress, and is the same every time. */
  const noise = createCipheriv('aes-128-ctr', Buffer.alloc(16), Buffer.alloc(16)).update(
    Buffer.alloc(rowCount * rowBytes),
  )
  const noisy = Array.from({ length: rowCount }, (_, index) => noise.subarray(index * rowBytes, (index + 1) * rowBytes))
  const file = parquet(
    [
      { name: 'n', data: Array.from({ length: rowCount }, (_, index) => index), type: 'INT32' },
      { name: 'noise', data: noisy, type: 'BYTE_ARRAY' },
    ],
    2_000,
  )

  it('is read in ranges, of which each must be of the same object', async () => {
    await using world = await S3World.start()
    const { etag } = world.s3.objects.put('big.parquet', file)
    const outcome = await world.query(byKey('big.parquet', { columns: ['n'] }), {
      limits: { maxRows: 50_000, maxBytes: 16_777_216 },
    })
    expect(rowsOf(outcome)).toHaveLength(rowCount)
    expect(rowsOf(outcome).at(-1)).toEqual([rowCount - 1])
    const gets = world.s3.served.filter(({ operation }) => operation === 'GetObject')
    expect(gets.map(({ status }) => status)).toEqual(gets.map(() => 206))
    for (const { headers } of gets.slice(1)) expect(headers).toMatchObject({ 'if-match': etag })
    expect(file.length).toBeGreaterThan(3_000_000)
    // The column that is wanted, the footer, and little else.
    expect(world.s3.traffic.sentBytes).toBeLessThan(file.length / 5)
  })

  it('is read only as far as rows are wanted', async () => {
    await using world = await S3World.start()
    world.s3.objects.put('big.parquet', file)
    const outcome = await world.query(byKey('big.parquet'), { limits: { maxRows: 10, maxBytes: 1_048_576 } })
    expect(outcome).toMatchObject({ kind: 'RESULT', result: { truncated: true } })
    expect(rowsOf(outcome)).toHaveLength(10)
    expect(world.s3.traffic.sentBytes).toBeLessThan(file.length / 2)
  })

  it('is read whole and right where all of it is wanted, in ranges larger than what comes at once', async () => {
    await using world = await S3World.start()
    const data = Array.from({ length: 3_000 }, (_, index) => `${index}-${'x'.repeat(1_000)}${(index * 7919) % 1_000}`)
    world.s3.objects.put('wide.parquet', parquet([{ name: 'text', data, type: 'STRING' }]))
    const outcome = await world.query(byKey('wide.parquet'), { limits: { maxRows: 5_000, maxBytes: 16_777_216 } })
    expect(rowsOf(outcome).map(([text]) => text)).toEqual(data)
  })

  it.each(['SHORT_RANGE', 'OTHER_RANGE'] as const)(
    'is refused where its server answers ranges with something else (%s)',
    async fault => {
      await using world = await S3World.start({
        at: { GetObject: count => (count > 1 ? fault : null) },
      })
      world.s3.objects.put('big.parquet', file)
      const outcome = await world.query(byKey('big.parquet'))
      expect(outcome.kind, JSON.stringify(outcome).slice(0, 300)).toBe('PROBLEM')
      if (outcome.kind === 'PROBLEM') {
        expect(['PROTOCOL_VIOLATION', 'CONNECTION_RESET']).toContain(outcome.problem.code)
        expectQueryProblem(outcome, { code: outcome.problem.code })
      }
      await expect.poll(() => world.s3.openConnections).toBe(0)
    },
  )

  it('is read right where its server sends more than was asked for', async () => {
    await using world = await S3World.start({ at: { GetObject: 'LONG_RANGE' } })
    world.s3.objects.put('big.parquet', file)
    const outcome = await world.query(byKey('big.parquet'), { limits: { maxRows: 3, maxBytes: 1_048_576 } })
    expect(rowsOf(outcome)).toEqual([0, 1, 2].map(index => [index, noisy[index]?.toString('base64')]))
  })

  it('is not read to its end again and again where the server takes no notice of ranges', async () => {
    await using world = await S3World.start({ at: { GetObject: 'IGNORE_RANGE' } })
    world.s3.objects.put('big.parquet', file)
    expectQueryProblem(await world.query(byKey('big.parquet', { columns: ['n'] })), { code: 'PROTOCOL_VIOLATION' })
    await expect.poll(() => world.s3.openConnections).toBe(0)
    // What is on the way when a transfer is given up.
    expect(world.s3.traffic.sentBytes).toBeLessThan(3 * file.length)
  })

  it('is never put together of two objects', async () => {
    let put = () => {}
    await using world = await S3World.start({
      at: {
        GetObject: count => {
          if (count === 3) put()
          return null
        },
      },
    })
    world.s3.objects.put('big.parquet', file)
    put = () => world.s3.objects.put('big.parquet', file, { version: 2 })
    const outcome = await world.query(byKey('big.parquet'), { limits: { maxRows: 50_000, maxBytes: 33_554_432 } })
    expectQueryProblem(outcome, { code: 'OBJECT_CHANGED', retryable: true })
  })
})

describe('what is wrong with objects', () => {
  it.each<readonly [string, string, string | Uint8Array, Readonly<Record<string, unknown>>, string]>([
    ['FILE_FORMAT_UNKNOWN', 'a.xlsx', 'x', {}, 'format'],
    ['FILE_FORMAT_UNKNOWN', 'a', 'x', {}, 'format'],
    ['FILE_MALFORMED', 'a.json', '[{"n":1},', {}, ''],
    ['FILE_MALFORMED', 'a.ndjson', '{"n":1}\nnot json\n', {}, ''],
    ['FILE_MALFORMED', 'a.csv', 'a,b\n1,2,3\n', {}, ''],
    ['FILE_MALFORMED', 'a.csv', Buffer.from([0x61, 0x0a, 0xff, 0xfe, 0x0a]), {}, ''],
    ['FILE_MALFORMED', 'a.csv.gz', gzipSync('n\n1\n').subarray(0, 15), {}, ''],
    ['FILE_MALFORMED', 'a.csv', 'n\n1\n', { compression: 'GZIP' }, ''],
    ['FILE_MALFORMED', 'a.parquet', 'PAR1 not at all PAR1', {}, ''],
    ['FILE_MALFORMED', 'a.parquet', 'x', {}, ''],
  ])('is said: %s of %s', async (code, key, content, options, field) => {
    await using world = await S3World.start()
    world.s3.objects.put(key, content)
    const problem = expectQueryProblem(await world.query(byKey(key, options)), { code: code as never })
    expect(problem.message).toContain(key)
    if (field !== '') expect(problem.fields).toEqual([field])
  })

  it('is said of columns that are not there, with those that are', async () => {
    await using world = await S3World.start()
    world.s3.objects.put('a.csv', 'n,name\n1,a\n')
    const outcome = await world.query(byKey('a.csv', { columns: ['nmae'] }))
    const { fields, detail } = expectQueryProblem(outcome, { code: 'QUERY_INVALID' })
    expect(fields).toEqual(['columns'])
    expect(detail).toContain('"name"')
  })

  it('is said of a key that is not there', async () => {
    await using world = await S3World.start()
    world.s3.objects.put('Orders.csv', 'n\n')
    const problem = expectQueryProblem(await world.query(byKey('orders.csv')), { code: 'NO_OBJECT_MATCHES' })
    expect(problem).toMatchObject({ fields: ['source.key.key'], params: { pattern: 'orders.csv' } })
  })

  it('is said of an archived one, by key and by glob', async () => {
    await using world = await S3World.start()
    world.s3.objects.put('a.csv', 'n\n1\n', { storageClass: 'GLACIER' })
    for (const query of [byKey('a.csv'), byGlob('*.csv')]) {
      const { message } = expectQueryProblem(await world.query(query), { code: 'OBJECT_ARCHIVED' })
      expect(message).toMatch(/a\.csv.*GLACIER/)
    }
  })

  it('is said of rights that are missing, and of a bucket that is not there', async () => {
    await using world = await S3World.start({ denies: action => action === 's3:GetObject' })
    world.s3.objects.put('a.csv', 'n\n1\n')
    expectQueryProblem(await world.query(byKey('a.csv')), { code: 'CLOUD_ACCESS_DENIED' })
    expectQueryProblem(await world.query(byKey('a.csv'), {}, { bucket: 'nobodys' }), {
      code: 'CLOUD_RESOURCE_NOT_FOUND',
    })
  })

  it('is said of a key encrypted by somebody, as far as S3 tells', async () => {
    await using world = await S3World.start({
      at: { GetObject: { error: 'KMS.DisabledException', status: 400, message: 'The key is disabled.' } },
    })
    world.s3.objects.put('a.csv', 'n\n1\n')
    expectQueryProblem(await world.query(byKey('a.csv')), { code: 'OBJECT_NOT_DECRYPTABLE' })
  })
})

describe('the prefix of the connector', () => {
  const prefix = 'exports/'

  it.each([
    byKey('other/a.csv'),
    byKey('a.csv'),
    byKey('Exports/a.csv'),
    byKey('exports'),
    byGlob('**'),
    byGlob('*.csv'),
    byGlob('exp*/a.csv'),
    byGlob('other/*'),
  ])('lets nobody ask for anything else: %j', async query => {
    await using world = await S3World.start()
    world.s3.objects.put('other/a.csv', 'n\n1\n')
    const outcome = await world.query(query, {}, { prefix })
    const field = 'key' in query.source ? 'source.key.key' : 'source.glob.pattern'
    const { message } = expectQueryProblem(outcome, { code: 'OBJECT_OUTSIDE_PREFIX', fields: [field] })
    expect(message).toContain(prefix)
    expect(world.s3.connections + world.aws.connections).toBe(0)
  })

  it('holds against a server that lists what was not asked for', async () => {
    await using world = await S3World.start({
      at: {
        ListObjectsV2: {
          listing: [
            { key: 'exports/a.csv', size: 4 },
            { key: 'secret/a.csv', size: 4 },
            { key: 'exports/../secret/a.csv', size: 4 },
          ],
        },
      },
    })
    for (const key of ['exports/a.csv', 'secret/a.csv', 'exports/../secret/a.csv']) world.s3.objects.put(key, 'n\n1\n')
    await world.query(byGlob('exports/*.csv'), {}, { prefix })
    const keys = world.s3.served.flatMap(({ operation, key }) => (operation === 'GetObject' ? [key] : []))
    expect(keys).toEqual(['exports/a.csv'])
  })

  it('lets everything else through', async () => {
    await using world = await S3World.start()
    world.s3.objects.put('exports/a.csv', 'n\none\n')
    expect(rowsOf(await world.query(byKey('exports/a.csv'), {}, { prefix }))).toEqual([['one']])
    expect(rowsOf(await world.query(byGlob('exports/*'), {}, { prefix }))).toEqual([['exports/a.csv', 'one']])
  })
})

describe('the way to S3 in a query', () => {
  it.each([
    ['a wrong secret', { credentials: { accessKey: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'no' } } }],
    ['an unknown key', { credentials: { accessKey: { accessKeyId: 'AKIAUNKNOWNUNKNOWNXX', secretAccessKey: 'no' } } }],
  ])('ends with %s where it is refused', async (_, change) => {
    await using world = await S3World.start()
    world.s3.objects.put('a.csv', 'n\n')
    expectQueryProblem(await world.query(byKey('a.csv'), {}, change), { code: 'CLOUD_CREDENTIALS_REJECTED' })
  })

  it('ends where another region is told, with the remedy', async () => {
    await using world = await S3World.start({ buckets: { sales: 'eu-central-1' } })
    world.s3.objects.put('a.csv', 'n\n')
    const { remedies } = expectQueryProblem(await world.query(byGlob('*')), { code: 'CLOUD_REGION_MISMATCH' })
    expect(remedies).toMatchObject([{ kind: 'SET_FIELD', field: 'region', value: 'eu-central-1' }])
  })

  it('is checked before anything is said', async () => {
    const outcome = await queryS3(inputOf(), byKey('a.csv'), {
      network: { awsEndpoints: { s3: 'http://169.254.169.254' } },
    })
    expectQueryProblem(outcome, { code: 'EGRESS_DENIED' })
  })

  it('has the budget that its steps add up to', () => {
    const config = s3.form.schema.parse(inputOf({ limits: { statementTimeoutSeconds: 100 } }))
    expect(s3.queryBudgetMs(config as never)).toBeGreaterThan(100_000)
  })
})
