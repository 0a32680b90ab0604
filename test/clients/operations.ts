/** The operations of the clients' story, as an application would write them. */

export const createConnector = /* GraphQL */ `
  mutation CreateConnector($input: CreateConnectorInput!) {
    createConnector(input: $input) {
      __typename
      ... on CreateConnectorSuccess { connector { id name verification { state } } }
      ... on Error { message code }
    }
  }
`

const testFields = /* GraphQL */ `
  fragment TestFields on ConnectionTest {
    id
    status
    steps { key status }
  }
`

export const watchTest = /* GraphQL */ `
  subscription WatchTest($input: TestConnectionInput!) {
    testConnection(input: $input) {
      __typename
      ... on ConnectionTestEvent { sequence test { ...TestFields } }
      ... on Error { message code }
    }
  }
  ${testFields}
`

export const runTest = /* GraphQL */ `
  mutation RunTest($input: TestConnectionInput!) {
    testConnection(input: $input) {
      __typename
      ... on TestConnectionSuccess { test { ...TestFields } }
      ... on Error { message code }
    }
  }
  ${testFields}
`

export const createDataset = /* GraphQL */ `
  mutation CreateDataset($input: CreateDatasetInput!) {
    createDataset(input: $input) {
      __typename
      ... on CreateDatasetSuccess { dataset { id name } }
      ... on Error { message code }
    }
  }
`

export const previewDataset = /* GraphQL */ `
  query PreviewDataset($input: PreviewDatasetInput!) {
    previewDataset(input: $input) {
      __typename
      ... on PreviewDatasetSuccess { preview { columns { name type } rows truncated } }
      ... on Error { message code }
    }
  }
`

export const deleteConnector = /* GraphQL */ `
  mutation DeleteConnector($input: DeleteConnectorInput!) {
    deleteConnector(input: $input) {
      __typename
      ... on DeleteConnectorSuccess { deletedConnectorId deletedDatasetIds }
      ... on ConnectorInUseError { plan { impactToken datasets(first: 10) { nodes { name } } } }
      ... on Error { message code }
    }
  }
`

export const findConnector = /* GraphQL */ `
  query FindConnector($by: ConnectorRef!) {
    connector(by: $by) { id name }
  }
`

export interface TestState {
  readonly id: string
  readonly status: string
  readonly steps: readonly { readonly key: string; readonly status: string }[]
}

export interface TestEvent {
  readonly __typename: string
  readonly sequence?: number
  /** Missing in a refusal. */
  readonly test?: TestState
  readonly message?: string
}
