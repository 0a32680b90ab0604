import { AwsCallError } from '../aws/service.ts'
import type { StageContext } from '../cloud/stages.ts'
import type { StepReport } from '../connection-test.ts'
import { failed, passed, warning } from '../define.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import { isArchive } from './archives.ts'
import type { Bucket, CallTime } from './bucket.ts'
import { type FirstObjects, firstObjects } from './first-objects.ts'
import type { S3Config } from './form.ts'
import type { ListedObject } from './listing-page.ts'
import { looksLike } from './looks-like.ts'
import { objectSize } from './object-size.ts'
import { type FoundObject, ObjectSource } from './object-source.ts'
import { nothingMatches } from './problems.ts'
import { timeOf } from './step-time.ts'

/** Of an object. */
const maxBytes = 4_096
/** One object may have a key of its own, or have gone meanwhile; more than a few would be something else. */
const maxTries = 3

/** Reads the first bytes of an object under the prefix. Of what it says nothing is told. */
export async function readStep(bucket: Bucket, config: S3Config, context: StageContext): Promise<StepReport> {
  const time = timeOf(context)
  const prefix = config.prefix ?? ''
  try {
    return await readOneOf(await firstObjects(bucket, prefix, time), bucket, config, time)
  } catch (error) {
    if (!(error instanceof AwsCallError)) throw error
    return error.awsName === 'AccessDenied' && isWholeKey(prefix)
      ? readUnlisted(error, bucket, prefix, time)
      : error.report
  }
}

async function readOneOf(
  { filled, count: seen, isMore }: FirstObjects,
  bucket: Bucket,
  { prefix }: S3Config,
  time: () => CallTime,
): Promise<StepReport> {
  const count = measuredText('Objects', isMore ? `${seen} or more` : String(seen))
  if (filled.length === 0) {
    const details = [
      ...(seen === 0 ? [] : ['Every object that was found is empty.']),
      ...(isMore ? ['There are more keys than were looked through.'] : []),
    ]
    const field = prefix === undefined ? 'bucket' : 'prefix'
    return warning(nothingMatches(`${prefix ?? ''}*`, field, details.join(' ') || null), [count])
  }
  const failures: { readonly key: string; readonly error: AwsCallError }[] = []
  const told = () => [count, ...failures.map(({ key, error }) => couldNotBeRead(key, error))]
  for (const object of candidates(filled)) {
    try {
      return passed([...told(), ...(await readBeginning(bucket, { ...object, keyField: null }, time()))])
    } catch (error) {
      if (!(error instanceof AwsCallError)) throw error
      failures.push({ key: object.key, error })
      if (!isOfItsOwn(error)) break
    }
  }
  const decisive = failures.find(({ error }) => error.problem.code !== 'OBJECT_ARCHIVED')
  const [first] = failures
  if (decisive) return failed(decisive.error.problem, [...told(), ...decisive.error.report.evidence])
  // There is at least one candidate, and it has failed.
  return warning((first as (typeof failures)[number]).error.problem, told())
}

/** Those that are not archived first: what is archived may have been restored. */
function candidates(objects: readonly ListedObject[]): readonly ListedObject[] {
  const [archived, others] = [objects.filter(isArchive), objects.filter(object => !isArchive(object))]
  return [...others, ...archived].slice(0, maxTries)
}

/** Whether another object may do better. */
const isOfItsOwn = ({ problem: { code } }: AwsCallError): boolean =>
  ['OBJECT_ARCHIVED', 'OBJECT_CHANGED', 'OBJECT_NOT_DECRYPTABLE', 'NO_OBJECT_MATCHES', 'CLOUD_ACCESS_DENIED'].includes(
    code,
  )

/** Where nothing can be listed, a prefix that is a whole key still names something that can be read. */
async function readUnlisted(
  denied: AwsCallError,
  bucket: Bucket,
  key: string,
  time: () => CallTime,
): Promise<StepReport> {
  try {
    const asked = { key, keyField: 'prefix' }
    const object = { ...asked, ...(await objectSize(bucket, asked, time())) }
    const evidence = await readBeginning(bucket, object, time())
    return warning(denied.problem, [measuredText('Objects', 'not told to whoever may not list them'), ...evidence])
  } catch (error) {
    if (!(error instanceof AwsCallError)) throw error
    return failed(denied.problem, [couldNotBeRead(key, error)])
  }
}

const isWholeKey = (prefix: string): boolean => prefix !== '' && !prefix.endsWith('/')

async function readBeginning(bucket: Bucket, object: FoundObject, { signal, budgetMs }: CallTime): Promise<Evidence[]> {
  const { key, size } = object
  const head = await new ObjectSource(bucket, object, budgetMs).read(0, Math.min(size, maxBytes), signal)
  return [
    measuredText('Object', key),
    measuredText('Size', `${size} bytes`),
    measuredText('Read', `${head.length} bytes`),
    measuredText('Looks like', looksLike(head)),
  ]
}

const couldNotBeRead = (key: string, { problem: { message } }: AwsCallError): Evidence =>
  measuredText('Could not be read', `${key}: ${message}`)
