import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** A Patchbay server of its own, started the way a user starts it. */
export class DemoServer {
  readonly url: string
  readonly #process: ChildProcess

  private constructor(url: string, child: ChildProcess) {
    this.url = url
    this.#process = child
  }

  /** Starts on a free port with its data in `directory`; rejects when the server ends before it listens. */
  static async start(directory: string, port: number): Promise<DemoServer> {
    const child = spawn(process.execPath, [join(import.meta.dirname, '..', 'start.mjs')], {
      env: {
        PATH: process.env['PATH'],
        DATA_DIR: directory,
        PORT: String(port),
        HOST: '127.0.0.1',
        LOG_LEVEL: 'error',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const url = `http://127.0.0.1:${port}/graphql`
    const listening = Promise.withResolvers<void>()
    child.once('exit', code => listening.reject(new Error(`Patchbay ended with code ${code} before it listened.`)))
    let banner = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      banner += text
      if (banner.includes('/graphql')) listening.resolve()
    })
    await listening.promise
    return new DemoServer(url, child)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode !== null) return
    this.#process.kill('SIGTERM')
    await once(this.#process, 'exit')
  }
}
