import { TypedDocumentString } from '../generated/graphql.ts'
import type { ApiClient } from './api-client.ts'

/** The operations that have to do with secrets, with what the tests look at. */

export interface StoreProblem {
  readonly code: string
  readonly origin: string
  readonly message: string
  readonly detail: string | null
  readonly retryable: boolean
  readonly fields: readonly string[]
  readonly params: { readonly fault?: string; readonly reason?: string }
  readonly remedies: readonly { readonly __typename: string }[]
}
export interface SavedConnector {
  readonly id: string
  readonly name: string
  readonly version: number
  readonly secrets: readonly { readonly path: string; readonly isSet: boolean; readonly setAt: string | null }[]
}
/** A member of a result union; what does not belong to it is left out. */
export interface Saving {
  readonly __typename: string
  readonly message?: string
  readonly retryable?: boolean
  readonly problem?: StoreProblem
  readonly connector?: SavedConnector
}
export interface EndedTest {
  readonly status: string
  readonly problem: StoreProblem | null
  readonly steps: readonly { readonly key: string; readonly status: string; readonly problem: StoreProblem | null }[]
}
/** What a list or a preview came to. */
export interface Looking {
  readonly __typename: string
  readonly problem: StoreProblem | null
}

const problem = 'problem { code origin message detail retryable fields params remedies { __typename } }'
const saved = 'id name version secrets { path isSet setAt }'
const failure = `... on SecretStoreFailedError { message retryable ${problem} }`
/** What is not looked for is told by its words. */
const rest = '... on Error { message }'

const documents = {
  create: new TypedDocumentString<{ readonly saving: Saving }, { readonly input: object }>(
    `mutation ($input: CreateConnectorInput!) {
      saving: createConnector(input: $input) {
        __typename ... on CreateConnectorSuccess { connector { ${saved} } } ${failure} ${rest}
      }
    }`,
  ),
  update: new TypedDocumentString<{ readonly saving: Saving }, { readonly input: object }>(
    `mutation ($input: UpdateConnectorInput!) {
      saving: updateConnector(input: $input) {
        __typename ... on UpdateConnectorSuccess { connector { ${saved} } } ${failure} ${rest}
      }
    }`,
  ),
  remove: new TypedDocumentString<{ readonly removal: { readonly __typename: string } }, { readonly id: string }>(
    'mutation ($id: ID!) { removal: deleteConnector(input: { connector: { id: $id } }) { __typename } }',
  ),
  test: new TypedDocumentString<
    { readonly testing: { readonly __typename: string; readonly test?: EndedTest } },
    { readonly target: object }
  >(
    `mutation ($target: TestTarget!) {
      testing: testConnection(input: { target: $target }) {
        __typename ... on TestConnectionSuccess { test { status ${problem} steps { key status ${problem} } } } ${rest}
      }
    }`,
  ),
  preview: new TypedDocumentString<
    { readonly preview: { readonly __typename: string; readonly problem?: StoreProblem } },
    { readonly id: string }
  >(
    `query ($id: ID!) {
      preview: previewDataset(input: {
        target: { draft: { connector: { id: $id }, query: { postgres: { sql: { text: "select 1" } } } } }
      }) { __typename ... on PreviewFailedError { ${problem} } ${rest} }
    }`,
  ),
  options: new TypedDocumentString<
    { readonly listing: { readonly __typename: string; readonly options?: { readonly problem: StoreProblem | null } } },
    { readonly id: string }
  >(
    `query ($id: ID!) {
      listing: connectorFieldOptions(input: { target: { saved: { id: $id } }, field: "database" }) {
        __typename ... on ConnectorFieldOptionsSuccess { options { ${problem} } } ${rest}
      }
    }`,
  ),
  catalog: new TypedDocumentString<
    {
      readonly connector: {
        readonly catalog: {
          readonly __typename: string
          readonly entries?: { readonly problem: StoreProblem | null }
        }
      }
    },
    { readonly id: string }
  >(
    `query ($id: ID!) {
      connector(by: { id: $id }) { catalog { __typename ... on ConnectorCatalogSuccess { entries { ${problem} } } ${rest} } }
    }`,
  ),
  find: new TypedDocumentString<{ readonly connector: SavedConnector | null }, { readonly by: object }>(
    `query ($by: ConnectorRef!) { connector(by: $by) { ${saved} } }`,
  ),
  list: new TypedDocumentString<
    { readonly connectors: { readonly totalCount: number; readonly nodes: readonly SavedConnector[] } },
    Record<string, never>
  >(
    `{ connectors(first: 20, orderBy: { field: UPDATED_AT, direction: DESC }) { totalCount nodes { ${saved} formData } } }`,
  ),
}

/** What a person does with connectors who has secrets to keep. */
export class SecretOperations {
  readonly #client: Pick<ApiClient, 'request'>

  constructor(client: Pick<ApiClient, 'request'>) {
    this.#client = client
  }

  async create(input: object): Promise<Saving> {
    return (await this.#client.request(documents.create, { input })).saving
  }

  /** Saves and answers what was saved. */
  async created(input: object): Promise<SavedConnector> {
    const saving = await this.create(input)
    if (!saving.connector) throw new Error(`Nothing was saved: ${JSON.stringify(saving)}`)
    return saving.connector
  }

  async update({ id, version }: Pick<SavedConnector, 'id' | 'version'>, change: object): Promise<Saving> {
    const input = { connector: { id }, expectedVersion: version, ...change }
    return (await this.#client.request(documents.update, { input })).saving
  }

  async remove(id: string): Promise<string> {
    return (await this.#client.request(documents.remove, { id })).removal.__typename
  }

  /** A test of a saved connector, or of what `target` says. */
  async test(target: object): Promise<EndedTest> {
    const { testing } = await this.#client.request(documents.test, { target })
    if (!testing.test) throw new Error(`There was no test: ${JSON.stringify(testing)}`)
    return testing.test
  }

  async preview(id: string): Promise<Looking> {
    const { preview } = await this.#client.request(documents.preview, { id })
    return { problem: null, ...preview }
  }

  async options(id: string): Promise<Looking> {
    const { listing } = await this.#client.request(documents.options, { id })
    return { __typename: listing.__typename, problem: listing.options?.problem ?? null }
  }

  async catalog(id: string): Promise<Looking> {
    const { connector } = await this.#client.request(documents.catalog, { id })
    return { __typename: connector.catalog.__typename, problem: connector.catalog.entries?.problem ?? null }
  }

  async find(by: object): Promise<SavedConnector | null> {
    return (await this.#client.request(documents.find, { by })).connector
  }

  async list() {
    return (await this.#client.request(documents.list, {})).connectors
  }
}
