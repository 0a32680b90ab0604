import { and, eq } from 'drizzle-orm'
import type { Database } from '../../../src/db/database.ts'
import { WorkspaceScope } from '../../../src/db/workspace-scope.ts'
import { createDigester } from '../../../src/secrets/keyed-digester.ts'
import { openKeyring } from '../../../src/secrets/keyring.ts'
import { createSealedStore } from '../../../src/secrets/sealed-store.ts'
import { SecretStoreError, type StoreKind, secretStores } from '../../../src/secrets/secret-store.ts'
import { moveSecrets } from '../../../src/services/move-secrets.ts'
import { createSecretVersions, type SecretVersions } from '../../../src/services/secret-versions.ts'
import { rememberingAudit, untold } from '../../services/audit-world.ts'
import { newMasterKey } from '../test-keys.ts'
import { type MemoryVaultOptions, memoryVault } from './memory-vault.ts'
import { UnreliableStore } from './unreliable-store.ts'

const hour = 3_600_000
const workspaceId = 'w1'
const workspace = WorkspaceScope.of(workspaceId)

/** A request that has stored its values and not saved them yet. */
export interface StagedWrite {
  readonly connectorId: string
  readonly password: string
  readonly versionId: string
  /** Of the connector when the request began; 0 for none. */
  readonly seenVersion: number
}

/** Parts of the protocol that may be left out, to see that the histories notice. */
export interface Omissions extends MemoryVaultOptions {
  readonly activatesAnything?: boolean
  readonly neverRetires?: boolean
}

/** What clients were told: the password of each connector. */
export type Acknowledged = Map<string, string>

/** The real protocol over a real database, two stores behind bad networks, and a clock that the test turns. */
export class HistoryWorld {
  readonly staged: StagedWrite[] = []
  readonly #database: Database
  readonly #stores: readonly UnreliableStore[]
  readonly #versions: SecretVersions
  readonly #clock: { ms: number }

  private constructor(
    database: Database,
    stores: readonly UnreliableStore[],
    versions: SecretVersions,
    clock: { ms: number },
  ) {
    this.#database = database
    this.#stores = stores
    this.#versions = versions
    this.#clock = clock
  }

  /** Opens what a history begins with: nothing, though the database was used by others before. */
  static async open(database: Database, primary: StoreKind, omissions: Omissions = {}): Promise<HistoryWorld> {
    const { connectors, sealedSecrets, secretVersions, workspaceKeys, masterKeys } = database.tables
    await database.write(async tx => {
      for (const table of [connectors, sealedSecrets, secretVersions, workspaceKeys, masterKeys]) await tx.delete(table)
    })
    const keyring = await openKeyring(database, await newMasterKey())
    const clock = { ms: Date.parse('2026-01-01T00:00:00.000Z') }
    const unreliable = [createSealedStore(database, keyring), memoryVault(omissions)].map(
      inner => new UnreliableStore(inner, () => clock.ms),
    )
    const [first, ...others] = unreliable.map(({ store }) => store).toSorted(store => (store.kind === primary ? -1 : 1))
    if (!first) throw new Error('There are two stores.')
    const digester = createDigester(keyring)
    const now = () => new Date(clock.ms)
    const complete = createSecretVersions({ database, stores: secretStores(first, others), digester, now })
    const versions = {
      ...complete,
      ...(omissions.activatesAnything && {
        activate: async (...[tx, , id]: Parameters<SecretVersions['activate']>) =>
          void (await tx.update(secretVersions).set({ state: 'ACTIVE' }).where(eq(secretVersions.id, id)).returning()),
      }),
      ...(omissions.neverRetires && { retire: async () => undefined }),
    }
    return new HistoryWorld(database, unreliable, versions, clock)
  }

  store(kind: StoreKind): UnreliableStore {
    const found = this.#stores.find(({ store }) => store.kind === kind)
    if (!found) throw new Error(`There is no store ${kind}.`)
    return found
  }

