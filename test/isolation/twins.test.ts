import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { watchFields } from './crossed-fields.ts'
import { fastDatabases } from './fast-databases.ts'
import { gonePlainTypes, plainTypes } from './plain-types.ts'
import { crossingsOf } from './reference-places.ts'
import { registry, schema } from './tenant-world.ts'
import { addTwin } from './twins.ts'
import { type Outcome, perform, put, sealOf } from './walk.ts'
import { openWalkWorld, type Place, type WalkWorld, type Work } from './walk-world.ts'
import { otherWalks, placeCases } from './walker-cases.ts'

/** Mutations and subscriptions end with an event or a row of their own, which the walker looks at. */
const crossings = crossingsOf(schema, registry, plainTypes(schema, registry)).map(({ path }) => path)
const answered = watchFields(schema)

/** A workspace, and another one like it that has a twin. */
interface Pair {
  readonly alone: Place
  readonly beside: Place
  readonly twin: string
  readonly sealed: string
}

async function openPair({ open, tenants }: WalkWorld): Promise<Pair> {
  const alone = await open()
  const beside = await open()
  const twin = `twin-${beside.workspace}`
  // Makes its keys, which would come later, when its audit log is sealed.
  await tenants.tenant(twin).run({ document: '{ viewer { awsExternalId } }', variables: {} })
  await addTwin(tenants.database, beside.workspace, twin)
  return { alone, beside, twin, sealed: await sealOf(tenants.database, twin) }
}

async function closePair({ alone, beside }: Pair): Promise<void> {
  await alone[Symbol.asyncDispose]()
  await beside[Symbol.asyncDispose]()
}

describe.each(fastDatabases)(
  'on $name, a workspace in which the same ids stand for other things changes nothing',
  database => {
    let world: WalkWorld
    let lasting: Pair
    beforeAll(async () => {
      world = await openWalkWorld(await database.open(), { depth: 5 })
      lasting = await openPair(world)
    })
    afterAll(async () => world[Symbol.asyncDispose]())

    /** Does the same in a workspace that is alone, and in one beside its twin: nobody may be able to tell them apart. */
    const compare = async (what: string, usesUp: boolean, work: Work<Outcome>) => {
      const pair = usesUp ? await openPair(world) : lasting
      const alone = await pair.alone.work(work)
      const beside = await pair.beside.work(work)
      expect(beside.answer, what).toBe(alone.answer)
      expect(beside.change, what).toEqual(alone.change)
      expect(beside.trace, what).toEqual(alone.trace)
      expect(await sealOf(world.tenants.database, pair.twin), what).toBe(pair.sealed)
      if (usesUp) await closePair(pair)
    }

    test.each([...placeCases])('%s', async (place, placeCase) => {
      for (const { what } of placeCase.probes(world).filter(probe => probe.own !== undefined)) {
        await compare(what, placeCase.usesUp, (walk, parties) => {
          const own = placeCase.probes(parties).find(probe => probe.what === what)?.own
          return put(walk, place, placeCase, parties, own, true)
        })
      }
    })

    test.each(Object.entries(otherWalks))('%s', (what, { kind, steps }) =>
      compare(what, kind === 'mutation', (walk, parties) =>
        perform(walk, kind, steps(parties), parties, { given: [], isAccepted: true }),
      ),
    )
  },
)

describe('every field that leads to something of a workspace', () => {
  test.each(crossings)('%s was followed beside a twin', path => {
    expect([...answered]).toContain(path)
  })

  test('no type is called plain that is gone', () => {
    expect(gonePlainTypes(schema)).toEqual([])
  })
})
