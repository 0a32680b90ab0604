import { randomBytes } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Certificate } from './certificates.ts'
import { ServiceAccountTokens } from './service-account-tokens.ts'
import type { VaultFields } from './vault-backend.ts'
import { VaultCore } from './vault-core.ts'
import { type ArmedFault, type FaultFilter, send, strike, type VaultFault, VaultFaults } from './vault-faults.ts'
import { healthOf, sealStatusOf, type VaultRole, type VaultState } from './vault-health.ts'
import { KvEngine } from './vault-kv.ts'
import { resetConnection, VaultListener } from './vault-listener.ts'
import { done, refused, VaultRefusal, type VaultReply } from './vault-replies.ts'
import { targetOf } from './vault-target.ts'

export interface VaultDoubleOptions {
  /** Whose words it uses where the two differ. */
  readonly product?: 'OPENBAO' | 'VAULT'
  readonly rootToken?: string
  /** With one it speaks TLS. */
  readonly certificate?: Certificate
  /** Milliseconds since 1970; `advance` goes on from there. */
  readonly now?: () => number
}

/** One request, as far as it says nothing of the secrets in bodies. */
export interface VaultRecord {
  readonly method: string
  /** With its query, as it came. */
  readonly path: string
  /** Of the header; empty when there was none. */
  readonly namespace: string
  readonly token: string | null
  /** What the token stands for, or stood for while it was good; empty for the operator's and for none of ours. */
  readonly policies: readonly string[]
  /** In the path, before `/connectors`. */
  readonly workspace: string | null
  readonly headers: IncomingHttpHeaders
  /** What it was carried out with; null while, or if, it was not. */
  carriedOut: number | null
  /** What was answered; null while, or if, nothing was. */
  status: number | null
}

const bodyLimit = 32 * 1_024 * 1_024

/**
 * HashiCorp Vault or OpenBao, as far as a secret store has to do with them: KV version 2, sign-in by Kubernetes and AppRole,
 * tokens, policies, namespaces, health and seals, all in memory. `test/servers/vault-conformance.ts` is held against a real one.
 */
export class VaultDouble implements AsyncDisposable {
  readonly rootToken: string
  readonly unsealKey = randomBytes(32).toString('base64')
  /** Of the Kubernetes that it asks about service accounts. */
  readonly accounts: ServiceAccountTokens
  readonly records: VaultRecord[] = []
  /** What its server is at the moment; changed by tests. */
  initialized = true
  sealed = false
  role: VaultRole = 'ACTIVE'
  /** Where a standby sends its clients; null when it knows of no active server. */
  activeUrl: string | null = null
  readonly #core: VaultCore
  readonly #listener: VaultListener
  readonly #faults = new VaultFaults()
  readonly #clock: () => number
  #aheadMs = 0

