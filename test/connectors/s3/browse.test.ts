import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { roleKeys } from '../../servers/aws-double.ts'
import { policyAllows } from '../../servers/aws-session-policy.ts'
import { everyItem } from '../../servers/listing-run.ts'
import type { S3FaultRule } from '../../servers/s3-double.ts'
import { catalogIn, everyObject, expectNotListed, namesOf, optionsIn, valuesOf } from './listing-run.ts'
import { byRole, foreignInput, rowsOf, S3World } from './s3-run.ts'

const worldWith = async (keys: readonly string[], ...options: Parameters<typeof S3World.start>): Promise<S3World> => {
  const world = await S3World.start(...options)
  for (const key of keys) world.s3.objects.put(key, 'n\n1\n')
  return world
}

const asked = (world: S3World) => world.s3.served.filter(({ operation }) => operation === 'ListObjectsV2')

/** What a path stands for, by the names' own words: all but the last are folders. */
const keyOf = (path: readonly string[]) => path.map(name => (name === '/' ? '' : name)).join('/')

describe('the catalog of an S3 connector', () => {
  it('shows folders and objects in the order of keys, with what is known of them', async () => {
    await using world = await worldWith(['exports/2026/a.csv', 'exports/a.parquet', 'exports/readme', 'refunds/1.csv'])
    expect((await catalogIn(world, [])).items).toEqual([
      { name: 'exports', kind: 'FOLDER', hasChildren: true },
      { name: 'refunds', kind: 'FOLDER', hasChildren: true },
    ])
    const object = (name: string) => ({
      ...{ name, kind: 'OBJECT', nativeKind: 'STANDARD', hasChildren: false, sizeBytes: 4 },
      comment: 'Last modified 2026-11-01T10:00:00.000Z',
    })
    expect((await catalogIn(world, ['exports'])).items).toEqual([
      { name: '2026', kind: 'FOLDER', hasChildren: true },
      { ...object('a.parquet'), query: { source: { key: { key: 'exports/a.parquet' } } } },
      // Nothing says how it is read.
      object('readme'),
    ])
  })

  it('gives objects the dataset that reads them', async () => {
    await using world = await worldWith(['exports/a b+ä%2F.CSV'])
    const [entry] = (await catalogIn(world, ['exports'])).items
    expect(rowsOf(await world.query(entry?.query ?? {}))).toEqual([['1']])
  })

  it('reads no object, and asks for a level once', async () => {
    await using world = await worldWith(Array.from({ length: 500 }, (_, n) => `many/${n}/a.csv`))
    const { items, next } = await catalogIn(world, ['many'], { first: 10 })
    expect(items).toHaveLength(10)
    expect(next).not.toBeNull()
    expect(world.s3.operations).toEqual(['ListObjectsV2'])
    expect(Number(asked(world)[0]?.query.get('max-keys'))).toBeLessThan(20)
  })

  it('says of archived objects that they are, though they may have been restored', async () => {
    await using world = await S3World.start()
    world.s3.objects.put('old.csv', 'n\n', { storageClass: 'DEEP_ARCHIVE' })
    const { items, problem } = await catalogIn(world, [])
    expect(problem).toBeNull()
    expect(items).toMatchObject([{ name: 'old.csv', nativeKind: 'DEEP_ARCHIVE', problem: { code: 'OBJECT_ARCHIVED' } }])
    expect(items[0]?.query).toBeDefined()
  })

  it('leaves out what stands for an empty folder, unless there is something in it', async () => {
    await using world = await worldWith([])
    world.s3.objects.put('a/', '')
    world.s3.objects.put('b/', 'something')
    expect(namesOf(await catalogIn(world, []))).toEqual(['a', 'b'])
    expect(await catalogIn(world, ['a'])).toEqual({ items: [], next: null, problem: null })
    expect((await catalogIn(world, ['b'])).items).toMatchObject([{ name: '/', kind: 'OBJECT', sizeBytes: 9 }])
  })

  it.each<readonly [readonly string[], string]>([
    [['nowhere'], 'nowhere'],
    [['exports', 'nowhere'], 'nowhere'],
    [['exports', 'a.csv'], 'a.csv'],
    [['exports', 'a.csv', 'deeper'], 'deeper'],
    [['exp'], 'exp'],
    [['exports/x'], 'exports/x'],
    [['\ud800'], '"'],
    [['x'.repeat(2_000)], 'xxx'],
  ])('says that there is no folder %j', async (path, name) => {
    await using world = await worldWith(['exports/a.csv'])
    for (const search of [null, 'a'])
      expect(expectNotListed(await catalogIn(world, path, { search }), 'CATALOG_PATH_NOT_FOUND').message).toContain(
        name,
      )
  })

  it('says that a bucket is empty, or has nothing under the prefix', async () => {
    await using world = await worldWith([])
    expect(expectNotListed(await catalogIn(world, []), 'NO_OBJECT_MATCHES').fields).toEqual(['bucket'])
    const change = { prefix: 'exports/' }
    expect(expectNotListed(await catalogIn(world, [], { change }), 'NO_OBJECT_MATCHES').fields).toEqual(['prefix'])
  })
})

