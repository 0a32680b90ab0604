/** Everything that the page knows of the API. None of it names a connector type. */

const form = `
  sections { name label help }
  fields {
    path label help placeholder section order kind required defaultValue isSecret isDestination isAdvanced
    options { value label help } minLength maxLength minimum maximum pattern
    visibleWhen { path equals oneOf isSet } requiredWhen { path equals oneOf isSet } liveOptions { needs }
  }
  jsonSchema
  editSchema: jsonSchema(keepsSecrets: true)
  uiSchema
`
const step = `id key title target status durationMs problem { code message fields remedies { title } }`

export const catalogue = `query Catalogue($filter: ConnectorTypeFilter) {
  connectorTypes(filter: $filter) {
    name label description kind category inputKey logoUrl maturity availability availabilityNote capabilities
    testPlan { key title isConditional }
    form { ${form} }
  }
}`

export const validate = `query Validate($target: ValidateConnectorConfigTarget!) {
  validateConnectorConfig(input: { target: $target }) {
    __typename
    ... on Error { message }
    ... on ValidationError { issues { path message } }
    ... on SecretReentryRequiredError { secretFields }
  }
}`

export const fieldOptions = `query FieldOptions($input: ConnectorFieldOptionsInput!) {
  connectorFieldOptions(input: $input) {
    __typename
    ... on ConnectorFieldOptionsSuccess {
      options { nodes { value label help } hasNextPage problem { message } }
    }
    ... on Error { message }
    ... on ValidationError { issues { path message } }
  }
}`

export const test = `subscription Test($input: TestConnectionInput!) {
  testConnection(input: $input) {
    __typename
    ... on ConnectionTestEvent { test { id status steps { ${step} } } }
    ... on Error { message }
    ... on ValidationError { issues { path message } }
    ... on SecretReentryRequiredError { secretFields }
  }
}`

export const create = `mutation Create($input: CreateConnectorInput!) {
  createConnector(input: $input) {
    __typename
    ... on CreateConnectorSuccess { connector { id } }
    ... on Error { message }
    ... on ValidationError { issues { path message } }
  }
}`

export const update = `mutation Update($input: UpdateConnectorInput!) {
  updateConnector(input: $input) {
    __typename
    ... on UpdateConnectorSuccess { connector { id } }
    ... on Error { message }
    ... on ValidationError { issues { path message } }
    ... on SecretReentryRequiredError { secretFields }
  }
}`

export const connectors = `query Connectors {
  connectors(first: 100) {
    nodes { id name version formData secrets { path isSet } verification { state } type { name label inputKey logoUrl } }
  }
}`

export const deletionPlan = `query DeletionPlan($connector: ConnectorRef!) {
  connectorDeletionPlan(connector: $connector) {
    impactToken hiddenDatasetCount
    datasets(first: 100) { nodes { id name } }
  }
}`

export const remove = `mutation Remove($input: DeleteConnectorInput!) {
  deleteConnector(input: $input) {
    __typename
    ... on DeleteConnectorSuccess { deletedConnectorId deletedDatasetIds }
    ... on Error { message }
  }
}`
