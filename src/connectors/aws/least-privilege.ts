import { endpointStage } from '../cloud/endpoint-stage.ts'
import { passWithin } from '../cloud/pass-within.ts'
import type { StageContext } from '../cloud/stages.ts'
import type { StepReport } from '../connection-test.ts'
import { type NetworkSettings, passed, type StepContext, skipped, warning } from '../define.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import { type Problem, problem } from '../problem.ts'
import { summarizeRights } from '../reader-account.ts'
import type { AwsAccess, AwsIdentity } from './access.ts'
import { plainWords } from './account-noise.ts'
import { awsEndpoint } from './endpoint.ts'
import { actionsOf, type PolicyStatement } from './policy.ts'
import type { AwsFormPlace } from './problems.ts'
import { readerRemedies } from './reader-commands.ts'
import { AwsCallError } from './service.ts'
import { isRoot, principalOf, type SimulatedRights, simulateRights } from './simulated-rights.ts'

export interface LeastPrivilegeOptions {
  readonly access: AwsAccess
  readonly place: AwsFormPlace
  readonly region: string
  readonly network: NetworkSettings
  /** What an account that can only read may not do, and on what. */
  readonly writing: readonly PolicyStatement[]
  /** All that such an account needs, for the remedy. */
  readonly reading: readonly PolicyStatement[]
}

/** What has been looked at, for whoever reads that nothing was found. */
const lookedAt = ({ writing }: Pick<LeastPrivilegeOptions, 'writing'>): Evidence[] => {
  const resources = new Set(writing.flatMap(statement => statement.resources))
  return [
    measuredText('Asked about', `${actionsOf(writing).length} actions on ${plainWords([...resources].join(', '))}`),
    measuredText('Looked at', 'policies of the identity, its groups and its organization; not those of buckets'),
  ]
}

/** Whether the identity could do more than read, as far as IAM tells it. Never tries. Rejects only with the signal's reason. */
export async function leastPrivilegeReport(
  options: LeastPrivilegeOptions,
  context: Pick<StepContext, 'signal' | 'budgetMs'>,
): Promise<StepReport> {
  const { identity } = options.access
  if (!identity) return unknown('Nobody has been asked who the keys belong to.')
  if (isRoot(identity)) return canWrite(options, identity, ['is the owner of the account, who may do everything'], [])
  const roleArn = options.place.credentials.assumeRole?.roleArn
  const principal = principalOf(identity, roleArn)
  if (principal === null) return unknown('It is neither a user nor a role, whose policies could be asked about.')
  try {
    const found = await ask(options, principal, context)
    return 'code' in found ? unknown(found.detail ?? found.message) : reportOf(options, identity, found)
  } catch (error) {
    if (context.signal.aborted || !(error instanceof AwsCallError)) throw error
    return unknown(error.problem.detail ?? error.problem.message)
  }
}

function reportOf(
  options: LeastPrivilegeOptions,
  identity: AwsIdentity,
  { allowed, undecided }: SimulatedRights,
): StepReport {
  if (allowed.length > 0) {
    return canWrite(
      options,
      identity,
      allowed.map(({ action, resource }) => (resource === '*' ? action : `${action} on ${plainWords(resource)}`)),
      lookedAt(options),
    )
  }
  if (undecided.length === 0) return passed(lookedAt(options))
  return unknown(`It depends on conditions that are not known here: ${undecided.join(', ')}.`, lookedAt(options))
}

/** The way to IAM, and the question. Its steps are no steps of the plan: nothing else depends on them. */
async function ask(
  { access, place, region, network, writing }: LeastPrivilegeOptions,
  principal: string,
  { signal, budgetMs }: StageContext,
): Promise<SimulatedRights | Problem> {
  const stage = endpointStage({ endpoint: awsEndpoint('iam', region, network), field: place.regionPath, network })
  const until = performance.now() + budgetMs * 0.9
  const remainingMs = () => Math.max(1, Math.round(until - performance.now()))
  try {
    const blocked = await passWithin(stage, { signal, remainingMs })
    if (blocked) return blocked
    const { endpoint } = stage
    return await simulateRights(
      { endpoint, access, place, principal, questions: writing },
      { signal, budgetMs: remainingMs() },
    )
  } finally {
    stage.close()
  }
}

function canWrite(
  options: LeastPrivilegeOptions,
  identity: AwsIdentity,
  rights: readonly string[],
  asked: readonly Evidence[],
): StepReport {
  const { place, reading } = options
  const { assumeRole } = place.credentials
  const field = `${place.credentialsPath}.${assumeRole ? 'assumeRole.roleArn' : 'accessKey.accessKeyId'}`
  const params = { username: plainWords(identity.arn), rights: summarizeRights(rights) }
  const fence: Evidence[] = assumeRole
    ? [measuredText('Fence', "Patchbay's own session of the role may not, whatever the role may")]
    : []
  return warning(
    problem('ACCOUNT_CAN_WRITE', { params, fields: [field], remedies: readerRemedies(place, identity, reading) }),
    [...rights.slice(0, maxShown).map(right => measuredText('May', right)), ...fence, ...asked],
  )
}

/** More say nothing that these do not. */
const maxShown = 30

const unknown = (detail: string, evidence: readonly Evidence[] = []): StepReport =>
  skipped(problem('PRIVILEGES_UNKNOWN', { detail }), evidence)
