import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { OperatorAws } from '../../src/connectors/aws/identity.ts'
import type { QueryEnd, QueryOutcome } from '../../src/connectors/define.ts'
import type { ProblemCode } from '../../src/connectors/problem-table.ts'
import { s3 } from '../../src/connectors/s3/index.ts'
import { documentedActions } from '../connectors/aws/documented-policy.ts'
import { proves } from '../proofs/proves.ts'
import { environmentFor, runTypeQuery, runTypeTest } from '../servers/type-run.ts'
import { installMoto, motoPython } from './moto-install.ts'
import { type MotoKey, MotoServer } from './moto-server.ts'
import { installPyarrow, pyarrowPython } from './pyarrow-install.ts'
import { type WrittenFile, writtenFiles } from './written-files.ts'

const moto = await installMoto()
const pyarrow = await installPyarrow()
const region = 'eu-west-1'
const sts = `sts.${region}.amazonaws.com`
const externalId = 'patchbay-of-this-workspace'

if (moto.installed) describe('an S3 connector, on moto', onMoto)
else it('an S3 connector, on moto', context => context.skip(moto.reason))

for (const [name, installation, script, python] of [
  ['CSV, JSON and gzip', moto, 'write-text-files.py', motoPython],
  ['Parquet', pyarrow, 'write-parquet-files.py', pyarrowPython],
] as const) {
  const reasons = new Set([moto, installation].flatMap(each => (each.installed ? [] : [each.reason])))
  const reason = [...reasons].join(' ')
  if (reason !== '') it(`${name} that Python has written, on moto`, context => context.skip(reason))
  else {
    const written = await writtenFiles(python, script)
    describe(`${name} that Python has written, on moto`, () => onWrittenFiles(written))
  }
}

interface Step {
  readonly status: string
  readonly problem: { readonly code: string; readonly params: object; readonly remedies: readonly object[] } | null
}
type Steps = Readonly<Record<string, Step>>

const inputFor = (accessKey: MotoKey, change: object = {}) => ({
  bucket: 'sales',
  region,
  credentials: { accessKey },
  ...change,
})

const byKey = (key: string, query: object = {}) => ({ source: { key: { key } }, ...query })
const byPattern = (pattern: string, query: object = {}) => ({ source: { glob: { pattern } }, ...query })

function resultOf(outcome: QueryOutcome) {
  if (outcome.kind !== 'RESULT') throw new Error(JSON.stringify(outcome))
  return outcome.result
}

/** moto looks only at the actions of policies, and calls those of S3 as its API does. */
const listing = 's3:ListBucket'
const reading = 's3:GetObject'

