import { generateKeyPairSync, randomUUID, sign, verify } from 'node:crypto'

export interface ServiceAccountToken {
  readonly namespace?: string
  readonly name?: string
  readonly audience?: string | readonly string[]
  readonly lifetimeMs?: number
}

export interface ServiceAccountClaims {
  readonly iss: string
  readonly sub: string
  readonly aud: readonly string[]
  readonly iat: number
  readonly nbf: number
  readonly exp: number
  readonly 'kubernetes.io': {
    readonly namespace: string
    readonly serviceaccount: { readonly name: string; readonly uid: string }
    readonly pod: { readonly name: string; readonly uid: string }
  }
}

const encode = (value: object | Buffer): string =>
  (Buffer.isBuffer(value) ? value : Buffer.from(JSON.stringify(value))).toString('base64url')

/** Projected tokens of service accounts, and what Kubernetes' TokenReview says of them. */
export class ServiceAccountTokens {
  readonly #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  readonly #uids = new Map<string, string>()
  readonly #now: () => number

  constructor(now: () => number = Date.now) {
    this.#now = now
  }

  issue(options: ServiceAccountToken = {}): string {
    const { namespace = 'app', name = 'connectors', audience = 'vault', lifetimeMs = 600_000 } = options
    const now = Math.floor(this.#now() / 1_000)
    const claims: ServiceAccountClaims = {
      iss: 'https://kubernetes.default.svc.cluster.local',
      sub: `system:serviceaccount:${namespace}:${name}`,
      aud: typeof audience === 'string' ? [audience] : audience,
      iat: now,
      nbf: now,
      exp: now + Math.floor(lifetimeMs / 1_000),
      'kubernetes.io': {
        namespace,
        serviceaccount: { name, uid: this.#uidOf(namespace, name) },
        pod: { name: `${name}-0`, uid: randomUUID() },
      },
    }
    const signed = `${encode({ alg: 'ES256', typ: 'JWT', kid: 'double' })}.${encode(claims)}`
    const key = { key: this.#keys.privateKey, dsaEncoding: 'ieee-p1363' } as const
    return `${signed}.${encode(sign('sha256', Buffer.from(signed), key))}`
  }

  /** The account is gone, or was made anew: its earlier tokens are good no more. */
  deleteAccount(namespace = 'app', name = 'connectors'): void {
    this.#uids.delete(`${namespace}/${name}`)
  }

  /** What TokenReview answers: null for what is not authenticated for any of the audiences. */
  review(token: string, audiences: readonly string[]): ServiceAccountClaims | null {
    const [head = '', body = '', signature = ''] = token.split('.')
    const key = { key: this.#keys.publicKey, dsaEncoding: 'ieee-p1363' } as const
    if (!verify('sha256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'))) return null
    const claims = claimsOf(token)
    if (claims === null || claims.exp * 1_000 <= this.#now()) return null
    const { namespace, serviceaccount } = claims['kubernetes.io']
    if (this.#uids.get(`${namespace}/${serviceaccount.name}`) !== serviceaccount.uid) return null
    return audiences.length === 0 || audiences.some(audience => claims.aud.includes(audience)) ? claims : null
  }

  #uidOf(namespace: string, name: string): string {
    const uid = this.#uids.get(`${namespace}/${name}`) ?? randomUUID()
    this.#uids.set(`${namespace}/${name}`, uid)
    return uid
  }
}

/** What a token says of itself, believed or not; null for what is none. */
export function claimsOf(token: string): ServiceAccountClaims | null {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString())
    return typeof claims?.sub === 'string' && typeof claims?.['kubernetes.io'] === 'object' ? claims : null
  } catch {
    return null
  }
}
