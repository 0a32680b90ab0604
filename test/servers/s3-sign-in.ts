import type { IncomingMessage } from 'node:http'
import type { DoubleKey } from './aws-double.ts'
import { type AwsSignature, canonicalRequest, isSignedWith, stringToSign } from './aws-signature.ts'
import type { S3Request } from './s3-requests.ts'
import { type S3Error, s3Error } from './s3-xml.ts'

const maxSkewMs = 15 * 60_000

const denied = s3Error('AccessDenied', 403, 'Access Denied')
const invalidToken = s3Error('InvalidToken', 400, 'The provided token is malformed or otherwise invalid.')

export interface SignInCheck {
  readonly keys: Readonly<Record<string, DoubleKey>>
  /** The server's clock. */
  readonly now: number
}

/** Why a request is not let in by its signature, in S3's words; null when it is. */
export function signInRefusal(
  request: S3Request,
  { method = '', url = '', headers }: IncomingMessage,
  { keys, now }: SignInCheck,
): S3Error | null {
  const { signature } = request
  if (signature?.service !== 's3') return denied
  const sentAt = Date.parse(
    (request.headers['x-amz-date'] ?? '').replace(/^(....)(..)(..T..)(..)(..Z)$/, '$1-$2-$3:$4:$5'),
  )
  if (!(Math.abs(sentAt - now) <= maxSkewMs)) return skewed(sentAt, now)
  const known = Object.hasOwn(keys, signature.accessKeyId) ? keys[signature.accessKeyId] : undefined
  if (!known) {
    return s3Error('InvalidAccessKeyId', 403, 'The AWS Access Key Id you provided does not exist in our records.', {
      AWSAccessKeyId: signature.accessKeyId,
    })
  }
  if (!isTokenOf(known, request.headers['x-amz-security-token'])) return invalidToken
  const signed = { method, path: url, headers, body: Buffer.alloc(0) }
  if (!isSignedWith(known.secret, signature, signed)) return mismatch(signature, signed)
  return null
}

/** The double of STS numbers the sessions of its role. */
const isTokenOf = ({ sessionToken }: DoubleKey, token: string | undefined): boolean =>
  sessionToken === undefined
    ? token === undefined
    : token?.startsWith(sessionToken) === true && /^\d*$/.test(token.slice(sessionToken.length))

const skewed = (sentAt: number, now: number): S3Error =>
  s3Error('RequestTimeTooSkewed', 403, 'The difference between the request time and the current time is too large.', {
    RequestTime: Number.isNaN(sentAt) ? '' : new Date(sentAt).toISOString(),
    ServerTime: new Date(now).toISOString(),
    MaxAllowedSkewMilliseconds: maxSkewMs,
  })

/** S3 repeats what it would have signed: with temporary keys the session token is in it. */
function mismatch(signature: AwsSignature, signed: Parameters<typeof canonicalRequest>[1]): S3Error {
  const text = stringToSign(signature, signed)
  const canonical = canonicalRequest(signature, signed)
  const inHex = (value: string) =>
    Buffer.from(value)
      .toString('hex')
      .replace(/..(?=.)/g, '$& ')
  return s3Error(
    'SignatureDoesNotMatch',
    403,
    'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
    {
      AWSAccessKeyId: signature.accessKeyId,
      StringToSign: text,
      SignatureProvided: signature.signature,
      StringToSignBytes: inHex(text),
      CanonicalRequest: canonical,
      CanonicalRequestBytes: inHex(canonical),
    },
  )
}
