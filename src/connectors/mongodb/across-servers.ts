import { setTimeout as delay } from 'node:timers/promises'
import type { StepReport } from '../connection-test.ts'
import { failed, passed, type StepContext, warning } from '../define.ts'
import type { Evidence } from '../evidence.ts'
import type { Problem } from '../problem.ts'
import { probed, type ServerProbe } from './server-probe.ts'

/** How long the others may take once one server has got through: one that is down must not hold up the rest for long. */
const othersGraceMs = 2_000

type Key = keyof ServerProbe['steps']

export interface Outcome {
  readonly probe: ServerProbe
  readonly report: StepReport
}

/** Runs one step for all servers at once. Rejects with the signal's reason. */
export async function runForAll(
  probes: readonly ServerProbe[],
  key: Key,
  { signal, budgetMs }: Pick<StepContext, 'signal' | 'budgetMs'>,
): Promise<Outcome[]> {
  const startedAt = performance.now()
  const enough = new AbortController()
  const over = new AbortController()
  const context = { signal: AbortSignal.any([signal, enough.signal]), budgetMs }
  const work = probes.map(async (probe): Promise<Outcome> => {
    try {
      const report = await probe.steps[key](context)
      if (report.status !== 'FAILED') void hurry()
      return { probe, report }
    } catch (error) {
      signal.throwIfAborted()
      if (!enough.signal.aborted) throw error
      const seconds = Math.max(1, Math.round((performance.now() - startedAt) / 1_000))
      return { probe, report: failed(probe.timedOut(key, seconds)) }
    }
  })
  let hurrying = false
  const hurry = async () => {
    if (hurrying || probes.length === 1) return
    hurrying = true
    await delay(othersGraceMs, undefined, { signal: over.signal }).then(
      () => enough.abort(),
      () => {},
    )
  }
  try {
    return await Promise.all(work)
  } finally {
    over.abort()
  }
}

/** Those with which the next step can go on. */
export const survivors = (outcomes: readonly Outcome[]): ServerProbe[] =>
  outcomes.filter(({ report }) => report.status !== 'FAILED').map(({ probe }) => probe)

/**
 * One report for all servers: failed when none has got through, a warning when some have not. What was measured of each
 * is named by it where there are several.
 */
export function summedUp(outcomes: readonly Outcome[]): StepReport {
  const [only] = outcomes
  if (only && outcomes.length === 1) return only.report
  const evidence = outcomes.flatMap(({ probe, report }) => evidenceOf(probe, report))
  const faults = problemsOf(outcomes, 'FAILED')
  const [fault] = faults
  if (fault && faults.length === outcomes.length) return failed(fault, evidence)
  const [notice] = [...faults, ...problemsOf(outcomes, 'WARNING')]
  return notice ? warning(notice, evidence) : passed(evidence)
}

const problemsOf = (outcomes: readonly Outcome[], status: StepReport['status']): Problem[] =>
  outcomes.flatMap(({ report }) => (report.status === status && report.problem ? [report.problem] : []))

function evidenceOf(probe: ServerProbe, { status, problem, evidence }: StepReport): Evidence[] {
  const named = evidence.map((item): Evidence => ({ ...item, label: `${probe.name}: ${item.label}` }))
  return status === 'FAILED' && problem ? [...named, probed(probe.name, problem.message)] : named
}
