import { and, asc, eq, gt } from 'drizzle-orm'
import type { Database, Writer } from '../db/database.ts'
import { WorkspaceScope } from '../db/workspace-scope.ts'
import { type KeyPosition, removeUnusedMasterKeys, rewrapSomeKeys } from '../secrets/rotate-master-key.ts'
import { removeRetiredKeys, replaceWorkspaceKey, resealSomeValues } from '../secrets/rotate-workspace-key.ts'
import { operatorAudit } from './audit-log/operator-audit.ts'
import {
  type Admin,
  type Command,
  type CommandOptions,
  type CommandResult,
  exitCodes,
  type OpenKeys,
  optionText,
  UsageError,
} from './command.ts'
import { counted } from './counted.ts'
import { withGap } from './gaps.ts'

/** Rows changed in one transaction: some milliseconds. */
const batchSize = 50
const pageSize = 500
/** Of two rotations to different keys at once neither comes to an end by itself. */
const maxWalks = 10

export const keysRotate: Command = {
  name: 'keys:rotate',
  summary: 'Replaces the master key, or the keys of workspaces, while servers go on.',
  usage: [
    '--master            wraps all keys of workspaces by MASTER_KEY_FILE; the old one is in MASTER_KEY_OTHER_FILES',
    '--workspace ID      seals the secrets of a workspace under a new key, and deletes the old one',
    '--all-workspaces    the same for every workspace',
    '--back              with --master, also when MASTER_KEY_FILE is the older key of the two',
    '--before TIME       only keys made before that time, such as 2026-11-22T18:00:00Z: goes on with what was ended',
    '--json              one JSON object instead of text',
    '',
    'May be ended and started again at any time. Restart every server with the new master key before --master.',
    'Ends with 0 when no old key is left, 1 when one has to stay.',
  ],
  options: {
    master: { type: 'boolean' },
    back: { type: 'boolean' },
    workspace: { type: 'string' },
    'all-workspaces': { type: 'boolean' },
    before: { type: 'string' },
  },
  async run(admin, options) {
    const workspaceId = optionText(options, 'workspace')
    const [isMaster, isAll] = [options['master'] === true, options['all-workspaces'] === true]
    if ([isMaster, isAll, workspaceId !== null].filter(Boolean).length !== 1) {
      throw new UsageError('Give one of --master, --workspace and --all-workspaces.')
    }
    const before = readTime(options)
    if (isMaster && options['before'] !== undefined) throw new UsageError('--before does not go with --master.')
    const mayGoBack = options['back'] === true
    if (!isMaster && mayGoBack) throw new UsageError('--back goes with --master only.')
    const world = await admin.openKeys()
    if (isMaster && !mayGoBack) await assertNewest(world)
    return isMaster ? rotateMasterKey(admin, world) : rotateWorkspaceKeys(admin, world, workspaceId, before)
  },
}

function readTime(options: CommandOptions): Date {
  const text = optionText(options, 'before')
  const time = text === null ? new Date() : new Date(text)
  if (text !== null && (!/^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/.test(text) || Number.isNaN(time.getTime()))) {
    throw new UsageError('--before must be a time such as 2026-11-22T18:00:00Z.')
  }
  return time
}

/** With the settings of before a rotation, what servers have made since would be wrapped by the old key again. */
async function assertNewest({ database, masterKeys: { primary, others } }: OpenKeys): Promise<void> {
  const { masterKeys } = database.tables
  const known = await database.read.select({ id: masterKeys.id, createdAt: masterKeys.createdAt }).from(masterKeys)
  const since = known.find(({ id }) => id === primary.id)?.createdAt
  const newer = others.find(other => known.some(({ id, createdAt }) => id === other.id && since && createdAt > since))
  if (newer) {
    throw new UsageError(
      `${newer.file} is newer than ${primary.file}: set MASTER_KEY_FILE to it, and put the other one into MASTER_KEY_OTHER_FILES. To go back to the older one, add --back.`,
    )
  }
}

/** Tells the audit logs of the workspaces whose keys are replaced, or wrapped by another master key. */
function rotationAudit(world: OpenKeys) {
  const { audit, operator, seal } = operatorAudit(world)
  const tell = (key: 'MASTER' | 'WORKSPACE') => async (tx: Writer, workspaceIds: readonly string[]) => {
    for (const id of workspaceIds) {
      await audit.record(tx, operator(WorkspaceScope.of(id)), { action: 'ROTATE_KEY', details: { key } })
    }
  }
  return { tell, seal }
}

