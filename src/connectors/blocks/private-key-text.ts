import type { KeyObject } from 'node:crypto'
import { z } from 'zod'
import { isKeptSecret } from '../form.ts'
import { isEncryptedKey, maxPemLength, repairPem } from '../network/pem.ts'
import { keyIsEncrypted, passphraseIsWrong, readPrivateKey } from '../network/private-key.ts'
import { judgedBy } from '../text-checks.ts'

/** PEM text that is repaired first and then judged by `issue`, which answers what is wrong or null. */
export const pemText = (issue: (pem: string) => string | null) =>
  z
    .string()
    // Nothing longer is worth repairing.
    .max(maxPemLength, { abort: true })
    .overwrite(repairPem)
    .check(judgedBy(issue))

/** PEM text of a private key. An encrypted one is judged together with its passphrase, by `openKey`. */
export const privateKeyText = pemText(pem => {
  const key = readPrivateKey(pem, undefined)
  return typeof key === 'string' && key !== keyIsEncrypted ? key : null
})

/** A key that passes, what is wrong with it or its passphrase, or null for what is stored and cannot be looked at. */
export type OpenedKey = KeyObject | { readonly field: 'key' | 'passphrase'; readonly message: string } | null

/** A form's key together with its passphrase. `name`: of the key, within a sentence. */
export function openKey(key: string, passphrase: string | undefined, name: string): OpenedKey {
  if (isKeptSecret(key)) return null
  const given = isKeptSecret(passphrase) ? undefined : passphrase
  if (!isEncryptedKey(key) && given !== undefined) {
    return { field: 'passphrase', message: `The ${name} is not encrypted: leave the passphrase empty.` }
  }
  // What opens an encrypted key is stored, and stays there until the test.
  if (isEncryptedKey(key) && isKeptSecret(passphrase)) return null
  const opened = readPrivateKey(key, given)
  if (typeof opened !== 'string') return opened
  const isPassphrase = opened === keyIsEncrypted || opened === passphraseIsWrong
  return { field: isPassphrase ? 'passphrase' : 'key', message: opened }
}
