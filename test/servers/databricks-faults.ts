import type { ServerResponse } from 'node:http'
import { type HttpMisbehaviour, misbehave as misbehaveByHttp } from './http-misbehaviour.ts'

/** What is said in the place of an answer. */
export type DatabricksMisbehaviour =
  /** A refusal in Databricks' words: as JSON, and in the headers that clients of Thrift read. */
  | DatabricksRefusal
  | HttpMisbehaviour
  /** Does what it is asked to, and says nothing. */
  | 'DO_AND_HANG'
  /** A page of a proxy or of a portal, as if all were well. */
  | 'HTML'
  /** Bytes that are neither JSON nor Thrift. */
  | 'NONSENSE'

export interface DatabricksRefusal {
  readonly status: number
  /** `RESOURCE_DOES_NOT_EXIST`; gateways give the status as a number. */
  readonly error: string | number
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

const requestId = '[ReqId: d326a0e7-36b8-4972-85c0-f75a17f7d175]'

export const refusal = (status: number, error: string | number, message: string): DatabricksRefusal => ({
  status,
  error,
  message,
})

/** Refusals that many calls share. */
export const refusals = {
  noCredential: refusal(401, 401, `Credential was not sent or was of an unsupported type for this API. ${requestId}`),
  unknownToken: refusal(403, 403, `Invalid access token. ${requestId}`),
  expiredToken: refusal(401, 401, `Access token has expired. ${requestId}`),
  blockedAddress: refusal(
    403,
    403,
    `Source IP address: 198.51.100.7 is blocked by Databricks IP ACL for workspace: 7474646471015793 ${requestId}`,
  ),
  tooMany: {
    ...refusal(
      429,
      'REQUEST_LIMIT_EXCEEDED',
      'Your request was rejected since your organization has exceeded the rate limit. Please retry your request later.',
    ),
    headers: { 'retry-after': '30' },
  },
  unavailable: {
    ...refusal(
      503,
      'TEMPORARILY_UNAVAILABLE',
      'The service at /api/2.0/sql is temporarily unavailable. Please try again later.',
    ),
    headers: { 'retry-after': '1' },
  },
  internal: refusal(500, 'INTERNAL_ERROR', 'Internal Server Error'),
  denied: refusal(403, 'PERMISSION_DENIED', 'User does not have permission to do this.'),
} as const

/** Sends a refusal as Databricks does. */
export function refuse(response: ServerResponse, { status, error, message, headers }: DatabricksRefusal): void {
  const words = typeof error === 'string' ? `${error}: ${message}` : message
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'x-databricks-reason-phrase': words,
      'x-thriftserver-error-message': words,
      ...headers,
    })
    .end(JSON.stringify({ error_code: error, message, details: [] }))
}

const nonsense = Buffer.from('\u0080\u0001\u0000\u0002{"nonsense', 'latin1')
const page = '<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in to your network.</body></html>'

/** Settles when it is over. */
export async function misbehave(
  how: DatabricksMisbehaviour,
  contentType: string,
  response: ServerResponse,
): Promise<void> {
  if (how === 'HTML') response.writeHead(200, { 'content-type': 'text/html' }).end(page)
  else if (how === 'NONSENSE') response.writeHead(200, { 'content-type': contentType }).end(nonsense)
  else if (how === 'DO_AND_HANG') return misbehaveByHttp('HANG', response)
  else if (typeof how === 'object' && 'error' in how) refuse(response, how)
  else return misbehaveByHttp(how, response)
}
