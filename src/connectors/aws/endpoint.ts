import type { Endpoint, NetworkSettings } from '../define.ts'
import { canonicalHost, hostIssue } from '../network/host-name.ts'
import { partitionOf, regionIssue } from './region.ts'

/** The services of AWS that connector types call, by the first part of their endpoints' names. */
export const awsServices = ['sts', 'redshift', 'redshift-serverless', 'athena', 's3', 'iam'] as const
export type AwsService = (typeof awsServices)[number]

/** Where one service of one region is reached. */
export interface AwsEndpoint extends Endpoint {
  readonly service: AwsService
  readonly region: string
  /** AWS' own name, by which plans and messages tell endpoints apart, wherever the operator has moved it. */
  readonly name: string
  readonly encrypted: boolean
  /** Whether the operator has put another address in the place of AWS' own. */
  readonly setByOperator: boolean
}

/** IAM has one endpoint for all regions of a partition, and requests to it are signed for one of them. */
const iamOf = {
  aws: { name: 'iam.amazonaws.com', region: 'us-east-1' },
  'aws-cn': { name: 'iam.cn-north-1.amazonaws.com.cn', region: 'cn-north-1' },
  'aws-us-gov': { name: 'iam.us-gov.amazonaws.com', region: 'us-gov-west-1' },
} as const

/** AWS' own name of an endpoint. */
export const endpointName = (service: AwsService, region: string): string =>
  service === 'iam'
    ? iamOf[partitionOf(region)].name
    : `${service}.${region}.amazonaws.com${partitionOf(region) === 'aws-cn' ? '.cn' : ''}`

/** The endpoint as this server reaches it. */
export function awsEndpoint(
  service: AwsService,
  region: string,
  { awsEndpoints = {} }: Pick<NetworkSettings, 'awsEndpoints'>,
): AwsEndpoint {
  const name = endpointName(service, region)
  const signedFor = service === 'iam' ? iamOf[partitionOf(region)].region : region
  const set = awsEndpoints[`${service}.${region}`] ?? awsEndpoints[service]
  if (set === undefined) {
    return { service, region: signedFor, name, host: name, port: 443, encrypted: true, setByOperator: false }
  }
  return { service, region: signedFor, name, ...readAddress(set), setByOperator: true }
}

/** A server that is none of AWS' and understands one of its services. `url`: `https://host[:port]`. */
export function foreignEndpoint(service: AwsService, region: string, url: string): AwsEndpoint {
  const address = readAddress(url)
  return { service, region, name: hostAndPort(address), ...address, setByOperator: false }
}

/** What is wrong with the URL of a server as typed; null when nothing is. */
export function serverUrlIssue(text: string): string | null {
  try {
    readAddress(text)
    return null
  } catch {
    return 'Give only scheme, host and port, such as "https://minio.example.com:9000".'
  }
}

/** Its address, as the client takes it. */
export const endpointUrl = ({ host, port, encrypted }: AwsEndpoint): string =>
  `${encrypted ? 'https' : 'http'}://${hostAndPort({ host, port })}`

const hostAndPort = ({ host, port }: Endpoint): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

export interface AwsEndpointSetting {
  /** A service, alone or with a region: `redshift`, `redshift.eu-west-1`. */
  readonly key: string
  readonly url: string
}

/** Reads `service=https://host[:port]` or `service.region=...`. Throws a `TypeError` for what is none. */
export function parseEndpointSetting(entry: string): AwsEndpointSetting {
  const [key = '', url = ''] = splitOnce(entry, '=')
  const [service, region = null] = splitOnce(key.trim(), '.')
  const isKnown = awsServices.some(known => known === service)
  if (!isKnown || (region !== null && regionIssue(region) !== null)) throw new TypeError(entry)
  readAddress(url.trim())
  return { key: key.trim(), url: url.trim() }
}

function splitOnce(text: string, separator: string): readonly string[] {
  const at = text.indexOf(separator)
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + separator.length)]
}

function readAddress(text: string): Endpoint & { readonly encrypted: boolean } {
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
