import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Certificate } from '../servers/certificates.ts'
import { freePort } from '../servers/postgres.ts'
import { fakesnowPython } from './fakesnow-install.ts'

/** What is said in fakesnow's place, as text, to a statement that it does not know. */
export interface FakesnowAnswer {
  /** A regular expression, without regard to case. */
  readonly to: string
  readonly columns: readonly string[]
  readonly rows: readonly (readonly (string | null)[])[]
}

export interface FakesnowOptions {
  readonly certificate: Certificate
  /** Statements that are run before it listens. */
  readonly setUp: readonly string[]
  readonly answers?: readonly FakesnowAnswer[]
  /** The role of a session that names none. */
  readonly defaultRole: string
  /** Functions without arguments that it does not know, each with what it is to be. */
  readonly functions?: Readonly<Record<string, string>>
  /** How many rows come with an answer, and with each of the chunks that the others are fetched in. */
  readonly rowsPerChunk?: number
}

export interface FakesnowStatement {
  readonly statement: string
  readonly describeOnly: boolean
}

interface Told extends Partial<FakesnowStatement> {
  readonly method?: string
  readonly path?: string
  readonly heard?: string
}

/** A fakesnow of its own on loopback: Snowflake's protocol and its SQL, run by DuckDB. `fakesnow-process.py` adapts it. */
export class Fakesnow implements AsyncDisposable {
  readonly port: number
  /** What it was asked to run, in order. */
  readonly statements: FakesnowStatement[] = []
  /** What it was asked at all: `POST /session/v1/login-request`. */
  readonly requests: string[] = []
  /** The end of what it has said of faults of its own. */
  log = ''
  readonly #process: ChildProcess
  readonly #directory: string
  readonly #heard = new EventEmitter()

  private constructor(port: number, child: ChildProcess, directory: string) {
    this.port = port
    this.#process = child
    this.#directory = directory
  }

  static async start(options: FakesnowOptions): Promise<Fakesnow> {
    const { certificate, setUp, defaultRole, answers = [], functions = {}, rowsPerChunk = 1_000 } = options
    const port = await freePort()
    const directory = await mkdtemp(join(tmpdir(), 'patchbay-fakesnow-'))
    const path = (name: string) => join(directory, name)
    await writeFile(path('server.crt'), certificate.certificate)
    await writeFile(path('server.key'), certificate.key, { mode: 0o600 })
    const settings = { port, certificate: path('server.crt'), key: path('server.key') }
    const said = { setUp, defaultRole, answers, functions, rowsPerChunk }
    await writeFile(path('options.json'), JSON.stringify({ ...settings, ...said }))
    const child = spawn(fakesnowPython, [join(import.meta.dirname, 'fakesnow-process.py'), path('options.json')], {
      cwd: directory,
      env: { HOME: directory },
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    const server = new Fakesnow(port, child, directory)
    await server.#untilListening()
    return server
  }

  /** For the setting `CLOUD_ENDPOINTS`, and for runs: where whoever asks for an account of Snowflake finds it. */
  get endpoints(): Readonly<Record<string, string>> {
    return { '*.snowflakecomputing.com': `https://127.0.0.1:${this.port}` }
  }

  /** Whatever has been answered so far is among `statements` and `requests` from then on. */
  async upToDate(): Promise<void> {
    const name = crypto.randomUUID()
    const heard = once(this.#heard, name)
    this.#process.stdin?.write(`${name}\n`)
    await heard
  }

  /** Throws with what it has said when it ends before it listens. */
  async #untilListening(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const { stdout, stderr } = this.#process
    stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.log = `${this.log}${text}`.slice(-20_000)
    })
    if (stdout) {
      createInterface({ input: stdout }).on('line', line => {
        const { statement, describeOnly = false, method, path, heard } = JSON.parse(line) as Told
        if (statement !== undefined) this.statements.push({ statement, describeOnly })
        else if (method !== undefined) this.requests.push(`${method} ${path}`)
        else if (heard !== undefined) this.#heard.emit(heard)
        else resolve()
      })
    }
    this.#process.once('error', reject)
    this.#process.once('exit', code => reject(new Error(`fakesnow exited with ${code}: ${this.log}`)))
    await promise
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGKILL')
      await once(this.#process, 'exit')
    }
    await rm(this.#directory, { recursive: true, force: true })
  }
}
