import {
  type EvaluationResult,
  IAMClient,
  type PolicyEvaluationDecisionType,
  SimulatePrincipalPolicyCommand,
  type SimulatePrincipalPolicyCommandOutput,
} from '@aws-sdk/client-iam'
import type { EndpointSteps } from '../cloud/endpoint-steps.ts'
import type { StageContext } from '../cloud/stages.ts'
import type { AwsAccess, AwsIdentity } from './access.ts'
import type { AwsEndpoint } from './endpoint.ts'
import type { PolicyStatement } from './policy.ts'
import { type AwsFormPlace, IncompleteAnswerError, requireText } from './problems.ts'
import { AwsService } from './service.ts'

/** One thing that an identity may do. */
export interface SimulatedRight {
  readonly action: string
  readonly resource: string
}

export interface SimulatedRights {
  /** Of those asked about. */
  readonly allowed: readonly SimulatedRight[]
  /** Conditions that decide and that AWS cannot know of here, such as an address or a tag. */
  readonly undecided: readonly string[]
}

export interface SimulationOptions {
  readonly endpoint: EndpointSteps<AwsEndpoint>
  readonly access: AwsAccess
  readonly place: AwsFormPlace
  /** ARN of the user or role whose policies are looked at. */
  readonly principal: string
  /** What to ask about. */
  readonly questions: readonly PolicyStatement[]
}

const action = 'iam:SimulatePrincipalPolicy'

/**
 * Asks IAM what the policies of an identity allow: its own ones, those of its groups, its boundary and its organization;
 * not those of buckets. Nothing is done for it. Throws `AwsCallError`, above all for whoever may not ask.
 */
export async function simulateRights(
  { endpoint, access, place, principal, questions }: SimulationOptions,
  { signal, budgetMs }: StageContext,
): Promise<SimulatedRights> {
  const service = new AwsService({
    endpoint,
    place,
    keys: () => access.keys,
    make: settings => new IAMClient(settings),
  })
  const until = performance.now() + budgetMs
  const subject = { what: 'identity', name: principal, field: place.credentialsPath }
  const allowed: SimulatedRight[] = []
  const undecided = new Set<string>()
  try {
    for (const { actions, resources } of questions) {
      for (const resource of resources) {
        const results = await service.ask(
          { action, subject, signal, budgetMs: Math.max(1, until - performance.now()) },
          (client, options) => evaluate(client, { principal, actions, resource }, options),
        )
        for (const result of results) {
          if (result.EvalDecision === 'allowed') allowed.push({ action: result.EvalActionName ?? '?', resource })
          else for (const key of result.MissingContextValues ?? []) undecided.add(key)
        }
      }
    }
    return { allowed, undecided: [...undecided] }
  } finally {
    service.close()
  }
}

interface Evaluated {
  readonly principal: string
  readonly actions: readonly string[]
  readonly resource: string
}

/** IAM gives them in as many parts as it likes. */
const maxParts = 20

const decisions: readonly unknown[] = [
  'allowed',
  'explicitDeny',
  'implicitDeny',
] satisfies PolicyEvaluationDecisionType[]

/** What is decided on each action. Throws where anything is left out: nothing said is not the same as "denied". */
async function evaluate(
  client: IAMClient,
  { principal, actions, resource }: Evaluated,
  options: { readonly abortSignal: AbortSignal },
): Promise<readonly EvaluationResult[]> {
  const results: EvaluationResult[] = []
  let marker: string | null = null
  for (let part = 0; part < maxParts; part += 1) {
    const answer: SimulatePrincipalPolicyCommandOutput = await client.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn: principal,
        ActionNames: [...actions],
        ResourceArns: [resource],
        MaxItems: 1_000,
        ...(marker !== null && { Marker: marker }),
      }),
      options,
    )
    results.push(...(answer.EvaluationResults ?? []))
    if (answer.IsTruncated !== true) break
    marker = requireText(answer.Marker, 'marker of what follows')
  }
  return actions.map(name => {
    const result = results.find(({ EvalActionName }) => EvalActionName === name)
    if (!result || !decisions.includes(result.EvalDecision)) throw new IncompleteAnswerError(`decision on ${name}`)
    return result
  })
}

/** Whose policies say what an identity may do; null where that cannot be told. `roleArn`: as the form has it. */
export function principalOf({ arn }: AwsIdentity, roleArn: string | undefined): string | null {
  if (roleArn !== undefined) return roleArn
  if (/^arn:[\w-]+:iam::\d{12}:user\//.test(arn)) return arn
  const session = /^arn:([\w-]+):sts::(\d{12}):assumed-role\/([^/]+)\//.exec(arn)
  // The role's path is not among what STS tells; most have none.
  return session ? `arn:${session[1]}:iam::${session[2]}:role/${session[3]}` : null
}

/** The account's owner may do everything, whatever policies say. */
export const isRoot = ({ arn }: AwsIdentity): boolean => /^arn:[\w-]+:iam::\d{12}:root$/.test(arn)
