import { readTokenUrl } from '../blocks/token-url.ts'
import { hostAndPort } from '../cloud/endpoint.ts'
import { readBaseUrl } from './base-url.ts'
import type { HttpApiConfig } from './form.ts'

/** By what name the plan tells its endpoints apart. */
export interface EndpointNames {
  readonly api: string
  /** Of the identity provider; null where none is asked. */
  readonly token: string | null
}

export function endpointsOf({ baseUrl, auth }: Pick<HttpApiConfig, 'baseUrl' | 'auth'>): EndpointNames {
  const api = hostAndPort(readBaseUrl(baseUrl))
  const { oauthClientCredentials: oauth } = auth
  if (oauth === undefined) return { api, token: null }
  const token = hostAndPort(readTokenUrl(oauth.tokenUrl))
  // Steps are told apart by their target, and one server may be both.
  return { api, token: token === api ? `${token} (token)` : token }
}
