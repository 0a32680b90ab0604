import { createApiTokenStore } from '../../src/db/api-token-store.ts'
import type { Database } from '../../src/db/database.ts'
import { openDatabaseBeside } from '../../src/db/open-database.ts'
import { WorkspaceScope } from '../../src/db/workspace-scope.ts'
import { apiTokenHash } from '../../src/services/api-token-hash.ts'
import { apiTokenText, newApiTokenParts } from '../../src/services/api-token-text.ts'
import { scopesNamed } from '../../src/services/roles.ts'
import { grantedScopes } from '../../src/services/viewer.ts'
import { sourcePaths } from '../harness.ts'

export interface MadeToken {
  readonly id: string
  /** What a client sends. */
  readonly token: string
}

export interface TokenWish {
  readonly workspace: string
  /** Names of scopes or roles; all scopes when left out. */
  readonly rights?: readonly string[]
  readonly name?: string
  readonly expiresAt?: Date
}

export interface TokenDatabase {
  readonly dataDirectory: string
  /** Of PostgreSQL; the file in the data directory when left out. */
  readonly databaseUrl?: string
}

/** Does something with the database behind the back of whoever uses it. */
export async function besideServer<T>(
  { dataDirectory, databaseUrl }: TokenDatabase,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const { migrationsDirectory } = sourcePaths
  const database = await openDatabaseBeside({ url: databaseUrl ?? null, dataDirectory, migrationsDirectory })
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}

/** Stores a new API token as if somebody had made it; the audit log does not know of it. */
export async function makeToken(database: Database, wish: TokenWish): Promise<MadeToken> {
  const { workspace, rights = ['admin'], name = `Token of ${workspace}` } = wish
  const named = rights.flatMap(each => {
    const scopes = scopesNamed(each)
    if (scopes === null) throw new Error(`There is neither a scope nor a role "${each}".`)
    return scopes
  })
  const { id, secret } = newApiTokenParts()
  const row = {
    id,
    name,
    secretHash: apiTokenHash(secret),
    scopes: [...grantedScopes(named)],
    createdAt: new Date(),
    createdById: 'operator',
    createdBy: 'Operator',
    expiresAt: wish.expiresAt ?? new Date(Date.now() + 24 * 60 * 60 * 1000),
    lastUsedAt: null,
    revokedAt: null,
    revokedBy: null,
  }
  const store = createApiTokenStore(database)
  await database.write(tx => store.insert(tx, WorkspaceScope.of(workspace), row))
  return { id, token: apiTokenText({ id, secret }) }
}
