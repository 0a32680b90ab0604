import { execFileSync } from 'node:child_process'
import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { IdentityFileError, readIdentityFile } from '../../../src/connectors/aws/identity-file.ts'

let directory: string
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'patchbay-identity-'))
})
afterAll(() => rm(directory, { recursive: true }))

async function write(content: unknown, mode = 0o600): Promise<string> {
  const path = join(directory, 'identity.json')
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  await chmod(path, mode)
  return path
}

const soon = new Date(Date.now() + 60_000).toISOString()
const printed = {
  AccessKeyId: 'ASIAOPERATOR',
  SecretAccessKey: 'operator-secret',
  SessionToken: 'operator-token',
  Expiration: soon,
}
const keys = { accessKeyId: 'ASIAOPERATOR', secretAccessKey: 'operator-secret', sessionToken: 'operator-token' }

describe("the file with Patchbay's own AWS identity", () => {
  it('may hold what a credential_process prints', async () => {
    expect(await readIdentityFile(await write({ Version: 1, ...printed }))).toEqual(keys)
  })

  it('may hold what aws sts prints', async () => {
    expect(await readIdentityFile(await write({ Credentials: printed, AssumedRoleUser: {} }))).toEqual(keys)
  })

  it('may hold a key without an end', async () => {
    const { AccessKeyId, SecretAccessKey } = printed
    expect(await readIdentityFile(await write({ AccessKeyId, SecretAccessKey }))).toEqual({
      accessKeyId: 'ASIAOPERATOR',
      secretAccessKey: 'operator-secret',
    })
  })

  it.each([
    ['which others may read', printed, 0o640, /Other accounts may read/],
    ['which is no JSON', 'AccessKeyId=x', 0o600, /must hold JSON/],
    ['which has no secret', { AccessKeyId: 'x' }, 0o600, /must hold JSON/],
    ['which has an empty secret', { ...printed, SecretAccessKey: '' }, 0o600, /must hold JSON/],
    ['which has expired', { ...printed, Expiration: '2020-01-01T00:00:00Z' }, 0o600, /expired at 2020/],
  ])('is refused %s, and says nothing of the keys', async (_, content, mode, message) => {
    const error = await readIdentityFile(await write(content, mode)).catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(IdentityFileError)
    expect(String(error)).toMatch(message)
    expect(String(error)).not.toContain('operator-secret')
  })

  it('is refused when it is none: a folder, a pipe that nobody writes to', async () => {
    await expect(readIdentityFile(directory)).rejects.toThrow(/is no file/)
    const pipe = join(directory, 'pipe')
    execFileSync('mkfifo', ['-m', '600', pipe])
    await expect(readIdentityFile(pipe)).rejects.toThrow(/is no file/)
  })

  it('may be a link, as where it is mounted as a secret, and is judged by what that leads to', async () => {
    const link = join(directory, 'link.json')
    await symlink(await write(printed), link)
    expect(await readIdentityFile(link)).toEqual(keys)
    await write(printed, 0o644)
    await expect(readIdentityFile(link)).rejects.toThrow(/Other accounts may read/)
  })

  it('is refused when it is not there', async () => {
    await expect(readIdentityFile(join(directory, 'none.json'))).rejects.toThrow(/cannot be read: ENOENT/)
  })
})
