import { DnsDouble } from '../servers/dns-double.ts'
import { BlackHole } from '../servers/hostile-servers.ts'
import type { FixtureServer, Input } from './type-fixture.ts'

/** Neither leaves anything behind that a peer could see. */
const nothingToSee = { left: () => ({}), connections: () => 0 }

/** RESOLVE waits: the name server that is asked for `silent.test` says nothing. */
export async function silentName(inputAt: (host: string, port: number) => Input): Promise<FixtureServer> {
  const dns = await DnsDouble.start({ 'silent.test': 'SILENT' })
  return {
    ...nothingToSee,
    input: inputAt('silent.test', 9),
    surroundings: { nameServers: [dns.address] },
    reached: () => {
      if (dns.questions.length === 0) throw new Error('Nobody has asked for the name.')
    },
    [Symbol.asyncDispose]: () => dns[Symbol.asyncDispose](),
  }
}

/** CONNECT waits: the port answers nothing at all. */
export async function blackHole(inputAt: (host: string, port: number) => Input): Promise<FixtureServer> {
  const hole = await BlackHole.start()
  return {
    ...nothingToSee,
    input: inputAt('127.0.0.1', hole.port),
    // Only the kernel knows of the attempt.
    reached: () => {},
    [Symbol.asyncDispose]: () => hole[Symbol.asyncDispose](),
  }
}
