import type { StepSnapshot, TestSnapshot } from '../connectors/connection-test.ts'
import type { Evidence } from '../connectors/evidence.ts'
import { problemTable } from '../connectors/problem-table.ts'
import type { TestChange, TestChangeSubject } from '../connectors/test-comparison.ts'

const subjects: Record<Evidence['kind'], TestChangeSubject> = {
  ADDRESS: 'ADDRESS',
  CERTIFICATE: 'CERTIFICATE',
  TEXT: 'OBSERVATION',
}

const maxTextLength = 500

interface Facts {
  readonly step: StepSnapshot
  readonly kind: Evidence['kind']
  readonly label: string
  /** What was measured, without what differs from run to run; sorted. */
  readonly values: readonly string[]
}

/**
 * What the two tests measured differently, matched by step, endpoint and label. Only what both measured counts: a step
 * that did not run this time says nothing about change.
 */
export function evidenceChanges(before: TestSnapshot, after: TestSnapshot): readonly TestChange[] {
  // Where the addresses are forbidden nothing may be said of them, not even that they are others.
  const withholdsAddresses = after.steps.some(({ key, status }) => key === 'EGRESS' && status === 'FAILED')
  const earlier = factsOf(before)
  const changes = new Map<string, TestChange>()
  for (const [key, now] of factsOf(after)) {
    const then = earlier.get(key)
    if (!then || (now.kind === 'ADDRESS' && withholdsAddresses)) continue
    const [was, is] = [textOf(then.values), textOf(now.values)]
    if (then.values.join('\n') === now.values.join('\n')) continue
    const { step, kind, label } = now
    const change: TestChange = {
      subject: subjects[kind],
      label,
      field: null,
      stepKey: step.key,
      target: step.target,
      before: was,
      after: is,
      changedAt: null,
      message: `${messageStart(kind, label)}${step.target === null ? '' : ` at ${step.target}`}: now ${is}; before ${was}.`,
    }
    // Several steps may have met the same addresses: once is enough.
    const once = JSON.stringify([kind, label, step.target, was, is])
    if (!changes.has(once)) changes.set(once, change)
  }
  return [...changes.values()]
}

function factsOf({ steps }: TestSnapshot): ReadonlyMap<string, Facts> {
  const facts = new Map<string, Facts>()
  for (const step of steps) {
    for (const item of step.evidence) {
      // A fault that is listed beside others is a judgement on the evidence, not a fact of its own.
      if (Object.hasOwn(problemTable, item.label)) continue
      const key = JSON.stringify([step.key, step.target, item.kind, item.label])
      const values = [...new Set([...(facts.get(key)?.values ?? []), measured(item)])].sort()
      facts.set(key, { step, kind: item.kind, label: item.label, values })
    }
  }
  return facts
}

function measured(item: Evidence): string {
  switch (item.kind) {
    case 'ADDRESS':
      return item.address
    case 'CERTIFICATE':
      return `SHA-256 ${item.sha256Fingerprint}, issued by "${item.issuer}", valid until ${item.validTo}`
    case 'TEXT':
      return item.value
  }
}

function messageStart(kind: Evidence['kind'], label: string): string {
  if (kind === 'ADDRESS') return 'The host has other addresses'
  return kind === 'CERTIFICATE' ? `Another certificate is shown (${label})` : label
}

function textOf(values: readonly string[]): string {
  const text = values.join(', ')
  return text.length > maxTextLength ? `${text.slice(0, maxTextLength - 1)}…` : text
}
