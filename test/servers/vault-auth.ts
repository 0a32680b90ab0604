import { randomUUID } from 'node:crypto'
import { claimsOf, type ServiceAccountTokens } from './service-account-tokens.ts'
import {
  type BackendRequest,
  namesOf,
  secondsOf,
  textOf,
  type VaultBackend,
  type VaultFields,
} from './vault-backend.ts'
import { answered, done, nothingThere, signedIn, unsupported, VaultRefusal, type VaultReply } from './vault-replies.ts'
import type { IssueOptions, TokenTerms, VaultTokens } from './vault-tokens.ts'

/** What an auth method needs of the Vault it is mounted in. */
export interface AuthMethodOptions {
  /** Such as `kubernetes/`. */
  readonly mount: string
  readonly namespace: IssueOptions['namespace']
  readonly tokens: VaultTokens
  readonly now: () => number
}

export function termsOf(fields: VaultFields, prefix = 'token_'): TokenTerms {
  return {
    policies: namesOf(fields, `${prefix}policies`),
    noDefaultPolicy: fields[`${prefix}no_default_policy`] === true,
    ttlSeconds: secondsOf(fields, `${prefix}ttl`),
    maxTtlSeconds: secondsOf(fields, `${prefix}max_ttl`),
    explicitMaxTtlSeconds: secondsOf(fields, `${prefix}explicit_max_ttl`),
  }
}

const describedTerms = (terms: TokenTerms): object => ({
  token_bound_cidrs: [],
  token_explicit_max_ttl: terms.explicitMaxTtlSeconds,
  token_max_ttl: terms.maxTtlSeconds,
  token_no_default_policy: terms.noDefaultPolicy,
  token_num_uses: 0,
  token_period: 0,
  token_policies: terms.policies,
  token_strictly_bind_ip: false,
  token_ttl: terms.ttlSeconds,
  token_type: 'service',
})

/** Roles by name: made, changed, shown, listed and removed by whoever has the right to. */
abstract class RoleMethod<R extends { readonly terms: TokenTerms }> implements VaultBackend {
  protected readonly roles = new Map<string, R>()
  protected readonly options: AuthMethodOptions

  constructor(options: AuthMethodOptions) {
    this.options = options
  }

  isOpen(path: string): boolean {
    return path === 'login'
  }

  handle(request: BackendRequest): VaultReply {
    const { operation, path } = request
    if (path === 'login') {
      if (operation !== 'update') throw new VaultRefusal(405, 'unsupported operation')
      return this.login(request.fields)
    }
    if (path === 'config') return operation === 'update' || operation === 'create' ? done : nothingThere
    const [area, name = '', ...more] = path.split('/')
    if (area !== 'role') throw new VaultRefusal(404, 'unsupported path')
    if (operation === 'list') {
      return this.roles.size === 0 ? nothingThere : answered({ keys: [...this.roles.keys()].sort() })
    }
    return more.length > 0 ? this.below(name, more.join('/'), request) : this.#onRole(name, request)
  }

  #onRole(name: string, { operation, fields }: BackendRequest): VaultReply {
    const role = this.roles.get(name)
    if (operation === 'read') {
      return role ? answered({ ...this.described(role), ...describedTerms(role.terms) }) : nothingThere
    }
    if (operation === 'delete') this.roles.delete(name)
    else this.roles.set(name, this.roleOf(fields, role))
    return done
  }

  exists(path: string): boolean | null {
    const [area, name = '', ...more] = path.split('/')
    return area === 'role' && more.length === 0 ? this.roles.has(name) : null
  }

  protected enter(role: R, displayName: string, meta: Readonly<Record<string, string>>): VaultReply {
    const { mount, namespace, tokens } = this.options
    const path = `auth/${mount}login`
    return signedIn(
      tokens.auth(
        tokens.issue(role.terms, {
          namespace,
          path,
          displayName: `${namespace.path.replaceAll('/', '-')}${mount.slice(0, -1)}-${displayName}`,
          meta,
          orphan: true,
        }),
      ),
    )
  }

  protected abstract login(fields: VaultFields): VaultReply
  protected abstract roleOf(fields: VaultFields, before: R | undefined): R
  protected abstract described(role: R): object
  /** What lies under a role. */
  protected below(_name: string, _path: string, _request: BackendRequest): VaultReply {
    throw new VaultRefusal(404, 'unsupported path')
  }
}

interface KubernetesRole {
  readonly names: readonly string[]
  readonly namespaces: readonly string[]
  readonly audience: string
  readonly terms: TokenTerms
}

/** For how long the claims of an expired token are still taken; TokenReview is stricter. */
const leewaySeconds = 150

/** The auth method `kubernetes`. */
export class KubernetesMethod extends RoleMethod<KubernetesRole> {
  readonly #accounts: ServiceAccountTokens

  constructor(options: AuthMethodOptions, accounts: ServiceAccountTokens) {
    super(options)
    this.#accounts = accounts
  }

