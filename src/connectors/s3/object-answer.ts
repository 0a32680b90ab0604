import { Readable } from 'node:stream'
import type { GetObjectCommandOutput } from '@aws-sdk/client-s3'
import { IncompleteAnswerError } from '../aws/problems.ts'
import { ProtocolFaultError } from '../session/protocol-fault.ts'
import { etagOf } from './listing-page.ts'

/** An object, or a part of it, that has begun to arrive. */
export interface ObjectAnswer {
  readonly body: Readable
  /** Of the first byte in it. */
  readonly start: number
  /** How many bytes there are in it; null when it does not say. */
  readonly length: number | null
  /** Of the whole object, in bytes; null when it does not say. */
  readonly size: number | null
  readonly etag: string | null
}

/** Throws for what is no answer to a request for an object from byte `first` on; its body is destroyed then. */
export function readAnswer(output: GetObjectCommandOutput, first: number): ObjectAnswer {
  // The border to the SDK: its own type is a mixture of what the platforms have.
  const body = output.Body as unknown
  if (!(body instanceof Readable)) throw new IncompleteAnswerError('object')
  // Until somebody reads it an error would be nobody's.
  body.on('error', () => {})
  try {
    return { body, ...extentOf(output, first), etag: etagOf(output.ETag) }
  } catch (error) {
    body.destroy()
    throw error
  }
}

function extentOf({ $metadata, ContentLength, ContentRange }: GetObjectCommandOutput, asked: number) {
  const length = countOf(ContentLength)
  if ($metadata.httpStatusCode !== 206) return { start: 0, length, size: length }
  const [, first, last, size] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(ContentRange ?? '') ?? []
  const start = countOf(Number(first))
  const end = countOf(Number(last))
  if (start === null || end === null || end < start || (length !== null && length !== end - start + 1)) {
    throw new ProtocolFaultError('it sends a part of an object without saying which')
  }
  if (start !== asked) throw new ProtocolFaultError('it does not give the part of an object that it was asked for')
  return { start, length: end - start + 1, size: size === '*' ? null : countOf(Number(size)) }
}

const countOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
