import { pipeline } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { createGunzip } from 'node:zlib'
import { type Dispatcher, Pool } from 'undici'
import { brokenCallProblem } from '../cloud/broken-call.ts'
import { type CloudEndpoint, cloudEndpoint, endpointUrl, hostAndPort } from '../cloud/endpoint.ts'
import { type EndpointStage, endpointStage } from '../cloud/endpoint-stage.ts'
import { HttpCallError } from '../cloud/http-caller.ts'
import { pinnedConnection } from '../cloud/pinned-agents.ts'
import { Stages } from '../cloud/stages.ts'
import type { NetworkSettings } from '../define.ts'
import { hostIssue } from '../network/host-name.ts'
import { type Problem, problem } from '../problem.ts'
import { untilAborted } from '../session/until-aborted.ts'
import { AnswerFaultError, type ResultChunk } from './answers.ts'
import { connectBudgetMs } from './budgets.ts'
import type { SnowflakeConfig } from './form.ts'

/** A part is not begun, or does not go on. */
const idleMs = 30_000
/** While storage is only too busy. */
const pausesMs = [200, 800] as const
/** What is unpacked at once. */
const pieceBytes = 131_072
/** Results of one statement lie in one place, or two. */
const maxHosts = 4

interface Place {
  readonly stage: EndpointStage
  /** Why it cannot be reached; null when it can. */
  readonly blocked: Promise<Problem | null>
  pool: Pool | null
}

/** Where parts of large results lie, in storage of the cloud that the account is in. */
export class ChunkStorage {
  readonly #config: SnowflakeConfig
  readonly #network: NetworkSettings
  readonly #places = new Map<string, Place>()
  readonly #life = new AbortController()

  constructor(config: SnowflakeConfig, network: NetworkSettings) {
    this.#config = config
    this.#network = network
  }

