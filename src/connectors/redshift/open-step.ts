import type { StepReport } from '../connection-test.ts'
import { failed, passed } from '../define.ts'
import { measuredText } from '../evidence.ts'
import { problem } from '../problem.ts'
import { ProtocolFaultError } from '../session/protocol-fault.ts'
import type { Work } from './work.ts'

const shape = { database: 'text', version: 'text' } as const

/** Asks the server which database this is and what it runs. */
export async function openStep(work: Work): Promise<StepReport> {
  const { config } = work
  const [row] = await work.read(run => run('SELECT current_database() AS database, version() AS version', shape))
  if (!row) throw new ProtocolFaultError('it did not say which database this is')
  const version = / Redshift ([0-9.]{1,40})/.exec(row.version)?.[1]
  if (version === undefined) {
    const found = /^PostgreSQL [0-9.]{1,20}/.exec(row.version)?.[0] ?? 'something else'
    const params = { host: config.host, port: config.port, expected: 'Redshift', found }
    return failed(problem('WRONG_PROTOCOL', { params, detail: row.version, fields: ['host', 'port'] }))
  }
  return passed([measuredText('Database', row.database), measuredText('Redshift version', version)])
}

/** What signing in has shown, without a statement: a database that is not there, or not open to the account, is refused. */
export const openedAtSignIn = (work: Work): StepReport =>
  passed(
    [measuredText('Database', work.config.database)],
    'Opened by signing in; no statement was run, because it would be billed.',
  )
