import dns from 'node:dns'
import { syncBuiltinESMExports } from 'node:module'
import { recordRefusal } from './guard-record.ts'
import { EgressDeniedError } from './network-guard-errors.ts'

interface NameServers {
  setServers(servers: readonly string[]): void
  getServers(): string[]
}

/**
 * Questions to name servers leave below the sockets of Node, so that they are not seen by the other fences. Nobody may
 * choose a server of their own: that would be a way to send datagrams to any address and port.
 */
export function fenceNameServers(allowed: () => readonly string[]): void {
  const plainSetServers = dns.Resolver.prototype.setServers as NameServers['setServers']
  const spelledAsNodeDoes = (servers: readonly string[]): readonly string[] => {
    const resolver = new dns.Resolver()
    plainSetServers.call(resolver as NameServers, servers)
    return resolver.getServers()
  }
  const owners = [dns.Resolver.prototype, dns.promises.Resolver.prototype, dns, dns.promises]
  for (const owner of owners as unknown as NameServers[]) {
    const original = owner.setServers
    Object.defineProperty(owner, 'setServers', {
      writable: true,
      value: function setServers(this: NameServers, servers: readonly string[]): void {
        const given = [...servers]
        const known = spelledAsNodeDoes(allowed())
        if (!spelledAsNodeDoes(given).every(server => known.includes(server))) {
          recordRefusal()
          throw new EgressDeniedError('A name server of its own')
        }
        original.call(this, given)
      },
    })
  }
  syncBuiltinESMExports()
}
