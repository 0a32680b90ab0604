import { HttpCallError, type HttpCaller } from '../cloud/http-caller.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import { isRecord } from '../form-tree-walk.ts'
import { type Problem, problem } from '../problem.ts'
import { endpoints } from './endpoints.ts'
import { type GoogleRefusal, readRefusal } from './google-refusal.ts'
import { meant, tokenRefused } from './meanings.ts'
import { detailOf, GoogleCallError } from './problems.ts'
import type { CallTime } from './tokens.ts'

export interface TokenInfo {
  /** E-mail address, or the number of whoever it is. */
  readonly account: string | null
  readonly evidence: readonly Evidence[]
}

/**
 * Whose an access token is, what it is good for, and for how long. The token goes into the body: addresses are written into
 * logs. What it may do with BigQuery is BigQuery's to say. Throws `HttpCallError` for one that is no longer good, and the
 * signal's reason.
 */
export async function askTokenInfo(caller: HttpCaller, token: string, time: CallTime): Promise<TokenInfo> {
  const answer = await caller.ask({ method: 'POST', path: '/tokeninfo', form: { access_token: token }, ...time })
  if (answer.status !== 200) {
    const refusal = readRefusal(answer)
    throw new GoogleCallError(refusedToken(refusal, token), refusal)
  }
  const { email, sub, azp, scope, expires_in: left } = isRecord(answer.json) ? answer.json : {}
  const seconds = Number(left)
  if (typeof scope !== 'string' || !Number.isFinite(seconds))
    throw caller.violation('it does not tell what the token is')
  if (seconds <= 0) throw new HttpCallError(ended('The token has ended.'))
  const scopes = scope.split(' ').filter(name => name !== '')
  const account = [email, sub, azp].find(text => typeof text === 'string' && text !== '')
  return {
    account: typeof account === 'string' ? account : null,
    evidence: [
      ...(typeof account === 'string' ? [measuredText('Account', account)] : []),
      measuredText('Scopes', scopes.join(', ')),
      measuredText('Token valid for', `${Math.floor(seconds)} s`),
    ],
  }
}

/**
 * Of a token that has ended Google only says that it knows none such. What begins as its tokens do was one; a token that was
 * revoked reads the same.
 */
function refusedToken(refusal: GoogleRefusal, token: string): Problem {
  const detail = detailOf(refusal)
  const params = { service: endpoints.tokens }
  if (refusal.status === 429) return problem('CLOUD_THROTTLED', { params, detail })
  if (refusal.status >= 500) return problem('CLOUD_UNAVAILABLE', { params, detail })
  if (![400, 401].includes(refusal.status)) return problem('UNCLASSIFIED', { params, detail })
  return token.startsWith('ya29.')
    ? ended(detail)
    : meant(tokenRefused('CLOUD_CREDENTIALS_REJECTED', endpoints.tokens), detail)
}

const ended = (detail: string): Problem => meant(tokenRefused('CLOUD_CREDENTIALS_EXPIRED', endpoints.tokens), detail)
