import { createApiTokenStore } from '../db/api-token-store.ts'
import type { Database } from '../db/database.ts'
import type { WorkspaceScope } from '../db/workspace-scope.ts'
import { createAuditLog } from '../services/create-audit-log.ts'
import type { ApiTokenIssuer } from '../services/issue-api-token.ts'
import { scopes } from '../services/viewer.ts'
import { operatorOf } from './audit-log/operator-audit.ts'

/** What commands about API tokens work with. */
export const tokenDependencies = (database: Database) => ({
  database,
  apiTokenStore: createApiTokenStore(database),
  // What these commands tell of is in the transaction of what they do: it cannot fail alone.
  audit: createAuditLog({ database, onFault: () => undefined }),
})

/** Whoever may read the configuration of a server may do everything. */
export function operatorIn(workspace: WorkspaceScope): ApiTokenIssuer {
  const actor = operatorOf(workspace)
  return { actor, id: 'operator', displayName: actor.displayName, scopes: new Set(scopes), tokenId: null }
}
