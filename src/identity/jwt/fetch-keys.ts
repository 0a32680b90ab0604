import type { JSONWebKeySet } from 'jose'
import { Client, type Dispatcher } from 'undici'

export interface FetchKeysOptions {
  readonly url: string
  /** For all of it, from the connection to the last byte. */
  readonly timeoutMs?: number
  readonly maxBytes?: number
}

/** The provider's keys could not be read. The message goes on after "because the provider". */
export class KeysUnavailableError extends Error {
  override readonly name = 'KeysUnavailableError'
}

/** A provider has two or three. */
const maxKeys = 100

/**
 * Reads a JSON Web Key Set: from that one address alone, in bounded time and size, with verified certificates whatever
 * the environment says. What it is labelled as does not matter, since some providers keep theirs in a plain file store.
 * The function that it answers with throws `KeysUnavailableError`.
 */
export function createFetchKeys({
  url,
  timeoutMs = 5_000,
  maxBytes = 262_144,
}: FetchKeysOptions): () => Promise<JSONWebKeySet> {
  const { origin, pathname, search } = new URL(url)
  return async () => {
    const signal = AbortSignal.timeout(timeoutMs)
    // For this one request: the next one is ten minutes away.
    const client = new Client(origin, {
      allowH2: false,
      maxHeaderSize: 16_384,
      // Said although it is the default: NODE_TLS_REJECT_UNAUTHORIZED would change that.
      connect: { timeout: timeoutMs, minVersion: 'TLSv1.2', rejectUnauthorized: true },
    })
    try {
      const answer = await client.request({
        path: `${pathname}${search}`,
        method: 'GET',
        signal,
        headers: {
          accept: 'application/jwk-set+json, application/json',
          'accept-encoding': 'identity',
          'user-agent': 'patchbay',
        },
      })
      return keySetOf(await read(answer, maxBytes))
    } catch (error) {
      if (error instanceof KeysUnavailableError) throw error
      throw new KeysUnavailableError(signal.aborted ? `took more than ${timeoutMs} ms` : whyUnreachable(error))
    } finally {
      client.destroy().catch(() => undefined)
    }
  }
}

async function read(answer: Dispatcher.ResponseData, maxBytes: number): Promise<string> {
  const { statusCode, headers, body } = answer
  // What is not read to its end goes with the connection.
  body.on('error', () => undefined)
  const fail = (reason: string): never => {
    throw new KeysUnavailableError(reason)
  }
  if (statusCode !== 200) fail(`answered with the status ${statusCode}`)
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') fail('answered with something packed')
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of body as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > maxBytes) fail(`answered with more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

function keySetOf(text: string): JSONWebKeySet {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new KeysUnavailableError('answered with something that is not JSON')
  }
  const keys = typeof value === 'object' && value !== null && 'keys' in value ? value.keys : null
  if (!Array.isArray(keys) || !keys.every(key => typeof key === 'object' && key !== null && !Array.isArray(key))) {
    throw new KeysUnavailableError('answered with something that is not a JSON Web Key Set')
  }
  if (keys.length > maxKeys) throw new KeysUnavailableError(`answered with more than ${maxKeys} keys`)
  // Without whatever else is in it. Checked above.
  return { keys: keys as JSONWebKeySet['keys'] }
}

/** `ECONNREFUSED`, `CERT_HAS_EXPIRED`, `UND_ERR_SOCKET` and the like. */
function whyUnreachable(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null
  return typeof code === 'string' && /^\w{1,60}$/.test(code) ? `could not be reached: ${code}` : 'could not be reached'
}
