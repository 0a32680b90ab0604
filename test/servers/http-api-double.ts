import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Certificate } from './certificates.ts'
import { type HttpApiAccess, isLetIn } from './http-api-access.ts'
import { exactNumbersText, makeOrders, type Order } from './http-api-data.ts'
import { type ApiAnswer, pageRoutes } from './http-api-pages.ts'
import { HttpDouble } from './http-double.ts'
import { type HttpMisbehaviour, misbehave } from './http-misbehaviour.ts'
import type { RecordedRequest } from './recording-server.ts'

export interface HttpApiRequest extends RecordedRequest {
  /** Names and values one after the other, as they came. */
  readonly rawHeaders: readonly string[]
  /** On which connection to the double it came, from 1. */
  readonly connection: number
}

/** An answer by hand. It may leave the response open. */
export type Answerer = (
  request: HttpApiRequest,
  response: ServerResponse,
  /** How many requests have come to this path so far, this one included. */
  nth: number,
) => void | Promise<void>

export type HttpApiFault = HttpMisbehaviour | Answerer

export interface HttpApiDoubleOptions {
  readonly certificate?: Certificate
  readonly access?: HttpApiAccess
  /** What it does in the place of an answer, by path; `*` for all others. Before it looks who asks. */
  readonly at?: Readonly<Record<string, HttpApiFault>>
  readonly orderCount?: number
  readonly pageSize?: number
  /** What stands before all paths: `/v1`. */
  readonly prefix?: string
}

const anybody: HttpApiAccess = { kind: 'ANYBODY' }

/** A small made-up API of a shop, in JSON over HTTP. */
export class HttpApiDouble extends HttpDouble {
  readonly #options: HttpApiDoubleOptions
  readonly #connections = new Map<Socket, number>()
  readonly #counts = new Map<string, number>()
  readonly orders: readonly Order[]
  readonly requests: HttpApiRequest[] = []
  /** Requests that have neither been answered to the end nor been given up. */
  transfers = 0

  private constructor(options: HttpApiDoubleOptions) {
    super(options.certificate)
    this.#options = options
    this.orders = makeOrders(options.orderCount ?? 7)
  }

  static start(options: HttpApiDoubleOptions = {}): Promise<HttpApiDouble> {
    return new HttpApiDouble(options).listen()
  }

  get baseUrl(): string {
    return `${this.url}${this.#options.prefix ?? ''}`
  }

  /** Paths with their queries, in the order in which they were asked for. */
  get paths(): readonly string[] {
    return this.requests.map(({ path }) => path)
  }

  /** Everything that it has been sent, for searches of what must not be in it. */
  get heard(): string {
    return JSON.stringify(this.requests)
  }

  protected async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.transfers += 1
    response.once('close', () => {
      this.transfers -= 1
    })
    const recorded = await this.#record(request)
    const { access = anybody, at = {} } = this.#options
    const path = this.#pathOf(recorded)
    const nth = (this.#counts.get(path) ?? 0) + 1
    this.#counts.set(path, nth)
    const fault = at[path] ?? at['*']
    if (typeof fault === 'function') return fault(recorded, response, nth)
    if (fault) return misbehave(fault, response)
    if (!isLetIn(access, recorded)) return send(response, unauthorized)
    if (path === '/numbers') return sendText(response, exactNumbersText)
    send(response, this.#answer(path, recorded))
  }

  #answer(path: string, { method, path: target, body }: HttpApiRequest): ApiAnswer {
    const url = new URL(target, this.url)
    const pages = pageRoutes[path]
    if (path === '/search') return method === 'POST' ? this.#search(body) : { status: 405, json: { error: 'POST it' } }
    if (method !== 'GET' && method !== 'HEAD') return { status: 405, json: { error: 'method_not_allowed' } }
    if (pages) {
      const { pageSize = 3 } = this.#options
      return pages({ orders: this.orders, parameters: url.searchParams, url, pageSize })
    }
    if (path === '/' || path === '') return { json: { service: 'shop' } }
    if (path === '/me') return { json: { name: 'patchbay', rights: ['read'] } }
    if (path === '/customers') return { json: { customers: [{ name: 'Ann' }, { name: 'Bob' }] } }
    if (path === '/echo') return { json: Object.fromEntries(url.searchParams) }
    return { status: 404, json: { error: 'not_found', path } }
  }

  #search(body: string): ApiAnswer {
    const { status } = JSON.parse(body || '{}') as { readonly status?: string }
    return { json: { hits: this.orders.filter(order => status === undefined || order.status === status) } }
  }

  #pathOf({ path }: HttpApiRequest): string {
    const { prefix = '' } = this.#options
    const { pathname } = new URL(path, this.url)
    return pathname.startsWith(prefix) ? pathname.slice(prefix.length) : `outside ${pathname}`
  }

  async #record(request: IncomingMessage): Promise<HttpApiRequest> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method = '', url: path = '', headers, rawHeaders, socket } = request
    const connection = this.#connections.get(socket) ?? this.#connections.size + 1
    this.#connections.set(socket, connection)
    const recorded = { method, path, headers, rawHeaders, connection, body: Buffer.concat(chunks).toString() }
    this.requests.push(recorded)
    return recorded
  }
}

const unauthorized: ApiAnswer = {
  status: 401,
  headers: { 'www-authenticate': 'Bearer realm="shop"' },
  json: { error: 'unauthorized' },
}

function send(response: ServerResponse, { status = 200, headers = {}, json }: ApiAnswer): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(json))
}

function sendText(response: ServerResponse, text: string): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(text)
}
