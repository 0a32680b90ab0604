import { inspect } from 'node:util'
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { loggableError } from '../../../src/loggable-error.ts'
import { SecretStoreError } from '../../../src/secrets/secret-store.ts'
import { Lease } from '../../../src/secrets/vault/lease.ts'
import type { VaultAnswer, VaultRequest } from '../../../src/secrets/vault/vault-client.ts'
import {
  createWorkspaceClient,
  type WorkspaceClient,
  type WorkspaceRequest,
} from '../../../src/secrets/vault/workspace-client.ts'
import { CredentialFiles, FakeVault, fakeJwt, forbidden, recordingLogger, vaultSettings } from './fake-vault.ts'

const files = new CredentialFiles()
afterAll(() => files.remove())

const jwt = fakeJwt()
const jwtFile = files.write('jwt', `${jwt}\n`, 0o644)
const settings = vaultSettings(
  { method: 'kubernetes', mount: 'kubernetes', role: 'ws-{workspace}', jwtFile },
  'patchbay/{workspace}',
)

let vault: FakeVault
let logger: ReturnType<typeof recordingLogger>
let client: WorkspaceClient

function open(maxTokens?: number): WorkspaceClient {
  return createWorkspaceClient({
    settings,
    client: vault,
    logger,
    now: vault.now,
    ...(maxTokens !== undefined && { maxTokens }),
  })
}

beforeEach(() => {
  vault = new FakeVault()
  logger = recordingLogger()
  client = open()
})
afterEach(() => {
  vi.useRealTimers()
})

const read = (workspaceId: string, name = 'v1'): WorkspaceRequest => ({
  method: 'GET',
  path: `secret/data/workspaces/${workspaceId}/connectors/c1/${name}`,
  repeatable: true,
})
const list = (workspaceId: string): WorkspaceRequest => ({
  method: 'LIST',
  path: `secret/metadata/workspaces/${workspaceId}/connectors`,
  repeatable: true,
})
const status = (answer: Promise<VaultAnswer>) => answer.then(each => each.status)
const fault = (answer: Promise<VaultAnswer>) =>
  answer.then(
    each => `status ${each.status}`,
    error => (error instanceof SecretStoreError ? error.fault : String(error)),
  )
const times = (count: number, call: (index: number) => Promise<VaultAnswer>) =>
  Array.from({ length: count }, (_, index) => call(index))
const never = () => new Promise<never>(() => undefined)
const isData = ({ path }: VaultRequest) => path.startsWith('secret/')

test("sends with the workspace's own token, got by its role, in its namespace", async () => {
  expect(await status(client.send('w1', read('w1')))).toBe(200)
  const [login, data] = vault.requests
  expect(login).toEqual({
    method: 'POST',
    path: 'auth/kubernetes/login',
    namespace: 'patchbay/w1',
    token: null,
    body: { role: 'ws-w1', jwt },
    repeatable: true,
  })
  expect(data).toMatchObject({ ...read('w1'), namespace: 'patchbay/w1', token: [...vault.tokens.keys()][0] })
  expect(logger.lines).toEqual([
    ['info', { workspaceId: 'w1', method: 'kubernetes', leaseSeconds: 3600 }, 'Signed in to Vault'],
  ])
})

test.each(['', '../w2', 'w1/../w2', 'w1%2fw2', '{workspace}', 'ü', '-w', 'w'.repeat(65), 'w1\n'])(
  'sends nothing for the workspace id %j',
  async id => {
    await expect(client.send(id, read('w1'))).rejects.toThrow(TypeError)
    expect(vault.requests).toEqual([])
  },
)

test('passes on what Vault says of a request, except 403', async () => {
  for (const code of [204, 400, 404]) {
    vault.instead = request => (isData(request) ? { status: code, body: null } : undefined)
    expect(await status(client.send('w1', read('w1')))).toBe(code)
  }
  expect(vault.logins).toHaveLength(1)
})