  /**
   * Why storage cannot be reached, found out step by step as for every endpoint; null when it can. `host`: as Snowflake
   * names it. Rejects with the signal's reason.
   */
  async blocked(host: string, port: number, signal: AbortSignal): Promise<Problem | null> {
    return untilAborted(this.#placeOf(endpointOf(host, port, this.#network)).blocked, signal)
  }

  /**
   * The bytes of a part as it is read, unpacked. Throws `HttpCallError`, and the signal's reason when that aborts.
   * `headers`: what storage must be told.
   */
  async *read(
    { url }: ResultChunk,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): AsyncGenerator<Buffer> {
    const { endpoint, path } = this.#addressOf(url)
    const place = this.#placeOf(endpoint)
    const blocked = await untilAborted(place.blocked, signal)
    if (blocked) throw new HttpCallError(blocked)
    try {
      const { body, headers: told } = await this.#answer(place, path, headers, signal)
      yield* unpacked(body, String(told['content-encoding'] ?? 'identity'), signal)
    } catch (error) {
      signal.throwIfAborted()
      throw this.#broken(error, endpoint)
    }
  }

  close(): void {
    this.#life.abort()
    for (const { stage, pool } of this.#places.values()) {
      stage.close()
      // Its promise waits for connections to be gone; nobody has to.
      pool?.destroy().catch(() => {})
    }
  }

  #addressOf(url: string): { readonly endpoint: CloudEndpoint; readonly path: string } {
    const parts = URL.canParse(url) ? new URL(url) : null
    const host = parts?.hostname.replace(/^\[|\]$/g, '') ?? ''
    const scheme = parts?.protocol
    const isKnown = scheme === 'https:' || (scheme === 'http:' && this.#network.egress.allowUnencrypted)
    if (!parts || !isKnown || parts.username !== '' || hostIssue(host) !== null) {
      throw new AnswerFaultError('a part of its result is nowhere that can be read')
    }
    const encrypted = scheme === 'https:'
    const port = Number(parts.port || (encrypted ? 443 : 80))
    return { endpoint: endpointOf(host, port, this.#network, encrypted), path: parts.pathname + parts.search }
  }

  #placeOf(endpoint: CloudEndpoint): Place {
    const key = endpointUrl(endpoint)
    const known = this.#places.get(key)
    if (known) return known
    if (this.#places.size >= maxHosts) throw new AnswerFaultError('its result lies in too many places')
    const stage = endpointStage({
      endpoint,
      field: 'account',
      network: this.#network,
      ownAuthorities: { field: 'caCertificates', pem: this.#config.caCertificates },
      connectBudgetMs: connectBudgetMs(this.#config),
    })
    const blocked = new Stages([stage]).pass(this.#life.signal).then(found => found && unreachable(endpoint, found))
    blocked.catch(() => {})
    const place: Place = { stage, blocked, pool: null }
    this.#places.set(key, place)
    return place
  }

  /** The first answer that is not that storage is too busy. */
  async #answer(
    place: Place,
    path: string,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    for (const pauseMs of [...pausesMs, null]) {
      const answer = await this.#poolOf(place).request({
        method: 'GET',
        path,
        signal,
        headers: { 'accept-encoding': 'gzip, identity', 'user-agent': 'patchbay', ...headers },
      })
      if (answer.statusCode === 200) return answer
      answer.body.on('error', () => {}).destroy()
      const found = refused(answer.statusCode, place.stage.endpoint.endpoint)
      if (pauseMs === null || found.code !== 'CLOUD_UNAVAILABLE')
        throw new HttpCallError(found, null, answer.statusCode)
      await delay(pauseMs, undefined, { signal }).catch(() => signal.throwIfAborted())
    }
    throw new Error('There is always a last answer.')
  }

  #poolOf(place: Place): Pool {
    const { endpoint } = place.stage
    place.pool ??= new Pool(endpointUrl(endpoint.endpoint), {
      connections: 1,
      pipelining: 1,
      allowH2: false,
      headersTimeout: idleMs,
      bodyTimeout: idleMs,
      connect: { ...pinnedConnection(endpoint), timeout: idleMs, autoSelectFamily: false },
    })
    return place.pool
  }

  #broken(error: unknown, endpoint: CloudEndpoint): unknown {
    if (error instanceof HttpCallError || error instanceof AnswerFaultError) return error
    const cause = error instanceof Error ? error : new Error(String(error))
    const { code = '' } = cause as NodeJS.ErrnoException
    if (/TIMEOUT/.test(code)) {
      const params = { service: endpoint.name, seconds: idleMs / 1_000 }
      return new HttpCallError(problem('CLOUD_TIMED_OUT', { params }), error)
    }
    if (/^Z_/.test(code)) return new AnswerFaultError('a part of its result cannot be unpacked')
    return new HttpCallError(brokenCallProblem(cause, { endpoint, expected: 'HTTP', fields: ['account'] }), error)
  }
}

/** Where storage is reached from here: the operator may have moved it. */
function endpointOf(host: string, port: number, network: NetworkSettings, encrypted = true): CloudEndpoint {
  const known = cloudEndpoint(host, network)
  if (known.setByOperator) return known
  const name = port === 443 ? host : hostAndPort({ host, port })
  return { name, host, port, encrypted, setByOperator: false }
}

function unreachable({ name }: CloudEndpoint, found: Problem): Problem {
  if (found.code === 'EGRESS_DENIED') return found
  const detail = found.detail === null ? found.message : `${found.message} ${found.detail}`
  return problem('RESULT_STORAGE_UNREACHABLE', { params: { host: name }, detail })
}

function refused(status: number, { name: service, host, port }: CloudEndpoint): Problem {
  const detail = `HTTP ${status}`
  if (status === 429 || status >= 500) return problem('CLOUD_UNAVAILABLE', { params: { service }, detail })
  if (status >= 300 && status < 400) {
    return problem('WRONG_PROTOCOL', {
      params: { host, port, service, expected: 'HTTP', found: `a redirect (${detail})` },
    })
  }
  return problem('CLOUD_ACCESS_DENIED', { params: { service, action: 'a part of the result to be read' }, detail })
}

async function* unpacked(
  body: Dispatcher.ResponseData['body'],
  encoding: string,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  if (encoding !== 'gzip' && encoding !== 'identity') {
    body.on('error', () => {}).destroy()
    throw new AnswerFaultError('a part of its result is packed in a way that nobody asked for')
  }
  // Pieces of a bounded size: nothing is unpacked before it is wanted.
  const source = encoding === 'gzip' ? pipeline(body, createGunzip({ chunkSize: pieceBytes }), () => {}) : body
  try {
    for await (const piece of source as AsyncIterable<Buffer>) {
      signal.throwIfAborted()
      yield piece
    }
  } finally {
    source.destroy()
    body.on('error', () => {}).destroy()
  }
}
