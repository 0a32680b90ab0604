/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** The kind of a network address. */
export type AddressFamily =
  /** Internet Protocol version 4. */
  | 'IPV4'
  /** Internet Protocol version 6. */
  | 'IPV6';

/** The configuration of a connector of the type Amazon Athena. */
export type AthenaConfigInput = {
  /** Catalog. The data catalog to read: that of AWS Glue, or a federated one. */
  catalog?: string;
  /** AWS credentials. Who asks AWS. */
  credentials: AwsCredentialsInput;
  /** Database. The database in which tables are looked for that a statement names without one. */
  database?: string | null | undefined;
  /** Limits. How long to wait for the server. */
  limits?: LimitsInput;
  /** Output location. Where Athena writes the results of queries. Leave empty where the workgroup says so, or keeps results itself. */
  outputLocation?: string | null | undefined;
  /** Region. The AWS region whose Athena is asked. */
  region: string;
  /** Workgroup. Queries run in it: it decides who may query, how much they may read, and often where results go. */
  workgroup?: string;
};

/** Changes to the configuration of a connector of the type Amazon Athena. What is left out stays; null clears an optional field or resets it to its default. */
export type AthenaConfigPatch = {
  /** Catalog. The data catalog to read: that of AWS Glue, or a federated one. */
  catalog?: string | null | undefined;
  /** AWS credentials. Who asks AWS. */
  credentials?: AwsCredentialsPatch | null | undefined;
  /** Database. The database in which tables are looked for that a statement names without one. */
  database?: string | null | undefined;
  /** Limits. How long to wait for the server. */
  limits?: LimitsPatch | null | undefined;
  /** Output location. Where Athena writes the results of queries. Leave empty where the workgroup says so, or keeps results itself. */
  outputLocation?: string | null | undefined;
  /** Region. The AWS region whose Athena is asked. */
  region?: string | null | undefined;
  /** Workgroup. Queries run in it: it decides who may query, how much they may read, and often where results go. */
  workgroup?: string | null | undefined;
};

/** What a dataset of the type Amazon Athena asks. Give exactly one. */
export type AthenaDatasetQueryInput =
  {   /** SQL. One statement that reads: SELECT, WITH, VALUES, TABLE, SHOW, DESCRIBE or EXPLAIN. */
  sql: AthenaDatasetQuerySqlInput; table?: never; }
  |  { sql?: never;   /** Table or view. All rows of one table or view. What is read of it is billed. */
  table: AthenaDatasetQueryTableInput; };

/** SQL. One statement that reads: SELECT, WITH, VALUES, TABLE, SHOW, DESCRIBE or EXPLAIN. */
export type AthenaDatasetQuerySqlInput = {
  /** Statement. The statement, without parameters. */
  text: string;
};

/** Table or view. All rows of one table or view. What is read of it is billed. */
export type AthenaDatasetQueryTableInput = {
  /** Columns. The columns to read. Leave empty for all. */
  columns?: Array<string>;
  /** Database. The database that holds it. Leave empty for that of the connector. */
  database?: string | null | undefined;
  /** Table. The name of the table or view. */
  name: string;
};

/** Access key. Of a user of your account that may do nothing else, or temporary keys. */
export type AwsCredentialsAccessKeyInput = {
  /** Access key id. Which key it is; not a secret by itself. */
  accessKeyId: string;
  /** Secret access key. It belongs to the access key id. It never leaves Patchbay: requests are signed with it. A secret: never shown again. */
  secretAccessKey: string;
  /** Session token. Only for temporary keys, whose access key id begins with ASIA. A secret: never shown again. */
  sessionToken?: string | null | undefined;
};

/** Access key. Of a user of your account that may do nothing else, or temporary keys. */
export type AwsCredentialsAccessKeyPatch = {
  /** Access key id. Which key it is; not a secret by itself. */
  accessKeyId?: string | null | undefined;
  /** Secret access key. It belongs to the access key id. It never leaves Patchbay: requests are signed with it. A secret: never shown again. */
  secretAccessKey?: string | null | undefined;
  /** Session token. Only for temporary keys, whose access key id begins with ASIA. A secret: never shown again. */
  sessionToken?: string | null | undefined;
};

/** Role (recommended). Patchbay assumes a role of your account by its own identity and this workspace's external id: there is no key to give away. */
export type AwsCredentialsAssumeRoleInput = {
  /** Role ARN. The role's trust policy must allow Patchbay's identity to assume it with this workspace's external id. */
  roleArn: string;
};

/** Role (recommended). Patchbay assumes a role of your account by its own identity and this workspace's external id: there is no key to give away. */
export type AwsCredentialsAssumeRolePatch = {
  /** Role ARN. The role's trust policy must allow Patchbay's identity to assume it with this workspace's external id. */
  roleArn?: string | null | undefined;
};

/** AWS credentials. Who asks AWS. Give exactly one. */
export type AwsCredentialsInput =
  {   /** Access key. Of a user of your account that may do nothing else, or temporary keys. */
  accessKey: AwsCredentialsAccessKeyInput; assumeRole?: never; }
  |  { accessKey?: never;   /** Role (recommended). Patchbay assumes a role of your account by its own identity and this workspace's external id: there is no key to give away. */
  assumeRole: AwsCredentialsAssumeRoleInput; };

/** Alternatives of "AWS credentials". */
export type AwsCredentialsKind =
  /** Access key. Of a user of your account that may do nothing else, or temporary keys. */
  | 'ACCESS_KEY'
  /** Role (recommended). Patchbay assumes a role of your account by its own identity and this workspace's external id: there is no key to give away. */
  | 'ASSUME_ROLE';

/** AWS credentials. Who asks AWS. Give exactly one. */
export type AwsCredentialsPatch =
  {   /** Access key. Of a user of your account that may do nothing else, or temporary keys. */
  accessKey: AwsCredentialsAccessKeyPatch; assumeRole?: never; }
  |  { accessKey?: never;   /** Role (recommended). Patchbay assumes a role of your account by its own identity and this workspace's external id: there is no key to give away. */
  assumeRole: AwsCredentialsAssumeRolePatch; };

/** Access token. For trying things out: it ends within the hour, and the connector with it. */
export type BigqueryAuthAccessTokenInput = {
  /** Token. An OAuth access token, as "gcloud auth print-access-token" prints it. A secret: never shown again. */
  token: string;
};

/** Access token. For trying things out: it ends within the hour, and the connector with it. */
export type BigqueryAuthAccessTokenPatch = {
  /** Token. An OAuth access token, as "gcloud auth print-access-token" prints it. A secret: never shown again. */
  token?: string | null | undefined;
};

/** Impersonation. A key whose account may do nothing but make short-lived tokens of the account that reads. */
export type BigqueryAuthImpersonateInput = {
  /** Key of the service account (JSON). The whole content of the JSON file. Only its account, key and key id are used. A secret: never shown again. */
  json: string;
  /** Service account that reads. Its e-mail address. The account of the key must be a "Service Account Token Creator" of it. */
  targetServiceAccount: string;
};

/** Impersonation. A key whose account may do nothing but make short-lived tokens of the account that reads. */
export type BigqueryAuthImpersonatePatch = {
  /** Key of the service account (JSON). The whole content of the JSON file. Only its account, key and key id are used. A secret: never shown again. */
  json?: string | null | undefined;
  /** Service account that reads. Its e-mail address. The account of the key must be a "Service Account Token Creator" of it. */
  targetServiceAccount?: string | null | undefined;
};

/** Sign-in. How Google knows who asks. Give exactly one. */
export type BigqueryAuthInput =
  {   /** Access token. For trying things out: it ends within the hour, and the connector with it. */
  accessToken: BigqueryAuthAccessTokenInput; impersonate?: never; serviceAccountKey?: never; }
  |  { accessToken?: never;   /** Impersonation. A key whose account may do nothing but make short-lived tokens of the account that reads. */
  impersonate: BigqueryAuthImpersonateInput; serviceAccountKey?: never; }
  |  { accessToken?: never; impersonate?: never;   /** Key of a service account. A service account that may read, and its key. */
  serviceAccountKey: BigqueryAuthServiceAccountKeyInput; };

/** Alternatives of "Sign-in". */
export type BigqueryAuthKind =
  /** Access token. For trying things out: it ends within the hour, and the connector with it. */
  | 'ACCESS_TOKEN'
  /** Impersonation. A key whose account may do nothing but make short-lived tokens of the account that reads. */
  | 'IMPERSONATE'
  /** Key of a service account. A service account that may read, and its key. */
  | 'SERVICE_ACCOUNT_KEY';

/** Sign-in. How Google knows who asks. Give exactly one. */
export type BigqueryAuthPatch =
  {   /** Access token. For trying things out: it ends within the hour, and the connector with it. */
  accessToken: BigqueryAuthAccessTokenPatch; impersonate?: never; serviceAccountKey?: never; }
  |  { accessToken?: never;   /** Impersonation. A key whose account may do nothing but make short-lived tokens of the account that reads. */
  impersonate: BigqueryAuthImpersonatePatch; serviceAccountKey?: never; }
  |  { accessToken?: never; impersonate?: never;   /** Key of a service account. A service account that may read, and its key. */
  serviceAccountKey: BigqueryAuthServiceAccountKeyPatch; };

/** Key of a service account. A service account that may read, and its key. */
export type BigqueryAuthServiceAccountKeyInput = {
  /** Key of the service account (JSON). The whole content of the JSON file. Only its account, key and key id are used. A secret: never shown again. */
  json: string;
};

/** Key of a service account. A service account that may read, and its key. */
export type BigqueryAuthServiceAccountKeyPatch = {
  /** Key of the service account (JSON). The whole content of the JSON file. Only its account, key and key id are used. A secret: never shown again. */
  json?: string | null | undefined;
};

/** The configuration of a connector of the type Google BigQuery. */
export type BigqueryConfigInput = {
  /** Sign-in. How Google knows who asks. */
  auth: BigqueryAuthInput;
  /** Certificate authorities. PEM text of the authorities of a proxy that opens encrypted connections, trusted in addition to the public ones. */
  caCertificates?: string | null | undefined;
  /** Project of the data. Only when the data is in another project than the one that pays for queries. */
  dataProjectId?: string | null | undefined;
  /** Default dataset. The dataset in which tables are looked for that a statement names without one. */
  defaultDataset?: string | null | undefined;
  /** Dialect. Which SQL statements are in. */
  dialect?: BigqueryDialect;
  /** Limits. How long to wait for the server. */
  limits?: LimitsInput;
  /** Location. Where queries run: it must be that of the data. Leave empty to have BigQuery find out. */
  location?: string | null | undefined;
  /** Most bytes billed for a query. A query that would read more is refused before it costs anything. 1 GiB is 1073741824. */
  maximumBytesBilled?: number;
  /** Project. The id of the Google Cloud project that queries run in, and are billed to. */
  projectId: string;
};

/** Changes to the configuration of a connector of the type Google BigQuery. What is left out stays; null clears an optional field or resets it to its default. */
export type BigqueryConfigPatch = {
  /** Sign-in. How Google knows who asks. */
  auth?: BigqueryAuthPatch | null | undefined;
  /** Certificate authorities. PEM text of the authorities of a proxy that opens encrypted connections, trusted in addition to the public ones. */
  caCertificates?: string | null | undefined;
  /** Project of the data. Only when the data is in another project than the one that pays for queries. */
  dataProjectId?: string | null | undefined;
  /** Default dataset. The dataset in which tables are looked for that a statement names without one. */
  defaultDataset?: string | null | undefined;
  /** Dialect. Which SQL statements are in. */
  dialect?: BigqueryDialect | null | undefined;
  /** Limits. How long to wait for the server. */
  limits?: LimitsPatch | null | undefined;
  /** Location. Where queries run: it must be that of the data. Leave empty to have BigQuery find out. */
  location?: string | null | undefined;
  /** Most bytes billed for a query. A query that would read more is refused before it costs anything. 1 GiB is 1073741824. */
  maximumBytesBilled?: number | null | undefined;
  /** Project. The id of the Google Cloud project that queries run in, and are billed to. */
  projectId?: string | null | undefined;
};

/** What a dataset of the type Google BigQuery asks. Give exactly one. */
export type BigqueryDatasetQueryInput =
  {   /** SQL. One statement that reads: SELECT or WITH, in GoogleSQL. */
  sql: BigqueryDatasetQuerySqlInput; table?: never; }
  |  { sql?: never;   /** Table. All rows of one table. Tables are read without a query, which costs nothing; views are queried. */
  table: BigqueryDatasetQueryTableInput; };

/** SQL. One statement that reads: SELECT or WITH, in GoogleSQL. */
export type BigqueryDatasetQuerySqlInput = {
  /** Statement. The statement, without parameters. */
  text: string;
};

/** Table. All rows of one table. Tables are read without a query, which costs nothing; views are queried. */
export type BigqueryDatasetQueryTableInput = {
  /** Columns. The columns to read. Leave empty for all. */
  columns?: Array<string>;
  /** Dataset. The dataset that holds it. Leave empty for the connector's default dataset. */
  dataset?: string | null | undefined;
  /** Table. The name of the table or view: case counts. */
  name: string;
  /** Project. The project that holds it. Leave empty for that of the connector. */
  project?: string | null | undefined;
};

/** Values of "Dialect". */
export type BigqueryDialect =
  /** GoogleSQL. The SQL of today; legacy SQL is not supported. */
  | 'STANDARD';

/** What an entry of a catalog is, whatever the data source calls it. Kinds are added over time. */
export type CatalogEntryKind =
  /** What holds databases or schemas: a catalog, a project. */
  | 'CATALOG'
  /** A collection of documents. */
  | 'COLLECTION'
  /** A column, or a field of documents. */
  | 'COLUMN'
  /** A database. */
  | 'DATABASE'
  /** What names with the same beginning have in common. */
  | 'FOLDER'
  /** A file or another object. */
  | 'OBJECT'
  /** A schema or a dataset: what holds tables. */
  | 'SCHEMA'
  /** A table. */
  | 'TABLE'
  /** A view. */
  | 'VIEW';

/** What the values of a column are, whatever the data source calls it. */
export type ColumnType =
  /** Bytes, as base64 text. */
  | 'BINARY'
  /** True or false. */
  | 'BOOLEAN'
  /** Dates without a time of day. */
  | 'DATE'
  /** Exact decimal numbers, as text. */
  | 'DECIMAL'
  /** Inexact numbers. */
  | 'FLOAT'
  /** Whole numbers; as text beyond 2^53. */
  | 'INTEGER'
  /** JSON documents. */
  | 'JSON'
  /** Lists of values, such as arrays. */
  | 'LIST'
  /** Anything else, as text. */
  | 'OTHER'
  /** Text. */
  | 'TEXT'
  /** Times of day. */
  | 'TIME'
  /** Instants, or dates with a time of day. */
  | 'TIMESTAMP';

/** What a change is about. New ones are added over time: show the message of one that you do not know. */
export type ConnectionTestChangeSubject =
  /** The addresses that the host name leads to, or that were tried. */
  | 'ADDRESS'
  /** A certificate that the server shows: another one, or renewed. */
  | 'CERTIFICATE'
  /** Patchbay tests this connector type in another way than before. */
  | 'CONNECTOR_TYPE'
  /** A field of the connector's configuration. */
  | 'FIELD'
  /** Another measured fact, which `label` names: the version of the server, the encryption, the host key of an SSH server. */
  | 'OBSERVATION'
  /** A secret was set, given another value, or removed. Values are never shown. */
  | 'SECRET';

/** How a connection test stands. */
export type ConnectionTestStatus =
  /** It was cancelled. */
  | 'CANCELLED'
  /** It could not be run to its end, through no fault of the data source. */
  | 'ERRORED'
  /** A required step failed. */
  | 'FAILED'
  /** Every required step passed. */
  | 'PASSED'
  /** Every required step passed, and something should be mended. */
  | 'PASSED_WITH_WARNINGS'
  /** It is under way. */
  | 'RUNNING';

/** What a step of a connection test establishes. */
export type ConnectionTestStepKey =
  /** A network connection is made. */
  | 'CONNECT'
  /** This server may connect to these addresses. */
  | 'EGRESS'
  /** The peer speaks the right protocol. */
  | 'GREET'
  /** The account can do no more than it needs. */
  | 'LEAST_PRIVILEGE'
  /** The database, warehouse or bucket is usable. */
  | 'OPEN'
  /** Something is really read. */
  | 'READ'
  /** The host name is turned into addresses. */
  | 'RESOLVE'
  /** The connection is encrypted and the server is who it should be. */
  | 'SECURE'
  /** The credentials are accepted. They are tried once. */
  | 'SIGN_IN'
  /** The other members of a cluster are found. */
  | 'TOPOLOGY'
  /** The SSH tunnel is opened. */
  | 'TUNNEL';

/** How a step of a connection test stands. */
export type ConnectionTestStepStatus =
  /** The test was cancelled, or its process was lost, before it ended. */
  | 'CANCELLED'
  /** It ran and failed. */
  | 'FAILED'
  /** It ran, and what it claims was measured. */
  | 'PASSED'
  /** It has not begun. */
  | 'PENDING'
  /** It is under way. */
  | 'RUNNING'
  /** It did not run, or could not measure what it is about. */
  | 'SKIPPED'
  /** It ran, and something should be mended. */
  | 'WARNING';

/** What a connector type can do beyond being tested. */
export type ConnectorCapability =
  /** What the source holds can be looked through: see `Connector.catalog`. */
  | 'BROWSE'
  /** A test warns of accounts that could write. */
  | 'LEAST_PRIVILEGE_CHECK'
  /** Values for some form fields can be listed from the source: see `connectorFieldOptions`. */
  | 'LIVE_OPTIONS'
  /** Rows of a dataset can be previewed. */
  | 'PREVIEW'
  /** The source itself is told that nothing may be written. */
  | 'READ_ONLY_SESSION'
  /** The source can be reached through an SSH server. */
  | 'SSH_TUNNEL';

/** What a connector type connects to. */
export type ConnectorCategory =
  /** A web API. */
  | 'API'
  /** A database. */
  | 'DATABASE'
  /** For developing and testing clients of this server. */
  | 'DEVELOPMENT'
  /** Files in a storage service. */
  | 'STORAGE'
  /** A data warehouse. */
  | 'WAREHOUSE';

/** The configuration of a connector. Give exactly one: the one of the connector's type. */
export type ConnectorConfigInput =
  {   /** For the connector type Amazon Athena. */
  athena: AthenaConfigInput; bigquery?: never; databricks?: never; httpApi?: never; mongodb?: never; mysql?: never; postgres?: never; redshift?: never; s3?: never; simulator?: never; snowflake?: never; }
  |  { athena?: never;   /** For the connector type Google BigQuery. */
  bigquery: BigqueryConfigInput; databricks?: never; httpApi?: never; mongodb?: never; mysql?: never; postgres?: never; redshift?: never; s3?: never; simulator?: never; snowflake?: never; }
  |  { athena?: never; bigquery?: never;   /** For the connector type Databricks. */
  databricks: DatabricksConfigInput; httpApi?: never; mongodb?: never; mysql?: never; postgres?: never; redshift?: never; s3?: never; simulator?: never; snowflake?: never; }
  |  { athena?: never; bigquery?: never; databricks?: never;   /** For the connector type HTTP API. */
  httpApi: HttpApiConfigInput; mongodb?: never; mysql?: never; postgres?: never; redshift?: never; s3?: never; simulator?: never; snowflake?: never; }
  |  { athena?: never; bigquery?: never; databricks?: never; httpApi?: never;   /** For the connector type MongoDB. */
  mongodb: MongodbConfigInput; mysql?: never; postgres?: never; redshift?: never; s3?: never; simulator?: never; snowflake?: never; }
  |  { athena?: never; bigquery?: never; databricks?: never; httpApi?: never; mongodb?: never;   /** For the connector type MySQL / MariaDB. */
  mysql: MysqlConfigInput; postgres?: never; redshift?: never; s3?: never; simulator?: never; snowflake?: never; }
  |  { athena?: never; bigquery?: never; databricks?: never; httpApi?: never; mongodb?: never; mysql?: never;   /** For the connector type PostgreSQL. */
  postgres: PostgresConfigInput; redshift?: never; s3?: never; simulator?: never; snowflake?: never; }
  |  { athena?: never; bigquery?: never; databricks?: never; httpApi?: never; mongodb?: never; mysql?: never; postgres?: never;   /** For the connector type Amazon Redshift. */
  redshift: RedshiftConfigInput; s3?: never; simulator?: never; snowflake?: never; }
  |  { athena?: never; bigquery?: never; databricks?: never; httpApi?: never; mongodb?: never; mysql?: never; postgres?: never; redshift?: never;   /** For the connector type Amazon S3. */
  s3: S3ConfigInput; simulator?: never; snowflake?: never; }
  |  { athena?: never; bigquery?: never; databricks?: never; httpApi?: never; mongodb?: never; mysql?: never; postgres?: never; redshift?: never; s3?: never;   /** For the connector type Simulator. */
  simulator: SimulatorConfigInput; snowflake?: never; }
  |  { athena?: never; bigquery?: never; databricks?: never; httpApi?: never; mongodb?: never; mysql?: never; postgres?: never; redshift?: never; s3?: never; simulator?: never;   /** For the connector type Snowflake. */
  snowflake: SnowflakeConfigInput; };

/** Changes to the configuration of a connector. Give exactly one: the one of the connector's type. */
export type ConnectorConfigPatch =
  {   /** For the connector type Amazon Athena. */
  athena: AthenaConfigPatch; bigquery?: never; databricks?: never; httpApi?: never; mongodb?: never; mysql?: never; postgres?: never; redshift?: never; s3?: never; simulator?: never; snowflake?: never; }
  |  { athena?: never;   /** For the connector type Google BigQuery. */
  bigquery: BigqueryConfigPatch; databricks?: never; httpApi?: never; mongodb?: never; mysql?: never; postgres?: never; redshift?: never; s3?: never; simulator?: never; snowflake?: never; }
  |  { athena?: never; bigquery?: never;   /** For the connector type Databricks. */
  databricks: DatabricksConfigPatch; httpApi?: never; mongodb?: never; mysql?: never; postgres?: never; redshift?: never; s3?: never; simulator?: never; snowflake?: never; }
  |  { athena?: never; bigquery?: never; databricks?: never;   /** For the connector type HTTP API. */
  httpApi: HttpApiConfigPatch; mongodb?: never; mysql?: never; postgres?: never; redshift?: never; s3?: never; simulator?: never; snowflake?: never; }
  |  { athena?: never; bigquery?: never; databricks?: never; httpApi?: never;   /** For the connector type MongoDB. */
  mongodb: MongodbConfigPatch; mysql?: never; postgres?: never; redshift?: never; s3?: never; simulator?: never; snowflake?: never; }
  |  { athena?: never; bigquery?: never; databricks?: never; httpApi?: never; mongodb?: never;   /** For the connector type MySQL / MariaDB. */
  mysql: MysqlConfigPatch; postgres?: never; redshift?: never; s3?: never; simulator?: never; snowflake?: never; }
  |  { athena?: never; bigquery?: never; databricks?: never; httpApi?: never; mongodb?: never; mysql?: never;   /** For the connector type PostgreSQL. */
  postgres: PostgresConfigPatch; redshift?: never; s3?: never; simulator?: never; snowflake?: never; }
  |  { athena?: never; bigquery?: never; databricks?: never; httpApi?: never; mongodb?: never; mysql?: never; postgres?: never;   /** For the connector type Amazon Redshift. */
  redshift: RedshiftConfigPatch; s3?: never; simulator?: never; snowflake?: never; }
  |  { athena?: never; bigquery?: never; databricks?: never; httpApi?: never; mongodb?: never; mysql?: never; postgres?: never; redshift?: never;   /** For the connector type Amazon S3. */
  s3: S3ConfigPatch; simulator?: never; snowflake?: never; }
  |  { athena?: never; bigquery?: never; databricks?: never; httpApi?: never; mongodb?: never; mysql?: never; postgres?: never; redshift?: never; s3?: never;   /** For the connector type Simulator. */
  simulator: SimulatorConfigPatch; snowflake?: never; }
  |  { athena?: never; bigquery?: never; databricks?: never; httpApi?: never; mongodb?: never; mysql?: never; postgres?: never; redshift?: never; s3?: never; simulator?: never;   /** For the connector type Snowflake. */
  snowflake: SnowflakeConfigPatch; };

/** For which form field, and where to look. */
export type ConnectorFieldOptionsInput = {
  /** The `endCursor` of the page before, of the same list with the same search. */
  after?: string | null | undefined;
  /** Path of the form field: one that has `FormField.liveOptions`. */
  field: string;
  /** How many items, from 1 to 100. */
  first?: number;
  /** Whether listing may cost money or start a machine, such as a stopped warehouse. */
  mayStartCompute?: boolean;
  /** Part of the name, without regard to case, of at most 200 characters. Some data sources only look at the beginning of names; their pages of the documentation say so. */
  search?: string | null | undefined;
  /** Where to look. */
  target: ConnectorFieldOptionsTarget;
};

/** Where to look. */
export type ConnectorFieldOptionsTarget =
  {   /** A configuration that is not saved, as far as it is filled in: only what the asked field needs must be there. What is left out has its default. Its secrets are stored nowhere. */
  draft: ConnectorConfigPatch; edit?: never; saved?: never; }
  |  { draft?: never;   /** A saved connector as it would be after a change. */
  edit: PendingEditInput; saved?: never; }
  |  { draft?: never; edit?: never;   /** A saved connector as it is. */
  saved: ConnectorRef; };

/** Whether a connector type is for one data source or for many. */
export type ConnectorKind =
  /** Many data sources, with an advanced configuration. */
  | 'GENERIC'
  /** One data source, with a friendly form. */
  | 'SPECIFIC';

/** Names one connector, in one of three ways. */
export type ConnectorRef =
  {   /** By the key that its creator gave it. */
  externalKey: string; id?: never; name?: never; }
  |  { externalKey?: never;   /** By its global id. */
  id: string; name?: never; }
  |  { externalKey?: never; id?: never;   /** By its name, without regard to case. */
  name: string; };

/** Names of the connector types. */
export type ConnectorTypeName =
  /** Amazon Athena. */
  | 'ATHENA'
  /** Google BigQuery. */
  | 'BIGQUERY'
  /** Databricks. */
  | 'DATABRICKS'
  /** HTTP API. */
  | 'HTTP_API'
  /** MongoDB. */
  | 'MONGODB'
  /** MySQL / MariaDB. */
  | 'MYSQL'
  /** PostgreSQL. */
  | 'POSTGRES'
  /** Amazon Redshift. */
  | 'REDSHIFT'
  /** Amazon S3. */
  | 'S3'
  /** Simulator. */
  | 'SIMULATOR'
  /** Snowflake. */
  | 'SNOWFLAKE';

/** Whether a connector as it is now is known to work. */
export type ConnectorVerificationState =
  /** The last test of it as it is now passed, perhaps with warnings. */
  | 'CURRENT'
  /** The last test of it as it is now did not pass. */
  | 'FAILED'
  /** It was never tested to an end. */
  | 'NEVER'
  /** Its configuration, a secret or its type changed since it was tested. */
  | 'OUTDATED';

/** What to create. */
export type CreateConnectorInput = {
  /** Its type and configuration. */
  config: ConnectorConfigInput;
  /** Free text: what the connector is for. */
  description?: string | null | undefined;
  /** A key of your own, unique in the workspace: how automation finds it again. */
  externalKey?: string | null | undefined;
  /** Any text, fresh for each new connector: repeating a request with it for 24 h creates nothing twice. */
  idempotencyKey?: string | null | undefined;
  /** Its name, unique in the workspace without regard to case. */
  name: string;
  /** Whether saving depends on a connection test. */
  testGate?: TestGate;
  /** A connection test of just this configuration, whose result the connector adopts. */
  testId?: string | null | undefined;
};

/** What to create. */
export type CreateDatasetInput = {
  /** The connector to read through. */
  connector: ConnectorRef;
  /** Free text: what its rows are about. */
  description?: string | null | undefined;
  /** Any text, fresh for each new dataset: repeating a request with it for 24 h creates nothing twice. */
  idempotencyKey?: string | null | undefined;
  /** Its name, unique in the workspace without regard to case. */
  name: string;
  /** What it asks; of the connector's type. */
  query: DatasetQueryInput;
};

/** Personal access token. A token of a user or service principal; it does what its owner may. */
export type DatabricksAuthAccessTokenInput = {
  /** Token. As shown when it was made; it begins with "dapi". A secret: never shown again. */
  token: string;
};

/** Personal access token. A token of a user or service principal; it does what its owner may. */
export type DatabricksAuthAccessTokenPatch = {
  /** Token. As shown when it was made; it begins with "dapi". A secret: never shown again. */
  token?: string | null | undefined;
};

/** Sign-in. How Databricks knows who asks. Give exactly one. */
export type DatabricksAuthInput =
  {   /** Personal access token. A token of a user or service principal; it does what its owner may. */
  accessToken: DatabricksAuthAccessTokenInput; oauthM2m?: never; }
  |  { accessToken?: never;   /** OAuth of a service principal (recommended). A service principal that may read, with a secret of its own. Tokens are short-lived. */
  oauthM2m: DatabricksAuthOauthM2mInput; };

/** Alternatives of "Sign-in". */
export type DatabricksAuthKind =
  /** Personal access token. A token of a user or service principal; it does what its owner may. */
  | 'ACCESS_TOKEN'
  /** OAuth of a service principal (recommended). A service principal that may read, with a secret of its own. Tokens are short-lived. */
  | 'OAUTH_M2M';

/** OAuth of a service principal (recommended). A service principal that may read, with a secret of its own. Tokens are short-lived. */
export type DatabricksAuthOauthM2mInput = {
  /** Client id. The application id of the service principal. */
  clientId: string;
  /** OAuth secret. A secret of that service principal. A secret: never shown again. */
  clientSecret: string;
};

/** OAuth of a service principal (recommended). A service principal that may read, with a secret of its own. Tokens are short-lived. */
export type DatabricksAuthOauthM2mPatch = {
  /** Client id. The application id of the service principal. */
  clientId?: string | null | undefined;
  /** OAuth secret. A secret of that service principal. A secret: never shown again. */
  clientSecret?: string | null | undefined;
};

/** Sign-in. How Databricks knows who asks. Give exactly one. */
export type DatabricksAuthPatch =
  {   /** Personal access token. A token of a user or service principal; it does what its owner may. */
  accessToken: DatabricksAuthAccessTokenPatch; oauthM2m?: never; }
  |  { accessToken?: never;   /** OAuth of a service principal (recommended). A service principal that may read, with a secret of its own. Tokens are short-lived. */
  oauthM2m: DatabricksAuthOauthM2mPatch; };

/** The configuration of a connector of the type Databricks. */
export type DatabricksConfigInput = {
  /** Sign-in. How Databricks knows who asks. */
  auth: DatabricksAuthInput;
  /** Certificate authorities. PEM text of the authorities of a proxy that opens encrypted connections, trusted in addition to the public ones. */
  caCertificates?: string | null | undefined;
  /** Catalog. The catalog to read. Leave empty for the default one of the workspace. */
  catalog?: string | null | undefined;
  /** Server hostname. The workspace's host name, from the connection details of the SQL warehouse or cluster. */
  host: string;
  /** HTTP path. Which SQL warehouse or cluster runs the queries, from its connection details. */
  httpPath: string;
  /** Limits. How long to wait for the server. */
  limits?: LimitsInput;
  /** Schema. The schema in which tables are looked for that a statement names without one. */
  schema?: string | null | undefined;
};

/** Changes to the configuration of a connector of the type Databricks. What is left out stays; null clears an optional field or resets it to its default. */
export type DatabricksConfigPatch = {
  /** Sign-in. How Databricks knows who asks. */
  auth?: DatabricksAuthPatch | null | undefined;
  /** Certificate authorities. PEM text of the authorities of a proxy that opens encrypted connections, trusted in addition to the public ones. */
  caCertificates?: string | null | undefined;
  /** Catalog. The catalog to read. Leave empty for the default one of the workspace. */
  catalog?: string | null | undefined;
  /** Server hostname. The workspace's host name, from the connection details of the SQL warehouse or cluster. */
  host?: string | null | undefined;
  /** HTTP path. Which SQL warehouse or cluster runs the queries, from its connection details. */
  httpPath?: string | null | undefined;
  /** Limits. How long to wait for the server. */
  limits?: LimitsPatch | null | undefined;
  /** Schema. The schema in which tables are looked for that a statement names without one. */
  schema?: string | null | undefined;
};

/** What a dataset of the type Databricks asks. Give exactly one. */
export type DatabricksDatasetQueryInput =
  {   /** SQL. One statement that reads: SELECT, WITH, VALUES, TABLE, SHOW, DESCRIBE or EXPLAIN. */
  sql: DatabricksDatasetQuerySqlInput; table?: never; }
  |  { sql?: never;   /** Table or view. All rows of one table or view. */
  table: DatabricksDatasetQueryTableInput; };

/** SQL. One statement that reads: SELECT, WITH, VALUES, TABLE, SHOW, DESCRIBE or EXPLAIN. */
export type DatabricksDatasetQuerySqlInput = {
  /** Statement. The statement, without parameters. */
  text: string;
};

/** Table or view. All rows of one table or view. */
export type DatabricksDatasetQueryTableInput = {
  /** Catalog. The catalog that holds it. Leave empty for that of the connector. */
  catalog?: string | null | undefined;
  /** Columns. The columns to read. Leave empty for all. */
  columns?: Array<string>;
  /** Table. The name of the table or view. */
  name: string;
  /** Schema. The schema that holds it. Leave empty for that of the connector. */
  schema?: string | null | undefined;
};

