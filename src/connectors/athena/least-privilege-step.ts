import { leastPrivilegeReport } from '../aws/least-privilege.ts'
import type { StepReport } from '../connection-test.ts'
import type { StepContext } from '../define.ts'
import type { AthenaSession } from './open.ts'
import { readerPolicy, readS3Place, type S3Place, writingQuestions } from './policy.ts'
import type { Found } from './read-step.ts'

/** Each is a question of its own to IAM. */
const maxAsked = 2
/** More places than these make a policy that nobody reads. */
const maxPlaces = 20

/** Whether the identity could do more than read, as far as IAM tells it. */
export function leastPrivilegeStep(session: AthenaSession, found: Found, context: StepContext): Promise<StepReport> {
  const { config, access, place, environment, queryPlace } = session
  const account = access.identity?.account ?? '*'
  const results = queryPlace.location === null ? null : readS3Place(queryPlace.location)
  // Where results go whoever queries must be able to write.
  const data = placesOf(found).filter(({ bucket, prefix }) => !isWithin({ bucket, prefix }, results))
  return leastPrivilegeReport(
    {
      access,
      place,
      region: config.region,
      network: environment.network,
      writing: writingQuestions(config, account, found.tables.slice(0, 1), data.slice(0, maxAsked)),
      reading: readerPolicy(config, {
        account,
        results,
        functions: found.functions,
        data: isTold(found, data) ? data : [],
      }),
    },
    context,
  )
}

/** Whether it is known where all tables lie. */
const isTold = ({ tables, isWhole }: Found, data: readonly S3Place[]): boolean =>
  isWhole && data.length <= maxPlaces && tables.every(({ isView, data: own }) => isView || own !== null)

function placesOf({ tables }: Found): S3Place[] {
  const byText = new Map(tables.flatMap(({ data }) => (data ? [[`${data.bucket}/${data.prefix}`, data]] : [])))
  return [...byText.values()]
}

const isWithin = ({ bucket, prefix }: S3Place, results: S3Place | null): boolean =>
  results !== null && bucket === results.bucket && prefix.startsWith(results.prefix)
