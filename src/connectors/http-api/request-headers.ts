import type { HttpApiConfig } from './form.ts'
import { acceptedEncodings } from './unpack.ts'

export interface NamedValue {
  readonly name: string
  readonly value: string
}

export interface HeaderSources {
  readonly config: Pick<HttpApiConfig, 'headers' | 'auth'>
  /** Of the dataset. */
  readonly own: readonly NamedValue[]
  /** That was handed out to this run; null where none is. */
  readonly token: string | null
  readonly hasBody: boolean
}

/** What every request has, wherever it goes. */
export const plainHeaders = (): Record<string, string> => ({
  accept: 'application/json',
  'accept-encoding': acceptedEncodings,
  'user-agent': 'patchbay',
})

/** The headers of a request to the API itself: those of the connector come before the dataset's, who asks before all. */
export function apiHeaders({ config, own, token, hasBody }: HeaderSources): Record<string, string> {
  const headers = plainHeaders()
  if (hasBody) headers['content-type'] = 'application/json'
  for (const { name, value } of [...own, ...config.headers]) headers[name.toLowerCase()] = value
  const { apiKey } = config.auth
  const authorization = authorizationOf(config.auth, token)
  if (authorization !== null) headers['authorization'] = authorization
  if (apiKey?.in === 'HEADER') headers[apiKey.name.toLowerCase()] = apiKey.value
  return headers
}

function authorizationOf({ basic, bearer }: HttpApiConfig['auth'], token: string | null): string | null {
  if (basic) return `Basic ${Buffer.from(`${basic.username}:${basic.password ?? ''}`).toString('base64')}`
  const given = bearer?.token ?? token
  return given === null ? null : `Bearer ${given}`
}
