import { termsOf } from './vault-auth.ts'
import { type BackendRequest, namesOf, textOf, type VaultBackend, type VaultFields } from './vault-backend.ts'
import { KvEngine } from './vault-kv.ts'
import type { VaultNamespace } from './vault-namespace.ts'
import { capabilitiesOn, PolicyError, type PolicyRule } from './vault-policies.ts'
import {
  answered,
  collected,
  done,
  nothingThere,
  signedIn,
  unsupported,
  VaultRefusal,
  type VaultReply,
} from './vault-replies.ts'
import type { VaultToken, VaultTokens } from './vault-tokens.ts'

/** What Vault's own endpoints need of the Vault they belong to. */
export interface SystemOptions {
  readonly namespace: VaultNamespace
  readonly now: () => number
  /** Null for a type of method that is not known here. */
  newAuthMethod(type: string, mount: string): VaultBackend | null
  addNamespace(name: string): VaultNamespace
  /** Null for the root's. */
  rulesOf(token: string | null): readonly PolicyRule[] | null
  seal(): void
}

/** `sys/` of one namespace, as far as operators need it to set a store up. What needs no token is in `vault-health.ts`. */
export class SystemBackend implements VaultBackend {
  readonly #options: SystemOptions

  constructor(options: SystemOptions) {
    this.#options = options
  }

  exists(path: string): boolean | null {
    const name = /^polic(?:ies\/acl|y)\/(.+)$/.exec(path)?.[1]
    return name === undefined ? null : this.#options.namespace.policies.has(name)
  }

  handle(request: BackendRequest): VaultReply {
    const { path, operation, fields } = request
    const [area = '', ...rest] = path.replace(/^policies\/acl/, 'policy').split('/')
    const name = rest.join('/').replace(/\/$/, '')
    if (area === 'policy') return name === '' ? this.#listPolicies(operation) : this.#onPolicy(name, request)
    if (area === 'mounts') return this.#onMount(name, '', request)
    if (area === 'auth') return this.#onMount(name, 'auth/', request)
    if (operation !== 'update') return unsupported()
    switch (area) {
      case 'namespaces':
        return this.#addNamespace(name)
      case 'capabilities-self':
        return this.#capabilities(fields, request.token)
      case 'seal':
        this.#options.seal()
        return done
      default:
        throw new VaultRefusal(404, 'unsupported path')
    }
  }

