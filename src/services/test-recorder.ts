import type { StepReport, StepSnapshot, TestEvent, TestSnapshot } from '../connectors/connection-test.ts'
import type { StepMessage } from '../connectors/host/protocol.ts'
import { problemTable } from '../connectors/problem-table.ts'
import type { Scrubber } from '../connectors/scrub/scrubber.ts'
import { type SignInVerdict, verdictOfStep } from '../connectors/sign-in-verdict.ts'
import type { TestComparison } from '../connectors/test-comparison.ts'
import type { ConnectionTestStore, TestAddress } from '../db/connection-test-store.ts'
import type { Database, Writer } from '../db/database.ts'
import {
  advance,
  type EventBody,
  endsAsFailed,
  endTest,
  isBlocking,
  isFinished,
  type TestEnding,
} from './test-ending.ts'

/** The connector host told something that no test can have done. What it says is not believed any further. */
export class HostProtocolError extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'HostProtocolError'
  }
}

/** Another process ended the test, or it was deleted. */
export class TestLostError extends Error {
  constructor() {
    super('The test does not belong to this process any more.')
    this.name = 'TestLostError'
  }
}

export interface TestRecorderOptions {
  readonly database: Database
  readonly store: ConnectionTestStore
  readonly address: TestAddress
  /** Holder of the test's lease. */
  readonly owner: string
  /** The test as stored so far. */
  readonly snapshot: TestSnapshot
  readonly scrub: Scrubber
  /** Notes, with the end of a step that signs in, what became of it. */
  readonly settleSignIn: (tx: Writer, step: 'SIGN_IN' | 'TUNNEL', verdict: SignInVerdict) => Promise<void>
  /** What has changed since the connector last passed; asked of a failed test. Scrubbed; never rejects. */
  readonly compare: (failed: TestSnapshot) => Promise<TestComparison | null>
  readonly now: () => Date
  /** Called after each write. */
  readonly onWritten: () => void
  /** Called once when nothing can be written any more, with a `TestLostError` or the database's error. */
  readonly onBroken: (error: unknown) => void
}

const maxReportCharacters = 256 * 1024
const maxNoteCharacters = 500
/** Of one step; later ones are dropped, so that a step cannot fill the database. */
const maxNotes = 500

/**
 * Turns what the connector host tells into the test's events and writes them in order. Messages that come while a
 * write runs are written together by the next, and of a step's notes only the latest waits, so that neither a slow
 * database nor a talkative step makes anything grow.
 */
export class TestRecorder {
  readonly #options: TestRecorderOptions
  /** The test as of the last accepted event. */
  #snapshot: TestSnapshot
  /** The test as of the last event that was given to the database. */
  #taken: TestSnapshot
  #queue: { readonly event: TestEvent; readonly after: TestSnapshot }[] = []
  #notes = 0
  #writing: Promise<void> | null = null
  #isOpen = true
  /** Why nothing can be written any more. */
  #fault: { readonly error: unknown } | null = null

  constructor(options: TestRecorderOptions) {
    this.#options = options
    this.#snapshot = options.snapshot
    this.#taken = options.snapshot
  }

  get snapshot(): TestSnapshot {
    return this.#snapshot
  }

