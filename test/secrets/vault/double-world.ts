import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { VaultSettings, VaultSignIn } from '../../../src/secrets/vault/settings.ts'
import { workspacePlaceholder } from '../../../src/secrets/vault/settings.ts'
import { issueCertificate } from '../../servers/certificates.ts'
import type { ServiceAccountToken } from '../../servers/service-account-tokens.ts'
import { VaultDouble, type VaultDoubleOptions } from '../../servers/vault-double.ts'
import type { VaultReply } from '../../servers/vault-replies.ts'

export interface DoubleWorldOptions extends Omit<VaultDoubleOptions, 'certificate'> {
  readonly auth?: VaultSignIn['method']
  /** May hold `{workspace}`. */
  readonly namespace?: string
  /** May hold `{workspace}`, as its prefix may. */
  readonly kvMount?: string
  readonly kvPrefix?: string
  readonly authMount?: string
  /** With a certificate of a private authority. */
  readonly tls?: boolean
  /** Provisioned at once; `default` is the one of `AUTH=none`. */
  readonly workspaces?: readonly string[]
}

/**
 * A Vault double set up as an operator would, and what Patchbay needs to use it. In short:
 *
 *     await using world = await openDoubleWorld({ workspaces: ['w1', 'w2'] })
 *     const store = await openVaultStore(world.settings, logger)   // or: a program with world.environment
 *     using fault = world.double.fail('RESET_AFTER', { method: 'POST', path: /\/data\//, times: 1 })
 *     await fault.strikes()
 */
export class DoubleWorld implements AsyncDisposable {
  readonly double: VaultDouble
  readonly settings: VaultSettings
  /** For a whole program: `SECRET_STORE=vault` and Vault's own variables. */
  readonly environment: Readonly<Record<string, string>>
  /** Where the files with the credentials lie. */
  readonly directory: string

  constructor(double: VaultDouble, settings: VaultSettings, directory: string) {
    this.double = double
    this.settings = settings
    this.directory = directory
    this.environment = environmentOf(settings)
  }

  /** What `vault:provision` and, but for Kubernetes, whoever hands out credentials do for a workspace. */
  async provision(workspace: string): Promise<void> {
    const { signIn } = this.settings
    const kvMount = inWorkspace(this.settings.kvMount, workspace)
    const policy = `ws-${workspace}`
    this.#makeNamespaces(workspace)
    if (kvMount !== 'secret' || this.settings.namespace !== null) {
      this.#mountOnce(workspace, `sys/mounts/${kvMount}`, { type: 'kv', options: { version: '2' } })
    }
    this.operate(workspace, 'PUT', `sys/policies/acl/${policy}`, { policy: this.policyOf(workspace) })
    const terms = {
      token_policies: policy,
      token_no_default_policy: true,
      token_ttl: '1h',
      token_max_ttl: '1h',
      token_explicit_max_ttl: '1h',
      token_type: 'service',
    }
    if (signIn.method === 'token') return this.writeToken(workspace)
    this.#mountOnce(workspace, `sys/auth/${signIn.mount}`, { type: signIn.method })
    if (signIn.method === 'kubernetes') {
      this.operate(workspace, 'POST', `auth/${signIn.mount}/role/${policy}`, {
        bound_service_account_names: 'connectors',
        bound_service_account_namespaces: 'app',
        audience: 'vault',
        ...terms,
      })
      return this.writeJwt()
    }
    const role = `auth/${signIn.mount}/role/${policy}`
    this.operate(workspace, 'POST', role, terms)
    const { role_id } = dataOf(this.operate(workspace, 'GET', `${role}/role-id`))
    const { secret_id } = dataOf(this.operate(workspace, 'POST', `${role}/secret-id`))
    await this.#writeSecretly(inWorkspace(signIn.file, workspace), JSON.stringify({ role_id, secret_id }))
  }

  /** The policy of a workspace: all that Patchbay ever needs. */
  policyOf(workspace: string): string {
    const kvMount = inWorkspace(this.settings.kvMount, workspace)
    const below = `${inWorkspace(this.settings.kvPrefix, workspace)}/${workspace}/connectors/*`
    return `
path "${kvMount}/data/${below}"     { capabilities = ["create", "read", "update"] }
path "${kvMount}/destroy/${below}"  { capabilities = ["update"] }
path "${kvMount}/metadata/${below}" { capabilities = ["read", "list", "delete"] }
path "auth/token/revoke-self"       { capabilities = ["update"] }
path "auth/token/lookup-self"       { capabilities = ["read"] }
`
  }

  /** A fresh token of the pod's service account in its file, as the kubelet writes one every few minutes. */
  async writeJwt(options: ServiceAccountToken = {}): Promise<void> {
    const { signIn } = this.settings
    if (signIn.method === 'kubernetes') await this.#writeSecretly(signIn.jwtFile, this.double.accounts.issue(options))
  }

  /** A fresh token of Vault in the workspace's file, as whoever keeps such files does. */
  async writeToken(workspace: string, ttl = '1h'): Promise<void> {
    const { signIn } = this.settings
    if (signIn.method !== 'token') return
    const fields = { policies: [`ws-${workspace}`], no_default_policy: true, ttl }
    const { client_token } = authOf(this.operate(workspace, 'POST', 'auth/token/create', fields))
    await this.#writeSecretly(inWorkspace(signIn.file, workspace), `${client_token}\n`)
  }

