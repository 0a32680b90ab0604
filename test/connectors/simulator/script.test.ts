import { describe, expect, it } from 'vitest'
import { stepKeys } from '../../../src/connectors/connection-test.ts'
import { defaultBudgetsMs } from '../../../src/connectors/define.ts'
import { evidenceKinds, remedyKinds } from '../../../src/connectors/simulator/outcomes.ts'
import { scenarioNames } from '../../../src/connectors/simulator/scenarios.ts'
import { accountsOf, issuesOf, planOf, playHere, simulated } from './simulate.ts'

const usual = ['RESOLVE', 'EGRESS', 'CONNECT', 'GREET', 'SECURE', 'SIGN_IN', 'OPEN', 'READ', 'LEAST_PRIVILEGE']

describe('the form of a simulated connector', () => {
  it('wants nothing: an empty one is a test that passes, step by step, with evidence', async () => {
    expect(simulated({})).toEqual({
      scenario: 'ALL_PASS',
      host: 'db.example.com',
      port: 5432,
      auth: { none: true },
      endpoints: [],
      generation: 1,
      previewBudgetMs: 20_000,
      listing: 'ITEMS',
      steps: [],
    })
    const test = await playHere({})
    expect(test.status).toBe('PASSED')
    expect(test.steps.map(({ key, status }) => [key, status])).toEqual(usual.map(key => [key, 'PASSED']))
    expect(test.steps.flatMap(step => step.evidence).map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(Object.keys(evidenceKinds)),
    )
  })

  it('refuses what no test could be made of', () => {
    const none = usual.map(step => ({ step, planned: false }))
    expect(issuesOf({ steps: none })).toEqual({ steps: 'A test needs at least one step.' })
    const long = ['OPEN', 'READ', 'SIGN_IN'].map(step => ({ step, budgetMs: 120_000 }))
    expect(issuesOf({ steps: long })).toEqual({
      steps: 'All budgets together are 387000 ms; 300000 ms is the most.',
    })
    expect(issuesOf({ steps: [{ step: 'OPEN', budgetMs: 120_001, delayMs: -1 }] })).toEqual({
      'steps.0.budgetMs': expect.any(String),
      'steps.0.delayMs': expect.any(String),
    })
    expect(issuesOf({ endpoints: ['a.example.com', 'a.example.com', 'http://x'] })).toEqual({
      'endpoints.2': 'Give a host name, with or without a port: "sts.example.com:443".',
    })
    expect(issuesOf({ endpoints: ['a.example.com', 'a.example.com'] })).toEqual({
      endpoints: 'Another endpoint is the same: endpoints must differ.',
    })
    expect(issuesOf({ endpoints: ['a.example.com'], steps: [{ step: 'CONNECT', target: 'b.example.com' }] })).toEqual({
      'steps.0.target': 'The plan has no such target for this step.',
    })
    expect(issuesOf({ scenario: 'NONE', steps: [{ step: 'READ', problem: 'NONE' }] })).toEqual({
      scenario: expect.any(String),
      'steps.0.problem': expect.any(String),
    })
    expect(issuesOf({ steps: [{ outcome: 'PASSED' }, { step: 'DANCE' }] })).toEqual({
      'steps.0.step': expect.any(String),
      'steps.1.step': expect.any(String),
    })
  })

  it('is signed in to as the same account however its host is spelt', () => {
    const auth = { password: { username: 'ann', password: 'pw' } }
    const usual = [{ step: 'SIGN_IN', service: 'db.example.com:5432', username: 'ann' }]
    for (const host of ['db.example.com', 'DB.example.com', 'db.example.com.']) {
      expect(accountsOf({ host, auth })).toEqual(usual)
    }
    expect(accountsOf({})).toEqual([])
  })

  it('takes one entry for a step, and one more for each of its targets', () => {
    const read = { step: 'READ', outcome: 'PASSED' }
    const same = 'Another entry is about the same step: give one for each step, or for each target of it.'
    expect(issuesOf({ steps: [read, { step: 'OPEN' }, { ...read, delayMs: 1 }, read] })).toEqual({
      'steps.2.step': same,
      'steps.3.step': same,
    })
    const endpoints = ['a.example.com', 'b.example.com']
    const connect = [undefined, ...endpoints].map(target => ({ step: 'CONNECT', target }))
    expect(issuesOf({ endpoints, steps: connect })).toEqual({})
    expect(issuesOf({ endpoints, steps: [...connect, connect[2]] })).toEqual({ 'steps.3.step': same })
    expect(issuesOf({ steps: Array.from({ length: 41 }, () => read) })).toEqual({ steps: expect.any(String) })
  })
})

