import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ConnectorHost } from '../../../src/connectors/host/connector-host.ts'
import { WatchedListeners } from '../../servers/watched-listeners.ts'
import { play, statuses } from './made-up-host.ts'
import { RogueServer, rogueHost, rogueJob } from './rogue-server.ts'
import type { Order } from './rogue-type.ts'

// The driver is honest, obeys its server in everything, and tells it whatever it got.

const secret = `rogue-servers-want-this-${process.pid}`
let folder: string
let host: ConnectorHost

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'patchbay-rogue-'))
  writeFileSync(join(folder, 'master.key'), secret, { mode: 0o600 })
  process.env['PATCHBAY_ROGUE_SECRET'] = secret
  host = rogueHost()
})
afterAll(async () => {
  await host.close()
  delete process.env['PATCHBAY_ROGUE_SECRET']
  rmSync(folder, { recursive: true })
})

/** What the server was told, order by order. */
async function told(orders: readonly Order[]): Promise<readonly string[]> {
  await using server = await RogueServer.start(orders)
  const { messages } = await play(host, rogueJob({ port: server.port }))
  expect(statuses(messages)).toEqual(['CONNECT PASSED'])
  expect(server.received).toHaveLength(orders.length)
  return server.received
}

test('a rogue server cannot make a child read a file', async () => {
  const paths = [
    join(folder, 'master.key'),
    `/proc/self/root${join(folder, 'master.key')}`,
    `${import.meta.dirname}/../../..${join(folder, 'master.key')}`,
    '/etc/passwd',
    '/var/run/secrets/kubernetes.io/serviceaccount/token',
    '/proc/self/environ',
    `/proc/${process.pid}/cmdline`,
  ]
  const answers = await told(paths.map(path => ({ do: 'READ', path })))
  expect(answers).toEqual(paths.map(() => 'ERR_ACCESS_DENIED'))
})

test('a rogue server cannot see the environment of the parent through a child', async () => {
  const answers = await told([{ do: 'TELL_ENVIRONMENT' }, { do: 'TELL_PARENTS_ENVIRONMENT' }, { do: 'RUN' }])
  expect(answers).toEqual(['{}', 'ERR_ACCESS_DENIED', 'ERR_ACCESS_DENIED'])
  expect(answers.join()).not.toContain(secret)
})

test('a rogue server cannot make a child connect elsewhere', async () => {
  await using elsewhere = await WatchedListeners.start(['127.0.0.1', '::1'])
  const { port } = elsewhere
  // Addresses that are denied although they lead to this machine, whose loopback is open in this test.
  const orders: readonly Order[] = [
    { do: 'CONNECT', options: { host: '0.0.0.0', port } },
    { do: 'CONNECT', options: { host: '::', port } },
    { do: 'CONNECT', options: { host: 'named.by.server', port }, addresses: ['0.0.0.0'] },
    { do: 'FETCH', url: `http://0.0.0.0:${port}/latest/meta-data/` },
    { do: 'CONNECT', options: { path: '/var/run/docker.sock' } },
    { do: 'SEND_DATAGRAM', port },
    { do: 'LISTEN' },
    { do: 'SIGNAL_PARENT' },
  ]
  expect(await told(orders)).toEqual(orders.map(() => 'EGRESS_DENIED'))
  expect(elsewhere.connections).toEqual([])
})
