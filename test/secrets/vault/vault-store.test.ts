import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { FailpointError, failpoints } from '../../../src/db/failpoint.ts'
import type { SecretAddress, SecretStore } from '../../../src/secrets/secret-store.ts'
import { openVaultClient } from '../../../src/secrets/vault/vault-client.ts'
import type { VaultLimits } from '../../../src/secrets/vault/vault-limits.ts'
import { createVaultStore } from '../../../src/secrets/vault/vault-store.ts'
import { maxValuesBytes } from '../../../src/secrets/vault/vault-values.ts'
import type { WorkspaceClient } from '../../../src/secrets/vault/workspace-client.ts'
import { newId } from '../../../src/services/ids.ts'
import { VaultDouble } from '../../servers/vault-double.ts'
import { type VaultFault, vaultFaults } from '../../servers/vault-faults.ts'
import { answers, rejection, scriptedVault, settingsOf, shortLimits } from './scripted-vault.ts'

const newAddress = (changes: Partial<SecretAddress> = {}): SecretAddress => ({
  workspaceId: 'w1',
  connectorId: crypto.randomUUID(),
  versionId: crypto.randomUUID(),
  ...changes,
})
const fault = (name: string) => expect.objectContaining({ name: 'SecretStoreError', store: 'VAULT', fault: name })
const all = async (addresses: AsyncIterable<SecretAddress>) => {
  const found: SecretAddress[] = []
  for await (const address of addresses) found.push(address)
  return found
}

const stores: SecretStore[] = []
async function open(
  address: string,
  token: string,
  limits: Partial<VaultLimits> = { ...shortLimits, operationMs: 10_000 },
): Promise<SecretStore> {
  const settings = settingsOf(address)
  const client = await openVaultClient(settings, { limits })
  const workspaces: WorkspaceClient = {
    send: (_, request) => client.send({ ...request, namespace: null, token }),
    close: async () => undefined,
  }
  const store = createVaultStore({ settings, client, workspaces, operationMs: limits.operationMs ?? 10_000 })
  stores.push(store)
  return store
}
afterEach(async () => {
  for (const store of stores.splice(0)) await store.close()
})

