import { randomUUID } from 'node:crypto'
import { ConnectionTestStore } from '../db/connection-test-store.ts'
import type { Page } from '../db/keyset.ts'
import type { ConnectionTestRow } from '../db/rows.ts'
import type { AuditEntry } from './audit.ts'
import {
  type ConnectionTestServiceOptions,
  type ConnectionTestTiming,
  defaultLimits,
  defaultTiming,
} from './connection-test-options.ts'
import type { ConnectionTestService, StartTestInput, TestProgress } from './connection-tests.ts'
import { NotFoundError, ValidationError } from './errors.ts'
import { every } from './every.ts'
import { FairLimits } from './fair-limits.ts'
import { idempotencyKeyFault } from './names.ts'
import { RunningTests } from './running-tests.ts'
import type { RunGateTest } from './save-gate.ts'
import { AuditedReading } from './secret-reading.ts'
import { SignInGuard } from './sign-in-guard.ts'
import { type TestAttempt, TestAttempts } from './test-attempts.ts'
import { type TestKey, testKey } from './test-key.ts'
import { type TestSignal, TestSignals } from './test-signals.ts'
import { TestStream } from './test-stream.ts'
import { resolveTestSubject, type TestSubject, wholeConfig } from './test-subject.ts'
import { TestSweeper } from './test-sweeper.ts'
import { TestTails } from './test-tails.ts'
import type { Viewer } from './viewer.ts'

/** What the rest of the program uses beside the public interface. */
export interface ConnectionTestRunner {
  readonly runGateTest: RunGateTest
  /** Ends this process's tests as interrupted, so that whoever waits for them hears of it before the process stops. */
  interruptRunning(): Promise<void>
}

/**
 * Runs connection tests in this process and tells of tests of all processes on the database.
 *
 * A one-shot test is watched by the process that runs it. Streams in other processes make themselves known through
 * wake-ups while they are open, so they count too, give or take a second.
 */
export function createConnectionTestService(
  options: ConnectionTestServiceOptions,
): ConnectionTestService & ConnectionTestRunner {
  return new Service(options)
}

type Beginning = Omit<StartTestInput, 'target' | 'attemptKey'> & Pick<TestAttempt, 'attemptKey' | 'tested'>

class Service implements ConnectionTestService, ConnectionTestRunner {
  readonly #options: ConnectionTestServiceOptions
  readonly #timing: ConnectionTestTiming
  readonly #now: () => Date
  /** Names this process in leases. */
  readonly #instance: string = randomUUID()
  readonly #store: ConnectionTestStore
  readonly #attempts: TestAttempts
  readonly #sweeper: TestSweeper
  readonly #tails: TestTails
  readonly #signals: TestSignals
  readonly #running: RunningTests
  readonly #starting = new Set<Promise<unknown>>()
  readonly #timers: readonly { stop(): Promise<void> }[]
  #isClosed = false

