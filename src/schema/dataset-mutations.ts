import { z } from 'zod'
import {
  ConflictError,
  IdempotencyKeyReusedError,
  NameTakenError,
  NotFoundError,
  ValidationError,
} from '../services/errors.ts'
import { toConfigInput } from './config-input.ts'
import { toConnectorRef, toDatasetId } from './connector-ref.ts'
import { encodeGlobalId } from './global-id.ts'
import { notNull } from './input-rules.ts'
import type { SchemaParts } from './nouns.ts'
import { withoutUndefined } from './without-undefined.ts'

export function defineDatasetMutations(parts: SchemaParts): void {
  defineCreate(parts)
  defineUpdate(parts)
  defineDelete(parts)
}

const nameDescription = 'Its name, unique in the workspace without regard to case.'

function defineCreate({ builder, nouns, forms, connectorRef }: SchemaParts): void {
  const input = builder.inputType('CreateDatasetInput', {
    description: 'What to create.',
    fields: t => ({
      connector: t.field({ type: connectorRef, description: 'The connector to read through.' }),
      name: t.string({ description: nameDescription }),
      description: t.string({ required: false, description: 'Free text: what its rows are about.' }),
      query: t.field({ type: forms.queryInput, description: "What it asks; of the connector's type." }),
      idempotencyKey: t.string({
        required: false,
        description:
          'Any text, fresh for each new dataset: repeating a request with it for 24 h creates nothing twice.',
      }),
    }),
  })
  builder.mutationField('createDataset', t =>
    t.field({
      type: nouns.dataset,
      description: 'Creates a dataset. Nothing is read from the data source.',
      authScopes: { scope: 'datasets:write' },
      args: { input: t.arg({ type: input, description: 'What to create.' }) },
      errors: {
        types: [ValidationError, NotFoundError, NameTakenError, IdempotencyKeyReusedError, ConflictError],
        union: { description: 'What `createDataset` answers.' },
        result: { description: 'The dataset was created.' },
        dataField: { name: 'dataset', description: 'The new dataset.' },
      },
      resolve: (_root, { input }, { services, viewer }) => {
        const { connector, query, ...rest } = withoutUndefined(input)
        return services.datasets.create(viewer, {
          ...rest,
          connector: toConnectorRef(connector),
          query: toConfigInput(query),
        })
      },
    }),
  )
}

function defineUpdate({ builder, nouns, forms, connectorRef }: SchemaParts): void {
  const input = builder.inputType('UpdateDatasetInput', {
    description: 'What to change. What is left out stays as it is; null clears it where that is possible.',
    fields: t => ({
      id: t.id({ description: 'Which dataset.' }),
      expectedVersion: t.int({ description: 'The `version` that the change is based on.' }),
      name: t.string({ required: false, description: nameDescription }),
      description: t.string({ required: false, description: 'Free text: what its rows are about.' }),
      connector: t.field({
        type: connectorRef,
        required: false,
        description: "The connector to read through from now on; of the query's type.",
      }),
      query: t.field({ type: forms.queryInput, required: false, description: 'What it asks from now on, as a whole.' }),
    }),
  })
  const rules = z.looseObject({
    name: notNull('A dataset needs a name.'),
    connector: notNull('A dataset cannot be detached. Leave this out to keep its connector.'),
    query: notNull('A dataset needs a query.'),
  })
  builder.mutationField('updateDataset', t =>
    t.field({
      type: nouns.dataset,
      description: 'Changes a dataset, or points it at another connector.',
      authScopes: { scope: 'datasets:write' },
      args: { input: t.arg({ type: input, description: 'What to change.', validate: { schema: rules as never } }) },
      errors: {
        types: [ValidationError, NotFoundError, ConflictError, NameTakenError],
        union: { description: 'What `updateDataset` answers.' },
        result: { description: 'The dataset was changed.' },
        dataField: { name: 'dataset', description: 'The dataset as it is now.' },
      },
      resolve: (_root, { input }, { services, viewer }) => {
        const { id, name, connector, query, ...rest } = withoutUndefined(input)
        return services.datasets.update(viewer, {
          ...rest,
          id: toDatasetId(id),
          ...(name != null && { name }),
          ...(connector != null && { connector: toConnectorRef(connector) }),
          ...(query != null && { query: toConfigInput(query) }),
        })
      },
    }),
  )
}

function defineDelete({ builder }: SchemaParts): void {
  const input = builder.inputType('DeleteDatasetInput', {
    description: 'What to delete.',
    fields: t => ({ id: t.id({ description: 'Which dataset.' }) }),
  })
  const success = builder.objectRef<{ readonly id: string }>('DeleteDatasetSuccess').implement({
    description: 'The dataset was deleted.',
    fields: t => ({
      deletedDatasetId: t.id({ description: 'Its global id.', resolve: ({ id }) => encodeGlobalId('Dataset', id) }),
    }),
  })
  builder.mutationField('deleteDataset', t =>
    t.field({
      type: success,
      description: 'Deletes a dataset. Nothing happens to its connector or data source.',
      authScopes: { scope: 'datasets:delete' },
      args: { input: t.arg({ type: input, description: 'What to delete.' }) },
      errors: { types: [NotFoundError], directResult: true, union: { description: 'What `deleteDataset` answers.' } },
      resolve: async (_root, { input }, { services, viewer }) => ({
        id: await services.datasets.delete(viewer, toDatasetId(input.id)),
      }),
    }),
  )
}
