import type { Endpoint, NetworkSettings } from '../define.ts'
import { canonicalHost, hostIssue } from '../network/host-name.ts'

/** Where one service of a cloud is reached. */
export interface CloudEndpoint extends Endpoint {
  /** The provider's own name, by which plans and messages tell endpoints apart, wherever the operator has moved it. */
  readonly name: string
  readonly encrypted: boolean
  /** Whether the operator has put another address in the place of the provider's own. */
  readonly setByOperator: boolean
}

/** Where the service that the provider calls `name`, such as `bigquery.googleapis.com`, is reached from this server. */
export function cloudEndpoint(
  name: string,
  { cloudEndpoints = {} }: Pick<NetworkSettings, 'cloudEndpoints'>,
): CloudEndpoint {
  const key = [name, ...domains(name)].find(each => Object.hasOwn(cloudEndpoints, each))
  const set = key === undefined ? undefined : cloudEndpoints[key]
  return set === undefined
    ? { name, host: name, port: 443, encrypted: true, setByOperator: false }
    : { name, ...readServerUrl(set), setByOperator: true }
}

/** `*.b.c` and `*.c` for `a.b.c`: the nearest first. */
function domains(name: string): readonly string[] {
  const [, ...above] = name.split('.')
  return above.map((_, index) => `*.${above.slice(index).join('.')}`)
}

/** What is wrong with the URL of a server as typed; null when nothing is. */
export function serverUrlIssue(text: string): string | null {
  try {
    readServerUrl(text)
    return null
  } catch {
    return 'Give only scheme, host and port, such as "https://minio.example.com:9000".'
  }
}

/** Its address, as clients take it. */
export const endpointUrl = ({ host, port, encrypted }: Omit<CloudEndpoint, 'name' | 'setByOperator'>): string =>
  `${encrypted ? 'https' : 'http'}://${hostAndPort({ host, port })}`

export const hostAndPort = ({ host, port }: Endpoint): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

export interface EndpointSetting {
  readonly key: string
  readonly url: string
}

/** Reads `host=https://host[:port]`, or `*.domain=...` for all hosts of a domain. Throws a `TypeError` for what is none. */
export function parseCloudEndpoint(entry: string): EndpointSetting {
  const { key, url } = splitEndpointSetting(entry)
  if (hostIssue(key.replace(/^\*\./, '')) !== null) throw new TypeError(entry)
  return { key: key.toLowerCase(), url }
}

/** Reads `key=https://host[:port]`. Throws a `TypeError` for what is none. */
export function splitEndpointSetting(entry: string): EndpointSetting {
  const at = entry.indexOf('=')
  if (at < 0) throw new TypeError(entry)
  const url = entry.slice(at + 1).trim()
  readServerUrl(url)
  return { key: entry.slice(0, at).trim(), url }
}

/** Throws a `TypeError` for what is no bare URL of a server. */
export function readServerUrl(text: string): Endpoint & { readonly encrypted: boolean } {
  const url = new URL(text)
  const encrypted = url.protocol === 'https:'
  const isBare =
    url.pathname === '/' && url.search === '' && url.hash === '' && url.username === '' && url.password === ''
  const host = url.hostname.replace(/^\[|\]$/g, '')
  // As typed: of 010.0.0.5 a URL makes 8.0.0.5, which nobody has meant.
  const [, typed = ''] = /^[a-z]+:\/\/\[?(.*?)\]?(?::\d*)?\/?$/i.exec(text) ?? []
  const isHost = hostIssue(typed) === null && hostIssue(host) === null
  if ((!encrypted && url.protocol !== 'http:') || !isBare || !isHost) throw new TypeError(text)
  return { host: canonicalHost(host), port: Number(url.port || (encrypted ? 443 : 80)), encrypted }
}
