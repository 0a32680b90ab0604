import type { StepReport } from '../connection-test.ts'
import { failed, passed, type StepContext } from '../define.ts'
import { measuredText } from '../evidence.ts'
import type { WorkTransaction } from '../postgres-protocol/work-transaction.ts'
import { ProtocolFaultError } from '../session/protocol-fault.ts'
import type { PostgresConfig } from './form.ts'
import { classifyError } from './problems.ts'

const shape = { database: 'text', version: 'text', recovering: 'boolean', encoding: 'text' } as const

/** Asks the server which database this is and what it runs. */
export async function openStep(work: WorkTransaction<PostgresConfig>, context: StepContext): Promise<StepReport> {
  try {
    const [row] = await work.read(context, run =>
      run(
        `SELECT pg_catalog.current_database()::text AS database, pg_catalog.current_setting('server_version') AS version,
                pg_catalog.pg_is_in_recovery() AS recovering, pg_catalog.current_setting('server_encoding') AS encoding`,
        shape,
      ),
    )
    if (!row) throw new ProtocolFaultError('it did not say which database this is')
    const evidence = [
      measuredText('Database', row.database),
      measuredText('Server version', row.version),
      measuredText('Role', row.recovering ? 'standby (in recovery)' : 'primary'),
      measuredText('Encoding', row.encoding),
    ]
    // A pooler may give databases names of its own.
    const isOther = row.database !== work.config.database
    return passed(evidence, isOther ? 'The server opened a database of another name than the form has.' : null)
  } catch (error) {
    if (context.signal.aborted) throw error
    return failed(classifyError(error, 'WORK', work.config))
  }
}
