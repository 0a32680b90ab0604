import { execFileSync } from 'node:child_process'
import { chmodSync, renameSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { loggableError } from '../../../src/loggable-error.ts'
import { SecretStoreError } from '../../../src/secrets/secret-store.ts'
import type { VaultSignIn } from '../../../src/secrets/vault/settings.ts'
import { createSignIn } from '../../../src/secrets/vault/sign-in.ts'
import type { VaultAnswer } from '../../../src/secrets/vault/vault-client.ts'
import { createWorkspaceClient } from '../../../src/secrets/vault/workspace-client.ts'
import { plainSecret } from '../../canary/secrets.ts'
import { CredentialFiles, FakeVault, fakeJwt, forbidden, recordingLogger, vaultSettings } from './fake-vault.ts'

const files = new CredentialFiles()
afterAll(() => files.remove())

let vault: FakeVault
beforeEach(() => {
  vault = new FakeVault()
})

const kubernetes = (jwtFile: string): VaultSignIn => ({
  method: 'kubernetes',
  mount: 'kubernetes-eu',
  role: 'patchbay-{workspace}',
  jwtFile,
})
const appRole = (file: string): VaultSignIn => ({ method: 'approle', mount: 'approle', file })
const token = (file: string): VaultSignIn => ({ method: 'token', file })
const signIn = (by: VaultSignIn, workspaceId = 'w1') =>
  createSignIn(vaultSettings(by, 'team/{workspace}'), vault)(workspaceId)

async function errorOf(work: Promise<unknown>): Promise<SecretStoreError> {
  const error = await work.then(
    () => 'no error',
    each => each,
  )
  if (!(error instanceof SecretStoreError)) throw new Error(`This should have been refused: ${inspect(error)}`)
  return error
}
const badRequest = (...errors: string[]): VaultAnswer => ({ status: 400, body: { errors } })

describe('by Kubernetes', () => {
  test("sends the service account's token, which a whole pod may read, for the workspace's role", async () => {
    const jwt = fakeJwt()
    const file = files.write('projected', ` ${jwt}\n`, 0o644)
    const signedIn = await signIn(kubernetes(file))
    expect(signedIn).toEqual({ token: expect.stringMatching(/./), leaseSeconds: 3600, isOwn: true })
    expect(vault.requests).toEqual([
      {
        method: 'POST',
        path: 'auth/kubernetes-eu/login',
        namespace: 'team/w1',
        token: null,
        body: { role: 'patchbay-w1', jwt },
        repeatable: true,
      },
    ])
  })

  test('follows the link that Kubernetes points at each new token', async () => {
    const [old, fresh] = [fakeJwt(), fakeJwt()]
    const link = join(files.directory, 'linked')
    symlinkSync(files.write('..old', old), link)
    await signIn(kubernetes(link))
    symlinkSync(files.write('..fresh', fresh), `${link}.next`)
    renameSync(`${link}.next`, link)
    await signIn(kubernetes(link))
    expect(vault.logins.map(each => each.body?.['jwt'])).toEqual([old, fresh])
  })

  test.each<[string, VaultAnswer, RegExp]>([
    [
      'a role that is not there',
      badRequest('invalid role name "patchbay-w1"'),
      /no role "patchbay-w1" at auth\/kubernetes-eu.*npm run vault:provision -- --workspace w1/,
    ],
    ['a token that it does not take', forbidden, /expired.*audience.*service account/],
    ['anything else', badRequest('could not load backend configuration'), /no sign-in for the role "patchbay-w1"/],
    ['a mount that is not there', { status: 404, body: { errors: [] } }, /VAULT_AUTH_MOUNT/],
  ])('says what is to be done when Vault refuses because of %s', async (_, answer, words) => {
    vault.instead = () => answer
    const error = await errorOf(signIn(kubernetes(files.write('refused', fakeJwt()))))
    expect(error.fault).toBe('SIGN_IN_REFUSED')
    expect(error.message).toMatch(words)
  })

  test.each([
    ['nothing', ''],
    ['a word', 'token'],
    ['two tokens', `${fakeJwt()}\n${fakeJwt()}`],
    ['a header', `Bearer ${fakeJwt()}`],
    ['a key', '-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----'],
    ['far too much', `${fakeJwt()}${'a'.repeat(16 * 1024)}`],
  ])('sends no file that holds %s', async (_, content) => {
    const file = files.write('odd', content)
    const error = await errorOf(signIn(kubernetes(file)))
    expect(error).toMatchObject({ fault: 'SIGN_IN_REFUSED', message: expect.stringContaining(file) })
    expect(vault.requests).toEqual([])
  })
})

describe('by AppRole', () => {
  test('sends the role id and secret id that the file has at the moment', async () => {
    const ids = [0, 1].map(() => ({ role_id: 'w1', secret_id: plainSecret() }))
    for (const each of ids) {
      const file = files.write('w1.json', JSON.stringify({ ...each, note: 'not sent' }))
      const signedIn = await signIn(appRole(file.replace('w1.json', '{workspace}.json')))
      expect(signedIn.isOwn).toBe(true)
    }
    expect(vault.requests.map(({ path, body, namespace }) => ({ path, body, namespace }))).toEqual(
      ids.map(body => ({ path: 'auth/approle/login', body, namespace: 'team/w1' })),
    )
  })

  test.each([
    '',
    '[]',
    '{"role_id":"r"}',
    '{"role_id":"r","secret_id":7}',
    '{"role_id":"", "secret_id":"s"}',
    '{"role',
  ])('sends nothing of a file that holds %j', async content => {
    const error = await errorOf(signIn(appRole(files.write('odd.json', content))))
    expect(error).toMatchObject({ fault: 'SIGN_IN_REFUSED', message: expect.stringContaining('"secret_id"') })
    expect(vault.requests).toEqual([])
  })

  test.each([badRequest('invalid role or secret ID'), forbidden])('says that Vault refuses it: %j', async answer => {
    vault.instead = () => answer
    const file = files.write('good.json', JSON.stringify({ role_id: 'w1', secret_id: plainSecret() }))
    expect(await errorOf(signIn(appRole(file)))).toMatchObject({
      fault: 'SIGN_IN_REFUSED',
      message: expect.stringContaining('new secret id'),
    })
  })
})

describe('by a token from a file', () => {
  test('asks Vault how long it is valid', async () => {
    const given = plainSecret()
    vault.leaseSeconds = 1234
    vault.make('w1', given)
    const signedIn = await signIn(token(files.write('token', `${given}\n`)))
    expect(signedIn).toEqual({ token: given, leaseSeconds: 1234, isOwn: false })
    expect(vault.requests[0]).toMatchObject({ method: 'GET', path: 'auth/token/lookup-self', namespace: 'team/w1' })
  })

  test('is looked at again after an hour, also one that never expires, and never revoked', async () => {
    const [first, second] = [plainSecret(), plainSecret()]
    const file = files.write('w1.token', first)
    vault.instead = ({ path }) =>
      path.endsWith('lookup-self') ? { status: 200, body: { data: { ttl: 0 } } } : undefined
    vault.leaseSeconds = 100_000
    vault.make('w1', first)
    vault.make('w1', second)
    const client = createWorkspaceClient({
      settings: vaultSettings(token(file)),
      client: vault,
      logger: recordingLogger(),
      now: vault.now,
    })
    const read = () => client.send('w1', { method: 'GET', path: 'secret/data/x', repeatable: true })
    await read()
    files.write('w1.token', second)
    await read()
    vault.nowMs = 3_600_000
    await read()
    await client.close()
    expect(vault.dataRequests.map(each => each.token)).toEqual([first, first, second])
    expect(vault.revocations).toEqual([])
  })

  test('is replaced by what the file has now when Vault refuses it', async () => {
    const [first, second] = [plainSecret(), plainSecret()]
    const file = files.write('rotated.token', first)
    vault.make('w1', first)
    const settings = vaultSettings(token(file))
    const client = createWorkspaceClient({ settings, client: vault, logger: recordingLogger(), now: vault.now })
    const read = () => client.send('w1', { method: 'GET', path: 'secret/data/x', repeatable: true })
    await read()
    vault.tokens.clear()
    vault.make('w1', second)
    files.write('rotated.token', second)
    expect((await read()).status).toBe(200)
    vault.tokens.clear()
    expect((await errorOf(read())).message).toMatch(/refuses the token in .*rotated\.token/)
  })

  test.each(['', 'two words', 'two\nlines', 'ü'])('sends no file that holds %j', async content => {
    const error = await errorOf(signIn(token(files.write('odd.token', content))))
    expect(error.fault).toBe('SIGN_IN_REFUSED')
    expect(vault.requests).toEqual([])
  })
})

describe.each<[string, (file: string) => VaultSignIn, boolean]>([
  ['the service-account token', kubernetes, true],
  ['the AppRole', appRole, false],
  ['the token', token, false],
])('the file of %s', (_, by, mayBeShared) => {
  const content = () => (mayBeShared ? fakeJwt() : plainSecret())

  test('is named with what hinders the reading of it', async () => {
    const absent = join(files.directory, 'absent')
    expect(await errorOf(signIn(by(absent)))).toMatchObject({
      fault: 'SIGN_IN_REFUSED',
      message: expect.stringContaining(`${absent} cannot be read: ENOENT`),
    })
    expect((await errorOf(signIn(by(files.directory)))).message).toContain('is not a file')
  })

  test('is not waited for when it is a pipe', async () => {
    const pipe = join(files.directory, `pipe-${by.name}`)
    execFileSync('mkfifo', ['-m', '600', pipe])
    expect((await errorOf(signIn(by(pipe)))).message).toContain('is not a file')
  })

  test.each([0o604, 0o640, 0o620])(`with mode %o is ${mayBeShared ? 'taken' : 'refused'}`, async mode => {
    const file = files.write('shared', content())
    chmodSync(file, mode)
    if (mayBeShared) await signIn(by(file))
    else expect((await errorOf(signIn(by(file)))).message).toContain('may be read by other accounts')
    expect(vault.requests).toHaveLength(mayBeShared ? 1 : 0)
  })

  test('says nothing of what is in it', async () => {
    const secret = content()
    const seen: string[] = []
    vault.instead = ({ body, token: sent }) => ({ status: 403, body: { errors: [JSON.stringify(body), `${sent}`] } })
    for (const text of [
      secret,
      `${secret} ${secret}`,
      `{"role_id":"${secret}"`,
      `{"role_id":"r","secret_id":"${secret}"}`,
    ]) {
      const error = await errorOf(signIn(by(files.write('secret', text))))
      seen.push(inspect(error, { depth: 10, showHidden: true }), JSON.stringify(loggableError(error)))
    }
    // Parsers quote the first few characters.
    for (const part of secret.split('.')) expect(seen.join()).not.toContain(part.slice(0, 6))
  })

  test.each([
    {},
    { auth: null },
    { auth: { client_token: '', lease_duration: 1 }, data: { ttl: 'x' } },
    { auth: { client_token: 'a\r\nb', lease_duration: 1 }, data: { ttl: -1 } },
    { auth: { client_token: 't' } },
  ])('is of no use when Vault answers %j', async body => {
    vault.instead = () => ({ status: 200, body })
    const text = by === appRole ? JSON.stringify({ role_id: 'r', secret_id: plainSecret() }) : content()
    expect((await errorOf(signIn(by(files.write('good', text))))).fault).toBe('FAILED')
  })
})
