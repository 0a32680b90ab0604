import { type Problem, problem } from '../problem.ts'
import type { ChildMessage } from './protocol.ts'
import { residentMb } from './resident-memory.ts'
import { brokeProtocol, hostFailed, type JobEnd, type JobRequest, RunningJob } from './running-job.ts'
import { SandboxedProcess } from './sandboxed-process.ts'
import { heapExhausted } from './stderr-tail.ts'

const memoryCheckMs = 100
const maxIdleMessageBytes = 4 * 2 ** 10
/** Of the memory limit: a child that is left with more is replaced, or the next job would pay for it. */
const recycleShare = 0.5

/** Whether the data was too much or the driver leaks cannot be told from outside: that a limit was met is all that is known. */
const memoryExceeded = problem('MEMORY_EXCEEDED')

/** What the host writes to its log; pino fits. Never holds data of a job. */
export interface HostLogger {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
}

export interface HostChildOptions {
  readonly entry: URL
  readonly readRoots: readonly string[]
  readonly startTimeoutMs: number
  readonly recycleAfterJobs: number
  readonly maxRssMb: number
  readonly killGraceMs: number
  /** How long a child that has served a workspace is kept for that workspace's next job. */
  readonly idleMs: number
  readonly logger: HostLogger
  readonly onIdle: () => void
  /** The child's sandbox does not hold: it will run no job, and neither would another child. */
  readonly onUnfit: (reason: string) => void
}

export type ChildState = 'STARTING' | 'IDLE' | 'BUSY' | 'ENDING' | 'GONE'

/** One child of the host: runs one job at a time and, in its whole life, jobs of one workspace only. */
export class HostChild {
  /** Set by the first job. */
  workspaceId: string | null = null
  /** When it last became idle, on the monotonic clock. */
  idleSince = 0
  /** Whether it ended by itself while it had nothing to do, so that another one may well do the same. */
  failedToServe = false
  readonly gone: Promise<void>
  readonly #options: HostChildOptions
  readonly #process: SandboxedProcess
  readonly #startTimer: NodeJS.Timeout
  #idleTimer: NodeJS.Timeout | undefined
  #memoryTimer: NodeJS.Timeout | undefined
  #state: ChildState = 'STARTING'
  #job: RunningJob | null = null
  #jobId = 0
  #reportedMb = 0

  constructor(options: HostChildOptions) {
    this.#options = options
    this.#process = new SandboxedProcess(
      {
        entry: options.entry,
        readRoots: options.readRoots,
        onMessage: message => this.#accept(message),
        onBreach: () => this.#breach(),
      },
      maxIdleMessageBytes,
    )
    this.#startTimer = setTimeout(() => {
      this.failedToServe = true
      this.#fail('it did not start in time')
    }, options.startTimeoutMs)
    this.gone = this.#process.gone.then(() => this.#end())
  }

  get state(): ChildState {
    return this.#state
  }

  get pid(): number | undefined {
    return this.#process.pid
  }

  /** Runs a job on an idle child. */
  async run(workspaceId: string, request: JobRequest): Promise<JobEnd> {
    if (this.#state !== 'IDLE') throw new Error(`A child that is ${this.#state} cannot run a job.`)
    clearTimeout(this.#idleTimer)
    this.#state = 'BUSY'
    this.workspaceId = workspaceId
    this.#jobId += 1
    const jobId = this.#jobId
    this.#process.send({ kind: 'RUN', jobId, job: request.job })
    const job = new RunningJob(request, {
      killGraceMs: this.#options.killGraceMs,
      cancel: () => this.#process.send({ kind: 'CANCEL', jobId }),
      grant: bytes => this.#process.send({ kind: 'CREDIT', jobId, bytes }),
      kill: reason => this.kill(reason),
      recycle: json => this.#process.recycle(json),
      breach: () => this.#breach(),
    })
    this.#job = job
    this.#process.maxMessageBytes = job.maxMessageBytes
    this.#memoryTimer = setInterval(() => {
      if (this.#memoryMb() > this.#options.maxRssMb) this.#fail('it used too much memory', undefined, memoryExceeded)
    }, memoryCheckMs)
    return await job.end
  }

  /** Ends the process at once; a job that it runs is lost for the reason. */
  kill(reason: Problem): void {
    if (this.#state === 'ENDING' || this.#state === 'GONE') return
    this.#state = 'ENDING'
    this.#clearTimers()
    this.#process.kill()
    this.#loseJob(reason)
  }

  /** It has said what it may not say; also found out when it has nothing to do any more, or something else. */
  #breach(): void {
    if (this.#state !== 'ENDING' && this.#state !== 'GONE') this.#fail(brokeProtocol)
  }

  #fail(reason: string, error?: string, told: Problem = hostFailed(reason)): void {
    this.#options.logger.warn({ pid: this.pid, reason, error }, 'A connector host child was ended.')
    this.kill(told)
  }

  #accept(message: ChildMessage): boolean {
    switch (message.kind) {
      case 'READY':
        if (this.#state !== 'STARTING') return false
        clearTimeout(this.#startTimer)
        this.#becomeIdle()
        return true
      case 'UNFIT':
        if (this.#state !== 'STARTING') return false
        this.failedToServe = true
        this.kill(hostFailed('its sandbox does not hold'))
        this.#options.onUnfit(message.reason)
        return true
      case 'MEMORY':
        this.#reportedMb = message.residentMb
        return true
      case 'JOB_FAILED':
        if (message.jobId !== this.#jobId || !this.#job) return false
        this.#fail('an internal error', message.message)
        return true
      default: {
        const job = this.#job
        if (!job || message.jobId !== this.#jobId || !job.accept(message)) return false
        if ('leftovers' in message) this.#afterJob(message.leftovers)
        return true
      }
    }
  }

  #afterJob(leftovers: boolean): void {
    this.#job = null
    clearInterval(this.#memoryTimer)
    this.#process.maxMessageBytes = maxIdleMessageBytes
    const grown = this.#memoryMb() > recycleShare * this.#options.maxRssMb
    if (leftovers || grown || this.#jobId >= this.#options.recycleAfterJobs) {
      this.kill(hostFailed('it was replaced'))
    } else {
      this.#idleTimer = setTimeout(() => this.kill(hostFailed('it was replaced')), this.#options.idleMs).unref()
      this.#becomeIdle()
    }
  }

  #becomeIdle(): void {
    this.#state = 'IDLE'
    this.idleSince = performance.now()
    this.#options.onIdle()
  }

  #memoryMb(): number {
    const measuredMb = this.pid === undefined ? null : residentMb(this.pid)
    return Math.max(measuredMb ?? 0, this.#reportedMb)
  }

  #end(): void {
    if (this.#state !== 'ENDING') {
      this.failedToServe = this.#state !== 'BUSY'
      const error = this.#process.errorKind
      this.#options.logger.warn({ pid: this.pid, error }, 'A connector host child ended by itself.')
    }
    this.#state = 'GONE'
    this.#clearTimers()
    this.#loseJob(this.#process.errorKind === heapExhausted ? memoryExceeded : hostFailed('it crashed'))
  }

  #loseJob(reason: Problem): void {
    this.#job?.lose(reason)
    this.#job = null
  }

  #clearTimers(): void {
    clearTimeout(this.#startTimer)
    clearTimeout(this.#idleTimer)
    clearInterval(this.#memoryTimer)
  }
}
