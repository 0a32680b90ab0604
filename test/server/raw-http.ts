import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { ServerWorld } from './server-world.ts'

/** A connection on which anything can be written, as no client would. */
export class RawConnection {
  readonly #socket: Socket
  readonly #ended: Promise<string>

  private constructor(socket: Socket) {
    this.#socket = socket
    let text = ''
    const ended = Promise.withResolvers<string>()
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk
    })
    // A reset says as much as an end: what came before it is the answer.
    socket.once('error', () => ended.resolve(text))
    socket.once('close', () => ended.resolve(text))
    this.#ended = ended.promise
  }

  static async to({ origin }: ServerWorld): Promise<RawConnection> {
    const socket = connect(Number(new URL(origin).port), '127.0.0.1')
    const connection = new RawConnection(socket)
    await once(socket, 'connect')
    return connection
  }

  write(text: string | Uint8Array): void {
    // The server may have hung up already.
    if (this.#socket.writable) this.#socket.write(text)
  }

  /** Everything that was answered by the time that the server hung up. */
  get answer(): Promise<string> {
    return this.#ended
  }

  close(): void {
    this.#socket.destroy()
  }
}

/** What is answered to a request that asks to be the last of its connection. */
export async function answerTo(server: ServerWorld, request: string | Uint8Array): Promise<string> {
  const connection = await RawConnection.to(server)
  connection.write(request)
  return connection.answer
}

/** The status codes of all answers in a text. */
export const statusesIn = (answer: string): readonly number[] =>
  [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status))
