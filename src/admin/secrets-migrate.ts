import { setTimeout as sleep } from 'node:timers/promises'
import { and, asc, eq, gt, ne, or } from 'drizzle-orm'
import { scopeOfRow } from '../db/scope-of-row.ts'
import { SecretStoreError, type SecretStoreFault, type StoreKind } from '../secrets/secret-store.ts'
import type { AuditLog } from '../services/audit.ts'
import { moveSecrets } from '../services/move-secrets.ts'
import { operatorAudit, operatorOf } from './audit-log/operator-audit.ts'
import {
  type Admin,
  type AdminSettings,
  type Command,
  type CommandOptions,
  exitCodes,
  type OpenKeys,
  type OpenSecrets,
  optionText,
  UsageError,
} from './command.ts'
import { counted } from './counted.ts'
import { withGap } from './gaps.ts'
import { assertWorkspaceKnown } from './workspaces.ts'

const pageSize = 100
const defaultRate = 20
const maxAttempts = 5
/** After so many failures in a row the store is taken to be down; not letting one workspace in counts once. */
const maxFailuresInARow = 5
/** Faults that say nothing of other workspaces. */
const ofOneWorkspace: readonly SecretStoreFault[] = ['FORBIDDEN', 'SIGN_IN_REFUSED', 'NOT_CONFIGURED', 'WITHDRAWN']
const maxKeptFaults = 1000
const progressMs = 5_000

export const secretsMigrate: Command = {
  name: 'secrets:migrate',
  summary: 'Moves the secrets of connectors to another store while servers go on.',
  usage: [
    '--to vault|sealed   where to',
    '--workspace ID      of one workspace only',
    `--rate N            at most N connectors in a second (${defaultRate})`,
    '--json              one JSON object instead of text',
    '',
    'May be ended and started again at any time. Every running server must know the store already: VAULT_ADDR.',
    'Ends with 0 when all secrets lie there, 1 when some could not be moved, 3 when a store does not answer.',
  ],
  options: { to: { type: 'string' }, workspace: { type: 'string' }, rate: { type: 'string' } },
  async run(admin, options) {
    const { to, workspaceId, rate } = readOptions(options, admin.settings)
    const world = await admin.openSecrets()
    if (workspaceId !== null) await assertWorkspaceKnown(world.database, workspaceId)
    const record: MigrationRecord = { moved: 0, retried: 0, failed: [], failures: 0, isDown: false, isMoreLeft: false }
    const { audit, seal } = operatorAudit(world)
    await moveAll(admin, { ...world, audit }, { to, workspaceId, rate }, record)
    await seal()
    return resultOf(record, to, admin)
  },
}

interface Migration {
  readonly to: StoreKind
  readonly workspaceId: string | null
  readonly rate: number
}

interface MigrationRecord {
  moved: number
  /** Times that a connector was changed while its secrets were being moved. */
  retried: number
  readonly failed: { readonly workspaceId: string; readonly connectorId: string; readonly fault: string }[]
  failures: number
  isDown: boolean
  /** Whether secrets were saved in the other store behind the walk. */
  isMoreLeft: boolean
}

function readOptions(options: CommandOptions, { vault }: AdminSettings): Migration {
  const target = optionText(options, 'to')
  if (target !== 'vault' && target !== 'sealed') throw new UsageError('--to must be vault or sealed.')
  if (target === 'vault' && vault === null) {
    throw new UsageError(
      'VAULT_ADDR is not set. Set it for every server first and restart them, so that all of them can read from Vault; then set it here and repeat this.',
    )
  }
  const rate = optionText(options, 'rate') ?? String(defaultRate)
  if (!/^[1-9]\d{0,4}$/.test(rate)) throw new UsageError('--rate must be a whole number from 1 to 99999.')
  return {
    to: target === 'vault' ? 'VAULT' : 'SEALED',
    workspaceId: optionText(options, 'workspace'),
    rate: Number(rate),
  }
}

type World = OpenKeys & OpenSecrets & { readonly audit: AuditLog }

