import { expect } from 'vitest'
import { callStage } from '../../../src/connectors/aws/call-stage.ts'
import { type AwsService, awsEndpoint } from '../../../src/connectors/aws/endpoint.ts'
import type { AwsKeys } from '../../../src/connectors/aws/identity.ts'
import { type Stage, type StageContext, stageKeys } from '../../../src/connectors/cloud/stages.ts'
import type { StepReport } from '../../../src/connectors/connection-test.ts'
import { type NetworkSettings, passed } from '../../../src/connectors/define.ts'
import { measuredText } from '../../../src/connectors/evidence.ts'
import type { Problem } from '../../../src/connectors/problem.ts'
import { proves } from '../../proofs/proves.ts'
import type { AwsDouble } from '../../servers/aws-double.ts'
import { networkSettings } from '../../servers/network-settings.ts'

export const keys: AwsKeys = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'access-key-secret-3Wq' }
export const knownKeys = { [keys.accessKeyId]: { secret: keys.secretAccessKey } }

export const nearby = (double: Pick<AwsDouble, 'endpoints'>): NetworkSettings =>
  networkSettings({ egress: { allowLoopback: true, allowUnencrypted: true }, awsEndpoints: double.endpoints })

export interface AskOptions {
  readonly service?: AwsService
  readonly region?: string
  readonly keys?: AwsKeys
}

/** The way to one service, and the question for a database's password there. */
export function stageOf(network: NetworkSettings, options: AskOptions = {}): Stage {
  const { service = 'redshift', region = 'eu-west-1', keys: given = keys } = options
  const place = {
    credentials: { accessKey: { sessionToken: undefined, ...given } },
    credentialsPath: 'credentials',
    regionPath: 'region',
  }
  return callStage({
    endpoint: awsEndpoint(service, region, network),
    field: 'region',
    network,
    call: {
      place,
      action: `${service}:Ask`,
      subject: { what: 'thing', name: 'sales', field: 'thing' },
    },
    keys: () => given,
    ask: async ({ client, signal }) => {
      const options = { abortSignal: signal }
      if (service === 'redshift-serverless') {
        const { GetCredentialsCommand, RedshiftServerlessClient } = await import('@aws-sdk/client-redshift-serverless')
        const answer = await client(settings => new RedshiftServerlessClient(settings)).send(
          new GetCredentialsCommand({ workgroupName: 'sales' }),
          options,
        )
        return passed([measuredText('User', String(answer.dbUser))])
      }
      const { GetClusterCredentialsCommand, RedshiftClient } = await import('@aws-sdk/client-redshift')
      const answer = await client(settings => new RedshiftClient(settings)).send(
        new GetClusterCredentialsCommand({ ClusterIdentifier: 'sales', DbUser: 'ann' }),
        options,
      )
      return passed([measuredText('User', String(answer.DbUser))])
    },
  })
}

/** Runs the stage's steps in order, as far as they pass, and answers the last report. */
export async function pass(
  stage: Stage,
  { signal, budgetMs = 2_000 }: Partial<StageContext> = {},
): Promise<StepReport> {
  let report: StepReport = passed()
  try {
    for (const key of stageKeys) {
      const budget = AbortSignal.timeout(budgetMs)
      const all = signal ? AbortSignal.any([signal, budget]) : budget
      report = (await stage.steps[key]?.({ signal: all, budgetMs })) ?? report
      if (report.status === 'FAILED') break
    }
  } finally {
    stage.close()
  }
  return report
}

/** Asserts how the stage ended, and notes the problem as proved by the double. */
export function expectStageProblem(report: StepReport, expected: Partial<Problem> & Pick<Problem, 'code'>): void {
  expect(report).toMatchObject({ status: 'FAILED', problem: expected })
  proves('REDSHIFT', expected.code, 'DOUBLE')
}
