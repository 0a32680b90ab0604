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
  /** The test was cancelled before it ended. */
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
  /** A test warns of accounts that could write. */
  | 'LEAST_PRIVILEGE_CHECK'
  /** Rows of a dataset can be previewed. */
  | 'PREVIEW'
  /** The source itself is told that nothing may be written. */
  | 'READ_ONLY_SESSION';

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
  {   /** For the connector type PostgreSQL. */
  postgres: PostgresConfigInput; };

/** Changes to the configuration of a connector. Give exactly one: the one of the connector's type. */
export type ConnectorConfigPatch =
  {   /** For the connector type PostgreSQL. */
  postgres: PostgresConfigPatch; };

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
  /** PostgreSQL. */
  | 'POSTGRES';

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

/** What a dataset asks of its data source. Give exactly one: the one of the connector's type. */
export type DatasetQueryInput =
  {   /** For the connector type PostgreSQL. */
  postgres: PostgresDatasetQueryInput; };

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
  /** The name is already in use. */
  | 'NAME_TAKEN'
  /** What the input names does not exist, or not for this viewer. */
  | 'NOT_FOUND'
  /** The data source did not answer the query; `PreviewFailedError` says why. */
  | 'PREVIEW_FAILED'
  /** Too much at once. */
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
  /** Host. The name or IP address of the server. */
  host: string;
  /** Limits. How long to wait for the server. */
  limits?: LimitsInput;
  /** Port. The TCP port that the server or its pooler listens on. */
  port?: number;
  /** Schemas. The schemas to work with. Leave empty for every schema that the account can read. */
  schemas?: Array<string>;
  /** Encryption (TLS). Whether the connection is encrypted, and which servers are trusted. */
  tls?: TlsInput;
};

