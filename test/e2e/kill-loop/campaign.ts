import type { Depot } from './depot.ts'
import { Ledger } from './ledger.ts'
import type { Command, Inspection, Mutation, Sabotage, Upkeep } from './messages.ts'
import { type Outcome, Worker } from './worker.ts'

const hour = 3_600_000

const upkeep: readonly string[] = ['REAP', 'MOVE', 'SEAL'] satisfies Upkeep['kind'][]
const isUpkeep = (command: Mutation | Upkeep): command is Upkeep => upkeep.includes(command.kind)

type Creation = Extract<Mutation, { key: string }>

/**
 * One database in the hands of processes that are killed, one after the other. The next one is always there already, so
 * that it has loaded its program while the other works.
 */
export class Campaign implements AsyncDisposable {
  readonly ledger = new Ledger()
  /** Everything that must not be and was. */
  readonly violations: string[] = []
  kills = 0
  readonly #depot: Depot
  readonly #program: string
  readonly #sabotage: Sabotage | null
  #worker: Worker
  #next: Worker

  private constructor(program: string, depot: Depot, sabotage: Sabotage | null) {
    this.#program = program
    this.#depot = depot
    this.#sabotage = sabotage
    this.#worker = new Worker(program)
    this.#next = new Worker(program)
  }

  static async start(program: string, depot: Depot, sabotage: Sabotage | null = null): Promise<Campaign> {
    const campaign = new Campaign(program, depot, sabotage)
    await campaign.#open()
    return campaign
  }

  /** Has it done, or killed over it; what is unforeseen is a violation. */
  async send(command: Mutation | Upkeep): Promise<Outcome> {
    const sent = isUpkeep(command) ? null : this.ledger.send(command)
    const outcome = await this.#worker.ask(command)
    if (sent) this.ledger.settle(sent, outcome)
    if (outcome.kind === 'FAULT') this.violations.push(`${command.kind}: ${outcome.message}`)
    return outcome
  }

  /** The answer to what must succeed. */
  async ask<T>(command: Command): Promise<T> {
    const outcome = await this.#worker.ask(command)
    if (outcome.kind === 'DONE') return outcome.value as T
    throw new Error(`${command.kind} was answered with ${JSON.stringify(outcome)}. ${this.#worker.output}`)
  }

  /** Deletes the oldest connectors, so that looking at all of them stays cheap. */
  async tidy(kept: number): Promise<void> {
    const ids = [...this.ledger.connectors.keys()].toSorted()
    for (const id of ids.slice(0, Math.max(0, ids.length - kept))) {
      await this.send({ kind: 'DELETE_CONNECTOR', id, withDatasets: true })
    }
  }

  /** Whether it is still there after what it was armed for was carried out. */
  async hasSurvived(): Promise<boolean> {
    const outcome = await this.#worker.ask({ kind: 'DISARM' })
    return outcome.kind === 'DONE'
  }

  kill(): Promise<void> {
    return this.#worker.kill()
  }

  /** After a kill: the next process takes over, and everything is compared with what was acknowledged. */
  async revive(): Promise<void> {
    await this.#worker.exited
    this.kills++
    this.#worker = this.#next
    this.#next = new Worker(this.#program)
    await this.#open()
    await this.check()
  }

  async #open(): Promise<void> {
    await this.#worker.ready
    await this.#depot.quiet()
    await this.ask({ kind: 'OPEN', places: this.#depot.places, sabotage: this.#sabotage })
  }

  /** What must hold after every crash. */
  async check(): Promise<void> {
    const creations = this.ledger.unanswered.filter(mutation => 'key' in mutation)
    const found = await this.ask<Inspection>({ kind: 'INSPECT' })
    this.violations.push(...this.ledger.reconcile(found), ...found.auditFaults, ...(await this.#depot.damage()))
    for (const same of Object.values(Object.groupBy(creations, ({ name }) => name)))
      await this.#repeat(same ?? [], found)
    const answered = [...this.ledger.keys.values()]
    const sample = answered[Math.floor(Math.random() * answered.length)]
    if (sample) await this.#repeatAnswered(sample.mutation, sample.id)
  }

  /** A client that heard nothing asks again: it gets what is there, or makes what is not. Of several for one name one wins. */
  async #repeat(creations: readonly Creation[], { connectors, datasets }: Inspection): Promise<void> {
    const made = [...connectors, ...datasets].find(({ name }) => name === creations[0]?.name)
    const outcomes: string[] = []
    for (const creation of creations) {
      const outcome = await this.send(creation)
      const isOrphan = creation.kind === 'CREATE_DATASET' && !this.ledger.connectors.has(creation.connectorId)
      if (outcome.kind === 'REFUSED' && isOrphan) return
      outcomes.push(
        outcome.kind === 'REFUSED' ? outcome.code : (this.ledger.keys.get(creation.key)?.id ?? outcome.kind),
      )
    }
    // One that was answered may have been the first.
    const isAnswered = [...this.ledger.keys.values()].some(({ id }) => id === made?.id)
    const winners = outcomes.filter(outcome => outcome !== 'NAME_TAKEN')
    const isRight = made ? isAnswered && winners.every(id => id === made.id) : winners.length === 1
    if (!isRight) {
      this.violations.push(`${creations[0]?.name} asked for again: ${outcomes}, found was ${made?.id}`)
    }
  }

  async #repeatAnswered(mutation: Creation, id: string): Promise<void> {
    const exists = this.ledger.connectors.has(id) || this.ledger.datasets.has(id)
    const outcome = await this.#worker.ask(mutation)
    const isSame = outcome.kind === 'DONE' && (outcome.value as { id: string }).id === id
    const isRefusedAsDeleted = outcome.kind === 'REFUSED' && outcome.code === 'CONFLICT'
    if (exists ? !isSame : !isSame && !isRefusedAsDeleted) {
      this.violations.push(`${mutation.kind} ${mutation.name} answered again: ${JSON.stringify(outcome)}, not ${id}`)
    }
  }

  /** What must hold once the reaper had its time: nothing is left but what connectors use. */
  async finish(): Promise<Inspection> {
    await this.check()
    for (let days = 3; days < 400; days += 3) {
      const before = await this.ask<Inspection>({ kind: 'INSPECT' })
      if (before.versions.every(({ isUsed }) => isUsed)) break
      const outcome = await this.send({ kind: 'REAP', afterMs: days * 24 * hour })
      const after = await this.ask<Inspection>({ kind: 'INSPECT' })
      // Neither fewer nor further: it never will be.
      if (outcome.kind !== 'DONE' || JSON.stringify(before.versions) === JSON.stringify(after.versions)) break
    }
    const end = await this.ask<Inspection>({ kind: 'INSPECT' })
    const used = new Set(end.versions.filter(({ isUsed }) => isUsed).map(({ id }) => id))
    this.violations.push(
      ...end.versions.filter(({ isUsed }) => !isUsed).map(({ id, state }) => `row ${id} is stuck in ${state}`),
      ...end.versions
        .filter(({ isUsed, state }) => isUsed && state !== 'ACTIVE')
        .map(({ id, state }) => `used version ${id} is ${state}`),
      ...end.stored.filter(({ versionId }) => !used.has(versionId)).map(({ versionId }) => `orphan ${versionId}`),
      ...this.ledger.reconcile(end),
      ...end.auditFaults,
      ...(await this.ask<readonly string[]>({ kind: 'AUDIT' })),
    )
    return end
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#worker.kill(), this.#next.kill()])
  }
}
