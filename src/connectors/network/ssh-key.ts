import { createPrivateKey, type KeyObject } from 'node:crypto'
import { derInteger, derMembers, derOid, derSequence, keyOids } from './der.ts'
import { isEncryptedKey, pemBlocks, repairPem } from './pem.ts'
import { cipherIsUnknown, isCostlyKey, passphraseIsWrong } from './private-key.ts'
import { readOpenSshKey } from './ssh-openssh-key.ts'

/** PEM as `openssl` and `ssh-keygen -m` write it, or the format that ssh-keygen writes by itself. */
export type SshKeyFormat = 'PEM' | 'OPENSSH'

export const unreadable = 'This private key cannot be read.'

const minRsaBits = 2_048
const maxRsaBits = 16_384

/** How much work a passphrase may cost to try, by PBKDF2's count: beyond the first only in the connector host. */
const maxIterationsHere = 50_000
const maxIterations = 1_000_000

/** Mends what copying does to a private key and leaves out what openssl writes beside it, such as EC PARAMETERS. */
export function repairSshKey(text: string): string {
  const repaired = repairPem(text)
  const keys = repaired.match(/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----\n[\s\S]*?-----END [A-Z0-9 ]*PRIVATE KEY-----\n/g)
  return keys?.length === 1 && keys[0] ? keys[0] : repaired
}

export const sshKeyFormat = (pem: string): SshKeyFormat =>
  pem.includes('BEGIN OPENSSH PRIVATE KEY') ? 'OPENSSH' : 'PEM'

/** What is wrong with a repaired private key, as far as can be said without its passphrase, or null. */
export function sshKeyIssue(pem: string): string | null {
  const other = notAPrivateKey(pem)
  if (other !== null) return other
  if ((pem.match(/-----BEGIN /g) ?? []).length > 1) return 'Give one private key, and nothing else beside it.'
  if (sshKeyFormat(pem) === 'OPENSSH') {
    const key = readOpenSshKey(pem)
    return typeof key === 'string' ? key : typeIssue(key.type, key.rsaBits)
  }
  if (isEncryptedKey(pem)) return encryptionIssue(pem)
  // Before it is read: keys of other kinds are computed with as soon as they are.
  const kindIssue = pkcs8KindIssue(pem)
  if (kindIssue !== null) return kindIssue
  const key = openPem(pem, undefined)
  return typeof key === 'string' ? key : pemTypeIssue(key)
}

/** Whether a private key without issues is encrypted. */
export function isEncryptedSshKey(pem: string): boolean {
  if (sshKeyFormat(pem) === 'PEM') return isEncryptedKey(pem)
  const key = readOpenSshKey(pem)
  return typeof key !== 'string' && key.isEncrypted
}

/**
 * What is wrong with an encrypted key and its passphrase, and with which of the two; null when nothing is, or when
 * trying it would keep this process busy: OpenSSH's format takes a quarter of a second. The connector host tries it then.
 */
export function passphraseIssue(
  pem: string,
  passphrase: string,
): { readonly field: 'privateKey' | 'passphrase'; readonly message: string } | null {
  if (sshKeyFormat(pem) === 'OPENSSH') return null
  const iterations = pkcs8Iterations(pem)
  if (iterations !== null && iterations > maxIterationsHere) return null
  const key = openPem(pem, passphrase)
  if (typeof key === 'string') return { field: 'passphrase', message: key }
  const message = pemTypeIssue(key)
  return message === null ? null : { field: 'privateKey', message }
}

/** Opens a key in PEM; a string says why that is not possible. */
export function openPem(pem: string, passphrase: string | undefined): KeyObject | string {
  // Some keys take hours only to be read, and the process that judges forms would stand still.
  if (isCostlyKey(pem)) return unreadable
  try {
    return createPrivateKey(passphrase === undefined ? { key: pem } : { key: pem, passphrase })
  } catch (error) {
    const { code } = error as { code?: string }
    // With a wrong passphrase one key in 256 comes out as something, which is then no key.
    return passphrase === undefined || code === cipherIsUnknown ? unreadable : passphraseIsWrong
  }
}

