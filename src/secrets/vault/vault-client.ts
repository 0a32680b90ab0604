import type { JsonObject } from '../../connectors/json.ts'
import { untilAborted } from '../../connectors/session/until-aborted.ts'
import type { SecretStoreLogger } from '../open-secret-stores.ts'
import { SecretStoreError } from '../secret-store.ts'
import { readAuthorities } from './authorities.ts'
import { Breaker, type Pass } from './breaker.ts'
import { createNodeVaultClient, type NodeVaultClient, refusedAnswer } from './node-vault-client.ts'
import { withRetries } from './retry.ts'
import type { VaultSettings } from './settings.ts'
import { faultOfBrokenCall, VaultFault } from './vault-faults.ts'
import { type VaultLimits, vaultLimits } from './vault-limits.ts'
import { assertRequestPath } from './vault-paths.ts'
import { createVaultTransport, type VaultTransport } from './vault-transport.ts'

/** One request to Vault's HTTP API. */
export interface VaultRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'LIST'
  /** After `/v1/`, made of checked segments only. */
  readonly path: string
  readonly namespace: string | null
  /** Null for what needs none: signing in, and asking for health. */
  readonly token: string | null
  readonly body?: JsonObject
  /** Whether it may be sent again although it may have been carried out already. */
  readonly repeatable: boolean
  /** Ends it before its time, as TIMED_OUT: of whoever has less than 10 s left. */
  readonly signal?: AbortSignal
}

/** What Vault said to it: 2xx, 400, 403 or 404. Of anything else the client makes a `SecretStoreError`. */
export interface VaultAnswer {
  readonly status: number
  /** Null where the answer has no body. */
  readonly body: JsonObject | null
}

/** Knows the protocol and its faults; knows no tokens and no paths. Throws `SecretStoreError` within 10 s. */
export interface VaultClient {
  send(request: VaultRequest): Promise<VaultAnswer>
  /** Whether Vault can serve at the moment; asks `sys/health`, which needs no token. Throws `SecretStoreError`. */
  check(): Promise<void>
  /** Ends what is under way. */
  close(): Promise<void>
}

export interface VaultClientOptions {
  /** Told when Vault goes away and when it is back. */
  readonly logger?: Pick<SecretStoreLogger, 'info' | 'warn'>
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number
  readonly limits?: Partial<VaultLimits>
}

/** Asks nothing yet. Throws `SecretStoresError` when the authorities' file cannot be read. */
export async function openVaultClient(settings: VaultSettings, options: VaultClientOptions = {}): Promise<VaultClient> {
  const limits = { ...vaultLimits, ...options.limits }
  const transport = createVaultTransport({
    clusterAddresses: settings.clusterAddresses,
    authorities: settings.caFile === null ? null : await readAuthorities(settings.caFile),
    connectMs: limits.connectMs,
    silenceMs: limits.attemptMs,
  })
  const nodeVault = await createNodeVaultClient(settings.address, transport.send)
  return new BoundedVaultClient(nodeVault, transport, limits, options)
}

const healthPath = 'sys/health?standbyok=true&perfstandbyok=true'

interface Health {
  readonly at: number
  readonly fault: VaultFault | null
}

class BoundedVaultClient implements VaultClient {
  readonly #nodeVault: NodeVaultClient
  readonly #transport: VaultTransport
  readonly #limits: VaultLimits
  readonly #now: () => number
  readonly #breaker: Breaker
  readonly #underWay = new Set<AbortController>()
  #isClosed = false
  #health: Health | null = null
  #asking: Promise<Health> | null = null

