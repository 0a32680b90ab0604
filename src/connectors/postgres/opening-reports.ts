import type { StepKey, StepReport } from '../connection-test.ts'
import { failed, passed, warning } from '../define.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import { type Problem, problem, type Remedy } from '../problem.ts'
import { credentialsOf } from './credentials.ts'
import type { PostgresConfig } from './form.ts'
import type { Greeting } from './greet.ts'
import { classifyError, isServerWide } from './problems.ts'
import { ProtocolFaultError } from './protocol-fault.ts'
import type { SignInMethod } from './sign-in-guard.ts'

const serverFields = ['host', 'port']

/** What a greeting says about the server: the report of GREET. */
export function greetingReport(greeting: Greeting, config: PostgresConfig): StepReport {
  const { host, port } = config
  const fields = serverFields
  switch (greeting.kind) {
    case 'TLS_OFFERED':
      return passed([greetingEvidence('offers encryption')])
    case 'TLS_NOT_OFFERED':
      return passed([greetingEvidence('offers no encryption')])
    case 'STARTED':
      if (greeting.error && isServerWide(greeting.error.code))
        return failed(classifyError(greeting.error, 'GREET', config))
      // Other refusals are about the user: SIGN_IN reads them from the same bytes.
      return passed([greetingEvidence('answered in clear text')])
    case 'ERROR':
      return failed(classifyError(greeting.error, 'GREET', config))
    case 'WRONG_PROTOCOL': {
      const params = { host, port, expected: 'PostgreSQL', found: greeting.found }
      return failed(problem('WRONG_PROTOCOL', { params, fields }))
    }
    case 'FAULT':
      return failed(classifyError(new ProtocolFaultError(greeting.fault), 'GREET', config))
    case 'CLOSED':
      return failed(problem('CONNECTION_RESET', { params: { host }, detail: greeting.detail, fields }))
  }
}

const greetingEvidence = (value: string): Evidence => measuredText('Server', value)

/** The report of SECURE when the form turns encryption off. */
export function unencryptedReport(isAllowed: boolean): StepReport {
  const remedies: Remedy[] = [
    { kind: 'SET_FIELD', title: 'Encrypt the connection', field: 'tls.mode', value: 'VERIFY_FULL' },
  ]
  const options = { fields: ['tls.mode'], remedies }
  return isAllowed
    ? warning(problem('CONNECTION_NOT_ENCRYPTED', options))
    : failed(problem('TLS_DISABLED_BY_POLICY', options))
}

/** The report of SIGN_IN once the server has let the account in. Whether it looked at the password is its own choice. */
export function signedInReport(method: SignInMethod, config: PostgresConfig): StepReport {
  const { username } = credentialsOf(config)
  const asked = method === 'none' ? 'nothing was asked for' : method
  const note = method === 'none' && config.auth.password ? 'The server did not ask for the password.' : null
  return passed([measuredText('Signed in as', username), measuredText('Sign-in method', asked)], note)
}

/** The problem of a step after CONNECT that used up its budget. */
export function stepTimedOut(key: StepKey, seconds: number, { host, port }: PostgresConfig): Problem {
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
