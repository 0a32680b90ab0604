import type { SshTunnelConfig } from '../blocks/ssh-tunnel.ts'
import { endpointName, sshTunnelKey } from '../blocks/ssh-tunnel.ts'
import type { Endpoint } from '../define.ts'
import { type Problem, problem, type Remedy } from '../problem.ts'
import type { ChannelRefusedError, HostKey, SshFailure } from './ssh-failure.ts'

const path = (name: string) => `${sshTunnelKey}.${name}`
export const tunnelFields = { host: path('host'), port: path('port') } as const
const endpointFields = [tunnelFields.host, tunnelFields.port]
const fingerprintField = path('hostKeyFingerprint')

const secretField = ({ auth }: SshTunnelConfig): string =>
  path(auth.password ? 'auth.password.password' : 'auth.privateKey.privateKey')

/** Why there is no tunnel, in terms of the form's tunnel block. */
export function sshProblem(failure: SshFailure, tunnel: SshTunnelConfig): Problem {
  const { host, port, username } = tunnel
  const params = { host, port, username }
  switch (failure.kind) {
    case 'WRONG_PROTOCOL':
      return problem('WRONG_PROTOCOL', {
        params: { host, port, expected: 'SSH', found: failure.found },
        fields: endpointFields,
      })
    case 'CLOSED':
      return tunnelClosed(failure.detail, tunnel)
    case 'HANDSHAKE':
      return problem('TUNNEL_HANDSHAKE_FAILED', { params, detail: failure.detail, fields: endpointFields })
    case 'DISAGREEMENT': {
      const { about, offered, accepted } = failure.about
      const detail = `No common ${about}. The server offers ${offered.join(', ') || 'nothing'}; Patchbay accepts ${accepted.join(', ')}.`
      return problem('TUNNEL_HANDSHAKE_FAILED', { params: { ...params, about }, detail, fields: endpointFields })
    }
    case 'HOST_KEY_REFUSED':
      return hostKeyChanged(failure.hostKey, tunnel)
    case 'CREDENTIALS_REJECTED': {
      const field = secretField(tunnel)
      return problem('TUNNEL_CREDENTIALS_REJECTED', {
        params,
        detail: failure.detail,
        fields: [field, path('username')],
        remedies: [{ kind: 'REENTER_SECRET', title: 'Type the SSH credentials again', field }],
      })
    }
    case 'METHOD_UNSUPPORTED':
      return problem('TUNNEL_AUTH_METHOD_UNSUPPORTED', {
        params: { ...params, methods: failure.offered.join(', ') || 'nothing' },
        detail: failure.detail,
        fields: [path('auth')],
      })
  }
}

/** The stored private key cannot be used; `reason` is a sentence. */
export function keyUnreadable(reason: string, tunnel: SshTunnelConfig): Problem {
  const hasPassphrase = tunnel.auth.privateKey?.passphrase !== undefined
  const fields = [path('auth.privateKey.privateKey')]
  if (hasPassphrase) fields.unshift(path('auth.privateKey.passphrase'))
  return problem('TUNNEL_KEY_UNREADABLE', {
    params: { host: tunnel.host },
    detail: reason,
    fields,
    remedies: fields
      .slice(0, 1)
      .map(field => ({ kind: 'REENTER_SECRET', title: 'Give the key and its passphrase again', field })),
  })
}

const expectKey = ({ fingerprint }: HostKey): Remedy => ({
  kind: 'SET_FIELD',
  title: `Expect this host key, after checking with the SSH server's owner that its fingerprint is ${fingerprint}`,
  field: fingerprintField,
  value: fingerprint,
})

export const hostKeyUnknown = (key: HostKey, { host, port }: Endpoint): Problem =>
  problem('TUNNEL_HOST_KEY_UNKNOWN', {
    params: { host, port, found: key.fingerprint, keyType: key.type },
    fields: [fingerprintField],
    remedies: [expectKey(key)],
  })

function hostKeyChanged(key: HostKey, { host, port, hostKeyFingerprint }: SshTunnelConfig): Problem {
  return problem('TUNNEL_HOST_KEY_CHANGED', {
    params: { host, port, expected: hostKeyFingerprint ?? '', found: key.fingerprint, keyType: key.type },
    fields: [fingerprintField, ...endpointFields],
    remedies: [expectKey(key)],
  })
}

/** The SSH connection broke, whatever was going on in it. */
export const tunnelClosed = (detail: string, { host, port }: Endpoint): Problem =>
  problem('TUNNEL_CLOSED', { params: { host, port }, detail, fields: endpointFields })

/** TUNNEL used up its budget; `greeted` says whether the server has said that it is one. */
export function tunnelTimedOut(greeted: boolean, seconds: number, { host, port }: Endpoint): Problem {
  return problem(greeted ? 'TUNNEL_TIMED_OUT' : 'NO_GREETING', {
    params: { host, port, seconds },
    fields: endpointFields,
  })
}

const targetFields = ['host', 'port']

export const targetTimedOut = (seconds: number, tunnel: Endpoint, { host, port }: Endpoint): Problem =>
  problem('TUNNEL_TARGET_TIMED_OUT', {
    params: { host, port, seconds, tunnel: endpointName(tunnel) },
    fields: targetFields,
  })

/** RFC 4254 section 5.1. */
const connectFailed = 2

/** The words in which OpenSSH, Dropbear, libssh, Go and others pass on why a connection failed on their side. */
const targetRules = [
  [
    /not known|no such host|name resolution|error resolving|unknown host|no address|nodename|getaddrinfo|ENOTFOUND|EAI_/i,
    'TUNNEL_TARGET_NOT_FOUND',
  ],
  [/refused/i, 'TUNNEL_TARGET_REFUSED'],
  [/timed? ?out/i, 'TUNNEL_TARGET_TIMED_OUT'],
] as const

/** Why the SSH server did not connect to the target: its own rules, or what it found there. */
export function channelProblem(
  error: ChannelRefusedError,
  tunnel: Endpoint,
  { host, port }: Endpoint,
  seconds: number,
): Problem {
  const params = { host, port, tunnel: endpointName(tunnel), seconds }
  const detail = error.description === '' ? null : error.description
  if (error.reason !== connectFailed) {
    return problem('TUNNEL_FORWARDING_REFUSED', { params, detail, fields: [...endpointFields, ...targetFields] })
  }
  const code = targetRules.find(([words]) => words.test(error.description))?.[1] ?? 'TUNNEL_TARGET_UNREACHABLE'
  return problem(code, { params, detail, fields: code === 'TUNNEL_TARGET_NOT_FOUND' ? ['host'] : targetFields })
}