describe('odd keys', () => {
  const keys = [
    '/leading.csv',
    '//two.csv',
    'a',
    'a/',
    'a//',
    'a//b.csv',
    'a///c.csv',
    'a/b',
    'a/b/c.csv',
    '%2F %41.csv',
    '+ +/+.csv',
    ' .csv',
    'tab\t/\u0001.csv',
    'with*star?/[x].csv',
    'e\u0301/\u00e9.csv',
    '日本/語 😀.csv',
    '\uffff/\u{10ffff}.csv',
    '0:/1:2.csv',
    '~',
    'x'.repeat(1_024),
    `${'y'.repeat(1_000)}/z`,
    ...Array.from({ length: 30 }, (_, n) => `long/${'l'.repeat(1_000)}${String(n).padStart(3, '0')}`),
  ]

  it.each([
    [1, false],
    [3, false],
    [100, false],
    [1, true],
    [3, true],
  ])(
    'can all be got to, %i at a time, where a folder begins anew behind its name: %s',
    async (first, repeatsFolders) => {
      await using world = await worldWith(keys, { repeatsFolders })
      const found = await everyObject((path, page) => catalogIn(world, path, page), first)
      expect(found.map(keyOf).toSorted()).toEqual(keys.toSorted())
      for (const { next } of [await catalogIn(world, ['long'], { first: 20 })])
        expect(String(next).length).toBeLessThan(1_000)
    },
  )

  it('can be got to whatever they are, once each', async () => {
    const part = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 4 }).map(text => text.replace(/[\0/]/g, '-')),
      fc.constantFrom('', 'a', 'ab', '/'.repeat(0)),
    )
    const key = fc
      .array(part, { minLength: 1, maxLength: 4 })
      .map(parts => parts.join('/'))
      .filter(text => text !== '' && !text.split('/').some(name => name === '.' || name === '..'))
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(key, { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 4 }),
        async (all, first) => {
          await using world = await worldWith(all)
          const found = await everyObject((path, page) => catalogIn(world, path, page), first)
          expect(found.map(keyOf).toSorted()).toEqual(all.toSorted())
        },
      ),
      { numRuns: 30 },
    )
  })

  it('with "." and ".." in them are shown, and said to be unreadable', async () => {
    await using world = await worldWith(['a/../b.csv', 'a/./c.csv', 'a/x/..'])
    expect((await catalogIn(world, ['a'])).items).toMatchObject([
      { name: '..', kind: 'FOLDER', problem: { code: 'LISTING_UNSUPPORTED' } },
      { name: '.', kind: 'FOLDER', problem: { code: 'LISTING_UNSUPPORTED' } },
      { name: 'x', kind: 'FOLDER' },
    ])
    expect((await catalogIn(world, ['a', 'x'])).items).toMatchObject([
      { name: '..', kind: 'OBJECT', problem: { code: 'LISTING_UNSUPPORTED' } },
    ])
    const before = world.s3.served.length
    for (const path of [['a', '..'], ['.'], ['..', '..', 'etc']])
      expectNotListed(await catalogIn(world, path), 'LISTING_UNSUPPORTED')
    expect(world.s3.served).toHaveLength(before)
  })
})

