import type { StepReport } from '../connection-test.ts'
import { failed, passed } from '../define.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import { type Problem, problem } from '../problem.ts'
import { ProtocolFaultError } from '../session/protocol-fault.ts'
import { isServerWide } from './classify-error.ts'
import type { Phase, Subject } from './error-rules.ts'
import type { Greeting } from './greet.ts'
import type { SignInMethod } from './sign-in-guard.ts'

export type Classify = (error: unknown, phase: Phase) => Problem

/** What a greeting says about the server: the report of GREET. */
export function greetingReport(
  greeting: Greeting,
  { host, port, product }: Pick<Subject, 'host' | 'port' | 'product'>,
  classify: Classify,
): StepReport {
  const fields = ['host', 'port']
  switch (greeting.kind) {
    case 'TLS_OFFERED':
      return passed([greetingEvidence('offers encryption')])
    case 'TLS_NOT_OFFERED':
      return passed([greetingEvidence('offers no encryption')])
    case 'STARTED':
      if (greeting.error && isServerWide(greeting.error.code)) return failed(classify(greeting.error, 'GREET'))
      // Other refusals are about the user: SIGN_IN reads them from the same bytes.
      return passed([greetingEvidence('answered in clear text')])
    case 'ERROR':
      return failed(classify(greeting.error, 'GREET'))
    case 'WRONG_PROTOCOL': {
      const params = { host, port, expected: product, found: greeting.found }
      return failed(problem('WRONG_PROTOCOL', { params, fields }))
    }
    case 'FAULT':
      return failed(classify(new ProtocolFaultError(greeting.fault), 'GREET'))
    case 'CLOSED':
      return failed(problem('CONNECTION_RESET', { params: { host }, detail: greeting.detail, fields }))
  }
}

const greetingEvidence = (value: string): Evidence => measuredText('Server', value)

/** The report of SIGN_IN once the server has let the account in. Whether it looked at the password is its own choice. */
export function signedInReport(
  method: SignInMethod,
  { username, hasPassword }: { readonly username: string; readonly hasPassword: boolean },
): StepReport {
  const asked = method === 'none' ? 'nothing was asked for' : method
  const note = method === 'none' && hasPassword ? 'The server did not ask for the password.' : null
  return passed([measuredText('Signed in as', username), measuredText('Sign-in method', asked)], note)
}