  #listPolicies(operation: string): VaultReply {
    const { policies, path } = this.#options.namespace
    if (operation !== 'list' && operation !== 'read') return unsupported()
    return answered({ keys: [...[...policies.keys()].sort(), ...(path === '' ? ['root'] : [])] })
  }

  #onPolicy(name: string, { operation, fields, path }: BackendRequest): VaultReply {
    const { namespace } = this.#options
    const isCurrent = path.startsWith('policies/')
    if (operation === 'read') {
      const policy = namespace.policies.get(name)
      if (!policy) return nothingThere
      const { text, version, modifiedAt } = policy
      return answered({
        cas_required: false,
        modified: new Date(modifiedAt).toISOString(),
        name,
        [isCurrent ? 'policy' : 'rules']: text,
        version,
      })
    }
    if (name === 'root') throw new VaultRefusal(400, `cannot ${operation} "root" policy`)
    if (operation === 'delete') {
      if (name === 'default') throw new VaultRefusal(400, 'cannot delete "default" policy')
      namespace.policies.delete(name)
      return done
    }
    const text = textOf(fields, 'policy')
    if (text === '') throw new VaultRefusal(400, "'policy' parameter not supplied or empty")
    try {
      namespace.setPolicy(name, text)
    } catch (error) {
      throw error instanceof PolicyError ? new VaultRefusal(400, error.message) : error
    }
    return done
  }

  #onMount(name: string, prefix: string, { operation, fields }: BackendRequest): VaultReply {
    const { namespace, now, newAuthMethod } = this.#options
    const path = `${prefix}${name}/`
    if (operation === 'read') {
      const under = (mount: string) => (mount.startsWith('auth/') ? prefix !== '' : prefix === '')
      const mounts = [...namespace.mounts.keys()].filter(under).map(mount => mount.slice(prefix.length))
      if (name === '') return answered(Object.fromEntries(mounts.map(mount => [mount, this.#described(prefix, mount)])))
      if (namespace.mounts.has(path)) return answered(this.#described(prefix, `${name}/`))
      throw new VaultRefusal(400, `No secret engine mount at ${name}/`)
    }
    if (operation === 'delete') {
      namespace.mounts.delete(path)
      return done
    }
    if (namespace.mounts.has(path)) throw new VaultRefusal(400, `path is already in use at ${name}/`)
    const type = textOf(fields, 'type')
    const backend = prefix === '' ? (type.startsWith('kv') ? new KvEngine(now) : null) : newAuthMethod(type, `${name}/`)
    if (!backend) throw new VaultRefusal(400, `plugin not found in the catalog: ${type}`)
    namespace.mounts.set(path, backend)
    return done
  }

  #described(prefix: string, mount: string): object {
    const backend = this.#options.namespace.mounts.get(`${prefix}${mount}`)
    const isKv = backend instanceof KvEngine
    return { type: isKv ? 'kv' : mount.slice(0, -1), options: isKv ? { version: '2' } : null, local: false }
  }

  #addNamespace(name: string): VaultReply {
    const { path, id } = this.#options.addNamespace(name)
    return answered({ custom_metadata: {}, id, locked: false, path, tainted: false })
  }

  #capabilities(fields: VaultFields, token: string | null): VaultReply {
    const rules = this.#options.rulesOf(token)
    const entries = namesOf(fields, 'paths').map(path => {
      const granted = rules ? [...capabilitiesOn(rules, `${this.#options.namespace.path}${path}`)].sort() : ['root']
      return [path, granted.length > 0 ? granted : ['deny']] as const
    })
    return answered({ ...Object.fromEntries(entries), capabilities: entries[0]?.[1] ?? [] })
  }
}

/** `auth/token/` of one namespace. */
export class TokenBackend implements VaultBackend {
  readonly #tokens: VaultTokens
  readonly #namespace: VaultNamespace

  constructor(tokens: VaultTokens, namespace: VaultNamespace) {
    this.#tokens = tokens
    this.#namespace = namespace
  }

  handle({ path, operation, fields, token: id }: BackendRequest): VaultReply {
    const own = this.#tokens.find(id)
    if (!own) throw new VaultRefusal(403, 'permission denied')
    if (path === 'lookup-self' && operation === 'read') return answered(this.#tokens.describe(own))
    if (operation !== 'update') return unsupported()
    switch (path) {
      case 'lookup-self':
        return answered(this.#tokens.describe(own))
      case 'renew-self':
        this.#tokens.renew(own)
        return signedIn(this.#tokens.auth(own))
      case 'revoke-self':
        this.#tokens.revoke(own.id)
        return done
      case 'create':
        return this.#create(fields, false)
      case 'create-orphan':
        return this.#create(fields, true)
      case 'lookup':
        return answered(this.#tokens.describe(this.#named(fields)))
      case 'lookup-accessor':
        return this.#lookUpAccessor(textOf(fields, 'accessor'))
      case 'revoke':
        this.#tokens.revoke(textOf(fields, 'token'))
        return done
      default:
        throw new VaultRefusal(404, 'unsupported path')
    }
  }

  #named(fields: VaultFields): VaultToken {
    const token = this.#tokens.find(textOf(fields, 'token'))
    if (!token) throw new VaultRefusal(403, 'bad token')
    return token
  }

  #lookUpAccessor(accessor: string): VaultReply {
    const token = this.#tokens.live.find(each => each.accessor === accessor)
    if (!token) throw new VaultRefusal(400, collected('invalid accessor'))
    return answered({ ...this.#tokens.describe(token), id: '' })
  }

  #create(fields: VaultFields, orphan: boolean): VaultReply {
    const terms = { ...termsOf(fields, ''), maxTtlSeconds: 0 }
    const path = `auth/token/${orphan ? 'create-orphan' : 'create'}`
    const options = { namespace: this.#namespace, path, displayName: 'token', orphan }
    return signedIn(this.#tokens.auth(this.#tokens.issue(terms, options)))
  }
}
