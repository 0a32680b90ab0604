import { execFile } from 'node:child_process'
import { mkdir, symlink } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { installOpenBao, openBaoProgram, openBaoVersions } from './openbao-install.ts'
import { accountOptions, operatorTokenFile } from './openbao-provision.ts'
import { OpenBaoScene, type Place, usualPlace } from './openbao-scene.ts'
import { type SignInMethod, signInMethods } from './openbao-store.ts'

const run = promisify(execFile)
const root = join(import.meta.dirname, '..', '..')
const [, version] = openBaoVersions
const installation = await installOpenBao(version)
if (!installation.installed) test('vault:provision', context => context.skip(installation.reason))
const describeInstalled = installation.installed ? describe : (_name: string, _suite: () => void) => {}

const team: Place = { namespace: 'team', kvMount: 'kv', kubernetesMount: 'cluster', appRoleMount: 'programs' }
const cases: readonly (readonly [string, SignInMethod, Place])[] = [
  ...signInMethods.map(method => ['the root namespace', method, usualPlace] as const),
  ['another namespace', 'kubernetes', team],
]

describeInstalled('vault:provision, as an operator calls it', () => {
  let scene: OpenBaoScene
  let folder = ''
  let workspaces = 0
  beforeAll(async () => {
    scene = await OpenBaoScene.start(version, usualPlace, team)
    folder = join(scene.bao.directory, 'bin')
    await mkdir(folder)
    await symlink(await openBaoProgram(version), join(folder, 'vault'))
  })
  afterAll(() => scene[Symbol.asyncDispose]())

  const call = async (method: SignInMethod, place: Place, ...words: readonly string[]) => {
    const { bao } = scene
    const account = Object.entries(accountOptions).flatMap(([name, value]) => [`--${name}`, value])
    const { stdout } = await run(process.execPath, ['src/admin.ts', 'vault:provision', ...words, ...account], {
      cwd: root,
      env: {
        VAULT_ADDR: bao.address,
        VAULT_CACERT: bao.authorityFile,
        VAULT_KV_MOUNT: place.kvMount,
        VAULT_AUTH: method,
        ...(place.namespace !== null && { VAULT_NAMESPACE: place.namespace }),
        ...(method === 'kubernetes' && { VAULT_AUTH_MOUNT: place.kubernetesMount }),
        ...(method === 'approle' && { VAULT_AUTH_MOUNT: place.appRoleMount }),
        VAULT_APPROLE_FILE: join(bao.directory, '{workspace}.json'),
        VAULT_TOKEN_FILE: join(bao.directory, '{workspace}.token'),
      },
    })
    return stdout.trim().split('\n')
  }
  const apply = async (method: SignInMethod, place: Place, id: string) =>
    await call(method, place, '--workspace', id, '--apply', '--token-file', await operatorTokenFile(scene))

  test.each(cases)('does in %s, for %s, what it prints for the product’s own tool, once', async (_, method, place) => {
    const [byHand, byItself] = [`by-hand-${++workspaces}`, `by-itself-${workspaces}`]
    const what = method === 'token' ? ['policy'] : ['policy', 'role']
    expect(await apply(method, place, byItself)).toEqual(what.map(kind => `${kind} ws-${byItself}: created`))
    expect(await apply(method, place, byItself)).toEqual(what.map(kind => `${kind} ws-${byItself}: unchanged`))
    const script = await call(method, place, '--workspace', byHand)
    const { bao } = scene
    await run('sh', ['-euc', script.join('\n')], {
      env: {
        PATH: `${folder}:/usr/bin:/bin`,
        HOME: homedir(),
        VAULT_ADDR: bao.address,
        VAULT_CACERT: bao.authorityFile,
        VAULT_TOKEN: bao.rootToken,
      },
    })
    expect(await apply(method, place, byHand)).toEqual(what.map(kind => `${kind} ws-${byHand}: unchanged`))
  })
})
