import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fastDatabases } from './fast-databases.ts'
import { placesOf } from './reference-places.ts'
import { schema } from './tenant-world.ts'
import { put, sealOf } from './walk.ts'
import { openWalkWorld, type WalkWorld } from './walk-world.ts'
import { placeCases, plainPlaces } from './walker-cases.ts'

const places = placesOf(schema).map(({ path }) => path)

describe('every place of the schema where something of another workspace could be put', () => {
  test.each(places)('%s has a case, or a reason to have none', place => {
    const isPlain = place in plainPlaces
    expect(placeCases.has(place) || isPlain, `Write a case for ${place} in test/isolation/walker-cases.ts.`).toBe(true)
    expect(placeCases.has(place) && isPlain).toBe(false)
  })

  test('no case is of a place that is gone', () => {
    const gone = [...placeCases.keys(), ...Object.keys(plainPlaces)].filter(place => !places.includes(place))
    expect(gone).toEqual([])
  })
})

describe.each(fastDatabases)('on $name, what belongs to another workspace is answered as what nobody has', database => {
  let world: WalkWorld
  let sealed: string
  let jobsOfNorth: number

  const ofNorth = () => world.tenants.host.jobs.filter(job => job.workspaceId === 'north')
  beforeAll(async () => {
    world = await openWalkWorld(await database.open(), { depth: 3 })
    sealed = await sealOf(world.tenants.database, 'north')
    jobsOfNorth = ofNorth().length
  })
  afterAll(async () => world[Symbol.asyncDispose]())

  const assertUntouched = async () => {
    expect(await sealOf(world.tenants.database, 'north')).toBe(sealed)
    expect(ofNorth()).toHaveLength(jobsOfNorth)
    expect(ofNorth().filter(job => job.end === 'CANCELLED')).toEqual([])
  }

  test.each([...placeCases])('%s', async (place, placeCase) => {
    const { inSouth, inAnother } = world
    for (const { what, foreign, nowhere, isAccepted = false, own } of placeCase.probes(world)) {
      const inTurn = placeCase.usesUp && isAccepted ? inAnother : inSouth
      const norths = await inTurn((walk, parties) => put(walk, place, placeCase, parties, foreign, isAccepted))
      await assertUntouched()
      const nobodys = await inTurn((walk, parties) => put(walk, place, placeCase, parties, nowhere, isAccepted))
      expect(norths.answer, what).toBe(nobodys.answer)
      expect(norths.trace, what).toEqual(nobodys.trace)
      expect(norths.change, what).toEqual(nobodys.change)
      if (own === undefined) continue
      const mine = await (placeCase.usesUp ? inAnother : inSouth)((walk, parties) => {
        const given = placeCase.probes(parties).find(probe => probe.what === what)?.own
        return put(walk, place, placeCase, parties, given, true)
      })
      await assertUntouched()
      // Or the place would not be reached at all.
      expect([mine.answer, mine.change], `${what}, its own`).not.toEqual([nobodys.answer, nobodys.change])
    }
  })
})
