import { describe, expect, it } from 'vitest'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import {
  type DatabricksCall,
  type DatabricksDoubleOptions,
  sampleCluster,
  sampleWarehouse,
} from '../../servers/databricks-double.ts'
import { type DatabricksMisbehaviour, refusal, refusals } from '../../servers/databricks-faults.ts'
import { readerGrants } from '../../servers/databricks-rights.ts'
import type { RunOptions } from '../../servers/type-run.ts'
import { hintsOf } from '../type-expectations.ts'
import {
  ann,
  byClient,
  byToken,
  clientId,
  clusterPath,
  type DatabricksReports,
  evidenceOf,
  expectFailure,
  expectPass,
  expectProblem,
  host,
  type StepId,
  startWorkspace,
  stepKeys,
  testAt,
  testDatabricks,
} from './databricks-run.ts'

const tokenField = 'auth.accessToken.token'
const secretField = 'auth.oauthM2m.clientSecret'
const clientField = 'auth.oauthM2m.clientId'

const warehouse = (options: NonNullable<DatabricksDoubleOptions['warehouses']>[string]): DatabricksDoubleOptions => ({
  warehouses: { [sampleWarehouse]: options },
})
const cluster = (options: NonNullable<DatabricksDoubleOptions['clusters']>[string]): DatabricksDoubleOptions => ({
  clusters: { [sampleCluster]: options },
})
const at = (call: DatabricksCall, how: DatabricksMisbehaviour): DatabricksDoubleOptions => ({ at: { [call]: how } })
/** For a machine that has other things to do. */
const patience = { timeout: 10_000, interval: 10 }
const byCluster = byToken({ httpPath: clusterPath })
const mayStart: RunOptions = { mayStartCompute: true }
const noStock = {
  code: 'AWS_INSUFFICIENT_INSTANCE_CAPACITY_FAILURE',
  type: 'CLOUD_FAILURE',
  message: 'There is no capacity of this kind left in the zone.',
}

