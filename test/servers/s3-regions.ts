import { type S3Error, s3Error } from './s3-xml.ts'

/** How S3 says that a bucket is in another region than the request was sent to. */
export type ElsewhereShape = 'PERMANENT_REDIRECT' | 'TEMPORARY_REDIRECT' | 'MALFORMED' | 'CONSTRAINT'

export interface Elsewhere {
  readonly error: S3Error
  readonly headers: Readonly<Record<string, string>>
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
export function elsewhere(shape: ElsewhereShape, bucket: string, isIn: string, asked: string): Elsewhere {
  const told = { 'x-amz-bucket-region': isIn }
  const endpoint = `${bucket}.s3.${isIn}.amazonaws.com`
  const redirect =
    'The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.'
  switch (shape) {
    case 'PERMANENT_REDIRECT':
      return {
        error: s3Error('PermanentRedirect', 301, redirect, { Endpoint: endpoint, Bucket: bucket }),
        headers: told,
      }
    case 'TEMPORARY_REDIRECT':
      return {
        error: s3Error('TemporaryRedirect', 307, 'Please re-send this request to the specified temporary endpoint.', {
          Endpoint: endpoint,
          Bucket: bucket,
        }),
        headers: { ...told, location: `https://${endpoint}/` },
      }
    case 'MALFORMED':
      // The header is missing: only the words tell.
      return {
        error: s3Error(
          'AuthorizationHeaderMalformed',
          400,
          `The authorization header is malformed; the region '${asked}' is wrong; expecting '${isIn}'`,
          { Region: isIn },
        ),
        headers: {},
      }
    case 'CONSTRAINT':
      return {
        error: s3Error(
          'IllegalLocationConstraintException',
          400,
          `The ${isIn} location constraint is incompatible for the region specific endpoint this request was sent to.`,
        ),
        headers: told,
      }
  }
}
