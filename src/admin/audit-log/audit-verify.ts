import { createAuditStore } from '../../db/audit-store.ts'
import type { WorkspaceScope } from '../../db/workspace-scope.ts'
import { MasterKeyError } from '../../secrets/master-key.ts'
import { UnsealError } from '../../secrets/seal.ts'
import {
  type Admin,
  type Command,
  type CommandOptions,
  type CommandResult,
  exitCodes,
  type OpenKeys,
  optionText,
  UsageError,
} from '../command.ts'
import { counted } from '../counted.ts'
import { type ChainFault, type ChainHead, chainFaultWords, checkChain } from './chain-check.ts'
import { auditedWorkspaces, workspaceNamed } from './workspaces.ts'

/** Kept to be told of; the others are counted. */
const maxKeptFaults = 1000

export const auditVerify: Command = {
  name: 'audit:verify',
  summary: 'Finds what was altered, dropped, added or moved in the audit log behind Patchbay.',
  usage: [
    '--workspace ID        of one workspace only',
    '--head ID=PLACE:SEAL  this was the head of a workspace once; may be given several times',
    '--json                one JSON object instead of text',
    '',
    'Prints the head of every workspace. Keep them outside of the database: only against an older head does it show',
    'when the newest entries were cut off together with their seals.',
    'Ends with 0 when nothing is wrong, 1 when something is.',
  ],
  options: { workspace: { type: 'string' }, head: { type: 'string', multiple: true } },
  async run(admin, options) {
    const only = optionText(options, 'workspace')
    const expected = readHeads(options)
    const chosen = only === null ? null : workspaceNamed(only)
    const world = await admin.openKeys()
    const record = new VerifyRecord()
    if (chosen !== null) await verifyWorkspace(admin, world, chosen, expected, record)
    else {
      const store = createAuditStore(world.database)
      for await (const workspace of auditedWorkspaces(store, id => record.foreign.push(id))) {
        if (admin.signal.aborted) break
        await verifyWorkspace(admin, world, workspace, expected, record)
      }
      // Of these not a row is left.
      for (const id of expected.keys()) {
        if (record.heads.has(id) || admin.signal.aborted) continue
        await verifyWorkspace(admin, world, workspaceNamed(id), expected, record)
      }
    }
    return resultOf(record, admin.signal.aborted)
  },
}

class VerifyRecord {
  entries = 0
  pending = 0
  found = 0
  readonly faults: ChainFault[] = []
  /** Ids of workspaces that there cannot be. */
  readonly foreign: string[] = []
  /** Whose keys are gone or damaged, so that nothing can be said of them. */
  readonly unreadable: string[] = []
  readonly heads = new Map<string, ChainHead | null>()

  readonly add = (fault: ChainFault): void => {
    this.found++
    if (this.faults.length < maxKeptFaults) this.faults.push(fault)
  }
}

async function verifyWorkspace(
  { signal }: Pick<Admin, 'signal'>,
  world: OpenKeys,
  workspace: WorkspaceScope,
  expected: ReadonlyMap<string, ChainHead>,
  record: VerifyRecord,
): Promise<void> {
  try {
    const check = await checkChain(world, workspace, {
      onFault: record.add,
      expected: expected.get(workspace.id) ?? null,
      signal,
      now: new Date(),
    })
    record.entries += check.entries
    record.pending += check.pending
    record.heads.set(workspace.id, check.head)
  } catch (error) {
    if (!(error instanceof UnsealError || error instanceof MasterKeyError)) throw error
    record.unreadable.push(workspace.id)
    record.heads.set(workspace.id, null)
  }
}

function readHeads(options: CommandOptions): ReadonlyMap<string, ChainHead> {
  const given = options['head'] ?? []
  const texts = (Array.isArray(given) ? given : [given]).map(String)
  return new Map(
    texts.map(text => {
      const [, id = '', sequence = '', seal = ''] = /^([^=]+)=(\d{1,15}):([\w-]+)$/.exec(text.trim()) ?? []
      if (id === '') throw new UsageError(`--head needs ID=PLACE:SEAL, as "audit:verify" prints it, not "${text}".`)
      return [workspaceNamed(id).id, { sequence: Number(sequence), seal }]
    }),
  )
}

function resultOf(record: VerifyRecord, isStopped: boolean): CommandResult {
  const { entries, pending, found, faults, foreign, unreadable, heads } = record
  const isWrong = found + foreign.length + unreadable.length > 0
  const lines = [
    `${counted(entries, 'entry', 'entries')} in ${counted(heads.size, 'workspace')}.`,
    ...(pending > 0 ? [`${counted(pending, 'entry', 'entries')} of the last minute not sealed yet.`] : []),
    ...unreadable.map(id => `Workspace ${id}: its key cannot be unwrapped, so nothing can be said of it.`),
    ...foreign.map(id => `There are rows of "${id}", which is no workspace.`),
    ...faults.map(wordsOf),
    ...(found > faults.length ? [`And ${counted(found - faults.length, 'more fault')}.`] : []),
    ...[...heads].flatMap(([id, head]) => (head ? [`Head of ${id}: ${id}=${head.sequence}:${head.seal}`] : [])),
    ...(isStopped ? ['Stopped before the end.'] : isWrong ? [] : ['Nothing is wrong.']),
  ]
  return {
    exitCode: isWrong || isStopped ? exitCodes.LEFT : exitCodes.DONE,
    lines,
    json: {
      entries,
      pending,
      found,
      faults,
      foreign,
      unreadable,
      heads: Object.fromEntries(heads),
      complete: !isStopped,
    },
  }
}

function wordsOf({ kind, workspaceId, sequence, entryId }: ChainFault): string {
  const place = [
    `workspace ${workspaceId}`,
    ...(sequence === null ? [] : [`place ${sequence}`]),
    ...(entryId === null ? [] : [`entry ${entryId}`]),
  ].join(', ')
  return `${kind}: ${place}: ${chainFaultWords[kind]}.`
}
