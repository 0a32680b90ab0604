import type { IncomingHttpHeaders } from 'node:http'
import { type DatabricksRefusal, refusals } from './databricks-faults.ts'
import type { DatabricksPrincipal } from './databricks-rights.ts'

/** A service principal that signs in with a secret of its own. */
export interface DatabricksClient {
  readonly secret: string
  readonly principal: string
}

export interface DatabricksAccountsOptions {
  /** Personal access tokens -> the names of those whom they belong to. */
  readonly tokens?: Readonly<Record<string, string>>
  /** By client id. */
  readonly clients?: Readonly<Record<string, DatabricksClient>>
  /** Groups by the name of who is in them. */
  readonly groups?: Readonly<Record<string, readonly string[]>>
  /** Of tokens that are handed out. */
  readonly tokenLifeSeconds?: number
  /** What handed out tokens are: this, and a number. */
  readonly tokenPrefix?: string
}

export type TokenAnswer = { readonly status: number; readonly json: object }

const oauthError = (status: number, error: string, description: string): TokenAnswer => ({
  status,
  json: { error, error_description: description },
})

/** Who has which token, and until when. */
export class DatabricksAccounts {
  readonly #options: DatabricksAccountsOptions
  readonly #now: () => number
  readonly #issued = new Map<string, { readonly name: string; readonly until: number }>()
  readonly #revoked = new Set<string>()

  constructor(options: DatabricksAccountsOptions, now: () => number) {
    this.#options = options
    this.#now = now
  }

  /** Tokens that it has handed out, in order. */
  get issued(): readonly string[] {
    return [...this.#issued.keys()]
  }

  /** From now on the token lets nobody in. */
  revoke(token: string): void {
    this.#revoked.add(token)
  }

  principal(name: string): DatabricksPrincipal {
    const { groups = {}, clients = {} } = this.#options
    return {
      name,
      groups: groups[name] ?? [],
      isServicePrincipal: Object.values(clients).some(client => client.principal === name),
    }
  }

  isKnown(name: string): boolean {
    const { tokens = {}, clients = {}, groups = {} } = this.#options
    const people = [...Object.values(tokens), ...Object.values(clients).map(({ principal }) => principal)]
    return [...people, ...Object.keys(groups), ...Object.values(groups).flat(), 'account users'].includes(name)
  }

  /** Who sends a request, or why it is not let in. */
  caller({ authorization }: IncomingHttpHeaders): DatabricksPrincipal | DatabricksRefusal {
    const [, token] = /^Bearer (\S+)$/i.exec(authorization ?? '') ?? []
    if (token === undefined) return refusals.noCredential
    const { tokens = {} } = this.#options
    if (this.#revoked.has(token)) return refusals.unknownToken
    const own = Object.hasOwn(tokens, token) ? tokens[token] : undefined
    if (own !== undefined) return this.principal(own)
    const issued = this.#issued.get(token)
    if (!issued) return refusals.unknownToken
    return issued.until > this.#now() ? this.principal(issued.name) : refusals.expiredToken
  }

  /** The answer to `POST /oidc/v1/token`: RFC 6749, 4.4. */
  token({ authorization = '' }: IncomingHttpHeaders, body: string): TokenAnswer {
    const form = new URLSearchParams(body)
    const basic = Buffer.from(/^Basic (\S+)$/i.exec(authorization)?.[1] ?? '', 'base64').toString()
    const colon = basic.indexOf(':')
    const [id, secret] =
      colon < 0
        ? [form.get('client_id') ?? '', form.get('client_secret') ?? '']
        : [decoded(basic.slice(0, colon)), decoded(basic.slice(colon + 1))]
    const { clients = {}, tokenLifeSeconds = 3_600, tokenPrefix = 'eyJraWQiOiJkb3VibGUifQ.issued' } = this.#options
    const client = Object.hasOwn(clients, id) ? clients[id] : undefined
    if (client?.secret !== secret) return oauthError(401, 'invalid_client', 'Client authentication failed')
    if (form.get('grant_type') !== 'client_credentials') {
      return oauthError(400, 'unsupported_grant_type', 'The grant type is not supported by this server.')
    }
    if (form.get('scope') !== 'all-apis') return oauthError(400, 'invalid_scope', 'The scope is not known.')
    const token = `${tokenPrefix}-${this.#issued.size + 1}`
    this.#issued.set(token, { name: client?.principal ?? '', until: this.#now() + tokenLifeSeconds * 1_000 })
    return {
      status: 200,
      json: { access_token: token, token_type: 'Bearer', scope: 'all-apis', expires_in: tokenLifeSeconds },
    }
  }
}

/** RFC 6749, 2.3.1: both parts are encoded as a form's values. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

/** As SCIM tells somebody who they are. */
export const describedSelf = ({ name, groups, isServicePrincipal }: DatabricksPrincipal): object => ({
  schemas: [`urn:ietf:params:scim:schemas:core:2.0:${isServicePrincipal ? 'ServicePrincipal' : 'User'}`],
  id: '5760885597616698',
  userName: name,
  displayName: isServicePrincipal ? 'patchbay-reader' : name.replace(/@.*/, ''),
  active: true,
  ...(isServicePrincipal ? { applicationId: name } : { emails: [{ type: 'work', value: name, primary: true }] }),
  groups: ['users', ...groups].map((display, index) => ({
    display,
    type: 'direct',
    value: String(9_000 + index),
    $ref: `Groups/${9_000 + index}`,
  })),
})
