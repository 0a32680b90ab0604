import { createSecretKey, hkdfSync, type KeyObject, randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { link, mkdir, open, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { driverErrorOf } from '../db/database-error.ts'
import type { SealingKey } from './seal.ts'

/** The key that wraps every workspace's keys. */
export interface MasterKey extends SealingKey {
  /** The file that it was read from, for messages. */
  readonly file: string
  /** Whether it was made just now, which the operator should be told. */
  readonly isNew: boolean
}

/** New keys are wrapped by `primary`; what `others` wrap can be read until they are replaced. */
export interface MasterKeys {
  readonly primary: MasterKey
  readonly others: readonly MasterKey[]
}

/** The master key cannot be used. The message is for the operator and holds nothing of the key. */
export class MasterKeyError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'MasterKeyError'
  }
}

export interface MasterKeyOptions {
  /** MASTER_KEY_FILE. */
  readonly file: string | null
  readonly dataDirectory: string
  /** In production a key is never made silently: a lost volume would look like a fresh start. */
  readonly production: boolean
  /** False where a database must exist already, and so its key. */
  readonly mayMake?: boolean
}

/** Reads the master key, or makes `master.key` in the data directory when there is none. Throws `MasterKeyError`. */
export async function loadMasterKey(options: MasterKeyOptions): Promise<MasterKey> {
  const { file, dataDirectory, production, mayMake = true } = options
  if (file !== null) return { ...(await readMasterKey(file)), isNew: false }
  if (production) {
    throw new MasterKeyError(
      'MASTER_KEY_FILE is not set. Make a key with "(umask 077; openssl rand -base64 32 > master.key)", keep a copy apart from the database, and set MASTER_KEY_FILE to its path.',
    )
  }
  const path = join(dataDirectory, 'master.key')
  const isNew = mayMake && (await makeMasterKey(path))
  return { ...(await readMasterKey(path)), isNew }
}

/** MASTER_KEY_OTHER_FILES. Throws `MasterKeyError`. */
export async function loadOtherMasterKeys(files: readonly string[]): Promise<readonly MasterKey[]> {
  return Promise.all(files.map(async file => ({ ...(await readMasterKey(file)), isNew: false })))
}

async function readMasterKey(file: string): Promise<Omit<MasterKey, 'isNew'>> {
  const bytes = parseKey(await readPrivateFile(file), file)
  const derive = (info: string, length: number) => Buffer.from(hkdfSync('sha256', bytes, '', info, length))
  return {
    id: derive('patchbay master key id v1', 8).toString('hex'),
    key: wrappingKey(derive('patchbay master key wrapping v1', 32)),
    file,
  }
}

function wrappingKey(bytes: Buffer): KeyObject {
  const key = createSecretKey(bytes)
  bytes.fill(0)
  return key
}

async function readPrivateFile(file: string): Promise<string> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW)
    try {
      const { mode, uid } = await handle.stat()
      if ((mode & 0o077) !== 0) {
        throw new MasterKeyError(
          `Other accounts may read the master key. Run "chmod 600 ${file}", and replace the key if others had access.`,
        )
      }
      const self = process.getuid?.()
      if (self !== undefined && uid !== self && uid !== 0) {
        throw new MasterKeyError(`The master key ${file} belongs to another account than the one that runs Patchbay.`)
      }
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(128), 0, 128, 0)
      return buffer.toString('latin1', 0, bytesRead)
    } finally {
      await handle.close()
    }
  } catch (cause) {
    if (cause instanceof MasterKeyError) throw cause
    const why =
      driverErrorOf(cause)?.code === 'ELOOP'
        ? 'it is a symbolic link; give the path of the file itself'
        : String(driverErrorOf(cause)?.code)
    throw new MasterKeyError(`The master key ${file} cannot be read: ${why}.`, { cause })
  }
}

function parseKey(content: string, file: string): Buffer {
  const text = content.trim()
  const isHex = /^[0-9a-f]{64}$/i.test(text)
  if (!isHex && !/^[\w+/-]{43}=?$/.test(text)) {
    throw new MasterKeyError(`The master key ${file} must hold 32 random bytes in base64 or hex, and nothing else.`)
  }
  const bytes = Buffer.from(text, isHex ? 'hex' : 'base64')
  // Random bytes have about 30 different values; a placeholder from some documentation has few.
  if (new Set(bytes).size < 12)
    throw new MasterKeyError(`The master key ${file} is not random. Make one with "openssl rand -base64 32".`)
  return bytes
}

/** Makes the file unless it exists: linked into place when it is complete, so that nobody ever reads half a key. */
async function makeMasterKey(path: string): Promise<boolean> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const staging = `${path}.${randomBytes(6).toString('hex')}`
  const handle = await open(staging, 'wx', 0o600)
  try {
    await handle.writeFile(`${randomBytes(32).toString('base64')}\n`)
    await handle.sync()
    await link(staging, path)
    await syncDirectory(dirname(path))
    return true
  } catch (error) {
    if (driverErrorOf(error)?.code === 'EEXIST') return false
    throw error
  } finally {
    await handle.close()
    await unlink(staging)
  }
}

async function syncDirectory(directory: string): Promise<void> {
  const handle = await open(directory, 'r')
  await handle.sync().finally(() => handle.close())
}
