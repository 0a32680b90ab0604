import { type Problem, type ProblemOptions, problem, type Remedy } from '../problem.ts'
import type { ProblemCode } from '../problem-table.ts'
import type { HttpApiConfig } from './form.ts'
import { isPermanent, type Redirect } from './redirects.ts'
import { suggestedBaseUrl } from './suggested-base-url.ts'

/** What was asked, as messages tell it. */
export interface Asked {
  readonly config: HttpApiConfig
  readonly purpose: 'TEST' | 'QUERY'
  readonly method: 'GET' | 'HEAD' | 'POST'
  /** Below the base URL, as it was typed. */
  readonly path: string
}

/** Builds a problem about a request. Parameters of the path are left out: some are keys. */
export function aboutRequest(code: ProblemCode, { method, path }: Asked, options: ProblemOptions = {}): Problem {
  const [withoutQuery = ''] = path.split('?')
  return problem(code, { ...options, params: { method, path: withoutQuery, ...options.params } })
}

/** The form fields that decide what is asked for. */
export const addressFields = ({ purpose }: Asked): readonly string[] =>
  purpose === 'TEST' ? ['baseUrl', 'probe.path'] : ['path']

const pathField = ({ purpose }: Asked): string => (purpose === 'TEST' ? 'probe.path' : 'path')

export interface Refusal {
  readonly status: number
  /** The API's own words; null where it has none. */
  readonly words: string | null
  /** Milliseconds; null where it says nothing of it. */
  readonly retryAfterMs: number | null
  /** Where the answer comes from that the API has sent us on to, and that is shown no credentials; null for the API's own. */
  readonly elsewhere?: string | null
}

/** The problem that an answer's status tells of, when it is none from 200 to 299. */
export function statusProblem(asked: Asked, refusal: Refusal): Problem {
  const { status } = refusal
  const about = (code: ProblemCode, options: ProblemOptions = {}) =>
    aboutRequest(code, asked, { detail: detailOf(refusal), ...options, params: { status, ...options.params } })
  if (refusal.elsewhere && (status === 401 || status === 403)) {
    return about(status === 401 ? 'HTTP_UNAUTHORIZED' : 'HTTP_FORBIDDEN', {
      fields: ['redirects', ...addressFields(asked)],
    })
  }
  if (status === 401) return about('HTTP_UNAUTHORIZED', credentialHints(asked.config))
  if (status === 403) return about('HTTP_FORBIDDEN', { fields: ['auth', pathField(asked)] })
  if (status === 404 || status === 410) return about('HTTP_NOT_FOUND', { fields: addressFields(asked) })
  if (status === 429) return about('HTTP_TOO_MANY_REQUESTS', { params: waitOf(refusal) })
  if (status >= 500) return about('HTTP_SERVER_ERROR', { params: waitOf(refusal) })
  const fields = [...(status === 405 || status === 501 ? [methodField(asked)] : []), pathField(asked)]
  return about('HTTP_STATUS_UNEXPECTED', { fields, params: { expected: 'a status from 200 to 299' } })
}

const methodField = ({ purpose }: Asked): string => (purpose === 'TEST' ? 'probe.method' : 'method')

const waitOf = ({ retryAfterMs }: Refusal) =>
  retryAfterMs === null ? {} : { retryAfterSeconds: Math.ceil(retryAfterMs / 1_000) }

function detailOf({ status, words, retryAfterMs, elsewhere }: Refusal): string | null {
  const from = elsewhere ? [`This comes from ${elsewhere}, where the API sends us on to without credentials.`] : []
  const wait = retryAfterMs === null ? [] : [`The API wants to be left alone for ${Math.ceil(retryAfterMs / 1_000)} s.`]
  const said = words === null ? [] : [`${words} (HTTP ${status})`]
  return [...from, ...wait, ...said].join(' ') || null
}

/** The fields of who asks, and what to type again. */
function credentialHints({ auth, headers }: HttpApiConfig): Pick<ProblemOptions, 'fields' | 'remedies'> {
  const again = (title: string, field: string): Remedy => ({ kind: 'REENTER_SECRET', title, field })
  if (auth.basic) {
    const field = 'auth.basic.password'
    // A key that stands alone.
    if (auth.basic.password === undefined) return { fields: ['auth.basic.username', field] }
    return { fields: [field, 'auth.basic.username'], remedies: [again('Type the password again', field)] }
  }
  if (auth.bearer) {
    const field = 'auth.bearer.token'
    return { fields: [field], remedies: [again('Give the token again', field)] }
  }
  if (auth.apiKey) {
    const field = 'auth.apiKey.value'
    return { fields: [field, 'auth.apiKey.name'], remedies: [again('Give the key again', field)] }
  }
  // The identity provider has taken the client's secret: it is the token that is not good for this API.
  if (auth.oauthClientCredentials) {
    return { fields: ['auth.oauthClientCredentials.audience', 'auth.oauthClientCredentials.scopes'] }
  }
  const secrets = headers.flatMap(({ secret }, index) => (secret ? [`headers.${index}.value`] : []))
  return {
    fields: [...secrets, 'auth'],
    remedies: secrets.map(field => again('Give the value of the header again', field)),
  }
}

/** The problem of a redirect that is not followed. */
export function redirectProblem(
  asked: Asked,
  { why, location, target }: Extract<Redirect, { kind: 'REFUSE' }>,
  { status, from }: { readonly status: number; readonly from: URL },
): Problem {
  const { config } = asked
  const remedies = target === null ? [] : movedRemedies(asked, target, status)
  const params = { location, status }
  switch (why) {
    case 'OFF_ORIGIN':
      return aboutRequest('REDIRECT_OFF_ORIGIN', asked, {
        params: { ...params, origin: from.origin },
        fields: ['baseUrl', 'redirects'],
        remedies,
      })
    case 'NONE_FOLLOWED':
      return aboutRequest('REDIRECT_REFUSED', asked, {
        params,
        fields: ['redirects', ...addressFields(asked)],
        remedies,
      })
    case 'UNENCRYPTED':
      return aboutRequest('REDIRECT_REFUSED', asked, {
        params,
        fields: addressFields(asked),
        detail: 'From an encrypted connection nobody goes on to one that is not encrypted.',
      })
    case 'POST':
      return aboutRequest('REDIRECT_REFUSED', asked, {
        params,
        fields: addressFields(asked),
        detail:
          target?.origin === readOrigin(config.baseUrl)
            ? `By status ${status} a POST would become a GET.`
            : 'What is posted is sent to no other server.',
        remedies,
      })
    case 'NOWHERE':
      return aboutRequest('REDIRECT_REFUSED', asked, { params, fields: addressFields(asked) })
  }
}

const readOrigin = (baseUrl: string): string => new URL(baseUrl).origin

/** The base URL that would have led there: where the API has moved for good, and where only "https" was missing. */
function movedRemedies({ config, path }: Asked, to: URL, status: number): Remedy[] {
  const from = new URL(config.baseUrl)
  const isOnlyEncrypted = from.protocol === 'http:' && to.protocol === 'https:' && from.hostname === to.hostname
  if (!isPermanent(status) && !isOnlyEncrypted) return []
  const value = suggestedBaseUrl({ baseUrl: config.baseUrl, path, to })
  return value === null ? [] : [{ kind: 'SET_FIELD', title: `Use "${value}" as the base URL`, field: 'baseUrl', value }]
}