/** What a dataset asks of its data source. Give exactly one: the one of the connector's type. */
export type DatasetQueryInput =
  {   /** For the connector type Amazon Athena. */
  athena: AthenaDatasetQueryInput; bigquery?: never; databricks?: never; httpApi?: never; mongodb?: never; mysql?: never; postgres?: never; redshift?: never; s3?: never; simulator?: never; snowflake?: never; }
  |  { athena?: never;   /** For the connector type Google BigQuery. */
  bigquery: BigqueryDatasetQueryInput; databricks?: never; httpApi?: never; mongodb?: never; mysql?: never; postgres?: never; redshift?: never; s3?: never; simulator?: never; snowflake?: never; }
  |  { athena?: never; bigquery?: never;   /** For the connector type Databricks. */
  databricks: DatabricksDatasetQueryInput; httpApi?: never; mongodb?: never; mysql?: never; postgres?: never; redshift?: never; s3?: never; simulator?: never; snowflake?: never; }
  |  { athena?: never; bigquery?: never; databricks?: never;   /** For the connector type HTTP API. */
  httpApi: HttpApiDatasetQueryInput; mongodb?: never; mysql?: never; postgres?: never; redshift?: never; s3?: never; simulator?: never; snowflake?: never; }
  |  { athena?: never; bigquery?: never; databricks?: never; httpApi?: never;   /** For the connector type MongoDB. */
  mongodb: MongodbDatasetQueryInput; mysql?: never; postgres?: never; redshift?: never; s3?: never; simulator?: never; snowflake?: never; }
  |  { athena?: never; bigquery?: never; databricks?: never; httpApi?: never; mongodb?: never;   /** For the connector type MySQL / MariaDB. */
  mysql: MysqlDatasetQueryInput; postgres?: never; redshift?: never; s3?: never; simulator?: never; snowflake?: never; }
  |  { athena?: never; bigquery?: never; databricks?: never; httpApi?: never; mongodb?: never; mysql?: never;   /** For the connector type PostgreSQL. */
  postgres: PostgresDatasetQueryInput; redshift?: never; s3?: never; simulator?: never; snowflake?: never; }
  |  { athena?: never; bigquery?: never; databricks?: never; httpApi?: never; mongodb?: never; mysql?: never; postgres?: never;   /** For the connector type Amazon Redshift. */
  redshift: RedshiftDatasetQueryInput; s3?: never; simulator?: never; snowflake?: never; }
  |  { athena?: never; bigquery?: never; databricks?: never; httpApi?: never; mongodb?: never; mysql?: never; postgres?: never; redshift?: never;   /** For the connector type Amazon S3. */
  s3: S3DatasetQueryInput; simulator?: never; snowflake?: never; }
  |  { athena?: never; bigquery?: never; databricks?: never; httpApi?: never; mongodb?: never; mysql?: never; postgres?: never; redshift?: never; s3?: never;   /** For the connector type Simulator. */
  simulator: SimulatorDatasetQueryInput; snowflake?: never; }
  |  { athena?: never; bigquery?: never; databricks?: never; httpApi?: never; mongodb?: never; mysql?: never; postgres?: never; redshift?: never; s3?: never; simulator?: never;   /** For the connector type Snowflake. */
  snowflake: SnowflakeDatasetQueryInput; };

/** Which of the dependent datasets to delete too. The others stay, detached. */
export type DatasetSelection =
  {   /** All that the viewer may see; must be true. */
  all: boolean; ids?: never; none?: never; }
  |  { all?: never;   /** Just these, at most 1000. */
  ids: Array<string>; none?: never; }
  |  { all?: never; ids?: never;   /** None of them; must be true. */
  none: boolean; };

/** Whether a dataset can be read. */
export type DatasetStatus =
  /** It has a connector. */
  | 'CONNECTED'
  /** Its connector was deleted. `updateDataset` can point it at another one. */
  | 'DISCONNECTED';

/** What to delete. */
export type DeleteConnectorInput = {
  /** Which connector. */
  connector: ConnectorRef;
  /** Which of the dependent datasets to delete too; none unless given. */
  datasets?: DatasetSelection | null | undefined;
  /** From `connectorDeletionPlan`, as proof that the dependents were seen. Not needed when there are none. */
  impactToken?: string | null | undefined;
};

/** A query that is not saved. */
export type DraftDatasetInput = {
  /** The connector to read through. */
  connector: ConnectorRef;
  /** What to ask; of the connector's type. */
  query: DatasetQueryInput;
};

/** Why a request was refused. Codes are added over time: show the message of one that you do not know. */
export type ErrorCode =
  /** This server does not let anybody in with API tokens. */
  | 'API_TOKENS_OFF'
  /** Something changed since the caller read it. */
  | 'CONFLICT'
  /** Saving was asked for only with a passing test. */
  | 'CONNECTION_TEST_FAILED'
  /** Datasets depend on the connector. */
  | 'CONNECTOR_IN_USE'
  /** The external key is already in use. */
  | 'EXTERNAL_KEY_TAKEN'
  /** The key was already used with another input. */
  | 'IDEMPOTENCY_KEY_REUSED'
  /** The workspace has as many as it may have. */
  | 'LIMIT_REACHED'
  /** The name is already in use. */
  | 'NAME_TAKEN'
  /** What the input names does not exist, or not for this viewer. */
  | 'NOT_FOUND'
  /** The data source did not answer the query; `PreviewFailedError` says why. */
  | 'PREVIEW_FAILED'
  /** Too much at once, or too soon; `RateLimitedError` says why and until when. */
  | 'RATE_LIMITED'
  /** Stored secrets would go to another destination and must be given again. */
  | 'SECRET_REENTRY_REQUIRED'
  /** The store that keeps secrets failed. */
  | 'SECRET_STORE_FAILED'
  /** The input has mistakes; `ValidationError` lists them. */
  | 'VALIDATION_FAILED';

/** Which connection a fact was measured on. */
export type EvidenceMeasuredOn =
  /** A separate connection, made without credentials. */
  | 'PROBE'
  /** The connection that carries the credentials. */
  | 'SAME_SOCKET';

/** How a form field is filled in. */
export type FormFieldKind =
  /** Exactly one of several groups, named by `options`. */
  | 'ALTERNATIVES'
  /** Yes or no. */
  | 'BOOLEAN'
  /** One of `options`. */
  | 'CHOICE'
  /** A group of fields, described under paths that start with its own. */
  | 'GROUP'
  /** A whole number. */
  | 'INTEGER'
  /** A list, whose items are described under the path `<path>.*`. */
  | 'LIST'
  /** Several lines of text. */
  | 'MULTILINE_TEXT'
  /** A number. */
  | 'NUMBER'
  /** One line of text. */
  | 'TEXT';

/** The configuration of a connector of the type HTTP API. */
export type HttpApiConfigInput = {
  /** Authentication. Who asks. */
  auth: HttpAuthInput;
  /** Base URL. What the addresses of all requests begin with. */
  baseUrl: string;
  /** Headers. Sent with every request. */
  headers?: Array<HttpHeaderInput>;
  /** Limits. What one request may take. */
  limits?: HttpLimitsInput;
  /** Test request. What a test asks for. */
  probe?: HttpProbeInput;
  /** Parameters. Added to the URL of every request. For keys choose the authentication by API key. */
  queryParameters?: Array<HttpParameterInput>;
  /** Rate limit. How fast one run may ask. */
  rateLimit?: HttpRateLimitInput;
  /** Redirects. Whether to go where the API sends a request on to. */
  redirects?: HttpRedirects;
  /** Retries. What happens when the API is overloaded or a connection breaks off. Tests never retry. */
  retry?: HttpRetryInput;
  /** Encryption (TLS). Whether the connection is encrypted, and which servers are trusted. */
  tls?: TlsInput;
};

/** Changes to the configuration of a connector of the type HTTP API. What is left out stays; null clears an optional field or resets it to its default. */
export type HttpApiConfigPatch = {
  /** Authentication. Who asks. */
  auth?: HttpAuthPatch | null | undefined;
  /** Base URL. What the addresses of all requests begin with. */
  baseUrl?: string | null | undefined;
  /** Headers. Sent with every request. Items of stored names are merged, others must be complete. */
  headers?: Array<HttpHeaderPatch> | null | undefined;
  /** Limits. What one request may take. */
  limits?: HttpLimitsPatch | null | undefined;
  /** Test request. What a test asks for. */
  probe?: HttpProbePatch | null | undefined;
  /** Parameters. Added to the URL of every request. For keys choose the authentication by API key. */
  queryParameters?: Array<HttpParameterInput> | null | undefined;
  /** Rate limit. How fast one run may ask. */
  rateLimit?: HttpRateLimitPatch | null | undefined;
  /** Redirects. Whether to go where the API sends a request on to. */
  redirects?: HttpRedirects | null | undefined;
  /** Retries. What happens when the API is overloaded or a connection breaks off. Tests never retry. */
  retry?: HttpRetryPatch | null | undefined;
  /** Encryption (TLS). Whether the connection is encrypted, and which servers are trusted. */
  tls?: TlsPatch | null | undefined;
};

/** What a dataset of the type HTTP API asks. */
export type HttpApiDatasetQueryInput = {
  /** Body. What to ask, as JSON. */
  body?: string | null | undefined;
  /** Limits. How much to fetch at most. */
  caps?: HttpCapsInput;
  /** Headers. Accept, Accept-Language, Prefer and headers that begin with "X-". Those of the connector come first. */
  headers?: Array<HttpDatasetHeaderInput>;
  /** Method. How to ask. */
  method?: HttpMethod;
  /** Pages. How the API gives out long lists. */
  pagination?: HttpPaginationInput;
  /** Parameters. Added to the URL. Those of the connector take the place of any that are called so. */
  parameters?: Array<HttpParameterInput>;
  /** Path. Follows the base URL of the connector. */
  path: string;
  /** This POST only reads. Say so only where the documentation of the API does: Patchbay cannot tell. */
  readOnlyPost?: boolean;
  /** Where the records are. A JSONPath (RFC 9535) that selects the records in an answer. Leave empty where the answer is the list of records, or the one record. */
  records?: string | null | undefined;
};

/** Values of "Where". */
export type HttpApiKeyPlace =
  /** Header. Recommended: URLs are logged on the way, headers are not. */
  | 'HEADER'
  /** Parameter of the URL. For APIs that take it nowhere else. */
  | 'QUERY';

/** API key. A key in a header or a parameter of the API. */
export type HttpAuthApiKeyInput = {
  /** Where. Where the API looks for the key. */
  in?: HttpApiKeyPlace;
  /** Name. The name of the header or parameter. */
  name: string;
  /** Key. With the word in front of it that some APIs want, such as "Token". A secret: never shown again. */
  value: string;
};

/** API key. A key in a header or a parameter of the API. */
export type HttpAuthApiKeyPatch = {
  /** Where. Where the API looks for the key. */
  in?: HttpApiKeyPlace | null | undefined;
  /** Name. The name of the header or parameter. */
  name?: string | null | undefined;
  /** Key. With the word in front of it that some APIs want, such as "Token". A secret: never shown again. */
  value?: string | null | undefined;
};

/** User name and password. HTTP Basic. */
export type HttpAuthBasicInput = {
  /** Password. Leave empty where the API wants none. A secret: never shown again. */
  password?: string | null | undefined;
  /** User name. Of the account that reads. It is no secret: a key that stands alone is better given as an API key, for the header "Authorization" and with "Basic " in front. */
  username: string;
};

/** User name and password. HTTP Basic. */
export type HttpAuthBasicPatch = {
  /** Password. Leave empty where the API wants none. A secret: never shown again. */
  password?: string | null | undefined;
  /** User name. Of the account that reads. It is no secret: a key that stands alone is better given as an API key, for the header "Authorization" and with "Basic " in front. */
  username?: string | null | undefined;
};

/** Bearer token. A token in the header Authorization. */
export type HttpAuthBearerInput = {
  /** Token. Without the word "Bearer". A secret: never shown again. */
  token: string;
};

/** Bearer token. A token in the header Authorization. */
export type HttpAuthBearerPatch = {
  /** Token. Without the word "Bearer". A secret: never shown again. */
  token?: string | null | undefined;
};

/** Authentication. Who asks. Give exactly one. */
export type HttpAuthInput =
  {   /** API key. A key in a header or a parameter of the API. */
  apiKey: HttpAuthApiKeyInput; basic?: never; bearer?: never; none?: never; oauthClientCredentials?: never; }
  |  { apiKey?: never;   /** User name and password. HTTP Basic. */
  basic: HttpAuthBasicInput; bearer?: never; none?: never; oauthClientCredentials?: never; }
  |  { apiKey?: never; basic?: never;   /** Bearer token. A token in the header Authorization. */
  bearer: HttpAuthBearerInput; none?: never; oauthClientCredentials?: never; }
  |  { apiKey?: never; basic?: never; bearer?: never;   /** None. The API answers everybody. Must be true. */
  none: boolean; oauthClientCredentials?: never; }
  |  { apiKey?: never; basic?: never; bearer?: never; none?: never;   /** OAuth client credentials. An identity provider gives out a token for each run. */
  oauthClientCredentials: HttpAuthOauthClientCredentialsInput; };

/** Alternatives of "Authentication". */
export type HttpAuthKind =
  /** API key. A key in a header or a parameter of the API. */
  | 'API_KEY'
  /** User name and password. HTTP Basic. */
  | 'BASIC'
  /** Bearer token. A token in the header Authorization. */
  | 'BEARER'
  /** None. The API answers everybody. */
  | 'NONE'
  /** OAuth client credentials. An identity provider gives out a token for each run. */
  | 'OAUTH_CLIENT_CREDENTIALS';

/** OAuth client credentials. An identity provider gives out a token for each run. */
export type HttpAuthOauthClientCredentialsInput = {
  /** Audience. Only where the identity provider wants to know which API the token is for. */
  audience?: string | null | undefined;
  /** How the client signs in. Where the client secret stands in the request for a token. */
  clientAuthentication?: HttpClientAuthentication;
  /** Client id. As the identity provider knows the client. */
  clientId: string;
  /** Client secret. Sent to the token URL and nowhere else. A secret: never shown again. */
  clientSecret: string;
  /** Scopes. Names with spaces between them, as the API documents them. Ask for reading only. */
  scopes?: string | null | undefined;
  /** Token URL. Where the identity provider gives out tokens. */
  tokenUrl: string;
};

/** OAuth client credentials. An identity provider gives out a token for each run. */
export type HttpAuthOauthClientCredentialsPatch = {
  /** Audience. Only where the identity provider wants to know which API the token is for. */
  audience?: string | null | undefined;
  /** How the client signs in. Where the client secret stands in the request for a token. */
  clientAuthentication?: HttpClientAuthentication | null | undefined;
  /** Client id. As the identity provider knows the client. */
  clientId?: string | null | undefined;
  /** Client secret. Sent to the token URL and nowhere else. A secret: never shown again. */
  clientSecret?: string | null | undefined;
  /** Scopes. Names with spaces between them, as the API documents them. Ask for reading only. */
  scopes?: string | null | undefined;
  /** Token URL. Where the identity provider gives out tokens. */
  tokenUrl?: string | null | undefined;
};

/** Authentication. Who asks. Give exactly one. */
export type HttpAuthPatch =
  {   /** API key. A key in a header or a parameter of the API. */
  apiKey: HttpAuthApiKeyPatch; basic?: never; bearer?: never; none?: never; oauthClientCredentials?: never; }
  |  { apiKey?: never;   /** User name and password. HTTP Basic. */
  basic: HttpAuthBasicPatch; bearer?: never; none?: never; oauthClientCredentials?: never; }
  |  { apiKey?: never; basic?: never;   /** Bearer token. A token in the header Authorization. */
  bearer: HttpAuthBearerPatch; none?: never; oauthClientCredentials?: never; }
  |  { apiKey?: never; basic?: never; bearer?: never;   /** None. The API answers everybody. Must be true. */
  none: boolean; oauthClientCredentials?: never; }
  |  { apiKey?: never; basic?: never; bearer?: never; none?: never;   /** OAuth client credentials. An identity provider gives out a token for each run. */
  oauthClientCredentials: HttpAuthOauthClientCredentialsPatch; };

/** Limits. How much to fetch at most. */
export type HttpCapsInput = {
  /** Most megabytes. Of all answers together, once unpacked. */
  maxMegabytes?: number;
  /** Most pages. More are not asked for, and the result says that it is not complete. */
  maxPages?: number;
  /** Most rows. More are left out, and the result says that it is not complete. */
  maxRows?: number;
  /** Longest time (seconds). For all requests together. */
  maxSeconds?: number;
};

/** Values of "How the client signs in". */
export type HttpClientAuthentication =
  /** Body. For identity providers that do not understand HTTP Basic all the same. */
  | 'BODY'
  /** Header. HTTP Basic, as every identity provider has to understand. */
  | 'HEADER';

/** Header. */
export type HttpDatasetHeaderInput = {
  /** Name. The name of the header. */
  name: string;
  /** Value. One line of text. */
  value: string;
};

/** Header. */
export type HttpHeaderInput = {
  /** Name. The name of the header. */
  name: string;
  /** Secret. Whether the value can be written but never read. */
  secret?: boolean;
  /** Value. One line of text. A secret if `secret` is true. */
  value: string;
};

/** Header. */
export type HttpHeaderPatch = {
  /** Name. The name of the header. */
  name: string;
  /** Secret. Whether the value can be written but never read. */
  secret?: boolean | null | undefined;
  /** Value. One line of text. A secret if `secret` is true. */
  value?: string | null | undefined;
};

/** Limits. What one request may take. */
export type HttpLimitsInput = {
  /** Connect timeout (seconds). How long the host may take to accept a connection. */
  connectTimeoutSeconds?: number;
  /** Longest answer (MB). An answer that is longer, once unpacked, is a failure. */
  maxAnswerMegabytes?: number;
  /** Request timeout (seconds). How long one request may take, with its answer. */
  requestTimeoutSeconds?: number;
};

/** Limits. What one request may take. */
export type HttpLimitsPatch = {
  /** Connect timeout (seconds). How long the host may take to accept a connection. */
  connectTimeoutSeconds?: number | null | undefined;
  /** Longest answer (MB). An answer that is longer, once unpacked, is a failure. */
  maxAnswerMegabytes?: number | null | undefined;
  /** Request timeout (seconds). How long one request may take, with its answer. */
  requestTimeoutSeconds?: number | null | undefined;
};

/** Values of "Method". */
export type HttpMethod =
  /** GET. Reads, and may be repeated. */
  | 'GET'
  /** POST. For APIs that take the question as a body, such as a search. */
  | 'POST';

/** By cursor. Each answer tells what to ask for the next one. */
export type HttpPaginationCursorInput = {
  /** Parameter of the cursor. What the API calls the cursor. */
  cursorParameter: string;
  /** Where the next cursor is. A JSONPath that selects it in an answer. There are no more pages when it is missing, null or empty. */
  nextCursor: string;
};

/** Pages. How the API gives out long lists. Give exactly one. */
export type HttpPaginationInput =
  {   /** By cursor. Each answer tells what to ask for the next one. */
  cursor: HttpPaginationCursorInput; linkHeader?: never; none?: never; offset?: never; page?: never; }
  |  { cursor?: never;   /** By Link header. Each answer links to the next one (RFC 8288), as with GitHub. */
  linkHeader: HttpPaginationLinkHeaderInput; none?: never; offset?: never; page?: never; }
  |  { cursor?: never; linkHeader?: never;   /** One answer. One request gives everything. Must be true. */
  none: boolean; offset?: never; page?: never; }
  |  { cursor?: never; linkHeader?: never; none?: never;   /** By offset. The number of records to skip. */
  offset: HttpPaginationOffsetInput; page?: never; }
  |  { cursor?: never; linkHeader?: never; none?: never; offset?: never;   /** By page. The number of the page. */
  page: HttpPaginationPageInput; };

/** By Link header. Each answer links to the next one (RFC 8288), as with GitHub. */
export type HttpPaginationLinkHeaderInput = {
  /** Relation. What the link to the next page is called. */
  rel?: string;
};

/** By offset. The number of records to skip. */
export type HttpPaginationOffsetInput = {
  /** Parameter of the page size. What the API calls the number of records in a page. */
  limitParameter?: string;
  /** Parameter of the offset. What the API calls the number of records to skip. */
  offsetParameter?: string;
  /** Page size. How many records to ask for at a time. */
  pageSize?: number;
};

/** By page. The number of the page. */
export type HttpPaginationPageInput = {
  /** Number of the first page. 1 with most APIs; with some 0. */
  firstPage?: number;
  /** Parameter of the page. What the API calls the number of the page. */
  pageParameter?: string;
  /** Page size. How many records to ask for at a time. */
  pageSize?: number;
  /** Parameter of the page size. Leave empty where the API decides. */
  sizeParameter?: string | null | undefined;
};

/** Parameter. */
export type HttpParameterInput = {
  /** Name. The name of the parameter, as it is. */
  name: string;
  /** Value. As it is: it is encoded for the URL. */
  value: string;
};

/** Values of "Expected answer". */
export type HttpProbeBody =
  /** Anything. Only the status counts: for addresses that answer "ok". */
  | 'ANY'
  /** JSON. The answer must be JSON, as answers to datasets must. */
  | 'JSON';

/** Test request. What a test asks for. */
export type HttpProbeInput = {
  /** Expected answer. What the answer must be. */
  expectBody?: HttpProbeBody;
  /** Expected status. Leave empty for any status from 200 to 299. */
  expectStatus?: number | null | undefined;
  /** Method. How to ask. */
  method?: HttpProbeMethod;
  /** Path. Follows the base URL. It should be quick, need the authentication and change nothing. */
  path?: string;
};

/** Values of "Method". */
export type HttpProbeMethod =
  /** GET. Reads the answer and checks that it is JSON. */
  | 'GET'
  /** HEAD. Only the status: for answers that are long. */
  | 'HEAD';

/** Test request. What a test asks for. */
export type HttpProbePatch = {
  /** Expected answer. What the answer must be. */
  expectBody?: HttpProbeBody | null | undefined;
  /** Expected status. Leave empty for any status from 200 to 299. */
  expectStatus?: number | null | undefined;
  /** Method. How to ask. */
  method?: HttpProbeMethod | null | undefined;
  /** Path. Follows the base URL. It should be quick, need the authentication and change nothing. */
  path?: string | null | undefined;
};

/** Rate limit. How fast one run may ask. */
export type HttpRateLimitInput = {
  /** Seconds. The time that the requests are counted in. */
  perSeconds?: number;
  /** Requests. How many requests at most in the time beside it. */
  requests?: number;
};

/** Rate limit. How fast one run may ask. */
export type HttpRateLimitPatch = {
  /** Seconds. The time that the requests are counted in. */
  perSeconds?: number | null | undefined;
  /** Requests. How many requests at most in the time beside it. */
  requests?: number | null | undefined;
};

/** Values of "Redirects". */
export type HttpRedirects =
  /** Anywhere. Also to other hosts, each checked like the first, which are sent neither authentication nor headers. */
  | 'ANYWHERE'
  /** Not at all. A redirect is a failure. */
  | 'NONE'
  /** Within the API. Followed where scheme, host and port stay the same. */
  | 'SAME_ORIGIN';

/** Retries. What happens when the API is overloaded or a connection breaks off. Tests never retry. */
export type HttpRetryInput = {
  /** Attempts. How often a GET is tried that comes to nothing, the first one included. A POST is never repeated. */
  attempts?: number;
  /** Longest wait (seconds). How long an API that says when to come back (Retry-After) is waited for; longer is a failure. */
  maxWaitSeconds?: number;
};

/** Retries. What happens when the API is overloaded or a connection breaks off. Tests never retry. */
export type HttpRetryPatch = {
  /** Attempts. How often a GET is tried that comes to nothing, the first one included. A POST is never repeated. */
  attempts?: number | null | undefined;
  /** Longest wait (seconds). How long an API that says when to come back (Retry-After) is waited for; longer is a failure. */
  maxWaitSeconds?: number | null | undefined;
};

/** Limits. How long to wait for the server. */
export type LimitsInput = {
  /** Connect timeout (seconds). How long the host may take to accept a connection. */
  connectTimeoutSeconds?: number;
  /** Statement timeout (seconds). A query that runs longer is stopped on the server. */
  statementTimeoutSeconds?: number;
};

/** Limits. How long to wait for the server. */
export type LimitsPatch = {
  /** Connect timeout (seconds). How long the host may take to accept a connection. */
  connectTimeoutSeconds?: number | null | undefined;
  /** Statement timeout (seconds). A query that runs longer is stopped on the server. */
  statementTimeoutSeconds?: number | null | undefined;
};

/** Sign-in. How the server knows who connects. Give exactly one. */
export type MongodbAuthInput =
  {   /** No sign-in. Only for servers without access control. Must be true. */
  none: boolean; scram?: never; x509?: never; }
  |  { none?: never;   /** User name and password. SCRAM with SHA-256 or SHA-1, as the server has it for this account. */
  scram: MongodbAuthScramInput; x509?: never; }
  |  { none?: never; scram?: never;   /** Client certificate (X.509). Uses the client certificate and key of the encryption settings; its subject is the user name. Must be true. */
  x509: boolean; };

/** Alternatives of "Sign-in". */
export type MongodbAuthKind =
  /** No sign-in. Only for servers without access control. */
  | 'NONE'
  /** User name and password. SCRAM with SHA-256 or SHA-1, as the server has it for this account. */
  | 'SCRAM'
  /** Client certificate (X.509). Uses the client certificate and key of the encryption settings; its subject is the user name. */
  | 'X509';

/** Sign-in. How the server knows who connects. Give exactly one. */
export type MongodbAuthPatch =
  {   /** No sign-in. Only for servers without access control. Must be true. */
  none: boolean; scram?: never; x509?: never; }
  |  { none?: never;   /** User name and password. SCRAM with SHA-256 or SHA-1, as the server has it for this account. */
  scram: MongodbAuthScramPatch; x509?: never; }
  |  { none?: never; scram?: never;   /** Client certificate (X.509). Uses the client certificate and key of the encryption settings; its subject is the user name. Must be true. */
  x509: boolean; };

/** User name and password. SCRAM with SHA-256 or SHA-1, as the server has it for this account. */
export type MongodbAuthScramInput = {
  /** Password. Never sent: the server is shown that it is known. A secret: never shown again. */
  password: string;
  /** User name. The account to sign in as. Best is one that can only read. */
  username: string;
};

/** User name and password. SCRAM with SHA-256 or SHA-1, as the server has it for this account. */
export type MongodbAuthScramPatch = {
  /** Password. Never sent: the server is shown that it is known. A secret: never shown again. */
  password?: string | null | undefined;
  /** User name. The account to sign in as. Best is one that can only read. */
  username?: string | null | undefined;
};

/** The configuration of a connector of the type MongoDB. */
export type MongodbConfigInput = {
  /** Sign-in. How the server knows who connects. */
  auth: MongodbAuthInput;
  /** Authentication database. The database in which the account was created. A wrong one looks like a wrong password. */
  authSource?: string;
  /** Hosts. A single server, some members of a replica set, or the routers (mongos) of a sharded cluster. */
  hosts?: Array<MongodbHostInput>;
  /** Limits. How long to wait for the server. */
  limits?: LimitsInput;
  /** Read preference. Which members of a replica set are read from. */
  readPreference?: MongodbReadPreference;
  /** Replica set. The name that the replica set must have. Leave empty to take what the servers say. */
  replicaSet?: string | null | undefined;
  /** SRV name. The name behind "mongodb+srv://": DNS says which servers it stands for. */
  srvHost?: string | null | undefined;
  /** Encryption (TLS). Whether the connection is encrypted, and which servers are trusted. */
  tls?: TlsInput;
};

/** Changes to the configuration of a connector of the type MongoDB. What is left out stays; null clears an optional field or resets it to its default. */
export type MongodbConfigPatch = {
  /** Sign-in. How the server knows who connects. */
  auth?: MongodbAuthPatch | null | undefined;
  /** Authentication database. The database in which the account was created. A wrong one looks like a wrong password. */
  authSource?: string | null | undefined;
  /** Hosts. A single server, some members of a replica set, or the routers (mongos) of a sharded cluster. */
  hosts?: Array<MongodbHostInput> | null | undefined;
  /** Limits. How long to wait for the server. */
  limits?: LimitsPatch | null | undefined;
  /** Read preference. Which members of a replica set are read from. */
  readPreference?: MongodbReadPreference | null | undefined;
  /** Replica set. The name that the replica set must have. Leave empty to take what the servers say. */
  replicaSet?: string | null | undefined;
  /** SRV name. The name behind "mongodb+srv://": DNS says which servers it stands for. */
  srvHost?: string | null | undefined;
  /** Encryption (TLS). Whether the connection is encrypted, and which servers are trusted. */
  tls?: TlsPatch | null | undefined;
};

/** What a dataset of the type MongoDB asks. */
export type MongodbDatasetQueryInput = {
  /** Collection. The collection or view to read; case matters. */
  collection: string;
  /** Database. The database that holds the collection; case matters. */
  database: string;
  /** Operation. What to read of the collection. */
  operation?: MongodbOperationInput;
};

/** Server. One server of the deployment. */
export type MongodbHostInput = {
  /** Host. The name or IP address of a server. */
  host: string;
  /** Port. The TCP port that the server listens on. */
  port?: number;
};

/** Find. Documents that match a filter. */
export type MongodbOperationFindInput = {
  /** Filter. Extended JSON, such as { "status": "open" }. Leave {} for every document. */
  filter?: string;
  /** Projection. Extended JSON, such as { "name": 1, "_id": 0 }. Leave empty for whole documents. */
  projection?: string | null | undefined;
  /** Sort. Extended JSON, such as { "createdAt": -1 }. */
  sort?: string | null | undefined;
};

/** Operation. What to read of the collection. Give exactly one. */
export type MongodbOperationInput =
  {   /** Find. Documents that match a filter. */
  find: MongodbOperationFindInput; pipeline?: never; }
  |  { find?: never;   /** Aggregation pipeline. Stages that only read. */
  pipeline: MongodbOperationPipelineInput; };

/** Aggregation pipeline. Stages that only read. */
export type MongodbOperationPipelineInput = {
  /** Stages. Extended JSON: a list of stages, such as [ { "$match": { "status": "open" } } ]. */
  stages: string;
};

/** Values of "Read preference". */
export type MongodbReadPreference =
  /** Nearest. Reads from the member that answers first. */
  | 'NEAREST'
  /** Primary. Reads from the primary only. */
  | 'PRIMARY'
  /** Primary preferred. Reads from a secondary while there is no primary. */
  | 'PRIMARY_PREFERRED'
  /** Secondary. Reads from a secondary only. */
  | 'SECONDARY'
  /** Secondary preferred. Reads from the primary if there is no secondary. */
  | 'SECONDARY_PREFERRED';

/** AWS IAM. For Amazon RDS and Aurora: a fresh token is made from the access key for each connection. */
export type MysqlAuthAwsIamInput = {
  /** Access key id. Of an identity that may sign in to the database by IAM. */
  accessKeyId: string;
  /** Region. The AWS region of the database. */
  region: string;
  /** Secret access key. It belongs to the access key id. A secret: never shown again. */
  secretAccessKey: string;
  /** Session token. Only for temporary credentials. A secret: never shown again. */
  sessionToken?: string | null | undefined;
  /** User name. The account to sign in as, without the host part. Best is one that can only read. */
  username: string;
};

/** AWS IAM. For Amazon RDS and Aurora: a fresh token is made from the access key for each connection. */
export type MysqlAuthAwsIamPatch = {
  /** Access key id. Of an identity that may sign in to the database by IAM. */
  accessKeyId?: string | null | undefined;
  /** Region. The AWS region of the database. */
  region?: string | null | undefined;
  /** Secret access key. It belongs to the access key id. A secret: never shown again. */
  secretAccessKey?: string | null | undefined;
  /** Session token. Only for temporary credentials. A secret: never shown again. */
  sessionToken?: string | null | undefined;
  /** User name. The account to sign in as, without the host part. Best is one that can only read. */
  username?: string | null | undefined;
};

/** Sign-in. How the server knows who connects. Give exactly one. */
export type MysqlAuthInput =
  {   /** AWS IAM. For Amazon RDS and Aurora: a fresh token is made from the access key for each connection. */
  awsIam: MysqlAuthAwsIamInput; password?: never; }
  |  { awsIam?: never;   /** User name and password. */
  password: MysqlAuthPasswordInput; };

/** Alternatives of "Sign-in". */
export type MysqlAuthKind =
  /** AWS IAM. For Amazon RDS and Aurora: a fresh token is made from the access key for each connection. */
  | 'AWS_IAM'
  /** User name and password. */
  | 'PASSWORD';

/** User name and password. */
export type MysqlAuthPasswordInput = {
  /** Password. Sent exactly as typed, spaces included. A secret: never shown again. */
  password: string;
  /** User name. The account to sign in as, without the host part. Best is one that can only read. */
  username: string;
};

/** User name and password. */
export type MysqlAuthPasswordPatch = {
  /** Password. Sent exactly as typed, spaces included. A secret: never shown again. */
  password?: string | null | undefined;
  /** User name. The account to sign in as, without the host part. Best is one that can only read. */
  username?: string | null | undefined;
};

/** Sign-in. How the server knows who connects. Give exactly one. */
export type MysqlAuthPatch =
  {   /** AWS IAM. For Amazon RDS and Aurora: a fresh token is made from the access key for each connection. */
  awsIam: MysqlAuthAwsIamPatch; password?: never; }
  |  { awsIam?: never;   /** User name and password. */
  password: MysqlAuthPasswordPatch; };

/** The configuration of a connector of the type MySQL / MariaDB. */
export type MysqlConfigInput = {
  /** Sign-in. How the server knows who connects. */
  auth: MysqlAuthInput;
  /** Character set. Of the connection: "utf8mb4", or "utf8mb3" for servers that are too old for it. */
  charset?: string;
  /** Database. The database (schema) to read. Leave empty for all that the account can read. */
  database?: string | null | undefined;
  /** Host. The name or IP address of the server; behind an SSH tunnel as the SSH server knows it. */
  host: string;
  /** Limits. How long to wait for the server. */
  limits?: LimitsInput;
  /** Port. The TCP port that the server or its proxy listens on. */
  port?: number;
  /** SSH tunnel. Connect through an SSH server, which looks up and reaches the data source from where it stands. */
  sshTunnel?: SshTunnelInput | null | undefined;
  /** Encryption (TLS). Whether the connection is encrypted, and which servers are trusted. */
  tls?: TlsInput;
};