  private constructor({ product = 'OPENBAO', rootToken, certificate, now = Date.now }: VaultDoubleOptions) {
    this.#clock = now
    this.rootToken = rootToken ?? `root-${randomBytes(12).toString('hex')}`
    this.accounts = new ServiceAccountTokens(() => this.now())
    this.#core = new VaultCore({
      now: () => this.now(),
      rootToken: this.rootToken,
      product,
      accounts: this.accounts,
      seal: () => {
        this.sealed = true
      },
    })
    this.#listener = new VaultListener({ certificate, serve: (request, response) => this.#serve(request, response) })
  }

  static async start(options: VaultDoubleOptions = {}): Promise<VaultDouble> {
    const double = new VaultDouble(options)
    await double.#listener.up()
    return double
  }

  get url(): string {
    return this.#listener.url
  }

  get port(): number {
    return this.#listener.port
  }

  get connections(): number {
    return this.#listener.connections
  }

  get openConnections(): number {
    return this.#listener.openConnections
  }

  now(): number {
    return this.#clock() + this.#aheadMs
  }

  /** Its clock goes on: tokens and JWTs expire. */
  advance(ms: number): void {
    this.#aheadMs += ms
  }

  /** How many tokens are good at the moment, without the operator's. */
  get liveTokens(): number {
    return this.#core.tokens.live.filter(token => !token.policies.includes('root')).length
  }

  /** As an operator would, or a lost pod: every token but the operator's is good no more. */
  revokeAll(): void {
    for (const { id, policies } of this.#core.tokens.live) if (!policies.includes('root')) this.#core.tokens.revoke(id)
  }

  /** The KV engine of a mount, to look at and to damage. */
  kv(mount = 'secret', namespace = ''): KvEngine {
    const backend = this.#core.namespace(namespace).mounts.get(`${mount}/`)
    if (backend instanceof KvEngine) return backend
    throw new Error(`No KV engine is mounted at "${mount}" of the namespace "${namespace}".`)
  }

  /** What goes wrong from now on; of several that fit the one armed first. */
  fail(fault: VaultFault, filter: FaultFilter = {}): ArmedFault {
    return this.#faults.arm(fault, filter)
  }

  heal(): void {
    this.#faults.disarmAll()
  }

  /** Requests by method and path. */
  seen(method: string, path: RegExp): readonly VaultRecord[] {
    return this.records.filter(record => record.method === method && path.test(record.path))
  }

  get logins(): readonly VaultRecord[] {
    return this.seen('POST', /\/login$/)
  }

  /** Requests for a workspace's path with a token of anything but that workspace. There must never be one. */
  mispaired(policyOf: (workspace: string) => string = workspace => `ws-${workspace}`): readonly VaultRecord[] {
    return this.records.filter(
      ({ workspace, token, policies }) =>
        workspace !== null &&
        token !== this.rootToken &&
        policies.length > 0 &&
        !policies.includes(policyOf(workspace)),
    )
  }

  /** Carries out a request of its operator, without HTTP and without a record. Throws when it is refused. */
  operate(method: string, path: string, fields: VaultFields = {}, namespace = ''): VaultReply {
    const token = this.rootToken
    const query = new URLSearchParams()
    return this.#core.handle({ method, path, query, namespace, token, fields, contentType: 'application/json' })
  }

  /** Breaks its connections and refuses new ones, until it is `up` again on the same port. Nothing is forgotten. */
  async down(): Promise<void> {
    await this.#listener.down()
  }

  async up(): Promise<void> {
    await this.#listener.up()
  }

  present(certificate: Certificate): void {
    this.#listener.present(certificate)
  }

  unref(): this {
    this.#listener.unref()
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.heal()
    await this.#listener.down()
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await bodyOf(request)
    const record = this.#record(request)
    const carryOut = () => {
      const reply = this.#carryOut(request, body)
      record.carriedOut = reply.status
      return reply
    }
    response.on('finish', () => {
      record.status = response.statusCode
    })
    const armed = this.#faults.take(record.method, record.path)
    if (armed) await strike(armed, { response, carryOut, reset: () => resetConnection(response) })
    else send(response, carryOut())
  }

  #record({ method = '', url = '', headers }: IncomingMessage): VaultRecord {
    const token = tokenOf(headers)
    const record = {
      method,
      path: url,
      namespace: namespaceOf(headers),
      token,
      policies: this.#core.tokens.policiesOf(token),
      workspace: /\/([^/?]+)\/connectors(?:[/?]|$)/.exec(url)?.[1] ?? null,
      headers,
      carriedOut: null,
      status: null,
    }
    this.records.push(record)
    return record
  }

  #carryOut({ method = '', url = '', headers }: IncomingMessage, body: Buffer | null): VaultReply {
    if (body === null) return refused(413, 'http: request body too large')
    const target = targetOf(url)
    if ('status' in target) return target
    const { path, query } = target
    const namespace = namespaceOf(headers)
    try {
      const open = this.#withoutToken(method, path, namespace, query, body)
      if (open) return open
      if (this.sealed || !this.initialized) return refused(503, 'Vault is sealed')
      if (this.role !== 'ACTIVE' && this.role !== 'PERFORMANCE_STANDBY') return this.#elsewhere(url)
      const contentType = headers['content-type'] ?? ''
      const fields = fieldsOf(body)
      return this.#core.handle({ method, path, query, namespace, token: tokenOf(headers), fields, contentType })
    } catch (error) {
      if (error instanceof VaultRefusal) return error.reply
      throw error
    }
  }

  /** What every server answers, sealed or not. */
  #withoutToken(
    method: string,
    path: string,
    namespace: string,
    query: URLSearchParams,
    body: Buffer,
  ): VaultReply | null {
    if (!['sys/health', 'sys/seal-status', 'sys/unseal', 'sys/init', 'sys/leader'].includes(path)) {
      return path === 'sys/seal' && this.sealed ? done : null
    }
    if (namespace !== '') return refused(400, 'operation unavailable in namespaces')
    const isRead = method === 'GET' || method === 'HEAD'
    if (path === 'sys/unseal' ? method !== 'PUT' && method !== 'POST' : !isRead) return refused(405)
    if (path === 'sys/unseal') return this.#unseal(fieldsOf(body))
    if (path === 'sys/init') return { status: 200, body: { initialized: this.initialized } }
    if (path === 'sys/leader') return { status: 200, body: this.#leader() }
    return path === 'sys/health' ? healthOf(this.#state(), query, this.now()) : sealStatusOf(this.#state())
  }

  #unseal({ key }: VaultFields): VaultReply {
    if (key === undefined || key === '') {
      return refused(400, "'key' must be specified in request body as JSON, or 'reset' set to true")
    }
    if (key !== this.unsealKey) return refused(400, 'invalid key: key is shorter than minimum 16 bytes')
    this.sealed = false
    return sealStatusOf(this.#state())
  }

  #leader(): object {
    const isSelf = this.role === 'ACTIVE'
    if (isSelf && this.activeUrl === null) return { ha_enabled: false }
    return { ha_enabled: true, is_self: isSelf, leader_address: isSelf ? this.url : (this.activeUrl ?? '') }
  }

  #elsewhere(url: string): VaultReply {
    if (this.activeUrl === null) return refused(500, 'local node not active but active cluster node not found')
    return { status: 307, headers: { location: `${this.activeUrl}${url}` } }
  }

  #state(): VaultState {
    const { initialized, role } = this
    return { initialized, sealed: this.sealed || !initialized, role }
  }
}

const headerOf = (value: string | string[] | undefined): string | null =>
  typeof value === 'string' && value !== '' ? value : null
const namespaceOf = (headers: IncomingHttpHeaders): string => headerOf(headers['x-vault-namespace']) ?? ''
const tokenOf = (headers: IncomingHttpHeaders): string | null =>
  headerOf(headers['x-vault-token']) ?? /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1] ?? null

/** Null for one that is too long. */
async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length <= bodyLimit) chunks.push(chunk)
  }
  return length <= bodyLimit ? Buffer.concat(chunks) : null
}

function fieldsOf(body: Buffer): VaultFields {
  if (body.length === 0) return {}
  let fields: unknown
  try {
    fields = JSON.parse(body.toString())
  } catch {
    throw new VaultRefusal(400, 'failed to decode JSON input: invalid character')
  }
  if (typeof fields !== 'object' || Array.isArray(fields)) {
    const kind = Array.isArray(fields) ? 'array' : typeof fields
    throw new VaultRefusal(
      400,
      `failed to decode JSON input: json: cannot unmarshal ${kind} into Go value of type map[string]interface {}`,
    )
  }
  // Any object is one of fields.
  return (fields ?? {}) as VaultFields
}
