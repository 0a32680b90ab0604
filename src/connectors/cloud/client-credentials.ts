import type { Evidence } from '../evidence.ts'
import { measuredText } from '../evidence.ts'
import { isRecord } from '../form-tree-walk.ts'
import { problem } from '../problem.ts'
import { type HttpAnswer, HttpCallError, type HttpCaller } from './http-caller.ts'

export interface ClientCredentials {
  readonly clientId: string
  readonly clientSecret: string
  /** Names with spaces between. */
  readonly scope?: string
  readonly audience?: string
  /** Where the client's id and secret stand; in the header when it is not given. */
  readonly clientAuthentication?: 'HEADER' | 'BODY'
}

export interface TokenQuestion extends ClientCredentials {
  /** Where the token endpoint is, from the slash on. */
  readonly path: string
  readonly signal: AbortSignal
  readonly budgetMs: number
  /** The form fields of the client's id and secret. */
  readonly fields: { readonly clientId: string; readonly clientSecret: string; readonly scope?: string }
}

export interface AccessToken {
  readonly token: string
  /** Seconds that it is good for; null where the server does not tell. */
  readonly expiresInSeconds: number | null
  readonly evidence: readonly Evidence[]
}

/** No access token is longer. */
const maxTokenLength = 65_536

/**
 * Asks a token endpoint for an access token (RFC 6749, section 4.4). The client signs in by HTTP Basic, as every server
 * must understand (section 2.3.1), or in the body, which some understand alone. Throws `HttpCallError`, and the signal's
 * reason when that aborts.
 */
export async function clientCredentialsToken(caller: HttpCaller, question: TokenQuestion): Promise<AccessToken> {
  const { path, clientId, clientSecret, scope, audience, clientAuthentication = 'HEADER', signal, budgetMs } = question
  const basic = Buffer.from(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`).toString('base64')
  const isInBody = clientAuthentication === 'BODY'
  const asked = caller.ask({
    method: 'POST',
    path,
    headers: isInBody ? {} : { authorization: `Basic ${basic}` },
    form: {
      grant_type: 'client_credentials',
      ...(isInBody && { client_id: clientId, client_secret: clientSecret }),
      ...(scope !== undefined && { scope }),
      ...(audience !== undefined && { audience }),
    },
    signal,
    budgetMs,
  })
  const answer = await asked.catch(notThere)
  if (answer.status !== 200) throw refused(answer, caller, question)
  const { access_token: token, token_type: type, expires_in: expires } = isRecord(answer.json) ? answer.json : {}
  const isToken = typeof token === 'string' && /^[\x21-\x7e]+$/.test(token) && token.length <= maxTokenLength
  if (!isToken) throw caller.violation('its answer has no access token')
  if (typeof type === 'string' && type.toLowerCase() !== 'bearer')
    throw caller.violation('its token is no bearer token')
  const seconds = Number(expires)
  const expiresInSeconds = Number.isFinite(seconds) && seconds > 0 ? Math.floor(seconds) : null
  return {
    token,
    expiresInSeconds,
    evidence: expiresInSeconds === null ? [] : [measuredText('Token valid for', `${expiresInSeconds} s`)],
  }
}

/** Whoever has nothing at a path says so in words of his own, which are no JSON. */
function notThere(error: unknown): HttpAnswer {
  if (error instanceof HttpCallError && error.status === 404) return { status: 404, headers: {}, json: undefined }
  throw error
}

/** As RFC 6749 wants ids and secrets before they are joined. */
const formEncoded = (text: string): string => encodeURIComponent(text).replace(/%20/g, '+')

/** What RFC 6749, section 5.2, lets a server say, and what others say instead. */
function refused({ status, json }: HttpAnswer, caller: HttpCaller, { fields, path }: TokenQuestion): HttpCallError {
  const { error: name, error_description: description, message } = isRecord(json) ? json : {}
  // What stands before a token endpoint has words of its own.
  const said = [name, description ?? message].filter(text => typeof text === 'string').join(': ') || null
  const detail = said === null ? `HTTP ${status}` : `${said} (HTTP ${status})`
  const params = { service: caller.name }
  const fail = (found: Parameters<typeof problem>[0], options: Parameters<typeof problem>[1] = {}) =>
    new HttpCallError(problem(found, { detail, ...options, params: { ...params, ...options.params } }))
  if (status === 429) return fail('CLOUD_THROTTLED')
  if (status >= 500) return fail('CLOUD_UNAVAILABLE')
  if (name === 'invalid_client' || status === 401) {
    return fail('CLOUD_CREDENTIALS_REJECTED', {
      fields: [fields.clientSecret, fields.clientId],
      remedies: [{ kind: 'REENTER_SECRET', title: 'Type the client secret again', field: fields.clientSecret }],
    })
  }
  if (name === 'invalid_scope' && fields.scope !== undefined)
    return fail('CLOUD_REQUEST_INVALID', { fields: [fields.scope] })
  if (name === 'unauthorized_client' || name === 'access_denied' || status === 403) {
    return fail('CLOUD_ACCESS_DENIED', { params: { action: 'a token for this client' }, fields: [fields.clientId] })
  }
  if (status === 404) {
    return fail('CLOUD_RESOURCE_NOT_FOUND', {
      params: { what: 'token endpoint', name: path },
      fields: caller.fields,
    })
  }
  return fail('CLOUD_REQUEST_INVALID', { fields: [fields.clientId] })
}
