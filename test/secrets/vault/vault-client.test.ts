import { inspect } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'
import { openVaultClient, type VaultClient, type VaultClientOptions } from '../../../src/secrets/vault/vault-client.ts'
import { VaultPathError } from '../../../src/secrets/vault/vault-paths.ts'
import { canarySecret, marker, plainSecret } from '../../canary/secrets.ts'
import {
  answers,
  healthy,
  inTurn,
  rawVault,
  readRequest,
  rejection,
  reply,
  type Script,
  scriptedVault,
  sealed,
  settingsOf,
  shortLimits,
} from './scripted-vault.ts'

const found = { data: { data: { password: 'x' }, metadata: { version: 1 } } }
const page = '<!doctype html><title>502 Bad Gateway</title>'
const html =
  (status: number): Script =>
  response => {
    response.writeHead(status, { 'content-type': 'text/html' }).end(page)
  }

const clients: VaultClient[] = []
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close()
})
async function open(address: string, options: VaultClientOptions = {}): Promise<VaultClient> {
  const client = await openVaultClient(settingsOf(address), options)
  clients.push(client)
  return client
}
const fault = (name: string) => expect.objectContaining({ name: 'SecretStoreError', store: 'VAULT', fault: name })

describe('an answer of Vault', () => {
  test.each([
    [200, found],
    [400, { errors: ['check-and-set parameter did not match the current version'] }],
    [403, { errors: ['permission denied'] }],
    [404, { errors: [] }],
    [404, { data: { data: null, metadata: { version: 1, destroyed: true } } }],
  ] as const)('with %i is handed on', async (status, body) => {
    await using vault = await scriptedVault(answers(status, body))
    expect(await (await open(vault.address)).send(readRequest())).toEqual({ status, body })
    expect(vault.requests).toHaveLength(1)
  })

  test('is what its status says, also at a path that looks like that of its health', async () => {
    await using vault = await scriptedVault(answers(404, { errors: [] }))
    const asked = (await open(vault.address)).send(readRequest({ path: 'secret/data/sys/health/x' }))
    expect(await asked).toEqual({ status: 404, body: { errors: [] } })
  })

  test('without a body is handed on', async () => {
    await using vault = await scriptedVault(answers(204))
    const client = await open(vault.address)
    expect(await client.send(readRequest({ method: 'DELETE' }))).toEqual({ status: 204, body: null })
  })

  test.each([
    ['sealed', 503, { errors: ['Vault is sealed'] }, 'SEALED', 1],
    ['without an active server', 503, { errors: ['something'] }, 'NOT_ACTIVE', 1],
    ['a standby alone', 500, { errors: ['local node not active but active cluster node not found'] }, 'NOT_ACTIVE', 1],
    ['not initialised', 501, { errors: ['not initialized'] }, 'NOT_ACTIVE', 1],
    ['of a secondary for disaster recovery', 472, { errors: [] }, 'NOT_ACTIVE', 1],
    ['of a standby for reading', 473, { errors: [] }, 'NOT_ACTIVE', 1],
    ['failing', 500, { errors: ['internal error'] }, 'FAILED', 3],
    ['behind for good', 412, { errors: ['required index state not present'] }, 'FAILED', 4],
    ['with an unknown status', 418, { errors: [] }, 'FAILED', 1],
    ['of an array', 200, [found], 'FAILED', 1],
    ['of a text', 200, 'text', 'FAILED', 1],
    ['refusing in other words', 403, { message: 'Forbidden' }, 'FAILED', 1],
    ['missing in other words', 404, { message: 'Not Found' }, 'FAILED', 1],
  ] as const)('that is %s is told as that', async (_, status, body, name, requests) => {
    await using vault = await scriptedVault(answers(status, body))
    await expect((await open(vault.address)).send(readRequest())).rejects.toEqual(fault(name))
    expect(vault.requests).toHaveLength(requests)
  })

  test.each([200, 400, 403, 404, 502, 503])('that is a page with %i is not taken for Vault', async status => {
    await using vault = await scriptedVault(html(status))
    await expect((await open(vault.address)).send(readRequest())).rejects.toEqual(fault('FAILED'))
  })

  test.each([301, 302, 303, 308])('that redirects with %i is not followed', async status => {
    await using elsewhere = await scriptedVault(answers(200, found))
    await using vault = await scriptedVault(answers(status, undefined, { location: `${elsewhere.address}/v1/secret` }))
    await expect((await open(vault.address)).send(readRequest())).rejects.toEqual(fault('FAILED'))
    expect(elsewhere.requests).toEqual([])
  })

  test('that says 412 twice is awaited', async () => {
    const behind = answers(412, { errors: [] })
    await using vault = await scriptedVault(inTurn(behind, behind, answers(200, found)))
    expect(await (await open(vault.address)).send(readRequest({ repeatable: false }))).toMatchObject({ status: 200 })
    expect(vault.requests).toHaveLength(3)
  })

  test('that says 429 is asked for again after the time it names', async () => {
    const limited = answers(429, { errors: ['request path "secret" has exceeded its limit'] }, { 'retry-after': '1' })
    await using vault = await scriptedVault(inTurn(limited, answers(200, found)))
    const start = performance.now()
    expect(await (await open(vault.address)).send(readRequest())).toMatchObject({ status: 200 })
    // A timer may fire a little early.
    expect(performance.now() - start).toBeGreaterThan(950)
  })

  test('that says 429 for longer than there is time is told at once', async () => {
    await using vault = await scriptedVault(answers(429, { errors: [] }, { 'retry-after': '60' }))
    await expect((await open(vault.address)).send(readRequest())).rejects.toEqual(fault('OVERLOADED'))
    expect(vault.requests).toHaveLength(1)
  })

  test('that fails is asked for again only if the request may be carried out twice', async () => {
    await using vault = await scriptedVault(inTurn(answers(500, { errors: ['x'] }), html(502), answers(200, found)))
    const client = await open(vault.address)
    await expect(client.send(readRequest({ repeatable: false }))).rejects.toEqual(fault('FAILED'))
    expect(await client.send(readRequest())).toMatchObject({ status: 200 })
    expect(vault.requests).toHaveLength(3)
  })
})

