import { describe, expect, it } from 'vitest'
import { databricks } from '../../../src/connectors/databricks/index.ts'
import { formFields } from '../../../src/connectors/form-fields.ts'
import { type FormIssue, validateForm } from '../../../src/connectors/form-validation.ts'
import { byClient, byToken, clientId, clientSecret, clusterPath, host, token } from './databricks-run.ts'

function issuesOf(input: unknown): readonly FormIssue[] {
  const result = validateForm(databricks.form, input)
  return result.ok ? [] : result.issues
}

/** The value that is offered instead, of the one issue that there is. */
function offered(input: unknown, path: string): unknown {
  const issues = issuesOf(input)
  expect(issues.map(issue => issue.path)).toEqual([path])
  const [remedy] = issues[0]?.remedies ?? []
  if (remedy === undefined) return null
  expect(remedy).toMatchObject({ kind: 'SET_FIELD', field: path })
  const { value } = remedy as { readonly value?: unknown }
  // What is offered must not lead to the next complaint.
  expect(issuesOf({ ...(input as object), [path]: value })).toEqual([])
  return value
}

const warehousePath = '/sql/1.0/warehouses/abcdef0123456789'
const jdbc = `jdbc:databricks://${host}:443/default;transportMode=http;ssl=1;AuthMech=3;httpPath=${warehousePath};`

