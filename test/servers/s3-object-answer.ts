import type { ServerResponse } from 'node:http'
import { crc32 } from 'node:zlib'
import { type BodyFault, drip, type Traffic, withhold, write } from './s3-faults.ts'
import { isArchived, type S3Object, type S3Objects } from './s3-objects.ts'
import { type ByteRange, rangeOf, type S3Request } from './s3-requests.ts'
import { type S3Error, s3Error } from './s3-xml.ts'

/** Larger objects were uploaded in parts, and have no checksum as a whole. */
const maxChecksummed = 1_048_576

export interface ObjectAnswerOptions {
  readonly objects: S3Objects
  readonly mayList: boolean
  readonly fault: BodyFault | null
  readonly traffic: Traffic
}

/** Sends what is asked for of an object; or answers why it does not. */
export async function answerObject(
  { operation, key, headers }: S3Request,
  response: ServerResponse,
  { objects, mayList, fault, traffic }: ObjectAnswerOptions,
): Promise<S3Error | 'DENIED' | null> {
  if (Buffer.byteLength(key) > 1_024) {
    return s3Error('KeyTooLongError', 400, 'Your key is too long', {
      Size: Buffer.byteLength(key),
      MaxSizeAllowed: 1_024,
    })
  }
  const object = objects.get(key)
  if (!object) {
    return mayList ? s3Error('NoSuchKey', 404, 'The specified key does not exist.', { Key: key }) : 'DENIED'
  }
  const wanted = fault === 'IGNORE_MATCH' ? undefined : headers['if-match']
  if (wanted !== undefined && wanted !== object.etag && wanted !== object.etag.replaceAll('"', '')) {
    return s3Error('PreconditionFailed', 412, 'At least one of the pre-conditions you specified did not hold', {
      Condition: 'If-Match',
    })
  }
  if (operation === 'GetObject' && isArchived(object)) {
    return s3Error('InvalidObjectState', 403, "The operation is not valid for the object's storage class", {
      StorageClass: object.storageClass ?? 'STANDARD',
      ...(object.storageClass === 'INTELLIGENT_TIERING' && { AccessTier: 'ARCHIVE_ACCESS' }),
    })
  }
  const { size } = object.content
  const range = fault === 'IGNORE_RANGE' ? null : rangeOf(headers['range'], size)
  if (range === undefined) {
    return s3Error('InvalidRange', 416, 'The requested range is not satisfiable', {
      RangeRequested: headers['range'] ?? '',
      ActualObjectSize: size,
    })
  }
  const sent = bent(range ?? { start: 0, end: size }, size, fault)
  const announced = sent.end - sent.start
  response.writeHead(range ? 206 : 200, {
    'content-type': 'binary/octet-stream',
    etag: object.etag,
    'last-modified': object.lastModified.toUTCString(),
    'accept-ranges': 'bytes',
    'x-amz-server-side-encryption': 'AES256',
    ...(object.storageClass !== undefined && { 'x-amz-storage-class': object.storageClass }),
    ...(fault !== 'ENDLESS_BODY' && { 'content-length': announced }),
    ...(range && { 'content-range': `bytes ${sent.start}-${sent.end - 1}/${size}` }),
    ...(range === null && headers['x-amz-checksum-mode'] === 'ENABLED' && checksum(object)),
    ...object.headers,
  })
  if (operation === 'HeadObject') response.end()
  else await send(object, sent, response, { fault, traffic })
  return null
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html */
function checksum({ content }: S3Object): Record<string, string> {
  if (content.size > maxChecksummed) return {}
  let value = 0
  for (const piece of content.bytes(0, content.size)) value = crc32(piece, value)
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return { 'x-amz-checksum-crc32': bytes.toString('base64'), 'x-amz-checksum-type': 'FULL_OBJECT' }
}

/** The bytes that a faulty server sends for a range. */
function bent({ start, end }: ByteRange, size: number, fault: BodyFault | null): ByteRange {
  switch (fault) {
    case 'SHORT_RANGE':
      return { start, end: end - 1 }
    case 'LONG_RANGE':
      return { start, end: end + 1_000 }
    case 'OTHER_RANGE': {
      const from = start === 0 ? Math.max(1, size - end) : 0
      return { start: from, end: from + end - start }
    }
    default:
      return { start, end }
  }
}

async function send(
  { content }: S3Object,
  { start, end }: ByteRange,
  response: ServerResponse,
  { fault, traffic }: Pick<ObjectAnswerOptions, 'fault' | 'traffic'>,
): Promise<void> {
  const inBody = fault === 'HANG_IN_BODY' || fault === 'CUT_IN_BODY' || fault === 'DRIP_IN_BODY'
  const stop = inBody ? start + Math.floor((end - start) / 2) : end
  for (const piece of content.bytes(start, Math.min(stop, content.size))) {
    if (response.destroyed) return
    await write(response, piece, traffic)
  }
  const padding = stop - Math.max(start, content.size)
  if (padding > 0) await write(response, Buffer.alloc(padding, ' '), traffic)
  switch (fault) {
    case 'HANG_IN_BODY':
      return withhold(response, traffic)
    case 'CUT_IN_BODY':
      response.destroy()
      return
    case 'DRIP_IN_BODY':
      return drip(response)
    case 'ENDLESS_BODY': {
      const last = [...content.bytes(Math.max(0, content.size - 65_536), content.size)]
      while (!response.destroyed) for (const piece of last) await write(response, piece, traffic)
      return
    }
    default:
      response.end()
  }
}
