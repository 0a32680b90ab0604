import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SecretValues } from '../../src/connectors/secret-values.ts'
import { type SecretAddress, type SecretStore, SecretStoreError } from '../../src/secrets/secret-store.ts'

export interface StoreUnderTest {
  readonly store: SecretStore
  /** An address under which nothing was ever stored, prepared as the life cycle of secret versions does. */
  newAddress(workspaceId?: string, connectorId?: string): Promise<SecretAddress>
  close(): Promise<void>
}

const values: fc.Arbitrary<SecretValues> = fc.dictionary(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  { maxKeys: 6 },
)

const unreadable = expect.objectContaining({ name: 'SecretStoreError', reason: 'UNREADABLE' })

/** What every secret store must do. */
export function secretStoreContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} keeps the contract of secret stores`, () => {
    let subject: StoreUnderTest
    beforeAll(async () => {
      subject = await open()
    })
    afterAll(() => subject.close())

    test('gives back the values that were put', async () => {
      await fc.assert(
        fc.asyncProperty(values, async secretValues => {
          const address = await subject.newAddress()
          await subject.store.put(address, secretValues)
          expect(await subject.store.get(address)).toEqual(secretValues)
        }),
        { numRuns: 30 },
      )
    })

    test('keeps versions, connectors and workspaces apart', async () => {
      const [a, b] = [await subject.newAddress('w1'), await subject.newAddress('w1')]
      await subject.store.put(a, { password: 'a' })
      await subject.store.put(b, { password: 'b' })
      expect([await subject.store.get(a), await subject.store.get(b)]).toEqual([{ password: 'a' }, { password: 'b' }])
      for (const elsewhere of [
        { workspaceId: 'w2' },
        { connectorId: b.connectorId },
        { versionId: crypto.randomUUID() },
      ]) {
        await expect(subject.store.get({ ...a, ...elsewhere })).rejects.toEqual(unreadable)
      }
    })

    test('never overwrites a version', async () => {
      const address = await subject.newAddress()
      await subject.store.put(address, { password: 'first' })
      await expect(subject.store.put(address, { password: 'second' })).rejects.toBeInstanceOf(SecretStoreError)
      expect(await subject.store.get(address)).toEqual({ password: 'first' })
    })

    test('destroys a version for good, as often as it is asked to', async () => {
      const [gone, kept] = [await subject.newAddress(), await subject.newAddress()]
      await subject.store.put(gone, { password: 'gone' })
      await subject.store.put(kept, { password: 'kept' })
      await subject.store.fence(gone)
      await subject.store.fence(gone)
      await subject.store.fence(await subject.newAddress())
      await expect(subject.store.get(gone)).rejects.toEqual(unreadable)
      expect(await subject.store.get(kept)).toEqual({ password: 'kept' })
    })

    test('says that it is ready', async () => {
      await expect(subject.store.check()).resolves.toBeUndefined()
    })
  })
}
