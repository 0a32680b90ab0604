import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** A server in a process of its own, which runs one of the scripts beside this and tells its port when it listens. */
export class ServerChild implements AsyncDisposable {
  readonly port: number
  readonly #process: ChildProcess

  private constructor(port: number, child: ChildProcess) {
    this.port = port
    this.#process = child
  }

  /** `settings`: what the script is told, as JSON in its second argument; its first is `home`. */
  static async start(
    script: string,
    home: string,
    settings: object,
    environment: Readonly<Record<string, string>> = {},
  ): Promise<ServerChild> {
    const child = spawn(
      process.execPath,
      ['--no-warnings', join(import.meta.dirname, script), home, JSON.stringify(settings)],
      { env: environment, stdio: ['ignore', 'ignore', 'ignore', 'ipc'] },
    )
    const listening = Promise.withResolvers<number>()
    child.on('message', message => listening.resolve((message as { readonly port: number }).port))
    child.once('exit', code => listening.reject(new Error(`${script} exited with ${code}.`)))
    return new ServerChild(await listening.promise, child)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL')
    if (this.#process.exitCode === null && this.#process.signalCode === null) await once(this.#process, 'exit')
  }
}
