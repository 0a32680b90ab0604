import { describe, expect, it } from 'vitest'
import type { S3FaultRule } from '../../servers/s3-double.ts'
import { repeatedContent } from '../../servers/s3-objects.ts'
import { byGlob, columnsOf, expectQueryProblem, rowsOf, S3World } from './s3-run.ts'

const rows = (world: S3World, pattern: string, maxRows = 5_000) =>
  world.query(byGlob(pattern), { limits: { maxRows, maxBytes: 16_777_216 } })

const listings = (world: S3World) => world.s3.served.filter(({ operation }) => operation === 'ListObjectsV2')
const readKeys = (world: S3World) =>
  world.s3.served.flatMap(({ operation, key }) => (operation === 'GetObject' ? [key] : []))

describe('a glob over the keys of a bucket', () => {
  it('reads what matches, in the order of keys by their bytes, with the key of each row', async () => {
    await using world = await S3World.start()
    // Not the order of JavaScript, in which the last two are the other way round.
    const keys = ['B.csv', 'a/x.csv', 'a+b.csv', 'é.csv', '\uffee.csv', '😀.csv', 'a b.csv', 'a.txt']
    for (const key of keys) world.s3.objects.put(key, `n\nof ${key}\n`)
    const outcome = await rows(world, '**.csv')
    expect(columnsOf(outcome)).toEqual(['_object', 'n'])
    const expected = keys
      .filter(key => key.endsWith('.csv'))
      .sort((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
    expect(rowsOf(outcome)).toEqual(expected.map(key => [key, `of ${key}`]))
  })

  it.each<readonly [string, readonly string[]]>([
    ['*.csv', ['1.csv', '2.csv']],
    ['**.csv', ['1.csv', '2.csv', 'a/1.csv', 'a/b/1.csv']],
    ['a/*.csv', ['a/1.csv']],
    ['a/**.csv', ['a/1.csv', 'a/b/1.csv']],
    ['*/*/?.csv', ['a/b/1.csv']],
    ['?.csv', ['1.csv', '2.csv']],
    ['1.csv', ['1.csv']],
  ])('means by %s what its form says', async (pattern, expected) => {
    await using world = await S3World.start()
    for (const key of ['1.csv', '2.csv', '1.csvx', 'a/1.csv', 'a/b/1.csv', 'a/1.json']) {
      world.s3.objects.put(key, 'n\n1\n')
    }
    expect(rowsOf(await rows(world, pattern)).map(([key]) => key)).toEqual(expected)
    expect(readKeys(world)).toEqual(expected)
  })

  it('asks for keys with the beginning of the pattern, and for no others', async () => {
    await using world = await S3World.start()
    world.s3.objects.put('exports/2026/a.csv', 'n\n1\n')
    await rows(world, 'exports/2026/*.csv')
    for (const { query } of listings(world)) {
      expect(query.get('prefix')).toBe('exports/2026/')
      // XML has no place for some characters of keys.
      expect(query.get('encoding-type')).toBe('url')
    }
  })

  it('goes through more than a page', async () => {
    await using world = await S3World.start()
    for (let index = 0; index < 2_500; index += 1) {
      world.s3.objects.put(`n/${String(index).padStart(4, '0')}.${index % 500 === 499 ? 'csv' : 'txt'}`, 'n\n1\n')
    }
    const outcome = await rows(world, 'n/*.csv')
    expect(rowsOf(outcome).map(([key]) => key)).toEqual(['0499', '0999', '1499', '1999', '2499'].map(n => `n/${n}.csv`))
    expect(listings(world)).toHaveLength(3)
  })

  it('lists no page more than is wanted, and begins no object more', async () => {
    await using world = await S3World.start()
    for (let index = 0; index < 3_000; index += 1) world.s3.objects.put(`${10_000 + index}.csv`, 'n\n1\n')
    const outcome = await rows(world, '*.csv', 2)
    expect(outcome).toMatchObject({ kind: 'RESULT', result: { truncated: true } })
    expect(rowsOf(outcome)).toHaveLength(2)
    expect(listings(world)).toHaveLength(1)
    expect(readKeys(world).length).toBeLessThanOrEqual(3)
  })

  it('does not go into folders that it cannot reach into', async () => {
    await using world = await S3World.start()
    for (let index = 0; index < 3_000; index += 1) world.s3.objects.put(`logs/${index}.csv`, 'n\n1\n')
    world.s3.objects.put('top.csv', 'n\none\n')
    expect(rowsOf(await rows(world, '*.csv'))).toEqual([['top.csv', 'one']])
    expect(listings(world)).toHaveLength(1)
  })

  it('passes over empty objects and folders, and says where nothing is left', async () => {
    await using world = await S3World.start()
    world.s3.objects.put('a/', '')
    world.s3.objects.put('a/empty.csv', '')
    const { message, fields, detail } = expectQueryProblem(await rows(world, 'a/*'), { code: 'NO_OBJECT_MATCHES' })
    expect(message).toContain('a/*')
    expect(fields).toEqual(['source.glob.pattern'])
    expect(detail).toContain('empty')
    world.s3.objects.put('a/full.csv', 'n\none\n')
    expect(rowsOf(await rows(world, 'a/*.csv'))).toEqual([['a/full.csv', 'one']])
  })

  it('says that nothing matches, also where nothing can', async () => {
    await using world = await S3World.start()
    world.s3.objects.put('a.csv', 'n\n1\n')
    expectQueryProblem(await rows(world, '*.json'), { code: 'NO_OBJECT_MATCHES' })
    expect(readKeys(world)).toEqual([])
  })

  it('refuses files of different kinds, and says which', async () => {
    await using world = await S3World.start()
    world.s3.objects.put('1.csv', 'a,b\n1,2\n')
    world.s3.objects.put('2.csv', 'a,c\n1,2\n')
    const problem = expectQueryProblem(await rows(world, '*.csv'), { code: 'FILES_DIFFER' })
    expect(problem.params).toMatchObject({ key: '2.csv', first: '1.csv' })
    expect(problem.message).toContain('"c"')
  })

  it('fills up what files of one kind do not have, whatever their columns’ order', async () => {
    await using world = await S3World.start()
    world.s3.objects.put('1.csv', 'a,b\n1,2\n')
    world.s3.objects.put('2.csv', 'b,a\n4,3\n')
    world.s3.objects.put('3.csv', 'a\n5\n')
    expect(rowsOf(await rows(world, '*.csv'))).toEqual([
      ['1.csv', '1', '2'],
      ['2.csv', '3', '4'],
      ['3.csv', '5', null],
    ])
  })

  it('says which of many files is damaged', async () => {
    await using world = await S3World.start()
    world.s3.objects.put('1.ndjson', '{"n":1}\n')
    world.s3.objects.put('2.ndjson', '{"n":\n')
    const { message } = expectQueryProblem(await rows(world, '*.ndjson'), { code: 'FILE_MALFORMED' })
    expect(message).toContain('2.ndjson')
  })

  it.each<readonly [string, (world: S3World) => void]>([
    ['has gone', world => world.s3.objects.delete('a.csv')],
    ['is another one', world => world.s3.objects.put('a.csv', 'n\ntwo and more\n')],
    ['is another one of the same size', world => world.s3.objects.put('a.csv', 'n\none\n', { version: 2 })],
  ])('notices that an object %s since it was listed, whether the server compares or not', async (_, change) => {
    for (const fault of [null, 'IGNORE_MATCH'] as const) {
      let changeNow = () => {}
      await using world = await S3World.start({
        at: {
          GetObject: () => {
            changeNow()
            return fault
          },
        },
      })
      changeNow = () => change(world)
      world.s3.objects.put('a.csv', 'n\none\n')
      expectQueryProblem(await rows(world, '*.csv'), { code: 'OBJECT_CHANGED', retryable: true })
    }
  })
})

describe('a listing that is not to be believed', () => {
  const list = async (ListObjectsV2: S3FaultRule, pattern = '**.csv') => {
    await using world = await S3World.start({ at: { ListObjectsV2 } })
    world.s3.objects.put('a.csv', 'n\n1\n')
    const outcome = await rows(world, pattern)
    await expect.poll(() => world.s3.openConnections).toBe(0)
    return { outcome, listings: listings(world).length, keys: readKeys(world) }
  }
  const a = { key: 'a.csv', size: 4 }

  it.each<readonly [string, S3FaultRule]>([
    ['whose token repeats', { listing: [], nextToken: 'again' }],
    [
      'whose token repeats, whatever is on its pages',
      count => ({ listing: [{ key: `${1_000 + count}.txt`, size: 4 }], nextToken: 'again' }),
    ],
    ['that has nothing on any of its pages', count => ({ listing: [], nextToken: `page ${count}` })],
    [
      'that begins anew with every page',
      count => ({ listing: [{ key: 'z.txt', size: 4 }], nextToken: `page ${count}` }),
    ],
    [
      'that goes backwards',
      count => ({ listing: [{ key: `${99 - count}.txt`, size: 4 }], nextToken: `page ${count}` }),
    ],
  ])('%s ends', async (_, rule) => {
    const { outcome, listings: pages } = await list(rule)
    expectQueryProblem(outcome, { code: 'PROTOCOL_VIOLATION' })
    expect(pages).toBeLessThan(60)
  })

  it.each<readonly [string, S3FaultRule]>([
    ['a key that is too long', { listing: [{ key: 'k'.repeat(1_025), size: 4 }] }],
    ['a size that is none', { listing: [{ key: 'a.csv', size: -1 }] }],
    ['half a size', { listing: [{ key: 'a.csv', size: 1.5 }] }],
    ['an empty key', { listing: [{ key: '', size: 4 }] }],
  ])('is refused for %s', async (_, rule) => {
    const { outcome, keys } = await list(rule)
    expectQueryProblem(outcome, { code: 'PROTOCOL_VIOLATION' })
    expect(keys).toEqual([])
  })

  it('is refused for a key that is not encoded as it says', async () => {
    const body =
      '<?xml version="1.0"?><ListBucketResult><Name>sales</Name><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated><Contents><Key>%FF%</Key><Size>4</Size></Contents></ListBucketResult>'
    const { outcome } = await list({ status: 200, headers: { 'x-amz-request-id': 'R1' }, body })
    expectQueryProblem(outcome, { code: 'PROTOCOL_VIOLATION' })
  })

  it('expands no entities, and reads no files', async () => {
    const laughs = Array.from({ length: 12 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('')
    const body = `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha"><!ENTITY f SYSTEM "file:///etc/passwd">${laughs}]><ListBucketResult><Name>sales</Name><IsTruncated>false</IsTruncated><Contents><Key>&l12;&f;.csv</Key><Size>4</Size></Contents></ListBucketResult>`
    const before = process.memoryUsage.rss()
    const { outcome, keys } = await list({ status: 200, headers: { 'x-amz-request-id': 'R1' }, body })
    expect(JSON.stringify([outcome, keys])).not.toMatch(/root:|haha/)
    expect(process.memoryUsage.rss() - before).toBeLessThan(200 * 2 ** 20)
    expect(outcome.kind).toBe('PROBLEM')
  })

  it('that says nothing matches keys elsewhere is not gone after', async () => {
    const { outcome, keys } = await list({ listing: [a, { key: 'secret/a.csv', size: 4 }] }, 'a*')
    expect(rowsOf(outcome)).toEqual([['a.csv', '1']])
    expect(keys).toEqual(['a.csv'])
  })

  it('that says an object of 10 GB has 10 bytes is noticed before the 10 GB are read', async () => {
    await using world = await S3World.start()
    world.s3.objects.put('a.csv', repeatedContent('1,2\n', 10 * 2 ** 30), { listedSize: 10 })
    expectQueryProblem(await rows(world, '*.csv'), { code: 'PROTOCOL_VIOLATION' })
    expect(world.s3.traffic.sentBytes).toBeLessThan(10 * 2 ** 20)
  })

  it.each<readonly [string, S3FaultRule, string]>([
    ['throttles', { error: 'SlowDown', status: 503, message: 'Please reduce your request rate.' }, 'CLOUD_THROTTLED'],
    ['fails', { error: 'InternalError', status: 500, message: 'Later.' }, 'CLOUD_UNAVAILABLE'],
    [
      'says on its second page that the token has expired',
      count =>
        count === 1
          ? { listing: [{ key: 'a.txt', size: 4 }], nextToken: 'more' }
          : { error: 'ExpiredToken', status: 400, message: 'The provided token has expired.' },
      'CLOUD_CREDENTIALS_EXPIRED',
    ],
    ['is a page', { status: 200, headers: {}, body: '<html>Sign in</html>' }, 'WRONG_PROTOCOL'],
    ['has no end', 'FLOOD', 'PROTOCOL_VIOLATION'],
    ['is cut', 'CUT', 'CONNECTION_RESET'],
  ])('that %s is told as that', async (_, rule, code) => {
    const { outcome } = await list(rule, '*.csv')
    expectQueryProblem(outcome, { code: code as never })
  })
})
