import { readFileSync } from 'node:fs'
import { type DocumentNode, Kind, type OperationDefinitionNode, parse, print } from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stepKeys } from '../../src/connectors/connection-test.ts'
import { startTestApp, type TestApp, type Variables } from '../harness.ts'
import { create, follow, previewRows, runTest } from './simulator-operations.ts'

const page = readFileSync(new URL('../../docs/connectors/simulator.md', import.meta.url), 'utf8')

/** The operations of the page under their headings. */
const recipes = new Map(
  [...page.matchAll(/\n### ([^\n]+)\n(?:(?!\n### ).)*?```graphql\n(.*?)```/gs)].map(([, heading = '', text = '']) => [
    heading,
    operationsOf(parse(text)),
  ]),
)

function operationsOf(document: DocumentNode): readonly OperationDefinitionNode[] {
  return document.definitions.filter(definition => definition.kind === Kind.OPERATION_DEFINITION)
}

let app: TestApp
beforeAll(async () => {
  app = await startTestApp({ TEST_RATE: '1000' })
})
afterAll(() => app?.[Symbol.asyncDispose]())

interface Step {
  readonly id: string
  readonly key: string
  readonly status: string
  readonly note: string | null
  readonly problem: { readonly code: string } | null
}
interface Test {
  readonly id: string
  readonly status: string
  readonly steps: readonly Step[]
}
interface Answer {
  readonly __typename: string
  readonly test: Test
}

/** Runs an operation of the page: what its root field answers, for a subscription all of it. */
async function play(operation: OperationDefinitionNode, variables: Variables = {}): Promise<readonly Answer[]> {
  const text = print(operation)
  if (operation.operation === 'subscription') {
    const answers: Answer[] = []
    for await (const { data, errors } of app.subscribe<Record<string, Answer>>(text, variables)) {
      expect(errors).toBeUndefined()
      answers.push(...Object.values(data ?? {}))
    }
    return answers
  }
  const { data, errors } = await app.fetchGraphql<Record<string, Answer>>(text, variables)
  expect(errors).toBeUndefined()
  return Object.values(data ?? {})
}

async function recipe(heading: string, at = 0, variables: Variables = {}): Promise<readonly Answer[]> {
  const operation = recipes.get(heading)?.[at]
  if (!operation) throw new Error(`The page has no recipe "${heading}".`)
  return play(operation, variables)
}

const only = async (...of: Parameters<typeof recipe>): Promise<Answer> => {
  const [answer] = await recipe(...of)
  if (!answer) throw new Error('There is no answer.')
  return answer
}

const byKey = ({ steps }: Test) => Object.fromEntries(steps.map(step => [step.key, step]))

