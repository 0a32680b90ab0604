import { describe, expect, it } from 'vitest'
import { snowflake } from '../../../src/connectors/snowflake/index.ts'
import { everyItem, type ListingOptions, listCatalog, listOptions } from '../../servers/listing-run.ts'
import {
  accountWith,
  everyType,
  type SnowflakeTable,
  sampleAccount,
  withGrants,
} from '../../servers/snowflake-account.ts'
import type { SnowflakeDouble, SnowflakeDoubleOptions } from '../../servers/snowflake-double.ts'
import { oauthPath, SnowflakeOauth } from '../../servers/snowflake-oauth.ts'
import { SnowflakeRefusalError } from '../../servers/snowflake-refusal.ts'
import { listingExpectationsOf, namesOf } from '../listing-expectations.ts'
import { byOauth, byPassword, certificate, startSnowflake } from './snowflake-run.ts'

const { expectListingProblem } = listingExpectationsOf('SNOWFLAKE')

type Scene = { readonly double: SnowflakeDouble }

const near = ({ double }: Scene, options: ListingOptions = {}): ListingOptions => ({
  ...options,
  network: { cloudEndpoints: double.endpoints, ...options.network },
})
const catalogAt = (scene: Scene, path: readonly string[], options?: ListingOptions, input: unknown = anywhere()) =>
  listCatalog(snowflake, input, path, near(scene, options))
const optionsAt = (scene: Scene, field: string, options?: ListingOptions, input: unknown = anywhere()) =>
  listOptions(snowflake, input, field, near(scene, options))

/** A connector for all that the role sees. */
const anywhere = (more: object = {}) => byPassword({ database: undefined, schema: undefined, ...more })

const patience = { timeout: 10_000, interval: 10 }
const leftAt = ({ double }: Scene) => ({
  running: double.running,
  sessions: double.openSessions,
  connections: double.openConnections,
  resumed: double.resumed,
  changes: double.changes,
})
const nothing = { running: 0, sessions: 0, connections: 0, resumed: [], changes: [] }

