import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../servers/postgres.ts'
import { unprivilegedUser } from './unprivileged-user.ts'

export const pgBouncerProgram = '/usr/sbin/pgbouncer'

export interface PgBouncerOptions {
  /** Lines of the [databases] section: `shop = host=127.0.0.1 port=5432 dbname=shop`. */
  readonly databases: readonly string[]
  /** User name -> password, for clients and, being the same account, for the server behind. */
  readonly users: Readonly<Record<string, string>>
  /** Further settings of the [pgbouncer] section. */
  readonly settings?: Readonly<Record<string, string>>
  /** Files to put beside the configuration, such as `server.key`; refer to them by `{directory}/server.key`. */
  readonly files?: Readonly<Record<string, string>>
}

/** A real PgBouncer of its own on loopback, in transaction pooling unless the settings say otherwise. */
export class PgBouncer {
  readonly port: number
  readonly #directory: string
  readonly #process: ChildProcess

  private constructor(port: number, directory: string, child: ChildProcess) {
    this.port = port
    this.#directory = directory
    this.#process = child
  }

  static async start(options: PgBouncerOptions): Promise<PgBouncer> {
    const port = await freePort()
    const directory = await mkdtemp(join(tmpdir(), 'patchbay-pgbouncer-'))
    const user = await unprivilegedUser()
    const settings = {
      listen_addr: '127.0.0.1',
      listen_port: String(port),
      unix_socket_dir: '',
      auth_type: 'scram-sha-256',
      auth_file: '{directory}/users.txt',
      pool_mode: 'transaction',
      // Drivers set these at sign-in; transaction pooling cannot keep them, which is harmless for `extra_float_digits`.
      ignore_startup_parameters: 'extra_float_digits',
      ...options.settings,
    }
    const files = {
      ...options.files,
      'users.txt': lines(Object.entries(options.users).map(([name, password]) => `"${name}" "${password}"`)),
      'pgbouncer.ini': lines([
        '[databases]',
        ...options.databases,
        '[pgbouncer]',
        ...Object.entries(settings).map(([name, value]) => `${name} = ${value.replaceAll('{directory}', directory)}`),
      ]),
    }
    for (const [name, content] of Object.entries(files)) {
      const path = join(directory, name)
      await writeFile(path, content, { mode: 0o600 })
      await chown(path, user.uid, user.gid)
    }
    await chown(directory, user.uid, user.gid)
    await chmod(directory, 0o700)
    const child = spawn(pgBouncerProgram, [join(directory, 'pgbouncer.ini')], {
      ...user,
      cwd: '/',
      env: {},
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    await untilLogged(child, 'process up')
    return new PgBouncer(port, directory, child)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGKILL')
      await once(this.#process, 'exit')
    }
    await rm(this.#directory, { recursive: true, force: true })
  }
}

const lines = (texts: readonly string[]): string => texts.map(text => `${text}\n`).join('')

function untilLogged(child: ChildProcess, words: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let log = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    if (log.length < 10_000) log += text
    if (log.includes(words)) resolve()
  })
  child.once('error', reject)
  child.once('exit', code => reject(new Error(`pgbouncer exited with ${code}: ${log}`)))
  return promise
}