/** Changes to the configuration of a connector of the type MySQL / MariaDB. What is left out stays; null clears an optional field or resets it to its default. */
export type MysqlConfigPatch = {
  /** Sign-in. How the server knows who connects. */
  auth?: MysqlAuthPatch | null | undefined;
  /** Character set. Of the connection: "utf8mb4", or "utf8mb3" for servers that are too old for it. */
  charset?: string | null | undefined;
  /** Database. The database (schema) to read. Leave empty for all that the account can read. */
  database?: string | null | undefined;
  /** Host. The name or IP address of the server; behind an SSH tunnel as the SSH server knows it. */
  host?: string | null | undefined;
  /** Limits. How long to wait for the server. */
  limits?: LimitsPatch | null | undefined;
  /** Port. The TCP port that the server or its proxy listens on. */
  port?: number | null | undefined;
  /** SSH tunnel. Connect through an SSH server, which looks up and reaches the data source from where it stands. */
  sshTunnel?: SshTunnelPatch | null | undefined;
  /** Encryption (TLS). Whether the connection is encrypted, and which servers are trusted. */
  tls?: TlsPatch | null | undefined;
};

/** What a dataset of the type MySQL / MariaDB asks. Give exactly one. */
export type MysqlDatasetQueryInput =
  {   /** SQL. One statement that reads: SELECT, WITH, VALUES, TABLE, SHOW, DESCRIBE or EXPLAIN. */
  sql: MysqlDatasetQuerySqlInput; table?: never; }
  |  { sql?: never;   /** Table or view. All rows of one table or view. */
  table: MysqlDatasetQueryTableInput; };

/** SQL. One statement that reads: SELECT, WITH, VALUES, TABLE, SHOW, DESCRIBE or EXPLAIN. */
export type MysqlDatasetQuerySqlInput = {
  /** Statement. The statement, without parameters. */
  text: string;
};

/** Table or view. All rows of one table or view. */
export type MysqlDatasetQueryTableInput = {
  /** Columns. The columns to read. Leave empty for all. */
  columns?: Array<string>;
  /** Table. The name of the table or view. */
  name: string;
  /** Schema. The database that holds it. Leave empty for the connector's own. */
  schema?: string | null | undefined;
};

/** A saved connector as it would be after a change. */
export type PendingEditInput = {
  /** The change to its configuration. Secrets that are left out are the stored ones. */
  config: ConnectorConfigPatch;
  /** Which connector. */
  connector: ConnectorRef;
};

/** AWS IAM. For Amazon RDS and Aurora: a fresh token is made from the access key for each connection. */
export type PostgresAuthAwsIamInput = {
  /** Access key id. Of an identity that may sign in to the database by IAM. */
  accessKeyId: string;
  /** Region. The AWS region of the database. */
  region: string;
  /** Secret access key. It belongs to the access key id. A secret: never shown again. */
  secretAccessKey: string;
  /** Session token. Only for temporary credentials. A secret: never shown again. */
  sessionToken?: string | null | undefined;
  /** User name. The role to sign in as. Best is one that can only read. */
  username: string;
};

/** AWS IAM. For Amazon RDS and Aurora: a fresh token is made from the access key for each connection. */
export type PostgresAuthAwsIamPatch = {
  /** Access key id. Of an identity that may sign in to the database by IAM. */
  accessKeyId?: string | null | undefined;
  /** Region. The AWS region of the database. */
  region?: string | null | undefined;
  /** Secret access key. It belongs to the access key id. A secret: never shown again. */
  secretAccessKey?: string | null | undefined;
  /** Session token. Only for temporary credentials. A secret: never shown again. */
  sessionToken?: string | null | undefined;
  /** User name. The role to sign in as. Best is one that can only read. */
  username?: string | null | undefined;
};

/** Client certificate. Uses the client certificate and key of the encryption settings. */
export type PostgresAuthClientCertificateInput = {
  /** User name. The role to sign in as. Best is one that can only read. */
  username: string;
};

/** Client certificate. Uses the client certificate and key of the encryption settings. */
export type PostgresAuthClientCertificatePatch = {
  /** User name. The role to sign in as. Best is one that can only read. */
  username?: string | null | undefined;
};

/** Sign-in. How the server knows who connects. Give exactly one. */
export type PostgresAuthInput =
  {   /** AWS IAM. For Amazon RDS and Aurora: a fresh token is made from the access key for each connection. */
  awsIam: PostgresAuthAwsIamInput; clientCertificate?: never; password?: never; }
  |  { awsIam?: never;   /** Client certificate. Uses the client certificate and key of the encryption settings. */
  clientCertificate: PostgresAuthClientCertificateInput; password?: never; }
  |  { awsIam?: never; clientCertificate?: never;   /** User name and password. */
  password: PostgresAuthPasswordInput; };

/** Alternatives of "Sign-in". */
export type PostgresAuthKind =
  /** AWS IAM. For Amazon RDS and Aurora: a fresh token is made from the access key for each connection. */
  | 'AWS_IAM'
  /** Client certificate. Uses the client certificate and key of the encryption settings. */
  | 'CLIENT_CERTIFICATE'
  /** User name and password. */
  | 'PASSWORD';

/** User name and password. */
export type PostgresAuthPasswordInput = {
  /** Password. Sent exactly as typed, spaces included. A secret: never shown again. */
  password: string;
  /** User name. The role to sign in as. Best is one that can only read. */
  username: string;
};

/** User name and password. */
export type PostgresAuthPasswordPatch = {
  /** Password. Sent exactly as typed, spaces included. A secret: never shown again. */
  password?: string | null | undefined;
  /** User name. The role to sign in as. Best is one that can only read. */
  username?: string | null | undefined;
};

/** Sign-in. How the server knows who connects. Give exactly one. */
export type PostgresAuthPatch =
  {   /** AWS IAM. For Amazon RDS and Aurora: a fresh token is made from the access key for each connection. */
  awsIam: PostgresAuthAwsIamPatch; clientCertificate?: never; password?: never; }
  |  { awsIam?: never;   /** Client certificate. Uses the client certificate and key of the encryption settings. */
  clientCertificate: PostgresAuthClientCertificatePatch; password?: never; }
  |  { awsIam?: never; clientCertificate?: never;   /** User name and password. */
  password: PostgresAuthPasswordPatch; };

/** The configuration of a connector of the type PostgreSQL. */
export type PostgresConfigInput = {
  /** Sign-in. How the server knows who connects. */
  auth: PostgresAuthInput;
  /** Database. The database to read, with upper and lower case as it was created. */
  database?: string;
  /** Host. The name or IP address of the server; behind an SSH tunnel as the SSH server knows it. */
  host: string;
  /** Limits. How long to wait for the server. */
  limits?: LimitsInput;
  /** Port. The TCP port that the server or its pooler listens on. */
  port?: number;
  /** Schemas. The schemas to work with. Leave empty for every schema that the account can read. */
  schemas?: Array<string>;
  /** SSH tunnel. Connect through an SSH server, which looks up and reaches the data source from where it stands. */
  sshTunnel?: SshTunnelInput | null | undefined;
  /** Encryption (TLS). Whether the connection is encrypted, and which servers are trusted. */
  tls?: TlsInput;
};

/** Changes to the configuration of a connector of the type PostgreSQL. What is left out stays; null clears an optional field or resets it to its default. */
export type PostgresConfigPatch = {
  /** Sign-in. How the server knows who connects. */
  auth?: PostgresAuthPatch | null | undefined;
  /** Database. The database to read, with upper and lower case as it was created. */
  database?: string | null | undefined;
  /** Host. The name or IP address of the server; behind an SSH tunnel as the SSH server knows it. */
  host?: string | null | undefined;
  /** Limits. How long to wait for the server. */
  limits?: LimitsPatch | null | undefined;
  /** Port. The TCP port that the server or its pooler listens on. */
  port?: number | null | undefined;
  /** Schemas. The schemas to work with. Leave empty for every schema that the account can read. */
  schemas?: Array<string> | null | undefined;
  /** SSH tunnel. Connect through an SSH server, which looks up and reaches the data source from where it stands. */
  sshTunnel?: SshTunnelPatch | null | undefined;
  /** Encryption (TLS). Whether the connection is encrypted, and which servers are trusted. */
  tls?: TlsPatch | null | undefined;
};

/** What a dataset of the type PostgreSQL asks. Give exactly one. */
export type PostgresDatasetQueryInput =
  {   /** SQL. One statement that reads: SELECT, WITH, VALUES, TABLE, SHOW or EXPLAIN. */
  sql: PostgresDatasetQuerySqlInput; table?: never; }
  |  { sql?: never;   /** Table or view. All rows of one table or view. */
  table: PostgresDatasetQueryTableInput; };

/** SQL. One statement that reads: SELECT, WITH, VALUES, TABLE, SHOW or EXPLAIN. */
export type PostgresDatasetQuerySqlInput = {
  /** Statement. The statement, without parameters. */
  text: string;
};

/** Table or view. All rows of one table or view. */
export type PostgresDatasetQueryTableInput = {
  /** Columns. The columns to read. Leave empty for all. */
  columns?: Array<string>;
  /** Table. The name of the table or view. */
  name: string;
  /** Schema. The schema that holds it. */
  schema?: string;
};

/** What to preview. */
export type PreviewDatasetInput = {
  /** How many rows at most, from 1 to 1000. */
  first?: number;
  /** The dataset, or a draft of one. */
  target: PreviewTarget;
};

/** What to preview. */
export type PreviewTarget =
  {   /** A query that is not saved. */
  draft: DraftDatasetInput; saved?: never; }
  |  { draft?: never;   /** A saved dataset, by its global id. */
  saved: string; };

/** What went wrong. Codes are added over time: show the message of one that you do not know. */
export type ProblemCode =
  /** Account can change data. */
  | 'ACCOUNT_CAN_WRITE'
  /** Account's limit is reached. */
  | 'ACCOUNT_LIMIT_REACHED'
  /** Account is locked. */
  | 'ACCOUNT_LOCKED'
  /** Web page instead of data. */
  | 'ANSWER_IS_WEB_PAGE'
  /** Answer is not JSON. */
  | 'ANSWER_NOT_JSON'
  /** Answer cannot be unpacked. */
  | 'ANSWER_NOT_UNPACKABLE'
  /** Answer is too long. */
  | 'ANSWER_TOO_LARGE'
  /** Server demands a sign-in. */
  | 'AUTHENTICATION_REQUIRED'
  /** Way of signing in is not supported. */
  | 'AUTH_METHOD_UNSUPPORTED'
  /** Account's authentication plugin is not supported. */
  | 'AUTH_PLUGIN_UNSUPPORTED'
  /** Patchbay is busy. */
  | 'CAPACITY_EXCEEDED'
  /** Catalog does not exist. */
  | 'CATALOG_NOT_FOUND'
  /** Catalog cannot be listed. */
  | 'CATALOG_NOT_LISTABLE'
  /** Nothing at this path of the catalog. */
  | 'CATALOG_PATH_NOT_FOUND'
  /** Certificate expires soon. */
  | 'CERTIFICATE_EXPIRES_SOON'
  /** Server asked for the password in clear text. */
  | 'CLEARTEXT_PASSWORD_REFUSED'
  /** Server has blocked this address. */
  | 'CLIENT_ADDRESS_BLOCKED'
  /** Server takes no connections from here. */
  | 'CLIENT_ADDRESS_NOT_ALLOWED'
  /** Client certificate has expired. */
  | 'CLIENT_CERTIFICATE_EXPIRED'
  /** Server demands a client certificate. */
  | 'CLIENT_CERTIFICATE_REQUIRED'
  /** Client certificate and key cannot be used. */
  | 'CLIENT_KEY_UNUSABLE'
  /** Cloud permission is missing. */
  | 'CLOUD_ACCESS_DENIED'
  /** Account does not exist. */
  | 'CLOUD_ACCOUNT_NOT_FOUND'
  /** Cloud account cannot use the service. */
  | 'CLOUD_ACCOUNT_NOT_READY'
  /** Service is turned off. */
  | 'CLOUD_API_DISABLED'
  /** Billing is turned off. */
  | 'CLOUD_BILLING_DISABLED'
  /** Clocks differ too much. */
  | 'CLOUD_CLOCK_SKEWED'
  /** Cloud credentials have expired. */
  | 'CLOUD_CREDENTIALS_EXPIRED'
  /** Cloud rejected the credentials. */
  | 'CLOUD_CREDENTIALS_REJECTED'
  /** Quota is used up. */
  | 'CLOUD_QUOTA_EXCEEDED'
  /** Wrong region. */
  | 'CLOUD_REGION_MISMATCH'
  /** Cloud does not accept the request. */
  | 'CLOUD_REQUEST_INVALID'
  /** Cloud resource does not exist. */
  | 'CLOUD_RESOURCE_NOT_FOUND'
  /** Role may not be assumed. */
  | 'CLOUD_ROLE_REFUSED'
  /** Cloud asks to slow down. */
  | 'CLOUD_THROTTLED'
  /** Cloud service did not answer in time. */
  | 'CLOUD_TIMED_OUT'
  /** Cloud service has a fault. */
  | 'CLOUD_UNAVAILABLE'
  /** Not looked at, because that may cost money. */
  | 'COMPUTE_NOT_ALLOWED'
  /** Connection is not encrypted. */
  | 'CONNECTION_NOT_ENCRYPTED'
  /** Nothing listens on this port. */
  | 'CONNECTION_REFUSED'
  /** Connection was cut. */
  | 'CONNECTION_RESET'
  /** No answer from the host. */
  | 'CONNECTION_TIMED_OUT'
  /** Connector host failed. */
  | 'CONNECTOR_HOST_FAILED'
  /** Credentials rejected. */
  | 'CREDENTIALS_REJECTED'
  /** Servers other than the provider's are not allowed. */
  | 'CUSTOM_ENDPOINT_REFUSED'
  /** No right to connect to the database. */
  | 'DATABASE_ACCESS_DENIED'
  /** Database accepts no connections. */
  | 'DATABASE_CLOSED'
  /** Database does not exist. */
  | 'DATABASE_NOT_FOUND'
  /** Operation was stopped at its deadline. */
  | 'DEADLINE_EXCEEDED'
  /** Address not allowed. */
  | 'EGRESS_DENIED'
  /** Files have different columns. */
  | 'FILES_DIFFER'
  /** Format of the file is not known. */
  | 'FILE_FORMAT_UNKNOWN'
  /** File is damaged, or of another format. */
  | 'FILE_MALFORMED'
  /** Host name does not exist. */
  | 'HOST_NOT_FOUND'
  /** Server's access rules refuse this connection. */
  | 'HOST_RULE_REJECTED'
  /** API denies access. */
  | 'HTTP_FORBIDDEN'
  /** API has nothing at this address. */
  | 'HTTP_NOT_FOUND'
  /** API has a fault. */
  | 'HTTP_SERVER_ERROR'
  /** API answers with another status. */
  | 'HTTP_STATUS_UNEXPECTED'
  /** API did not answer in time. */
  | 'HTTP_TIMED_OUT'
  /** API asks to slow down. */
  | 'HTTP_TOO_MANY_REQUESTS'
  /** API does not accept the credentials. */
  | 'HTTP_UNAUTHORIZED'
  /** Account may not be impersonated. */
  | 'IMPERSONATION_REFUSED'
  /** Fault in Patchbay. */
  | 'INTERNAL_FAULT'
  /** Listing did not end in time. */
  | 'LISTING_TIMED_OUT'
  /** Cannot be listed. */
  | 'LISTING_UNSUPPORTED'
  /** Account may not log in. */
  | 'LOGIN_NOT_PERMITTED'
  /** Operation took too much memory. */
  | 'MEMORY_EXCEEDED'
  /** Second factor is demanded. */
  | 'MULTI_FACTOR_REQUIRED'
  /** Name servers could not answer. */
  | 'NAME_RESOLUTION_FAILED'
  /** Name servers did not answer in time. */
  | 'NAME_RESOLUTION_TIMED_OUT'
  /** Network policy is missing. */
  | 'NETWORK_POLICY_REQUIRED'
  /** No route to the host. */
  | 'NETWORK_UNREACHABLE'
  /** Nothing can be read. */
  | 'NOTHING_READABLE'
  /** Host accepts connections but says nothing. */
  | 'NO_GREETING'
  /** There is no such object. */
  | 'NO_OBJECT_MATCHES'
  /** No server to read from. */
  | 'NO_SUITABLE_MEMBER'
  /** Object is archived. */
  | 'OBJECT_ARCHIVED'
  /** Object changed meanwhile. */
  | 'OBJECT_CHANGED'
  /** Object cannot be decrypted. */
  | 'OBJECT_NOT_DECRYPTABLE'
  /** Table or column does not exist. */
  | 'OBJECT_NOT_FOUND'
  /** Object is outside of the connector. */
  | 'OBJECT_OUTSIDE_PREFIX'
  /** Patchbay has no cloud identity of its own. */
  | 'OPERATOR_IDENTITY_MISSING'
  /** No place for results. */
  | 'OUTPUT_LOCATION_MISSING'
  /** Results cannot be put there. */
  | 'OUTPUT_LOCATION_UNUSABLE'
  /** Pages repeat. */
  | 'PAGES_REPEAT'
  /** Password has expired. */
  | 'PASSWORD_EXPIRED'
  /** Right is missing. */
  | 'PERMISSION_DENIED'
  /** Pooler got no connection to the server. */
  | 'POOLER_TIMED_OUT'
  /** Rights could not be measured. */
  | 'PRIVILEGES_UNKNOWN'
  /** Server breaks the rules of its protocol. */
  | 'PROTOCOL_VIOLATION'
  /** Query is not valid. */
  | 'QUERY_INVALID'
  /** Query cannot be read. */
  | 'QUERY_MALFORMED'
  /** Query is not a plain read. */
  | 'QUERY_NOT_READ_ONLY'
  /** Query did not get its turn. */
  | 'QUERY_STILL_QUEUED'
  /** No records where they should be. */
  | 'RECORDS_NOT_FOUND'
  /** API redirects elsewhere. */
  | 'REDIRECT_OFF_ORIGIN'
  /** API redirects. */
  | 'REDIRECT_REFUSED'
  /** Server belongs to another deployment. */
  | 'REPLICA_SET_MISMATCH'
  /** Storage of large results cannot be reached. */
  | 'RESULT_STORAGE_UNREACHABLE'
  /** Result is too large. */
  | 'RESULT_TOO_LARGE'
  /** Role cannot be used. */
  | 'ROLE_NOT_GRANTED'
  /** Query reads too much. */
  | 'SCAN_LIMIT_REACHED'
  /** Schema does not exist. */
  | 'SCHEMA_NOT_FOUND'
  /** Secret store cannot be reached. */
  | 'SECRET_STORE_UNAVAILABLE'
  /** Stored secret cannot be read. */
  | 'SECRET_UNREADABLE'
  /** Server is not verified. */
  | 'SERVER_NOT_VERIFIED'
  /** Server did not prove itself. */
  | 'SERVER_PROOF_MISSING'
  /** Server is shutting down. */
  | 'SERVER_SHUTTING_DOWN'
  /** Server is starting up. */
  | 'SERVER_STARTING'
  /** Server is too new. */
  | 'SERVER_TOO_NEW'
  /** Server is too old. */
  | 'SERVER_TOO_OLD'
  /** Server ended the session. */
  | 'SESSION_ENDED_BY_SERVER'
  /** Signing in took too long. */
  | 'SIGN_IN_TIMED_OUT'
  /** SRV name stands for no servers. */
  | 'SRV_NOT_FOUND'
  /** TXT record sets what it may not. */
  | 'SRV_OPTIONS_REFUSED'
  /** SRV record leads to another domain. */
  | 'SRV_OUTSIDE_DOMAIN'
  /** Standby server accepts no sessions. */
  | 'STANDBY_CLOSED'
  /** Server stopped the statement. */
  | 'STATEMENT_CANCELLED'
  /** Statement took too long. */
  | 'STATEMENT_TIMED_OUT'
  /** Step took too long. */
  | 'STEP_TIMED_OUT'
  /** Test was interrupted. */
  | 'TEST_INTERRUPTED'
  /** Certificate has expired. */
  | 'TLS_CERTIFICATE_EXPIRED'
  /** Certificate is not valid yet. */
  | 'TLS_CERTIFICATE_NOT_YET_VALID'
  /** Certificate is self-signed. */
  | 'TLS_CERTIFICATE_SELF_SIGNED'
  /** Certificate authority is not trusted. */
  | 'TLS_CERTIFICATE_UNTRUSTED'
  /** Certificate cannot be used. */
  | 'TLS_CERTIFICATE_UNUSABLE'
  /** Certificate is too weak. */
  | 'TLS_CERTIFICATE_WEAK'
  /** Unencrypted connections are not allowed. */
  | 'TLS_DISABLED_BY_POLICY'
  /** Encrypted connection could not be set up. */
  | 'TLS_HANDSHAKE_FAILED'
  /** Server does not send its whole certificate chain. */
  | 'TLS_INTERMEDIATE_MISSING'
  /** Certificate is for another name. */
  | 'TLS_NAME_MISMATCH'
  /** Server offers no encryption. */
  | 'TLS_NOT_OFFERED'
  /** Server refuses the unencrypted connection. */
  | 'TLS_REQUIRED_BY_SERVER'
  /** Encryption handshake did not finish in time. */
  | 'TLS_TIMED_OUT'
  /** Server speaks only outdated TLS. */
  | 'TLS_VERSION_UNSUPPORTED'
  /** Server has no free connection. */
  | 'TOO_MANY_CONNECTIONS'
  /** Redirects have no end. */
  | 'TOO_MANY_REDIRECTS'
  /** SSH server wants another way of signing in. */
  | 'TUNNEL_AUTH_METHOD_UNSUPPORTED'
  /** SSH connection was cut. */
  | 'TUNNEL_CLOSED'
  /** SSH server rejected the credentials. */
  | 'TUNNEL_CREDENTIALS_REJECTED'
  /** SSH server may not forward there. */
  | 'TUNNEL_FORWARDING_REFUSED'
  /** SSH connection could not be set up. */
  | 'TUNNEL_HANDSHAKE_FAILED'
  /** SSH server has another host key. */
  | 'TUNNEL_HOST_KEY_CHANGED'
  /** SSH server is not verified. */
  | 'TUNNEL_HOST_KEY_UNKNOWN'
  /** SSH private key cannot be used. */
  | 'TUNNEL_KEY_UNREADABLE'
  /** SSH server does not know the host. */
  | 'TUNNEL_TARGET_NOT_FOUND'
  /** Nothing listens on this port, seen from the SSH server. */
  | 'TUNNEL_TARGET_REFUSED'
  /** No answer from the host, seen from the SSH server. */
  | 'TUNNEL_TARGET_TIMED_OUT'
  /** SSH server cannot reach the host. */
  | 'TUNNEL_TARGET_UNREACHABLE'
  /** SSH tunnel took too long. */
  | 'TUNNEL_TIMED_OUT'
  /** Unknown failure. */
  | 'UNCLASSIFIED'
  /** View cannot be used. */
  | 'VIEW_UNUSABLE'
  /** Warehouse does not start. */
  | 'WAREHOUSE_CANNOT_START'
  /** Warehouse does not exist. */
  | 'WAREHOUSE_NOT_FOUND'
  /** No right to use the warehouse. */
  | 'WAREHOUSE_NOT_USABLE'
  /** Warehouse is still starting. */
  | 'WAREHOUSE_STILL_STARTING'
  /** Warehouse stands still. */
  | 'WAREHOUSE_SUSPENDED'
  /** Workgroup is turned off. */
  | 'WORKGROUP_DISABLED'
  /** Another kind of server answers here. */
  | 'WRONG_PROTOCOL';

/** Where a problem arose: what to look at. */
export type ProblemOrigin =
  /** What was filled in. */
  | 'FORM'
  /** The way to the data source. */
  | 'NETWORK'
  /** This server. */
  | 'PATCHBAY'
  /** What the operator of this server allows. */
  | 'POLICY'
  /** The store that keeps secrets. */
  | 'SECRET_STORE'
  /** The data source itself. */
  | 'SOURCE';

/** Which limit a connection test, a preview or a list has met. */
export type RateLimitReason =
  /** The data source has refused the last sign-ins of this account, or may have refused ones that were broken off; the message says which. A pause keeps the account from being locked. */
  | 'FAILED_SIGN_INS'
  /** Too many run at once, of this workspace or of all. */
  | 'TOO_MANY_RUNNING'
  /** This workspace has started too many within a minute. */
  | 'TOO_MANY_STARTS';

/** AWS IAM. AWS gives out a password for a quarter of an hour, for each connection anew. */
export type RedshiftAuthIamInput = {
  /** AWS credentials. Who asks AWS. */
  credentials: AwsCredentialsInput;
  /** Database user. Clusters only: the existing user of the database to sign in as. Leave empty to sign in as the IAM identity itself. */
  databaseUser?: string | null | undefined;
  /** Deployment. What kind of Redshift it is. */
  deployment: RedshiftDeploymentInput;
  /** Region. The AWS region of the cluster or workgroup. */
  region: string;
};

/** AWS IAM. AWS gives out a password for a quarter of an hour, for each connection anew. */
export type RedshiftAuthIamPatch = {
  /** AWS credentials. Who asks AWS. */
  credentials?: AwsCredentialsPatch | null | undefined;
  /** Database user. Clusters only: the existing user of the database to sign in as. Leave empty to sign in as the IAM identity itself. */
  databaseUser?: string | null | undefined;
  /** Deployment. What kind of Redshift it is. */
  deployment?: RedshiftDeploymentPatch | null | undefined;
  /** Region. The AWS region of the cluster or workgroup. */
  region?: string | null | undefined;
};

/** Sign-in. How Redshift knows who connects. Give exactly one. */
export type RedshiftAuthInput =
  {   /** AWS IAM. AWS gives out a password for a quarter of an hour, for each connection anew. */
  iam: RedshiftAuthIamInput; password?: never; }
  |  { iam?: never;   /** User name and password. */
  password: RedshiftAuthPasswordInput; };

/** Alternatives of "Sign-in". */
export type RedshiftAuthKind =
  /** AWS IAM. AWS gives out a password for a quarter of an hour, for each connection anew. */
  | 'IAM'
  /** User name and password. */
  | 'PASSWORD';

/** User name and password. */
export type RedshiftAuthPasswordInput = {
  /** Password. Sent exactly as typed, spaces included. A secret: never shown again. */
  password: string;
  /** User name. The user of the database to sign in as. Best is one that can only read. */
  username: string;
};

/** User name and password. */
export type RedshiftAuthPasswordPatch = {
  /** Password. Sent exactly as typed, spaces included. A secret: never shown again. */
  password?: string | null | undefined;
  /** User name. The user of the database to sign in as. Best is one that can only read. */
  username?: string | null | undefined;
};

/** Sign-in. How Redshift knows who connects. Give exactly one. */
export type RedshiftAuthPatch =
  {   /** AWS IAM. AWS gives out a password for a quarter of an hour, for each connection anew. */
  iam: RedshiftAuthIamPatch; password?: never; }
  |  { iam?: never;   /** User name and password. */
  password: RedshiftAuthPasswordPatch; };

/** The configuration of a connector of the type Amazon Redshift. */
export type RedshiftConfigInput = {
  /** Sign-in. How Redshift knows who connects. */
  auth: RedshiftAuthInput;
  /** Database. The database to read. */
  database?: string;
  /** Host. The endpoint of the cluster or workgroup; behind an SSH tunnel as the SSH server knows it. */
  host: string;
  /** Limits. How long to wait for the server. */
  limits?: LimitsInput;
  /** Port. The TCP port that the cluster or workgroup listens on. */
  port?: number;
  /** Schemas. The schemas to work with. Leave empty for every schema that the account can read. */
  schemas?: Array<string>;
  /** SSH tunnel. Connect through an SSH server, which looks up and reaches the data source from where it stands. */
  sshTunnel?: SshTunnelInput | null | undefined;
  /** Encryption (TLS). Whether the connection is encrypted, and which servers are trusted. */
  tls?: TlsInput;
};

/** Changes to the configuration of a connector of the type Amazon Redshift. What is left out stays; null clears an optional field or resets it to its default. */
export type RedshiftConfigPatch = {
  /** Sign-in. How Redshift knows who connects. */
  auth?: RedshiftAuthPatch | null | undefined;
  /** Database. The database to read. */
  database?: string | null | undefined;
  /** Host. The endpoint of the cluster or workgroup; behind an SSH tunnel as the SSH server knows it. */
  host?: string | null | undefined;
  /** Limits. How long to wait for the server. */
  limits?: LimitsPatch | null | undefined;
  /** Port. The TCP port that the cluster or workgroup listens on. */
  port?: number | null | undefined;
  /** Schemas. The schemas to work with. Leave empty for every schema that the account can read. */
  schemas?: Array<string> | null | undefined;
  /** SSH tunnel. Connect through an SSH server, which looks up and reaches the data source from where it stands. */
  sshTunnel?: SshTunnelPatch | null | undefined;
  /** Encryption (TLS). Whether the connection is encrypted, and which servers are trusted. */
  tls?: TlsPatch | null | undefined;
};

/** What a dataset of the type Amazon Redshift asks. Give exactly one. */
export type RedshiftDatasetQueryInput =
  {   /** SQL. One statement that reads: SELECT, WITH, SHOW or EXPLAIN. */
  sql: RedshiftDatasetQuerySqlInput; table?: never; }
  |  { sql?: never;   /** Table or view. All rows of one table or view. */
  table: RedshiftDatasetQueryTableInput; };

/** SQL. One statement that reads: SELECT, WITH, SHOW or EXPLAIN. */
export type RedshiftDatasetQuerySqlInput = {
  /** Statement. The statement, without parameters. */
  text: string;
};

/** Table or view. All rows of one table or view. */
export type RedshiftDatasetQueryTableInput = {
  /** Columns. The columns to read. Leave empty for all. */
  columns?: Array<string>;
  /** Table. The name of the table or view. */
  name: string;
  /** Schema. The schema that holds it. */
  schema?: string;
};

/** Provisioned cluster. */
export type RedshiftDeploymentClusterInput = {
  /** Cluster identifier. The name of the cluster in AWS. */
  clusterIdentifier: string;
};

/** Provisioned cluster. */
export type RedshiftDeploymentClusterPatch = {
  /** Cluster identifier. The name of the cluster in AWS. */
  clusterIdentifier?: string | null | undefined;
};

/** Deployment. What kind of Redshift it is. Give exactly one. */
export type RedshiftDeploymentInput =
  {   /** Provisioned cluster. */
  cluster: RedshiftDeploymentClusterInput; serverless?: never; }
  |  { cluster?: never;   /** Serverless workgroup. */
  serverless: RedshiftDeploymentServerlessInput; };

/** Alternatives of "Deployment". */
export type RedshiftDeploymentKind =
  /** Provisioned cluster. */
  | 'CLUSTER'
  /** Serverless workgroup. */
  | 'SERVERLESS';

/** Deployment. What kind of Redshift it is. Give exactly one. */
export type RedshiftDeploymentPatch =
  {   /** Provisioned cluster. */
  cluster: RedshiftDeploymentClusterPatch; serverless?: never; }
  |  { cluster?: never;   /** Serverless workgroup. */
  serverless: RedshiftDeploymentServerlessPatch; };

/** Serverless workgroup. */
export type RedshiftDeploymentServerlessInput = {
  /** Workgroup. The name of the workgroup in AWS. */
  workgroupName: string;
};

/** Serverless workgroup. */
export type RedshiftDeploymentServerlessPatch = {
  /** Workgroup. The name of the workgroup in AWS. */
  workgroupName?: string | null | undefined;
};

/** Values of "Compression". */
export type S3Compression =
  /** By what it begins with. Gzip where the object begins as gzip does. */
  | 'AUTO'
  /** Gzip. The object must be gzip. */
  | 'GZIP'
  /** None. As it is, whatever it begins with. */
  | 'NONE';

/** The configuration of a connector of the type Amazon S3. */
export type S3ConfigInput = {
  /** Bucket. The bucket to read. */
  bucket: string;
  /** Certificate authorities. PEM text of the endpoint's own authorities, trusted for this connector in addition to the public ones. */
  caCertificates?: string | null | undefined;
  /** AWS credentials. Who asks AWS. */
  credentials: AwsCredentialsInput;
  /** Endpoint. URL of a server that understands S3, such as MinIO. Leave empty for AWS itself. */
  endpoint?: string | null | undefined;
  /** Limits. How long to wait for the server. */
  limits?: LimitsInput;
  /** Prefix. Only objects whose keys begin with this are read. Leave empty for the whole bucket. */
  prefix?: string | null | undefined;
  /** Region. The AWS region that the bucket is in. The test says which one it is when it is another. */
  region: string;
};

/** Changes to the configuration of a connector of the type Amazon S3. What is left out stays; null clears an optional field or resets it to its default. */
export type S3ConfigPatch = {
  /** Bucket. The bucket to read. */
  bucket?: string | null | undefined;
  /** Certificate authorities. PEM text of the endpoint's own authorities, trusted for this connector in addition to the public ones. */
  caCertificates?: string | null | undefined;
  /** AWS credentials. Who asks AWS. */
  credentials?: AwsCredentialsPatch | null | undefined;
  /** Endpoint. URL of a server that understands S3, such as MinIO. Leave empty for AWS itself. */
  endpoint?: string | null | undefined;
  /** Limits. How long to wait for the server. */
  limits?: LimitsPatch | null | undefined;
  /** Prefix. Only objects whose keys begin with this are read. Leave empty for the whole bucket. */
  prefix?: string | null | undefined;
  /** Region. The AWS region that the bucket is in. The test says which one it is when it is another. */
  region?: string | null | undefined;
};

