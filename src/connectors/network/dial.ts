import { once } from 'node:events'
import net, { type Socket } from 'node:net'

/** Begins a connection to one address, which is not looked up and has no alternatives. */
export const dialTcp = (address: string, port: number): Socket =>
  net.connect({ host: address, port, noDelay: true, autoSelectFamily: false })

/** One more connection to an address that has been resolved and allowed before. Rejects with the socket's error or the signal's reason. */
export async function dial(address: string, port: number, signal: AbortSignal): Promise<Socket> {
  signal.throwIfAborted()
  const socket = dialTcp(address, port)
  // Whoever reads adds listeners; between readers an error must not be uncaught.
  socket.on('error', () => {})
  try {
    await once(socket, 'connect', { signal })
    return socket
  } catch (error) {
    socket.destroy()
    signal.throwIfAborted()
    throw error
  }
}
