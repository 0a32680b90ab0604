import type { ApiTokenStatus } from '../db/api-token-store.ts'
import { beginningOf } from '../services/api-token-text.ts'
import { type Scope, scopes } from '../services/viewer.ts'
import type { Builder } from './builder.ts'
import { describedValues } from './enum-values.ts'
import { encodeGlobalId } from './global-id.ts'
import type { SchemaParts } from './nouns.ts'
import { addTotalCount, connection, implementConnection, pageArgs, pageComplexity, pageRequest } from './page.ts'

const statuses: Record<ApiTokenStatus, string> = {
  ACTIVE: 'It can be used.',
  EXPIRED: 'Its time is over.',
  REVOKED: 'It was revoked.',
}

export function defineApiTokens(parts: SchemaParts): void {
  const status = defineStatus(parts.builder)
  defineApiTokenObject(parts, status)
  defineApiTokenQueries(parts, status)
}

const defineStatus = (builder: Builder) =>
  builder.enumType('ApiTokenStatus', {
    description: 'Whether an API token can be used.',
    values: describedValues(statuses),
  })
type StatusRef = ReturnType<typeof defineStatus>

function defineApiTokenObject({ builder, nouns, viewerScope }: SchemaParts, status: StatusRef): void {
  const stillKnown = (given: readonly string[]): Scope[] => scopes.filter(scope => given.includes(scope))
  nouns.apiToken.implement({
    description: 'What a program signs in with. Its secret was shown once, to whoever created it, and is kept nowhere.',
    interfaces: [builder.nodeInterfaceRef()],
    fields: t => ({
      id: t.id({ description: 'Globally unique and opaque.', resolve: row => encodeGlobalId('ApiToken', row.id) }),
      name: t.exposeString('name', { description: 'Its name. Several may have the same.' }),
      prefix: t.string({
        description: 'What the token begins with: enough to know it again wherever it is kept, and no secret.',
        resolve: row => beginningOf(row.id),
      }),
      status: t.field({
        type: status,
        description: 'Whether it can be used.',
        resolve: (row, _args, { services }) => services.apiTokens.status(row),
      }),
      scopes: t.field({
        type: [viewerScope],
        description: 'What whoever uses it may do.',
        resolve: row => stillKnown(row.scopes),
      }),
      createdAt: t.field({ type: 'DateTime', description: 'When it was created.', resolve: row => row.createdAt }),
      createdBy: t.exposeString('createdBy', { description: 'Display name of who created it.' }),
      createdById: t.exposeString('createdById', { description: '`Viewer.id` of who created it.' }),
      expiresAt: t.field({ type: 'DateTime', description: 'When its time is over.', resolve: row => row.expiresAt }),
      lastUsedAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When it was last used, to the minute; null when it has not been.',
        resolve: row => row.lastUsedAt,
      }),
      revokedAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When it was revoked; null when it has not been.',
        resolve: row => row.revokedAt,
      }),
      revokedBy: t.exposeString('revokedBy', { nullable: true, description: 'Display name of who revoked it.' }),
      viewerCanRevoke: t.boolean({
        description: 'Whether the viewer may revoke it.',
        resolve: (row, _args, { services, viewer }) => services.apiTokens.mayRevoke(viewer, row),
      }),
    }),
  })
}

function defineApiTokenQueries({ builder, nouns }: SchemaParts, status: StatusRef): void {
  implementConnection(builder, 'ApiToken', nouns.apiTokenConnection, nouns.apiToken)
  addTotalCount(builder, nouns.apiTokenConnection)
  const filter = builder.inputType('ApiTokenFilter', {
    description: 'Narrows a list of API tokens. What is left out does not narrow.',
    fields: t => ({
      status: t.field({ type: status, required: false, description: 'Only tokens with this status.' }),
      createdByViewer: t.boolean({ required: false, description: 'Whether to list only what the viewer created.' }),
    }),
  })
  builder.queryField('apiTokens', t =>
    t.field({
      type: nouns.apiTokenConnection,
      description:
        'The API tokens that the viewer created, or with `WORKSPACE_ADMIN` those of everybody. The newest come first.',
      authScopes: { scope: 'tokens:manage' },
      args: {
        ...pageArgs(t.arg),
        filter: t.arg({ type: filter, required: false, description: 'Narrows the list.' }),
      },
      complexity: pageComplexity,
      resolve: async (_root, args, { services, viewer }) => {
        const request = pageRequest(args)
        const { status = null, createdByViewer = null } = args.filter ?? {}
        const wanted = { status, createdByViewer }
        return {
          ...(await connection(request, () => services.apiTokens.page(viewer, request, wanted))),
          totalCount: () => services.apiTokens.count(viewer, wanted),
        }
      },
    }),
  )
}