describe('secrets in Vault', () => {
  let vault: VaultDouble
  let store: SecretStore
  beforeEach(async () => {
    vault = await VaultDouble.start()
    store = await open(vault.url, vault.rootToken)
    return () => vault[Symbol.asyncDispose]()
  })
  const pathOf = ({ workspaceId, connectorId, versionId }: SecretAddress) =>
    `workspaces/${workspaceId}/connectors/${connectorId}/${versionId}`
  const lying = (address: SecretAddress) => vault.kv().peek(pathOf(address))
  const write = (address: SecretAddress, data: object) =>
    vault.operate('POST', `secret/data/${pathOf(address)}`, { data })

  test('lie at one path for each version, written once and for good', async () => {
    const address = newAddress()
    await store.put(address, { password: 'x' })
    expect(vault.kv().paths).toEqual([pathOf(address)])
    expect(lying(address)).toEqual({ password: 'x' })
    await expect(store.put(address, { password: 'y' })).rejects.toEqual(fault('EXISTS'))
    await store.put(address, { password: 'x' })
    expect([lying(address), vault.kv().peek(pathOf(address), 2)]).toEqual([{ password: 'x' }, null])
    expect(await store.get(address)).toEqual({ password: 'x' })
  })

  describe('when the answer to a write is lost', () => {
    test.each([
      ['reset', 'RESET_AFTER'],
      ['late', 'HANG_AFTER'],
      ['stuck in its middle', 'HANG_IN_BODY'],
      ['cut off', 'HALF_BODY'],
      ['dripping', 'DRIP'],
    ] as readonly [string, VaultFault][])('(%s) are stored all the same', async (_, what) => {
      const address = newAddress()
      const armed = vault.fail(what, { method: 'POST', times: 1 })
      await store.put(address, { password: 'x' })
      expect([armed.struck, lying(address)]).toEqual([1, { password: 'x' }])
    })

    test.each([
      ['reset', 'RESET', 'UNREACHABLE'],
      ['late', 'HANG', 'TIMED_OUT'],
      ['a page', vaultFaults.html, 'FAILED'],
      ['other JSON', vaultFaults.wrongJson, 'FAILED'],
      ['no JSON', 'NO_JSON', 'FAILED'],
      ['endless', 'FLOOD', 'FAILED'],
      ['failing', vaultFaults.internal, 'FAILED'],
      ['sealed', vaultFaults.sealed, 'SEALED'],
      ['overloaded', vaultFaults.rateLimited(60), 'OVERLOADED'],
    ] as readonly [string, VaultFault, string][])(
      '(%s) and the write as well, that is told as what it was',
      async (_, what, name) => {
        const address = newAddress()
        vault.fail(what, { method: 'POST' })
        await expect(store.put(address, { password: 'x' })).rejects.toEqual(fault(name))
        expect(lying(address)).toBeNull()
      },
    )

    test('and reading fails too, that is told as it was at first', async () => {
      vault.fail('HANG_AFTER', { method: 'POST' })
      vault.fail(vaultFaults.internal, { method: 'GET' })
      await expect(store.put(newAddress(), { password: 'x' })).rejects.toEqual(fault('TIMED_OUT'))
    })

    test('and is repeated while reading fails, it is not said that others lie there', async () => {
      vault.fail('RESET_AFTER', { method: 'POST', times: 1 })
      vault.fail(vaultFaults.sealed, { method: 'GET' })
      const address = newAddress()
      await expect(store.put(address, { password: 'x' })).rejects.toEqual(fault('SEALED'))
      expect(lying(address)).toEqual({ password: 'x' })
    })

    test('and other values lie there, they stay', async () => {
      const address = newAddress()
      await store.put(address, { password: 'first' })
      vault.fail('HANG_AFTER', { method: 'POST', times: 1 })
      await expect(store.put(address, { password: 'second' })).rejects.toEqual(fault('EXISTS'))
      expect(lying(address)).toEqual({ password: 'first' })
    })
  })

  test('are not brought back by a write that comes after the fence', async () => {
    const address = newAddress()
    using held = vault.fail('HOLD', { method: 'POST', times: 1 })
    await expect(store.put(address, { password: 'late' })).rejects.toEqual(fault('TIMED_OUT'))
    await store.fence(address)
    const [late] = vault.seen('POST', /data/)
    expect(late?.carriedOut).toBeNull()
    held.release()
    await expect.poll(() => late?.carriedOut).toBe(400)
    await expect(store.get(address)).rejects.toEqual(fault('MISSING'))
    await expect(store.put(address, { password: 'late' })).rejects.toEqual(fault('WITHDRAWN'))
    expect(await all(store.list('w1'))).toEqual([address])
    await store.forget(address)
    expect(vault.kv().paths).toEqual([])
  })

  test('that are half fenced are neither read nor written', async () => {
    const address = newAddress()
    const armed = vault.fail(vaultFaults.internal, { method: 'PUT' })
    await expect(store.fence(address)).rejects.toEqual(fault('FAILED'))
    await expect(store.get(address)).rejects.toEqual(fault('MISSING'))
    for (const values of [{ password: 'x' }, {}]) {
      await expect(store.put(address, values)).rejects.toEqual(fault('WITHDRAWN'))
    }
    armed.disarm()
    await store.fence(address)
    expect(lying(address)).toBeNull()
  })

  test('are fenced and forgotten as often as it is asked for, whatever is there', async () => {
    const [stored, nothing, deleted] = [newAddress(), newAddress(), newAddress()]
    await store.put(stored, { password: 'x' })
    await store.put(deleted, { password: 'x' })
    vault.operate('DELETE', `secret/data/${pathOf(deleted)}`)
    for (const address of [stored, nothing, deleted]) {
      await store.fence(address)
      await store.fence(address)
      expect(lying(address)).toBeNull()
      vault.operate('POST', `secret/undelete/${pathOf(address)}`, { versions: [1] })
      await expect(store.get(address)).rejects.toEqual(fault('MISSING'))
      await store.forget(address)
      await store.forget(address)
    }
    expect(vault.kv().paths).toEqual([])
  })

  test('are missing when they were deleted, destroyed, lost or never there', async () => {
    const [deleted, destroyed, lost] = [newAddress(), newAddress(), newAddress()]
    for (const address of [deleted, destroyed, lost]) await store.put(address, { password: 'x' })
    vault.operate('DELETE', `secret/data/${pathOf(deleted)}`)
    vault.operate('PUT', `secret/destroy/${pathOf(destroyed)}`, { versions: [1] })
    vault.kv().lose(pathOf(lost))
    for (const address of [deleted, destroyed, lost, newAddress()]) {
      await expect(store.get(address)).rejects.toEqual(fault('MISSING'))
    }
  })

  test('are read as they were written, whoever has written others over them', async () => {
    const address = newAddress()
    await store.put(address, { password: 'x' })
    write(address, { password: 'by hand' })
    expect(await store.get(address)).toEqual({ password: 'x' })
  })

  test.each([{ password: 1 }, { password: null }, { password: 'x', more: { a: 'b' } }, { list: ['x'] }])(
    'are damaged when what lies there is %j',
    async data => {
      const address = newAddress()
      write(address, data)
      await expect(store.get(address)).rejects.toEqual(fault('DAMAGED'))
      await expect(store.put(address, { password: 'x' })).rejects.toEqual(fault('EXISTS'))
    },
  )

  test('are read from a standby that catches up late', async () => {
    const address = newAddress({ versionId: newId(Date.now()) })
    await store.put(address, { password: 'x' })
    const nothing: VaultFault = { reply: { status: 404, body: { errors: [] } } }
    using behind = vault.fail(nothing, { method: 'GET', times: 3 })
    expect(await store.get(address)).toEqual({ password: 'x' })
    expect(behind.struck).toBe(3)

    const old = newAddress({ versionId: newId(Date.now() - 3_600_000) })
    await store.put(old, { password: 'x' })
    using lost = vault.fail(nothing, { method: 'GET' })
    await expect(store.get(old)).rejects.toEqual(fault('MISSING'))
    expect(lost.struck).toBe(1)
  })

  test('are not said to be kept where the engine deletes by itself, also when the answer is lost; and are removed', async () => {
    vault.operate('POST', 'secret/config', { delete_version_after: '1h' })
    const kept = expect.objectContaining({ fault: 'FAILED', message: expect.stringContaining('delete_version_after') })
    for (const lost of [0, 1]) {
      const address = newAddress()
      const armed = vault.fail('RESET_AFTER', { method: 'POST', times: lost })
      await expect(store.put(address, { password: 'x' })).rejects.toEqual(kept)
      expect(armed.struck).toBe(lost)
      await store.fence(address)
      expect(lying(address)).toBeNull()
    }
    vault.operate('POST', 'secret/config', { delete_version_after: '0s' })
    await store.put(newAddress(), { password: 'x' })
  })

  test('are listed by workspace; what is none of them is not', async () => {
    const [a, b] = [newAddress(), newAddress()]
    const [sibling, other] = [newAddress({ connectorId: a.connectorId }), newAddress({ workspaceId: 'w2' })]
    for (const address of [a, b, sibling, other]) await store.put(address, { password: 'x' })
    for (const odd of ['notes', 'notes/a', `${a.connectorId}/notes`, `${a.connectorId}/notes/a`, crypto.randomUUID()]) {
      vault.operate('POST', `secret/data/workspaces/w1/connectors/${odd}`, { data: {} })
    }
    const byId = (x: SecretAddress, y: SecretAddress) => (x.versionId < y.versionId ? -1 : 1)
    expect((await all(store.list('w1'))).sort(byId)).toEqual([a, b, sibling].sort(byId))
    expect(await all(store.list('w2'))).toEqual([other])
    expect(await all(store.list('w3'))).toEqual([])
  })

  test('take as much room as can be read again, and no more', async () => {
    const { length: envelope } = JSON.stringify({ password: '' })
    for (const [piece, bytes] of [
      ['x', 1],
      ['<', 6],
      ['\u2028', 8],
      ['"', 2],
      ['ü', 2],
      ['\u0001', 6],
      ['\f', 7],
    ] as const) {
      const values = { password: piece.repeat(Math.floor((maxValuesBytes - envelope) / bytes)) }
      const address = newAddress()
      await store.put(address, values)
      expect(await store.get(address)).toEqual(values)
      const before = vault.records.length
      await expect(store.put(newAddress(), { password: `${values.password}${piece}` })).rejects.toEqual(
        fault('TOO_LARGE'),
      )
      expect(vault.records).toHaveLength(before)
    }
  })

  test('are refused when they could not be read again as they were', async () => {
    for (const values of [{ password: 'a\ud800b' }, { '\udc00': 'x' }]) {
      await expect(store.put(newAddress(), values)).rejects.toEqual(fault('DAMAGED'))
    }
    expect(vault.records).toEqual([])
    const address = newAddress()
    const awkward = JSON.parse('{"__proto__":"a","constructor":"b","":"\\u0000","😀":"\\ud83d\\ude00"}')
    await store.put(address, awkward)
    expect(Object.entries(await store.get(address)).sort()).toEqual(Object.entries(awkward).sort())
  })

  test.each(['../w2', '..', '%2e%2e', 'w1/../w2', 'w1#', 'w1?list=true', ''])(
    'are not asked for with the id %j',
    async id => {
      for (const address of [
        newAddress({ workspaceId: id }),
        newAddress({ connectorId: id }),
        newAddress({ versionId: id }),
      ]) {
        for (const work of [
          () => store.put(address, { password: 'x' }),
          () => store.get(address),
          () => store.fence(address),
          () => store.forget(address),
        ]) {
          expect(await rejection(work())).toBeInstanceOf(Error)
        }
      }
      await expect(all(store.list(id))).rejects.toBeInstanceOf(Error)
      expect(vault.records).toEqual([])
    },
  )

  test('cannot be used where no engine is mounted, which is not taken for missing', async () => {
    vault.operate('DELETE', 'sys/mounts/secret')
    for (const work of [
      () => store.put(newAddress(), { password: 'x' }),
      () => store.get(newAddress()),
      () => store.fence(newAddress()),
      () => store.forget(newAddress()),
      () => all(store.list('w1')),
    ]) {
      const error = await rejection(work())
      expect(error).toEqual(fault('FAILED'))
      expect(String(error)).toContain('nothing is mounted at VAULT_KV_MOUNT')
    }
  })

  test('that are tested for are as good as Vault', async () => {
    await store.check()
    vault.sealed = true
    await expect(store.get(newAddress())).rejects.toEqual(fault('SEALED'))
    await expect(store.check()).rejects.toEqual(fault('SEALED'))
  })

  test('can fail between any two requests', async () => {
    expect(failpoints.filter(name => name.startsWith('vault.'))).toEqual(['vault.beforeSend', 'vault.afterSend'])
    const changing: readonly [string, (store: SecretStore, address: SecretAddress) => Promise<void>, number][] = [
      ['put', (each, address) => each.put(address, { password: 'x' }), 1],
      ['fence', (each, address) => each.fence(address), 2],
      ['forget', (each, address) => each.forget(address), 1],
    ]
    for (const [name, work, requests] of changing) {
      for (let count = 1; count <= requests; count++) {
        for (const [point, done] of [
          ['vault.beforeSend', count - 1],
          ['vault.afterSend', count],
        ] as const) {
          vi.stubEnv('PATCHBAY_FAILPOINT', `${point}#${count}=throw`)
          vi.resetModules()
          const { createVaultStore: createArmed } = await import('../../../src/secrets/vault/vault-store.ts')
          vi.unstubAllEnvs()
          const settings = settingsOf(vault.url)
          const client = await openVaultClient(settings)
          const send: WorkspaceClient['send'] = (_, request) =>
            client.send({ ...request, namespace: null, token: vault.rootToken })
          const armed = createArmed({ settings, client, workspaces: { send, close: async () => undefined } })
          const before = vault.records.length
          expect(await rejection(work(armed, newAddress())), name).toMatchObject({ name: FailpointError.name })
          expect(vault.records.length - before, `${name} ${point}#${count}`).toBe(done)
          await armed.close()
        }
      }
    }
  })
})