/** CSV. How CSV is written. */
export type S3CsvInput = {
  /** Separator. What stands between values. Leave empty for a comma, and a tab in files that end in .tsv. */
  delimiter?: string | null | undefined;
  /** Encoding. How characters are written as bytes. */
  encoding?: S3Encoding;
  /** Escape. What stands before a quote within a quoted value. Leave empty where quotes are doubled. */
  escape?: string | null | undefined;
  /** First line has names. Whether the first line names the columns; without, they are called column_1, column_2 and so on. */
  header?: boolean;
  /** Quote. What values are put into that hold separators or line breaks. */
  quote?: string;
  /** Values may be in quotes. Turn it off for files in which quotes are characters like any other. */
  quoted?: boolean;
  /** Lines to skip. How many lines stand before the data, or before the names. */
  skipLines?: number;
};

/** What a dataset of the type Amazon S3 asks. */
export type S3DatasetQueryInput = {
  /** Columns. The columns to read, in this order. Leave empty for all. */
  columns?: Array<string>;
  /** Compression. How objects are compressed as a whole. Parquet compresses by itself. */
  compression?: S3Compression;
  /** CSV. How CSV is written. */
  csv?: S3CsvInput;
  /** Format. What the objects are. */
  format?: S3Format;
  /** JSON. Where records are in a document. */
  json?: S3JsonInput;
  /** Objects. What to read. */
  source: S3SourceInput;
};

/** Values of "Encoding". */
export type S3Encoding =
  /** GB 18030. Chinese files; also right for GBK. */
  | 'GB18030'
  /** ISO 8859-15. Western European files with the euro sign. */
  | 'ISO_8859_15'
  /** Shift JIS. Japanese files. */
  | 'SHIFT_JIS'
  /** UTF-8. What nearly all programs write. A byte order mark is left out. */
  | 'UTF_8'
  /** UTF-16 BE. The same with the higher byte first. */
  | 'UTF_16BE'
  /** UTF-16 LE. What some programs on Windows call Unicode. */
  | 'UTF_16LE'
  /** Windows-1252. Western European files of Windows; also right for Latin-1. */
  | 'WINDOWS_1252';

/** Values of "Format". */
export type S3Format =
  /** By extension. By the end of the key: .csv, .tsv, .json, .ndjson, .jsonl or .parquet, with .gz behind it or not. */
  | 'AUTO'
  /** CSV. Text with a separator between values, as RFC 4180 describes it. */
  | 'CSV'
  /** JSON. One document: a list of records, or a record. */
  | 'JSON'
  /** NDJSON. One JSON document per line, also called JSON Lines. */
  | 'NDJSON'
  /** Parquet. Apache Parquet. Only what is needed of the file is read. */
  | 'PARQUET';

/** JSON. Where records are in a document. */
export type S3JsonInput = {
  /** Path of the records. Names of fields with dots between them that lead from the document to the list of records, such as "data.items". Leave empty where the document is the list. */
  records?: string | null | undefined;
};

/** All objects whose keys match. They are read one after another, in the order of their keys. The column "_object" has the key of each row. */
export type S3SourceGlobInput = {
  /** Pattern. A whole key in which * stands for any text without a slash, ** for any text, and ? for one character other than a slash. A backslash before one of them makes it stand for itself. */
  pattern: string;
};

/** Objects. What to read. Give exactly one. */
export type S3SourceInput =
  {   /** All objects whose keys match. They are read one after another, in the order of their keys. The column "_object" has the key of each row. */
  glob: S3SourceGlobInput; key?: never; }
  |  { glob?: never;   /** One object. */
  key: S3SourceKeyInput; };

/** One object. */
export type S3SourceKeyInput = {
  /** Key. The whole key of the object, with the prefix of the connector. */
  key: string;
};

/** Values of "Column". */
export type SimulatedColumn =
  /** Binary data. As base64. */
  | 'BINARY'
  /** Booleans. True and false. */
  | 'BOOLEAN'
  /** Dates. Also leap days and far centuries. */
  | 'DATE'
  /** Decimals. As text, so that no digit is lost. */
  | 'DECIMAL'
  /** Floating-point numbers. Also very large and very small ones, and NaN as text. */
  | 'FLOAT'
  /** Integers. Small ones as numbers; those beyond 2^53 as text. */
  | 'INTEGER'
  /** JSON. Nested objects and lists. */
  | 'JSON'
  /** Lists. Also empty and nested ones, and with nulls inside. */
  | 'LIST'
  /** Anything else. Types that only the data source knows: as text. */
  | 'OTHER'
  /** Text. With accents, other scripts, emoji, markup, line breaks and empty texts. */
  | 'TEXT'
  /** Times of day. Down to microseconds. */
  | 'TIME'
  /** Instants. As text, with and without a time zone. */
  | 'TIMESTAMP';

/** Values of "Evidence". */
export type SimulatedEvidence =
  /** Addresses. One of each family, with what became of them. */
  | 'ADDRESS'
  /** A certificate. With subject, issuer, dates and fingerprint. */
  | 'CERTIFICATE'
  /** A text. Such as the version of a server. */
  | 'TEXT';

/** Values of "Listing". */
export type SimulatedListing =
  /** Burns processor time. It no longer hears anything and has to be killed from outside. */
  | 'BURN_CPU'
  /** Crashes its process. The process is killed, as by a fault in native code. */
  | 'CRASH'
  /** Eats memory. It takes more memory than a process may have, and is killed for it. */
  | 'EAT_MEMORY'
  /** Ends its process. The process ends by itself without a word. */
  | 'EXIT'
  /** Fails. A problem is reported, and nothing is listed. */
  | 'FAILED'
  /** Hangs. It waits until its time is up, and stops at once when it is told to. */
  | 'HANG'
  /** Answers. What there is, is listed. */
  | 'ITEMS'
  /** Answers in part. Every second item is missing, with a problem that says so. */
  | 'PARTIAL'
  /** Throws an unknown error. As a driver does that nobody has a rule for: UNCLASSIFIED. */
  | 'THROW';

/** Values of "Outcome". */
export type SimulatedQueryOutcome =
  /** Burns processor time. It no longer hears anything and has to be killed from outside. */
  | 'BURN_CPU'
  /** Crashes its process. The process is killed, as by a fault in native code. */
  | 'CRASH'
  /** Eats memory. It takes more memory than a process may have, and is killed for it. */
  | 'EAT_MEMORY'
  /** Ends its process. The process ends by itself without a word. */
  | 'EXIT'
  /** Fails. A problem is reported. */
  | 'FAILED'
  /** Hangs. It waits until its time is up, and stops at once when it is told to. */
  | 'HANG'
  /** Answers. The rows arrive. */
  | 'ROWS'
  /** Throws an unknown error. As a driver does that nobody has a rule for: UNCLASSIFIED. */
  | 'THROW';

/** Values of "Remedy". */
export type SimulatedRemedy =
  /** Let addresses in. Two addresses for a firewall. */
  | 'ALLOW_ADDRESS'
  /** Read a page. The page of the simulator. */
  | 'READ_DOCS'
  /** Type a secret again. The one of the sign-in. */
  | 'REENTER_SECRET'
  /** Run statements. Statements for an administrator. */
  | 'RUN_SQL'
  /** Set a form field. Following it makes the step pass in the next test. */
  | 'SET_FIELD';

/** Simulated step. What one step of a simulated test does. */
export type SimulatedStepInput = {
  /** Budget (ms). How long it may take. The usual budget of such a step when left out. */
  budgetMs?: number | null | undefined;
  /** Delay (ms). How long it takes before its outcome. Longer than its budget, it times out. */
  delayMs?: number | null | undefined;
  /** Detail. The problem's detail, as if in the server's own words. Secrets in it are removed as everywhere. */
  detail?: string | null | undefined;
  /** Evidence. Samples of what the step shows, in this order. */
  evidence?: Array<SimulatedEvidence> | null | undefined;
  /** Fields. Paths of the form fields that the problem marks. */
  fields?: Array<string> | null | undefined;
  /** Progress notes. Told one after another while the delay lasts. */
  notes?: Array<string> | null | undefined;
  /** Outcome. How it ends. As in the scenario when left out; with a problem given, it fails. */
  outcome?: SimulatedStepOutcome | null | undefined;
  /** Planned. Whether the test has this step. When left out: if the scenario has it, or an entry is about it. */
  planned?: boolean | null | undefined;
  /** Problem. What a step reports that warns, fails, is skipped or hangs. One that fits the step when left out. */
  problem?: ProblemCode | null | undefined;
  /** Remedies. Samples of what the problem offers to do, in this order. */
  remedies?: Array<SimulatedRemedy> | null | undefined;
  /** Required. Whether the rest is skipped when it fails. True when left out, but for the check of rights. */
  required?: boolean | null | undefined;
  /** Step. Which step this is about. */
  step: ConnectionTestStepKey;
  /** Only at this target. The endpoint at which all this happens, where the step repeats; at those that no entry is for, it passes. */
  target?: string | null | undefined;
};

/** Values of "Outcome". */
export type SimulatedStepOutcome =
  /** Burns processor time. It no longer hears anything and has to be killed from outside. */
  | 'BURN_CPU'
  /** Crashes its process. The process is killed, as by a fault in native code. */
  | 'CRASH'
  /** Eats memory. It takes more memory than a process may have, and is killed for it. */
  | 'EAT_MEMORY'
  /** Ends its process. The process ends by itself without a word. */
  | 'EXIT'
  /** Fails. If it is required, the rest is skipped. */
  | 'FAILED'
  /** Hangs. It waits until its time is up, and stops at once when it is told to. */
  | 'HANG'
  /** Passes. It shows its evidence and no problem. */
  | 'PASSED'
  /** Cannot be measured. It ends as skipped with a problem. If it is required, so is the rest. */
  | 'SKIPPED'
  /** Throws an unknown error. As a driver does that nobody has a rule for: UNCLASSIFIED. */
  | 'THROW'
  /** Warns. It passes with a problem that is worth knowing. */
  | 'WARNING';

/** Sign-in. Which secrets the connector has. Give exactly one. */
export type SimulatorAuthInput =
  {   /** Private key. To try secrets of several lines and optional ones with. */
  key: SimulatorAuthKeyInput; none?: never; password?: never; }
  |  { key?: never;   /** No sign-in. Must be true. */
  none: boolean; password?: never; }
  |  { key?: never; none?: never;   /** User name and password. */
  password: SimulatorAuthPasswordInput; };

/** Private key. To try secrets of several lines and optional ones with. */
export type SimulatorAuthKeyInput = {
  /** Passphrase. May be left out, kept, given and cleared. A secret: never shown again. */
  passphrase?: string | null | undefined;
  /** Private key. Any text of several lines. A secret: never shown again. */
  privateKey: string;
  /** User name. Any name: problems and evidence show it. */
  username?: string;
};

/** Private key. To try secrets of several lines and optional ones with. */
export type SimulatorAuthKeyPatch = {
  /** Passphrase. May be left out, kept, given and cleared. A secret: never shown again. */
  passphrase?: string | null | undefined;
  /** Private key. Any text of several lines. A secret: never shown again. */
  privateKey?: string | null | undefined;
  /** User name. Any name: problems and evidence show it. */
  username?: string | null | undefined;
};

/** Alternatives of "Sign-in". */
export type SimulatorAuthKind =
  /** Private key. To try secrets of several lines and optional ones with. */
  | 'KEY'
  /** No sign-in. */
  | 'NONE'
  /** User name and password. */
  | 'PASSWORD';

/** User name and password. */
export type SimulatorAuthPasswordInput = {
  /** Password. Any text signs in, but the password "wrong" is rejected. A secret: never shown again. */
  password: string;
  /** User name. Any name: problems and evidence show it. */
  username?: string;
};

/** User name and password. */
export type SimulatorAuthPasswordPatch = {
  /** Password. Any text signs in, but the password "wrong" is rejected. A secret: never shown again. */
  password?: string | null | undefined;
  /** User name. Any name: problems and evidence show it. */
  username?: string | null | undefined;
};

/** Sign-in. Which secrets the connector has. Give exactly one. */
export type SimulatorAuthPatch =
  {   /** Private key. To try secrets of several lines and optional ones with. */
  key: SimulatorAuthKeyPatch; none?: never; password?: never; }
  |  { key?: never;   /** No sign-in. Must be true. */
  none: boolean; password?: never; }
  |  { key?: never; none?: never;   /** User name and password. */
  password: SimulatorAuthPasswordPatch; };

/** The configuration of a connector of the type Simulator. */
export type SimulatorConfigInput = {
  /** Sign-in. Which secrets the connector has. */
  auth?: SimulatorAuthInput;
  /** Database. Narrows the catalog to one of the simulated databases. Their names can be listed. */
  database?: string | null | undefined;
  /** Endpoints. The steps up to encryption repeat for each of these, as they do for cloud services. */
  endpoints?: Array<string>;
  /** Generation. Another number shows another address, certificate and version: as if the server had been replaced. */
  generation?: number;
  /** Host. Any name: it is never looked up. As in every type, changing it asks for the secrets again. */
  host?: string;
  /** Listing. What becomes of lists of values for fields, and of the catalog, once the way in is open. */
  listing?: SimulatedListing;
  /** Port. Any port: nothing connects to it. */
  port?: number;
  /** Preview budget (ms). How long a preview of a dataset may take. */
  previewBudgetMs?: number;
  /** Scenario. A course of events to begin with; the steps below change it. */
  scenario?: SimulatorScenario;
  /** Schema. Narrows the catalog further. The names can be listed once a database is chosen. */
  schema?: string | null | undefined;
  /** Steps. The course of events step by step, on top of the scenario: one entry for each step that differs. */
  steps?: Array<SimulatedStepInput>;
};

/** Changes to the configuration of a connector of the type Simulator. What is left out stays; null clears an optional field or resets it to its default. */
export type SimulatorConfigPatch = {
  /** Sign-in. Which secrets the connector has. */
  auth?: SimulatorAuthPatch | null | undefined;
  /** Database. Narrows the catalog to one of the simulated databases. Their names can be listed. */
  database?: string | null | undefined;
  /** Endpoints. The steps up to encryption repeat for each of these, as they do for cloud services. */
  endpoints?: Array<string> | null | undefined;
  /** Generation. Another number shows another address, certificate and version: as if the server had been replaced. */
  generation?: number | null | undefined;
  /** Host. Any name: it is never looked up. As in every type, changing it asks for the secrets again. */
  host?: string | null | undefined;
  /** Listing. What becomes of lists of values for fields, and of the catalog, once the way in is open. */
  listing?: SimulatedListing | null | undefined;
  /** Port. Any port: nothing connects to it. */
  port?: number | null | undefined;
  /** Preview budget (ms). How long a preview of a dataset may take. */
  previewBudgetMs?: number | null | undefined;
  /** Scenario. A course of events to begin with; the steps below change it. */
  scenario?: SimulatorScenario | null | undefined;
  /** Schema. Narrows the catalog further. The names can be listed once a database is chosen. */
  schema?: string | null | undefined;
  /** Steps. The course of events step by step, on top of the scenario: one entry for each step that differs. */
  steps?: Array<SimulatedStepInput> | null | undefined;
};

/** What a dataset of the type Simulator asks. */
export type SimulatorDatasetQueryInput = {
  /** After rows. How many rows come before the outcome. Without effect where all rows arrive. */
  afterRows?: number;
  /** Rows per batch. How many rows come at once. */
  batchRows?: number;
  /** Columns. A column of each of these kinds. Leave empty for one of every kind. */
  columns?: Array<SimulatedColumn>;
  /** Delay (ms). How long each batch takes. */
  delayMs?: number;
  /** Detail. The problem's detail, as if in the server's own words. */
  detail?: string | null | undefined;
  /** Null every. About one value in so many is null; 0 for none. */
  nullEvery?: number;
  /** Outcome. What happens after some rows. */
  outcome?: SimulatedQueryOutcome;
  /** Problem. What a query reports that fails, or that hangs until its time is up. */
  problem?: ProblemCode | null | undefined;
  /** Repeat columns. How often the columns come again, for wide rows. At most 1000 columns come of it. */
  repeatColumns?: number;
  /** Rows. How many rows there are. A preview shows the first of them. */
  rows?: number;
  /** Seed. The same seed gives the same values. */
  seed?: number;
  /** Text length. Characters of each text. When left out, short texts of many scripts. */
  textLength?: number | null | undefined;
};

/** Values of "Scenario". */
export type SimulatorScenario =
  /** Everything passes. Every step passes at once. */
  | 'ALL_PASS'
  /** Crash. The process dies in READ: the test ends as ERRORED. */
  | 'CRASH'
  /** Everything at once. Every step that there is, every kind of evidence and remedy, notes, and a failure that stops nothing. */
  | 'EVERYTHING'
  /** Firewall. CONNECT gets no answer until its budget ends. */
  | 'FIREWALL'
  /** Hangs. READ never answers and ends at its budget. */
  | 'HANG'
  /** Nothing readable. READ fails and offers the statements that grant rights. */
  | 'NOTHING_READABLE'
  /** Slow. Every step takes a second or so, and OPEN tells its progress for six. */
  | 'SLOW'
  /** Unknown host. RESOLVE fails: nothing after it runs. */
  | 'UNKNOWN_HOST'
  /** Untrusted certificate. SECURE fails and shows the certificate. */
  | 'UNTRUSTED_CERTIFICATE'
  /** Passes with warnings. A certificate that expires soon, and an account that can write. */
  | 'WARNINGS'
  /** Wrong password. SIGN_IN fails and marks the password. */
  | 'WRONG_PASSWORD';

/** Programmatic access token. A token that was made for the user. Snowflake takes it only from users under a network policy. */
export type SnowflakeAuthAccessTokenInput = {
  /** Token. The secret of the token, as shown when it was made. A secret: never shown again. */
  token: string;
};

/** Programmatic access token. A token that was made for the user. Snowflake takes it only from users under a network policy. */
export type SnowflakeAuthAccessTokenPatch = {
  /** Token. The secret of the token, as shown when it was made. A secret: never shown again. */
  token?: string | null | undefined;
};

/** Sign-in. How Snowflake knows who connects. Give exactly one. */
export type SnowflakeAuthInput =
  {   /** Programmatic access token. A token that was made for the user. Snowflake takes it only from users under a network policy. */
  accessToken: SnowflakeAuthAccessTokenInput; keyPair?: never; oauthClientCredentials?: never; password?: never; }
  |  { accessToken?: never;   /** Key pair (recommended). A private key whose public half is registered for the user. */
  keyPair: SnowflakeAuthKeyPairInput; oauthClientCredentials?: never; password?: never; }
  |  { accessToken?: never; keyPair?: never;   /** OAuth client credentials. A client of your identity provider, which Snowflake trusts by a security integration. */
  oauthClientCredentials: SnowflakeAuthOauthClientCredentialsInput; password?: never; }
  |  { accessToken?: never; keyPair?: never; oauthClientCredentials?: never;   /** Password (deprecated). Snowflake is ending sign-ins by password alone: use a key pair. */
  password: SnowflakeAuthPasswordInput; };

/** Key pair (recommended). A private key whose public half is registered for the user. */
export type SnowflakeAuthKeyPairInput = {
  /** Passphrase of the key. Only when the key is encrypted. A secret: never shown again. */
  passphrase?: string | null | undefined;
  /** Private key. PEM text of an RSA key of 2048 bits or more, with or without a passphrase. A secret: never shown again. */
  privateKey: string;
};

/** Key pair (recommended). A private key whose public half is registered for the user. */
export type SnowflakeAuthKeyPairPatch = {
  /** Passphrase of the key. Only when the key is encrypted. A secret: never shown again. */
  passphrase?: string | null | undefined;
  /** Private key. PEM text of an RSA key of 2048 bits or more, with or without a passphrase. A secret: never shown again. */
  privateKey?: string | null | undefined;
};

/** Alternatives of "Sign-in". */
export type SnowflakeAuthKind =
  /** Programmatic access token. A token that was made for the user. Snowflake takes it only from users under a network policy. */
  | 'ACCESS_TOKEN'
  /** Key pair (recommended). A private key whose public half is registered for the user. */
  | 'KEY_PAIR'
  /** OAuth client credentials. A client of your identity provider, which Snowflake trusts by a security integration. */
  | 'OAUTH_CLIENT_CREDENTIALS'
  /** Password (deprecated). Snowflake is ending sign-ins by password alone: use a key pair. */
  | 'PASSWORD';

/** OAuth client credentials. A client of your identity provider, which Snowflake trusts by a security integration. */
export type SnowflakeAuthOauthClientCredentialsInput = {
  /** Client id. Which client it is; not a secret by itself. */
  clientId: string;
  /** Client secret. It belongs to the client id. A secret: never shown again. */
  clientSecret: string;
  /** Scope. What the token is asked for. Leave empty for "session:role:" and the role. */
  scope?: string | null | undefined;
  /** Token URL. Where your identity provider gives out tokens. Leave empty for Snowflake itself. */
  tokenUrl?: string | null | undefined;
};

/** OAuth client credentials. A client of your identity provider, which Snowflake trusts by a security integration. */
export type SnowflakeAuthOauthClientCredentialsPatch = {
  /** Client id. Which client it is; not a secret by itself. */
  clientId?: string | null | undefined;
  /** Client secret. It belongs to the client id. A secret: never shown again. */
  clientSecret?: string | null | undefined;
  /** Scope. What the token is asked for. Leave empty for "session:role:" and the role. */
  scope?: string | null | undefined;
  /** Token URL. Where your identity provider gives out tokens. Leave empty for Snowflake itself. */
  tokenUrl?: string | null | undefined;
};

/** Password (deprecated). Snowflake is ending sign-ins by password alone: use a key pair. */
export type SnowflakeAuthPasswordInput = {
  /** Password. Sent exactly as typed, spaces included. A secret: never shown again. */
  password: string;
};

/** Password (deprecated). Snowflake is ending sign-ins by password alone: use a key pair. */
export type SnowflakeAuthPasswordPatch = {
  /** Password. Sent exactly as typed, spaces included. A secret: never shown again. */
  password?: string | null | undefined;
};

/** Sign-in. How Snowflake knows who connects. Give exactly one. */
export type SnowflakeAuthPatch =
  {   /** Programmatic access token. A token that was made for the user. Snowflake takes it only from users under a network policy. */
  accessToken: SnowflakeAuthAccessTokenPatch; keyPair?: never; oauthClientCredentials?: never; password?: never; }
  |  { accessToken?: never;   /** Key pair (recommended). A private key whose public half is registered for the user. */
  keyPair: SnowflakeAuthKeyPairPatch; oauthClientCredentials?: never; password?: never; }
  |  { accessToken?: never; keyPair?: never;   /** OAuth client credentials. A client of your identity provider, which Snowflake trusts by a security integration. */
  oauthClientCredentials: SnowflakeAuthOauthClientCredentialsPatch; password?: never; }
  |  { accessToken?: never; keyPair?: never; oauthClientCredentials?: never;   /** Password (deprecated). Snowflake is ending sign-ins by password alone: use a key pair. */
  password: SnowflakeAuthPasswordPatch; };

/** The configuration of a connector of the type Snowflake. */
export type SnowflakeConfigInput = {
  /** Account identifier. Organization and account with a hyphen between, as in the address of your account before ".snowflakecomputing.com". */
  account: string;
  /** Sign-in. How Snowflake knows who connects. */
  auth: SnowflakeAuthInput;
  /** Certificate authorities. PEM text of the authorities of a proxy that opens encrypted connections, trusted in addition to the public ones. */
  caCertificates?: string | null | undefined;
  /** Database. The database to read. Leave empty for all that the role can read. */
  database?: string | null | undefined;
  /** Limits. How long to wait for the server. */
  limits?: LimitsInput;
  /** Role. The role whose rights are used; no secondary ones are. Leave empty for the user's default role. */
  role?: string | null | undefined;
  /** Schema. The schema in which tables are looked for that a statement names without one. */
  schema?: string | null | undefined;
  /** User name. The login name of a user for programs. Best is one that can only read. */
  username: string;
  /** Warehouse. Queries run on it, and it is what they cost. */
  warehouse: string;
};

/** Changes to the configuration of a connector of the type Snowflake. What is left out stays; null clears an optional field or resets it to its default. */
export type SnowflakeConfigPatch = {
  /** Account identifier. Organization and account with a hyphen between, as in the address of your account before ".snowflakecomputing.com". */
  account?: string | null | undefined;
  /** Sign-in. How Snowflake knows who connects. */
  auth?: SnowflakeAuthPatch | null | undefined;
  /** Certificate authorities. PEM text of the authorities of a proxy that opens encrypted connections, trusted in addition to the public ones. */
  caCertificates?: string | null | undefined;
  /** Database. The database to read. Leave empty for all that the role can read. */
  database?: string | null | undefined;
  /** Limits. How long to wait for the server. */
  limits?: LimitsPatch | null | undefined;
  /** Role. The role whose rights are used; no secondary ones are. Leave empty for the user's default role. */
  role?: string | null | undefined;
  /** Schema. The schema in which tables are looked for that a statement names without one. */
  schema?: string | null | undefined;
  /** User name. The login name of a user for programs. Best is one that can only read. */
  username?: string | null | undefined;
  /** Warehouse. Queries run on it, and it is what they cost. */
  warehouse?: string | null | undefined;
};

/** What a dataset of the type Snowflake asks. Give exactly one. */
export type SnowflakeDatasetQueryInput =
  {   /** SQL. One statement that reads: SELECT, WITH, VALUES, SHOW, DESCRIBE or EXPLAIN. */
  sql: SnowflakeDatasetQuerySqlInput; table?: never; }
  |  { sql?: never;   /** Table or view. All rows of one table or view. */
  table: SnowflakeDatasetQueryTableInput; };

/** SQL. One statement that reads: SELECT, WITH, VALUES, SHOW, DESCRIBE or EXPLAIN. */
export type SnowflakeDatasetQuerySqlInput = {
  /** Statement. The statement, without parameters. */
  text: string;
};

/** Table or view. All rows of one table or view. */
export type SnowflakeDatasetQueryTableInput = {
  /** Columns. The columns to read, as Snowflake shows them. Leave empty for all. */
  columns?: Array<string>;
  /** Database. The database that holds it. Leave empty for that of the connector. */
  database?: string | null | undefined;
  /** Table. The name of the table or view, as Snowflake shows it: case counts. */
  name: string;
  /** Schema. The schema that holds it. Leave empty for that of the connector. */
  schema?: string | null | undefined;
};

/** SSH sign-in. How the SSH server knows who connects. Give exactly one. */
export type SshTunnelAuthInput =
  {   /** Password. */
  password: SshTunnelAuthPasswordInput; privateKey?: never; }
  |  { password?: never;   /** Private key (recommended). */
  privateKey: SshTunnelAuthPrivateKeyInput; };

/** Alternatives of "SSH sign-in". */
export type SshTunnelAuthKind =
  /** Password. */
  | 'PASSWORD'
  /** Private key (recommended). */
  | 'PRIVATE_KEY';

/** Password. */
export type SshTunnelAuthPasswordInput = {
  /** SSH password. Of the account on the SSH server. Sent exactly as typed, spaces included. A secret: never shown again. */
  password: string;
};

/** Password. */
export type SshTunnelAuthPasswordPatch = {
  /** SSH password. Of the account on the SSH server. Sent exactly as typed, spaces included. A secret: never shown again. */
  password?: string | null | undefined;
};

/** SSH sign-in. How the SSH server knows who connects. Give exactly one. */
export type SshTunnelAuthPatch =
  {   /** Password. */
  password: SshTunnelAuthPasswordPatch; privateKey?: never; }
  |  { password?: never;   /** Private key (recommended). */
  privateKey: SshTunnelAuthPrivateKeyPatch; };

/** Private key (recommended). */
export type SshTunnelAuthPrivateKeyInput = {
  /** Passphrase of the private key. Only when the key is encrypted. A secret: never shown again. */
  passphrase?: string | null | undefined;
  /** Private key. In the format of ssh-keygen or as PEM: Ed25519, ECDSA, or RSA of at least 2048 bits. A secret: never shown again. */
  privateKey: string;
};

/** Private key (recommended). */
export type SshTunnelAuthPrivateKeyPatch = {
  /** Passphrase of the private key. Only when the key is encrypted. A secret: never shown again. */
  passphrase?: string | null | undefined;
  /** Private key. In the format of ssh-keygen or as PEM: Ed25519, ECDSA, or RSA of at least 2048 bits. A secret: never shown again. */
  privateKey?: string | null | undefined;
};

/** SSH tunnel. Connect through an SSH server, which looks up and reaches the data source from where it stands. */
export type SshTunnelInput = {
  /** SSH sign-in. How the SSH server knows who connects. */
  auth: SshTunnelAuthInput;
  /** SSH host. The name or IP address of the SSH server. */
  host: string;
  /** Host key fingerprint. The SHA-256 fingerprint of the host key, by which the SSH server is known. Without it every test warns. */
  hostKeyFingerprint?: string | null | undefined;
  /** SSH port. The TCP port that the SSH server listens on. */
  port?: number;
  /** SSH user name. The account on the SSH server. It needs no shell, only the right to forward to the data source. */
  username: string;
};

/** SSH tunnel. Connect through an SSH server, which looks up and reaches the data source from where it stands. */
export type SshTunnelPatch = {
  /** SSH sign-in. How the SSH server knows who connects. */
  auth?: SshTunnelAuthPatch | null | undefined;
  /** SSH host. The name or IP address of the SSH server. */
  host?: string | null | undefined;
  /** Host key fingerprint. The SHA-256 fingerprint of the host key, by which the SSH server is known. Without it every test warns. */
  hostKeyFingerprint?: string | null | undefined;
  /** SSH port. The TCP port that the SSH server listens on. */
  port?: number | null | undefined;
  /** SSH user name. The account on the SSH server. It needs no shell, only the right to forward to the data source. */
  username?: string | null | undefined;
};

/** What to test, and how. */
export type TestConnectionInput = {
  /** Any text, fresh for each attempt: repeating a request with it for 24 h shows the same test instead of running another. */
  attemptKey?: string | null | undefined;
  /** Whether the test may cost money or start a machine, such as a stopped warehouse. */
  mayStartCompute?: boolean;
  /** What to test. */
  target: TestTarget;
  /** How long the mutation waits for the test to end, from 0 to 300. Subscriptions do not wait. */
  waitSeconds?: number;
};

/** Whether saving depends on a connection test. */
export type TestGate =
  /** Save whatever a test says, or without one. */
  | 'NONE'
  /** Save only what passed a test: the one that `testId` names, or else one that is run now. */
  | 'REQUIRE_PASS';

/** What to test. */
export type TestTarget =
  {   /** A configuration that is not saved. Its secrets are stored nowhere. */
  draft: ConnectorConfigInput; edit?: never; saved?: never; }
  |  { draft?: never;   /** A saved connector as it would be after a change. */
  edit: PendingEditInput; saved?: never; }
  |  { draft?: never; edit?: never;   /** A saved connector as it is. */
  saved: ConnectorRef; };

/** Values of "Trusted authorities". */
export type TlsCaBundle =
  /** Public authorities and Amazon RDS. Also the authorities of Amazon RDS, Aurora and Redshift. */
  | 'AWS_RDS'
  /** Public authorities. The authorities that browsers trust. */
  | 'PUBLIC';

/** Encryption (TLS). Whether the connection is encrypted, and which servers are trusted. */
export type TlsInput = {
  /** Trusted authorities. Whose certificates are trusted without being given here. */
  caBundle?: TlsCaBundle;
  /** Certificate authorities. PEM text of your own authorities, trusted for this connector in addition to the public ones. */
  caCertificates?: string | null | undefined;
  /** Client certificate. PEM text, followed by its issuers if there are intermediates. */
  clientCertificate?: string | null | undefined;
  /** Client key. PEM text of the private key of the client certificate. A secret: never shown again. */
  clientKey?: string | null | undefined;
  /** Passphrase of the client key. Only when the key is encrypted. A secret: never shown again. */
  clientKeyPassphrase?: string | null | undefined;
  /** Encryption. Whether to encrypt, and how much of the server to verify. */
  mode?: TlsMode;
  /** Server name. The name that the certificate must be for, when it is not the host. */
  serverName?: string | null | undefined;
};

/** Values of "Encryption". */
export type TlsMode =
  /** No encryption. Password and data can be read on the way. Every test warns of it. */
  | 'DISABLE'
  /** Encrypt without verifying. Anyone in between can pose as the server. Every test warns of it. */
  | 'REQUIRE'
  /** Encrypt, verify the authority only. The certificate must be trusted, but may be for another name. */
  | 'VERIFY_CA'
  /** Encrypt and verify (recommended). The server must show a trusted certificate for its host name. */
  | 'VERIFY_FULL';

/** Encryption (TLS). Whether the connection is encrypted, and which servers are trusted. */
export type TlsPatch = {
  /** Trusted authorities. Whose certificates are trusted without being given here. */
  caBundle?: TlsCaBundle | null | undefined;
  /** Certificate authorities. PEM text of your own authorities, trusted for this connector in addition to the public ones. */
  caCertificates?: string | null | undefined;
  /** Client certificate. PEM text, followed by its issuers if there are intermediates. */
  clientCertificate?: string | null | undefined;
  /** Client key. PEM text of the private key of the client certificate. A secret: never shown again. */
  clientKey?: string | null | undefined;
  /** Passphrase of the client key. Only when the key is encrypted. A secret: never shown again. */
  clientKeyPassphrase?: string | null | undefined;
  /** Encryption. Whether to encrypt, and how much of the server to verify. */
  mode?: TlsMode | null | undefined;
  /** Server name. The name that the certificate must be for, when it is not the host. */
  serverName?: string | null | undefined;
};

/** What to change. What is left out stays as it is; null clears it where that is possible. */
export type UpdateConnectorInput = {
  /** Changes to its configuration. Secrets that are left out are kept. */
  config?: ConnectorConfigPatch | null | undefined;
  /** Which connector. */
  connector: ConnectorRef;
  /** Free text: what the connector is for. */
  description?: string | null | undefined;
  /** The `version` that the change is based on. */
  expectedVersion: number;
  /** A key of your own, unique in the workspace: how automation finds it again. */
  externalKey?: string | null | undefined;
  /** Its name, unique in the workspace without regard to case. */
  name?: string | null | undefined;
  /** Whether saving depends on a connection test. */
  testGate?: TestGate;
  /** A connection test of just this configuration, whose result the connector adopts. */
  testId?: string | null | undefined;
};

