import { setTimeout as sleep } from 'node:timers/promises'
import type { Campaign } from './campaign.ts'
import type { KnownConnector } from './ledger.ts'
import type { Mutation, Upkeep } from './messages.ts'
import { creation } from './mutations-under-fire.ts'

const minute = 60_000
const hour = 60 * minute

const clients = 4
const maxConnectors = 8
/** Every so many processes have nothing to do but to clean up. */
const quietEvery = 8

const below = (limit: number) => Math.floor(Math.random() * limit)
const oneOf = <T>(items: readonly T[]): T | undefined => items[below(items.length)]

/** What came of it. */
export interface Tally {
  /** Mutations and upkeep that were answered, and those that were not because of a kill. */
  answered: number
  unanswered: number
}

/** Kills one process after the other while clients work with it; everything is compared after each. Stops at a violation. */
export async function killAtRandom(campaign: Campaign, kills: number): Promise<Tally> {
  const tally = { answered: 0, unanswered: 0 }
  for (let round = 1; round <= kills && campaign.violations.length === 0; round++) {
    const isQuiet = round % quietEvery === 0
    const pick = isQuiet ? cleaning(round) : () => randomCommand(campaign)
    await workUntilKilled(campaign, pick, isQuiet ? 2 : clients, tally)
    await campaign.revive()
  }
  return tally
}

/** After some answers, and a moment: so it is somewhere in the midst of something, however fast the machine is. */
async function workUntilKilled(
  campaign: Campaign,
  pick: () => Mutation | Upkeep,
  workers: number,
  tally: Tally,
): Promise<void> {
  let answersLeft = below(10)
  const mayDie = Promise.withResolvers<void>()
  if (answersLeft === 0) mayDie.resolve()
  let isDead = false
  const client = async () => {
    while (!isDead) {
      const outcome = await campaign.send(pick())
      if (outcome.kind === 'LOST') {
        tally.unanswered++
        return
      }
      tally.answered++
      if (--answersLeft <= 0) mayDie.resolve()
    }
  }
  const working = Promise.all(Array.from({ length: workers }, client))
  await mayDie.promise
  await sleep(Math.random() * 10)
  isDead = true
  await campaign.kill()
  await working
}

/** Nobody else is at work, so that a quarantine may be taken to be over. */
function cleaning(round: number): () => Upkeep {
  return () => ({ kind: 'REAP', afterMs: round % (2 * quietEvery) === 0 ? 50 * hour : 25 * hour })
}

let made = 0
const fresh = (word: string) => `random ${word} ${++made}`

function randomCommand({ ledger }: Campaign): Mutation | Upkeep {
  const connector = oneOf([...ledger.connectors.values()])
  const dataset = oneOf([...ledger.datasets.values()])
  const kind = below(100)
  if (!connector || (kind < 20 && ledger.connectors.size < maxConnectors)) {
    return creation(below(5) === 0 ? 'NO_SECRETS' : 'SECRETS')
  }
  const { id } = connector
  if (kind < 55) return randomUpdate(connector)
  if (kind < 65) return { kind: 'DELETE_CONNECTOR', id, withDatasets: below(2) === 0 }
  if (kind < 75) return { kind: 'CREATE_DATASET', key: fresh('key'), name: fresh('dataset'), connectorId: id }
  if (kind < 80 && dataset) {
    return { kind: 'UPDATE_DATASET', id: dataset.id, expectedVersion: dataset.version, name: fresh('dataset') }
  }
  if (kind < 85 && dataset) return { kind: 'DELETE_DATASET', id: dataset.id }
  if (kind < 88) return { kind: 'SEAL' }
  if (kind < 97) return { kind: 'MOVE', connectorId: id, to: below(2) === 0 ? 'VAULT' : 'SEALED' }
  return { kind: 'REAP', afterMs: below(2) === 0 ? 16 * minute : 25 * hour }
}

function randomUpdate({ id, version: expectedVersion, secrets }: KnownConnector): Mutation {
  const note = fresh('note')
  const changes = oneOf([
    { note },
    { secrets: { password: fresh('password') } },
    { note, secrets: { password: fresh('password'), token: fresh('token') } },
    { secrets: { password: null } },
    { note, secrets: { password: null, token: null } },
    { note, secrets },
  ])
  return { kind: 'UPDATE_CONNECTOR', id, expectedVersion, ...changes }
}
