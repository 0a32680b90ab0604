import { cleanText } from '../problem.ts'
import { headerText } from './answer.ts'
import { ApiError } from './api-error.ts'
import { maxWordsBytes } from './api-words.ts'
import type { HttpResponse } from './open.ts'
import { type Asked, aboutRequest } from './problems.ts'
import { UnpackError, unpacked } from './unpack.ts'

export interface WantedBody extends Asked {
  /** What may be read of the answer, unpacked; null where its body is not wanted. */
  readonly maxBytes: number | null
  /** The form field that says how much that is. */
  readonly sizeField: string
}

/** The whole body of an answer, unpacked; empty where it is not wanted. Throws `ApiError`. */
export async function bodyOf(wanted: WantedBody, response: HttpResponse): Promise<Buffer> {
  const { maxBytes, method } = wanted
  if (maxBytes === null || method === 'HEAD') return Buffer.alloc(0)
  const chunks: Buffer[] = []
  let length = 0
  try {
    for await (const chunk of unpackedBody(response)) {
      length += chunk.length
      if (length > maxBytes) throw tooLarge(wanted, maxBytes)
      chunks.push(chunk)
    }
  } catch (error) {
    if (!(error instanceof UnpackError)) throw error
    const params = { encoding: cleanText(error.encoding, 100) }
    throw new ApiError(aboutRequest('ANSWER_NOT_UNPACKABLE', wanted, { params }))
  }
  return Buffer.concat(chunks, length)
}

/** As much of an answer as its words may be in. Throws what reading it may throw. */
export async function beginningOf(response: HttpResponse): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of unpackedBody(response)) {
    chunks.push(chunk)
    length += chunk.length
    if (length > maxWordsBytes) break
  }
  return Buffer.concat(chunks).toString('utf8', 0, maxWordsBytes)
}

const unpackedBody = (response: HttpResponse) => unpacked(response.body, headerText(response, 'content-encoding'))

function tooLarge(wanted: WantedBody, maxBytes: number): ApiError {
  const params = { megabytes: Math.round(maxBytes / 1_048_576) }
  return new ApiError(aboutRequest('ANSWER_TOO_LARGE', wanted, { params, fields: [wanted.sizeField] }))
}
