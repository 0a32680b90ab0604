import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Certificate } from './certificates.ts'
import { DatabricksAccounts, type DatabricksAccountsOptions, describedSelf } from './databricks-accounts.ts'
import { type DatabricksCatalogs, sampleCatalogs } from './databricks-catalog.ts'
import {
  ClusterDouble,
  type ComputeDouble,
  type DatabricksCluster,
  type DatabricksWarehouse,
  WarehouseDouble,
} from './databricks-compute.ts'
import {
  type DatabricksMisbehaviour,
  type DatabricksRefusal,
  misbehave,
  refusal,
  refusals,
  refuse,
} from './databricks-faults.ts'
import { UnityCatalogDouble, type UnityCatalogOptions } from './databricks-rest.ts'
import { type DatabricksGrant, type DatabricksPrincipal, DatabricksRights, namesOf } from './databricks-rights.ts'
import {
  type DatabricksOperation,
  type DatabricksSession,
  DatabricksSessions,
  type DatabricksSessionsOptions,
  RefusedCallError,
} from './databricks-sessions.ts'
import { answerThrift, statementOf, type ThriftMethod, thriftMethodOf, thriftMethods } from './databricks-thrift.ts'
import { HttpDouble } from './http-double.ts'

export type RestCall =
  | 'Token'
  | 'Discovery'
  | 'Me'
  | 'Warehouses'
  | 'Warehouse'
  | 'StartWarehouse'
  | 'Cluster'
  | 'StartCluster'
  | 'Catalogs'
  | 'Catalog'
  | 'Schemas'
  | 'Schema'
  | 'Tables'
  | 'Table'
  | 'EffectivePermissions'
  | 'Metastore'
export type DatabricksCall = RestCall | ThriftMethod

/** One call, as those who plan misbehaviour are told of it. */
export interface PlannedCall {
  /** Which one of its kind, from 1. */
  readonly nth: number
  /** Of a statement that is to be executed. */
  readonly statement?: string
  readonly query: URLSearchParams
}

export interface DatabricksDoubleOptions
  extends DatabricksAccountsOptions,
    DatabricksSessionsOptions,
    UnityCatalogOptions {
  readonly warehouses?: Readonly<Record<string, DatabricksWarehouse>>
  readonly clusters?: Readonly<Record<string, DatabricksCluster>>
  readonly catalogs?: DatabricksCatalogs
  readonly grants?: readonly DatabricksGrant[]
  /** How far its clock is ahead. */
  readonly skewMs?: number
  /** Whether the workspace refuses the addresses of whoever asks. */
  readonly blocksAddresses?: boolean
  readonly at?: {
    readonly [C in DatabricksCall]?:
      | DatabricksMisbehaviour
      | ((call: PlannedCall) => DatabricksMisbehaviour | undefined)
  }
  /** What becomes of a good answer before it is sent. */
  readonly changes?: { readonly [C in DatabricksCall]?: (answer: never, call: PlannedCall) => unknown }
  readonly certificate?: Certificate
}

/** One request, whoever has sent it. */
export interface DatabricksRequest {
  readonly method: string
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: IncomingMessage['headers']
  readonly body: string
  /** What it was taken for; `null` for what no client of ours ought to ask for: telemetry, files, anything unknown. */
  readonly call: DatabricksCall | null
}

export const workspaceId = '7474646471015793'
const workspaceHost = 'dbc-a1b2c3d4-e5f6.cloud.databricks.com'

