import { type Scope, scopes, type Viewer } from '../services/viewer.ts'
import { describedValues } from './enum-values.ts'
import type { SchemaParts } from './nouns.ts'

const scopeDescriptions: Record<Scope, string> = {
  'connectors:read': 'See connectors, their tests and the catalogue.',
  'connectors:write': 'Create and change connectors.',
  'connectors:test': 'Run and cancel connection tests.',
  'connectors:delete': 'Delete connectors.',
  'datasets:read': 'See datasets.',
  'datasets:write': 'Create and change datasets.',
  'datasets:query': 'Preview the rows of datasets.',
  'datasets:delete': 'Delete datasets.',
  'tokens:manage': 'Create API tokens with rights of its own, and list and revoke those.',
  'audit:read': 'Read the audit log.',
  'workspace:admin': "Administer the workspace: list and revoke everybody's API tokens.",
}

const enumName = (scope: Scope) => scope.toUpperCase().replace(':', '_')

export function defineViewer({ builder }: SchemaParts): void {
  const scope = builder.enumType('ViewerScope', {
    description: 'What a viewer may do.',
    values: describedValues(
      Object.fromEntries(scopes.map(value => [enumName(value), scopeDescriptions[value]])) as Record<string, string>,
    ),
  })
  const viewer = builder.objectRef<Viewer>('Viewer').implement({
    description: 'Who makes this request.',
    fields: t => ({
      id: t.exposeID('id', { description: 'Identifies the viewer.' }),
      displayName: t.exposeString('displayName', {
        description: 'The name to show, also in `createdBy` and `updatedBy`.',
      }),
      scopes: t.field({
        type: [scope],
        description: 'What the viewer may do.',
        resolve: parent => scopes.filter(value => parent.scopes.has(value)).map(enumName),
      }),
      awsExternalId: t.string({
        description:
          "The external id by which Patchbay assumes AWS roles for this workspace: what a role's trust policy must demand. Nobody can choose it.",
        resolve: (parent, _args, { services }) => services.awsAccess.externalId(parent.workspace.id),
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
