import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import ssh2 from 'ssh2'

export interface SshKeyPair {
  /** As text, in the format that the pair is named after. */
  readonly privateKey: string
  /** In OpenSSH's one-line format. */
  readonly publicKey: string
  readonly passphrase?: string
}

const curves = { 256: 'P-256', 384: 'P-384', 521: 'P-521' } as const

/** The one-line format of a key that Node made: ssh2 reads a public key in PEM. */
function publicLine(key: KeyObject): string {
  const jwk = key.export({ format: 'jwk' })
  const string = (bytes: Buffer | string) => {
    const head = Buffer.alloc(4)
    head.writeUInt32BE(Buffer.from(bytes).length)
    return Buffer.concat([head, Buffer.from(bytes)])
  }
  const number = (text = '') => {
    const bytes = Buffer.from(text, 'base64url')
    return string((bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes)
  }
  const coordinates = () =>
    Buffer.concat([Buffer.from([4]), Buffer.from(jwk.x ?? '', 'base64url'), Buffer.from(jwk.y ?? '', 'base64url')])
  const line = (type: string, ...parts: readonly Buffer[]) =>
    `${type} ${Buffer.concat([string(type), ...parts]).toString('base64')}`
  if (jwk.kty === 'RSA') return line('ssh-rsa', number(jwk.e), number(jwk.n))
  if (jwk.kty === 'OKP') return line('ssh-ed25519', string(Buffer.from(jwk.x ?? '', 'base64url')))
  const curve = `nistp${jwk.crv?.slice(2)}`
  return line(`ecdsa-sha2-${curve}`, string(curve), string(coordinates()))
}

type NodeKind = 'ed25519' | 'rsa' | 256 | 384 | 521

function nodePair(kind: NodeKind) {
  if (kind === 'ed25519') return generateKeyPairSync('ed25519')
  if (kind === 'rsa') return generateKeyPairSync('rsa', { modulusLength: 2048 })
  return generateKeyPairSync('ec', { namedCurve: curves[kind] })
}

/** A key as `openssl` writes it: `pkcs1` for RSA, `sec1` for elliptic curves, `pkcs8` for all. */
export function pemKey(kind: NodeKind, type: 'pkcs1' | 'sec1' | 'pkcs8', passphrase?: string): SshKeyPair {
  const { privateKey, publicKey } = nodePair(kind)
  const cipher = passphrase === undefined ? {} : { cipher: 'aes-256-cbc', passphrase }
  return {
    privateKey: privateKey.export({ type: type as 'pkcs8', format: 'pem', ...cipher }).toString(),
    publicKey: publicLine(publicKey),
    ...(passphrase !== undefined && { passphrase }),
  }
}

/** A key as `ssh-keygen` writes it by itself. */
export function opensshKey(
  kind: 'ed25519' | 'rsa' | 256 | 384 | 521,
  options: { readonly passphrase?: string; readonly rounds?: number; readonly bits?: number } = {},
): SshKeyPair {
  const { passphrase, rounds = 16, bits = 2048 } = options
  const type = typeof kind === 'number' ? 'ecdsa' : kind
  const size = typeof kind === 'number' ? { bits: kind } : kind === 'rsa' ? { bits } : {}
  const secret = passphrase === undefined ? {} : { passphrase, rounds, cipher: 'aes256-ctr' }
  const pair = generate(type, { ...size, ...secret })
  return { privateKey: pair.private, publicKey: pair.public, ...(passphrase !== undefined && { passphrase }) }
}

/** ssh2 drops zeros at the beginning of an Ed25519 key, one time in 128; nobody can read what comes of it. */
function generate(
  type: string,
  options: { readonly passphrase?: string },
): { readonly private: string; readonly public: string } {
  for (;;) {
    const pair = ssh2.utils.generateKeyPairSync(type as 'rsa', options as never)
    if (!(ssh2.utils.parseKey(pair.private, options.passphrase) instanceof Error)) return pair
  }
}
