import { type DestinationStream, type Logger, pino } from 'pino'
import { loggableError } from './loggable-error.ts'
import { withoutApiTokens } from './services/api-token-text.ts'

export type { Logger } from 'pino'

/** The only fields that reach the log, and only as plain values: what is not foreseen might hold a secret. */
const allowedFields: ReadonlySet<string> = new Set(
  `requestId operationName operationType method path status code reason durationMs transport step
  workspaceId viewerId connectorId connectorType datasetId testId versionId
  host port url file directory dialect nodeVersion version production
  store fault ok leaseSeconds
  pid error signal exitCode count bytes attempt`.split(/\s+/),
)
const maxValueLength = 1000

/**
 * Logs lines of JSON. An error goes under the key `err`. Fields that are not foreseen are dropped, and their names
 * kept in `droppedFields`. Throws for an unknown level.
 */
export function createLogger(level: string, destination: DestinationStream = pino.destination(1)): Logger {
  const logger = pino(
    {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: label => ({ level: label }), log: loggable },
      // pino's own would add to what `loggable` has already made of it.
      serializers: { err: (described: unknown) => described },
      hooks: {
        // Wherever in the line one has got to.
        streamWrite: withoutApiTokens,
        logMethod(args, method) {
          const [first, message]: readonly unknown[] = args
          const error = first instanceof Error ? first : isObject(first) ? first['err'] : undefined
          // Without a message pino would take the error's own, with whatever is in it.
          const words = error instanceof Error && message === undefined ? [first, loggableError(error).message] : args
          Reflect.apply(method, this, words)
        },
      },
    },
    destination,
  )
  const { child } = logger
  // Formatters do not see the fields of a child logger; children inherit this method.
  logger.child = function (this: unknown, bindings, options) {
    return Reflect.apply(child, this, [loggable(bindings), options])
  } as Logger['child']
  return logger
}

function loggable(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const kept: Record<string, unknown> = {}
  const dropped: string[] = []
  for (const [name, value] of Object.entries(fields)) {
    if (name === 'err' || (name === 'error' && value instanceof Error)) kept[name] = loggableError(value)
    else if (!allowedFields.has(name) || isObject(value) || typeof value === 'function') dropped.push(name)
    else kept[name] = typeof value === 'string' ? value.slice(0, maxValueLength) : value
  }
  return dropped.length > 0 ? { ...kept, droppedFields: dropped } : kept
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}