describe('a request', () => {
  test('has its own token and namespace, and Vault has no other', async () => {
    await using vault = await scriptedVault(answers(200, found))
    const client = await open(vault.address)
    await client.send(readRequest({ token: 'first', namespace: 'one/two' }))
    await client.send(readRequest({ token: null }))
    await client.send(readRequest({ token: 'second' }))
    expect(
      vault.requests.map(({ headers }) => [headers['x-vault-token'], headers['x-vault-namespace']] as const),
    ).toEqual([
      ['first', 'one/two'],
      [undefined, undefined],
      ['second', undefined],
    ])
  })

  test('of many at once keeps its token', async () => {
    const slow: Script = (response, { path }) => {
      setTimeout(() => reply(response, 200, { data: { path } }), Math.random() * 5)
    }
    await using vault = await scriptedVault(slow)
    const client = await open(vault.address)
    const one = async (index: number) => {
      const workspace = `w${index % 7}`
      const path = `secret/data/${workspace}/${index}`
      const { body } = await client.send(readRequest({ path, token: `token-${workspace}`, namespace: workspace }))
      expect(body).toEqual({ data: { path: `/v1/${path}` } })
    }
    await Promise.all(Array.from({ length: 700 }, (_, index) => one(index)))
    const wrong = vault.requests.filter(({ path, headers }) => {
      const workspace = /^\/v1\/secret\/data\/(w\d)\//.exec(path)?.[1]
      return headers['x-vault-token'] !== `token-${workspace}` || headers['x-vault-namespace'] !== workspace
    })
    expect([vault.requests.length, wrong]).toEqual([700, []])
    // Connections are shared, and never by two requests at once.
    expect(vault.connections).toBeLessThanOrEqual(32)
  })

  test('to list is one that proxies know', async () => {
    await using vault = await scriptedVault(answers(404, { errors: [] }))
    await (await open(vault.address)).send(readRequest({ method: 'LIST', path: 'secret/metadata/x/' }))
    expect(vault.requests).toMatchObject([{ method: 'GET', path: '/v1/secret/metadata/x/?list=true' }])
  })

  test('has a body in JSON, and none where there is nothing to say', async () => {
    await using vault = await scriptedVault(answers(204))
    const client = await open(vault.address)
    await client.send(readRequest({ method: 'PUT', body: { versions: [1] } }))
    await client.send(readRequest({ method: 'DELETE' }))
    expect(vault.requests.map(({ method, headers, body }) => [method, headers['content-type'], body])).toEqual([
      ['PUT', 'application/json', '{"versions":[1]}'],
      ['DELETE', undefined, ''],
    ])
  })

  test.each(['../other', 'a/../b', '%2e%2e/b', 'a#b', 'a?b', '/a', '', 'http://elsewhere/'])(
    'for the path %j is not sent',
    async path => {
      await using vault = await scriptedVault(answers(200, found))
      await expect((await open(vault.address)).send(readRequest({ path }))).rejects.toBeInstanceOf(VaultPathError)
      expect(vault.connections).toBe(0)
    },
  )

  test('ends with its caller, and says nothing about Vault then', async () => {
    await using vault = await scriptedVault(() => undefined)
    const client = await open(vault.address, { limits: { ...shortLimits, faultsInARow: 1 } })
    const stop = new AbortController()
    const asked = client.send(readRequest({ signal: stop.signal }))
    await expect.poll(() => vault.requests.length).toBe(1)
    stop.abort()
    await expect(asked).rejects.toEqual(fault('TIMED_OUT'))
    await expect(client.send(readRequest({ signal: AbortSignal.abort() }))).rejects.toEqual(fault('TIMED_OUT'))
    const next = client.send(readRequest())
    await expect.poll(() => vault.requests.length).toBe(2)
    await expect(next).rejects.toEqual(fault('TIMED_OUT'))
  })

  test('is refused when too many are under way', async () => {
    await using vault = await scriptedVault(() => undefined)
    const client = await open(vault.address, { limits: { ...shortLimits, maxPending: 2 } })
    const [a, b] = [rejection(client.send(readRequest())), rejection(client.send(readRequest()))]
    await expect(client.send(readRequest())).rejects.toEqual(fault('OVERLOADED'))
    expect([await a, await b]).toEqual([fault('TIMED_OUT'), fault('TIMED_OUT')])
  })

  test('that waits to be sent again ends when the client is closed', async () => {
    await using vault = await scriptedVault(answers(429, { errors: [] }, { 'retry-after': '600' }))
    const client = await open(vault.address, { limits: { operationMs: 900_000 } })
    const asked = rejection(client.send(readRequest()))
    await expect.poll(() => vault.requests.length).toBe(1)
    await client.close()
    expect(await asked).toEqual(fault('UNREACHABLE'))
  })

  test('ends when the client is closed, and none is sent after that', async () => {
    await using vault = await scriptedVault(() => undefined)
    const client = await open(vault.address)
    const asked = rejection(client.send(readRequest()))
    await expect.poll(() => vault.requests.length).toBe(1)
    await client.close()
    expect(await asked).toEqual(fault('UNREACHABLE'))
    await expect(client.send(readRequest())).rejects.toEqual(fault('UNREACHABLE'))
    await expect(client.check()).rejects.toEqual(fault('UNREACHABLE'))
    expect(vault.requests).toHaveLength(1)
  })
})

