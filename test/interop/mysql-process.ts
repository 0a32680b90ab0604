import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import mysql from 'mysql2/promise'
import { forgetServer, rememberServer } from '../proofs/known-servers.ts'
import { freePort } from '../servers/postgres.ts'
import { unprivilegedUser } from './unprivileged-user.ts'

/** How one product is run. */
export interface MysqlProduct {
  readonly program: string
  /** Fills an empty data directory, with an administrator `root` who needs no password on the socket. */
  readonly initialize: (dataDirectory: string) => readonly [program: string, ...args: readonly string[]]
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface MysqlOptions {
  /** `{ max_connections: '5' }`; `{directory}` stands for where `files` lie. */
  readonly settings?: Readonly<Record<string, string>>
  /** Such as `server.crt`. */
  readonly files?: Readonly<Record<string, string>>
}

export type SqlRow = Readonly<Record<string, unknown>>

/** A real server of its own on loopback, of MariaDB or MySQL. */
export class MysqlProcess implements AsyncDisposable {
  readonly port: number
  readonly directory: string
  readonly #product: MysqlProduct
  readonly #process: ChildProcess
  #log = ''

  private constructor(product: MysqlProduct, port: number, directory: string, child: ChildProcess) {
    this.#product = product
    this.port = port
    this.directory = directory
    this.#process = child
  }

  static async start(product: MysqlProduct, { settings = {}, files = {} }: MysqlOptions = {}): Promise<MysqlProcess> {
    const port = await freePort()
    const directory = await mkdtemp(join(tmpdir(), 'patchbay-mysql-'))
    const user = await unprivilegedUser()
    const dataDirectory = join(directory, 'data')
    await mkdir(dataDirectory, { mode: 0o700 })
    for (const [name, content] of Object.entries(files))
      await writeFile(join(directory, name), content, { mode: 0o600 })
    for (const name of ['', 'data', ...Object.keys(files)]) await chown(join(directory, name), user.uid, user.gid)
    const options = { ...user, cwd: '/', env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', ...product.env } }
    const [program, ...args] = product.initialize(dataDirectory)
    const filled = spawnSync(program, args, { ...options, encoding: 'utf8' })
    if (filled.status !== 0) throw new Error(`${program} failed: ${filled.stdout}\n${filled.stderr}`)
    const child = spawn(
      product.program,
      [
        '--no-defaults',
        ...(product.args ?? []),
        `--datadir=${dataDirectory}`,
        `--tmpdir=${directory}`,
        `--socket=${socketIn(directory)}`,
        `--pid-file=${join(directory, 'pid')}`,
        '--bind-address=127.0.0.1',
        `--port=${port}`,
        '--skip-name-resolve',
        ...Object.entries(settings).map(([name, value]) => `--${name}=${value.replaceAll('{directory}', directory)}`),
      ],
      { ...options, stdio: ['ignore', 'ignore', 'pipe'] },
    )
    const server = new MysqlProcess(product, port, directory, child)
    await server.#untilReady()
    rememberServer(port, 'REAL_SERVER')
    return server
  }

  /** What the server has logged so far. */
  get log(): string {
    return this.#log
  }

  /** A session of the administrator. */
  connect(database?: string): Promise<mysql.Connection> {
    return mysql.createConnection({
      socketPath: socketIn(this.directory),
      user: 'root',
      multipleStatements: true,
      dateStrings: true,
      ...(database !== undefined && { database }),
    })
  }

  /** Runs statements as administrator and answers the rows of the last one. */
  async sql(text: string, database?: string): Promise<readonly SqlRow[]> {
    const connection = await this.connect(database)
    try {
      const [result] = await connection.query(text)
      // Of several statements a list of their results, of which those with rows are lists again.
      const last: unknown = Array.isArray(result) && Array.isArray(result.at(-1)) ? result.at(-1) : result
      return Array.isArray(last) ? (last as readonly SqlRow[]) : []
    } finally {
      await connection.end()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    forgetServer(this.port)
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGKILL')
      await once(this.#process, 'exit')
    }
    await rm(this.directory, { recursive: true, force: true })
  }

  async #untilReady(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text
      if (/ready for connections.*\n?.*port: [1-9]/.test(this.#log)) resolve()
    })
    this.#process.once('error', reject)
    this.#process.once('exit', code => reject(new Error(`${this.#product.program} exited with ${code}: ${this.#log}`)))
    await promise
  }
}

const socketIn = (directory: string) => join(directory, 'socket')
