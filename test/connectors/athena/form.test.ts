import { describe, expect, it } from 'vitest'
import { athena } from '../../../src/connectors/athena/index.ts'
import { formFields } from '../../../src/connectors/form-fields.ts'
import { validateForm } from '../../../src/connectors/form-validation.ts'
import { accessKey, byKey, byRole, roleArn } from './athena-run.ts'

function issuesOf(
  form: typeof athena.form,
  input: unknown,
): readonly { readonly path: string; readonly message: string }[] {
  const result = validateForm(form, input)
  if (result.ok) return []
  return result.issues.map(({ path, message }) => ({
    path: Array.isArray(path) ? path.join('.') : String(path),
    message,
  }))
}

describe('the form of an Athena connector', () => {
  it('needs no more than a region and who asks, and has the defaults of Athena', () => {
    const result = validateForm(athena.form, { region: 'eu-west-1', credentials: { accessKey } })
    expect(result).toMatchObject({
      ok: true,
      value: {
        workgroup: 'primary',
        catalog: 'AwsDataCatalog',
        limits: { connectTimeoutSeconds: 10, statementTimeoutSeconds: 60 },
      },
    })
    expect(result.ok && Object.keys(result.value as object)).not.toContain('outputLocation')
  })

  it.each([
    byKey(),
    byRole(),
    byKey({ credentials: { accessKey: { ...accessKey, accessKeyId: 'ASIAIOSFODNN7EXAMPLE', sessionToken: 'token' } } }),
    byRole({ region: 'cn-north-1', credentials: { assumeRole: { roleArn: roleArn.replace('aws', 'aws-cn') } } }),
    byRole({ region: 'us-gov-west-1', credentials: { assumeRole: { roleArn: roleArn.replace('aws', 'aws-us-gov') } } }),
    byKey({ workgroup: 'team-a_2.x' }),
    byKey({ outputLocation: 's3://athena-results' }),
    byKey({ outputLocation: 's3://athena-results/' }),
    byKey({ outputLocation: 's3://athena.results.example/a b/ü/' }),
    byKey({ catalog: 's3tablescatalog/sales' }),
    byKey({ database: 'odd "name"' }),
  ])('takes %j', input => {
    expect(issuesOf(athena.form, input)).toEqual([])
  })

  it.each<[Record<string, unknown>, string, RegExp]>([
    [byKey({ region: 'x@evil.example:443/#' }), 'region', /such as "eu-west-1"/],
    [byKey({ region: 'localhost' }), 'region', /such as/],
    [byKey({ region: 'eu-west-1.evil.example' }), 'region', /such as/],
    [byKey({ region: 'us-iso-east-1' }), 'region', /such as/],
    [byKey({ region: undefined }), 'region', /./],
    [byKey({ credentials: {} }), 'credentials', /Give one of/],
    [byKey({ credentials: { accessKey, assumeRole: { roleArn } } }), 'credentials', /Give only one of/],
    [
      byKey({ credentials: { accessKey: { ...accessKey, secretAccessKey: '' } } }),
      'credentials.accessKey.secretAccessKey',
      /./,
    ],
    [
      byKey({ credentials: { accessKey: { ...accessKey, accessKeyId: ' ' } } }),
      'credentials.accessKey.accessKeyId',
      /AKIA/,
    ],
    [
      byKey({ credentials: { accessKey: { ...accessKey, accessKeyId: 'ASIAIOSFODNN7EXAMPLE' } } }),
      'credentials.accessKey.sessionToken',
      /temporary/,
    ],
    [
      byRole({ credentials: { assumeRole: { roleArn: 'arn:aws:iam::111122223333:user/ann' } } }),
      'credentials.assumeRole.roleArn',
      /ARN of a role/,
    ],
    // Nobody chooses the external id: one workspace could otherwise name another one's role.
    [
      byRole({ credentials: { assumeRole: { roleArn, externalId: 'theirs' } } }),
      'credentials.assumeRole.externalId',
      /./,
    ],
    [byRole({ region: 'cn-north-1' }), 'credentials.assumeRole.roleArn', /partition/],
    [byKey({ workgroup: 'a/b' }), 'workgroup', /console/],
    [byKey({ workgroup: '' }), 'workgroup', /console/],
    [byKey({ workgroup: 'w'.repeat(129) }), 'workgroup', /console/],
    [byKey({ outputLocation: 'https://athena-results.s3.amazonaws.com/' }), 'outputLocation', /place in S3/],
    [byKey({ outputLocation: 's3://Athena_Results/' }), 'outputLocation', /place in S3/],
    [
      byKey({ outputLocation: 's3://arn:aws:s3:eu-west-1:111122223333:accesspoint/x/' }),
      'outputLocation',
      /place in S3/,
    ],
    [byKey({ outputLocation: 's3://a@evil.example/' }), 'outputLocation', /place in S3/],
    [byKey({ outputLocation: 's3://athena-results/a\u0000b/' }), 'outputLocation', /place in S3/],
    [byKey({ outputLocation: `s3://athena-results/${'x'.repeat(700)}` }), 'outputLocation', /./],
    [byKey({ catalog: '' }), 'catalog', /./],
    [byKey({ catalog: 'a\u0000b' }), 'catalog', /./],
    [byKey({ database: '' }), 'database', /./],
    [byKey({ limits: { statementTimeoutSeconds: 0 } }), 'limits.statementTimeoutSeconds', /./],
    [byKey({ limits: { statementTimeoutSeconds: 3_601 } }), 'limits.statementTimeoutSeconds', /./],
    // Not the driver's, and not those of profiles, files or other servers.
    [byKey({ endpoint: 'https://evil.example' }), 'endpoint', /./],
    [byKey({ profile: 'default' }), 'profile', /./],
  ])('refuses %j at %s', (input, path, message) => {
    const issues = issuesOf(athena.form, input)
    expect(issues.map(issue => issue.path)).toContain(path)
    expect(issues.find(issue => issue.path === path)?.message).toMatch(message)
  })

  it('keeps nothing secret but the key, and asks for that again where it would go elsewhere', () => {
    const fields = formFields(athena.form)
    expect(fields.filter(({ isSecret }) => isSecret).map(({ path }) => path)).toEqual([
      'credentials.accessKey.secretAccessKey',
      'credentials.accessKey.sessionToken',
    ])
    expect(fields.filter(({ isDestination }) => isDestination).map(({ path }) => path)).toEqual([
      'region',
      'outputLocation',
    ])
  })
})

