import { setTimeout as sleep } from 'node:timers/promises'
import { SecretStoreError, type SecretStoreFault, type StoreKind } from '../../secrets/secret-store.ts'
import type { AuditRecord } from './finding.ts'

const attempts = 3
const pauseMs = 500
const maxKeptFaults = 100

/** Faults that say nothing of other workspaces. */
const ofOneWorkspace: readonly SecretStoreFault[] = ['FORBIDDEN', 'SIGN_IN_REFUSED', 'NOT_CONFIGURED']

/** Asks stores as long as they answer: one that is down is not asked for each of 100,000 values. */
export class StoreAccess {
  readonly #closed = new Set<string>()
  readonly #record: AuditRecord

  constructor(record: AuditRecord) {
    this.#record = record
  }

  /** Whether `work` was done. Throws the `SecretStoreError` of what is UNREADABLE. */
  async ask(store: StoreKind, workspaceId: string, work: () => Promise<void>): Promise<boolean> {
    for (let attempt = 1; this.#mayAsk(store, workspaceId); attempt++) {
      try {
        await work()
        return true
      } catch (error) {
        if (!(error instanceof SecretStoreError) || error.reason === 'UNREADABLE') throw error
        if (attempt < attempts) await sleep(pauseMs)
        else this.#failed(workspaceId, error)
      }
    }
    this.#record.notAsked++
    return false
  }

  /** Of the next workspace it is asked again, unless it is down for all. */
  leave(workspaceId: string): void {
    for (const each of this.#closed) if (each.endsWith(` ${workspaceId}`)) this.#closed.delete(each)
  }

  #mayAsk(store: StoreKind, workspaceId: string): boolean {
    return !this.#closed.has(store) && !this.#closed.has(`${store} ${workspaceId}`)
  }

  #failed(workspaceId: string, { store, fault, message }: SecretStoreError): void {
    this.#closed.add(ofOneWorkspace.includes(fault) ? `${store} ${workspaceId}` : store)
    if (this.#record.faults.size < maxKeptFaults) this.#record.faults.add(`${store} ${fault}: ${message}`)
  }
}
