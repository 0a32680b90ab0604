import {
  type CloudEndpoint,
  type EndpointSetting,
  hostAndPort,
  readServerUrl,
  splitEndpointSetting,
} from '../cloud/endpoint.ts'
import type { NetworkSettings } from '../define.ts'
import { partitionOf, regionIssue } from './region.ts'

/** The services of AWS that connector types call, by the first part of their endpoints' names. */
export const awsServices = ['sts', 'redshift', 'redshift-serverless', 'athena', 's3', 'iam'] as const
export type AwsService = (typeof awsServices)[number]

/** Where one service of one region is reached. */
export interface AwsEndpoint extends CloudEndpoint {
  readonly service: AwsService
  readonly region: string
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
  return { service, region: signedFor, name, ...readServerUrl(set), setByOperator: true }
}

/** A server that is none of AWS' and understands one of its services. `url`: `https://host[:port]`. */
export function foreignEndpoint(service: AwsService, region: string, url: string): AwsEndpoint {
  const address = readServerUrl(url)
  return { service, region, name: hostAndPort(address), ...address, setByOperator: false }
}

/**
 * Reads `service=https://host[:port]` or `service.region=...`: the key is a service, alone or with a region. Throws a
 * `TypeError` for what is none.
 */
export function parseEndpointSetting(entry: string): EndpointSetting {
  const setting = splitEndpointSetting(entry)
  const [service, ...rest] = setting.key.split('.')
  const region = rest.length === 0 ? null : rest.join('.')
  const isKnown = awsServices.some(known => known === service)
  if (!isKnown || (region !== null && regionIssue(region) !== null)) throw new TypeError(entry)
  return setting
}
