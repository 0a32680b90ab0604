/** Operations on simulated connectors, with what the tests look at. */

export const runTest = `mutation ($target: TestTarget!) {
  testConnection(input: { target: $target }) {
    __typename
    ... on TestConnectionSuccess { test { status problem { code } steps { key status problem { code detail } } } }
    ... on ValidationError { issues { path inputPath message } }
    ... on RateLimitedError { reason }
  }
}`
export const follow = `subscription ($id: ID!) {
  connectionTestProgress(id: $id) { ... on ConnectionTestEvent { test { steps { key status } } } }
}`
export const previewRows = `query ($query: DatasetQueryInput!) {
  previewDataset(input: { target: { draft: { connector: { externalKey: "saved" }, query: $query } } }) {
    __typename
    ... on PreviewFailedError { problem { code detail } }
    ... on ValidationError { issues { path inputPath message } }
  }
}`
export const create = `mutation ($config: ConnectorConfigInput!) {
  createConnector(input: { name: "Saved", externalKey: "saved", config: $config }) {
    __typename
    ... on ValidationError { issues { path inputPath message } }
  }
}`
