import fc from 'fast-check'
import { expect } from 'vitest'
import { heldConfig, simulated } from './belongings.ts'
import type { HistoryModel, Kind } from './history-model.ts'
import type { Tenant } from './tenant.ts'

/** The program, and its three workspaces in the order of the model's. */
export interface Real {
  readonly tenants: readonly Tenant[]
  count: number
}

type Data = Record<string, unknown>
type Asked = { readonly __typename: string } & Data

/** One thing that one workspace does; names and ids are picked from everybody's. */
class Act implements fc.AsyncCommand<HistoryModel, Real> {
  readonly #name: string
  readonly #workspace: number
  readonly #act: ActFunction

  constructor(name: string, workspace: number, act: ActFunction) {
    this.#name = name
    this.#workspace = workspace
    this.#act = act
  }

  check(): boolean {
    return true
  }

  async run(model: HistoryModel, real: Real): Promise<void> {
    real.count++
    const tenant = real.tenants[this.#workspace]
    if (!tenant) throw new Error('There is no such workspace.')
    await this.#act(model, askOf(model, tenant, this.#workspace), this.#workspace)
  }

  toString(): string {
    return `${'abc'[this.#workspace]}: ${this.#name}`
  }
}

type ActFunction = (model: HistoryModel, ask: Ask, workspace: number) => Promise<void>
type Ask = (document: string, variables?: Data) => Promise<Data>

/** Asks, and holds every answer against the one rule: nothing of others, but what was asked about. */
function askOf(model: HistoryModel, tenant: Tenant, workspace: number): Ask {
  return async (document, variables = {}) => {
    const isStream = document.startsWith('subscription')
    const answer = await (isStream ? tenant.follow({ document, variables }) : tenant.run({ document, variables }))
    const asked = JSON.stringify(variables)
    const named = model.named[workspace]
    const isAudit = document.includes('auditLog')
    for (const id of model.idsOfOthers(workspace)) {
      if (asked.includes(id)) named?.add(id)
      else if (!isAudit || !named?.has(id)) expect(answer.text, 'an id of another workspace').not.toContain(id)
    }
    for (const other of 'abc'.replace('abc'[workspace] ?? '', '')) {
      expect(answer.text, 'what another workspace has written').not.toContain(`words of ${other}`)
    }
    return answer.data
  }
}

const only = (data: Data): Asked => Object.values(data)[0] as Asked

const sampleQuery = { simulator: { rows: 3 } }
const isError = '... on Error { code }'
/** Never an id of anything. */
const nobody = Buffer.from('Connector:00000000-0000-7000-8000-000000000000').toString('base64url')

const workspaceOf = fc.nat({ max: 2 })
const pick = fc.nat({ max: 10_000 })
const name = fc.nat({ max: 5 }).map(index => `Name ${index}`)
const maybeKey = fc.option(
  fc.nat({ max: 3 }).map(index => `key-${index}`),
  { nil: null, freq: 2 },
)

const createConnector = fc
  .tuple(workspaceOf, name, maybeKey, maybeKey)
  .map(([at, wanted, externalKey, idempotencyKey]) => {
    const label = `create the connector ${wanted} (${externalKey}, ${idempotencyKey})`
    return new Act(label, at, async (model, ask, workspace) => {
      const own = model.of(workspace)
      const answer = only(
        await ask(
          `mutation ($input: CreateConnectorInput!) { createConnector(input: $input) {
            __typename ${isError} ... on CreateConnectorSuccess { connector { id version name } } } }`,
          {
            input: {
              name: wanted,
              externalKey,
              idempotencyKey,
              config: simulated(`${'abc'[workspace]}.example.com`),
              description: `words of ${'abc'[workspace]}`,
            },
          },
        ),
      )
      const asked = `${wanted} ${externalKey}`
      const earlier = idempotencyKey === null ? undefined : own.idempotency.get(`connector ${idempotencyKey}`)
      if (earlier) {
        if (earlier.asked !== asked) return expect(answer.__typename).toBe('IdempotencyKeyReusedError')
        if (!own.connectors.has(earlier.made)) return expect(answer.__typename).toBe('ConflictError')
        return expect(answer).toMatchObject({ connector: { id: earlier.made } })
      }
      const others = [...own.connectors.values()]
      if (others.some(each => each.name === wanted)) return expect(answer.__typename).toBe('NameTakenError')
      if (externalKey !== null && others.some(each => each.externalKey === externalKey)) {
        return expect(answer.__typename).toBe('ExternalKeyTakenError')
      }
      expect(answer).toMatchObject({ connector: { name: wanted, version: 1 } })
      const { id } = answer['connector'] as { id: string }
      own.connectors.set(id, { name: wanted, externalKey, version: 1 })
      model.give(workspace, 'connectors', id)
      if (idempotencyKey !== null) own.idempotency.set(`connector ${idempotencyKey}`, { asked, made: id })
    })
  })

const updateConnector = fc.tuple(workspaceOf, pick, name, fc.boolean()).map(([at, which, wanted, isStale]) => {
  return new Act(
    `rename connector #${which} to ${wanted}${isStale ? ', stale' : ''}`,
    at,
    async (model, ask, workspace) => {
      const own = model.of(workspace)
      const id = model.someId('connectors', which) ?? nobody
      const row = own.connectors.get(id)
      const answer = only(
        await ask(
          `mutation ($input: UpdateConnectorInput!) { updateConnector(input: $input) {
          __typename ${isError} ... on UpdateConnectorSuccess { connector { id version name } } } }`,
          { input: { connector: { id }, expectedVersion: (row?.version ?? 1) + (isStale ? 1 : 0), name: wanted } },
        ),
      )
      if (!row) return expect(answer.__typename).toBe('NotFoundError')
      if (isStale) return expect(answer.__typename).toBe('ConflictError')
      if ([...own.connectors].some(([each, other]) => each !== id && other.name === wanted)) {
        return expect(answer.__typename).toBe('NameTakenError')
      }
      if (row.name !== wanted) row.version++
      row.name = wanted
      expect(answer).toMatchObject({ connector: { id, name: wanted, version: row.version } })
    },
  )
})

const planDeletion = fc.tuple(workspaceOf, pick).map(([at, which]) => {
  return new Act(`plan the deletion of connector #${which}`, at, async (model, ask, workspace) => {
    const id = model.someId('connectors', which) ?? nobody
    const { plan } = await ask(
      `query ($id: ID!) { plan: connectorDeletionPlan(connector: { id: $id }) {
        impactToken hiddenDatasetCount datasets { totalCount nodes { id } } } }`,
      { id },
    )
    if (!model.of(workspace).connectors.has(id)) return expect(plan).toBeNull()
    const datasets = model.datasetsOf(workspace, id)
    expect(plan).toMatchObject({ hiddenDatasetCount: 0, datasets: { totalCount: datasets.length } })
    const { impactToken, datasets: listed } = plan as { impactToken: string; datasets: { nodes: { id: string }[] } }
    expect(listed.nodes.map(node => node.id).sort()).toEqual([...datasets].sort())
    model.plans.push({ workspace, connector: id, datasets, token: impactToken })
  })
})

const deleteConnector = fc
  .tuple(
    workspaceOf,
    pick,
    fc.option(pick, { nil: null }),
    fc.constantFrom('none', 'all', 'ids'),
    fc.array(pick, { maxLength: 2 }),
  )
  .map(([at, which, plan, selection, picks]) => {
    const label = `delete connector #${which} with plan #${plan} and ${selection} ${picks}`
    return new Act(label, at, async (model, ask, workspace) => {
      const own = model.of(workspace)
      const known = plan === null ? undefined : model.plans[plan % Math.max(1, model.plans.length)]
      const id = (plan === null ? null : known?.connector) ?? model.someId('connectors', which) ?? nobody
      const ids = picks.flatMap(each => model.someId('datasets', each) ?? [])
      const datasets = selection === 'ids' ? { ids } : { [selection]: true }
      const answer = only(
        await ask(
          `mutation ($input: DeleteConnectorInput!) { deleteConnector(input: $input) {
            __typename ${isError} ... on DeleteConnectorSuccess { deletedConnectorId deletedDatasetIds } } }`,
          { input: { connector: { id }, impactToken: plan === null ? null : (known?.token ?? 'made up'), datasets } },
        ),
      )
      if (!own.connectors.has(id)) return expect(answer.__typename).toBe('NotFoundError')
      const dependents = model.datasetsOf(workspace, id)
      if (plan === null && dependents.length > 0) return expect(answer.__typename).toBe('ConnectorInUseError')
      const isValid = known?.workspace === workspace && known.connector === id && sameSet(known.datasets, dependents)
      if (plan !== null && !isValid) return expect(answer.__typename).toBe('ConflictError')
      const chosen = selection === 'all' ? dependents : selection === 'ids' ? ids : []
      if (chosen.some(each => !dependents.includes(each))) return expect(answer.__typename).toBe('ValidationError')
      expect(answer).toMatchObject({ deletedConnectorId: id })
      expect([...(answer['deletedDatasetIds'] as string[])].sort()).toEqual([...new Set(chosen)].sort())
      own.connectors.delete(id)
      for (const each of dependents) {
        const dataset = own.datasets.get(each)
        if (chosen.includes(each)) own.datasets.delete(each)
        else if (dataset) Object.assign(dataset, { connector: null, version: dataset.version + 1 })
      }
      for (const test of own.tests.values()) if (test.connector === id) test.connector = null
    })
  })

const sameSet = (a: readonly string[], b: readonly string[]) => [...a].sort().join() === [...b].sort().join()

const createDataset = fc.tuple(workspaceOf, pick, name, maybeKey).map(([at, which, wanted, idempotencyKey]) => {
  const label = `create the dataset ${wanted} on connector #${which} (${idempotencyKey})`
  return new Act(label, at, async (model, ask, workspace) => {
    const own = model.of(workspace)
    const connector = model.someId('connectors', which) ?? nobody
    const answer = only(
      await ask(
        `mutation ($input: CreateDatasetInput!) { createDataset(input: $input) {
          __typename ${isError} ... on CreateDatasetSuccess { dataset { id version connector { id } } } } }`,
        {
          input: {
            connector: { id: connector },
            name: wanted,
            query: sampleQuery,
            idempotencyKey,
            description: `words of ${'abc'[workspace]}`,
          },
        },
      ),
    )
    const asked = `${wanted} ${connector}`
    const earlier = idempotencyKey === null ? undefined : own.idempotency.get(`dataset ${idempotencyKey}`)
    if (earlier) {
      if (earlier.asked !== asked) return expect(answer.__typename).toBe('IdempotencyKeyReusedError')
      if (!own.datasets.has(earlier.made)) return expect(answer.__typename).toBe('ConflictError')
      return expect(answer).toMatchObject({ dataset: { id: earlier.made } })
    }
    if (!own.connectors.has(connector)) return expect(answer.__typename).toBe('NotFoundError')
    if ([...own.datasets.values()].some(each => each.name === wanted)) {
      return expect(answer.__typename).toBe('NameTakenError')
    }
    expect(answer).toMatchObject({ dataset: { version: 1, connector: { id: connector } } })
    const { id } = answer['dataset'] as { id: string }
    own.datasets.set(id, { name: wanted, connector, version: 1 })
    model.give(workspace, 'datasets', id)
    if (idempotencyKey !== null) own.idempotency.set(`dataset ${idempotencyKey}`, { asked, made: id })
  })
})

const pointDataset = fc.tuple(workspaceOf, pick, pick).map(([at, which, to]) => {
  return new Act(`point dataset #${which} at connector #${to}`, at, async (model, ask, workspace) => {
    const own = model.of(workspace)
    const id = model.someId('datasets', which) ?? nobody
    const connector = model.someId('connectors', to) ?? nobody
    const row = own.datasets.get(id)
    const answer = only(
      await ask(
        `mutation ($input: UpdateDatasetInput!) { updateDataset(input: $input) {
          __typename ${isError} ... on UpdateDatasetSuccess { dataset { id version status connector { id } } } } }`,
        { input: { id, expectedVersion: row?.version ?? 1, connector: { id: connector } } },
      ),
    )
    if (!row || !own.connectors.has(connector)) return expect(answer.__typename).toBe('NotFoundError')
    if (row.connector !== connector) row.version++
    row.connector = connector
    expect(answer).toMatchObject({ dataset: { id, version: row.version, connector: { id: connector } } })
  })
})

const deleteDataset = fc.tuple(workspaceOf, pick).map(([at, which]) => {
  return new Act(`delete dataset #${which}`, at, async (model, ask, workspace) => {
    const id = model.someId('datasets', which) ?? nobody
    const answer = only(
      await ask(
        `mutation ($id: ID!) { deleteDataset(input: { id: $id }) { __typename ${isError} ... on DeleteDatasetSuccess { deletedDatasetId } } }`,
        { id },
      ),
    )
    expect(answer.__typename).toBe(model.of(workspace).datasets.delete(id) ? 'DeleteDatasetSuccess' : 'NotFoundError')
  })
})

const startDocument = `mutation ($input: TestConnectionInput!) { testConnection(input: $input) {
  __typename ${isError} ... on TestConnectionSuccess { test { id status connector { id } } } } }`

const testSaved = fc.tuple(workspaceOf, pick, maybeKey).map(([at, which, attemptKey]) => {
  return new Act(`test connector #${which} (${attemptKey})`, at, async (model, ask, workspace) => {
    const own = model.of(workspace)
    const id = model.someId('connectors', which) ?? nobody
    const answer = only(await ask(startDocument, { input: { target: { saved: { id } }, attemptKey } }))
    if (!own.connectors.has(id)) return expect(answer.__typename).toBe('NotFoundError')
    const earlier = attemptKey === null ? undefined : own.attempts.get(attemptKey)
    if (earlier && earlier.target !== id) return expect(answer.__typename).toBe('IdempotencyKeyReusedError')
    if (earlier) return expect(answer).toMatchObject({ test: { id: earlier.test } })
    expect(answer).toMatchObject({ test: { status: 'PASSED', connector: { id } } })
    const { id: test } = answer['test'] as { id: string }
    own.tests.set(test, { status: 'PASSED', connector: id })
    model.give(workspace, 'tests', test)
    if (attemptKey !== null) own.attempts.set(attemptKey, { target: id, test })
  })
})

const testDraft = fc.tuple(workspaceOf, fc.nat({ max: 1 })).map(([at, which]) => {
  const host = `held${which}.example.com`
  return new Act(`begin a test of ${host}`, at, async (model, ask, workspace) => {
    const own = model.of(workspace)
    const answer = only(await ask(startDocument, { input: { target: { draft: heldConfig(host) }, waitSeconds: 0 } }))
    const running = own.drafts.get(host)
    if (running !== undefined) return expect(answer).toMatchObject({ test: { id: running, status: 'RUNNING' } })
    expect(answer).toMatchObject({ test: { status: 'RUNNING', connector: null } })
    const { id } = answer['test'] as { id: string }
    own.drafts.set(host, id)
    own.tests.set(id, { status: 'RUNNING', connector: null })
    model.give(workspace, 'tests', id)
  })
})

const cancelTest = fc.tuple(workspaceOf, pick).map(([at, which]) => {
  return new Act(`cancel test #${which}`, at, async (model, ask, workspace) => {
    const own = model.of(workspace)
    const id = model.someId('tests', which) ?? nobody
    const answer = only(
      await ask(
        `mutation ($id: ID!) { cancelConnectionTest(input: { id: $id }) { __typename ${isError} ... on CancelConnectionTestSuccess { test { id status } } } }`,
        { id },
      ),
    )
    const test = own.tests.get(id)
    if (!test) return expect(answer.__typename).toBe('NotFoundError')
    if (test.status === 'RUNNING') test.status = 'CANCELLED'
    for (const [host, running] of own.drafts) if (running === id) own.drafts.delete(host)
    expect(answer).toMatchObject({ test: { id, status: test.status } })
  })
})

const followTest = fc.tuple(workspaceOf, pick).map(([at, which]) => {
  return new Act(`follow test #${which}`, at, async (model, ask, workspace) => {
    const id = model.someId('tests', which) ?? nobody
    const test = model.of(workspace).tests.get(id)
    // One that runs does not end by itself.
    if (test?.status === 'RUNNING') return
    const { event } = await ask(
      `subscription ($id: ID!) { event: connectionTestProgress(id: $id) {
        __typename ... on ConnectionTestFinished { test { id status } } } }`,
      { id },
    )
    if (!test) expect(event).toMatchObject({ __typename: 'NotFoundError' })
    else expect(event).toMatchObject({ __typename: 'ConnectionTestFinished', test: { id, status: test.status } })
  })
})

const createToken = workspaceOf.map(at => {
  return new Act('create a token', at, async (model, ask, workspace) => {
    const answer = only(
      await ask(
        `mutation { createApiToken(input: { name: "words of ${'abc'[workspace]}", rights: { role: READER } }) {
          __typename ${isError} ... on CreateApiTokenSuccess { token { id status } } } }`,
      ),
    )
    const { id } = answer['token'] as { id: string }
    model.of(workspace).tokens.set(id, { status: 'ACTIVE' })
    model.give(workspace, 'tokens', id)
  })
})

const revokeToken = fc.tuple(workspaceOf, pick).map(([at, which]) => {
  return new Act(`revoke token #${which}`, at, async (model, ask, workspace) => {
    const id = model.someId('tokens', which) ?? nobody
    const answer = only(
      await ask(
        `mutation ($id: ID!) { revokeApiToken(input: { id: $id }) { __typename ${isError} ... on RevokeApiTokenSuccess { token { id status } } } }`,
        { id },
      ),
    )
    const token = model.of(workspace).tokens.get(id)
    if (!token) return expect(answer.__typename).toBe('NotFoundError')
    token.status = 'REVOKED'
    expect(answer).toMatchObject({ token: { id, status: 'REVOKED' } })
  })
})

const kinds: readonly Kind[] = ['connectors', 'datasets', 'tests', 'tokens']

const readNode = fc.tuple(workspaceOf, fc.constantFrom(...kinds), pick).map(([at, kind, which]) => {
  return new Act(`read of ${kind} #${which}`, at, async (model, ask, workspace) => {
    const id = model.someId(kind, which) ?? nobody
    const { node } = await ask(
      `query ($id: ID!) { node(id: $id) { id
        ... on Connector { version datasets { totalCount } }
        ... on Dataset { version connector { id } }
        ... on ConnectionTest { status connector { id } }
        ... on ApiToken { tokenStatus: status } } }`,
      { id },
    )
    const own = model.of(workspace)
    const row = own[kind].get(id)
    if (!row) return expect(node).toBeNull()
    if (kind === 'connectors') {
      expect(node).toMatchObject({ id, datasets: { totalCount: model.datasetsOf(workspace, id).length } })
    } else if (kind === 'tokens') expect(node).toMatchObject({ id, tokenStatus: own.tokens.get(id)?.status })
    else {
      const connector = (row as { connector: string | null }).connector
      expect(node).toMatchObject({ id, connector: connector === null ? null : { id: connector } })
    }
  })
})

const list = workspaceOf.map(at => new Act('list everything', at, assertListed))

/** Everything that a workspace has, and nothing else. */
export async function assertListed(model: HistoryModel, ask: Ask, workspace: number): Promise<void> {
  const data = await ask(`{
    connectors(first: 100) { totalCount nodes { id name version } }
    datasets(first: 100) { totalCount nodes { id name version connector { id } } }
    apiTokens(first: 100) { totalCount nodes { id status } }
  }`)
  await ask('{ auditLog(first: 50) { nodes { id target { id } } } }')
  const own = model.of(workspace)
  const listed = (name: string) => {
    const { totalCount, nodes } = data[name] as { totalCount: number; nodes: { id: string }[] }
    expect(totalCount).toBe(nodes.length)
    return nodes.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  }
  const sorted = <T extends { id: string }>(rows: readonly T[]) => rows.toSorted((a, b) => (a.id < b.id ? -1 : 1))
  expect(listed('connectors')).toEqual(
    sorted([...own.connectors].map(([id, row]) => ({ id, name: row.name, version: row.version }))),
  )
  expect(listed('datasets')).toEqual(
    sorted(
      [...own.datasets].map(([id, row]) => ({
        id,
        name: row.name,
        version: row.version,
        connector: row.connector === null ? null : { id: row.connector },
      })),
    ),
  )
  expect(listed('apiTokens')).toEqual(sorted([...own.tokens].map(([id, row]) => ({ id, status: row.status }))))
}

export const assertAllListed = async (model: HistoryModel, real: Real): Promise<void> => {
  for (const [workspace, tenant] of real.tenants.entries()) {
    await assertListed(model, askOf(model, tenant, workspace), workspace)
  }
}

export const historyCommands = (maxCommands: number) =>
  fc.commands(
    [
      createConnector,
      createConnector,
      createConnector,
      updateConnector,
      planDeletion,
      deleteConnector,
      deleteConnector,
      createDataset,
      createDataset,
      pointDataset,
      deleteDataset,
      testSaved,
      testSaved,
      testDraft,
      cancelTest,
      followTest,
      createToken,
      revokeToken,
      readNode,
      readNode,
      list,
    ],
    { maxCommands, size: 'max' },
  )
