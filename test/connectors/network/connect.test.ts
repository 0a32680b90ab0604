import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import { connectToAny } from '../../../src/connectors/network/connect.ts'
import { connectProblem } from '../../../src/connectors/network/network-steps.ts'
import { type Address, toAddress } from '../../../src/connectors/network/resolve.ts'
import { BlackHole, silentServer } from '../../servers/hostile-servers.ts'
import { freePort } from '../../servers/postgres.ts'
import { dialWithoutIpv6 } from '../../servers/without-ipv6.ts'

const options = (port: number) => ({ port, signal: new AbortController().signal, deadlineMs: 2_000 })
const addresses = (...list: readonly string[]): Address[] => list.map(toAddress)

describe('connectToAny', () => {
  it('connects to the first address that answers, and says what became of the others', async () => {
    await using server = await silentServer()
    const outcome = await connectToAny(addresses('127.0.0.1', '127.0.0.2', '127.0.0.3'), options(server.port))
    if (outcome.kind !== 'CONNECTED') throw new Error('It did not connect.')
    outcome.socket.destroy()
    expect(outcome.address.address).toBe('127.0.0.1')
    expect(outcome.evidence.map(entry => entry.kind === 'ADDRESS' && entry.outcome)).toEqual([
      expect.stringMatching(/^connected in \d+ ms$/),
      'not tried',
      'not tried',
    ])
  })

  it('goes on at once when an address refuses', async () => {
    const server = createServer().listen(0, '127.0.0.2')
    await once(server, 'listening')
    try {
      const outcome = await connectToAny(
        addresses('127.0.0.1', '127.0.0.2'),
        options((server.address() as AddressInfo).port),
      )
      if (outcome.kind !== 'CONNECTED') throw new Error('It did not connect.')
      outcome.socket.destroy()
      expect(outcome.evidence).toMatchObject([
        { outcome: expect.stringMatching(/^refused/) },
        { outcome: expect.stringMatching(/^connected/) },
      ])
    } finally {
      server.close()
    }
  })

  it('does not wait for an address that is silent, and leaves it', async () => {
    await using hole = await BlackHole.start()
    const server = createServer().listen(hole.port, '127.0.0.2')
    await once(server, 'listening')
    const dialled: Socket[] = []
    const dial = (host: string, port: number) => {
      const socket = connect({ host, port })
      dialled.push(socket)
      return socket
    }
    try {
      const outcome = await connectToAny(addresses('127.0.0.1', '127.0.0.2'), { ...options(hole.port), dial })
      if (outcome.kind !== 'CONNECTED') throw new Error('It did not connect.')
      outcome.socket.destroy()
      expect(outcome.address.address).toBe('127.0.0.2')
      expect(outcome.evidence).toMatchObject([
        { address: '127.0.0.1', outcome: 'no answer' },
        { address: '127.0.0.2', outcome: expect.stringMatching(/^connected in \d+ ms$/) },
      ])
      expect(dialled.map(socket => socket.destroyed)).toEqual([true, true])
    } finally {
      server.close()
    }
  })

  it('begins with IPv6 and alternates', async () => {
    const tried: string[] = []
    const port = await freePort()
    const dial = (address: string) => {
      tried.push(address)
      return dialWithoutIpv6(address, port)
    }
    await connectToAny(addresses('127.0.0.1', '127.0.0.2', 'fd00::1', 'fd00::2'), { ...options(port), dial })
    expect(tried).toEqual(['fd00::1', '127.0.0.1', 'fd00::2', '127.0.0.2'])
  })

  it('stops at its deadline and when it is told to, leaving no socket', async () => {
    await using hole = await BlackHole.start()
    expect(await connectToAny(addresses('127.0.0.1'), { ...options(hole.port), deadlineMs: 200 })).toMatchObject({
      kind: 'FAILED',
      codes: ['ETIMEDOUT'],
    })
    const stop = new AbortController()
    const dialled: Socket[] = []
    const bothUnderWay = Promise.withResolvers<void>()
    const dial = (_address: string, port: number) => {
      // Both to the port that drops: no other address is as silent.
      dialled.push(connect({ host: '127.0.0.1', port }))
      if (dialled.length === 2) bothUnderWay.resolve()
      return dialled.at(-1) as Socket
    }
    const attempt = connectToAny(addresses('127.0.0.1', '127.0.0.2', '127.0.0.3'), {
      ...options(hole.port),
      signal: stop.signal,
      dial,
    })
    const outcome = expect(attempt).rejects.toThrow('enough')
    await bothUnderWay.promise
    stop.abort(new Error('enough'))
    await outcome
    expect(dialled.map(socket => socket.destroyed)).toEqual([true, true])
    // The third address would have joined by now.
    await new Promise(resolve => setTimeout(resolve, 400))
    expect(dialled).toHaveLength(2)
  })

  it('reports every candidate when all of them refuse', async () => {
    const port = await freePort()
    const outcome = await connectToAny(addresses('127.0.0.1', '127.0.0.2', '127.0.0.3'), options(port))
    expect(outcome).toMatchObject({ kind: 'FAILED', codes: ['ECONNREFUSED', 'ECONNREFUSED', 'ECONNREFUSED'] })
    expect(outcome.evidence).toHaveLength(3)
    for (const entry of outcome.evidence)
      expect(entry).toMatchObject({ kind: 'ADDRESS', outcome: expect.stringMatching(/^refused after \d+ ms$/) })
  })

  it('goes on to the other family when one is not available', async () => {
    await using server = await silentServer()
    const outcome = await connectToAny(addresses('127.0.0.1', 'fd00::1'), {
      ...options(server.port),
      dial: dialWithoutIpv6,
    })
    if (outcome.kind !== 'CONNECTED') throw new Error('It did not connect.')
    outcome.socket.destroy()
    expect(outcome.evidence).toMatchObject([
      { address: 'fd00::1', outcome: expect.stringMatching(/^network unreachable after/) },
      { address: '127.0.0.1', outcome: expect.stringMatching(/^connected/) },
    ])
  })

  it('takes an address that may not be dialled at all as one that failed', async () => {
    await using server = await silentServer()
    const dial = (address: string, port: number) => {
      if (address !== '127.0.0.3') throw Object.assign(new Error('not allowed'), { code: 'ERR_IP_BLOCKED' })
      return connect({ host: '127.0.0.1', port })
    }
    const outcome = await connectToAny(addresses('127.0.0.1', '127.0.0.2', '127.0.0.3'), {
      ...options(server.port),
      dial,
    })
    if (outcome.kind !== 'CONNECTED') throw new Error('It did not connect.')
    outcome.socket.destroy()
    expect(outcome.address.address).toBe('127.0.0.3')
    expect(outcome.evidence[1]).toMatchObject({ outcome: expect.stringContaining('ERR_IP_BLOCKED') })
    const nowhere = await connectToAny(addresses('127.0.0.1'), { ...options(server.port), dial })
    expect(nowhere).toMatchObject({ kind: 'FAILED', codes: ['ERR_IP_BLOCKED'] })
  })
})

