import type { NetworkSettings } from '../define.ts'
import { PostgresProtocol } from '../postgres-protocol/postgres-protocol.ts'
import type { Session } from '../postgres-protocol/session.ts'
import { ServerOpening } from '../session/server-opening.ts'
import { credentialsOf, passwordFor } from './credentials.ts'
import type { PostgresConfig } from './form.ts'
import { classifyError, subjectOf } from './problems.ts'

export type PostgresOpening = ServerOpening<Session>

/** Prepares one session as the form wants it. `maxBytes`: what the server may send in the whole of it. */
export function openPostgres(config: PostgresConfig, network: NetworkSettings, maxBytes: number): PostgresOpening {
  const { username } = credentialsOf(config)
  const hasPassword = config.auth.password !== undefined
  const protocol = new PostgresProtocol({
    subject: subjectOf(config),
    account: () => ({ username, password: () => passwordFor(config), hasPassword }),
    classify: (error, phase) => classifyError(error, phase, config),
    maxBytes,
  })
  return new ServerOpening(config, protocol, network)
}
