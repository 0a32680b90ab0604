import type { ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'
import { refused, type VaultReply } from './vault-replies.ts'

/** What goes wrong with a request. */
export type VaultFault =
  /** Answers so without carrying it out. */
  | { readonly reply: VaultReply }
  /** Carries it out later, even when who asked has gone, and answers. */
  | { readonly delayMs: number }
  /** Carries it out when the test calls `release`, even when who asked has gone, and answers. */
  | 'HOLD'
  /** No answer; not carried out. */
  | 'HANG'
  /** Carried out, but no answer. */
  | 'HANG_AFTER'
  /** Carried out; the head and half of the answer, and then nothing more. */
  | 'HANG_IN_BODY'
  /** The connection is reset; not carried out. */
  | 'RESET'
  /** Carried out, and then the connection is reset. */
  | 'RESET_AFTER'
  /** Carried out; the connection ends in the middle of the answer. */
  | 'HALF_BODY'
  /** Carried out; the answer comes a byte at a time. */
  | 'DRIP'
  /** Not carried out; an answer without an end. */
  | 'FLOOD'
  /** Not carried out; 200, and bytes that are no JSON. */
  | 'NO_JSON'

export interface FaultFilter {
  readonly method?: string
  /** Tested against the path with its query, such as `/v1/secret/data/x?version=1`. */
  readonly path?: RegExp
  /** How many requests it strikes; all until it is disarmed when left out. */
  readonly times?: number
}

const words = (status: number, error: string, headers: Readonly<Record<string, string>> = {}): VaultFault => ({
  reply: { ...refused(status, error), headers },
})

/** Faults that answer something. */
export const vaultFaults = {
  sealed: words(503, 'Vault is sealed'),
  internal: words(500, 'internal error'),
  badGateway: { reply: { status: 502, body: { errors: ['bad gateway'] } } },
  /** Of a standby that has not caught up with what the token or index needs. */
  behind: words(412, 'required index state not present'),
  /** Vault says how long to wait only where its operator wants it to. */
  rateLimited: (retryAfterSeconds: number | null = null): VaultFault =>
    words(
      429,
      'request path "secret/data/x": rate limit quota exceeded',
      retryAfterSeconds === null ? {} : { 'retry-after': String(retryAfterSeconds) },
    ),
  denied: words(403, 'permission denied'),
  redirect: (location: string, status = 307): VaultFault => ({ reply: { status, headers: { location } } }),
  /** Of a KV engine that was mounted a moment ago. */
  upgrading: words(
    400,
    'Upgrading from non-versioned to versioned data. This backend will be unavailable for a brief period and will resume service shortly.',
  ),
  /** Of a proxy before Vault. */
  html: {
    reply: {
      status: 503,
      headers: { 'content-type': 'text/html' },
      text: '<!DOCTYPE html><html><body><h1>503 Service Unavailable</h1></body></html>',
    },
  },
  /** JSON of somebody else, as if all were well. */
  wrongJson: { reply: { status: 200, body: ['unexpected'] } },
} as const satisfies Record<string, VaultFault | ((...args: never[]) => VaultFault)>

/** An armed fault. Disposing of it disarms it. */
export interface ArmedFault extends Disposable {
  /** How many requests it has struck. */
  readonly struck: number
  /** Resolves once it has struck so many requests. */
  strikes(count?: number): Promise<void>
  /** Lets requests go on that `HOLD` has stopped, and those that come yet. */
  release(): void
  disarm(): void
}

class Armed implements ArmedFault {
  readonly fault: VaultFault
  readonly released: Promise<void>
  struck = 0
  readonly #filter: FaultFilter
  readonly #disarmed: (fault: Armed) => void
  readonly #waiting = new Set<{ readonly count: number; readonly resolve: () => void }>()
  #release: () => void = () => {}

  constructor(fault: VaultFault, filter: FaultFilter, disarmed: (fault: Armed) => void) {
    this.fault = fault
    this.#filter = filter
    this.#disarmed = disarmed
    this.released = new Promise(resolve => {
      this.#release = resolve
    })
  }

  /** Counts the request when it is one of those that it is for. */
  strike(method: string, path: string): boolean {
    const { method: wanted, path: pattern, times = Number.POSITIVE_INFINITY } = this.#filter
    if (this.struck >= times || (wanted ?? method) !== method || !(pattern?.test(path) ?? true)) return false
    this.struck += 1
    for (const waiting of this.#waiting) {
      if (waiting.count > this.struck) continue
      waiting.resolve()
      this.#waiting.delete(waiting)
    }
    return true
  }

  async strikes(count = 1): Promise<void> {
    if (this.struck < count) await new Promise<void>(resolve => this.#waiting.add({ count, resolve }))
  }

  release(): void {
    this.#release()
  }

  disarm(): void {
    this.#disarmed(this)
    this.release()
  }

  [Symbol.dispose](): void {
    this.disarm()
  }
}

export class VaultFaults {
  readonly #armed = new Set<Armed>()

  arm(fault: VaultFault, filter: FaultFilter): ArmedFault {
    const armed = new Armed(fault, filter, each => this.#armed.delete(each))
    this.#armed.add(armed)
    return armed
  }

  disarmAll(): void {
    for (const armed of this.#armed) armed.disarm()
  }

  /** The one that strikes this request: of several the one armed first. */
  take(method: string, path: string): Armed | null {
    return [...this.#armed].find(armed => armed.strike(method, path)) ?? null
  }
}

export interface StruckRequest {
  readonly response: ServerResponse
  readonly carryOut: () => VaultReply
  /** Ends the connection without a farewell. */
  readonly reset: () => void
}

/** Does what the fault says. Settles when it is over, or when nothing more will come. */
export async function strike(
  { fault, released }: { readonly fault: VaultFault; readonly released: Promise<void> },
  { response, carryOut, reset }: StruckRequest,
): Promise<void> {
  if (typeof fault === 'object' && 'reply' in fault) return send(response, fault.reply)
  if (typeof fault === 'object') {
    await delay(fault.delayMs)
    return send(response, carryOut())
  }
  switch (fault) {
    case 'HANG':
      return
    case 'HOLD':
      await released
      return send(response, carryOut())
    case 'HANG_AFTER':
      carryOut()
      return
    case 'RESET':
      return reset()
    case 'RESET_AFTER':
      carryOut()
      return reset()
    case 'NO_JSON':
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"data":{"data":{"pass')
      return
    case 'FLOOD':
      return flood(response)
    default:
      return sendInPart(fault, response, carryOut())
  }
}

const standing = { 'cache-control': 'no-store', 'content-type': 'application/json' }
const bodyOf = ({ body, text }: VaultReply): string => text ?? (body === undefined ? '' : `${goJson(body)}\n`)

/** As programs in Go write it: nothing that HTML could take for its own. */
const goJson = (body: object): string =>
  JSON.stringify(body).replace(
    /[<>&\u2028\u2029]/g,
    character => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

export function send(response: ServerResponse, reply: VaultReply): void {
  const body = bodyOf(reply)
  const length = reply.status === 204 ? {} : { 'content-length': Buffer.byteLength(body) }
  response.writeHead(reply.status, { ...standing, ...length, ...reply.headers }).end(body)
}

async function sendInPart(
  how: 'HANG_IN_BODY' | 'HALF_BODY' | 'DRIP',
  response: ServerResponse,
  reply: VaultReply,
): Promise<void> {
  const body = Buffer.from(bodyOf(reply) || '{"data":null}')
  // What has no body has a longer head then: there is always something left to wait for.
  response.writeHead(reply.status === 204 ? 200 : reply.status, { ...standing, 'content-length': body.length })
  if (how === 'DRIP') return drip(response, body)
  response.write(body.subarray(0, body.length / 2), () => {
    if (how === 'HALF_BODY') response.destroy()
  })
}

async function drip(response: ServerResponse, body: Buffer): Promise<void> {
  for (const byte of body) {
    if (response.destroyed) return
    response.write(Buffer.from([byte]))
    await delay(200)
  }
  response.end()
}

async function flood(response: ServerResponse): Promise<void> {
  response.writeHead(200, standing).write('{"data":{"data":{"x":"')
  const piece = 'x'.repeat(64 * 1_024)
  while (!response.destroyed) await new Promise<void>(resolve => response.write(piece, () => resolve()))
}
