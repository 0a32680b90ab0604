import type { CatalogEntry, CatalogEntryKind } from '../connectors/browse.ts'
import type { JsonObject } from '../connectors/json.ts'
import { NotFoundError, RateLimitedError, ValidationError } from '../services/errors.ts'
import type { ListedEntry, ListedItems } from '../services/listings.ts'
import type { ColumnTypeRef } from './column-type.ts'
import { describedValues } from './enum-values.ts'
import { listArgs, listComplexity, listFields } from './listed-items.ts'
import type { SchemaParts } from './nouns.ts'
import { withCursor } from './page.ts'
import type { ProblemRef } from './problem.ts'

const kinds: Record<CatalogEntryKind, string> = {
  CATALOG: 'What holds databases or schemas: a catalog, a project.',
  DATABASE: 'A database.',
  SCHEMA: 'A schema or a dataset: what holds tables.',
  TABLE: 'A table.',
  VIEW: 'A view.',
  COLLECTION: 'A collection of documents.',
  FOLDER: 'What names with the same beginning have in common.',
  OBJECT: 'A file or another object.',
  COLUMN: 'A column, or a field of documents.',
}

interface EntryView extends ListedEntry {
  /** Input for a dataset: `{ postgres: {...} }`. */
  readonly datasetQuery: JsonObject | null
}

/** `Connector.catalog`: what a data source holds, live. */
export function defineConnectorCatalog(parts: SchemaParts, problem: ProblemRef, columnType: ColumnTypeRef): void {
  const { builder, nouns, registry } = parts
  const entries = defineEntries(parts, problem, columnType)
  builder.interfaceField(nouns.connector, 'catalog', t =>
    t.field({
      type: entries,
      description:
        'What its data source holds directly below a path: databases, schemas, tables, columns. Listed live, within 20 seconds, and kept nowhere. Once per operation.',
      authScopes: { scope: 'datasets:query' },
      extensions: { dialsOut: true },
      args: {
        path: t.arg.stringList({
          defaultValue: [],
          description:
            'Names from the highest level down: the `path` of the entry to look into. Empty for the highest.',
        }),
        ...listArgs(t.arg),
      },
      complexity: listComplexity,
      errors: {
        types: [ValidationError, NotFoundError, RateLimitedError],
        union: { name: 'ConnectorCatalogResult', description: 'What `Connector.catalog` answers.' },
        result: { name: 'ConnectorCatalogSuccess', description: 'What could be listed, and what went wrong.' },
        dataField: { name: 'entries', description: 'The entries of this page.' },
      },
      resolve: async (row, { path, first, after, search, mayStartCompute }, { services, viewer, signal }) => {
        const asked = { path, first, after: after ?? null, search: search ?? null, mayStartCompute }
        const listed = await withCursor(() => services.listings.catalog(viewer, row, asked, signal))
        const { inputKey } = registry.byName(row.typeName)
        const items = listed.items.map(entry => ({
          ...entry,
          datasetQuery: entry.query ? { [inputKey]: entry.query } : null,
        }))
        return { ...listed, items }
      },
    }),
  )
}

function defineEntries({ builder }: SchemaParts, problem: ProblemRef, columnType: ColumnTypeRef) {
  const kind = builder.enumType('CatalogEntryKind', {
    description: 'What an entry of a catalog is, whatever the data source calls it. Kinds are added over time.',
    values: describedValues(kinds),
  })
  const column = builder.objectRef<NonNullable<CatalogEntry['column']>>('CatalogColumn').implement({
    description: 'What is known of a column.',
    fields: t => ({
      nativeType: t.exposeString('nativeType', { description: 'Its type in the words of the data source.' }),
      type: t.field({ type: columnType, description: 'What its values are.', resolve: parent => parent.type }),
      isNullable: t.boolean({
        nullable: true,
        description: 'Whether it may be empty; null where the data source does not tell.',
        resolve: parent => parent.isNullable ?? null,
      }),
    }),
  })
  const entry = builder.objectRef<EntryView>('CatalogEntry').implement({
    description: 'One thing that a data source holds.',
    fields: t => ({
      path: t.exposeStringList('path', {
        description: 'Names from the highest level down to it: give it to `Connector.catalog` to look into it.',
      }),
      name: t.exposeString('name', { description: 'Its name, as the data source spells it.' }),
      kind: t.field({ type: kind, description: 'What it is.', resolve: parent => parent.kind }),
      nativeKind: t.string({
        nullable: true,
        description: 'What the data source calls it, where that says more than the kind.',
        resolve: parent => parent.nativeKind ?? null,
      }),
      hasChildren: t.exposeBoolean('hasChildren', { description: 'Whether it can be looked into.' }),
      comment: t.string({
        nullable: true,
        description: 'What its owner has written about it in the data source.',
        resolve: parent => parent.comment ?? null,
      }),
      column: t.field({
        type: column,
        nullable: true,
        description: 'Of columns alone.',
        resolve: parent => parent.column ?? null,
      }),
      sizeBytes: t.float({
        nullable: true,
        description: 'Its size in bytes, a whole number, where the data source tells it without counting.',
        resolve: parent => parent.sizeBytes ?? null,
      }),
      datasetQuery: t.field({
        type: 'JSON',
        nullable: true,
        description: 'A `DatasetQueryInput` that reads it: for `createDataset` and `previewDataset`.',
        resolve: parent => parent.datasetQuery,
      }),
      problem: t.field({
        type: problem,
        nullable: true,
        description: 'Why it cannot be looked into or read, where that is known already.',
        resolve: parent => parent.problem ?? null,
      }),
    }),
  })
  return builder.objectRef<ListedItems<EntryView>>('CatalogEntries').implement({
    description: 'A page of what a data source holds.',
    fields: t => ({ ...listFields(t, entry, problem) }),
  })
}
