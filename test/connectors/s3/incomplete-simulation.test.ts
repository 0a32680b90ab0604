import { describe, expect, it } from 'vitest'
import type { DoubleCall, Misbehaviour } from '../../servers/aws-double.ts'
import { expectProblem, S3World, stepOf } from './s3-run.ts'

interface Part {
  readonly decisions?: Readonly<Record<string, string>>
  /** For the part that follows. */
  readonly marker?: string
}

const answerOf = ({ decisions = {}, marker }: Part): Misbehaviour => {
  const results = Object.entries(decisions).map(
    ([action, decision]) =>
      `<member><EvalActionName>${action}</EvalActionName><EvalResourceName>*</EvalResourceName><EvalDecision>${decision}</EvalDecision></member>`,
  )
  const more =
    marker === undefined
      ? '<IsTruncated>false</IsTruncated>'
      : `<IsTruncated>true</IsTruncated><Marker>${marker}</Marker>`
  const result = `<EvaluationResults>${results.join('')}</EvaluationResults>${more}`
  return {
    status: 200,
    headers: { 'content-type': 'text/xml' },
    body: `<SimulatePrincipalPolicyResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/"><SimulatePrincipalPolicyResult>${result}</SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>`,
  }
}

const askedIn = ({ parameters }: DoubleCall): string[] =>
  Object.keys(parameters)
    .filter(name => name.startsWith('ActionNames.'))
    .map(name => String(parameters[name]))

const all = (actions: readonly string[], decision: string) =>
  Object.fromEntries(actions.map(action => [action, decision]))

async function measure(answer: (call: DoubleCall) => Part) {
  await using world = await S3World.start({}, { at: { SimulatePrincipalPolicy: call => answerOf(answer(call)) } })
  world.s3.objects.put('a.csv', 'n\n1\n')
  const reports = await world.test()
  const asked = world.aws.requests.filter(({ action }) => action === 'SimulatePrincipalPolicy').length
  return { reports, report: stepOf(reports, 'LEAST_PRIVILEGE'), asked }
}

describe('what IAM leaves out of its answer', () => {
  it.each<readonly [string, (call: DoubleCall) => Part]>([
    ['everything', () => ({})],
    ['one action', call => ({ decisions: all(askedIn(call).slice(1), 'implicitDeny') })],
    ['what it decided', call => ({ decisions: all(askedIn(call), 'perhaps') })],
    ['what follows', call => ({ decisions: all(askedIn(call).slice(0, 1), 'implicitDeny'), marker: '' })],
    ['the end', call => ({ decisions: all(askedIn(call).slice(0, 1), 'implicitDeny'), marker: 'again' })],
  ])('is not taken for a denial: %s', async (_, answer) => {
    const { reports, report, asked } = await measure(answer)
    expect(report.status).toBe('SKIPPED')
    expectProblem(reports, 'LEAST_PRIVILEGE', 'PRIVILEGES_UNKNOWN')
    expect(asked).toBeLessThan(50)
  })

  it('is asked for where there is more', async () => {
    const { reports, report } = await measure(call => {
      const actions = askedIn(call)
      return call.parameters['Marker'] === 'rest'
        ? { decisions: all(actions.slice(1), 'allowed') }
        : { decisions: all(actions.slice(0, 1), 'implicitDeny'), marker: 'rest' }
    })
    expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
    const may = report.evidence.flatMap(item => (item.kind === 'TEXT' && item.label === 'May' ? [item.value] : []))
    expect(may.some(right => right.startsWith('s3:PutObject on '))).toBe(false)
    expect(may.some(right => right.startsWith('s3:DeleteObject on '))).toBe(true)
  })

  it('is no part of a pass, which says what was asked about', async () => {
    const { report } = await measure(call => ({ decisions: all(askedIn(call), 'implicitDeny') }))
    expect(report.status).toBe('PASSED')
    expect(report.evidence).toContainEqual(
      expect.objectContaining({ label: 'Asked about', value: expect.stringContaining('arn:aws:s3:::sales/*') }),
    )
  })
})
