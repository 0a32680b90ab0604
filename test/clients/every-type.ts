import type {
  ConnectorConfigInput,
  ConnectorConfigPatch,
  ConnectorTypeName,
  WholeConfigFragment,
} from '../generated/graphql.ts'

/**
 * A program over every connector type, as a client with generated types writes it: it compiles only while each type can be
 * created, changed and told apart by what the generator makes of the schema.
 */

/** The least that each type takes, with this as every secret. */
export const leastInputs = (secret: string) =>
  ({
    ATHENA: { athena: { region: 'eu-west-1', workgroup: 'analysts', credentials: accessKey(secret) } },
    BIGQUERY: { bigquery: { projectId: 'my-project-123456', auth: { accessToken: { token: secret } } } },
    DATABRICKS: {
      databricks: {
        host: 'adb-1234567890123456.7.azuredatabricks.net',
        httpPath: '/sql/1.0/warehouses/0123456789abcdef',
        auth: { accessToken: { token: secret } },
      },
    },
    HTTP_API: { httpApi: { baseUrl: 'https://api.example.com/v1', auth: { bearer: { token: secret } } } },
    MONGODB: { mongodb: { srvHost: 'events.example.net', auth: { scram: { username: 'reader', password: secret } } } },
    MYSQL: { mysql: { host: 'db.example.com', auth: { password: { username: 'reader', password: secret } } } },
    POSTGRES: { postgres: { host: 'db.example.com', auth: { password: { username: 'reader', password: secret } } } },
    REDSHIFT: { redshift: { host: 'dw.example.com', auth: { password: { username: 'reader', password: secret } } } },
    S3: { s3: { bucket: 'sales-exports', region: 'eu-west-1', credentials: accessKey(secret) } },
    SIMULATOR: { simulator: {} },
    SNOWFLAKE: {
      snowflake: {
        account: 'myorg-account123',
        username: 'READER',
        warehouse: 'REPORTING',
        auth: { accessToken: { token: secret } },
      },
    },
  }) as const satisfies Record<ConnectorTypeName, ConnectorConfigInput>

const accessKey = (secret: string) => ({ accessKey: { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: secret } })

/** A change that asks for no secret again. */
export const harmlessPatches = {
  ATHENA: { athena: { limits: { statementTimeoutSeconds: 30 } } },
  BIGQUERY: { bigquery: { limits: { statementTimeoutSeconds: 30 } } },
  DATABRICKS: { databricks: { catalog: 'main' } },
  HTTP_API: { httpApi: { probe: { path: '/me' } } },
  MONGODB: { mongodb: { limits: { statementTimeoutSeconds: 30 } } },
  MYSQL: { mysql: { limits: { statementTimeoutSeconds: 30 } } },
  POSTGRES: { postgres: { limits: { statementTimeoutSeconds: 30 } } },
  REDSHIFT: { redshift: { limits: { statementTimeoutSeconds: 30 } } },
  S3: { s3: { prefix: '2026/' } },
  SIMULATOR: { simulator: { scenario: 'ALL_PASS' } },
  SNOWFLAKE: { snowflake: { database: 'SALES' } },
} as const satisfies Record<ConnectorTypeName, ConnectorConfigPatch>

/** What a connector connects to, in a few words. */
export function placeOf(connector: WholeConfigFragment): string {
  switch (connector.__typename) {
    case 'AthenaConnector':
      return `${connector.athena.workgroup} in ${connector.athena.region}`
    case 'BigqueryConnector':
      return connector.bigquery.projectId
    case 'DatabricksConnector':
      return connector.databricks.host + connector.databricks.httpPath
    case 'HttpApiConnector':
      return `${connector.httpApi.baseUrl} (${connector.httpApi.auth.kind})`
    case 'MongodbConnector':
      return connector.mongodb.srvHost ?? connector.mongodb.hosts.map(({ host, port }) => `${host}:${port}`).join(', ')
    case 'MysqlConnector':
      return `${connector.mysql.host}:${connector.mysql.port}`
    case 'PostgresConnector':
      return `${connector.postgres.host}:${connector.postgres.port} as ${connector.postgres.auth.password?.username}`
    case 'RedshiftConnector':
      return `${connector.redshift.host}:${connector.redshift.port}`
    case 'S3Connector':
      return connector.s3.bucket
    case 'SimulatorConnector':
      return connector.simulator.scenario
    case 'SnowflakeConnector':
      return `${connector.snowflake.account}, ${connector.snowflake.warehouse}`
    default:
      return connector satisfies never
  }
}