/** Nothing was started, nothing is left, and no warehouse was made the session's. */
async function expectNothingLeft(scene: Scene): Promise<void> {
  await expect.poll(() => leftAt(scene), patience).toEqual(nothing)
  expect(scene.double.statements.filter(sql => /warehouse\s+"|use\s+warehouse/i.test(sql))).toEqual([])
}

const small: SnowflakeTable = { columns: [{ name: 'N', type: 'text' }] }

describe('the catalog of a Snowflake connector', () => {
  it('goes from databases down to columns, without a warehouse, and leaves nothing behind', async () => {
    await using scene = await startSnowflake()
    expect(await catalogAt(scene, [])).toEqual({
      items: [{ name: 'SALES', kind: 'DATABASE', hasChildren: true }],
      next: null,
      problem: null,
    })
    const schemas = await catalogAt(scene, ['SALES'])
    expect(schemas.items).toEqual([{ name: 'PUBLIC', kind: 'SCHEMA', hasChildren: true }])
    const { items } = await catalogAt(scene, ['SALES', 'PUBLIC'])
    // What the role may not see is not there for it.
    expect(items.map(({ name, kind }) => [name, kind])).toEqual([
      ['EVERY_TYPE', 'TABLE'],
      ['NUMBERS', 'TABLE'],
      ['ORDERS', 'TABLE'],
      ['RECENT_ORDERS', 'VIEW'],
      ['lower case', 'TABLE'],
    ])
    expect(items[2]).toEqual({
      name: 'ORDERS',
      kind: 'TABLE',
      hasChildren: true,
      sizeBytes: 1_024,
      query: { table: { database: 'SALES', schema: 'PUBLIC', name: 'ORDERS' } },
    })
    const columns = await catalogAt(scene, ['SALES', 'PUBLIC', 'lower case'])
    expect(columns.items[0]).toEqual({
      name: 'mixed Case',
      kind: 'COLUMN',
      hasChildren: false,
      column: { nativeType: 'VARCHAR(16777216)', type: 'TEXT', isNullable: true },
    })
    expect(scene.double.signIns.every(({ query }) => !query.has('warehouse'))).toBe(true)
    await expectNothingLeft(scene)
  })

  it('tells the types of columns as those of rows are told', async () => {
    await using scene = await startSnowflake()
    const { items } = await catalogAt(scene, ['SALES', 'PUBLIC', 'EVERY_TYPE'])
    expect(items.map(({ name }) => name)).toEqual(everyType.columns.map(({ name }) => name))
    expect(items.map(({ column }) => `${column?.nativeType} ${column?.type}`)).toEqual([
      'NUMBER(38,0) INTEGER',
      'NUMBER(38,10) DECIMAL',
      'FLOAT FLOAT',
      'VARCHAR(16777216) TEXT',
      'BOOLEAN BOOLEAN',
      'DATE DATE',
      'TIME(9) TIME',
      'TIMESTAMP_NTZ(9) TIMESTAMP',
      'TIMESTAMP_LTZ(9) TIMESTAMP',
      'TIMESTAMP_TZ(9) TIMESTAMP',
      'BINARY(8388608) BINARY',
      'VARIANT JSON',
      'OBJECT JSON',
      'ARRAY LIST',
      'GEOGRAPHY JSON',
      'VECTOR(FLOAT, 3) LIST',
    ])
  })

  it('is paged by name at every level, and asks for no more than it shows', async () => {
    const names = ['A', 'A_B', 'AB', `it's "x"`, 'back\\slash', '100%', 'ä', 'Z']
    const account = accountWith({
      roles: { READER: ['USAGE ON DATABASE D', 'USAGE ON SCHEMA D.S', ...names.map(grantOn)] },
      databases: { D: { S: Object.fromEntries(names.map(name => [name, small])) } },
    })
    await using scene = await startSnowflake({ account })
    for (const first of [1, 3, 8]) {
      const items = await everyItem(first, page => catalogAt(scene, ['D', 'S'], page))
      expect(items.map(({ name }) => name)).toEqual([...names].sort())
    }
    const limits = scene.double.statements.flatMap(sql => /SHOW OBJECTS.* LIMIT (\d+)/.exec(sql)?.[1] ?? [])
    expect(new Set(limits)).toEqual(new Set(['3', '5', '10']))
    const columns = await everyItem(4, page => catalogAt(scene, ['D', 'S', 'A'], page))
    expect(columns).toHaveLength(1)
    await expectNothingLeft(scene)
  })

  it('finds parts of names without regard to case, and takes nothing in them for a pattern or for SQL', async () => {
    const names = ['A_B', 'AXB', '100%', `it's`, `x' OR '1'='1`, 'back\\slash', 'ZZ']
    const account = accountWith({
      roles: { READER: ['USAGE ON DATABASE D', 'USAGE ON SCHEMA D.S', ...names.map(grantOn)] },
      databases: { D: { S: Object.fromEntries(names.map(name => [name, small])) } },
    })
    await using scene = await startSnowflake({ account })
    const found = async (search: string) => namesOf(await catalogAt(scene, ['D', 'S'], { search }))
    expect(await found('a_b')).toEqual(['A_B'])
    expect(await found('%')).toEqual(['100%'])
    expect(await found(`'`)).toEqual([`it's`, `x' OR '1'='1`])
    expect(await found('\\')).toEqual(['back\\slash'])
    expect(await found(`nothing' IN ACCOUNT --`)).toEqual([])
    // As far as names lead, so do made-up places: they are no SQL either.
    expect(namesOf(await catalogAt(scene, ['D', 'S'], { after: `ZY' LIMIT 1 --` }))).toEqual(
      ['ZZ', 'back\\slash', ...names.filter(name => /^[ix]/.test(name)).sort()].sort(),
    )
    expect(scene.double.changes).toEqual([])
  })

  it('begins with the database of the form, and ends there', async () => {
    await using scene = await startSnowflake({
      account: withGrants(['USAGE ON DATABASE PAYROLL', 'USAGE ON SCHEMA PAYROLL.PUBLIC']),
    })
    expect(namesOf(await catalogAt(scene, []))).toEqual(['PAYROLL', 'SALES'])
    expect(namesOf(await catalogAt(scene, [], {}, byPassword()))).toEqual(['SALES'])
    const asked = scene.double.queries.length
    const outside = await catalogAt(scene, ['PAYROLL'], {}, byPassword())
    expectListingProblem(outside, { code: 'CATALOG_PATH_NOT_FOUND', fields: ['database'] })
    expect(scene.double.queries).toHaveLength(asked)
    const missing = await catalogAt(scene, [], {}, byPassword({ database: 'sales', schema: undefined }))
    const { remedies } = expectListingProblem(missing, { code: 'DATABASE_NOT_FOUND', fields: ['database', 'role'] })
    expect(remedies).toMatchObject([{ kind: 'SET_FIELD', field: 'database', value: 'SALES' }])
  })

  it('says which part of a path is not there, and which is not theirs', async () => {
    // Something may be done there, but nothing looked into.
    const account = withGrants(['MONITOR ON SCHEMA SALES.EMPTY'])
    await using scene = await startSnowflake({ account })
    const problemAt = async (path: readonly string[]) => (await catalogAt(scene, path)).problem
    expect(await problemAt(['NOWHERE'])).toMatchObject({
      code: 'CATALOG_PATH_NOT_FOUND',
      params: { what: 'database', name: 'NOWHERE' },
    })
    expect(await problemAt(['NOWHERE', 'PUBLIC', 'ORDERS'])).toMatchObject({ params: { what: 'database' } })
    expect(await problemAt(['SALES', 'nowhere'])).toMatchObject({ params: { what: 'schema', name: 'nowhere' } })
    expect(await problemAt(['SALES', 'PUBLIC', 'SALARIES'])).toMatchObject({ params: { what: 'table or view' } })
    expect(await problemAt(['SALES', 'PUBLIC', 'ORDERS', 'ID'])).toMatchObject({ code: 'CATALOG_PATH_NOT_FOUND' })
    expect(await problemAt(['SALES', 'x'.repeat(256)])).toMatchObject({ code: 'CATALOG_PATH_NOT_FOUND' })
    const seen = await catalogAt(scene, ['SALES'])
    expect(namesOf(seen)).toEqual(['EMPTY', 'PUBLIC'])
    const denied = await catalogAt(scene, ['SALES', 'EMPTY'])
    const { remedies } = expectListingProblem(denied, { code: 'PERMISSION_DENIED', fields: ['role'] })
    expect(remedies).toMatchObject([{ sql: 'GRANT USAGE ON SCHEMA "SALES"."EMPTY" TO ROLE "READER";' }])
    expect(denied.items).toEqual([])
    await expectNothingLeft(scene)
  })

  it('says that it was never at the place that the next page is to begin at', async () => {
    await using scene = await startSnowflake()
    for (const [path, after] of [
      [[], 'x'.repeat(300)],
      [['SALES', 'PUBLIC', 'ORDERS'], 'TOTAL'],
      [['SALES', 'PUBLIC', 'ORDERS'], '-1'],
    ] as const) {
      expectListingProblem(await catalogAt(scene, path, { after }), { code: 'LISTING_UNSUPPORTED' })
    }
  })
})

const grantOn = (name: string) =>
  `SELECT ON TABLE D.S.${/^[A-Z_]+$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`}`

describe('what a Snowflake form can be filled in with', () => {
  it('lists warehouses with their state before one is chosen, and wakes none', async () => {
    await using scene = await startSnowflake()
    const { items, problem } = await optionsAt(scene, 'warehouse', {}, anywhere({ warehouse: 'NOT_CHOSEN_YET' }))
    expect(problem).toBeNull()
    expect(items).toEqual([
      { value: 'COMPUTE_WH', help: 'started, X-Small' },
      { value: 'EXHAUSTED_WH', help: 'suspended, starts by itself, X-Small' },
      { value: 'SLEEPING_WH', help: 'suspended, starts by itself, X-Small' },
      { value: 'STOPPED_WH', help: 'suspended, does not start by itself, X-Small' },
    ])
    expect(scene.double.statements.join('\n')).not.toContain('NOT_CHOSEN_YET')
    expect(namesOf(await optionsAt(scene, 'warehouse', { search: 'st' }))).toEqual(['EXHAUSTED_WH', 'STOPPED_WH'])
    const paged = await everyItem(1, page => optionsAt(scene, 'warehouse', page))
    expect(paged).toHaveLength(4)
    await expectNothingLeft(scene)
  })

  it('lists the roles that the user may use, whatever role the form has', async () => {
    const account = withGrants(['USAGE ON ROLE SUPPORT'], { SUPPORT: [] })
    await using scene = await startSnowflake({ account })
    for (const role of ['READER', 'NO_SUCH_ROLE', undefined]) {
      const listed = await optionsAt(scene, 'role', {}, anywhere({ role, warehouse: 'NOT_CHOSEN_YET' }))
      expect(namesOf(listed)).toEqual(['PUBLIC', 'READER', 'SUPPORT'])
    }
    expect(namesOf(await optionsAt(scene, 'role', { search: 'read' }))).toEqual(['READER'])
    // Where that function is not there, the user's own roles are.
    await using older = await startSnowflake({
      account,
      statements: sql =>
        sql.includes('CURRENT_AVAILABLE_ROLES')
          ? new SnowflakeRefusalError('002140', 'Unknown function.', '42601')
          : undefined,
    })
    expect(namesOf(await optionsAt(older, 'role'))).toEqual(['PUBLIC', 'READER'])
    await expectNothingLeft(scene)
  })

  it('lists databases, whatever database the form has, and the schemas of the one that is chosen', async () => {
    await using scene = await startSnowflake({
      account: withGrants(['USAGE ON DATABASE PAYROLL', 'USAGE ON SCHEMA SALES.EMPTY']),
    })
    expect(namesOf(await optionsAt(scene, 'database', {}, byPassword()))).toEqual(['PAYROLL', 'SALES'])
    expect(namesOf(await optionsAt(scene, 'schema', {}, byPassword({ schema: undefined })))).toEqual([
      'EMPTY',
      'PUBLIC',
    ])
    const wrong = await optionsAt(scene, 'schema', {}, byPassword({ database: 'NOWHERE', schema: undefined }))
    expectListingProblem(wrong, { code: 'CATALOG_PATH_NOT_FOUND', fields: ['database', 'role'] })
    await expectNothingLeft(scene)
  })

  it('counts no role but the form’s own', async () => {
    const user = { ...sampleAccount.users['PATCHBAY'], roles: ['READER', 'PAYER'], secondaryRoles: 'ALL' } as const
    const account = accountWith({
      users: { PATCHBAY: user },
      roles: { ...sampleAccount.roles, PAYER: ['USAGE ON DATABASE PAYROLL'] },
    })
    await using scene = await startSnowflake({ account })
    expect(namesOf(await optionsAt(scene, 'database'))).toEqual(['SALES'])
    expect(namesOf(await optionsAt(scene, 'database', {}, anywhere({ role: 'PAYER' })))).toEqual(['PAYROLL'])
  })
})

describe('a list of Snowflake’s that cannot be had', () => {
  const refusedWith = (code: string, message: string, sqlState = '08001'): SnowflakeDoubleOptions => ({
    at: { signIn: { error: code, message, sqlState } },
  })

  it('has the problem of the sign-in, as a test would tell it', async () => {
    const cases = [
      [refusedWith('390100', 'Incorrect username or password was specified.'), 'CREDENTIALS_REJECTED'],
      [refusedWith('390432', 'Network policy is required.'), 'NETWORK_POLICY_REQUIRED'],
      [
        refusedWith('390420', 'Incoming request with IP/Token 198.51.100.7 is not allowed to access Snowflake.'),
        'CLIENT_ADDRESS_NOT_ALLOWED',
      ],
      [{ at: { signIn: { status: 429, body: '{}' } } }, 'CLOUD_THROTTLED'],
    ] as const
    for (const [options, code] of cases) {
      await using scene = await startSnowflake(options as SnowflakeDoubleOptions)
      for (const listing of [await catalogAt(scene, []), await optionsAt(scene, 'warehouse')]) {
        expect(listing).toMatchObject({ items: [], next: null, problem: { code } })
      }
      await expectNothingLeft(scene)
    }
    await using scene = await startSnowflake()
    const roleless = await catalogAt(scene, [], {}, anywhere({ role: 'WRITER' }))
    expectListingProblem(roleless, { code: 'ROLE_NOT_GRANTED', fields: ['role'] })
  })

  it('has the problem of the statement: too many requests, a lost session, an answer that is none', async () => {
    const show = (found: object): SnowflakeDoubleOptions => ({
      at: { query: ({ sql }) => (sql.startsWith('SHOW') ? (found as never) : undefined) },
    })
    for (const [options, code] of [
      [show({ status: 429, headers: { 'retry-after': '1' }, body: '{}' }), 'CLOUD_THROTTLED'],
      [show({ error: '003001', message: 'Insufficient privileges.', sqlState: '42501' }), 'PERMISSION_DENIED'],
    ] as const) {
      await using scene = await startSnowflake(options)
      expectListingProblem(await optionsAt(scene, 'database'), { code })
      await expectNothingLeft(scene)
    }
  })

  it('ends within its time when Snowflake does not answer, and stops what runs there', async () => {
    await using scene = await startSnowflake({
      takes: sql => (sql.startsWith('SHOW') ? { how: 'WITHIN' } : undefined),
    })
    const late = await catalogAt(scene, [], { budgetMs: 2_000 })
    expectListingProblem(late, { code: 'LISTING_TIMED_OUT', params: { seconds: 2 } })
    expect(late.items).toEqual([])
    await expectNothingLeft(scene)
    expect(scene.double.aborted).toHaveLength(1)
    await using silent = await startSnowflake({ at: { signIn: 'HANG' } })
    expectListingProblem(await optionsAt(silent, 'role', { budgetMs: 500 }), { code: 'LISTING_TIMED_OUT' })
    await expectNothingLeft(silent)
  })

  it('stops what runs when nobody waits any more', async () => {
    await using scene = await startSnowflake({
      takes: sql => (sql.startsWith('SHOW') ? { how: 'WITHIN' } : undefined),
    })
    const client = new AbortController()
    const listing = catalogAt(scene, [], { signal: client.signal })
    await expect.poll(() => scene.double.running, patience).toBe(1)
    client.abort()
    await listing
    await expectNothingLeft(scene)
    expect(scene.double.aborted).toHaveLength(1)
  })

  it('is no list of a server that always begins anew, nor an empty one of what is not there', async () => {
    const name = { name: 'name', type: 'text' } as const
    const rows = ['A', 'B', 'C'].map(text => [text])
    await using forgetful = await startSnowflake({
      statements: sql => (sql.startsWith('SHOW DATABASES') ? { columns: [name], rows, typeId: 0x4400 } : undefined),
    })
    expect(namesOf(await catalogAt(forgetful, [], { first: 1, after: 'A' }))).toEqual(['B'])
    expectListingProblem(await catalogAt(forgetful, [], { first: 1, after: 'B' }), { code: 'PROTOCOL_VIOLATION' })
    await using lenient = await startSnowflake({
      statements: sql => (sql.startsWith('SHOW SCHEMAS') ? { columns: [name], rows: [], typeId: 0x4400 } : undefined),
    })
    expectListingProblem(await catalogAt(lenient, ['NOWHERE']), { code: 'CATALOG_PATH_NOT_FOUND' })
    expect(await catalogAt(lenient, ['SALES'])).toEqual({ items: [], next: null, problem: null })
  })

  it('repeats no token that was handed out on the way', async () => {
    await using oauth = await SnowflakeOauth.start({
      certificate,
      clients: { patchbay: { secret: 'secret-7Tz', user: 'PATCHBAY', makeToken: () => 'handed-out-token-4Kd9' } },
    })
    const echo = 'You have said handed-out-token-4Kd9.'
    await using scene = await startSnowflake({
      oauth: oauth.issuer,
      at: {
        query: ({ sql }) =>
          sql.startsWith('SHOW') ? { error: '003001', message: echo, sqlState: '42501' } : undefined,
      },
    })
    const input = byOauth(
      { clientId: 'patchbay', clientSecret: 'secret-7Tz', tokenUrl: `https://login.example.com${oauthPath}` },
      { database: undefined, schema: undefined },
    )
    const network = { cloudEndpoints: { ...scene.double.endpoints, 'login.example.com': oauth.url } }
    const listing = await catalogAt(scene, [], { network }, input)
    const { detail } = expectListingProblem(listing, { code: 'PERMISSION_DENIED' })
    expect(detail).toContain('You have said')
    expect(JSON.stringify(listing)).not.toContain('handed-out-token-4Kd9')
  })
})
