import net, { type Socket } from 'node:net'
import { vi } from 'vitest'

const { connect } = net

/** What Linux answers where there is no IPv6, which a machine with IPv6 cannot be made to answer. */
export function dialWithoutIpv6(address: string, port: number): Socket {
  const isIpv6 = address.includes(':')
  const socket = connect({ host: isIpv6 ? '127.0.0.1' : address, port, autoSelectFamily: false })
  if (isIpv6) socket.destroy(Object.assign(new Error(`connect ENETUNREACH ${address}`), { code: 'ENETUNREACH' }))
  return socket
}

/** Makes this process one without IPv6, for connections by address, until it is disposed of. */
export function withoutIpv6(): Disposable {
  const replaced = vi.spyOn(net, 'connect').mockImplementation(((options: { host: string; port: number }) =>
    // Only the form with options is used.
    dialWithoutIpv6(options.host, options.port)) as typeof net.connect)
  return { [Symbol.dispose]: () => replaced.mockRestore() }
}
