import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { athena } from '../../src/connectors/athena/index.ts'
import type { Listing } from '../../src/connectors/browse.ts'
import type { ProblemCode } from '../../src/connectors/problem-table.ts'
import { documentedActions } from '../connectors/aws/documented-policy.ts'
import { proves } from '../proofs/proves.ts'
import { everyItem, type ListingOptions, listCatalog, listOptions } from '../servers/listing-run.ts'
import { installMoto } from './moto-install.ts'
import { type MotoKey, MotoServer } from './moto-server.ts'

const installation = await installMoto()
const region = 'eu-west-1'
const externalId = 'patchbay-of-this-workspace'

if (installation.installed) describe('the lists of an Athena connector, on moto', onMoto)
else it('the lists of an Athena connector, on moto', context => context.skip(installation.reason))

/** moto knows workgroups, data catalogs and databases, and no tables. */
function onMoto(): void {
  let moto: MotoServer
  let reader: MotoKey
  let nobody: MotoKey
  let operator: MotoKey
  let roleArn: string

  const databases = Array.from({ length: 120 }, (_, n) => `shop_${String(n).padStart(3, '0')}`)
  const reading = documentedActions('athena')

  beforeAll(async () => {
    moto = await MotoServer.start()
    await moto.athena('CreateWorkGroup', { Name: 'analysts', Description: 'For analysts only', Configuration: {} })
    await moto.athena('CreateWorkGroup', { Name: 'retired', Configuration: {} })
    await moto.athena('CreateDataCatalog', { Name: 'lake', Type: 'GLUE', Description: '', Parameters: {} })
    await moto.athena('CreateDataCatalog', { Name: 'logs', Type: 'LAMBDA', Description: '', Parameters: {} })
    for (const name of databases) await moto.athena('StartQueryExecution', { QueryString: `create database ${name}` })
    reader = await moto.addUser('reader', reading)
    nobody = await moto.addUser('nobody', ['athena:GetWorkGroup'])
    operator = await moto.addUser('operator', ['sts:AssumeRole'])
    roleArn = await moto.addRole('patchbay', reading, externalId)
    await moto.checkRights()
  })
  afterAll(() => moto?.[Symbol.asyncDispose]())

  const inputFor = (accessKey: MotoKey, change: object = {}) => ({ region, credentials: { accessKey }, ...change })
  const near = (options: ListingOptions = {}) => ({ network: { awsEndpoints: moto.endpoints }, ...options })
  const catalog = (path: readonly string[], options: ListingOptions = {}, accessKey = reader) =>
    listCatalog(athena, inputFor(accessKey), path, near(options))
  const options = (field: string, page: ListingOptions = {}, accessKey = reader) =>
    listOptions(athena, inputFor(accessKey), field, near(page))

  function expectNotListed(listing: Listing, code: ProblemCode): Listing['problem'] {
    expect(listing, JSON.stringify(listing)).toMatchObject({ items: [], next: null, problem: { code } })
    proves('ATHENA', code, 'PUBLIC_IMPLEMENTATION')
    return listing.problem
  }

  it('have workgroups, catalogs and databases to choose from, with the policy that the page gives to an account', async () => {
    const workgroups = await options('workgroup')
    expect(workgroups.problem).toBeNull()
    expect(workgroups.items).toEqual([
      { value: 'primary' },
      { value: 'analysts', help: 'For analysts only' },
      { value: 'retired' },
    ])
    // It does not tell of the catalog that is always there.
    expect((await options('catalog')).items.map(({ value }) => value)).toEqual(['lake', 'logs'])
    const all = await everyItem(50, page => options('database', page))
    expect(all.map(({ value }) => value)).toEqual(['default', ...databases])
  })

  it('lead from catalogs to databases, page by page', async () => {
    const top = await catalog([])
    expect(top.problem).toBeNull()
    expect(top.items).toMatchObject([
      { name: 'AwsDataCatalog', nativeKind: 'GLUE' },
      { name: 'lake', nativeKind: 'GLUE' },
      { name: 'logs', nativeKind: 'LAMBDA', problem: { code: 'COMPUTE_NOT_ALLOWED' } },
    ])
    for (const first of [1, 7, 100]) {
      const found = await everyItem(first, page =>
        catalog(['AwsDataCatalog'], first === 1 ? { ...page, search: '01' } : { ...page, first }),
      )
      const expected = first === 1 ? databases.filter(name => name.includes('01')) : ['default', ...databases]
      expect(found.map(({ name }) => name)).toEqual(expected)
    }
  })

  it('refuse pages that nobody has given out', async () => {
    const { next } = await catalog(['AwsDataCatalog'], { first: 10 })
    expectNotListed(await catalog(['lake'], { after: next }), 'LISTING_UNSUPPORTED')
    expectNotListed(await catalog([], { after: next }), 'LISTING_UNSUPPORTED')
  })

  it('are there for a role, in a session that may do nothing else', async () => {
    const operatorAws = { identity: operator, externalId }
    const input = { region, credentials: { assumeRole: { roleArn } } }
    const found = await listCatalog(athena, input, ['AwsDataCatalog'], near({ operatorAws, search: 'shop_11' }))
    expect(found).toMatchObject({ problem: null })
    expect(found.items).toHaveLength(10)
    const refused = await listCatalog(
      athena,
      input,
      [],
      near({ operatorAws: { identity: operator, externalId: 'other' } }),
    )
    expectNotListed(refused, 'CLOUD_ROLE_REFUSED')
  })

  it('name the right that is missing', async () => {
    const missing = async (listing: Promise<Listing>) =>
      expectNotListed(await listing, 'CLOUD_ACCESS_DENIED')?.params['action']
    expect(await missing(options('workgroup', {}, nobody))).toBe('athena:ListWorkGroups')
    expect(await missing(options('catalog', {}, nobody))).toBe('athena:ListDataCatalogs')
    expect(await missing(options('database', {}, nobody))).toBe('athena:ListDatabases')
    expect(await missing(catalog(['AwsDataCatalog'], {}, nobody))).toBe('athena:ListDatabases')
    const { items, problem } = await catalog([], {}, nobody)
    expect(problem?.params['action']).toBe('athena:ListDataCatalogs')
    expect(items.map(({ name }) => name)).toEqual(['AwsDataCatalog'])
    const wrong = { ...reader, secretAccessKey: 'wrong' }
    expectNotListed(await catalog([], {}, wrong), 'CLOUD_CREDENTIALS_REJECTED')
  })

  it('do not ask a catalog that functions are asked for, unless that may be billed', async () => {
    expectNotListed(await catalog(['logs']), 'COMPUTE_NOT_ALLOWED')
    expect(await catalog(['logs'], { mayStartCompute: true })).toEqual({ items: [], next: null, problem: null })
  })
}
