import { type ExecutionArgs, type GraphQLError, getOperationAST, Kind } from 'graphql'
import type { Plugin } from 'graphql-yoga'
import { type Admission, mayAskForRateLimit } from './admission.ts'
import { pointsOf } from './operation-cost.ts'
import type { RequestCharge } from './rate-limits.ts'
import { sessionOf } from './session-of.ts'
import { unpaidPause } from './unpaid-pause.ts'

/** Bytes that are still read of a request for which there is no point: enough to ask how much is left. */
const maxUnpaidBytes = 2 * 1024

const key = Symbol('charge')

/** The context of an operation, or what the server makes it from. */
interface Charged {
  [key]?: RequestCharge | null
}

/** Takes the point that the request costs, and keeps the charge with its context. */
export function chargeRequest(context: object, admission: Admission): RequestCharge | null {
  const charge = admission.charge(sessionOf(context))
  ;(context as Charged)[key] = charge
  return charge
}

/** Null where there is no limit. */
export const chargeOf = (context: object): RequestCharge | null => (context as Charged)[key] ?? null

/**
 * Takes a point for each HTTP request before its body is read, so that what is refused for whatever reason has cost
 * something, and tells clients in headers how much is left: those of draft-ietf-httpapi-ratelimit-headers-06, which
 * client libraries know; later drafts put the same into one field of another form.
 */
export function useRateLimit(admission: Admission): Plugin<object, object> {
  return {
    onRequestParse({ request, serverContext }) {
      const charge = chargeRequest(serverContext, admission)
      return charge?.isUnpaid ? waitUnpaid(charge, request) : undefined
    },
    onResponse({ response, serverContext }) {
      const charge = chargeOf(serverContext)
      if (charge === null) return
      const { limit, remaining, resetSeconds } = charge.status()
      response.headers.set('ratelimit-limit', String(limit))
      response.headers.set('ratelimit-remaining', String(remaining))
      response.headers.set('ratelimit-reset', String(resetSeconds))
    },
  }
}

async function waitUnpaid(charge: RequestCharge, request: Request): Promise<void> {
  await unpaidPause()
  if (!isSmall(request)) throw charge.refusal()
}

export const rateLimitHeaders = ['ratelimit-limit', 'ratelimit-remaining', 'ratelimit-reset'] as const

function isSmall({ method, headers }: Request): boolean {
  return method === 'GET' || Number(headers.get('content-length') ?? Number.NaN) <= maxUnpaidBytes
}

/** Makes an operation cost what it was measured to. Answers why it cannot run, or null. */
export function settleCharge(args: ExecutionArgs, complexity: number): GraphQLError | null {
  const charge = chargeOf(args.contextValue as object)
  if (charge === null) return null
  return charge.settle(asksOnlyForRateLimit(args) ? 0 : pointsOf(complexity))
}

function asksOnlyForRateLimit({ document, operationName }: ExecutionArgs): boolean {
  const operation = getOperationAST(document, operationName)
  if (operation?.operation !== 'query') return false
  // What is free must also be quick, or a flood of the largest documents were free, each with the question at its end.
  if (!mayAskForRateLimit(document.loc?.source.body ?? '')) return false
  const names = operation.selectionSet.selections.map(each => (each.kind === Kind.FIELD ? each.name.value : ''))
  return names.includes('rateLimit') && names.every(name => name === 'rateLimit' || name === '__typename')
}
