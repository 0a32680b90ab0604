import type { SecretValues } from '../connectors/secret-values.ts'
import { canonicalJson } from './canonical-json.ts'
import { type SealingKey, seal, unseal } from './seal.ts'
import type { SecretAddress } from './secret-store.ts'

/** One ciphertext for the whole set: neither field names nor single values can be moved or told apart. */
export function sealValues(key: SealingKey, address: SecretAddress, values: SecretValues): string {
  return seal(key, contextOf(address, key), Buffer.from(canonicalJson(values)))
}

/** Throws `UnsealError`. */
export function unsealValues(key: SealingKey, address: SecretAddress, ciphertext: string): SecretValues {
  const plaintext = unseal(key, contextOf(address, key), ciphertext)
  try {
    // What the key has opened is what `sealValues` has sealed.
    return JSON.parse(plaintext.toString()) as SecretValues
  } finally {
    plaintext.fill(0)
  }
}

/** The same values under another key; they are not looked at. Throws `UnsealError`. */
export function resealValues(from: SealingKey, to: SealingKey, address: SecretAddress, ciphertext: string): string {
  const plaintext = unseal(from, contextOf(address, from), ciphertext)
  try {
    return seal(to, contextOf(address, to), plaintext)
  } finally {
    plaintext.fill(0)
  }
}

function contextOf({ workspaceId, connectorId, versionId }: SecretAddress, key: SealingKey): string[] {
  return [workspaceId, connectorId, versionId, key.id]
}
