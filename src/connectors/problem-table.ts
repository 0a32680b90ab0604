import type { ProblemOrigin } from './problem.ts'

/** One line of the table: the documentation page is generated from these. */
export interface ProblemDefinition {
  readonly title: string
  readonly origin: ProblemOrigin
  /** `{name}` is filled from the problem's params. */
  readonly message: string
  /** What a reader should do, in general; the remedies of a particular problem are more exact. */
  readonly mend: string
  readonly retryable: boolean
}

const define = <const T extends Record<string, ProblemDefinition>>(table: T) => table

/**
 * Every problem code there is. Drivers only map to it. Codes are part of the public schema: adding one is free,
 * renaming or removing one is a breaking change.
 */
export const problemTable = define({
  // Reaching the server
  HOST_NOT_FOUND: {
    title: 'Host name does not exist',
    origin: 'NETWORK',
    message: 'No address is known for the host name "{host}".',
    mend: 'Check the host name for typing mistakes, and that it is a public name or one that Patchbay can resolve.',
    retryable: false,
  },
  NAME_RESOLUTION_FAILED: {
    title: 'Name servers could not answer',
    origin: 'NETWORK',
    message: 'The name servers could not say which address "{host}" has.',
    mend: "Try again; if it stays so, the domain's name servers or the network between are at fault.",
    retryable: true,
  },
  NAME_RESOLUTION_TIMED_OUT: {
    title: 'Name servers did not answer in time',
    origin: 'NETWORK',
    message: 'The name servers did not answer within {seconds} s for "{host}".',
    mend: "Try again; if it stays so, the domain's name servers or the network between are at fault.",
    retryable: true,
  },
  EGRESS_DENIED: {
    title: 'Address not allowed',
    origin: 'POLICY',
    message: "Patchbay's operator does not allow connections to this host and port.",
    mend: 'If the data source is meant to be reachable, ask the operator to open its address range and port (EGRESS_ALLOW).',
    retryable: false,
  },
  CONNECTION_REFUSED: {
    title: 'Nothing listens on this port',
    origin: 'NETWORK',
    message: '{host} answered, but refused the connection on port {port}.',
    mend: 'Check the port, that the server is running, and that it listens on an address other than its own loopback.',
    retryable: true,
  },
  CONNECTION_TIMED_OUT: {
    title: 'No answer from the host',
    origin: 'NETWORK',
    message: '{host} did not answer on port {port} within {seconds} s.',
    mend: "Usually a firewall, a security group or a wrong address: let Patchbay's addresses in on this port.",
    retryable: true,
  },
  NETWORK_UNREACHABLE: {
    title: 'No route to the host',
    origin: 'NETWORK',
    message: 'There is no network route to {host}.',
    mend: 'Check the address; an IPv6-only host cannot be reached from a machine without IPv6.',
    retryable: true,
  },
  CONNECTION_RESET: {
    title: 'Connection was cut',
    origin: 'NETWORK',
    message: 'The connection to {host} was cut in the middle of the conversation.',
    mend: "Look for a proxy, load balancer or firewall in between, and in the server's log.",
    retryable: true,
  },
  // Greeting
  NO_GREETING: {
    title: 'Host accepts connections but says nothing',
    origin: 'NETWORK',
    message: '{host}:{port} accepted the connection but did not answer within {seconds} s.',
    mend: 'Check the port; a proxy or load balancer may accept connections for a server that is down.',
    retryable: true,
  },
  WRONG_PROTOCOL: {
    title: 'Another kind of server answers here',
    origin: 'SOURCE',
    message: '{host}:{port} does not speak the {expected} protocol; it looks like {found}.',
    mend: 'Check host and port: another service listens there.',
    retryable: false,
  },
  SERVER_STARTING: {
    title: 'Server is starting up',
    origin: 'SOURCE',
    message: 'The server is starting up and does not accept connections yet.',
    mend: 'Try again in a moment.',
    retryable: true,
  },
  STANDBY_CLOSED: {
    title: 'Standby server accepts no sessions',
    origin: 'SOURCE',
    message: 'The server is a standby that accepts no sessions.',
    mend: 'Use the primary server, or let an administrator turn hot standby on.',
    retryable: false,
  },
  SERVER_SHUTTING_DOWN: {
    title: 'Server is shutting down',
    origin: 'SOURCE',
    message: 'The server is shutting down and accepts no connections.',
    mend: 'Try again when it is back.',
    retryable: true,
  },
  TOO_MANY_CONNECTIONS: {
    title: 'Server has no free connection',
    origin: 'SOURCE',
    message: 'The server has no free connection for this account.',
    mend: 'Try again later, or raise the connection limit of the server, database or role.',
    retryable: true,
  },
  POOLER_TIMED_OUT: {
    title: 'Pooler got no connection to the server',
    origin: 'SOURCE',
    message: 'The connection pooler waited in vain for a free connection to the server behind it.',
    mend: 'Either all connections of its pool are in use, or the server behind it is down: look at the pooler.',
    retryable: true,
  },
  // Encryption
  TLS_NOT_OFFERED: {
    title: 'Server offers no encryption',
    origin: 'SOURCE',
    message: '{host} does not offer encrypted connections, but this connector requires one.',
    mend: 'Turn TLS on in the server. Only where the network itself is trusted, turn it off in the form.',
    retryable: false,
  },
  TLS_REQUIRED_BY_SERVER: {
    title: 'Server refuses the unencrypted connection',
    origin: 'SOURCE',
    message: 'The server does not let this account in over an unencrypted connection from here.',
    mend: 'Set the TLS mode to verify the server. If it still refuses, an administrator must add an access rule.',
    retryable: false,
  },
  TLS_DISABLED_BY_POLICY: {
    title: 'Unencrypted connections are not allowed',
    origin: 'POLICY',
    message: "Patchbay's operator allows only encrypted connections.",
    mend: 'Turn TLS on in the form.',
    retryable: false,
  },
  TLS_CERTIFICATE_UNTRUSTED: {
    title: 'Certificate authority is not trusted',
    origin: 'NETWORK',
    message: 'The server\'s certificate was issued by "{issuer}", which is not trusted.',
    mend: 'Add the certificate of your certificate authority to the form.',
    retryable: false,
  },
  TLS_CERTIFICATE_SELF_SIGNED: {
    title: 'Certificate is self-signed',
    origin: 'NETWORK',
    message: "The server's certificate is self-signed and is not trusted.",
    mend: "Add this certificate to the form after checking its fingerprint with the server's owner.",
    retryable: false,
  },
  TLS_INTERMEDIATE_MISSING: {
    title: 'Server does not send its whole certificate chain',
    origin: 'SOURCE',
    message: 'The server sent only its own certificate; the intermediate "{issuer}" is missing.',
    mend: 'Let the server send its full chain, or add the intermediate certificate to the form.',
    retryable: false,
  },
  TLS_CERTIFICATE_EXPIRED: {
    title: 'Certificate has expired',
    origin: 'SOURCE',
    message: 'The certificate "{subject}" expired on {validTo}.',
    mend: "The server's owner must renew the certificate.",
    retryable: false,
  },
  TLS_CERTIFICATE_NOT_YET_VALID: {
    title: 'Certificate is not valid yet',
    origin: 'SOURCE',
    message: 'The certificate "{subject}" is valid only from {validFrom}.',
    mend: 'Check the clocks of both machines and the certificate.',
    retryable: false,
  },
  TLS_CERTIFICATE_UNUSABLE: {
    title: 'Certificate cannot be used',
    origin: 'SOURCE',
    message: 'The server\'s certificate "{subject}" could not be verified ({reason}).',
    mend: "The server's owner must install a certificate that is meant for servers.",
    retryable: false,
  },
  TLS_NAME_MISMATCH: {
    title: 'Certificate is for another name',
    origin: 'SOURCE',
    message: 'The server\'s certificate is valid for {names}, not for "{host}".',
    mend: 'Use the name in the certificate as host, or give it as server name.',
    retryable: false,
  },
  TLS_HANDSHAKE_FAILED: {
    title: 'Encrypted connection could not be set up',
    origin: 'NETWORK',
    message: 'The TLS handshake with {host} failed.',
    mend: 'The two sides may have no protocol version or cipher in common; TLS 1.2 or newer is required.',
    retryable: false,
  },
  TLS_TIMED_OUT: {
    title: 'Encryption handshake did not finish in time',
    origin: 'NETWORK',
    message: 'The TLS handshake with {host} did not finish within {seconds} s.',
    mend: 'Look for a proxy or firewall that inspects connections in between.',
    retryable: true,
  },
  CLIENT_CERTIFICATE_REQUIRED: {
    title: 'Server demands a client certificate',
    origin: 'SOURCE',
    message: 'The server demands a client certificate, and none was given or the one given was refused.',
    mend: "Give the client certificate and key that the server's owner issued to you.",
    retryable: false,
  },
  CERTIFICATE_EXPIRES_SOON: {
    title: 'Certificate expires soon',
    origin: 'SOURCE',
    message: 'The certificate "{subject}" expires on {validTo}.',
    mend: "Remind the server's owner to renew it.",
    retryable: false,
  },
  CONNECTION_NOT_ENCRYPTED: {
    title: 'Connection is not encrypted',
    origin: 'FORM',
    message: 'The connection is not encrypted: password and data can be read on the way.',
    mend: 'Turn TLS on in the form.',
    retryable: false,
  },
  SERVER_NOT_VERIFIED: {
    title: 'Server is not verified',
    origin: 'FORM',
    message: 'The connection is encrypted, but who the server is has not been verified.',
    mend: 'Set the TLS mode to full verification, with the certificate of your own authority if there is one.',
    retryable: false,
  },
  // Signing in
  CREDENTIALS_REJECTED: {
    title: 'Credentials rejected',
    origin: 'SOURCE',
    message: 'The server rejected the credentials for "{username}".',
    mend: 'Check user name and password, or certificate. Servers do not say which is wrong, or whether the account has expired.',
    retryable: false,
  },
  LOGIN_NOT_PERMITTED: {
    title: 'Account may not log in',
    origin: 'SOURCE',
    message: 'The account "{username}" exists but is not allowed to log in.',
    mend: 'Let an administrator allow the account to log in.',
    retryable: false,
  },
  HOST_RULE_REJECTED: {
    title: "Server's access rules refuse this connection",
    origin: 'SOURCE',
    message: 'The server\'s access rules do not allow "{username}" to connect to "{database}" from here.',
    mend: "Let an administrator add an access rule for this user, database and Patchbay's address.",
    retryable: false,
  },
  AUTH_METHOD_UNSUPPORTED: {
    title: 'Way of signing in is not supported',
    origin: 'SOURCE',
    message: 'The server asks for the sign-in method "{method}", which this connector cannot use here.',
    mend: 'Choose another sign-in method in the form, or let an administrator allow one for this account.',
    retryable: false,
  },
  CLEARTEXT_PASSWORD_REFUSED: {
    title: 'Server asked for the password in clear text',
    origin: 'POLICY',
    message: 'The server asked for the password in clear text over a connection that is not verified. It was not sent.',
    mend: 'Turn full TLS verification on, or let the server use SCRAM.',
    retryable: false,
  },
  SERVER_PROOF_MISSING: {
    title: 'Server did not prove itself',
    origin: 'SOURCE',
    message:
      'The server let "{username}" in without proving that it knows the password: it may not be the server that it claims to be.',
    mend: 'Check host and port and turn full TLS verification on, before anything else is sent there.',
    retryable: false,
  },
  SIGN_IN_TIMED_OUT: {
    title: 'Signing in took too long',
    origin: 'SOURCE',
    message: 'The server did not finish signing in within {seconds} s.',
    mend: "Try again; if it stays so, look in the server's log.",
    retryable: true,
  },
  SESSION_ENDED_BY_SERVER: {
    title: 'Server ended the session',
    origin: 'SOURCE',
    message: 'An administrator or a time limit of the server ended the session.',
    mend: "Try again; if it stays so, look in the server's log for who or what ends sessions.",
    retryable: true,
  },
  // Opening and reading
  DATABASE_NOT_FOUND: {
    title: 'Database does not exist',
    origin: 'SOURCE',
    message: 'The database "{database}" does not exist on this server.',
    mend: 'Check the database name; case matters.',
    retryable: false,
  },
  DATABASE_ACCESS_DENIED: {
    title: 'No right to connect to the database',
    origin: 'SOURCE',
    message: 'The account "{username}" has no right to connect to the database "{database}".',
    mend: 'Let an administrator grant the right to connect.',
    retryable: false,
  },
  DATABASE_CLOSED: {
    title: 'Database accepts no connections',
    origin: 'SOURCE',
    message: 'The database "{database}" does not accept connections.',
    mend: 'Template and maintenance databases are closed; choose another, or let an administrator open it.',
    retryable: false,
  },
  NOTHING_READABLE: {
    title: 'Nothing can be read',
    origin: 'SOURCE',
    message: 'The account "{username}" can sign in but cannot read a single table.',
    mend: 'Let an administrator grant read rights on the tables to be used.',
    retryable: false,
  },
  PERMISSION_DENIED: {
    title: 'Right is missing',
    origin: 'SOURCE',
    message: 'The account has no right to do this.',
    mend: 'Let an administrator grant the right.',
    retryable: false,
  },
  STATEMENT_TIMED_OUT: {
    title: 'Statement took too long',
    origin: 'SOURCE',
    message: 'The statement was stopped after {seconds} s.',
    mend: 'Make the statement cheaper, or raise the statement time limit in the form.',
    retryable: true,
  },
  STATEMENT_CANCELLED: {
    title: 'Server stopped the statement',
    origin: 'SOURCE',
    message: 'The server stopped the statement: an administrator or one of its own rules wanted it to.',
    mend: 'Try again; the detail says why. Standby servers stop statements that are in the way of their recovery.',
    retryable: true,
  },
  STEP_TIMED_OUT: {
    title: 'Step took too long',
    origin: 'SOURCE',
    message: 'This step did not finish within {seconds} s.',
    mend: 'Try again; if it stays so, look for load on the server.',
    retryable: true,
  },
  // Rights
  ACCOUNT_CAN_WRITE: {
    title: 'Account can change data',
    origin: 'SOURCE',
    message: 'The account "{username}" can do more than read: {rights}.',
    mend: 'Use an account that can only read. The remedy creates one.',
    retryable: false,
  },
  PRIVILEGES_UNKNOWN: {
    title: 'Rights could not be measured',
    origin: 'SOURCE',
    message: 'What this account may do could not be measured.',
    mend: 'Check by hand that the account can only read.',
    retryable: false,
  },
  // Queries
  QUERY_INVALID: {
    title: 'Query is not valid',
    origin: 'FORM',
    message: 'The data source does not accept this query.',
    mend: 'Mend the query; the detail says where the data source stumbled.',
    retryable: false,
  },
  QUERY_NOT_READ_ONLY: {
    title: 'Query is not a plain read',
    origin: 'POLICY',
    message: 'Only one statement that reads is allowed; this one {reason}.',
    mend: 'Use a single SELECT, WITH, VALUES, TABLE, SHOW or EXPLAIN.',
    retryable: false,
  },
  OBJECT_NOT_FOUND: {
    title: 'Table or column does not exist',
    origin: 'SOURCE',
    message: 'The query names a table, column or function that does not exist.',
    mend: 'Check the name and its schema.',
    retryable: false,
  },
  RESULT_TOO_LARGE: {
    title: 'Result is too large',
    origin: 'POLICY',
    message: 'The result is larger than {limit}.',
    mend: 'Ask for fewer or smaller columns or rows.',
    retryable: false,
  },
  // Patchbay itself
  SECRET_STORE_UNAVAILABLE: {
    title: 'Secret store cannot be reached',
    origin: 'SECRET_STORE',
    message: 'The stored secrets of this connector cannot be read at the moment. Nothing was sent to the data source.',
    mend: "Try again; if it stays so, Patchbay's operator must look at the secret store.",
    retryable: true,
  },
  SECRET_UNREADABLE: {
    title: 'Stored secret cannot be read',
    origin: 'SECRET_STORE',
    message: 'The stored secrets of this connector are missing or cannot be decrypted.',
    mend: 'Type the secrets again and save.',
    retryable: false,
  },
  CONNECTOR_HOST_FAILED: {
    title: 'Connector host failed',
    origin: 'PATCHBAY',
    message: 'The process that talks to the data source stopped unexpectedly ({reason}).',
    mend: "Try again; if it stays so, report it to Patchbay's operator.",
    retryable: true,
  },
  DEADLINE_EXCEEDED: {
    title: 'Operation was stopped at its deadline',
    origin: 'PATCHBAY',
    message: 'The operation did not end by itself within {seconds} s and was stopped.',
    mend: "Try again; if it stays so, report it to Patchbay's operator.",
    retryable: true,
  },
  TEST_INTERRUPTED: {
    title: 'Test was interrupted',
    origin: 'PATCHBAY',
    message: 'The test ended because the Patchbay process that ran it stopped.',
    mend: 'Run the test again.',
    retryable: true,
  },
  INTERNAL_FAULT: {
    title: 'Fault in Patchbay',
    origin: 'PATCHBAY',
    message: 'A fault in Patchbay itself stopped the operation.',
    mend: "Try again; if it stays so, report it to Patchbay's operator, whose log says more.",
    retryable: true,
  },
  CAPACITY_EXCEEDED: {
    title: 'Patchbay is busy',
    origin: 'PATCHBAY',
    message: 'Too many operations on data sources are running at the moment.',
    mend: 'Try again in a moment.',
    retryable: true,
  },
  UNCLASSIFIED: {
    title: 'Unknown failure',
    origin: 'SOURCE',
    message: 'The data source answered with a failure that Patchbay does not know yet.',
    mend: "Read the detail, which holds the data source's own words, and report it so that it gets a name.",
    retryable: false,
  },
})

export type ProblemCode = keyof typeof problemTable
