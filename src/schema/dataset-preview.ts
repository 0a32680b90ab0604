import { z } from 'zod'
import type { ResultColumn } from '../connectors/define.ts'
import type { JsonValue } from '../connectors/json.ts'
import type { PreviewTarget } from '../services/datasets.ts'
import { ConflictError, NotFoundError, RateLimitedError, ValidationError } from '../services/errors.ts'
import type { ColumnTypeRef } from './column-type.ts'
import { toConfigInput } from './config-input.ts'
import { type ConnectorRefInput, toConnectorRef, toDatasetId } from './connector-ref.ts'
import { queryInputSchema } from './form-types.ts'
import { checkedBy, previewFirstRule } from './input-rules.ts'
import type { SchemaParts } from './nouns.ts'
import { PreviewFailedError } from './preview-failed-error.ts'

interface PreviewView {
  readonly columns: readonly ResultColumn[]
  readonly rows: readonly (readonly JsonValue[])[]
  readonly truncated: boolean
  readonly durationMs: number
}

export function defineDatasetPreview(parts: SchemaParts, columnType: ColumnTypeRef): void {
  const { builder, registry, forms, connectorRef } = parts
  const preview = definePreview(parts, columnType)
  const draft = builder.inputType('DraftDatasetInput', {
    description: 'A query that is not saved.',
    fields: t => ({
      connector: t.field({ type: connectorRef, description: 'The connector to read through.' }),
      query: t.field({ type: forms.queryInput, description: "What to ask; of the connector's type." }),
    }),
  })
  const target = builder.inputType('PreviewTarget', {
    description: 'What to preview.',
    isOneOf: true,
    fields: t => ({
      saved: t.id({ required: false, description: 'A saved dataset, by its global id.' }),
      draft: t.field({ type: draft, required: false, description: 'A query that is not saved.' }),
    }),
  })
  const input = builder.inputType('PreviewDatasetInput', {
    description: 'What to preview.',
    fields: t => ({
      target: t.field({ type: target, description: 'The dataset, or a draft of one.' }),
      first: t.int({ defaultValue: 50, description: 'How many rows at most, from 1 to 1000.' }),
    }),
  })
  const rules = z.looseObject({
    first: previewFirstRule,
    target: z.looseObject({
      draft: z.looseObject({ query: checkedBy(queryInputSchema(registry.availableTypes)) }).nullish(),
    }),
  })
  builder.queryField('previewDataset', t =>
    t.field({
      type: preview,
      description: 'Runs a query live and read-only. Nothing of its result is kept. Once per operation.',
      authScopes: { scope: 'datasets:query' },
      extensions: { dialsOut: true },
      args: { input: t.arg({ type: input, description: 'What to preview.', validate: { schema: rules as never } }) },
      errors: {
        types: [ValidationError, NotFoundError, ConflictError, PreviewFailedError, RateLimitedError],
        union: { description: 'What `previewDataset` answers.' },
        result: { description: 'The data source answered.' },
        dataField: { name: 'preview', description: 'The first rows.' },
      },
      resolve: async (_root, { input }, { services, viewer, signal }) => {
        const outcome = await services.datasets.preview(viewer, toPreviewTarget(input.target), input.first, signal)
        if (outcome.kind === 'PROBLEM') throw new PreviewFailedError(outcome.problem, outcome.durationMs)
        return { ...outcome.result, durationMs: outcome.durationMs }
      },
    }),
  )
}

function definePreview({ builder }: SchemaParts, columnType: ColumnTypeRef) {
  const column = builder.objectRef<ResultColumn>('DatasetColumn').implement({
    description: 'A column of a result.',
    fields: t => ({
      name: t.exposeString('name', { description: 'Its name. Several columns may have the same one.' }),
      nativeType: t.exposeString('nativeType', { description: 'Its type in the words of the data source.' }),
      type: t.field({ type: columnType, description: 'What its values are.', resolve: parent => parent.type }),
    }),
  })
  return builder.objectRef<PreviewView>('DatasetPreview').implement({
    description: 'The first rows of a result.',
    fields: t => ({
      columns: t.field({ type: [column], description: 'Its columns, in order.', resolve: parent => parent.columns }),
      rows: t.field({
        type: ['JSON'],
        description: 'Its rows, each a list of values in the order of the columns.',
        resolve: parent => parent.rows,
      }),
      truncated: t.exposeBoolean('truncated', { description: 'Whether there was more than was asked for or fits.' }),
      durationMs: t.int({
        description: 'How long it took, in milliseconds.',
        resolve: parent => Math.round(parent.durationMs),
      }),
    }),
  })
}

interface PreviewTargetInput {
  readonly saved?: string | null
  readonly draft?: { readonly connector: ConnectorRefInput; readonly query: object } | null
}

function toPreviewTarget({ saved, draft }: PreviewTargetInput): PreviewTarget {
  return draft
    ? { connector: toConnectorRef(draft.connector), query: toConfigInput(draft.query) }
    : { datasetId: toDatasetId(saved ?? '') }
}
