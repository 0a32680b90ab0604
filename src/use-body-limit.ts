import type { IncomingMessage } from 'node:http'
import { GraphQLError } from 'graphql'
import type { Plugin } from 'graphql-yoga'

/** What Yoga's adapter for `node:http` brings along. */
interface NodeContext {
  readonly req: IncomingMessage
}

/**
 * Refuses requests whose body is larger than `maxBytes` with status 413. Node's own parser holds a body to the length
 * that it declares, so such a body needs no counting. Yoga's own limit counts every body through three streams, which
 * takes longer than a small query.
 */
export function useBodyLimit(maxBytes: number): Plugin<object, NodeContext> {
  return {
    onRequestParse({ requestParser, setRequestParser, serverContext, fetchAPI }) {
      const { req } = serverContext
      const declared = req.headers['content-length']
      if (declared !== undefined) {
        if (Number(declared) > maxBytes) throw tooLarge(maxBytes)
        return
      }
      if (!requestParser || req.headers['transfer-encoding'] === undefined) return
      setRequestParser(async ({ url, method, headers, signal }) => {
        const body = await readBody(req, maxBytes)
        return requestParser(new fetchAPI.Request(url, { method, headers, signal, body }))
      })
    },
  }
}

/** The whole body. Rejects with a `GraphQLError` when it is larger; the rest is then read and thrown away. */
function readBody(request: IncomingMessage, maxBytes: number): Promise<Buffer<ArrayBuffer>> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer<ArrayBuffer>>()
  let chunks: Buffer[] = []
  let bytes = 0
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= maxBytes) {
      chunks.push(chunk)
      return
    }
    chunks = []
    reject(tooLarge(maxBytes))
  })
  request.once('end', () => resolve(Buffer.concat(chunks)))
  request.once('error', reject)
  return promise
}

const tooLarge = (maxBytes: number): GraphQLError =>
  new GraphQLError(`A request may have at most ${maxBytes} bytes.`, {
    extensions: { code: 'BAD_USER_INPUT', http: { status: 413 } },
  })