describe('the plan', () => {
  it('has the budgets of real steps, and what the form says instead', () => {
    expect(planOf({}).map(({ key, budgetMs, required }) => [key, budgetMs, required])).toEqual(
      usual.map(key => [key, defaultBudgetsMs[key as keyof typeof defaultBudgetsMs], key !== 'LEAST_PRIVILEGE']),
    )
    const [step] = planOf({ steps: [{ step: 'RESOLVE', budgetMs: 70, required: false }] })
    expect(step).toMatchObject({ id: 'RESOLVE', target: null, budgetMs: 70, required: false })
  })

  it('has the steps that the form names beside the usual ones, and not those that it takes out', () => {
    const keys = planOf({ steps: [{ step: 'TOPOLOGY' }, { step: 'EGRESS', planned: false }] }).map(({ key }) => key)
    expect(keys).toEqual(['RESOLVE', 'CONNECT', 'GREET', 'SECURE', 'TOPOLOGY', ...usual.slice(5)])
  })

  it('repeats the network steps for each endpoint, and those of a tunnel first', () => {
    const ids = planOf({ endpoints: ['a.example.com', 'b.example.com:443'] }).map(({ id }) => id)
    expect(ids.slice(0, 10)).toEqual([
      ...usual.slice(0, 5).map(key => `${key}:a.example.com`),
      ...usual.slice(0, 5).map(key => `${key}:b.example.com:443`),
    ])
    expect(new Set(ids).size).toBe(ids.length)
    const tunnelled = planOf({ steps: [{ step: 'TUNNEL' }] }).map(({ id }) => id)
    expect(tunnelled).toEqual([
      'RESOLVE:ssh.example.com:22',
      'EGRESS:ssh.example.com:22',
      'CONNECT:ssh.example.com:22',
      'TUNNEL:ssh.example.com:22',
      'CONNECT',
      ...usual.slice(3),
    ])
  })

  it('lets one endpoint fail and the others pass', async () => {
    const test = await playHere({
      endpoints: ['a.example.com', 'b.example.com'],
      steps: [{ step: 'CONNECT', problem: 'CONNECTION_REFUSED', target: 'b.example.com' }],
    })
    const status = Object.fromEntries(test.steps.map(step => [step.id, step.status]))
    expect(status).toMatchObject({
      'CONNECT:a.example.com': 'PASSED',
      'CONNECT:b.example.com': 'FAILED',
      'GREET:b.example.com': 'SKIPPED',
    })
  })

  it('lays what is for one endpoint over what is for all of them, over the scenario', async () => {
    const test = await playHere({
      scenario: 'UNTRUSTED_CERTIFICATE',
      endpoints: ['a.example.com', 'b.example.com', 'c.example.com'],
      steps: [
        { step: 'SECURE', target: 'b.example.com', problem: 'TLS_NAME_MISMATCH', budgetMs: 70 },
        { step: 'SECURE', detail: 'everywhere', required: false },
        { step: 'SECURE', target: 'c.example.com', planned: false },
        { step: 'GREET', target: 'a.example.com', planned: false },
      ],
    })
    const seen = test.steps.flatMap(({ id, status, budgetMs, problem }) =>
      /^(GREET|SECURE)/.test(id) ? [[id, status, budgetMs, problem?.code, problem?.detail]] : [],
    )
    const greets = (at: string) => [`GREET:${at}`, 'PASSED', defaultBudgetsMs.GREET, undefined, undefined]
    expect(seen).toEqual([
      ['SECURE:a.example.com', 'FAILED', defaultBudgetsMs.SECURE, 'TLS_CERTIFICATE_UNTRUSTED', 'everywhere'],
      greets('b.example.com'),
      ['SECURE:b.example.com', 'FAILED', 70, 'TLS_NAME_MISMATCH', 'everywhere'],
      greets('c.example.com'),
    ])
  })

  it('lets a step of the scenario pass at the endpoints that its entries leave out', async () => {
    const test = await playHere({
      scenario: 'UNTRUSTED_CERTIFICATE',
      endpoints: ['a.example.com', 'b.example.com'],
      steps: [{ step: 'SECURE', target: 'b.example.com' }],
    })
    const secured = test.steps.filter(({ key }) => key === 'SECURE').map(({ id, status }) => [id, status])
    expect(secured).toEqual([
      ['SECURE:a.example.com', 'PASSED'],
      ['SECURE:b.example.com', 'FAILED'],
    ])
  })
})

