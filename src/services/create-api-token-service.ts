import { type ApiTokenListFilter, apiTokenStatus } from '../db/api-token-store.ts'
import type { ApiTokenRow } from '../db/rows.ts'
import type { ApiTokenFilter, ApiTokenService } from './api-tokens.ts'
import { ApiTokensOffError } from './errors.ts'
import { type ApiTokenDependencies, issueApiToken } from './issue-api-token.ts'
import { revokeApiToken } from './revoke-api-token.ts'
import type { Viewer } from './viewer.ts'

export function createApiTokenService(dependencies: ApiTokenDependencies): ApiTokenService {
  const { apiTokenStore, takesTokens, now = () => new Date() } = dependencies

  const seenBy = (viewer: Viewer, { status = null, createdByViewer }: ApiTokenFilter): ApiTokenListFilter => ({
    status,
    createdById: createdByViewer || !seesAll(viewer) ? viewer.id : null,
  })
  const issuerOf = (viewer: Viewer) => ({
    actor: viewer,
    id: viewer.id,
    displayName: viewer.displayName,
    scopes: viewer.scopes,
    tokenId: viewer.kind === 'API_TOKEN' ? viewer.id.slice('token:'.length) : null,
  })

  return {
    async create(viewer, input) {
      if (!takesTokens) throw new ApiTokensOffError()
      return issueApiToken(dependencies, viewer.workspace, issuerOf(viewer), input)
    },
    revoke: (viewer, id) =>
      revokeApiToken(dependencies, viewer.workspace, issuerOf(viewer), id, token => isSeenBy(viewer, token)),
    async findMany(viewer, ids) {
      const tokens = await apiTokenStore.findMany(viewer.workspace, ids)
      return tokens.map(token => (token && isSeenBy(viewer, token) ? token : null))
    },
    page: (viewer, request, filter) => apiTokenStore.page(viewer.workspace, request, seenBy(viewer, filter), now()),
    count: (viewer, filter) => apiTokenStore.count(viewer.workspace, seenBy(viewer, filter), now()),
    status: token => apiTokenStatus(token, now()),
    mayRevoke: isSeenBy,
  }
}

const seesAll = ({ scopes }: Viewer): boolean => scopes.has('workspace:admin')

/** The same for seeing and revoking: what one can see of a token is of no use but to decide that. */
const isSeenBy = (viewer: Viewer, { createdById }: ApiTokenRow): boolean =>
  viewer.scopes.has('tokens:manage') && (createdById === viewer.id || seesAll(viewer))
