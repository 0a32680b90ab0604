import { bytesText } from '../bytes-text.ts'
import { type Evidence, measuredText } from '../evidence.ts'
import type { EndedQuery } from './statement.ts'

/** Which query it was, and what it has cost. */
export function queryEvidence({ id, execution }: EndedQuery, label: string): Evidence[] {
  const { Statistics: statistics } = execution
  const scanned = statistics?.DataScannedInBytes
  return [
    measuredText(label, id),
    ...(typeof scanned === 'number' ? [measuredText('Bytes scanned', bytesText(scanned))] : []),
  ]
}