/** What to validate. */
export type ValidateConnectorConfigInput = {
  /** The external key it would get. When left out, an edit keeps its key. */
  externalKey?: string | null | undefined;
  /** The name it would get. When left out, an edit keeps its name, and no name of a draft is checked. */
  name?: string | null | undefined;
  /** The configuration, or a change to one. */
  target: ValidateConnectorConfigTarget;
};

/** What to validate. */
export type ValidateConnectorConfigTarget =
  {   /** A configuration that is not saved. */
  draft: ConnectorConfigInput; edit?: never; }
  |  { draft?: never;   /** A saved connector as it would be after a change. */
  edit: PendingEditInput; };

export type CatalogueQueryVariables = Exact<{ [key: string]: never; }>;


export type CatalogueQuery = { connectorTypes: Array<{ name: ConnectorTypeName, label: string, kind: ConnectorKind, category: ConnectorCategory, inputKey: string, capabilities: Array<ConnectorCapability>, form: { sections: Array<{ name: string, label: string }>, fields: Array<{ path: string, label: string, kind: FormFieldKind, required: boolean, isSecret: boolean, isDestination: boolean, defaultValue: unknown }> } }> };

export type TestWithChangesFragment = { id: string, status: ConnectionTestStatus, changesSummary: string | null, changes: Array<{ subject: ConnectionTestChangeSubject, label: string, message: string, field: string | null, stepKey: ConnectionTestStepKey | null, target: string | null, before: string | null, after: string | null, changedAt: string | null }>, lastPassedTest: { id: string, status: ConnectionTestStatus } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, status: ConnectionTestStepStatus, problem: { code: ProblemCode } | null }> };

export type TestForChangesMutationVariables = Exact<{
  input: TestConnectionInput;
}>;


export type TestForChangesMutation = { testConnection:
    | { __typename: 'IdempotencyKeyReusedError', code: ErrorCode, message: string }
    | { __typename: 'NotFoundError', code: ErrorCode, message: string }
    | { __typename: 'RateLimitedError', code: ErrorCode, message: string, reason: RateLimitReason, retryAfterSeconds: number }
    | { __typename: 'SecretReentryRequiredError', code: ErrorCode, message: string }
    | { __typename: 'TestConnectionSuccess', test: { id: string, status: ConnectionTestStatus, changesSummary: string | null, changes: Array<{ subject: ConnectionTestChangeSubject, label: string, message: string, field: string | null, stepKey: ConnectionTestStepKey | null, target: string | null, before: string | null, after: string | null, changedAt: string | null }>, lastPassedTest: { id: string, status: ConnectionTestStatus } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, status: ConnectionTestStepStatus, problem: { code: ProblemCode } | null }> } }
    | { __typename: 'ValidationError', code: ErrorCode, message: string }
   };

export type WatchForChangesSubscriptionVariables = Exact<{
  input: TestConnectionInput;
}>;


export type WatchForChangesSubscription = { events:
    | { __typename: 'ConnectionTestFinished', sequence: number, test: { id: string, status: ConnectionTestStatus, changesSummary: string | null, changes: Array<{ subject: ConnectionTestChangeSubject, label: string, message: string, field: string | null, stepKey: ConnectionTestStepKey | null, target: string | null, before: string | null, after: string | null, changedAt: string | null }>, lastPassedTest: { id: string, status: ConnectionTestStatus } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, status: ConnectionTestStepStatus, problem: { code: ProblemCode } | null }> } }
    | { __typename: 'ConnectionTestPlanned' }
    | { __typename: 'ConnectionTestStepFinished' }
    | { __typename: 'ConnectionTestStepProgressed' }
    | { __typename: 'ConnectionTestStepStarted' }
    | { __typename: 'IdempotencyKeyReusedError', code: ErrorCode, message: string }
    | { __typename: 'NotFoundError', code: ErrorCode, message: string }
    | { __typename: 'RateLimitedError', code: ErrorCode, message: string, reason: RateLimitReason, retryAfterSeconds: number }
    | { __typename: 'SecretReentryRequiredError', code: ErrorCode, message: string }
    | { __typename: 'ValidationError', code: ErrorCode, message: string }
   };

export type FollowForChangesSubscriptionVariables = Exact<{
  id: string;
  afterSequence: number;
}>;


export type FollowForChangesSubscription = { events:
    | { __typename: 'ConnectionTestFinished', sequence: number, test: { id: string, status: ConnectionTestStatus, changesSummary: string | null, changes: Array<{ subject: ConnectionTestChangeSubject, label: string, message: string, field: string | null, stepKey: ConnectionTestStepKey | null, target: string | null, before: string | null, after: string | null, changedAt: string | null }>, lastPassedTest: { id: string, status: ConnectionTestStatus } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, status: ConnectionTestStepStatus, problem: { code: ProblemCode } | null }> } }
    | { __typename: 'ConnectionTestPlanned' }
    | { __typename: 'ConnectionTestStepFinished' }
    | { __typename: 'ConnectionTestStepProgressed' }
    | { __typename: 'ConnectionTestStepStarted' }
    | { __typename: 'IdempotencyKeyReusedError', code: ErrorCode, message: string }
    | { __typename: 'NotFoundError', code: ErrorCode, message: string }
    | { __typename: 'RateLimitedError', code: ErrorCode, message: string }
    | { __typename: 'SecretReentryRequiredError', code: ErrorCode, message: string }
    | { __typename: 'ValidationError', code: ErrorCode, message: string }
   };

export type SaveIfPassedMutationVariables = Exact<{
  input: CreateConnectorInput;
}>;


export type SaveIfPassedMutation = { createConnector:
    | { __typename: 'ConflictError', code: ErrorCode, message: string }
    | { __typename: 'ConnectionTestFailedError', code: ErrorCode, message: string }
    | { __typename: 'CreateConnectorSuccess', connector:
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
        | { id: string }
       }
    | { __typename: 'ExternalKeyTakenError', code: ErrorCode, message: string }
    | { __typename: 'IdempotencyKeyReusedError', code: ErrorCode, message: string }
    | { __typename: 'NameTakenError', code: ErrorCode, message: string }
    | { __typename: 'RateLimitedError', code: ErrorCode, message: string, reason: RateLimitReason, retryAfterSeconds: number }
    | { __typename: 'SecretStoreFailedError', code: ErrorCode, message: string }
    | { __typename: 'ValidationError', code: ErrorCode, message: string }
   };

export type PreviewWithinLimitsQueryVariables = Exact<{
  input: PreviewDatasetInput;
}>;


export type PreviewWithinLimitsQuery = { previewDataset:
    | { __typename: 'ConflictError', code: ErrorCode, message: string }
    | { __typename: 'NotFoundError', code: ErrorCode, message: string }
    | { __typename: 'PreviewDatasetSuccess', preview: { rows: Array<unknown> } }
    | { __typename: 'PreviewFailedError', code: ErrorCode, message: string, problem: { code: ProblemCode } }
    | { __typename: 'RateLimitedError', code: ErrorCode, message: string, reason: RateLimitReason, retryAfterSeconds: number }
    | { __typename: 'ValidationError', code: ErrorCode, message: string }
   };

export type ProblemDetailsFragment = { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
    | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
    | { __typename: 'ReadDocsRemedy', title: string }
    | { __typename: 'ReenterSecretRemedy', field: string, title: string }
    | { __typename: 'RunSqlRemedy', sql: string, title: string }
    | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
  > };

export type StepDetailsFragment = { id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
    | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
    | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
    | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
  >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
      | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
      | { __typename: 'ReadDocsRemedy', title: string }
      | { __typename: 'ReenterSecretRemedy', field: string, title: string }
      | { __typename: 'RunSqlRemedy', sql: string, title: string }
      | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
    > } | null };

export type TestDetailsFragment = { id: string, status: ConnectionTestStatus, durationMs: number | null, changesSummary: string | null, changes: Array<{ message: string }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
      | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
      | { __typename: 'ReadDocsRemedy', title: string }
      | { __typename: 'ReenterSecretRemedy', field: string, title: string }
      | { __typename: 'RunSqlRemedy', sql: string, title: string }
      | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
    > } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
      | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
      | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
      | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
    >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
        | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
        | { __typename: 'ReadDocsRemedy', title: string }
        | { __typename: 'ReenterSecretRemedy', field: string, title: string }
        | { __typename: 'RunSqlRemedy', sql: string, title: string }
        | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
      > } | null }> };

export type StreamTestSubscriptionVariables = Exact<{
  input: TestConnectionInput;
}>;


export type StreamTestSubscription = { testConnection:
    | { __typename: 'ConnectionTestFinished', sequence: number, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, changesSummary: string | null, changes: Array<{ message: string }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
            | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
            | { __typename: 'ReadDocsRemedy', title: string }
            | { __typename: 'ReenterSecretRemedy', field: string, title: string }
            | { __typename: 'RunSqlRemedy', sql: string, title: string }
            | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
          > } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
            | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
          >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
              | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
              | { __typename: 'ReadDocsRemedy', title: string }
              | { __typename: 'ReenterSecretRemedy', field: string, title: string }
              | { __typename: 'RunSqlRemedy', sql: string, title: string }
              | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
            > } | null }> } }
    | { __typename: 'ConnectionTestPlanned', sequence: number, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, changesSummary: string | null, changes: Array<{ message: string }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
            | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
            | { __typename: 'ReadDocsRemedy', title: string }
            | { __typename: 'ReenterSecretRemedy', field: string, title: string }
            | { __typename: 'RunSqlRemedy', sql: string, title: string }
            | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
          > } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
            | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
          >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
              | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
              | { __typename: 'ReadDocsRemedy', title: string }
              | { __typename: 'ReenterSecretRemedy', field: string, title: string }
              | { __typename: 'RunSqlRemedy', sql: string, title: string }
              | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
            > } | null }> } }
    | { __typename: 'ConnectionTestStepFinished', sequence: number, step: { id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
          | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
          | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
          | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
        >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
            | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
            | { __typename: 'ReadDocsRemedy', title: string }
            | { __typename: 'ReenterSecretRemedy', field: string, title: string }
            | { __typename: 'RunSqlRemedy', sql: string, title: string }
            | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
          > } | null } }
    | { __typename: 'ConnectionTestStepProgressed', sequence: number, step: { id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
          | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
          | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
          | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
        >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
            | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
            | { __typename: 'ReadDocsRemedy', title: string }
            | { __typename: 'ReenterSecretRemedy', field: string, title: string }
            | { __typename: 'RunSqlRemedy', sql: string, title: string }
            | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
          > } | null } }
    | { __typename: 'ConnectionTestStepStarted', sequence: number, step: { id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
          | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
          | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
          | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
        >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
            | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
            | { __typename: 'ReadDocsRemedy', title: string }
            | { __typename: 'ReenterSecretRemedy', field: string, title: string }
            | { __typename: 'RunSqlRemedy', sql: string, title: string }
            | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
          > } | null } }
    | { __typename: 'IdempotencyKeyReusedError', message: string, code: ErrorCode }
    | { __typename: 'NotFoundError', message: string, code: ErrorCode }
    | { __typename: 'RateLimitedError', message: string, code: ErrorCode }
    | { __typename: 'SecretReentryRequiredError', message: string, code: ErrorCode, changedFields: Array<string>, secretFields: Array<string> }
    | { __typename: 'ValidationError', message: string, code: ErrorCode, issues: Array<{ path: string, message: string }> }
   };

export type FollowTestSubscriptionVariables = Exact<{
  id: string;
  afterSequence?: number;
}>;


export type FollowTestSubscription = { connectionTestProgress:
    | { __typename: 'ConnectionTestFinished', sequence: number, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, changesSummary: string | null, changes: Array<{ message: string }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
            | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
            | { __typename: 'ReadDocsRemedy', title: string }
            | { __typename: 'ReenterSecretRemedy', field: string, title: string }
            | { __typename: 'RunSqlRemedy', sql: string, title: string }
            | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
          > } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
            | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
          >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
              | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
              | { __typename: 'ReadDocsRemedy', title: string }
              | { __typename: 'ReenterSecretRemedy', field: string, title: string }
              | { __typename: 'RunSqlRemedy', sql: string, title: string }
              | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
            > } | null }> } }
    | { __typename: 'ConnectionTestPlanned', sequence: number, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, changesSummary: string | null, changes: Array<{ message: string }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
            | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
            | { __typename: 'ReadDocsRemedy', title: string }
            | { __typename: 'ReenterSecretRemedy', field: string, title: string }
            | { __typename: 'RunSqlRemedy', sql: string, title: string }
            | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
          > } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
            | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
          >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
              | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
              | { __typename: 'ReadDocsRemedy', title: string }
              | { __typename: 'ReenterSecretRemedy', field: string, title: string }
              | { __typename: 'RunSqlRemedy', sql: string, title: string }
              | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
            > } | null }> } }
    | { __typename: 'ConnectionTestStepFinished', sequence: number, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, changesSummary: string | null, changes: Array<{ message: string }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
            | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
            | { __typename: 'ReadDocsRemedy', title: string }
            | { __typename: 'ReenterSecretRemedy', field: string, title: string }
            | { __typename: 'RunSqlRemedy', sql: string, title: string }
            | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
          > } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
            | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
          >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
              | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
              | { __typename: 'ReadDocsRemedy', title: string }
              | { __typename: 'ReenterSecretRemedy', field: string, title: string }
              | { __typename: 'RunSqlRemedy', sql: string, title: string }
              | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
            > } | null }> } }
    | { __typename: 'ConnectionTestStepProgressed', sequence: number, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, changesSummary: string | null, changes: Array<{ message: string }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
            | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
            | { __typename: 'ReadDocsRemedy', title: string }
            | { __typename: 'ReenterSecretRemedy', field: string, title: string }
            | { __typename: 'RunSqlRemedy', sql: string, title: string }
            | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
          > } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
            | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
          >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
              | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
              | { __typename: 'ReadDocsRemedy', title: string }
              | { __typename: 'ReenterSecretRemedy', field: string, title: string }
              | { __typename: 'RunSqlRemedy', sql: string, title: string }
              | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
            > } | null }> } }
    | { __typename: 'ConnectionTestStepStarted', sequence: number, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, changesSummary: string | null, changes: Array<{ message: string }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
            | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
            | { __typename: 'ReadDocsRemedy', title: string }
            | { __typename: 'ReenterSecretRemedy', field: string, title: string }
            | { __typename: 'RunSqlRemedy', sql: string, title: string }
            | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
          > } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
            | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
          >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
              | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
              | { __typename: 'ReadDocsRemedy', title: string }
              | { __typename: 'ReenterSecretRemedy', field: string, title: string }
              | { __typename: 'RunSqlRemedy', sql: string, title: string }
              | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
            > } | null }> } }
    | { __typename: 'IdempotencyKeyReusedError', message: string, code: ErrorCode }
    | { __typename: 'NotFoundError', message: string, code: ErrorCode }
    | { __typename: 'RateLimitedError', message: string, code: ErrorCode }
    | { __typename: 'SecretReentryRequiredError', message: string, code: ErrorCode }
    | { __typename: 'ValidationError', message: string, code: ErrorCode }
   };

export type RunTestMutationVariables = Exact<{
  input: TestConnectionInput;
}>;


export type RunTestMutation = { testConnection:
    | { __typename: 'IdempotencyKeyReusedError', message: string, code: ErrorCode }
    | { __typename: 'NotFoundError', message: string, code: ErrorCode }
    | { __typename: 'RateLimitedError', message: string, code: ErrorCode }
    | { __typename: 'SecretReentryRequiredError', message: string, code: ErrorCode, changedFields: Array<string>, secretFields: Array<string> }
    | { __typename: 'TestConnectionSuccess', test: { id: string, status: ConnectionTestStatus, durationMs: number | null, changesSummary: string | null, changes: Array<{ message: string }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
            | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
            | { __typename: 'ReadDocsRemedy', title: string }
            | { __typename: 'ReenterSecretRemedy', field: string, title: string }
            | { __typename: 'RunSqlRemedy', sql: string, title: string }
            | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
          > } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
            | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
          >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
              | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
              | { __typename: 'ReadDocsRemedy', title: string }
              | { __typename: 'ReenterSecretRemedy', field: string, title: string }
              | { __typename: 'RunSqlRemedy', sql: string, title: string }
              | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
            > } | null }> } }
    | { __typename: 'ValidationError', message: string, code: ErrorCode, issues: Array<{ path: string, message: string }> }
   };

export type CancelTestMutationVariables = Exact<{
  id: string;
}>;


export type CancelTestMutation = { cancelConnectionTest:
    | { __typename: 'CancelConnectionTestSuccess', test: { id: string, status: ConnectionTestStatus, durationMs: number | null, changesSummary: string | null, changes: Array<{ message: string }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
            | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
            | { __typename: 'ReadDocsRemedy', title: string }
            | { __typename: 'ReenterSecretRemedy', field: string, title: string }
            | { __typename: 'RunSqlRemedy', sql: string, title: string }
            | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
          > } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
            | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
          >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
              | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
              | { __typename: 'ReadDocsRemedy', title: string }
              | { __typename: 'ReenterSecretRemedy', field: string, title: string }
              | { __typename: 'RunSqlRemedy', sql: string, title: string }
              | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
            > } | null }> } }
    | { __typename: 'NotFoundError', message: string, code: ErrorCode }
   };

type ConnectorSummary_AthenaConnector_Fragment = { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> };

type ConnectorSummary_BigqueryConnector_Fragment = { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> };

type ConnectorSummary_DatabricksConnector_Fragment = { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> };

type ConnectorSummary_HttpApiConnector_Fragment = { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> };

type ConnectorSummary_MongodbConnector_Fragment = { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> };

type ConnectorSummary_MysqlConnector_Fragment = { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> };

type ConnectorSummary_PostgresConnector_Fragment = { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> };

type ConnectorSummary_RedshiftConnector_Fragment = { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> };

type ConnectorSummary_S3Connector_Fragment = { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> };

type ConnectorSummary_SimulatorConnector_Fragment = { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> };

type ConnectorSummary_SnowflakeConnector_Fragment = { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> };

export type ConnectorSummaryFragment =
  | ConnectorSummary_AthenaConnector_Fragment
  | ConnectorSummary_BigqueryConnector_Fragment
  | ConnectorSummary_DatabricksConnector_Fragment
  | ConnectorSummary_HttpApiConnector_Fragment
  | ConnectorSummary_MongodbConnector_Fragment
  | ConnectorSummary_MysqlConnector_Fragment
  | ConnectorSummary_PostgresConnector_Fragment
  | ConnectorSummary_RedshiftConnector_Fragment
  | ConnectorSummary_S3Connector_Fragment
  | ConnectorSummary_SimulatorConnector_Fragment
  | ConnectorSummary_SnowflakeConnector_Fragment
;

export type CreateConnectorMutationVariables = Exact<{
  input: CreateConnectorInput;
}>;


export type CreateConnectorMutation = { createConnector:
    | { __typename: 'ConflictError', message: string, code: ErrorCode }
    | { __typename: 'ConnectionTestFailedError', message: string, code: ErrorCode }
    | { __typename: 'CreateConnectorSuccess', connector:
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
       }
    | { __typename: 'ExternalKeyTakenError', message: string, code: ErrorCode }
    | { __typename: 'IdempotencyKeyReusedError', message: string, code: ErrorCode }
    | { __typename: 'NameTakenError', message: string, code: ErrorCode }
    | { __typename: 'RateLimitedError', message: string, code: ErrorCode }
    | { __typename: 'SecretStoreFailedError', message: string, code: ErrorCode }
    | { __typename: 'ValidationError', message: string, code: ErrorCode, issues: Array<{ path: string, message: string }> }
   };

export type UpdateConnectorMutationVariables = Exact<{
  input: UpdateConnectorInput;
}>;


export type UpdateConnectorMutation = { updateConnector:
    | { __typename: 'ConflictError', message: string, code: ErrorCode }
    | { __typename: 'ConnectionTestFailedError', message: string, code: ErrorCode }
    | { __typename: 'ExternalKeyTakenError', message: string, code: ErrorCode }
    | { __typename: 'NameTakenError', message: string, code: ErrorCode }
    | { __typename: 'NotFoundError', message: string, code: ErrorCode }
    | { __typename: 'RateLimitedError', message: string, code: ErrorCode }
    | { __typename: 'SecretReentryRequiredError', message: string, code: ErrorCode, changedFields: Array<string>, secretFields: Array<string> }
    | { __typename: 'SecretStoreFailedError', message: string, code: ErrorCode }
    | { __typename: 'UpdateConnectorSuccess', connector:
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
       }
    | { __typename: 'ValidationError', message: string, code: ErrorCode, issues: Array<{ path: string, message: string }> }
   };

export type ConnectorByIdQueryVariables = Exact<{
  id: string;
}>;


