import type { StepReport } from '../connection-test.ts'
import { failed, type NetworkSettings, passed } from '../define.ts'
import { measuredText } from '../evidence.ts'
import { type Problem, problem } from '../problem.ts'
import { plainWords } from './account-noise.ts'
import { type Caller, callStage } from './call-stage.ts'
import { awsEndpoint } from './endpoint.ts'
import type { AwsKeys, OperatorAws } from './identity.ts'
import { type AwsFormPlace, credentialFields, requireText } from './problems.ts'
import type { Stage } from './stages.ts'

export interface RoleStageOptions {
  readonly place: AwsFormPlace
  readonly roleArn: string
  readonly region: string
  /** All that the session may do, however much the role may: as policies write it. */
  readonly actions: readonly string[]
  readonly network: NetworkSettings
  readonly operatorAws: OperatorAws | undefined
  readonly onKeys: (keys: AwsKeys) => void
}

/** AWS' shortest. What it is needed for takes less, and connections stay open once they are made. */
const sessionSeconds = 900

/** Assumes the role by the operator's identity, in a session that is fenced to what the run needs. */
export function roleStage(options: RoleStageOptions): Stage {
  const { place, roleArn, region, network, operatorAws } = options
  return callStage({
    endpoint: awsEndpoint('sts', region, network),
    field: place.regionPath,
    network,
    call: {
      place,
      action: 'sts:AssumeRole',
      subject: { what: 'role', name: roleArn, field: `${place.credentialsPath}.assumeRole.roleArn` },
    },
    keys: () =>
      operatorAws?.identity ?? failed(problem('OPERATOR_IDENTITY_MISSING', { fields: credentialFields(place) })),
    ask: caller => assumeRole(options, caller),
    explain: found => explain(found, options),
  })
}

async function assumeRole(
  { roleArn, actions, operatorAws, onKeys }: RoleStageOptions,
  { client, signal }: Caller,
): Promise<StepReport> {
  const { AssumeRoleCommand, STSClient } = await import('@aws-sdk/client-sts')
  const { Credentials: keys, AssumedRoleUser: user } = await client(settings => new STSClient(settings)).send(
    new AssumeRoleCommand({
      RoleArn: roleArn,
      RoleSessionName: 'patchbay',
      // Without it anybody whom the operator lets in could name anybody's role.
      ExternalId: operatorAws?.externalId,
      DurationSeconds: sessionSeconds,
      Policy: sessionPolicy(actions),
    }),
    { abortSignal: signal },
  )
  const text = (value: unknown) => requireText(value, 'keys for the role')
  onKeys({
    accessKeyId: text(keys?.AccessKeyId),
    secretAccessKey: text(keys?.SecretAccessKey),
    sessionToken: text(keys?.SessionToken),
  })
  return passed([
    measuredText('Role', plainWords(typeof user?.Arn === 'string' ? user.Arn : roleArn)),
    measuredText('Allowed in this session', actions.join(', ')),
  ])
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies.html: what both this and the role's own policies allow. */
const sessionPolicy = (actions: readonly string[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] })

/** It is the operator's identity that asks: what is wrong with it is nothing that the form could mend. */
function explain(found: Problem, { place, roleArn, operatorAws }: RoleStageOptions): Problem {
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
