import { describe, expect, it } from 'vitest'
import { statementTypes, textColumn } from '../../servers/snowflake-outcome.ts'
import {
  byPassword,
  expectFailure,
  expectQueryProblem,
  queryAt,
  signInStep,
  sql,
  startSnowflake,
  testAt,
} from './snowflake-run.ts'

describe('a server that keeps the driver going', () => {
  it('gives out tokens that have expired at once: it is asked for few of them', async () => {
    await using scene = await startSnowflake({
      at: { query: { error: '390112', message: 'Your session has expired. Please login again.' } },
    })
    expectFailure(await testAt(scene), 'OPEN', 'PROTOCOL_VIOLATION')
    expect(scene.double.count('renew')).toBeGreaterThan(1)
    expect(scene.double.count('renew')).toBeLessThanOrEqual(3)
  })

  it('says at once, every time, that the statement is still running: it is asked less and less often', async () => {
    const running = (answer: { readonly data: object }) => ({
      ...answer,
      ...{ success: true, code: '333333', message: 'Query execution in progress.' },
      data: { ...answer.data, queryId: 'endless' },
    })
    await using scene = await startSnowflake({ changes: { query: running, result: running } })
    const reports = await testAt(scene, byPassword(), { budgetsMs: { OPEN: 2_000 } })
    expect(reports.OPEN?.status).toBe('FAILED')
    expect(scene.double.count('result')).toBeGreaterThan(2)
    expect(scene.double.count('result')).toBeLessThan(12)
  })

  it('gives a token that is longer than any header: nothing is asked with it', async () => {
    await using scene = await startSnowflake({
      changes: {
        signIn: (answer: { readonly data: object }) => ({
          ...answer,
          data: { ...answer.data, token: 'x'.repeat(100_000) },
        }),
      },
    })
    expectFailure(await testAt(scene), signInStep, 'PROTOCOL_VIOLATION')
    expect(scene.double.count('query')).toBe(0)
  })

  it('answers with more columns than any table has: nothing of it is kept', async () => {
    const columns = Array.from({ length: 10_001 }, (_, index) => textColumn(`C${index}`))
    await using scene = await startSnowflake({
      statements: text =>
        text === 'select 1' ? { columns, rows: [columns.map(() => 'x')], typeId: statementTypes.SELECT } : undefined,
    })
    const outcome = await queryAt(scene, sql('select 1'))
    expect(expectQueryProblem(outcome, { code: 'RESULT_TOO_LARGE' }).message).toContain('10000 columns')
  })
})
