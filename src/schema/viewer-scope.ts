import { type Scope, scopes } from '../services/viewer.ts'
import type { Builder } from './builder.ts'

const descriptions: Record<Scope, string> = {
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

export const defineViewerScope = (builder: Builder) =>
  builder.enumType('ViewerScope', {
    description: 'What a viewer may do.',
    // Every name is one of a scope, which the names' type does not say.
    values: Object.fromEntries(
      scopes.map(value => [enumName(value), { description: descriptions[value], value }]),
    ) as Record<string, { readonly description: string; readonly value: Scope }>,
  })