describe('a sign-in', () => {
  test('is one for 200 first reads at once', async () => {
    const answers = await Promise.all(times(200, () => client.send('w1', read('w1'))))
    expect(answers.every(each => each.status === 200)).toBe(true)
    expect(vault.logins).toHaveLength(1)
    expect(vault.dataRequests).toHaveLength(200)
  })

  test('is made anew a minute before the token expires: two for three reads', async () => {
    for (const second of [0, 3539, 3541]) {
      vault.nowMs = second * 1000
      expect(await status(client.send('w1', read('w1')))).toBe(200)
    }
    expect(vault.logins).toHaveLength(2)
  })

  test.each([
    { leaseSeconds: 100, usedFor: 50 },
    { leaseSeconds: 2, usedFor: 1 },
    { leaseSeconds: 768 * 3600, usedFor: 3540 },
    { leaseSeconds: 0, usedFor: 3540 },
  ])('with a lease of $leaseSeconds s serves for $usedFor s', async ({ leaseSeconds, usedFor }) => {
    vault.instead = request => {
      if (!request.path.endsWith('/login')) return isData(request) ? { status: 200, body: null } : undefined
      return { status: 200, body: { auth: { client_token: 't', lease_duration: leaseSeconds } } }
    }
    await client.send('w1', read('w1'))
    vault.nowMs = usedFor * 1000 - 1
    await client.send('w1', read('w1'))
    expect(vault.logins).toHaveLength(1)
    vault.nowMs += 1
    await client.send('w1', read('w1'))
    expect(vault.logins).toHaveLength(2)
  })

  test('counts the lease from before it was asked for', async () => {
    vault.instead = request => {
      if (request.path.endsWith('/login')) vault.nowMs += 9_000
      return undefined
    }
    await client.send('w1', read('w1'))
    vault.nowMs = 3_540_000
    await client.send('w1', read('w1'))
    expect(vault.logins).toHaveLength(2)
  })

  test('reads the service-account token anew', async () => {
    const rotated = fakeJwt()
    try {
      await client.send('w1', read('w1'))
      files.write('jwt', rotated)
      await client.send('w2', read('w2'))
    } finally {
      files.write('jwt', jwt)
    }
    expect(vault.logins.map(each => each.body?.['jwt'])).toEqual([jwt, rotated])
  })

  test('never goes on beside more than seven others', async () => {
    let underWay = 0
    let most = 0
    vault.instead = async request => {
      if (!request.path.endsWith('/login')) return undefined
      most = Math.max(most, ++underWay)
      for (let turn = 0; turn < 5; turn++) await new Promise(resolve => setImmediate(resolve))
      underWay--
      return undefined
    }
    await Promise.all(times(40, index => client.send(`w${index}`, read(`w${index}`))))
    expect([vault.logins.length, most]).toEqual([40, 8])
  })
})

describe('a token that Vault refuses', () => {
  test('in the middle of its life costs one sign-in and one repetition', async () => {
    await client.send('w1', read('w1'))
    vault.tokens.clear()
    expect(await status(client.send('w1', read('w1', 'v2')))).toBe(200)
    expect(vault.logins).toHaveLength(2)
    expect(vault.dataRequests.map(each => each.path.at(-1))).toEqual(['1', '2', '2'])
  })

  test('costs one sign-in for 100 requests at once', async () => {
    await client.send('w1', read('w1'))
    vault.tokens.clear()
    const answers = await Promise.all(times(100, () => client.send('w1', read('w1'))))
    expect(answers.every(each => each.status === 200)).toBe(true)
    expect(vault.logins).toHaveLength(2)
    expect(vault.dataRequests).toHaveLength(201)
  })

  test('is given up only if it is still the one in use', async () => {
    await client.send('w1', read('w1'))
    vault.tokens.clear()
    const { promise: held, resolve } = Promise.withResolvers<void>()
    vault.instead = async request => {
      if (!request.path.endsWith('late') || request.token !== vault.dataRequests[0]?.token) return undefined
      await held
      return forbidden
    }
    const late = client.send('w1', read('w1', 'late'))
    expect(await status(client.send('w1', read('w1')))).toBe(200)
    resolve()
    expect(await status(late)).toBe(200)
    expect(vault.logins).toHaveLength(2)
  })

  test('as soon as it is fresh makes the request FORBIDDEN, of which Vault is asked no more for 30 s', async () => {
    vault.instead = request => (request.method === 'LIST' ? forbidden : undefined)
    expect(await fault(client.send('w1', list('w1')))).toBe('FORBIDDEN')
    expect([vault.logins.length, vault.dataRequests.length]).toEqual([2, 2])
    vault.nowMs += 29_999
    expect(await fault(client.send('w1', list('w1')))).toBe('FORBIDDEN')
    expect([vault.logins.length, vault.dataRequests.length]).toEqual([2, 2])
    vault.nowMs += 1
    vault.instead = () => undefined
    expect(await status(client.send('w1', list('w1')))).toBe(200)
    expect(vault.logins).toHaveLength(2)
  })

  test('leaves requests of other kinds and of other workspaces alone', async () => {
    vault.instead = request => (request.method === 'LIST' && request.path.includes('/w1/') ? forbidden : undefined)
    expect(await fault(client.send('w1', list('w1')))).toBe('FORBIDDEN')
    expect(await status(client.send('w1', read('w1')))).toBe(200)
    expect(await status(client.send('w2', list('w2')))).toBe(200)
    expect(vault.logins).toHaveLength(3)
  })

  test('costs one sign-in however the requests overlap, and another one after 30 s', async () => {
    vault.instead = async request => {
      if (!isData(request)) return undefined
      // Some answers overtake others.
      for (let turn = vault.requests.length % 7; turn > 0; turn--) await new Promise(resolve => setImmediate(resolve))
      return forbidden
    }
    const burst = async () => {
      const answers: Promise<string>[] = []
      for (let index = 0; index < 100; index++) {
        answers.push(fault(client.send('w1', read('w1'))))
        await new Promise(resolve => setImmediate(resolve))
      }
      expect(new Set(await Promise.all(answers))).toEqual(new Set(['FORBIDDEN']))
    }
    await burst()
    expect(vault.logins).toHaveLength(2)
    vault.nowMs += 30_000
    await burst()
    expect(vault.logins).toHaveLength(3)
  })

  test('is not used again when its policy was mended only for fresh tokens', async () => {
    const stale = new Set<string | null>()
    vault.instead = request => {
      if (!isData(request)) return undefined
      if (vault.nowMs === 0) stale.add(request.token)
      return stale.has(request.token) ? forbidden : undefined
    }
    expect(await fault(client.send('w1', read('w1')))).toBe('FORBIDDEN')
    vault.nowMs = 30_000
    expect(await status(client.send('w1', read('w1')))).toBe(200)
    expect(vault.logins).toHaveLength(3)
  })
})

