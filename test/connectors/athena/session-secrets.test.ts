import { describe, expect, it } from 'vitest'
import { roleKeys } from '../../servers/aws-double.ts'
import { byRole, expectFailure, queryAthena, sql, startAws, testAt } from './athena-run.ts'

describe("keys of a role's session", () => {
  it('are hidden, also those of a session that was opened within the step that tells of them', async () => {
    // The workgroup says where results go: the role is assumed once more for that, and this is the token it comes by.
    const token = `${roleKeys.sessionToken}2`
    const refused = `line 1:1: not ${roleKeys.secret}, nor ${token}`
    await using double = await startAws({ athena: { statements: () => ({ refused }) } })
    const reports = await testAt(double, byRole())
    const { detail } = expectFailure(reports, 'OPEN', 'QUERY_INVALID')
    // It begins as the first session's does: what is left of it then would show.
    expect(detail).toMatch(/line 1:1: not •••, nor •••(?!2)/)
    expect(double.requests.filter(({ action }) => action === 'AssumeRole')).toHaveLength(2)
    for (const secret of [token, roleKeys.secret]) expect(JSON.stringify(reports)).not.toContain(secret)
  })
})

describe('EXPLAIN', () => {
  it.each(['DML', 'UTILITY'] as const)('may be of either kind to Athena: %s', async statementType => {
    const plan = { columns: [{ name: 'Query Plan', type: 'varchar' }], rows: [['- Output']] }
    const statements = () => ({ ...plan, statementType, substatementType: 'EXPLAIN' }) as const
    const { outcome } = await queryAthena(sql('explain select 1'), { athena: { statements } })
    expect(outcome).toMatchObject({ kind: 'RESULT', result: { rows: [['- Output']] } })
  })

  it.each(['EXPLAIN_ANALYZE', 'EXECUTE', 'PREPARE'])('is nothing else: %s', async substatementType => {
    const statements = () => ({ columns: [], rows: [], statementType: 'UTILITY', substatementType }) as const
    const { outcome } = await queryAthena(sql('explain select 1'), { athena: { statements } })
    expect(outcome).toMatchObject({ kind: 'PROBLEM', problem: { code: 'QUERY_NOT_READ_ONLY' } })
  })
})