describe('a connector’s prefix', () => {
  const keys = [
    'exports/2025/a.csv',
    'exports/2026/b.csv',
    'exports/2026/deep/c.csv',
    'exports/2026x.csv',
    'secret/d.csv',
    'z.csv',
  ]

  it.each<readonly [string, readonly string[]]>([
    ['exports/', ['2025/a.csv', '2026/b.csv', '2026/deep/c.csv', '2026x.csv']],
    ['exports/2026', ['2026/b.csv', '2026/deep/c.csv', '2026x.csv']],
    ['exports/2026/', ['b.csv', 'deep/c.csv']],
    ['exports/2026/d', ['deep/c.csv']],
    ['exp', ['exports/2025/a.csv', 'exports/2026/b.csv', 'exports/2026/deep/c.csv', 'exports/2026x.csv']],
    ['exports/2026x.csv', ['2026x.csv']],
  ])('%j is the highest level, and nothing else can be got to', async (prefix, expected) => {
    await using world = await worldWith(keys)
    const change = { prefix }
    const found = await everyObject((path, page) => catalogIn(world, path, { ...page, change }), 1)
    expect(found.map(keyOf)).toEqual(expected)
    for (const { query } of asked(world)) expect(query.get('prefix')?.startsWith(prefix)).toBe(true)
  })

  it('fences paths, searches and pages that clients make up', async () => {
    await using world = await worldWith(keys)
    const change = { prefix: 'exports/2026' }
    const outside = [['2025'], ['20'], ['secret'], ['/'], ['']]
    for (const path of outside) expectNotListed(await catalogIn(world, path, { change }), 'OBJECT_OUTSIDE_PREFIX')
    for (const path of [['..'], ['2026', '..', '2025'], ['2026', '.']])
      expectNotListed(await catalogIn(world, path, { change }), 'LISTING_UNSUPPORTED')
    for (const path of [['../secret'], ['/secret'], ['2026/..'], ['exports/2026']])
      expectNotListed(await catalogIn(world, path, { change }), 'CATALOG_PATH_NOT_FOUND')
    expect(world.s3.served).toEqual([])
    for (const after of ['0:', '0:2025/', '0:../', '0:/', '0:!', '0:\0']) {
      expect(namesOf(await catalogIn(world, [], { change, after }))).toEqual(['2026', '2026x.csv'])
    }
    for (const search of ['2025', '../', 'secret', '/', '..', 'z']) {
      expect(await catalogIn(world, [], { change, search }), search).toEqual({ items: [], next: null, problem: null })
    }
    for (const { query } of asked(world)) expect(query.get('prefix')?.startsWith('exports/2026')).toBe(true)
  })

  it('is told without the keys of a role’s session, whatever S3 says of an object', async () => {
    await using world = await worldWith([], {
      at: { ListObjectsV2: { listing: [{ key: 'a.csv', size: 1, storageClass: roleKeys.sessionToken }] } },
    })
    const { items } = await catalogIn(world, [], { change: byRole })
    expect(items[0]?.nativeKind).toBe('•••')
  })

  it('holds against a server that lists more than it was asked for', async () => {
    const listing = ['secret/d.csv', 'exports/2025/a.csv', 'exports/', 'exports/2026/deep/c.csv', 'exports/2026/b.csv']
    await using world = await worldWith([], {
      at: { ListObjectsV2: { listing: listing.map(key => ({ key, size: 1 })) } },
    })
    const { items } = await catalogIn(world, ['2026'], { change: { prefix: 'exports/' } })
    expect(namesOf({ items })).toEqual(['b.csv'])
  })
})