  /** Takes away what the workspace may sign in with: the role, or the file. */
  async unprovision(workspace: string): Promise<void> {
    const { signIn } = this.settings
    if (signIn.method === 'token') await rm(inWorkspace(signIn.file, workspace), { force: true })
    else this.operate(workspace, 'DELETE', `auth/${signIn.mount}/role/ws-${workspace}`)
  }

  /** The paths of the workspace's secrets, below the KV mount. */
  paths(workspace: string): readonly string[] {
    const prefix = `${inWorkspace(this.settings.kvPrefix, workspace)}/${workspace}/`
    const engine = this.double.kv(inWorkspace(this.settings.kvMount, workspace), this.namespaceOf(workspace))
    return engine.paths.filter(path => path.startsWith(prefix))
  }

  namespaceOf(workspace: string): string {
    return inWorkspace(this.settings.namespace ?? '', workspace)
  }

  /** What an operator does in the namespace of the workspace. Throws when it is refused. */
  operate(workspace: string, method: string, path: string, fields: object = {}): VaultReply {
    return this.double.operate(method, path, { ...fields }, this.namespaceOf(workspace))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.double[Symbol.asyncDispose]()
    await rm(this.directory, { recursive: true, force: true })
  }

  #makeNamespaces(workspace: string): void {
    const names = this.namespaceOf(workspace).split('/').filter(Boolean)
    for (const [depth, name] of names.entries()) {
      this.double.operate('PUT', `sys/namespaces/${name}`, {}, names.slice(0, depth).join('/'))
    }
  }

  #mountOnce(workspace: string, path: string, fields: object): void {
    const { body } = this.operate(workspace, 'GET', path.startsWith('sys/auth') ? 'sys/auth' : 'sys/mounts')
    const mounts = Object.keys(dataOf({ status: 200, body: body ?? {} }))
    const name = `${path.slice(path.indexOf('/', 'sys/'.length) + 1)}/`
    if (!mounts.includes(name)) this.operate(workspace, 'POST', path, fields)
  }

  async #writeSecretly(file: string, text: string): Promise<void> {
    await writeFile(file, text, { mode: 0o600 })
    await chmod(file, 0o600)
  }
}

export async function openDoubleWorld(options: DoubleWorldOptions = {}): Promise<DoubleWorld> {
  const { auth = 'kubernetes', namespace = null, kvMount = 'secret', kvPrefix = 'workspaces' } = options
  const { authMount: mount = auth, tls = false, workspaces = ['default'], ...ofDouble } = options
  const directory = await mkdtemp(join(tmpdir(), 'vault-double-'))
  const authority = issueCertificate({ commonName: 'Vault test authority', authority: true })
  const names = ['localhost', '127.0.0.1']
  const certificate = issueCertificate({ commonName: 'vault', issuer: authority, names, usage: 'server' })
  const double = await VaultDouble.start({ ...ofDouble, ...(tls ? { certificate } : {}) })
  const caFile = tls ? join(directory, 'ca.pem') : null
  if (caFile !== null) await writeFile(caFile, authority.certificate)
  const address = double.url
  const signIn = signInOf(auth, mount, directory)
  const settings = { address, clusterAddresses: [address], namespace, kvMount, kvPrefix, caFile, signIn }
  const world = new DoubleWorld(double, settings, directory)
  for (const workspace of workspaces) await world.provision(workspace)
  return world
}

function signInOf(method: VaultSignIn['method'], mount: string, directory: string): VaultSignIn {
  switch (method) {
    case 'kubernetes':
      return { method, mount, role: `ws-${workspacePlaceholder}`, jwtFile: join(directory, 'vault-token') }
    case 'approle':
      return { method, mount, file: join(directory, `${workspacePlaceholder}.json`) }
    case 'token':
      return { method, file: join(directory, `${workspacePlaceholder}.token`) }
  }
}

function environmentOf({
  address,
  namespace,
  kvMount,
  kvPrefix,
  caFile,
  signIn,
}: VaultSettings): Record<string, string> {
  const ofSignIn = {
    kubernetes: signIn.method === 'kubernetes' ? { VAULT_ROLE: signIn.role, VAULT_JWT_FILE: signIn.jwtFile } : {},
    approle: signIn.method === 'approle' ? { VAULT_APPROLE_FILE: signIn.file } : {},
    token: signIn.method === 'token' ? { VAULT_TOKEN_FILE: signIn.file } : {},
  }
  return {
    SECRET_STORE: 'vault',
    VAULT_ADDR: address,
    VAULT_KV_MOUNT: kvMount,
    VAULT_KV_PREFIX: kvPrefix,
    VAULT_AUTH: signIn.method,
    ...(signIn.method === 'token' ? {} : { VAULT_AUTH_MOUNT: signIn.mount }),
    ...ofSignIn[signIn.method],
    ...(namespace === null ? {} : { VAULT_NAMESPACE: namespace }),
    ...(caFile === null ? {} : { VAULT_CACERT: caFile }),
  }
}

const inWorkspace = (template: string, workspace: string): string =>
  template.replaceAll(workspacePlaceholder, workspace)

const partOf = (reply: VaultReply, name: 'data' | 'auth'): Readonly<Record<string, unknown>> =>
  // What the double answers to such requests.
  (reply.body as Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined)?.[name] ?? {}
const dataOf = (reply: VaultReply) => partOf(reply, 'data')
const authOf = (reply: VaultReply) => partOf(reply, 'auth')
