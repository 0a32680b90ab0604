import type { ApiTokenRow } from '../db/rows.ts'
import type { WorkspaceScope } from '../db/workspace-scope.ts'
import { NotFoundError } from './errors.ts'
import type { ApiTokenDependencies, ApiTokenIssuer } from './issue-api-token.ts'

/** Wake-up for who holds sessions of a token: it has been revoked. */
export const apiTokenTopic = (id: string): string => `api-token:${id}`

/** Throws `NotFoundError` where there is no token that `mayRevoke`. */
export async function revokeApiToken(
  { database, apiTokenStore, audit, now = () => new Date() }: Omit<ApiTokenDependencies, 'takesTokens'>,
  workspace: WorkspaceScope,
  { actor, displayName }: Pick<ApiTokenIssuer, 'actor' | 'displayName'>,
  id: string,
  mayRevoke: (token: ApiTokenRow) => boolean,
): Promise<ApiTokenRow> {
  const token = await database.write(async tx => {
    const found = await apiTokenStore.findInTransaction(tx, workspace, id)
    if (found === null || !mayRevoke(found)) throw new NotFoundError('API token')
    const isRepeated = found.revokedAt !== null
    const revoked = { revokedAt: now(), revokedBy: displayName }
    if (!isRepeated) await apiTokenStore.revoke(tx, workspace, id, revoked)
    await audit.record(tx, actor, {
      action: 'REVOKE_API_TOKEN',
      target: { kind: 'API_TOKEN', id, name: found.name },
      changedFields: isRepeated ? [] : ['revokedAt'],
    })
    return isRepeated ? found : { ...found, ...revoked }
  })
  // Streams would notice by themselves, a few seconds later.
  await database.notify(apiTokenTopic(id))
  return token
}
