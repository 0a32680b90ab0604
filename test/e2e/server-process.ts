import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Recorder } from '../canary/recorder.ts'
import { canarySecret } from '../canary/secrets.ts'
import { ApiClient } from './api-client.ts'
import type { Storage } from './storage.ts'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** Longer than the server's own patience with requests under way. */
const patienceMs = 20_000

export interface ServerProcessOptions {
  readonly nodeFlags?: readonly string[]
  /** Another file to run than the program's `main.ts`. */
  readonly entry?: string
  readonly environment?: Readonly<Record<string, string>>
}

/** The program in a process of its own, as an operator starts it, that can be killed. */
export class ServerProcess implements AsyncDisposable {
  /** Where its API is. */
  readonly url: string
  readonly client: ApiClient
  readonly recorder: Recorder
  readonly pid: number
  readonly #process: ChildProcess
  readonly #exited: Promise<unknown>
  readonly #output: () => string

  private constructor(
    url: string,
    recorder: Recorder,
    child: ChildProcess,
    exited: Promise<unknown>,
    output: () => string,
  ) {
    this.url = url
    this.client = new ApiClient(url, recorder)
    this.recorder = recorder
    // It has said where it listens, so it exists.
    this.pid = child.pid as number
    this.#process = child
    this.#exited = exited
    this.#output = output
  }

  static async start(storage: Storage, options: ServerProcessOptions = {}): Promise<ServerProcess> {
    const { nodeFlags = [], entry = main, environment = {} } = options
    const recorder = new Recorder()
    const defaults = { NODE_ENV: 'test', PORT: '0', LOG_LEVEL: 'trace', OPERATORS_OTHER_SECRET: canarySecret() }
    const child = spawn(process.execPath, [...nodeFlags, entry], {
      cwd: storage.directory,
      env: { ...defaults, ...storage.environment, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    // Ended, and everything that it wrote has been read.
    const exited = once(child, 'close')
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        recorder.record('log', text)
        output += text
        const [url] = /http:\S+\/graphql/.exec(output) ?? []
        if (url !== undefined) resolve(url)
      })
    }
    void exited.then(() => reject(new Error(`The server did not start: ${output}`)))
    return new ServerProcess(await promise, recorder, child, exited, () => output)
  }

  /** What it has written so far, to both outputs. */
  get output(): string {
    return this.#output()
  }

  /** Null while it runs, and when a signal has ended it. */
  get exitCode(): number | null {
    return this.#process.exitCode
  }

  /** Ends it at once, as the loss of power would. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#exited
  }

  /** Asks it to end, and waits until it has; does nothing once it has. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGTERM')
    const lastResort = setTimeout(() => this.#process.kill('SIGKILL'), patienceMs)
    await this.#exited
    clearTimeout(lastResort)
  }
}
