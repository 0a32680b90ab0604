import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { isServerless } from '../../../src/connectors/redshift/deployment.ts'
import { HostilePostgres } from '../../servers/hostile-postgres.ts'
import { redshiftAnswerTo } from '../../servers/hostile-redshift-statements.ts'
import { RedshiftFacade } from '../../servers/redshift-facade.ts'
import { expectPass, expectProblem, inputFor, queryRedshift, testRedshift } from './redshift-run.ts'

const host = 'sales.111122223333.eu-west-1.redshift-serverless.amazonaws.com'

/** The name of a workgroup leads to this machine. */
const nearby = { network: { hosts: { [host]: ['127.0.0.1'] } } }

let facade: RedshiftFacade
beforeAll(async () => {
  facade = await RedshiftFacade.start()
  await facade.sql(`
    create table orders (id int); insert into orders values (1);
    create role ann login password 'pw'; grant select on orders to ann`)
})
afterAll(async () => {
  await facade?.[Symbol.asyncDispose]()
})
const input = (username = 'ann', change = {}) => inputFor(facade, username, 'pw', { host, ...change })

describe('a serverless workgroup', () => {
  it.each([
    [host, true],
    [`${host.toUpperCase()}.`, true],
    ['sales.111122223333.cn-north-1.redshift-serverless.amazonaws.com.cn', true],
    ['sales.abc.eu-west-1.redshift.amazonaws.com', false],
    ['redshift-serverless.amazonaws.com.evil.example', false],
  ])('%s is one: %s', (name, expected) => {
    expect(isServerless({ host: name, auth: { password: { username: 'a', password: 'b' } } })).toBe(expected)
  })
})

describe('the test of a workgroup (on a PostgreSQL with the catalogue of Redshift)', () => {
  it('runs no statement unless that is allowed, and says what it has therefore not looked at', async () => {
    const reports = await testRedshift(input(), nearby)
    expect(reports.SIGN_IN?.status).toBe('PASSED')
    expect(reports.OPEN).toMatchObject({ status: 'PASSED', note: expect.stringContaining('no statement was run') })
    expectProblem(reports, 'READ', 'COMPUTE_NOT_ALLOWED')
    expectProblem(reports, 'LEAST_PRIVILEGE', 'COMPUTE_NOT_ALLOWED')
    expect([reports.READ?.status, reports.LEAST_PRIVILEGE?.status]).toEqual(['WARNING', 'SKIPPED'])
    expect(facade.statementsOf('ann')).toEqual([])
  })

  it('looks at everything when that is allowed', async () => {
    const reports = await testRedshift(input(), { ...nearby, mayStartCompute: true })
    expect(expectPass(reports)).toEqual({ SECURE: 'CONNECTION_NOT_ENCRYPTED' })
    expect(reports.LEAST_PRIVILEGE?.status).toBe('PASSED')
  })

  it('reads rows for whoever asks for rows', async () => {
    expect(await queryRedshift(input(), { sql: { text: 'select id from orders' } }, nearby)).toMatchObject({
      kind: 'RESULT',
      result: { rows: [[1]] },
    })
  })

  it('says that it waits for the workgroup, and waits longer than for a cluster', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'], shouldAdvanceTime: true })
    try {
      const held = Promise.withResolvers<void>()
      const asked = Promise.withResolvers<void>()
      await using server = await HostilePostgres.start({
        answerTo: redshiftAnswerTo,
        password: 'pw',
        at: {
          SASL_CONTINUE: async (_peer, answer) => {
            asked.resolve()
            await held.promise
            return answer
          },
        },
      })
      const notes: string[] = []
      const test = testRedshift(
        { ...input(), port: server.port },
        {
          ...nearby,
          onStep: message => {
            if (message.kind !== 'STEP_PROGRESSED') return
            notes.push(`${message.stepId}: ${message.note}`)
            held.resolve()
          },
        },
      )
      await asked.promise
      await vi.advanceTimersByTimeAsync(20_000)
      const reports = await test
      expect(notes).toEqual([expect.stringMatching(/^SIGN_IN: .*may have paused/)])
      expect(reports.SIGN_IN?.status).toBe('PASSED')
    } finally {
      vi.useRealTimers()
    }
  })
})

describe('tables that lie outside of Redshift', () => {
  it('are not read unless that is allowed, because what is read there is billed', async () => {
    await facade.sql(`
      create schema lake; create table lake.events (id int); insert into lake.events values (1);
      insert into pg_facade.external_tables values ('lake', 'events');
      create role diver login password 'pw'; revoke usage on schema lake from public`)
    const cluster = inputFor(facade, 'diver')
    const reports = await testRedshift(cluster)
    const problem = expectProblem(reports, 'READ', 'COMPUTE_NOT_ALLOWED')
    expect([reports.READ?.status, problem.detail]).toEqual(['WARNING', expect.stringContaining('external')])
    await facade.sql('grant usage on schema lake to diver; grant select (id) on lake.events to diver')
    const allowed = await testRedshift(cluster, { mayStartCompute: true })
    expect(allowed.READ).toMatchObject({ status: 'PASSED', evidence: [{ value: 'lake.events' }] })
  })
})
