import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { openKey } from '../blocks/private-key-text.ts'
import type { SnowflakeConfig } from './form.ts'

export interface KeyPair {
  /** PKCS #8 in PEM, not encrypted. */
  readonly privateKey: string
  /** The public half as `RSA_PUBLIC_KEY` of a user wants it. */
  readonly publicKey: string
  /** As `RSA_PUBLIC_KEY_FP` of a user shows it. */
  readonly fingerprint: string
}

/** The form has opened it before; null for a configuration that has aged since. */
export function readKeyPair({
  privateKey,
  passphrase,
}: NonNullable<SnowflakeConfig['auth']['keyPair']>): KeyPair | null {
  const key = openKey(privateKey, passphrase, 'private key')
  return key === null || 'field' in key ? null : keyPairOf(key)
}

function keyPairOf(key: KeyObject): KeyPair {
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' })
  return {
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    publicKey: spki.toString('base64'),
    fingerprint: `SHA256:${createHash('sha256').update(spki).digest('base64')}`,
  }
}
