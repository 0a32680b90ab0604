import { createPrivateKey, type KeyObject } from 'node:crypto'
import { derInteger, derMembers, derOid, derSequence, derTags, keyOids } from './der.ts'
import { describeForeignText } from './foreign-text.ts'
import { cutOff, isEncryptedKey, type PemBlock, pemBlocks } from './pem.ts'

export const keyIsEncrypted = 'This key is encrypted; give its passphrase too.'
export const passphraseIsWrong = 'The passphrase does not open this key.'
const unreadable = 'This private key cannot be read.'
const tooLong = 'This private key is longer than any in use: give an RSA key of 4096 bits or less, or an EC key.'
/** The code for encryption that OpenSSL no longer knows, whatever the passphrase is. */
export const cipherIsUnknown = 'ERR_OSSL_EVP_UNSUPPORTED'
const wrongKind = 'Keys of this kind are not used for TLS: give an RSA, EC or Ed25519 key.'
const tooCostly =
  'This key is encrypted with too many rounds to be opened here. Encrypt it again: openssl pkcs8 -topk8 -in file'

/** The private key of repaired PEM text; a string says what is wrong with it or its passphrase. */
export function readPrivateKey(pem: string, passphrase: string | undefined): KeyObject | string {
  const block = keyBlock(pem)
  if (typeof block === 'string') return block
  const refusal = refusalOf(block)
  if (refusal !== null) return refusal
  try {
    const key = `-----BEGIN ${block.name}-----${block.body}-----END ${block.name}-----\n`
    return createPrivateKey(passphrase === undefined ? { key } : { key, passphrase })
  } catch (error) {
    const { code } = error as { code?: string }
    if (code === 'ERR_MISSING_PASSPHRASE' || code === 'ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED') {
      return keyIsEncrypted
    }
    // With a wrong passphrase one key in 256 comes out as something, which is then no key.
    const isTried = passphrase !== undefined && isEncryptedKey(pem) && code !== cipherIsUnknown
    return isTried ? passphraseIsWrong : unreadable
  }
}

/** The one block with a key; `openssl ecparam` writes the curve's parameters before it, which the key repeats. */
function keyBlock(pem: string): PemBlock | string {
  const blocks = pemBlocks(pem)
  if (blocks === null) return cutOff
  if (blocks.length === 0) {
    return (
      describeForeignText(pem) ??
      'Give the private key as PEM text, beginning with "-----BEGIN PRIVATE KEY-----"; not a file name.'
    )
  }
  const [key, ...others] = blocks.filter(({ name }) => name !== 'EC PARAMETERS')
  if (!key?.name.endsWith('PRIVATE KEY') && !others.some(({ name }) => name.endsWith('PRIVATE KEY'))) {
    return key?.name === 'CERTIFICATE'
      ? 'This is a certificate; its private key belongs here.'
      : 'There is no private key in this text.'
  }
  if (!key || others.length > 0) return 'Give one private key and nothing else; certificates have their own field.'
  return key
}

/** What a key of the parent process may cost: reading some takes hours, and nothing else happens meanwhile. */
const maxKeyLength = 8_192
const maxEncryptedBytes = 3_600
/** Of PBKDF2: as many as are advised for passwords, a quarter of a second with SHA-256. OpenSSL uses 2,048 unless told otherwise. */
const maxRounds = 600_000
/** N * r * p: four times what OpenSSL uses. */
const maxScryptCost = 2 ** 19

const algorithms = new Set<string>([
  keyOids.rsa,
  '1.2.840.113549.1.1.10', // RSA for PSS only
  keyOids.ec,
  keyOids.ed25519,
  '1.3.101.113', // Ed448
])

/** Why a key is not even tried; null when it may be. Looks only at what is in the clear. */
function refusalOf({ name, body }: PemBlock): string | null {
  if (body.length > maxKeyLength) return tooLong
  switch (name) {
    case 'RSA PRIVATE KEY':
    case 'EC PRIVATE KEY': {
      if (/^\s*Proc-Type/.test(body)) return body.length * 0.75 > maxEncryptedBytes ? tooLong : null
      // OpenSSL reads what is there, whatever the block's name promises.
      const second = membersOf(body)[1]?.tag
      return second === (name === 'RSA PRIVATE KEY' ? derTags.integer : derTags.octets) ? null : unreadable
    }
    case 'PRIVATE KEY': {
      const [version, algorithm] = membersOf(body)
      if (Number.isNaN(derInteger(version))) return unreadable
      return algorithms.has(derOid(derMembers(algorithm)[0])) ? null : wrongKind
    }
    case 'ENCRYPTED PRIVATE KEY':
      return encryptionRefusal(body)
    case 'OPENSSH PRIVATE KEY':
      return "This key is in OpenSSH's own format. Convert a copy of it: ssh-keygen -p -m PEM -f copy-of-the-key"
    default:
      return wrongKind
  }
}

/** Kinds beyond RSA and EC are computed with as soon as they are read: below this, in characters, within moments. */
const maxOtherKeyLength = 3_000

/** Whether only to read a key, opened or not, would keep this process busy for seconds, or for hours. */
export function isCostlyKey(pem: string): boolean {
  const blocks = pemBlocks(pem) ?? []
  return blocks.some(block => {
    const refusal = refusalOf({ ...block, body: block.body.trim() })
    if (block.name === 'ENCRYPTED PRIVATE KEY') return refusal === tooCostly || refusal === tooLong
    const hasOtherContent = refusal === wrongKind || refusal === unreadable || refusal === tooLong
    return hasOtherContent && block.body.length > maxOtherKeyLength && !isRsaKey(block)
  })
}

/** An RSA key costs nothing to read, however long it is. */
function isRsaKey({ name, body }: PemBlock): boolean {
  const [, second] = membersOf(body)
  const isPlain = name === 'RSA PRIVATE KEY' && second?.tag === derTags.integer
  return isPlain || (name === 'PRIVATE KEY' && derOid(derMembers(second)[0]) === keyOids.rsa)
}

const membersOf = (body: string) => derSequence(Buffer.from(body, 'base64'))

/** RFC 5208 section 6: the encryption's algorithm, then the encrypted key. */
function encryptionRefusal(body: string): string | null {
  const [encryption, data] = membersOf(body)
  const [scheme, parameters] = derMembers(encryption)
  if (!data) return unreadable
  // Whatever is inside is computed with as soon as it is open.
  if (data.body.length > maxEncryptedBytes) return tooLong
  const [derivation] = derMembers(parameters)
  const isPbes2 = derOid(scheme) === keyOids.pbes2
  const [kind, settings] = isPbes2 ? derMembers(derivation) : [scheme, parameters]
  const [, rounds, blockSize, parallel] = derMembers(settings).map(derInteger)
  const isScrypt = derOid(kind) === '1.3.6.1.4.1.11591.4.11'
  const cost = isScrypt ? (rounds ?? Number.NaN) * (blockSize ?? Number.NaN) * (parallel ?? Number.NaN) : rounds
  if (cost === undefined || Number.isNaN(cost)) return unreadable
  return cost > (isScrypt ? maxScryptCost : maxRounds) ? tooCostly : null
}
