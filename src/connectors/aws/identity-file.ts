import { constants } from 'node:fs'
import { open } from 'node:fs/promises'
import { z } from 'zod'
import type { AwsKeys } from './identity.ts'

/** Nothing that prints credentials writes more. */
const maxBytes = 65_536

const text = z.string().min(1)
/** What a `credential_process` prints, and, with one more level, `aws sts assume-role`. */
const printed = z.object({
  AccessKeyId: text,
  SecretAccessKey: text,
  SessionToken: text.optional(),
  Expiration: z.iso.datetime({ offset: true }).optional(),
})
const file = z.union([printed, z.object({ Credentials: printed }).transform(({ Credentials }) => Credentials)])

/** The operator's identity cannot be used. The message is for the operator's log and holds nothing of the keys. */
export class IdentityFileError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'IdentityFileError'
  }
}

/**
 * Reads the operator's own AWS identity, as it is now: whatever refreshes the file need tell nobody. For the parent
 * process. Throws `IdentityFileError`.
 */
export async function readIdentityFile(path: string, now = Date.now()): Promise<AwsKeys> {
  const parsed = file.safeParse(parseJson(await readPrivateFile(path)))
  if (!parsed.success) {
    throw new IdentityFileError(
      `${path} must hold JSON with AccessKeyId, SecretAccessKey, SessionToken and Expiration.`,
    )
  }
  const { AccessKeyId, SecretAccessKey, SessionToken, Expiration } = parsed.data
  if (Expiration !== undefined && Date.parse(Expiration) <= now) {
    throw new IdentityFileError(`The AWS identity in ${path} expired at ${Expiration}.`)
  }
  return {
    accessKeyId: AccessKeyId,
    secretAccessKey: SecretAccessKey,
    ...(SessionToken !== undefined && { sessionToken: SessionToken }),
  }
}

async function readPrivateFile(path: string): Promise<string> {
  // Of a pipe the beginning would be waited for.
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK).catch((error: NodeJS.ErrnoException) => {
    throw new IdentityFileError(`${path} cannot be read: ${error.code}.`)
  })
  try {
    const found = await handle.stat()
    if (!found.isFile()) throw new IdentityFileError(`${path} is no file.`)
    const { mode, uid } = found
    if ((mode & 0o077) !== 0) {
      throw new IdentityFileError(`Other accounts may read ${path}. Run "chmod 600 ${path}", and replace the keys.`)
    }
    const self = process.getuid?.()
    if (self !== undefined && uid !== self && uid !== 0) {
      throw new IdentityFileError(`${path} belongs to another account than the one that runs Patchbay.`)
    }
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(maxBytes), 0, maxBytes, 0)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await handle.close()
  }
}

function parseJson(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    return null
  }
}
