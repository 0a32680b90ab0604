import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { SecretStoreLogger } from '../../../src/secrets/open-secret-stores.ts'
import type { VaultSettings, VaultSignIn } from '../../../src/secrets/vault/settings.ts'
import type { VaultAnswer, VaultClient, VaultRequest } from '../../../src/secrets/vault/vault-client.ts'
import { plainSecret } from '../../canary/secrets.ts'

interface GivenToken {
  readonly workspaceId: string
  readonly validUntil: number
}

/** As much of Vault as the workspace client sees of it, with roles `ws-<workspace>` and a clock that the test moves. */
export class FakeVault implements VaultClient {
  readonly requests: VaultRequest[] = []
  readonly tokens = new Map<string, GivenToken>()
  /** Of every token that there ever was, the workspace that it opens. */
  readonly owners = new Map<string, string>()
  nowMs = 0
  leaseSeconds = 3600
  /** What Vault says instead; undefined for what it would say anyway. May throw. */
  instead: (request: VaultRequest) => VaultAnswer | undefined | Promise<VaultAnswer | undefined> = () => undefined
  #made = 0

  async send(request: VaultRequest): Promise<VaultAnswer> {
    this.requests.push(request)
    await setImmediate()
    return (await this.instead(request)) ?? this.#answer(request)
  }

  async check(): Promise<void> {}
  async close(): Promise<void> {}

  readonly now = (): number => this.nowMs

  get logins(): readonly VaultRequest[] {
    return this.requests.filter(each => each.path.endsWith('/login'))
  }

  get revocations(): readonly VaultRequest[] {
    return this.requests.filter(each => each.path === 'auth/token/revoke-self')
  }

  get dataRequests(): readonly VaultRequest[] {
    return this.requests.filter(each => each.path.startsWith('secret/'))
  }

  /** The workspaces that have a token, a workspace as often as it has one. */
  get holders(): readonly string[] {
    return [...this.tokens.values()].map(each => each.workspaceId)
  }

  /** A token that somebody has made by hand. */
  make(workspaceId: string, token: string): void {
    this.owners.set(token, workspaceId)
    this.tokens.set(token, { workspaceId, validUntil: this.nowMs + this.leaseSeconds * 1000 })
  }

  #answer({ path, body, token }: VaultRequest): VaultAnswer {
    if (path.endsWith('/login')) return this.#login(String(body?.['role'] ?? body?.['role_id']))
    const given = token === null ? undefined : this.tokens.get(token)
    if (token === null || !given || given.validUntil <= this.nowMs) return forbidden
    if (path === 'auth/token/lookup-self') {
      return { status: 200, body: { data: { ttl: (given.validUntil - this.nowMs) / 1000 } } }
    }
    if (path === 'auth/token/revoke-self') {
      this.tokens.delete(token)
      return { status: 204, body: null }
    }
    return { status: 200, body: { data: { data: { of: given.workspaceId } } } }
  }

  #login(role: string): VaultAnswer {
    const token = `${plainSecret()}-${++this.#made}`
    this.make(role.replace(/^ws-/, ''), token)
    return { status: 200, body: { auth: { client_token: token, accessor: 'a', lease_duration: this.leaseSeconds } } }
  }
}

export const forbidden: VaultAnswer = { status: 403, body: { errors: ['permission denied'] } }

export function vaultSettings(signIn: VaultSignIn, namespace: string | null = null): VaultSettings {
  const address = 'https://vault.test:8200'
  const common = { kvMount: 'secret', kvPrefix: 'workspaces', caFile: null }
  return { address, clusterAddresses: [address], namespace, ...common, signIn }
}

/** Looks like a JSON Web Token, and like nothing else. */
export const fakeJwt = (): string => ['{"alg":"none"}', plainSecret(), 'signature'].map(base64url).join('.')

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url')
}

/** A directory of files to sign in with. */
export class CredentialFiles {
  readonly directory = mkdtempSync(join(tmpdir(), 'patchbay-vault-'))

  write(name: string, content: string, mode = 0o600): string {
    const file = join(this.directory, name)
    writeFileSync(file, content, { mode })
    return file
  }

  remove(): void {
    rmSync(this.directory, { recursive: true })
  }
}

/** What was logged, in order. */
export function recordingLogger(): SecretStoreLogger & { readonly lines: readonly [string, object, string][] } {
  const lines: [string, object, string][] = []
  return {
    lines,
    info: (fields, message) => void lines.push(['info', fields, message]),
    warn: (fields, message) => void lines.push(['warn', fields, message]),
  }
}
