import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Recorder } from '../canary/recorder.ts'
import { ApiClient } from './api-client.ts'
import type { Storage } from './storage.ts'

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))

/** The program in a process of its own, as an operator starts it, that can be killed. */
export class ServerProcess implements AsyncDisposable {
  readonly client: ApiClient
  readonly recorder: Recorder
  readonly pid: number
  readonly #process: ChildProcess
  readonly #exited: Promise<unknown>

  private constructor(url: string, recorder: Recorder, child: ChildProcess, exited: Promise<unknown>) {
    this.client = new ApiClient(url, recorder)
    this.recorder = recorder
    // It has said where it listens, so it exists.
    this.pid = child.pid as number
    this.#process = child
    this.#exited = exited
  }

  static async start(storage: Storage, nodeFlags: readonly string[] = []): Promise<ServerProcess> {
    const recorder = new Recorder()
    const child = spawn(process.execPath, [...nodeFlags, main], {
      cwd: storage.directory,
      env: { NODE_ENV: 'test', PORT: '0', LOG_LEVEL: 'trace', ...storage.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const exited = once(child, 'exit')
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
    return new ServerProcess(await promise, recorder, child, exited)
  }

  /** Ends it at once, as the loss of power would. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL')
    await this.#exited
  }

  /** Asks it to end, and waits until it has. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGTERM')
    await this.#exited
  }
}