export type ConnectorByIdQuery = { connector:
    | { formData: unknown, id: string, name: string, version: number, datasets: { nodes: Array<{ id: string, name: string, status: DatasetStatus }> }, tests: { nodes: Array<{ id: string, status: ConnectionTestStatus }> }, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
    | { formData: unknown, id: string, name: string, version: number, datasets: { nodes: Array<{ id: string, name: string, status: DatasetStatus }> }, tests: { nodes: Array<{ id: string, status: ConnectionTestStatus }> }, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
    | { formData: unknown, id: string, name: string, version: number, datasets: { nodes: Array<{ id: string, name: string, status: DatasetStatus }> }, tests: { nodes: Array<{ id: string, status: ConnectionTestStatus }> }, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
    | { formData: unknown, id: string, name: string, version: number, datasets: { nodes: Array<{ id: string, name: string, status: DatasetStatus }> }, tests: { nodes: Array<{ id: string, status: ConnectionTestStatus }> }, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
    | { formData: unknown, id: string, name: string, version: number, datasets: { nodes: Array<{ id: string, name: string, status: DatasetStatus }> }, tests: { nodes: Array<{ id: string, status: ConnectionTestStatus }> }, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
    | { formData: unknown, id: string, name: string, version: number, datasets: { nodes: Array<{ id: string, name: string, status: DatasetStatus }> }, tests: { nodes: Array<{ id: string, status: ConnectionTestStatus }> }, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
    | { formData: unknown, id: string, name: string, version: number, datasets: { nodes: Array<{ id: string, name: string, status: DatasetStatus }> }, tests: { nodes: Array<{ id: string, status: ConnectionTestStatus }> }, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
    | { formData: unknown, id: string, name: string, version: number, datasets: { nodes: Array<{ id: string, name: string, status: DatasetStatus }> }, tests: { nodes: Array<{ id: string, status: ConnectionTestStatus }> }, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
    | { formData: unknown, id: string, name: string, version: number, datasets: { nodes: Array<{ id: string, name: string, status: DatasetStatus }> }, tests: { nodes: Array<{ id: string, status: ConnectionTestStatus }> }, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
    | { formData: unknown, id: string, name: string, version: number, datasets: { nodes: Array<{ id: string, name: string, status: DatasetStatus }> }, tests: { nodes: Array<{ id: string, status: ConnectionTestStatus }> }, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
    | { formData: unknown, id: string, name: string, version: number, datasets: { nodes: Array<{ id: string, name: string, status: DatasetStatus }> }, tests: { nodes: Array<{ id: string, status: ConnectionTestStatus }> }, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> }
   | null };

export type DeletionPlanQueryVariables = Exact<{
  id: string;
}>;


export type DeletionPlanQuery = { connectorDeletionPlan: { impactToken: string, hiddenDatasetCount: number, datasets: { totalCount: number, nodes: Array<{ id: string, name: string }> } } | null };

export type DeleteConnectorMutationVariables = Exact<{
  input: DeleteConnectorInput;
}>;


export type DeleteConnectorMutation = { deleteConnector:
    | { __typename: 'ConflictError', message: string, code: ErrorCode }
    | { __typename: 'ConnectorInUseError', message: string, code: ErrorCode, plan: { impactToken: string, hiddenDatasetCount: number, datasets: { nodes: Array<{ id: string, name: string }> } } | null }
    | { __typename: 'DeleteConnectorSuccess', deletedConnectorId: string, deletedDatasetIds: Array<string> }
    | { __typename: 'NotFoundError', message: string, code: ErrorCode }
    | { __typename: 'ValidationError', message: string, code: ErrorCode }
   };

export type ValidateConnectorConfigQueryVariables = Exact<{
  input: ValidateConnectorConfigInput;
}>;


export type ValidateConnectorConfigQuery = { validateConnectorConfig:
    | { __typename: 'ExternalKeyTakenError', message: string, code: ErrorCode }
    | { __typename: 'NameTakenError', message: string, code: ErrorCode }
    | { __typename: 'NotFoundError', message: string, code: ErrorCode }
    | { __typename: 'SecretReentryRequiredError', changedFields: Array<string>, secretFields: Array<string>, message: string, code: ErrorCode }
    | { __typename: 'ValidateConnectorConfigSuccess', formData: unknown, testPlan: Array<{ key: ConnectionTestStepKey, title: string, target: string | null, required: boolean, budgetMs: number }> }
    | { __typename: 'ValidationError', message: string, code: ErrorCode, issues: Array<{ path: string, inputPath: Array<string>, message: string }> }
   };

export type CreateDatasetMutationVariables = Exact<{
  input: CreateDatasetInput;
}>;


export type CreateDatasetMutation = { createDataset:
    | { __typename: 'ConflictError', message: string, code: ErrorCode }
    | { __typename: 'CreateDatasetSuccess', dataset: { id: string, name: string, version: number, status: DatasetStatus } }
    | { __typename: 'IdempotencyKeyReusedError', message: string, code: ErrorCode }
    | { __typename: 'NameTakenError', message: string, code: ErrorCode }
    | { __typename: 'NotFoundError', message: string, code: ErrorCode }
    | { __typename: 'ValidationError', message: string, code: ErrorCode, issues: Array<{ path: string, message: string }> }
   };

export type PreviewQueryVariables = Exact<{
  input: PreviewDatasetInput;
}>;


export type PreviewQuery = { previewDataset:
    | { __typename: 'ConflictError', message: string, code: ErrorCode }
    | { __typename: 'NotFoundError', message: string, code: ErrorCode }
    | { __typename: 'PreviewDatasetSuccess', preview: { rows: Array<unknown>, truncated: boolean, durationMs: number, columns: Array<{ name: string, nativeType: string, type: ColumnType }> } }
    | { __typename: 'PreviewFailedError', message: string, code: ErrorCode, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
          | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
          | { __typename: 'ReadDocsRemedy', title: string }
          | { __typename: 'ReenterSecretRemedy', field: string, title: string }
          | { __typename: 'RunSqlRemedy', sql: string, title: string }
          | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
        > } }
    | { __typename: 'RateLimitedError', message: string, code: ErrorCode }
    | { __typename: 'ValidationError', message: string, code: ErrorCode, issues: Array<{ path: string, message: string }> }
   };

export type DatasetsQueryVariables = Exact<{
  first?: number;
}>;


export type DatasetsQuery = { datasets: { totalCount: number, nodes: Array<{ id: string, name: string, status: DatasetStatus, connector:
        | { id: string, name: string }
        | { id: string, name: string }
        | { id: string, name: string }
        | { id: string, name: string }
        | { id: string, name: string }
        | { id: string, name: string }
        | { id: string, name: string }
        | { id: string, name: string }
        | { id: string, name: string }
        | { id: string, name: string }
        | { id: string, name: string }
       | null }> } };

type WholeConfig_AthenaConnector_Fragment = { __typename: 'AthenaConnector', id: string, name: string, version: number, formData: unknown, athena: { catalog: string, database: string | null, outputLocation: string | null, region: string, workgroup: string, credentials: { kind: AwsCredentialsKind, accessKey: { accessKeyId: string } | null, assumeRole: { roleArn: string } | null }, limits: { connectTimeoutSeconds: number, statementTimeoutSeconds: number } }, type: { name: ConnectorTypeName, inputKey: string } };

type WholeConfig_BigqueryConnector_Fragment = { __typename: 'BigqueryConnector', id: string, name: string, version: number, formData: unknown, bigquery: { caCertificates: string | null, dataProjectId: string | null, defaultDataset: string | null, dialect: BigqueryDialect, location: string | null, maximumBytesBilled: number, projectId: string, auth: { kind: BigqueryAuthKind, impersonate: { targetServiceAccount: string } | null }, limits: { connectTimeoutSeconds: number, statementTimeoutSeconds: number } }, type: { name: ConnectorTypeName, inputKey: string } };

type WholeConfig_DatabricksConnector_Fragment = { __typename: 'DatabricksConnector', id: string, name: string, version: number, formData: unknown, databricks: { caCertificates: string | null, catalog: string | null, host: string, httpPath: string, schema: string | null, auth: { kind: DatabricksAuthKind, oauthM2m: { clientId: string } | null }, limits: { connectTimeoutSeconds: number, statementTimeoutSeconds: number } }, type: { name: ConnectorTypeName, inputKey: string } };

type WholeConfig_HttpApiConnector_Fragment = { __typename: 'HttpApiConnector', id: string, name: string, version: number, formData: unknown, httpApi: { baseUrl: string, redirects: HttpRedirects, auth: { kind: HttpAuthKind, apiKey: { in: HttpApiKeyPlace, name: string } | null, basic: { username: string } | null, oauthClientCredentials: { audience: string | null, clientAuthentication: HttpClientAuthentication, clientId: string, scopes: string | null, tokenUrl: string } | null }, headers: Array<{ name: string, secret: boolean, value: string | null }>, limits: { connectTimeoutSeconds: number, maxAnswerMegabytes: number, requestTimeoutSeconds: number }, probe: { expectBody: HttpProbeBody, expectStatus: number | null, method: HttpProbeMethod, path: string }, queryParameters: Array<{ name: string, value: string }>, rateLimit: { perSeconds: number, requests: number }, retry: { attempts: number, maxWaitSeconds: number }, tls: { caBundle: TlsCaBundle, caCertificates: string | null, clientCertificate: string | null, mode: TlsMode, serverName: string | null } }, type: { name: ConnectorTypeName, inputKey: string } };

type WholeConfig_MongodbConnector_Fragment = { __typename: 'MongodbConnector', id: string, name: string, version: number, formData: unknown, mongodb: { authSource: string, readPreference: MongodbReadPreference, replicaSet: string | null, srvHost: string | null, auth: { kind: MongodbAuthKind, scram: { username: string } | null }, hosts: Array<{ host: string, port: number }>, limits: { connectTimeoutSeconds: number, statementTimeoutSeconds: number }, tls: { caBundle: TlsCaBundle, caCertificates: string | null, clientCertificate: string | null, mode: TlsMode, serverName: string | null } }, type: { name: ConnectorTypeName, inputKey: string } };

type WholeConfig_MysqlConnector_Fragment = { __typename: 'MysqlConnector', id: string, name: string, version: number, formData: unknown, mysql: { charset: string, database: string | null, host: string, port: number, auth: { kind: MysqlAuthKind, awsIam: { accessKeyId: string, region: string, username: string } | null, password: { username: string } | null }, limits: { connectTimeoutSeconds: number, statementTimeoutSeconds: number }, sshTunnel: { host: string, hostKeyFingerprint: string | null, port: number, username: string, auth: { kind: SshTunnelAuthKind } } | null, tls: { caBundle: TlsCaBundle, caCertificates: string | null, clientCertificate: string | null, mode: TlsMode, serverName: string | null } }, type: { name: ConnectorTypeName, inputKey: string } };

type WholeConfig_PostgresConnector_Fragment = { __typename: 'PostgresConnector', id: string, name: string, version: number, formData: unknown, postgres: { database: string, host: string, port: number, schemas: Array<string>, auth: { kind: PostgresAuthKind, awsIam: { accessKeyId: string, region: string, username: string } | null, clientCertificate: { username: string } | null, password: { username: string } | null }, limits: { connectTimeoutSeconds: number, statementTimeoutSeconds: number }, sshTunnel: { host: string, hostKeyFingerprint: string | null, port: number, username: string, auth: { kind: SshTunnelAuthKind } } | null, tls: { caBundle: TlsCaBundle, caCertificates: string | null, clientCertificate: string | null, mode: TlsMode, serverName: string | null } }, type: { name: ConnectorTypeName, inputKey: string } };

type WholeConfig_RedshiftConnector_Fragment = { __typename: 'RedshiftConnector', id: string, name: string, version: number, formData: unknown, redshift: { database: string, host: string, port: number, schemas: Array<string>, auth: { kind: RedshiftAuthKind, iam: { databaseUser: string | null, region: string, credentials: { kind: AwsCredentialsKind, accessKey: { accessKeyId: string } | null, assumeRole: { roleArn: string } | null }, deployment: { kind: RedshiftDeploymentKind, cluster: { clusterIdentifier: string } | null, serverless: { workgroupName: string } | null } } | null, password: { username: string } | null }, limits: { connectTimeoutSeconds: number, statementTimeoutSeconds: number }, sshTunnel: { host: string, hostKeyFingerprint: string | null, port: number, username: string, auth: { kind: SshTunnelAuthKind } } | null, tls: { caBundle: TlsCaBundle, caCertificates: string | null, clientCertificate: string | null, mode: TlsMode, serverName: string | null } }, type: { name: ConnectorTypeName, inputKey: string } };

type WholeConfig_S3Connector_Fragment = { __typename: 'S3Connector', id: string, name: string, version: number, formData: unknown, s3: { bucket: string, caCertificates: string | null, endpoint: string | null, prefix: string | null, region: string, credentials: { kind: AwsCredentialsKind, accessKey: { accessKeyId: string } | null, assumeRole: { roleArn: string } | null }, limits: { connectTimeoutSeconds: number, statementTimeoutSeconds: number } }, type: { name: ConnectorTypeName, inputKey: string } };

type WholeConfig_SimulatorConnector_Fragment = { __typename: 'SimulatorConnector', id: string, name: string, version: number, formData: unknown, simulator: { endpoints: Array<string>, generation: number, host: string, port: number, previewBudgetMs: number, scenario: SimulatorScenario, auth: { kind: SimulatorAuthKind, key: { username: string } | null, password: { username: string } | null }, steps: Array<{ budgetMs: number | null, delayMs: number | null, detail: string | null, evidence: Array<SimulatedEvidence> | null, fields: Array<string> | null, notes: Array<string> | null, outcome: SimulatedStepOutcome | null, planned: boolean | null, problem: ProblemCode | null, remedies: Array<SimulatedRemedy> | null, required: boolean | null, step: ConnectionTestStepKey, target: string | null }> }, type: { name: ConnectorTypeName, inputKey: string } };

type WholeConfig_SnowflakeConnector_Fragment = { __typename: 'SnowflakeConnector', id: string, name: string, version: number, formData: unknown, snowflake: { account: string, caCertificates: string | null, database: string | null, role: string | null, schema: string | null, username: string, warehouse: string, auth: { kind: SnowflakeAuthKind, oauthClientCredentials: { clientId: string, scope: string | null, tokenUrl: string | null } | null }, limits: { connectTimeoutSeconds: number, statementTimeoutSeconds: number } }, type: { name: ConnectorTypeName, inputKey: string } };

export type WholeConfigFragment =
  | WholeConfig_AthenaConnector_Fragment
  | WholeConfig_BigqueryConnector_Fragment
  | WholeConfig_DatabricksConnector_Fragment
  | WholeConfig_HttpApiConnector_Fragment
  | WholeConfig_MongodbConnector_Fragment
  | WholeConfig_MysqlConnector_Fragment
  | WholeConfig_PostgresConnector_Fragment
  | WholeConfig_RedshiftConnector_Fragment
  | WholeConfig_S3Connector_Fragment
  | WholeConfig_SimulatorConnector_Fragment
  | WholeConfig_SnowflakeConnector_Fragment
;

export type CreateOfAnyTypeMutationVariables = Exact<{
  input: CreateConnectorInput;
}>;


export type CreateOfAnyTypeMutation = { createConnector:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'ConnectionTestFailedError', message: string }
    | { __typename: 'CreateConnectorSuccess', connector:
        | { __typename: 'AthenaConnector', id: string, name: string, version: number, formData: unknown, athena: { catalog: string, database: string | null, outputLocation: string | null, region: string, workgroup: string, credentials: { kind: AwsCredentialsKind, accessKey: { accessKeyId: string } | null, assumeRole: { roleArn: string } | null }, limits: { connectTimeoutSeconds: number, statementTimeoutSeconds: number } }, type: { name: ConnectorTypeName, inputKey: string } }
        | { __typename: 'BigqueryConnector', id: string, name: string, version: number, formData: unknown, bigquery: { caCertificates: string | null, dataProjectId: string | null, defaultDataset: string | null, dialect: BigqueryDialect, location: string | null, maximumBytesBilled: number, projectId: string, auth: { kind: BigqueryAuthKind, impersonate: { targetServiceAccount: string } | null }, limits: { connectTimeoutSeconds: number, statementTimeoutSeconds: number } }, type: { name: ConnectorTypeName, inputKey: string } }
        | { __typename: 'DatabricksConnector', id: string, name: string, version: number, formData: unknown, databricks: { caCertificates: string | null, catalog: string | null, host: string, httpPath: string, schema: string | null, auth: { kind: DatabricksAuthKind, oauthM2m: { clientId: string } | null }, limits: { connectTimeoutSeconds: number, statementTimeoutSeconds: number } }, type: { name: ConnectorTypeName, inputKey: string } }
        | { __typename: 'HttpApiConnector', id: string, name: string, version: number, formData: unknown, httpApi: { baseUrl: string, redirects: HttpRedirects, auth: { kind: HttpAuthKind, apiKey: { in: HttpApiKeyPlace, name: string } | null, basic: { username: string } | null, oauthClientCredentials: { audience: string | null, clientAuthentication: HttpClientAuthentication, clientId: string, scopes: string | null, tokenUrl: string } | null }, headers: Array<{ name: string, secret: boolean, value: string | null }>, limits: { connectTimeoutSeconds: number, maxAnswerMegabytes: number, requestTimeoutSeconds: number }, probe: { expectBody: HttpProbeBody, expectStatus: number | null, method: HttpProbeMethod, path: string }, queryParameters: Array<{ name: string, value: string }>, rateLimit: { perSeconds: number, requests: number }, retry: { attempts: number, maxWaitSeconds: number }, tls: { caBundle: TlsCaBundle, caCertificates: string | null, clientCertificate: string | null, mode: TlsMode, serverName: string | null } }, type: { name: ConnectorTypeName, inputKey: string } }
        | { __typename: 'MongodbConnector', id: string, name: string, version: number, formData: unknown, mongodb: { authSource: string, readPreference: MongodbReadPreference, replicaSet: string | null, srvHost: string | null, auth: { kind: MongodbAuthKind, scram: { username: string } | null }, hosts: Array<{ host: string, port: number }>, limits: { connectTimeoutSeconds: number, statementTimeoutSeconds: number }, tls: { caBundle: TlsCaBundle, caCertificates: string | null, clientCertificate: string | null, mode: TlsMode, serverName: string | null } }, type: { name: ConnectorTypeName, inputKey: string } }
        | { __typename: 'MysqlConnector', id: string, name: string, version: number, formData: unknown, mysql: { charset: string, database: string | null, host: string, port: number, auth: { kind: MysqlAuthKind, awsIam: { accessKeyId: string, region: string, username: string } | null, password: { username: string } | null }, limits: { connectTimeoutSeconds: number, statementTimeoutSeconds: number }, sshTunnel: { host: string, hostKeyFingerprint: string | null, port: number, username: string, auth: { kind: SshTunnelAuthKind } } | null, tls: { caBundle: TlsCaBundle, caCertificates: string | null, clientCertificate: string | null, mode: TlsMode, serverName: string | null } }, type: { name: ConnectorTypeName, inputKey: string } }
        | { __typename: 'PostgresConnector', id: string, name: string, version: number, formData: unknown, postgres: { database: string, host: string, port: number, schemas: Array<string>, auth: { kind: PostgresAuthKind, awsIam: { accessKeyId: string, region: string, username: string } | null, clientCertificate: { username: string } | null, password: { username: string } | null }, limits: { connectTimeoutSeconds: number, statementTimeoutSeconds: number }, sshTunnel: { host: string, hostKeyFingerprint: string | null, port: number, username: string, auth: { kind: SshTunnelAuthKind } } | null, tls: { caBundle: TlsCaBundle, caCertificates: string | null, clientCertificate: string | null, mode: TlsMode, serverName: string | null } }, type: { name: ConnectorTypeName, inputKey: string } }
        | { __typename: 'RedshiftConnector', id: string, name: string, version: number, formData: unknown, redshift: { database: string, host: string, port: number, schemas: Array<string>, auth: { kind: RedshiftAuthKind, iam: { databaseUser: string | null, region: string, credentials: { kind: AwsCredentialsKind, accessKey: { accessKeyId: string } | null, assumeRole: { roleArn: string } | null }, deployment: { kind: RedshiftDeploymentKind, cluster: { clusterIdentifier: string } | null, serverless: { workgroupName: string } | null } } | null, password: { username: string } | null }, limits: { connectTimeoutSeconds: number, statementTimeoutSeconds: number }, sshTunnel: { host: string, hostKeyFingerprint: string | null, port: number, username: string, auth: { kind: SshTunnelAuthKind } } | null, tls: { caBundle: TlsCaBundle, caCertificates: string | null, clientCertificate: string | null, mode: TlsMode, serverName: string | null } }, type: { name: ConnectorTypeName, inputKey: string } }
        | { __typename: 'S3Connector', id: string, name: string, version: number, formData: unknown, s3: { bucket: string, caCertificates: string | null, endpoint: string | null, prefix: string | null, region: string, credentials: { kind: AwsCredentialsKind, accessKey: { accessKeyId: string } | null, assumeRole: { roleArn: string } | null }, limits: { connectTimeoutSeconds: number, statementTimeoutSeconds: number } }, type: { name: ConnectorTypeName, inputKey: string } }
        | { __typename: 'SimulatorConnector', id: string, name: string, version: number, formData: unknown, simulator: { endpoints: Array<string>, generation: number, host: string, port: number, previewBudgetMs: number, scenario: SimulatorScenario, auth: { kind: SimulatorAuthKind, key: { username: string } | null, password: { username: string } | null }, steps: Array<{ budgetMs: number | null, delayMs: number | null, detail: string | null, evidence: Array<SimulatedEvidence> | null, fields: Array<string> | null, notes: Array<string> | null, outcome: SimulatedStepOutcome | null, planned: boolean | null, problem: ProblemCode | null, remedies: Array<SimulatedRemedy> | null, required: boolean | null, step: ConnectionTestStepKey, target: string | null }> }, type: { name: ConnectorTypeName, inputKey: string } }
        | { __typename: 'SnowflakeConnector', id: string, name: string, version: number, formData: unknown, snowflake: { account: string, caCertificates: string | null, database: string | null, role: string | null, schema: string | null, username: string, warehouse: string, auth: { kind: SnowflakeAuthKind, oauthClientCredentials: { clientId: string, scope: string | null, tokenUrl: string | null } | null }, limits: { connectTimeoutSeconds: number, statementTimeoutSeconds: number } }, type: { name: ConnectorTypeName, inputKey: string } }
       }
    | { __typename: 'ExternalKeyTakenError', message: string }
    | { __typename: 'IdempotencyKeyReusedError', message: string }
    | { __typename: 'NameTakenError', message: string }
    | { __typename: 'RateLimitedError', message: string }
    | { __typename: 'SecretStoreFailedError', message: string }
    | { __typename: 'ValidationError', message: string, issues: Array<{ path: string, message: string }> }
   };

export type RenameOfAnyTypeMutationVariables = Exact<{
  input: UpdateConnectorInput;
}>;


export type RenameOfAnyTypeMutation = { updateConnector:
    | { __typename: 'ConflictError', message: string }
    | { __typename: 'ConnectionTestFailedError', message: string }
    | { __typename: 'ExternalKeyTakenError', message: string }
    | { __typename: 'NameTakenError', message: string }
    | { __typename: 'NotFoundError', message: string }
    | { __typename: 'RateLimitedError', message: string }
    | { __typename: 'SecretReentryRequiredError', message: string }
    | { __typename: 'SecretStoreFailedError', message: string }
    | { __typename: 'UpdateConnectorSuccess', connector:
        | { __typename: 'AthenaConnector', id: string, name: string, version: number, formData: unknown, athena: { catalog: string, database: string | null, outputLocation: string | null, region: string, workgroup: string, credentials: { kind: AwsCredentialsKind, accessKey: { accessKeyId: string } | null, assumeRole: { roleArn: string } | null }, limits: { connectTimeoutSeconds: number, statementTimeoutSeconds: number } }, type: { name: ConnectorTypeName, inputKey: string } }
        | { __typename: 'BigqueryConnector', id: string, name: string, version: number, formData: unknown, bigquery: { caCertificates: string | null, dataProjectId: string | null, defaultDataset: string | null, dialect: BigqueryDialect, location: string | null, maximumBytesBilled: number, projectId: string, auth: { kind: BigqueryAuthKind, impersonate: { targetServiceAccount: string } | null }, limits: { connectTimeoutSeconds: number, statementTimeoutSeconds: number } }, type: { name: ConnectorTypeName, inputKey: string } }
        | { __typename: 'DatabricksConnector', id: string, name: string, version: number, formData: unknown, databricks: { caCertificates: string | null, catalog: string | null, host: string, httpPath: string, schema: string | null, auth: { kind: DatabricksAuthKind, oauthM2m: { clientId: string } | null }, limits: { connectTimeoutSeconds: number, statementTimeoutSeconds: number } }, type: { name: ConnectorTypeName, inputKey: string } }
        | { __typename: 'HttpApiConnector', id: string, name: string, version: number, formData: unknown, httpApi: { baseUrl: string, redirects: HttpRedirects, auth: { kind: HttpAuthKind, apiKey: { in: HttpApiKeyPlace, name: string } | null, basic: { username: string } | null, oauthClientCredentials: { audience: string | null, clientAuthentication: HttpClientAuthentication, clientId: string, scopes: string | null, tokenUrl: string } | null }, headers: Array<{ name: string, secret: boolean, value: string | null }>, limits: { connectTimeoutSeconds: number, maxAnswerMegabytes: number, requestTimeoutSeconds: number }, probe: { expectBody: HttpProbeBody, expectStatus: number | null, method: HttpProbeMethod, path: string }, queryParameters: Array<{ name: string, value: string }>, rateLimit: { perSeconds: number, requests: number }, retry: { attempts: number, maxWaitSeconds: number }, tls: { caBundle: TlsCaBundle, caCertificates: string | null, clientCertificate: string | null, mode: TlsMode, serverName: string | null } }, type: { name: ConnectorTypeName, inputKey: string } }
        | { __typename: 'MongodbConnector', id: string, name: string, version: number, formData: unknown, mongodb: { authSource: string, readPreference: MongodbReadPreference, replicaSet: string | null, srvHost: string | null, auth: { kind: MongodbAuthKind, scram: { username: string } | null }, hosts: Array<{ host: string, port: number }>, limits: { connectTimeoutSeconds: number, statementTimeoutSeconds: number }, tls: { caBundle: TlsCaBundle, caCertificates: string | null, clientCertificate: string | null, mode: TlsMode, serverName: string | null } }, type: { name: ConnectorTypeName, inputKey: string } }
        | { __typename: 'MysqlConnector', id: string, name: string, version: number, formData: unknown, mysql: { charset: string, database: string | null, host: string, port: number, auth: { kind: MysqlAuthKind, awsIam: { accessKeyId: string, region: string, username: string } | null, password: { username: string } | null }, limits: { connectTimeoutSeconds: number, statementTimeoutSeconds: number }, sshTunnel: { host: string, hostKeyFingerprint: string | null, port: number, username: string, auth: { kind: SshTunnelAuthKind } } | null, tls: { caBundle: TlsCaBundle, caCertificates: string | null, clientCertificate: string | null, mode: TlsMode, serverName: string | null } }, type: { name: ConnectorTypeName, inputKey: string } }
        | { __typename: 'PostgresConnector', id: string, name: string, version: number, formData: unknown, postgres: { database: string, host: string, port: number, schemas: Array<string>, auth: { kind: PostgresAuthKind, awsIam: { accessKeyId: string, region: string, username: string } | null, clientCertificate: { username: string } | null, password: { username: string } | null }, limits: { connectTimeoutSeconds: number, statementTimeoutSeconds: number }, sshTunnel: { host: string, hostKeyFingerprint: string | null, port: number, username: string, auth: { kind: SshTunnelAuthKind } } | null, tls: { caBundle: TlsCaBundle, caCertificates: string | null, clientCertificate: string | null, mode: TlsMode, serverName: string | null } }, type: { name: ConnectorTypeName, inputKey: string } }
        | { __typename: 'RedshiftConnector', id: string, name: string, version: number, formData: unknown, redshift: { database: string, host: string, port: number, schemas: Array<string>, auth: { kind: RedshiftAuthKind, iam: { databaseUser: string | null, region: string, credentials: { kind: AwsCredentialsKind, accessKey: { accessKeyId: string } | null, assumeRole: { roleArn: string } | null }, deployment: { kind: RedshiftDeploymentKind, cluster: { clusterIdentifier: string } | null, serverless: { workgroupName: string } | null } } | null, password: { username: string } | null }, limits: { connectTimeoutSeconds: number, statementTimeoutSeconds: number }, sshTunnel: { host: string, hostKeyFingerprint: string | null, port: number, username: string, auth: { kind: SshTunnelAuthKind } } | null, tls: { caBundle: TlsCaBundle, caCertificates: string | null, clientCertificate: string | null, mode: TlsMode, serverName: string | null } }, type: { name: ConnectorTypeName, inputKey: string } }
        | { __typename: 'S3Connector', id: string, name: string, version: number, formData: unknown, s3: { bucket: string, caCertificates: string | null, endpoint: string | null, prefix: string | null, region: string, credentials: { kind: AwsCredentialsKind, accessKey: { accessKeyId: string } | null, assumeRole: { roleArn: string } | null }, limits: { connectTimeoutSeconds: number, statementTimeoutSeconds: number } }, type: { name: ConnectorTypeName, inputKey: string } }
        | { __typename: 'SimulatorConnector', id: string, name: string, version: number, formData: unknown, simulator: { endpoints: Array<string>, generation: number, host: string, port: number, previewBudgetMs: number, scenario: SimulatorScenario, auth: { kind: SimulatorAuthKind, key: { username: string } | null, password: { username: string } | null }, steps: Array<{ budgetMs: number | null, delayMs: number | null, detail: string | null, evidence: Array<SimulatedEvidence> | null, fields: Array<string> | null, notes: Array<string> | null, outcome: SimulatedStepOutcome | null, planned: boolean | null, problem: ProblemCode | null, remedies: Array<SimulatedRemedy> | null, required: boolean | null, step: ConnectionTestStepKey, target: string | null }> }, type: { name: ConnectorTypeName, inputKey: string } }
        | { __typename: 'SnowflakeConnector', id: string, name: string, version: number, formData: unknown, snowflake: { account: string, caCertificates: string | null, database: string | null, role: string | null, schema: string | null, username: string, warehouse: string, auth: { kind: SnowflakeAuthKind, oauthClientCredentials: { clientId: string, scope: string | null, tokenUrl: string | null } | null }, limits: { connectTimeoutSeconds: number, statementTimeoutSeconds: number } }, type: { name: ConnectorTypeName, inputKey: string } }
       }
    | { __typename: 'ValidationError', message: string, issues: Array<{ path: string, message: string }> }
   };

export type FieldOptionsQueryVariables = Exact<{
  input: ConnectorFieldOptionsInput;
}>;


export type FieldOptionsQuery = { connectorFieldOptions:
    | { __typename: 'ConnectorFieldOptionsSuccess', options: { hasNextPage: boolean, endCursor: string | null, nodes: Array<{ value: string, label: string, help: string | null }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
            | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
            | { __typename: 'ReadDocsRemedy', title: string }
            | { __typename: 'ReenterSecretRemedy', field: string, title: string }
            | { __typename: 'RunSqlRemedy', sql: string, title: string }
            | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
          > } | null } }
    | { __typename: 'NotFoundError', message: string, code: ErrorCode }
    | { __typename: 'RateLimitedError', message: string, code: ErrorCode }
    | { __typename: 'SecretReentryRequiredError', message: string, code: ErrorCode, changedFields: Array<string>, secretFields: Array<string> }
    | { __typename: 'ValidationError', message: string, code: ErrorCode, issues: Array<{ path: string, inputPath: Array<string>, message: string }> }
   };

export type CatalogQueryVariables = Exact<{
  connector: ConnectorRef;
  path?: Array<string> | string;
  first?: number;
  after?: string | null | undefined;
  search?: string | null | undefined;
  mayStartCompute?: boolean;
}>;


export type CatalogQuery = { connector:
    | { id: string, catalog:
        | { __typename: 'ConnectorCatalogSuccess', entries: { hasNextPage: boolean, endCursor: string | null, nodes: Array<{ path: Array<string>, name: string, kind: CatalogEntryKind, nativeKind: string | null, hasChildren: boolean, comment: string | null, sizeBytes: number | null, datasetQuery: unknown, column: { nativeType: string, type: ColumnType, isNullable: boolean | null } | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
                  | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
                  | { __typename: 'ReadDocsRemedy', title: string }
                  | { __typename: 'ReenterSecretRemedy', field: string, title: string }
                  | { __typename: 'RunSqlRemedy', sql: string, title: string }
                  | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
                > } | null }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
                | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
                | { __typename: 'ReadDocsRemedy', title: string }
                | { __typename: 'ReenterSecretRemedy', field: string, title: string }
                | { __typename: 'RunSqlRemedy', sql: string, title: string }
                | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
              > } | null } }
        | { __typename: 'NotFoundError', message: string, code: ErrorCode }
        | { __typename: 'RateLimitedError', message: string, code: ErrorCode }
        | { __typename: 'ValidationError', message: string, code: ErrorCode, issues: Array<{ path: string, message: string }> }
       }
    | { id: string, catalog:
        | { __typename: 'ConnectorCatalogSuccess', entries: { hasNextPage: boolean, endCursor: string | null, nodes: Array<{ path: Array<string>, name: string, kind: CatalogEntryKind, nativeKind: string | null, hasChildren: boolean, comment: string | null, sizeBytes: number | null, datasetQuery: unknown, column: { nativeType: string, type: ColumnType, isNullable: boolean | null } | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
                  | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
                  | { __typename: 'ReadDocsRemedy', title: string }
                  | { __typename: 'ReenterSecretRemedy', field: string, title: string }
                  | { __typename: 'RunSqlRemedy', sql: string, title: string }
                  | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
                > } | null }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
                | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
                | { __typename: 'ReadDocsRemedy', title: string }
                | { __typename: 'ReenterSecretRemedy', field: string, title: string }
                | { __typename: 'RunSqlRemedy', sql: string, title: string }
                | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
              > } | null } }
        | { __typename: 'NotFoundError', message: string, code: ErrorCode }
        | { __typename: 'RateLimitedError', message: string, code: ErrorCode }
        | { __typename: 'ValidationError', message: string, code: ErrorCode, issues: Array<{ path: string, message: string }> }
       }
    | { id: string, catalog:
        | { __typename: 'ConnectorCatalogSuccess', entries: { hasNextPage: boolean, endCursor: string | null, nodes: Array<{ path: Array<string>, name: string, kind: CatalogEntryKind, nativeKind: string | null, hasChildren: boolean, comment: string | null, sizeBytes: number | null, datasetQuery: unknown, column: { nativeType: string, type: ColumnType, isNullable: boolean | null } | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
                  | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
                  | { __typename: 'ReadDocsRemedy', title: string }
                  | { __typename: 'ReenterSecretRemedy', field: string, title: string }
                  | { __typename: 'RunSqlRemedy', sql: string, title: string }
                  | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
                > } | null }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
                | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
                | { __typename: 'ReadDocsRemedy', title: string }
                | { __typename: 'ReenterSecretRemedy', field: string, title: string }
                | { __typename: 'RunSqlRemedy', sql: string, title: string }
                | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
              > } | null } }
        | { __typename: 'NotFoundError', message: string, code: ErrorCode }
        | { __typename: 'RateLimitedError', message: string, code: ErrorCode }
        | { __typename: 'ValidationError', message: string, code: ErrorCode, issues: Array<{ path: string, message: string }> }
       }
    | { id: string, catalog:
        | { __typename: 'ConnectorCatalogSuccess', entries: { hasNextPage: boolean, endCursor: string | null, nodes: Array<{ path: Array<string>, name: string, kind: CatalogEntryKind, nativeKind: string | null, hasChildren: boolean, comment: string | null, sizeBytes: number | null, datasetQuery: unknown, column: { nativeType: string, type: ColumnType, isNullable: boolean | null } | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
                  | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
                  | { __typename: 'ReadDocsRemedy', title: string }
                  | { __typename: 'ReenterSecretRemedy', field: string, title: string }
                  | { __typename: 'RunSqlRemedy', sql: string, title: string }
                  | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
                > } | null }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
                | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
                | { __typename: 'ReadDocsRemedy', title: string }
                | { __typename: 'ReenterSecretRemedy', field: string, title: string }
                | { __typename: 'RunSqlRemedy', sql: string, title: string }
                | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
              > } | null } }
        | { __typename: 'NotFoundError', message: string, code: ErrorCode }
        | { __typename: 'RateLimitedError', message: string, code: ErrorCode }
        | { __typename: 'ValidationError', message: string, code: ErrorCode, issues: Array<{ path: string, message: string }> }
       }
    | { id: string, catalog:
        | { __typename: 'ConnectorCatalogSuccess', entries: { hasNextPage: boolean, endCursor: string | null, nodes: Array<{ path: Array<string>, name: string, kind: CatalogEntryKind, nativeKind: string | null, hasChildren: boolean, comment: string | null, sizeBytes: number | null, datasetQuery: unknown, column: { nativeType: string, type: ColumnType, isNullable: boolean | null } | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
                  | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
                  | { __typename: 'ReadDocsRemedy', title: string }
                  | { __typename: 'ReenterSecretRemedy', field: string, title: string }
                  | { __typename: 'RunSqlRemedy', sql: string, title: string }
                  | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
                > } | null }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
                | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
                | { __typename: 'ReadDocsRemedy', title: string }
                | { __typename: 'ReenterSecretRemedy', field: string, title: string }
                | { __typename: 'RunSqlRemedy', sql: string, title: string }
                | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
              > } | null } }
        | { __typename: 'NotFoundError', message: string, code: ErrorCode }
        | { __typename: 'RateLimitedError', message: string, code: ErrorCode }
        | { __typename: 'ValidationError', message: string, code: ErrorCode, issues: Array<{ path: string, message: string }> }
       }
    | { id: string, catalog:
        | { __typename: 'ConnectorCatalogSuccess', entries: { hasNextPage: boolean, endCursor: string | null, nodes: Array<{ path: Array<string>, name: string, kind: CatalogEntryKind, nativeKind: string | null, hasChildren: boolean, comment: string | null, sizeBytes: number | null, datasetQuery: unknown, column: { nativeType: string, type: ColumnType, isNullable: boolean | null } | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
                  | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
                  | { __typename: 'ReadDocsRemedy', title: string }
                  | { __typename: 'ReenterSecretRemedy', field: string, title: string }
                  | { __typename: 'RunSqlRemedy', sql: string, title: string }
                  | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
                > } | null }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
                | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
                | { __typename: 'ReadDocsRemedy', title: string }
                | { __typename: 'ReenterSecretRemedy', field: string, title: string }
                | { __typename: 'RunSqlRemedy', sql: string, title: string }
                | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
              > } | null } }
        | { __typename: 'NotFoundError', message: string, code: ErrorCode }
        | { __typename: 'RateLimitedError', message: string, code: ErrorCode }
        | { __typename: 'ValidationError', message: string, code: ErrorCode, issues: Array<{ path: string, message: string }> }
       }
    | { id: string, catalog:
        | { __typename: 'ConnectorCatalogSuccess', entries: { hasNextPage: boolean, endCursor: string | null, nodes: Array<{ path: Array<string>, name: string, kind: CatalogEntryKind, nativeKind: string | null, hasChildren: boolean, comment: string | null, sizeBytes: number | null, datasetQuery: unknown, column: { nativeType: string, type: ColumnType, isNullable: boolean | null } | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
                  | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
                  | { __typename: 'ReadDocsRemedy', title: string }
                  | { __typename: 'ReenterSecretRemedy', field: string, title: string }
                  | { __typename: 'RunSqlRemedy', sql: string, title: string }
                  | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
                > } | null }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
                | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
                | { __typename: 'ReadDocsRemedy', title: string }
                | { __typename: 'ReenterSecretRemedy', field: string, title: string }
                | { __typename: 'RunSqlRemedy', sql: string, title: string }
                | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
              > } | null } }
        | { __typename: 'NotFoundError', message: string, code: ErrorCode }
        | { __typename: 'RateLimitedError', message: string, code: ErrorCode }
        | { __typename: 'ValidationError', message: string, code: ErrorCode, issues: Array<{ path: string, message: string }> }
       }
    | { id: string, catalog:
        | { __typename: 'ConnectorCatalogSuccess', entries: { hasNextPage: boolean, endCursor: string | null, nodes: Array<{ path: Array<string>, name: string, kind: CatalogEntryKind, nativeKind: string | null, hasChildren: boolean, comment: string | null, sizeBytes: number | null, datasetQuery: unknown, column: { nativeType: string, type: ColumnType, isNullable: boolean | null } | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
                  | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
                  | { __typename: 'ReadDocsRemedy', title: string }
                  | { __typename: 'ReenterSecretRemedy', field: string, title: string }
                  | { __typename: 'RunSqlRemedy', sql: string, title: string }
                  | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
                > } | null }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
                | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
                | { __typename: 'ReadDocsRemedy', title: string }
                | { __typename: 'ReenterSecretRemedy', field: string, title: string }
                | { __typename: 'RunSqlRemedy', sql: string, title: string }
                | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
              > } | null } }
        | { __typename: 'NotFoundError', message: string, code: ErrorCode }
        | { __typename: 'RateLimitedError', message: string, code: ErrorCode }
        | { __typename: 'ValidationError', message: string, code: ErrorCode, issues: Array<{ path: string, message: string }> }
       }
    | { id: string, catalog:
        | { __typename: 'ConnectorCatalogSuccess', entries: { hasNextPage: boolean, endCursor: string | null, nodes: Array<{ path: Array<string>, name: string, kind: CatalogEntryKind, nativeKind: string | null, hasChildren: boolean, comment: string | null, sizeBytes: number | null, datasetQuery: unknown, column: { nativeType: string, type: ColumnType, isNullable: boolean | null } | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
                  | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
                  | { __typename: 'ReadDocsRemedy', title: string }
                  | { __typename: 'ReenterSecretRemedy', field: string, title: string }
                  | { __typename: 'RunSqlRemedy', sql: string, title: string }
                  | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
                > } | null }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
                | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
                | { __typename: 'ReadDocsRemedy', title: string }
                | { __typename: 'ReenterSecretRemedy', field: string, title: string }
                | { __typename: 'RunSqlRemedy', sql: string, title: string }
                | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
              > } | null } }
        | { __typename: 'NotFoundError', message: string, code: ErrorCode }
        | { __typename: 'RateLimitedError', message: string, code: ErrorCode }
        | { __typename: 'ValidationError', message: string, code: ErrorCode, issues: Array<{ path: string, message: string }> }
       }
    | { id: string, catalog:
        | { __typename: 'ConnectorCatalogSuccess', entries: { hasNextPage: boolean, endCursor: string | null, nodes: Array<{ path: Array<string>, name: string, kind: CatalogEntryKind, nativeKind: string | null, hasChildren: boolean, comment: string | null, sizeBytes: number | null, datasetQuery: unknown, column: { nativeType: string, type: ColumnType, isNullable: boolean | null } | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
                  | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
                  | { __typename: 'ReadDocsRemedy', title: string }
                  | { __typename: 'ReenterSecretRemedy', field: string, title: string }
                  | { __typename: 'RunSqlRemedy', sql: string, title: string }
                  | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
                > } | null }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
                | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
                | { __typename: 'ReadDocsRemedy', title: string }
                | { __typename: 'ReenterSecretRemedy', field: string, title: string }
                | { __typename: 'RunSqlRemedy', sql: string, title: string }
                | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
              > } | null } }
        | { __typename: 'NotFoundError', message: string, code: ErrorCode }
        | { __typename: 'RateLimitedError', message: string, code: ErrorCode }
        | { __typename: 'ValidationError', message: string, code: ErrorCode, issues: Array<{ path: string, message: string }> }
       }
    | { id: string, catalog:
        | { __typename: 'ConnectorCatalogSuccess', entries: { hasNextPage: boolean, endCursor: string | null, nodes: Array<{ path: Array<string>, name: string, kind: CatalogEntryKind, nativeKind: string | null, hasChildren: boolean, comment: string | null, sizeBytes: number | null, datasetQuery: unknown, column: { nativeType: string, type: ColumnType, isNullable: boolean | null } | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
                  | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
                  | { __typename: 'ReadDocsRemedy', title: string }
                  | { __typename: 'ReenterSecretRemedy', field: string, title: string }
                  | { __typename: 'RunSqlRemedy', sql: string, title: string }
                  | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
                > } | null }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
                | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
                | { __typename: 'ReadDocsRemedy', title: string }
                | { __typename: 'ReenterSecretRemedy', field: string, title: string }
                | { __typename: 'RunSqlRemedy', sql: string, title: string }
                | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
              > } | null } }
        | { __typename: 'NotFoundError', message: string, code: ErrorCode }
        | { __typename: 'RateLimitedError', message: string, code: ErrorCode }
        | { __typename: 'ValidationError', message: string, code: ErrorCode, issues: Array<{ path: string, message: string }> }
       }
   | null };

type SavedConnector_AthenaConnector_Fragment = { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> };

type SavedConnector_BigqueryConnector_Fragment = { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> };

type SavedConnector_DatabricksConnector_Fragment = { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> };

type SavedConnector_HttpApiConnector_Fragment = { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> };

type SavedConnector_MongodbConnector_Fragment = { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> };

type SavedConnector_MysqlConnector_Fragment = { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> };

type SavedConnector_PostgresConnector_Fragment = { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> };

type SavedConnector_RedshiftConnector_Fragment = { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> };

type SavedConnector_S3Connector_Fragment = { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> };

type SavedConnector_SimulatorConnector_Fragment = { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> };

type SavedConnector_SnowflakeConnector_Fragment = { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> };

export type SavedConnectorFragment =
  | SavedConnector_AthenaConnector_Fragment
  | SavedConnector_BigqueryConnector_Fragment
  | SavedConnector_DatabricksConnector_Fragment
  | SavedConnector_HttpApiConnector_Fragment
  | SavedConnector_MongodbConnector_Fragment
  | SavedConnector_MysqlConnector_Fragment
  | SavedConnector_PostgresConnector_Fragment
  | SavedConnector_RedshiftConnector_Fragment
  | SavedConnector_S3Connector_Fragment
  | SavedConnector_SimulatorConnector_Fragment
  | SavedConnector_SnowflakeConnector_Fragment
;

export type SaveNewConnectorMutationVariables = Exact<{
  input: CreateConnectorInput;
}>;