  constructor(
    nodeVault: NodeVaultClient,
    transport: VaultTransport,
    limits: VaultLimits,
    { logger, now = () => performance.now() }: VaultClientOptions,
  ) {
    this.#nodeVault = nodeVault
    this.#transport = transport
    this.#limits = limits
    this.#now = now
    this.#breaker = new Breaker({
      now,
      openMs: limits.openMs,
      threshold: limits.faultsInARow,
      onChange: fault => {
        if (fault === null) logger?.info({}, 'Vault is available again')
        else logger?.warn({ fault }, 'Vault is not available')
      },
    })
  }

  async send(request: VaultRequest): Promise<VaultAnswer> {
    assertRequestPath(request.path)
    const pass = this.#enter()
    try {
      const answer = await this.#within(this.#limits.operationMs, request, signal =>
        withRetries(() => this.#attempt(request, signal, this.#limits.attemptMs), {
          repeatable: request.repeatable,
          now: this.#now,
          deadline: this.#now() + this.#limits.operationMs,
          signal,
        }),
      )
      pass.ended(null)
      return answer
    } catch (error) {
      const fault = this.#isClosed ? new VaultFault('UNREACHABLE', 'shutting down') : faultOfBrokenCall(error)
      // How long the caller was willing to wait says nothing about Vault.
      if (this.#isClosed || request.signal?.aborted) pass.abandoned()
      else if (request.token === null && fault.fault === 'TIMED_OUT') void this.#endUnlessWell(pass, fault)
      else pass.ended(fault.fault)
      throw fault
    }
  }

  async check(): Promise<void> {
    const known = this.#health
    const { fault } =
      known !== null && this.#now() - known.at < this.#limits.healthHoldsMs ? known : await this.#askHealth()
    if (fault !== null) throw new SecretStoreError('VAULT', fault.fault, fault.message)
    // It says that it is well, and does not serve all the same.
    const met = this.#breaker.fault
    if (met !== null) throw new SecretStoreError('VAULT', met)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    for (const each of this.#underWay) each.abort()
    this.#transport.close()
  }

  #enter(): Pass {
    if (this.#isClosed) throw new VaultFault('UNREACHABLE', 'shutting down')
    if (this.#underWay.size >= this.#limits.maxPending) {
      throw new VaultFault('OVERLOADED', `${this.#limits.maxPending} requests are under way`)
    }
    return this.#breaker.enter()
  }

  /** Of a sign-in, which hangs as long as Kubernetes does, whom Vault asks about it: others' requests need none. */
  async #endUnlessWell(pass: Pass, { fault }: VaultFault): Promise<void> {
    const health = await this.#askHealth()
    if (health.fault === null) pass.abandoned()
    else pass.ended(fault)
  }

  #askHealth(): Promise<Health> {
    this.#asking ??= this.#nextHealth().finally(() => {
      this.#asking = null
    })
    return this.#asking
  }

  async #nextHealth(): Promise<Health> {
    const request = { method: 'GET', path: healthPath, namespace: null, token: null, repeatable: true } as const
    let fault: VaultFault | null = null
    let isStandby = false
    try {
      if (this.#isClosed) throw new VaultFault('UNREACHABLE', 'shutting down')
      const { healthMs } = this.#limits
      const { body } = await this.#within(healthMs, request, signal => this.#attempt(request, signal, healthMs))
      if (body?.['initialized'] !== true || body['sealed'] !== false) throw new VaultFault('FAILED', 'not from Vault')
      isStandby = body['standby'] === true
    } catch (error) {
      fault = faultOfBrokenCall(error)
    }
    if (fault !== null) this.#breaker.failed(fault.fault)
    else this.#breaker.recovered(met => met !== 'TIMED_OUT' && !(met === 'NOT_ACTIVE' && isStandby))
    this.#health = { at: this.#now(), fault }
    return this.#health
  }

  /** Runs it with a signal that aborts when its time is over, when its caller gives up, and when the client closes. */
  async #within<T>(ms: number, { signal }: VaultRequest, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const stop = new AbortController()
    const giveUp = () => stop.abort(new VaultFault('TIMED_OUT', 'no time was left'))
    const timer = setTimeout(giveUp, ms)
    signal?.addEventListener('abort', giveUp, { once: true })
    this.#underWay.add(stop)
    try {
      if (signal?.aborted) giveUp()
      return await untilAborted(work(stop.signal), stop.signal)
    } finally {
      clearTimeout(timer)
      signal?.removeEventListener('abort', giveUp)
      this.#underWay.delete(stop)
    }
  }

  async #attempt(request: VaultRequest, signal: AbortSignal, ms: number): Promise<VaultAnswer> {
    const { method, path, namespace, token, body } = request
    const isList = method === 'LIST'
    const late = AbortSignal.timeout(ms)
    const either = AbortSignal.any([signal, late])
    try {
      const answer = this.#nodeVault.request({
        // As Vault's own clients do: proxies, and Node's HTTP servers, know no LIST.
        method: isList ? 'GET' : method,
        path: `/${path}${isList ? `${path.includes('?') ? '&' : '?'}list=true` : ''}`,
        headers: {
          ...(token !== null && { 'X-Vault-Token': token }),
          ...(namespace !== null && { 'X-Vault-Namespace': namespace }),
        },
        ...(body !== undefined && { json: body }),
        signal: either,
        maxBytes: isList ? this.#limits.maxListBytes : this.#limits.maxAnswerBytes,
      })
      // What the transport has parsed, as it was.
      const found = ((await untilAborted(answer, either)) ?? null) as JsonObject | null
      return { status: found === null ? 204 : 200, body: found }
    } catch (error) {
      signal.throwIfAborted()
      if (late.aborted) throw new VaultFault('TIMED_OUT', `${ms / 1_000} s`)
      const refused = refusedAnswer(error)
      if (refused === null) throw faultOfBrokenCall(error)
      return { status: refused.status, body: (refused.body ?? null) as JsonObject | null }
    }
  }
}
