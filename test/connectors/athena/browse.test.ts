import { describe, expect, it } from 'vitest'
import type { AthenaCatalog } from '../../servers/athena-catalog.ts'
import { type AwsDoubleOptions, roleKeys } from '../../servers/aws-double.ts'
import { policyAllows } from '../../servers/aws-session-policy.ts'
import { everyItem } from '../../servers/listing-run.ts'
import { byKey, byRole, region, startAws } from './athena-run.ts'
import { actionsOf, catalogAt, expectNotListed, listAthena, namesOf, optionsAt, optionsOf } from './listing-run.ts'

const lambda = `arn:aws:lambda:${region}:111122223333:function:reader`
const events = { columns: [{ name: 'at', type: 'timestamp' }] }

const catalogs: Readonly<Record<string, AthenaCatalog>> = {
  AwsDataCatalog: {
    type: 'GLUE',
    descriptions: { sales: 'What was sold\u202e\n and when' },
    databases: {
      empty: {},
      sales: {
        orders: {
          columns: [
            { name: 'id', type: 'bigint' },
            { name: 'Price', type: 'decimal(10,2)', comment: 'in euros' },
            { name: 'tags', type: 'array<string>' },
          ],
          partitionKeys: [
            { name: 'day', type: 'date', comment: 'of the order' },
            { name: 'shop', type: 'string' },
          ],
          parameters: { comment: 'ask ann, password geheim', owner: 'ann' },
        },
        recent: { columns: [], kind: 'VIRTUAL_VIEW' },
      },
    },
  },
  other: { type: 'GLUE', databases: { 'odd "name"': { events } } },
  logs: { type: 'LAMBDA', function: lambda, databases: { stream: { events } } },
}
const withCatalogs: AwsDoubleOptions = { athena: { catalogs } }

/** As many tables as there are numbers to this one. */
const crowded = (count: number): AwsDoubleOptions => ({
  athena: {
    catalogs: {
      AwsDataCatalog: {
        type: 'GLUE',
        databases: {
          sales: Object.fromEntries(
            Array.from({ length: count }, (_, n) => [`t_${String(n).padStart(4, '0')}`, { columns: [] }]),
          ),
        },
      },
    },
  },
})

