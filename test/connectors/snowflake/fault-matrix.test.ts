import { describe, expect, it } from 'vitest'
import type { ProblemCode } from '../../../src/connectors/problem-table.ts'
import { accountWith, sampleAccount, withGrants, withUser } from '../../servers/snowflake-account.ts'
import type { SnowflakeCall, SnowflakeDoubleOptions, SnowflakeMisbehaviour } from '../../servers/snowflake-double.ts'
import { SnowflakeRefusalError } from '../../servers/snowflake-refusal.ts'
import type { RunOptions } from '../../servers/type-run.ts'
import { hintsOf } from '../type-expectations.ts'
import {
  account,
  byKeyPair,
  byPassword,
  byToken,
  evidenceOf,
  expectFailure,
  expectPass,
  expectProblem,
  publicKey,
  type StepId,
  signInStep,
  startSnowflake,
  stepIds,
  testAt,
  testSnowflake,
} from './snowflake-run.ts'

const passwordField = 'auth.password.password'
const keyField = 'auth.keyPair.privateKey'
const tokenField = 'auth.accessToken.token'
const json = { 'content-type': 'application/json' }
const html = { 'content-type': 'text/html' }

/** The account's only user is in another state; it can sign in by everything. */
const userWith = (user: Parameters<typeof withUser>[0]) => withUser({ publicKeys: [publicKey], ...user })

