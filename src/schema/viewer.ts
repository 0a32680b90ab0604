import { scopes, type Viewer, type ViewerKind } from '../services/viewer.ts'
import { describedValues } from './enum-values.ts'
import type { SchemaParts } from './nouns.ts'

const kindDescriptions: Record<ViewerKind, string> = {
  LOCAL: 'Nobody in particular: whoever reaches the server without a credential, where `AUTH` has `none`.',
  USER: 'Somebody with a JSON Web Token of an identity provider.',
  API_TOKEN: 'A program with an API token.',
}

export function defineViewer({ builder, viewerScope }: SchemaParts): void {
  const kind = builder.enumType('ViewerKind', {
    description: 'How a viewer was recognised.',
    values: describedValues(kindDescriptions),
  })
  const viewer = builder.objectRef<Viewer>('Viewer').implement({
    description: 'Who makes this request.',
    fields: t => ({
      id: t.exposeID('id', {
        description:
          'Identifies the viewer: `user:` and the subject, `token:` and the id of the API token, or `local`.',
      }),
      kind: t.field({ type: kind, description: 'How the viewer was recognised.', resolve: parent => parent.kind }),
      displayName: t.exposeString('displayName', {
        description: 'The name to show, also in `createdBy` and `updatedBy`.',
      }),
      scopes: t.field({
        type: [viewerScope],
        description: 'What the viewer may do.',
        resolve: parent => scopes.filter(value => parent.scopes.has(value)),
      }),
      workspaceId: t.string({
        description:
          'The workspace that everything of this API belongs to for this viewer. It comes with the credential.',
        resolve: parent => parent.workspace.id,
      }),
      expiresAt: t.field({
        type: 'DateTime',
        nullable: true,
        description: 'When the credential expires, and streams with it; null for never.',
        resolve: parent => parent.expiresAt,
      }),
      awsExternalId: t.string({
        description:
          "The external id by which Patchbay assumes AWS roles for this workspace: what a role's trust policy must demand. Nobody can choose it.",
        resolve: (parent, _args, { services }) => services.awsAccess.externalId(parent.workspace),
      }),
    }),
  })
  builder.queryField('viewer', t =>
    t.field({
      type: viewer,
      description: 'Who makes this request.',
      authScopes: { signedIn: true },
      resolve: (_root, _args, context) => context.viewer,
    }),
  )
}
