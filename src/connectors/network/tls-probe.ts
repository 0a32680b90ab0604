import type { TlsConfig } from '../blocks/tls.ts'
import type { StepReport } from '../connection-test.ts'
import { failed } from '../define.ts'
import { extraAuthorities } from './authorities.ts'
import { connectToAny } from './connect.ts'
import { handshakeProblem } from './handshake-problem.ts'
import { canonicalHost } from './host-name.ts'
import { connectProblem } from './network-steps.ts'
import type { Address } from './resolve.ts'
import { secureReport } from './secure-report.ts'
import { encrypt } from './tls.ts'

export interface TlsProbe {
  /** As the form has it: what messages name, and what the certificate must be for unless `tls.serverName` is given. */
  readonly host: string
  readonly port: number
  /** Addresses that EGRESS has let pass: only these are dialled. */
  readonly addresses: readonly Address[]
  readonly tls: TlsConfig
  readonly signal: AbortSignal
  /** Milliseconds for the connection. The handshake ends with `signal`. */
  readonly connectDeadlineMs: number
}

/**
 * The report of SECURE for drivers that take no socket: a connection of its own, encrypted, judged and closed. Nothing
 * is sent on it but the handshake, and no client certificate. Rejects only with the signal's reason.
 */
export async function probeTls(probe: TlsProbe): Promise<StepReport> {
  const { host, port, addresses, tls, signal, connectDeadlineMs } = probe
  const connection = await connectToAny(addresses, { port, signal, deadlineMs: connectDeadlineMs })
  if (connection.kind === 'FAILED') {
    const params = { host, port, seconds: connectDeadlineMs / 1_000 }
    return failed(
      connectProblem(connection.codes, addresses, params),
      connection.evidence.map(entry => ({ ...entry, measuredOn: 'PROBE' })),
    )
  }
  const name = canonicalHost(tls.serverName ?? host)
  const authorities = extraAuthorities(tls)
  connection.socket.on('error', () => {})
  try {
    const outcome = await encrypt(connection.socket, { name, extraAuthorities: authorities, client: null, signal })
    if (outcome.kind === 'FAILED') return failed(handshakeProblem(outcome.error, host, false))
    const report = secureReport(outcome, { tls, name, extraAuthorities: authorities, measuredOn: 'PROBE' })
    outcome.socket.destroy()
    return report
  } finally {
    connection.socket.destroy()
  }
}
