import { describe, expect, it } from 'vitest'
import { formFields } from '../../../src/connectors/form-fields.ts'
import { validateForm } from '../../../src/connectors/form-validation.ts'
import { s3 } from '../../../src/connectors/s3/index.ts'
import { issueCertificate } from '../../servers/certificates.ts'
import { accessKey, byGlob, byKey, byRole, inputOf, region, roleArn, s3Name, sts } from './s3-run.ts'

const root = issueCertificate({ commonName: 'Test Root', authority: true })
const endpoint = 'https://minio.example.com:9000'

const judge = (input: unknown) => {
  const result = validateForm(s3.form, input)
  return result.ok
    ? []
    : result.issues.map(({ path, message }) => ({ path: Array.isArray(path) ? path.join('.') : path, message }))
}
const judgeQuery = (input: unknown) => {
  const result = validateForm(s3.queryForm, input)
  return result.ok ? [] : result.issues.map(({ path }) => (Array.isArray(path) ? path.join('.') : path))
}

describe('the form of an S3 connector', () => {
  it('needs a bucket, a region and somebody who asks, and nothing else', () => {
    const result = validateForm(s3.form, inputOf())
    expect(result).toMatchObject({ ok: true, value: { bucket: 'sales', region } })
    expect(judge({}).map(({ path }) => path)).toEqual(['bucket', 'region', 'credentials'])
  })

  it.each([
    inputOf(byRole),
    inputOf({ bucket: 'a.b-c.3' }),
    inputOf({ bucket: 'abc' }),
    inputOf({ bucket: 'x'.repeat(63) }),
    inputOf({ prefix: 'exports/2026/ü + é &?#/' }),
    inputOf({ prefix: '/' }),
    inputOf({ prefix: 'a..b/...c' }),
    inputOf({ region: 'us-gov-west-1' }),
    inputOf({ endpoint }),
    inputOf({ endpoint, caCertificates: root.certificate }),
    inputOf({ endpoint: 'http://[2001:db8::1]:9000' }),
  ])('takes %j', input => {
    expect(judge(input)).toEqual([])
  })

  const nameOfBucket = 'Give the name of a bucket, such as "sales-exports".'
  const barePlace = 'Give only scheme, host and port, such as "https://minio.example.com:9000".'
  it.each<readonly [string, string]>([
    // Whose bucket it is, and where, must not be said by its name.
    [
      'arn:aws:s3:eu-west-1:123456789012:accesspoint/theirs',
      'Give the name of a bucket: access points and other ARNs are not supported.',
    ],
    [
      'arn:aws:s3-object-lambda:eu-west-1:123456789012:accesspoint/theirs',
      'Give the name of a bucket: access points and other ARNs are not supported.',
    ],
    ['arn:aws:s3:::theirs', 'Give the name of a bucket: access points and other ARNs are not supported.'],
    // Names that lead to something else than a bucket's objects as they are.
    ...['theirs--euw1-az1--x-s3', 'theirs-x1y2z3-s3alias', 'theirs--ol-s3', 'theirs--table-s3', 'theirs.mrap'].map(
      (name): readonly [string, string] => [
        name,
        'Give the name of a general purpose bucket: this is a directory bucket, a table bucket or an access point.',
      ],
    ),
    ...[
      'a@evil.com',
      'evil.com/x#',
      'evil.com:443',
      '127.0.0.1',
      '169.254.169.254',
      '2001:db8::1',
      '..',
      'a..b',
      '.abc',
      'abc.',
      '-abc',
      'abc-',
      'ab',
      'x'.repeat(64),
      'Sales',
      'sales_exports',
      'sales exports',
      'sales/exports',
      'sales%2f',
      'sales?x=1',
      'sales\0',
      'sales\n',
      '../sales',
      's3://sales',
      'bücket',
      '',
    ].map(bucket => [bucket, nameOfBucket] as const),
  ])('refuses the bucket %j', (bucket, message) => {
    expect(judge(inputOf({ bucket }))).toEqual([{ path: 'bucket', message }])
  })

  it.each([
    'x@evil.com:443/#',
    'localhost',
    'eu-west-1.evil.com',
    'eu-west-1/..',
    'EU-WEST-1',
    'us-iso-east-1',
    '',
    'eu-west-1\n',
    's3',
  ])('refuses the region %j', bad => {
    expect(judge(inputOf({ region: bad })).map(({ path }) => path)).toContain('region')
  })

  it.each([
    ['a\0b', 'Remove the NUL character.'],
    ['exports/../../other', 'Remove the parts "." and "..".'],
    ['..', 'Remove the parts "." and "..".'],
    ['./x', 'Remove the parts "." and "..".'],
    ['\ud800', 'Remove the characters that are not valid Unicode.'],
    ['é'.repeat(600), 'Give no more than 1024 bytes: keys are not longer.'],
  ])('refuses the prefix %j', (prefix, message) => {
    expect(judge(inputOf({ prefix }))).toContainEqual({ path: 'prefix', message })
  })

  it.each([
    'minio.example.com:9000',
    'ftp://minio.example.com',
    'file:///etc/passwd',
    'https://minio.example.com/path',
    'https://minio.example.com/?x=1',
    'https://minio.example.com/#x',
    'https://ann:secret@minio.example.com',
    'https://ann@minio.example.com',
    'https://',
    'https://mini o.example.com',
    'javascript:alert(1)',
    'https://minio.example.com:99999',
    // A URL is not what is typed: these are 127.0.0.1 and 8.0.0.5 to some, and other hosts to others.
    'http://010.0.0.5',
    'http://0x7f.1',
    'http://2130706433',
    'http://127.1',
    'http://①②⑦.0.0.1',
    'https:minio.example.com',
    'https:///minio.example.com',
    'https:\\\\minio.example.com',
    ' https://minio.example.com',
    'https://mi\tnio.example.com',
    'https://[fe80::1%25eth0]',
  ])('refuses the endpoint %j', bad => {
    expect(judge(inputOf({ endpoint: bad }))).toEqual([{ path: 'endpoint', message: barePlace }])
  })

  it('lets no role be assumed for a server that is none of AWS', () => {
    expect(judge(inputOf({ endpoint, ...byRole }))).toEqual([
      {
        path: 'credentials.assumeRole',
        message: 'Roles are known to AWS alone: give an access key of the endpoint.',
      },
    ])
  })

  it('takes authorities only for such a server, and only as PEM', () => {
    const [issue, ...others] = judge(inputOf({ caCertificates: root.certificate }))
    expect([issue?.path, others]).toEqual(['caCertificates', []])
    expect(judge(inputOf({ endpoint, caCertificates: '/etc/passwd' })).map(({ path }) => path)).toEqual([
      'caCertificates',
    ])
  })

  it('lets nobody choose the external id, nor keys of the machine', () => {
    for (const credentials of [
      { assumeRole: { roleArn, externalId: 'theirs' } },
      { accessKey, assumeRole: { roleArn } },
      { profile: 'default' },
      { accessKey: { ...accessKey, secretAccessKey: '' } },
      { accessKey: { ...accessKey, accessKeyId: '' } },
      {},
    ]) {
      expect(judge(inputOf({ credentials })), JSON.stringify(credentials)).not.toEqual([])
    }
  })

  it('sends secrets nowhere else without asking for them again', () => {
    const destinations = formFields(s3.form).filter(({ isDestination }) => isDestination)
    expect(destinations.map(({ path }) => path)).toEqual(['bucket', 'region', 'endpoint', 'caCertificates'])
  })

  it('needs the operator for roles, and for nothing else', () => {
    const assumes = (input: unknown) => s3.assumesRole?.(s3.form.schema.parse(input) as never)
    expect(assumes(inputOf(byRole))).toBe(true)
    expect(assumes(inputOf())).toBe(false)
  })
})

