import { eq } from 'drizzle-orm'
import type { Database } from '../../src/db/database.ts'
import { decodeGlobalId } from '../../src/schema/global-id.ts'
import { viewerOf } from '../viewers.ts'
import { type Belongings, fill } from './belongings.ts'
import type { Parties } from './probes.ts'
import { openTenantWorld, type TenantWorld, type TenantWorldOptions } from './tenant-world.ts'
import type { Walk } from './walk.ts'

export type Work<T> = (walk: Walk, parties: Parties) => Promise<T>

/** North, which nobody may touch, and workspaces like south that try. */
export interface WalkWorld extends AsyncDisposable {
  readonly tenants: TenantWorld
  readonly north: Belongings
  readonly south: Belongings
  /** Works in south, of which nothing is used up. */
  inSouth<T>(work: Work<T>): Promise<T>
  /** Works in a new workspace with the same names as south. */
  inAnother<T>(work: Work<T>): Promise<T>
  /** A new workspace with the same names as south. */
  open(): Promise<Place>
}

export interface Place extends AsyncDisposable {
  readonly workspace: string
  work<T>(work: Work<T>): Promise<T>
}

export async function openWalkWorld(
  database: Database,
  { depth, ...options }: TenantWorldOptions & { readonly depth: number },
): Promise<WalkWorld> {
  const tenants = await openTenantWorld(database, options)
  const filled = await fill(tenants.tenant('north'), 'north', true)
  const north = { ...filled, actorId: await actAsAnother(tenants) }
  const south = await fill(tenants.tenant('south'), 'south')

  /** Cancels what runs in a workspace, but for one test. */
  const cancelAll = async (workspace: string, exceptId: string | undefined): Promise<void> => {
    const { connectionTests } = database.tables
    const rows = await database.read.select().from(connectionTests).where(eq(connectionTests.status, 'RUNNING'))
    const running = rows.filter(row => row.workspaceId === workspace && row.id !== exceptId)
    const { cancel } = tenants.services.connectionTests
    await Promise.all(running.map(row => cancel.call(tenants.services.connectionTests, viewerOf(workspace), row.id)))
  }
  const walkOf = (workspace: string): Walk => ({
    database,
    south: tenants.tenant(workspace),
    somebody: id => tenants.tenant(workspace, { id }),
    depth,
    settled: parties => cancelAll(workspace, decodeGlobalId(parties.south.runningTest)?.id),
  })

  let workspaces = 100
  const open = async (): Promise<Place> => {
    const workspace = `south-${workspaces++}`
    const own = await fill(tenants.tenant(workspace), 'south')
    return {
      workspace,
      work: work => work(walkOf(workspace), { north, south: own }),
      [Symbol.asyncDispose]: () => cancelAll(workspace, undefined),
    }
  }
  return {
    tenants,
    north,
    south,
    inSouth: work => work(walkOf('south'), { north, south }),
    async inAnother(work) {
      await using place = await open()
      return await place.work(work)
    },
    open,
    [Symbol.asyncDispose]: () => tenants[Symbol.asyncDispose](),
  }
}

/** Somebody in north of whom south has nobody of the same id. */
async function actAsAnother(tenants: TenantWorld): Promise<string> {
  const id = 'user:nora'
  const document =
    'mutation ($input: CreateApiTokenInput!) { createApiToken(input: $input) { ... on CreateApiTokenSuccess { token { id } } } }'
  await tenants
    .tenant('north', { id })
    .run({ document, variables: { input: { name: 'Noras', rights: { role: 'READER' } } } })
  return id
}
