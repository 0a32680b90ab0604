import {
  type StepDetailsFragment,
  StreamTestDocument,
  type TestConnectionInput,
  type TestDetailsFragment,
} from '../../test/generated/graphql.ts'
import type { DemoClient } from './client.ts'
import { bold, dim, green, red, say, sayOnSameLine, yellow } from './terminal.ts'

const marks: Record<string, string> = {
  PASSED: green('✔'),
  WARNING: yellow('▲'),
  FAILED: red('✘'),
  SKIPPED: dim('·'),
  CANCELLED: dim('·'),
}

/** Streams a test, draws each step as it happens, and answers the finished test. */
export async function watchTest(client: DemoClient, input: TestConnectionInput): Promise<TestDetailsFragment> {
  const keys = new Map<string, string>()
  for await (const { testConnection: event } of client.stream(StreamTestDocument, { input })) {
    switch (event.__typename) {
      case 'ConnectionTestPlanned':
        for (const { id, key } of event.test.steps) keys.set(id, key)
        say(dim(`  plan: ${event.test.steps.map(step => step.key).join(' → ')}`))
        break
      case 'ConnectionTestStepStarted':
      case 'ConnectionTestStepProgressed':
        sayOnSameLine(`  … ${event.step.title}${event.step.note ? dim(` (${event.step.note})`) : ''}`)
        break
      case 'ConnectionTestStepFinished':
        sayOnSameLine('')
        drawStep(event.step, keys.get(event.step.blockedBy ?? ''))
        break
      case 'ConnectionTestFinished':
        say(`  ${bold(event.test.status)} after ${event.test.durationMs} ms`)
        if (event.test.changesSummary) say(`  ${event.test.changesSummary}`)
        for (const { message } of event.test.changes) say(`    ${yellow('≠')} ${message}`)
        return event.test
      default:
        throw new Error(`The test was refused: ${event.message}`)
    }
  }
  throw new Error('The stream ended before the test did.')
}

/** `blockedBy`: the failed step because of which this one was skipped. */
function drawStep(step: StepDetailsFragment, blockedBy: string | undefined): void {
  const duration = step.durationMs === null || step.durationMs === undefined ? '' : `${step.durationMs} ms`
  const blocked = blockedBy ? `not run, because ${blockedBy} failed` : ''
  say(`  ${marks[step.status]} ${step.key.padEnd(16)} ${duration.padStart(7)}  ${dim(summary(step) + blocked)}`)
  if (!step.problem || step.status === 'SKIPPED') return
  const colour = step.status === 'FAILED' ? red : yellow
  say(`      ${colour(step.problem.code)}  ${step.problem.message}`)
  if (step.problem.detail) say(dim(`      it said: ${step.problem.detail}`))
  if (step.problem.fields.length > 0) say(`      look at: ${bold(step.problem.fields.join(', '))}`)
  for (const remedy of step.problem.remedies) {
    say(`      remedy:  ${remedy.title}`)
    if (remedy.__typename === 'RunSqlRemedy')
      for (const line of remedy.sql.trim().split('\n')) say(dim(`        ${line}`))
  }
}

function summary(step: StepDetailsFragment): string {
  return step.evidence
    .map(item => {
      switch (item.__typename) {
        case 'TextEvidence':
          return `${item.label}: ${item.value}`
        case 'AddressEvidence':
          return `${item.address}${item.outcome ? ` ${item.outcome}` : ''}`
        case 'CertificateEvidence':
          return `${item.label}: ${item.subject}`
        default:
          return ''
      }
    })
    .join('; ')
    .slice(0, 110)
}
