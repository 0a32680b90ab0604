import { readFileSync } from 'node:fs'
import { driverPids } from '../servers/type-host.ts'

const lookMs = 50

/** The most resident memory that any process has had which runs drivers for this one, from now on. */
export class PeakMemory implements Disposable {
  #kibibytes = 0
  readonly #timer: NodeJS.Timeout

  constructor() {
    // The kernel keeps the peak; only the last moments before a process ends could be missed.
    this.#timer = setInterval(() => this.#look(), lookMs)
  }

  get mebibytes(): number {
    this.#look()
    return this.#kibibytes / 1_024
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
  }

  #look(): void {
    for (const pid of driverPids()) this.#kibibytes = Math.max(this.#kibibytes, peakOf(pid))
  }
}

function peakOf(pid: number): number {
  try {
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0)
  } catch {
    // It has ended meanwhile.
    return 0
  }
}
