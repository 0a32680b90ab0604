import type { RecordedRequest } from './recording-server.ts'

/** Who may ask, and how they have to say who they are. */
export type HttpApiAccess =
  | { readonly kind: 'ANYBODY' }
  | { readonly kind: 'BASIC'; readonly username: string; readonly password: string }
  /** Also for tokens that somebody else gives out. */
  | { readonly kind: 'BEARER'; isToken(token: string): boolean }
  | { readonly kind: 'HEADER'; readonly name: string; readonly value: string }
  | { readonly kind: 'PARAMETER'; readonly name: string; readonly value: string }

/** Whether a request says rightly who asks. */
export function isLetIn(access: HttpApiAccess, { headers, path }: Pick<RecordedRequest, 'headers' | 'path'>): boolean {
  const { authorization = '' } = headers
  switch (access.kind) {
    case 'ANYBODY':
      return true
    case 'BASIC': {
      const [, encoded = ''] = /^Basic (.+)$/.exec(authorization) ?? []
      return Buffer.from(encoded, 'base64').toString() === `${access.username}:${access.password}`
    }
    case 'BEARER':
      return access.isToken(/^Bearer (.+)$/.exec(authorization)?.[1] ?? '')
    case 'HEADER':
      return headers[access.name.toLowerCase()] === access.value
    case 'PARAMETER':
      return new URL(path, 'http://api').searchParams.getAll(access.name).join() === access.value
  }
}