async function moveAll(admin: Admin, world: World, migration: Migration, record: MigrationRecord): Promise<void> {
  let after: Position | null = null
  let inARow = 0
  let refused: string | null = null
  let toldAt = performance.now()
  for (;;) {
    const page: readonly Position[] = await connectorsElsewhere(world, migration, after)
    for (const connector of page) {
      if (admin.signal.aborted) return
      const start = performance.now()
      const fault = await withGap(() => move(world, connector, migration.to, record))
      const isRefused = fault !== null && ofOneWorkspace.includes(fault.fault)
      if (fault?.reason !== 'UNAVAILABLE') inARow = 0
      else if (!isRefused || refused !== connector.workspaceId) inARow++
      refused = isRefused ? connector.workspaceId : null
      if (fault !== null) note(record, connector, fault)
      if (inARow === maxFailuresInARow) {
        record.isDown = true
        return
      }
      if (performance.now() - toldAt > progressMs) {
        admin.progress(`${counted(record.moved, 'connector')} moved.`)
        toldAt = performance.now()
      }
      await sleep(Math.max(0, 1000 / migration.rate - (performance.now() - start)))
    }
    const last = page.at(-1)
    if (!last || page.length < pageSize) break
    after = last
  }
  // What could not be moved lies there as well, and has been said already.
  if (record.failures === 0) record.isMoreLeft = (await connectorsElsewhere(world, migration, null)).length > 0
}

function note(record: MigrationRecord, { workspaceId, connectorId }: Position, { store, fault }: SecretStoreError) {
  record.failures++
  if (record.failed.length < maxKeptFaults) record.failed.push({ workspaceId, connectorId, fault: `${store} ${fault}` })
}

interface Position {
  readonly workspaceId: string
  readonly connectorId: string
}

async function connectorsElsewhere(
  { database: { read, tables } }: World,
  { to, workspaceId }: Migration,
  after: Position | null,
): Promise<readonly Position[]> {
  const { connectors, secretVersions } = tables
  return read
    .select({ workspaceId: connectors.workspaceId, connectorId: connectors.id })
    .from(connectors)
    .innerJoin(
      secretVersions,
      and(eq(secretVersions.workspaceId, connectors.workspaceId), eq(secretVersions.id, connectors.secretVersionId)),
    )
    .where(
      and(
        ne(secretVersions.store, to),
        workspaceId === null ? undefined : eq(connectors.workspaceId, workspaceId),
        after === null
          ? undefined
          : or(
              gt(connectors.workspaceId, after.workspaceId),
              and(eq(connectors.workspaceId, after.workspaceId), gt(connectors.id, after.connectorId)),
            ),
      ),
    )
    .orderBy(asc(connectors.workspaceId), asc(connectors.id))
    .limit(pageSize)
}

/** Null when it lies there now, or needs not. */
async function move(
  world: World,
  connector: Position,
  to: StoreKind,
  record: MigrationRecord,
): Promise<SecretStoreError | null> {
  try {
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const outcome = await moveSecrets(world, operatorOf(scopeOfRow(connector)), connector.connectorId, to)
      if (outcome === 'MOVED') record.moved++
      if (outcome !== 'CHANGED') return null
      record.retried++
    }
    return new SecretStoreError(to, 'WITHDRAWN')
  } catch (error) {
    if (error instanceof SecretStoreError) return error
    throw error
  }
}

function resultOf(record: MigrationRecord, to: StoreKind, admin: Admin) {
  const { moved, retried, failed, failures, isDown, isMoreLeft } = record
  const isStopped = admin.signal.aborted
  const goesOnElsewhere = admin.settings.secretStore !== to.toLowerCase()
  const lines = [
    `${counted(moved, 'connector')} moved to ${to}.`,
    ...(failures > 0 ? [`${counted(failures, 'connector')} could not be moved:`] : []),
    ...failed.map(each => `  workspace ${each.workspaceId}, connector ${each.connectorId}: ${each.fault}`),
    ...(failures > failed.length ? [`  and ${counted(failures - failed.length, 'other')}`] : []),
    ...(isDown ? ['A store does not answer. Repeat this when it does: it goes on where it was.'] : []),
    ...(isMoreLeft ? ['Others were saved in the other store meanwhile. Repeat this.'] : []),
    ...(isStopped ? ['Stopped before the end. Repeat this: it goes on where it was.'] : []),
    ...(goesOnElsewhere
      ? [
          `New secrets still go to the other store, because SECRET_STORE is ${admin.settings.secretStore}: set it to ${to.toLowerCase()} for every server, then repeat this.`,
        ]
      : []),
  ]
  const exitCode = isDown
    ? exitCodes.NOT_ASKED
    : failures > 0 || isMoreLeft || isStopped
      ? exitCodes.LEFT
      : exitCodes.DONE
  const complete = !isDown && !isMoreLeft && !isStopped
  return { exitCode, lines, json: { to, moved, retried, failures, failed, complete } }
}
