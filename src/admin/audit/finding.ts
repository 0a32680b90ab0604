import type { StoreKind } from '../../secrets/secret-store.ts'

/** What can be wrong with stored secrets, in words that go on after a number. */
export const findingWords = {
  MISSING: 'that are not in their store',
  DAMAGED: 'that cannot be opened',
  ORPHANED: 'in a store of which no row speaks',
  STUCK: 'that should have been removed by now',
  UNUSABLE: 'of connectors that are not there, or not in use',
  UNREFERENCED: 'in use that no connector uses',
  KEY_DAMAGED: 'that cannot be unwrapped',
  KEY_UNREADABLE: 'wrapped by a master key that was not given',
} as const
export type FindingKind = keyof typeof findingWords

/** Ids only: nothing that was read. */
export interface Finding {
  readonly kind: FindingKind
  readonly workspaceId: string
  readonly connectorId?: string
  readonly versionId?: string
  readonly store?: StoreKind
  readonly state?: string
  /** Where it lies in Vault. */
  readonly path?: string
  readonly keyId?: string
  readonly masterKeyId?: string
}

/** Kept of each kind; the others are counted. */
const maxKept = 10_000

/** What was found, and what was looked at. */
export class AuditRecord {
  workspaces = 0
  /** Values that opened. */
  opened = 0
  /** Values that could not be asked for, and lists of a store that could not be had. */
  notAsked = 0
  /** Why, each once. */
  readonly faults = new Set<string>()
  underRetiredKeys = 0
  readonly counts: Partial<Record<FindingKind, number>> = {}
  readonly findings: Finding[] = []

  add(finding: Finding): void {
    const count = (this.counts[finding.kind] ?? 0) + 1
    this.counts[finding.kind] = count
    if (count <= maxKept) this.findings.push(finding)
  }

  get found(): number {
    return Object.values(this.counts).reduce((sum, count) => sum + count, 0)
  }
}
