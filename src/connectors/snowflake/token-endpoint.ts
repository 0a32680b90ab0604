import { readTokenUrl } from '../blocks/token-url.ts'
import { type CloudEndpoint, cloudEndpoint, hostAndPort } from '../cloud/endpoint.ts'
import type { NetworkSettings } from '../define.ts'
import { accountHost } from './account.ts'
import type { SnowflakeConfig } from './form.ts'

export interface TokenEndpoint {
  /** The target of its steps: a host, with its port where that is not the usual one. */
  readonly name: string
  readonly host: string
  readonly port: number
  readonly path: string
  /** The form field that decides where it is. */
  readonly field: string
}

/** Where this configuration gets its access token; null where it has none to get. */
export function tokenEndpoint({ account, auth }: SnowflakeConfig): TokenEndpoint | null {
  const credentials = auth.oauthClientCredentials
  if (!credentials) return null
  if (credentials.tokenUrl === undefined) {
    const host = accountHost(account)
    return { name: host, host, port: 443, path: '/oauth/token-request', field: 'account' }
  }
  const { host, port, path } = readTokenUrl(credentials.tokenUrl)
  const name = port === 443 ? host : hostAndPort({ host, port })
  return { name, host, port, path, field: 'auth.oauthClientCredentials.tokenUrl' }
}

/** As this server reaches it. */
export function reachedTokenEndpoint({ name, host, port }: TokenEndpoint, network: NetworkSettings): CloudEndpoint {
  const known = cloudEndpoint(host, network)
  return known.setByOperator ? { ...known, name } : { name, host, port, encrypted: true, setByOperator: false }
}
