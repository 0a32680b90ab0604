import { access, constants, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '../../src/db/open-database.ts'
import { migrationsDirectory, type TestDatabase, testDatabases } from '../servers/databases.ts'

/** In memory where that can be had: these suites commit thousands of times, and pull no plug. */
export async function fastFolder(): Promise<string> {
  const memory = process.env['TMPDIR'] ?? '/dev/shm'
  return access(memory, constants.W_OK).then(
    () => memory,
    () => tmpdir(),
  )
}

export const fastSqlite: TestDatabase = {
  name: 'sqlite',
  async open() {
    const dataDirectory = await mkdtemp(join(await fastFolder(), 'patchbay-isolation-'))
    const remove = () => rm(dataDirectory, { recursive: true, force: true })
    const database = await openDatabase({ url: null, dataDirectory, migrationsDirectory })
    return { ...database, close: () => database.close().finally(remove) }
  },
}

export const fastDatabases: readonly TestDatabase[] = testDatabases.map(each =>
  each.name === 'sqlite' ? fastSqlite : each,
)