describe('a search in a bucket', () => {
  const keys = ['exports/Old.csv', 'exports/old.csv', 'exports/older/1.csv', 'exports/new.csv', 'exports/ol%/1.csv']

  it('finds what begins so on its level, with regard to case, and asks for nothing else', async () => {
    await using world = await worldWith(keys)
    expect(namesOf(await catalogIn(world, ['exports'], { search: 'ol' }))).toEqual(['ol%', 'old.csv', 'older'])
    expect(asked(world).map(({ query }) => query.get('prefix'))).toEqual(['exports/ol'])
    for (const search of ['ld', '*', 'ol*', 'older/', '/', '\ud800', 'x'.repeat(1_000)])
      expect(await catalogIn(world, ['exports'], { search }), search).toEqual({ items: [], next: null, problem: null })
  })

  it('finds within a prefix that ends in a name', async () => {
    await using world = await worldWith(keys)
    const change = { prefix: 'exports/old' }
    for (const search of ['o', 'old', 'OLD', 'older', 'n']) {
      const { items } = await catalogIn(world, [], { change, search })
      expect(namesOf({ items })).toEqual(['old.csv', 'older'].filter(name => name.startsWith(search)))
    }
  })
})

describe('options for the prefix of an S3 connector', () => {
  it('are folders of the bucket, narrowed by what is typed', async () => {
    await using world = await worldWith([
      'a.csv',
      'exports/2025/1.csv',
      'exports/2026/1.csv',
      'exports/x.csv',
      'logs/1',
    ])
    const list = async (search: string | null) => valuesOf(await optionsIn(world, 'prefix', { search }))
    expect(await list(null)).toEqual(['exports/', 'logs/'])
    expect(await list('ex')).toEqual(['exports/'])
    expect(await list('exports/')).toEqual(['exports/', 'exports/2025/', 'exports/2026/'])
    expect(await list('exports/202')).toEqual(['exports/2025/', 'exports/2026/'])
    expect(await list('exports/2026/')).toEqual(['exports/2026/'])
    expect(await list('nothing')).toEqual([])
    expect(await list('nothing/')).toEqual([])
    // The form has not been filled in as far as that.
    expect(valuesOf(await optionsIn(world, 'prefix', { change: { prefix: 'exports/2026/' } }))).toEqual([
      'exports/',
      'logs/',
    ])
  })

  it('are found among many objects, some at a time', async () => {
    const objects = Array.from({ length: 2_500 }, (_, n) => `n${n}.csv`)
    await using world = await worldWith([...objects, 'm/1.csv', 'n1234/1.csv', 'z/1.csv'])
    for (const first of [1, 2, 100]) {
      const items = await everyItem(first, page => optionsIn(world, 'prefix', page))
      expect(valuesOf({ items })).toEqual(['m/', 'n1234/', 'z/'])
    }
  })

  it('are none that the form does not take', async () => {
    await using world = await worldWith(['../a.csv', 'a/../b.csv', `${'x'.repeat(950)}/a.csv`, 'ok/a.csv'])
    expect(valuesOf(await optionsIn(world, 'prefix'))).toEqual(['a/', 'ok/'])
    expect(valuesOf(await optionsIn(world, 'prefix', { search: 'a/' }))).toEqual(['a/'])
  })
})