describe('the catalog of an Athena connector', () => {
  it('begins with the catalogs: its own, and the others of the region with who holds them', async () => {
    const { items, problem, requests } = await listAthena([], withCatalogs)
    expect(problem).toBeNull()
    expect(items).toMatchObject([
      { name: 'AwsDataCatalog', kind: 'CATALOG', nativeKind: 'GLUE', hasChildren: true },
      { name: 'other', kind: 'CATALOG', nativeKind: 'GLUE', hasChildren: true },
      { name: 'logs', kind: 'CATALOG', nativeKind: 'LAMBDA', problem: { code: 'COMPUTE_NOT_ALLOWED' } },
    ])
    expect(items.slice(0, 2).some(item => 'problem' in item)).toBe(false)
    expect(actionsOf({ requests })).toEqual(['ListDataCatalogs'])
  })

  it('shows what owners say of databases, cleaned', async () => {
    const { items } = await listAthena(['AwsDataCatalog'], withCatalogs)
    expect(items).toEqual([
      { name: 'empty', kind: 'DATABASE', hasChildren: true },
      { name: 'sales', kind: 'DATABASE', hasChildren: true, comment: 'What was sold  and when' },
    ])
  })

  it('shows tables and views with the query that reads them, and nothing of their parameters', async () => {
    const { items } = await listAthena(['AwsDataCatalog', 'sales'], withCatalogs)
    expect(items).toEqual([
      {
        ...{ name: 'orders', kind: 'TABLE', nativeKind: 'EXTERNAL_TABLE', hasChildren: true },
        query: { table: { database: 'sales', name: 'orders' } },
      },
      {
        ...{ name: 'recent', kind: 'VIEW', nativeKind: 'VIRTUAL_VIEW', hasChildren: true },
        query: { table: { database: 'sales', name: 'recent' } },
      },
    ])
  })

  it('shows columns with the types of a query, and partition keys as what they are', async () => {
    const { items } = await listAthena(['AwsDataCatalog', 'sales', 'orders'], withCatalogs)
    const column = (nativeType: string, type: string) => ({
      kind: 'COLUMN',
      hasChildren: false,
      column: { nativeType, type },
    })
    expect(items).toEqual([
      { name: 'id', ...column('bigint', 'INTEGER') },
      { name: 'Price', ...column('decimal(10,2)', 'DECIMAL'), comment: 'in euros' },
      { name: 'tags', ...column('array<string>', 'OTHER') },
      { name: 'day', ...column('date', 'DATE'), comment: 'Partition key. of the order' },
      { name: 'shop', ...column('string', 'TEXT'), comment: 'Partition key.' },
    ])
    const found = await listAthena(['AwsDataCatalog', 'sales', 'orders'], withCatalogs, { search: 'pri' })
    expect(namesOf(found)).toEqual(['Price'])
  })

  it('reads tables of another catalog by a statement, which is quoted', async () => {
    const { items } = await listAthena(['other', 'odd "name"'], withCatalogs)
    expect(items[0]?.query).toEqual({ sql: { text: 'SELECT * FROM "other"."odd ""name"""."events"' } })
    // The same catalog, however it is written.
    const same = await listAthena(['awsdatacatalog', 'sales'], {
      athena: { catalogs: { awsdatacatalog: catalogs['AwsDataCatalog'] as AthenaCatalog } },
    })
    expect(same.items[0]?.query).toEqual({ table: { database: 'sales', name: 'orders' } })
  })

  it('runs no query, and starts nothing', async () => {
    for (const path of [[], ['AwsDataCatalog'], ['AwsDataCatalog', 'sales'], ['AwsDataCatalog', 'sales', 'orders']]) {
      const { athena, requests } = await listAthena(path, withCatalogs, { mayStartCompute: true })
      expect(athena.queries).toEqual([])
      expect(actionsOf({ requests }).filter(action => !/^(?:List|Get)/.test(action))).toEqual([])
    }
  })

  it.each<readonly [readonly string[], string]>([
    [['nowhere'], 'catalog "nowhere"'],
    [['AwsDataCatalog', 'nowhere'], 'database "nowhere"'],
    [['AwsDataCatalog', 'sales', 'nowhere'], 'table or view "nowhere"'],
    [['AwsDataCatalog', ''], 'database ""'],
    [['AwsDataCatalog', 'x'.repeat(300)], 'database "x'],
    [['AwsDataCatalog', 'sales', '\ud800'], 'table or view'],
    [['AwsDataCatalog', 'sales', 'orders', 'id'], 'entry below a column "id"'],
  ])('says of %j what is not there', async (path, words) => {
    expect(expectNotListed(await listAthena(path, withCatalogs), 'CATALOG_PATH_NOT_FOUND').message).toContain(words)
  })
})

describe('a catalog that functions are asked for', () => {
  const levels = [['logs'], ['logs', 'stream'], ['logs', 'stream', 'events']]

  it('is looked into only where that may be billed', async () => {
    for (const path of levels) {
      const refused = await listAthena(path, withCatalogs)
      expectNotListed(refused, 'COMPUTE_NOT_ALLOWED')
      expect(actionsOf(refused)).toEqual(['GetDataCatalog'])
      const allowed = await listAthena(path, withCatalogs, { mayStartCompute: true })
      expect(allowed.problem).toBeNull()
      expect(allowed.items).toHaveLength(1)
    }
    expectNotListed(
      await optionsOf('database', withCatalogs, { input: byKey({ catalog: 'logs' }) }),
      'COMPUTE_NOT_ALLOWED',
    )
  })

  it('is every one of which nobody may be told who holds it', async () => {
    const denies = (action: string) => action === 'athena:GetDataCatalog'
    const refused = await listAthena(['other'], { athena: { catalogs, denies } })
    expect(expectNotListed(refused, 'COMPUTE_NOT_ALLOWED').detail).toContain('athena:GetDataCatalog')
  })

  it('is asked in a role’s session that may ask its functions, and is read by the connector whose own it is', async () => {
    for (const catalog of ['logs', 'AwsDataCatalog']) {
      const input = byRole({ catalog })
      const { items, requests } = await listAthena(['logs', 'stream'], withCatalogs, { input, mayStartCompute: true })
      const policy = String(requests.findLast(({ action }) => action === 'AssumeRole')?.parameters['Policy'])
      expect(policyAllows(policy, 'lambda:InvokeFunction', lambda)).toBe(true)
      expect(policyAllows(policy, 'lambda:InvokeFunction', `${lambda}2`)).toBe(false)
      const query = catalog === 'logs' ? { table: { database: 'stream', name: 'events' } } : undefined
      expect(items[0]?.query).toEqual(query)
    }
  })
})

