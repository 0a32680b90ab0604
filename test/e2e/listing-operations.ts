import { TypedDocumentString } from '../generated/graphql.ts'

/** Lists of data sources, with what the tests look at. */

interface Told {
  readonly code: string
  readonly message: string
  readonly detail: string | null
  readonly fields: readonly string[]
}
export interface Page<Item> {
  readonly nodes: readonly Item[]
  readonly hasNextPage: boolean
  readonly endCursor: string | null
  readonly problem: Told | null
}
interface Refusal<Name extends string> {
  readonly __typename: Name
  readonly issues?: readonly {
    readonly path: string
    readonly inputPath: readonly string[]
    readonly message: string
  }[]
  readonly reason?: string
}
export interface Entry {
  readonly path: readonly string[]
  readonly name: string
  readonly kind: string
  readonly nativeKind: string | null
  readonly hasChildren: boolean
  readonly comment: string | null
  readonly column: { readonly nativeType: string; readonly type: string; readonly isNullable: boolean | null } | null
  readonly sizeBytes: number | null
  readonly datasetQuery: unknown
  readonly problem: Told | null
}
export interface Option {
  readonly value: string
  readonly label: string
  readonly help: string | null
}
type Refusals =
  | Refusal<'ValidationError'>
  | Refusal<'NotFoundError'>
  | Refusal<'RateLimitedError'>
  | Refusal<'SecretReentryRequiredError'>

export type CatalogResult = { readonly __typename: 'ConnectorCatalogSuccess'; readonly entries: Page<Entry> } | Refusals
export type OptionsResult =
  | { readonly __typename: 'ConnectorFieldOptionsSuccess'; readonly options: Page<Option> }
  | Refusals

const page = 'hasNextPage endCursor problem { code message detail fields }'

export const catalog = new TypedDocumentString<
  { readonly connector: { readonly catalog: CatalogResult } | null },
  {
    readonly by: object
    readonly path?: readonly string[]
    readonly first?: number
    readonly after?: string | null
    readonly search?: string
    readonly mayStartCompute?: boolean
  }
>(`query (
  $by: ConnectorRef!, $path: [String!]! = [], $first: Int! = 50, $after: String, $search: String, $mayStartCompute: Boolean! = false
) {
  connector(by: $by) {
    catalog(path: $path, first: $first, after: $after, search: $search, mayStartCompute: $mayStartCompute) {
      __typename
      ... on ConnectorCatalogSuccess {
        entries {
          nodes {
            path name kind nativeKind hasChildren comment column { nativeType type isNullable } sizeBytes datasetQuery
            problem { code message detail fields }
          }
          ${page}
        }
      }
      ... on ValidationError { issues { path inputPath message } }
      ... on RateLimitedError { reason }
    }
  }
}`)

export const fieldOptions = new TypedDocumentString<
  { readonly connectorFieldOptions: OptionsResult },
  { readonly input: object }
>(`query ($input: ConnectorFieldOptionsInput!) {
  connectorFieldOptions(input: $input) {
    __typename
    ... on ConnectorFieldOptionsSuccess { options { nodes { value label help } ${page} } }
    ... on ValidationError { issues { path inputPath message } }
    ... on RateLimitedError { reason }
  }
}`)

export const saveListed = new TypedDocumentString<
  { readonly createConnector: { readonly __typename: string } },
  { readonly config: object }
>(`mutation ($config: ConnectorConfigInput!) {
  createConnector(input: { name: "Listed", externalKey: "listed", config: $config }) { __typename }
}`)

export const saveDataset = new TypedDocumentString<
  { readonly createDataset: { readonly __typename: string; readonly dataset?: { readonly id: string } } },
  { readonly query: unknown }
>(`mutation ($query: DatasetQueryInput!) {
  createDataset(input: { connector: { externalKey: "listed" }, name: "Browsed", query: $query }) {
    __typename
    ... on CreateDatasetSuccess { dataset { id } }
  }
}`)

export const previewSaved = new TypedDocumentString<
  {
    readonly previewDataset: {
      readonly __typename: string
      readonly preview?: { readonly columns: readonly { readonly name: string; readonly type: string }[] }
    }
  },
  { readonly id: string }
>(`query ($id: ID!) {
  previewDataset(input: { target: { saved: $id }, first: 5 }) {
    __typename
    ... on PreviewDatasetSuccess { preview { columns { name type } } }
  }
}`)
