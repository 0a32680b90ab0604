import type { AwsEndpoint } from '../aws/endpoint.ts'
import { regionIssue } from '../aws/region.ts'
import { AwsCallError } from '../aws/service.ts'
import { failed } from '../define.ts'
import { type Problem, problem, type Remedy } from '../problem.ts'
import type { S3Config } from './form.ts'

/** What S3 was asked about when something went wrong. */
export interface Asked {
  readonly config: S3Config
  /** The object, where it was one. */
  readonly key: string | null
  /** The field in which somebody has typed `key`; null where it is known from a listing. */
  readonly keyField: string | null
  readonly server: Pick<AwsEndpoint, 'host' | 'port' | 'name'>
}

/** The error with what S3's names of errors mean for a bucket and its objects. */
export function explained(error: AwsCallError, asked: Asked): AwsCallError {
  const found = aboutForm(ofObject(error, asked) ?? ofNobody(error, asked) ?? error.problem, asked)
  return new AwsCallError({ ...error.report, problem: found }, error.awsName, error.cause)
}

/** What is asked for is not there, as far as can be told. `field`: which says what is asked for. */
export const nothingMatches = (pattern: string, field: string, detail: string | null = null): Problem =>
  problem('NO_OBJECT_MATCHES', { params: { pattern }, detail, fields: [field] })

const objectChanged = (key: string, detail: string | null = null): Problem =>
  problem('OBJECT_CHANGED', { params: { key }, detail })

/** The bucket is in another region than the form says, as its own head tells. */
export function inOtherRegion(region: string, { config, server }: Pick<Asked, 'config' | 'server'>): Problem {
  const remedies: Remedy[] =
    regionIssue(region) === null
      ? [{ kind: 'SET_FIELD', title: `Use the region ${region}`, field: 'region', value: region }]
      : []
  const params = { service: server.name, region: config.region }
  return problem('CLOUD_REGION_MISMATCH', { params, fields: ['region'], remedies })
}

/** Where that is seen by ourselves. */
export function changedMeanwhile(key: string): AwsCallError {
  const found = objectChanged(key)
  return new AwsCallError({ ...failed(found), problem: found }, '', null)
}

/** Names of S3's errors that are about one object. */
function ofObject(error: AwsCallError, asked: Asked): Problem | null {
  const { key, keyField } = asked
  if (key === null) return null
  const { awsName, problem: known } = error
  const { detail } = known
  if (/^KMS\./.test(awsName)) return ofKey(awsName, error, asked, key)
  switch (awsName) {
    case 'NoSuchKey':
    // What the SDK makes of an answer without words.
    case 'NotFound':
      return keyField === null ? objectChanged(key, detail) : nothingMatches(key, keyField)
    case 'PreconditionFailed':
      return objectChanged(key)
    case 'InvalidObjectState':
      return problem('OBJECT_ARCHIVED', { params: { key, storageClass: storageClassOf(error) } })
    case 'InvalidRange':
      return objectChanged(key, detail)
    case 'InvalidRequest':
      // Its key is with whoever has put it there: SSE-C.
      return /encryption/i.test(detail ?? '') ? problem('OBJECT_NOT_DECRYPTABLE', { params: { key }, detail }) : null
    case 'AccessDenied':
      return keyField === null ? known : deniedObject(known)
    default:
      return null
  }
}

/** A refusal that is neither in S3's words nor has what every answer of S3 has. */
function ofNobody({ awsName, problem: known, cause }: AwsCallError, { server }: Asked): Problem | null {
  const { $response: answer } = (cause ?? {}) as {
    readonly $response?: { readonly headers?: Readonly<Record<string, unknown>> }
  }
  const isOwn = answer?.headers?.['x-amz-request-id'] !== undefined
  if (known.code !== 'UNCLASSIFIED' || awsName !== 'Unknown' || isOwn) return null
  const params = { host: server.host, port: server.port, expected: 'AWS', found: 'something else' }
  return problem('WRONG_PROTOCOL', { params, detail: known.detail, fields: ['region'] })
}

function ofKey(awsName: string, { problem: known }: AwsCallError, { server }: Asked, key: string): Problem {
  const { detail, fields } = known
  const params = { ...known.params, service: server.name }
  if (/AccessDenied/.test(awsName)) {
    return problem('CLOUD_ACCESS_DENIED', { params: { ...params, action: 'kms:Decrypt' }, detail, fields })
  }
  if (/Throttling|LimitExceeded/.test(awsName)) return problem('CLOUD_THROTTLED', { params, detail })
  return problem('OBJECT_NOT_DECRYPTABLE', { params: { key }, detail })
}

/** Who may not list a bucket is told so of keys, too, that do not exist. */
function deniedObject(known: Problem): Problem {
  if (known.params['action'] !== 's3:GetObject') return known
  const said = (known.detail ?? '').replace(/[.\s]*$/, '. ').replace(/^\. $/, '')
  return { ...known, detail: `${said}S3 says the same of keys that do not exist to whoever may not list the bucket.` }
}

/** The service names it, in most cases. */
function storageClassOf({ cause }: AwsCallError): string {
  const { StorageClass: named } = (cause ?? {}) as { readonly StorageClass?: unknown }
  return typeof named === 'string' && /^[A-Z_]{1,40}$/.test(named) ? named : 'in an archive'
}

/** Problems of AWS are about a region, which decides which server it is; where the form names one, it is about that. */
function aboutForm(found: Problem, { config, server }: Asked): Problem {
  if (config.endpoint === undefined || found.code === 'CLOUD_REGION_MISMATCH') return found
  const fields = found.fields.map(field => (field === 'region' ? 'endpoint' : field))
  if (found.code !== 'WRONG_PROTOCOL' && found.code !== 'PROTOCOL_VIOLATION') return { ...found, fields }
  const params = { ...found.params, expected: 'S3', service: server.name }
  return problem(found.code, { params, detail: found.detail, fields, remedies: found.remedies })
}
