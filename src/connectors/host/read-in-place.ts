import { Socket } from 'node:net'

const bufferBytes = 64 * 2 ** 10

/** What `net.Socket` has and its types leave out. */
interface Internals {
  _handle?: object | null
}

/**
 * Takes over the parent's end of a child's pipe, of which nothing has been read yet: `receive` gets what comes, in memory
 * that is used for what comes next. Node would make 64 KB for every read, outside of the heap, and the garbage
 * collector of the API process would run after every few megabytes: two thirds of the time that rows cost it.
 *
 * Sockets do this by the documented option `onread`, but a child's pipes are made without it, so that the handle of the pipe
 * has to move to another socket.
 */
export function readInPlace(pipe: Socket, receive: (bytes: Buffer) => void): Socket {
  const internals = pipe as unknown as Internals
  const handle = internals._handle
  // A pipe that cannot be taken over is read as any other.
  if (!handle) return pipe.on('data', receive)
  internals._handle = null
  const onread = {
    buffer: Buffer.allocUnsafeSlow(bufferBytes),
    callback: (bytes: number, buffer: Uint8Array) => {
      receive(Buffer.from(buffer.buffer, buffer.byteOffset, bytes))
      return true
    },
  }
  const socket = new Socket({ handle, onread } as object)
  // The child process has ended only when its pipes have: this one with the socket in its place.
  socket.once('close', () => pipe.destroy())
  return socket.resume()
}
