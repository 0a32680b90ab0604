import { cleanText } from '../problem.ts'
import type { HttpApiConfig } from './form.ts'

/** More are a circle, or a server that has nothing else to do. */
export const maxRedirects = 5

export interface RedirectAnswer {
  readonly status: number
  /** Null where there is none. */
  readonly location: string | null
}

export interface RedirectedRequest {
  readonly method: 'GET' | 'HEAD' | 'POST'
  readonly url: URL
}

export type Redirect =
  | { readonly kind: 'FOLLOW'; readonly url: URL }
  /** `location`: where to, in words for a reader, without parameters, which may be secrets. `target`: where it can be told. */
  | { readonly kind: 'REFUSE'; readonly why: RefusedRedirect; readonly location: string; readonly target: URL | null }

export type RefusedRedirect =
  /** The connector follows no redirects. */
  | 'NONE_FOLLOWED'
  /** To another scheme, host or port, which the connector does not follow. */
  | 'OFF_ORIGIN'
  /** From an encrypted connection to one that is not. */
  | 'UNENCRYPTED'
  /** A POST would become a GET, or go to somebody else. */
  | 'POST'
  /** To nowhere that can be asked. */
  | 'NOWHERE'

const redirectStatuses: readonly number[] = [301, 302, 303, 307, 308]
/** Those that say: ask there again what you have asked here. */
const repeating: readonly number[] = [307, 308]
/** Those that say: do not come here any more. */
export const isPermanent = (status: number): boolean => status === 301 || status === 308

/** Where an answer sends a request on to, by what the connector allows; null where it sends it nowhere. */
export function redirectOf(
  { status, location }: RedirectAnswer,
  { method, url: from }: RedirectedRequest,
  policy: HttpApiConfig['redirects'],
): Redirect | null {
  if (!redirectStatuses.includes(status)) return null
  const to = location === null ? null : linkedUrl(location, from)
  if (!to) return { kind: 'REFUSE', why: 'NOWHERE', location: location === null ? 'nowhere' : strange, target: null }
  const refuse = (why: RefusedRedirect): Redirect => ({ kind: 'REFUSE', why, location: placeOf(to), target: to })
  if (policy === 'NONE') return refuse('NONE_FOLLOWED')
  const why = whyNotFollowed(to, from, policy)
  if (why !== null) return refuse(why)
  if (method === 'POST' && !(repeating.includes(status) && to.origin === from.origin)) return refuse('POST')
  return { kind: 'FOLLOW', url: to }
}

/** Why nobody goes from one URL to the other; null where it may be done. */
export function whyNotFollowed(
  to: URL,
  from: URL,
  policy: HttpApiConfig['redirects'],
): 'OFF_ORIGIN' | 'UNENCRYPTED' | null {
  if (from.protocol === 'https:' && to.protocol !== 'https:') return 'UNENCRYPTED'
  return to.origin === from.origin || policy === 'ANYWHERE' ? null : 'OFF_ORIGIN'
}

const strange = 'something that is no address'

/** The URL that a server names, seen from where it was named; null for what cannot be asked, or brings a user name along. */
export function linkedUrl(text: string, from: URL): URL | null {
  if (text.length > 8_192 || !URL.canParse(text, from)) return null
  const url = new URL(text, from)
  const isHttp = url.protocol === 'https:' || url.protocol === 'http:'
  if (!isHttp || url.username !== '' || url.password !== '') return null
  url.hash = ''
  return url
}

/** A URL for readers, without its parameters. */
export const placeOf = ({ origin, pathname }: URL): string => cleanText(`${origin}${pathname}`, 300)