describe('the test of a Databricks connector (the workspace is a double)', () => {
  it.each([
    ['a personal access token, on a warehouse', byToken()],
    ['a service principal, on a warehouse', byClient()],
    ['a personal access token, on a cluster', byCluster],
    ['a service principal, on an endpoint of old', byClient({ httpPath: `/sql/1.0/endpoints/${sampleWarehouse}` })],
  ])('passes every step for a principal that may only read, by %s, and shows what it measured', async (_, input) => {
    const { reports, double } = await testDatabricks({}, input)
    expect(expectPass(reports)).toEqual({})
    expect(Object.keys(reports)).toEqual([...stepKeys])
    const isClient = 'oauthM2m' in (input['auth'] as object)
    expect(JSON.stringify(reports.SIGN_IN?.evidence)).toContain(isClient ? clientId : ann)
    const shown = JSON.stringify([reports.OPEN, reports.READ])
    for (const fact of [input === byCluster ? 'Shared' : 'Reporting', 'main']) expect(shown).toContain(fact)
    expect(double.strays).toEqual([])
    expect(double.writes).toEqual([])
    expect({ starts: double.starts, running: double.running, sessions: double.openSessions }).toEqual({
      ...{ starts: 0, running: 0, sessions: 0 },
    })
  })

  interface Fault {
    readonly workspace?: DatabricksDoubleOptions
    readonly input?: unknown
    readonly options?: RunOptions
    readonly step: StepId
    readonly code: ProblemCode
    readonly fields?: readonly string[]
    readonly remedies?: readonly string[]
  }
  const faults: Readonly<Record<string, Fault>> = {
    'a token that nobody knows': {
      input: byToken({ auth: { accessToken: { token: 'dapi-another' } } }),
      step: 'SIGN_IN',
      code: 'CLOUD_CREDENTIALS_REJECTED',
      fields: [tokenField, 'host'],
      remedies: [`REENTER_SECRET ${tokenField}`],
    },
    'a token of a kind that is not taken': {
      workspace: at('Me', refusals.noCredential),
      step: 'SIGN_IN',
      code: 'CLOUD_CREDENTIALS_REJECTED',
      fields: [tokenField, 'host'],
      remedies: [`REENTER_SECRET ${tokenField}`],
    },
    'a token that has expired': {
      workspace: at('Me', refusals.expiredToken),
      step: 'SIGN_IN',
      code: 'CLOUD_CREDENTIALS_EXPIRED',
      fields: [tokenField],
      remedies: [`REENTER_SECRET ${tokenField}`],
    },
    'a wrong secret of a service principal': {
      input: byClient({ auth: { oauthM2m: { clientId, clientSecret: 'wrong' } } }),
      step: 'SIGN_IN',
      code: 'CLOUD_CREDENTIALS_REJECTED',
      fields: [secretField, clientField],
      remedies: [`REENTER_SECRET ${secretField}`],
    },
    'a service principal that nobody knows': {
      input: byClient({ auth: { oauthM2m: { clientId: 'nobody', clientSecret: 'wrong' } } }),
      step: 'SIGN_IN',
      code: 'CLOUD_CREDENTIALS_REJECTED',
      fields: [secretField, clientField],
      remedies: [`REENTER_SECRET ${secretField}`],
    },
    'a service principal that is handed out no token': {
      workspace: at('Token', { status: 403, body: '{"error":"access_denied"}' }),
      input: byClient(),
      step: 'SIGN_IN',
      code: 'CLOUD_ACCESS_DENIED',
      fields: [clientField],
    },
    'an answer without a token': {
      workspace: at('Token', { status: 200, body: '{}' }),
      input: byClient(),
      step: 'SIGN_IN',
      code: 'PROTOCOL_VIOLATION',
      fields: ['host'],
    },
    'addresses that are not let in': {
      workspace: { blocksAddresses: true },
      step: 'SIGN_IN',
      code: 'CLIENT_ADDRESS_NOT_ALLOWED',
      fields: ['host'],
    },
    'addresses that are not let in, as a matter of rights': {
      workspace: at('Me', refusal(403, 'PERMISSION_DENIED', refusals.blockedAddress.message)),
      step: 'SIGN_IN',
      code: 'CLIENT_ADDRESS_NOT_ALLOWED',
      fields: ['host'],
    },
    'a network that is not let in': {
      workspace: at('Me', refusal(403, 403, 'Unauthorized network access to workspace: 7474646471015793')),
      step: 'SIGN_IN',
      code: 'CLIENT_ADDRESS_NOT_ALLOWED',
      fields: ['host'],
    },
    'a token that nobody knows, as a matter of rights': {
      workspace: at('Me', refusal(403, 'PERMISSION_DENIED', refusals.unknownToken.message)),
      step: 'SIGN_IN',
      code: 'CLOUD_CREDENTIALS_REJECTED',
      fields: [tokenField, 'host'],
      remedies: [`REENTER_SECRET ${tokenField}`],
    },
    'throttling at the sign-in': { workspace: at('Me', refusals.tooMany), step: 'SIGN_IN', code: 'CLOUD_THROTTLED' },
    'a token endpoint that throttles': {
      workspace: at('Token', { status: 429, body: '' }),
      input: byClient(),
      step: 'SIGN_IN',
      code: 'CLOUD_THROTTLED',
    },
    'a workspace that is not there for the moment': {
      workspace: at('Me', refusals.unavailable),
      step: 'SIGN_IN',
      code: 'CLOUD_UNAVAILABLE',
    },
    'a gateway that has broken down': {
      workspace: at('Me', { status: 502, headers: { 'content-type': 'text/html' }, body: '<html>Bad gateway' }),
      step: 'SIGN_IN',
      code: 'CLOUD_UNAVAILABLE',
    },
    'a workspace that does not exist': {
      workspace: at('Me', refusal(404, 'ENDPOINT_NOT_FOUND', 'There is no workspace here.')),
      step: 'SIGN_IN',
      code: 'CLOUD_RESOURCE_NOT_FOUND',
      fields: ['host'],
    },
    'something that knows no such path': {
      workspace: at('Me', { status: 404, body: 'Not found' }),
      step: 'SIGN_IN',
      code: 'WRONG_PROTOCOL',
      fields: ['host'],
    },
    'the page of a proxy': { workspace: at('Me', 'HTML'), step: 'SIGN_IN', code: 'WRONG_PROTOCOL', fields: ['host'] },
    'the page of a proxy, as a token': {
      workspace: at('Token', 'HTML'),
      input: byClient(),
      step: 'SIGN_IN',
      code: 'WRONG_PROTOCOL',
      fields: ['host'],
    },
    'what is no JSON': { workspace: at('Me', 'NONSENSE'), step: 'SIGN_IN', code: 'WRONG_PROTOCOL', fields: ['host'] },
    'JSON that says nothing': {
      workspace: at('Me', { status: 200, body: '{}' }),
      step: 'SIGN_IN',
      code: 'PROTOCOL_VIOLATION',
      fields: ['host'],
    },
    'an answer without an end': {
      workspace: at('Me', 'FLOOD'),
      step: 'SIGN_IN',
      code: 'PROTOCOL_VIOLATION',
      fields: ['host'],
    },
    'an answer that is cut': {
      workspace: at('Me', 'CUT'),
      step: 'SIGN_IN',
      code: 'CONNECTION_RESET',
      fields: ['host'],
    },
    'a redirect at the sign-in': {
      workspace: at('Me', { status: 302, headers: { location: 'https://example.com/' } }),
      step: 'SIGN_IN',
      code: 'WRONG_PROTOCOL',
      fields: ['host'],
    },
    'a warehouse that is not there': {
      input: byToken({ httpPath: '/sql/1.0/warehouses/0000000000000000' }),
      step: 'OPEN',
      code: 'WAREHOUSE_NOT_FOUND',
      fields: ['httpPath'],
    },
    'an id that no warehouse has': {
      input: byToken({ httpPath: '/sql/1.0/warehouses/00000000' }),
      step: 'OPEN',
      code: 'WAREHOUSE_NOT_FOUND',
      fields: ['httpPath'],
    },
    'a question that Databricks does not take': {
      workspace: at('OpenSession', refusal(400, 'MALFORMED_REQUEST', 'Nobody knows why.')),
      step: 'OPEN',
      code: 'CLOUD_REQUEST_INVALID',
      fields: ['httpPath'],
    },
    'a warehouse that has been deleted': {
      workspace: warehouse({ state: 'DELETED' }),
      step: 'OPEN',
      code: 'WAREHOUSE_NOT_FOUND',
      fields: ['httpPath'],
    },
    'a warehouse that is being deleted': {
      workspace: warehouse({ state: 'DELETING' }),
      step: 'OPEN',
      code: 'WAREHOUSE_NOT_FOUND',
      fields: ['httpPath'],
    },
    'a warehouse that the principal may not use': {
      workspace: warehouse({ users: ['somebody@example.com'] }),
      step: 'OPEN',
      code: 'WAREHOUSE_NOT_USABLE',
      fields: ['httpPath', tokenField],
    },
    'a warehouse that the principal may see, and not use': {
      workspace: at(
        'OpenSession',
        refusal(403, 'PERMISSION_DENIED', 'You do not have permission to use the SQL warehouse.'),
      ),
      step: 'OPEN',
      code: 'WAREHOUSE_NOT_USABLE',
      fields: ['httpPath', tokenField],
    },
    'a warehouse that cannot start': {
      workspace: warehouse({ state: 'STOPPED', start: { runsAfter: 1, fails: noStock } }),
      options: mayStart,
      step: 'OPEN',
      code: 'WAREHOUSE_CANNOT_START',
    },
    'a warehouse whose start is not taken on': {
      workspace: {
        ...warehouse({ state: 'STOPPED' }),
        ...at('StartWarehouse', refusal(400, 'INVALID_STATE', 'The trial has ended.')),
      },
      options: { ...mayStart, budgetsMs: { OPEN: 30_000 } },
      step: 'OPEN',
      code: 'WAREHOUSE_CANNOT_START',
    },
    'a warehouse that does not come to run': {
      workspace: warehouse({ state: 'STOPPED', start: {} }),
      options: { ...mayStart, budgetsMs: { OPEN: 1_500 } },
      step: 'OPEN',
      code: 'WAREHOUSE_STILL_STARTING',
    },
    'a cluster that is not there': {
      input: byToken({ httpPath: 'sql/protocolv1/o/7474646471015793/0000-000000-nope0000' }),
      step: 'OPEN',
      code: 'WAREHOUSE_NOT_FOUND',
      fields: ['httpPath'],
    },
    'a cluster that the principal may not use': {
      workspace: cluster({ users: [] }),
      input: byCluster,
      step: 'OPEN',
      code: 'WAREHOUSE_NOT_USABLE',
      fields: ['httpPath', tokenField],
    },
    'a cluster that cannot start': {
      workspace: cluster({ state: 'TERMINATED', start: { runsAfter: 2, fails: noStock } }),
      input: byCluster,
      options: mayStart,
      step: 'OPEN',
      code: 'WAREHOUSE_CANNOT_START',
    },
    'a cluster that nobody can start': {
      workspace: cluster({ state: 'ERROR', reason: noStock }),
      input: byCluster,
      options: mayStart,
      step: 'OPEN',
      code: 'WAREHOUSE_CANNOT_START',
    },
    'a catalog that is not there': {
      input: byToken({ catalog: 'nope' }),
      step: 'OPEN',
      code: 'CATALOG_NOT_FOUND',
      fields: ['catalog'],
    },
    'a schema that is not there': {
      input: byToken({ schema: 'nope' }),
      step: 'OPEN',
      code: 'SCHEMA_NOT_FOUND',
      fields: ['schema'],
    },
    'a catalog that the principal may not use': {
      workspace: { grants: [] },
      step: 'READ',
      code: 'CLOUD_ACCESS_DENIED',
      fields: [tokenField, 'catalog'],
      remedies: ['RUN_SQL'],
    },
    'a schema that the principal may not use': {
      workspace: {
        grants: [
          { principal: ann, type: 'CATALOG', name: 'main', privileges: ['USE_CATALOG'] },
          { principal: ann, type: 'TABLE', name: 'main.sales.orders', privileges: ['SELECT'] },
        ],
      },
      step: 'READ',
      code: 'CLOUD_ACCESS_DENIED',
      fields: [tokenField, 'schema'],
      remedies: ['RUN_SQL'],
    },
    'a name that no catalog can have': {
      workspace: at('Catalog', refusal(400, 'INVALID_PARAMETER_VALUE', 'This is no name of a catalog.')),
      step: 'READ',
      code: 'CLOUD_REQUEST_INVALID',
      fields: ['catalog'],
    },
    'a session that is refused for a moment': {
      workspace: at('OpenSession', refusals.tooMany),
      step: 'OPEN',
      code: 'CLOUD_THROTTLED',
    },
    'SQL that has broken down': {
      workspace: at('OpenSession', refusals.internal),
      step: 'OPEN',
      code: 'CLOUD_UNAVAILABLE',
    },
    'a token that expires before the session': {
      workspace: at('OpenSession', refusals.expiredToken),
      step: 'OPEN',
      code: 'CLOUD_CREDENTIALS_EXPIRED',
      fields: [tokenField],
      remedies: [`REENTER_SECRET ${tokenField}`],
    },
    'a page where SQL should be': {
      workspace: at('OpenSession', 'HTML'),
      step: 'OPEN',
      code: 'WRONG_PROTOCOL',
      fields: ['host'],
    },
    'what is no Thrift': {
      workspace: at('OpenSession', 'NONSENSE'),
      step: 'OPEN',
      code: 'PROTOCOL_VIOLATION',
      fields: ['host'],
    },
    'Thrift without an end': {
      workspace: at('OpenSession', 'FLOOD'),
      step: 'OPEN',
      code: 'PROTOCOL_VIOLATION',
      fields: ['host'],
    },
    'a redirect of SQL': {
      workspace: at('OpenSession', { status: 307, headers: { location: 'https://example.com/' } }),
      step: 'OPEN',
      code: 'WRONG_PROTOCOL',
      fields: ['host'],
    },
  }
  it.each(Object.entries(faults))('says of %s where, what and what to do', async (_, fault) => {
    const { workspace, input, options, step, code, fields = [], remedies = [] } = fault
    await using double = await startWorkspace(workspace)
    const reports = await testAt(double, input ?? byToken(), options)
    const found = expectFailure(reports, step, code)
    expect(hintsOf(found)).toEqual({ fields, remedies })
    expect(found.message).not.toMatch(/\?|undefined|null|NaN|[{}]|\[object/)
    expect(double.strays).toEqual([])
    await expect.poll(() => double.running, patience).toBe(0)
    await expect.poll(() => double.openConnections, patience).toBe(0)
  })

  it.each<[string, DatabricksDoubleOptions, unknown, ProblemCode]>([
    ['there is nothing in the catalog', {}, byToken({ catalog: 'empty', schema: undefined }), 'NOTHING_READABLE'],
    [
      'no table may be read',
      { grants: [{ principal: ann, type: 'CATALOG', name: 'main', privileges: ['USE_CATALOG', 'USE_SCHEMA'] }] },
      byToken(),
      'NOTHING_READABLE',
    ],
  ])('warns, and no more, where %s', async (_, workspace, input, code) => {
    const more = { grants: [...readerGrants(ann), ...readerGrants(ann).map(grant => ({ ...grant, name: 'empty' }))] }
    const { reports } = await testDatabricks({ ...more, ...workspace }, input)
    expect(expectPass(reports)).toEqual({ READ: code })
    expectProblem(reports, 'READ', code)
  })

  it('asks for a token once, and once only, whatever comes of it', async () => {
    for (const how of [undefined, refusals.denied, 'HTML', 'CUT_AT_ONCE'] as const) {
      const { double } = await testDatabricks(how ? at('Me', how) : {}, byClient())
      expect(double.calls.filter(call => call === 'Token')).toHaveLength(1)
    }
    const { double } = await testDatabricks({}, byClient({ auth: { oauthM2m: { clientId, clientSecret: 'wrong' } } }))
    expect(double.calls).toEqual(['Token'])
  })

  it('is not led astray by clocks that differ', async () => {
    for (const skewMs of [-7_200_000, 7_200_000]) {
      const { reports } = await testDatabricks({ skewMs }, byClient())
      expect(expectPass(reports)).toEqual({})
    }
  })

  it('shows which warehouse, of what kind and size, and in whose region', async () => {
    const { reports } = await testDatabricks(
      warehouse({ name: 'Finance', size: 'Medium', type: 'CLASSIC', isServerless: false }),
    )
    const shown = Object.values({
      ...evidenceOf(reports.SIGN_IN),
      ...evidenceOf(reports.OPEN),
      ...evidenceOf(reports.READ),
    }).join('|')
    for (const fact of ['Finance', 'Medium', ann, '7474646471015793']) expect(shown).toContain(fact)
  })
})

describe('silence of a workspace', () => {
  const hangs: readonly (readonly [DatabricksCall, StepId, DatabricksMisbehaviour])[] = [
    ['Token', 'SIGN_IN', 'HANG'],
    ['Token', 'SIGN_IN', 'DRIP'],
    ['Me', 'SIGN_IN', 'HANG'],
    ['Me', 'SIGN_IN', 'DRIP'],
    ['Warehouse', 'OPEN', 'HANG'],
    ['Warehouse', 'OPEN', 'DRIP'],
    ['OpenSession', 'OPEN', 'HANG'],
    ['OpenSession', 'OPEN', 'DO_AND_HANG'],
    ['OpenSession', 'OPEN', 'DRIP'],
    ['ExecuteStatement', 'OPEN', 'HANG'],
    ['Tables', 'READ', 'HANG'],
  ]
  it.each(hangs)('at %s ends %s at its budget (%j), and leaves nothing', async (call, step, how) => {
    await using double = await startWorkspace(at(call, how))
    const reports = await testAt(double, call === 'Token' ? byClient() : byToken(), { budgetsMs: { [step]: 900 } })
    const code = reports[step]?.problem?.code as ProblemCode
    expect(['CLOUD_TIMED_OUT', 'STEP_TIMED_OUT'], JSON.stringify(reports[step])).toContain(code)
    expect(expectFailure(reports, step, code).message).toMatch(/0\.\d s/)
    expect(reports[step]?.durationMs).toBeGreaterThanOrEqual(900 * 0.5)
    expect(double.held).toBeGreaterThan(0)
    await expect.poll(() => double.running, patience).toBe(0)
    await expect.poll(() => double.openConnections, patience).toBe(0)
  })

  it('at the end of a session keeps nobody, and changes no verdict', async () => {
    for (const call of ['CloseSession', 'CloseOperation'] as const) {
      await using double = await startWorkspace({ at: { [call]: 'HANG' }, waits: ['RUNNING_STATE'] })
      const reports: DatabricksReports = await testAt(double)
      expect(expectPass(reports)).toEqual({})
      await expect.poll(() => double.openConnections, patience).toBe(0)
    }
  })
})

it('the workspace is named by the host that the form has', async () => {
  const { reports } = await testDatabricks(at('Me', 'FLOOD'))
  expect(JSON.stringify(reports.SIGN_IN)).toContain(host)
})
