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

export function bytesText(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB']
  const step = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10))
  return `${Math.round((bytes / 1_024 ** step) * 10) / 10} ${units[step]}`
}
