import { bytesText } from '../bytes-text.ts'
import type { StepReport } from '../connection-test.ts'
import { passed } from '../define.ts'
import { measuredText } from '../evidence.ts'
import { dryRun } from './dry-run.ts'
import { projectSubject } from './meanings.ts'
import { inPlace } from './statement.ts'
import type { Work } from './work.ts'

/** Reads nothing, and is not even run. */
const probe = 'SELECT 1'

/** Has BigQuery look at a query in the project that pays, where queries are to run: whoever may not run one is told. */
export async function openStep({ session, remaining, evidence }: Work): Promise<StepReport> {
  const { config } = session
  const subject = projectSubject(config)
  evidence.push(measuredText('Project', config.projectId))
  const planned = await inPlace(session, { subject, ...remaining }, () =>
    dryRun(session, { sql: probe, subject, inDataset: false, ...remaining }),
  )
  // Whatever cannot tell what this is would not tell what others are.
  if (planned.statementType !== 'SELECT') throw session.violation('it takes SELECT 1 for something else')
  return passed([
    ...evidence,
    ...(planned.location === null ? [] : [measuredText('Location', planned.location)]),
    measuredText('Dry run', `${probe}: would read ${bytesText(Number(planned.bytes))}`),
    measuredText('Most bytes billed for a query', bytesText(config.maximumBytesBilled)),
  ])
}