export type SaveNewConnectorMutation = { createConnector:
    | { __typename: 'ConflictError', message: string, code: ErrorCode }
    | { __typename: 'ConnectionTestFailedError', message: string, code: ErrorCode, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, changesSummary: string | null, changes: Array<{ message: string }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
            | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
            | { __typename: 'ReadDocsRemedy', title: string }
            | { __typename: 'ReenterSecretRemedy', field: string, title: string }
            | { __typename: 'RunSqlRemedy', sql: string, title: string }
            | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
          > } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
            | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
          >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
              | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
              | { __typename: 'ReadDocsRemedy', title: string }
              | { __typename: 'ReenterSecretRemedy', field: string, title: string }
              | { __typename: 'RunSqlRemedy', sql: string, title: string }
              | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
            > } | null }> } | null }
    | { __typename: 'CreateConnectorSuccess', connector:
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
       }
    | { __typename: 'ExternalKeyTakenError', message: string, code: ErrorCode }
    | { __typename: 'IdempotencyKeyReusedError', message: string, code: ErrorCode }
    | { __typename: 'NameTakenError', message: string, code: ErrorCode }
    | { __typename: 'RateLimitedError', message: string, code: ErrorCode }
    | { __typename: 'SecretStoreFailedError', message: string, code: ErrorCode }
    | { __typename: 'ValidationError', message: string, code: ErrorCode, issues: Array<{ path: string, inputPath: Array<string>, message: string }> }
   };

export type SaveConnectorMutationVariables = Exact<{
  input: UpdateConnectorInput;
}>;


export type SaveConnectorMutation = { updateConnector:
    | { __typename: 'ConflictError', message: string, code: ErrorCode, currentVersion: number | null }
    | { __typename: 'ConnectionTestFailedError', message: string, code: ErrorCode, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, changesSummary: string | null, changes: Array<{ message: string }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
            | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
            | { __typename: 'ReadDocsRemedy', title: string }
            | { __typename: 'ReenterSecretRemedy', field: string, title: string }
            | { __typename: 'RunSqlRemedy', sql: string, title: string }
            | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
          > } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
            | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
          >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
              | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
              | { __typename: 'ReadDocsRemedy', title: string }
              | { __typename: 'ReenterSecretRemedy', field: string, title: string }
              | { __typename: 'RunSqlRemedy', sql: string, title: string }
              | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
            > } | null }> } | null }
    | { __typename: 'ExternalKeyTakenError', message: string, code: ErrorCode }
    | { __typename: 'NameTakenError', message: string, code: ErrorCode }
    | { __typename: 'NotFoundError', message: string, code: ErrorCode }
    | { __typename: 'RateLimitedError', message: string, code: ErrorCode }
    | { __typename: 'SecretReentryRequiredError', message: string, code: ErrorCode, changedFields: Array<string>, secretFields: Array<string> }
    | { __typename: 'SecretStoreFailedError', message: string, code: ErrorCode, retryable: boolean }
    | { __typename: 'UpdateConnectorSuccess', connector:
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
        | { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
       }
    | { __typename: 'ValidationError', message: string, code: ErrorCode, issues: Array<{ path: string, inputPath: Array<string>, message: string }> }
   };

export type FindConnectorQueryVariables = Exact<{
  by: ConnectorRef;
}>;


export type FindConnectorQuery = { connector:
    | { formData: unknown, id: string, name: string, version: number, datasets: { nodes: Array<{ id: string, name: string, status: DatasetStatus }> }, tests: { nodes: Array<{ id: string, status: ConnectionTestStatus }> }, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
    | { formData: unknown, id: string, name: string, version: number, datasets: { nodes: Array<{ id: string, name: string, status: DatasetStatus }> }, tests: { nodes: Array<{ id: string, status: ConnectionTestStatus }> }, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
    | { formData: unknown, id: string, name: string, version: number, datasets: { nodes: Array<{ id: string, name: string, status: DatasetStatus }> }, tests: { nodes: Array<{ id: string, status: ConnectionTestStatus }> }, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
    | { formData: unknown, id: string, name: string, version: number, datasets: { nodes: Array<{ id: string, name: string, status: DatasetStatus }> }, tests: { nodes: Array<{ id: string, status: ConnectionTestStatus }> }, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
    | { formData: unknown, id: string, name: string, version: number, datasets: { nodes: Array<{ id: string, name: string, status: DatasetStatus }> }, tests: { nodes: Array<{ id: string, status: ConnectionTestStatus }> }, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
    | { formData: unknown, id: string, name: string, version: number, datasets: { nodes: Array<{ id: string, name: string, status: DatasetStatus }> }, tests: { nodes: Array<{ id: string, status: ConnectionTestStatus }> }, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
    | { formData: unknown, id: string, name: string, version: number, datasets: { nodes: Array<{ id: string, name: string, status: DatasetStatus }> }, tests: { nodes: Array<{ id: string, status: ConnectionTestStatus }> }, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
    | { formData: unknown, id: string, name: string, version: number, datasets: { nodes: Array<{ id: string, name: string, status: DatasetStatus }> }, tests: { nodes: Array<{ id: string, status: ConnectionTestStatus }> }, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
    | { formData: unknown, id: string, name: string, version: number, datasets: { nodes: Array<{ id: string, name: string, status: DatasetStatus }> }, tests: { nodes: Array<{ id: string, status: ConnectionTestStatus }> }, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
    | { formData: unknown, id: string, name: string, version: number, datasets: { nodes: Array<{ id: string, name: string, status: DatasetStatus }> }, tests: { nodes: Array<{ id: string, status: ConnectionTestStatus }> }, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
    | { formData: unknown, id: string, name: string, version: number, datasets: { nodes: Array<{ id: string, name: string, status: DatasetStatus }> }, tests: { nodes: Array<{ id: string, status: ConnectionTestStatus }> }, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> }
   | null };

export type CountConnectorsQueryVariables = Exact<{
  search: string;
}>;


export type CountConnectorsQuery = { connectors: { totalCount: number } };

type EventDetails_ConnectionTestFinished_Fragment = { sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, changesSummary: string | null, changes: Array<{ message: string }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
        | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
        | { __typename: 'ReadDocsRemedy', title: string }
        | { __typename: 'ReenterSecretRemedy', field: string, title: string }
        | { __typename: 'RunSqlRemedy', sql: string, title: string }
        | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
      > } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
        | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
        | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
        | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
      >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
          | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
          | { __typename: 'ReadDocsRemedy', title: string }
          | { __typename: 'ReenterSecretRemedy', field: string, title: string }
          | { __typename: 'RunSqlRemedy', sql: string, title: string }
          | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
        > } | null }> } };

type EventDetails_ConnectionTestPlanned_Fragment = { sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, changesSummary: string | null, changes: Array<{ message: string }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
        | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
        | { __typename: 'ReadDocsRemedy', title: string }
        | { __typename: 'ReenterSecretRemedy', field: string, title: string }
        | { __typename: 'RunSqlRemedy', sql: string, title: string }
        | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
      > } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
        | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
        | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
        | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
      >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
          | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
          | { __typename: 'ReadDocsRemedy', title: string }
          | { __typename: 'ReenterSecretRemedy', field: string, title: string }
          | { __typename: 'RunSqlRemedy', sql: string, title: string }
          | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
        > } | null }> } };

type EventDetails_ConnectionTestStepFinished_Fragment = { sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, changesSummary: string | null, changes: Array<{ message: string }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
        | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
        | { __typename: 'ReadDocsRemedy', title: string }
        | { __typename: 'ReenterSecretRemedy', field: string, title: string }
        | { __typename: 'RunSqlRemedy', sql: string, title: string }
        | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
      > } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
        | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
        | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
        | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
      >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
          | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
          | { __typename: 'ReadDocsRemedy', title: string }
          | { __typename: 'ReenterSecretRemedy', field: string, title: string }
          | { __typename: 'RunSqlRemedy', sql: string, title: string }
          | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
        > } | null }> } };

type EventDetails_ConnectionTestStepProgressed_Fragment = { sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, changesSummary: string | null, changes: Array<{ message: string }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
        | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
        | { __typename: 'ReadDocsRemedy', title: string }
        | { __typename: 'ReenterSecretRemedy', field: string, title: string }
        | { __typename: 'RunSqlRemedy', sql: string, title: string }
        | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
      > } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
        | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
        | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
        | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
      >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
          | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
          | { __typename: 'ReadDocsRemedy', title: string }
          | { __typename: 'ReenterSecretRemedy', field: string, title: string }
          | { __typename: 'RunSqlRemedy', sql: string, title: string }
          | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
        > } | null }> } };

type EventDetails_ConnectionTestStepStarted_Fragment = { sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, changesSummary: string | null, changes: Array<{ message: string }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
        | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
        | { __typename: 'ReadDocsRemedy', title: string }
        | { __typename: 'ReenterSecretRemedy', field: string, title: string }
        | { __typename: 'RunSqlRemedy', sql: string, title: string }
        | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
      > } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
        | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
        | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
        | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
      >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
          | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
          | { __typename: 'ReadDocsRemedy', title: string }
          | { __typename: 'ReenterSecretRemedy', field: string, title: string }
          | { __typename: 'RunSqlRemedy', sql: string, title: string }
          | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
        > } | null }> } };

export type EventDetailsFragment =
  | EventDetails_ConnectionTestFinished_Fragment
  | EventDetails_ConnectionTestPlanned_Fragment
  | EventDetails_ConnectionTestStepFinished_Fragment
  | EventDetails_ConnectionTestStepProgressed_Fragment
  | EventDetails_ConnectionTestStepStarted_Fragment
;

export type WatchTestSubscriptionVariables = Exact<{
  input: TestConnectionInput;
}>;


export type WatchTestSubscription = { events:
    | { __typename: 'ConnectionTestFinished', sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, changesSummary: string | null, changes: Array<{ message: string }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
            | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
            | { __typename: 'ReadDocsRemedy', title: string }
            | { __typename: 'ReenterSecretRemedy', field: string, title: string }
            | { __typename: 'RunSqlRemedy', sql: string, title: string }
            | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
          > } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
            | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
          >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
              | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
              | { __typename: 'ReadDocsRemedy', title: string }
              | { __typename: 'ReenterSecretRemedy', field: string, title: string }
              | { __typename: 'RunSqlRemedy', sql: string, title: string }
              | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
            > } | null }> } }
    | { __typename: 'ConnectionTestPlanned', sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, changesSummary: string | null, changes: Array<{ message: string }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
            | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
            | { __typename: 'ReadDocsRemedy', title: string }
            | { __typename: 'ReenterSecretRemedy', field: string, title: string }
            | { __typename: 'RunSqlRemedy', sql: string, title: string }
            | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
          > } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
            | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
          >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
              | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
              | { __typename: 'ReadDocsRemedy', title: string }
              | { __typename: 'ReenterSecretRemedy', field: string, title: string }
              | { __typename: 'RunSqlRemedy', sql: string, title: string }
              | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
            > } | null }> } }
    | { __typename: 'ConnectionTestStepFinished', sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, changesSummary: string | null, changes: Array<{ message: string }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
            | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
            | { __typename: 'ReadDocsRemedy', title: string }
            | { __typename: 'ReenterSecretRemedy', field: string, title: string }
            | { __typename: 'RunSqlRemedy', sql: string, title: string }
            | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
          > } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
            | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
          >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
              | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
              | { __typename: 'ReadDocsRemedy', title: string }
              | { __typename: 'ReenterSecretRemedy', field: string, title: string }
              | { __typename: 'RunSqlRemedy', sql: string, title: string }
              | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
            > } | null }> } }
    | { __typename: 'ConnectionTestStepProgressed', sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, changesSummary: string | null, changes: Array<{ message: string }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
            | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
            | { __typename: 'ReadDocsRemedy', title: string }
            | { __typename: 'ReenterSecretRemedy', field: string, title: string }
            | { __typename: 'RunSqlRemedy', sql: string, title: string }
            | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
          > } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
            | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
          >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
              | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
              | { __typename: 'ReadDocsRemedy', title: string }
              | { __typename: 'ReenterSecretRemedy', field: string, title: string }
              | { __typename: 'RunSqlRemedy', sql: string, title: string }
              | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
            > } | null }> } }
    | { __typename: 'ConnectionTestStepStarted', sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, changesSummary: string | null, changes: Array<{ message: string }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
            | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
            | { __typename: 'ReadDocsRemedy', title: string }
            | { __typename: 'ReenterSecretRemedy', field: string, title: string }
            | { __typename: 'RunSqlRemedy', sql: string, title: string }
            | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
          > } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
            | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
          >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
              | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
              | { __typename: 'ReadDocsRemedy', title: string }
              | { __typename: 'ReenterSecretRemedy', field: string, title: string }
              | { __typename: 'RunSqlRemedy', sql: string, title: string }
              | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
            > } | null }> } }
    | { __typename: 'IdempotencyKeyReusedError', message: string, code: ErrorCode }
    | { __typename: 'NotFoundError', message: string, code: ErrorCode }
    | { __typename: 'RateLimitedError', message: string, code: ErrorCode }
    | { __typename: 'SecretReentryRequiredError', message: string, code: ErrorCode, changedFields: Array<string>, secretFields: Array<string> }
    | { __typename: 'ValidationError', message: string, code: ErrorCode }
   };

export type RejoinTestSubscriptionVariables = Exact<{
  id: string;
  afterSequence?: number;
}>;


export type RejoinTestSubscription = { events:
    | { __typename: 'ConnectionTestFinished', sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, changesSummary: string | null, changes: Array<{ message: string }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
            | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
            | { __typename: 'ReadDocsRemedy', title: string }
            | { __typename: 'ReenterSecretRemedy', field: string, title: string }
            | { __typename: 'RunSqlRemedy', sql: string, title: string }
            | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
          > } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
            | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
          >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
              | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
              | { __typename: 'ReadDocsRemedy', title: string }
              | { __typename: 'ReenterSecretRemedy', field: string, title: string }
              | { __typename: 'RunSqlRemedy', sql: string, title: string }
              | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
            > } | null }> } }
    | { __typename: 'ConnectionTestPlanned', sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, changesSummary: string | null, changes: Array<{ message: string }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
            | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
            | { __typename: 'ReadDocsRemedy', title: string }
            | { __typename: 'ReenterSecretRemedy', field: string, title: string }
            | { __typename: 'RunSqlRemedy', sql: string, title: string }
            | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
          > } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
            | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
          >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
              | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
              | { __typename: 'ReadDocsRemedy', title: string }
              | { __typename: 'ReenterSecretRemedy', field: string, title: string }
              | { __typename: 'RunSqlRemedy', sql: string, title: string }
              | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
            > } | null }> } }
    | { __typename: 'ConnectionTestStepFinished', sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, changesSummary: string | null, changes: Array<{ message: string }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
            | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
            | { __typename: 'ReadDocsRemedy', title: string }
            | { __typename: 'ReenterSecretRemedy', field: string, title: string }
            | { __typename: 'RunSqlRemedy', sql: string, title: string }
            | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
          > } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
            | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
          >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
              | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
              | { __typename: 'ReadDocsRemedy', title: string }
              | { __typename: 'ReenterSecretRemedy', field: string, title: string }
              | { __typename: 'RunSqlRemedy', sql: string, title: string }
              | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
            > } | null }> } }
    | { __typename: 'ConnectionTestStepProgressed', sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, changesSummary: string | null, changes: Array<{ message: string }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
            | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
            | { __typename: 'ReadDocsRemedy', title: string }
            | { __typename: 'ReenterSecretRemedy', field: string, title: string }
            | { __typename: 'RunSqlRemedy', sql: string, title: string }
            | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
          > } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
            | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
          >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
              | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
              | { __typename: 'ReadDocsRemedy', title: string }
              | { __typename: 'ReenterSecretRemedy', field: string, title: string }
              | { __typename: 'RunSqlRemedy', sql: string, title: string }
              | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
            > } | null }> } }
    | { __typename: 'ConnectionTestStepStarted', sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, changesSummary: string | null, changes: Array<{ message: string }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
            | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
            | { __typename: 'ReadDocsRemedy', title: string }
            | { __typename: 'ReenterSecretRemedy', field: string, title: string }
            | { __typename: 'RunSqlRemedy', sql: string, title: string }
            | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
          > } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
            | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
            | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
          >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
              | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
              | { __typename: 'ReadDocsRemedy', title: string }
              | { __typename: 'ReenterSecretRemedy', field: string, title: string }
              | { __typename: 'RunSqlRemedy', sql: string, title: string }
              | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
            > } | null }> } }
    | { __typename: 'IdempotencyKeyReusedError', message: string, code: ErrorCode }
    | { __typename: 'NotFoundError', message: string, code: ErrorCode }
    | { __typename: 'RateLimitedError', message: string, code: ErrorCode }
    | { __typename: 'SecretReentryRequiredError', message: string, code: ErrorCode }
    | { __typename: 'ValidationError', message: string, code: ErrorCode }
   };

export type TestByIdQueryVariables = Exact<{
  id: string;
}>;


export type TestByIdQuery = { node:
    | { __typename: 'ApiToken' }
    | { __typename: 'AthenaConnector' }
    | { __typename: 'BigqueryConnector' }
    | { __typename: 'ConnectionTest', id: string, status: ConnectionTestStatus, durationMs: number | null, changesSummary: string | null, changes: Array<{ message: string }>, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
          | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
          | { __typename: 'ReadDocsRemedy', title: string }
          | { __typename: 'ReenterSecretRemedy', field: string, title: string }
          | { __typename: 'RunSqlRemedy', sql: string, title: string }
          | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
        > } | null, steps: Array<{ id: string, key: ConnectionTestStepKey, title: string, status: ConnectionTestStepStatus, required: boolean, blockedBy: string | null, durationMs: number | null, budgetMs: number, note: string | null, evidence: Array<
          | { __typename: 'AddressEvidence', address: string, family: AddressFamily, outcome: string | null, label: string, measuredOn: EvidenceMeasuredOn | null }
          | { __typename: 'CertificateEvidence', subject: string, issuer: string, validTo: string, label: string, measuredOn: EvidenceMeasuredOn | null }
          | { __typename: 'TextEvidence', value: string, label: string, measuredOn: EvidenceMeasuredOn | null }
        >, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
            | { __typename: 'AllowAddressRemedy', addresses: Array<string>, title: string }
            | { __typename: 'ReadDocsRemedy', title: string }
            | { __typename: 'ReenterSecretRemedy', field: string, title: string }
            | { __typename: 'RunSqlRemedy', sql: string, title: string }
            | { __typename: 'SetFieldRemedy', field: string, value: unknown, title: string }
          > } | null }> }
    | { __typename: 'DatabricksConnector' }
    | { __typename: 'Dataset' }
    | { __typename: 'HttpApiConnector' }
    | { __typename: 'MongodbConnector' }
    | { __typename: 'MysqlConnector' }
    | { __typename: 'PostgresConnector' }
    | { __typename: 'RedshiftConnector' }
    | { __typename: 'S3Connector' }
    | { __typename: 'SimulatorConnector' }
    | { __typename: 'SnowflakeConnector' }
   | null };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const TestWithChangesFragmentDoc = new TypedDocumentString(`
    fragment TestWithChanges on ConnectionTest {
  id
  status
  changesSummary
  changes {
    subject
    label
    message
    field
    stepKey
    target
    before
    after
    changedAt
  }
  lastPassedTest {
    id
    status
  }
  steps {
    id
    key
    status
    problem {
      code
    }
  }
}
    `, {"fragmentName":"TestWithChanges"}) as unknown as TypedDocumentString<TestWithChangesFragment, unknown>;
export const ConnectorSummaryFragmentDoc = new TypedDocumentString(`
    fragment ConnectorSummary on Connector {
  id
  name
  version
  verification {
    state
    changedFields
  }
  secrets {
    path
    isSet
    setAt
  }
}
    `, {"fragmentName":"ConnectorSummary"}) as unknown as TypedDocumentString<ConnectorSummaryFragment, unknown>;
export const WholeConfigFragmentDoc = new TypedDocumentString(`
    fragment WholeConfig on Connector {
  __typename
  id
  name
  version
  formData
  type {
    name
    inputKey
  }
  ... on AthenaConnector {
    athena {
      catalog
      credentials {
        accessKey {
          accessKeyId
        }
        assumeRole {
          roleArn
        }
        kind
      }
      database
      limits {
        connectTimeoutSeconds
        statementTimeoutSeconds
      }
      outputLocation
      region
      workgroup
    }
  }
  ... on BigqueryConnector {
    bigquery {
      auth {
        impersonate {
          targetServiceAccount
        }
        kind
      }
      caCertificates
      dataProjectId
      defaultDataset
      dialect
      limits {
        connectTimeoutSeconds
        statementTimeoutSeconds
      }
      location
      maximumBytesBilled
      projectId
    }
  }
  ... on DatabricksConnector {
    databricks {
      auth {
        kind
        oauthM2m {
          clientId
        }
      }
      caCertificates
      catalog
      host
      httpPath
      limits {
        connectTimeoutSeconds
        statementTimeoutSeconds
      }
      schema
    }
  }
  ... on HttpApiConnector {
    httpApi {
      auth {
        apiKey {
          in
          name
        }
        basic {
          username
        }
        kind
        oauthClientCredentials {
          audience
          clientAuthentication
          clientId
          scopes
          tokenUrl
        }
      }
      baseUrl
      headers {
        name
        secret
        value
      }
      limits {
        connectTimeoutSeconds
        maxAnswerMegabytes
        requestTimeoutSeconds
      }
      probe {
        expectBody
        expectStatus
        method
        path
      }
      queryParameters {
        name
        value
      }
      rateLimit {
        perSeconds
        requests
      }
      redirects
      retry {
        attempts
        maxWaitSeconds
      }
      tls {
        caBundle
        caCertificates
        clientCertificate
        mode
        serverName
      }
    }
  }
  ... on MongodbConnector {
    mongodb {
      auth {
        kind
        scram {
          username
        }
      }
      authSource
      hosts {
        host
        port
      }
      limits {
        connectTimeoutSeconds
        statementTimeoutSeconds
      }
      readPreference
      replicaSet
      srvHost
      tls {
        caBundle
        caCertificates
        clientCertificate
        mode
        serverName
      }
    }
  }
  ... on MysqlConnector {
    mysql {
      auth {
        awsIam {
          accessKeyId
          region
          username
        }
        kind
        password {
          username
        }
      }
      charset
      database
      host
      limits {
        connectTimeoutSeconds
        statementTimeoutSeconds
      }
      port
      sshTunnel {
        auth {
          kind
        }
        host
        hostKeyFingerprint
        port
        username
      }
      tls {
        caBundle
        caCertificates
        clientCertificate
        mode
        serverName
      }
    }
  }
  ... on PostgresConnector {
    postgres {
      auth {
        awsIam {
          accessKeyId
          region
          username
        }
        clientCertificate {
          username
        }
        kind
        password {
          username
        }
      }
      database
      host
      limits {
        connectTimeoutSeconds
        statementTimeoutSeconds
      }
      port
      schemas
      sshTunnel {
        auth {
          kind
        }
        host
        hostKeyFingerprint
        port
        username
      }
      tls {
        caBundle
        caCertificates
        clientCertificate
        mode
        serverName
      }
    }
  }
  ... on RedshiftConnector {
    redshift {
      auth {
        iam {
          credentials {
            accessKey {
              accessKeyId
            }
            assumeRole {
              roleArn
            }
            kind
          }
          databaseUser
          deployment {
            cluster {
              clusterIdentifier
            }
            kind
            serverless {
              workgroupName
            }
          }
          region
        }
        kind
        password {
          username
        }
      }
      database
      host
      limits {
        connectTimeoutSeconds
        statementTimeoutSeconds
      }
      port
      schemas
      sshTunnel {
        auth {
          kind
        }
        host
        hostKeyFingerprint
        port
        username
      }
      tls {
        caBundle
        caCertificates
        clientCertificate
        mode
        serverName
      }
    }
  }
  ... on S3Connector {
    s3 {
      bucket
      caCertificates
      credentials {
        accessKey {
          accessKeyId
        }
        assumeRole {
          roleArn
        }
        kind
      }
      endpoint
      limits {
        connectTimeoutSeconds
        statementTimeoutSeconds
      }
      prefix
      region
    }
  }
  ... on SimulatorConnector {
    simulator {
      auth {
        key {
          username
        }
        kind
        password {
          username
        }
      }
      endpoints
      generation
      host
      port
      previewBudgetMs
      scenario
      steps {
        budgetMs
        delayMs
        detail
        evidence
        fields
        notes
        outcome
        planned
        problem
        remedies
        required
        step
        target
      }
    }
  }
  ... on SnowflakeConnector {
    snowflake {
      account
      auth {
        kind
        oauthClientCredentials {
          clientId
          scope
          tokenUrl
        }
      }
      caCertificates
      database
      limits {
        connectTimeoutSeconds
        statementTimeoutSeconds
      }
      role
      schema
      username
      warehouse
    }
  }
}
    `, {"fragmentName":"WholeConfig"}) as unknown as TypedDocumentString<WholeConfigFragment, unknown>;
export const SavedConnectorFragmentDoc = new TypedDocumentString(`
    fragment SavedConnector on Connector {
  id
  name
  version
  verification {
    state
    changedFields
    test {
      id
      status
    }
  }
  secrets {
    path
    isSet
    version
    setAt
  }
}
    `, {"fragmentName":"SavedConnector"}) as unknown as TypedDocumentString<SavedConnectorFragment, unknown>;
export const ProblemDetailsFragmentDoc = new TypedDocumentString(`
    fragment ProblemDetails on Problem {
  code
  origin
  message
  detail
  retryable
  fields
  docsUrl
  remedies {
    __typename
    title
    ... on RunSqlRemedy {
      sql
    }
    ... on SetFieldRemedy {
      field
      value
    }
    ... on ReenterSecretRemedy {
      field
    }
    ... on AllowAddressRemedy {
      addresses
    }
  }
}
    `, {"fragmentName":"ProblemDetails"}) as unknown as TypedDocumentString<ProblemDetailsFragment, unknown>;
export const StepDetailsFragmentDoc = new TypedDocumentString(`
    fragment StepDetails on ConnectionTestStep {
  id
  key
  title
  status
  required
  blockedBy
  durationMs
  budgetMs
  note
  evidence {
    __typename
    label
    measuredOn
    ... on TextEvidence {
      value
    }
    ... on AddressEvidence {
      address
      family
      outcome
    }
    ... on CertificateEvidence {
      subject
      issuer
      validTo
    }
  }
  problem {
    ...ProblemDetails
  }
}
    fragment ProblemDetails on Problem {
  code
  origin
  message
  detail
  retryable
  fields
  docsUrl
  remedies {
    __typename
    title
    ... on RunSqlRemedy {
      sql
    }
    ... on SetFieldRemedy {
      field
      value
    }
    ... on ReenterSecretRemedy {
      field
    }
    ... on AllowAddressRemedy {
      addresses
    }
  }
}`, {"fragmentName":"StepDetails"}) as unknown as TypedDocumentString<StepDetailsFragment, unknown>;
export const TestDetailsFragmentDoc = new TypedDocumentString(`
    fragment TestDetails on ConnectionTest {
  id
  status
  durationMs
  changesSummary
  changes {
    message
  }
  problem {
    ...ProblemDetails
  }
  steps {
    ...StepDetails
  }
}
    fragment ProblemDetails on Problem {
  code
  origin
  message
  detail
  retryable
  fields
  docsUrl
  remedies {
    __typename
    title
    ... on RunSqlRemedy {
      sql
    }
    ... on SetFieldRemedy {
      field
      value
    }
    ... on ReenterSecretRemedy {
      field
    }
    ... on AllowAddressRemedy {
      addresses
    }
  }
}
fragment StepDetails on ConnectionTestStep {
  id
  key
  title
  status
  required
  blockedBy
  durationMs
  budgetMs
  note
  evidence {
    __typename
    label
    measuredOn
    ... on TextEvidence {
      value
    }
    ... on AddressEvidence {
      address
      family
      outcome
    }
    ... on CertificateEvidence {
      subject
      issuer
      validTo
    }
  }
  problem {
    ...ProblemDetails
  }
}`, {"fragmentName":"TestDetails"}) as unknown as TypedDocumentString<TestDetailsFragment, unknown>;
export const EventDetailsFragmentDoc = new TypedDocumentString(`
    fragment EventDetails on ConnectionTestEvent {
  sequence
  at
  test {
    ...TestDetails
  }
}
    fragment ProblemDetails on Problem {
  code
  origin
  message
  detail
  retryable
  fields
  docsUrl
  remedies {
    __typename
    title
    ... on RunSqlRemedy {
      sql
    }
    ... on SetFieldRemedy {
      field
      value
    }
    ... on ReenterSecretRemedy {
      field
    }
    ... on AllowAddressRemedy {
      addresses
    }
  }
}
fragment StepDetails on ConnectionTestStep {
  id
  key
  title
  status
  required
  blockedBy
  durationMs
  budgetMs
  note
  evidence {
    __typename
    label
    measuredOn
    ... on TextEvidence {
      value
    }
    ... on AddressEvidence {
      address
      family
      outcome
    }
    ... on CertificateEvidence {
      subject
      issuer
      validTo
    }
  }
  problem {
    ...ProblemDetails
  }
}
fragment TestDetails on ConnectionTest {
  id
  status
  durationMs
  changesSummary
  changes {
    message
  }
  problem {
    ...ProblemDetails
  }
  steps {
    ...StepDetails
  }
}`, {"fragmentName":"EventDetails"}) as unknown as TypedDocumentString<EventDetailsFragment, unknown>;
export const CatalogueDocument = new TypedDocumentString(`
    query Catalogue {
  connectorTypes {
    name
    label
    kind
    category
    inputKey
    capabilities
    form {
      sections {
        name
        label
      }
      fields {
        path
        label
        kind
        required
        isSecret
        isDestination
        defaultValue
      }
    }
  }
}
    `) as unknown as TypedDocumentString<CatalogueQuery, CatalogueQueryVariables>;
