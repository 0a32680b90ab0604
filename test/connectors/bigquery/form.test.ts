import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { bigquery } from '../../../src/connectors/bigquery/index.ts'
import { formFields } from '../../../src/connectors/form-fields.ts'
import { validateForm } from '../../../src/connectors/form-validation.ts'
import { changedKey } from '../../servers/google-accounts.ts'
import { byImpersonation, byKey, byToken, helper, project, reader } from './bigquery-run.ts'

const { form } = bigquery
const keyField = 'auth.serviceAccountKey.json'
const withKey = (json: string) => byKey({ auth: { serviceAccountKey: { json } } })
const changed = (change: Readonly<Record<string, unknown>>) => withKey(changedKey(reader, change))

function issuesOf(input: unknown) {
  const result = validateForm(form, input)
  return result.ok ? [] : result.issues
}

const otherKey = (type: 'ec' | 'ed25519') =>
  (type === 'ec' ? generateKeyPairSync('ec', { namedCurve: 'P-256' }) : generateKeyPairSync('ed25519')).privateKey
    .export({ type: 'pkcs8', format: 'pem' })
    .toString()

/** Kinds of files that tell Google's libraries where to get credentials from. */
const elsewhere: Readonly<Record<string, object>> = {
  external_account: {
    audience: '//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q',
    subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
    token_url: 'https://evil.example/token',
    credential_source: { file: '/etc/passwd', url: 'http://169.254.169.254/', executable: { command: '/bin/id' } },
  },
  external_account_authorized_user: { token_url: 'https://evil.example/token', refresh_token: 'refresh-9Wq' },
  authorized_user: { client_id: 'c', client_secret: 'client-secret-4Tx', refresh_token: 'refresh-token-7Lp' },
  impersonated_service_account: {
    service_account_impersonation_url: 'https://evil.example/v1/x:generateAccessToken',
    source_credentials: { type: 'authorized_user', refresh_token: 'refresh-token-7Lp' },
  },
  gdch_service_account: { token_uri: 'https://evil.example/token', ca_cert_path: '/etc/passwd' },
}

