import { isWorkspaceId } from '../../db/workspace-scope.ts'
import type { SecretAddress } from '../secret-store.ts'
import type { VaultSettings } from './settings.ts'
import { inWorkspace } from './workspace-name.ts'

/** Something that no path in Vault may be made of. A mistake of the program; nothing was sent. */
export class VaultPathError extends Error {
  constructor(what: string) {
    super(`${what} cannot be part of a path in Vault.`)
    this.name = 'VaultPathError'
  }
}

const uuids = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/
/** Names of letters, digits and `_.-`, none of which begins with a dot: neither `..` nor an escape can be among them. */
const plainPaths = /^(?:[\w-][\w.-]*\/)*[\w-][\w.-]*$/
const requestPaths = /^(?:[\w-][\w.-]*\/)*[\w-][\w.-]*\/?(?:\?[a-z]+=\w+(?:&[a-z]+=\w+)*)?$/

export const isUuid = (text: string): boolean => uuids.test(text)

/**
 * Where things of one workspace lie in a KV version 2 engine, after `/v1/`. Vault takes `..`, `%2e`, `#` and `?` in a path
 * for what they mean, so that they would lead into another workspace: every function throws `VaultPathError` instead.
 */
export interface VaultPaths {
  /** For writing, and with `?version=` for reading. */
  data(address: SecretAddress): string
  destroy(address: SecretAddress): string
  metadata(address: SecretAddress): string
  /** The folder of the connectors of a workspace, for LIST. */
  connectors(workspaceId: string): string
  /** The folder of the versions of a connector, for LIST. */
  versions(workspaceId: string, connectorId: string): string
}

export function vaultPaths({ kvMount, kvPrefix }: Pick<VaultSettings, 'kvMount' | 'kvPrefix'>): VaultPaths {
  const connectorsOf = (kind: 'data' | 'destroy' | 'metadata', workspaceId: string): string => {
    if (!isWorkspaceId(workspaceId)) throw new VaultPathError('What stands for the workspace')
    const mount = inWorkspace(kvMount, workspaceId)
    const prefix = inWorkspace(kvPrefix, workspaceId)
    if (!plainPaths.test(mount)) throw new VaultPathError('The mount')
    if (!plainPaths.test(prefix)) throw new VaultPathError('The prefix')
    return `${mount}/${kind}/${prefix}/${workspaceId}/connectors/`
  }
  const versionsOf = (kind: 'data' | 'destroy' | 'metadata', workspaceId: string, connectorId: string): string => {
    if (!isUuid(connectorId)) throw new VaultPathError('What stands for the connector')
    return `${connectorsOf(kind, workspaceId)}${connectorId}/`
  }
  const pathOf =
    (kind: 'data' | 'destroy' | 'metadata') =>
    ({ workspaceId, connectorId, versionId }: SecretAddress): string => {
      if (!isUuid(versionId)) throw new VaultPathError('What stands for the version')
      return `${versionsOf(kind, workspaceId, connectorId)}${versionId}`
    }
  return {
    data: pathOf('data'),
    destroy: pathOf('destroy'),
    metadata: pathOf('metadata'),
    connectors: workspaceId => connectorsOf('metadata', workspaceId),
    versions: (workspaceId, connectorId) => versionsOf('metadata', workspaceId, connectorId),
  }
}

/** Whoever made it: a path that could be read in two ways is not sent. */
export function assertRequestPath(path: string): void {
  if (!requestPaths.test(path)) throw new VaultPathError('What was asked for')
}
