import { execFile } from 'node:child_process'
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { type Command, type CommandResult, UsageError } from '../../src/admin/command.ts'
import { provisionOf } from '../../src/admin/provision-workspace.ts'
import { vaultProvision } from '../../src/admin/vault-provision.ts'
import { type SecretAddress, type SecretStore, SecretStoreError } from '../../src/secrets/secret-store.ts'
import type { VaultSettings } from '../../src/secrets/vault/settings.ts'
import { openVaultStore } from '../../src/secrets/vault/vault-store.ts'
import { type DoubleWorld, type DoubleWorldOptions, openDoubleWorld } from '../secrets/vault/double-world.ts'

const never = () => Promise.reject(new Error('Not needed.'))
const quiet = { info: () => undefined, warn: () => undefined }

async function provision(vault: VaultSettings | null, ...words: string[]): Promise<CommandResult> {
  const { options }: Command = vaultProvision
  const { signal } = new AbortController()
  const admin = {
    settings: { secretStore: 'vault', vault },
    signal,
    progress: never,
    openDatabase: never,
    openKeys: never,
    openSecrets: never,
  }
  return vaultProvision.run(
    { ...admin, settings: { secretStore: 'vault', vault } },
    parseArgs({ args: words, options }).values,
  )
}

/** A Vault in which the mounts are, and nothing of any workspace; with the operator's token in a file. */
async function openEmptyVault(options: DoubleWorldOptions = {}): Promise<DoubleWorld & { tokenFile: string }> {
  const world = await openDoubleWorld({ ...options, workspaces: [] })
  const { signIn } = world.settings
  if (signIn.method !== 'token') world.double.operate('POST', `sys/auth/${signIn.mount}`, { type: signIn.method })
  if (options.kvMount) {
    world.double.operate('POST', `sys/mounts/${options.kvMount}`, { type: 'kv', options: { version: '2' } })
  }
  const tokenFile = join(world.directory, 'operator')
  await writeFile(tokenFile, `${world.double.rootToken}\n`, { mode: 0o600 })
  return Object.assign(world, { tokenFile })
}

const applied = (world: { settings: VaultSettings; tokenFile: string }, ...words: string[]) =>
  provision(world.settings, '--apply', '--token-file', world.tokenFile, ...words)

/** What whoever runs Vault does after it: hand out what the pod, or its file, holds. */
async function handOut(world: DoubleWorld, workspaceId: string, account = { name: 'patchbay', namespace: 'patchbay' }) {
  const { signIn } = world.settings
  if (signIn.method === 'kubernetes') await world.writeJwt(account)
  if (signIn.method === 'token') await world.writeToken(workspaceId)
  if (signIn.method !== 'approle') return
  const role = `auth/${signIn.mount}/role/ws-${workspaceId}`
  const ids = { ...bodyOf(world.operate(workspaceId, 'GET', `${role}/role-id`)) }
  Object.assign(ids, bodyOf(world.operate(workspaceId, 'POST', `${role}/secret-id`)))
  await writeFile(signIn.file.replace('{workspace}', workspaceId), JSON.stringify(ids), { mode: 0o600 })
}

/** What the double answers has been read from JSON in its own tests. */
const bodyOf = ({ body }: { body?: unknown }) => (body as { data: Record<string, unknown> }).data

function addressIn(workspaceId: string): SecretAddress {
  return { workspaceId, connectorId: crypto.randomUUID(), versionId: crypto.randomUUID() }
}

async function listed(store: SecretStore, workspaceId: string): Promise<readonly SecretAddress[]> {
  const addresses: SecretAddress[] = []
  for await (const address of store.list(workspaceId)) addresses.push(address)
  return addresses
}

/** The policy without one capability, as often as it has any. */
function weakened(policy: string): readonly { readonly without: string; readonly policy: string }[] {
  const rules = policy.trim().split('\n')
  return rules.flatMap((rule, index) => {
    const [path = '', granted = ''] = rule.split(' { capabilities = ')
    const capabilities = granted.match(/"[a-z]+"/g) ?? []
    return capabilities.map(without => {
      const left = capabilities.filter(each => each !== without)
      const weaker = `${path} { capabilities = [${left.length > 0 ? left : '"deny"'}] }`
      return { without: `${without} on ${path}`, policy: rules.with(index, weaker).join('\n') }
    })
  })
}

