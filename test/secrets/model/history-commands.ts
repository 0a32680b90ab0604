import fc from 'fast-check'
import { expect } from 'vitest'
import { SecretStoreError, type StoreKind, storeKinds } from '../../../src/secrets/secret-store.ts'
import type { Acknowledged, HistoryWorld } from './history-world.ts'
import { type Fate, fates } from './unreliable-store.ts'

type HistoryCommand = fc.AsyncCommand<Acknowledged, HistoryWorld>

const minute = 60_000
const connectorIds = fc.constantFrom('c1', 'c2')
const fate = fc.constantFrom(...fates)

/** After each of them, everything that was acknowledged must be what is read, and nothing that was removed may be. */
function command(
  name: string,
  run: (acknowledged: Acknowledged, world: HistoryWorld) => Promise<void>,
): HistoryCommand {
  return {
    check: () => true,
    toString: () => name,
    run: async (acknowledged, world) => {
      await run(acknowledged, world)
      expect(await world.passwords()).toEqual(acknowledged)
      expect(await world.broughtBack()).toEqual([])
    },
  }
}

async function saveStaged(acknowledged: Acknowledged, world: HistoryWorld, which: number, isAnswerLost: boolean) {
  const [write] = world.staged.splice(which % Math.max(1, world.staged.length), 1)
  if (write && (await world.save(write, isAnswerLost))) acknowledged.set(write.connectorId, write.password)
}

function setFates(world: HistoryWorld, next: readonly Fate[]): void {
  for (const kind of storeKinds) world.store(kind).fates = [...next]
}

const stage = fc.tuple(connectorIds, fc.string({ maxLength: 5 }), fate).map(([id, password, next]) =>
  command(`stage(${id}, ${JSON.stringify(password)}, ${next})`, async (_, world) => {
    setFates(world, [next])
    await world.stage(id, password).catch(error => {
      if (!(error instanceof SecretStoreError)) throw error
    })
    setFates(world, [])
  }),
)
const save = fc.tuple(fc.nat(3), fc.boolean(), fc.array(fate, { maxLength: 2 })).map(([which, isAnswerLost, next]) =>
  command(`save(${which}, ${isAnswerLost ? 'answer lost' : 'answered'}, ${next})`, async (acknowledged, world) => {
    setFates(world, next)
    await saveStaged(acknowledged, world, which, isAnswerLost)
    setFates(world, [])
  }),
)
const crash = fc.nat(3).map(which =>
  command(`crash(${which})`, async (_, world) => {
    world.staged.splice(which % Math.max(1, world.staged.length), 1)
  }),
)
const remove = connectorIds.map(id =>
  command(`remove(${id})`, async (acknowledged, world) => {
    await world.remove(id)
    acknowledged.delete(id)
  }),
)
const move = fc
  .tuple(connectorIds, fc.constantFrom<StoreKind>(...storeKinds), fate, fc.option(fc.nat(3)))
  .map(([id, to, next, savedMeanwhile]) =>
    command(`move(${id}, ${to}, ${next}, saved meanwhile ${savedMeanwhile})`, async (acknowledged, world) => {
      setFates(world, [next])
      const meanwhile = () => saveStaged(acknowledged, world, savedMeanwhile ?? 0, false)
      world.store(to).meanwhile = savedMeanwhile === null ? null : meanwhile
      await world.move(id, to)
      world.store(to).meanwhile = null
      setFates(world, [])
    }),
  )
const reap = fc.tuple(fc.array(fate, { maxLength: 3 }), fc.boolean()).map(([next, twice]) =>
  command(`reap(${next}${twice ? ', twice at once' : ''})`, async (_, world) => {
    setFates(world, next)
    await Promise.all([world.reap(), twice ? world.reap() : null])
    setFates(world, [])
  }),
)
const wait = fc
  .constantFrom(1, 20, 25 * 60)
  .map(minutes => command(`wait(${minutes} min)`, async (_, world) => world.wait(minutes * minute)))
const deliver = fc
  .constantFrom<StoreKind>(...storeKinds)
  .map(kind => command(`deliver(${kind})`, async (_, world) => world.store(kind).deliver()))

/** Histories of requests, moves, crashes, the reaper and the network. */
export const histories = fc.commands([stage, stage, save, save, crash, remove, move, reap, reap, wait, deliver], {
  maxCommands: 40,
  size: '+1',
})