describe('the form of a BigQuery connector', () => {
  it('needs no more than a project and who asks, and caps what a query may cost', () => {
    const result = validateForm(form, { projectId: project, auth: { serviceAccountKey: { json: reader.key.json } } })
    expect(result).toMatchObject({
      ok: true,
      value: {
        maximumBytesBilled: 1_073_741_824,
        dialect: 'STANDARD',
        limits: { connectTimeoutSeconds: 10, statementTimeoutSeconds: 60 },
      },
    })
  })

  it.each([
    byKey(),
    byImpersonation(),
    byToken(),
    byKey({ projectId: '123456789012' }),
    byKey({ projectId: 'example.com:old-project' }),
    byKey({ location: 'US' }),
    byKey({ location: 'europe-west1' }),
    byKey({ location: 'northamerica-northeast2' }),
    byKey({ dataProjectId: 'bigquery-public-data', defaultDataset: 'usa_names' }),
    byKey({ maximumBytesBilled: 10 * 2 ** 20 }),
    changed({ universe_domain: 'googleapis.com' }),
    // As it comes out of a form that has broken the lines of the key.
    withKey(reader.key.json.replaceAll('\\n', '\n')),
    withKey(` \n${reader.key.json}\n`),
    withKey(`\ufeff${reader.key.json}`),
    withKey(`\ufeff${reader.key.json.replaceAll('\\n', '\r\n')}`),
  ])('takes input %#', input => {
    expect(issuesOf(input)).toEqual([])
  })

  it.each<[unknown, string, RegExp]>([
    [byKey({ projectId: 'My Project' }), 'projectId', /not its name/],
    [byKey({ projectId: '../../x' }), 'projectId', /such as/],
    [byKey({ projectId: 'acme-analytics/datasets/x' }), 'projectId', /such as/],
    [byKey({ projectId: 'acme-analytics?alt=media' }), 'projectId', /such as/],
    [byKey({ projectId: undefined }), 'projectId', /./],
    [byKey({ dataProjectId: 'x@evil.example' }), 'dataProjectId', /such as/],
    [byKey({ location: 'EU; DROP' }), 'location', /such as/],
    [byKey({ location: 'eu/../x' }), 'location', /such as/],
    [byKey({ defaultDataset: 'sales.numbers' }), 'defaultDataset', /dataset alone/],
    [byKey({ defaultDataset: 'sales/../x' }), 'defaultDataset', /dataset alone/],
    [byKey({ maximumBytesBilled: 0 }), 'maximumBytesBilled', /./],
    [byKey({ maximumBytesBilled: 10 * 2 ** 20 - 1 }), 'maximumBytesBilled', /./],
    [byKey({ maximumBytesBilled: 1e300 }), 'maximumBytesBilled', /./],
    [byKey({ auth: {} }), 'auth', /Give one of/],
    [
      byKey({ auth: { serviceAccountKey: { json: reader.key.json }, accessToken: { token: 'x' } } }),
      'auth',
      /Give only one of/,
    ],
    [withKey('key.json'), keyField, /whole content/],
    [withKey('[]'), keyField, /whole content/],
    [withKey('{}'), keyField, /service_account/],
    [withKey(`${reader.key.json.slice(0, -9)}`), keyField, /whole content/],
    [withKey(changedKey(reader, { padding: 'x'.repeat(16_384) })), keyField, /./],
    [changed({ client_email: 'reader@example.com' }), keyField, /client_email/],
    [changed({ client_email: 'a"b@acme.iam.gserviceaccount.com' }), keyField, /client_email/],
    [changed({ client_email: 7 }), keyField, /client_email/],
    [changed({ universe_domain: 'evil.example' }), keyField, /universe_domain/],
    [changed({ private_key_id: undefined }), keyField, /private_key_id/],
    [changed({ private_key: undefined }), keyField, /private_key/],
    [
      changed({ private_key: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n' }),
      keyField,
      /private_key/,
    ],
    [changed({ private_key: otherKey('ec') }), keyField, /private_key/],
    [changed({ private_key: otherKey('ed25519') }), keyField, /private_key/],
    [changed({ private_key: '/etc/passwd' }), keyField, /private_key/],
    [
      byImpersonation({ auth: { impersonate: { targetServiceAccount: 'ann@example.com', json: helper.key.json } } }),
      'auth.impersonate.targetServiceAccount',
      /e-mail address/,
    ],
    [
      byImpersonation({
        auth: { impersonate: { targetServiceAccount: 'x/../y@p.iam.gserviceaccount.com', json: helper.key.json } },
      }),
      'auth.impersonate.targetServiceAccount',
      /e-mail address/,
    ],
    [byToken({ auth: { accessToken: { token: 'a b' } } }), 'auth.accessToken.token', /characters/],
    [byToken({ auth: { accessToken: { token: 'a\r\nHost: evil' } } }), 'auth.accessToken.token', /characters/],
    [byKey({ dialect: 'LEGACY' }), 'dialect', /./],
    // Not the client's: other servers, files and universes.
    [byKey({ apiEndpoint: 'https://evil.example' }), 'apiEndpoint', /./],
    [byKey({ keyFilename: '/etc/passwd' }), 'keyFilename', /./],
    [byKey({ universeDomain: 'evil.example' }), 'universeDomain', /./],
    [byKey({ caCertificates: 'nonsense' }), 'caCertificates', /./],
  ])('refuses input %# at %s', (input, path, message) => {
    const issue = issuesOf(input).find(each => each.path === path)
    expect(issue?.message).toMatch(message)
  })

  it.each(Object.entries(elsewhere))('takes no file of type %s, whatever else is in it', (type, more) => {
    for (const json of [changedKey(reader, { ...more, type }), JSON.stringify({ type, ...more })]) {
      const issues = issuesOf(withKey(json))
      expect(issues.map(({ path }) => path)).toEqual([keyField])
      expect(
        issuesOf(byImpersonation({ auth: { impersonate: { targetServiceAccount: reader.email, json } } })),
      ).toHaveLength(1)
    }
  })

  it('says which project was meant, where that can be seen', () => {
    for (const projectId of [
      ' Acme-Analytics ',
      'https://console.cloud.google.com/bigquery?project=acme-analytics&x=1',
    ]) {
      expect(issuesOf(byKey({ projectId })).find(({ path }) => path === 'projectId')?.remedies).toMatchObject([
        { kind: 'SET_FIELD', field: 'projectId', value: project },
      ])
    }
  })

  it('repeats nothing of a key that it does not take', () => {
    const secrets = [reader.key.id, reader.email, 'client-secret-4Tx', 'refresh-token-7Lp']
    const inputs = [
      ...Object.entries(elsewhere).map(([type, more]) => changed({ ...more, type })),
      changed({ client_email: 'secret-account@example.com' }),
      changed({ private_key: reader.key.privateKey.slice(0, 300) }),
    ]
    for (const input of inputs) {
      const said = JSON.stringify(issuesOf(input))
      for (const secret of [...secrets, 'secret-account', reader.key.privateKey.slice(40, 80)])
        expect(said).not.toContain(secret)
    }
  })

  it('keeps keys and tokens as secrets, which are asked for again where they would go elsewhere', () => {
    const fields = formFields(form)
    expect(fields.filter(({ isSecret }) => isSecret).map(({ path }) => path)).toEqual([
      'auth.serviceAccountKey.json',
      'auth.impersonate.json',
      'auth.accessToken.token',
    ])
    expect(fields.filter(({ isDestination }) => isDestination).map(({ path }) => path)).toEqual([
      'projectId',
      'caCertificates',
    ])
  })
})
