import type { StepReport } from '../connection-test.ts'
import { failed, passed } from '../define.ts'
import { measuredText } from '../evidence.ts'
import { meant, outputUnusable } from './meanings.ts'
import { queryEvidence } from './query-evidence.ts'
import type { Work } from './work.ts'
import { type OpenWorkgroup, openWorkgroup } from './workgroup.ts'

/** Reads nothing, and so costs nothing; what it answers is written like any other result. */
const probe = 'SELECT 1'

/** Asks what the workgroup decides, and has a query run in it whose result is read back. */
export async function openStep(work: Work, onOpened: (opened: OpenWorkgroup) => void): Promise<StepReport> {
  const { session, evidence } = work
  const opened = await openWorkgroup(session, work.remaining)
  onOpened(opened)
  evidence.push(...opened.evidence)
  const { ended, rows } = await work.run({ text: probe, results: opened.results, inCatalog: false })
  const written = ended.execution.ResultConfiguration?.OutputLocation
  evidence.push(...queryEvidence(ended, 'Query'))
  if (typeof written === 'string' && written !== '') evidence.push(measuredText('Result written to', written))
  if (rows.length !== 1 || rows[0]?.[0] !== '1') {
    return failed(
      meant(outputUnusable(session.queryPlace), `What was read back of ${probe} is something else.`),
      evidence,
    )
  }
  return passed([...evidence, measuredText('Result read back', '1')], opened.note)
}
