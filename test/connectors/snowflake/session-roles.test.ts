import { describe, expect, it } from 'vitest'
import { accountWith } from '../../servers/snowflake-account.ts'
import type { SnowflakeDoubleOptions } from '../../servers/snowflake-double.ts'
import { SnowflakeRefusalError } from '../../servers/snowflake-refusal.ts'
import {
  account,
  byPassword,
  evidenceOf,
  expectFailure,
  expectPass,
  expectQueryProblem,
  queryAt,
  resultOf,
  sql,
  startSnowflake,
  testAt,
  testSnowflake,
} from './snowflake-run.ts'

const leaves = /^USE SECONDARY ROLES NONE$/
const asks = /CURRENT_SECONDARY_ROLES\(\)/
const notHere = new SnowflakeRefusalError('003001', 'USE SECONDARY ROLES is not allowed in this session.', '42501')
/** As it was with tokens of external OAuth. */
const mayNotLeave: SnowflakeDoubleOptions['statements'] = text => (leaves.test(text) ? notHere : undefined)
const withRoles = (secondaryRoles: 'ALL' | 'NONE') =>
  accountWith({ ...account, users: { PATCHBAY: { ...account.users['PATCHBAY'], roles: ['READER'], secondaryRoles } } })

describe('roles of a session of Snowflake', () => {
  it.each([null, '', 'NONE', 'null', '[]', '7', '{}', '{"roles":["ADMIN"],"value":""}', '{"roles":"ADMIN"}'])(
    'are not taken for none where %j is what is told of them',
    async told => {
      await using scene = await startSnowflake({
        changes: {
          query: (answer: { readonly data: { readonly rowset?: readonly (readonly unknown[])[] } }, { sql: text }) => {
            if (!asks.test(text)) return answer
            const [user, role] = answer.data.rowset?.[0] ?? []
            return { ...answer, data: { ...answer.data, rowset: [[user, role, told]] } }
          },
        },
      })
      expectFailure(await testAt(scene), 'OPEN', 'PROTOCOL_VIOLATION')
    },
  )

  it('may be such that cannot be changed, as long as there are no others', async () => {
    const { reports } = await testSnowflake({ account: withRoles('NONE'), statements: mayNotLeave })
    expect(expectPass(reports)).toEqual({})
    expect(evidenceOf(reports.OPEN)['Secondary roles']).toBe('none')
    await using scene = await startSnowflake({ account: withRoles('NONE'), statements: mayNotLeave })
    expect(resultOf(await queryAt(scene, sql('select n from numbers'))).rows).toHaveLength(2)
  })

  it('are refused where others cannot be left: for a query nothing is asked with them', async () => {
    await using scene = await startSnowflake({ account: withRoles('ALL'), statements: mayNotLeave })
    expectFailure(await testAt(scene), 'OPEN', 'PERMISSION_DENIED')
    expectQueryProblem(await queryAt(scene, sql('select n from numbers')), { code: 'PERMISSION_DENIED' })
    expect(scene.double.statements.filter(text => text.includes('numbers'))).toEqual([])
  })

  it('are asked for by a query to which the server does not say them of its own accord', async () => {
    await using scene = await startSnowflake({
      changes: {
        query: (answer: { readonly data: { readonly rowset?: readonly (readonly unknown[])[] } }, { sql: text }) => {
          const rowset = asks.test(text) ? [['PATCHBAY', 'ACCOUNTADMIN', '{"roles":"","value":""}']] : undefined
          return { ...answer, data: { ...answer.data, ...(rowset && { rowset }), finalRoleName: null } }
        },
      },
    })
    expectQueryProblem(await queryAt(scene, sql('select n from numbers')), {
      code: 'ROLE_NOT_GRANTED',
      fields: ['role'],
    })
    expect(scene.double.statements.filter(text => text.includes('numbers'))).toEqual([])
  })

  it.each([
    ['READER', 'GRANT USAGE ON WAREHOUSE "COMPUTE_WH" TO ROLE "READER";'],
    [undefined, null],
  ])('are offered a warehouse under their own name alone: %s', async (role, script) => {
    const grants = account.roles['READER']?.filter(grant => !grant.includes('COMPUTE_WH')) ?? []
    const roles = { READER: [...grants, 'MONITOR ON WAREHOUSE COMPUTE_WH'] }
    await using scene = await startSnowflake({ account: accountWith({ ...account, roles }) })
    const outcome = await queryAt(scene, sql('select n from numbers'), { input: byPassword({ role }) })
    const { remedies } = expectQueryProblem(outcome, { code: 'WAREHOUSE_NOT_USABLE', fields: ['warehouse', 'role'] })
    expect(remedies.map(remedy => (remedy.kind === 'RUN_SQL' ? remedy.sql : null))).toEqual(
      script === null ? [] : [script],
    )
  })
})
