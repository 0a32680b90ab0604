import { setTimeout as delay } from 'node:timers/promises'
import type { OpenBaoVersion } from './openbao-install.ts'
import { type BaoAnswer, OpenBaoServer } from './openbao-server.ts'
import { clusterAudience, TokenReviewDouble } from './token-review-double.ts'

/** Whom Patchbay's pod runs as. */
export const serviceAccount = { namespace: 'app', name: 'connectors' }

/** Where an operator has put what Patchbay uses. */
export interface Place {
  /** The names of nested ones with `/` between; null for the root namespace. */
  readonly namespace: string | null
  readonly kvMount: string
  readonly kubernetesMount: string
  readonly appRoleMount: string
}

export const usualPlace: Place = {
  namespace: null,
  kvMount: 'secret',
  kubernetesMount: 'kubernetes',
  appRoleMount: 'approle',
}

/** An OpenBao, and the Kubernetes cluster whose service accounts may sign in to it. */
export class OpenBaoScene implements AsyncDisposable {
  readonly bao: OpenBaoServer
  readonly cluster: TokenReviewDouble

  private constructor(bao: OpenBaoServer, cluster: TokenReviewDouble) {
    this.bao = bao
    this.cluster = cluster
  }

  static async start(version: OpenBaoVersion, ...places: readonly Place[]): Promise<OpenBaoScene> {
    const cluster = await TokenReviewDouble.start()
    const scene = new OpenBaoScene(await OpenBaoServer.start(version), cluster)
    for (const place of places) await scene.#prepare(place)
    return scene
  }

  /** What an auth method is told of the cluster. */
  get kubernetesConfig(): object {
    const reviewer = { namespace: 'vault', name: 'reviewer', audience: clusterAudience, lifetimeMs: 3_600_000 }
    return {
      kubernetes_host: this.cluster.url,
      kubernetes_ca_cert: this.cluster.authority,
      token_reviewer_jwt: this.cluster.tokens.issue(reviewer),
      disable_local_ca_jwt: true,
    }
  }

  /** A call of the operator that must succeed. Answers the `data` of its answer. */
  async operate(method: string, path: string, body?: object, place = usualPlace): Promise<Record<string, unknown>> {
    return await this.bao.operate(method, path, body, place.namespace ?? undefined)
  }

  /** Signs in by Kubernetes auth, with a token of the pod unless there is another. */
  async signIn(role: string, jwt?: string, place = usualPlace): Promise<BaoAnswer> {
    return await this.bao.request('POST', `auth/${place.kubernetesMount}/login`, {
      token: '',
      body: { role, jwt: jwt ?? this.cluster.tokens.issue(serviceAccount) },
      ...(place.namespace !== null && { namespace: place.namespace }),
    })
  }

  /** What AppRole signs in with. */
  async appRoleOf(role: string, place = usualPlace): Promise<{ readonly role_id: string; readonly secret_id: string }> {
    const path = `auth/${place.appRoleMount}/role/${role}`
    const { role_id } = await this.operate('GET', `${path}/role-id`, undefined, place)
    const { secret_id } = await this.operate('POST', `${path}/secret-id`, {}, place)
    return { role_id: String(role_id), secret_id: String(secret_id) }
  }

  /** One that somebody else would keep fresh. */
  async tokenOf(policy: string, place = usualPlace): Promise<string> {
    const { status, body } = await this.bao.request('POST', 'auth/token/create-orphan', {
      body: { policies: [policy], no_default_policy: true, ttl: '1h' },
      ...(place.namespace !== null && { namespace: place.namespace }),
    })
    if (status !== 200) throw new Error(`No token: ${status} ${JSON.stringify(body)}`)
    return (body['auth'] as { readonly client_token: string }).client_token
  }

  /** Tokens in use that were got by signing in, by their accessors. */
  async accessors(): Promise<readonly string[]> {
    const { keys } = await this.operate('LIST', 'auth/token/accessors')
    return keys as string[]
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.bao[Symbol.asyncDispose]()
    await this.cluster[Symbol.asyncDispose]()
  }

  async #ask(method: string, path: string, { namespace }: Place): Promise<BaoAnswer> {
    return await this.bao.request(method, path, namespace === null ? {} : { namespace })
  }

  async #prepare(place: Place): Promise<void> {
    const { namespace, kvMount, kubernetesMount, appRoleMount } = place
    const names = namespace?.split('/') ?? []
    for (const [depth, name] of names.entries()) {
      await this.bao.operate('POST', `sys/namespaces/${name}`, {}, names.slice(0, depth).join('/'))
    }
    await this.operate('POST', `sys/mounts/${kvMount}`, { type: 'kv', options: { version: '2' } }, place)
    await this.operate('POST', `sys/auth/${appRoleMount}`, { type: 'approle' }, place)
    await this.operate('POST', `sys/auth/${kubernetesMount}`, { type: 'kubernetes' }, place)
    await this.operate('POST', `auth/${kubernetesMount}/config`, this.kubernetesConfig, place)
    // For a moment it says that it is being upgraded.
    while ((await this.#ask('GET', `${kvMount}/config`, place)).status === 400) await delay(20)
  }
}
