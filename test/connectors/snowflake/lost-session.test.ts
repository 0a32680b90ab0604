import { describe, expect, it } from 'vitest'
import type { SnowflakeDoubleOptions } from '../../servers/snowflake-double.ts'
import { expectProblem, startSnowflake, testAt } from './snowflake-run.ts'

/** The token of the session is of no use any more when TOPOLOGY begins, which nothing else depends on. */
const untilOpen = 7

describe('a session of Snowflake whose token cannot be renewed any more', () => {
  it.each<[string, SnowflakeDoubleOptions['at']]>([
    ['is answered by nobody', { renew: 'HANG' }],
    ['comes to an error of HTTP', { renew: { status: 503, body: '' } }],
    ['is cut', { renew: 'CUT' }],
  ])('does not keep the steps after that waiting, where the renewal %s', async (_, at) => {
    await using scene = await startSnowflake({ queriesPerToken: untilOpen, ...(at && { at }) })
    const reports = await testAt(scene, undefined, { budgetsMs: { TOPOLOGY: 800, READ: 20_000 } })
    expect(reports.OPEN?.status).toBe('PASSED')
    expect(reports.TOPOLOGY?.status).not.toBe('PASSED')
    expectProblem(reports, 'READ', 'SESSION_ENDED_BY_SERVER')
    expect(reports.READ?.durationMs).toBeLessThan(5_000)
    expect(scene.double.count('renew')).toBe(1)
    expect(scene.double.count('signIn')).toBe(1)
    await expect.poll(() => scene.double.openConnections).toBe(0)
  })
})
