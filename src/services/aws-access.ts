import type { OperatorAws } from '../connectors/aws/identity.ts'
import { IdentityFileError, readIdentityFile } from '../connectors/aws/identity-file.ts'
import type { ConnectorType, RunEnvironment } from '../connectors/define.ts'
import type { WorkspaceScope } from '../db/workspace-scope.ts'
import type { Digester } from '../secrets/digester.ts'

/** What connectors that assume roles of AWS need of this server. */
export interface AwsAccess {
  /**
   * What the trust policies of a workspace's roles must demand. Nobody can choose it: a workspace that names another
   * one's role is refused by AWS.
   */
  externalId(workspace: WorkspaceScope): Promise<string>
  /** What a run is given beside the rest of its environment. Nothing for a configuration that assumes no role. */
  forRun(
    workspace: WorkspaceScope,
    type: Pick<ConnectorType, 'assumesRole'>,
    config: unknown,
  ): Promise<Pick<RunEnvironment, 'operatorAws'>>
}

export interface AwsAccessOptions {
  readonly digester: Digester
  /** Null when the operator has given Patchbay no identity. */
  readonly identityFile: string | null
  /** Called with an identity that cannot be used: a run only learns that there is none. */
  readonly onFault: (error: unknown) => void
}

export function createAwsAccess({ digester, identityFile, onFault }: AwsAccessOptions): AwsAccess {
  const externalId = async (workspace: WorkspaceScope) =>
    `patchbay-${await digester.digest(workspace.id, 'aws-external-id', {})}`

  const identity = async (): Promise<OperatorAws['identity']> => {
    if (identityFile === null) return null
    try {
      return await readIdentityFile(identityFile)
    } catch (error) {
      if (!(error instanceof IdentityFileError)) throw error
      onFault(error)
      return null
    }
  }

  return {
    externalId,
    async forRun(workspace, type, config) {
      // The config has passed the type's form, whose exact type the registry has forgotten.
      if (!type.assumesRole?.(config as Parameters<NonNullable<ConnectorType['assumesRole']>>[0])) return {}
      const [own, id] = await Promise.all([identity(), externalId(workspace)])
      return { operatorAws: { identity: own, externalId: id } }
    },
  }
}
