import { stat } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { loadConfig } from '../../../src/config.ts'
import { openVaultStore } from '../../../src/secrets/vault/vault-store.ts'
import { type DoubleWorldOptions, openDoubleWorld } from './double-world.ts'

const silent = { info: () => {}, warn: () => {} }

const ways: readonly DoubleWorldOptions[] = [
  {},
  { tls: true, namespace: 'team/{workspace}', kvMount: 'kv/{workspace}', kvPrefix: 'of/{workspace}' },
  { auth: 'approle', authMount: 'programs' },
  { auth: 'token', kvMount: 'own' },
]

test.each(ways)('a program and a store are given the same settings: %j', async options => {
  await using world = await openDoubleWorld(options)
  const config = loadConfig(world.environment, { envFile: null })
  expect(config).toMatchObject({ secretStore: 'vault', vault: world.settings })
})

test.each(ways)('a workspace uses what was provisioned, and no other has anything: %j', async options => {
  await using world = await openDoubleWorld({ ...options, workspaces: ['w1', 'w2'] })
  // Again: it is done for every start of a program.
  await world.provision('w1')
  const store = await openVaultStore(world.settings, silent)
  const address = { workspaceId: 'w1', connectorId: crypto.randomUUID(), versionId: crypto.randomUUID() }
  await store.put(address, { password: 'x' })
  expect(world.paths('w1')).toHaveLength(1)
  expect(world.paths('w2')).toEqual([])
  await expect(store.put({ ...address, workspaceId: 'w3' }, { password: 'x' })).rejects.toMatchObject({
    name: 'SecretStoreError',
    reason: 'UNAVAILABLE',
  })
  await world.provision('w3')
  expect(world.double.mispaired()).toEqual([])
  await store.close()
})

test.each(['kubernetes', 'approle', 'token'] as const)('what was unprovisioned cannot sign in: %s', async auth => {
  await using world = await openDoubleWorld({ auth })
  await world.unprovision('default')
  const store = await openVaultStore(world.settings, silent)
  const address = { workspaceId: 'default', connectorId: crypto.randomUUID(), versionId: crypto.randomUUID() }
  await expect(store.get(address)).rejects.toMatchObject({ fault: 'SIGN_IN_REFUSED' })
  await store.close()
})

test('credentials lie in files that only their owner reads, and go with the world', async () => {
  const world = await openDoubleWorld({ auth: 'token' })
  const { signIn } = world.settings
  if (signIn.method !== 'token') throw new Error('It is another method.')
  const file = signIn.file.replace('{workspace}', 'default')
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  await world[Symbol.asyncDispose]()
  await expect(stat(world.directory)).rejects.toMatchObject({ code: 'ENOENT' })
})
