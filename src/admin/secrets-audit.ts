import { setImmediate as immediate } from 'node:timers/promises'
import type { SecretStores } from '../secrets/secret-store.ts'
import { vaultPaths } from '../secrets/vault/vault-paths.ts'
import { auditKeys } from './audit/audit-keys.ts'
import { auditListedOrphans, auditSealedOrphans, type ListedStore } from './audit/audit-orphans.ts'
import { auditConnectors, auditVersionRows } from './audit/audit-rows.ts'
import { auditValues } from './audit/audit-values.ts'
import { AuditRecord, type Finding, type FindingKind, findingWords } from './audit/finding.ts'
import { StoreAccess } from './audit/store-access.ts'
import {
  type AdminSettings,
  type Command,
  type CommandResult,
  exitCodes,
  type OpenKeys,
  type OpenSecrets,
  optionText,
} from './command.ts'
import { counted } from './counted.ts'
import { assertWorkspaceKnown, workspacesOf } from './workspaces.ts'

export const secretsAudit: Command = {
  name: 'secrets:audit',
  summary: 'Compares all secrets with their stores and opens each of them; changes nothing.',
  usage: [
    '--workspace ID   of one workspace only',
    '--json           one JSON object instead of text',
    '',
    'Ends with 0 when nothing is wrong, 1 when something is, 3 when a store could not be asked for all of them.',
  ],
  options: { workspace: { type: 'string' } },
  async run(admin, options) {
    const only = optionText(options, 'workspace')
    const world = await admin.openSecrets()
    const listed = listedStores(world.stores, admin.settings)
    const record = new AuditRecord()
    const access = new StoreAccess(record)
    for await (const workspaceId of only === null ? workspacesOf(world.database) : [only]) {
      if (admin.signal.aborted) break
      await auditWorkspace(world, listed, workspaceId, access, record, admin.signal)
      record.workspaces++
      // SQLite answers at once: signals want a turn.
      await immediate()
      access.leave(workspaceId)
      if (record.workspaces % 100 === 0) admin.progress(`${counted(record.workspaces, 'workspace')} looked at.`)
    }
    // A store may hold something of one that the database has forgotten.
    const isNothing = record.opened + record.notAsked + record.found === 0
    if (only !== null && isNothing) await assertWorkspaceKnown(world.database, only)
    return resultOf(record, admin.signal.aborted)
  },
}

async function auditWorkspace(
  world: OpenKeys & OpenSecrets,
  listed: readonly ListedStore[],
  workspaceId: string,
  access: StoreAccess,
  record: AuditRecord,
  signal: AbortSignal,
): Promise<void> {
  const { database, stores } = world
  await auditKeys(world, workspaceId, record)
  await auditConnectors(database, workspaceId, record)
  await auditVersionRows(database, stores, workspaceId, new Date(), record)
  await auditValues(world, workspaceId, access, record, signal)
  await auditSealedOrphans(database, workspaceId, record)
  for (const store of listed) {
    if (!signal.aborted) await auditListedOrphans(database, store, workspaceId, access, record)
  }
}

/** The embedded store is compared by a query instead. */
function listedStores(stores: SecretStores, { vault }: AdminSettings): readonly ListedStore[] {
  if (vault === null) return []
  const paths = vaultPaths(vault)
  return [{ store: stores.of('VAULT'), pathOf: paths.metadata }]
}

function resultOf(record: AuditRecord, isStopped: boolean): CommandResult {
  const { workspaces, opened, notAsked, underRetiredKeys, counts, findings, found } = record
  const kinds = Object.keys(findingWords) as FindingKind[]
  const lines = [
    `${counted(opened, 'set of secrets', 'sets of secrets')} in ${counted(workspaces, 'workspace')} can be opened.`,
    ...(underRetiredKeys > 0
      ? [
          `${underRetiredKeys.toLocaleString('en')} of them are sealed under keys that are being replaced: "keys:rotate" has not been finished.`,
        ]
      : []),
    ...(notAsked > 0 ? [`For ${notAsked.toLocaleString('en')} of them a store could not be asked:`] : []),
    ...[...record.faults].map(fault => `  ${fault}`),
    ...kinds.flatMap(kind => {
      const count = counts[kind] ?? 0
      const own = findings.filter(finding => finding.kind === kind)
      return count === 0
        ? []
        : [
            `${kind}: ${counted(count, nounOf(kind))} ${findingWords[kind]}:`,
            ...own.map(finding => `  ${wordsOf(finding)}`),
            ...(count > own.length ? [`  and ${(count - own.length).toLocaleString('en')} more`] : []),
          ]
    }),
    ...(isStopped ? ['Stopped before the end.'] : found === 0 && notAsked === 0 ? ['Nothing is wrong.'] : []),
  ]
  const exitCode = found > 0 || isStopped ? exitCodes.LEFT : notAsked > 0 ? exitCodes.NOT_ASKED : exitCodes.DONE
  const faults = [...record.faults]
  return {
    exitCode,
    lines,
    json: { workspaces, opened, notAsked, faults, underRetiredKeys, counts, findings, complete: !isStopped },
  }
}

const nounOf = (kind: FindingKind): string => (kind.startsWith('KEY_') ? 'key' : 'secret')

function wordsOf({ kind: _, ...ids }: Finding): string {
  return Object.entries(ids)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ')
}