/** Of REST: what a path is, and the part of it that names something. */
const routes: readonly (readonly [method: string, path: RegExp, call: RestCall])[] = [
  ['POST', /^\/oidc\/v1\/token$/, 'Token'],
  ['GET', /^\/oidc\/\.well-known\/oauth-authorization-server$/, 'Discovery'],
  ['GET', /^\/api\/2\.0\/preview\/scim\/v2\/Me$/, 'Me'],
  ['GET', /^\/api\/2\.0\/sql\/warehouses$/, 'Warehouses'],
  ['GET', /^\/api\/2\.0\/sql\/warehouses\/([^/]+)$/, 'Warehouse'],
  ['POST', /^\/api\/2\.0\/sql\/warehouses\/([^/]+)\/start$/, 'StartWarehouse'],
  ['GET', /^\/api\/2\.[01]\/clusters\/get$/, 'Cluster'],
  ['POST', /^\/api\/2\.[01]\/clusters\/start$/, 'StartCluster'],
  ['GET', /^\/api\/2\.1\/unity-catalog\/catalogs$/, 'Catalogs'],
  ['GET', /^\/api\/2\.1\/unity-catalog\/catalogs\/([^/]+)$/, 'Catalog'],
  ['GET', /^\/api\/2\.1\/unity-catalog\/schemas$/, 'Schemas'],
  ['GET', /^\/api\/2\.1\/unity-catalog\/schemas\/([^/]+)$/, 'Schema'],
  ['GET', /^\/api\/2\.1\/unity-catalog\/tables$/, 'Tables'],
  ['GET', /^\/api\/2\.1\/unity-catalog\/tables\/([^/]+)$/, 'Table'],
  ['GET', /^\/api\/2\.1\/unity-catalog\/effective-permissions\/([^/]+\/[^/]+)$/, 'EffectivePermissions'],
  ['GET', /^\/api\/2\.1\/unity-catalog\/(?:current-)?metastore_summary$/, 'Metastore'],
]

interface Received {
  readonly request: DatabricksRequest
  readonly body: Buffer
  readonly response: ServerResponse
}

const isRefusal = (value: object): value is DatabricksRefusal => 'error' in value && 'status' in value

/** The one that most suites call. */
export const sampleWarehouse = 'abcdef0123456789'
export const sampleCluster = '0923-164208-meows279'

/**
 * A Databricks workspace: OAuth for service principals, who one is, warehouses and clusters with their states, Unity Catalog
 * with its privileges, and SQL over Thrift, spoken by the code that Databricks' own client has been generated with.
 */
export class DatabricksDouble extends HttpDouble {
  readonly #options: DatabricksDoubleOptions
  readonly #accounts: DatabricksAccounts
  readonly #unity: UnityCatalogDouble
  readonly #sql: DatabricksSessions
  readonly warehouses: ReadonlyMap<string, WarehouseDouble>
  readonly clusters: ReadonlyMap<string, ClusterDouble>
  readonly requests: DatabricksRequest[] = []
  /** Answers that are being withheld. */
  held = 0
  readonly #counts = new Map<DatabricksCall, number>()

  private constructor(options: DatabricksDoubleOptions) {
    super(options.certificate)
    this.#options = options
    const { catalogs = sampleCatalogs, grants = [], warehouses = { [sampleWarehouse]: {} } } = options
    const { clusters = { [sampleCluster]: {} } } = options
    this.#accounts = new DatabricksAccounts(options, () => this.#now())
    const rights = new DatabricksRights(grants, catalogs)
    const isKnown = (name: string) => this.#accounts.isKnown(name) || grants.some(({ principal }) => principal === name)
    this.#unity = new UnityCatalogDouble(options, catalogs, rights, isKnown)
    this.#sql = new DatabricksSessions(options, catalogs, rights)
    this.warehouses = new Map(Object.entries(warehouses).map(([id, known]) => [id, new WarehouseDouble(id, known)]))
    this.clusters = new Map(Object.entries(clusters).map(([id, known]) => [id, new ClusterDouble(id, known)]))
  }

  static start(options: DatabricksDoubleOptions = {}): Promise<DatabricksDouble> {
    return new DatabricksDouble(options).listen()
  }

  get sessions(): readonly DatabricksSession[] {
    return this.#sql.sessions
  }

  get operations(): readonly DatabricksOperation[] {
    return this.#sql.operations
  }

