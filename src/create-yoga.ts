import { randomUUID } from 'node:crypto'
import { useCSRFPrevention } from '@graphql-yoga/plugin-csrf-prevention'
import type { GraphQLSchema } from 'graphql'
import { createYoga, type YogaInitialContext } from 'graphql-yoga'
import type { Admission } from './admission.ts'
import type { IntrospectionPolicy } from './config-introspection.ts'
import { corsOptions } from './cors-options.ts'
import { createDocumentCache, noCache } from './document-cache.ts'
import type { DocumentLimits } from './document-limits.ts'
import { graphiqlOptions, renderGraphiql } from './graphiql.ts'
import type { LiveStreams } from './live-streams.ts'
import type { Logger } from './log.ts'
import { logUnexpected, maskError } from './mask-error.ts'
import { maxComplexity } from './operation-cost.ts'
import type { CheckReadiness, ReadinessReport } from './readiness.ts'
import { type Context, createContext } from './schema/context.ts'
import type { Services } from './services/services.ts'
import { type DoorContext, sessionOf } from './session-of.ts'
import { useAdmission } from './use-admission.ts'
import { useAuditExport } from './use-audit-export.ts'
import { useAuthentication } from './use-authentication.ts'
import { plainSignal, useCancellation } from './use-cancellation.ts'
import { useComplexityLimit } from './use-complexity-limit.ts'
import { useDocumentRules } from './use-document-rules.ts'
import { useErrorCodes } from './use-error-codes.ts'
import { useIntrospectionPolicy } from './use-introspection-policy.ts'
import { useJsonBody } from './use-json-body.ts'
import { useMaskedErrors } from './use-masked-errors.ts'
import { useOneDialOut } from './use-one-dial-out.ts'
import { useParseLimits } from './use-parse-limits.ts'
import { usePostOnly } from './use-post-only.ts'
import { chargeOf, settleCharge, useRateLimit } from './use-rate-limit.ts'
import { useReadiness } from './use-readiness.ts'
import { useSecurityHeaders } from './use-security-headers.ts'

export const graphqlPath = '/graphql'
const maxBodyBytes = 256 * 1024

/**
 * What clients need, with room. The largest document that is known to be sent, the catalogue with the configurations of
 * all types, has 600 tokens and 300 fields, and grows with each type; a document that saves one connector of each type has
 * as many aliases and root fields as there are types. The deepest is what GraphiQL reads the schema with: 15 fields. What
 * an operation may cost is decided by its complexity; these keep down what it takes to find that out.
 */
export const documentLimits: DocumentLimits = {
  tokens: 2000,
  nesting: 32,
  depth: 15,
  fields: 500,
  rootFields: 20,
  aliases: 30,
  repetitions: 10,
  fragments: 50,
  spreads: 100,
  directives: 25,
  directivesOfOneNode: 4,
  listItems: 100,
}

export interface YogaOptions {
  readonly schema: GraphQLSchema
  readonly services: Services
  readonly logger: Logger
  readonly allowedOrigins: readonly string[]
  readonly introspection: IntrospectionPolicy
  readonly production: boolean
  readonly docsBaseUrl: string | null
  readonly checkReadiness: CheckReadiness
}

/** What an operation that did not come over HTTP brings along. */
export interface WebSocketContext extends DoorContext {
  /** Aborts when the socket closes. */
  readonly socketSignal: AbortSignal
}

export type GraphqlYoga = ReturnType<typeof createGraphqlYoga>

/** The one path that every operation takes, whichever way it came: parse, check, execute, mask. */
export function createGraphqlYoga(options: YogaOptions, admission: Admission, streams: LiveStreams) {
  const { services, logger, docsBaseUrl } = options
  const onUnexpected = logUnexpected(logger)
  const namesAreOpen = options.introspection === 'true'

  const context = (initial: YogaInitialContext & Partial<WebSocketContext>): Context => {
    const requestId = randomUUID()
    const charge = chargeOf(initial)
    return createContext({
      viewer: { ...sessionOf(initial).viewer, request: { id: requestId, address: initial.address ?? null } },
      services,
      signal: initial.socketSignal ?? plainSignal(initial.request.signal),
      requestId,
      docsBaseUrl,
      ...(charge && { rateLimit: () => charge.status() }),
    })
  }

  return createYoga<Partial<WebSocketContext>, Context>({
    id: 'patchbay',
    schema: options.schema,
    context,
    graphqlEndpoint: graphqlPath,
    healthCheckEndpoint: '/health',
    landingPage: false,
    graphiql: options.production ? false : graphiqlOptions,
    renderGraphiQL: renderGraphiql,
    cors: corsOptions(options.allowedOrigins),
    multipart: false,
    batching: false,
    // `useJsonBody` does the same at less cost.
    maxRequestBodySize: false,
    // Errors of execution are masked with their request's id by `useMaskedErrors`; this sees what happens before.
    maskedErrors: { isDev: false, maskError: error => maskError(error, randomUUID(), onUnexpected) },
    logging: false,
    parserAndValidationCache: { documentCache: createDocumentCache(), errorCache: noCache },
    plugins: [
      useCSRFPrevention({ requestHeaders: ['x-graphql-yoga-csrf', 'apollo-require-preflight'] }),
      useReadiness(() => readinessOf(options, admission)),
      useSecurityHeaders(),
      useAuditExport({ admission, auditLog: services.auditLog }),
      useAuthentication(admission),
      useRateLimit(admission),
      useJsonBody(maxBodyBytes),
      useAdmission(admission),
      useParseLimits(documentLimits),
      useDocumentRules({ suggestions: namesAreOpen }),
      useErrorCodes({ namesAreOpen }),
      useIntrospectionPolicy(options.introspection),
      useComplexityLimit({ complexity: maxComplexity, depth: 12, breadth: 500 }, settleCharge),
      usePostOnly(),
      useOneDialOut(),
      streams.usePlugin(),
      useMaskedErrors(onUnexpected),
      useCancellation(),
    ],
  })
}

/** A process that is shutting down gets no new requests, whatever still works. */
async function readinessOf({ checkReadiness }: YogaOptions, admission: Admission): Promise<ReadinessReport> {
  const report = await checkReadiness()
  return admission.isOpen ? report : { ...report, status: 'unavailable' }
}
