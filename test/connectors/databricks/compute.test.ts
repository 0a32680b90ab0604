import { describe, expect, it } from 'vitest'
import { sampleCatalogs } from '../../servers/databricks-catalog.ts'
import { type DatabricksDoubleOptions, sampleCluster, sampleWarehouse } from '../../servers/databricks-double.ts'
import { refusal, refusals } from '../../servers/databricks-faults.ts'
import type { RunOptions } from '../../servers/type-run.ts'
import { hintsOf } from '../type-expectations.ts'
import {
  ann,
  byToken,
  clusterPath,
  evidenceOf,
  expectFailure,
  expectPass,
  expectProblem,
  startWorkspace,
  testAt,
  testDatabricks,
} from './databricks-run.ts'

const warehouse = (options: NonNullable<DatabricksDoubleOptions['warehouses']>[string]): DatabricksDoubleOptions => ({
  warehouses: { [sampleWarehouse]: options },
})
const cluster = (options: NonNullable<DatabricksDoubleOptions['clusters']>[string]): DatabricksDoubleOptions => ({
  clusters: { [sampleCluster]: options },
})
const byCluster = byToken({ httpPath: clusterPath })
const mayStart = { mayStartCompute: true }
const notAllowed = { OPEN: 'COMPUTE_NOT_ALLOWED', READ: 'COMPUTE_NOT_ALLOWED' }

/** A test, and what was told while it ran. */
async function noted(workspace: DatabricksDoubleOptions, input: unknown = byToken(), options: RunOptions = mayStart) {
  await using double = await startWorkspace(workspace)
  const notes: string[] = []
  const reports = await testAt(double, input, {
    ...options,
    onStep: message => {
      if (message.kind === 'STEP_PROGRESSED') notes.push(message.note)
    },
  })
  return { reports, notes, double }
}

describe('compute that stands still, where a test may not start it', () => {
  it.each<[string, DatabricksDoubleOptions, unknown]>([
    ['a warehouse', warehouse({ state: 'STOPPED' }), byToken()],
    ['a warehouse that is just stopping', warehouse({ state: 'STOPPING' }), byToken()],
    ['a cluster', cluster({ state: 'TERMINATED' }), byCluster],
    ['a cluster that is just ending', cluster({ state: 'TERMINATING' }), byCluster],
  ])('is left alone, and what is free is measured: %s', async (_, workspace, input) => {
    const { reports, double } = await testDatabricks(workspace, input)
    expect(expectPass(reports)).toEqual(notAllowed)
    expectProblem(reports, 'OPEN', 'COMPUTE_NOT_ALLOWED')
    expect({ starts: double.starts, sessions: double.sessions.length, statements: double.statements }).toEqual({
      ...{ starts: 0, sessions: 0, statements: [] },
    })
    expect(double.calls).not.toContain('StartWarehouse')
    expect(double.calls).not.toContain('StartCluster')
    expect(evidenceOf(reports.OPEN)['State']).toMatch(/STOP|TERMINAT/)
    // Listing and rights are Unity Catalog's, which is always there.
    expect(reports.READ?.problem?.detail).toContain('orders')
    expect(reports.LEAST_PRIVILEGE?.status).toBe('PASSED')
  })

  it('tells how its last start has failed', async () => {
    const failure = { code: 'CLOUD_FAILURE', type: 'CLIENT_ERROR', message: 'The quota of the region is used up.' }
    const { reports } = await testDatabricks(warehouse({ state: 'STOPPED', health: { status: 'FAILED', failure } }))
    expect(expectPass(reports)).toEqual(notAllowed)
    expect(reports.OPEN?.problem?.detail).toContain('The quota of the region is used up.')
  })

  it('and does not start by itself is told apart', async () => {
    const { reports, double } = await testDatabricks(warehouse({ state: 'STOPPED', autoResume: false }))
    expect(expectPass(reports)).toMatchObject({ OPEN: 'WAREHOUSE_SUSPENDED' })
    expectProblem(reports, 'OPEN', 'WAREHOUSE_SUSPENDED')
    expect(double.starts).toBe(0)
  })

  it('hides what only SQL can tell', async () => {
    const stopped = warehouse({ state: 'STOPPED' })
    const { main } = sampleCatalogs
    const legacy = { catalogs: { hive_metastore: main ?? { schemas: {} } }, hasMetastore: false }
    const { reports } = await testDatabricks({ ...stopped, ...legacy }, byToken({ catalog: 'hive_metastore' }))
    expect(reports.READ?.problem?.code).toBe('COMPUTE_NOT_ALLOWED')
    expect(reports.LEAST_PRIVILEGE?.problem?.code).toBe('PRIVILEGES_UNKNOWN')
  })

  it('hides a catalog that may not be listed', async () => {
    const at = { Tables: refusals.denied }
    const { reports } = await testDatabricks({ ...warehouse({ state: 'STOPPED' }), at })
    expect(reports.READ?.status).toBe('WARNING')
    expectProblem(reports, 'READ', 'CATALOG_NOT_LISTABLE')
  })
})

