import { inspect } from 'node:util'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { SecretValues } from '../../src/connectors/secret-values.ts'
import { type SecretAddress, type SecretStore, SecretStoreError } from '../../src/secrets/secret-store.ts'
import { canarySecret, marker, spellings } from '../canary/secrets.ts'

export interface StoreUnderTest {
  readonly store: SecretStore
  /**
   * An address under which nothing was ever stored, prepared as the life cycle of secret versions does. Asked for the
   * workspaces `w1` and `w2` only.
   */
  newAddress(workspaceId?: string, connectorId?: string): Promise<SecretAddress>
  /** What the life cycle does before it fences a version; nothing when left out. */
  claim?(address: SecretAddress): Promise<void>
  /** Of a store that speaks over a network: how many requests it has sent so far. */
  sent?(): number
  close(): Promise<void>
}

const values: fc.Arbitrary<SecretValues> = fc.dictionary(
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  { maxKeys: 6 },
)

const unreadable = expect.objectContaining({ name: 'SecretStoreError', reason: 'UNREADABLE' })

/** Something of every kind that an encoding on the way may take for its own. */
const awkwardValues: readonly SecretValues[] = [
  {},
  { password: '' },
  { password: ' \t\r\n' },
  { password: '\u0000\u0001\u001b[31m\u007f' },
  { password: '"\\/\'`$&{x}%s%00&amp;<script>\u2028\u2029\ufeff' },
  { password: 'e\u0301 é 😀 \u202etxet 漢字' },
  { password: '{"options":{"cas":0},"data":null}', 'tunnel.key': '-----BEGIN KEY-----\nMII=\n-----END KEY-----\n' },
  JSON.parse('{"__proto__":"a","constructor":"b","prototype":"c","toString":"d","hasOwnProperty":"e"}'),
  { fenced: 'true', data: 'x', metadata: 'y', errors: 'z', cas: '0' },
  Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`secret.${n}`, `value ${n}`])),
]

const illFormedIds = [
  '',
  '.',
  '..',
  '../w2',
  'w1/../w2',
  '%2e%2e',
  'w1%2Fx',
  'w1#',
  'w1?x=',
  'w 1',
  'w1\n',
  'w1\0',
  '+',
  '*',
]

