import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

/** What an HTTP server does in the place of an answer. */
export type HttpMisbehaviour =
  /** Anything that HTTP can carry. */
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  | 'HANG'
  /** The head of an answer, and then a byte now and then. */
  | 'DRIP'
  /** An answer without an end. */
  | 'FLOOD'
  /** Hangs up in the middle of an answer. */
  | 'CUT'
  | 'CUT_AT_ONCE'

const json = { 'content-type': 'application/json' }

/** Settles when it is over; a server that hangs has nothing more to do. */
export async function misbehave(how: HttpMisbehaviour, response: ServerResponse): Promise<void> {
  if (typeof how === 'object') {
    response.writeHead(how.status, how.headers ?? {}).end(how.body ?? '')
    return
  }
  switch (how) {
    case 'HANG':
      return
    case 'CUT_AT_ONCE':
      response.destroy()
      return
    case 'CUT':
      response.writeHead(200, { ...json, 'content-length': '5000' }).write('{"data": ')
      await delay(20)
      response.destroy()
      return
    case 'DRIP':
      response.writeHead(200, json)
      while (!response.destroyed && !response.writableEnded) {
        response.write(' ')
        await delay(50)
      }
      return
    case 'FLOOD': {
      response.writeHead(200, json)
      const chunk = Buffer.alloc(65_536, ' ')
      response.setMaxListeners(0)
      while (!response.destroyed) {
        if (!response.write(chunk)) await Promise.race([once(response, 'drain'), once(response, 'close')])
      }
    }
  }
}
