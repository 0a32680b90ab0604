import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { issueCertificate } from '../servers/certificates.ts'
import { freePort } from '../servers/postgres.ts'
import { type OpenBaoVersion, openBaoProgram } from './openbao-install.ts'

export interface BaoRequest {
  readonly token?: string
  readonly namespace?: string
  readonly body?: object
}

export interface BaoAnswer {
  readonly status: number
  /** `{}` where it has no body. */
  readonly body: Readonly<Record<string, unknown>>
}

/**
 * A real OpenBao on loopback as operators run it: TLS with a certificate of a private authority, storage on disk,
 * initialised, and unsealed by its one key. Outlives being sealed, killed and started again.
 */
export class OpenBaoServer implements AsyncDisposable {
  readonly address: string
  /** PEM of the authority that its certificate is verified by, and the file it lies in. */
  readonly authority: string
  readonly authorityFile: string
  /** For files of the suite; goes with the server. */
  readonly directory: string
  readonly #program: string
  readonly #agent: Agent
  #rootToken = ''
  #unsealKey = ''
  #process: ChildProcess | undefined

  private constructor(address: string, authority: string, directory: string, program: string) {
    this.address = address
    this.authority = authority
    this.authorityFile = join(directory, 'authority.pem')
    this.directory = directory
    this.#program = program
    this.#agent = new Agent({ connect: { ca: authority } })
  }

  static async start(version: OpenBaoVersion): Promise<OpenBaoServer> {
    const directory = await mkdtemp(join(tmpdir(), 'patchbay-openbao-'))
    const [port, clusterPort] = [await freePort(), await freePort()]
    const root = issueCertificate({ commonName: 'Vault Root', authority: true })
    const certificate = issueCertificate({ commonName: 'vault', issuer: root, names: ['127.0.0.1'], usage: 'server' })
    const path = (name: string) => join(directory, name)
    const address = `https://127.0.0.1:${port}`
    const config = {
      storage: { raft: { path: path('raft'), node_id: 'one', performance_multiplier: 1 } },
      listener: [
        { tcp: { address: `127.0.0.1:${port}`, tls_cert_file: path('server.crt'), tls_key_file: path('server.key') } },
      ],
      api_addr: address,
      cluster_addr: `https://127.0.0.1:${clusterPort}`,
      ui: false,
    }
    await mkdir(path('raft'))
    await writeFile(path('authority.pem'), root.certificate)
    await writeFile(path('server.crt'), certificate.certificate)
    await writeFile(path('server.key'), certificate.key, { mode: 0o600 })
    await writeFile(path('config.json'), JSON.stringify(config))
    const server = new OpenBaoServer(address, root.certificate, directory, await openBaoProgram(version))
    await server.#launch()
    await server.#initialise()
    return server
  }

  get rootToken(): string {
    return this.#rootToken
  }

  /** One request, as the operator unless `token` says otherwise; `''` is nobody. */
  async request(method: string, path: string, { token, namespace, body }: BaoRequest = {}): Promise<BaoAnswer> {
    const response = await request(`${this.address}/v1/${path}`, {
      method: method as 'GET',
      headers: {
        'x-vault-token': token ?? this.#rootToken,
        ...(method === 'PATCH' && { 'content-type': 'application/merge-patch+json' }),
        ...(namespace !== undefined && { 'x-vault-namespace': namespace }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      dispatcher: this.#agent,
    })
    const text = await response.body.text()
    return { status: response.statusCode, body: text === '' ? {} : (JSON.parse(text) as BaoAnswer['body']) }
  }

  /** A request of the operator that must succeed. Answers the `data` of its answer. */
  async operate(method: string, path: string, body?: object, namespace?: string): Promise<Record<string, unknown>> {
    const answer = await this.request(method, path, {
      ...(body && { body }),
      ...(namespace !== undefined && { namespace }),
    })
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
    return (answer.body['data'] ?? {}) as Record<string, unknown>
  }

  async seal(): Promise<void> {
    await this.operate('POST', 'sys/seal')
  }

  /** Ends when it serves again, not only when it holds its key. */
  async unseal(): Promise<void> {
    await this.operate('POST', 'sys/unseal', { key: this.#unsealKey })
    await this.#until(200)
  }

  /** Ends it as the loss of power would. */
  async kill(): Promise<void> {
    const child = this.#process
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  /** Starts it again after `kill`; it is sealed then. */
  async restart(): Promise<void> {
    await this.#launch()
    await this.#until(503)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy()
    await this.kill()
    await rm(this.directory, { recursive: true, force: true })
  }

  async #launch(): Promise<void> {
    const child = spawn(this.#program, ['server', `-config=${join(this.directory, 'config.json')}`], {
      cwd: this.directory,
      // Nothing of this machine's settings gets in: neither VAULT_ and BAO_ variables nor a proxy.
      env: {},
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const started = Promise.withResolvers<void>()
    let log = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        if (log.length < 20_000) log += text
        if (log.includes('OpenBao server started')) started.resolve()
      })
    }
    child.once('error', started.reject)
    child.once('exit', code => started.reject(new Error(`OpenBao exited with ${code}: ${log}`)))
    await started.promise
    this.#process = child
  }

  async #initialise(): Promise<void> {
    const { status, body } = await this.request('POST', 'sys/init', {
      body: { secret_shares: 1, secret_threshold: 1 },
    })
    if (status !== 200) throw new Error(`OpenBao cannot be initialised: ${status} ${JSON.stringify(body)}`)
    const { keys, root_token } = body as { readonly keys: readonly [string]; readonly root_token: string }
    this.#unsealKey = keys[0]
    this.#rootToken = root_token
    await this.unseal()
  }

  /** Its health has no events to wait for. */
  async #until(health: number): Promise<void> {
    while ((await this.request('GET', 'sys/health')).status !== health) await delay(20)
  }
}
