import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as delay } from 'node:timers/promises'
import { Agent, request } from 'undici'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { daysFromNow, issueCertificate } from '../../servers/certificates.ts'
import { vaultConformance } from '../../servers/vault-conformance.ts'
import type { ConformanceTarget } from '../../servers/vault-conformance-target.ts'
import { VaultDouble } from '../../servers/vault-double.ts'
import { vaultFaults } from '../../servers/vault-faults.ts'
import { openDoubleWorld } from './double-world.ts'

vaultConformance('the double is like the real Vault', async (): Promise<ConformanceTarget> => {
  const double = await VaultDouble.start()
  const ask: ConformanceTarget['request'] = async (method, path, { token, namespace, body } = {}) => {
    const answer = await request(`${double.url}/v1/${path}`, {
      method: method as 'GET',
      headers: {
        'x-vault-token': token ?? double.rootToken,
        ...(method === 'PATCH' && { 'content-type': 'application/merge-patch+json' }),
        ...(namespace !== undefined && { 'x-vault-namespace': namespace }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    })
    const json = await answer.body.text()
    return { status: answer.statusCode, body: json === '' ? {} : JSON.parse(json) }
  }
  return {
    request: ask,
    serviceAccountToken: options => double.accounts.issue(options),
    kubernetesConfig: { kubernetes_host: 'https://kubernetes.default.svc' },
    seal: async () => void (await ask('PUT', 'sys/seal')),
    unseal: async () => void (await ask('PUT', 'sys/unseal', { body: { key: double.unsealKey } })),
    pass: async ms => double.advance(ms),
    [Symbol.asyncDispose]: () => double[Symbol.asyncDispose](),
  }
})

describe('the double goes wrong on purpose', () => {
  let double: VaultDouble
  beforeEach(async () => {
    double = await VaultDouble.start()
  })
  afterEach(() => double[Symbol.asyncDispose]())

  const path = 'secret/data/workspaces/w1/connectors/c1/v1'
  const send = (method: string, at = path, body?: object, signal: AbortSignal | null = null) =>
    fetch(`${double.url}/v1/${at}`, {
      method,
      headers: { 'x-vault-token': double.rootToken },
      body: body ? JSON.stringify(body) : null,
      redirect: 'manual',
      signal,
    })
  const write = (signal: AbortSignal | null = null) => send('POST', path, { data: { a: '1' } }, signal)
  const written = () => double.kv().paths.length > 0
  const last = () => double.records.at(-1)

  test.each([
    ['RESET', false],
    ['RESET_AFTER', true],
  ] as const)('%s leaves it carried out: %s', async (fault, isCarriedOut) => {
    using armed = double.fail(fault, { method: 'POST', times: 1 })
    await expect(write()).rejects.toMatchObject({ cause: { code: 'ECONNRESET' } })
    expect([written(), armed.struck, last()?.status]).toEqual([isCarriedOut, 1, null])
    expect(last()?.carriedOut).toBe(isCarriedOut ? 200 : null)
    expect((await write()).status).toBe(200)
  })

  test.each([
    ['HANG', false],
    ['HANG_AFTER', true],
  ] as const)('%s leaves it carried out: %s', async (fault, isCarriedOut) => {
    const gaveUp = new AbortController()
    using armed = double.fail(fault)
    const outcome = expect(write(gaveUp.signal)).rejects.toThrow()
    await armed.strikes()
    gaveUp.abort()
    await outcome
    expect(written()).toBe(isCarriedOut)
  })

  test('carries out what was held when who asked has long gone', async () => {
    const gaveUp = new AbortController()
    using armed = double.fail('HOLD', { path: /\/data\// })
    const outcome = expect(write(gaveUp.signal)).rejects.toThrow()
    await armed.strikes()
    gaveUp.abort()
    await outcome
    expect(written()).toBe(false)
    armed.release()
    await expect.poll(written).toBe(true)
  })

  test('holds bodies back, cuts them off and drips them', async () => {
    await write()
    for (const fault of ['HALF_BODY', 'HANG_IN_BODY', 'DRIP'] as const) {
      using _ = double.fail(fault)
      const gaveUp = new AbortController()
      const answer = await send('GET', path, undefined, gaveUp.signal)
      expect(answer.status).toBe(200)
      const body = answer.text()
      const ended = expect(body).rejects.toThrow()
      if (fault !== 'HALF_BODY') {
        expect(await Promise.race([body.catch(() => 'CUT'), delay(50, 'WAITING')])).toBe('WAITING')
        gaveUp.abort()
      }
      await ended
    }
  })

  test('floods', async () => {
    double.fail('FLOOD')
    const gaveUp = new AbortController()
    const answer = await send('GET', path, undefined, gaveUp.signal)
    let bytes = 0
    for await (const chunk of answer.body ?? []) {
      bytes += (chunk as Uint8Array).length
      if (bytes > 5_000_000) break
    }
    expect(bytes).toBeGreaterThan(5_000_000)
  })

  test.each([
    ['sealed', vaultFaults.sealed, 503, /Vault is sealed/],
    ['internal', vaultFaults.internal, 500, /errors/],
    ['badGateway', vaultFaults.badGateway, 502, /errors/],
    ['behind', vaultFaults.behind, 412, /required index state not present/],
    ['html', vaultFaults.html, 503, /^<!DOCTYPE html>/],
    ['wrongJson', vaultFaults.wrongJson, 200, /^\["unexpected"\]/],
    ['no JSON', 'NO_JSON', 200, /"pass$/],
    ['upgrading', vaultFaults.upgrading, 400, /Upgrading/],
  ] as const)('answers in the place of the truth: %s', async (_, fault, status, words) => {
    using armed = double.fail(fault, { times: 2 })
    for (let n = 0; n < 2; n += 1) {
      const answer = await write()
      expect([answer.status, last()?.carriedOut]).toEqual([status, null])
      expect(await answer.text()).toMatch(words)
    }
    expect([(await write()).status, armed.struck]).toEqual([200, 2])
  })

  test('says how long to wait, and where else to ask', async () => {
    using limited = double.fail(vaultFaults.rateLimited(7))
    const answer = await write()
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([429, '7'])
    limited.disarm()
    using _ = double.fail(vaultFaults.redirect('http://elsewhere.test/'))
    expect((await write()).headers.get('location')).toBe('http://elsewhere.test/')
  })

  test('sends clients of a standby to the active server, with the whole path', async () => {
    double.role = 'STANDBY'
    expect((await send('GET', 'sys/health')).status).toBe(429)
    expect((await send('GET', 'sys/health?standbyok=true')).status).toBe(200)
    expect((await send('GET')).status).toBe(500)
    double.activeUrl = 'https://active.test:8200'
    const answer = await send('GET', `${path}?version=1`)
    expect([answer.status, answer.headers.get('location')]).toEqual([
      307,
      `https://active.test:8200/v1/${path}?version=1`,
    ])
  })

  test.each([
    ['DR_SECONDARY', 472, 'drsecondarycode'],
    ['PERFORMANCE_STANDBY', 473, 'performancestandbycode'],
  ] as const)('has the health of %s', async (role, status, parameter) => {
    double.role = role
    expect((await send('GET', 'sys/health')).status).toBe(status)
    expect((await send('GET', `sys/health?${parameter}=299`)).status).toBe(299)
    expect((await send('GET', 'sys/health?perfstandbyok=true')).status).toBe(role === 'DR_SECONDARY' ? 472 : 200)
  })

  test('has the health of a server without keys', async () => {
    double.initialized = false
    expect((await send('GET', 'sys/health')).status).toBe(501)
    expect((await send('GET')).status).toBe(503)
  })

  test('goes down, and comes back on its port with everything', async () => {
    await write()
    await double.down()
    expect(await once(connect(double.port, '127.0.0.1'), 'error')).toMatchObject([{ code: 'ECONNREFUSED' }])
    await double.up()
    expect((await send('GET')).status).toBe(200)
  })

  // As a real one answers them; clients clean paths up, or take parts of them away, before they send them.
  test.each([
    ['/v1/secret/data/w1/%2e%2e/w2', 400, 'relative paths not supported'],
    ['/v1/secret/data/w1%2F..%2Fw2', 400, 'relative paths not supported'],
    ['/v1/secret/data/w1/../w2', 307, 'location: /v1/secret/data/w2'],
    ['/v1/secret/data/w1//../w2?version=1', 307, 'location: /v1/secret/data/w2?version=1'],
    ['/v1/secret/data/%zz', 400, '400 Bad Request'],
    ['/v1/secret/data/w2%00', 400, '400 Bad Request'],
    ['/v1/secret/data/w2#x', 404, '{"errors":[]}'],
    ['/v1/secret%2Fdata/w2', 200, '"a":"1"'],
    ['//v1/secret/data/w2', 404, '{"errors":[]}'],
  ])('takes the path %s as it is', async (target, status, words) => {
    double.operate('POST', 'secret/data/w2', { data: { a: '1' } })
    const socket = connect(double.port, '127.0.0.1')
    socket.end(
      `GET ${target} HTTP/1.1\r\nHost: vault\r\nX-Vault-Token: ${double.rootToken}\r\nConnection: close\r\n\r\n`,
    )
    const answer = await text(socket)
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(answer).toContain(words)
  })

  test('shows a certificate, and another one', async () => {
    const issuer = issueCertificate({ commonName: 'Authority', authority: true })
    const names = ['127.0.0.1']
    const good = issueCertificate({ commonName: 'vault', issuer, names })
    await using tls = await VaultDouble.start({ certificate: good })
    const health = async () => {
      const dispatcher = new Agent({ connect: { ca: issuer.certificate } })
      try {
        return (await request(`${tls.url}/v1/sys/health`, { dispatcher })).statusCode
      } finally {
        await dispatcher.destroy()
      }
    }
    expect(await health()).toBe(200)
    tls.present(issueCertificate({ commonName: 'vault', issuer, names, validTo: daysFromNow(-1) }))
    await expect(health()).rejects.toMatchObject({ code: 'CERT_HAS_EXPIRED' })
  })

  test('notes who asked for what, and tells tokens of another workspace', async () => {
    await using world = await openDoubleWorld({ workspaces: ['w1', 'w2'] })
    const [one, two] = ['w1', 'w2'].map(id => {
      const reply = world.operate(id, 'POST', 'auth/token/create', { policies: [`ws-${id}`], no_default_policy: true })
      return (reply.body as { auth: { client_token: string } }).auth.client_token
    })
    const read = (token = '') =>
      fetch(`${world.double.url}/v1/${path}?version=1`, { headers: { 'x-vault-token': token } })
    expect([(await read(one)).status, world.double.mispaired().length]).toEqual([404, 0])
    expect([(await read(two)).status, world.double.mispaired().length]).toEqual([403, 1])
    expect(world.double.mispaired()).toMatchObject([
      { method: 'GET', path: `/v1/${path}?version=1`, workspace: 'w1', token: two, policies: ['ws-w2'], status: 403 },
    ])
  })
})