describe('a standby', () => {
  const standby = (target: () => string, status = 307): Script =>
    function sendOn(response, { path }) {
      reply(response, status, undefined, { location: `${target()}${path}` })
    }

  test('sends on to another server of the cluster, with the token', async () => {
    await using active = await scriptedVault(answers(200, found))
    await using vault = await scriptedVault(standby(() => active.address))
    const settings = settingsOf(vault.address, { clusterAddresses: [vault.address, active.address] })
    const client = await openVaultClient(settings)
    clients.push(client)
    const request = readRequest({ method: 'POST', token: 'a-token', namespace: 'n', body: { data: { a: 'b' } } })
    expect(await client.send(request)).toMatchObject({ status: 200 })
    expect(active.requests).toMatchObject([
      {
        method: 'POST',
        path: '/v1/secret/data/thing',
        body: '{"data":{"a":"b"}}',
        headers: { 'x-vault-token': 'a-token', 'x-vault-namespace': 'n' },
      },
    ])
  })

  test('that sends elsewhere is not followed, and the token stays', async () => {
    await using elsewhere = await scriptedVault(answers(200, found))
    await using vault = await scriptedVault(standby(() => elsewhere.address))
    const error = await rejection((await open(vault.address)).send(readRequest()))
    expect(error).toEqual(fault('NOT_ACTIVE'))
    expect(String(error)).toContain('VAULT_CLUSTER_ADDRS')
    expect(elsewhere.connections).toBe(0)
  })

  test.each([
    ['another path', '/v1/secret/data/other'],
    ['another version', '/v1/secret/data/thing?version=2'],
    ['nowhere', 'http://'],
    ['another scheme', 'ftp://127.0.0.1/v1/secret/data/thing'],
  ])('that sends to %s is not followed', async (_, location) => {
    await using vault = await scriptedVault(answers(307, undefined, { location }))
    await expect((await open(vault.address)).send(readRequest())).rejects.toEqual(fault('NOT_ACTIVE'))
    expect(vault.requests).toHaveLength(1)
  })

  test('that sends round and round is followed once', async () => {
    await using vault = await scriptedVault((response, { path }) => reply(response, 307, {}, { location: path }))
    await expect((await open(vault.address)).send(readRequest())).rejects.toEqual(fault('NOT_ACTIVE'))
    expect(vault.requests).toHaveLength(2)
  })
})