describe('a store in Vault', () => {
  test('does not take an engine of another version for one of secrets', async () => {
    await using first = await scriptedVault(answers(204))
    await using second = await scriptedVault(answers(200, { data: { data: { password: 'x' }, options: { cas: 0 } } }))
    const [write, read] = [await open(first.address, 'a-token'), await open(second.address, 'a-token')]
    for (const work of [() => write.put(newAddress(), { password: 'x' }), () => read.get(newAddress())]) {
      const error = await rejection(work())
      expect(error).toEqual(fault('FAILED'))
      expect(String(error)).toContain('VAULT_KV_MOUNT is not a KV engine of version 2')
    }
  })

  test('ends in its time whatever it waits for', async () => {
    const workspaces: WorkspaceClient = { send: () => new Promise(() => {}), close: () => new Promise(() => {}) }
    const client = { check: async () => undefined, close: async () => undefined }
    const store = createVaultStore({ settings: settingsOf('http://127.0.0.1:1'), client, workspaces, operationMs: 50 })
    for (const work of [
      () => store.put(newAddress(), { password: 'x' }),
      () => store.get(newAddress()),
      () => store.fence(newAddress()),
      () => store.forget(newAddress()),
      () => all(store.list('w1')),
    ]) {
      await expect(work()).rejects.toEqual(fault('TIMED_OUT'))
    }
  })

  test('gives its tokens back before it hangs up, and never fails at that', async () => {
    const order: string[] = []
    const close = (name: string) => async () => {
      order.push(name)
      throw new Error('No.')
    }
    const workspaces: WorkspaceClient = { send: () => new Promise(() => {}), close: close('tokens') }
    const client = { check: async () => undefined, close: close('connections') }
    await createVaultStore({ settings: settingsOf('http://127.0.0.1:1'), client, workspaces }).close()
    expect(order).toEqual(['tokens', 'connections'])
  })
})
