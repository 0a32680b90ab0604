import type { StepKey } from '../../../src/connectors/connection-test.ts'
import type { QueryOutcome } from '../../../src/connectors/define.ts'
import type { Problem } from '../../../src/connectors/problem.ts'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { s3 } from '../../../src/connectors/s3/index.ts'
import { AwsDouble, type AwsDoubleOptions } from '../../servers/aws-double.ts'
import { S3Double, type S3DoubleOptions } from '../../servers/s3-double.ts'
import { type QueryOptions, type Reports, type RunOptions, runTypeQuery, runTypeTest } from '../../servers/type-run.ts'
import { expectationsOf } from '../type-expectations.ts'

export const accessKey = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'access-key-secret-3Wq' }
export const temporaryKey = {
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'temporary-secret-4Rt',
  sessionToken: 'temporary-token-7Hn',
}
/** Patchbay's own. */
export const identity = {
  accessKeyId: 'ASIAOPERATOROPERATOR',
  secretAccessKey: 'operator-secret-9Pw',
  sessionToken: 'operator-token-2Lk',
}
export const operatorAws = { identity, externalId: 'patchbay-external-id' }
export const roleArn = 'arn:aws:iam::111122223333:role/patchbay'

export const region = 'eu-west-1'
/** Targets of the plan's steps. */
export const sts = `sts.${region}.amazonaws.com`
export const s3Name = `s3.${region}.amazonaws.com`

const known = ({ accessKeyId, secretAccessKey: secret, ...token }: typeof accessKey | typeof temporaryKey) => ({
  [accessKeyId]: { secret, ...token },
})
/** Who may sign requests. */
export const knownKeys = { ...known(accessKey), ...known(temporaryKey), ...known(identity) }

/** STS and IAM, and S3 with a bucket `sales`. */
export class S3World implements AsyncDisposable {
  readonly s3: S3Double
  readonly aws: AwsDouble

  private constructor(double: S3Double, aws: AwsDouble) {
    this.s3 = double
    this.aws = aws
  }

  static async start(options: S3DoubleOptions = {}, aws: AwsDoubleOptions = {}): Promise<S3World> {
    return new S3World(
      await S3Double.start({ keys: knownKeys, ...options }),
      await AwsDouble.start({ keys: knownKeys, externalId: operatorAws.externalId, ...aws }),
    )
  }

  /** Surroundings in which all of AWS is here. */
  near<O extends RunOptions | QueryOptions>(options: O): O {
    const awsEndpoints = { ...this.aws.endpoints, s3: this.s3.url }
    return { operatorAws, ...options, network: { awsEndpoints, ...options.network } }
  }

  test(change: Readonly<Record<string, unknown>> = {}, options: RunOptions = {}): Promise<Reports> {
    return testS3(inputOf(change), this.near(options))
  }

  query(
    query: Readonly<Record<string, unknown>>,
    options: QueryOptions = {},
    change: Readonly<Record<string, unknown>> = {},
  ): Promise<QueryOutcome> {
    return queryS3(inputOf(change), query, this.near(options))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.s3[Symbol.asyncDispose]()
    await this.aws[Symbol.asyncDispose]()
  }
}

/** A form's input, by access key. */
export const inputOf = (change: Readonly<Record<string, unknown>> = {}) => ({
  bucket: 'sales',
  region,
  credentials: { accessKey },
  ...change,
})

export const byRole = { credentials: { assumeRole: { roleArn } } }

/** A form's input that leads to a server that is none of AWS'. */
export const foreignInput = ({ url }: Pick<S3Double, 'url'>, change: Readonly<Record<string, unknown>> = {}) =>
  inputOf({ endpoint: url, ...change })

export const testS3 = (input: unknown, options: RunOptions = {}): Promise<Reports> => runTypeTest(s3, input, options)

export const queryS3 = (input: unknown, query: unknown, options: QueryOptions = {}): Promise<QueryOutcome> =>
  runTypeQuery(s3, input, query, options)

export const byKey = (key: string, options: Readonly<Record<string, unknown>> = {}) => ({
  source: { key: { key } },
  ...options,
})

export const byGlob = (pattern: string, options: Readonly<Record<string, unknown>> = {}) => ({
  source: { glob: { pattern } },
  ...options,
})

const expectations = (reports: Reports) => expectationsOf('S3', Object.keys(reports))

/** Asserts that the test failed first at the step with this id and that every later one is blocked by it; answers its problem. */
export const expectFailure = (reports: Reports, id: string, code: ProblemCode): Problem =>
  expectations(reports).expectFailure(reports, id, code)

/** Asserts the problem of one step, whatever became of the others, and answers it. */
export const expectProblem = (reports: Reports, id: string, code: ProblemCode): Problem =>
  expectations(reports).expectProblem(reports, id, code)

/** Asserts that every step ran, and answers which ones warned of what. */
export const expectPass = (reports: Reports): Readonly<Partial<Record<string, ProblemCode>>> =>
  expectations(reports).expectPass(reports)

export const { expectQueryProblem } = expectationsOf('S3')

/** The report of the step with this id. */
export const stepOf = (reports: Reports, id: string) => {
  const report = (reports as { readonly [id: string]: Reports[StepKey] })[id]
  if (!report) throw new Error(`There is no step ${id}.`)
  return report
}

/** Neither double is encrypted: AWS has certificates of public authorities, which nobody else has. */
export const notEncrypted = {
  [`SECURE:${sts}`]: 'CONNECTION_NOT_ENCRYPTED',
  [`SECURE:${s3Name}`]: 'CONNECTION_NOT_ENCRYPTED',
} as const

/** The rows of a result. Throws for a problem. */
export function rowsOf(outcome: QueryOutcome) {
  if (outcome.kind !== 'RESULT') throw new Error(`There is no result: ${JSON.stringify(outcome.problem)}`)
  return outcome.result.rows
}

export function columnsOf(outcome: QueryOutcome): readonly string[] {
  if (outcome.kind !== 'RESULT') throw new Error(`There is no result: ${JSON.stringify(outcome.problem)}`)
  return outcome.result.columns.map(({ name }) => name)
}
