import type { ProblemCode } from '../problem-table.ts'

/** What the shared steps may report, for the lists of the types that have them. */

export const networkProblems = [
  'HOST_NOT_FOUND',
  'NAME_RESOLUTION_FAILED',
  'NAME_RESOLUTION_TIMED_OUT',
  'EGRESS_DENIED',
  'CONNECTION_REFUSED',
  'CONNECTION_TIMED_OUT',
  'NETWORK_UNREACHABLE',
  'CONNECTION_RESET',
] as const satisfies readonly ProblemCode[]

export const tunnelProblems = [
  'TUNNEL_HOST_KEY_UNKNOWN',
  'TUNNEL_HOST_KEY_CHANGED',
  'TUNNEL_HANDSHAKE_FAILED',
  'TUNNEL_TIMED_OUT',
  'TUNNEL_CLOSED',
  'TUNNEL_CREDENTIALS_REJECTED',
  'TUNNEL_AUTH_METHOD_UNSUPPORTED',
  'TUNNEL_KEY_UNREADABLE',
  'TUNNEL_FORWARDING_REFUSED',
  'TUNNEL_TARGET_NOT_FOUND',
  'TUNNEL_TARGET_REFUSED',
  'TUNNEL_TARGET_UNREACHABLE',
  'TUNNEL_TARGET_TIMED_OUT',
] as const satisfies readonly ProblemCode[]

/** Where TLS is never turned off by the form, the server is always verified, and no client certificate is shown. */
export const verifiedTlsProblems = [
  'TLS_DISABLED_BY_POLICY',
  'TLS_CERTIFICATE_UNTRUSTED',
  'TLS_CERTIFICATE_SELF_SIGNED',
  'TLS_INTERMEDIATE_MISSING',
  'TLS_CERTIFICATE_EXPIRED',
  'TLS_CERTIFICATE_NOT_YET_VALID',
  'TLS_CERTIFICATE_UNUSABLE',
  'TLS_CERTIFICATE_WEAK',
  'TLS_NAME_MISMATCH',
  'TLS_HANDSHAKE_FAILED',
  'TLS_VERSION_UNSUPPORTED',
  'TLS_TIMED_OUT',
  'CLIENT_CERTIFICATE_REQUIRED',
  'CERTIFICATE_EXPIRES_SOON',
  'CONNECTION_NOT_ENCRYPTED',
] as const satisfies readonly ProblemCode[]

export const tlsProblems = [
  ...verifiedTlsProblems,
  'TLS_NOT_OFFERED',
  'CLIENT_CERTIFICATE_EXPIRED',
  'CLIENT_KEY_UNUSABLE',
  'SERVER_NOT_VERIFIED',
] as const satisfies readonly ProblemCode[]
