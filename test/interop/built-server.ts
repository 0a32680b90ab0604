import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../servers/postgres.ts'

const root = join(import.meta.dirname, '..', '..')

/** The server as it is shipped: built, in a process of its own, with a data directory of its own. */
export class BuiltServer {
  readonly url: string
  readonly #process: ChildProcess
  readonly #directory: string

  private constructor(url: string, child: ChildProcess, directory: string) {
    this.url = url
    this.#process = child
    this.#directory = directory
  }

  /** `environment`: settings beside the port and the data directory. */
  static async start(environment: Readonly<Record<string, string>> = {}): Promise<BuiltServer> {
    await promisify(execFile)(process.execPath, ['scripts/build.mjs'], { cwd: root })
    const directory = await mkdtemp(join(tmpdir(), 'patchbay-server-'))
    const port = await freePort()
    const child = spawn(process.execPath, [join(root, 'dist', 'main.js')], {
      cwd: directory,
      env: { ...environment, PORT: String(port), DATA_DIR: join(directory, 'data') },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const url = `http://127.0.0.1:${port}/graphql`
    const ready = Promise.withResolvers<void>()
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      if (text.includes(`:${port}/graphql`)) ready.resolve()
    })
    child.once('exit', code => ready.reject(new Error(`The server exited with ${code}.`)))
    await ready.promise
    return new BuiltServer(url, child, directory)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGTERM')
    if (this.#process.exitCode === null && this.#process.signalCode === null) await once(this.#process, 'exit')
    await rm(this.#directory, { recursive: true, force: true })
  }
}
