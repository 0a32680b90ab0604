import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { loadMasterKey, MasterKeyError } from '../../src/secrets/master-key.ts'
import { seal, unseal } from '../../src/secrets/seal.ts'

let directory: string
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'patchbay-master-key-'))
})
afterEach(() => rm(directory, { recursive: true }))

const load = (file: string | null, production = false) => loadMasterKey({ file, dataDirectory: directory, production })

async function keyFile(content: string, mode = 0o600): Promise<string> {
  const file = join(directory, 'key')
  await writeFile(file, content)
  await chmod(file, mode)
  return file
}

describe('the master key', () => {
  test('is the same from base64, base64url and hex, with or without a line end', async () => {
    const bytes = randomBytes(32)
    const keys = []
    for (const text of [
      bytes.toString('base64'),
      `${bytes.toString('hex')}\n`,
      bytes.toString('base64url'),
      bytes.toString('hex').toUpperCase(),
    ]) {
      keys.push(await load(await keyFile(text)))
    }
    const [first] = keys
    if (!first) throw new Error('There is no key.')
    expect(new Set(keys.map(key => key.id)).size).toBe(1)
    expect(first.id).toMatch(/^[0-9a-f]{16}$/)
    const sealed = seal(first, ['x'], Buffer.from('value'))
    for (const key of keys) expect(unseal(key, ['x'], sealed).toString()).toBe('value')
    expect(inspect(first, { depth: 9, showHidden: true })).not.toContain(bytes.toString('base64').slice(0, 12))
  })

  test('has an id that differs between keys', async () => {
    const a = await load(await keyFile(randomBytes(32).toString('base64')))
    const b = await load(await keyFile(randomBytes(32).toString('base64')))
    expect(a.id).not.toBe(b.id)
  })

  test('is made in development, once, for the owner only', async () => {
    const made = await load(null)
    const found = await load(null)
    expect([made.isNew, found.isNew]).toEqual([true, false])
    expect(found.id).toBe(made.id)
    expect(made.file).toBe(join(directory, 'master.key'))
    expect((await stat(made.file)).mode & 0o777).toBe(0o600)
    expect(Buffer.from((await readFile(made.file, 'utf8')).trim(), 'base64')).toHaveLength(32)
    expect(await readdir(directory)).toEqual(['master.key'])
  })

  test('is one key for all who start at the same moment', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => load(null)))
    expect(new Set(keys.map(key => key.id)).size).toBe(1)
    expect(keys.filter(key => key.isNew)).toHaveLength(1)
    expect(await readdir(directory)).toEqual(['master.key'])
  })

  test('is never made in production', async () => {
    await expect(load(null, true)).rejects.toThrow(/MASTER_KEY_FILE is not set.*openssl rand/)
    expect(await readdir(directory)).toEqual([])
  })

  test.each([0o640, 0o604, 0o660, 0o644, 0o610])('is refused when others may use its file (mode %o)', async mode => {
    const file = await keyFile(randomBytes(32).toString('base64'), mode)
    await expect(load(file)).rejects.toThrow(MasterKeyError)
    await expect(load(file)).rejects.toThrow(`chmod 600 ${file}`)
  })

  test('is not read through a symbolic link, from a directory or from nowhere', async () => {
    const link = join(directory, 'link')
    await symlink(await keyFile(randomBytes(32).toString('base64')), link)
    await expect(load(link)).rejects.toThrow('symbolic link')
    await expect(load(directory)).rejects.toThrow(MasterKeyError)
    await expect(load(join(directory, 'none'))).rejects.toThrow('ENOENT')
  })

  test.each([
    ['nothing', ''],
    ['31 bytes', randomBytes(31).toString('base64')],
    ['33 bytes', randomBytes(33).toString('base64')],
    ['31 bytes in hex', randomBytes(31).toString('hex')],
    ['two keys', `${randomBytes(32).toString('base64')}\n${randomBytes(32).toString('base64')}`],
    ['a passphrase', 'correct horse battery staple'],
    ['a placeholder', Buffer.alloc(32, 'a').toString('base64')],
    ['zeros', '0'.repeat(64)],
  ])('is refused when its file holds %s', async (_, content) => {
    const refusal = await load(await keyFile(content)).catch((error: unknown) => error)
    expect(refusal).toBeInstanceOf(MasterKeyError)
    if (content) expect(String(refusal)).not.toContain(content.slice(0, 20))
  })
})
