import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { formTree } from '../../src/connectors/form-tree.ts'
import { isLeaf, walkNodes } from '../../src/connectors/form-tree-walk.ts'
import { validateForm } from '../../src/connectors/form-validation.ts'
import { proves } from '../proofs/proves.ts'
import { everyItem } from '../servers/listing-run.ts'
import { registered } from './fixtures.ts'
import { assertConsistent, assertExplained, Lister, listed, liveFields, sound, withValue } from './listings.ts'
import { child, here, places, usePlaces } from './places.ts'
import { hasTunnel, throughTunnel } from './scenes.ts'

usePlaces()

/** What clients may make up: no names, or those of others. */
const madeUp = [
  "'",
  '"',
  '\\',
  '%',
  '_',
  '.*',
  '..',
  '/',
  '0',
  '-1',
  '1e9',
  '{"a":1}',
  '日本',
  '\0',
  '\ud800',
  'x'.repeat(1_000),
]

describe.each(registered)('the type $name', ({ fixture }) => {
  const { type, lists } = fixture

  if (type.loadBrowse) {
    test('says in its fixture what can be listed of its server', () => {
      const help = `Add "lists" to test/contract/fixtures/${type.inputKey}.ts: a path down to something without children, what must be among the options of each field with liveOptions, and a path that leads nowhere.`
      expect(lists, help).toBeDefined()
    })

    test('announces the problems that lists end with', () => {
      const help = `Add listingProblems of src/connectors/listing-problems.ts to src/connectors/${type.inputKey}/problem-codes.ts.`
      for (const code of ['LISTING_TIMED_OUT', 'LISTING_UNSUPPORTED', 'CATALOG_PATH_NOT_FOUND'] as const)
        expect(type.problems, help).toContain(code)
    })

    test('says on its page what can be listed, and what a search cannot find', () => {
      const page = readFileSync(new URL(`../../docs/${type.docsPath}`, import.meta.url), 'utf8')
      const [, lists = ''] = page.split('\n## Lists\n')
      const help = `Add a section "Lists" to docs/${type.docsPath}: what each list asks for and shows, with every field that has one.`
      for (const { path } of liveFields(fixture)) expect(lists, help).toContain(`\`${path}\``)
      expect(lists, help).toMatch(/search|found/i)
      if (fixture.lists?.search === 'BEGINNINGS') expect(lists, help).toMatch(/begin/i)
    })

    test('has options in browse.ts where fields of its form have live options', async () => {
      const { listOptions } = (await type.loadBrowse?.()) ?? {}
      expect(listOptions !== undefined, 'listOptions of browse.ts').toBe(liveFields(fixture).length > 0)
    })
  } else {
    test('promises no lists, because it has no browse.ts', () => {
      const help = 'Write browse.ts and declare it with loadBrowse in index.ts, or take away what only it can do.'
      expect(lists, help).toBeUndefined()
      expect(
        liveFields(fixture).map(({ path }) => path),
        help,
      ).toEqual([])
    })
  }

  test('can use its form while fields that are chosen from lists are empty', () => {
    for (const { path, required, defaultValue, liveOptions } of liveFields(fixture)) {
      const { standIn } = liveOptions ?? {}
      const help = `"${path}" has to be given before anything can be listed: give it a standIn.`
      expect(!required || defaultValue !== undefined || standIn !== undefined, help).toBe(true)
    }
  })
})

