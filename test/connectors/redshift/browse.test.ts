import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { CatalogEntry, FieldOption, Listing } from '../../../src/connectors/browse.ts'
import type { Problem } from '../../../src/connectors/problem.ts'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { redshift } from '../../../src/connectors/redshift/index.ts'
import { AwsDouble } from '../../servers/aws-double.ts'
import { issueCertificate } from '../../servers/certificates.ts'
import { everyItem, type ListingOptions, listCatalog, listOptions } from '../../servers/listing-run.ts'
import { RedshiftFacade } from '../../servers/redshift-facade.ts'
import { accessKey, inputFor, knownKeys, nearAws, proved, queryRedshift, region } from './redshift-run.ts'

const root = issueCertificate({ commonName: 'Test Root', authority: true })
const certificate = issueCertificate({ commonName: 'redshift', issuer: root, names: ['127.0.0.1'], usage: 'server' })
const host = 'sales.111122223333.eu-west-1.redshift-serverless.amazonaws.com'

const encrypted = {
  settings: { ssl: 'on', ssl_cert_file: 'server.crt', ssl_key_file: 'server.key' },
  files: { 'server.crt': certificate.certificate, 'server.key': certificate.key },
}

let facade: RedshiftFacade
beforeAll(async () => {
  facade = await RedshiftFacade.start(encrypted)
  await facade.sql('create database shop')
  await facade.sql(`
    create role ann login password 'pw'; create role "IAM:ann" login password 'pw' in role ann; create schema sales;
    grant usage on schema sales to ann;
    comment on schema sales is 'What was sold'; create schema payroll; create table payroll.wages (id int);
    create table sales.orders (id bigint not null, note varchar(20), price numeric(10, 2), gone int, at timestamptz);
    alter table sales.orders drop column gone; comment on table sales.orders is 'One line for each order';
    comment on column sales.orders.note is 'For the parcel'; insert into sales.orders (id) values (1);
    create view sales.recent as select id, note from sales.orders; create view sales.late as select;
    create view sales.broken as select; create materialized view sales.totals as select count(*) as n from sales.orders;
    create table sales."A.b ""c"" é" ("d.1" int); insert into sales."A.b ""c"" é" values (5);
    grant select on all tables in schema sales to ann; create table sales.locked (id int);
    insert into pg_facade.late_bound_columns values ('sales', 'late', 'name', 'character varying(200)', 1),
      ('sales', 'late', 'price', 'numeric(8,2)', 2), ('sales', 'other', 'x', 'integer', 1);
    create schema lake; grant usage on schema lake to ann; create schema pond;
    insert into pg_facade.external_tables values ('lake', 'events'), ('lake', 'clicks'), ('lake', 'events'), ('pond', 'frogs');
    insert into pg_facade.external_columns values ('lake', 'events', 'id', 'bigint', 1, 0, 'true'),
      ('lake', 'events', 'tags', 'array<varchar(20)>', 2, 0, ''), ('lake', 'events', 'price', 'decimal(10,2)', 3, 0, 'false'),
      ('lake', 'events', 'day', 'date', 4, 1, null), ('lake', 'clicks', 'url', 'string', 1, 0, 'true')`)
})
afterAll(async () => {
  await facade?.[Symbol.asyncDispose]()
})

async function withRules(hba: readonly string[]): Promise<void> {
  await facade.server.configure({ ...encrypted, hba })
  await facade.sql('select pg_reload_conf()')
}

const ann = (change = {}) => inputFor(facade, 'ann', 'pw', change)
const browse = (path: readonly string[], options?: ListingOptions, input: unknown = ann()) =>
  listCatalog(redshift, input, path, options)
const optionsFor = (field: string, options?: ListingOptions, input: unknown = ann()) =>
  listOptions(redshift, input, field, options)

function sound<Item>({ items, problem }: Listing<Item>): readonly Item[] {
  expect(problem).toBeNull()
  return items
}
const namesOf = (listing: Listing<CatalogEntry>) => sound(listing).map(({ name }) => name)
const valuesOf = (listing: Listing<FieldOption>) => sound(listing).map(({ value }) => value)

function expectListingProblem({ problem }: Listing<unknown>, code: ProblemCode): Problem {
  expect(problem?.code, JSON.stringify(problem)).toBe(code)
  proved(code)
  return problem as Problem
}

