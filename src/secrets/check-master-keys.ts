import { eq, notInArray } from 'drizzle-orm'
import type { Database, Tables, Writer } from '../db/database.ts'
import { type MasterKey, MasterKeyError, type MasterKeys } from './master-key.ts'
import { seal, UnsealError, unseal } from './seal.ts'
import { missingMasterKey } from './wrapped-key.ts'

type MasterKeyRow = Tables['masterKeys']['$inferSelect']

/**
 * Compares the keys with what master keys have sealed in the database: a wrong one must be noticed before it writes.
 * A primary key that the database does not know becomes known, if another one given here is. Throws `MasterKeyError`.
 */
export async function checkMasterKeys({ write, tables }: Database, { primary, others }: MasterKeys): Promise<void> {
  const { masterKeys } = tables
  await write(async tx => {
    const known = await tx.select().from(masterKeys)
    const proven = [primary, ...others].filter(key => isProven(known, key))
    if (proven.includes(primary)) return
    if (known.length > 0 && proven.length === 0) throw new MasterKeyError(wrongKey(known, primary))
    const checkValue = seal(primary, checkContext(primary), Buffer.from('patchbay'))
    await tx.insert(masterKeys).values({ id: primary.id, checkValue, createdAt: new Date() }).returning()
  })
}

/** Whether the database knows the key. Throws `MasterKeyError` when it should be that one and is not. */
function isProven(known: readonly MasterKeyRow[], key: MasterKey): boolean {
  const row = known.find(({ id }) => id === key.id)
  if (!row) return false
  try {
    unseal(key, checkContext(key), row.checkValue)
    return true
  } catch (cause) {
    if (!(cause instanceof UnsealError)) throw cause
    throw new MasterKeyError(
      `The master key ${key.file} does not open the check value in this database, which is damaged. Restore the database from a backup.`,
      { cause },
    )
  }
}

const checkContext = ({ id }: MasterKey) => ['check', id]

function wrongKey(known: readonly MasterKeyRow[], { file }: MasterKey): string {
  const ids = known.map(({ id }) => id.slice(0, 8)).join(' or ')
  return `The secrets in this database were sealed with another master key than ${file}. Put the right key back (its id begins with ${ids}); to replace it by this one, give it in MASTER_KEY_OTHER_FILES as well; or start with an empty database.`
}

/** Better no start than connectors that cannot be read. Throws `MasterKeyError`. */
export async function assertMasterKeysComplete(
  { read, tables: { workspaceKeys } }: Database,
  { primary, others }: MasterKeys,
): Promise<void> {
  const given = [primary, ...others].map(key => key.id)
  const missing = await read
    .selectDistinct({ id: workspaceKeys.masterKeyId })
    .from(workspaceKeys)
    .where(notInArray(workspaceKeys.masterKeyId, given))
    .limit(10)
  if (missing.length > 0) throw new MasterKeyError(missingMasterKey(missing.map(({ id }) => id)))
}

/**
 * To be called in the transaction that writes what `masterKey` has wrapped. Throws `MasterKeyError` when it has been
 * replaced since this process was started: those started later could not read it.
 */
export async function assertInUse(
  tx: Writer,
  { tables: { masterKeys } }: Pick<Database, 'tables'>,
  { id, file }: MasterKey,
): Promise<void> {
  const [known] = await tx.select({ id: masterKeys.id }).from(masterKeys).where(eq(masterKeys.id, id))
  if (!known) {
    throw new MasterKeyError(
      `The master key ${file} has been replaced by another one. Restart with that one as MASTER_KEY_FILE.`,
    )
  }
}
