import { randomUUID } from 'node:crypto'
import { useCSRFPrevention } from '@graphql-yoga/plugin-csrf-prevention'
import type { GraphQLSchema } from 'graphql'
import { createYoga, type YogaInitialContext } from 'graphql-yoga'
import type { Admission } from './admission.ts'
import { graphiqlOptions, renderGraphiql } from './graphiql.ts'
import type { LiveStreams } from './live-streams.ts'
import type { Logger } from './log.ts'
import { logUnexpected, maskError } from './mask-error.ts'
import type { CheckReadiness, ReadinessReport } from './readiness.ts'
import { type Context, createContext } from './schema/context.ts'
import type { Services } from './services/services.ts'
import { useAdmission } from './use-admission.ts'
import { useBodyLimit } from './use-body-limit.ts'
import { plainSignal, useCancellation } from './use-cancellation.ts'
import { useComplexityLimit } from './use-complexity-limit.ts'
import { useDocumentRules } from './use-document-rules.ts'
import { useErrorCodes } from './use-error-codes.ts'
import { useMaskedErrors } from './use-masked-errors.ts'
import { useOneDialOut } from './use-one-dial-out.ts'
import { useParseLimits } from './use-parse-limits.ts'
import { usePostOnly } from './use-post-only.ts'
import { useReadiness } from './use-readiness.ts'
import { useSecurityHeaders } from './use-security-headers.ts'

export const graphqlPath = '/graphql'
const maxBodyBytes = 256 * 1024

export interface YogaOptions {
  readonly schema: GraphQLSchema
  readonly services: Services
  readonly logger: Logger
  readonly allowedOrigins: readonly string[]
  readonly introspection: boolean
  readonly production: boolean
  readonly docsBaseUrl: string | null
  readonly checkReadiness: CheckReadiness
}

/** What an operation that did not come over HTTP brings along. */
export interface WebSocketContext {
  /** Aborts when the socket closes. */
  readonly socketSignal: AbortSignal
}

export type GraphqlYoga = ReturnType<typeof createGraphqlYoga>

/** The one path that every operation takes, whichever way it came: parse, check, execute, mask. */
export function createGraphqlYoga(options: YogaOptions, admission: Admission, streams: LiveStreams) {
  const { services, logger, docsBaseUrl } = options
  const onUnexpected = logUnexpected(logger)

  const context = (initial: YogaInitialContext & Partial<WebSocketContext>): Context =>
    createContext({
      viewer: admission.viewer(),
      services,
      signal: initial.socketSignal ?? plainSignal(initial.request.signal),
      requestId: randomUUID(),
      docsBaseUrl,
    })

  return createYoga<Partial<WebSocketContext>, Context>({
    id: 'patchbay',
    schema: options.schema,
    context,
    graphqlEndpoint: graphqlPath,
    healthCheckEndpoint: '/health',
    landingPage: false,
    graphiql: options.production ? false : graphiqlOptions,
    renderGraphiQL: renderGraphiql,
    cors: options.allowedOrigins.length > 0 ? { origin: [...options.allowedOrigins], methods: ['POST'] } : false,
    multipart: false,
    batching: false,
    // `useBodyLimit` does the same at less cost.
    maxRequestBodySize: false,
    // Errors of execution are masked with their request's id by `useMaskedErrors`; this sees what happens before.
    maskedErrors: { isDev: false, maskError: error => maskError(error, randomUUID(), onUnexpected) },
    logging: false,
    plugins: [
      useCSRFPrevention({ requestHeaders: ['x-graphql-yoga-csrf', 'apollo-require-preflight'] }),
      useReadiness(() => readinessOf(options, admission)),
      useSecurityHeaders(),
      useBodyLimit(maxBodyBytes),
      useAdmission(admission),
      useParseLimits({ maxTokens: 2000 }),
      useDocumentRules({ introspection: options.introspection }),
      useErrorCodes({ suggestions: options.introspection }),
      useComplexityLimit({ complexity: 5000, depth: 12, breadth: 500 }),
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
