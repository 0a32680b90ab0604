import { randomBytes } from 'node:crypto'

/** What tokens of a role, or of a request for one, are like. */
export interface TokenTerms {
  readonly policies: readonly string[]
  readonly noDefaultPolicy: boolean
  readonly ttlSeconds: number
  readonly maxTtlSeconds: number
  readonly explicitMaxTtlSeconds: number
}

export interface VaultToken {
  readonly id: string
  readonly accessor: string
  /** Path of its namespace, such as `team/`; empty for the root. */
  readonly namespace: string
  readonly policies: readonly string[]
  readonly createdAt: number
  readonly ttlSeconds: number
  readonly explicitMaxTtlSeconds: number
  expiresAt: number | null
  /** Where it came from, such as `auth/kubernetes/login`. */
  readonly path: string
  readonly displayName: string
  readonly meta: Readonly<Record<string, string>> | null
  readonly orphan: boolean
}

export interface IssueOptions {
  readonly namespace: { readonly path: string; readonly id: string }
  readonly path: string
  readonly displayName: string
  readonly meta?: Readonly<Record<string, string>>
  readonly orphan: boolean
}

/** Vault's own limit where nothing else is said: 32 days. */
const systemTtlSeconds = 768 * 3_600

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const randomText = (length: number): string =>
  Array.from(randomBytes(length), byte => letters[byte % letters.length]).join('')

export class VaultTokens {
  readonly #tokens = new Map<string, VaultToken>()
  /** Of every token there ever was. */
  readonly #policies = new Map<string, readonly string[]>()
  readonly #now: () => number
  readonly #prefix: string

  constructor(now: () => number, prefix: string) {
    this.#now = now
    this.#prefix = prefix
  }

  addRoot(id: string): void {
    this.#tokens.set(id, {
      id,
      accessor: randomText(24),
      namespace: '',
      policies: ['root'],
      createdAt: this.#now(),
      ttlSeconds: 0,
      explicitMaxTtlSeconds: 0,
      expiresAt: null,
      path: 'auth/token/root',
      displayName: 'root',
      meta: null,
      orphan: true,
    })
  }

  issue(terms: TokenTerms, { namespace, path, displayName, meta, orphan }: IssueOptions): VaultToken {
    const suffix = namespace.path === '' ? '' : `.${namespace.id}`
    const limits = [terms.maxTtlSeconds, terms.explicitMaxTtlSeconds, systemTtlSeconds].filter(limit => limit > 0)
    const ttlSeconds = Math.min(terms.ttlSeconds || systemTtlSeconds, ...limits)
    const createdAt = this.#now()
    const token: VaultToken = {
      id: `${this.#prefix}${randomText(24)}${suffix}`,
      accessor: `${randomText(24)}${suffix}`,
      namespace: namespace.path,
      policies: [...new Set([...(terms.noDefaultPolicy ? [] : ['default']), ...terms.policies])].sort(),
      createdAt,
      ttlSeconds,
      explicitMaxTtlSeconds: terms.explicitMaxTtlSeconds,
      expiresAt: createdAt + ttlSeconds * 1_000,
      path,
      displayName,
      meta: meta ?? null,
      orphan,
    }
    this.#tokens.set(token.id, token)
    this.#policies.set(token.id, token.policies)
    return token
  }

  /** Null for what never was one, has expired or was revoked: Vault does not tell these apart. */
  find(id: string | null): VaultToken | null {
    const token = id === null ? undefined : this.#tokens.get(id)
    if (!token) return null
    if (token.expiresAt === null || token.expiresAt > this.#now()) return token
    this.#tokens.delete(token.id)
    return null
  }

  /** What a token stands for, or stood for while it was good. */
  policiesOf(id: string | null): readonly string[] {
    return (id === null ? undefined : this.#policies.get(id)) ?? []
  }

  revoke(id: string): void {
    this.#tokens.delete(id)
  }

  /** Those that are good at the moment. */
  get live(): readonly VaultToken[] {
    return [...this.#tokens.keys()].flatMap(id => this.find(id) ?? [])
  }

  /** As long again as it was made for, within its limit. */
  renew(token: VaultToken): void {
    const wanted = this.#now() + token.ttlSeconds * 1_000
    const limit = token.explicitMaxTtlSeconds
      ? token.createdAt + token.explicitMaxTtlSeconds * 1_000
      : Number.POSITIVE_INFINITY
    token.expiresAt = Math.min(wanted, limit)
  }

  /** The part of an answer that hands it over. */
  auth(token: VaultToken): object {
    return {
      client_token: token.id,
      accessor: token.accessor,
      policies: token.policies,
      token_policies: token.policies,
      metadata: token.meta,
      // Of one just made it is all of its life, although a moment has passed.
      lease_duration: Math.round(((token.expiresAt ?? this.#now()) - this.#now()) / 1_000),
      renewable: true,
      entity_id: '',
      token_type: 'service',
      orphan: token.orphan,
      mfa_requirement: null,
      num_uses: 0,
    }
  }

  describe(token: VaultToken): object {
    const issued = new Date(token.createdAt).toISOString()
    return {
      accessor: token.accessor,
      creation_time: Math.floor(token.createdAt / 1_000),
      creation_ttl: token.ttlSeconds,
      display_name: token.displayName,
      entity_id: '',
      expire_time: token.expiresAt === null ? null : new Date(token.expiresAt).toISOString(),
      explicit_max_ttl: token.explicitMaxTtlSeconds,
      id: token.id,
      issue_time: issued,
      meta: token.meta,
      ...(token.namespace === '' ? {} : { namespace_path: token.namespace }),
      num_uses: 0,
      orphan: token.orphan,
      path: token.path,
      policies: token.policies,
      renewable: token.expiresAt !== null,
      ttl: this.#secondsLeft(token),
      type: 'service',
    }
  }

  #secondsLeft({ expiresAt }: VaultToken): number {
    return expiresAt === null ? 0 : Math.max(0, Math.floor((expiresAt - this.#now()) / 1_000))
  }
}