describe.each(listed.flatMap(each => places.map(place => ({ ...each, place, where: place.where }))))(
  'the catalog of $name $where',
  ({ fixture, lists, place }) => {
    const { type } = fixture
    const { path } = lists

    test('leads level by level to something without children, and to rows', async () => {
      await using server = await fixture.start()
      const lister = new Lister(place, fixture, server)
      let queries = 0
      for (const [depth, segment] of path.entries()) {
        const level = path.slice(0, depth)
        const entries = await everyItem(100, page => lister.catalog(level, page))
        for (const entry of entries) assertConsistent(fixture, entry)
        const found = entries.find(entry => entry.name === segment)
        const about = `"${segment}" in ${JSON.stringify(level)}: ${JSON.stringify(entries)}`
        expect(found, about).toBeDefined()
        expect(found?.problem, about).toBeUndefined()
        expect(found?.hasChildren, about).toBe(depth < path.length - 1)
        if (!found?.query) continue
        queries += 1
        const query = () => place.query(type, server.input, found.query, server.surroundings ?? {})
        const outcome = await place.leavesNothing(type, async () => server.left(), query)
        expect(outcome, about).toMatchObject({ kind: 'RESULT' })
        expect(outcome.kind === 'RESULT' && outcome.result.rows.length, about).toBeGreaterThan(0)
      }
      expect(queries, 'entries of the path with a query').toBeGreaterThan(0)
    })

    test('leaves nothing when it has been listed', async () => {
      await using server = await fixture.start()
      const lister = new Lister(place, fixture, server)
      sound(
        await place.leavesNothing(
          type,
          async () => server.left(),
          () => lister.catalog([]),
        ),
      )
    })
  },
)

// Where no process has to be made for each list, as some types need.
describe.each(listed)('a page of the catalog of $name', ({ name, fixture, lists }) => {
  const { path, manyAt, nowhere } = lists
  const above = path.slice(0, manyAt)

  test('has every entry on one page, however many a page has', async () => {
    await using server = await fixture.start()
    const lister = new Lister(here, fixture, server)
    const whole = (await everyItem(100, page => lister.catalog(above, page))).map(entry => entry.name)
    expect(whole.length).toBeGreaterThan(1)
    expect(new Set(whole).size).toBe(whole.length)
    for (const first of [1, 2]) {
      const items = await everyItem(first, page => lister.catalog(above, page))
      expect(items.map(entry => entry.name)).toEqual(whole)
    }
    const search = whole[0] ?? ''
    const found = (await everyItem(100, page => lister.catalog(above, { ...page, search }))).map(entry => entry.name)
    const onPages = await everyItem(1, page => lister.catalog(above, { ...page, search }))
    expect(onPages.map(entry => entry.name)).toEqual(found)
  })

  test('says what is wrong with a path that leads nowhere', async () => {
    await using server = await fixture.start()
    const lister = new Lister(here, fixture, server)
    for (const wrong of [nowhere, [...path, 'deeper'], [...path, 'much', 'deeper']]) {
      const listing = await lister.catalog(wrong)
      assertExplained(fixture, listing, JSON.stringify(wrong))
      expect(listing.problem?.code, JSON.stringify(wrong)).toBe('CATALOG_PATH_NOT_FOUND')
    }
    proves(name, 'CATALOG_PATH_NOT_FOUND', 'DOUBLE')
    const hostile = madeUp.flatMap(segment => path.map((_, depth) => path.with(depth, segment).slice(0, depth + 1)))
    for (const wrong of hostile) assertExplained(fixture, await lister.catalog(wrong), JSON.stringify(wrong))
  })

  test('takes what comes back as the beginning of a page for a text that anybody may have written', async () => {
    await using server = await fixture.start()
    const lister = new Lister(here, fixture, server)
    const levels = path.map((_, depth) => path.slice(0, depth))
    for (const after of ['', ...madeUp]) {
      for (const level of levels) {
        const listing = await lister.catalog(level, { after })
        const about = `${JSON.stringify(level)} after ${JSON.stringify(after)}`
        if (listing.problem) assertExplained(fixture, listing, about)
        else for (const entry of listing.items) assertConsistent(fixture, entry)
      }
    }
  })
})