  /** Accepts a message; ignores it once the test has ended. Throws `HostProtocolError`. */
  accept(message: StepMessage): void {
    if (!this.#isOpen) return
    const step = this.#snapshot.steps.find(candidate => !isFinished(candidate))
    if (step?.id !== message.stepId) throw new HostProtocolError('a step was reported out of turn')
    if (message.kind === 'STEP_PROGRESSED') this.#acceptNote(step, message.note)
    else if (message.kind === 'STEP_STARTED') this.#acceptStart(step)
    else if (message.kind === 'STEP_FINISHED') this.#acceptReport(step, message.durationMs, message.report)
    else throw new HostProtocolError('a message is of no known kind')
  }

  /** Writes what is left and the end. Rejects when it could not be written. */
  async end(ending: TestEnding): Promise<void> {
    this.#assertWritable()
    if (!this.#isOpen) return
    this.#isOpen = false
    const now = this.#options.now()
    const comparison = endsAsFailed(this.#snapshot, ending) ? await this.#options.compare(this.#snapshot) : null
    // An end after events that are missing would be no end for those who follow the test.
    this.#assertWritable()
    const { snapshot, events } = endTest(this.#snapshot, this.#scrubbed(ending), now, comparison)
    // One entry for all: nobody asks for the steps in between.
    this.#queue.push(...events.map(event => ({ event, after: snapshot })))
    this.#snapshot = snapshot
    await this.#write()
  }

  /** Accepts and writes nothing more; resolves when no write is under way. */
  async abandon(): Promise<void> {
    this.#isOpen = false
    this.#queue = []
    await this.#writing?.catch(() => undefined)
  }

  #acceptStart(step: StepSnapshot): void {
    if (step.status === 'RUNNING') throw new HostProtocolError('a step was started twice')
    if (this.#snapshot.steps.some(isBlocking)) throw new HostProtocolError('a step ran after a required one had failed')
    this.#notes = 0
    this.#add({ type: 'STEP_STARTED', stepId: step.id })
  }

  #acceptReport(step: StepSnapshot, durationMs: number | null, report: StepReport): void {
    assertHonest(step, report)
    const { status, blockedBy, note, evidence, problem } = this.#options.scrub.report(report)
    this.#add({
      type: 'STEP_FINISHED',
      stepId: step.id,
      durationMs: typeof durationMs === 'number' ? Math.max(0, Math.round(durationMs)) : null,
      status,
      blockedBy: this.#snapshot.steps.some(other => other.id === blockedBy) ? (blockedBy ?? null) : null,
      ...(note != null && { note }),
      evidence,
      problem,
    })
  }

  #acceptNote(step: StepSnapshot, note: unknown): void {
    if (step.status !== 'RUNNING') throw new HostProtocolError('a step that does not run made progress')
    if (typeof note !== 'string') throw new HostProtocolError('a note is no text')
    if (++this.#notes > maxNotes) return
    const last = this.#queue.at(-1)?.event
    if (last?.type === 'STEP_PROGRESSED') {
      this.#queue.pop()
      this.#snapshot = this.#queue.at(-1)?.after ?? this.#taken
    }
    const text = this.#options.scrub.text(note).slice(0, maxNoteCharacters)
    this.#add({ type: 'STEP_PROGRESSED', stepId: step.id, note: text })
  }

  #add(body: EventBody): void {
    const { snapshot, events } = advance(this.#snapshot, [body], this.#options.now())
    this.#queue.push(...events.map(event => ({ event, after: snapshot })))
    this.#snapshot = snapshot
    // Reported by `onBroken`, and by `end`.
    this.#write().catch(() => undefined)
  }

  #write(): Promise<void> {
    this.#writing ??= this.#writeQueue()
    return this.#writing
  }

  async #writeQueue(): Promise<void> {
    const { database, store, address, owner, onWritten, onBroken } = this.#options
    try {
      // A step's end and the next one's start come in one turn of the event loop, and so into one transaction.
      await new Promise(resolve => setImmediate(resolve))
      while (this.#queue.length > 0) {
        const batch = this.#queue.splice(0)
        const after = batch.at(-1)?.after ?? this.#taken
        this.#taken = after
        const events = batch.map(entry => entry.event)
        const isOurs = await database.write(async tx => {
          const isAppended = await store.append(tx, address, owner, after, events)
          // Also when the test has been lost: what the server has counted, it has counted.
          for (const event of events) await this.#settle(tx, event, after)
          return isAppended
        })
        if (!isOurs) throw new TestLostError()
        onWritten()
      }
    } catch (error) {
      this.#isOpen = false
      this.#fault = { error }
      this.#queue = []
      onBroken(error)
      throw error
    } finally {
      // In the same turn in which the queue was found empty, so that nothing is added to a writer that has stopped.
      this.#writing = null
    }
  }

  #assertWritable(): void {
    if (this.#fault !== null) throw this.#fault.error
  }

  async #settle(tx: Writer, event: TestEvent, { steps }: TestSnapshot): Promise<void> {
    if (event.type !== 'STEP_FINISHED') return
    const step = steps.find(({ id }) => id === event.stepId)
    if (step?.key === 'SIGN_IN' || step?.key === 'TUNNEL') {
      await this.#options.settleSignIn(tx, step.key, verdictOfStep(step))
    }
  }

  #scrubbed(ending: TestEnding): TestEnding {
    return ending.kind === 'ERRORED' ? { ...ending, problem: this.#options.scrub.problem(ending.problem) } : ending
  }
}

const claims = new Set(['PASSED', 'WARNING', 'FAILED'])

/** The process that reports has spoken to a hostile server, perhaps; a claim must at least be one that can be true. */
function assertHonest(step: StepSnapshot, report: StepReport): void {
  const { status, problem, evidence } = report
  const isClaim = claims.has(status)
  if (!isClaim && status !== 'SKIPPED' && status !== 'CANCELLED') throw new HostProtocolError('a status is unknown')
  if (isClaim && step.status !== 'RUNNING') throw new HostProtocolError('a step that never ran has a result')
  if ((status === 'WARNING' || status === 'FAILED') && !problem) throw new HostProtocolError('a failure has no reason')
  if (problem && !Object.hasOwn(problemTable, problem.code)) throw new HostProtocolError('a problem code is unknown')
  if (!Array.isArray(evidence)) throw new HostProtocolError('a report has no evidence list')
  if (JSON.stringify(report).length > maxReportCharacters) throw new HostProtocolError('a report is too long')
}