function onMoto(): void {
  let server: MotoServer
  let reader: MotoKey
  let lister: MotoKey
  let fetcher: MotoKey
  let looker: MotoKey
  let documented: MotoKey
  let operator: MotoKey
  let roleArn: string

  beforeAll(async () => {
    server = await MotoServer.start()
    await server.addBucket('sales')
    await server.addBucket('elsewhere', 'eu-central-1')
    await server.putObject('sales', 'orders/2026-01.csv', 'item,price\nlamp,9.90\nchair,49.00\n')
    await server.putObject('sales', 'orders/2026-02.csv', 'item,price\ntable,99.00\n')
    await server.putObject('sales', 'orders/', '')
    await server.putObject('sales', 'refunds/2026-01.csv', 'item,reason\nlamp,broken\n')
    await server.putObject('sales', 'old/orders.csv', 'item\nlamp\n', { 'x-amz-storage-class': 'GLACIER' })
    await server.putObject('sales', 'damaged/orders.csv', 'item,price\n"lamp,9.90\n')
    await server.putObject('sales', 'damaged/orders.parquet', 'PAR1 and nothing more, PAR1')
    await server.putObject('sales', 'unnamed', 'item\nlamp\n')
    reader = await server.addUser('reader', [listing, reading])
    lister = await server.addUser('lister', [listing])
    fetcher = await server.addUser('fetcher', [reading])
    looker = await server.addUser('looker', ['s3:HeadBucket'])
    documented = await server.addUser('documented', documentedActions('s3'))
    operator = await server.addUser('operator', ['sts:AssumeRole'])
    roleArn = await server.addRole('patchbay', [listing, reading], externalId)
    await server.checkRights()
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  const nearMoto = (operatorAws?: OperatorAws) => ({
    network: { awsEndpoints: server.endpoints },
    ...(operatorAws && { operatorAws }),
  })
  // Steps of one key repeat, once for each endpoint.
  const test = async (accessKey: MotoKey, change: object = {}) =>
    (await runTypeTest(s3, inputFor(accessKey, change), nearMoto())) as Steps
  const testByRole = async (identity: MotoKey | null, id = externalId) =>
    (await runTypeTest(
      s3,
      inputFor(reader, { credentials: { assumeRole: { roleArn } } }),
      nearMoto({ identity, externalId: id }),
    )) as Steps
  const query = (accessKey: MotoKey, form: object, change: object = {}) =>
    runTypeQuery(s3, inputFor(accessKey, change), form, nearMoto())

  const statuses = (steps: Steps, ...ids: readonly string[]) => ids.map(id => steps[id]?.status)

  function expectProblem(steps: Steps, id: string, status: string, code: ProblemCode): Step['problem'] {
    expect(steps[id], JSON.stringify(steps)).toMatchObject({ status, problem: { code } })
    proves('S3', code, 'PUBLIC_IMPLEMENTATION')
    return steps[id]?.problem ?? null
  }

  function expectQueryProblem(outcome: QueryOutcome | QueryEnd, code: ProblemCode): void {
    expect(outcome).toMatchObject({ kind: 'PROBLEM', problem: { code } })
    proves('S3', code, 'PUBLIC_IMPLEMENTATION')
  }

  it('passes by an access key, and by a role with the external id of the workspace', async () => {
    const steps = await test(reader)
    expect(statuses(steps, `SIGN_IN:${sts}`, 'OPEN', 'READ')).toEqual(Array(3).fill('PASSED'))
    expect(JSON.stringify(steps[`SIGN_IN:${sts}`])).toContain('user/reader')
    expectProblem(steps, `SECURE:s3.${region}.amazonaws.com`, 'WARNING', 'CONNECTION_NOT_ENCRYPTED')
    expectProblem(steps, 'LEAST_PRIVILEGE', 'SKIPPED', 'PRIVILEGES_UNKNOWN')
    const byRole = await testByRole(operator)
    expect(statuses(byRole, `SIGN_IN:${sts}`, 'OPEN', 'READ')).toEqual(Array(3).fill('PASSED'))
    expect(JSON.stringify(byRole[`SIGN_IN:${sts}`])).toContain('assumed-role/patchbay')
  })

  it('passes with the actions that its page gives to an account, and reads', async () => {
    const steps = await test(documented)
    expect(
      ['OPEN', 'READ'].map(id => steps[id]?.status),
      JSON.stringify(steps),
    ).toEqual(['PASSED', 'PASSED'])
    const input = inputFor(documented)
    expect(resultOf(await runTypeQuery(s3, input, byPattern('orders/*.csv'), nearMoto())).rows).toHaveLength(3)
  })

  it('is refused a role by another external id, and by an identity that nobody has', async () => {
    expectProblem(await testByRole(operator, 'patchbay-of-another'), `SIGN_IN:${sts}`, 'FAILED', 'CLOUD_ROLE_REFUSED')
    const nobody = { accessKeyId: 'AKIAI44QH8DHBEXAMPLE', secretAccessKey: 'x' }
    expectProblem(await testByRole(nobody), `SIGN_IN:${sts}`, 'FAILED', 'OPERATOR_IDENTITY_MISSING')
  })

  it('names a wrong secret, an unknown key, a missing bucket and one of another region', async () => {
    const wrong = await test({ ...reader, secretAccessKey: 'wrong' })
    expectProblem(wrong, `SIGN_IN:${sts}`, 'FAILED', 'CLOUD_CREDENTIALS_REJECTED')
    const unknown = await test({ ...reader, accessKeyId: 'AKIAI44QH8DHBEXAMPLE' })
    expectProblem(unknown, `SIGN_IN:${sts}`, 'FAILED', 'CLOUD_CREDENTIALS_REJECTED')
    expectProblem(await test(reader, { bucket: 'nowhere' }), 'OPEN', 'FAILED', 'CLOUD_RESOURCE_NOT_FOUND')
    // moto lists a bucket in any region: only its head says where it is.
    const elsewhere = expectProblem(
      await test(looker, { bucket: 'elsewhere' }),
      'OPEN',
      'FAILED',
      'CLOUD_REGION_MISMATCH',
    )
    expect(elsewhere?.remedies).toMatchObject([{ kind: 'SET_FIELD', field: 'region', value: 'eu-central-1' }])
  })

  it('names the right that is missing: to list, or to read', async () => {
    const unlisted = expectProblem(await test(fetcher), 'OPEN', 'WARNING', 'CLOUD_ACCESS_DENIED')
    expect(unlisted?.params).toMatchObject({ action: listing })
    const unread = expectProblem(await test(lister), 'READ', 'FAILED', 'CLOUD_ACCESS_DENIED')
    expect(unread?.params).toMatchObject({ action: reading })
    expectQueryProblem(await query(fetcher, byPattern('orders/*.csv')), 'CLOUD_ACCESS_DENIED')
    expectQueryProblem(await query(lister, byKey('orders/2026-01.csv')), 'CLOUD_ACCESS_DENIED')
    // Who knows the key need not list.
    expect(resultOf(await query(fetcher, byKey('orders/2026-02.csv'))).rows).toEqual([['table', '99.00']])
  })

  it('reads an object, and all that match a pattern', async () => {
    const one = resultOf(await query(reader, byKey('orders/2026-01.csv')))
    expect(one.columns.map(({ name }) => name)).toEqual(['item', 'price'])
    expect(one.rows).toEqual([
      ['lamp', '9.90'],
      ['chair', '49.00'],
    ])
    const all = resultOf(await query(reader, byPattern('orders/*.csv')))
    expect(all.columns.map(({ name }) => name)).toEqual(['_object', 'item', 'price'])
    expect(all.rows).toEqual([
      ['orders/2026-01.csv', 'lamp', '9.90'],
      ['orders/2026-01.csv', 'chair', '49.00'],
      ['orders/2026-02.csv', 'table', '99.00'],
    ])
  })

  it('names what cannot be read of objects', async () => {
    expectQueryProblem(await query(reader, byKey('orders/2026-03.csv')), 'NO_OBJECT_MATCHES')
    expectQueryProblem(await query(reader, byPattern('orders/2025-*.csv')), 'NO_OBJECT_MATCHES')
    const outside = await query(reader, byKey('refunds/2026-01.csv'), { prefix: 'orders/' })
    expectQueryProblem(outside, 'OBJECT_OUTSIDE_PREFIX')
    expectQueryProblem(await query(reader, byKey('old/orders.csv')), 'OBJECT_ARCHIVED')
    expectQueryProblem(await query(reader, byKey('unnamed')), 'FILE_FORMAT_UNKNOWN')
    expectQueryProblem(await query(reader, byKey('damaged/orders.csv')), 'FILE_MALFORMED')
    expectQueryProblem(await query(reader, byKey('damaged/orders.parquet')), 'FILE_MALFORMED')
    expectQueryProblem(await query(reader, byPattern('*/2026-01.csv')), 'FILES_DIFFER')
    expectQueryProblem(await query(reader, byKey('orders/2026-01.csv', { columns: ['color'] })), 'QUERY_INVALID')
  })

  it('notices that an object is replaced while others are read', async () => {
    const form = byPattern('orders/*.csv')
    const { runQuery } = await s3.loadQuery()
    const environment = await environmentFor(nearMoto())
    const end = await runQuery(
      s3.form.schema.parse(inputFor(reader)),
      s3.queryForm.schema.parse(form),
      { signal: new AbortController().signal, environment, limits: { maxRows: 100, maxBytes: 1_048_576 } },
      {
        columns: () => {},
        rows: async () => {
          await server.trustEverybody()
          await server.putObject('sales', 'orders/2026-02.csv', 'item,price\nsofa,199.00\n')
          await server.checkRights()
          return true
        },
        json: () => Promise.reject(new Error('Files have rows.')),
      },
    )
    expectQueryProblem(end, 'OBJECT_CHANGED')
  })

  it('reads objects whose keys have spaces, plus signs, empty parts and any script', async () => {
    const keys = [
      ' leading.csv',
      '+.csv',
      '%2F %41.csv',
      '/begins with a slash.csv',
      'a b+c.csv',
      'empty//part.csv',
      'key=value/year=2026/a&b=c.csv',
      'q?a#b;c:d,e@f$g.csv',
      'with*star?.csv',
      'ärger.csv',
      'e\u0301 and \u00e9.csv',
      '日本/語 😀.csv',
    ]
    // It signs keys like these in another way than AWS does.
    await server.trustEverybody()
    await server.addBucket('odd-keys')
    for (const [index, key] of keys.entries()) await server.putObject('odd-keys', key, `n\n${index}\n`)
    const rows = async (form: object) => resultOf(await query(reader, form, { bucket: 'odd-keys' })).rows
    for (const [index, key] of keys.entries()) expect(await rows(byKey(key)), key).toEqual([[String(index)]])
    const all = keys.map((key, index) => [key, String(index)])
    expect((await rows(byPattern('**'))).toSorted()).toEqual(all.toSorted())
    expect(await rows(byPattern('with\\*star\\?.c*'))).toEqual([['with*star?.csv', '8']])
    await server.checkRights()
  })
}

function onWrittenFiles(written: readonly WrittenFile[]): void {
  let server: MotoServer
  let reader: MotoKey

  beforeAll(async () => {
    server = await MotoServer.start()
    await server.addBucket('sales')
    for (const { file, content } of written) await server.putObject('sales', file, content)
    reader = await server.addUser('reader', [listing, reading])
    await server.checkRights()
  })
  afterAll(() => server?.[Symbol.asyncDispose]())

  it.each(written)('$file reads as what Python has written', async ({ file, query, columns, rows }) => {
    const outcome = await runTypeQuery(s3, inputFor(reader), byKey(file, query), {
      network: { awsEndpoints: server.endpoints },
      limits: { maxRows: 100_000, maxBytes: 64 * 1_048_576 },
    })
    const result = resultOf(outcome)
    expect(result.columns.map(({ name }) => name)).toEqual(columns)
    expect(result.rows).toEqual(rows)
  })
}
