import { parseArgs } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Command } from '../../src/admin/command.ts'
import { tokensCreate } from '../../src/admin/tokens-create.ts'
import { tokensList } from '../../src/admin/tokens-list.ts'
import { tokensRevoke } from '../../src/admin/tokens-revoke.ts'
import { parseApiToken } from '../../src/services/api-token-text.ts'
import { apiTokenTopic } from '../../src/services/revoke-api-token.ts'
import { scopes } from '../../src/services/viewer.ts'
import { Recorder } from '../canary/recorder.ts'
import { plainSecret } from '../canary/secrets.ts'
import { createStorage, storageKinds } from '../e2e/storage.ts'
import { startTenants } from '../e2e/tenants.ts'
import { testDatabases } from '../servers/databases.ts'
import { jsonOf, runAdminProgram } from './admin-program.ts'
import { type AdminWorld, openAdminWorld } from './admin-world.ts'

describe.each(testDatabases)('commands about API tokens on $name', testDatabase => {
  let world: AdminWorld
  beforeEach(async () => {
    world = await openAdminWorld(testDatabase)
  })
  afterEach(() => world[Symbol.asyncDispose]())

  const run = async (command: Command, ...words: string[]) =>
    world.run(command, parseArgs({ args: words, options: command.options }).values)
  const create = (...words: string[]) => run(tokensCreate, '--workspace', 'north', '--name', 'First', ...words)
  const rows = () => world.database.read.select().from(world.database.tables.apiTokens)
  const entries = () => world.database.read.select().from(world.database.tables.auditLog)

  test('one is created for a workspace that may be new, and is all that is printed', async () => {
    const { exitCode, lines, notes, json } = await create('--role', 'admin')
    const [token = ''] = lines
    const { id = '', secret = '' } = parseApiToken(token) ?? {}
    const [row] = await rows()
    expect(exitCode).toBe(0)
    expect(lines).toHaveLength(1)
    expect(row).toMatchObject({ workspaceId: 'north', id, name: 'First', createdById: 'operator', scopes: [...scopes] })
    expect(notes).toEqual([
      `pby_${id}… of the workspace north can be used until ${row?.expiresAt.toISOString()}.`,
      `It may do: ${scopes.join(', ')}.`,
    ])
    expect(json).toEqual({
      token,
      id,
      name: 'First',
      workspace: 'north',
      scopes: [...scopes],
      expiresAt: row?.expiresAt.toISOString(),
    })
    expect(await entries()).toMatchObject([
      {
        workspaceId: 'north',
        actorKind: 'OPERATOR',
        actorId: 'operator',
        action: 'CREATE_API_TOKEN',
        outcome: 'DONE',
        targetId: id,
        targetName: 'First',
      },
    ])
    expect(JSON.stringify([await rows(), await entries()])).not.toContain(secret)
  })

  test('one can have single scopes and another time', async () => {
    const { json } = await create('--scopes', 'connectors:test, datasets:read', '--days', '3')
    expect(json.scopes).toEqual(['connectors:read', 'connectors:test', 'datasets:read'])
    expect(Date.parse(json.expiresAt) - Date.now()).toBeLessThanOrEqual(3 * 86_400_000)
  })

  test.each([
    [['--name', 'x', '--role', 'admin'], '--workspace ID is needed'],
    [['--workspace', '../x', '--name', 'x', '--role', 'admin'], '"../x" is no id of a workspace.'],
    [['--workspace', 'north', '--role', 'admin'], '--name NAME is needed'],
    [['--workspace', 'north', '--name', 'x'], 'Give one of --role NAME and --scopes LIST.'],
    [['--workspace', 'north', '--name', 'x', '--role', 'admin', '--scopes', 'audit:read'], 'Give one of'],
    [['--workspace', 'north', '--name', 'x', '--role', 'king'], 'There is no role "king"'],
    [['--workspace', 'north', '--name', 'x', '--role', 'toString'], 'There is no role "toString"'],
    [['--workspace', 'north', '--name', 'x', '--scopes', 'audit:read,'], 'There is no scope ""'],
    [['--workspace', 'north', '--name', 'x', '--role', 'admin', '--days', 'soon'], '--days needs a whole number.'],
    [['--workspace', 'north', '--name', 'x', '--role', 'admin', '--days', '366'], '--days: Must be from 1 to 365'],
    [['--workspace', 'north', '--name', 'x'.repeat(101), '--role', 'admin'], '--name: Must have at most 100'],
  ])('nothing is created for %j', async (words, message) => {
    await expect(run(tokensCreate, ...words)).rejects.toThrow(message)
    await expect(run(tokensCreate, ...words)).rejects.toMatchObject({ name: 'UsageError' })
    expect(await rows()).toEqual([])
    expect(await entries()).toEqual([])
  })

  test('those of one workspace are listed, without anything secret', async () => {
    const [one, two] = [await create('--role', 'reader'), await create('--role', 'auditor')]
    await run(tokensCreate, '--workspace', 'south', '--name', 'Elsewhere', '--role', 'admin')
    await run(tokensRevoke, '--token', one.json.id)
    const { lines, json } = await run(tokensList, '--workspace', 'north')
    expect(json.tokens.map(({ id, status }: { id: string; status: string }) => [id, status])).toEqual(
      expect.arrayContaining([
        [one.json.id, 'REVOKED'],
        [two.json.id, 'ACTIVE'],
      ]),
    )
    expect(lines).toHaveLength(2)
    expect(lines.join('\n')).toMatch(
      new RegExp(`pby_${two.json.id} {2}ACTIVE .* never used {2}"First" by .* audit:read`),
    )
    const active = await run(tokensList, '--workspace', 'north', '--status', 'active')
    expect(active.lines).toHaveLength(1)
    expect((await run(tokensList, '--workspace', 'east')).lines).toEqual(['There are none.'])
    await expect(run(tokensList, '--workspace', 'north', '--status', 'dead')).rejects.toThrow('--status can be')
    const said = JSON.stringify([lines, json, active])
    for (const row of await rows()) expect(said).not.toContain(row.secretHash)
    for (const { json: made } of [one, two]) expect(said).not.toContain(parseApiToken(made.token)?.secret)
  })

  /** Of the one token that there is. */
  const addCopies = async (count: number) => {
    const [row] = await rows()
    if (!row) throw new Error('There is none.')
    const copies = Array.from({ length: count }, (_, index) => ({ ...row, id: `n${index}` }))
    await world.database.write(tx => tx.insert(world.database.tables.apiTokens).values(copies).returning())
  }

  test('what has too many gets no more, and nothing is printed that could be taken for a token', async () => {
    await create('--role', 'reader')
    await addCopies(999)
    const { exitCode, lines, notes } = await create('--role', 'reader')
    expect([exitCode, lines, notes]).toEqual([1, [], [expect.stringContaining('1000 API tokens')]])
    expect(await rows()).toHaveLength(1000)
  })

  test('more than one page is listed whole', async () => {
    await create('--role', 'reader')
    await addCopies(250)
    expect((await run(tokensList, '--workspace', 'north')).json.tokens).toHaveLength(251)
  })

  test.each([
    ['its beginning', (token: string) => token.slice(0, 16)],
    ['its beginning with the underscore', (token: string) => token.slice(0, 17)],
    ['its id', (token: string) => token.slice(4, 16)],
    ['the whole token', (token: string) => token],
  ])('one is revoked by %s', async (_, part) => {
    const { json } = await create('--role', 'reader')
    const heard: string[] = []
    const stop = world.database.listen(topic => heard.push(topic))
    const { exitCode, lines, json: revoked } = await run(tokensRevoke, '--token', part(json.token))
    expect([exitCode, revoked.workspace, revoked.name]).toEqual([0, 'north', 'First'])
    expect(lines).toEqual([
      expect.stringMatching(new RegExp(`^pby_${json.id}, "First" of the workspace north, was revoked`)),
    ])
    expect((await rows())[0]?.revokedAt?.toISOString()).toBe(revoked.revokedAt)
    expect(lines.join()).not.toContain(parseApiToken(json.token)?.secret)
    expect(await entries()).toMatchObject([
      {},
      { action: 'REVOKE_API_TOKEN', actorKind: 'OPERATOR', targetId: json.id },
    ])
    await expect.poll(() => heard).toEqual([apiTokenTopic(json.id)])
    stop()
    const again = await run(tokensRevoke, '--token', part(json.token))
    expect([again.exitCode, again.json.revokedAt]).toEqual([0, revoked.revokedAt])
  })

  test('nothing is revoked that there is not', async () => {
    await create('--role', 'reader')
    expect(await run(tokensRevoke, '--token', 'pby_AbCdEfGhIjKl')).toMatchObject({
      exitCode: 1,
      lines: ['There is no API token that begins with pby_AbCdEfGhIjKl.'],
    })
    for (const wrong of ['', 'pby_', 'AbC', "'; drop table api_tokens; --", 'abc_AbCdEfGhIjKl']) {
      await expect(run(tokensRevoke, '--token', wrong)).rejects.toMatchObject({ name: 'UsageError' })
    }
    expect((await rows()).map(({ revokedAt }) => revokedAt)).toEqual([null])
  })
})

