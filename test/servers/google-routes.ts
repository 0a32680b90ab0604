import { type BigQueryMethod, bigQueryRoute } from './bigquery-routes.ts'

export const googleServices = {
  oauth2: 'oauth2.googleapis.com',
  iamcredentials: 'iamcredentials.googleapis.com',
  bigquery: 'bigquery.googleapis.com',
  cloudresourcemanager: 'cloudresourcemanager.googleapis.com',
} as const
export type GoogleService = keyof typeof googleServices

export type GoogleMethod =
  | 'token'
  | 'tokeninfo'
  | 'generateAccessToken'
  | 'projects.testIamPermissions'
  | BigQueryMethod
  /** What the service does not have. */
  | 'unknown'

/** Which method a request is for, and what its path names. */
export interface GoogleRoute {
  readonly method: GoogleMethod
  readonly path: Readonly<Record<string, string>>
}

const unknown: GoogleRoute = { method: 'unknown', path: {} }

/** What one service has is nothing to another. */
export function googleRoute(service: GoogleService, verb: string, pathname: string): GoogleRoute {
  switch (service) {
    case 'oauth2':
      if (pathname === '/token' && verb === 'POST') return { method: 'token', path: {} }
      return pathname === '/tokeninfo' ? { method: 'tokeninfo', path: {} } : unknown
    case 'iamcredentials': {
      const found = /^\/v1\/projects\/-\/serviceAccounts\/([^/:]+):generateAccessToken$/.exec(
        decodeURIComponent(pathname),
      )
      return found && verb === 'POST' ? { method: 'generateAccessToken', path: { email: found[1] ?? '' } } : unknown
    }
    case 'cloudresourcemanager': {
      const found = /^\/v[13]\/projects\/([^/:]+):testIamPermissions$/.exec(pathname)
      return found && verb === 'POST'
        ? { method: 'projects.testIamPermissions', path: { projectId: found[1] ?? '' } }
        : unknown
    }
    case 'bigquery':
      return bigQueryRoute(verb, pathname) ?? unknown
  }
}