/** Changes to the configuration of a connector of the type PostgreSQL. What is left out stays; null clears an optional field or resets it to its default. */
export type PostgresConfigPatch = {
  /** Sign-in. How the server knows who connects. */
  auth?: PostgresAuthPatch | null | undefined;
  /** Database. The database to read, with upper and lower case as it was created. */
  database?: string | null | undefined;
  /** Host. The name or IP address of the server. */
  host?: string | null | undefined;
  /** Limits. How long to wait for the server. */
  limits?: LimitsPatch | null | undefined;
  /** Port. The TCP port that the server or its pooler listens on. */
  port?: number | null | undefined;
  /** Schemas. The schemas to work with. Leave empty for every schema that the account can read. */
  schemas?: Array<string> | null | undefined;
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
  /** Way of signing in is not supported. */
  | 'AUTH_METHOD_UNSUPPORTED'
  /** Patchbay is busy. */
  | 'CAPACITY_EXCEEDED'
  /** Certificate expires soon. */
  | 'CERTIFICATE_EXPIRES_SOON'
  /** Server asked for the password in clear text. */
  | 'CLEARTEXT_PASSWORD_REFUSED'
  /** Server demands a client certificate. */
  | 'CLIENT_CERTIFICATE_REQUIRED'
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
  /** Host name does not exist. */
  | 'HOST_NOT_FOUND'
  /** Server's access rules refuse this connection. */
  | 'HOST_RULE_REJECTED'
  /** Fault in Patchbay. */
  | 'INTERNAL_FAULT'
  /** Account may not log in. */
  | 'LOGIN_NOT_PERMITTED'
  /** Name servers could not answer. */
  | 'NAME_RESOLUTION_FAILED'
  /** Name servers did not answer in time. */
  | 'NAME_RESOLUTION_TIMED_OUT'
  /** No route to the host. */
  | 'NETWORK_UNREACHABLE'
  /** Nothing can be read. */
  | 'NOTHING_READABLE'
  /** Host accepts connections but says nothing. */
  | 'NO_GREETING'
  /** Table or column does not exist. */
  | 'OBJECT_NOT_FOUND'
  /** Right is missing. */
  | 'PERMISSION_DENIED'
  /** Pooler got no connection to the server. */
  | 'POOLER_TIMED_OUT'
  /** Rights could not be measured. */
  | 'PRIVILEGES_UNKNOWN'
  /** Query is not valid. */
  | 'QUERY_INVALID'
  /** Query is not a plain read. */
  | 'QUERY_NOT_READ_ONLY'
  /** Result is too large. */
  | 'RESULT_TOO_LARGE'
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
  /** Server ended the session. */
  | 'SESSION_ENDED_BY_SERVER'
  /** Signing in took too long. */
  | 'SIGN_IN_TIMED_OUT'
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
  /** Server has no free connection. */
  | 'TOO_MANY_CONNECTIONS'
  /** Unknown failure. */
  | 'UNCLASSIFIED'
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

export type CatalogueQueryVariables = Exact<{ [key: string]: never; }>;


export type CatalogueQuery = { connectorTypes: Array<{ name: ConnectorTypeName, label: string, kind: ConnectorKind, category: ConnectorCategory, inputKey: string, capabilities: Array<ConnectorCapability>, form: { sections: Array<{ name: string, label: string }>, fields: Array<{ path: string, label: string, kind: FormFieldKind, required: boolean, isSecret: boolean, isDestination: boolean, defaultValue: unknown }> } }> };

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

export type TestDetailsFragment = { id: string, status: ConnectionTestStatus, durationMs: number | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
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
    | { __typename: 'ConnectionTestFinished', sequence: number, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
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
    | { __typename: 'ConnectionTestPlanned', sequence: number, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
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
    | { __typename: 'ConnectionTestFinished', sequence: number, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
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
    | { __typename: 'ConnectionTestPlanned', sequence: number, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
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
    | { __typename: 'ConnectionTestStepFinished', sequence: number, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
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
    | { __typename: 'ConnectionTestStepProgressed', sequence: number, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
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
    | { __typename: 'ConnectionTestStepStarted', sequence: number, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
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
    | { __typename: 'TestConnectionSuccess', test: { id: string, status: ConnectionTestStatus, durationMs: number | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
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
    | { __typename: 'CancelConnectionTestSuccess', test: { id: string, status: ConnectionTestStatus, durationMs: number | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
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

export type ConnectorSummaryFragment = { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> };

export type CreateConnectorMutationVariables = Exact<{
  input: CreateConnectorInput;
}>;


export type CreateConnectorMutation = { createConnector:
    | { __typename: 'ConflictError', message: string, code: ErrorCode }
    | { __typename: 'ConnectionTestFailedError', message: string, code: ErrorCode }
    | { __typename: 'CreateConnectorSuccess', connector: { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> } }
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
    | { __typename: 'UpdateConnectorSuccess', connector: { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> } }
    | { __typename: 'ValidationError', message: string, code: ErrorCode, issues: Array<{ path: string, message: string }> }
   };

export type ConnectorByIdQueryVariables = Exact<{
  id: string;
}>;


export type ConnectorByIdQuery = { connector: { formData: unknown, id: string, name: string, version: number, datasets: { nodes: Array<{ id: string, name: string, status: DatasetStatus }> }, tests: { nodes: Array<{ id: string, status: ConnectionTestStatus }> }, verification: { state: ConnectorVerificationState, changedFields: Array<string> }, secrets: Array<{ path: string, isSet: boolean, setAt: string | null }> } | null };

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
    | { __typename: 'ValidationError', message: string, code: ErrorCode, issues: Array<{ path: string, message: string }> }
   };

export type DatasetsQueryVariables = Exact<{
  first?: number;
}>;


export type DatasetsQuery = { datasets: { totalCount: number, nodes: Array<{ id: string, name: string, status: DatasetStatus, connector: { id: string, name: string } | null }> } };

export type SavedConnectorFragment = { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> };

export type SaveNewConnectorMutationVariables = Exact<{
  input: CreateConnectorInput;
}>;


export type SaveNewConnectorMutation = { createConnector:
    | { __typename: 'ConflictError', message: string, code: ErrorCode }
    | { __typename: 'ConnectionTestFailedError', message: string, code: ErrorCode, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
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
    | { __typename: 'CreateConnectorSuccess', connector: { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> } }
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
    | { __typename: 'ConnectionTestFailedError', message: string, code: ErrorCode, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
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
    | { __typename: 'UpdateConnectorSuccess', connector: { id: string, name: string, version: number, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> } }
    | { __typename: 'ValidationError', message: string, code: ErrorCode, issues: Array<{ path: string, inputPath: Array<string>, message: string }> }
   };

export type FindConnectorQueryVariables = Exact<{
  by: ConnectorRef;
}>;


export type FindConnectorQuery = { connector: { formData: unknown, id: string, name: string, version: number, datasets: { nodes: Array<{ id: string, name: string, status: DatasetStatus }> }, tests: { nodes: Array<{ id: string, status: ConnectionTestStatus }> }, verification: { state: ConnectorVerificationState, changedFields: Array<string>, test: { id: string, status: ConnectionTestStatus } | null }, secrets: Array<{ path: string, isSet: boolean, version: string | null, setAt: string | null }> } | null };

export type CountConnectorsQueryVariables = Exact<{
  search: string;
}>;


export type CountConnectorsQuery = { connectors: { totalCount: number } };

type EventDetails_ConnectionTestFinished_Fragment = { sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
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

type EventDetails_ConnectionTestPlanned_Fragment = { sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
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

type EventDetails_ConnectionTestStepFinished_Fragment = { sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
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

type EventDetails_ConnectionTestStepProgressed_Fragment = { sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
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

type EventDetails_ConnectionTestStepStarted_Fragment = { sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
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
    | { __typename: 'ConnectionTestFinished', sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
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
    | { __typename: 'ConnectionTestPlanned', sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
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
    | { __typename: 'ConnectionTestStepFinished', sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
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
    | { __typename: 'ConnectionTestStepProgressed', sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
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
    | { __typename: 'ConnectionTestStepStarted', sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
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
    | { __typename: 'ConnectionTestFinished', sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
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
    | { __typename: 'ConnectionTestPlanned', sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
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
    | { __typename: 'ConnectionTestStepFinished', sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
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
    | { __typename: 'ConnectionTestStepProgressed', sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
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
    | { __typename: 'ConnectionTestStepStarted', sequence: number, at: string, test: { id: string, status: ConnectionTestStatus, durationMs: number | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
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
    | { __typename: 'ConnectionTest', id: string, status: ConnectionTestStatus, durationMs: number | null, problem: { code: ProblemCode, origin: ProblemOrigin, message: string, detail: string | null, retryable: boolean, fields: Array<string>, docsUrl: string | null, remedies: Array<
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
    | { __typename: 'Dataset' }
    | { __typename: 'PostgresConnector' }
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
  problem {
    ...ProblemDetails
  }
  steps {
    ...StepDetails
  }
}`) as unknown as TypedDocumentString<TestByIdQuery, TestByIdQueryVariables>;