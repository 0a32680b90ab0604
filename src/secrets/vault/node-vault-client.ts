import type { TransportAnswer, TransportRequest } from './vault-transport.ts'

/** The part of a node-vault client that is used. */
export interface NodeVaultClient {
  /** Answers the body; rejects with node-vault's error for any status but 200 and 204. */
  request(options: NodeVaultRequest): Promise<unknown>
}

export type NodeVaultRequest = Omit<TransportRequest, 'uri'> & {
  /** From the slash after `/v1` on. */
  readonly path: string
}

/**
 * A node-vault client with nothing of the environment in it, and nothing of a workspace. node-vault reads VAULT_TOKEN,
 * VAULT_NAMESPACE and VAULT_PREFIX for whatever is empty, keeps the token of whoever signs in last, and with `DEBUG` prints
 * what it sends: what a request needs comes with each request instead, in headers of its own.
 */
export async function createNodeVaultClient(
  endpoint: string,
  send: (request: TransportRequest) => Promise<TransportAnswer>,
): Promise<NodeVaultClient> {
  const { default: nodeVault } = await import('node-vault')
  const client = nodeVault({
    endpoint,
    debug: () => undefined,
    'request-promise': { defaults: () => send },
  })
  const fixed = (value: string) => ({ value, writable: false, configurable: false })
  return Object.defineProperties(client, {
    endpoint: fixed(endpoint),
    token: fixed(''),
    namespace: fixed(''),
    pathPrefix: fixed(''),
  })
}

/** What node-vault makes of an answer with another status than 200 and 204; null for any other error. */
export function refusedAnswer(error: unknown): { readonly status: number; readonly body: unknown } | null {
  // Its class is not exported.
  if (!(error instanceof Error) || !('response' in error)) return null
  const { response } = error
  if (typeof response !== 'object' || response === null || !('statusCode' in response)) return null
  const { statusCode } = response
  return typeof statusCode === 'number' ? { status: statusCode, body: 'body' in response ? response.body : null } : null
}
