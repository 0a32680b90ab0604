import { defaultBudgetsMs, type Endpoint } from '../define.ts'
import type { ProblemOptions, Remedy } from '../problem.ts'
import type { ProblemCode } from '../problem-table.ts'
import { credentialsOf } from './credentials.ts'
import type { MongodbConfig } from './form.ts'

/** Where an error happened, as far as it changes what it means. */
export type Phase =
  | 'GREET'
  | 'SIGN_IN'
  /** A test's own commands. */
  | 'WORK'
  /** Commands that list what there is. */
  | 'LISTING'
  /** What the reader wrote. */
  | 'QUERY'

/** What an error is read with. */
export interface Circumstances {
  readonly phase: Phase
  readonly config: MongodbConfig
  /** Whom it was about. */
  readonly server: Endpoint
  /** Form paths of that server. */
  readonly fields: readonly string[]
}

export interface Known extends ProblemOptions {
  readonly code: ProblemCode
}

export interface Reading extends Circumstances {
  /** The server's number for the error; 0 where it gave none. */
  readonly number: number
  readonly name: string
  readonly message: string
}

interface Rule {
  readonly numbers?: readonly number[]
  /** Of the error, where numbers are too many. */
  readonly name?: RegExp
  readonly phase?: Phase
  readonly message?: RegExp
  readonly means: (reading: Reading) => Known
}

/** What messages quote. */
export function paramsOf({ config, server }: Circumstances) {
  const { username } = credentialsOf(config)
  return { username, host: server.host, port: server.port }
}

const plain =
  (code: ProblemCode, fieldsOf: (reading: Reading) => readonly string[] = () => []) =>
  (reading: Reading): Known => ({
    code,
    params: paramsOf(reading),
    detail: reading.message,
    fields: fieldsOf(reading),
  })

const credentialsRejected = (reading: Reading): Known => {
  const { secretField, userField, kind } = credentialsOf(reading.config)
  const remedies: Remedy[] =
    secretField === null ? [] : [{ kind: 'REENTER_SECRET', title: 'Type the password again', field: secretField }]
  return {
    code: 'CREDENTIALS_REJECTED',
    params: paramsOf(reading),
    detail: reading.message,
    fields: kind === 'SCRAM' ? ['auth.scram.password', userField, 'authSource'] : [userField],
    remedies,
  }
}

/** Without a sign-in, what is missing is the sign-in and not a right. */
const notAuthorized = (reading: Reading): Known =>
  credentialsOf(reading.config).kind === 'NONE'
    ? plain('AUTHENTICATION_REQUIRED', () => ['auth'])(reading)
    : plain('PERMISSION_DENIED')(reading)

const methodUnsupported = (reading: Reading): Known => {
  const method = credentialsOf(reading.config).kind === 'X509' ? 'X.509' : 'SCRAM'
  return {
    code: 'AUTH_METHOD_UNSUPPORTED',
    params: { ...paramsOf(reading), method: `another one than ${method}` },
    detail: reading.message,
    fields: ['auth'],
  }
}

const timedOut = ({ phase, config, message }: Reading): Known =>
  phase !== 'WORK'
    ? {
        code: 'STATEMENT_TIMED_OUT',
        params: { seconds: config.limits.statementTimeoutSeconds },
        detail: message,
        fields: ['limits.statementTimeoutSeconds'],
      }
    : { code: 'STEP_TIMED_OUT', params: { seconds: defaultBudgetsMs.READ / 1_000 }, detail: message }

const noLongerSuitable = (reading: Reading): Known => ({
  code: 'NO_SUITABLE_MEMBER',
  params: { ...paramsOf(reading), wanted: 'in the role in which it was found' },
  detail: reading.message,
})

/** Numbers of MongoDB's error_codes.yml; they do not depend on the server's language or version. First match wins. */
export const serverRules: readonly Rule[] = [
  { numbers: [91, 11_600], means: plain('SERVER_SHUTTING_DOWN') },
  { numbers: [13_436], means: plain('SERVER_STARTING') },
  // Signing in
  { numbers: [334], phase: 'SIGN_IN', means: methodUnsupported },
  { numbers: [2, 59, 10_003], phase: 'SIGN_IN', message: /mechanism|no such command/i, means: methodUnsupported },
  { numbers: [11, 13, 18, 31, 8_000], phase: 'SIGN_IN', means: credentialsRejected },
  { numbers: [18], means: credentialsRejected },
  // Working
  { numbers: [13, 391], means: notAuthorized },
  { numbers: [8_000], message: /not (allowed|authorized)|unauthorized/i, means: notAuthorized },
  { numbers: [50, 262, 290], means: timedOut },
  { numbers: [43, 237, 11_601], means: plain('STATEMENT_CANCELLED') },
  { numbers: [133, 189, 10_058, 10_107, 11_602, 13_435], means: noLongerSuitable },
  { numbers: [26], phase: 'QUERY', means: plain('OBJECT_NOT_FOUND', () => ['database', 'collection']) },
  { numbers: [10_334], phase: 'QUERY', means: ({ message }) => tooLarge('16 MB in one document', message) },
  {
    // Values, options, operators, stages and names that the server does not take; memory that a sort may not use.
    numbers: [
      2, 9, 14, 15, 16, 17, 22, 28, 40, 52, 56, 59, 72, 73, 96, 115, 139, 146, 166, 167, 168, 171, 238, 241, 291, 292,
      303, 304, 323,
    ],
    phase: 'QUERY',
    means: plain('QUERY_INVALID'),
  },
  // Assertions without a name of their own: nearly all of them are about expressions and stages.
  { name: /^Location\d+$/, phase: 'QUERY', means: plain('QUERY_INVALID') },
]

export const tooLarge = (limit: string, detail: string | null = null): Known => ({
  code: 'RESULT_TOO_LARGE',
  params: { limit },
  detail,
})

/** What the form names as MongoDB is not, or something in between changes what is sent. */
export const violation = (fault: string, { server, fields }: Circumstances): Known => ({
  code: 'PROTOCOL_VIOLATION',
  params: { ...server, expected: 'MongoDB', fault },
  fields,
})