describe('a sign-in that fails', () => {
  const refuse = (answer: VaultAnswer | SecretStoreError) => {
    vault.instead = request => {
      if (!request.path.endsWith('/login')) return undefined
      if (answer instanceof Error) throw answer
      return answer
    }
  }

  test('because it is refused is not repeated for 30 s, for this workspace', async () => {
    refuse(forbidden)
    expect(await Promise.all(times(20, () => client.send('w1', read('w1'))).map(fault))).toEqual(
      Array(20).fill('SIGN_IN_REFUSED'),
    )
    vault.nowMs = 29_999
    expect(await fault(client.send('w1', read('w1')))).toBe('SIGN_IN_REFUSED')
    expect(vault.logins).toHaveLength(1)
    expect(logger.lines).toEqual([
      [
        'warn',
        { workspaceId: 'w1', method: 'kubernetes', fault: 'SIGN_IN_REFUSED', err: expect.any(SecretStoreError) },
        'Signing in to Vault was refused',
      ],
    ])
    vault.instead = () => undefined
    expect(await status(client.send('w2', read('w2')))).toBe(200)
    vault.nowMs = 30_000
    expect(await status(client.send('w1', read('w1')))).toBe(200)
  })

  test('because of something that may pass is repeated after a second', async () => {
    refuse(new SecretStoreError('VAULT', 'SEALED'))
    expect(await fault(client.send('w1', read('w1')))).toBe('SEALED')
    vault.instead = () => undefined
    expect(await fault(client.send('w1', read('w1')))).toBe('SEALED')
    expect(vault.logins).toHaveLength(1)
    vault.nowMs = 1_000
    expect(await status(client.send('w1', read('w1')))).toBe(200)
  })

  test('when a token is to be replaced says why, and repeats nothing', async () => {
    await client.send('w1', read('w1'))
    vault.tokens.clear()
    refuse(forbidden)
    expect(await fault(client.send('w1', read('w1')))).toBe('SIGN_IN_REFUSED')
    expect([vault.logins.length, vault.dataRequests.length]).toEqual([2, 2])
  })
})

