import { setTimeout as delay } from 'node:timers/promises'
import type { PlannedStep, StepReport } from '../connection-test.ts'
import { failed, type Step, type StepContext, type TestRun } from '../define.ts'
import { type Problem, problem } from '../problem.ts'
import { describeError } from './describe-error.ts'
import { GuardWatch } from './guard-record.ts'
import { NoteLimiter } from './note-limiter.ts'
import type { StepMessage, TestJob } from './protocol.ts'
import { stepTimedOut } from './step-timeout.ts'

export const cancelled: StepReport = { status: 'CANCELLED', evidence: [], problem: null }

export const stepFinished = (step: PlannedStep, durationMs: number | null, report: StepReport): StepMessage => ({
  kind: 'STEP_FINISHED',
  stepId: step.id,
  durationMs,
  report,
})

/** Runs single steps of a test: each ends by itself, at its budget or by cancellation, whichever comes first. */
export class StepRunner {
  /** Of steps that have been left behind, or are under way: their code still runs. */
  readonly #unsettled = new Set<Promise<StepReport>>()
  readonly #run: TestRun
  readonly #job: TestJob
  readonly #emit: (message: StepMessage) => void
  readonly #signal: AbortSignal

  constructor(run: TestRun, job: TestJob, emit: (message: StepMessage) => void, signal: AbortSignal) {
    this.#run = run
    this.#job = job
    this.#emit = emit
    this.#signal = signal
  }

  /** Emits the step's messages and answers its report. Never rejects. */
  async run(step: PlannedStep, perform: Step): Promise<StepReport> {
    const notes = new NoteLimiter(note => this.#emit({ kind: 'STEP_PROGRESSED', stepId: step.id, note }))
    this.#emit({ kind: 'STEP_STARTED', stepId: step.id })
    const startedAt = performance.now()
    const report = await this.#outcome(step, perform, notes)
    const durationMs = Math.round(performance.now() - startedAt)
    notes.flush()
    this.#emit(stepFinished(step, durationMs, report))
    return report
  }

  /** Whether no step's code runs any more; waits for it, but no longer than `withinMs`. */
  async settled(withinMs: number): Promise<boolean> {
    if (this.#unsettled.size === 0) return true
    const late = new AbortController()
    const all = Promise.all(this.#unsettled).then(() => true)
    const inTime = await Promise.race([all, delay(withinMs, false, { signal: late.signal }).catch(() => false)])
    late.abort()
    return inTime
  }

  async #outcome(step: PlannedStep, perform: Step, notes: NoteLimiter): Promise<StepReport> {
    const { promise, resolve } = Promise.withResolvers<StepReport>()
    const stop = new AbortController()
    let over = false
    // Decided before the step hears of it: what it says or throws on its signal no longer counts.
    const end = (report: StepReport) => {
      over = true
      resolve(report)
    }
    const cancel = () => {
      end(cancelled)
      stop.abort(this.#signal.reason)
    }
    const timer = setTimeout(() => {
      end(failed(this.#timedOut(step)))
      stop.abort(new DOMException(`${step.key} ran out of its budget.`, 'TimeoutError'))
    }, step.budgetMs)
    this.#signal.addEventListener('abort', cancel, { once: true })
    const work = this.#perform(step, perform, {
      signal: stop.signal,
      budgetMs: step.budgetMs,
      target: step.target,
      environment: this.#job.environment,
      note: text => {
        if (!over) notes.add(text)
      },
    })
    this.#unsettled.add(work)
    void work.then(own => {
      this.#unsettled.delete(work)
      end(own)
    })
    const report = await promise
    clearTimeout(timer)
    this.#signal.removeEventListener('abort', cancel)
    return report
  }

  /** The step's own report, or what its error comes to. Never rejects. */
  async #perform(step: PlannedStep, perform: Step, context: StepContext): Promise<StepReport> {
    const guard = new GuardWatch()
    try {
      const report = await perform(context)
      if (report.status !== 'CANCELLED') return guard.explainReport(report)
      // Nobody asked for it: a step whose test is cancelled is not listened to any more.
      return failed(unclassified(step, 'the step stopped by itself'), report.evidence)
    } catch (error) {
      return failed(guard.explain(null) ?? unclassified(step, describeError(error)))
    }
  }

  #timedOut(step: PlannedStep): Problem {
    try {
      const own = this.#run.timedOut?.(step.key, step.budgetMs / 1_000)
      if (own) return own
    } catch {
      // A type that cannot word its timeout must not turn it into something else.
    }
    return stepTimedOut(step, this.#job.config)
  }
}

const unclassified = (step: PlannedStep, words: string): Problem =>
  problem('UNCLASSIFIED', { detail: `${step.id}: ${words}` })
