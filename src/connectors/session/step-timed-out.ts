import type { StepKey } from '../connection-test.ts'
import type { Endpoint } from '../define.ts'
import { type Problem, problem } from '../problem.ts'

const serverFields = ['host', 'port']

/** The problem of a step after CONNECT that used up its budget. */
export function stepTimedOut(key: StepKey, seconds: number, { host, port }: Endpoint): Problem {
  const params = { host, port, seconds }
  switch (key) {
    case 'GREET':
      return problem('NO_GREETING', { params, fields: serverFields })
    case 'SECURE':
      return problem('TLS_TIMED_OUT', { params, fields: serverFields })
    case 'SIGN_IN':
      return problem('SIGN_IN_TIMED_OUT', { params })
    default:
      return problem('STEP_TIMED_OUT', { params })
  }
}