/** What each recipe of the page promises, in the order of the page: later ones use what earlier ones saved. */
const promises: Readonly<Record<string, () => Promise<void>>> = {
  'Everything passes': async () => {
    const events = await recipe('Everything passes')
    expect(events.map(event => event.__typename)).toEqual([
      'ConnectionTestPlanned',
      ...Array.from({ length: 9 }, () => ['ConnectionTestStepStarted', 'ConnectionTestStepFinished']).flat(),
      'ConnectionTestFinished',
    ])
    expect(events.at(-1)?.test.status).toBe('PASSED')
  },
  'Warnings with remedies': async () => {
    const { test } = await only('Warnings with remedies')
    expect(test.status).toBe('PASSED_WITH_WARNINGS')
    expect(byKey(test)).toMatchObject({
      SECURE: { status: 'WARNING', problem: { code: 'CERTIFICATE_EXPIRES_SOON' } },
      LEAST_PRIVILEGE: { problem: { remedies: [{ sql: expect.stringContaining('GRANT SELECT') }] } },
    })
  },
  'A wrong password': async () => {
    const { test } = await only('A wrong password')
    expect(test.status).toBe('FAILED')
    expect(byKey(test)).toMatchObject({
      SIGN_IN: {
        problem: { code: 'CREDENTIALS_REJECTED', fields: ['auth.password.password', 'auth.password.username'] },
      },
      OPEN: { status: 'SKIPPED', blockedBy: expect.stringMatching(/:SIGN_IN$/) },
    })
  },
  'Any problem': async () => {
    const codes = await app.fetchGraphql<{ problemCatalogue: { code: string }[] }>('{ problemCatalogue { code } }')
    for (const { code } of codes.data?.problemCatalogue ?? []) {
      const { test } = await only('Any problem', 0, { code })
      expect(byKey(test)['SECURE'], code).toMatchObject({
        status: 'FAILED',
        problem: { code, detail: 'in its own words', remedies: [{}, {}] },
      })
    }
    expect((await only('Any problem')).test.status).toBe('FAILED')
  },
  'A long step with progress': async () => {
    const events = (await recipe('A long step with progress')) as readonly (Answer & { readonly step?: Step })[]
    expect(events.flatMap(({ step }) => (step?.note ? [step.note] : []))).toEqual([
      'waking up',
      'the warehouse is starting',
      'nearly there',
    ])
    expect(events.at(-1)?.test.status).toBe('PASSED')
  },
  'A time-out behind a firewall': async () => {
    const { test } = await only('A time-out behind a firewall')
    expect(byKey(test)['CONNECT']).toMatchObject({
      status: 'FAILED',
      budgetMs: 800,
      problem: { code: 'CONNECTION_TIMED_OUT', remedies: [{ addresses: [expect.any(String), expect.any(String)] }] },
    })
  },
  'A test to cancel': async () => {
    const started = await only('A test to cancel')
    expect(started.test.status).toBe('RUNNING')
    const { test } = await only('A test to cancel', 1, { id: started.test.id })
    expect(test.status).toBe('CANCELLED')
    expect(byKey(test)['LEAST_PRIVILEGE']).toMatchObject({ status: 'CANCELLED' })
  },
  'A process that crashes': async () => {
    const { test } = await only('A process that crashes')
    expect(test).toMatchObject({ status: 'ERRORED', problem: { code: 'CONNECTOR_HOST_FAILED', retryable: true } })
    expect(byKey(test)).toMatchObject({ OPEN: { status: 'PASSED' }, LEAST_PRIVILEGE: { status: 'SKIPPED' } })
  },
  'Several endpoints, one of them bad': async () => {
    const { test } = await only('Several endpoints, one of them bad')
    const status = Object.fromEntries(test.steps.map(({ id, status }) => [id.slice(id.indexOf(':') + 1), status]))
    expect(status).toMatchObject({
      'SECURE:sts.example.com:443': 'PASSED',
      'SECURE:storage.example.com:443': 'FAILED',
      SIGN_IN: 'SKIPPED',
    })
  },
  'Everything at once': async () => {
    const test = (await recipe('Everything at once')).at(-1)?.test as Test
    expect(test.status).toBe('PASSED_WITH_WARNINGS')
    expect(new Set(test.steps.map(({ key }) => key))).toEqual(new Set(stepKeys))
    const seen = JSON.stringify(test)
    for (const name of ['TextEvidence', 'AddressEvidence', 'CertificateEvidence']) expect(seen).toContain(name)
    for (const name of ['SetField', 'RunSql', 'AllowAddress', 'ReenterSecret', 'ReadDocs']) {
      expect(seen).toContain(`${name}Remedy`)
    }
    expect(byKey(test)['TOPOLOGY']).toMatchObject({ status: 'FAILED', required: false })
  },
  'A save that depends on the test': async () => {
    expect(await only('A save that depends on the test')).toMatchObject({
      __typename: 'ConnectionTestFailedError',
      test: { status: 'FAILED' },
    })
  },
  'Secrets that are asked for again': async () => {
    expect(await only('Secrets that are asked for again')).toMatchObject({
      connector: { version: 1, secrets: expect.arrayContaining([{ path: 'auth.password.password', isSet: true }]) },
    })
    expect(await only('Secrets that are asked for again', 1)).toEqual({
      __typename: 'SecretReentryRequiredError',
      changedFields: ['host'],
      secretFields: ['auth.password.password'],
    })
  },
  'What changed since it last passed': async () => {
    const heading = 'What changed since it last passed'
    expect(await only(heading)).toMatchObject({ test: { status: 'PASSED', changes: [] } })
    expect(await only(heading, 1)).toMatchObject({ connector: { version: 2, verification: { state: 'OUTDATED' } } })
    const { test } = await only(heading)
    expect(test).toMatchObject({ status: 'FAILED', changesSummary: expect.stringContaining('Server version') })
    const changes = (test as unknown as { changes: readonly { subject: string; after: string }[] }).changes
    const subjects = changes.map(({ subject }) => subject)
    expect(subjects).toEqual(expect.arrayContaining(['FIELD', 'ADDRESS', 'CERTIFICATE', 'OBSERVATION']))
    expect(changes.map(({ after }) => after)).toContain('Simulator 2.0')
  },
  'Rows of every type': async () => {
    const answer = await only('Rows of every type')
    expect(answer).toMatchObject({ preview: { truncated: false, columns: { length: 12 }, rows: { length: 20 } } })
    expect(await only('Rows of every type')).toEqual(answer)
  },
  'A large result, cut': async () => {
    const preview = { truncated: true, rows: Array.from({ length: 10 }, () => ({ length: 15 })) }
    expect(await only('A large result, cut')).toMatchObject({ preview })
  },
  'A preview that fails': async () => {
    expect(await only('A preview that fails')).toMatchObject({
      __typename: 'PreviewFailedError',
      problem: { code: 'OBJECT_NOT_FOUND', detail: 'there is no table "ordesr"' },
    })
  },
}

