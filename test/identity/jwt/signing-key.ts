import { createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

/** Signs anything, unlike libraries that make tokens. */
export interface SigningKey {
  readonly alg: string
  readonly kid: string
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** As a provider publishes it. */
  readonly jwk: { readonly [name: string]: unknown }
  signatureOf(data: string): Buffer
}

const curves: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }

export function newSigningKey(alg: string, kid: string, bits = 2048): SigningKey {
  const { publicKey, privateKey } = newPair(alg, bits)
  return {
    alg,
    kid,
    privateKey,
    publicKey,
    jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' },
    signatureOf: data => signAs(alg, data, privateKey),
  }
}

function newPair(alg: string, bits: number): { readonly publicKey: KeyObject; readonly privateKey: KeyObject } {
  if (/^[RP]S/.test(alg)) return generateKeyPairSync('rsa', { modulusLength: bits })
  const namedCurve = curves[alg]
  return namedCurve === undefined ? generateKeyPairSync('ed25519') : generateKeyPairSync('ec', { namedCurve })
}

/** With any key, also one of another kind than the algorithm's. */
export function signAs(alg: string, data: string, key: KeyObject): Buffer {
  const hash = `sha${alg.slice(2)}`
  if (alg.startsWith('ES')) return sign(hash, Buffer.from(data), { key, dsaEncoding: 'ieee-p1363' })
  if (alg.startsWith('RS')) return sign(hash, Buffer.from(data), key)
  if (alg.startsWith('PS'))
    return sign(hash, Buffer.from(data), { key, padding: 6, saltLength: Number(alg.slice(2)) / 8 })
  return sign(null, Buffer.from(data), key)
}

export const privateJwk = (key: SigningKey): object => ({
  ...createPrivateKey(key.privateKey.export({ type: 'pkcs8', format: 'pem' })).export({ format: 'jwk' }),
  kid: key.kid,
  alg: key.alg,
})
