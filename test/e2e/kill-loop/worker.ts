import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Answer, Command } from './messages.ts'

export type Outcome =
  | { readonly kind: 'DONE'; readonly value: unknown }
  | { readonly kind: 'REFUSED'; readonly code: string }
  /** Not foreseen. Whether anything was done is not known. */
  | { readonly kind: 'FAULT'; readonly message: string }
  /** The process ended before it answered. */
  | { readonly kind: 'LOST' }

/** One process of the kill loop, as its parent sees it. */
export class Worker implements AsyncDisposable {
  /** It has loaded its program and can be told to open its storage. */
  readonly ready: Promise<unknown>
  readonly exited: Promise<unknown>
  readonly #process: ChildProcess
  readonly #waiting = new Map<number, (outcome: Outcome) => void>()
  #asked = 0
  #isGone = false
  #output = ''

  /** Runs what `bundleChild` made. */
  constructor(program: string) {
    this.#process = fork(program, {
      execArgv: [],
      env: { NODE_ENV: 'test' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    })
    for (const stream of [this.#process.stdout, this.#process.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.#output += text
      })
    }
    this.#process.on('message', (answer: Answer) => this.#settle(answer.number, outcomeOf(answer)))
    this.ready = new Promise(resolve => this.#waiting.set(0, resolve))
    this.exited = once(this.#process, 'close').then(() => {
      this.#isGone = true
      for (const number of [...this.#waiting.keys()]) this.#settle(number, { kind: 'LOST' })
    })
  }

  get isGone(): boolean {
    return this.#isGone
  }

  /** What it has written: nothing, unless something is wrong with it. */
  get output(): string {
    return this.#output
  }

  ask(command: Command): Promise<Outcome> {
    if (this.#isGone) return Promise.resolve({ kind: 'LOST' })
    const number = ++this.#asked
    return new Promise(resolve => {
      this.#waiting.set(number, resolve)
      this.#process.send({ number, command }, error => error && this.#settle(number, { kind: 'LOST' }))
    })
  }

  /** Ends it at once, as the loss of power would. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.exited
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }

  #settle(number: number, outcome: Outcome): void {
    this.#waiting.get(number)?.(outcome)
    this.#waiting.delete(number)
  }
}

function outcomeOf(answer: Answer): Outcome {
  if (answer.ok) return { kind: 'DONE', value: answer.value }
  const { code, message } = answer
  return code === null ? { kind: 'FAULT', message } : { kind: 'REFUSED', code }
}
