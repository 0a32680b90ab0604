import http from 'node:http'
import https from 'node:https'
import type { LookupFunction } from 'node:net'
import { rootCertificates } from 'node:tls'
import type { Address } from '../network/resolve.ts'
import type { EndpointSteps } from './endpoint-steps.ts'

/** What connections to an endpoint are made with, besides the name that its certificate must be for. */
export function pinnedConnection({ address, authorities }: EndpointSteps) {
  return {
    lookup: pinnedTo(address),
    noDelay: true,
    minVersion: 'TLSv1.2' as const,
    rejectUnauthorized: true,
    ...(authorities.length > 0 && { ca: [...rootCertificates, ...authorities] }),
  }
}

/** Agents for SDKs: whatever name these ask for, they dial the address that the endpoint's steps have checked. */
export function pinnedAgents(endpoint: EndpointSteps) {
  const settings = { keepAlive: true, maxSockets: 8, ...pinnedConnection(endpoint) }
  return { httpAgent: new http.Agent(settings), httpsAgent: new https.Agent(settings) }
}

/** Answers every name with the one address that has been checked. Literals are never looked up: the guard below judges them. */
export const pinnedTo =
  ({ address, family }: Address): LookupFunction =>
  (_host, { all }, callback) => {
    const number = family === 'IPV6' ? 6 : 4
    if (all) callback(null, [{ address, family: number }])
    else callback(null, address, number)
  }
