import { checkChain } from '../../../src/admin/audit-log/chain-check.ts'
import type { OpenKeys } from '../../../src/admin/command.ts'
import type { AuditRow } from '../../../src/db/audit-store.ts'
import type { Database } from '../../../src/db/database.ts'
import type { WorkspaceScope } from '../../../src/db/workspace-scope.ts'

/** What is there, at its version. */
interface Live {
  readonly id: string
  readonly version: number
}

const nouns = ['CONNECTOR', 'DATASET'] as const

/** Whether every change has its entry, and every entry its change: what is wrong, one line each. */
export async function auditFaults({ read, tables }: Database): Promise<readonly string[]> {
  const entries = await read.select().from(tables.auditLog)
  const live = {
    CONNECTOR: await read
      .select({ id: tables.connectors.id, version: tables.connectors.version })
      .from(tables.connectors),
    DATASET: await read.select({ id: tables.datasets.id, version: tables.datasets.version }).from(tables.datasets),
  }
  return nouns.flatMap(noun => {
    const own = Map.groupBy(
      entries.filter(row => row.targetKind === noun && row.outcome === 'DONE' && row.action.endsWith(`_${noun}`)),
      row => row.targetId ?? '',
    )
    const ids = new Set([...own.keys(), ...live[noun].map(({ id }) => id)])
    return [...ids].flatMap(id =>
      faultsOf(
        noun,
        id,
        own.get(id) ?? [],
        live[noun].find(row => row.id === id),
      ),
    )
  })
}

function faultsOf(noun: string, id: string, entries: readonly AuditRow[], live: Live | undefined): readonly string[] {
  const of = (verb: string) => entries.filter(row => row.action === `${verb}_${noun}`).map(versionOf)
  const [created, deleted] = [of('CREATE'), of('DELETE')]
  // An update that changes nothing is told of as well, and raises no version.
  const updated = entries.filter(row => row.action === `UPDATE_${noun}` && row.changedFields.length > 0).map(versionOf)
  const last = live?.version ?? deleted[0] ?? 0
  const expected = Array.from({ length: Math.max(0, last - 1) }, (_, index) => index + 2)
  const isRight =
    created.join() === '1' &&
    deleted.length === (live ? 0 : 1) &&
    updated.toSorted((a, b) => a - b).join() === expected.join()
  const told = `created ${created}, updated ${updated}, deleted ${deleted}`
  return isRight ? [] : [`${noun} ${id} is ${live ? `at version ${live.version}` : 'gone'}, but audited as ${told}`]
}

const versionOf = (row: AuditRow): number => Number(row.details['version'])

/** What `audit:verify` says is wrong. */
export async function chainFaults(world: OpenKeys, workspace: WorkspaceScope): Promise<readonly string[]> {
  const faults: string[] = []
  await checkChain(world, workspace, {
    onFault: fault => faults.push(`audit log: ${JSON.stringify(fault)}`),
    expected: null,
    signal: new AbortController().signal,
    // Old enough that everything must be sealed.
    now: new Date(Date.now() + 3_600_000),
  })
  return faults
}