describe('the recipes of the page', () => {
  test('are all promised something', () => {
    expect([...recipes.keys()]).toEqual(Object.keys(promises))
  })
  test.each(Object.keys(promises))('%s', async heading => {
    await promises[heading]?.()
  })
})

describe('secrets', () => {
  test('are kept by an edit that leaves them out, reach the process, and never come back', async () => {
    const password = 'a very own password'
    const simulator = {
      auth: { password: { username: 'bob', password } },
      steps: [{ step: 'READ', problem: 'PERMISSION_DENIED', detail: `denied for ${password}` }],
    }
    const saved = await app.fetchGraphql(create, { config: { simulator } })
    expect(saved.data).toMatchObject({ createConnector: { __typename: 'CreateConnectorSuccess' } })
    const target = { edit: { connector: { externalKey: 'saved' }, config: { simulator: { scenario: 'WARNINGS' } } } }
    const { data } = await app.fetchGraphql(runTest, { target })
    expect(data).toMatchObject({ testConnection: { test: { status: 'FAILED' } } })
    expect(JSON.stringify(data)).toContain('denied for')
    expect(JSON.stringify(data)).not.toContain(password)
    const rejected = {
      edit: {
        connector: { externalKey: 'saved' },
        config: { simulator: { auth: { password: { password: 'wrong' } } } },
      },
    }
    const after = await app.fetchGraphql<{ testConnection: Answer }>(runTest, { target: rejected })
    expect(after.data?.testConnection.test.steps.find(({ key }) => key === 'SIGN_IN')).toMatchObject({
      status: 'FAILED',
      problem: { code: 'CREDENTIALS_REJECTED' },
    })
  })
})

test('a second entry about a step is refused where it stands', async () => {
  const steps = [{ step: 'READ' }, { step: 'OPEN' }, { step: 'READ', outcome: 'HANG' }]
  const { data } = await app.fetchGraphql(runTest, { target: { draft: { simulator: { steps } } } })
  expect(data).toMatchObject({
    testConnection: {
      __typename: 'ValidationError',
      issues: [{ path: 'steps.2.step', inputPath: ['target', 'draft', 'simulator', 'steps', '2', 'step'] }],
    },
  })
})

test('sign-ins that are refused again and again have to wait, as those of real accounts', async () => {
  const password = { username: 'carl', password: 'wrong' }
  const target = { draft: { simulator: { host: 'lock.example.com', auth: { password } } } }
  const answer = async () => {
    const { data } = await app.fetchGraphql<{ testConnection: Answer }>(runTest, { target })
    return data?.testConnection
  }
  for (let refusal = 1; refusal <= 3; refusal += 1) expect((await answer())?.test.status).toBe('FAILED')
  expect(await answer()).toMatchObject({ __typename: 'RateLimitedError', reason: 'FAILED_SIGN_INS' })
})

test('tests that are cancelled while they sign in, more than a few, have to wait as well', async () => {
  const [start, cancel] = recipes.get('A test to cancel') ?? []
  if (!start || !cancel) throw new Error('The page has no recipe.')
  const simulator = (step: string) =>
    `{ auth: { password: { username: "dora", password: "right" } }, steps: [{ step: ${step},`
  const hanging = (step: string) => parse(print(start).replace(/\{\s*steps:\s*\[\{\s*step: READ,/, simulator(step)))
  const startAndCancel = async (step: string): Promise<Answer | undefined> => {
    const [started] = await play(operationsOf(hanging(step))[0] as OperationDefinitionNode)
    if (!started?.test) return started
    const { id } = started.test
    for await (const { data } of app.subscribe<Record<string, Answer>>(follow, { id })) {
      if (data?.connectionTestProgress?.test.steps.some(({ key, status }) => key === step && status === 'RUNNING'))
        break
    }
    return (await play(cancel, { id }))[0]
  }
  for (const step of ['CONNECT', 'CONNECT', 'CONNECT', 'CONNECT', 'SIGN_IN', 'SIGN_IN', 'SIGN_IN']) {
    expect((await startAndCancel(step))?.test.status).toBe('CANCELLED')
  }
  const target = { draft: { simulator: { auth: { password: { username: 'dora', password: 'right' } } } } }
  const { data } = await app.fetchGraphql(runTest, { target })
  expect(data).toMatchObject({ testConnection: { __typename: 'RateLimitedError', reason: 'FAILED_SIGN_INS' } })
})

describe('a preview that misbehaves', () => {
  test.each([
    ['CRASH', 'CONNECTOR_HOST_FAILED'],
    ['EXIT', 'CONNECTOR_HOST_FAILED'],
    ['THROW', 'UNCLASSIFIED'],
  ])('%s is answered as %s', async (outcome, code) => {
    const { data } = await app.fetchGraphql(previewRows, { query: { simulator: { outcome } } })
    expect(data).toMatchObject({ previewDataset: { __typename: 'PreviewFailedError', problem: { code } } })
  })
})
