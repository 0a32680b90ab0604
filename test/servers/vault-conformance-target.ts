import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import type { ServiceAccountToken } from './service-account-tokens.ts'

export interface ConformanceRequest {
  /** The operator's when left out; `''` for nobody's. */
  readonly token?: string
  readonly namespace?: string
  readonly body?: object
}

export interface ConformanceAnswer {
  readonly status: number
  /** `{}` where there is none. */
  readonly body: Readonly<Record<string, unknown>>
}

/** A Vault that all of this is asked of: the double, and a real one that it is held against. Nobody else may use it. */
export interface ConformanceTarget extends AsyncDisposable {
  /** Path after `/v1/`. PATCH is sent as `application/merge-patch+json`. */
  request(method: string, path: string, request?: ConformanceRequest): Promise<ConformanceAnswer>
  /** Of the Kubernetes that `kubernetesConfig` leads to. */
  serviceAccountToken(options?: ServiceAccountToken): string
  /** For `auth/<mount>/config`. */
  readonly kubernetesConfig: object
  seal(): Promise<void>
  unseal(): Promise<void>
  /** Lets its clock go on. */
  pass(ms: number): Promise<void>
}

/** What scenes are made with. */
export interface Conformance {
  /** Known once the tests run. */
  readonly target: ConformanceTarget
  ask(method: string, path: string, request?: ConformanceRequest): Promise<ConformanceAnswer>
  /** A request of the operator that must succeed; answers `data`. */
  operate(method: string, path: string, body?: object, namespace?: string): Promise<Readonly<Record<string, unknown>>>
  /** A token with these rules alone. */
  tokenFor(policy: string, options?: { readonly ttl?: string; readonly namespace?: string }): Promise<string>
}

export const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/)
export const refused = (status: number, ...errors: readonly unknown[]) => ({ status, body: { errors } })
/** By policies; tokens that are none are refused in other words. */
export const notAllowed = refused(403, '1 error occurred:\n\t* permission denied\n\n')
export const unknownToken = refused(403, 'permission denied')
export const nothingThere = refused(404)
export const done = { status: 204, body: {} }

const envelope = { request_id: expect.any(String), lease_id: '', renewable: false, lease_duration: 0, wrap_info: null }
export const found = (data: unknown, status = 200) => ({
  status,
  body: { ...envelope, data, warnings: null, auth: null },
})
export const signedIn = (auth: object) => ({
  status: 200,
  body: { ...envelope, data: null, warnings: null, auth: expect.objectContaining(auth) },
})

/** What was handed over. */
export const authOf = ({ body }: ConformanceAnswer): Readonly<Record<string, unknown>> =>
  (body['auth'] ?? {}) as Readonly<Record<string, unknown>>
export const dataOf = ({ body }: ConformanceAnswer): Readonly<Record<string, unknown>> =>
  (body['data'] ?? {}) as Readonly<Record<string, unknown>>

/** Mounts a KV engine and waits until it serves: for a moment it says that it is being upgraded. */
export async function mountKv({ ask, operate }: Conformance, path: string, namespace?: string): Promise<void> {
  await operate('POST', `sys/mounts/${path}`, { type: 'kv', options: { version: '2' } }, namespace)
  const request = namespace === undefined ? {} : { namespace }
  while ((await ask('GET', `${path}/config`, request)).status === 400) await delay(20)
}
