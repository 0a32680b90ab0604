import { describe, expect, it } from 'vitest'
import { policyAllows } from '../../servers/aws-session-policy.ts'
import { byKey, byRole, expectFailure, testAthena } from './athena-run.ts'

const policiesOf = ({ requests }: Awaited<ReturnType<typeof testAthena>>) =>
  requests.filter(({ action }) => action === 'AssumeRole').map(({ parameters }) => String(parameters['Policy']))

describe("the policy of a role's session", () => {
  it('never ends within a character, however long the output location is', async () => {
    for (let length = 1; length <= 12; length += 1) {
      const outputLocation = `s3://athena-results/${'x'.repeat(length)}${'😀'.repeat(100)}/`
      const [policy = ''] = policiesOf(await testAthena({}, byRole({ outputLocation })))
      expect(JSON.stringify(JSON.parse(policy)).isWellFormed()).toBe(true)
      const { Statement } = JSON.parse(policy) as { readonly Statement: readonly { readonly Resource: string }[] }
      for (const { Resource } of Statement) expect(String(Resource).isWellFormed(), String(length)).toBe(true)
    }
  }, 60_000)

  it('has what keys of the account take by which Athena encrypts the results that it keeps', async () => {
    const run = await testAthena({ athena: { workgroups: { primary: { managed: true } } } }, byRole())
    const policy = policiesOf(run).at(-1) ?? ''
    const key = 'arn:aws:kms:eu-west-1:111122223333:key/1'
    for (const action of ['kms:Decrypt', 'kms:GenerateDataKey', 'kms:DescribeKey'])
      expect(policyAllows(policy, action, key), action).toBe(true)
    for (const action of ['kms:CreateGrant', 'kms:ScheduleKeyDeletion', 'kms:PutKeyPolicy'])
      expect(policyAllows(policy, action, key), action).toBe(false)
  })
})

describe('a workgroup that overrules the form, and has no output location of its own', () => {
  it('is what is blamed: the form does say where results go', async () => {
    const aws = { athena: { workgroups: { primary: { enforced: true } } } }
    const { reports } = await testAthena(aws, byKey({ outputLocation: 's3://athena-results/mine/' }))
    const { fields, message } = expectFailure(reports, 'OPEN', 'OUTPUT_LOCATION_UNUSABLE')
    expect(fields).toEqual(['workgroup'])
    expect(message).toContain('s3://athena-results/mine/')
  })
})
