import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { Listing } from '../../src/connectors/browse.ts'
import type { StepKey } from '../../src/connectors/connection-test.ts'
import { createScrubbingHost } from '../../src/connectors/host/scrubbing-host.ts'
import { builtInConnectorTypes, ConnectorRegistry } from '../../src/connectors/registry.ts'
import { spellings } from '../canary/secrets.ts'
import { proves } from '../proofs/proves.ts'
import type { ListingOptions } from '../servers/listing-run.ts'
import { hostTypeListing } from '../servers/type-host.ts'
import { runTypeTest } from '../servers/type-run.ts'
import { assertExplained, Lister, listed, liveFields } from './listings.ts'
import { child, contractHost, here, places, usePlaces } from './places.ts'
import { direct, hasTunnel, type Scene, stepsOf, throughTunnel } from './scenes.ts'
import { secretsIn } from './shared-blocks.ts'
import { echoWords, type TypeFixture } from './type-fixture.ts'

usePlaces()

/** Enough to get as far as the server. */
const budgetMs = 1_000
const patience = { timeout: 5_000, interval: 5 }

/** What is asked first, what is asked last, and what a form asks. */
const questions = ({ fixture, lists }: (typeof listed)[number]) => [
  ...[[], lists.path.slice(0, -1)].map(path => ({
    what: JSON.stringify(path),
    ask: (lister: Lister, options: ListingOptions): Promise<Listing> => lister.catalog(path, options),
  })),
  ...liveFields(fixture)
    .slice(0, 1)
    .map(({ path }) => ({
      what: `options for ${path}`,
      ask: (lister: Lister, options: ListingOptions): Promise<Listing> => lister.options(path, options),
    })),
]

const asked = listed.flatMap(each => questions(each).map(question => ({ ...each, ...question })))
/** In a child, which is the same for all of them, only the first. */
const cases = places.flatMap(place =>
  asked.filter(({ what }) => place === here || what === '[]').map(each => ({ ...each, place, where: place.where })),
)

describe.each(cases)('$what of $name, listed $where from a server that falls silent,', each => {
  const { name, fixture, place, ask } = each

  test('ends in time, says so, and leaves nothing', async () => {
    await using server = await fixture.start({ silentAt: 'LISTING' })
    const lister = new Lister(place, fixture, server)
    const run = () => ask(lister, { budgetMs })
    const listing = await place.leavesNothing(fixture.type, async () => server.left(), run)
    await server.reached()
    assertExplained(fixture, listing, name)
    expect(listing.problem).toMatchObject({ code: 'LISTING_TIMED_OUT', retryable: true })
    proves(name, 'LISTING_TIMED_OUT', 'DOUBLE')
  })

  test('ends where it is cancelled, and leaves nothing', async () => {
    await using scene = direct(await fixture.start({ silentAt: 'LISTING' }))
    await cancel(each, scene)
  })
})

async function cancel({ fixture, place, ask }: (typeof cases)[number], scene: Omit<Scene, 'stepId'>): Promise<void> {
  const stop = new AbortController()
  await place.leavesNothing(fixture.type, scene.left, async () => {
    // Without the cancellation the suite's own time limit would be the first to end it.
    const run = ask(new Lister(place, fixture, scene), { signal: stop.signal, budgetMs: 60_000 })
    const ended = run.then(
      () => {},
      () => {},
    )
    await vi.waitFor(() => scene.reached(), patience)
    stop.abort(new Error('The reader has gone.'))
    await ended
  })
}

test.each(cases.filter(({ fixture, place }) => hasTunnel(fixture) && place === child))(
  '$what of $name ends where it is cancelled behind a tunnel, and leaves nothing',
  async each => {
    await using scene = await throughTunnel(await each.fixture.start({ silentAt: 'LISTING' }))
    await cancel(each, scene)
  },
)

const wayIn: readonly StepKey[] = ['CONNECT', 'GREET', 'SECURE', 'SIGN_IN']
const silentOnTheWay = listed.flatMap(each =>
  wayIn
    .filter(key => stepsOf(each.fixture).includes(key) && each.fixture.neverSilent[key] === undefined)
    .map(key => ({ ...each, key })),
)

test.each(silentOnTheWay)(
  'a list of $name ends when $key waits for ever, and leaves nothing',
  async ({ fixture, key }) => {
    await using server = await fixture.start({ silentAt: key })
    const lister = new Lister(here, fixture, server)
    const listing = await here.leavesNothing(
      fixture.type,
      async () => server.left(),
      () => lister.catalog([], { budgetMs: 1_000 }),
    )
    // Not every list goes everywhere that a test goes.
    if (listing.problem !== null) assertExplained(fixture, listing, key)
  },
)

describe.each(listed)('a list of $name from a server that refuses the sign-in and repeats secrets', ({ fixture }) => {
  let failing: string | undefined
  beforeAll(async () => {
    await using server = await fixture.start({ echoes: true })
    const reports = await runTypeTest(fixture.type, server.input, server.surroundings)
    failing = Object.values(reports).find(({ status }) => status === 'FAILED')?.problem?.code
  })
  afterAll(() => {
    failing = undefined
  })

  test('says what a test says, and tells no secret', async () => {
    await using server = await fixture.start({ echoes: true })
    const host = createScrubbingHost(contractHost(), new ConnectorRegistry(builtInConnectorTypes))
    const request = { kind: 'CATALOG', path: [], page: { search: null, first: 100, after: null } } as const
    const list = () => hostTypeListing(host, fixture.type, server.input, request, server.surroundings)
    const listing = await child.leavesNothing(fixture.type, async () => server.left(), list)
    assertExplained(fixture, listing, 'refused')
    expect(listing.problem?.code).toBe(failing)
    assertScrubbed(fixture, server.input, JSON.stringify(listing))
  })
})

function assertScrubbed(fixture: TypeFixture, input: Parameters<typeof secretsIn>[1], told: string): void {
  expect(told.includes(echoWords), told).toBe(fixture.neverEchoes === undefined)
  for (const [path, secret] of Object.entries(secretsIn(fixture.type, input)))
    for (const spelling of spellings(secret)) expect(told.includes(spelling), path).toBe(false)
}
