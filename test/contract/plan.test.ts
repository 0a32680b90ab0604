import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import type { PlannedStep, StepKey } from '../../src/connectors/connection-test.ts'
import { problemTable } from '../../src/connectors/problem-table.ts'
import { environmentFor } from '../servers/type-run.ts'
import { registered, registeredInputs } from './fixtures.ts'
import { parseInput } from './shared-blocks.ts'
import type { Input, TypeFixture } from './type-fixture.ts'

/** Within one endpoint, and among the steps that have none. */
const order: readonly StepKey[] = [
  'RESOLVE',
  'EGRESS',
  'CONNECT',
  'TUNNEL',
  'GREET',
  'SECURE',
  'TOPOLOGY',
  'SIGN_IN',
  'OPEN',
  'READ',
  'LEAST_PRIVILEGE',
]
/** What comes once, after everything that leads there. */
const workOf = ({ topologyInSession = false }: TypeFixture): readonly StepKey[] => [
  'OPEN',
  ...(topologyInSession ? (['TOPOLOGY'] as const) : []),
  'READ',
  'LEAST_PRIVILEGE',
]
/** All budgets together: nobody waits for longer to hear the end of a test. */
const maxTestMs = 300_000

function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null) for (const each of Object.values(Object.freeze(value))) frozen(each)
  return value
}

const planOf = ({ type }: TypeFixture, input: Input): readonly PlannedStep[] =>
  type.plan(frozen(parseInput(type, input)))

const isDevelopment = ({ type }: TypeFixture) => type.category === 'DEVELOPMENT'

describe.each(registeredInputs)('the plan of $name for "$inputName"', ({ fixture, input }) => {
  const { type } = fixture
  const plan = planOf(fixture, input)
  const work = workOf(fixture)

  test('is the same every time, and changes nothing', () => {
    expect(plan.length).toBeGreaterThan(0)
    expect(planOf(fixture, input)).toEqual(plan)
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan)
  })

  test('names each step once, by its key and where it happens', () => {
    expect(new Set(plan.map(({ id }) => id)).size).toBe(plan.length)
    for (const { id, key, target } of plan) expect(id).toBe(target === null ? key : `${key}:${target}`)
    for (const { title } of plan) expect(title).toMatch(/^[A-Z].*[^.]$/)
  })

  test('goes from the network inwards, endpoint by endpoint', () => {
    const targets = [...new Set(plan.map(({ target }) => target))]
    for (const target of targets) {
      const keys = plan.filter(step => step.target === target).map(({ key }) => key)
      // A protocol that is encrypted from its first byte is greeted when it is.
      const greetedLater = keys.indexOf('SECURE') >= 0 && keys.indexOf('GREET') === keys.indexOf('SECURE') + 1
      const rank = (key: StepKey) => {
        if (greetedLater && key === 'GREET') return order.indexOf('SECURE') + 0.5
        return work.includes(key) ? order.length + work.indexOf(key) : order.indexOf(key)
      }
      const ranks = keys.map(rank)
      expect(ranks, `at ${target}`).toEqual([...new Set(ranks)].sort((a, b) => a - b))
    }
    // No endpoint is come back to, and what is done in the end is done nowhere in particular.
    const visits = plan.map(({ target }) => target).filter((target, index, all) => target !== all[index - 1])
    expect(visits.filter(target => target !== null)).toEqual(targets.filter(target => target !== null))
    const end = plan.filter(({ key }) => work.includes(key))
    expect(plan.slice(-end.length)).toEqual(end)
    expect(end.map(({ target }) => target)).toEqual(end.map(() => null))
  })

  test('asks for a network step only after those that it stands on', () => {
    const reached = (key: StepKey, target: string | null) =>
      plan.some(step => step.key === key && step.target === target)
    for (const { key, target } of plan) {
      if (key === 'EGRESS') expect(reached('RESOLVE', target), `RESOLVE at ${target}`).toBe(true)
      if (key === 'RESOLVE') expect(reached('EGRESS', target), `EGRESS at ${target}`).toBe(true)
      if (key === 'TUNNEL') expect(reached('CONNECT', target), `CONNECT at ${target}`).toBe(true)
    }
  })

  test('begins with the tunnel, if there is one', () => {
    const tunnel = type.tunnel?.(parseInput(type, input)) ?? null
    const steps = plan.filter(({ key }) => key === 'TUNNEL')
    expect(steps).toHaveLength(tunnel || isDevelopment(fixture) ? steps.length : 0)
    if (!tunnel) return
    expect(plan.slice(0, 4).map(({ key }) => key)).toEqual(['RESOLVE', 'EGRESS', 'CONNECT', 'TUNNEL'])
    const target = plan[0]?.target
    expect(target).toBe(`${tunnel.host.toLowerCase()}:${tunnel.port}`)
    expect(plan.slice(0, 4).map(step => step.target)).toEqual(Array(4).fill(target))
    // Whatever lies behind it is looked up and allowed by the SSH server.
    expect(plan.slice(4).map(({ key }) => key)).not.toContain('EGRESS')
    expect(plan.slice(4).map(({ key }) => key)).not.toContain('RESOLVE')
  })

  test('checks last what the account may do, and does not fail by it alone', () => {
    if (fixture.knowsNoRights !== undefined) {
      expect(plan.filter(({ required, key }) => !required || key === 'LEAST_PRIVILEGE')).toEqual([])
      return
    }
    expect(plan.at(-1)).toMatchObject({ key: 'LEAST_PRIVILEGE', required: false })
    if (isDevelopment(fixture)) return
    const optional = plan.filter(({ required }) => !required).map(({ key }) => key)
    expect(optional).toEqual(fixture.topologyInSession ? ['TOPOLOGY', 'LEAST_PRIVILEGE'] : ['LEAST_PRIVILEGE'])
  })

  test('has a budget for every step, and for a preview one that the way in fits into', () => {
    for (const { budgetMs, id } of plan) expect(Number.isInteger(budgetMs) && budgetMs > 0, id).toBe(true)
    expect(plan.reduce((sum, { budgetMs }) => sum + budgetMs, 0)).toBeLessThanOrEqual(maxTestMs)
    if (isDevelopment(fixture)) return
    const wayIn = plan.filter(({ key }) => !work.includes(key)).reduce((sum, { budgetMs }) => sum + budgetMs, 0)
    expect(type.queryBudgetMs(parseInput(type, input))).toBeGreaterThan(wayIn)
  })

  test('signs in where its accounts are', () => {
    const accounts = type.accounts?.(parseInput(type, input)) ?? []
    for (const { step, service, username } of accounts) {
      expect(plan.map(({ key }) => key)).toContain(step)
      expect([service, username]).not.toContain('')
    }
    const tunnels = accounts.filter(({ step }) => step === 'TUNNEL')
    expect(tunnels).toHaveLength(type.tunnel?.(parseInput(type, input)) ? 1 : 0)
  })
})

