import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { athena } from '../../src/connectors/athena/index.ts'
import type { OperatorAws } from '../../src/connectors/aws/identity.ts'
import type { QueryOutcome } from '../../src/connectors/define.ts'
import type { ProblemCode } from '../../src/connectors/problem-table.ts'
import { documentedActions } from '../connectors/aws/documented-policy.ts'
import { proves } from '../proofs/proves.ts'
import { type QueryOptions, type RunOptions, runTypeQuery, runTypeTest } from '../servers/type-run.ts'
import { installMoto } from './moto-install.ts'
import { type MotoKey, MotoServer } from './moto-server.ts'

const installation = await installMoto()
const region = 'eu-west-1'
const sts = `sts.${region}.amazonaws.com`
const externalId = 'patchbay-of-this-workspace'
const execution = 'athena::execution'

if (installation.installed) describe('an Athena connector, on moto', onMoto)
else it('an Athena connector, on moto', context => context.skip(installation.reason))

interface Step {
  readonly status: string
  readonly problem: { readonly code: string; readonly params: object } | null
}
type Steps = Readonly<Record<string, Step>>

/** moto runs no query: it says of each that it waits, runs and has succeeded, and has the results that it was given. */
function onMoto(): void {
  let moto: MotoServer
  let reader: MotoKey
  let unlisting: MotoKey
  let unquerying: MotoKey
  let blind: MotoKey
  let documented: MotoKey
  let operator: MotoKey
  let roleArn: string

  const querying = ['StartQueryExecution', 'GetQueryExecution', 'GetQueryResults', 'StopQueryExecution']
  const looking = ['GetWorkGroup', 'GetDataCatalog']
  const listing = ['ListDatabases', 'GetDatabase']
  const ofAthena = (...actions: readonly string[]) => actions.map(action => `athena:${action}`)

  beforeAll(async () => {
    moto = await MotoServer.start()
    await moto.addBucket('results')
    const ResultConfiguration = { OutputLocation: 's3://results/enforced/' }
    await moto.athena('CreateWorkGroup', {
      Name: 'analysts',
      Configuration: { ResultConfiguration, EnforceWorkGroupConfiguration: true },
    })
    await moto.athena('StartQueryExecution', { QueryString: 'create database shop' })
    reader = await moto.addUser('reader', ofAthena(...querying, ...looking, ...listing))
    unlisting = await moto.addUser('unlisting', ofAthena(...querying, ...looking))
    unquerying = await moto.addUser('unquerying', ofAthena(...looking, ...listing))
    blind = await moto.addUser('blind', ofAthena(...querying))
    documented = await moto.addUser('documented', documentedActions('athena'))
    operator = await moto.addUser('operator', ['sts:AssumeRole'])
    roleArn = await moto.addRole('patchbay', ofAthena(...querying, ...looking, ...listing), externalId)
    await moto.checkRights()
  })
  afterEach(() => moto.advance(execution, { progression: 'immediate' }))
  afterAll(() => moto?.[Symbol.asyncDispose]())

  const inputFor = (accessKey: MotoKey, change: object = {}) => ({
    region,
    credentials: { accessKey },
    outputLocation: 's3://results/patchbay/',
    ...change,
  })
  const nearMoto = (operatorAws?: OperatorAws) => ({
    network: { awsEndpoints: moto.endpoints },
    ...(operatorAws && { operatorAws }),
  })
  // Steps of one key repeat, once for each endpoint.
  const test = async (accessKey: MotoKey, change: object = {}, options: RunOptions = {}) =>
    (await runTypeTest(athena, inputFor(accessKey, change), { ...nearMoto(), ...options })) as Steps
  const testByRole = (identity: MotoKey | null, id = externalId) =>
    test(reader, { credentials: { assumeRole: { roleArn } } }, nearMoto({ identity, externalId: id }))
  /** For the query that OPEN makes. */
  const queueOne = () => moto.queueResults(region, [{ columns: [['_col0', 'integer']], rows: [['1']] }])
  const query = (text: string, change: object = {}, options: QueryOptions = {}) =>
    runTypeQuery(athena, inputFor(reader, change), { sql: { text } }, { ...nearMoto(), ...options })

  const statuses = (steps: Steps, ...ids: readonly string[]) => ids.map(id => steps[id]?.status)

  function expectProblem(steps: Steps, id: string, status: string, code: ProblemCode): Step['problem'] {
    expect(steps[id], JSON.stringify(steps)).toMatchObject({ status, problem: { code } })
    proves('ATHENA', code, 'PUBLIC_IMPLEMENTATION')
    return steps[id]?.problem ?? null
  }

  function expectQueryProblem(outcome: QueryOutcome, code: ProblemCode): void {
    expect(outcome).toMatchObject({ kind: 'PROBLEM', problem: { code } })
    proves('ATHENA', code, 'PUBLIC_IMPLEMENTATION')
  }

  /** As moto has them, by what was asked. */
  async function executions(): Promise<readonly { readonly query: string; readonly state: string }[]> {
    await moto.trustEverybody()
    try {
      const { QueryExecutionIds: ids } = (await moto.athena('ListQueryExecutions', {})) as {
        QueryExecutionIds: string[]
      }
      return await Promise.all(
        ids.map(async QueryExecutionId => {
          const { QueryExecution: found } = (await moto.athena('GetQueryExecution', { QueryExecutionId })) as {
            QueryExecution: { Query: string; Status: { State: string } }
          }
          return { query: found.Query, state: found.Status.State }
        }),
      )
    } finally {
      await moto.checkRights()
    }
  }

  it('passes by an access key, and by a role with the external id of the workspace', async () => {
    await queueOne()
    const steps = await test(unlisting)
    expect(statuses(steps, `SIGN_IN:${sts}`, 'OPEN')).toEqual(['PASSED', 'PASSED'])
    expect(JSON.stringify(steps[`SIGN_IN:${sts}`])).toContain('user/unlisting')
    const unlisted = expectProblem(steps, 'READ', 'WARNING', 'CATALOG_NOT_LISTABLE')
    expect(unlisted?.params).toMatchObject({ action: 'athena:ListDatabases' })
    expectProblem(steps, `SECURE:athena.${region}.amazonaws.com`, 'WARNING', 'CONNECTION_NOT_ENCRYPTED')
    expectProblem(steps, 'LEAST_PRIVILEGE', 'SKIPPED', 'PRIVILEGES_UNKNOWN')
    await queueOne()
    const byRole = await testByRole(operator)
    expect(statuses(byRole, `SIGN_IN:${sts}`, 'OPEN', 'READ')).toEqual(['PASSED', 'PASSED', 'WARNING'])
    expect(JSON.stringify(byRole[`SIGN_IN:${sts}`])).toContain('assumed-role/patchbay')
  })

  it('runs a query with the actions that its page gives to an account, and stops one', async () => {
    await queueOne()
    const steps = await test(documented)
    expect(steps['OPEN'], JSON.stringify(steps)).toMatchObject({ status: 'PASSED' })
    await moto.advance(execution, { progression: 'manual', times: 1_000 })
    const outcome = await query('select 1', {
      credentials: { accessKey: documented },
      limits: { statementTimeoutSeconds: 1 },
    })
    expectQueryProblem(outcome, 'QUERY_STILL_QUEUED')
    expect((await executions()).at(-1)?.state).toBe('CANCELLED')
  })

  it('is refused a role by another external id, and by an identity that nobody has', async () => {
    expectProblem(await testByRole(operator, 'patchbay-of-another'), `SIGN_IN:${sts}`, 'FAILED', 'CLOUD_ROLE_REFUSED')
    const nobody = { accessKeyId: 'AKIAI44QH8DHBEXAMPLE', secretAccessKey: 'x' }
    expectProblem(await testByRole(nobody), `SIGN_IN:${sts}`, 'FAILED', 'OPERATOR_IDENTITY_MISSING')
  })

  it('names a wrong secret, an unknown key, and the right that is missing', async () => {
    const wrong = await test({ ...reader, secretAccessKey: 'wrong' })
    expectProblem(wrong, `SIGN_IN:${sts}`, 'FAILED', 'CLOUD_CREDENTIALS_REJECTED')
    const unknown = await test({ ...reader, accessKeyId: 'AKIAI44QH8DHBEXAMPLE' })
    expectProblem(unknown, `SIGN_IN:${sts}`, 'FAILED', 'CLOUD_CREDENTIALS_REJECTED')
    const denied = expectProblem(await test(unquerying), 'OPEN', 'FAILED', 'CLOUD_ACCESS_DENIED')
    expect(denied?.params).toMatchObject({ action: 'athena:StartQueryExecution' })
  })

  it('finds databases, and that there is no such one', async () => {
    await queueOne()
    // It knows databases, but no tables: this is as far as it gets.
    const found = expectProblem(await test(reader), 'READ', 'WARNING', 'CATALOG_NOT_LISTABLE')
    expect(found?.params).toMatchObject({ action: 'athena:ListTableMetadata' })
    await queueOne()
    const known = await test(reader, { database: 'shop' })
    expect(JSON.stringify(known['READ'])).toContain('shop')
    await queueOne()
    expectProblem(await test(reader, { database: 'nowhere' }), 'READ', 'FAILED', 'DATABASE_NOT_FOUND')
  })

  it('finds out where results go, and that there is no such workgroup', async () => {
    await queueOne()
    const enforced = await test(unlisting, { workgroup: 'analysts', outputLocation: undefined })
    expect(statuses(enforced, 'OPEN')).toEqual(['PASSED'])
    expect(JSON.stringify(enforced['OPEN'])).toContain('s3://results/enforced/')
    const missing = await test(unlisting, { outputLocation: undefined })
    expectProblem(missing, 'OPEN', 'FAILED', 'OUTPUT_LOCATION_MISSING')
    // Of a workgroup that there is not, moto tells nothing until a query is to run in it.
    expectProblem(await test(blind, { workgroup: 'nowhere' }), 'OPEN', 'FAILED', 'CLOUD_RESOURCE_NOT_FOUND')
  })

  it('tells while a query waits and runs', async () => {
    await moto.advance(execution, { progression: 'manual', times: 2 })
    await queueOne()
    const notes: string[] = []
    await test(
      unlisting,
      {},
      {
        onStep: message => {
          if (message.kind === 'STEP_PROGRESSED') notes.push(message.note)
        },
      },
    )
    expect(notes.join('\n')).toMatch(/wait|queue/i)
    expect(notes.join('\n')).toMatch(/run/i)
  })

  it('reads the rows of a result', async () => {
    const columns = [
      ['item', 'varchar'],
      ['n', 'bigint'],
      ['large', 'bigint'],
      ['price', 'decimal'],
      ['ratio', 'double'],
      ['sold', 'boolean'],
      ['day', 'date'],
      ['at', 'timestamp'],
    ] as const
    const lamp = ['lamp', '1', '9007199254740993', '9.90', '0.5', 'true', '2026-01-01', '2026-01-01 12:00:00.000']
    const nothing = columns.map(() => null)
    await moto.queueResults(region, [{ columns, rows: [lamp, nothing] }])
    const outcome = await query('select * from shop.orders')
    if (outcome.kind !== 'RESULT') throw new Error(JSON.stringify(outcome))
    expect(outcome.result.columns.map(({ name }) => name)).toEqual(columns.map(([name]) => name))
    expect(outcome.result.rows).toEqual([
      ['lamp', 1, '9007199254740993', '9.90', 0.5, true, '2026-01-01', '2026-01-01 12:00:00.000'],
      nothing,
    ])
  })

  it('cuts a result where enough rows are read', async () => {
    const rows = Array.from({ length: 2_500 }, (_, n) => [String(n)])
    await moto.queueResults(region, [{ columns: [['n', 'integer']], rows }])
    const outcome = await query('select n from numbers', {}, { limits: { maxRows: 1_200, maxBytes: 1_048_576 } })
    if (outcome.kind !== 'RESULT') throw new Error(JSON.stringify(outcome))
    expect(outcome.result.rows).toEqual(rows.slice(0, 1_200).map(([n]) => [Number(n)]))
    expect(outcome.result.truncated).toBe(true)
  })

  it('stops a query that did not get its turn, one that takes too long, and one that is cancelled', async () => {
    const limits = (statementTimeoutSeconds: number) => ({ limits: { statementTimeoutSeconds } })
    await moto.advance(execution, { progression: 'manual', times: 1_000 })
    expectQueryProblem(await query('select 1 as queued', limits(1)), 'QUERY_STILL_QUEUED')
    const controller = new AbortController()
    const running = query('select 1 as cancelled', {}, { signal: controller.signal })
    await vi.waitFor(async () => expect(JSON.stringify(await executions())).toContain('as cancelled'), 10_000)
    controller.abort(new Error('Enough.'))
    await expect(running).rejects.toThrow('Enough.')
    // Running when its time is over, and not at its end before as long again.
    await moto.advance(execution, { progression: 'time', seconds: 2 })
    expectQueryProblem(await query('select 1 as slow', limits(3)), 'STATEMENT_TIMED_OUT')
    const ended = (await executions()).filter(({ query: text }) => /as (queued|cancelled|slow)/.test(text))
    expect(ended.map(({ state }) => state)).toEqual(['CANCELLED', 'CANCELLED', 'CANCELLED'])
  })
}
