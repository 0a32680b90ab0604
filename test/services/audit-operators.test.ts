import { sql } from 'drizzle-orm'
import { describe, expect, test } from 'vitest'
import { auditVerify } from '../../src/admin/audit-log/audit-verify.ts'
import { keysRotate } from '../../src/admin/keys-rotate.ts'
import { secretsAudit } from '../../src/admin/secrets-audit.ts'
import { secretsMigrate } from '../../src/admin/secrets-migrate.ts'
import { checkMasterKeys } from '../../src/secrets/check-master-keys.ts'
import { openAdminWorld } from '../admin/admin-world.ts'
import { newMasterKey } from '../secrets/test-keys.ts'
import { testDatabases } from '../servers/databases.ts'
import { entriesOf, runSql } from './audit-world.ts'

describe.each(testDatabases)('on $name', testDatabase => {
  test('what operators do to secrets and keys is in the audit log of the workspace, sealed', async () => {
    await using world = await openAdminWorld(testDatabase)
    const connector = await world.saveConnector('north')
    const told = async () =>
      (await entriesOf(world.database, 'north')).map(row => [row.action, row.targetId, row.details])

    await world.run(secretsMigrate, { to: 'vault', rate: '1000' })
    expect(await told()).toEqual([
      ['READ_SECRET', connector.id, { purpose: 'MOVE' }],
      ['MOVE_SECRET', connector.id, { from: 'SEALED', to: 'VAULT' }],
    ])
    await world.run(secretsMigrate, { to: 'sealed', rate: '1000' })
    await world.run(keysRotate, { workspace: 'north' })
    await world.run(secretsAudit, {})
    expect((await told()).slice(4)).toEqual([
      ['ROTATE_KEY', null, { key: 'WORKSPACE' }],
      ['READ_SECRET', null, { purpose: 'CHECK' }],
    ])
    const primary = await newMasterKey()
    const masterKeys = { primary, others: [world.primary] }
    await checkMasterKeys(world.database, masterKeys)
    await world.run(keysRotate, { master: true }, { masterKeys })
    expect((await told()).slice(6)).toEqual([['ROTATE_KEY', null, { key: 'MASTER' }]])
    const entries = await entriesOf(world.database, 'north')
    expect(new Set(entries.map(row => [row.actorKind, row.actorId].join()))).toEqual(new Set(['OPERATOR,operator']))
    expect(entries.every(row => row.actorName !== '')).toBe(true)

    // Sealed by keys that two rotations left as they were.
    const verified = await world.run(auditVerify, {}, { masterKeys })
    expect(verified).toMatchObject({ exitCode: 0, json: { entries: 7, pending: 0, found: 0 } })
    expect(verified.lines.at(-1)).toBe('Nothing is wrong.')
  })

  test('what is wrong with an audit log is said, and where', async () => {
    await using world = await openAdminWorld(testDatabase)
    await world.saveConnector('north')
    await world.run(secretsMigrate, { to: 'vault', rate: '1000' })
    const drop =
      testDatabase.name === 'sqlite'
        ? 'drop trigger audit_log_no_update'
        : 'drop trigger audit_log_append_only on audit_log'
    await world.database.write(async tx => {
      await runSql(tx, sql.raw(drop))
      await runSql(tx, sql.raw("update audit_log set actor_name = 'Nobody' where action = 'MOVE_SECRET'"))
    })
    const { exitCode, lines } = await world.run(auditVerify, {})
    expect(exitCode).toBe(1)
    expect(lines).toEqual([
      '2 entries in 1 workspace.',
      expect.stringMatching(/^ALTERED: workspace north, place 2, entry [0-9a-f-]{36}: does not bear its seal/),
      expect.stringMatching(/^Head of north: north=2:[\w-]{43}$/),
    ])
  })

  test.each([{ head: ['nonsense'] }, { head: ['a b=1:x'] }, { workspace: 'a b' }])(
    'options that make no sense are refused: %j',
    async options => {
      await using world = await openAdminWorld(testDatabase)
      await expect(world.run(auditVerify, options)).rejects.toThrow(/--head|is not the id/)
    },
  )
})