describe('the session of a role that lists', () => {
  const paths = [[], ['AwsDataCatalog'], ['AwsDataCatalog', 'sales'], ['AwsDataCatalog', 'sales', 'orders']]
  const input = byRole()

  it('may do all that lists take', async () => {
    for (const path of paths) {
      const { items, problem } = await listAthena(path, withCatalogs, { input })
      expect(problem, JSON.stringify(problem)).toBeNull()
      expect(items.length).toBeGreaterThan(0)
    }
    for (const field of ['workgroup', 'catalog', 'database']) {
      const { items, problem } = await optionsOf(field, withCatalogs, { input })
      expect(problem, JSON.stringify(problem)).toBeNull()
      expect(items.length).toBeGreaterThan(0)
    }
  })

  it('has keys that no list repeats, whatever AWS puts on it', async () => {
    const { sessionToken } = roleKeys
    const AwsDataCatalog = {
      type: 'GLUE',
      descriptions: { sales: `You have said ${sessionToken}.` },
      databases: { sales: { orders: { columns: [{ name: 'n', type: sessionToken, comment: sessionToken }] } } },
    } as const
    const aws = { athena: { catalogs: { AwsDataCatalog } } }
    const told = JSON.stringify([
      await listAthena(['AwsDataCatalog'], aws, { input }).then(({ items }) => items),
      await listAthena(['AwsDataCatalog', 'sales', 'orders'], aws, { input }).then(({ items }) => items),
      await optionsOf('database', aws, { input }).then(({ items }) => items),
    ])
    expect(told).toContain('You have said •••')
    expect(told).not.toContain(sessionToken)
  })

  it('may neither query, nor read data, nor write', async () => {
    const { requests } = await listAthena([], withCatalogs, { input })
    const policies = requests
      .filter(({ action }) => action === 'AssumeRole')
      .map(({ parameters }) => parameters['Policy'])
    expect(policies).toHaveLength(1)
    const policy = String(policies[0])
    for (const [action, resource] of [
      ['athena:StartQueryExecution', `arn:aws:athena:${region}:111122223333:workgroup/primary`],
      ['athena:GetQueryResults', `arn:aws:athena:${region}:111122223333:workgroup/primary`],
      ['s3:GetObject', 'arn:aws:s3:::sales-data/sales/orders/1.csv'],
      ['s3:PutObject', 'arn:aws:s3:::athena-results/patchbay/1.csv'],
      ['lakeformation:GetDataAccess', '*'],
      ['lambda:InvokeFunction', lambda],
      ['glue:UpdateTable', `arn:aws:glue:${region}:111122223333:table/sales/orders`],
      ['kms:GenerateDataKey', `arn:aws:kms:${region}:111122223333:key/1`],
      ['iam:SimulatePrincipalPolicy', '*'],
    ] as const)
      expect(policyAllows(policy, action, resource), action).toBe(false)
  })
})

describe('options for the fields of an Athena connector', () => {
  it('tell of workgroups what they are for, and which are disabled', async () => {
    const workgroups = {
      primary: {},
      analysts: { description: 'For <b>analysts</b>\u0007 only' },
      old: { state: 'DISABLED', description: 'was once' },
    } as const
    const { items } = await optionsOf('workgroup', { athena: { workgroups } })
    expect(items).toEqual([
      { value: 'primary' },
      { value: 'analysts', help: 'For <b>analysts</b>  only' },
      { value: 'old', help: 'Disabled: no query runs in it.' },
    ])
  })

  it('tell of catalogs who holds them', async () => {
    const { items } = await optionsOf('catalog', withCatalogs)
    expect(items.map(({ value }) => value)).toEqual(['AwsDataCatalog', 'other', 'logs'])
    expect(items.map(({ help }) => help)).toEqual([
      'Held by AWS Glue.',
      'Held by AWS Glue.',
      expect.stringContaining('LAMBDA'),
    ])
  })

  it('tell of databases in the catalog of the form, and that there is no such catalog', async () => {
    const { items } = await optionsOf('database', withCatalogs, {
      input: byKey({ catalog: 'other', database: undefined }),
    })
    expect(items).toEqual([{ value: 'odd "name"' }])
    const input = byKey({ catalog: 'nowhere' })
    const problem = expectNotListed(await optionsOf('database', withCatalogs, { input }), 'CLOUD_RESOURCE_NOT_FOUND')
    expect(problem.fields).toEqual(['catalog', 'region'])
  })
})