export const TestForChangesDocument = new TypedDocumentString(`
    mutation TestForChanges($input: TestConnectionInput!) {
  testConnection(input: $input) {
    __typename
    ... on TestConnectionSuccess {
      test {
        ...TestWithChanges
      }
    }
    ... on RateLimitedError {
      code
      message
      reason
      retryAfterSeconds
    }
    ... on Error {
      code
      message
    }
  }
}
    fragment TestWithChanges on ConnectionTest {
  id
  status
  changesSummary
  changes {
    subject
    label
    message
    field
    stepKey
    target
    before
    after
    changedAt
  }
  lastPassedTest {
    id
    status
  }
  steps {
    id
    key
    status
    problem {
      code
    }
  }
}`) as unknown as TypedDocumentString<TestForChangesMutation, TestForChangesMutationVariables>;
export const WatchForChangesDocument = new TypedDocumentString(`
    subscription WatchForChanges($input: TestConnectionInput!) {
  events: testConnection(input: $input) {
    __typename
    ... on ConnectionTestFinished {
      sequence
      test {
        ...TestWithChanges
      }
    }
    ... on RateLimitedError {
      code
      message
      reason
      retryAfterSeconds
    }
    ... on Error {
      code
      message
    }
  }
}
    fragment TestWithChanges on ConnectionTest {
  id
  status
  changesSummary
  changes {
    subject
    label
    message
    field
    stepKey
    target
    before
    after
    changedAt
  }
  lastPassedTest {
    id
    status
  }
  steps {
    id
    key
    status
    problem {
      code
    }
  }
}`) as unknown as TypedDocumentString<WatchForChangesSubscription, WatchForChangesSubscriptionVariables>;
export const FollowForChangesDocument = new TypedDocumentString(`
    subscription FollowForChanges($id: ID!, $afterSequence: Int!) {
  events: connectionTestProgress(id: $id, afterSequence: $afterSequence) {
    __typename
    ... on ConnectionTestFinished {
      sequence
      test {
        ...TestWithChanges
      }
    }
    ... on Error {
      code
      message
    }
  }
}
    fragment TestWithChanges on ConnectionTest {
  id
  status
  changesSummary
  changes {
    subject
    label
    message
    field
    stepKey
    target
    before
    after
    changedAt
  }
  lastPassedTest {
    id
    status
  }
  steps {
    id
    key
    status
    problem {
      code
    }
  }
}`) as unknown as TypedDocumentString<FollowForChangesSubscription, FollowForChangesSubscriptionVariables>;
export const SaveIfPassedDocument = new TypedDocumentString(`
    mutation SaveIfPassed($input: CreateConnectorInput!) {
  createConnector(input: $input) {
    __typename
    ... on CreateConnectorSuccess {
      connector {
        id
      }
    }
    ... on RateLimitedError {
      code
      message
      reason
      retryAfterSeconds
    }
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<SaveIfPassedMutation, SaveIfPassedMutationVariables>;
export const PreviewWithinLimitsDocument = new TypedDocumentString(`
    query PreviewWithinLimits($input: PreviewDatasetInput!) {
  previewDataset(input: $input) {
    __typename
    ... on PreviewDatasetSuccess {
      preview {
        rows
      }
    }
    ... on PreviewFailedError {
      problem {
        code
      }
    }
    ... on RateLimitedError {
      code
      message
      reason
      retryAfterSeconds
    }
    ... on Error {
      code
      message
    }
  }
}
    `) as unknown as TypedDocumentString<PreviewWithinLimitsQuery, PreviewWithinLimitsQueryVariables>;
export const StreamTestDocument = new TypedDocumentString(`
    subscription StreamTest($input: TestConnectionInput!) {
  testConnection(input: $input) {
    __typename
    ... on ConnectionTestPlanned {
      sequence
      test {
        ...TestDetails
      }
    }
    ... on ConnectionTestStepStarted {
      sequence
      step {
        ...StepDetails
      }
    }
    ... on ConnectionTestStepProgressed {
      sequence
      step {
        ...StepDetails
      }
    }
    ... on ConnectionTestStepFinished {
      sequence
      step {
        ...StepDetails
      }
    }
    ... on ConnectionTestFinished {
      sequence
      test {
        ...TestDetails
      }
    }
    ... on SecretReentryRequiredError {
      message
      code
      changedFields
      secretFields
    }
    ... on ValidationError {
      message
      code
      issues {
        path
        message
      }
    }
    ... on Error {
      message
      code
    }
  }
}
    fragment ProblemDetails on Problem {
  code
  origin
  message
  detail
  retryable
  fields
  docsUrl
  remedies {
    __typename
    title
    ... on RunSqlRemedy {
      sql
    }
    ... on SetFieldRemedy {
      field
      value
    }
    ... on ReenterSecretRemedy {
      field
    }
    ... on AllowAddressRemedy {
      addresses
    }
  }
}
fragment StepDetails on ConnectionTestStep {
  id
  key
  title
  status
  required
  blockedBy
  durationMs
  budgetMs
  note
  evidence {
    __typename
    label
    measuredOn
    ... on TextEvidence {
      value
    }
    ... on AddressEvidence {
      address
      family
      outcome
    }
    ... on CertificateEvidence {
      subject
      issuer
      validTo
    }
  }
  problem {
    ...ProblemDetails
  }
}
fragment TestDetails on ConnectionTest {
  id
  status
  durationMs
  changesSummary
  changes {
    message
  }
  problem {
    ...ProblemDetails
  }
  steps {
    ...StepDetails
  }
}`) as unknown as TypedDocumentString<StreamTestSubscription, StreamTestSubscriptionVariables>;
export const FollowTestDocument = new TypedDocumentString(`
    subscription FollowTest($id: ID!, $afterSequence: Int! = 0) {
  connectionTestProgress(id: $id, afterSequence: $afterSequence) {
    __typename
    ... on ConnectionTestEvent {
      sequence
      test {
        ...TestDetails
      }
    }
    ... on Error {
      message
      code
    }
  }
}
    fragment ProblemDetails on Problem {
  code
  origin
  message
  detail
  retryable
  fields
  docsUrl
  remedies {
    __typename
    title
    ... on RunSqlRemedy {
      sql
    }
    ... on SetFieldRemedy {
      field
      value
    }
    ... on ReenterSecretRemedy {
      field
    }
    ... on AllowAddressRemedy {
      addresses
    }
  }
}
fragment StepDetails on ConnectionTestStep {
  id
  key
  title
  status
  required
  blockedBy
  durationMs
  budgetMs
  note
  evidence {
    __typename
    label
    measuredOn
    ... on TextEvidence {
      value
    }
    ... on AddressEvidence {
      address
      family
      outcome
    }
    ... on CertificateEvidence {
      subject
      issuer
      validTo
    }
  }
  problem {
    ...ProblemDetails
  }
}
fragment TestDetails on ConnectionTest {
  id
  status
  durationMs
  changesSummary
  changes {
    message
  }
  problem {
    ...ProblemDetails
  }
  steps {
    ...StepDetails
  }
}`) as unknown as TypedDocumentString<FollowTestSubscription, FollowTestSubscriptionVariables>;
export const RunTestDocument = new TypedDocumentString(`
    mutation RunTest($input: TestConnectionInput!) {
  testConnection(input: $input) {
    __typename
    ... on TestConnectionSuccess {
      test {
        ...TestDetails
      }
    }
    ... on SecretReentryRequiredError {
      message
      code
      changedFields
      secretFields
    }
    ... on ValidationError {
      message
      code
      issues {
        path
        message
      }
    }
    ... on Error {
      message
      code
    }
  }
}
    fragment ProblemDetails on Problem {
  code
  origin
  message
  detail
  retryable
  fields
  docsUrl
  remedies {
    __typename
    title
    ... on RunSqlRemedy {
      sql
    }
    ... on SetFieldRemedy {
      field
      value
    }
    ... on ReenterSecretRemedy {
      field
    }
    ... on AllowAddressRemedy {
      addresses
    }
  }
}
fragment StepDetails on ConnectionTestStep {
  id
  key
  title
  status
  required
  blockedBy
  durationMs
  budgetMs
  note
  evidence {
    __typename
    label
    measuredOn
    ... on TextEvidence {
      value
    }
    ... on AddressEvidence {
      address
      family
      outcome
    }
    ... on CertificateEvidence {
      subject
      issuer
      validTo
    }
  }
  problem {
    ...ProblemDetails
  }
}
fragment TestDetails on ConnectionTest {
  id
  status
  durationMs
  changesSummary
  changes {
    message
  }
  problem {
    ...ProblemDetails
  }
  steps {
    ...StepDetails
  }
}`) as unknown as TypedDocumentString<RunTestMutation, RunTestMutationVariables>;
export const CancelTestDocument = new TypedDocumentString(`
    mutation CancelTest($id: ID!) {
  cancelConnectionTest(input: {id: $id}) {
    __typename
    ... on CancelConnectionTestSuccess {
      test {
        ...TestDetails
      }
    }
    ... on Error {
      message
      code
    }
  }
}
    fragment ProblemDetails on Problem {
  code
  origin
  message
  detail
  retryable
  fields
  docsUrl
  remedies {
    __typename
    title
    ... on RunSqlRemedy {
      sql
    }
    ... on SetFieldRemedy {
      field
      value
    }
    ... on ReenterSecretRemedy {
      field
    }
    ... on AllowAddressRemedy {
      addresses
    }
  }
}
fragment StepDetails on ConnectionTestStep {
  id
  key
  title
  status
  required
  blockedBy
  durationMs
  budgetMs
  note
  evidence {
    __typename
    label
    measuredOn
    ... on TextEvidence {
      value
    }
    ... on AddressEvidence {
      address
      family
      outcome
    }
    ... on CertificateEvidence {
      subject
      issuer
      validTo
    }
  }
  problem {
    ...ProblemDetails
  }
}
fragment TestDetails on ConnectionTest {
  id
  status
  durationMs
  changesSummary
  changes {
    message
  }
  problem {
    ...ProblemDetails
  }
  steps {
    ...StepDetails
  }
}`) as unknown as TypedDocumentString<CancelTestMutation, CancelTestMutationVariables>;
export const CreateConnectorDocument = new TypedDocumentString(`
    mutation CreateConnector($input: CreateConnectorInput!) {
  createConnector(input: $input) {
    __typename
    ... on CreateConnectorSuccess {
      connector {
        ...ConnectorSummary
      }
    }
    ... on ValidationError {
      message
      code
      issues {
        path
        message
      }
    }
    ... on Error {
      message
      code
    }
  }
}
    fragment ConnectorSummary on Connector {
  id
  name
  version
  verification {
    state
    changedFields
  }
  secrets {
    path
    isSet
    setAt
  }
}`) as unknown as TypedDocumentString<CreateConnectorMutation, CreateConnectorMutationVariables>;
export const UpdateConnectorDocument = new TypedDocumentString(`
    mutation UpdateConnector($input: UpdateConnectorInput!) {
  updateConnector(input: $input) {
    __typename
    ... on UpdateConnectorSuccess {
      connector {
        ...ConnectorSummary
      }
    }
    ... on SecretReentryRequiredError {
      message
      code
      changedFields
      secretFields
    }
    ... on ValidationError {
      message
      code
      issues {
        path
        message
      }
    }
    ... on Error {
      message
      code
    }
  }
}
    fragment ConnectorSummary on Connector {
  id
  name
  version
  verification {
    state
    changedFields
  }
  secrets {
    path
    isSet
    setAt
  }
}`) as unknown as TypedDocumentString<UpdateConnectorMutation, UpdateConnectorMutationVariables>;
export const ConnectorByIdDocument = new TypedDocumentString(`
    query ConnectorById($id: ID!) {
  connector(by: {id: $id}) {
    ...ConnectorSummary
    formData
    datasets(first: 10) {
      nodes {
        id
        name
        status
      }
    }
    tests(first: 10) {
      nodes {
        id
        status
      }
    }
  }
}
    fragment ConnectorSummary on Connector {
  id
  name
  version
  verification {
    state
    changedFields
  }
  secrets {
    path
    isSet
    setAt
  }
}`) as unknown as TypedDocumentString<ConnectorByIdQuery, ConnectorByIdQueryVariables>;
export const DeletionPlanDocument = new TypedDocumentString(`
    query DeletionPlan($id: ID!) {
  connectorDeletionPlan(connector: {id: $id}) {
    impactToken
    hiddenDatasetCount
    datasets(first: 100) {
      totalCount
      nodes {
        id
        name
      }
    }
  }
}
    `) as unknown as TypedDocumentString<DeletionPlanQuery, DeletionPlanQueryVariables>;
export const DeleteConnectorDocument = new TypedDocumentString(`
    mutation DeleteConnector($input: DeleteConnectorInput!) {
  deleteConnector(input: $input) {
    __typename
    ... on DeleteConnectorSuccess {
      deletedConnectorId
      deletedDatasetIds
    }
    ... on ConnectorInUseError {
      message
      code
      plan {
        impactToken
        hiddenDatasetCount
        datasets(first: 100) {
          nodes {
            id
            name
          }
        }
      }
    }
    ... on Error {
      message
      code
    }
  }
}
    `) as unknown as TypedDocumentString<DeleteConnectorMutation, DeleteConnectorMutationVariables>;
export const ValidateConnectorConfigDocument = new TypedDocumentString(`
    query ValidateConnectorConfig($input: ValidateConnectorConfigInput!) {
  validateConnectorConfig(input: $input) {
    __typename
    ... on ValidateConnectorConfigSuccess {
      formData
      testPlan {
        key
        title
        target
        required
        budgetMs
      }
    }
    ... on ValidationError {
      issues {
        path
        inputPath
        message
      }
    }
    ... on SecretReentryRequiredError {
      changedFields
      secretFields
    }
    ... on Error {
      message
      code
    }
  }
}
    `) as unknown as TypedDocumentString<ValidateConnectorConfigQuery, ValidateConnectorConfigQueryVariables>;
export const CreateDatasetDocument = new TypedDocumentString(`
    mutation CreateDataset($input: CreateDatasetInput!) {
  createDataset(input: $input) {
    __typename
    ... on CreateDatasetSuccess {
      dataset {
        id
        name
        version
        status
      }
    }
    ... on ValidationError {
      message
      code
      issues {
        path
        message
      }
    }
    ... on Error {
      message
      code
    }
  }
}
    `) as unknown as TypedDocumentString<CreateDatasetMutation, CreateDatasetMutationVariables>;
export const PreviewDocument = new TypedDocumentString(`
    query Preview($input: PreviewDatasetInput!) {
  previewDataset(input: $input) {
    __typename
    ... on PreviewDatasetSuccess {
      preview {
        columns {
          name
          nativeType
          type
        }
        rows
        truncated
        durationMs
      }
    }
    ... on PreviewFailedError {
      message
      code
      problem {
        ...ProblemDetails
      }
    }
    ... on ValidationError {
      message
      code
      issues {
        path
        message
      }
    }
    ... on Error {
      message
      code
    }
  }
}
    fragment ProblemDetails on Problem {
  code
  origin
  message
  detail
  retryable
  fields
  docsUrl
  remedies {
    __typename
    title
    ... on RunSqlRemedy {
      sql
    }
    ... on SetFieldRemedy {
      field
      value
    }
    ... on ReenterSecretRemedy {
      field
    }
    ... on AllowAddressRemedy {
      addresses
    }
  }
}`) as unknown as TypedDocumentString<PreviewQuery, PreviewQueryVariables>;
export const DatasetsDocument = new TypedDocumentString(`
    query Datasets($first: Int! = 20) {
  datasets(first: $first) {
    totalCount
    nodes {
      id
      name
      status
      connector {
        id
        name
      }
    }
  }
}
    `) as unknown as TypedDocumentString<DatasetsQuery, DatasetsQueryVariables>;
export const CreateOfAnyTypeDocument = new TypedDocumentString(`
    mutation CreateOfAnyType($input: CreateConnectorInput!) {
  createConnector(input: $input) {
    __typename
    ... on CreateConnectorSuccess {
      connector {
        ...WholeConfig
      }
    }
    ... on ValidationError {
      issues {
        path
        message
      }
    }
    ... on Error {
      message
    }
  }
}
    fragment WholeConfig on Connector {
  __typename
  id
  name
  version
  formData
  type {
    name
    inputKey
  }
  ... on AthenaConnector {
    athena {
      catalog
      credentials {
        accessKey {
          accessKeyId
        }
        assumeRole {
          roleArn
        }
        kind
      }
      database
      limits {
        connectTimeoutSeconds
        statementTimeoutSeconds
      }
      outputLocation
      region
      workgroup
    }
  }
  ... on BigqueryConnector {
    bigquery {
      auth {
        impersonate {
          targetServiceAccount
        }
        kind
      }
      caCertificates
      dataProjectId
      defaultDataset
      dialect
      limits {
        connectTimeoutSeconds
        statementTimeoutSeconds
      }
      location
      maximumBytesBilled
      projectId
    }
  }
  ... on DatabricksConnector {
    databricks {
      auth {
        kind
        oauthM2m {
          clientId
        }
      }
      caCertificates
      catalog
      host
      httpPath
      limits {
        connectTimeoutSeconds
        statementTimeoutSeconds
      }
      schema
    }
  }
  ... on HttpApiConnector {
    httpApi {
      auth {
        apiKey {
          in
          name
        }
        basic {
          username
        }
        kind
        oauthClientCredentials {
          audience
          clientAuthentication
          clientId
          scopes
          tokenUrl
        }
      }
      baseUrl
      headers {
        name
        secret
        value
      }
      limits {
        connectTimeoutSeconds
        maxAnswerMegabytes
        requestTimeoutSeconds
      }
      probe {
        expectBody
        expectStatus
        method
        path
      }
      queryParameters {
        name
        value
      }
      rateLimit {
        perSeconds
        requests
      }
      redirects
      retry {
        attempts
        maxWaitSeconds
      }
      tls {
        caBundle
        caCertificates
        clientCertificate
        mode
        serverName
      }
    }
  }
  ... on MongodbConnector {
    mongodb {
      auth {
        kind
        scram {
          username
        }
      }
      authSource
      hosts {
        host
        port
      }
      limits {
        connectTimeoutSeconds
        statementTimeoutSeconds
      }
      readPreference
      replicaSet
      srvHost
      tls {
        caBundle
        caCertificates
        clientCertificate
        mode
        serverName
      }
    }
  }
  ... on MysqlConnector {
    mysql {
      auth {
        awsIam {
          accessKeyId
          region
          username
        }
        kind
        password {
          username
        }
      }
      charset
      database
      host
      limits {
        connectTimeoutSeconds
        statementTimeoutSeconds
      }
      port
      sshTunnel {
        auth {
          kind
        }
        host
        hostKeyFingerprint
        port
        username
      }
      tls {
        caBundle
        caCertificates
        clientCertificate
        mode
        serverName
      }
    }
  }
  ... on PostgresConnector {
    postgres {
      auth {
        awsIam {
          accessKeyId
          region
          username
        }
        clientCertificate {
          username
        }
        kind
        password {
          username
        }
      }
      database
      host
      limits {
        connectTimeoutSeconds
        statementTimeoutSeconds
      }
      port
      schemas
      sshTunnel {
        auth {
          kind
        }
        host
        hostKeyFingerprint
        port
        username
      }
      tls {
        caBundle
        caCertificates
        clientCertificate
        mode
        serverName
      }
    }
  }
  ... on RedshiftConnector {
    redshift {
      auth {
        iam {
          credentials {
            accessKey {
              accessKeyId
            }
            assumeRole {
              roleArn
            }
            kind
          }
          databaseUser
          deployment {
            cluster {
              clusterIdentifier
            }
            kind
            serverless {
              workgroupName
            }
          }
          region
        }
        kind
        password {
          username
        }
      }
      database
      host
      limits {
        connectTimeoutSeconds
        statementTimeoutSeconds
      }
      port
      schemas
      sshTunnel {
        auth {
          kind
        }
        host
        hostKeyFingerprint
        port
        username
      }
      tls {
        caBundle
        caCertificates
        clientCertificate
        mode
        serverName
      }
    }
  }
  ... on S3Connector {
    s3 {
      bucket
      caCertificates
      credentials {
        accessKey {
          accessKeyId
        }
        assumeRole {
          roleArn
        }
        kind
      }
      endpoint
      limits {
        connectTimeoutSeconds
        statementTimeoutSeconds
      }
      prefix
      region
    }
  }
  ... on SimulatorConnector {
    simulator {
      auth {
        key {
          username
        }
        kind
        password {
          username
        }
      }
      endpoints
      generation
      host
      port
      previewBudgetMs
      scenario
      steps {
        budgetMs
        delayMs
        detail
        evidence
        fields
        notes
        outcome
        planned
        problem
        remedies
        required
        step
        target
      }
    }
  }
  ... on SnowflakeConnector {
    snowflake {
      account
      auth {
        kind
        oauthClientCredentials {
          clientId
          scope
          tokenUrl
        }
      }
      caCertificates
      database
      limits {
        connectTimeoutSeconds
        statementTimeoutSeconds
      }
      role
      schema
      username
      warehouse
    }
  }
}`) as unknown as TypedDocumentString<CreateOfAnyTypeMutation, CreateOfAnyTypeMutationVariables>;
export const RenameOfAnyTypeDocument = new TypedDocumentString(`
    mutation RenameOfAnyType($input: UpdateConnectorInput!) {
  updateConnector(input: $input) {
    __typename
    ... on UpdateConnectorSuccess {
      connector {
        ...WholeConfig
      }
    }
    ... on ValidationError {
      issues {
        path
        message
      }
    }
    ... on Error {
      message
    }
  }
}
    fragment WholeConfig on Connector {
  __typename
  id
  name
  version
  formData
  type {
    name
    inputKey
  }
  ... on AthenaConnector {
    athena {
      catalog
      credentials {
        accessKey {
          accessKeyId
        }
        assumeRole {
          roleArn
        }
        kind
      }
      database
      limits {
        connectTimeoutSeconds
        statementTimeoutSeconds
      }
      outputLocation
      region
      workgroup
    }
  }
  ... on BigqueryConnector {
    bigquery {
      auth {
        impersonate {
          targetServiceAccount
        }
        kind
      }
      caCertificates
      dataProjectId
      defaultDataset
      dialect
      limits {
        connectTimeoutSeconds
        statementTimeoutSeconds
      }
      location
      maximumBytesBilled
      projectId
    }
  }
  ... on DatabricksConnector {
    databricks {
      auth {
        kind
        oauthM2m {
          clientId
        }
      }
      caCertificates
      catalog
      host
      httpPath
      limits {
        connectTimeoutSeconds
        statementTimeoutSeconds
      }
      schema
    }
  }
  ... on HttpApiConnector {
    httpApi {
      auth {
        apiKey {
          in
          name
        }
        basic {
          username
        }
        kind
        oauthClientCredentials {
          audience
          clientAuthentication
          clientId
          scopes
          tokenUrl
        }
      }
      baseUrl
      headers {
        name
        secret
        value
      }
      limits {
        connectTimeoutSeconds
        maxAnswerMegabytes
        requestTimeoutSeconds
      }
      probe {
        expectBody
        expectStatus
        method
        path
      }
      queryParameters {
        name
        value
      }
      rateLimit {
        perSeconds
        requests
      }
      redirects
      retry {
        attempts
        maxWaitSeconds
      }
      tls {
        caBundle
        caCertificates
        clientCertificate
        mode
        serverName
      }
    }
  }
  ... on MongodbConnector {
    mongodb {
      auth {
        kind
        scram {
          username
        }
      }
      authSource
      hosts {
        host
        port
      }
      limits {
        connectTimeoutSeconds
        statementTimeoutSeconds
      }
      readPreference
      replicaSet
      srvHost
      tls {
        caBundle
        caCertificates
        clientCertificate
        mode
        serverName
      }
    }
  }
  ... on MysqlConnector {
    mysql {
      auth {
        awsIam {
          accessKeyId
          region
          username
        }
        kind
        password {
          username
        }
      }
      charset
      database
      host
      limits {
        connectTimeoutSeconds
        statementTimeoutSeconds
      }
      port
      sshTunnel {
        auth {
          kind
        }
        host
        hostKeyFingerprint
        port
        username
      }
      tls {
        caBundle
        caCertificates
        clientCertificate
        mode
        serverName
      }
    }
  }
  ... on PostgresConnector {
    postgres {
      auth {
        awsIam {
          accessKeyId
          region
          username
        }
        clientCertificate {
          username
        }
        kind
        password {
          username
        }
      }
      database
      host
      limits {
        connectTimeoutSeconds
        statementTimeoutSeconds
      }
      port
      schemas
      sshTunnel {
        auth {
          kind
        }
        host
        hostKeyFingerprint
        port
        username
      }
      tls {
        caBundle
        caCertificates
        clientCertificate
        mode
        serverName
      }
    }
  }
  ... on RedshiftConnector {
    redshift {
      auth {
        iam {
          credentials {
            accessKey {
              accessKeyId
            }
            assumeRole {
              roleArn
            }
            kind
          }
          databaseUser
          deployment {
            cluster {
              clusterIdentifier
            }
            kind
            serverless {
              workgroupName
            }
          }
          region
        }
        kind
        password {
          username
        }
      }
      database
      host
      limits {
        connectTimeoutSeconds
        statementTimeoutSeconds
      }
      port
      schemas
      sshTunnel {
        auth {
          kind
        }
        host
        hostKeyFingerprint
        port
        username
      }
      tls {
        caBundle
        caCertificates
        clientCertificate
        mode
        serverName
      }
    }
  }
  ... on S3Connector {
    s3 {
      bucket
      caCertificates
      credentials {
        accessKey {
          accessKeyId
        }
        assumeRole {
          roleArn
        }
        kind
      }
      endpoint
      limits {
        connectTimeoutSeconds
        statementTimeoutSeconds
      }
      prefix
      region
    }
  }
  ... on SimulatorConnector {
    simulator {
      auth {
        key {
          username
        }
        kind
        password {
          username
        }
      }
      endpoints
      generation
      host
      port
      previewBudgetMs
      scenario
      steps {
        budgetMs
        delayMs
        detail
        evidence
        fields
        notes
        outcome
        planned
        problem
        remedies
        required
        step
        target
      }
    }
  }
  ... on SnowflakeConnector {
    snowflake {
      account
      auth {
        kind
        oauthClientCredentials {
          clientId
          scope
          tokenUrl
        }
      }
      caCertificates
      database
      limits {
        connectTimeoutSeconds
        statementTimeoutSeconds
      }
      role
      schema
      username
      warehouse
    }
  }
}`) as unknown as TypedDocumentString<RenameOfAnyTypeMutation, RenameOfAnyTypeMutationVariables>;
export const FieldOptionsDocument = new TypedDocumentString(`
    query FieldOptions($input: ConnectorFieldOptionsInput!) {
  connectorFieldOptions(input: $input) {
    __typename
    ... on ConnectorFieldOptionsSuccess {
      options {
        nodes {
          value
          label
          help
        }
        hasNextPage
        endCursor
        problem {
          ...ProblemDetails
        }
      }
    }
    ... on SecretReentryRequiredError {
      message
      code
      changedFields
      secretFields
    }
    ... on ValidationError {
      message
      code
      issues {
        path
        inputPath
        message
      }
    }
    ... on Error {
      message
      code
    }
  }
}
    fragment ProblemDetails on Problem {
  code
  origin
  message
  detail
  retryable
  fields
  docsUrl
  remedies {
    __typename
    title
    ... on RunSqlRemedy {
      sql
    }
    ... on SetFieldRemedy {
      field
      value
    }
    ... on ReenterSecretRemedy {
      field
    }
    ... on AllowAddressRemedy {
      addresses
    }
  }
}`) as unknown as TypedDocumentString<FieldOptionsQuery, FieldOptionsQueryVariables>;
export const CatalogDocument = new TypedDocumentString(`
    query Catalog($connector: ConnectorRef!, $path: [String!]! = [], $first: Int! = 50, $after: String, $search: String, $mayStartCompute: Boolean! = false) {
  connector(by: $connector) {
    id
    catalog(
      path: $path
      first: $first
      after: $after
      search: $search
      mayStartCompute: $mayStartCompute
    ) {
      __typename
      ... on ConnectorCatalogSuccess {
        entries {
          nodes {
            path
            name
            kind
            nativeKind
            hasChildren
            comment
            column {
              nativeType
              type
              isNullable
            }
            sizeBytes
            datasetQuery
            problem {
              ...ProblemDetails
            }
          }
          hasNextPage
          endCursor
          problem {
            ...ProblemDetails
          }
        }
      }
      ... on ValidationError {
        message
        code
        issues {
          path
          message
        }
      }
      ... on Error {
        message
        code
      }
    }
  }
}
    fragment ProblemDetails on Problem {
  code
  origin
  message
  detail
  retryable
  fields
  docsUrl
  remedies {
    __typename
    title
    ... on RunSqlRemedy {
      sql
    }
    ... on SetFieldRemedy {
      field
      value
    }
    ... on ReenterSecretRemedy {
      field
    }
    ... on AllowAddressRemedy {
      addresses
    }
  }
}`) as unknown as TypedDocumentString<CatalogQuery, CatalogQueryVariables>;
export const SaveNewConnectorDocument = new TypedDocumentString(`
    mutation SaveNewConnector($input: CreateConnectorInput!) {
  createConnector(input: $input) {
    __typename
    ... on CreateConnectorSuccess {
      connector {
        ...SavedConnector
      }
    }
    ... on ConnectionTestFailedError {
      message
      code
      test {
        ...TestDetails
      }
    }
    ... on ValidationError {
      message
      code
      issues {
        path
        inputPath
        message
      }
    }
    ... on Error {
      message
      code
    }
  }
}
    fragment ProblemDetails on Problem {
  code
  origin
  message
  detail
  retryable
  fields
  docsUrl
  remedies {
    __typename
    title
    ... on RunSqlRemedy {
      sql
    }
    ... on SetFieldRemedy {
      field
      value
    }
    ... on ReenterSecretRemedy {
      field
    }
    ... on AllowAddressRemedy {
      addresses
    }
  }
}
fragment StepDetails on ConnectionTestStep {
  id
  key
  title
  status
  required
  blockedBy
  durationMs
  budgetMs
  note
  evidence {
    __typename
    label
    measuredOn
    ... on TextEvidence {
      value
    }
    ... on AddressEvidence {
      address
      family
      outcome
    }
    ... on CertificateEvidence {
      subject
      issuer
      validTo
    }
  }
  problem {
    ...ProblemDetails
  }
}
fragment TestDetails on ConnectionTest {
  id
  status
  durationMs
  changesSummary
  changes {
    message
  }
  problem {
    ...ProblemDetails
  }
  steps {
    ...StepDetails
  }
}
fragment SavedConnector on Connector {
  id
  name
  version
  verification {
    state
    changedFields
    test {
      id
      status
    }
  }
  secrets {
    path
    isSet
    version
    setAt
  }
}`) as unknown as TypedDocumentString<SaveNewConnectorMutation, SaveNewConnectorMutationVariables>;
export const SaveConnectorDocument = new TypedDocumentString(`
    mutation SaveConnector($input: UpdateConnectorInput!) {
  updateConnector(input: $input) {
    __typename
    ... on UpdateConnectorSuccess {
      connector {
        ...SavedConnector
      }
    }
    ... on ConnectionTestFailedError {
      message
      code
      test {
        ...TestDetails
      }
    }
    ... on SecretReentryRequiredError {
      message
      code
      changedFields
      secretFields
    }
    ... on ValidationError {
      message
      code
      issues {
        path
        inputPath
        message
      }
    }
    ... on ConflictError {
      message
      code
      currentVersion
    }
    ... on SecretStoreFailedError {
      message
      code
      retryable
    }
    ... on Error {
      message
      code
    }
  }
}
    fragment ProblemDetails on Problem {
  code
  origin
  message
  detail
  retryable
  fields
  docsUrl
  remedies {
    __typename
    title
    ... on RunSqlRemedy {
      sql
    }
    ... on SetFieldRemedy {
      field
      value
    }
    ... on ReenterSecretRemedy {
      field
    }
    ... on AllowAddressRemedy {
      addresses
    }
  }
}
fragment StepDetails on ConnectionTestStep {
  id
  key
  title
  status
  required
  blockedBy
  durationMs
  budgetMs
  note
  evidence {
    __typename
    label
    measuredOn
    ... on TextEvidence {
      value
    }
    ... on AddressEvidence {
      address
      family
      outcome
    }
    ... on CertificateEvidence {
      subject
      issuer
      validTo
    }
  }
  problem {
    ...ProblemDetails
  }
}
fragment TestDetails on ConnectionTest {
  id
  status
  durationMs
  changesSummary
  changes {
    message
  }
  problem {
    ...ProblemDetails
  }
  steps {
    ...StepDetails
  }
}
fragment SavedConnector on Connector {
  id
  name
  version
  verification {
    state
    changedFields
    test {
      id
      status
    }
  }
  secrets {
    path
    isSet
    version
    setAt
  }
}`) as unknown as TypedDocumentString<SaveConnectorMutation, SaveConnectorMutationVariables>;
export const FindConnectorDocument = new TypedDocumentString(`
    query FindConnector($by: ConnectorRef!) {
  connector(by: $by) {
    ...SavedConnector
    formData
    datasets(first: 10) {
      nodes {
        id
        name
        status
      }
    }
    tests(first: 10) {
      nodes {
        id
        status
      }
    }
  }
}
    fragment SavedConnector on Connector {
  id
  name
  version
  verification {
    state
    changedFields
    test {
      id
      status
    }
  }
  secrets {
    path
    isSet
    version
    setAt
  }
}`) as unknown as TypedDocumentString<FindConnectorQuery, FindConnectorQueryVariables>;
export const CountConnectorsDocument = new TypedDocumentString(`
    query CountConnectors($search: String!) {
  connectors(first: 1, filter: {search: $search}) {
    totalCount
  }
}
    `) as unknown as TypedDocumentString<CountConnectorsQuery, CountConnectorsQueryVariables>;
export const WatchTestDocument = new TypedDocumentString(`
    subscription WatchTest($input: TestConnectionInput!) {
  events: testConnection(input: $input) {
    __typename
    ... on ConnectionTestEvent {
      ...EventDetails
    }
    ... on SecretReentryRequiredError {
      message
      code
      changedFields
      secretFields
    }
    ... on Error {
      message
      code
    }
  }
}
    fragment ProblemDetails on Problem {
  code
  origin
  message
  detail
  retryable
  fields
  docsUrl
  remedies {
    __typename
    title
    ... on RunSqlRemedy {
      sql
    }
    ... on SetFieldRemedy {
      field
      value
    }
    ... on ReenterSecretRemedy {
      field
    }
    ... on AllowAddressRemedy {
      addresses
    }
  }
}
fragment StepDetails on ConnectionTestStep {
  id
  key
  title
  status
  required
  blockedBy
  durationMs
  budgetMs
  note
  evidence {
    __typename
    label
    measuredOn
    ... on TextEvidence {
      value
    }
    ... on AddressEvidence {
      address
      family
      outcome
    }
    ... on CertificateEvidence {
      subject
      issuer
      validTo
    }
  }
  problem {
    ...ProblemDetails
  }
}
fragment TestDetails on ConnectionTest {
  id
  status
  durationMs
  changesSummary
  changes {
    message
  }
  problem {
    ...ProblemDetails
  }
  steps {
    ...StepDetails
  }
}
fragment EventDetails on ConnectionTestEvent {
  sequence
  at
  test {
    ...TestDetails
  }
}`) as unknown as TypedDocumentString<WatchTestSubscription, WatchTestSubscriptionVariables>;
export const RejoinTestDocument = new TypedDocumentString(`
    subscription RejoinTest($id: ID!, $afterSequence: Int! = 0) {
  events: connectionTestProgress(id: $id, afterSequence: $afterSequence) {
    __typename
    ... on ConnectionTestEvent {
      ...EventDetails
    }
    ... on Error {
      message
      code
    }
  }
}
    fragment ProblemDetails on Problem {
  code
  origin
  message
  detail
  retryable
  fields
  docsUrl
  remedies {
    __typename
    title
    ... on RunSqlRemedy {
      sql
    }
    ... on SetFieldRemedy {
      field
      value
    }
    ... on ReenterSecretRemedy {
      field
    }
    ... on AllowAddressRemedy {
      addresses
    }
  }
}
fragment StepDetails on ConnectionTestStep {
  id
  key
  title
  status
  required
  blockedBy
  durationMs
  budgetMs
  note
  evidence {
    __typename
    label
    measuredOn
    ... on TextEvidence {
      value
    }
    ... on AddressEvidence {
      address
      family
      outcome
    }
    ... on CertificateEvidence {
      subject
      issuer
      validTo
    }
  }
  problem {
    ...ProblemDetails
  }
}
fragment TestDetails on ConnectionTest {
  id
  status
  durationMs
  changesSummary
  changes {
    message
  }
  problem {
    ...ProblemDetails
  }
  steps {
    ...StepDetails
  }
}
fragment EventDetails on ConnectionTestEvent {
  sequence
  at
  test {
    ...TestDetails
  }
}`) as unknown as TypedDocumentString<RejoinTestSubscription, RejoinTestSubscriptionVariables>;
export const TestByIdDocument = new TypedDocumentString(`
    query TestById($id: ID!) {
  node(id: $id) {
    __typename
    ... on ConnectionTest {
      ...TestDetails
    }
  }
}
    fragment ProblemDetails on Problem {
  code
  origin
  message
  detail
  retryable
  fields
  docsUrl
  remedies {
    __typename
    title
    ... on RunSqlRemedy {
      sql
    }
    ... on SetFieldRemedy {
      field
      value
    }
    ... on ReenterSecretRemedy {
      field
    }
    ... on AllowAddressRemedy {
      addresses
    }
  }
}
fragment StepDetails on ConnectionTestStep {
  id
  key
  title
  status
  required
  blockedBy
  durationMs
  budgetMs
  note
  evidence {
    __typename
    label
    measuredOn
    ... on TextEvidence {
      value
    }
    ... on AddressEvidence {
      address
      family
      outcome
    }
    ... on CertificateEvidence {
      subject
      issuer
      validTo
    }
  }
  problem {
    ...ProblemDetails
  }
}
fragment TestDetails on ConnectionTest {
  id
  status
  durationMs
  changesSummary
  changes {
    message
  }
  problem {
    ...ProblemDetails
  }
  steps {
    ...StepDetails
  }
}`) as unknown as TypedDocumentString<TestByIdQuery, TestByIdQueryVariables>;