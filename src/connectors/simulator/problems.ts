import type { StepKey } from '../connection-test.ts'
import { type Problem, problem } from '../problem.ts'
import type { ProblemCode } from '../problem-table.ts'
import type { SimulatorConfig } from './form.ts'
import { sampleParams } from './sample-params.ts'
import { sampleRemedies } from './samples.ts'
import type { StepScript } from './script.ts'

/** What a step fails with that is not told with what. */
const failures: Record<StepKey, ProblemCode> = {
  RESOLVE: 'HOST_NOT_FOUND',
  EGRESS: 'EGRESS_DENIED',
  TUNNEL: 'TUNNEL_HANDSHAKE_FAILED',
  CONNECT: 'CONNECTION_REFUSED',
  GREET: 'WRONG_PROTOCOL',
  SECURE: 'TLS_CERTIFICATE_UNTRUSTED',
  TOPOLOGY: 'NETWORK_UNREACHABLE',
  SIGN_IN: 'CREDENTIALS_REJECTED',
  OPEN: 'DATABASE_NOT_FOUND',
  READ: 'NOTHING_READABLE',
  LEAST_PRIVILEGE: 'PERMISSION_DENIED',
}

const warnings: { readonly [K in StepKey]?: ProblemCode } = {
  TUNNEL: 'TUNNEL_HOST_KEY_UNKNOWN',
  SECURE: 'CERTIFICATE_EXPIRES_SOON',
  LEAST_PRIVILEGE: 'ACCOUNT_CAN_WRITE',
}

const timeouts: { readonly [K in StepKey]?: ProblemCode } = {
  RESOLVE: 'NAME_RESOLUTION_TIMED_OUT',
  TUNNEL: 'TUNNEL_TIMED_OUT',
  CONNECT: 'CONNECTION_TIMED_OUT',
  GREET: 'NO_GREETING',
  SECURE: 'TLS_TIMED_OUT',
  SIGN_IN: 'SIGN_IN_TIMED_OUT',
}

/** The problem of a step that warns, fails or is skipped. */
export function stepProblem(config: SimulatorConfig, key: StepKey, script: StepScript, seconds: number): Problem {
  const usual = { WARNING: warnings[key] ?? 'CONNECTION_NOT_ENCRYPTED', SKIPPED: 'PRIVILEGES_UNKNOWN' } as const
  const fallback = script.outcome === 'WARNING' || script.outcome === 'SKIPPED' ? usual[script.outcome] : failures[key]
  return scriptedProblem(script.problem ?? fallback, config, key, script, seconds)
}

/** The problem of a step that used up its budget. */
export function timeoutProblem(config: SimulatorConfig, key: StepKey, script: StepScript, seconds: number): Problem {
  const own = script.outcome === 'HANG' ? script.problem : undefined
  return scriptedProblem(own ?? timeouts[key] ?? 'STEP_TIMED_OUT', config, key, script, seconds)
}

/** A problem with its words filled in from the form, or with samples. */
export function simulatedProblem(
  code: ProblemCode,
  config: SimulatorConfig,
  options: Parameters<typeof problem>[1] & { readonly seconds: number },
): Problem {
  const { seconds, ...rest } = options
  return problem(code, { ...rest, params: sampleParams(code, config, seconds) })
}

function scriptedProblem(
  code: ProblemCode,
  config: SimulatorConfig,
  key: StepKey,
  script: StepScript,
  seconds: number,
): Problem {
  return simulatedProblem(code, config, {
    detail: script.detail ?? null,
    fields: script.fields ?? fieldsOf(config, key),
    remedies: sampleRemedies(script, config),
    seconds,
  })
}

/** The fields that the problem of such a step marks in other types. */
function fieldsOf({ auth }: SimulatorConfig, key: StepKey): readonly string[] {
  switch (key) {
    case 'RESOLVE':
      return ['host']
    case 'EGRESS':
    case 'TUNNEL':
    case 'CONNECT':
    case 'GREET':
    case 'SECURE':
    case 'TOPOLOGY':
      return ['host', 'port']
    case 'SIGN_IN':
      if (auth.password) return ['auth.password.password', 'auth.password.username']
      return auth.key ? ['auth.key.privateKey', 'auth.key.username'] : ['auth']
    default:
      return []
  }
}