/** What every secret store must do. */
export function secretStoreContract(name: string, open: () => Promise<StoreUnderTest>): void {
  describe(`${name} keeps the contract of secret stores`, () => {
    let subject: StoreUnderTest
    let store: SecretStore
    beforeAll(async () => {
      subject = await open()
      store = subject.store
    })
    afterAll(() => subject.close())

    const stored = async (secretValues: SecretValues, workspaceId = 'w1', connectorId?: string) => {
      const address = await subject.newAddress(workspaceId, connectorId)
      await store.put(address, secretValues)
      return address
    }
    const fence = async (address: SecretAddress) => {
      await subject.claim?.(address)
      await store.fence(address)
    }
    const listed = async (workspaceId: string) => {
      const found: SecretAddress[] = []
      for await (const address of store.list(workspaceId)) found.push(address)
      return found
    }
    const lies = async (address: SecretAddress) =>
      (await listed(address.workspaceId)).some(each => each.versionId === address.versionId)
    const failure = (work: Promise<unknown>) =>
      work.then(
        () => expect.fail('It did not fail.'),
        (error: unknown) => error,
      )

    test('gives back the values that were put', async () => {
      await fc.assert(
        fc.asyncProperty(values, async secretValues => {
          expect(await store.get(await stored(secretValues))).toEqual(secretValues)
        }),
        { numRuns: 30 },
      )
    })

    test.each(awkwardValues)('gives back values that are not easy to write down: %j', async secretValues => {
      const got = await store.get(await stored(secretValues))
      expect(Object.entries(got).sort()).toEqual(Object.entries(secretValues).sort())
    })

    test('gives back half a character, or refuses it', async () => {
      const address = await subject.newAddress()
      const secretValues = { password: 'a\ud800b' }
      const outcome = await store.put(address, secretValues).then(
        () => store.get(address),
        (error: unknown) => error,
      )
      expect([secretValues, unreadable]).toContainEqual(outcome)
      if (!(outcome instanceof SecretStoreError)) expect(outcome).toEqual(secretValues)
      else expect(outcome.reason).toBe('UNREADABLE')
    })

    test('gives back values of 500 KB', async () => {
      const secretValues = { key: 'k'.repeat(250_000), certificate: 'ü'.repeat(125_000) }
      expect(await store.get(await stored(secretValues))).toEqual(secretValues)
    })

    test('keeps what was put, whatever becomes of the object that it was given or gave', async () => {
      const given: Record<string, string> = { password: 'as put' }
      const address = await stored(given)
      given['password'] = 'changed'
      const got: Record<string, string> = { ...(await store.get(address)) }
      got['password'] = 'changed'
      expect(await store.get(address)).toEqual({ password: 'as put' })
    })

    test('keeps versions, connectors and workspaces apart', async () => {
      const [a, b] = [await stored({ password: 'a' }), await stored({ password: 'b' })]
      expect([await store.get(a), await store.get(b)]).toEqual([{ password: 'a' }, { password: 'b' }])
      for (const elsewhere of [
        { workspaceId: 'w2' },
        { connectorId: b.connectorId },
        { versionId: crypto.randomUUID() },
      ]) {
        await expect(store.get({ ...a, ...elsewhere })).rejects.toEqual(unreadable)
      }
    })

    test('never overwrites a version', async () => {
      const address = await stored({ password: 'first' })
      await expect(store.put(address, { password: 'second' })).rejects.toEqual(unreadable)
      await expect(store.put(address, {})).rejects.toEqual(unreadable)
      expect(await store.get(address)).toEqual({ password: 'first' })
    })

    test('lets one of those who put at once win, and nobody else', async () => {
      for (let round = 0; round < 3; round += 1) {
        const address = await subject.newAddress()
        const attempts = Array.from({ length: 8 }, (_, n) => ({ password: `of ${n}` }))
        const outcomes = await Promise.allSettled(attempts.map(each => store.put(address, each)))
        const winners = attempts.filter((_, n) => outcomes[n]?.status === 'fulfilled')
        expect(winners).toHaveLength(1)
        expect(await store.get(address)).toEqual(winners[0])
      }
    })

    test('removes a version for good, as often as it is asked to', async () => {
      const [gone, kept] = [await stored({ password: 'gone' }), await stored({ password: 'kept' })]
      for (let time = 0; time < 2; time += 1) {
        await fence(gone)
        await expect(store.get(gone)).rejects.toEqual(unreadable)
      }
      for (let time = 0; time < 2; time += 1) {
        await store.forget(gone)
        await expect(store.get(gone)).rejects.toEqual(unreadable)
        expect(await lies(gone)).toBe(false)
      }
      expect(await store.get(kept)).toEqual({ password: 'kept' })
      expect(await lies(kept)).toBe(true)
    })

    test('never brings values back that were fenced', async () => {
      const address = await stored({ password: 'fenced' })
      await fence(address)
      for (const late of [{ password: 'fenced' }, { password: 'other' }, {}]) {
        await expect(store.put(address, late)).rejects.toBeInstanceOf(SecretStoreError)
        await expect(store.get(address)).rejects.toEqual(unreadable)
      }
    })

    test('fences what was never put, so that it never is', async () => {
      const address = await subject.newAddress()
      await fence(address)
      await expect(store.put(address, { password: 'late' })).rejects.toMatchObject({ fault: 'WITHDRAWN' })
      await expect(store.get(address)).rejects.toEqual(unreadable)
      await fence(address)
      await store.forget(address)
      expect(await lies(address)).toBe(false)
    })

    test('has either the values or nothing for who reads while they are fenced', async () => {
      const address = await stored({ password: 'whole' })
      await subject.claim?.(address)
      const reads = Array.from({ length: 6 }, () => store.get(address))
      const [fenced, ...outcomes] = await Promise.allSettled([store.fence(address), ...reads])
      expect(fenced).toEqual({ status: 'fulfilled', value: undefined })
      for (const outcome of outcomes) {
        expect([
          { status: 'fulfilled', value: { password: 'whole' } },
          { status: 'rejected', reason: unreadable },
        ]).toContainEqual(outcome)
      }
      await expect(store.get(address)).rejects.toEqual(unreadable)
    })

    test('never has values after the fence, whether a put came before or after it', async () => {
      for (let round = 0; round < 10; round += 1) {
        const address = await subject.newAddress()
        const put = store.put(address, { password: 'racing' })
        await Promise.allSettled([put, fence(address)])
        await expect(store.get(address)).rejects.toEqual(unreadable)
      }
    })

    test('forgets what is not there', async () => {
      await expect(store.forget(await subject.newAddress())).resolves.toBeUndefined()
    })

    test('lists everything that was put, by workspace', async () => {
      const before = new Set((await listed('w1')).map(each => each.versionId))
      const elsewhere = await stored({ password: 'x' }, 'w2')
      const put: SecretAddress[] = []
      for (let connector = 0; connector < 30; connector += 1) {
        const first = await stored({ password: 'x' })
        const others = [1, 2, 3].map(() => stored({ password: 'x' }, 'w1', first.connectorId))
        put.push(first, ...(await Promise.all(others)))
      }
      const ids = (addresses: readonly SecretAddress[]) =>
        addresses.map(each => `${each.workspaceId} ${each.connectorId} ${each.versionId}`).sort()
      const found = (await listed('w1')).filter(each => !before.has(each.versionId))
      expect(ids(found)).toEqual(ids(put))
      expect((await listed('w2')).some(each => each.versionId === elsewhere.versionId)).toBe(true)
      const [one] = put
      for await (const address of store.list('w1')) {
        expect(address.workspaceId).toBe('w1')
        // Who has seen enough may stop.
        break
      }
      expect(one && (await store.get(one))).toEqual({ password: 'x' })
    }, 60_000)

    test('does what is asked of it in any order', async () => {
      type State = { readonly at: 'NOTHING' | 'STORED' | 'FENCED' | 'FORGOTTEN'; readonly values?: SecretValues }
      const step = fc.record({
        what: fc.constantFrom('put', 'put', 'get', 'fence', 'forget', 'list'),
        which: fc.nat(2),
        values,
      })
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 25 }), async steps => {
          const addresses = [await subject.newAddress(), await subject.newAddress('w2'), await subject.newAddress()]
          const states: State[] = addresses.map(() => ({ at: 'NOTHING' }))
          for (const { what, which, values: given } of steps) {
            const [address, state] = [addresses[which], states[which]]
            if (!address || !state) throw new Error('There is no such address.')
            // What comes after that, the quarantine has to keep away.
            if (state.at === 'FORGOTTEN' && what === 'put') continue
            if (what === 'put' && state.at === 'NOTHING') {
              await store.put(address, given)
              states[which] = { at: 'STORED', values: given }
            } else if (what === 'put') {
              const other = { ...given, 'not the same': 'as before' }
              expect(await failure(store.put(address, other))).toBeInstanceOf(SecretStoreError)
            } else if (what === 'fence' && state.at !== 'FORGOTTEN') {
              await fence(address)
              states[which] = { at: 'FENCED' }
            } else if (what === 'forget' && state.at === 'FENCED') {
              await store.forget(address)
              states[which] = { at: 'FORGOTTEN' }
            } else if (what === 'list' && state.at !== 'FENCED') {
              expect(await lies(address)).toBe(state.at === 'STORED')
            }
            const { at, values: expected } = states[which] ?? state
            if (at === 'STORED') expect(await store.get(address)).toEqual(expected)
            else expect(await failure(store.get(address))).toEqual(unreadable)
          }
        }),
        { numRuns: 12 },
      )
    }, 60_000)

    test('says nothing of the values when it fails', async () => {
      const [before, given] = [canarySecret(), canarySecret()]
      const address = await stored({ password: before })
      const errors = [await failure(store.put(address, { password: given }))]
      await fence(address)
      errors.push(await failure(store.put(address, { password: given })), await failure(store.get(address)))
      for (const error of errors) {
        expect(error).toBeInstanceOf(SecretStoreError)
        const text = everythingOf(error)
        for (const secret of [before, given]) {
          for (const spelling of spellings(secret)) expect(text).not.toContain(spelling)
        }
        expect(text).not.toContain(marker)
      }
    })

    // Where ids become part of a path, these lead into another workspace, or to nothing at all.
    test.each(illFormedIds)('has nothing under the id %j, and asks nobody about it', async id => {
      const good = await stored({ password: 'x' })
      const before = subject.sent?.()
      for (const field of ['workspaceId', 'connectorId', 'versionId'] as const) {
        const address = { ...good, [field]: id }
        expect(await failure(store.get(address))).toBeInstanceOf(Error)
        if (store.kind === 'SEALED') continue
        expect(await failure(store.put(address, { password: 'y' }))).toBeInstanceOf(Error)
        expect(await failure(store.fence(address))).toBeInstanceOf(Error)
        expect(await failure(store.forget(address))).toBeInstanceOf(Error)
        expect(await failure(listed(id))).toBeInstanceOf(Error)
      }
      expect(subject.sent?.()).toBe(before)
      expect(await store.get(good)).toEqual({ password: 'x' })
    })

    test('says that it is ready', async () => {
      await expect(store.check()).resolves.toBeUndefined()
    })

    test('says how long a late answer may be on its way', () => {
      expect(store.quarantineMs).toBeGreaterThanOrEqual(store.kind === 'SEALED' ? 0 : 3_600_000)
    })
  })
}

/** All that anybody could print of an error. */
export const everythingOf = (error: unknown): string =>
  `${inspect(error, { depth: 20, showHidden: true })}${String(error)}${JSON.stringify(error)}${error instanceof Error ? `${error.stack}${String(error.cause)}` : ''}`
