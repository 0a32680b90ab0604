import { describe, expect, it } from 'vitest'
import { validateForm } from '../../../src/connectors/form-validation.ts'
import { redshift } from '../../../src/connectors/redshift/index.ts'

const roleArn = 'arn:aws:iam::111122223333:role/team/patchbay'
const accessKey = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'secret' }
const cluster = { cluster: { clusterIdentifier: 'sales' } }
const serverless = { serverless: { workgroupName: 'sales' } }
const iam = (change: Record<string, unknown> = {}) => ({
  host: 'h.example',
  auth: { iam: { deployment: cluster, region: 'eu-west-1', credentials: { accessKey }, ...change } },
})

const issues = (input: unknown) => {
  const result = validateForm(redshift.form, input)
  return result.ok ? [] : result.issues.map(({ path }) => (Array.isArray(path) ? path.join('.') : path))
}

describe('the form of a Redshift connector', () => {
  it('has the defaults of Redshift', () => {
    const result = validateForm(redshift.form, {
      host: 'h.example',
      auth: { password: { username: 'ann', password: 'pw' } },
    })
    expect(result).toMatchObject({
      ok: true,
      value: { port: 5439, database: 'dev', schemas: [], tls: { mode: 'VERIFY_FULL', caBundle: 'PUBLIC' } },
    })
  })

  it.each([
    iam(),
    iam({ databaseUser: 'ann' }),
    iam({ deployment: serverless }),
    iam({ credentials: { assumeRole: { roleArn } } }),
    iam({ region: 'cn-north-1', credentials: { assumeRole: { roleArn: roleArn.replace('aws', 'aws-cn') } } }),
  ])('takes %j', input => {
    expect(issues(input)).toEqual([])
  })

  it.each([
    [iam({ deployment: {} }), 'auth.iam.deployment'],
    [iam({ deployment: { ...cluster, ...serverless } }), 'auth.iam.deployment'],
    [iam({ deployment: { cluster: { clusterIdentifier: 'Sales' } } }), 'auth.iam.deployment.cluster.clusterIdentifier'],
    [iam({ deployment: { cluster: { clusterIdentifier: 'a--b' } } }), 'auth.iam.deployment.cluster.clusterIdentifier'],
    [iam({ deployment: { serverless: { workgroupName: 'a b' } } }), 'auth.iam.deployment.serverless.workgroupName'],
    [iam({ deployment: serverless, databaseUser: 'ann' }), 'auth.iam.databaseUser'],
    [iam({ region: 'x@evil.example:443/#' }), 'auth.iam.region'],
    [iam({ credentials: {} }), 'auth.iam.credentials'],
    [
      iam({ credentials: { accessKey: { ...accessKey, secretAccessKey: '' } } }),
      'auth.iam.credentials.accessKey.secretAccessKey',
    ],
    [
      iam({ credentials: { accessKey: { ...accessKey, secretAccessKey: 'a\nHost: b' } } }),
      'auth.iam.credentials.accessKey.secretAccessKey',
    ],
    [
      iam({ credentials: { accessKey: { ...accessKey, sessionToken: 'tökens' } } }),
      'auth.iam.credentials.accessKey.sessionToken',
    ],
    [
      iam({ credentials: { accessKey: { ...accessKey, accessKeyId: 'ASIAIOSFODNN7EXAMPLE' } } }),
      'auth.iam.credentials.accessKey.sessionToken',
    ],
    [
      iam({ credentials: { assumeRole: { roleArn: 'arn:aws:iam::1:user/ann' } } }),
      'auth.iam.credentials.assumeRole.roleArn',
    ],
    [
      iam({ region: 'cn-north-1', credentials: { assumeRole: { roleArn } } }),
      'auth.iam.credentials.assumeRole.roleArn',
    ],
    // Nobody chooses the external id: one workspace could otherwise name another one's role.
    [iam({ credentials: { assumeRole: { roleArn, externalId: 'theirs' } } }), 'auth.iam.credentials.assumeRole'],
    [{ ...iam(), tls: { mode: 'REQUIRE' } }, 'tls.mode'],
    [{ ...iam(), host: 'https://h.example' }, 'host'],
  ])('refuses %j at %s', (input, path) => {
    expect(issues(input).some(found => found.startsWith(path))).toBe(true)
  })

  it('needs the operator for roles, and for nothing else', () => {
    const assumes = (input: unknown) => redshift.assumesRole?.(redshift.form.schema.parse(input) as never)
    expect(assumes(iam({ credentials: { assumeRole: { roleArn } } }))).toBe(true)
    expect(assumes(iam())).toBe(false)
    expect(assumes({ host: 'h', auth: { password: { username: 'ann', password: 'pw' } } })).toBe(false)
  })
})

describe('the plan of a Redshift connector', () => {
  const planned = (input: unknown) =>
    redshift
      .plan(redshift.form.schema.parse(input) as never)
      .map(({ key, target }) => (target ? `${key} ${target}` : key))
  const toDatabase = ['RESOLVE', 'EGRESS', 'CONNECT', 'GREET', 'SECURE', 'SIGN_IN', 'OPEN', 'READ', 'LEAST_PRIVILEGE']
  const to = (target: string) => ['RESOLVE', 'EGRESS', 'CONNECT', 'SECURE', 'SIGN_IN'].map(key => `${key} ${target}`)

  it('goes straight to the database with a password', () => {
    expect(planned({ host: 'h', auth: { password: { username: 'ann', password: 'pw' } } })).toEqual(toDatabase)
  })

  it('asks AWS first, and STS before that for a role', () => {
    expect(planned(iam())).toEqual([...to('redshift.eu-west-1.amazonaws.com'), ...toDatabase])
    expect(planned(iam({ deployment: serverless, credentials: { assumeRole: { roleArn } } }))).toEqual([
      ...to('sts.eu-west-1.amazonaws.com'),
      ...to('redshift-serverless.eu-west-1.amazonaws.com'),
      ...toDatabase,
    ])
  })

  it('gives a workgroup that may have paused the time to wake up', () => {
    const budgets = (input: unknown) =>
      redshift
        .plan(redshift.form.schema.parse(input) as never)
        .flatMap(({ key, target, budgetMs }) => (target === null && key === 'SIGN_IN' ? [budgetMs] : []))
    expect(budgets(iam())).toEqual([10_000])
    expect(budgets(iam({ deployment: serverless }))).toEqual([90_000])
    const host = 'w.111122223333.eu-west-1.redshift-serverless.amazonaws.com'
    expect(budgets({ host, auth: { password: { username: 'ann', password: 'pw' } } })).toEqual([90_000])
  })
})
