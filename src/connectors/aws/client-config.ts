import { endpointUrl } from '../cloud/endpoint.ts'
import type { EndpointSteps } from '../cloud/endpoint-steps.ts'
import { pinnedAgents } from '../cloud/pinned-agents.ts'
import type { AwsEndpoint } from './endpoint.ts'
import type { AwsKeys } from './identity.ts'

/**
 * The settings of any client of the SDK: everything that it would otherwise look up in the environment, in files or in
 * the machine's metadata service is given, and nothing is tried twice. Throws for keys that are none: in their absence
 * the SDK would look for the machine's own. `timeoutMs`: for each of connecting, the beginning of an answer, and a pause
 * in it.
 */
export function clientConfig(way: EndpointSteps<AwsEndpoint>, keys: AwsKeys, timeoutMs: number) {
  if (keys.accessKeyId === '' || keys.secretAccessKey === '') throw new Error('Keys must not be empty.')
  const { accessKeyId, secretAccessKey, sessionToken } = keys
  const { endpoint } = way
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
      ...pinnedAgents(way),
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
