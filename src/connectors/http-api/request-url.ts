import type { BaseUrl } from './base-url.ts'

export type Parameter = readonly [name: string, value: string]

/** A parameter as the forms have it. */
export const toParameter = ({ name, value }: { readonly name: string; readonly value: string }): Parameter => [
  name,
  value,
]

/** The URL of a path below the base URL, with `parameters` behind those that the path has. Nothing of the path is written anew. */
export function requestUrl({ origin, prefix }: BaseUrl, path: string, parameters: readonly Parameter[]): URL {
  const url = new URL(`${origin}${prefix}${path}`)
  // The forms let no such path through.
  if (url.origin !== origin || !url.pathname.startsWith(`${prefix}/`)) throw new Error('The path leaves the base URL.')
  return withAdded(url, parameters)
}

/** The same URL with `parameters` in the place of those that are called so. */
export const withParameters = (url: URL, parameters: readonly Parameter[]): URL =>
  withAdded(
    withoutParameters(url, name => parameters.some(([own]) => own === name)),
    parameters,
  )

/** The same URL without some of its parameters; the others stay as they are written. */
export function withoutParameters(url: URL, isUnwanted: (name: string, value: string) => boolean): URL {
  const rest = new URL(url)
  rest.search = piecesOf(url)
    .filter(piece => {
      const [name = '', ...value] = piece.split('=')
      return !isUnwanted(decoded(name), decoded(value.join('=')))
    })
    .join('&')
  return rest
}

function withAdded(url: URL, parameters: readonly Parameter[]): URL {
  const whole = new URL(url)
  const added = parameters.map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
  whole.search = [...piecesOf(url), ...added].join('&')
  return whole
}

const piecesOf = ({ search }: URL): string[] =>
  search
    .slice(1)
    .split('&')
    .filter(piece => piece !== '')

/** Half a surrogate pair has no encoding. */
const encoded = (text: string): string => encodeURIComponent(text.toWellFormed())

/** As servers read it. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

/** What is sent: the path with the query. */
export const targetOf = ({ pathname, search }: URL): string => pathname + search