describe('the catalog of a Redshift database (a PostgreSQL with the catalogue of Redshift)', () => {
  it('begins with schemas, those outside of Redshift too, and says which are closed', async () => {
    const schemas = sound(await browse([])).filter(({ name }) => name !== 'pg_facade')
    expect(schemas.map(({ name, problem }) => [name, problem?.code])).toEqual([
      ['lake', undefined],
      ['payroll', 'PERMISSION_DENIED'],
      ['pond', 'PERMISSION_DENIED'],
      ['public', undefined],
      ['sales', undefined],
    ])
    expect(schemas.find(({ name }) => name === 'sales')?.comment).toBe('What was sold')
    for (const path of [['payroll'], ['payroll', 'wages'], ['pond'], ['pond', 'frogs']]) {
      const listing = await browse(path)
      expectListingProblem(listing, 'PERMISSION_DENIED')
      expect(listing.items).toEqual([])
    }
  })

  it('has tables and views, with what reads them', async () => {
    const relations = sound(await browse(['sales']))
    expect(relations.map(({ name, kind, nativeKind, problem }) => [name, kind, nativeKind, problem?.code])).toEqual([
      ['A.b "c" é', 'TABLE', undefined, undefined],
      ['broken', 'VIEW', undefined, undefined],
      ['late', 'VIEW', undefined, undefined],
      ['locked', 'TABLE', undefined, 'PERMISSION_DENIED'],
      ['orders', 'TABLE', undefined, undefined],
      ['recent', 'VIEW', undefined, undefined],
      ['totals', 'VIEW', 'MATERIALIZED VIEW', undefined],
    ])
    const [odd] = relations
    expect(await queryRedshift(ann(), odd?.query)).toMatchObject({ kind: 'RESULT', result: { rows: [[5]] } })
    expect(namesOf(await browse(['sales', 'A.b "c" é']))).toEqual(['d.1'])
    const locked = relations.find(({ name }) => name === 'locked')
    expect(locked?.query).toBeUndefined()
    const [remedy] = locked?.problem?.remedies ?? []
    await facade.sql(remedy?.kind === 'RUN_SQL' ? remedy.sql : '')
    expect(sound(await browse(['sales'], { search: 'LOCK' }))[0]?.query).toEqual({
      table: { schema: 'sales', name: 'locked' },
    })
  })

  it('has the columns of tables and of views, those that are bound late too', async () => {
    const typesOf = (listing: Listing<CatalogEntry>) =>
      sound(listing).map(({ name, column }) => [name, column?.nativeType, column?.type, column?.isNullable])
    expect(typesOf(await browse(['sales', 'orders']))).toEqual([
      ['id', 'bigint', 'INTEGER', false],
      ['note', 'character varying(20)', 'TEXT', true],
      ['price', 'numeric(10,2)', 'DECIMAL', true],
      ['at', 'timestamp with time zone', 'TIMESTAMP', true],
    ])
    expect(sound(await browse(['sales', 'orders']))[1]?.comment).toBe('For the parcel')
    expect(typesOf(await browse(['sales', 'recent']))).toEqual([
      ['id', 'bigint', 'INTEGER', undefined],
      ['note', 'character varying(20)', 'TEXT', undefined],
    ])
    expect(typesOf(await browse(['sales', 'late']))).toEqual([
      ['name', 'character varying(200)', 'TEXT', undefined],
      ['price', 'numeric(8,2)', 'DECIMAL', undefined],
    ])
    expect(namesOf(await browse(['sales', 'late'], { search: 'PRI' }))).toEqual(['price'])
    expectListingProblem(await browse(['sales', 'broken']), 'LISTING_UNSUPPORTED')
  })

  it('has what lies outside of Redshift, once each', async () => {
    const tables = sound(await browse(['lake']))
    expect(tables.map(({ name, kind, nativeKind }) => [name, kind, nativeKind])).toEqual([
      ['clicks', 'TABLE', 'EXTERNAL TABLE'],
      ['events', 'TABLE', 'EXTERNAL TABLE'],
    ])
    const columns = sound(await browse(['lake', 'events']))
    expect(columns.map(({ name, column }) => [name, column?.nativeType, column?.type, column?.isNullable])).toEqual([
      ['id', 'bigint', 'INTEGER', true],
      ['tags', 'array<varchar(20)>', 'JSON', undefined],
      ['price', 'decimal(10,2)', 'DECIMAL', false],
      ['day', 'date', 'DATE', undefined],
    ])
    expectListingProblem(await browse(['lake', 'nowhere']), 'CATALOG_PATH_NOT_FOUND')
  })

  it('is read page by page, and searched, at every level', async () => {
    for (const path of [[], ['sales'], ['sales', 'orders'], ['sales', 'late'], ['lake'], ['lake', 'events']]) {
      const whole = namesOf(await browse(path))
      const pages = await everyItem(1, page => browse(path, page))
      expect(pages.map(({ name }) => name)).toEqual(whole)
      for (const after of ["'", '\0', '-1', '\\', '日本']) expect((await browse(path, { after })).problem).toBeNull()
      for (const search of ['%', '_', "'", '\0', '\\'])
        expect(namesOf(await browse(path, { search })).every(name => name.includes(search))).toBe(true)
    }
  })

  it.each([
    [['nowhere']],
    [['sales', 'nowhere']],
    [['sales', 'orders', 'id']],
    [['sal\0es']],
    [['sales', '\0']],
    [['']],
  ])('has nothing at %j', async path => {
    const listing = await browse(path)
    expectListingProblem(listing, 'CATALOG_PATH_NOT_FOUND')
    expect(listing.items).toEqual([])
  })

  it('shows the schemas that the form names, and which of them are missing', async () => {
    const input = ann({ schemas: ['sales', 'nowhere'] })
    const listing = await browse([], {}, input)
    expect(listing.items.map(({ name }) => name)).toEqual(['sales'])
    expect(expectListingProblem(listing, 'CATALOG_PATH_NOT_FOUND').fields).toEqual(['schemas'])
    expectListingProblem(await browse(['lake'], {}, input), 'CATALOG_PATH_NOT_FOUND')
    expect(namesOf(await browse(['sales', 'orders'], {}, input))).toContain('id')
  })

  it('does without views that an account may not look at', async () => {
    await facade.sql('revoke select on svv_external_schemas from public')
    try {
      expect(namesOf(await browse(['sales']))).toContain('orders')
    } finally {
      await facade.sql('grant select on svv_external_schemas to public')
    }
  })
})

