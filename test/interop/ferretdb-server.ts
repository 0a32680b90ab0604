import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { forgetServer, rememberServer } from '../proofs/known-servers.ts'
import type { Certificate } from '../servers/certificates.ts'
import { freePort } from '../servers/postgres.ts'
import { ferretDbProgram } from './ferretdb-install.ts'

export const administrator = { username: 'admin', password: 'admin-password' } as const

export interface FerretDbOptions {
  readonly certificate?: Certificate
  /** Demands a client certificate of this authority. */
  readonly clientAuthority?: Certificate
  readonly replicaSet?: string
}

/** A real FerretDB of its own on loopback, over SQLite, with the sign-in that MongoDB has. */
export class FerretDb implements AsyncDisposable {
  readonly port: number
  readonly #directory: string
  readonly #process: ChildProcess
  readonly #clientOptions: object

  private constructor(port: number, directory: string, child: ChildProcess, clientOptions: object) {
    this.port = port
    this.#directory = directory
    this.#process = child
    this.#clientOptions = clientOptions
  }

  static async start({ certificate, clientAuthority, replicaSet }: FerretDbOptions = {}): Promise<FerretDb> {
    const port = await freePort()
    const directory = await mkdtemp(join(tmpdir(), 'patchbay-ferretdb-'))
    const path = (name: string) => join(directory, name)
    await mkdir(path('data'))
    await writeFile(path('server.crt'), certificate?.certificate ?? '')
    await writeFile(path('server.key'), certificate?.key ?? '', { mode: 0o600 })
    await writeFile(path('clients.crt'), clientAuthority?.certificate ?? '')
    const address = `127.0.0.1:${port}`
    const child = spawn(
      ferretDbProgram,
      [
        '--handler=sqlite',
        `--sqlite-url=file:${path('data')}/`,
        `--state-dir=${directory}`,
        '--telemetry=disable',
        '--debug-addr=-',
        '--log-level=DEBUG',
        '--test-enable-new-auth',
        `--setup-username=${administrator.username}`,
        `--setup-password=${administrator.password}`,
        '--setup-database=admin',
        ...(replicaSet ? [`--repl-set-name=${replicaSet}`] : []),
        ...(certificate
          ? [
              '--listen-addr=',
              `--listen-tls=${address}`,
              `--listen-tls-cert-file=${path('server.crt')}`,
              `--listen-tls-key-file=${path('server.key')}`,
              ...(clientAuthority ? [`--listen-tls-ca-file=${path('clients.crt')}`] : []),
            ]
          : [`--listen-addr=${address}`]),
      ],
      { cwd: directory, env: {}, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    await untilLogged(child, `Listening on ${certificate ? 'TLS' : 'TCP'}`)
    rememberServer(port, 'PUBLIC_IMPLEMENTATION')
    const clientOptions = {
      directConnection: true,
      auth: administrator,
      ...(certificate && { tls: true, tlsAllowInvalidCertificates: true }),
    }
    return new FerretDb(port, directory, child, clientOptions)
  }

  /** Works as the administrator. */
  async administer<T>(work: (client: MongoClient) => Promise<T>): Promise<T> {
    const client = new MongoClient(`mongodb://127.0.0.1:${this.port}`, this.#clientOptions)
    try {
      return await work(client)
    } finally {
      await client.close()
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    forgetServer(this.port)
    if (this.#process.exitCode === null && this.#process.signalCode === null) {
      this.#process.kill('SIGKILL')
      await once(this.#process, 'exit')
    }
    await rm(this.#directory, { recursive: true, force: true })
  }
}

function untilLogged(child: ChildProcess, words: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let log = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding('utf8').on('data', (text: string) => {
      if (log.length < 20_000) log += text
      if (log.includes(words)) resolve()
    })
  }
  child.once('error', reject)
  child.once('exit', code => reject(new Error(`ferretdb exited with ${code}: ${log}`)))
  return promise
}