describe('a right that is missing', () => {
  const without = (denied: string): AwsDoubleOptions => ({ athena: { catalogs, denies: action => action === denied } })

  it.each([
    ['workgroup', 'athena:ListWorkGroups'],
    ['catalog', 'athena:ListDataCatalogs'],
    ['database', 'athena:ListDatabases'],
    ['database', 'glue:GetDatabases'],
  ])('is named by the options for %s: %s', async (field, action) => {
    const problem = expectNotListed(await optionsOf(field, without(action)), 'CLOUD_ACCESS_DENIED')
    expect(problem.params['action']).toBe(action)
    expect(problem.fields).toContain('credentials.accessKey.accessKeyId')
  })

  it.each<readonly [readonly string[], string]>([
    [['AwsDataCatalog'], 'athena:ListDatabases'],
    [['AwsDataCatalog', 'sales'], 'athena:ListTableMetadata'],
    [['AwsDataCatalog', 'sales'], 'glue:GetTables'],
    [['AwsDataCatalog', 'sales', 'orders'], 'athena:GetTableMetadata'],
    [['AwsDataCatalog', 'sales', 'orders'], 'glue:GetTable'],
  ])('is named in %j: %s', async (path, action) => {
    const problem = expectNotListed(await listAthena(path, without(action)), 'CLOUD_ACCESS_DENIED')
    expect(problem.params['action']).toBe(action)
  })

  it('to list catalogs leaves that of the connector, which has been given', async () => {
    const { items, next, problem } = await listAthena([], without('athena:ListDataCatalogs'))
    expect(problem).toMatchObject({ code: 'CLOUD_ACCESS_DENIED', params: { action: 'athena:ListDataCatalogs' } })
    expect({ names: namesOf({ items }), next }).toEqual({ names: ['AwsDataCatalog'], next: null })
    const wrong = { error: 'UnrecognizedClientException', message: 'The security token included is invalid.' }
    expectNotListed(await listAthena([], { at: { ListDataCatalogs: wrong } }), 'CLOUD_CREDENTIALS_REJECTED')
  })
})

describe('pages of a list of Athena', () => {
  it.each([1, 7, 50, 60, 100])('have every table once, %i at a time', async first => {
    await using double = await startAws(crowded(130))
    const items = await everyItem(first, page => catalogAt(double, ['AwsDataCatalog', 'sales'], page))
    expect(namesOf({ items })).toEqual(Array.from({ length: 130 }, (_, n) => `t_${String(n).padStart(4, '0')}`))
  })

  it('ask for no more than is wanted', async () => {
    const { requests, items } = await listAthena(['AwsDataCatalog', 'sales'], crowded(130), { first: 10 })
    expect(items).toHaveLength(10)
    expect(requests.map(({ parameters }) => parameters['MaxResults'])).toEqual([10])
  })

  it.each([1, 2, 3])('have every catalog once, the connector’s own first, %i at a time', async first => {
    await using double = await startAws(withCatalogs)
    const items = await everyItem(first, page => catalogAt(double, [], { ...page, input: byKey({ catalog: 'other' }) }))
    expect(namesOf({ items })).toEqual(['other', 'AwsDataCatalog', 'logs'])
  })

  it('narrow tables of Glue at AWS, by a pattern in which nothing has a meaning of its own', async () => {
    await using double = await startAws(crowded(1_300))
    const list = (search: string) => catalogAt(double, ['AwsDataCatalog', 'sales'], { search })
    expect(namesOf(await list('_129'))).toEqual(Array.from({ length: 10 }, (_, n) => `t_129${n}`))
    expect(namesOf(await list('T_1299'))).toEqual(['t_1299'])
    expect(double.requests).toHaveLength(2)
    for (const search of ['.*', 't.0', '[', '(?i)t', '\\', '|', 't*', "'", 'x'.repeat(1_000)]) {
      const { items, problem } = await list(search)
      expect({ items, problem }, search).toEqual({ items: [], problem: null })
    }
  })

  it('are looked through elsewhere as far as anybody wants to wait, and go on where that ended', async () => {
    const databases = Object.fromEntries(Array.from({ length: 1_500 }, (_, n) => [`db_${1_000 + n}`, {}]))
    await using double = await startAws({ athena: { catalogs: { AwsDataCatalog: { type: 'GLUE', databases } } } })
    const list = (after: string | null) => catalogAt(double, ['AwsDataCatalog'], { search: '_24', after })
    const first = await list(null)
    expect(first).toMatchObject({ items: [], problem: null })
    expect(double.requests).toHaveLength(20)
    const second = await list(first.next)
    expect(namesOf(second)).toEqual(Array.from({ length: 100 }, (_, n) => `db_${2_400 + n}`))
    expect(second.next).toBeNull()
  })

  it('are refused where they belong to another list, or to none', async () => {
    await using double = await startAws(crowded(130))
    const { next } = await catalogAt(double, ['AwsDataCatalog', 'sales'], { first: 2 })
    const wrong = [
      catalogAt(double, ['AwsDataCatalog'], { after: next }),
      catalogAt(double, ['AwsDataCatalog', 'sales'], { after: next, search: 't' }),
      optionsAt(double, 'workgroup', { after: next }),
      catalogAt(double, ['AwsDataCatalog', 'sales'], { after: '' }),
      catalogAt(double, ['AwsDataCatalog', 'sales'], { after: 'x' }),
      // Athena does not know it.
      catalogAt(double, ['AwsDataCatalog', 'sales'], { after: `${next?.slice(0, 11)}made-up` }),
    ]
    for (const listing of await Promise.all(wrong)) expectNotListed(listing, 'LISTING_UNSUPPORTED')
  })

  it('that lead to themselves are no pages', async () => {
    const answer = { DatabaseList: [{ Name: 'sales' }], NextToken: 'again' }
    const headers = { 'content-type': 'application/x-amz-json-1.1' }
    const at: AwsDoubleOptions['at'] = { ListDatabases: { status: 200, headers, body: JSON.stringify(answer) } }
    const listing = await listAthena(['AwsDataCatalog'], { at }, { search: 'nothing' })
    expectNotListed(listing, 'PROTOCOL_VIOLATION')
    expect(listing.requests).toHaveLength(2)
  })
})

