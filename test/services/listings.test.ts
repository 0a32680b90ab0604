import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type CatalogEntry, type FieldOption, type Listing, notListed } from '../../src/connectors/browse.ts'
import { problem } from '../../src/connectors/problem.ts'
import type { ProblemCode } from '../../src/connectors/problem-table.ts'
import { BadCursorError } from '../../src/db/keyset.ts'
import type { ConnectorRow } from '../../src/db/rows.ts'
import type { TestTarget } from '../../src/services/connection-tests.ts'
import {
  NotFoundError,
  RateLimitedError,
  SecretReentryRequiredError,
  ValidationError,
} from '../../src/services/errors.ts'
import type { CatalogInput, FieldOptionsInput } from '../../src/services/listings.ts'
import { testDatabases } from '../servers/databases.ts'
import { ada, ledger, ledgerInput, openWorld, signal, viewerOf, type World } from './connector-world.ts'
import { beginning, shelf, shelfConfig, shelfInput, standIn } from './shelf-type.ts'

const first: Pick<FieldOptionsInput, 'first' | 'after' | 'search' | 'mayStartCompute'> = {
  first: 50,
  after: null,
  search: null,
  mayStartCompute: false,
}
const rooms: readonly FieldOption[] = [{ value: 'ATTIC' }, { value: 'CELLAR', label: 'Cellar', help: 'dark' }]
const books: readonly CatalogEntry[] = [
  { name: 'novels', kind: 'FOLDER', hasChildren: true },
  { name: 'Emma', kind: 'TABLE', hasChildren: false, query: { book: 'Emma' } },
]

