import { setImmediate as immediate } from 'node:timers/promises'
import { type AuditStore, createAuditStore } from '../../db/audit-store.ts'
import type { WorkspaceScope } from '../../db/workspace-scope.ts'
import { createDigester } from '../../secrets/keyed-digester.ts'
import { auditIdTime } from '../../services/audit-ids.ts'
import { firstSeal, sealOf } from '../../services/audit-seal.ts'
import type { OpenKeys } from '../command.ts'

/** What can be wrong with an audit log, in words that go on after a place in it. */
export const chainFaultWords = {
  ALTERED: 'does not bear its seal: it, its seal or its place was altered',
  ENTRY_GONE: 'was sealed and is gone',
  SEAL_GONE: 'has no seal: one or more were dropped here',
  UNSEALED:
    'has no seal, though it is more than a minute old: it was added, its seal was dropped, or no server ran since',
  HEAD: 'is not what the log had there once: newer entries were cut off, or the log was replaced',
} as const
export type ChainFaultKind = keyof typeof chainFaultWords

export interface ChainFault {
  readonly kind: ChainFaultKind
  readonly workspaceId: string
  readonly sequence: number | null
  readonly entryId: string | null
}

/** A place in a chain that was written down once. */
export interface ChainHead {
  readonly sequence: number
  readonly seal: string
}

export interface ChainCheck {
  readonly entries: number
  /** Written in the last minute, and not sealed yet. */
  readonly pending: number
  readonly head: ChainHead | null
}

const pageSize = 500
/** Sealing takes a second while a server runs. */
const graceMs = 60_000

export interface ChainCheckOptions {
  /** Told of each fault. */
  readonly onFault: (fault: ChainFault) => void
  readonly expected: ChainHead | null
  readonly signal: AbortSignal
  readonly now: Date
}

/** Walks the whole audit log of a workspace along its seals, in bounded memory. */
export async function checkChain(
  { database, keyring }: Pick<OpenKeys, 'database' | 'keyring'>,
  workspace: WorkspaceScope,
  { onFault, expected, signal, now }: ChainCheckOptions,
): Promise<ChainCheck> {
  const store = createAuditStore(database)
  const digester = createDigester(keyring)
  const report = (kind: ChainFaultKind, sequence: number | null, entryId: string | null) =>
    onFault({ kind, workspaceId: workspace.id, sequence, entryId })
  let [entries, place, last] = [0, 0, firstSeal]
  let isExpected = expected === null
  while (!signal.aborted) {
    const page = await store.sealed(workspace, place, pageSize)
    for (const { seal, entry } of page) {
      const { sequence, entryId } = seal
      if (sequence !== place + 1) report('SEAL_GONE', place + 1, null)
      if (entry === null) report('ENTRY_GONE', sequence, entryId)
      else {
        entries++
        // The next one is judged by what stands here, so that each fault is told of where it is.
        const right = await sealOf(digester, entry, { sequence, previous: last })
        if (right !== seal.seal) report('ALTERED', sequence, entryId)
      }
      if (expected?.sequence === sequence) isExpected = expected.seal === seal.seal
      place = sequence
      last = seal.seal
    }
    if (page.length < pageSize) break
    // SQLite answers at once: signals want a turn.
    await immediate()
  }
  if (!isExpected && !signal.aborted) report('HEAD', expected?.sequence ?? null, null)
  const unsealed = await checkUnsealed(store, workspace, signal, id => report('UNSEALED', null, id), now)
  const head = place === 0 ? null : { sequence: place, seal: last }
  return { entries: entries + unsealed.count, pending: unsealed.pending, head }
}

async function checkUnsealed(
  store: AuditStore,
  workspace: WorkspaceScope,
  signal: AbortSignal,
  onOld: (id: string) => void,
  now: Date,
) {
  let [count, pending] = [0, 0]
  for (let after = ''; !signal.aborted; ) {
    const page = await store.unsealed(workspace, after, pageSize)
    for (const { id, at } of page) {
      const time = auditIdTime(id)
      const isRecent = time === at.getTime() && Math.abs(now.getTime() - time) < graceMs
      if (isRecent) pending++
      else onOld(id)
    }
    count += page.length
    const last = page.at(-1)
    if (!last || page.length < pageSize) break
    after = last.id
  }
  return { count, pending }
}