describe('the form of a Databricks connector', () => {
  it('needs no more than where the workspace is, what runs statements, and who asks', () => {
    const result = validateForm(databricks.form, { host, httpPath: warehousePath, auth: { accessToken: { token } } })
    expect(result).toMatchObject({
      ok: true,
      value: { limits: { connectTimeoutSeconds: 10, statementTimeoutSeconds: 60 } },
    })
  })

  it.each([
    byToken(),
    byClient(),
    byToken({ host: 'adb-1234567890123456.7.azuredatabricks.net' }),
    byToken({ host: '1234567890123456.7.gcp.databricks.com' }),
    byToken({ host: 'adb-1234567890123456.7.databricks.azure.cn' }),
    byToken({ host: host.toUpperCase() }),
    byToken({ httpPath: '/sql/1.0/endpoints/abcdef0123456789' }),
    byToken({ httpPath: clusterPath }),
    byToken({ httpPath: `/${clusterPath}` }),
    byToken({ catalog: 'hive_metastore', schema: 'odd `name`' }),
    byToken({ catalog: undefined, schema: undefined, caCertificates: undefined }),
  ])('takes %j', input => {
    expect(issuesOf(input)).toEqual([])
  })

  it.each([
    `https://${host}`,
    `https://${host}/`,
    `https://${host}/?o=7474646471015793`,
    `https://${host}/sql/warehouses/abcdef0123456789?o=7474646471015793#`,
    `http://${host}`,
    `//${host}/`,
    `${host}/`,
    `${host}:443`,
    `  ${host}\n`,
    jdbc,
    jdbc.replace('databricks:', 'spark:'),
  ])('finds the host in %j', typed => {
    expect(offered(byToken({ host: typed }), 'host')).toBe(host)
  })

  it.each([
    '',
    'two words',
    `ann@${host}`,
    `https://ann:secret@${host}`,
    `${host}#@evil.example`,
    `https://[::1`,
    '::1:443',
    '127.1',
    '0x7f.0.0.1',
    '2130706433',
    'metadata\0.internal',
    '/var/run/docker.sock',
  ])('refuses the host %j, and offers nothing that it might not have meant', typed => {
    const [first, ...others] = issuesOf(byToken({ host: typed }))
    expect(others).toEqual([])
    expect(first).toMatchObject({ path: 'host', message: expect.stringMatching(/^[A-Z].*\.$/s) })
    const values = (first?.remedies ?? []).map(remedy => JSON.stringify(remedy))
    for (const value of values) expect(value).not.toMatch(/secret|ann@|evil/)
  })

  it.each([
    ['abcdef0123456789', warehousePath],
    [' abcdef0123456789 ', warehousePath],
    [`${warehousePath}/`, warehousePath],
    [`${warehousePath}?o=7474646471015793`, warehousePath],
    [warehousePath.slice(1), warehousePath],
    [`https://${host}${warehousePath}`, warehousePath],
    [`https://${host}/sql/warehouses/abcdef0123456789?o=7474646471015793`, warehousePath],
    [jdbc, warehousePath],
    [`httpPath=${warehousePath}`, warehousePath],
    [`https://${host}:443/${clusterPath}`, `/${clusterPath}`],
    [`${clusterPath}/`, clusterPath],
  ])('finds the HTTP path in %j', (typed, meant) => {
    expect(offered(byToken({ httpPath: typed }), 'httpPath')).toBe(meant)
  })

  it.each([
    '',
    '/',
    'default',
    '/sql/1.0/warehouses/',
    '/sql/1.0/warehouses/../../api/2.0/token/create',
    '/sql/1.0/warehouses/abcdef0123456789/../../../api',
    '/sql/1.0/warehouses/abcdef0123456789%2f..',
    '/sql/1.0/warehouses/ab\r\nhost: evil.example',
    '/sql/protocolv1/o/../0923-164208-meows279',
    '/api/2.0/sql/statements',
  ])('refuses the HTTP path %j', typed => {
    expect(issuesOf(byToken({ httpPath: typed }))).toMatchObject([
      { path: 'httpPath', message: expect.stringContaining('/sql/1.0/warehouses/'), remedies: [] },
    ])
  })

  it.each<[Record<string, unknown>, string]>([
    [byToken({ auth: {} }), 'auth'],
    [byToken({ auth: { accessToken: { token }, oauthM2m: { clientId, clientSecret } } }), 'auth'],
    [byToken({ auth: { accessToken: { token: '' } } }), 'auth.accessToken.token'],
    [byToken({ auth: { accessToken: { token: 'dapi\r\nHost: evil.example' } } }), 'auth.accessToken.token'],
    // A client without a secret would make the driver open a browser, and listen on a port for its answer.
    [byClient({ auth: { oauthM2m: { clientId } } }), 'auth.oauthM2m.clientSecret'],
    [byClient({ auth: { oauthM2m: { clientId, clientSecret: '' } } }), 'auth.oauthM2m.clientSecret'],
    [byClient({ auth: { oauthM2m: { clientId: '', clientSecret } } }), 'auth.oauthM2m.clientId'],
    [byToken({ catalog: '' }), 'catalog'],
    [byToken({ catalog: 'a\0b' }), 'catalog'],
    [byToken({ schema: 'x'.repeat(256) }), 'schema'],
    [byToken({ caCertificates: '/etc/ssl/cert.pem' }), 'caCertificates'],
    [byToken({ limits: { connectTimeoutSeconds: 0 } }), 'limits.connectTimeoutSeconds'],
    // Options of the driver that no form passes on.
    ...['port', 'proxy', 'telemetryEnabled', 'useKernel', 'stagingAllowedLocalPath', 'azureTenantId'].map(
      (name): [Record<string, unknown>, string] => [byToken({ [name]: 'x' }), name],
    ),
  ])('refuses %#', (input, path) => {
    expect([...new Set(issuesOf(input).map(issue => issue.path))]).toEqual([path])
  })

  it('binds its secrets to the place that they go to', () => {
    const fields = formFields(databricks.form)
    expect(fields.filter(({ isDestination }) => isDestination).map(({ path }) => path)).toEqual([
      'host',
      'httpPath',
      'caCertificates',
    ])
    expect(fields.filter(({ isSecret }) => isSecret).map(({ path }) => path)).toEqual([
      'auth.oauthM2m.clientSecret',
      'auth.accessToken.token',
    ])
  })
})
