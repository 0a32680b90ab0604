import { type Caller, callStage } from '../aws/call-stage.ts'
import { awsEndpoint } from '../aws/endpoint.ts'
import { type AwsKeys, keysOf } from '../aws/identity.ts'
import { type AwsFormPlace, requireText } from '../aws/problems.ts'
import { roleStage } from '../aws/role-stage.ts'
import type { Stage } from '../cloud/stages.ts'
import type { StepReport } from '../connection-test.ts'
import { passed, type RunEnvironment } from '../define.ts'
import { measuredText } from '../evidence.ts'
import type { IamConfig } from './form.ts'

/** What AWS has given out to sign in to the database with. */
export interface DatabasePassword {
  readonly username: string
  readonly password: string
}

/** AWS' shortest. It is used at once, and the session that it opens stays open. */
const durationSeconds = 900

const path = 'auth.iam'

/** The action that gives out the password, as policies write it. */
function actionOf({ deployment, databaseUser }: IamConfig): string {
  if (deployment.serverless) return 'redshift-serverless:GetCredentials'
  return databaseUser === undefined ? 'redshift:GetClusterCredentialsWithIAM' : 'redshift:GetClusterCredentials'
}

/** The stages before the database: the role, if one is assumed, and then the password. `onSecrets`: what the run was given on its way. */
export function credentialsStages(
  iam: IamConfig,
  database: string,
  { network, operatorAws }: RunEnvironment,
  onPassword: (password: DatabasePassword) => void,
  onSecrets: (secrets: readonly string[]) => void,
): readonly Stage[] {
  const { region, credentials, deployment } = iam
  const place: AwsFormPlace = { credentials, credentialsPath: `${path}.credentials`, regionPath: `${path}.region` }
  let keys: AwsKeys | null = credentials.accessKey ? keysOf(credentials.accessKey) : null
  const action = actionOf(iam)
  const password = callStage({
    endpoint: awsEndpoint(deployment.serverless ? 'redshift-serverless' : 'redshift', region, network),
    field: place.regionPath,
    network,
    call: { place, action, subject: subjectOf(iam) },
    keys: () => {
      if (!keys) throw new Error('No role has been assumed.')
      return keys
    },
    ask: async caller => {
      const given = await askFor(iam, database, caller)
      const password = requireText(given.password, 'password for the database')
      const username = requireText(given.username, 'user of the database')
      onSecrets([password])
      onPassword({ username, password })
      return report(username)
    },
  })
  if (!credentials.assumeRole) return [password]
  const { roleArn } = credentials.assumeRole
  const role = roleStage({
    place,
    roleArn,
    region,
    allowed: [{ actions: [action], resources: ['*'] }],
    sessionSeconds: durationSeconds,
    network,
    operatorAws,
    onKeys: given => {
      onSecrets(Object.values(given))
      keys = given
    },
  })
  return [role, password]
}

const report = (username: string): StepReport =>
  passed([measuredText('Database user', username), measuredText('Good for', `${durationSeconds / 60} minutes`)])

function subjectOf({ deployment: { cluster, serverless } }: IamConfig) {
  return cluster
    ? { what: 'cluster', name: cluster.clusterIdentifier, field: `${path}.deployment.cluster.clusterIdentifier` }
    : { what: 'workgroup', name: serverless.workgroupName, field: `${path}.deployment.serverless.workgroupName` }
}

interface GivenPassword {
  readonly username: string | undefined
  readonly password: string | undefined
}

async function askFor(
  { deployment, databaseUser }: IamConfig,
  database: string,
  { client, signal }: Caller,
): Promise<GivenPassword> {
  const options = { abortSignal: signal }
  if (deployment.serverless) {
    const { GetCredentialsCommand, RedshiftServerlessClient } = await import('@aws-sdk/client-redshift-serverless')
    const { workgroupName } = deployment.serverless
    const answer = await client(settings => new RedshiftServerlessClient(settings)).send(
      new GetCredentialsCommand({ workgroupName, dbName: database, durationSeconds }),
      options,
    )
    return { username: answer.dbUser, password: answer.dbPassword }
  }
  const { GetClusterCredentialsCommand, GetClusterCredentialsWithIAMCommand, RedshiftClient } = await import(
    '@aws-sdk/client-redshift'
  )
  const wanted = {
    ClusterIdentifier: deployment.cluster.clusterIdentifier,
    DbName: database,
    DurationSeconds: durationSeconds,
  }
  const redshift = client(settings => new RedshiftClient(settings))
  const answer =
    databaseUser === undefined
      ? await redshift.send(new GetClusterCredentialsWithIAMCommand(wanted), options)
      : // A test must not make the user that it tests.
        await redshift.send(
          new GetClusterCredentialsCommand({ ...wanted, DbUser: databaseUser, AutoCreate: false }),
          options,
        )
  return { username: answer.DbUser, password: answer.DbPassword }
}
