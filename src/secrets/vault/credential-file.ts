import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { driverErrorOf } from '../../db/database-error.ts'
import { SecretStoreError } from '../secret-store.ts'

export interface CredentialFileRules {
  /** What it is, for messages: "service-account token". */
  readonly what: string
  readonly maxBytes: number
  /** Kubernetes projects tokens that the whole group or pod may read. */
  readonly mayBeShared: boolean
}

/**
 * Reads a small file anew, without the white space around it. Throws `SecretStoreError` SIGN_IN_REFUSED, which names the
 * file and nothing of what is in it. Follows symbolic links, which is how Kubernetes swaps a rotated token.
 */
export async function readCredentialFile(file: string, rules: CredentialFileRules): Promise<string> {
  try {
    // What is no file, such as a pipe, must not be waited for.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const status = await handle.stat()
      if (!status.isFile()) throw unusable(file, rules, 'is not a file')
      if (!rules.mayBeShared && (status.mode & 0o077) !== 0) {
        throw unusable(file, rules, `may be read by other accounts; run "chmod 600" on it and replace what is in it`)
      }
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(rules.maxBytes + 1), 0, rules.maxBytes + 1, 0)
      if (bytesRead > rules.maxBytes) throw unusable(file, rules, `is longer than ${rules.maxBytes} bytes`)
      return buffer.toString('utf8', 0, bytesRead).trim()
    } finally {
      await handle.close()
    }
  } catch (error) {
    if (error instanceof SecretStoreError) throw error
    throw unusable(file, rules, `cannot be read: ${driverErrorOf(error)?.code ?? 'it is unknown why'}`)
  }
}

/** It was read, but nobody can sign in with what is in it. */
export function unusable(file: string, { what }: Pick<CredentialFileRules, 'what'>, why: string): SecretStoreError {
  return new SecretStoreError('VAULT', 'SIGN_IN_REFUSED', `The ${what} in ${file} ${why}.`)
}
