import type { ReactNode } from 'react'
import type { Test } from './model.ts'

const signs: { readonly [status: string]: string } = {
  PENDING: '·',
  RUNNING: '…',
  PASSED: '✓',
  WARNING: '!',
  FAILED: '✗',
  SKIPPED: '–',
  CANCELLED: '–',
}

/** A connection test, step by step as far as it has come. */
export function StreamedTest({ test }: { readonly test: Test }): ReactNode {
  return (
    <section className="test" data-status={test.status}>
      <h3>
        Connection test: <output>{test.status}</output>
      </h3>
      <ol>
        {test.steps.map(step => (
          <li key={step.id} data-status={step.status}>
            <span className="sign">{signs[step.status] ?? '?'}</span> {step.title}
            {step.durationMs !== null && <small> {step.durationMs} ms</small>}
            {step.problem && (
              <p className="problem">
                {step.problem.message} {step.problem.remedies.map(remedy => remedy.title).join(' ')}
              </p>
            )}
          </li>
        ))}
      </ol>
    </section>
  )
}
