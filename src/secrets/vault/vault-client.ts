import type { JsonObject } from '../../connectors/json.ts'
import type { VaultSettings } from './settings.ts'

/** One request to Vault's HTTP API. */
export interface VaultRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'LIST'
  /** After `/v1/`, made of checked segments only. */
  readonly path: string
  readonly namespace: string | null
  /** Null for what needs none: signing in, and asking for health. */
  readonly token: string | null
  readonly body?: JsonObject
  /** Whether it may be sent again although it may have been carried out already. */
  readonly repeatable: boolean
}

/** What Vault said to it: 2xx, 400, 403 or 404. Of anything else the client makes a `SecretStoreError`. */
export interface VaultAnswer {
  readonly status: number
  /** Null where the answer has no body. */
  readonly body: JsonObject | null
}

/** Knows the protocol and its faults; knows no tokens and no paths. Throws `SecretStoreError` within 10 s. */
export interface VaultClient {
  send(request: VaultRequest): Promise<VaultAnswer>
  /** Whether Vault can serve at the moment; asks `sys/health`, which needs no token. Throws `SecretStoreError`. */
  check(): Promise<void>
  /** Ends what is under way. */
  close(): Promise<void>
}

export async function openVaultClient(_settings: VaultSettings): Promise<VaultClient> {
  throw new Error('Not yet.')
}
