import http from 'node:http'
import https from 'node:https'
import type { LookupFunction } from 'node:net'
import { rootCertificates } from 'node:tls'
import type { Address } from '../network/resolve.ts'
import { type AwsEndpoint, endpointUrl } from './endpoint.ts'
import type { AwsKeys } from './identity.ts'

export interface ClientConfigOptions {
  readonly endpoint: AwsEndpoint
  /** Where it was found to be; nothing else is dialled. */
  readonly address: Address
  readonly keys: AwsKeys
  /** Trusted in addition to the public authorities. */
  readonly extraAuthorities: readonly string[]
  /** Milliseconds for each of connecting, the beginning of an answer, and a pause in it. */
  readonly timeoutMs: number
}

/**
 * The settings of any client of the SDK: everything that it would otherwise look up in the environment, in files or in
 * the machine's metadata service is given, and nothing is tried twice. Throws for keys that are none: in their absence
 * the SDK would look for the machine's own.
 */
export function clientConfig({ endpoint, address, keys, extraAuthorities, timeoutMs }: ClientConfigOptions) {
  if (keys.accessKeyId === '' || keys.secretAccessKey === '') throw new Error('Keys must not be empty.')
  const { accessKeyId, secretAccessKey, sessionToken } = keys
  const agent = { keepAlive: true, maxSockets: 8, lookup: pinnedTo(address), noDelay: true }
  const trust = extraAuthorities.length === 0 ? {} : { ca: [...rootCertificates, ...extraAuthorities] }
  return {
    region: endpoint.region,
    endpoint: endpointUrl(endpoint),
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
    maxAttempts: 1,
    retryMode: 'standard',
    defaultsMode: 'standard' as const,
    useDualstackEndpoint: false,
    useFipsEndpoint: false,
    authSchemePreference: ['sigv4'],
    userAgentAppId: 'patchbay',
    // The SDK's own would print to the console.
    logger: silent,
    requestHandler: {
      httpAgent: new http.Agent(agent),
      httpsAgent: new https.Agent({ ...agent, ...trust, minVersion: 'TLSv1.2', rejectUnauthorized: true }),
      connectionTimeout: timeoutMs,
      requestTimeout: timeoutMs,
      // Without it the SDK only prints a warning and waits on.
      throwOnRequestTimeout: true,
      socketTimeout: timeoutMs,
      logger: silent,
    },
  }
}

const ignore = () => {}
const silent = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore }

/** Answers every name with the one address that has been checked. Literals are never looked up: the guard below judges them. */
const pinnedTo =
  ({ address, family }: Address): LookupFunction =>
  (_host, { all }, callback) => {
    const number = family === 'IPV6' ? 6 : 4
    if (all) callback(null, [{ address, family: number }])
    else callback(null, address, number)
  }
