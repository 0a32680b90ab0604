import { generateKeyPairSync } from 'node:crypto'
import type { StepKey } from '../../../src/connectors/connection-test.ts'
import type { NetworkSettings, QueryOutcome } from '../../../src/connectors/define.ts'
import { snowflake } from '../../../src/connectors/snowflake/index.ts'
import { issueCertificate } from '../../servers/certificates.ts'
import { samplePassword, sampleToken, withUser } from '../../servers/snowflake-account.ts'
import { SnowflakeDouble, type SnowflakeDoubleOptions } from '../../servers/snowflake-double.ts'
import { SnowflakeStorage, type SnowflakeStorageOptions } from '../../servers/snowflake-storage.ts'
import { type QueryOptions, type Reports, type RunOptions, runTypeQuery, runTypeTest } from '../../servers/type-run.ts'
import { expectationsOf } from '../type-expectations.ts'

export const host = 'myorg-patchbay.snowflakecomputing.com'

/** Steps in the order of the plan, without those of a token endpoint. */
export const stepIds = [
  `RESOLVE:${host}`,
  `EGRESS:${host}`,
  `CONNECT:${host}`,
  `SECURE:${host}`,
  `SIGN_IN:${host}`,
  'OPEN',
  'TOPOLOGY',
  'READ',
  'LEAST_PRIVILEGE',
] as const
export type StepId = (typeof stepIds)[number]
export const signInStep = `SIGN_IN:${host}` as const

export type SnowflakeReports = { readonly [Id in StepId]?: Reports[StepKey] }

export const { expectFailure, expectProblem, expectQueryProblem, expectPass } = expectationsOf<StepId>(
  'SNOWFLAKE',
  stepIds,
)

/** The authority of whoever looks into encrypted connections, and its certificate in Snowflake's place. */
export const root = issueCertificate({ commonName: 'Snowflake Double Root', authority: true })
export const certificate = issueCertificate({
  commonName: 'server',
  issuer: root,
  names: ['127.0.0.1', 'localhost', host],
  usage: 'server',
})

const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
export const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString()
export const passphrase = 'pass-phrase-2Hn'
/** The private key in every way in which people have it. */
export const privateKeys = {
  plain: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  encrypted: pair.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase }).toString(),
  ofOpenssl: pair.privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
}

/** The sample account; its user can sign in by everything but OAuth. */
export const account = withUser({ publicKeys: [publicKey] })

const base = {
  account: 'myorg-patchbay',
  username: 'patchbay',
  role: 'READER',
  warehouse: 'COMPUTE_WH',
  database: 'SALES',
  schema: 'PUBLIC',
  caCertificates: root.certificate,
}

export const byPassword = (more: object = {}) => ({
  ...base,
  auth: { password: { password: samplePassword } },
  ...more,
})
export const byToken = (more: object = {}, token = sampleToken) => ({
  ...base,
  auth: { accessToken: { token } },
  ...more,
})
export const byKeyPair = (keyPair: object = { privateKey: privateKeys.plain }, more: object = {}) => ({
  ...{ ...base, auth: { keyPair }, ...more },
})
export const byOauth = (credentials: object, more: object = {}) => ({
  ...{ ...base, auth: { oauthClientCredentials: credentials }, ...more },
})

export interface SnowflakeScene extends AsyncDisposable {
  readonly double: SnowflakeDouble
  readonly storage: SnowflakeStorage
}

/** Snowflake, and the storage of its large results. */
export async function startSnowflake(
  options: SnowflakeDoubleOptions = {},
  storageOptions: SnowflakeStorageOptions = {},
): Promise<SnowflakeScene> {
  const storage = await SnowflakeStorage.start({ certificate, host: 'localhost', ...storageOptions })
  const double = await SnowflakeDouble.start({ certificate, account, storage, ...options })
  return {
    double,
    storage,
    async [Symbol.asyncDispose]() {
      await double[Symbol.asyncDispose]()
      await storage[Symbol.asyncDispose]()
    },
  }
}

const near = (
  { double }: Pick<SnowflakeScene, 'double'>,
  network: Partial<NetworkSettings> = {},
): Partial<NetworkSettings> => ({
  cloudEndpoints: double.endpoints,
  ...network,
})

/** Where Snowflake is, for runs in children too. */
export const nearSnowflake = (
  scene: Pick<SnowflakeScene, 'double'>,
  { network, ...options }: RunOptions = {},
): RunOptions => ({ ...options, network: near(scene, network) })

export async function testAt(
  scene: Pick<SnowflakeScene, 'double'>,
  input: unknown = byPassword(),
  options: RunOptions = {},
): Promise<SnowflakeReports> {
  // By step id, as the type's own plan has them.
  return (await runTypeTest(snowflake, input, nearSnowflake(scene, options))) as SnowflakeReports
}

export const queryAt = (
  scene: Pick<SnowflakeScene, 'double'>,
  query: unknown,
  { input = byPassword(), network, ...options }: QueryOptions & { readonly input?: unknown } = {},
): Promise<QueryOutcome> => runTypeQuery(snowflake, input, query, { ...options, network: near(scene, network) })

export interface TestedScene {
  readonly reports: SnowflakeReports
  readonly double: SnowflakeDouble
  readonly storage: SnowflakeStorage
}

/** Tests a double of its own. */
export async function testSnowflake(
  options: SnowflakeDoubleOptions = {},
  input: unknown = byPassword(),
  run: RunOptions = {},
): Promise<TestedScene> {
  await using scene = await startSnowflake(options)
  const reports = await testAt(scene, input, run)
  const { double, storage } = scene
  return { reports, double, storage }
}

export const sql = (text: string) => ({ sql: { text } })
export const table = (name: string, more: object = {}) => ({ table: { name, ...more } })

/** The result of a query that must have one. */
export function resultOf(outcome: QueryOutcome) {
  if (outcome.kind !== 'RESULT') throw new Error(JSON.stringify(outcome.problem))
  return outcome.result
}

/** Texts of a step's evidence, by label. */
export const evidenceOf = (report: Reports[StepKey]): Readonly<Record<string, string>> =>
  Object.fromEntries((report?.evidence ?? []).flatMap(item => (item.kind === 'TEXT' ? [[item.label, item.value]] : [])))