describe('the scenarios', () => {
  // Long ones in short: the form may change any part of a scenario.
  const hurried: Readonly<Record<string, readonly object[]>> = {
    FIREWALL: [{ step: 'CONNECT', budgetMs: 60 }],
    HANG: [{ step: 'READ', budgetMs: 60 }],
    SLOW: usual.map(step => ({ step, delayMs: 1 })),
  }
  const expected: Readonly<Record<keyof typeof scenarioNames, string>> = {
    ALL_PASS: 'PASSED',
    WARNINGS: 'PASSED_WITH_WARNINGS SECURE:CERTIFICATE_EXPIRES_SOON LEAST_PRIVILEGE:ACCOUNT_CAN_WRITE',
    UNKNOWN_HOST: 'FAILED RESOLVE:HOST_NOT_FOUND',
    FIREWALL: 'FAILED CONNECT:CONNECTION_TIMED_OUT',
    UNTRUSTED_CERTIFICATE: 'FAILED SECURE:TLS_CERTIFICATE_UNTRUSTED',
    WRONG_PASSWORD: 'FAILED SIGN_IN:CREDENTIALS_REJECTED',
    NOTHING_READABLE: 'FAILED READ:NOTHING_READABLE',
    SLOW: 'PASSED',
    HANG: 'FAILED READ:STEP_TIMED_OUT',
    CRASH: 'in a process of its own',
    EVERYTHING:
      'PASSED_WITH_WARNINGS SECURE:CERTIFICATE_EXPIRES_SOON TOPOLOGY:NETWORK_UNREACHABLE READ:ACCOUNT_CAN_WRITE LEAST_PRIVILEGE:PRIVILEGES_UNKNOWN',
  }
  const here = (Object.keys(scenarioNames) as (keyof typeof scenarioNames)[]).filter(name => name !== 'CRASH')

  it.each(here)('%s ends as it says', async scenario => {
    const test = await playHere({ scenario, steps: hurried[scenario] ?? [] })
    const problems = test.steps.flatMap(({ key, problem }) => (problem ? [`${key}:${problem.code}`] : []))
    expect([test.status, ...problems].join(' ')).toBe(expected[scenario])
  })

  it('EVERYTHING has every step, every kind of evidence and every kind of remedy', async () => {
    const test = await playHere({ scenario: 'EVERYTHING' })
    expect(new Set(test.steps.map(({ key }) => key))).toEqual(new Set(stepKeys))
    const evidence = test.steps.flatMap(step => step.evidence.map(({ kind }) => kind))
    expect(new Set(evidence)).toEqual(new Set(Object.keys(evidenceKinds)))
    const remedies = test.steps.flatMap(step => step.problem?.remedies.map(({ kind }) => kind) ?? [])
    expect(new Set(remedies)).toEqual(new Set(Object.keys(remedyKinds)))
    expect(test.steps.find(({ key }) => key === 'OPEN')?.note).toBe('open')
  })

  it('are changed by the steps that the form gives, field by field', async () => {
    const problemOf = async (signIn: object) =>
      (await playHere({ scenario: 'WRONG_PASSWORD', steps: [{ step: 'SIGN_IN', ...signIn }] })).steps.find(
        ({ key }) => key === 'SIGN_IN',
      )
    expect(await problemOf({ problem: 'LOGIN_NOT_PERMITTED' })).toMatchObject({
      status: 'FAILED',
      problem: { code: 'LOGIN_NOT_PERMITTED', remedies: [{ kind: 'REENTER_SECRET' }] },
    })
    expect(await problemOf({ outcome: 'PASSED' })).toMatchObject({ status: 'PASSED', problem: null })
  })
})

describe('remedies', () => {
  /** The field that SET_FIELD names at `stepId`, and what to put there. */
  const setField = async (input: object, stepId: string) => {
    const test = await playHere(input)
    const remedies = test.steps.find(({ id }) => id === stepId)?.problem?.remedies ?? []
    const remedy = remedies.find(({ kind }) => kind === 'SET_FIELD')
    return remedy?.kind === 'SET_FIELD' ? [remedy.field, remedy.value] : null
  }

  it('SET_FIELD makes the step pass, in the entry that has the last word on it', async () => {
    const endpoints = ['a.example.com', 'b.example.com']
    const steps = [
      { step: 'RESOLVE' },
      { step: 'CONNECT', problem: 'CONNECTION_REFUSED', remedies: ['SET_FIELD'], required: false },
      { step: 'CONNECT', problem: 'CONNECTION_RESET', target: 'b.example.com' },
    ]
    expect(await setField({ endpoints, steps }, 'CONNECT:a.example.com')).toEqual(['steps.1.outcome', 'PASSED'])
    expect(await setField({ endpoints, steps }, 'CONNECT:b.example.com')).toEqual(['steps.2.outcome', 'PASSED'])
    const mended = steps.map((each, at) => (at === 0 ? each : { ...each, outcome: 'PASSED' }))
    expect((await playHere({ endpoints, steps: mended })).status).toBe('PASSED')
  })

  it('SET_FIELD takes another scenario where the form says nothing of the step', async () => {
    const scenario = 'UNTRUSTED_CERTIFICATE'
    expect(await setField({ scenario }, 'SECURE')).toEqual(['scenario', 'ALL_PASS'])
    expect((await playHere({ scenario: 'ALL_PASS' })).status).toBe('PASSED')
    const steps = [{ step: 'SECURE', delayMs: 1 }]
    expect(await setField({ scenario, steps }, 'SECURE')).toEqual(['steps.0.outcome', 'PASSED'])
    expect((await playHere({ scenario, steps: [{ ...steps[0], outcome: 'PASSED' }] })).status).toBe('PASSED')
  })
})

describe('sign-in', () => {
  const password = (value: string) => ({ auth: { password: { username: 'ann', password: value } } })

  it('takes any password but "wrong", and marks it', async () => {
    expect((await playHere(password('anything'))).status).toBe('PASSED')
    const test = await playHere(password('wrong'))
    expect(test.steps.find(({ key }) => key === 'SIGN_IN')).toMatchObject({
      status: 'FAILED',
      problem: {
        code: 'CREDENTIALS_REJECTED',
        message: 'The server rejected the credentials for "ann".',
        fields: ['auth.password.password', 'auth.password.username'],
      },
    })
  })
})
