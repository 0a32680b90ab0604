import type { AssumeRoleCommandOutput, STSClient } from '@aws-sdk/client-sts'
import type { StepReport } from '../connection-test.ts'
import { failed } from '../define.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import { type Problem, problem } from '../problem.ts'
import { plainWords } from './account-noise.ts'
import type { AwsKeys, OperatorAws } from './identity.ts'
import { actionsOf, type PolicyStatement, policyDocument } from './policy.ts'
import { type AwsFormPlace, credentialFields, requireText } from './problems.ts'

/** Of AWS: for sessions of a role, and for those that a role's session has opened. */
const shortestSessionSeconds = 900
const longestSessionSeconds = 3_600

export interface RoleRequest {
  readonly roleArn: string
  /** All that the session may do, however much the role may. */
  readonly allowed: readonly PolicyStatement[]
  /** How long it is needed for. */
  readonly sessionSeconds: number
  readonly operatorAws: OperatorAws | undefined
}

export interface AssumedRole {
  readonly keys: AwsKeys
  readonly evidence: readonly Evidence[]
}

/** Assumes the role, in a session that is fenced to what the run needs. `client`: signs by the operator's identity. */
export async function assumeRole(
  client: STSClient,
  { roleArn, allowed, sessionSeconds, operatorAws }: RoleRequest,
  options: { readonly abortSignal: AbortSignal },
): Promise<AssumedRole> {
  const { AssumeRoleCommand } = await import('@aws-sdk/client-sts')
  const answer = await client.send(
    new AssumeRoleCommand({
      RoleArn: roleArn,
      RoleSessionName: 'patchbay',
      // Without it anybody whom the operator lets in could name anybody's role.
      ExternalId: operatorAws?.externalId,
      DurationSeconds: Math.min(longestSessionSeconds, Math.max(shortestSessionSeconds, Math.ceil(sessionSeconds))),
      Policy: policyDocument(allowed),
    }),
    options,
  )
  return { keys: keysIn(answer), evidence: evidenceOf(answer, roleArn, allowed) }
}

function keysIn({ Credentials: keys }: AssumeRoleCommandOutput): AwsKeys {
  const text = (value: unknown) => requireText(value, 'keys for the role')
  return {
    accessKeyId: text(keys?.AccessKeyId),
    secretAccessKey: text(keys?.SecretAccessKey),
    sessionToken: text(keys?.SessionToken),
  }
}

const evidenceOf = (
  { AssumedRoleUser: user }: AssumeRoleCommandOutput,
  roleArn: string,
  allowed: readonly PolicyStatement[],
): Evidence[] => [
  measuredText('Role', plainWords(typeof user?.Arn === 'string' ? user.Arn : roleArn)),
  measuredText('Allowed in this session', actionsOf(allowed).join(', ')),
]

/** Where Patchbay has no identity by which it could assume anything. */
export const identityMissing = (place: AwsFormPlace): StepReport & { readonly problem: Problem } => {
  const missing = problem('OPERATOR_IDENTITY_MISSING', { fields: credentialFields(place) })
  return { ...failed(missing), problem: missing }
}

export const roleSubject = (roleArn: string, { credentialsPath }: AwsFormPlace) => ({
  what: 'role',
  name: roleArn,
  field: `${credentialsPath}.assumeRole.roleArn`,
})

/** It is the operator's identity that asks: what is wrong with it is nothing that the form could mend. */
export function roleProblem(
  found: Problem,
  { place, roleArn, operatorAws }: Pick<RoleRequest, 'roleArn' | 'operatorAws'> & { readonly place: AwsFormPlace },
): Problem {
  const { detail } = found
  const fields = credentialFields(place)
  switch (found.code) {
    case 'CLOUD_CREDENTIALS_REJECTED':
    case 'CLOUD_CREDENTIALS_EXPIRED':
      return problem('OPERATOR_IDENTITY_MISSING', { detail, fields })
    case 'CLOUD_ACCESS_DENIED': {
      const params = { role: roleArn, externalId: operatorAws?.externalId ?? null }
      return problem('CLOUD_ROLE_REFUSED', { params, detail, fields })
    }
    default:
      return found
  }
}