  protected login(fields: VaultFields): VaultReply {
    const [name, jwt] = [textOf(fields, 'role'), textOf(fields, 'jwt')]
    if (name === '') throw new VaultRefusal(400, 'missing role')
    if (jwt === '') throw new VaultRefusal(400, 'missing jwt')
    const role = this.roles.get(name)
    if (!role) throw new VaultRefusal(400, `invalid role name ${JSON.stringify(name)}`)
    const claims = claimsOf(jwt)
    if (claims === null) throw new VaultRefusal(403, 'permission denied')
    if (role.audience !== '' && !claims.aud.includes(role.audience)) {
      throw new VaultRefusal(403, 'invalid audience (aud) claim: audience claim does not match any expected audience')
    }
    if ((claims.exp + leewaySeconds) * 1_000 <= this.options.now()) {
      throw new VaultRefusal(403, 'invalid expiration time (exp) claim: token is expired')
    }
    const { namespace, serviceaccount } = claims['kubernetes.io']
    if (!covers(role.names, serviceaccount.name)) throw new VaultRefusal(403, 'service account name not authorized')
    if (!covers(role.namespaces, namespace)) throw new VaultRefusal(403, 'namespace not authorized')
    const reviewed = this.#accounts.review(jwt, role.audience === '' ? [] : [role.audience])
    if (reviewed === null) throw new VaultRefusal(403, 'permission denied')
    return this.enter(role, `${namespace}-${serviceaccount.name}`, {
      role: name,
      service_account_name: serviceaccount.name,
      service_account_namespace: namespace,
      service_account_secret_name: '',
      service_account_uid: serviceaccount.uid,
    })
  }

  protected roleOf(fields: VaultFields, before: KubernetesRole | undefined): KubernetesRole {
    const names =
      'bound_service_account_names' in fields ? namesOf(fields, 'bound_service_account_names') : before?.names
    const namespaces =
      'bound_service_account_namespaces' in fields
        ? namesOf(fields, 'bound_service_account_namespaces')
        : before?.namespaces
    if (!names?.length) throw new VaultRefusal(400, '"bound_service_account_names" can not be empty')
    if (!namespaces?.length) {
      throw new VaultRefusal(
        400,
        '"bound_service_account_namespaces" can not be empty if "bound_service_account_namespace_selector" is not set',
      )
    }
    const audience = 'audience' in fields ? textOf(fields, 'audience') : (before?.audience ?? '')
    return { names, namespaces, audience, terms: mergedTerms(fields, before?.terms) }
  }

  protected described({ names, namespaces, audience }: KubernetesRole): object {
    return {
      alias_name_source: 'serviceaccount_uid',
      audience,
      bound_service_account_names: names,
      bound_service_account_namespace_selector: '',
      bound_service_account_namespaces: namespaces,
    }
  }
}

const covers = (globs: readonly string[], name: string): boolean =>
  globs.some(glob => (glob.endsWith('*') ? name.startsWith(glob.slice(0, -1)) : glob === name))

/** What is not said stays as it was. */
function mergedTerms(fields: VaultFields, before: TokenTerms | undefined): TokenTerms {
  const given = termsOf(fields)
  if (!before) return given
  return {
    policies: 'token_policies' in fields ? given.policies : before.policies,
    noDefaultPolicy: 'token_no_default_policy' in fields ? given.noDefaultPolicy : before.noDefaultPolicy,
    ttlSeconds: 'token_ttl' in fields ? given.ttlSeconds : before.ttlSeconds,
    maxTtlSeconds: 'token_max_ttl' in fields ? given.maxTtlSeconds : before.maxTtlSeconds,
    explicitMaxTtlSeconds:
      'token_explicit_max_ttl' in fields ? given.explicitMaxTtlSeconds : before.explicitMaxTtlSeconds,
  }
}

interface AppRole {
  roleId: string
  readonly secretIds: Set<string>
  readonly terms: TokenTerms
}

/** The auth method `approle`. */
export class AppRoleMethod extends RoleMethod<AppRole> {
  protected login(fields: VaultFields): VaultReply {
    const [roleId, secretId] = [textOf(fields, 'role_id'), textOf(fields, 'secret_id')]
    if (roleId === '') throw new VaultRefusal(500, 'missing role_id')
    const [name, role] = [...this.roles].find(([, each]) => each.roleId === roleId) ?? []
    if (!role || name === undefined) throw new VaultRefusal(400, 'invalid role or secret ID')
    if (secretId === '') throw new VaultRefusal(400, 'missing secret_id')
    if (!role.secretIds.has(secretId)) throw new VaultRefusal(400, 'invalid role or secret ID')
    return this.enter(role, 'approle', { role_name: name })
  }

  protected roleOf(fields: VaultFields, before: AppRole | undefined): AppRole {
    return {
      roleId: before?.roleId ?? randomUUID(),
      secretIds: before?.secretIds ?? new Set(),
      terms: mergedTerms(fields, before?.terms),
    }
  }

  protected described(): object {
    return {
      bind_secret_id: true,
      local_secret_ids: false,
      secret_id_bound_cidrs: null,
      secret_id_num_uses: 0,
      secret_id_ttl: 0,
    }
  }

  protected override below(name: string, path: string, { operation, fields }: BackendRequest): VaultReply {
    const role = this.roles.get(name)
    if (!role) return nothingThere
    if (path === 'role-id' && operation === 'read') return answered({ role_id: role.roleId })
    if (operation !== 'update') return unsupported()
    if (path === 'role-id') {
      role.roleId = textOf(fields, 'role_id')
      return done
    }
    if (path !== 'secret-id' && path !== 'custom-secret-id') throw new VaultRefusal(404, 'unsupported path')
    const secretId = path === 'secret-id' ? randomUUID() : textOf(fields, 'secret_id')
    role.secretIds.add(secretId)
    return answered({ secret_id: secretId, secret_id_accessor: randomUUID(), secret_id_num_uses: 0, secret_id_ttl: 0 })
  }
}