describe('compute that a test may start', () => {
  it.each<[string, DatabricksDoubleOptions, unknown]>([
    ['a warehouse', warehouse({ state: 'STOPPED', start: { runsAfter: 2 } }), byToken()],
    [
      'a warehouse that refuses calls meanwhile',
      warehouse({ state: 'STOPPED', start: { runsAfter: 2 }, whileStarting: 'UNAVAILABLE' }),
      byToken(),
    ],
    [
      'a warehouse that forgets sessions meanwhile',
      warehouse({ state: 'STOPPED', start: { runsAfter: 2 }, whileStarting: 'REFUSES' }),
      byToken(),
    ],
    ['a cluster', cluster({ state: 'TERMINATED', start: { runsAfter: 2 } }), byCluster],
  ])('is started once, waited for, and read; its reader is told so: %s', async (_, workspace, input) => {
    const { reports, notes, double } = await noted(workspace, input)
    expect(expectPass(reports)).toEqual({})
    expect(double.starts).toBe(1)
    expect(double.sessions).toHaveLength(1)
    expect(notes.join('\n')).toMatch(/is being started/)
    expect(notes.join('\n')).toMatch(/is starting/)
  })

  it('and is starting already is waited for, and not started, whether or not that were allowed', async () => {
    for (const options of [mayStart, {}]) {
      const { reports, notes, double } = await noted(
        warehouse({ state: 'STARTING', start: { runsAfter: 3 } }),
        byToken(),
        options,
      )
      expect(expectPass(reports)).toEqual({})
      expect(double.calls).not.toContain('StartWarehouse')
      expect(notes.join('\n')).toMatch(/is starting/)
    }
  })

  it('by somebody else, and not by who asks, says so', async () => {
    const at = { StartWarehouse: refusal(403, 'PERMISSION_DENIED', 'You may not start it.') }
    const { reports } = await noted({ ...warehouse({ state: 'STOPPED' }), at })
    expectFailure(reports, 'OPEN', 'WAREHOUSE_SUSPENDED')
  })

  it('is not waited for any more when the test is cancelled', async () => {
    await using double = await startWorkspace(warehouse({ state: 'STOPPED', start: {} }))
    const cancel = new AbortController()
    const asked = () => double.calls.filter(call => call === 'Warehouse').length
    const run = testAt(double, byToken(), {
      ...mayStart,
      signal: cancel.signal,
      onStep: message => {
        if (message.kind === 'STEP_PROGRESSED' && /is starting/.test(message.note)) cancel.abort(new Error('Enough.'))
      },
    }).catch((error: unknown) => error)
    await run
    const before = asked()
    await expect.poll(() => double.openConnections, { timeout: 10_000 }).toBe(0)
    expect(asked()).toBe(before)
    expect(double.sessions).toEqual([])
  })

  it('is looked at again where Databricks is busy for a moment', async () => {
    const at = { Warehouse: ({ nth }: { readonly nth: number }) => (nth === 2 ? refusals.unavailable : undefined) }
    const { reports } = await noted({ ...warehouse({ state: 'STOPPED', start: { runsAfter: 2 } }), at })
    expect(expectPass(reports)).toEqual({})
  })
})

describe('what a workspace does not tell', () => {
  it('is who asks: then nothing is said of rights', async () => {
    const { reports } = await testDatabricks({ at: { Me: refusals.denied } })
    expect(reports.SIGN_IN).toMatchObject({ status: 'PASSED', note: expect.stringMatching(/not told/) })
    expect(reports.READ?.status).toBe('PASSED')
    expectProblem(reports, 'LEAST_PRIVILEGE', 'PRIVILEGES_UNKNOWN')
  })

  it('is what a catalog holds: SQL is asked instead', async () => {
    const at = { Tables: refusals.denied }
    const tables = {
      columns: ['database', 'tableName', 'isTemporary'].map(name => ({
        name,
        type: name === 'isTemporary' ? 'boolean' : 'string',
      })),
      rows: [['sales', 'orders', false]],
    }
    const statements = (text: string) => (/^show tables/i.test(text) ? tables : undefined)
    const { reports, double } = await testDatabricks({ at, statements })
    expect(reports.READ?.status, JSON.stringify(reports.READ)).toBe('PASSED')
    expect(double.statements.join('\n')).toMatch(/show tables/i)
    expect(double.writes).toEqual([])
  })

  it('is another workspace than that of the path: the right path is offered', async () => {
    const { reports } = await testDatabricks(
      {},
      byToken({ httpPath: `sql/protocolv1/o/1111111111111111/${sampleCluster}` }),
    )
    const found = expectFailure(reports, 'OPEN', 'WAREHOUSE_NOT_FOUND')
    expect(hintsOf(found)).toEqual({ fields: ['httpPath', 'host'], remedies: ['SET_FIELD httpPath'] })
    expect(found.remedies).toMatchObject([{ value: clusterPath }])
  })

  it('is nothing of other people', async () => {
    const { reports } = await testDatabricks({ groups: { [ann]: ['analysts'] } })
    expect(JSON.stringify(reports)).not.toContain('admin@example.com')
  })
})
