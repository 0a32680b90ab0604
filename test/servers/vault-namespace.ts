import { randomBytes } from 'node:crypto'
import type { VaultBackend } from './vault-backend.ts'
import { type PolicyRule, parsePolicy } from './vault-policies.ts'

export interface VaultPolicy {
  readonly text: string
  readonly rules: readonly PolicyRule[]
  readonly version: number
  readonly modifiedAt: number
}

/** What every token may do unless its role says otherwise. Shorter than the real one by what nobody asks for here. */
const defaultPolicy = `
path "auth/token/lookup-self" { capabilities = ["read"] }
path "auth/token/renew-self" { capabilities = ["update"] }
path "auth/token/revoke-self" { capabilities = ["update"] }
path "sys/capabilities-self" { capabilities = ["update"] }
`

/** A namespace: its own mounts and policies. The root has an empty path. */
export class VaultNamespace {
  /** Such as `team/`. */
  readonly path: string
  readonly id: string
  /** By mount path, such as `secret/` or `auth/kubernetes/`. */
  readonly mounts = new Map<string, VaultBackend>()
  readonly policies = new Map<string, VaultPolicy>()
  readonly #now: () => number

  constructor(path: string, now: () => number) {
    this.path = path
    this.id = path === '' ? 'root' : randomBytes(3).toString('hex')
    this.#now = now
    this.setPolicy('default', defaultPolicy)
  }

  /** Throws `PolicyError`. */
  setPolicy(name: string, text: string): void {
    const rules = parsePolicy(text).map(rule => ({ ...rule, path: `${this.path}${rule.path}` }))
    const version = (this.policies.get(name)?.version ?? 0) + 1
    this.policies.set(name, { text, rules, version, modifiedAt: this.#now() })
  }

  rulesOf(policies: readonly string[]): readonly PolicyRule[] {
    return policies.flatMap(name => this.policies.get(name)?.rules ?? [])
  }

  /** The backend of a path, and the path below its mount. */
  route(path: string): { readonly mount: string; readonly backend: VaultBackend; readonly below: string } | null {
    const mount = [...this.mounts.keys()]
      .filter(each => path.startsWith(each) || `${path}/` === each)
      .reduce((longest, each) => (each.length > longest.length ? each : longest), '')
    const backend = this.mounts.get(mount)
    return backend ? { mount, backend, below: path.slice(mount.length) } : null
  }
}
