import type { GraphiQLOptions } from 'graphql-yoga'

const types = `# 1. What can be connected, and the form to draw for it. Press the play button.
query ConnectorTypes {
  connectorTypes {
    name
    label
    inputKey
    form {
      sections { name label }
      fields { path label kind required isSecret isDestination }
    }
  }
}
`

const create = `# 2. Saves a connector: here to PostgreSQL. Put the coordinates of a server of yours into the variables, or in the place
# of \`postgres\` another inputKey of tab 1 with what its form asks for.
mutation CreateConnector($input: CreateConnectorInput!) {
  createConnector(input: $input) {
    ... on CreateConnectorSuccess {
      connector {
        id
        name
        version
        secrets { path isSet }
        verification { state }
      }
    }
    ... on ValidationError { issues { path message } }
    ... on Error { message code }
  }
}
`

const createVariables = {
  input: {
    name: 'Sales',
    config: {
      postgres: {
        host: 'localhost',
        port: 5432,
        database: 'postgres',
        auth: { password: { username: 'postgres', password: 'secret' } },
        tls: { mode: 'DISABLE' },
      },
    },
  },
}

const test = `# 3. Tests it and streams every step: what was measured, what went wrong, and how to mend it.
subscription TestConnection {
  testConnection(input: { target: { saved: { name: "Sales" } } }) {
    ... on ConnectionTestEvent {
      sequence
      test {
        status
        steps {
          key
          status
          durationMs
          evidence { label ... on TextEvidence { value } ... on AddressEvidence { address outcome } }
          problem { code message fields remedies { title ... on RunSqlRemedy { sql } } }
        }
      }
    }
    ... on Error { message code }
  }
}
`

const dataset = `# 4. Saves a query on it as a dataset, under the same inputKey, with what that type's queryForm asks for.
mutation CreateDataset {
  createDataset(
    input: {
      connector: { name: "Sales" }
      name: "Tables"
      query: { postgres: { sql: { text: "select schemaname, tablename from pg_tables order by 1, 2" } } }
    }
  ) {
    ... on CreateDatasetSuccess { dataset { id name status } }
    ... on ValidationError { issues { path message } }
    ... on Error { message code }
  }
}
`

const preview = `# 5. Runs a query live and read-only. Nothing of its rows is kept.
query PreviewDataset {
  previewDataset(
    input: {
      target: {
        draft: {
          connector: { name: "Sales" }
          query: { postgres: { sql: { text: "select current_user, version()" } } }
        }
      }
    }
  ) {
    ... on PreviewDatasetSuccess {
      preview {
        columns { name type nativeType }
        rows
        truncated
        durationMs
      }
    }
    ... on PreviewFailedError { problem { code message detail } }
    ... on Error { message code }
  }
}
`

const deletion = `# 6. What deleting the connector would touch. Copy the impactToken into the variables of the next tab.
query DeletionPlan {
  connectorDeletionPlan(connector: { name: "Sales" }) {
    impactToken
    hiddenDatasetCount
    datasets { nodes { id name } }
  }
}
`

const remove = `# 7. Deletes the connector, and the chosen ones of its datasets. Without the token in the variables this only warns.
mutation DeleteConnector($impactToken: String) {
  deleteConnector(input: { connector: { name: "Sales" }, impactToken: $impactToken, datasets: { all: true } }) {
    ... on DeleteConnectorSuccess { deletedConnectorId deletedDatasetIds }
    ... on ConnectorInUseError { message plan { impactToken datasets { nodes { name } } } }
    ... on Error { message code }
  }
}
`

/** The tabs that a first visitor sees: the whole story, in order. */
export const storyTabs = [
  { query: types },
  { query: create, variables: JSON.stringify(createVariables, null, 2) },
  { query: test },
  { query: dataset },
  { query: preview },
  { query: deletion },
  { query: remove, variables: JSON.stringify({ impactToken: null }, null, 2) },
] as const

export const graphiqlOptions: GraphiQLOptions = {
  title: 'Patchbay',
  // A subscription by GET would put variables, passwords included, into the address, and is refused besides.
  method: 'POST',
  defaultTabs: storyTabs.map(tab => ({ headers: null, variables: null, ...tab })),
  shouldPersistHeaders: false,
  schemaDescription: true,
  inputValueDeprecation: true,
}

/** 18 MB of inlined page, so that it works offline; loaded when somebody first asks for it. */
export async function renderGraphiql(options: GraphiQLOptions): Promise<string> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  return renderGraphiQL(options)
}