/** Everything that Patchbay ever does in Vault for one workspace. Answers the first fault. */
async function useAll(world: DoubleWorld, workspaceId: string): Promise<string | null> {
  const store = await openVaultStore(world.settings, quiet)
  try {
    const [kept, late] = [addressIn(workspaceId), addressIn(workspaceId)]
    await store.put(kept, { password: 'p' })
    // An attempt whose answer was lost is made again.
    await store.put(kept, { password: 'p' })
    expect(await store.get(kept)).toEqual({ password: 'p' })
    expect(await listed(store, workspaceId)).toContainEqual(kept)
    // Of what was written, and of what was not.
    for (const address of [kept, late]) {
      await store.fence(address)
      await store.fence(address)
      await store.forget(address)
    }
    for (const address of [kept, late]) expect(await listed(store, workspaceId)).not.toContainEqual(address)
  } catch (error) {
    if (error instanceof SecretStoreError) return error.fault
    throw error
  } finally {
    await store.close()
  }
  const left = world.settings.signIn.method === 'token' ? 1 : 0
  return world.double.liveTokens === left ? null : 'NOT_REVOKED'
}

const methods = ['kubernetes', 'approle', 'token'] as const

describe.each(methods)('for the sign-in by %s', auth => {
  test('what it applies lets Patchbay do all it does, in its own workspace only', async () => {
    await using world = await openEmptyVault({ auth, kvMount: 'kv', kvPrefix: 'a/b' })
    const result = await applied(world, '--workspace', 'w1', '--workspace', 'w2')
    expect(result.exitCode).toBe(0)
    await handOut(world, 'w1')
    expect(await useAll(world, 'w1')).toBeNull()

    const { token } = world.double.seen('POST', /\/data\//)[0] ?? {}
    const elsewhere = addressIn('w2')
    const fetched = await fetch(
      `${world.double.url}/v1/kv/data/a/b/w2/connectors/${elsewhere.connectorId}/${elsewhere.versionId}`,
      { headers: { 'X-Vault-Token': String(token) } },
    )
    expect(fetched.status).toBe(403)
  })

  test('each capability of its policy is needed', async () => {
    await using world = await openEmptyVault({ auth })
    await applied(world, '--workspace', 'w1')
    const policy = String(provisionOf(world.settings, 'w1', account).objects[0]?.body['policy'])
    const weaker = weakened(policy)
    expect(weaker).toHaveLength(7)
    for (const { without, policy: weakPolicy } of weaker) {
      world.double.operate('PUT', 'sys/policies/acl/ws-w1', { policy: weakPolicy })
      world.double.revokeAll()
      await handOut(world, 'w1')
      expect([without, await useAll(world, 'w1')]).not.toContain(null)
    }
    world.double.operate('PUT', 'sys/policies/acl/ws-w1', { policy })
    world.double.revokeAll()
    await handOut(world, 'w1')
    expect(await useAll(world, 'w1')).toBeNull()
  })

  test('it writes what is missing or different, and nothing else', async () => {
    await using world = await openEmptyVault({ auth })
    const { lines } = await applied(world, '--workspace', 'w1')
    const [policy, ...role] = lines
    expect(policy).toBe('policy ws-w1: created')
    expect(role).toEqual(auth === 'token' ? [] : ['role ws-w1: created'])
    const writes = () => world.double.records.filter(each => each.method !== 'GET').length
    const before = writes()
    expect((await applied(world, '--workspace', 'w1')).lines).toEqual(
      lines.map(each => each.replace('created', 'unchanged')),
    )
    expect(writes()).toBe(before)

    world.double.operate('PUT', 'sys/policies/acl/ws-w1', { policy: 'path "secret/*" { capabilities = ["read"] }' })
    const mended = await applied(world, '--workspace', 'w1', '--workspace', 'w3')
    expect(mended.lines.slice(0, lines.length)).toEqual([
      'policy ws-w1: changed',
      ...role.map(() => 'role ws-w1: unchanged'),
    ])
    expect(mended.lines.slice(lines.length)).toEqual(lines.map(each => each.replace('w1', 'w3')))
    if (auth === 'token') return
    world.double.operate('POST', `auth/${auth}/role/ws-w1`, { token_ttl: '2h', token_policies: ['ws-w1', 'root-like'] })
    expect((await applied(world, '--workspace', 'w1')).lines).toEqual([
      'policy ws-w1: unchanged',
      'role ws-w1: changed',
    ])
    expect(bodyOf(world.double.operate('GET', `auth/${auth}/role/ws-w1`))).toMatchObject({
      token_ttl: 3600,
      token_policies: ['ws-w1'],
      token_no_default_policy: true,
    })
  })

  test('the commands that it prints do the same', async () => {
    await using world = await openEmptyVault({ auth, namespace: 'team/{workspace}' })
    const result = await provision(world.settings, '--workspace', 'w1', '--audience', "https://it's/vault")
    expect(result.exitCode).toBe(0)
    expect(world.double.records).toEqual([])
    const called = await runWithFakeVault(world.directory, result.lines)
    const { objects } = provisionOf(world.settings, 'w1', { ...account, audience: "https://it's/vault" })
    const [policy, role] = objects
    expect(called[0]).toEqual({
      words: ['policy', 'write', '-namespace=team/w1', 'ws-w1', '-'],
      stdin: policy?.body['policy'],
    })
    if (role) {
      expect(called[1]?.words).toEqual([
        'write',
        '-namespace=team/w1',
        role.path,
        ...Object.entries(role.body).map(([name, value]) => `${name}=${[value].flat().join()}`),
      ])
    }
    expect(called.slice(objects.length).map(each => each.words.at(-1))).toEqual(
      {
        kubernetes: [],
        approle: ['auth/approle/role/ws-w1/role-id', 'auth/approle/role/ws-w1/secret-id'],
        token: ['-field=token'],
      }[auth],
    )
  })
})

const account = { name: 'patchbay', namespace: 'patchbay', audience: 'vault' }

/** Runs the lines as a shell script whose `vault` writes down what it was called with. */
async function runWithFakeVault(directory: string, lines: readonly string[]) {
  const tools = join(directory, 'tools')
  const calls = join(directory, 'calls')
  await mkdir(tools)
  await writeFile(
    join(tools, 'vault'),
    `#!${process.execPath}
const { appendFileSync, readFileSync } = require('node:fs')
const words = process.argv.slice(2)
const stdin = words.at(-1) === '-' ? readFileSync(0, 'utf8') : null
appendFileSync(${JSON.stringify(calls)}, JSON.stringify({ words, stdin }) + '\\n')
`,
    { mode: 0o700 },
  )
  await promisify(execFile)('sh', ['-euc', lines.join('\n')], { env: { PATH: `${tools}:/usr/bin:/bin` } })
  const text = await readFile(calls, 'utf8')
  // Written just above.
  return text
    .trim()
    .split('\n')
    .map(each => JSON.parse(each) as { words: string[]; stdin: string | null })
}

describe('with Kubernetes', () => {
  test('the role is for the service account, namespace and audience that are given', async () => {
    await using world = await openEmptyVault()
    const words = ['--service-account', 'pods', '--service-account-namespace', 'data', '--audience', 'bao']
    await applied(world, '--workspace', 'w1', ...words)
    await world.writeJwt({ name: 'pods', namespace: 'data', audience: 'bao' })
    expect(await useAll(world, 'w1')).toBeNull()
    for (const other of [{ name: 'pods' }, { namespace: 'data' }, { name: 'pods', namespace: 'data' }]) {
      await world.writeJwt(other)
      expect(await useAll(world, 'w1')).toBe('SIGN_IN_REFUSED')
    }
  })

  test('and namespaces each workspace has its objects in its own', async () => {
    await using world = await openDoubleWorld({ namespace: 'team/{workspace}', workspaces: ['w1'] })
    await writeFile(join(world.directory, 'operator'), world.double.rootToken, { mode: 0o600 })
    const { lines } = await applied(
      { settings: world.settings, tokenFile: join(world.directory, 'operator') },
      '--workspace',
      'w1',
    )
    expect(lines).toEqual(['policy ws-w1: changed', 'role ws-w1: changed'])
    await handOut(world, 'w1')
    expect(await useAll(world, 'w1')).toBeNull()
  })

  test('the policy is the one in the documentation', async () => {
    await using world = await openDoubleWorld({ workspaces: [] })
    const documented = await readFile(new URL('../../docs/vault.md', import.meta.url), 'utf8')
    const [policy] = provisionOf(world.settings, 'WORKSPACE', account).objects
    expect(documented).toContain(`\`\`\`hcl\n${policy?.body['policy']}\`\`\``)
  })
})

describe('it says what is wrong', () => {
  test.each<[string, string[], RegExp]>([
    ['no workspace', [], /--workspace/],
    ['no id of a workspace', ['--workspace', '../w1'], /"\.\.\/w1" is no id/],
    ['every service account', ['--workspace', 'w1', '--service-account', '*'], /--service-account cannot be "\*"/],
    ['every namespace', ['--workspace', 'w1', '--service-account-namespace', '*'], /--service-account-namespace/],
    ['an audience that is a file to the vault tool', ['--workspace', 'w1', '--audience', '@/etc/hosts'], /--audience/],
    ['no audience', ['--workspace', 'w1', '--audience', ''], /--audience/],
    ['a token but nothing to do with it', ['--workspace', 'w1', '--token-file', '/f'], /--apply/],
  ])('to %s', async (_, words, message) => {
    await using world = await openDoubleWorld({ workspaces: [] })
    await expect(provision(world.settings, ...words)).rejects.toThrow(UsageError)
    await expect(provision(world.settings, ...words)).rejects.toThrow(message)
  })

  test('when the namespace is not there', async () => {
    await using world = await openEmptyVault()
    const result = await applied(
      { ...world, settings: { ...world.settings, namespace: 'nowhere' } },
      '--workspace',
      'w1',
    )
    expect([result.exitCode, result.lines]).toEqual([
      1,
      [expect.stringMatching(/^policy ws-w1: failed.*in the namespace nowhere.*VAULT_NAMESPACE/)],
    ])
  })

  test.each(['default', 'Root'])('when the policy would be the one of Vault that is called %s', async id => {
    await using world = await openEmptyVault()
    const { signIn } = world.settings
    if (signIn.method !== 'kubernetes') throw new Error('The default is another.')
    const plain = { ...world.settings, signIn: { ...signIn, role: '{workspace}' } }
    await expect(applied({ ...world, settings: plain }, '--workspace', id)).rejects.toThrow(/Vault's own.*VAULT_ROLE/)
    expect(world.double.records).toEqual([])
  })

  test('when there is no Vault', async () => {
    await expect(provision(null, '--workspace', 'w1')).rejects.toThrow(/VAULT_ADDR/)
  })

  test("when the operator's token is missing, for everybody to read, or not enough", async () => {
    await using world = await openEmptyVault()
    const weak = { policies: ['nothing'], no_default_policy: true, ttl: '1h' }
    const reply = world.double.operate('POST', 'auth/token/create', weak).body as { auth: { client_token: string } }
    await writeFile(join(world.directory, 'weak'), reply.auth.client_token, { mode: 0o600 })
    const [absent, weakFile] = ['absent', 'weak'].map(name => join(world.directory, name))
    await chmod(world.tokenFile, 0o644)
    for (const [file, message] of [
      [absent, /absent cannot be read: ENOENT/],
      [world.tokenFile, /may be read by other accounts/],
      [weakFile, /policy ws-w1: failed. Your token may not read sys\/policies\/acl\/ws-w1/],
    ] as const) {
      const result = await provision(world.settings, '--workspace', 'w1', '--apply', '--token-file', String(file))
      expect([result.exitCode, result.lines.join()]).toEqual([1, expect.stringMatching(message)])
      const said = JSON.stringify(result)
      for (const secret of [world.double.rootToken, reply.auth.client_token]) expect(said).not.toContain(secret)
    }
  })

  test('when Vault is sealed, or the auth method is not there; and goes on with the next workspace', async () => {
    await using world = await openEmptyVault()
    const { signIn } = world.settings
    if (signIn.method !== 'kubernetes') throw new Error('The default is another.')
    const elsewhere = { ...world.settings, signIn: { ...signIn, mount: 'elsewhere' } }
    const result = await applied({ ...world, settings: elsewhere }, '--workspace', 'w1', '--workspace', 'w2')
    expect(result.exitCode).toBe(1)
    expect(result.lines).toEqual([
      'policy ws-w1: created',
      expect.stringMatching(/^role ws-w1: failed. Vault has nothing that could hold auth\/elsewhere\/role\/ws-w1/),
      'policy ws-w2: created',
      expect.stringMatching(/^role ws-w2: failed/),
    ])
    world.double.sealed = true
    expect((await applied(world, '--workspace', 'w1')).lines).toEqual([expect.stringMatching(/failed.*sealed/)])
  })

  test('when another workspace has the policy, whose id differs in upper and lower case only', async () => {
    await using world = await openEmptyVault()
    await applied(world, '--workspace', 'Team')
    // As Vault does, which the double does not.
    const policy = bodyOf(world.double.operate('GET', 'sys/policies/acl/ws-Team'))
    world.double.operate('PUT', 'sys/policies/acl/ws-team', { policy: policy['policy'] })
    const result = await applied(world, '--workspace', 'team')
    expect([result.exitCode, result.lines]).toEqual([1, [expect.stringMatching(/failed.*the workspace Team/)]])
  })
})

test('for programs it answers the objects and what became of them', async () => {
  await using world = await openEmptyVault()
  const { objects } = provisionOf(world.settings, 'w1', account)
  const workspace = { workspaceId: 'w1', namespace: null }
  expect((await provision(world.settings, '--workspace', 'w1')).json).toEqual({
    applied: false,
    workspaces: [{ ...workspace, objects }],
  })
  expect((await applied(world, '--workspace', 'w1')).json).toEqual({
    applied: true,
    workspaces: [{ ...workspace, objects: objects.map(each => ({ ...each, outcome: 'created', error: null })) }],
  })
})