describe('the values that a form can choose from', () => {
  it("are the databases, told by the first one where the form's does not exist", async () => {
    expect(valuesOf(await optionsFor('database'))).toEqual(['dev', 'shop'])
    const listing = await optionsFor('database', {}, ann({ database: 'nowhere' }))
    expect(listing.items.map(({ value }) => value)).toEqual(['dev', 'shop'])
    expect(expectListingProblem(listing, 'DATABASE_NOT_FOUND').fields).toEqual(['database'])
  })

  it('are refused for the password that is wrong, though the form’s database is not found before that is looked at', async () => {
    const everybody = 'host all all 127.0.0.1/32 scram-sha-256'
    await withRules(['host nowhere all 127.0.0.1/32 trust', everybody])
    try {
      const input = inputFor(facade, 'ann', 'wrong', { database: 'nowhere' })
      const listing = await optionsFor('database', {}, input)
      expect(listing.items).toEqual([])
      expectListingProblem(listing, 'CREDENTIALS_REJECTED')
    } finally {
      await withRules([everybody])
    }
  })

  it('are all schemas, with a word on those that are closed', async () => {
    const schemas = sound(await optionsFor('schemas', {}, ann({ schemas: ['sales'] })))
    expect(schemas.find(({ value }) => value === 'payroll')?.help).toContain('USAGE')
    expect(schemas.find(({ value }) => value === 'sales')?.help).toBe('What was sold')
  })
})

describe('the catalog of a serverless workgroup', () => {
  const near = { network: { hosts: { [host]: ['127.0.0.1'] } } }

  it('is not looked at unless that is allowed, because it would be billed', async () => {
    const before = facade.statementsOf('ann').length
    const input = ann({ host })
    for (const listing of [
      await browse([], near, input),
      await browse(['sales', 'orders'], near, input),
      await optionsFor('database', near, input),
      await optionsFor('schemas', near, input),
    ]) {
      expect(expectListingProblem(listing, 'COMPUTE_NOT_ALLOWED').detail).toContain('bills every statement')
      expect(listing.items).toEqual([])
    }
    expect(facade.statementsOf('ann').length).toBe(before)
    expect(namesOf(await browse(['sales'], { ...near, mayStartCompute: true }, input))).toContain('orders')
  })
})

describe('a list by IAM', () => {
  const input = () => ({
    host: '127.0.0.1',
    port: facade.port,
    auth: {
      iam: {
        deployment: { cluster: { clusterIdentifier: 'sales' } },
        region,
        databaseUser: 'ann',
        credentials: { accessKey },
      },
    },
    tls: { caCertificates: root.certificate },
  })

  it('is read with the password that AWS gives out', async () => {
    await using aws = await AwsDouble.start({ keys: knownKeys, database: { user: 'ann', password: 'pw' } })
    expect(namesOf(await browse(['sales'], nearAws(aws), input()))).toContain('orders')
    expect(aws.requests).toHaveLength(1)
    expect(aws.openConnections).toBe(0)
  })

  it('tells nobody that password, whatever the database has in its comments', async () => {
    await using aws = await AwsDouble.start({ keys: knownKeys, database: { user: 'ann', password: 'pw' } })
    await facade.sql("create schema told; comment on schema told is 'Sign in with pw'")
    try {
      const entries = await browse([], nearAws(aws), input())
      expect(entries.items.find(({ name }) => name === 'told')?.comment).toBe('Sign in with •••')
    } finally {
      await facade.sql('drop schema told')
    }
  })

  it('says what AWS has refused, and asks no database', async () => {
    await using aws = await AwsDouble.start({ keys: {}, database: { user: 'ann', password: 'pw' } })
    const listing = await optionsFor('database', nearAws(aws), input())
    expect(listing.items).toEqual([])
    expect(listing.problem?.code).not.toBe('UNCLASSIFIED')
    expect(redshift.problems).toContain(listing.problem?.code)
    expect(listing.problem?.fields.join()).toContain('auth.iam.credentials')
  })
})