  /** Statements in the order in which they came. */
  get statements(): readonly string[] {
    return this.operations.map(({ sql }) => sql)
  }

  /** Statements that would have changed something, and were let in. */
  get writes(): readonly string[] {
    return this.operations.filter(({ outcome }) => 'wrote' in outcome).map(({ sql }) => sql)
  }

  /** Statements that go on. */
  get running(): number {
    return this.operations.filter(({ state }) => state === 'PENDING_STATE' || state === 'RUNNING_STATE').length
  }

  get openSessions(): number {
    return this.sessions.filter(({ isClosed }) => !isClosed).length
  }

  /** How often a warehouse or a cluster has been started. */
  get starts(): number {
    return [...this.warehouses.values(), ...this.clusters.values()].reduce((sum, { starts }) => sum + starts, 0)
  }

  /** Requests that no client of ours ought to send. */
  get strays(): readonly string[] {
    return this.requests.filter(({ call }) => call === null).map(({ method, path }) => `${method} ${path}`)
  }

  get calls(): readonly (DatabricksCall | null)[] {
    return this.requests.map(({ call }) => call)
  }

  /** Tokens that it has handed out. */
  get tokens(): readonly string[] {
    return this.#accounts.issued
  }

  /** From now on the token lets nobody in. */
  revoke(token: string): void {
    this.#accounts.revoke(token)
  }

