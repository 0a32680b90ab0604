import { afterAll, describe, expect, test } from 'vitest'
import { type SecretAddress, SecretStoreError } from '../../../src/secrets/secret-store.ts'
import { openVaultStore } from '../../../src/secrets/vault/vault-store.ts'
import { canarySecret, spellings } from '../../canary/secrets.ts'
import { type VaultFault, vaultFaults } from '../../servers/vault-faults.ts'
import { everythingOf, secretStoreContract } from '../secret-store-contract.ts'
import { type DoubleWorldOptions, openDoubleWorld } from './double-world.ts'

const workspaces = ['w1', 'w2']
const elsewhere = { namespace: 'team/patchbay', kvMount: 'own/kv', kvPrefix: 'a/b' }
const silent = { info: () => {}, warn: () => {} }

const newAddress = (workspaceId = 'w1', connectorId: string = crypto.randomUUID()): SecretAddress => ({
  workspaceId,
  connectorId,
  versionId: crypto.randomUUID(),
})

const ways: Readonly<Record<string, DoubleWorldOptions>> = {
  'by Kubernetes': {},
  "by Kubernetes in HashiCorp's words": { product: 'VAULT' },
  'by Kubernetes, over TLS': { tls: true },
  'by Kubernetes, elsewhere': { ...elsewhere, authMount: 'clusters/eu' },
  'by Kubernetes, in a namespace for each workspace': { namespace: 'patchbay/{workspace}', kvMount: 'kv' },
  'by AppRole': { auth: 'approle' },
  'by AppRole, elsewhere, over TLS': { auth: 'approle', tls: true, ...elsewhere, authMount: 'programs' },
  'by tokens': { auth: 'token' },
  'by tokens, elsewhere': { auth: 'token', ...elsewhere },
}

for (const [way, options] of Object.entries(ways)) {
  describe(`secrets in Vault ${way}`, async () => {
    const world = await openDoubleWorld({ ...options, workspaces })
    afterAll(() => world[Symbol.asyncDispose]())

    secretStoreContract(`Vault ${way}`, async () => {
      const store = await openVaultStore(world.settings, silent)
      return {
        store,
        newAddress: async (workspaceId, connectorId) => newAddress(workspaceId, connectorId),
        sent: () => world.double.records.length,
        close: () => store.close(),
      }
    })

    test('needed nothing that the policy of a workspace does not give, and gave every token back', () => {
      const { double } = world
      expect(double.records.length).toBeGreaterThan(500)
      expect(double.mispaired()).toEqual([])
      expect(double.records.filter(({ status }) => status === 403)).toEqual([])
      // Those of files belong to whoever keeps the files.
      expect(double.liveTokens).toBe(options.auth === 'token' ? workspaces.length : 0)
    })
  })
}

const faults: Readonly<Record<string, VaultFault>> = {
  HALF_BODY: 'HALF_BODY',
  RESET: 'RESET',
  RESET_AFTER: 'RESET_AFTER',
  NO_JSON: 'NO_JSON',
  FLOOD: 'FLOOD',
  html: vaultFaults.html,
  wrongJson: vaultFaults.wrongJson,
  sealed: vaultFaults.sealed,
  internal: vaultFaults.internal,
  denied: vaultFaults.denied,
  rateLimited: vaultFaults.rateLimited(60),
  redirect: vaultFaults.redirect('http://127.0.0.1:9/'),
  upgrading: vaultFaults.upgrading,
}

test.each(Object.entries(faults))('errors of %s hold neither values nor credentials', async (_, fault) => {
  await using world = await openDoubleWorld({ workspaces })
  const store = await openVaultStore(world.settings, silent)
  const [before, given] = [canarySecret(), canarySecret()]
  const address = newAddress()
  await store.put(address, { password: before })
  using _armed = world.double.fail(fault)
  const outcomes = await Promise.allSettled([
    store.get(address),
    store.put(newAddress(), { password: given }),
    store.put(address, { password: given }),
    store.fence(newAddress()),
    store.forget(newAddress()),
    store.list('w1')[Symbol.asyncIterator]().next(),
  ])
  const credentials = world.double.records.flatMap(record => record.token ?? [])
  expect(new Set(credentials).size).toBeGreaterThanOrEqual(1)
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') continue
    expect(outcome.reason).toBeInstanceOf(SecretStoreError)
    const text = everythingOf(outcome.reason)
    for (const secret of [before, given]) for (const each of spellings(secret)) expect(text).not.toContain(each)
    for (const credential of credentials) expect(text).not.toContain(credential)
  }
  expect(outcomes.some(outcome => outcome.status === 'rejected')).toBe(true)
  world.double.heal()
  await store.close()
})