describe('options for the bucket of an S3 connector', () => {
  const buckets = { sales: 'eu-west-1', archive: 'eu-central-1', 'sales-old': 'us-east-1' }
  const standIn = { bucket: 'bucket-name' }

  it('are the buckets of the account, with the region of those that are elsewhere', async () => {
    await using world = await S3World.start({ buckets })
    const { items } = await optionsIn(world, 'bucket', { change: standIn })
    expect(items).toEqual([
      { value: 'archive', help: expect.stringContaining('eu-central-1') },
      { value: 'sales' },
      { value: 'sales-old', help: expect.stringContaining('us-east-1') },
    ])
    expect(valuesOf(await optionsIn(world, 'bucket', { change: standIn, search: 'ALES' }))).toEqual([
      'sales',
      'sales-old',
    ])
  })

  it('tell nobody what stands in the place of a bucket', async () => {
    await using world = await S3World.start({ buckets })
    await optionsIn(world, 'bucket', { change: { ...standIn, ...byRole } })
    expect(JSON.stringify([world.s3.served, world.aws.requests])).not.toContain('bucket-name')
  })

  it.each([1, 2, 100])('are all there, %i at a time, of thousands and of a server that knows no pages', async first => {
    const many = Object.fromEntries(Array.from({ length: 2_300 }, (_, n) => [`b-${10_000 + n}`, 'eu-west-1']))
    await using world = await S3World.start({ buckets: first === 100 ? many : buckets })
    const items = await everyItem(first, page => optionsIn(world, 'bucket', { ...page, change: standIn }))
    expect(items).toHaveLength(first === 100 ? 2_300 : 3)
    expect(new Set(valuesOf({ items })).size).toBe(items.length)
  })

  it('say where the right is missing that a bucket can be typed', async () => {
    await using world = await S3World.start({ denies: action => action === 's3:ListAllMyBuckets' })
    const problem = expectNotListed(await optionsIn(world, 'bucket', { change: standIn }), 'CLOUD_ACCESS_DENIED')
    expect(problem.params['action']).toBe('s3:ListAllMyBuckets')
    expect(problem.detail).toContain('can be typed')
    expect(namesOf({ items: (await catalogIn(world, [])).items })).toEqual([])
  })

  it('leave out what the form does not take, and are refused where there is no list', async () => {
    const body = (buckets: string) =>
      `<?xml version="1.0"?><ListAllMyBucketsResult><Owner><ID>1</ID></Owner>${buckets}</ListAllMyBucketsResult>`
    const list = async (text: string) => {
      const fault: S3FaultRule = { status: 200, headers: { 'x-amz-request-id': 'R1' }, body: text }
      await using world = await S3World.start({ at: { ListBuckets: fault } })
      return await optionsIn(world, 'bucket', { change: standIn })
    }
    const named = '<Buckets><Bucket><Name>My_Old_Bucket</Name></Bucket><Bucket><Name>new</Name></Bucket></Buckets>'
    expect(await list(body(named))).toEqual({ items: [{ value: 'new' }], next: null, problem: null })
    expect(await list(body('<Buckets/>'))).toEqual({ items: [], next: null, problem: null })
    expectNotListed(await list('<?xml version="1.0"?><Hello/>'), 'PROTOCOL_VIOLATION')
  })

  it('do not begin at pages that nobody has given out', async () => {
    await using world = await S3World.start({ buckets })
    const { next } = await optionsIn(world, 'bucket', { change: standIn, first: 1 })
    for (const after of ['', 'x', `${next}made-up`])
      expectNotListed(await optionsIn(world, 'bucket', { change: standIn, after }), 'LISTING_UNSUPPORTED')
    for (const after of ['', 'x', '1', `:${'x'.repeat(2_000)}`])
      expectNotListed(await optionsIn(world, 'prefix', { after }), 'LISTING_UNSUPPORTED')
  })
})

describe('the session of a role that lists', () => {
  const fenced = async (list: (world: S3World) => Promise<{ readonly problem: unknown }>) => {
    let policy = (): string => ''
    await using world = await worldWith(['exports/a.csv'], {
      denies: (action, resource, accessKeyId) =>
        accessKeyId === roleKeys.id && !policyAllows(policy(), action, resource),
    })
    policy = () => String(world.aws.requests.findLast(({ action }) => action === 'AssumeRole')?.parameters['Policy'])
    const { problem } = await list(world)
    expect(problem, JSON.stringify(problem)).toBeNull()
    expect(world.aws.requests.map(({ action }) => action)).toEqual(['AssumeRole'])
    return policy()
  }
  const object = 'arn:aws:s3:::sales/exports/a.csv'

  it.each<readonly [string, (world: S3World) => Promise<{ readonly problem: unknown }>, string]>([
    ['the catalog', world => catalogIn(world, ['exports'], { change: byRole }), 's3:ListBucket'],
    ['prefixes', world => optionsIn(world, 'prefix', { change: byRole }), 's3:ListBucket'],
    ['buckets', world => optionsIn(world, 'bucket', { change: byRole }), 's3:ListAllMyBuckets'],
  ])('may do what the list of %s takes, and nothing else', async (_, list, allowed) => {
    const policy = await fenced(list)
    const document = JSON.parse(policy) as { readonly Statement: readonly { readonly Action: readonly string[] }[] }
    expect(document.Statement.flatMap(({ Action }) => Action)).toEqual([allowed])
    for (const action of ['s3:GetObject', 's3:PutObject', 'kms:Decrypt', 'iam:SimulatePrincipalPolicy'])
      expect(policyAllows(policy, action, object), action).toBe(false)
    expect(policyAllows(policy, 's3:ListBucket', 'arn:aws:s3:::other')).toBe(false)
  })
})

