import type { Stage } from '../cloud/stages.ts'
import type { NetworkSettings } from '../define.ts'
import { passed } from '../define.ts'
import { assumeRole, identityMissing, type RoleRequest, roleProblem, roleSubject } from './assume-role.ts'
import { callStage } from './call-stage.ts'
import { awsEndpoint } from './endpoint.ts'
import type { AwsKeys } from './identity.ts'
import type { AwsFormPlace } from './problems.ts'

export interface RoleStageOptions extends RoleRequest {
  readonly place: AwsFormPlace
  readonly region: string
  readonly network: NetworkSettings
  readonly onKeys: (keys: AwsKeys) => void
}

/** The way to STS, and a role assumed there by the operator's identity. */
export function roleStage(options: RoleStageOptions): Stage {
  const { place, roleArn, region, network, operatorAws, onKeys } = options
  return callStage({
    endpoint: awsEndpoint('sts', region, network),
    field: place.regionPath,
    network,
    call: { place, action: 'sts:AssumeRole', subject: roleSubject(roleArn, place) },
    keys: () => operatorAws?.identity ?? identityMissing(place),
    ask: async ({ client, signal }) => {
      const { STSClient } = await import('@aws-sdk/client-sts')
      const { keys, evidence } = await assumeRole(
        client(settings => new STSClient(settings)),
        options,
        { abortSignal: signal },
      )
      onKeys(keys)
      return passed(evidence)
    },
    explain: found => roleProblem(found, options),
  })
}