describe('tokens are given back', () => {
  test('when another workspace takes the place of the one longest unused', async () => {
    client = open(2)
    for (const id of ['w1', 'w2', 'w1', 'w3']) await client.send(id, read(id))
    await vi.waitFor(() => expect(vault.holders).toEqual(['w1', 'w3']))
    expect(vault.revocations[0]?.namespace).toBe('patchbay/w2')
  })

  test('not before the last request that uses them has ended', async () => {
    client = open(1)
    const { promise: held, resolve } = Promise.withResolvers<undefined>()
    vault.instead = request => (request.path.endsWith('held') ? held : undefined)
    const heldAnswer = client.send('w1', read('w1', 'held'))
    await vi.waitFor(() => expect(vault.dataRequests).toHaveLength(1))
    await client.send('w2', read('w2'))
    expect(vault.revocations).toEqual([])
    resolve(undefined)
    expect(await status(heldAnswer)).toBe(200)
    await vi.waitFor(() => expect(vault.holders).toEqual(['w2']))
  })

  test('when they are replaced early', async () => {
    vault.leaseSeconds = 768 * 3600
    await client.send('w1', read('w1'))
    vault.nowMs = 3_600_000
    await client.send('w1', read('w1'))
    await vi.waitFor(() => expect(vault.tokens.size).toBe(1))
  })

  test('all of them at the end, after which nothing is sent any more', async () => {
    await Promise.all(times(30, index => client.send(`w${index}`, read(`w${index}`))))
    expect(vault.tokens.size).toBe(30)
    await client.close()
    expect([vault.tokens.size, vault.revocations.length]).toEqual([0, 30])
    const before = vault.requests.length
    expect(await fault(client.send('w1', read('w1')))).toBe('FAILED')
    await client.close()
    expect(vault.requests).toHaveLength(before)
  })

  test('also the one of a sign-in that is under way at the end', async () => {
    const { promise: held, resolve } = Promise.withResolvers<undefined>()
    vault.instead = request => (request.path.endsWith('/login') ? held : undefined)
    const answer = fault(client.send('w1', read('w1')))
    await vi.waitFor(() => expect(vault.logins).toHaveLength(1))
    const closed = client.close()
    resolve(undefined)
    await closed
    expect(await answer).toBe('FAILED')
    expect([vault.revocations.length, vault.tokens.size, vault.dataRequests.length]).toEqual([1, 0, 0])
  })

  test('for no longer than 2 s when Vault hangs', async () => {
    await Promise.all(times(3, index => client.send(`w${index}`, read(`w${index}`))))
    vault.instead = never
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    let isClosed = false
    const closed = client.close().then(() => {
      isClosed = true
    })
    await vi.advanceTimersByTimeAsync(1_999)
    expect([isClosed, vault.revocations.length]).toEqual([false, 3])
    expect(await fault(client.send('w1', read('w1')))).toBe('FAILED')
    expect(vault.dataRequests).toHaveLength(3)
    await vi.advanceTimersByTimeAsync(1)
    await closed
  })

  test('and nobody hears of it when that fails', async () => {
    await client.send('w1', read('w1'))
    vault.instead = () => {
      throw new SecretStoreError('VAULT', 'UNREACHABLE')
    }
    await client.close()
    expect(vault.revocations).toHaveLength(1)
  })
})

test('a request is given up after 10 s, with all its sign-ins', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  vault.instead = never
  const answer = fault(client.send('w1', read('w1')))
  await vi.waitFor(() => expect(vault.logins).toHaveLength(1))
  await vi.advanceTimersByTimeAsync(10_000)
  expect(await answer).toBe('TIMED_OUT')
  expect(vi.getTimerCount()).toBe(0)
})

test('a request is given up when its caller gives up, but not the sign-in that others wait for', async () => {
  const { promise: held, resolve } = Promise.withResolvers<undefined>()
  vault.instead = () => held
  const caller = new AbortController()
  const [first, second] = [
    fault(client.send('w1', { ...read('w1', 'first'), signal: caller.signal })),
    status(client.send('w1', read('w1', 'second'))),
  ]
  await vi.waitFor(() => expect(vault.logins).toHaveLength(1))
  caller.abort()
  expect(await first).toBe('TIMED_OUT')
  expect(await fault(client.send('w1', { ...read('w1', 'first'), signal: caller.signal }))).toBe('TIMED_OUT')
  resolve(undefined)
  expect(await second).toBe(200)
  expect(vault.logins).toHaveLength(1)
  expect(vault.dataRequests.map(each => each.path.split('/').at(-1))).toEqual(['second'])
})

test('no token and no service-account token is seen in the client, in errors or in the log', async () => {
  const errors: unknown[] = []
  const note = (error: unknown) => void errors.push(error)
  await client.send('w1', read('w1'))
  await client.send('w2', list('w2'))
  vault.instead = request => (request.method === 'LIST' ? forbidden : undefined)
  await client.send('w2', list('w2')).catch(note)
  // A Vault, or something in its place, that quotes what it was sent.
  vault.instead = ({ body, token }) => ({ status: 403, body: { errors: [JSON.stringify(body ?? null), `${token}`] } })
  await client.send('w1', read('w1')).catch(note)
  await client.send('w3', read('w3')).catch(note)
  vault.instead = ({ body }) => ({ status: 400, body: { errors: [JSON.stringify(body ?? null)] } })
  await client.send('w4', read('w4')).catch(note)
  vault.instead = ({ body }) => ({ status: 200, body: { auth: { client_token: `${body?.['jwt']}\n` } } })
  await client.send('w5', read('w5')).catch(note)
  expect(errors).toHaveLength(5)

  const lease = new Lease({ token: jwt, leaseSeconds: 1, isOwn: true }, 0, false)
  const seen = [
    inspect([client, errors, logger.lines, lease], { depth: 20, showHidden: true }),
    JSON.stringify([errors.map(each => loggableError(each)), logger.lines]),
  ].join()
  const secrets = [jwt, ...jwt.split('.'), ...vault.requests.flatMap(each => each.token ?? [])]
  expect(secrets.length).toBeGreaterThan(5)
  for (const secret of secrets) expect(seen).not.toContain(secret)
})
