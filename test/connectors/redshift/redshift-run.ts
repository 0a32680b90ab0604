import type { QueryOutcome } from '../../../src/connectors/define.ts'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { redshift } from '../../../src/connectors/redshift/index.ts'
import { proves } from '../../proofs/proves.ts'
import type { AwsDouble } from '../../servers/aws-double.ts'
import type { RedshiftFacade } from '../../servers/redshift-facade.ts'
import { type QueryOptions, type Reports, type RunOptions, runTypeQuery, runTypeTest } from '../../servers/type-run.ts'
import { expectationsOf } from '../type-expectations.ts'

export const { expectFailure, expectProblem, expectQueryProblem, expectPass } = expectationsOf('REDSHIFT')

/** Notes a problem that the caller has seen at a step of an endpoint of AWS, which is always a double here. */
export const proved = (code: ProblemCode): void => proves('REDSHIFT', code, 'DOUBLE')

export const testRedshift = (input: unknown, options: RunOptions = {}): Promise<Reports> =>
  runTypeTest(redshift, input, options)

export const queryRedshift = (input: unknown, query: unknown, options: QueryOptions = {}): Promise<QueryOutcome> =>
  runTypeQuery(redshift, input, query, options)

/** A form's input that leads to the facade by password. */
export const inputFor = (
  { port }: Pick<RedshiftFacade, 'port'>,
  username: string,
  password = 'pw',
  change: Readonly<Record<string, unknown>> = {},
) => ({
  host: '127.0.0.1',
  port,
  auth: { password: { username, password } },
  tls: { mode: 'DISABLE' },
  ...change,
})

export const accessKey = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'access-key-secret-3Wq' }
export const knownKeys = { [accessKey.accessKeyId]: { secret: accessKey.secretAccessKey } }
export const region = 'eu-west-1'

/** Surroundings in which all of AWS is at the double. */
export const nearAws = (double: AwsDouble, options: RunOptions = {}): RunOptions => ({
  ...options,
  network: { ...options.network, awsEndpoints: double.endpoints },
})