describe('while Vault is down', () => {
  test('requests fail at once without being sent; one that succeeds ends that', async () => {
    const clock = { now: 0 }
    const lines: unknown[] = []
    const log = (fields: object, message: string) => lines.push([message, fields])
    await using vault = await scriptedVault(inTurn(sealed, sealed, answers(200, found)))
    const client = await open(vault.address, { now: () => clock.now, logger: { info: log, warn: log } })
    await expect(client.send(readRequest())).rejects.toEqual(fault('SEALED'))
    for (let each = 0; each < 20; each++) await expect(client.send(readRequest())).rejects.toEqual(fault('SEALED'))
    expect(vault.requests).toHaveLength(1)
    clock.now = 5_000
    const three = await Promise.all([1, 2, 3].map(() => rejection(client.send(readRequest()))))
    expect(three).toEqual([fault('SEALED'), fault('SEALED'), fault('SEALED')])
    expect(vault.requests).toHaveLength(2)
    clock.now = 10_000
    expect(await client.send(readRequest())).toMatchObject({ status: 200 })
    expect(await client.send(readRequest())).toMatchObject({ status: 200 })
    expect(lines).toEqual([
      ['Vault is not available', { fault: 'SEALED' }],
      ['Vault is available again', {}],
    ])
  })

  test('it is noticed, and noticed when it is back', async () => {
    const clock = { now: 0 }
    const vault = await scriptedVault(answers(200, found))
    const client = await open(vault.address, { now: () => clock.now })
    await client.send(readRequest())
    await vault[Symbol.asyncDispose]()
    for (let each = 0; each < 5; each++) await expect(client.send(readRequest())).rejects.toEqual(fault('UNREACHABLE'))
    await using back = await scriptedVault(answers(200, found), { port: vault.port })
    await expect(client.send(readRequest())).rejects.toEqual(fault('UNREACHABLE'))
    expect(back.requests).toEqual([])
    clock.now = 5_000
    expect(await client.send(readRequest())).toMatchObject({ status: 200 })
  })

  test('a sign-in that hangs, because whom Vault asks about it does, keeps no other request away', async () => {
    await using vault = await scriptedVault((response, request) => {
      if (request.path.startsWith('/v1/sys/health')) return healthy(response, request)
      if (!request.path.startsWith('/v1/auth/')) reply(response, 200, found)
    })
    const client = await open(vault.address, { limits: shortLimits })
    const signIn = readRequest({ method: 'POST', path: 'auth/kubernetes/login', token: null, body: {} })
    const outcomes = await Promise.all(Array.from({ length: 6 }, () => rejection(client.send(signIn))))
    expect(outcomes).toEqual(Array.from({ length: 6 }, () => fault('TIMED_OUT')))
    expect(await client.send(readRequest())).toMatchObject({ status: 200 })
  })

  test('hung, it costs a few requests their time and no more', async () => {
    await using vault = await scriptedVault(() => undefined)
    const client = await open(vault.address, { limits: shortLimits })
    for (let each = 0; each < 6; each++) await expect(client.send(readRequest())).rejects.toEqual(fault('TIMED_OUT'))
    expect(vault.requests).toHaveLength(3)
  })

  test('sign-ins that hang keep nobody away while it is well, as when Kubernetes does not answer it', async () => {
    let isWell = true
    await using vault = await scriptedVault((response, request) => {
      if (request.path.endsWith('/login') || !isWell) return
      return (request.path.includes('sys/health') ? healthy : answers(200, found))(response, request)
    })
    const clock = { now: 0 }
    const client = await open(vault.address, { limits: shortLimits, now: () => clock.now })
    const signIn = readRequest({ method: 'POST', path: 'auth/kubernetes/login', token: null, body: { jwt: 'x' } })
    const signInFourTimes = () => Promise.all([1, 2, 3, 4].map(() => rejection(client.send(signIn))))
    expect(await signInFourTimes()).toEqual(Array(4).fill(fault('TIMED_OUT')))
    await client.check()
    expect(await client.send(readRequest())).toMatchObject({ status: 200 })
    isWell = false
    clock.now += 2_000
    await signInFourTimes()
    await expect(client.check()).rejects.toEqual(fault('TIMED_OUT'))
    const before = vault.requests.length
    await expect(client.send(readRequest())).rejects.toEqual(fault('TIMED_OUT'))
    expect(vault.requests).toHaveLength(before)
  })

  test('what only one request has met keeps no other away', async () => {
    await using vault = await scriptedVault(html(502))
    const client = await open(vault.address)
    for (let each = 0; each < 6; each++) {
      await expect(client.send(readRequest({ repeatable: false }))).rejects.toEqual(fault('FAILED'))
    }
    expect(vault.requests).toHaveLength(6)
  })
})