describe('a list that Athena is slow with, or silent', () => {
  it.each<readonly [readonly string[], string]>([
    [[], 'ListDataCatalogs'],
    [['AwsDataCatalog'], 'ListDatabases'],
    [['AwsDataCatalog', 'sales'], 'ListTableMetadata'],
    [['AwsDataCatalog', 'sales', 'orders'], 'GetTableMetadata'],
    [['logs'], 'GetDataCatalog'],
  ])('%j ends in time at %s, and leaves nothing', async (path, action) => {
    for (const misbehaviour of ['HANG', 'DRIP'] as const) {
      await using double = await startAws({ ...withCatalogs, at: { [action]: misbehaviour } })
      expectNotListed(await catalogAt(double, path, { budgetMs: 500 }), 'LISTING_TIMED_OUT')
      await expect.poll(() => double.openConnections).toBe(0)
    }
  })

  it('asks again while Athena is only too busy', async () => {
    const busy = { error: 'TooManyRequestsException', message: 'Rate exceeded' }
    const at: AwsDoubleOptions['at'] = { ListDatabases: ({ nth }) => (nth === 1 ? busy : undefined) }
    expect(namesOf(await listAthena(['AwsDataCatalog'], { ...withCatalogs, at }))).toEqual(['empty', 'sales'])
    expectNotListed(
      await listAthena(['AwsDataCatalog'], { ...withCatalogs, at: { ListDatabases: busy } }),
      'CLOUD_THROTTLED',
    )
  })

  it.each<readonly [string, object]>([
    ['nothing', {}],
    ['something else', { DatabaseList: 'sales' }],
    ['things without names', { DatabaseList: [null, 1, {}, { Name: 7 }, { Name: '' }, { Name: 'x'.repeat(300) }] }],
  ])('that has %s in its place has nothing, and no fault', async (_, answer) => {
    const { items, problem } = await listAthena(['AwsDataCatalog'], {
      ...withCatalogs,
      changes: { ListDatabases: () => answer },
    })
    expect({ items, problem: problem && problem.code !== 'UNCLASSIFIED' }).toEqual({ items: [], problem: null })
  })

  it('is told where its way is blocked, as a test tells it', async () => {
    await using double = await startAws(withCatalogs)
    const refused = await catalogAt(double, [], { egress: { allowLoopback: false } })
    expectNotListed(refused, 'EGRESS_DENIED')
    expect(double.connections).toBe(0)
  })
})