function notAPrivateKey(text: string): string | null {
  if (/^PuTTY-User-Key-File/.test(text)) {
    return 'This is a PuTTY key; export it in PuTTYgen: Conversions, Export OpenSSH key.'
  }
  if (/^(ssh|ecdsa|sk-ssh|sk-ecdsa)-[a-z0-9@.-]*-cert-v01@openssh\.com\s/.test(text)) {
    return 'This is an SSH certificate; give the private key, the file without "-cert.pub". Certificates are not supported.'
  }
  if (/^(ssh-|ecdsa-|sk-ssh-|sk-ecdsa-)/.test(text) || /BEGIN (SSH2 |RSA )?PUBLIC KEY/.test(text)) {
    return 'This is the public key; give the private key, the file without ".pub".'
  }
  if (/BEGIN CERTIFICATE/.test(text)) return 'This is a certificate; give the private key.'
  if (/BEGIN DSA PRIVATE KEY/.test(text)) return typeIssue('ssh-dss', null)
  if (!/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.test(text)) {
    return 'Give the private key itself, beginning with "-----BEGIN OPENSSH PRIVATE KEY-----" or the like; not a file name.'
  }
  return null
}

/** `type` as SSH names it. */
function typeIssue(type: string, rsaBits: number | null): string | null {
  if (type === 'ssh-dss') return 'DSA keys are no longer accepted by SSH servers; use an Ed25519 key.'
  if (type.startsWith('sk-')) return 'This key works only together with its security device; use an Ed25519 key.'
  if (type === 'ssh-rsa') {
    if (rsaBits === null || rsaBits > maxRsaBits) return unreadable
    return rsaBits < minRsaBits
      ? `This RSA key has only ${rsaBits} bits; use one of at least ${minRsaBits} bits, or an Ed25519 key.`
      : null
  }
  if (/^(ssh-ed25519|ecdsa-sha2-nistp(256|384|521))$/.test(type)) return null
  return 'This kind of key is not supported; use Ed25519, ECDSA (P-256, P-384, P-521) or RSA.'
}

const sshCurves: Readonly<Record<string, string>> = {
  prime256v1: 'ecdsa-sha2-nistp256',
  secp384r1: 'ecdsa-sha2-nistp384',
  secp521r1: 'ecdsa-sha2-nistp521',
}

function pemTypeIssue({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): string | null {
  switch (asymmetricKeyType) {
    case 'rsa':
      return typeIssue('ssh-rsa', asymmetricKeyDetails?.modulusLength ?? null)
    case 'dsa':
      return typeIssue('ssh-dss', null)
    case 'ed25519':
      return null
    default:
      return typeIssue(sshCurves[asymmetricKeyDetails?.namedCurve ?? ''] ?? '', null)
  }
}

const pkcs8Kinds = new Set<string>([keyOids.rsa, keyOids.ec, keyOids.ed25519])
const dsa = '1.2.840.10040.4.1'

/** What is wrong with the kind that an unencrypted PKCS #8 key (RFC 5208 section 5) says that it is of; null for other formats. */
function pkcs8KindIssue(pem: string): string | null {
  const [block] = pemBlocks(pem) ?? []
  if (block?.name !== 'PRIVATE KEY') return null
  const [, algorithm] = derSequence(Buffer.from(block.body, 'base64'))
  const kind = derOid(derMembers(algorithm)[0])
  if (pkcs8Kinds.has(kind)) return null
  if (kind === '') return unreadable
  return typeIssue(kind === dsa ? 'ssh-dss' : '', null)
}

/** Whoever made the key chose what opening it costs; only PBKDF2's costs can be told beforehand. */
function encryptionIssue(pem: string): string | null {
  if (!pem.includes('BEGIN ENCRYPTED PRIVATE KEY')) return null
  const iterations = pkcs8Iterations(pem)
  if (iterations === null) {
    return 'This key is encrypted in a way that is not supported; let "ssh-keygen -p" write it anew.'
  }
  return iterations > maxIterations
    ? `This key was encrypted with ${iterations} rounds; at most ${maxIterations} are supported.`
    : null
}

const pbkdf2 = '1.2.840.113549.1.5.12'

/** The iterations of PBKDF2 in an EncryptedPrivateKeyInfo (RFC 5958, RFC 8018); null when it is none, or not by PBKDF2. */
function pkcs8Iterations(pem: string): number | null {
  const [block] = pemBlocks(pem) ?? []
  const [encryption] = derSequence(Buffer.from(block?.body ?? '', 'base64'))
  const [scheme, parameters] = derMembers(encryption)
  const [kind, settings] = derMembers(derMembers(parameters)[0])
  if (derOid(scheme) !== keyOids.pbes2 || derOid(kind) !== pbkdf2) return null
  const iterations = derInteger(derMembers(settings)[1])
  return Number.isNaN(iterations) ? null : iterations
}