  constructor(options: ConnectionTestServiceOptions) {
    const { database, digester, soleInstance, onFault } = options
    this.#options = options
    this.#timing = { ...defaultTiming, ...options.timing }
    this.#now = options.now ?? (() => new Date())
    this.#store = new ConnectionTestStore(database)
    const limits = { ...defaultLimits, ...options.limits }
    const signIns = new SignInGuard({ database, digester, now: this.#now })
    this.#attempts = new TestAttempts({
      audit: options.audit,
      database,
      store: this.#store,
      digester,
      signIns,
      onFault,
      limits: new FairLimits(limits, () => this.#now().getTime()),
      maxPerWorkspace: limits.perWorkspace,
      owner: this.#instance,
      leaseMs: this.#timing.leaseMs,
      now: this.#now,
    })
    this.#running = new RunningTests({
      ...options,
      ...this.#timing,
      store: this.#store,
      owner: this.#instance,
      now: this.#now,
      onChanged: key => this.#signals.send('changed', key),
    })
    this.#sweeper = new TestSweeper({
      database,
      store: this.#store,
      signIns,
      owner: this.#instance,
      soleInstance,
      isRunningHere: key => this.#running.get(key) !== undefined,
      onClosed: key => this.#signals.send('changed', key),
      onFault,
    })
    this.#tails = new TestTails({
      store: this.#store,
      pollMs: this.#timing.pollMs,
      onPoll: key => this.#tellWatched(key),
    })
    this.#signals = new TestSignals(database, (signal, key) => this.#onSignal(signal, key))
    this.#timers = [
      every(this.#timing.heartbeatMs, () => this.#running.renewLeases(), onFault),
      every(this.#timing.sweepMs, () => this.sweep(this.#now()), onFault),
    ]
  }

  async start(viewer: Viewer, input: StartTestInput): Promise<ConnectionTestRow> {
    const attemptKey = input.attemptKey ?? null
    const fault = attemptKey === null ? null : idempotencyKeyFault(attemptKey)
    if (fault !== null) throw new ValidationError([{ path: 'attemptKey', inputPath: ['attemptKey'], message: fault }])
    const reading = new AuditedReading({
      audit: this.#options.audit,
      actor: viewer,
      purpose: 'TEST',
      isOften: this.#attempts.isFull(viewer.workspace),
    })
    const subject = await resolveTestSubject(this.#options, viewer.workspace, input.target, reading)
    return this.#begin(viewer, subject, { ...input, attemptKey, tested: testedOf(input.target) })
  }

  /** A one-shot test with the caller as its subscriber: it ends soon after `signal` aborts, unless others follow it. */
  readonly runGateTest: RunGateTest = async (viewer, target, signal) => {
    const { type, config, secretDigests, secrets } = target
    const subject: TestSubject = {
      connectorId: null,
      comparedConnectorId: target.connectorId,
      connectorName: null,
      type,
      config,
      secretDigests,
      secretSetAt: {},
      secrets: { values: secrets },
    }
    const attempt = { attemptKey: null, mayStartCompute: false, lifetime: 'ONE_SHOT', tested: 'SAVE' } as const
    const row = await this.#begin(viewer, subject, attempt)
    const stream = await this.stream(viewer, row.id, { afterSequence: 0, signal })
    for await (const _ of stream) {
      // Only the end matters.
    }
    signal.throwIfAborted()
    return this.#get(viewer, row.id)
  }

  async stream(
    viewer: Viewer,
    testId: string,
    { afterSequence, signal }: { readonly afterSequence: number; readonly signal: AbortSignal },
  ): Promise<AsyncIterable<TestProgress>> {
    const { id } = await this.#get(viewer, testId)
    const address = { workspace: viewer.workspace, id }
    const { tail, leave } = this.#tails.join(address)
    const unsubscribe = this.#running.get(testKey(address))?.subscribe()
    this.#tellWatched(testKey(address))
    const onClose = () => {
      leave()
      unsubscribe?.()
    }
    return new TestStream({ tail, afterSequence, signal, onClose })
  }

  async wait(
    viewer: Viewer,
    testId: string,
    { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal: AbortSignal },
  ): Promise<ConnectionTestRow> {
    const row = await this.#get(viewer, testId)
    if (row.status === 'RUNNING') {
      const { tail, leave } = this.#tails.join({ workspace: viewer.workspace, id: row.id })
      const late = new AbortController()
      const timer = setTimeout(() => late.abort(), timeoutMs)
      try {
        await tail.over(AbortSignal.any([signal, late.signal]))
      } finally {
        clearTimeout(timer)
        leave()
      }
    }
    signal.throwIfAborted()
    return this.#get(viewer, testId)
  }

  async cancel(viewer: Viewer, testId: string): Promise<ConnectionTestRow> {
    const row = await this.#get(viewer, testId)
    const { audit, database } = this.#options
    const entry: AuditEntry = {
      action: 'CANCEL_CONNECTION_TEST',
      target: { kind: 'CONNECTION_TEST', id: row.id },
      details: { status: row.status, connectorType: row.typeName },
    }
    if (row.status !== 'RUNNING') {
      await audit.note(viewer, entry)
      return row
    }
    const address = { workspace: viewer.workspace, id: row.id }
    await database.write(async tx => {
      await this.#store.requestCancel(tx, address)
      await audit.record(tx, viewer, entry)
    })
    this.#running.get(testKey(address))?.cancel()
    this.#signals.send('cancel', testKey(address))
    const { signal } = new AbortController()
    return this.wait(viewer, testId, { timeoutMs: this.#timing.cancelWaitMs, signal })
  }

  find({ workspace }: Viewer, id: string): Promise<ConnectionTestRow | null> {
    return this.#store.find({ workspace, id })
  }

  findMany({ workspace }: Viewer, ids: readonly string[]): Promise<readonly (ConnectionTestRow | null)[]> {
    return this.#store.findMany(workspace, ids)
  }

  pageOfConnector(
    { workspace }: Viewer,
    connectorId: string,
    request: { readonly first: number; readonly after: string | null },
  ): Promise<Page<ConnectionTestRow>> {
    return this.#store.pageOfConnector(workspace, connectorId, request)
  }

  sweep(now: Date): Promise<void> {
    return this.#sweeper.sweep(now)
  }

  interruptRunning(): Promise<void> {
    return this.#running.interruptAll()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all(this.#timers.map(timer => timer.stop()))
    await Promise.allSettled(this.#starting)
    await this.#running.interruptAll()
    this.#signals.close()
    await this.#tails.close()
  }

  async #get({ workspace }: Viewer, id: string): Promise<ConnectionTestRow> {
    const row = await this.#store.find({ workspace, id })
    if (row === null) throw new NotFoundError('connection test')
    return row
  }

  async #begin(
    viewer: Viewer,
    subject: TestSubject,
    { attemptKey, mayStartCompute, lifetime, tested }: Beginning,
  ): Promise<ConnectionTestRow> {
    if (this.#isClosed) throw new Error('The connection test service is closed.')
    const { awsAccess, network } = this.#options
    const begin = async () => {
      const aws = await awsAccess.forRun(viewer.workspace, subject.type, configOf(subject))
      const environment = { network: network(), mayStartCompute, ...aws }
      return this.#attempts.begin(viewer, subject, { attemptKey, environment, tested })
    }
    const starting = begin().then(begun => {
      if (begun.kind === 'NEW') this.#running.launch(begun, lifetime)
      else if (begun.row.status === 'RUNNING')
        this.#keepAlive(testKey({ workspace: viewer.workspace, id: begun.row.id }), lifetime)
      return begun.row
    })
    this.#starting.add(starting)
    return starting.finally(() => this.#starting.delete(starting))
  }

  /** Somebody came to a running test, wherever it runs. */
  #keepAlive(key: TestKey, lifetime: StartTestInput['lifetime']): void {
    this.#signals.send(lifetime === 'PINNED' ? 'pinned' : 'watched', key)
  }

  #tellWatched(key: TestKey): void {
    if (!this.#running.get(key)) this.#signals.send('watched', key)
  }

  #onSignal(signal: TestSignal, key: TestKey): void {
    const test = this.#running.get(key)
    if (signal === 'changed') this.#tails.wake(key)
    else if (signal === 'cancel') test?.cancel()
    else if (signal === 'pinned') test?.pin()
    else test?.extend()
  }
}

const testedOf = (target: StartTestInput['target']): TestAttempt['tested'] =>
  'draft' in target ? 'DRAFT' : 'edit' in target ? 'EDIT' : 'SAVED'

/** As the type's form puts it out, without secrets where they cannot be read. */
const configOf = (subject: TestSubject): unknown =>
  wholeConfig(subject, 'values' in subject.secrets ? subject.secrets.values : {})
