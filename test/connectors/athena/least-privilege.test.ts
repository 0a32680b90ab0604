import { describe, expect, it } from 'vitest'
import type { AwsDoubleOptions } from '../../servers/aws-double.ts'
import { policyAllows } from '../../servers/aws-session-policy.ts'
import { byKey, byRole, evidenceOf, expectPass, expectProblem, roleArn, testAthena, unencrypted } from './athena-run.ts'

type Reports = Awaited<ReturnType<typeof testAthena>>['reports']

const remediesOf = (reports: Reports) => reports.LEAST_PRIVILEGE?.problem?.remedies ?? []

/** The script that makes another identity. */
function scriptIn(reports: Reports): string {
  const script = remediesOf(reports).find(({ kind }) => kind === 'RUN_SQL')
  if (script?.kind !== 'RUN_SQL') throw new Error('There is no script.')
  return script.sql
}

/** The policy in a script for a POSIX shell. */
function policyIn(script: string): string {
  const [, quoted = ''] = /--policy-document '((?:[^']|'\\'')+)'/.exec(script) ?? []
  return quoted.replaceAll(`'\\''`, "'")
}

const may = (...actions: readonly string[]): AwsDoubleOptions => ({ rights: action => actions.includes(action) })

describe('the rights of an identity that uses Athena', () => {
  it('are looked up, and never tried out', async () => {
    const { reports, requests } = await testAthena()
    expect(expectPass(reports)).toEqual(unencrypted)
    const asked = requests.filter(({ action }) => action === 'SimulatePrincipalPolicy')
    expect(asked.length).toBeGreaterThan(0)
    const actions = asked.flatMap(({ parameters }) =>
      Object.entries(parameters).flatMap(([key, value]) =>
        key.startsWith('ActionNames.member.') ? [String(value)] : [],
      ),
    )
    for (const action of ['glue:DeleteTable', 's3:PutObject', 's3:DeleteObject', 'athena:UpdateWorkGroup'])
      expect(actions).toContain(action)
    for (const action of ['athena:StartQueryExecution', 's3:GetObject', 'glue:GetTable'])
      expect(actions).not.toContain(action)
    expect(new Set(requests.map(({ action }) => action)).size).toBeLessThanOrEqual(9)
  })

  it.each([
    'glue:DeleteTable',
    's3:DeleteObject',
    'athena:UpdateWorkGroup',
    'lakeformation:GrantPermissions',
    'iam:CreateUser',
  ])('are too many with %s', async action => {
    const { reports } = await testAthena(may(action))
    expect(expectPass(reports)).toEqual({ ...unencrypted, LEAST_PRIVILEGE: 'ACCOUNT_CAN_WRITE' })
    const { params, fields } = expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
    expect(params['rights']).toContain(action)
    expect(fields).toEqual(['credentials.accessKey.accessKeyId'])
  })

  it('may have to write results: that is none too many', async () => {
    // As IAM would say of the policy that the page of the connector shows.
    const rights = (action: string, resource: string) =>
      action === 's3:PutObject' && resource.startsWith('arn:aws:s3:::athena-results/primary/')
    const { reports } = await testAthena({ rights })
    expect(expectPass(reports)).toEqual(unencrypted)
  })

  it('may not write where tables lie', async () => {
    const rights = (action: string, resource: string) =>
      action === 's3:PutObject' && resource.startsWith('arn:aws:s3:::sales-data/')
    const { reports } = await testAthena({ rights })
    expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
  })

  it('come with a script for a user that has just enough of them: with its policy the test passes', async () => {
    const { reports } = await testAthena(may('glue:DeleteTable'))
    const script = scriptIn(reports)
    expect(script).toContain('aws iam create-user')
    expect(remediesOf(reports).map(({ kind }) => kind)).toEqual(['RUN_SQL', 'REENTER_SECRET'])
    const policy = policyIn(script)
    const only = (action: string, resource: string) => policyAllows(policy, action, resource)
    const again = await testAthena({ rights: only, athena: { denies: (...asked) => !only(...asked) } }, byKey(), {
      mayStartCompute: true,
    })
    expect(expectPass(again.reports)).toEqual(unencrypted)
    for (const action of ['glue:DeleteTable', 's3:DeleteObject', 'athena:UpdateWorkGroup'])
      expect(only(action, '*')).toBe(false)
    expect(only('s3:PutObject', 'arn:aws:s3:::sales-data/sales/orders/1.parquet')).toBe(false)
  })

  it('come with a script for a role where there is one, and say that the session has a fence', async () => {
    const { reports } = await testAthena(may('s3:DeleteObject'), byRole())
    expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
    const script = scriptIn(reports)
    expect(script).toContain('aws iam create-role')
    expect(evidenceOf(reports.LEAST_PRIVILEGE)['Fence']).toMatch(/session/)
    const policy = policyIn(script)
    const only = (action: string, resource: string) => policyAllows(policy, action, resource)
    const again = await testAthena({ rights: only, athena: { denies: (...asked) => !only(...asked) } }, byRole())
    expect(expectPass(again.reports)).toEqual(unencrypted)
    expect(remediesOf(reports)).toContainEqual(
      expect.objectContaining({ kind: 'SET_FIELD', field: 'credentials.assumeRole.roleArn' }),
    )
    expect(JSON.stringify(remediesOf(reports))).toContain(roleArn.replace(/\/.*/, '/patchbay-reader'))
  })

  it.each<[string, AwsDoubleOptions]>([
    ['IAM may not be asked', { rights: undefined as never }],
    ['conditions decide', { rights: () => ({ missing: 'aws:SourceIp' }) }],
    ['the keys are of a federated user', { identityArn: 'arn:aws:sts::111122223333:federated-user/ann' }],
  ])('are unknown, and never fine, where %s', async (_, aws) => {
    const { reports } = await testAthena(aws)
    expect(reports.READ?.status).toBe('PASSED')
    expect(reports.LEAST_PRIVILEGE?.status).toBe('SKIPPED')
    expectProblem(reports, 'LEAST_PRIVILEGE', 'PRIVILEGES_UNKNOWN')
  })

  it('are all there are where the keys are of the owner of the account', async () => {
    const { reports } = await testAthena({ identityArn: 'arn:aws:iam::111122223333:root' })
    expectProblem(reports, 'LEAST_PRIVILEGE', 'ACCOUNT_CAN_WRITE')
  })
})
