import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect, test, vi } from 'vitest'
import { connectorHostReadRoots } from '../../src/connectors/host/read-roots.ts'
import { residentMb } from '../../src/connectors/host/resident-memory.ts'
import { hostQuery, hostTest } from '../connectors/postgres/hostile-host.ts'
import { certificate, config, type Line, password } from '../connectors/postgres/hostile-run.ts'
import { sourcePaths } from '../harness.ts'
import { HostilePostgres, type Script } from '../servers/hostile-postgres.ts'
import {
  announcing,
  authentication,
  dataRow,
  errorResponse,
  message,
  notice,
  ready,
  rowDescription,
} from '../servers/hostile-postgres-messages.ts'
import { driverPids, openFiles, realHost } from '../servers/type-host.ts'
import { slope } from './slope.ts'

const repetitions = 500
/** It takes a quarter of that on two quiet cores. */
const timeLimitMs = 120_000
const sampleEvery = 20
/** Per test. A session or a socket that is kept weighs more than this. */
const maxHeapGrowthBytes = 2_000
const maxResidentGrowthBytes = 20_000
/** What a process holds of the system also moves by megabytes of its own accord, but a leak is there in every stretch. */
const stretches = 4

const bytes = Buffer.alloc(65_536, 0x41)
/** Quick ones, each ending in another way: refused, broken off, cut, flooded, silent, sound. */
const cases: readonly (readonly [Line, Script])[] = [
  ['clear', {}],
  ['TLS', {}],
  ['clear', { STARTUP: peer => peer.reset() }],
  ['TLS', { HANDSHAKE: peer => void peer.socket.end() }],
  ['TLS', { SSL_REQUEST: () => Buffer.from('Sx') }],
  ['clear', { STARTUP: () => Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n') }],
  [
    'TLS',
    {
      SASL_CONTINUE: (_, answer) => authentication(11, answer.subarray(9).toString().replace(/i=\d+/, 'i=2147483648')),
    },
  ],
  ['TLS', { SASL_FINAL: () => authentication(12, 'v=AAAA') }],
  ['clear', { PARAMETERS: peer => peer.send(announcing('S', 2 ** 31 - 5), bytes) }],
  ['clear', { OPEN: peer => peer.send(rowDescription([{ name: 'a' }]), announcing('D', 2 ** 31 - 5), bytes) }],
  ['TLS', { OPEN: peer => peer.send(message('E', 'SERROR\0')) }],
  ['clear', { OPEN: () => Buffer.concat([errorResponse('XX000', 'x'.repeat(100_000)), ready('E')]) }],
  ['clear', { OPEN: (_, answer) => Buffer.concat([...Array.from({ length: 200 }, () => notice('psst')), answer]) }],
  ['TLS', { CANDIDATES_ROWS: peer => peer.reset() }],
  ['clear', { READ: () => Buffer.concat([dataRow(['1']), ready('T')]) }],
]

const entryName = 'collecting-child'
const childEntry = new URL(`./${entryName}.ts`, import.meta.url)

/** Settled memory of this process, which does what the API process does. */
function heapBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  return process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers
}

test(`${repetitions} hostile servers leave no file, no process and no memory behind`, {
  timeout: timeLimitMs,
}, async () => {
  // One child for all of them, so that what it leaks adds up.
  const host = realHost({
    recycleAfterJobs: 10 * repetitions,
    childEntry,
    readRoots: connectorHostReadRoots([...sourcePaths.codeFolders, new URL('.', import.meta.url)]),
  })
  const servers = await Promise.all(
    cases.map(([line, at]) => HostilePostgres.start({ at, password, ...(line === 'TLS' && { certificate }) })),
  )
  const once = async (index: number) => {
    const at = index % cases.length
    const input = config(servers[at]?.port ?? 0, cases[at]?.[0] ?? 'clear')
    if (index % 5 === 4) expect((await hostQuery(host, input)).kind).toMatch(/RESULT|PROBLEM/)
    else expect((await hostTest(host, input)).outcome).toEqual({ kind: 'COMPLETED' })
  }
  try {
    // Code, caches and pools of both processes are as large as they will be.
    for (let index = 0; index < 4 * cases.length; index++) await once(index)
    const [child = 0] = driverPids(entryName)
    const before = { own: openFiles('self'), child: openFiles(child) }
    let done = 0
    const stretch = async () => {
      const heap: number[] = []
      const resident: number[] = []
      for (const end = done + repetitions / 2; done < end; done++) {
        await once(done)
        if (done % sampleEvery !== 0) continue
        for (const server of servers) server.forget()
        heap.push(heapBytes())
        resident.push((residentMb(child) ?? 0) * 2 ** 20)
      }
      return { heap: slope(heap) / sampleEvery, resident: slope(resident) / sampleEvery }
    }
    await stretch()
    let growth = await stretch()
    for (let more = stretches; more > 1 && growth.resident >= maxResidentGrowthBytes; more--) growth = await stretch()
    expect(driverPids(entryName)).toEqual([child])
    await vi.waitFor(() => expect({ own: openFiles('self'), child: openFiles(child) }).toEqual(before))
    for (const server of servers) expect(server.openConnections).toBe(0)
    expect(growth.heap).toBeLessThan(maxHeapGrowthBytes)
    expect(growth.resident).toBeLessThan(maxResidentGrowthBytes)
  } finally {
    await host.close()
    for (const server of servers) await server[Symbol.asyncDispose]()
  }
  await vi.waitFor(() => expect(driverPids(entryName)).toEqual([]))
})
