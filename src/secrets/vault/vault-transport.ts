import { Agent, type Dispatcher } from 'undici'
import type { JsonObject, JsonValue } from '../../connectors/json.ts'
import { faultOfAnswer, type RawAnswer, VaultFault } from './vault-faults.ts'

export interface VaultTransportOptions {
  /** To which a standby may send a request on. */
  readonly clusterAddresses: readonly string[]
  /** PEM; null for the well-known ones. */
  readonly authorities: readonly string[] | null
  readonly connectMs: number
  /** For headers, and between two pieces of a body. */
  readonly silenceMs: number
}

/** What node-vault hands over for each request. */
export interface TransportRequest {
  readonly uri: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly headers: Readonly<Record<string, string>>
  /** The body; true, which is node-vault's default, for none. */
  readonly json?: JsonObject | true
  readonly signal: AbortSignal
  /** Of the answer's body. */
  readonly maxBytes: number
}

/** What node-vault expects to be given back. */
export interface TransportAnswer {
  readonly statusCode: number
  readonly body: JsonObject | undefined
  readonly request: { readonly path: string }
}

export interface VaultTransport {
  /** Throws `VaultFault`, and whatever undici throws, when there is no answer that is to be answered. */
  send(request: TransportRequest): Promise<TransportAnswer>
  close(): void
}

const maxHeaderBytes = 32_768
/** More at once only wait for each other in Vault's storage. */
const connectionsPerServer = 32

/**
 * Carries requests to Vault: certificates are always verified, nothing comes from the environment, a redirect leads to a
 * server of the cluster or nowhere, and answers have an end.
 */
export function createVaultTransport(options: VaultTransportOptions): VaultTransport {
  const { clusterAddresses, authorities, connectMs, silenceMs } = options
  const agent = new Agent({
    connections: connectionsPerServer,
    pipelining: 1,
    allowH2: false,
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: silenceMs,
    bodyTimeout: silenceMs,
    connect: {
      timeout: connectMs,
      minVersion: 'TLSv1.2',
      // Said although it is the default: NODE_TLS_REJECT_UNAUTHORIZED would change that.
      rejectUnauthorized: true,
      ...(authorities !== null && { ca: [...authorities] }),
    },
  })
  const cluster = new Set(clusterAddresses.map(address => new URL(address).origin))

  const exchange = (origin: string, request: TransportRequest): Promise<Dispatcher.ResponseData> => {
    const { uri, method, headers, json, signal } = request
    const { pathname, search } = new URL(uri)
    const hasBody = typeof json === 'object'
    return agent.request({
      origin,
      path: `${pathname}${search}`,
      method,
      signal,
      headers: {
        accept: 'application/json',
        'accept-encoding': 'identity',
        'user-agent': 'patchbay',
        // Vault's agents and proxies can be told to refuse what comes without: a page in a browser cannot send it.
        'x-vault-request': 'true',
        ...(hasBody && { 'content-type': 'application/json' }),
        ...headers,
      },
      body: hasBody ? JSON.stringify(json) : null,
    })
  }

  return {
    send: async request => {
      const { origin } = new URL(request.uri)
      let answer = await exchange(origin, request)
      if (answer.statusCode === 307) {
        discard(answer)
        answer = await exchange(clusterServer(answer, request.uri, cluster), request)
        if (answer.statusCode === 307) {
          discard(answer)
          throw new VaultFault('NOT_ACTIVE', 'its servers send requests to one another')
        }
      }
      const raw = await read(answer, request.maxBytes)
      const fault = faultOfAnswer(raw)
      if (fault) throw fault
      // For the path of sys/health node-vault would answer whatever the status is: it is not told.
      return { statusCode: raw.status, body: raw.body ?? undefined, request: { path: '' } }
    },
    close: () => {
      // Its promise waits for connections to be gone; nobody has to.
      agent.destroy().catch(() => undefined)
    },
  }
}

/** The token goes along, so it must be a server that the operator has named, encrypted as the first, and the same path. */
function clusterServer({ headers }: Dispatcher.ResponseData, uri: string, cluster: ReadonlySet<string>): string {
  const location = first(headers['location']) ?? ''
  const from = new URL(uri)
  const to = URL.canParse(location, uri) ? new URL(location, uri) : null
  if (to === null || !cluster.has(to.origin)) {
    throw new VaultFault('NOT_ACTIVE', 'a standby sends to a server that VAULT_CLUSTER_ADDRS does not name')
  }
  if (from.protocol === 'https:' && to.protocol !== 'https:') {
    throw new VaultFault('NOT_ACTIVE', 'a standby sends to a server without encryption')
  }
  if (`${to.pathname}${to.search}` !== `${from.pathname}${from.search}`) {
    throw new VaultFault('NOT_ACTIVE', 'a standby sends to another path')
  }
  return to.origin
}

async function read(answer: Dispatcher.ResponseData, maxBytes: number): Promise<RawAnswer> {
  const { statusCode: status, headers, body } = answer
  const fail = (detail: string): never => {
    discard(answer)
    throw new VaultFault('FAILED', `HTTP ${status}, ${detail}`)
  }
  if ((first(headers['content-encoding']) ?? 'identity') !== 'identity') fail('packed, which nobody asked for')
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxBytes) fail(`more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return { status, body: parse(Buffer.concat(chunks).toString()), retryAfter: first(headers['retry-after']) ?? null }
}

/** Cuts the connection, unless all of it has come. */
function discard({ body }: Dispatcher.ResponseData): void {
  body.on('error', () => undefined).destroy()
}

function parse(text: string): JsonObject | null | undefined {
  if (text === '') return null
  try {
    const value: JsonValue = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const first = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header
