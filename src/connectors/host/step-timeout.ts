import type { PlannedStep, StepKey } from '../connection-test.ts'
import { type Problem, problem } from '../problem.ts'
import type { ProblemCode } from '../problem-table.ts'

const timeoutCodes: { readonly [K in StepKey]?: ProblemCode } = {
  RESOLVE: 'NAME_RESOLUTION_TIMED_OUT',
  CONNECT: 'CONNECTION_TIMED_OUT',
  GREET: 'NO_GREETING',
  SECURE: 'TLS_TIMED_OUT',
  SIGN_IN: 'SIGN_IN_TIMED_OUT',
}

/** The problem of a step whose budget ran out, for types that do not word it themselves. */
export function stepTimedOut(step: PlannedStep, config: unknown): Problem {
  return problem(timeoutCodes[step.key] ?? 'STEP_TIMED_OUT', {
    params: { seconds: step.budgetMs / 1_000, ...endpoint(step.target, config) },
  })
}

/** Host and port to name: the step's target, else the two form fields that nearly every type has. */
function endpoint(target: string | null, config: unknown): { host: string; port: string } {
  if (target !== null) {
    const { host = target, port } = /^(?<host>.+):(?<port>\d+)$/.exec(target)?.groups ?? {}
    return { host, port: port ?? '?' }
  }
  const { host, port } = (config ?? {}) as { host?: unknown; port?: unknown }
  return {
    host: typeof host === 'string' ? host : 'The host',
    port: typeof port === 'number' ? String(port) : '?',
  }
}