  /** Time goes by. What is under way arrives within the quarantine, at the last moment. */
  async wait(ms: number): Promise<void> {
    for (const store of this.#stores) await store.deliver(this.#clock.ms + ms - 23 * hour)
    this.#clock.ms += ms
  }

  async stage(connectorId: string, password: string): Promise<void> {
    const row = await this.#find(connectorId)
    const previous = row?.secretVersionId ?? null
    const { versionId } = await this.#versions.stage(workspace, connectorId, { password }, previous)
    this.staged.push({ connectorId, password, versionId, seenVersion: row?.version ?? 0 })
  }

  /** As the connector service does it. Answers whether it was saved; what is refused is withdrawn. */
  async save(write: StagedWrite, isAnswerLost: boolean): Promise<boolean> {
    const isSaved = await this.#database
      .write(tx => this.#activate(tx, write))
      .then(
        () => true,
        error => {
          if (error instanceof Refusal || error instanceof SecretStoreError) return false
          throw error
        },
      )
    if (!isSaved || isAnswerLost) await this.#versions.discard(workspace, write.versionId)
    return isSaved
  }

  async #activate(tx: Parameters<Parameters<Database['write']>[0]>[0], write: StagedWrite): Promise<void> {
    const { connectors } = this.#database.tables
    const { connectorId: id, versionId: secretVersionId, seenVersion } = write
    await this.#versions.activate(tx, workspace, secretVersionId)
    const [current] = await tx.select().from(connectors).where(this.#is(id))
    if ((current?.version ?? 0) !== seenVersion) throw new Refusal()
    const at = new Date(this.#clock.ms)
    const version = seenVersion + 1
    if (current) {
      await tx.update(connectors).set({ secretVersionId, version }).where(this.#is(id)).returning()
      if (current.secretVersionId) await this.#versions.retire(tx, workspace, current.secretVersionId)
      return
    }
    const naming = { workspaceId, id, name: id, nameKey: id, typeName: 'POSTGRES', config: {} }
    await tx
      .insert(connectors)
      .values({ ...naming, version, secretVersionId, createdAt: at, updatedAt: at })
      .returning()
  }

  async remove(connectorId: string): Promise<void> {
    const { connectors } = this.#database.tables
    await this.#database.write(async tx => {
      const [removed] = await tx.delete(connectors).where(this.#is(connectorId)).returning()
      if (removed?.secretVersionId) await this.#versions.retire(tx, workspace, removed.secretVersionId)
    })
  }

  /** What a store refuses is as if it had not been tried. */
  async move(connectorId: string, to: StoreKind): Promise<void> {
    const dependencies = { database: this.#database, secretVersions: this.#versions, audit: rememberingAudit().audit }
    await moveSecrets(dependencies, { kind: 'OPERATOR', workspace, displayName: 'operator' }, connectorId, to).catch(
      onlyOfStores,
    )
  }

  async reap(): Promise<void> {
    await this.#versions.reap(new Date(this.#clock.ms)).catch(onlyOfStores)
  }

  /** The password of every connector, as whoever needs it would read it. */
  async passwords(): Promise<Acknowledged> {
    const rows = await this.#database.read.select().from(this.#database.tables.connectors)
    const read = rows.map(
      async row => [row.id, String((await this.#versions.readOf(workspace, row, untold))['password'])] as const,
    )
    return new Map(await Promise.all(read))
  }

  async rows() {
    return this.#database.read.select().from(this.#database.tables.secretVersions)
  }

  /** Versions whose values can be read although they were removed. */
  async broughtBack(): Promise<readonly string[]> {
    const broughtBack: string[] = []
    for (const { store, fenced } of this.#stores) {
      for await (const address of store.list(workspaceId)) {
        if (!fenced.has(address.versionId)) continue
        const isThere = await store.get(address).then(
          () => true,
          () => false,
        )
        if (isThere) broughtBack.push(address.versionId)
      }
    }
    return broughtBack
  }

  async left(): Promise<readonly string[]> {
    const left: string[] = []
    for (const { store } of this.#stores)
      for await (const { versionId } of store.list(workspaceId)) left.push(versionId)
    return left
  }

  #is(id: string) {
    const { connectors } = this.#database.tables
    return and(eq(connectors.workspaceId, workspaceId), eq(connectors.id, id))
  }

  async #find(id: string) {
    const [row] = await this.#database.read.select().from(this.#database.tables.connectors).where(this.#is(id))
    return row
  }
}

/** The connector has changed since the request began. */
class Refusal extends Error {}

function onlyOfStores(error: unknown): void {
  if (!(error instanceof SecretStoreError)) throw error
}
