import { issueCertificate } from '../../servers/certificates.ts'
import { type HostileOptions, HostilePostgres } from '../../servers/hostile-postgres.ts'
import { redshiftAnswerTo } from '../../servers/hostile-redshift-statements.ts'
import type { Reports, RunOptions } from '../../servers/type-run.ts'
import { testRedshift } from './redshift-run.ts'

export const root = issueCertificate({ commonName: 'Hostile Root', authority: true })
export const certificate = issueCertificate({ commonName: 'db', issuer: root, names: ['127.0.0.1'], usage: 'server' })
export const password = 'hostile-password-4Vn'

/** A connector to a double on this machine, that trusts its certificate. */
export const config = (port: number, change: Readonly<Record<string, unknown>> = {}) => ({
  host: '127.0.0.1',
  port,
  auth: { password: { username: 'ann', password } },
  tls: { caCertificates: root.certificate },
  ...change,
})

export const startDouble = (options: HostileOptions = {}): Promise<HostilePostgres> =>
  HostilePostgres.start({ certificate, password, answerTo: redshiftAnswerTo, ...options })

/** Tests a double that does as its script says, and answers what became of it. */
export async function testDouble(
  options: HostileOptions,
  change: Readonly<Record<string, unknown>> = {},
  run: RunOptions = {},
): Promise<{ readonly reports: Reports; readonly server: HostilePostgres }> {
  await using server = await startDouble(options)
  return { reports: await testRedshift(config(server.port, change), run), server }
}