describe('a list that S3 refuses, is slow with, or silent', () => {
  it('names the right that is missing', async () => {
    await using world = await worldWith(['a.csv'], { denies: action => action === 's3:ListBucket' })
    for (const listing of [await catalogIn(world, []), await optionsIn(world, 'prefix')]) {
      const problem = expectNotListed(listing, 'CLOUD_ACCESS_DENIED')
      expect(problem.params['action']).toBe('s3:ListBucket')
      expect(problem.fields).toEqual(['credentials.accessKey.accessKeyId', 'bucket'])
    }
  })

  it('names a bucket that is not there, and one that is elsewhere', async () => {
    await using world = await S3World.start({ buckets: { elsewhere: 'eu-central-1' } })
    expectNotListed(await catalogIn(world, []), 'CLOUD_RESOURCE_NOT_FOUND')
    const { remedies } = expectNotListed(
      await catalogIn(world, [], { change: { bucket: 'elsewhere' } }),
      'CLOUD_REGION_MISMATCH',
    )
    expect(remedies).toMatchObject([{ kind: 'SET_FIELD', field: 'region', value: 'eu-central-1' }])
  })

  it.each(['HANG', 'DRIP'] as const)('ends in time (%s), and leaves nothing', async fault => {
    await using world = await S3World.start({ at: { ListObjectsV2: fault, ListBuckets: fault } })
    const options = { budgetMs: 500 }
    for (const listing of [
      await catalogIn(world, [], options),
      await optionsIn(world, 'bucket', options),
      await optionsIn(world, 'prefix', options),
    ])
      expectNotListed(listing, 'LISTING_TIMED_OUT')
    await expect.poll(() => world.s3.openConnections + world.aws.openConnections).toBe(0)
  })

  it.each<readonly [string, S3FaultRule]>([
    ['repeats', { listing: [], nextToken: 'again' }],
    ['has nothing on any of its pages', count => ({ listing: [], nextToken: `page ${count}` })],
    ['begins anew', count => ({ listing: [{ key: 'z.txt', size: 4 }], nextToken: `page ${count}` })],
    ['has an endless answer', 'FLOOD'],
    ['has a key that is too long', { listing: [{ key: 'k'.repeat(1_025), size: 4 }] }],
  ])('is refused where it %s', async (_, ListObjectsV2) => {
    await using world = await S3World.start({ at: { ListObjectsV2 } })
    expectNotListed(await catalogIn(world, []), 'PROTOCOL_VIOLATION')
    expect(asked(world).length).toBeLessThanOrEqual(20)
  })

  it('asks nobody where another server is not allowed, and needs nobody else where it is', async () => {
    await using world = await worldWith(['a.csv'])
    const change = foreignInput(world.s3)
    expect(namesOf(await catalogIn(world, [], { change }))).toEqual(['a.csv'])
    expect(valuesOf(await optionsIn(world, 'bucket', { change }))).toEqual(['sales'])
    expect(world.aws.requests).toEqual([])
    const before = world.s3.connections
    const refused = await catalogIn(world, [], { change, network: { customEndpoints: false } })
    expectNotListed(refused, 'CUSTOM_ENDPOINT_REFUSED')
    expect(world.s3.connections).toBe(before)
  })
})