describe('a check', () => {
  const clock = { now: 0 }

  test('asks for health without a token, once for all who ask, and not again for a while', async () => {
    await using vault = await scriptedVault(healthy)
    const client = await open(vault.address, { now: () => clock.now })
    await Promise.all(Array.from({ length: 50 }, () => client.check()))
    await client.check()
    expect(vault.requests).toMatchObject([
      { method: 'GET', path: '/v1/sys/health?standbyok=true&perfstandbyok=true', body: '' },
    ])
    expect(vault.requests[0]?.headers).not.toHaveProperty('x-vault-token')
    clock.now += 2_000
    await client.check()
    expect(vault.requests).toHaveLength(2)
  })

  test.each([
    ['sealed', answers(503, { initialized: true, sealed: true, standby: true }), 'SEALED'],
    ['not initialised', answers(501, { initialized: false, sealed: true }), 'NOT_ACTIVE'],
    ['a secondary', answers(472, { initialized: true, sealed: false }), 'NOT_ACTIVE'],
    ['something else', answers(200, { status: 'ok' }), 'FAILED'],
    ['a page', html(200), 'FAILED'],
    ['hung', () => undefined, 'TIMED_OUT'],
  ] as const)('fails when what answers is %s', async (_, script, name) => {
    await using vault = await scriptedVault(script)
    // What holds does so until the end of the test.
    const client = await open(vault.address, { limits: { healthMs: 1_000 }, now: () => clock.now })
    await expect(client.check()).rejects.toEqual(fault(name))
    await expect(client.check()).rejects.toEqual(fault(name))
    expect(vault.requests).toHaveLength(1)
  })

  test('that finds Vault sealed keeps requests away; one that finds it unsealed lets them through before their time', async () => {
    let isSealed = true
    await using vault = await scriptedVault((response, request) => {
      if (!request.path.includes('sys/health')) return answers(200, found)(response, request)
      return isSealed
        ? answers(503, { initialized: true, sealed: true })(response, request)
        : healthy(response, request)
    })
    const client = await open(vault.address, { now: () => clock.now })
    await expect(client.check()).rejects.toEqual(fault('SEALED'))
    await expect(client.send(readRequest())).rejects.toEqual(fault('SEALED'))
    isSealed = false
    clock.now += 2_000
    await client.check()
    expect(await client.send(readRequest())).toMatchObject({ status: 200 })
    expect(vault.requests).toHaveLength(3)
  })

  test('is not content with a healthy server that serves nobody', async () => {
    await using vault = await scriptedVault((response, request) =>
      request.path.includes('sys/health') ? healthy(response, request) : undefined,
    )
    const client = await open(vault.address, { limits: shortLimits, now: () => clock.now })
    await client.check()
    for (let each = 0; each < 3; each++) await rejection(client.send(readRequest()))
    await expect(client.check()).rejects.toEqual(fault('TIMED_OUT'))
    clock.now += 5_000
    await client.check()
  })

  test('is not content with a standby that knows no active server', async () => {
    await using vault = await scriptedVault((response, request) =>
      request.path.includes('sys/health')
        ? reply(response, 200, { initialized: true, sealed: false, standby: true })
        : reply(response, 500, { errors: ['local node not active but active cluster node not found'] }),
    )
    const client = await open(vault.address, { now: () => clock.now })
    for (let each = 0; each < 3; each++) await rejection(client.send(readRequest()))
    await expect(client.check()).rejects.toEqual(fault('NOT_ACTIVE'))
  })
})