describe('the test of a Snowflake connector', () => {
  it.each([
    ['a password', byPassword()],
    ['a key', byKeyPair()],
    ['a token', byToken()],
  ])('passes every step for a role that may only read, by %s, and shows what it measured', async (_, input) => {
    const { reports, double } = await testSnowflake({}, input)
    expect(expectPass(reports)).toEqual({})
    expect(Object.keys(reports)).toEqual(stepIds)
    const shown = JSON.stringify(Object.values(reports).map(report => report?.evidence))
    for (const fact of ['READER', 'COMPUTE_WH', 'SALES', 'PUBLIC', '9.36.1', 'AWS_EU_WEST_1'])
      expect(shown).toContain(fact)
    expect(double.signIns).toHaveLength(1)
    expect(double.resumed).toEqual([])
    expect(double.changes).toEqual([])
    expect({ running: double.running, sessions: double.openSessions }).toEqual({ running: 0, sessions: 0 })
  })

  interface Fault {
    readonly double?: SnowflakeDoubleOptions
    readonly input?: unknown
    readonly options?: RunOptions
    readonly step: StepId
    readonly code: ProblemCode
    readonly fields?: readonly string[]
    readonly remedies?: readonly string[]
  }
  const saying = (
    status: number,
    headers: Readonly<Record<string, string>> = {},
    body = '',
  ): SnowflakeDoubleOptions => ({
    at: { signIn: { status, headers, body } },
  })
  const refusing = (error: string, message: string): SnowflakeDoubleOptions => ({ at: { signIn: { error, message } } })
  const noAccount = (status: number): Fault => ({
    double: saying(status, html, '<html><body>Not found</body></html>'),
    step: signInStep,
    code: 'CLOUD_ACCOUNT_NOT_FOUND',
    fields: ['account'],
  })
  const wrong = {
    step: signInStep,
    code: 'CREDENTIALS_REJECTED',
    fields: [passwordField, 'username'],
    remedies: [`REENTER_SECRET ${passwordField}`],
  } as const

  const faults: Readonly<Record<string, Fault>> = {
    // The account
    'no such account, as Snowflake says it': noAccount(404),
    'no such account, as Snowflake said it before': noAccount(403),
    'no such account, as Snowflake says it in some regions': noAccount(513),
    // Who signs in
    'a wrong password': { input: byPassword({ auth: { password: { password: 'wrong' } } }), ...wrong },
    'an unknown user': { input: byPassword({ username: 'nobody' }), ...wrong },
    'a user who has been locked': {
      double: { account: userWith({ state: 'LOCKED' }) },
      step: signInStep,
      code: 'ACCOUNT_LOCKED',
      fields: [],
    },
    'a user who has been disabled': {
      double: { account: userWith({ state: 'DISABLED' }) },
      step: signInStep,
      code: 'LOGIN_NOT_PERMITTED',
      fields: ['username'],
    },
    'a user who must use a second factor': {
      double: { account: userWith({ state: 'MUST_ENROL_MFA' }) },
      step: signInStep,
      code: 'MULTI_FACTOR_REQUIRED',
      fields: ['auth', 'username'],
    },
    'a second factor that is asked for': {
      double: refusing('390127', 'Duo Security authentication is denied. Push was not answered.'),
      step: signInStep,
      code: 'MULTI_FACTOR_REQUIRED',
      fields: ['auth', 'username'],
    },
    'a password that has expired': {
      double: refusing(
        '390106',
        'Specified password has expired. Password must be changed using the Snowflake web console.',
      ),
      step: signInStep,
      code: 'PASSWORD_EXPIRED',
      fields: [passwordField],
    },
    'another key than the one that is registered': {
      double: { account: withUser({}) },
      input: byKeyPair(),
      step: signInStep,
      code: 'CREDENTIALS_REJECTED',
      fields: [keyField, 'username', 'account'],
      remedies: ['RUN_SQL', 'RUN_SQL'],
    },
    'clocks that differ': {
      double: { skewMs: 300_000 },
      input: byKeyPair(),
      step: signInStep,
      code: 'CLOUD_CLOCK_SKEWED',
    },
    'a token that nobody knows': {
      input: byToken({}, 'unknown-token'),
      step: signInStep,
      code: 'CREDENTIALS_REJECTED',
      fields: [tokenField, 'username'],
      remedies: [`REENTER_SECRET ${tokenField}`],
    },
    'a token of a user without a network policy': {
      double: { account: userWith({ accessTokens: { 'a-token': { state: 'WITHOUT_NETWORK_POLICY' } } }) },
      input: byToken({}, 'a-token'),
      step: signInStep,
      code: 'NETWORK_POLICY_REQUIRED',
      fields: ['username'],
      remedies: ['RUN_SQL'],
    },
    'a token that has expired': {
      double: refusing('394402', 'Programmatic access token has expired.'),
      input: byToken(),
      step: signInStep,
      code: 'CLOUD_CREDENTIALS_EXPIRED',
      fields: [tokenField],
      remedies: [`REENTER_SECRET ${tokenField}`],
    },
    'a token for another role': {
      double: { account: userWith({ accessTokens: { 'a-token': { role: 'WRITER' } } }) },
      input: byToken({}, 'a-token'),
      step: signInStep,
      code: 'ROLE_NOT_GRANTED',
      fields: ['role'],
    },
    'a network policy': {
      double: { account: accountWith({ ...account, networkPolicy: 'REFUSES_EVERYBODY' }) },
      step: signInStep,
      code: 'CLIENT_ADDRESS_NOT_ALLOWED',
      remedies: ['ALLOW_ADDRESS', 'RUN_SQL'],
    },
    'a role that is not granted': {
      input: byPassword({ role: 'WRITER' }),
      step: signInStep,
      code: 'ROLE_NOT_GRANTED',
      fields: ['role'],
    },
    'a role that is not there': {
      input: byPassword({ role: 'NOPE' }),
      step: signInStep,
      code: 'ROLE_NOT_GRANTED',
      fields: ['role'],
    },
    'a role in the wrong case': {
      input: byPassword({ role: 'reader' }),
      step: signInStep,
      code: 'ROLE_NOT_GRANTED',
      fields: ['role'],
      remedies: ['SET_FIELD role'],
    },
    'a code that nobody knows': {
      double: refusing('399999', 'Something new.'),
      step: signInStep,
      code: 'UNCLASSIFIED',
    },
    // What answers
    throttling: { double: saying(429, json, '{}'), step: signInStep, code: 'CLOUD_THROTTLED' },
    'a Snowflake that has broken down': {
      double: saying(503, html, '<html>'),
      step: signInStep,
      code: 'CLOUD_UNAVAILABLE',
    },
    'a plain 500': { double: saying(500, json, '{}'), step: signInStep, code: 'CLOUD_UNAVAILABLE' },
    'the page of a proxy': {
      double: saying(200, html, '<html>Sign in'),
      step: signInStep,
      code: 'WRONG_PROTOCOL',
      fields: ['account'],
    },
    'JSON that ends too early': {
      double: saying(200, json, '{"data":'),
      step: signInStep,
      code: 'WRONG_PROTOCOL',
      fields: ['account'],
    },
    'JSON of somebody else': {
      double: saying(200, json, '{"ok":true}'),
      step: signInStep,
      code: 'PROTOCOL_VIOLATION',
      fields: ['account'],
    },
    'a sign-in without a token': {
      double: saying(200, json, '{"success":true,"code":null,"message":null,"data":{}}'),
      step: signInStep,
      code: 'PROTOCOL_VIOLATION',
      fields: ['account'],
    },
    'an answer without an end': {
      double: { at: { signIn: 'FLOOD' } },
      step: signInStep,
      code: 'PROTOCOL_VIOLATION',
      fields: ['account'],
    },
    'an answer that is cut': {
      double: { at: { signIn: 'CUT' } },
      step: signInStep,
      code: 'CONNECTION_RESET',
      fields: ['account'],
    },
    // What is to be used
    'a warehouse that is not there': {
      input: byPassword({ warehouse: 'NOPE' }),
      step: 'OPEN',
      code: 'WAREHOUSE_NOT_FOUND',
      fields: ['warehouse', 'role'],
    },
    'a warehouse that the role does not see': {
      input: byPassword({ warehouse: 'HIDDEN_WH' }),
      step: 'OPEN',
      code: 'WAREHOUSE_NOT_FOUND',
      fields: ['warehouse', 'role'],
    },
    'a warehouse that is stopped for good': {
      input: byPassword({ warehouse: 'STOPPED_WH' }),
      step: 'OPEN',
      code: 'WAREHOUSE_SUSPENDED',
      fields: ['warehouse'],
      remedies: ['RUN_SQL'],
    },
    'a database that is not there': {
      input: byPassword({ database: 'NOPE' }),
      step: 'OPEN',
      code: 'DATABASE_NOT_FOUND',
      fields: ['database', 'role'],
    },
    'a database that the role does not see': {
      input: byPassword({ database: 'PAYROLL' }),
      step: 'OPEN',
      code: 'DATABASE_NOT_FOUND',
      fields: ['database', 'role'],
    },
    'a schema that is not there': {
      input: byPassword({ schema: 'NOPE' }),
      step: 'OPEN',
      code: 'SCHEMA_NOT_FOUND',
      fields: ['schema', 'role'],
    },
    'a schema that the role does not see': {
      input: byPassword({ schema: 'EMPTY' }),
      step: 'OPEN',
      code: 'SCHEMA_NOT_FOUND',
      fields: ['schema', 'role'],
    },
    // In the middle of it
    'a session that ends and cannot be renewed': {
      double: { queriesPerToken: 1, renews: false },
      step: 'OPEN',
      code: 'SESSION_ENDED_BY_SERVER',
    },
    'a session that is gone at once': {
      double: {
        at: {
          query: { error: '390111', message: 'Session no longer exists. New login required to access the service.' },
        },
      },
      step: 'OPEN',
      code: 'SESSION_ENDED_BY_SERVER',
    },
    'a redirect after the sign-in': {
      double: { at: { query: { status: 302, headers: { location: 'https://example.com/' } } } },
      step: 'OPEN',
      code: 'WRONG_PROTOCOL',
      fields: ['account'],
    },
    'a flood after the sign-in': {
      double: { at: { query: 'FLOOD' } },
      step: 'OPEN',
      code: 'PROTOCOL_VIOLATION',
      fields: ['account'],
    },
    'throttling after the sign-in': {
      double: { at: { query: { status: 429, headers: json, body: '{}' } } },
      step: 'OPEN',
      code: 'CLOUD_THROTTLED',
    },
    'a refusal of HTTP after the sign-in': {
      double: { at: { query: { status: 403, headers: json, body: '{}' } } },
      step: 'OPEN',
      code: 'CLOUD_ACCESS_DENIED',
    },
    'an answer in Arrow': {
      double: {
        changes: {
          query: (answer: { readonly data: object }) => ({
            ...answer,
            data: { ...answer.data, queryResultFormat: 'arrow', rowsetBase64: 'QVJST1cx', rowset: undefined },
          }),
        },
      },
      step: 'OPEN',
      code: 'PROTOCOL_VIOLATION',
      fields: ['account'],
    },
  }
  it.each(Object.entries(faults))('says of %s where, what and what to do', async (_, fault) => {
    const { double: options, input, options: run, step, code, fields = [], remedies = [] } = fault
    await using scene = await startSnowflake(options)
    const { double } = scene
    const found = expectFailure(await testAt(scene, input ?? byPassword(), run), step, code)
    expect(hintsOf(found)).toEqual({ fields, remedies })
    expect(found.message).not.toMatch(/\?|undefined|null|NaN|[{}]|\[object/)
    expect(double.count('signIn')).toBe(1)
    expect(double.resumed).toEqual([])
    await expect.poll(() => double.running).toBe(0)
    await expect.poll(() => double.openConnections).toBe(0)
  })

  it('offers a role and names as they were made without quotes', async () => {
    const { reports } = await testSnowflake({}, byPassword({ role: 'reader' }))
    const { remedies } = expectFailure(reports, signInStep, 'ROLE_NOT_GRANTED')
    expect(remedies).toEqual([expect.objectContaining({ kind: 'SET_FIELD', field: 'role', value: 'READER' })])
  })

  it.each([
    ['warehouse', 'compute_wh', 'WAREHOUSE_NOT_FOUND'],
    ['database', 'sales', 'DATABASE_NOT_FOUND'],
    ['schema', 'public', 'SCHEMA_NOT_FOUND'],
  ] as const)('finds a %s typed in another case, and says how it is written', async (field, typed, code) => {
    const { reports } = await testSnowflake({}, byPassword({ [field]: typed }))
    const { fields, remedies } = expectFailure(reports, 'OPEN', code)
    expect(fields).toEqual([field, 'role'])
    expect(remedies).toEqual([expect.objectContaining({ kind: 'SET_FIELD', field, value: typed.toUpperCase() })])
  })

  it('has statements for an administrator in its remedies that name the user as Snowflake does', async () => {
    const { reports } = await testSnowflake({ account: withUser({}) }, byKeyPair())
    const { remedies } = expectFailure(reports, signInStep, 'CREDENTIALS_REJECTED')
    const scripts = remedies.flatMap(remedy => (remedy.kind === 'RUN_SQL' ? [remedy.sql] : []))
    expect(scripts.join('\n')).toContain('SYSTEM$GET_LOGIN_FAILURE_DETAILS(')
    // Names without quotes: the user was made as PATCHBAY, however people type it.
    expect(scripts.join('\n')).toMatch(/ALTER USER PATCHBAY SET RSA_PUBLIC_KEY = 'MII[\w+/=]+';/i)
    expect(scripts.join('\n')).not.toContain('"patchbay"')
  })

  it.each<[string, SnowflakeDoubleOptions, unknown, StepId, ProblemCode]>([
    [
      'there is nothing to read',
      {
        account: accountWith({
          ...account,
          roles: {
            READER: ['USAGE ON WAREHOUSE COMPUTE_WH', 'USAGE ON DATABASE SALES', 'USAGE ON SCHEMA SALES.EMPTY'],
          },
        }),
      },
      byPassword({ schema: 'EMPTY' }),
      'READ',
      'NOTHING_READABLE',
    ],
    [
      'the warehouse sleeps, and nobody has said that it may be woken',
      {},
      byPassword({ warehouse: 'SLEEPING_WH' }),
      'READ',
      'COMPUTE_NOT_ALLOWED',
    ],
    [
      'storage of large results cannot be reached',
      { allowlist: JSON.stringify([{ type: 'STAGE', host: '127.0.0.1', port: 1 }]) },
      byPassword(),
      'TOPOLOGY',
      'RESULT_STORAGE_UNREACHABLE',
    ],
    [
      'storage of large results is where nobody may go',
      { allowlist: JSON.stringify([{ type: 'STAGE', host: '169.254.169.254', port: 80 }]) },
      byPassword(),
      'TOPOLOGY',
      'EGRESS_DENIED',
    ],
    [
      'storage of large results is not encrypted as it should be',
      { allowlist: JSON.stringify([{ type: 'STAGE', host: 'nowhere.invalid', port: 443 }]) },
      byPassword(),
      'TOPOLOGY',
      'RESULT_STORAGE_UNREACHABLE',
    ],
  ])('warns, and no more, where %s', async (_, options, input, step, code) => {
    const { reports, double } = await testSnowflake(options, input)
    expect(expectPass(reports)).toEqual({ [step]: code })
    expectProblem(reports, step, code)
    expect(double.resumed).toEqual([])
    expect(double.running).toBe(0)
  })

  it.each(['WAREHOUSE', 'DATABASE', 'SCHEMA'])(
    'takes a %s for missing only where that is why it is refused',
    async kind => {
      const refusal = new SnowflakeRefusalError('000604', 'SQL execution canceled', '57014')
      const { reports } = await testSnowflake({
        statements: text => (text.startsWith(`USE ${kind}`) ? refusal : undefined),
      })
      expectFailure(reports, 'OPEN', 'STATEMENT_CANCELLED')
    },
  )

  it('knows a warehouse that may be seen and not used', async () => {
    const grants = sampleAccount.roles['READER']?.filter(grant => !grant.includes('COMPUTE_WH')) ?? []
    const roles = { READER: [...grants, 'MONITOR ON WAREHOUSE COMPUTE_WH'] }
    const { reports } = await testSnowflake({ account: accountWith({ ...account, roles }) })
    expectFailure(reports, 'OPEN', 'WAREHOUSE_NOT_USABLE')
  })

  it('goes on with a new session token when the old one has expired', async () => {
    const { reports, double } = await testSnowflake({ queriesPerToken: 3 })
    expect(expectPass(reports)).toEqual({})
    expect(double.renewals).toBeGreaterThan(1)
    expect(double.signIns).toHaveLength(1)
  })

  it("uses the role of the form and no other, although the user's secondary roles are on", async () => {
    const roles = { ...account.roles, OTHER: ['USAGE ON WAREHOUSE HIDDEN_WH', 'INSERT ON TABLE SALES.PUBLIC.ORDERS'] }
    const users = {
      PATCHBAY: { ...account.users['PATCHBAY'], roles: ['READER', 'OTHER'], secondaryRoles: 'ALL' as const },
    }
    const own = accountWith({ ...account, roles, users })
    expect(expectPass((await testSnowflake({ account: own })).reports)).toEqual({})
    const hidden = await testSnowflake({ account: own }, byPassword({ warehouse: 'HIDDEN_WH' }))
    expectFailure(hidden.reports, 'OPEN', 'WAREHOUSE_NOT_FOUND')
  })

  it("works with the user's own role where the form has none", async () => {
    const { reports } = await testSnowflake({}, byPassword({ role: undefined }))
    expect(expectPass(reports)).toEqual({})
    expect(JSON.stringify(reports.OPEN)).toContain('READER')
  })

  it('works without a database, and without a schema', async () => {
    expect(expectPass((await testSnowflake({}, byPassword({ schema: undefined }))).reports)).toEqual({})
    const without = byPassword({ schema: undefined, database: undefined })
    expect(expectPass((await testSnowflake({}, without)).reports)).toEqual({})
  })

  it.each([
    ['role', 'finalRoleName', 'READER', 'ACCOUNTADMIN'],
    ['warehouse', 'finalWarehouseName', 'COMPUTE_WH', 'HIDDEN_WH'],
  ])('does not believe that it has the %s which it asked for, but looks', async (_, final, asked, other) => {
    await using scene = await startSnowflake({
      changes: {
        query: (answer: { readonly data: { readonly rowset?: readonly (readonly unknown[])[] } }) => {
          const rowset = answer.data.rowset?.map(row => row.map(cell => (cell === asked ? other : cell)))
          return { ...answer, data: { ...answer.data, rowset, [final]: other } }
        },
      },
    })
    const reports = await testAt(scene)
    expect(reports.OPEN?.status, JSON.stringify(reports.OPEN)).toBe('FAILED')
  })
})

describe('a sleeping warehouse', () => {
  const asleep = byPassword({ warehouse: 'SLEEPING_WH' })

  it('is not woken by a test, and what could be seen without it is told', async () => {
    const { reports, double } = await testSnowflake({}, asleep)
    expect(double.resumed).toEqual([])
    expect(reports.OPEN?.status).toBe('PASSED')
    expect(JSON.stringify([reports.OPEN, reports.READ])).toMatch(/suspended/i)
    const { message } = expectProblem(reports, 'READ', 'COMPUTE_NOT_ALLOWED')
    expect(message).not.toMatch(/\?|undefined|null|NaN|[{}]|\[object/)
    // Nothing that has to be computed was asked for, not even in words.
    expect(double.statements.filter(text => /\bfrom\b/i.test(text) && /^\s*select/i.test(text))).toEqual([])
  })

  it('that has been woken meanwhile is told as that', async () => {
    const warehouses: { set(name: string, state: { state: string }): unknown }[] = []
    await using scene = await startSnowflake({
      changes: {
        query: (answer: object, { sql: text }) => {
          if (text.includes('ALLOWLIST')) warehouses[0]?.set('SLEEPING_WH', { state: 'STARTED' })
          return answer
        },
      },
    })
    warehouses.push(scene.double.warehouses)
    const reports = await testAt(scene, asleep)
    expect(expectPass(reports)).toEqual({})
    expect(evidenceOf(reports.READ)['State of the warehouse']).toMatch(/^STARTED: .* meanwhile$/)
    expect(scene.double.resumed).toEqual([])
  })

  it('is woken where that has been allowed', async () => {
    const { reports, double } = await testSnowflake({}, asleep, { mayStartCompute: true })
    expect(expectPass(reports)).toEqual({})
    expect(double.resumed).toEqual(['SLEEPING_WH'])
  })

  it('that must not start any more is told as that', async () => {
    const input = byPassword({ warehouse: 'EXHAUSTED_WH' })
    const { reports } = await testSnowflake({}, input, { mayStartCompute: true })
    const failed = stepIds.find(id => reports[id]?.status === 'FAILED')
    expect(failed).toBe('READ')
    expectProblem(reports, 'READ', 'CLOUD_QUOTA_EXCEEDED')
  })

  it('that does not start is told as that, with the reason', async () => {
    const words = "Warehouse 'SLEEPING_WH' cannot be resumed because of an internal error."
    const statements: SnowflakeDoubleOptions['statements'] = text =>
      /^\s*select\b[\s\S]*\bfrom\b/i.test(text) ? new SnowflakeRefusalError('000608', words, '57P03') : undefined
    await using scene = await startSnowflake({ statements })
    const reports = await testAt(scene, asleep, { mayStartCompute: true })
    const { fields, message } = expectFailure(reports, 'READ', 'WAREHOUSE_CANNOT_START')
    expect(fields).toEqual(['warehouse'])
    expect(message).toContain('of an internal error')
  })

  it('that takes too long to start is told as that', async () => {
    const takes: SnowflakeDoubleOptions['takes'] = text =>
      /^\s*select\b[\s\S]*\bfrom\b/i.test(text) ? { how: 'APART' } : undefined
    const { reports, double } = await testSnowflake({ takes }, asleep, {
      mayStartCompute: true,
      budgetsMs: { READ: 1_500 },
    })
    expectFailure(reports, 'READ', 'WAREHOUSE_STILL_STARTING')
    expect(double.running).toBe(0)
  })
})

describe('silence of Snowflake', () => {
  const hangs: readonly (readonly [SnowflakeCall, StepId, SnowflakeMisbehaviour])[] = [
    ['signIn', signInStep, 'HANG'],
    ['signIn', signInStep, 'DRIP'],
    ['signIn', signInStep, 'DO_AND_HANG'],
    ['query', 'OPEN', 'HANG'],
    ['query', 'OPEN', 'DRIP'],
    ['query', 'OPEN', 'DO_AND_HANG'],
  ]
  it.each(hangs)('at %s ends %s at its budget (%s), and leaves nothing running', async (call, step, how) => {
    await using scene = await startSnowflake({
      at: { [call]: ({ nth }: { nth: number }) => (nth === 1 ? how : undefined) },
    })
    const { double } = scene
    const key = step.split(':')[0] as string
    const reports = await testAt(scene, byPassword(), { budgetsMs: { [key]: 800 } })
    const code = key === 'SIGN_IN' ? 'SIGN_IN_TIMED_OUT' : (reports[step]?.problem?.code as ProblemCode)
    expect(['SIGN_IN_TIMED_OUT', 'CLOUD_TIMED_OUT', 'STEP_TIMED_OUT']).toContain(code)
    expect(expectFailure(reports, step, code).message).toContain('0.8 s')
    expect(reports[step]?.durationMs).toBeLessThan(800 + 1_500)
    expect(double.count('signIn')).toBe(1)
    await expect.poll(() => double.running).toBe(0)
    await expect.poll(() => double.openConnections).toBe(0)
  })

  it('is told of a step that had no time at all', async () => {
    const { reports, double } = await testSnowflake({}, byPassword(), { budgetsMs: { OPEN: 1 } })
    expectFailure(reports, 'OPEN', 'STEP_TIMED_OUT')
    expect({ running: double.running, sessions: double.openSessions }).toEqual({ running: 0, sessions: 0 })
  })

  it.each(['abort', 'close'] as const)('at %s keeps nobody', async call => {
    await using scene = await startSnowflake({
      at: { [call]: 'HANG' },
      takes: (_, { nth }) => (call === 'abort' && nth === 1 ? { how: 'WITHIN' } : undefined),
    })
    const reports = await testAt(scene, byPassword(), { budgetsMs: { OPEN: 800 } })
    if (call === 'close') expect(expectPass(reports)).toEqual({})
    expect(scene.double.count(call)).toBe(1)
    await expect.poll(() => scene.double.openConnections).toBe(0)
  })
})

describe('what a test of Snowflake leaves', () => {
  it('is one sign-in, whatever it comes to, and no telemetry', async () => {
    for (const options of [
      {},
      { at: { signIn: 'CUT_AT_ONCE' } },
      { at: { query: 'CUT_AT_ONCE' } },
      { at: { signIn: { status: 503 } } },
    ] as const) {
      const { double } = await testSnowflake(options)
      expect(double.count('signIn')).toBe(1)
      expect(double.count('telemetry') + double.count('heartbeat') + double.count('other')).toBe(0)
    }
  })

  it('tells Snowflake nothing about the machine that it ran on', async () => {
    const { double } = await testSnowflake()
    const sent = JSON.stringify(double.signIns.map(({ request }) => request))
    for (const word of ['ISA', 'OS_DETAILS', 'LIBC', 'APPLICATION_PATH', process.arch, process.cwd()])
      expect(sent).not.toContain(word)
  })

  it('is a grant that makes no difference', async () => {
    const { reports } = await testSnowflake({ account: withGrants(['REFERENCES ON TABLE SALES.PUBLIC.ORDERS']) })
    expect(reports.LEAST_PRIVILEGE?.status).toBe('PASSED')
  })
})
