import { createHash, createHmac } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** What a signed request says of itself (AWS Signature Version 4), and its signature. */
export interface AwsSignature {
  readonly accessKeyId: string
  readonly date: string
  readonly region: string
  readonly service: string
  readonly signedHeaders: readonly string[]
  readonly signature: string
}

export function parseSignature(authorization: string | undefined): AwsSignature | null {
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      authorization ?? '',
    )
  if (!match) return null
  const [, accessKeyId = '', date = '', region = '', service = '', signedHeaders = '', signature = ''] = match
  return { accessKeyId, date, region, service, signedHeaders: signedHeaders.split(';'), signature }
}

const sha256 = (data: string | Buffer) => createHash('sha256').update(data).digest('hex')
const hmac = (key: string | Buffer, data: string) => createHmac('sha256', key).update(data).digest()

/** What of a request is signed. */
export interface SignedRequest {
  readonly method: string
  /** As it was sent, with the query. */
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** RFC 3986: everything but its unreserved characters. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)

/** The path of a request to S3, decoded as S3 does it: a plus stands for a space, as it does in queries. */
export const decodedS3Path = (path: string): string => decodeURIComponent(path.replaceAll('+', '%20'))

/** S3 signs the path as it understood it; every other service encodes it once more, which changes no path of theirs. */
const canonicalPath = (path: string, service: string): string =>
  service === 's3' ? decodedS3Path(path).split('/').map(encoded).join('/') : path

const parameters = (query: string): string[] =>
  query
    .split('&')
    .filter(part => part !== '')
    .map(part => part.split('=') as [name: string, value?: string])
    .sort(([a, one = ''], [b, other = '']) => (a === b ? compare(one, other) : compare(a, b)))
    .map(([name, value = '']) => `${name}=${value}`)

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b))

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
export function canonicalRequest(
  { service, signedHeaders }: AwsSignature,
  { method, path, headers, body }: SignedRequest,
): string {
  const [rawPath = '', query = ''] = path.split('?')
  const hash = service === 's3' ? String(headers['x-amz-content-sha256']) : sha256(body)
  const canonicalHeaders = signedHeaders
    .map(name => `${name}:${String(headers[name]).trim().replace(/ +/g, ' ')}\n`)
    .join('')
  return [
    method,
    canonicalPath(rawPath, service),
    parameters(query).join('&'),
    canonicalHeaders,
    signedHeaders.join(';'),
    hash,
  ].join('\n')
}

export const stringToSign = (signature: AwsSignature, request: SignedRequest): string => {
  const { date, region, service } = signature
  const scope = `${date}/${region}/${service}/aws4_request`
  const canonical = canonicalRequest(signature, request)
  return ['AWS4-HMAC-SHA256', request.headers['x-amz-date'], scope, sha256(canonical)].join('\n')
}

/** Whether the request was signed with this secret. */
export function isSignedWith(secret: string, signature: AwsSignature, request: SignedRequest): boolean {
  const { date, region, service } = signature
  const key = [date, region, service, 'aws4_request'].reduce<string | Buffer>(
    (previous, part) => hmac(previous, part),
    `AWS4${secret}`,
  )
  return hmac(key, stringToSign(signature, request)).toString('hex') === signature.signature
}