describe('an error', () => {
  const token = plainSecret()
  const value = canarySecret()
  /** With what was sent in it wherever a server can put it. */
  const echo =
    (status: number): Script =>
    (response, { headers, body }) =>
      reply(response, status, { errors: [body, JSON.stringify(headers)] }, { location: `http://${token}.example/` })

  test.each([302, 307, 418, 429, 500, 501, 503])(
    'about %i holds nothing of what was sent or answered',
    async status => {
      await using vault = await scriptedVault(echo(status))
      await expectNoCanary(vault.address)
      expect(vault.requests[0]?.body).toContain(marker)
    },
  )

  test('about a broken call holds nothing of what was sent or answered', async () => {
    for (const answer of [
      `HTTP/1.1 200 OK\r\nx-${token}\u0001: ${token}\r\n\r\n`,
      `${token}\r\n\r\n`,
      `HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n${token}`,
      `HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n${token}`,
      `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${token}\r\n`,
      '',
    ]) {
      await using vault = await rawVault(socket => socket.end(answer))
      await expectNoCanary(vault.address)
    }
  })

  async function expectNoCanary(address: string): Promise<void> {
    const client = await open(address)
    const error = await rejection(client.send(readRequest({ method: 'POST', token, body: { data: { value } } })))
    expect(error).toMatchObject({ name: 'SecretStoreError' })
    const everything = `${inspect(error, { depth: 20, showHidden: true })} ${JSON.stringify(error)} ${String(error)}`
    expect(everything).not.toContain(marker)
    expect((error as Error).cause).toBeUndefined()
  }
})