  protected async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    const { method = '', headers } = request
    const url = new URL(request.url ?? '/', this.url)
    response.setHeader('date', new Date(this.#now()).toUTCString())
    response.setHeader('x-databricks-org-id', workspaceId)
    const compute = method === 'POST' ? this.#computeAt(url.pathname) : undefined
    const route = routes.find(([verb, path]) => verb === method && path.test(url.pathname))
    const call = compute === undefined ? (route?.[2] ?? null) : thriftCallOf(body)
    const isText = compute === undefined
    const seen = {
      method,
      path: url.pathname,
      query: url.searchParams,
      headers,
      body: isText ? body.toString() : '',
      call,
    }
    this.requests.push(seen)
    const received = { request: seen, body, response }
    if (compute !== undefined) return this.#serveThrift(received, compute)
    if (!route)
      return refuse(response, refusal(404, 'ENDPOINT_NOT_FOUND', `No API found for '${method} ${url.pathname}'`))
    return this.#serveRest(received, route[2], decodeURIComponent(route[1].exec(url.pathname)?.[1] ?? ''))
  }

  async #serveRest({ request, response }: Received, call: RestCall, name: string): Promise<void> {
    const how = this.#planned(call, { query: request.query })
    if (how !== undefined && how !== 'DO_AND_HANG') return this.#misbehave(how, 'application/json', response)
    const answer = this.#restAnswer(request, call, name)
    if (how !== undefined) return this.#misbehave(how, 'application/json', response)
    if (isRefusal(answer)) return refuse(response, answer)
    const { status = 200, json = answer } = answer as { readonly status?: number; readonly json?: object }
    const changed = this.#changed(call, json, { query: request.query })
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(changed))
  }

  #restAnswer({ headers, query, body }: DatabricksRequest, call: RestCall, name: string): object {
    if (this.#options.blocksAddresses === true) return refusals.blockedAddress
    if (call === 'Token') return { ...this.#accounts.token(headers, body) }
    if (call === 'Discovery') {
      return {
        issuer: `${this.url}/oidc`,
        token_endpoint: `${this.url}/oidc/v1/token`,
        grant_types_supported: ['client_credentials'],
      }
    }
    const who = this.#accounts.caller(headers)
    if (isRefusal(who)) return who
    switch (call) {
      case 'Me':
        return describedSelf(who)
      case 'Warehouses':
        return this.#listWarehouses(who, query)
      case 'Warehouse':
      case 'StartWarehouse':
        return this.#warehouse(who, name, call === 'StartWarehouse')
      case 'Cluster':
        return this.#cluster(who, query.get('cluster_id') ?? '', false)
      case 'StartCluster':
        return this.#cluster(who, String((JSON.parse(body) as { readonly cluster_id?: string }).cluster_id), true)
      case 'Catalogs':
        return this.#unity.catalogs(who, query)
      case 'Catalog':
        return this.#unity.catalog(who, name)
      case 'Schemas':
        return this.#unity.schemas(who, query)
      case 'Schema':
        return this.#unity.schema(who, name)
      case 'Tables':
        return this.#unity.tables(who, query)
      case 'Table':
        return this.#unity.table(who, name)
      case 'EffectivePermissions': {
        const [type = '', fullName = ''] = name.split('/')
        return this.#unity.effectivePermissions(who, type, fullName, query)
      }
      case 'Metastore':
        return this.#unity.metastore(who)
    }
  }

  /** Those that may be used: looking at them is none of the questions by which their time goes by. */
  #listWarehouses(who: DatabricksPrincipal, query: URLSearchParams): object {
    const seen = [...this.warehouses.values()].filter(warehouse => warehouse.lets(namesOf(who)))
    const from = Number(query.get('page_token')?.replace('warehouses-', '') ?? 0)
    const to = from + Math.min(Number(query.get('page_size') ?? 1_000), this.#options.pageSize ?? 1_000)
    return {
      warehouses: seen.slice(from, to).map(warehouse => warehouse.describe(workspaceHost)),
      ...(to < seen.length && { next_page_token: `warehouses-${to}` }),
    }
  }

  #warehouse(who: DatabricksPrincipal, id: string, isStarted: boolean): object {
    if (!/^[0-9a-f]{16}$/.test(id)) return refusal(400, 'INVALID_PARAMETER_VALUE', `${id} is not a valid endpoint id.`)
    const warehouse = this.warehouses.get(id)
    if (!warehouse) return refusal(404, 'RESOURCE_DOES_NOT_EXIST', `The warehouse ${id} was not found.`)
    if (!warehouse.lets(namesOf(who))) {
      return refusal(403, 'PERMISSION_DENIED', `${who.name} does not have permission to view SQL warehouse ${id}.`)
    }
    if (isStarted) {
      warehouse.wake()
      return {}
    }
    warehouse.asked()
    return warehouse.describe(workspaceHost)
  }

  #cluster(who: DatabricksPrincipal, id: string, isStarted: boolean): object {
    const cluster = this.clusters.get(id)
    if (!cluster) return refusal(400, 'INVALID_PARAMETER_VALUE', `Cluster ${id} does not exist`)
    if (!cluster.lets(namesOf(who))) {
      return refusal(
        403,
        'PERMISSION_DENIED',
        `${who.name} does not have Can Attach To permissions on ${id}. Please contact the owner or an administrator for access.`,
      )
    }
    if (isStarted) {
      if (cluster.isStartable) cluster.wake()
      else return refusal(400, 'INVALID_STATE', `Cluster ${id} is in unexpected state ${cluster.describedState}.`)
      return {}
    }
    cluster.asked()
    return cluster.describe()
  }

  async #serveThrift(received: Received, compute: ComputeDouble<string> | DatabricksRefusal): Promise<void> {
    const { request, body, response } = received
    const type = 'application/x-thrift'
    const { call } = request
    // Before anything else: a gateway that misbehaves need not know whom it lets in.
    if (call === null) return refuse(response, refusal(400, 'BAD_REQUEST', 'This is no message of Thrift.'))
    const who =
      this.#options.blocksAddresses === true ? refusals.blockedAddress : this.#accounts.caller(request.headers)
    const refused = this.#planned(call as ThriftMethod, { query: request.query, ...statementIn(body) })
    if (refused !== undefined && refused !== 'DO_AND_HANG') return this.#misbehave(refused, type, response)
    if (isRefusal(who)) return refuse(response, who)
    if (isRefusal(compute)) return refuse(response, compute)
    if (!compute.lets(namesOf(who))) {
      return refuse(
        response,
        refusal(403, 'PERMISSION_DENIED', `User ${who.name} does not have permission to use ${compute.id}.`),
      )
    }
    const reply = await this.#replyTo(call as ThriftMethod, body, who, compute)
    if (refused === 'DO_AND_HANG') return this.#misbehave(refused, type, response)
    if (!Buffer.isBuffer(reply)) return refuse(response, reply)
    response.writeHead(200, { 'content-type': type, 'content-length': reply.length }).end(reply)
  }

  async #replyTo(
    method: ThriftMethod,
    body: Buffer,
    who: DatabricksPrincipal,
    compute: ComputeDouble<string>,
  ): Promise<Buffer | DatabricksRefusal> {
    const handlers = this.#sql.handlers(who, compute)
    const { promise, resolve } = Promise.withResolvers<DatabricksRefusal>()
    const handler = async (request: never): Promise<unknown> => {
      try {
        return this.#changed(method, handlers[method](request), { query: new URLSearchParams(), ...statementIn(body) })
      } catch (error) {
        if (!(error instanceof RefusedCallError)) throw error
        resolve(error.refusal)
        // Nothing is said over Thrift.
        return new Promise(() => {})
      }
    }
    return Promise.race([answerThrift({ ...handlers, [method]: handler }, body), promise])
  }

  /** What the path of a connection stands for; undefined for a path of another kind. */
  #computeAt(path: string): ComputeDouble<string> | DatabricksRefusal | undefined {
    const [, warehouse] = /^\/sql\/1\.0\/(?:warehouses|endpoints)\/([^/]+)$/.exec(path) ?? []
    if (warehouse !== undefined) {
      const found = this.warehouses.get(warehouse)
      return found && !found.isGone
        ? found
        : refusal(404, 'RESOURCE_DOES_NOT_EXIST', `The warehouse ${warehouse} was not found.`)
    }
    const [, organisation, cluster] = /^\/sql\/protocolv1\/o\/(\d+)\/([^/]+)$/.exec(path) ?? []
    if (cluster === undefined) return undefined
    const found = organisation === workspaceId || organisation === '0' ? this.clusters.get(cluster) : undefined
    return found ?? refusal(404, 'RESOURCE_DOES_NOT_EXIST', `No cluster found matching: ${cluster}`)
  }

  #planned(call: DatabricksCall, about: Omit<PlannedCall, 'nth'>): DatabricksMisbehaviour | undefined {
    const nth = (this.#counts.get(call) ?? 0) + 1
    this.#counts.set(call, nth)
    const planned = this.#options.at?.[call]
    return typeof planned === 'function' ? planned({ nth, ...about }) : planned
  }

  #changed(call: DatabricksCall, answer: unknown, about: Omit<PlannedCall, 'nth'>): unknown {
    const change = this.#options.changes?.[call] as ((answer: unknown, call: PlannedCall) => unknown) | undefined
    return change ? change(answer, { nth: this.#counts.get(call) ?? 0, ...about }) : answer
  }

  async #misbehave(how: DatabricksMisbehaviour, type: string, response: ServerResponse): Promise<void> {
    if (['HANG', 'DO_AND_HANG', 'DRIP', 'FLOOD'].includes(how as string)) this.held += 1
    return misbehave(how, type, response)
  }

  #now(): number {
    return Date.now() + (this.#options.skewMs ?? 0)
  }
}

function thriftCallOf(body: Buffer): ThriftMethod | null {
  try {
    const name = thriftMethodOf(body)
    return thriftMethods.find(method => method === name) ?? null
  } catch {
    return null
  }
}

const statementIn = (body: Buffer): { readonly statement?: string } =>
  thriftCallOf(body) === 'ExecuteStatement' ? { statement: statementOf(body) } : {}
