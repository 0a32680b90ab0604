import type { SecretValues } from '../../connectors/secret-values.ts'
import { SecretStoreError } from '../secret-store.ts'
import { vaultLimits } from './vault-limits.ts'

/** For what Vault says around the values when it gives them back. */
const envelopeBytes = 16_384

/** As many bytes of JSON as an answer that is read may have. */
export const maxValuesBytes = vaultLimits.maxAnswerBytes - envelopeBytes

/**
 * Refuses what could be written and not be read again as it was: an answer has a limit, and in it values may be longer than
 * they are, because Vault, like every program in Go, writes `<`, `>`, `&`, U+2028 and U+2029 as six characters, and
 * before Go 1.22 backspace and form feed too; and it puts U+FFFD in the place of what is no character.
 */
export function assertStorable(values: SecretValues): void {
  const json = JSON.stringify(values)
  const escaped = json.match(/[<>&\u2028\u2029]|\\[bf]/g)?.length ?? 0
  if (Buffer.byteLength(json) + escaped * 5 > maxValuesBytes) throw new SecretStoreError('VAULT', 'TOO_LARGE')
  if (Object.entries(values).every(member => member.every(text => text.isWellFormed()))) return
  throw new SecretStoreError('VAULT', 'DAMAGED', 'Secrets cannot be stored, because they hold halves of characters.')
}
