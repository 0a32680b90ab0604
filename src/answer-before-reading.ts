import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'

/**
 * Reads nothing more from a client that does not take what it is sent. Every message, a ping too, has an answer: without
 * this, whoever sends and never reads fills the memory, and need not even be recognised. (`ws` has a limit of its own for
 * the pings that are frames.)
 */
export function answerBeforeReading(client: WebSocket, socket: Duplex): void {
  client.on('message', () => {
    if (!socket.writableNeedDrain || client.isPaused) return
    client.pause()
    socket.once('drain', () => client.resume())
  })
}
