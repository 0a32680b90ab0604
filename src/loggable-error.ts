const maxCauses = 5

export interface LoggableError {
  readonly name: string
  readonly message: string
  readonly code?: string
  /** Without the message, which stands before it. */
  readonly stack?: string
  readonly cause?: LoggableError
}

/**
 * Of an error only its name, message, code, stack and causes: drivers attach whole requests, rows and credentials to
 * their errors. Query parameters, which drizzle puts into messages, are cut off.
 */
export function loggableError(error: unknown, depth = 0): LoggableError {
  if (!(error instanceof Error)) return { name: 'NotAnError', message: `Something of type ${typeof error} was thrown.` }
  const frames = error.stack?.split('\n').filter(line => /^\s+at /.test(line)) ?? []
  return {
    name: error.name,
    message: withoutParameters(error.message),
    ...('code' in error && typeof error.code === 'string' && { code: error.code }),
    ...(frames.length > 0 && { stack: frames.join('\n') }),
    ...(error.cause !== undefined && depth < maxCauses && { cause: loggableError(error.cause, depth + 1) }),
  }
}

function withoutParameters(message: string): string {
  return message.startsWith('Failed query: ') ? message.replace(/\nparams: [\s\S]*$/, '') : message
}
