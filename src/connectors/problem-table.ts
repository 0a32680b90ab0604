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
  /**
   * What the problem tells of a sign-in at these steps. REFUSED: the server has counted a failed one, and enough of those
   * lock the account. ACCEPTED: it can only happen once that sign-in has gone through; wrong credentials must never get a
   * query this far. UNKNOWN: the server may be looking at the credentials still. Left out where it never did, as far as
   * can be told.
   */
  readonly signIn?: { readonly [step in 'TUNNEL' | 'SIGN_IN']?: 'ACCEPTED' | 'REFUSED' | 'UNKNOWN' }
}

const throughTunnel = { TUNNEL: 'ACCEPTED' } as const
const signedIn = { TUNNEL: 'ACCEPTED', SIGN_IN: 'ACCEPTED' } as const
/** The problem does not tell at which step it happened. */
const atAnyStep = { TUNNEL: 'UNKNOWN', SIGN_IN: 'UNKNOWN' } as const

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
  // The SSH tunnel, and what it finds behind it
  TUNNEL_HOST_KEY_UNKNOWN: {
    title: 'SSH server is not verified',
    origin: 'FORM',
    message: 'Which host key the SSH server {host} must have is not known. It has shown {found} ({keyType}).',
    mend: "Compare the fingerprint with the SSH server's owner, by another way than this, and put it into the form.",
    retryable: false,
  },
  TUNNEL_HOST_KEY_CHANGED: {
    title: 'SSH server has another host key',
    origin: 'NETWORK',
    message: 'The SSH server {host} has shown the host key {found}, not {expected}. No credentials were sent.',
    mend: 'Either the server was set up anew, or somebody poses as it. Ask its owner before changing the fingerprint.',
    retryable: false,
  },
  TUNNEL_HANDSHAKE_FAILED: {
    title: 'SSH connection could not be set up',
    origin: 'NETWORK',
    message: 'The SSH handshake with {host} failed.',
    mend: 'The two sides may have no algorithm in common: the detail names them. SHA-1, CBC and DSA are not used.',
    retryable: false,
  },
  TUNNEL_TIMED_OUT: {
    title: 'SSH tunnel took too long',
    origin: 'NETWORK',
    message: 'The SSH server {host}:{port} did not finish setting up the tunnel within {seconds} s.',
    mend: "Try again; if it stays so, look in the SSH server's log.",
    retryable: true,
    signIn: { TUNNEL: 'UNKNOWN' },
  },
  TUNNEL_CLOSED: {
    title: 'SSH connection was cut',
    origin: 'NETWORK',
    message: 'The connection to the SSH server {host} was cut, and what went through it with it.',
    mend: "Try again; if it stays so, look in the SSH server's log, and for firewalls that end connections.",
    retryable: true,
  },
  TUNNEL_CREDENTIALS_REJECTED: {
    title: 'SSH server rejected the credentials',
    origin: 'SOURCE',
    message: 'The SSH server {host} rejected the credentials for "{username}".',
    mend: "Check the SSH user name and its password, or that its authorized keys hold this key's public half.",
    retryable: false,
    signIn: { TUNNEL: 'REFUSED' },
  },
  TUNNEL_AUTH_METHOD_UNSUPPORTED: {
    title: 'SSH server wants another way of signing in',
    origin: 'SOURCE',
    message: 'The SSH server {host} does not let "{username}" sign in this way; what it takes is {methods}.',
    mend: 'Choose another SSH sign-in in the form, or let an administrator allow this one. A second factor cannot be given.',
    retryable: false,
  },
  TUNNEL_KEY_UNREADABLE: {
    title: 'SSH private key cannot be used',
    origin: 'FORM',
    message: 'The private key for the SSH server {host} cannot be opened. Nothing was sent.',
    mend: 'Give the private key again, and the passphrase that belongs to it.',
    retryable: false,
  },
  TUNNEL_FORWARDING_REFUSED: {
    title: 'SSH server may not forward there',
    origin: 'SOURCE',
    message: 'The SSH server {tunnel} does not forward this account to {host}:{port}.',
    mend: 'Let its administrator allow forwarding: AllowTcpForwarding and PermitOpen of sshd, or options of the authorized key.',
    retryable: false,
    signIn: throughTunnel,
  },
  TUNNEL_TARGET_NOT_FOUND: {
    title: 'SSH server does not know the host',
    origin: 'NETWORK',
    message: 'The SSH server {tunnel} knows no address for the host name "{host}".',
    mend: 'Behind a tunnel the host is looked up by the SSH server: give the name or address as it is known there.',
    retryable: false,
    signIn: throughTunnel,
  },
  TUNNEL_TARGET_REFUSED: {
    title: 'Nothing listens on this port, seen from the SSH server',
    origin: 'NETWORK',
    message: '{host} refused the connection of the SSH server {tunnel} on port {port}.',
    mend: 'Check host and port as they are seen from the SSH server, and that the data source is running.',
    retryable: true,
    signIn: throughTunnel,
  },
  TUNNEL_TARGET_UNREACHABLE: {
    title: 'SSH server cannot reach the host',
    origin: 'NETWORK',
    message: 'The SSH server {tunnel} could not connect to {host}:{port}.',
    mend: 'Check host and port as they are seen from the SSH server, and the network between the two.',
    retryable: true,
    signIn: throughTunnel,
  },
  TUNNEL_TARGET_TIMED_OUT: {
    title: 'No answer from the host, seen from the SSH server',
    origin: 'NETWORK',
    message: '{host} did not answer the SSH server {tunnel} on port {port} within {seconds} s.',
    mend: 'Usually a firewall or a security group: let the SSH server in on this port of the data source.',
    retryable: true,
    signIn: throughTunnel,
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
  PROTOCOL_VIOLATION: {
    title: 'Server breaks the rules of its protocol',
    origin: 'SOURCE',
    message: '{host}:{port} does not keep to the {expected} protocol: {fault}.',
    mend: 'Check host and port. If they are right, something in between changes what is sent, or the server is broken.',
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
    message: 'The certificate "{subject}" cannot be used: {reason}.',
    mend: "The server's owner must install a certificate that is meant for servers, issued by an authority.",
    retryable: false,
  },
  TLS_CERTIFICATE_WEAK: {
    title: 'Certificate is too weak',
    origin: 'SOURCE',
    message: 'The certificate "{subject}" is no longer safe: {weakness}.',
    mend: 'It must be issued anew, with an RSA key of 2048 bits or more or an EC key, and signed with SHA-256 or better.',
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
    message: 'The TLS handshake with {host} failed: {reason}.',
    mend: 'Check host and port, and how TLS is set up in the server; its log says what it did not like.',
    retryable: false,
  },
  TLS_VERSION_UNSUPPORTED: {
    title: 'Server speaks only outdated TLS',
    origin: 'SOURCE',
    message: '{host} offers no version of TLS that is still safe; TLS 1.2 or newer is required.',
    mend: "The server's owner must turn TLS 1.2 or 1.3 on.",
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
  CLIENT_CERTIFICATE_EXPIRED: {
    title: 'Client certificate has expired',
    origin: 'FORM',
    message: 'The client certificate "{subject}" expired on {validTo}; a server that asks for it will refuse it.',
    mend: 'Give a new client certificate with its key.',
    retryable: false,
  },
  CLIENT_KEY_UNUSABLE: {
    title: 'Client certificate and key cannot be used',
    origin: 'FORM',
    message: 'The client certificate and its key cannot be used: {reason}.',
    mend: 'Give certificate, key and passphrase again, all of the same pair.',
    retryable: false,
  },
  CERTIFICATE_EXPIRES_SOON: {
    title: 'Certificate expires soon',
    origin: 'SOURCE',
    message: '{which} "{subject}" expires on {validTo}.',
    mend: "Have it renewed in time: the server's by its owner, your own in the form.",
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
    signIn: { TUNNEL: 'ACCEPTED', SIGN_IN: 'REFUSED' },
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
    signIn: { TUNNEL: 'ACCEPTED', SIGN_IN: 'UNKNOWN' },
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
    signIn: signedIn,
  },
  STATEMENT_TIMED_OUT: {
    title: 'Statement took too long',
    origin: 'SOURCE',
    message: 'The statement was stopped after {seconds} s.',
    mend: 'Make the statement cheaper, or raise the statement time limit in the form.',
    retryable: true,
    signIn: signedIn,
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
    signIn: atAnyStep,
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
    signIn: signedIn,
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
    signIn: signedIn,
  },
  RESULT_TOO_LARGE: {
    title: 'Result is too large',
    origin: 'POLICY',
    message: 'The result is larger than {limit}.',
    mend: 'Ask for fewer or smaller columns or rows.',
    retryable: false,
    signIn: signedIn,
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
    signIn: atAnyStep,
  },
  MEMORY_EXCEEDED: {
    title: 'Operation took too much memory',
    origin: 'PATCHBAY',
    message: 'The operation took more memory than one may use and was stopped.',
    mend: 'Ask for fewer or smaller columns or rows. If a connection test says this, the server probably sends far more than it should: check its address and its log.',
    retryable: false,
    signIn: atAnyStep,
  },
  DEADLINE_EXCEEDED: {
    title: 'Operation was stopped at its deadline',
    origin: 'PATCHBAY',
    message: 'The operation did not end by itself within {seconds} s and was stopped.',
    mend: "Try again; if it stays so, report it to Patchbay's operator.",
    retryable: true,
    signIn: atAnyStep,
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
    signIn: atAnyStep,
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