async function rotateMasterKey(admin: Admin, world: OpenKeys): Promise<CommandResult> {
  const { database, masterKeys } = world
  const { tell, seal } = rotationAudit(world)
  let rewrapped = 0
  let unreadable = 0
  // Servers may make keys under the old one until it is removed, so it is walked until there is nothing left to do.
  let isDone = false
  for (let walk = 1; !isDone && walk <= maxWalks && !admin.signal.aborted; walk++) {
    isDone = true
    unreadable = 0
    let after: KeyPosition | null = null
    do {
      const step = await withGap(() => rewrapSomeKeys(database, masterKeys, after, batchSize, tell('MASTER')))
      rewrapped += step.rewrapped
      unreadable += step.unreadable
      if (step.rewrapped > 0) isDone = false
      after = step.next
    } while (after !== null && !admin.signal.aborted)
  }
  const removed = admin.signal.aborted ? [] : await removeUnusedMasterKeys(database, masterKeys)
  await seal()
  const { masterKeys: table } = database.tables
  const left = (await database.read.select({ id: table.id }).from(table)).filter(
    ({ id }) => id !== masterKeys.primary.id,
  )
  const freed = masterKeys.others.filter(
    key => key.id !== masterKeys.primary.id && !left.some(({ id }) => id === key.id),
  )
  const lines = [
    `${counted(rewrapped, 'key')} of workspaces wrapped anew by ${masterKeys.primary.file}.`,
    ...freed.map(({ file, id }) =>
      removed.includes(id)
        ? `${file} protects nothing any more: take it out of MASTER_KEY_OTHER_FILES. Backups of the database from before now need it: keep it as long as you keep them.`
        : `${file} protects nothing here. If it was replaced before, take it out of MASTER_KEY_OTHER_FILES; if it is to be the new key, set MASTER_KEY_FILE to it first.`,
    ),
    ...(unreadable > 0
      ? [`${counted(unreadable, 'key')} could not be unwrapped; "secrets:audit" says which.`]
      : left.length > 0
        ? ['Not done yet. Repeat this: it goes on where it was.']
        : []),
  ]
  return {
    exitCode: left.length > 0 || unreadable > 0 ? exitCodes.LEFT : exitCodes.DONE,
    lines,
    json: { rewrapped, unreadable, removed, left: left.map(({ id }) => id), files: freed.map(({ file }) => file) },
  }
}

async function rotateWorkspaceKeys(
  admin: Admin,
  world: OpenKeys,
  only: string | null,
  before: Date,
): Promise<CommandResult> {
  const record = { workspaces: 0, newKeys: 0, resealed: 0, removedKeys: 0, unreadable: 0, keysLeft: 0 }
  if (only !== null && !(await hasKeys(world.database, only)))
    throw new UsageError(`The workspace ${only} has no keys.`)
  if (only === null) admin.progress(`To go on with this should it be ended, add --before ${before.toISOString()}.`)
  const { tell, seal } = rotationAudit(world)
  for await (const workspaceId of only === null ? workspacesWithKeys(world.database) : [only]) {
    if (admin.signal.aborted) break
    const { primary } = world.masterKeys
    const onReplaced = (tx: Writer) => tell('WORKSPACE')(tx, [workspaceId])
    if (await replaceWorkspaceKey(world.database, primary, workspaceId, before, onReplaced)) {
      record.newKeys++
      world.keyring.forgetCurrent(workspaceId, 'SECRETS')
    }
    const { resealed, unreadable, removed, left } = await resealWorkspace(admin, world, workspaceId)
    record.workspaces++
    record.resealed += resealed
    record.unreadable += unreadable
    record.removedKeys += removed
    record.keysLeft += left
    if (record.workspaces % 100 === 0) admin.progress(`${counted(record.workspaces, 'workspace')} done.`)
  }
  await seal()
  const isStopped = admin.signal.aborted
  const lines = [
    `${counted(record.newKeys, 'new key')}; ${counted(record.resealed, 'set of secrets', 'sets of secrets')} sealed anew; ${counted(record.removedKeys, 'old key')} deleted.`,
    ...(record.keysLeft > 0 && !isStopped
      ? [
          `${counted(record.keysLeft, 'old key')} had to stay, because ${counted(record.unreadable, 'set of secrets', 'sets of secrets')} cannot be opened; "secrets:audit" says which.`,
        ]
      : []),
    ...(isStopped
      ? [`Stopped before the end. Repeat this with --before ${before.toISOString()}: it goes on where it was.`]
      : []),
  ]
  return {
    exitCode: isStopped || record.keysLeft > 0 ? exitCodes.LEFT : exitCodes.DONE,
    lines,
    json: { ...record, before: before.toISOString(), complete: !isStopped },
  }
}

/** Until nothing lies under an old key any more, but what cannot be opened. */
async function resealWorkspace(admin: Admin, { database, keyring }: OpenKeys, workspaceId: string) {
  let resealed = 0
  for (;;) {
    let after: string | null = ''
    let [changed, unreadable] = [0, 0]
    while (after !== null && !admin.signal.aborted) {
      const from: string = after
      const step = await withGap(() => resealSomeValues(database, keyring, workspaceId, from, batchSize))
      changed += step.resealed
      unreadable += step.unreadable
      after = step.next
    }
    resealed += changed
    const keys = await removeRetiredKeys(database, workspaceId)
    if (keys.left === 0 || changed === 0 || admin.signal.aborted) return { resealed, unreadable, ...keys }
  }
}

async function hasKeys({ read, tables: { workspaceKeys } }: Database, workspaceId: string): Promise<boolean> {
  const ofWorkspace = and(eq(workspaceKeys.workspaceId, workspaceId), eq(workspaceKeys.purpose, 'SECRETS'))
  return (await read.$count(workspaceKeys, ofWorkspace)) > 0
}

async function* workspacesWithKeys({ read, tables: { workspaceKeys } }: Database): AsyncGenerator<string> {
  for (let after = ''; ; ) {
    const page = await read
      .selectDistinct({ id: workspaceKeys.workspaceId })
      .from(workspaceKeys)
      .where(and(eq(workspaceKeys.purpose, 'SECRETS'), gt(workspaceKeys.workspaceId, after)))
      .orderBy(asc(workspaceKeys.workspaceId))
      .limit(pageSize)
    for (const { id } of page) yield id
    const last = page.at(-1)
    if (!last || page.length < pageSize) return
    after = last.id
  }
}