test.each(storageKinds)(
  'an operator lets the first program in and shuts it out beside a running server on %s',
  async kind => {
    await using storage = await createStorage(kind)
    await using tenants = await startTenants({ environment: { ...storage.environment } })
    const recorder = new Recorder()
    const environment = { AUTH: 'tokens' }
    const create = ['tokens:create', '--workspace', 'north', '--name', 'First', '--role', 'editor']

    const made = await runAdminProgram(storage, noRecorder, create, environment)
    expect([made.code, made.stderr]).toEqual([0, expect.stringContaining('of the workspace north can be used until')])
    const token = made.stdout.trimEnd()
    const parts = parseApiToken(token)
    recorder.searchFor('the secret of an API token', parts?.secret ?? '')
    expect(made.stdout).toBe(`${token}\n`)
    expect(made.stderr).not.toContain(parts?.secret)

    const client = tenants.withAuthorization(`Bearer ${token}`)
    // What others hold who mistake this server for another.
    const foreign = plainSecret()
    recorder.record('sent', foreign)
    await tenants.withAuthorization(`Bearer ${foreign}`).fetchGraphql('{ viewer { id } }')
    const whoami = () => client.fetchGraphql('{ viewer { workspaceId displayName } }')
    expect((await whoami()).data).toEqual({ viewer: { workspaceId: 'north', displayName: 'First' } })

    const list = ['tokens:list', '--workspace', 'north', '--json']
    const listed = jsonOf(await runAdminProgram(storage, recorder, list, environment))
    expect(listed).toMatchObject({ tokens: [{ id: parts?.id, name: 'First', status: 'ACTIVE' }] })

    const revoke = ['tokens:revoke', '--token', `pby_${parts?.id}`]
    expect((await runAdminProgram(storage, recorder, revoke, environment)).code).toBe(0)
    const refused = await whoami()
    expect([refused.status, refused.errors?.[0]?.extensions?.code]).toEqual([401, 'UNAUTHENTICATED'])
    expect(
      (await runAdminProgram(storage, recorder, ['tokens:revoke', '--token', 'pby_AbCdEfGhIjKl'], environment)).code,
    ).toBe(1)
    expect((await runAdminProgram(storage, recorder, ['tokens:create'], environment)).code).toBe(2)
    recorder.record('log', tenants.log())
  },
  60_000,
)

/** For the one answer that has to hold the secret. */
const noRecorder = { record: () => undefined } as unknown as Recorder