describe('connectProblem', () => {
  const endpoint = { host: 'db.test', port: 5432, seconds: 5 }

  it('says that a host with only IPv6 addresses cannot be reached without IPv6', async () => {
    const list = addresses('fd00::1', 'fd00::2')
    const outcome = await connectToAny(list, { ...options(5432), dial: dialWithoutIpv6 })
    if (outcome.kind !== 'FAILED') throw new Error('It connected.')
    expect(connectProblem(outcome.codes, list, endpoint)).toMatchObject({
      code: 'NETWORK_UNREACHABLE',
      fields: ['host'],
      detail: "db.test has only IPv6 addresses, and Patchbay's machine has no IPv6 route to them (ENETUNREACH).",
    })
  })

  it.each([
    [['ECONNREFUSED'], 'CONNECTION_REFUSED'],
    [['ENETUNREACH', 'ECONNREFUSED'], 'CONNECTION_REFUSED'],
    [['ETIMEDOUT', 'ECONNREFUSED'], 'CONNECTION_REFUSED'],
    [['ENETUNREACH', 'ETIMEDOUT'], 'CONNECTION_TIMED_OUT'],
    [['EHOSTUNREACH', 'ENETUNREACH'], 'NETWORK_UNREACHABLE'],
    [['ECONNRESET'], 'CONNECTION_RESET'],
    [['EACCES'], 'UNCLASSIFIED'],
  ])('sums up %j as %s', (codes, code) => {
    expect(connectProblem(codes, addresses('fd00::1', '127.0.0.1'), endpoint)).toMatchObject({ code })
  })
})
