import { problem } from '../problem.ts'
import { FairQueue } from './fair-queue.ts'
import { HostChild, type HostChildOptions } from './host-child.ts'
import { hostFailed, type JobEnd, type JobRequest } from './running-job.ts'
import { StartBackoff } from './start-backoff.ts'

export interface JobSchedulerOptions extends Omit<HostChildOptions, 'onIdle'> {
  readonly maxChildren: number
  readonly queueLimit: number
  readonly queueWaitMs: number
  /** When to start the first child, unless a job comes before; null for at once. */
  readonly prewarmAfter: Promise<void> | null
}

export interface WorkspaceJob extends JobRequest {
  readonly workspaceId: string
}

interface WaitingJob extends WorkspaceJob {
  /** Ends the wait: with the job's end, or with a child that will bring it about. */
  readonly settle: (end: JobEnd | Promise<JobEnd>) => void
}

const shuttingDown = hostFailed('Patchbay is shutting down')
const replaced = hostFailed('it was replaced')

/**
 * Decides which child runs which job. A child serves one workspace in its life, so no workspace ever meets what another
 * one left behind. A fresh child is kept ready. Workspaces take turns, and none may hold the last child.
 */
export class JobScheduler {
  readonly #options: JobSchedulerOptions
  readonly #maxPerWorkspace: number
  readonly #children = new Set<HostChild>()
  readonly #queue: FairQueue<WaitingJob>
  readonly #backoff = new StartBackoff(() => this.#serve())
  #closing: Promise<void> | null = null

  constructor(options: JobSchedulerOptions) {
    this.#options = options
    this.#maxPerWorkspace = Math.max(1, options.maxChildren - 1)
    this.#queue = new FairQueue(options.queueLimit)
    // A child that does not even look at its channel would outlive a parent that exits without closing.
    process.on('exit', this.#killAll)
    if (options.prewarmAfter === null) this.#serve()
    else void options.prewarmAfter.then(() => this.#serve())
  }

  /** Waits for a child and runs the job on it. Never rejects. */
  async run(job: WorkspaceJob): Promise<JobEnd> {
    if (this.#closing) return { kind: 'PROBLEM', problem: shuttingDown }
    const { workspaceId, signal } = job
    const { promise, resolve } = Promise.withResolvers<JobEnd>()
    // A child that is being started for this job is worth waiting for.
    const giveUpAt = performance.now() + this.#options.queueWaitMs + this.#options.startTimeoutMs
    const expire = () => {
      if (!this.#childIsComing(waiting) || performance.now() > giveUpAt) return this.#refuse(waiting)
      timer = setTimeout(expire, this.#options.queueWaitMs)
    }
    let timer = setTimeout(expire, this.#options.queueWaitMs)
    const cancel = () => waiting.settle({ kind: 'PROBLEM', problem: hostFailed('it was cancelled') })
    const waiting: WaitingJob = {
      ...job,
      settle: end => {
        clearTimeout(timer)
        signal.removeEventListener('abort', cancel)
        this.#queue.remove(workspaceId, waiting)
        resolve(end)
      },
    }
    signal.addEventListener('abort', cancel, { once: true })
    const crowdedOut = this.#queue.push(workspaceId, waiting)
    if (crowdedOut) this.#refuse(crowdedOut)
    this.#serve()
    return await promise
  }

  /** Kills every child and ends every job; settles when no child is left. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    process.off('exit', this.#killAll)
    this.#backoff.close()
    for (const { item } of this.#queue.inTurn()) item.settle({ kind: 'PROBLEM', problem: shuttingDown })
    this.#killAll()
    await Promise.all([...this.#children].map(child => child.gone))
  }

  readonly #killAll = () => {
    for (const child of this.#children) child.kill(shuttingDown)
  }

  #refuse(waiting: WaitingJob): void {
    const broken = this.#backoff.failing && this.#count('IDLE', 'BUSY') === 0
    waiting.settle({
      kind: 'PROBLEM',
      problem: broken ? hostFailed('it could not be started') : problem('CAPACITY_EXCEEDED'),
    })
  }

  /** Gives waiting jobs to children, starts and replaces children as the jobs need, and keeps one fresh. */
  #serve(): void {
    if (this.#closing) return
    const held = new Map<string, number>()
    const hold = (workspaceId: string) => held.set(workspaceId, (held.get(workspaceId) ?? 0) + 1)
    for (const child of this.#children) if (child.state === 'BUSY' && child.workspaceId) hold(child.workspaceId)
    // Every child that starts will take one of the jobs that find no child now.
    let starting = this.#count('STARTING')
    let ending = this.#count('ENDING')
    for (const { owner, item } of this.#queue.inTurn()) {
      if ((held.get(owner) ?? 0) >= this.#maxPerWorkspace) continue
      hold(owner)
      const child = this.#idleFor(owner)
      if (child) {
        this.#queue.serve(owner, item)
        item.settle(this.#runOn(child, item))
      } else if (starting > 0) starting -= 1
      else if (this.#start()) continue
      else if (ending > 0) ending -= 1
      else if (!this.#endLongestIdle()) break
    }
    this.#keepFresh()
  }

  async #runOn(child: HostChild, job: WaitingJob): Promise<JobEnd> {
    const end = await child.run(job.workspaceId, job)
    if (end.kind === 'DONE') this.#backoff.succeeded()
    return end
  }

  /** The workspace's own idle child, which has its drivers loaded, or else a fresh one. */
  #idleFor(workspaceId: string): HostChild | undefined {
    const idle = [...this.#children].filter(child => child.state === 'IDLE')
    return idle.find(child => child.workspaceId === workspaceId) ?? idle.find(child => child.workspaceId === null)
  }

  #keepFresh(): void {
    const fresh = [...this.#children].some(child => child.workspaceId === null && child.state !== 'ENDING')
    if (fresh || this.#start()) return
    // With a single child, keeping it for its workspace is worth more.
    if (this.#options.maxChildren > 1 && this.#count('ENDING') === 0) this.#endLongestIdle()
  }

  /** Whether a child could be started. */
  #start(): boolean {
    if (this.#backoff.waiting || this.#children.size >= this.#options.maxChildren) return false
    const child = new HostChild({ ...this.#options, onIdle: () => this.#serve() })
    this.#children.add(child)
    void child.gone.then(() => {
      this.#children.delete(child)
      if (child.failedToServe && !this.#closing) this.#backoff.failed()
      this.#serve()
    })
    return true
  }

  /** Whether there was an idle child to end, so that another one can be started in its place. */
  #endLongestIdle(): boolean {
    const [longestIdle] = [...this.#children]
      .filter(child => child.state === 'IDLE')
      .sort((one, other) => one.idleSince - other.idleSince)
    longestIdle?.kill(replaced)
    return longestIdle !== undefined
  }

  #childIsComing(waiting: WaitingJob): boolean {
    const position = this.#queue.inTurn().findIndex(({ item }) => item === waiting)
    return position < this.#count('STARTING', 'ENDING')
  }

  #count(...states: readonly HostChild['state'][]): number {
    return [...this.#children].filter(child => states.includes(child.state)).length
  }
}