describe.each(listed)('a search in the catalog of $name', ({ fixture, lists }) => {
  const { path, manyAt } = lists
  const above = path.slice(0, manyAt)
  const target = path[manyAt] ?? ''
  const bySubstring = lists.search === undefined
  const fits = (name: string, search: string) =>
    bySubstring ? name.toLowerCase().includes(search.toLowerCase()) : name.startsWith(search)

  test('finds the names with the text in them, and no others', async () => {
    await using server = await fixture.start()
    const lister = new Lister(here, fixture, server)
    const all = sound(await lister.catalog(above)).map(({ name }) => name)
    const half = target.slice(0, Math.ceil(target.length / 2))
    const parts = bySubstring ? [target.toUpperCase(), target.toLowerCase(), target.slice(-half.length)] : []
    for (const search of [target, half, ...parts, `${target}x`, ...madeUp]) {
      const listing = await lister.catalog(above, { search })
      if (listing.problem) {
        assertExplained(fixture, listing, search)
        expect(madeUp, 'what cannot be searched for').toContain(search)
        continue
      }
      const found = listing.items.map(({ name }) => name)
      expect(found, JSON.stringify(search)).toEqual(all.filter(name => fits(name, search)))
    }
  })
})

describe.each(listed.filter(({ fixture }) => liveFields(fixture).length > 0))(
  'the options for fields of $name',
  ({ name, fixture, lists }) => {
    const { type } = fixture
    const asked = Object.entries(lists.options)

    test('are there for every field that promises them', () => {
      const help = `Name a value for it in lists.options of test/contract/fixtures/${type.inputKey}.ts.`
      expect(Object.keys(lists.options).sort(), help).toEqual(
        liveFields(fixture)
          .map(({ path }) => path)
          .sort(),
      )
    })

    test.each(asked)('have for "%s" what the form takes, "%s" among it', async (field, value) => {
      await using server = await fixture.start()
      const lister = new Lister(here, fixture, server)
      const options = await everyItem(100, page => lister.options(field, page))
      expect(options.map(option => option.value)).toContain(value)
      expect(new Set(options.map(option => option.value)).size).toBe(options.length)
      const isList = liveFields(fixture).find(({ path }) => path === field)?.kind === 'list'
      for (const option of options) {
        const filled = withValue(server.input, field.split('.'), isList ? [option.value] : option.value)
        expect(validateForm(type.form, filled), JSON.stringify(option)).toMatchObject({ ok: true })
      }
      for (const first of [1, 2])
        expect(await everyItem(first, page => lister.options(field, { ...page }))).toEqual(options)
    })

    test.each(asked)('for "%s" are narrowed by a search and begin anywhere', async (field, value) => {
      await using server = await fixture.start()
      const lister = new Lister(here, fixture, server)
      const found = await everyItem(100, page => lister.options(field, { ...page, search: value }))
      expect(found.map(option => option.value)).toContain(value)
      for (const text of madeUp) {
        for (const options of [{ after: text }, { search: text }]) {
          const listing = await lister.options(field, options)
          if (listing.problem) assertExplained(fixture, listing, JSON.stringify(options))
        }
      }
      expect(sound(await lister.options(field, { search: `${value}-no-such-thing` }))).toEqual([])
    })

    test('leave nothing when they have been listed', async () => {
      await using server = await fixture.start()
      const lister = new Lister(here, fixture, server)
      for (const [field] of asked)
        sound(
          await here.leavesNothing(
            type,
            async () => server.left(),
            () => lister.options(field),
          ),
        )
    })

    test('are refused for a field that has none, before anybody is asked', async () => {
      await using server = await fixture.start()
      const lister = new Lister(here, fixture, server)
      const other = [...walkNodes(formTree(type.form).root)].find(node => isLeaf(node) && node.liveOptions === null)
      for (const field of [other?.path ?? '', 'no.such.field', '__proto__']) {
        const listing = await lister.options(field)
        assertExplained(fixture, listing, field)
        expect(listing.problem?.code).toBe('LISTING_UNSUPPORTED')
      }
      proves(name, 'LISTING_UNSUPPORTED', 'DOUBLE')
      expect(server.connections()).toBe(0)
    })
  },
)

test.each(listed.filter(({ fixture }) => hasTunnel(fixture)))(
  'the catalog of $name is listed through a tunnel, and leaves nothing',
  async ({ fixture, lists }) => {
    await using scene = await throughTunnel(await fixture.start())
    const lister = new Lister(child, fixture, scene)
    const entries = sound(await child.leavesNothing(fixture.type, scene.left, () => lister.catalog([])))
    expect(entries.map(({ name }) => name)).toContain(lists.path[0])
  },
)