describe('the form of an Athena dataset', () => {
  it.each([
    [{ sql: { text: 'select 1' } }],
    [{ table: { name: 'orders' } }],
    [{ table: { database: 'odd "name"', name: 'odd "name"', columns: ['a "b" c'] } }],
  ])('takes %j', input => {
    expect(issuesOf(athena.queryForm, input)).toEqual([])
  })

  it.each([
    [{}, ''],
    [{ sql: { text: '' } }, 'sql.text'],
    [{ sql: { text: 'x'.repeat(100_001) } }, 'sql.text'],
    [{ sql: { text: 'select 1' }, table: { name: 'orders' } }, ''],
    [{ table: { name: '' } }, 'table.name'],
    [{ table: { name: 'a\u0000b' } }, 'table.name'],
    [{ table: { name: 'x'.repeat(256) } }, 'table.name'],
    [{ table: { name: 'orders', columns: [''] } }, 'table.columns.0'],
    [{ sql: { text: 'select ?', parameters: ['1'] } }, 'sql.parameters'],
  ])('refuses %j at "%s"', (input, path) => {
    expect(issuesOf(athena.queryForm, input).map(issue => issue.path)).toContain(path)
  })
})

describe('the plan of an Athena test', () => {
  const planned = (input: unknown) =>
    athena
      .plan(athena.form.schema.parse(input) as never)
      .map(({ key, target }) => (target === null ? key : `${key} ${target}`))
  const expected = (sts: string, service: string) => [
    ...['RESOLVE', 'EGRESS', 'CONNECT', 'SECURE', 'SIGN_IN'].map(key => `${key} ${sts}`),
    ...['RESOLVE', 'EGRESS', 'CONNECT', 'SECURE'].map(key => `${key} ${service}`),
    'OPEN',
    'READ',
    'LEAST_PRIVILEGE',
  ]

  it('asks STS first who it is, by keys and by a role alike, and then goes to Athena', () => {
    const plan = expected('sts.eu-west-1.amazonaws.com', 'athena.eu-west-1.amazonaws.com')
    expect(planned(byKey())).toEqual(plan)
    expect(planned(byRole())).toEqual(plan)
  })

  it('goes to the endpoints of the partition', () => {
    expect(planned(byKey({ region: 'cn-north-1' }))).toEqual(
      expected('sts.cn-north-1.amazonaws.com.cn', 'athena.cn-north-1.amazonaws.com.cn'),
    )
  })

  it('needs the identity of the operator only for a role', () => {
    const needs = (input: unknown) => athena.assumesRole?.(athena.form.schema.parse(input) as never)
    expect([needs(byKey()), needs(byRole())]).toEqual([false, true])
  })

  it('gives a query the time of the form, and the way in and out some more', () => {
    const budget = (seconds: number) =>
      athena.queryBudgetMs(athena.form.schema.parse(byRole({ limits: { statementTimeoutSeconds: seconds } })) as never)
    expect(budget(3_600) - budget(60)).toBe(3_540_000)
    expect(budget(60)).toBeGreaterThan(90_000)
  })
})