describe.each(registered)('the steps of $name', ({ fixture }) => {
  const { type, inputs } = fixture

  test('are those of its plans', async () => {
    const planned = new Set(Object.values(inputs).flatMap(input => planOf(fixture, input).map(({ key }) => key)))
    const { startTest } = await type.loadSteps()
    const environment = await environmentFor()
    const written = new Set<string>()
    for (const input of Object.values(inputs)) {
      const run = startTest(parseInput(type, input), environment)
      for (const { key } of planOf(fixture, input)) expect(run.steps[key], key).toBeTypeOf('function')
      for (const key of Object.keys(run.steps)) written.add(key)
      await run.close()
    }
    expect([...written].sort()).toEqual([...planned].sort())
  })

  test('report problems of the table, each named once', () => {
    expect(new Set(type.problems).size).toBe(type.problems.length)
    expect(type.problems.filter(code => !Object.hasOwn(problemTable, code))).toEqual([])
    expect(type.problems).toContain('UNCLASSIFIED')
  })
})

describe('a process that plans', () => {
  interface Planned {
    readonly plans: readonly unknown[]
    readonly loaded: readonly string[]
    readonly whilePlanning: readonly string[]
  }
  let planned: Planned
  beforeAll(async () => {
    const entry = fileURLToPath(new URL('./planning-process.ts', import.meta.url))
    const child = spawn(process.execPath, [entry], { stdio: ['pipe', 'pipe', 'inherit'] })
    child.stdin.end(JSON.stringify(registeredInputs.map(({ fixture, input }) => [fixture.type.inputKey, input])))
    planned = JSON.parse(await text(child.stdout)) as Planned
  })

  test('plans as ever', () => {
    expect(planned.plans).toEqual(registeredInputs.map(({ fixture, input }) => planOf(fixture, input)))
    expect(planned.loaded.some(url => url.endsWith('/connectors/registry.ts'))).toBe(true)
  })

  test('loads no driver, and nothing at all once it has been asked', () => {
    const drivers = registered.flatMap(({ fixture }) => fixture.drivers)
    expect(drivers.filter(name => planned.loaded.some(url => url.includes(`/node_modules/${name}/`)))).toEqual([])
    expect(planned.whilePlanning).toEqual([])
  })
})
