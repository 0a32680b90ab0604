import type { StepReport } from '../connection-test.ts'
import { failed, warning } from '../define.ts'
import { problem, type Remedy } from '../problem.ts'

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
