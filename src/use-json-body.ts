import { isUtf8 } from 'node:buffer'
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { GraphQLError } from 'graphql'
import type { GraphQLParams, Plugin } from 'graphql-yoga'
import { badRequest } from './schema/graphql-errors.ts'

/** What Yoga's adapter for `node:http` brings along. */
interface NodeContext {
  readonly req: IncomingMessage
}

/**
 * Reads the operation of a request, in the place of Yoga's own readers, which also take forms and bodies of any size: by
 * POST as JSON in UTF-8, not compressed, of at most `maxBytes`, holding one operation; by GET from the address.
 */
export function useJsonBody(maxBytes: number): Plugin<object, NodeContext> {
  return {
    onRequestParse({ request, requestParser, setRequestParser, serverContext: { req } }) {
      if (request.method === 'GET') {
        if (requestParser) setRequestParser(asked => fromAddress(() => requestParser(asked)))
        return
      }
      if (request.method !== 'POST') return
      assertPlainJson(req.headers)
      // Node's own parser holds a body to the length that it declares.
      if (Number(req.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes)
      setRequestParser(async () => fromBody(await readBody(req, maxBytes)))
    },
  }
}

type Parsed = GraphQLParams | GraphQLParams[] | Response

async function fromAddress<T extends Parsed>(parse: () => T | Promise<T>): Promise<T> {
  try {
    return await parse()
  } catch {
    throw badRequest('The parameters "variables" and "extensions" of the address must be JSON.')
  }
}

/** Also a defence: what browsers send to other sites without asking them first is never JSON. */
function assertPlainJson(headers: IncomingHttpHeaders): void {
  const [type = '', ...parameters] = (headers['content-type'] ?? '').split(';').map(part => part.trim().toLowerCase())
  const isJson = type === 'application/json' && parameters.every(parameter => utf8.has(parameter))
  if (!isJson) throw unsupported('Send the operation as application/json in UTF-8.')
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw unsupported('The body of a request must not be compressed.')
  }
}

const utf8: ReadonlySet<string> = new Set(['', 'charset=utf-8', 'charset="utf-8"', 'charset=utf8'])

function fromBody(body: Buffer): GraphQLParams {
  if (!isUtf8(body)) throw malformed('The body of a request must be text in UTF-8.')
  let params: unknown
  try {
    params = JSON.parse(body.toString('utf8'))
  } catch {
    throw malformed('The body of a request must be JSON.')
  }
  if (Array.isArray(params)) throw malformed('A request may hold only one operation.')
  if (typeof params !== 'object' || params === null) throw malformed('The body of a request must be a JSON object.')
  // What it holds is checked by Yoga.
  return params
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
  // Nobody is left to read that; it must not look like a fault of the server either.
  request.once('error', () => reject(malformed('The body of the request broke off.')))
  return promise
}

const refused = (status: number, message: string, headers: Readonly<Record<string, string>> = {}): GraphQLError =>
  new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', http: { status, headers } } })

const malformed = (message: string) => refused(400, message)
const tooLarge = (maxBytes: number) => refused(413, `A request may have at most ${maxBytes} bytes.`)
const unsupported = (message: string) => refused(415, message, { 'accept-post': 'application/json' })