describe('the form of an S3 dataset', () => {
  it.each([
    byKey('a'),
    byKey('exports/ü + é & "quotes" %2F.csv'),
    byKey('ends/with/'),
    byKey('\u0001\t\n'),
    byKey('k'.repeat(1_024)),
    byKey('é'.repeat(512)),
    byGlob('**'),
    byGlob('a\\*b?c/**/*.csv'),
    byKey('a', { csv: { delimiter: '\t', quote: "'", escape: '\\', header: false, skipLines: 3 } }),
    byKey('a', { columns: ['a', 'a b'], json: { records: 'data.items' } }),
  ])('takes %j', query => {
    expect(judgeQuery(query)).toEqual([])
  })

  it.each([
    [byKey(''), 'source.key.key'],
    [byKey('a\0'), 'source.key.key'],
    [byKey('../a'), 'source.key.key'],
    [byKey('a/./b'), 'source.key.key'],
    [byKey('k'.repeat(1_025)), 'source.key.key'],
    [byKey('é'.repeat(513)), 'source.key.key'],
    [byKey('\udc00'), 'source.key.key'],
    [byGlob(''), 'source.glob.pattern'],
    [byGlob('a\\b'), 'source.glob.pattern'],
    [byGlob('a\\'), 'source.glob.pattern'],
    [byGlob('*/../*'), 'source.glob.pattern'],
    [{ source: {} }, 'source'],
    [{ source: { key: { key: 'a' }, glob: { pattern: 'a' } } }, 'source'],
    [byKey('a', { format: 'EXCEL' }), 'format'],
    [byKey('a', { csv: { delimiter: ',,' } }), 'csv.delimiter'],
    [byKey('a', { csv: { quote: '' } }), 'csv.quote'],
    [byKey('a', { csv: { delimiter: '\n' } }), 'csv.delimiter'],
    [byKey('a', { csv: { skipLines: -1 } }), 'csv.skipLines'],
    [byKey('a', { csv: { encoding: 'UTF_7' } }), 'csv.encoding'],
    [byKey('a', { columns: ['\0'] }), 'columns.0'],
    [byKey('a', { json: { records: '' } }), 'json.records'],
  ])('refuses %j at %s', (query, path) => {
    expect(judgeQuery(query).some(found => found.startsWith(path))).toBe(true)
  })
})

describe('the plan of an S3 connector', () => {
  const planned = (input: unknown) => s3.plan(s3.form.schema.parse(input) as never).map(({ id }) => id)
  const wayTo = (target: string) => ['RESOLVE', 'EGRESS', 'CONNECT', 'SECURE'].map(key => `${key}:${target}`)
  const work = ['OPEN', 'READ', 'LEAST_PRIVILEGE']

  it('asks STS first, then S3 of the region', () => {
    const expected = [...wayTo(sts), `SIGN_IN:${sts}`, ...wayTo(s3Name), ...work]
    expect(planned(inputOf())).toEqual(expected)
    expect(planned(inputOf(byRole))).toEqual(expected)
  })

  it('never has the name of the bucket in a name that is looked up', () => {
    expect(planned(inputOf({ bucket: 'looked-up' })).join(' ')).not.toContain('looked-up')
  })

  it('asks nobody but the server where that is none of AWS', () => {
    const target = 'minio.example.com:9000'
    expect(planned(inputOf({ endpoint }))).toEqual([...wayTo(target), `SIGN_IN:${target}`, ...work])
  })
})
