import type { ServiceAccountTokens } from './service-account-tokens.ts'
import { AppRoleMethod, KubernetesMethod } from './vault-auth.ts'
import type { VaultBackend, VaultFields, VaultOperation } from './vault-backend.ts'
import { KvEngine } from './vault-kv.ts'
import { VaultNamespace } from './vault-namespace.ts'
import { isAllowed, type PolicyRule } from './vault-policies.ts'
import { collected, VaultRefusal, type VaultReply } from './vault-replies.ts'
import { SystemBackend, TokenBackend } from './vault-system.ts'
import { VaultTokens } from './vault-tokens.ts'

/** One request, without what only HTTP knows of. */
export interface CoreRequest {
  readonly method: string
  /** After `/v1/`. */
  readonly path: string
  readonly query: URLSearchParams
  /** Of the header; empty for the root. */
  readonly namespace: string
  readonly token: string | null
  readonly fields: VaultFields
  readonly contentType: string
}

export interface VaultCoreOptions {
  readonly now: () => number
  readonly rootToken: string
  readonly product: 'OPENBAO' | 'VAULT'
  readonly accounts: ServiceAccountTokens
  readonly seal: () => void
}

/** What a token may ask of itself, wherever it comes from. */
const selfPath = /^auth\/token\/(lookup|renew|revoke)-self$/

/** An unsealed Vault: namespaces, tokens, policies and what is mounted. Every request is carried out at once or not at all. */
export class VaultCore {
  readonly tokens: VaultTokens
  readonly #options: VaultCoreOptions
  readonly #namespaces = new Map<string, VaultNamespace>()

  constructor(options: VaultCoreOptions) {
    this.#options = options
    this.tokens = new VaultTokens(options.now, options.product === 'VAULT' ? 'hvs.' : 's.')
    this.tokens.addRoot(options.rootToken)
    this.#addNamespace('').mounts.set('secret/', new KvEngine(options.now))
  }

  /** Throws where there is none. */
  namespace(path: string): VaultNamespace {
    const found = this.#namespaces.get(slashed(path))
    if (!found) throw new VaultRefusal(404, 'namespace not found')
    return found
  }

  /** Throws `VaultRefusal`. */
  handle(request: CoreRequest): VaultReply {
    const { namespace, path } = this.#locate(request)
    const route = namespace.route(path)
    const operation = operationOf(request, route?.backend.exists?.(route.below) ?? true)
    const isOpen = route?.backend.isOpen?.(route.below) ?? false
    if (!isOpen) this.#authorise(request.token, namespace, path, operation)
    if (!route) throw new VaultRefusal(404, `no handler for route ${JSON.stringify(path)}. route entry not found.`)
    if (path.endsWith('/') && (operation === 'create' || operation === 'update')) {
      throw new VaultRefusal(400, "cannot write to a path ending in '/'")
    }
    const { query, fields, token, contentType } = request
    return route.backend.handle({ operation, path: route.below, query, fields, token, contentType })
  }

  /** The rules that a token goes by; null for the root's, which go by none. */
  rulesOf(id: string | null): readonly PolicyRule[] | null {
    const token = this.tokens.find(id)
    if (!token) return []
    return token.policies.includes('root') ? null : this.namespace(token.namespace).rulesOf(token.policies)
  }

  /** Namespaces may stand in a header, before the path, or partly in both. */
  #locate({ namespace: header, path }: CoreRequest): { readonly namespace: VaultNamespace; readonly path: string } {
    const base = this.namespace(header).path
    const within = [...this.#namespaces.keys()].filter(
      each => each.startsWith(base) && `${base}${path}`.startsWith(each),
    )
    const longest = within.reduce((best, each) => (each.length > best.length ? each : best), base)
    return { namespace: this.namespace(longest), path: `${base}${path}`.slice(longest.length) }
  }

  #authorise(id: string | null, namespace: VaultNamespace, path: string, operation: VaultOperation): void {
    const token = this.tokens.find(id)
    if (!token) {
      const words = 'permission denied'
      const isUnknown = id !== null && this.#options.product === 'VAULT'
      throw new VaultRefusal(403, isUnknown ? `2 errors occurred:\n\t* ${words}\n\t* invalid token\n\n` : words)
    }
    const rules = this.rulesOf(id)
    const at = selfPath.test(path) ? this.namespace(token.namespace) : namespace
    // Lists are of folders, however they are asked for.
    const asked = operation === 'list' ? slashed(path) : path
    if (rules && !isAllowed(rules, `${at.path}${asked}`, operation)) {
      throw new VaultRefusal(403, collected('permission denied'))
    }
  }

  #addNamespace(path: string): VaultNamespace {
    const { now, seal } = this.#options
    const namespace = this.#namespaces.get(path) ?? new VaultNamespace(path, now)
    if (this.#namespaces.has(path)) return namespace
    this.#namespaces.set(path, namespace)
    const system = new SystemBackend({
      namespace,
      now,
      seal,
      newAuthMethod: (type, mount) => this.#newAuthMethod(namespace, type, mount),
      addNamespace: name => this.#addNamespace(`${path}${slashed(name)}`),
      rulesOf: token => this.rulesOf(token),
    })
    namespace.mounts.set('sys/', system).set('auth/token/', new TokenBackend(this.tokens, namespace))
    return namespace
  }

  #newAuthMethod(namespace: VaultNamespace, type: string, mount: string): VaultBackend | null {
    const { now, accounts } = this.#options
    const options = { mount, namespace, tokens: this.tokens, now }
    if (type === 'kubernetes') return new KubernetesMethod(options, accounts)
    return type === 'approle' ? new AppRoleMethod(options) : null
  }
}

/** As `team/`, whatever slashes are around it. */
const slashed = (path: string): string => {
  const bare = path.replace(/^\/+|\/+$/g, '')
  return bare === '' ? '' : `${bare}/`
}

function operationOf({ method, query }: CoreRequest, exists: boolean): VaultOperation {
  switch (method) {
    case 'GET':
      return query.get('list') === 'true' ? 'list' : 'read'
    case 'LIST':
      return 'list'
    case 'POST':
    case 'PUT':
      return exists ? 'update' : 'create'
    case 'DELETE':
      return 'delete'
    case 'PATCH':
      return 'patch'
    default:
      throw new VaultRefusal(405)
  }
}
