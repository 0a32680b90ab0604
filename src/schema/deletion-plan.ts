import { toConnectorRef } from './connector-ref.ts'
import { datasetsOfConnector } from './datasets-of-connector.ts'
import type { SchemaParts } from './nouns.ts'
import { pageArgs, pageComplexity } from './page.ts'

export function defineDeletionPlan({ builder, nouns, connectorRef }: SchemaParts): void {
  nouns.deletionPlan.implement({
    description: 'What deleting a connector would touch.',
    fields: t => ({
      connector: t.field({
        type: nouns.connector,
        description: 'The connector.',
        resolve: parent => parent.connector,
      }),
      datasets: t.field({
        type: nouns.datasetConnection,
        description: 'The datasets that depend on it and that the viewer may see, by name.',
        authScopes: { scope: 'datasets:read' },
        args: pageArgs(t.arg),
        complexity: pageComplexity,
        resolve: (parent, args, context) =>
          datasetsOfConnector(parent.connector.id, args, context, async () => parent.datasetCount),
      }),
      hiddenDatasetCount: t.exposeInt('hiddenDatasetCount', {
        description: 'How many more depend on it that the viewer may not see. They are always kept, detached.',
      }),
      impactToken: t.exposeString('impactToken', {
        description: 'Stands for just these dependents; `deleteConnector` wants it as proof that they were seen.',
      }),
    }),
  })
  builder.queryField('connectorDeletionPlan', t =>
    t.field({
      type: nouns.deletionPlan,
      nullable: true,
      description: 'What deleting a connector would touch; null when there is no such connector.',
      authScopes: { scope: 'connectors:read' },
      args: { connector: t.arg({ type: connectorRef, description: 'The connector that is to be deleted.' }) },
      resolve: (_root, { connector }, { services, viewer }) =>
        services.connectors.deletionPlan(viewer, toConnectorRef(connector)),
    }),
  )
}
