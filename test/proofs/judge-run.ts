import { missingIn, type ProofRecord, type RecordName, unite } from './record.ts'

/** What is known of a run when its last suite has ended. */
export interface Run {
  readonly name: RecordName
  readonly recorded: ProofRecord
  readonly seen: ProofRecord
  /** Whether every suite has run, with every test in it. */
  readonly isWhole: boolean
  readonly hasFailures: boolean
  /** Whether a test was skipped, such as for a server that could not be had. */
  readonly hasSkips: boolean
  /** Whether the record is to be brought up to date. */
  readonly updates: boolean
}

export interface Verdict {
  /** What the record has to be from now on; null when it stays. */
  readonly record: ProofRecord | null
  /** Why the run fails; null when it does not. */
  readonly complaint: string | null
}

/**
 * Compares what a run has proved with the record. Only a run of everything that passed can show that a proof is gone,
 * so that a run of a few files neither fails nor takes anything away.
 */
export function judgeRun({ name, recorded, seen, isWhole, hasFailures, hasSkips, updates }: Run): Verdict {
  const isConclusive = isWhole && !hasFailures && !(name === 'interop' && hasSkips)
  const gone = isConclusive ? missingIn(recorded, seen) : []
  const added = missingIn(seen, recorded)
  if (updates) {
    if (gone.length + added.length === 0) return { record: null, complaint: null }
    return { record: isConclusive ? seen : unite(recorded, seen), complaint: null }
  }
  const lines = [
    ...gone.map(line => `  no longer proved: ${line}`),
    ...(isWhole ? added : []).map(line => `  not recorded yet: ${line}`),
  ]
  if (lines.length === 0) return { record: null, complaint: null }
  const command = `UPDATE_PROOFS=1 npm ${name === 'unit' ? 'test' : 'run test:interop'} && npm run docs:generate`
  return {
    record: null,
    complaint: `What the tests prove differs from test/proofs/${name}.json:\n${lines.join('\n')}\nIf that is right: ${command}`,
  }
}