describe.each(testDatabases)('lists on $name', testDatabase => {
  let world: World
  let connector: ConnectorRow
  let clock: number
  beforeEach(async () => {
    clock = Date.now()
    world = await openWorld(testDatabase, {
      types: [shelf, ledger],
      previewLimits: { perWorkspace: 2 },
      now: () => new Date(clock),
    })
    const config = shelfInput(shelfConfig)
    connector = await world.connectors.create(ada, { name: 'Library', config, testGate: 'NONE' }, signal)
    world.host.listing = { items: rooms, next: null, problem: null }
  })
  afterEach(() => world.close())

  const saved = (): TestTarget => ({ saved: { id: connector.id } })
  const draft = (value: unknown): TestTarget => ({ draft: shelfInput(value) })
  const edit = (value: unknown): TestTarget => ({
    edit: { connector: { id: connector.id }, config: shelfInput(value) },
  })
  const options = (target: TestTarget, field: string, page: Partial<FieldOptionsInput> = {}) =>
    world.listings.fieldOptions(ada, { ...first, target, field, ...page }, signal)
  const catalog = (path: readonly string[] = [], page: Partial<CatalogInput> = {}) =>
    world.listings.catalog(ada, connector, { ...first, path, ...page }, signal)
  const listed = () => world.host.lists.map(({ job }) => job)
  const config = () => listed().at(-1)?.config
  /** What a refusal is about; nobody was asked. */
  const refused = async (
    asking: Promise<unknown>,
  ): Promise<readonly { path: string; inputPath: readonly string[] }[]> => {
    const before = listed().length
    const error = await asking.catch((thrown: unknown) => thrown)
    expect(listed().length).toBe(before)
    if (!(error instanceof ValidationError)) throw new Error('It was not refused.', { cause: error })
    return error.issues
  }

  describe('of values for a field', () => {
    test('are asked for with the whole saved configuration, its secrets too', async () => {
      expect(await options(saved(), 'shelf', { first: 7, search: 'a', mayStartCompute: true })).toEqual({
        items: rooms,
        endCursor: null,
        problem: null,
      })
      expect(world.host.lists).toEqual([
        {
          job: {
            kind: 'LIST',
            typeName: 'SHELF',
            config: { ...shelfConfig, lamps: 2, assumesRole: false },
            request: { kind: 'OPTIONS', field: 'shelf', page: { first: 7, after: null, search: 'a' } },
            budgetMs: 20_000,
            environment: expect.objectContaining({ mayStartCompute: true }),
          },
          options: { workspaceId: 'north', signal, deadlineMs: 23_000 },
        },
      ])
    })

    test('of a draft need only what they need: defaults are filled in, what is chosen later has a stand-in', async () => {
      await options(draft(beginning), 'room')
      expect(config()).toEqual({ ...beginning, room: standIn, lamps: 2, assumesRole: false })
      await options(draft({ ...beginning, room: '' }), 'corner')
      expect(config()).toMatchObject({ room: standIn })
      await options(draft({ ...beginning, room: null, lamps: null }), 'corner')
      expect(config()).toMatchObject({ room: standIn, lamps: 2 })
      await options(draft(shelfConfig), 'corner')
      expect(config()).toMatchObject({ room: 'ATTIC' })
    })

    test('do not depend on what is in the field so far', async () => {
      // Half a word, which is no value.
      await options(draft({ ...beginning, room: 'att' }), 'room')
      expect(config()).toMatchObject({ room: standIn })
      await options(draft({ ...shelfConfig, corner: 'n' }), 'corner')
      expect(config()).not.toHaveProperty('corner')
      await options(edit({ room: 'att' }), 'room')
      expect(config()).toMatchObject({ room: 'ATTIC' })
      // Another field's half word does matter.
      expect(await refused(options(draft({ ...beginning, room: 'att' }), 'corner'))).toMatchObject([{ path: 'room' }])
    })

    test('say at once what is missing before anything can be listed', async () => {
      const at = (...segments: string[]) => ['target', 'draft', 'shelf', ...segments]
      expect(await refused(options(draft({}), 'room'))).toMatchObject([
        { path: 'host', inputPath: at('host') },
        { path: 'auth', inputPath: at('auth') },
      ])
      const halfway = { host: 'x', auth: { password: { username: 'ada' } } }
      expect(await refused(options(draft(halfway), 'shelf'))).toMatchObject([
        { path: 'room', inputPath: at('room') },
        { path: 'auth.password.password', inputPath: at('auth', 'password', 'password') },
      ])
      // An optional field may be needed too.
      expect(await refused(options(draft(shelfConfig), 'books'))).toMatchObject([
        { path: 'corner', inputPath: at('corner') },
      ])
      expect(await refused(options(saved(), 'books'))).toMatchObject([
        { path: 'corner', inputPath: ['target', 'saved', 'corner'] },
      ])
      expect(await refused(options(edit({}), 'books'))).toMatchObject([
        { path: 'corner', inputPath: ['target', 'edit', 'config', 'shelf', 'corner'] },
      ])
      await options(edit({ corner: 'north' }), 'books')
      expect(config()).toMatchObject({ corner: 'north' })
    })

    test('are refused where something else is wrong, rules over several fields among it', async () => {
      expect(await refused(options(draft({ ...shelfConfig, walls: 4 }), 'room'))).toMatchObject([{ path: 'walls' }])
      const dark = { ...shelfConfig, corner: 'north', lamps: 0 }
      expect(await refused(options(draft(dark), 'books'))).toMatchObject([{ path: 'lamps' }])
      expect(await refused(options(draft({ ...shelfConfig, host: 'a\0b' }), 'room'))).toMatchObject([{ path: 'host' }])
    })

    test.each(['host', 'nothing', 'room.x', '__proto__', '', 'auth.password.password'])(
      'are refused for "%s", which has none, with the names of those that have',
      async field => {
        for (const target of [saved(), draft(beginning), edit({})]) {
          const [issue] = await refused(options(target, field))
          expect(issue).toMatchObject({
            path: 'field',
            inputPath: ['field'],
            message: expect.stringContaining('auth.badge.level, room, shelf, corner, books'),
          })
        }
      },
    )

    test('are refused for a field of an alternative that is not chosen', async () => {
      expect(await refused(options(saved(), 'auth.badge.level'))).toMatchObject([{ path: 'field' }])
      expect(await refused(options(draft(beginning), 'auth.badge.level'))).toMatchObject([{ path: 'field' }])
      await options(draft({ host: 'x', auth: { badge: { token: 'y' } } }), 'auth.badge.level')
      expect(listed()).toHaveLength(1)
    })

    test('are refused for types that have none, and for types that there are not', async () => {
      const other = await world.connectors.create(ada, ledgerInput(), signal)
      const [issue] = await refused(options({ saved: { id: other.id } }, 'host'))
      expect(issue).toMatchObject({ message: 'The form of Ledger has no fields whose values can be listed.' })
      const unknown = { draft: { inputKey: 'nothing', value: {} } }
      expect(await refused(options(unknown, 'host'))).toMatchObject([{ inputPath: ['target', 'draft', 'nothing'] }])
    })

    test('of an edit keep stored secrets, unless those would go somewhere else', async () => {
      await options(edit({ lamps: 3 }), 'room')
      expect(config()).toEqual({ ...shelfConfig, lamps: 3, assumesRole: false })
      await expect(options(edit({ host: 'thief.example' }), 'room')).rejects.toThrow(SecretReentryRequiredError)
      expect(listed()).toHaveLength(1)
      await options(edit({ host: 'other.example', auth: { password: { password: 'new' } } }), 'room')
      expect(config()).toMatchObject({
        host: 'other.example',
        auth: { password: { username: 'ada', password: 'new' } },
      })
    })

    test('of an edit take an emptied field for one that is still to be chosen', async () => {
      for (const empty of [null, '']) {
        await options(edit({ room: empty }), 'room')
        await options(edit({ room: empty }), 'corner')
        expect(await refused(options(edit({ room: empty }), 'shelf'))).toMatchObject([{ path: 'room' }])
      }
      expect(listed().map(job => job.config)).toEqual(Array(4).fill(expect.objectContaining({ room: 'ATTIC' })))
      expect(await refused(options(edit({ host: null }), 'corner'))).toMatchObject([{ path: 'host' }])
    })

    test('show nothing of a stand-in, whatever the type says', async () => {
      const params = { room: standIn, rooms: [standIn] }
      const found = problem('UNCLASSIFIED', {
        detail: `USE ROOM ${standIn}`,
        params,
        fields: ['room'],
        remedies: [
          { kind: 'RUN_SQL', title: 'Open it', sql: `OPEN ${standIn}` },
          { kind: 'READ_DOCS', title: 'Read', url: 'rooms.md' },
        ],
      })
      const message = `The room ${standIn} is locked.`
      world.host.listing = { items: [], next: null, problem: { ...found, message } }
      const hidden = await options(draft(beginning), 'corner')
      expect(JSON.stringify(hidden)).not.toContain(standIn)
      expect(hidden.problem).toMatchObject({
        message: 'The room … is locked.',
        detail: 'USE ROOM …',
        params: { room: '…', rooms: ['…'] },
        fields: ['room'],
        remedies: [{ kind: 'READ_DOCS' }],
      })
      // Somebody who has typed it may read it.
      expect(await options(draft({ ...beginning, room: standIn }), 'corner')).toMatchObject({ problem: { message } })
    })
  })

  describe('of a catalog', () => {
    beforeEach(() => {
      world.host.listing = { items: books, next: null, problem: null }
    })

    test('have entries with their paths, and queries that would be taken', async () => {
      const odd = { name: 'odd', kind: 'TABLE', hasChildren: false, query: { sql: 'DROP' } } as const
      world.host.listing = { items: [...books, odd], next: null, problem: null }
      expect(await catalog(['upstairs', 'left'])).toEqual({
        items: [
          { name: 'novels', kind: 'FOLDER', hasChildren: true, path: ['upstairs', 'left', 'novels'] },
          { ...books[1], path: ['upstairs', 'left', 'Emma'] },
          { name: 'odd', kind: 'TABLE', hasChildren: false, path: ['upstairs', 'left', 'odd'] },
        ],
        endCursor: null,
        problem: null,
      })
      expect(listed()).toMatchObject([
        {
          config: shelfConfig,
          request: { kind: 'CATALOG', path: ['upstairs', 'left'], page: { first: 50, after: null, search: null } },
        },
      ])
    })

    test('are refused for paths that cannot be', async () => {
      expect(await refused(catalog(Array(11).fill('a')))).toMatchObject([{ path: 'path' }])
      const wrong = ['a', '', 'b'.repeat(1_025), 'c\0', '\ud800']
      expect((await refused(catalog(wrong))).map(({ path }) => path)).toEqual(['path.1', 'path.2', 'path.3', 'path.4'])
      await catalog(Array(10).fill('a'.repeat(1_024)))
    })

    test('are told to be impossible of types that have none', async () => {
      const other = await world.connectors.create(ada, ledgerInput(), signal)
      const answer = await world.listings.catalog(ada, other, { ...first, path: [] }, signal)
      expect(answer).toMatchObject({ items: [], problem: { code: 'LISTING_UNSUPPORTED' } })
      expect(listed()).toEqual([])
    })

    test('are refused for a type that has gone, and for a connector that has', async () => {
      const gone = { id: connector.id, typeName: 'GONE' }
      expect(await refused(world.listings.catalog(ada, gone, { ...first, path: [] }, signal))).toMatchObject([
        { path: 'connector' },
      ])
      const none = { id: 'none', typeName: 'SHELF' }
      await expect(world.listings.catalog(ada, none, { ...first, path: [] }, signal)).rejects.toThrow(NotFoundError)
      const south = viewerOf('south')
      await expect(world.listings.catalog(south, connector, { ...first, path: [] }, signal)).rejects.toThrow(
        NotFoundError,
      )
    })
  })

  describe('of any kind', () => {
    const ways = [
      ['values for a field', (page: Partial<FieldOptionsInput> = {}) => options(saved(), 'room', page)],
      ['a catalog', (page: Partial<CatalogInput> = {}) => catalog(['a'], page)],
    ] as const

    test.each(ways)('go on where the page before ended: %s', async (_name, ask) => {
      world.host.listing = { items: [], next: 'ATTIC\u20ac', problem: null }
      const { endCursor } = await ask({ search: 'a' })
      expect(endCursor).toMatch(/^[\w-]+$/)
      await ask({ search: 'a', after: endCursor, first: 3 })
      expect(listed().at(-1)?.request.page).toEqual({ first: 3, after: 'ATTIC\u20ac', search: 'a' })
      const before = listed().length
      for (const search of [null, '', 'b']) {
        await expect(ask({ search, after: endCursor })).rejects.toThrow(BadCursorError)
      }
      const made = Buffer.from(JSON.stringify(['x', 'y'])).toString('base64url')
      for (const after of ['', 'x', made, 'bnVsbA', Buffer.from('[]').toString('base64url')]) {
        await expect(ask({ search: 'a', after })).rejects.toThrow(BadCursorError)
      }
      expect(listed().length).toBe(before)
      // An empty search is none.
      const all = await ask({ search: '' })
      await ask({ after: all.endCursor })
    })

    test('do not take the cursor of another list', async () => {
      world.host.listing = { items: [], next: 'x', problem: null }
      const { endCursor: ofRooms } = await options(saved(), 'room')
      const { endCursor: ofTop } = await catalog([])
      const { endCursor: ofDraft } = await options(draft(beginning), 'room')
      const other = await world.connectors.create(
        ada,
        { name: 'Other', config: shelfInput(shelfConfig), testGate: 'NONE' },
        signal,
      )
      for (const after of [ofRooms, ofDraft]) {
        await expect(options(saved(), 'corner', { after })).rejects.toThrow(BadCursorError)
        await expect(catalog([], { after })).rejects.toThrow(BadCursorError)
        await expect(options({ saved: { id: other.id } }, 'room', { after })).rejects.toThrow(BadCursorError)
      }
      await expect(catalog(['a'], { after: ofTop })).rejects.toThrow(BadCursorError)
      await expect(options(saved(), 'room', { after: ofDraft })).rejects.toThrow(BadCursorError)
      // A draft grows while it is listed for.
      await options(draft({ ...beginning, corner: 'north' }), 'room', { after: ofDraft })
      await options(edit({ lamps: 1 }), 'room', { after: ofRooms })
    })

    test.each(ways)('are refused for pages that cannot be: %s', async (_name, ask) => {
      for (const size of [0, -1, 101, 1.5])
        expect(await refused(ask({ first: size }))).toMatchObject([{ path: 'first' }])
      for (const search of ['x'.repeat(201), 'a\0']) {
        expect(await refused(ask({ search }))).toMatchObject([{ path: 'search' }])
      }
      await ask({ first: 100, search: 'x'.repeat(200) })
    })

    test.each(ways)('have a problem of the source beside what could be listed: %s', async (_name, ask) => {
      const found = problem('PERMISSION_DENIED')
      world.host.listing = { items: [], next: null, problem: found }
      expect(await ask()).toEqual({ items: [], endCursor: null, problem: found })
    })

    test.each(['UNAVAILABLE', 'UNREADABLE'] as const)(
      'say it when the secret store is %s, and ask nobody',
      async reason => {
        world.failing.reason = reason
        const code = reason === 'UNAVAILABLE' ? 'SECRET_STORE_UNAVAILABLE' : 'SECRET_UNREADABLE'
        for (const [, ask] of ways) expect(await ask()).toMatchObject({ items: [], problem: { code } })
        expect(await options(edit({ lamps: 1 }), 'room')).toMatchObject({ problem: { code } })
        expect(listed()).toEqual([])
        // A draft has all that it needs.
        expect((await options(draft(beginning), 'room')).items).toEqual(rooms)
      },
    )

    test('are told what a role of AWS needs', async () => {
      await options(draft({ ...shelfConfig, assumesRole: true }), 'room')
      expect(listed()[0]?.environment.operatorAws?.externalId).toMatch(/^patchbay-/)
      await options(saved(), 'room')
      expect(listed()[1]?.environment).not.toHaveProperty('operatorAws')
    })

    test('write nothing beside what keeps accounts from being locked, and that they were asked for', async () => {
      const kept = async () => {
        const {
          signInAccounts: _accounts,
          signInAttempts: _attempts,
          auditLog: _audit,
          ...tables
        } = world.database.tables
        const counts = Object.entries(tables).map(async ([name, table]) => [
          name,
          await world.database.read.select().from(table as never),
        ])
        return Promise.all(counts)
      }
      const before = await kept()
      await options(draft(beginning), 'room')
      await options(edit({ auth: { password: { password: 'new' } } }), 'room')
      await options(saved(), 'room')
      await catalog()
      expect(listed()).toHaveLength(4)
      expect(await kept()).toEqual(before)
    })

    test('share their places with previews, and give them back', async () => {
      const gate = Promise.withResolvers<void>()
      world.host.held = () => gate.promise
      const running = [options(saved(), 'room'), catalog()]
      await expect.poll(() => listed().length, { interval: 5 }).toBe(2)
      const tooMany = { reason: 'TOO_MANY_RUNNING' }
      for (const [, ask] of ways) await expect(ask()).rejects.toMatchObject(tooMany)
      const query = shelfInput({ book: 'Emma' })
      const preview = () => world.datasets.preview(ada, { connector: { id: connector.id }, query }, 5, signal)
      await expect(preview()).rejects.toMatchObject(tooMany)
      gate.resolve()
      await Promise.all(running)
      for (const [, ask] of ways) await ask()
      expect((await preview()).kind).toBe('RESULT')
    })

    test('count as sign-ins, which are paused when they fail, so that no account gets locked', async () => {
      const answer = (problem: Parameters<typeof ended>[0]) => {
        world.host.listing = ended(problem)
      }
      const refusal = async (asking: Promise<unknown>) => {
        const error = await asking.catch((thrown: unknown) => thrown)
        if (!(error instanceof RateLimitedError)) throw new Error('It was not refused.', { cause: error })
        return error
      }
      answer('CREDENTIALS_REJECTED')
      await options(saved(), 'room')
      await options(draft(beginning), 'room')
      // A list proves that they work: what was refused before is forgotten.
      answer(null)
      await catalog()
      answer('CREDENTIALS_REJECTED')
      for (const ask of [() => catalog(), () => options(saved(), 'room'), () => options(draft(beginning), 'room')]) {
        await ask()
      }
      expect(await refusal(catalog())).toMatchObject({ reason: 'FAILED_SIGN_INS', retryAfterSeconds: 30 })
      const shown = await refusal(options(draft(beginning), 'room'))
      expect(shown.message).not.toContain(standIn)
      // Another account is not held up by that.
      const other = { ...beginning, auth: { password: { username: 'bob', password: 'x' } } }
      expect(await options(draft(other), 'room')).toMatchObject({ problem: { code: 'CREDENTIALS_REJECTED' } })
      clock += 30_000
      answer('PERMISSION_DENIED')
      await catalog()
      answer('CREDENTIALS_REJECTED')
      for (let count = 0; count < 3; count++) await catalog()
      await refusal(catalog())
    })

    test('that are broken off count as sign-ins of which nobody knows, for a minute', async () => {
      const reason = new Error('The client has left.')
      world.host.held = () => Promise.reject(reason)
      for (let count = 0; count < 3; count++) await expect(catalog()).rejects.toBe(reason)
      await expect(catalog()).rejects.toMatchObject({ reason: 'FAILED_SIGN_INS' })
      clock += 60_001
      world.host.held = null
      await catalog()
    })

    test('are not begun for a client that has left', async () => {
      const left = AbortSignal.abort(new Error('The client has left.'))
      const asked = world.listings.catalog(ada, connector, { ...first, path: [] }, left)
      await expect(asked).rejects.toBe(left.reason)
      expect(listed()).toEqual([])
    })
  })
})

const ended = (code: ProblemCode | null): Listing =>
  code === null ? { items: [], next: null, problem: null } : notListed(problem(code))
