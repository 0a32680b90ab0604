import type { QueryOutcome, Row } from '../../../src/connectors/define.ts'
import { httpApi } from '../../../src/connectors/http-api/index.ts'
import type { Problem } from '../../../src/connectors/problem.ts'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { issueCertificate } from '../../servers/certificates.ts'
import type { HttpApiDouble } from '../../servers/http-api-double.ts'
import { type QueryOptions, type RunOptions, runTypeQuery, runTypeTest } from '../../servers/type-run.ts'
import { expectationsOf } from '../type-expectations.ts'

export const root = issueCertificate({ commonName: 'API Double Root', authority: true })
/** Of a server on this machine that speaks TLS. */
export const certificate = issueCertificate({
  commonName: 'server',
  issuer: root,
  names: ['127.0.0.1', 'localhost', 'api.test', 'other.test'],
  usage: 'server',
})
export const trusting = { tls: { caCertificates: root.certificate } }

export const { expectQueryProblem } = expectationsOf('HTTP_API')

/** A form's input that leads to a server, with what a case changes. */
export const inputFor = ({ baseUrl }: Pick<HttpApiDouble, 'baseUrl'>, change: object = {}) => ({
  baseUrl,
  auth: { none: true },
  ...change,
})

export interface ApiTest {
  /** By step id, in the order of the plan. */
  readonly reports: Awaited<ReturnType<typeof runTypeTest>>
  /** Ids of the plan's steps by where they are found in it, as `READ`, and as `SIGN_IN` for the one of the token. */
  readonly ids: readonly string[]
  /** Asserts that the test failed first at the last step with this key; answers its problem. */
  failsAt(key: string, code: ProblemCode): Problem
  /** Asserts that all steps ran, and answers what they warned of, by key. */
  passes(): Readonly<Record<string, ProblemCode>>
}

export async function testApi(input: object, options: RunOptions = {}): Promise<ApiTest> {
  const ids = httpApi.plan(httpApi.form.schema.parse(input)).map(({ id }) => id)
  const reports = await runTypeTest(httpApi, input, options)
  const { expectFailure, expectPass } = expectationsOf<string>('HTTP_API', ids)
  const byId = reports as Readonly<Record<string, NonNullable<(typeof reports)['READ']>>>
  const keyOf = (id: string) => id.split(':')[0] ?? ''
  return {
    reports,
    ids,
    failsAt: (key, code) => expectFailure(byId, ids.findLast(id => keyOf(id) === key) ?? key, code, 'DOUBLE'),
    passes: () => Object.fromEntries(Object.entries(expectPass(byId)).map(([id, code]) => [keyOf(id), code])) as never,
  }
}

export const queryApi = (input: object, query: object, options: QueryOptions = {}): Promise<QueryOutcome> =>
  runTypeQuery(httpApi, input, query, options)

/** The rows of a query that has to succeed, each as an object. */
export function recordsOf(outcome: QueryOutcome): readonly Readonly<Record<string, unknown>>[] {
  const { columns, rows } = resultOf(outcome)
  return rows.map(row => Object.fromEntries(columns.map(({ name }, index) => [name, row[index]])))
}

/** The values of one column. */
export const valuesOf = (outcome: QueryOutcome, name = 'id'): readonly unknown[] =>
  recordsOf(outcome).map(record => record[name])

export function resultOf(outcome: QueryOutcome) {
  if (outcome.kind !== 'RESULT') throw new Error(JSON.stringify(outcome.problem))
  return outcome.result
}

export const rowsOf = (outcome: QueryOutcome): readonly Row[] => resultOf(outcome).rows
