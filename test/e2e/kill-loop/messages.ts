import type { Failpoint } from '../../../src/db/failpoint.ts'
import type { SecretVersionRow } from '../../../src/db/rows.ts'
import type { SecretAddress, StoreKind } from '../../../src/secrets/secret-store.ts'
import type { VaultSettings } from '../../../src/secrets/vault/settings.ts'

/** Secrets of the made-up type, by path. */
export type Secrets = Readonly<Record<string, string>>

/** Where a process of the kill loop keeps its data; survives it. */
export interface Places {
  readonly dataDirectory: string
  readonly migrationsDirectory: string
  /** Null for a file in the data directory. */
  readonly databaseUrl: string | null
  readonly primary: 'sealed' | 'vault'
  readonly vault: VaultSettings | null
}

/** A wiring that breaks the protocol, to see that the loop notices. */
export type Sabotage = 'STORES_LATE' | 'FORGETS_TO_RETIRE' | 'REAPER_FORGETS_ROW_ONLY' | 'AUDITS_LATE'

/** What a client of the API may ask for. */
export type Mutation =
  | {
      readonly kind: 'CREATE_CONNECTOR'
      readonly key: string
      readonly name: string
      readonly note: string
      readonly secrets: Secrets
    }
  | {
      readonly kind: 'UPDATE_CONNECTOR'
      readonly id: string
      readonly expectedVersion: number
      readonly note?: string
      /** `null` clears. */
      readonly secrets?: Readonly<Record<string, string | null>>
    }
  | { readonly kind: 'DELETE_CONNECTOR'; readonly id: string; readonly withDatasets: boolean }
  | { readonly kind: 'CREATE_DATASET'; readonly key: string; readonly name: string; readonly connectorId: string }
  | { readonly kind: 'UPDATE_DATASET'; readonly id: string; readonly expectedVersion: number; readonly name: string }
  | { readonly kind: 'DELETE_DATASET'; readonly id: string }

/** What the operator or the clock asks for. */
export type Upkeep =
  | { readonly kind: 'REAP'; readonly afterMs: number }
  | { readonly kind: 'MOVE'; readonly connectorId: string; readonly to: StoreKind }
  /** What is new in the audit log. */
  | { readonly kind: 'SEAL' }

/** What the test asks for. */
export type Question =
  | { readonly kind: 'OPEN'; readonly places: Places; readonly sabotage: Sabotage | null }
  | { readonly kind: 'INSPECT' }
  /** Leaves what a crash between storing and saving leaves. */
  | { readonly kind: 'ABANDON' }
  /** Answers what `secrets:audit` finds wrong. */
  | { readonly kind: 'AUDIT' }
  /** Answers how often each failpoint was passed since the last such question. */
  | { readonly kind: 'COUNT' }
  | { readonly kind: 'ARM'; readonly failpoint: Failpoint; readonly passing: number }
  | { readonly kind: 'DISARM' }
  | { readonly kind: 'CLOSE' }

export type Command = Mutation | Upkeep | Question

export type Passings = Readonly<Partial<Record<Failpoint, number>>>

export interface ConnectorSeen {
  readonly id: string
  readonly name: string
  readonly version: number
  readonly note: string
  /** What the store says instead where they cannot be read. */
  readonly secrets: Secrets | string
  readonly store: StoreKind | null
}

export interface DatasetSeen {
  readonly id: string
  readonly name: string
  readonly version: number
  readonly connectorId: string | null
}

/** All that there is. */
export interface Inspection {
  readonly connectors: readonly ConnectorSeen[]
  readonly datasets: readonly DatasetSeen[]
  readonly versions: readonly {
    readonly id: string
    readonly state: SecretVersionRow['state']
    readonly isUsed: boolean
  }[]
  readonly stored: readonly (SecretAddress & { readonly store: StoreKind })[]
  /** Changes without their entry in the audit log, and entries without their change. */
  readonly auditFaults: readonly string[]
}

/** What a mutation answers. */
export interface Saved {
  readonly id: string
  readonly version: number
}

export type Answer =
  | { readonly number: number; readonly ok: true; readonly value: unknown }
  /** `code` of a refusal; null for anything that is no refusal but a fault. */
  | { readonly number: number; readonly ok: false; readonly code: string | null; readonly message: string }
