import type { CipherAlgorithm, KexAlgorithm, MacAlgorithm, ServerHostKeyAlgorithm } from 'ssh2'

/** What a server offers in its SSH_MSG_KEXINIT (RFC 4253 section 7.1), of what may differ from ours. */
export interface SshOffer {
  readonly keyExchanges: readonly string[]
  readonly hostKeys: readonly string[]
  readonly ciphers: readonly string[]
  readonly macs: readonly string[]
}

/**
 * What OpenSSH's client accepts by default, as far as `ssh2` knows it, in its order but for AES-GCM before ChaCha20,
 * which is slower here. No SHA-1, no CBC, no DSA, and nothing that OpenSSH has switched off. No compression.
 */
export const acceptedKeyExchanges: readonly KexAlgorithm[] = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group-exchange-sha256',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
  'diffie-hellman-group14-sha256',
]

export const acceptedHostKeys: readonly ServerHostKeyAlgorithm[] = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
]

export const acceptedCiphers: readonly CipherAlgorithm[] = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
]

export const acceptedMacs: readonly MacAlgorithm[] = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
]

/** Ciphers that authenticate by themselves: with one of them no MAC is needed. */
const authenticating = new Set<string>(acceptedCiphers.slice(0, 3))

export interface Disagreement {
  /** In the middle of a sentence: "key exchange". */
  readonly about: string
  readonly offered: readonly string[]
  readonly accepted: readonly string[]
}

/** The first thing on which the two sides have nothing in common; null when they can go on. */
export function disagreement(offer: SshOffer): Disagreement | null {
  const [keyExchange, hostKey, cipher, mac] = [
    { about: 'key exchange', offered: offer.keyExchanges, accepted: acceptedKeyExchanges },
    { about: 'host key', offered: offer.hostKeys, accepted: acceptedHostKeys },
    { about: 'cipher', offered: offer.ciphers, accepted: acceptedCiphers },
    { about: 'message authentication', offered: offer.macs, accepted: acceptedMacs },
  ] as const
  for (const entry of [keyExchange, hostKey, cipher]) if (!common(entry)) return entry
  const chosen = common(cipher)
  return chosen !== undefined && (authenticating.has(chosen) || common(mac)) ? null : mac
}

const common = ({ offered, accepted }: Disagreement): string | undefined =>
  accepted.find(name => offered.includes(name))

/** Host key algorithms by the kind of key that they stand for: a server has at most one key of each. */
export const hostKeyKind = (algorithm: string): string => (algorithm.startsWith('rsa-') ? 'ssh-rsa' : algorithm)
