import type { Endpoint, NetworkSettings } from '../define.ts'
import { canonicalHost, hostIssue } from '../network/host-name.ts'
import { partitionOf, regionIssue } from './region.ts'

/** The services of AWS that connector types call, by the first part of their endpoints' names. */
export const awsServices = ['sts', 'redshift', 'redshift-serverless'] as const
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

/** AWS' own name of an endpoint. */
export const endpointName = (service: AwsService, region: string): string =>
  `${service}.${region}.amazonaws.com${partitionOf(region) === 'aws-cn' ? '.cn' : ''}`

/** The endpoint as this server reaches it. */
export function awsEndpoint(
  service: AwsService,
  region: string,
  { awsEndpoints = {} }: Pick<NetworkSettings, 'awsEndpoints'>,
): AwsEndpoint {
  const name = endpointName(service, region)
  const set = awsEndpoints[`${service}.${region}`] ?? awsEndpoints[service]
  if (set === undefined) {
    return { service, region, name, host: name, port: 443, encrypted: true, setByOperator: false }
  }
  const { host, port, encrypted } = readAddress(set)
  return { service, region, name, host, port, encrypted, setByOperator: true }
}

/** Its address, as the client takes it. */
export const endpointUrl = ({ host, port, encrypted }: AwsEndpoint): string =>
  `${encrypted ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`

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
  if ((!encrypted && url.protocol !== 'http:') || !isBare || hostIssue(host) !== null) throw new TypeError(text)
  return { host: canonicalHost(host), port: Number(url.port || (encrypted ? 443 : 80)), encrypted }
}
