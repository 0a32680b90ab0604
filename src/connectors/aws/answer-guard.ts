import type { Readable } from 'node:stream'
import { Transform } from 'node:stream'
import { ByteLimitError } from '../session/protocol-fault.ts'

/** What answered is no AWS service, or not to be believed. */
export class ForeignAnswerError extends Error {
  /** Completes "it looks like ...". */
  readonly found: string

  constructor(found: string) {
    super(`The answer looks like ${found}.`)
    this.name = 'ForeignAnswerError'
    this.found = found
  }
}

/** As the SDK's HTTP handler gives it, before anything of it has been parsed. */
interface HttpAnswer {
  readonly statusCode: number
  readonly headers: Readonly<Record<string, string>>
  body: Readable
}

/** What all clients of the SDK have, as far as it is needed here: each has types of its own for what goes through it. */
export interface AnyClient {
  readonly middlewareStack: { add(middleware: never, options: never): void }
}

type Next = (args: unknown) => Promise<{ readonly response: HttpAnswer }>

/** The difference between the service's clock and ours in milliseconds, as of its last answer; null before the first. */
export interface ServerClock {
  skewMs: number | null
}

/** Of what an answer says of a failure, whatever other answers may have: the SDK keeps it in memory. */
const maxFailureBytes = 1_048_576

export interface AnswerGuard {
  /** Of one answer's body; of one that tells of a failure never more than 1 MiB. */
  readonly maxBytes: number
  readonly clock: ServerClock
  /**
   * Whether answers may be anything, such as objects of S3. Then only its headers tell that a service of AWS has sent
   * an answer, and it tells of other regions by redirects.
   */
  readonly carriesObjects?: boolean
}

/**
 * Looks at every answer of a client's service before the SDK does: it would follow a body of any length, and would
 * parse a proxy's page as if a service had sent it. Nothing is followed anywhere else.
 */
export function guardAnswers(client: AnyClient, { maxBytes, clock, carriesObjects = false }: AnswerGuard): void {
  const guard = (next: Next) => async (args: unknown) => {
    const result = await next(args)
    const { response } = result
    const { statusCode, headers } = response
    const date = Date.parse(headers['date'] ?? '')
    if (!Number.isNaN(date)) clock.skewMs = date - Date.now()
    const isOwn = carriesObjects && headers['x-amz-request-id'] !== undefined
    if (statusCode >= 300 && statusCode < 400 && !isOwn) {
      response.body.destroy()
      throw new ForeignAnswerError(`a redirect (HTTP ${statusCode})`)
    }
    const mayHave = statusCode < 300 ? maxBytes : Math.min(maxBytes, maxFailureBytes)
    response.body = metered(response, mayHave, !isOwn)
    return result
  }
  // The border to the SDK: nearest to its HTTP handler, which answers with what `Next` says.
  client.middlewareStack.add(
    guard as never,
    { step: 'deserialize', priority: 'low', name: 'patchbayAnswerGuard' } as never,
  )
}

/** Servers that stand in for AWS call their answers HTML too: what begins like a page is one. */
const webPage = /^\s*(?:<!doctype html|<html)/i

function metered({ body, statusCode }: HttpAnswer, maxBytes: number, refusesPages: boolean): Readable {
  let read = 0
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const isPage = refusesPages && read === 0 && webPage.test(chunk.toString('latin1', 0, 100))
      read += chunk.length
      if (isPage) done(new ForeignAnswerError(`a web page (HTTP ${statusCode})`))
      else if (read > maxBytes) done(new ByteLimitError(maxBytes))
      else done(null, chunk)
    },
  })
  // Until somebody reads it an error would be nobody's.
  meter.on('error', () => {})
  meter.on('close', () => body.destroy())
  body.on('error', error => meter.destroy(error))
  // Cut in the middle: without this the rest would be waited for.
  body.on('close', () => {
    if (!body.readableEnded) meter.destroy(Object.assign(new Error('The answer was cut.'), { code: 'ECONNRESET' }))
  })
  return body.pipe(meter)
}
