import { describe, expect, it } from 'vitest'
import type { MongoPrivilege, MongoRole } from '../../servers/mongo-roles.ts'
import { expectPass, expectProblem } from './expectations.ts'
import { ann, data, testHostile } from './hostile-run.ts'

interface Rights {
  readonly roles?: readonly MongoRole[]
  readonly privileges?: readonly MongoPrivilege[]
}

const testAs = async (rights: Rights) =>
  (await testHostile({ accounts: [{ ...ann, roles: [], ...rights }], budgetMs: 5_000 })).reports
const role = (name: string, db: string): Rights => ({ roles: [{ role: name, db }] })
const actions = (names: readonly string[], db = 'shop', collection = ''): MongoPrivilege => ({
  resource: { db, collection },
  actions: names,
})
const reading = actions(['find', 'listCollections', 'collStats'])

describe('the rights of a MongoDB account', () => {
  it.each<[string, Rights]>([
    ['reads one database', role('read', 'shop')],
    ['reads every database', role('readAnyDatabase', 'admin')],
    ['reads one collection', { privileges: [actions(['find'], 'shop', 'orders')] }],
    ['reads by a role of its own', { privileges: [reading] }],
    [
      'reads, and watches the server',
      { roles: [...(role('read', 'shop').roles ?? []), { role: 'clusterMonitor', db: 'admin' }] },
    ],
  ])('that %s is right-sized', async (_, rights) => {
    const reports = await testAs(rights)
    expect(reports.LEAST_PRIVILEGE, JSON.stringify(reports.LEAST_PRIVILEGE)).toMatchObject({
      status: 'PASSED',
      problem: null,
    })
  })

  it.each<[string, Rights, RegExp]>([
    ['writes to one database', role('readWrite', 'shop'), /insert|update|remove/],
    ['writes to every database', role('readWriteAnyDatabase', 'admin'), /insert|update|remove/],
    ['owns a database', role('dbOwner', 'shop'), /insert|drop/],
    [
      'administers a database',
      {
        roles: [
          { role: 'read', db: 'shop' },
          { role: 'dbAdmin', db: 'shop' },
        ],
      },
      /drop/,
    ],
    [
      'manages users',
      {
        roles: [
          { role: 'read', db: 'shop' },
          { role: 'userAdmin', db: 'shop' },
        ],
      },
      /User|Role/,
    ],
    ['is root', role('root', 'admin'), /insert|root/],
    ['is the server itself', role('__system', 'admin'), /anyAction/],
    ['may insert into one collection', { privileges: [reading, actions(['insert'], 'shop', 'orders')] }, /insert/],
    ['may update', { privileges: [reading, actions(['update'])] }, /update/],
    ['may remove', { privileges: [reading, actions(['remove'])] }, /remove/],
    ['may drop', { privileges: [reading, actions(['dropDatabase'])] }, /dropDatabase/],
    ['may create', { privileges: [reading, actions(['createCollection'])] }, /createCollection/],
    [
      'makes backups, which takes a note in the log',
      {
        roles: [
          { role: 'read', db: 'shop' },
          { role: 'backup', db: 'admin' },
        ],
      },
      /appendOplogNote/,
    ],
    [
      'may change how queries are run',
      { privileges: [reading, { resource: { cluster: true }, actions: ['querySettings'] }] },
      /querySettings/,
    ],
    [
      'may write to the buckets of a time series',
      { privileges: [reading, { resource: { db: 'shop', system_buckets: 'weather' }, actions: ['insert'] }] },
      /insert on .*shop\.system\.buckets\.weather/,
    ],
    [
      'may shut the server down',
      { privileges: [reading, { resource: { cluster: true }, actions: ['shutdown'] }] },
      /shutdown/,
    ],
    ['may give itself rights', { privileges: [reading, actions(['grantRole'], 'admin')] }, /grantRole/],
    ['may do what nobody knows yet', { privileges: [reading, actions(['teleportCollection'])] }, /teleportCollection/],
  ])('that %s is warned of, with what it may do and a remedy', async (_, rights, words) => {
    const reports = await testAs(rights)
    const problem = expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
    expect(reports.LEAST_PRIVILEGE?.status).toBe('WARNING')
    expect(JSON.stringify(reports.LEAST_PRIVILEGE)).toMatch(words)
    expect(problem.remedies.length).toBeGreaterThan(0)
    expect(JSON.stringify(problem.remedies)).toMatch(/"read"|createUser|createRole/)
    // The remedy is for others to read and to paste: it holds no secret of this account.
    expect(JSON.stringify(problem)).not.toContain(ann.password)
  })

  it.each<[string, () => object]>([
    ['refuses to say', () => ({ ok: 0, errmsg: 'not authorized', code: 13, codeName: 'Unauthorized' })],
    [
      'does not know the question',
      () => ({ ok: 0, errmsg: "no such command: 'connectionStatus'", code: 59, codeName: 'CommandNotFound' }),
    ],
    [
      'leaves the rights out',
      () => ({ authInfo: { authenticatedUsers: [{ user: 'ann', db: 'admin' }], authenticatedUserRoles: [] }, ok: 1 }),
    ],
    ['leaves everything out', () => ({ ok: 1 })],
    [
      'has rights of another shape',
      () => ({
        authInfo: {
          authenticatedUsers: [{ user: 'ann', db: 'admin' }],
          authenticatedUserRoles: [],
          authenticatedUserPrivileges: 5,
        },
        ok: 1,
      }),
    ],
    [
      'has a right without actions',
      () => ({
        authInfo: {
          authenticatedUsers: [{ user: 'ann', db: 'admin' }],
          authenticatedUserRoles: [],
          authenticatedUserPrivileges: [{ resource: { db: 'shop', collection: '' } }],
        },
        ok: 1,
      }),
    ],
    [
      'has actions that are no texts',
      () => ({
        authInfo: {
          authenticatedUsers: [{ user: 'ann', db: 'admin' }],
          authenticatedUserRoles: [],
          authenticatedUserPrivileges: [{ resource: { db: 'shop', collection: '' }, actions: [{ insert: 1 }] }],
        },
        ok: 1,
      }),
    ],
  ])('of which the server %s are unknown, never passed', async (_, said) => {
    const { reports } = await testHostile({ at: { connectionStatus: said }, budgetMs: 5_000 })
    expectProblem(reports, 'LEAST_PRIVILEGE', reports.LEAST_PRIVILEGE?.problem?.code ?? 'UNCLASSIFIED')
    expect(['PRIVILEGES_UNKNOWN', 'PROTOCOL_VIOLATION']).toContain(reports.LEAST_PRIVILEGE?.problem?.code)
    expect(reports.LEAST_PRIVILEGE?.status).not.toBe('PASSED')
  })

  it('of which there are none, because there is no access control, let everybody write', async () => {
    const { reports } = await testHostile({
      change: { auth: { none: true } },
      at: {},
      data,
      ...{ accounts: undefined },
    } as never)
    expect(reports.LEAST_PRIVILEGE?.status).toBe('WARNING')
    expect(reports.LEAST_PRIVILEGE?.problem?.code).toBe('ACCOUNT_CAN_WRITE')
  })

  it('of all buckets do not count as those of every database', async () => {
    const buckets: MongoPrivilege = { resource: { db: '', system_buckets: '' }, actions: ['find', 'insert'] }
    const reports = await testAs({ privileges: [actions(['find'], 'shop', 'orders'), buckets] })
    const { remedies } = expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
    const [commands = ''] = remedies.flatMap(remedy => (remedy.kind === 'RUN_SQL' ? [remedy.sql] : []))
    expect(commands).toContain('{ db: "shop", collection: "orders" }, actions: ["find"] }')
    expect(commands).not.toMatch(/"read"|readAnyDatabase|buckets/)
  })

  it('are judged although the server does not answer strangers', async () => {
    let lists = 0
    const { reports } = await testHostile({
      // The first list is for READ; the second is asked for by a stranger.
      at: { listDatabases: ({ answer }) => (lists++ === 0 ? answer : undefined) },
      budgetMs: 5_000,
    })
    expect(lists).toBe(2)
    expect(reports.LEAST_PRIVILEGE?.status).toBe('PASSED')
  })

  it('have a remedy for an account whose name looks like a subject', async () => {
    const { reports } = await testHostile({
      accounts: [{ ...ann, username: 'team=a', roles: [{ role: 'readWrite', db: 'shop' }] }],
      change: { auth: { scram: { username: 'team=a', password: ann.password } } },
      budgetMs: 5_000,
    })
    const { remedies } = expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
    expect(remedies).toContainEqual(expect.objectContaining({ kind: 'SET_FIELD', value: 'team=a_reader' }))
  })

  it('are listed without end by nobody', async () => {
    const many = Array.from({ length: 20_000 }, (_, index) => actions(['insert', 'find'], 'shop', `c${index}`))
    const reports = await testAs({ privileges: many })
    expectPass(reports)
    expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
    expect(JSON.stringify(reports.LEAST_PRIVILEGE).length).toBeLessThan(100_000)
  })
})
