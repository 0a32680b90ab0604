import { describe, expect, test } from 'vitest'
import { withRetries } from '../../../src/secrets/vault/retry.ts'
import { faultOfAnswer, faultOfBrokenCall, type VaultFault } from '../../../src/secrets/vault/vault-faults.ts'
import { rejection } from './scripted-vault.ts'

const errors = { errors: [] }
const answered = (status: number, retryAfter: string | null = null) => faultOf({ status, body: errors, retryAfter })
const reset = faultOfBrokenCall(Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }))
const refused = faultOfBrokenCall(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }))
const late = faultOfBrokenCall(Object.assign(new Error('late'), { code: 'UND_ERR_HEADERS_TIMEOUT' }))

function faultOf(answer: Parameters<typeof faultOfAnswer>[0]): VaultFault {
  const fault = faultOfAnswer(answer)
  if (!fault) throw new Error('It is no fault.')
  return fault
}

/** How often something that always fails so is tried. */
async function attemptsOf(fault: VaultFault, repeatable: boolean, budgetMs = 60_000): Promise<number> {
  let attempts = 0
  const failing = async () => {
    attempts++
    throw fault
  }
  const signal = new AbortController().signal
  const options = { repeatable, now: () => 0, deadline: budgetMs, signal, random: () => 0 }
  expect(await rejection(withRetries(failing, options))).toBe(fault)
  return attempts
}

describe('a request is sent again', () => {
  test.each([
    ['412, which was not carried out', answered(412), 4, 4],
    ['429, which was not carried out', answered(429), 6, 6],
    ['500, if it may be carried out twice', answered(500), 3, 1],
    ['502, if it may be carried out twice', answered(502), 3, 1],
    ['a reset, if it may be carried out twice', reset, 2, 1],
    ['no one listening, never', refused, 1, 1],
    ['no answer in time, never', late, 1, 1],
    ['503, never', answered(503), 1, 1],
    ['501, never', answered(501), 1, 1],
    ['a page of a proxy, never', faultOf({ status: 404, body: undefined, retryAfter: null }), 1, 1],
  ] as const)('after %s', async (_, fault, ifRepeatable, ifNot) => {
    expect(await attemptsOf(fault, true)).toBe(ifRepeatable)
    expect(await attemptsOf(fault, false)).toBe(ifNot)
  })

  test('until it succeeds', async () => {
    const failures: VaultFault[] = [answered(412), answered(500), answered(412)]
    const attempt = async () => {
      const failure = failures.shift()
      if (failure) throw failure
      return 'done'
    }
    const { signal } = new AbortController()
    expect(await withRetries(attempt, { repeatable: true, now: () => 0, deadline: 10_000, signal })).toBe('done')
  })

  test('not when the wait that Vault asks for is longer than what is left', async () => {
    expect(answered(429, '8').waitMs).toBe(8_000)
    expect(await attemptsOf(answered(429, '8'), true, 8_000)).toBe(1)
    expect(await attemptsOf(answered(429), true, 100)).toBe(1)
  })

  test.each(['-1', '1e9', '99999999', 'Wed, 21 Oct 2026 07:28:00 GMT', 'NaN', ''])(
    'without regard for a Retry-After of "%s"',
    retryAfter => {
      expect(answered(429, retryAfter).waitMs).toBeNull()
    },
  )

  test('no more once its caller has given up; what was wrong is told all the same', async () => {
    const stop = new AbortController()
    let attempts = 0
    const fault = answered(429, '5')
    const waiting = withRetries(
      async () => {
        attempts++
        queueMicrotask(() => stop.abort())
        throw fault
      },
      { repeatable: true, now: () => 0, deadline: 60_000, signal: stop.signal },
    )
    expect(await rejection(waiting)).toBe(fault)
    expect(attempts).toBe(1)
  })
})
