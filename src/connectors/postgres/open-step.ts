import type { StepReport } from '../connection-test.ts'
import { failed, passed, type StepContext } from '../define.ts'
import { measuredText } from '../evidence.ts'
import { classifyError } from './problems.ts'
import type { WorkTransaction } from './work-transaction.ts'

/** Asks the server which database this is and what it runs. */
export async function openStep(work: WorkTransaction, context: StepContext): Promise<StepReport> {
  try {
    const [row] = await work.read(context, run =>
      run<{ database: string; version: string; recovering: boolean; encoding: string }>(
        `SELECT pg_catalog.current_database()::text AS database, pg_catalog.current_setting('server_version') AS version,
                pg_catalog.pg_is_in_recovery() AS recovering, pg_catalog.current_setting('server_encoding') AS encoding`,
      ),
    )
    if (!row) throw new Error('The server did not say which database this is.')
    return passed([
      measuredText('Database', row.database),
      measuredText('Server version', row.version),
      measuredText('Role', row.recovering ? 'standby (in recovery)' : 'primary'),
      measuredText('Encoding', row.encoding),
    ])
  } catch (error) {
    if (context.signal.aborted) throw error
    return failed(classifyError(error, 'WORK', work.config))
  }
}
